//! Hashes as chains print them.
//!
//! Bitcoin prints its double-SHA-256 hashes with the bytes reversed; the bytes here are in the
//! order they have on the wire, and only text is reversed.

use std::fmt;
use std::str::FromStr;

/// 32 bytes that name a block or a transaction, in wire order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Hash256(pub [u8; 32]);

/// The hash of a block's header.
pub type BlockHash = Hash256;

/// The hash of a transaction without its witness.
pub type TxHash = Hash256;

/// HASH160 of a public key as it stands on the chain, or the first 20 bytes of SHA-256 of an
/// x-only key: the key table's key (see the ADR on tiers).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct KeyHash(pub [u8; 20]);

/// Why a text is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a hash: expected 64 hexadecimal digits, got {} characters", text.chars().count())]
pub struct ParseHashError {
    /// What was given.
    pub text: String,
}

impl Hash256 {
    /// The hash that no block has: what a genesis block names as its parent.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Display for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash256 {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        let refuse = || ParseHashError { text: text.to_owned() };
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().rev().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| refuse())?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_reversed_and_round_trips() {
        let text = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
        let hash: Hash256 = text.parse().expect("64 digits");
        assert_eq!(hash.0[31], 0);
        assert_eq!(hash.to_string(), text);
        assert!("00".parse::<Hash256>().is_err());
        assert!("é".repeat(32).parse::<Hash256>().is_err());
    }
}
