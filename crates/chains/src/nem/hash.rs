//! The hashes of NEM: Keccak with the padding it had before NIST made SHA-3 of it.
//!
//! NEM's own code and documents call them SHA-3; FIPS 202 gives other results.

use ripemd::Ripemd160;
use sha3::{Digest, Keccak256};

use crate::nem::bytes::{Hash, PublicKey};

/// Keccak-256: what names blocks and transactions.
#[must_use]
pub fn keccak256(bytes: &[u8]) -> Hash {
    Hash(Keccak256::digest(bytes).into())
}

/// RIPEMD-160 of Keccak-256: what stands for a public key in an address.
#[must_use]
pub fn key_hash(key: &PublicKey) -> [u8; 20] {
    Ripemd160::digest(keccak256(&key.0).0).into()
}

/// The generation hash of a block: that of the block before it, then the harvester's key.
#[must_use]
pub fn generation_hash(previous: &Hash, harvester: &PublicKey) -> Hash {
    keccak256(&[previous.0, harvester.0].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_padding_is_keccak_s_not_nist_s() {
        let empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
        assert_eq!(keccak256(b"").to_string(), empty);
    }
}
