//! Signatures: Ed25519 with Keccak-512 wherever RFC 8032 has SHA-512.
//!
//! The curve is `ed25519-dalek`'s; only its hash is exchanged. What is accepted follows NIS: S is below the
//! group's order and not zero, the key is not all zeros, and R is compared byte for byte.

use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::raw_verify;
use sha3::Keccak512;

use crate::nem::bytes::{PublicKey, Signature};

/// Why a signed object is not what its signers signed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The signature is not by the key over the bytes.
    #[error("the signature is not by {signer}")]
    Signature {
        /// Whose signature it claims to be.
        signer: PublicKey,
    },
    /// A cosignature is not by its key.
    #[error("cosignature {index} is not by {signer}")]
    Cosignature {
        /// Which, counted from zero.
        index: usize,
        /// Whose signature it claims to be.
        signer: PublicKey,
    },
    /// A cosignature is for another transaction, or for another account.
    #[error("cosignature {index} is for another {of}")]
    Misplaced {
        /// Which, counted from zero.
        index: usize,
        /// What differs.
        of: &'static str,
    },
    /// One transaction of a block fails.
    #[error("transaction {index} of the block does not verify")]
    Transaction {
        /// Which, counted from zero.
        index: usize,
        /// Why.
        source: Box<VerifyError>,
    },
}

/// Whether `signature` is by `key` over `message`.
#[must_use]
pub fn is_signed(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let scalar = &signature.0[32..];
    if key.0 == [0; 32] || scalar == [0; 32] {
        return false;
    }
    let Ok(point) = VerifyingKey::from_bytes(&key.0) else { return false };
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    raw_verify::<Keccak512>(&point, message, &signature).is_ok()
}

/// The same, as a result.
pub(super) fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
    if is_signed(key, message, signature) { Ok(()) } else { Err(VerifyError::Signature { signer: *key }) }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
    use sha3::Digest;

    use super::*;

    /// A private key as NEM writes it: its bytes stand in reverse.
    fn pair(private: &str) -> (ExpandedSecretKey, VerifyingKey) {
        let mut seed: [u8; 32] = crate::nem::bytes::fixed(private).expect("64 digits");
        seed.reverse();
        let secret = ExpandedSecretKey::from_bytes(&Keccak512::digest(seed).into());
        let public = VerifyingKey::from(&secret);
        (secret, public)
    }

    #[test]
    fn a_private_key_is_hashed_backwards() {
        let vectors = [
            (
                "575DBB3062267EFF57C970A336EBBC8FBCFE12C5BD3ED7BC11EB0481D7704CED",
                "c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f87844",
            ),
            (
                "5B0E3FA5D3B49A79022D7C1E121BA1CBBF4DB5821F47AB8C708EF88DEFC29BFE",
                "96eb2a145211b1b7ab5f0d4b14f8abc8d695c7aee31a3cfc2d4881313c68eea3",
            ),
        ];
        for (private, public) in vectors {
            assert_eq!(PublicKey(pair(private).1.to_bytes()).to_string(), public);
        }
    }

    #[test]
    fn a_signature_holds_for_its_key_and_message_alone() {
        let (secret, public) = pair("575DBB3062267EFF57C970A336EBBC8FBCFE12C5BD3ED7BC11EB0481D7704CED");
        let (_, other) = pair("5B0E3FA5D3B49A79022D7C1E121BA1CBBF4DB5821F47AB8C708EF88DEFC29BFE");
        let signed = Signature(raw_sign::<Keccak512>(&secret, b"pay", &public).to_bytes());
        let key = PublicKey(public.to_bytes());
        assert!(is_signed(&key, b"pay", &signed));
        assert!(!is_signed(&key, b"paid", &signed));
        assert!(!is_signed(&PublicKey(other.to_bytes()), b"pay", &signed));
        for bit in 0..512 {
            let mut wrong = signed;
            wrong.0[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_signed(&key, b"pay", &wrong), "bit {bit}");
        }
    }

    #[test]
    fn a_key_or_a_scalar_of_zeros_signs_nothing() {
        let mut signature = Signature([0; 64]);
        assert!(!is_signed(&PublicKey([0; 32]), b"", &signature));
        signature.0[0] = 1; // R is the neutral point, S is zero: holds for keys of small order elsewhere
        let mut neutral = PublicKey([0; 32]);
        neutral.0[0] = 1;
        assert!(!is_signed(&neutral, b"", &signature));
    }
}
