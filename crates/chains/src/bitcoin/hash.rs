//! The hashes of the Bitcoin family.

use coinhound_model::{Hash256, KeyHash};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// SHA-256 twice: what names blocks and transactions.
#[must_use]
pub fn double_sha256(bytes: &[u8]) -> Hash256 {
    double_sha256_of(&[bytes])
}

/// SHA-256 twice over the parts as if they stood in a row.
#[must_use]
pub fn double_sha256_of(parts: &[&[u8]]) -> Hash256 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Hash256(Sha256::digest(hasher.finalize()).into())
}

/// SHA-256 once.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// RIPEMD-160 of SHA-256: what stands for a public key or a script in an address.
#[must_use]
pub fn hash160(bytes: &[u8]) -> KeyHash {
    KeyHash(Ripemd160::digest(Sha256::digest(bytes)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_genesis_header_hashes_to_its_name() {
        let mut header = [0; 80];
        header[0] = 1;
        let root: Hash256 =
            "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b".parse().expect("64 digits");
        header[36..68].copy_from_slice(&root.0);
        header[68..].copy_from_slice(&[0x29, 0xab, 0x5f, 0x49, 0xff, 0xff, 0x00, 0x1d, 0x1d, 0xac, 0x2b, 0x7c]);
        assert_eq!(
            double_sha256(&header).to_string(),
            "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
        );
        assert_eq!(double_sha256_of(&[&header[..7], &header[7..]]), double_sha256(&header));
    }
}
