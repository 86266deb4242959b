//! Keys that are made from a number, and their signatures: anybody can sign with them.

use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::{Address, Hash};
use ruint::aliases::U256;
use secp256k1::{Message, SECP256K1, SecretKey};

/// A key and its account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EvmKey {
    secret: SecretKey,
    address: Address,
}

/// A signature, as it stands in a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EvmSignature {
    /// The parity of the nonce point.
    pub is_odd: bool,
    /// First half.
    pub r: U256,
    /// Second half.
    pub s: U256,
}

impl EvmKey {
    /// The key with this number.
    ///
    /// # Panics
    /// When the number's hash is no key, which no number that anybody will try has.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let secret = keccak256(format!("coinhound key {number}").as_bytes());
        let secret = SecretKey::from_slice(&secret.0).expect("all but one in 2^128 hashes are keys");
        let point = secret.public_key(SECP256K1).serialize_uncompressed();
        Self { secret, address: Address::of_word(&keccak256(&point[1..]).0) }
    }

    /// Its account.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// Signs a hash.
    #[must_use]
    pub fn sign(&self, hash: &Hash) -> EvmSignature {
        let signature = SECP256K1.sign_ecdsa_recoverable(&Message::from_digest(hash.0), &self.secret);
        let (parity, bytes) = signature.serialize_compact();
        let half = |at: usize| U256::from_be_slice(&bytes[at..at + 32]);
        EvmSignature { is_odd: parity.to_i32() % 2 == 1, r: half(0), s: half(32) }
    }
}
