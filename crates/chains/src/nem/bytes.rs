//! Hashes, keys and signatures: bytes that print as hexadecimal, in the order they are written.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// Why a text is not so many bytes in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected {digits} hexadecimal digits, got {got} characters")]
pub struct HexError {
    /// How many digits were looked for.
    pub digits: usize,
    /// How many characters there are.
    pub got: usize,
}

/// Bytes of a known length from hexadecimal, in either case.
pub(super) fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    let read = HEXLOWER_PERMISSIVE.decode_mut(text.as_bytes(), &mut bytes).ok()?;
    (read == N).then_some(bytes)
}

/// Bytes of any length from hexadecimal, in either case.
pub(super) fn any(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<Self, HexError> {
                let refused = || HexError { digits: $len * 2, got: text.chars().count() };
                fixed(text).map(Self).ok_or_else(refused)
            }
        }
    };
}

hex_bytes! {
    /// Names a block or a transaction. Unlike Bitcoin's, it prints in the order of its bytes.
    Hash, 32
}

hex_bytes! {
    /// Who signed. An account shows its key only once it has signed something.
    PublicKey, 32
}

hex_bytes! {
    /// Ed25519 with Keccak-512 in the place of SHA-512: R, then S.
    Signature, 64
}

impl Hash {
    /// What the first block names as the one before it.
    pub const ZERO: Self = Self([0; 32]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_the_order_and_reads_back() {
        let text = "86a1a104e316b23d6b70100165a5b7398b017f9081e658ec7597a019919665eb";
        let hash: Hash = text.parse().expect("64 digits");
        assert_eq!(hash.0[0], 0x86);
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(hash));
        for wrong in ["", "86", &"é".repeat(32), &"g".repeat(64)] {
            assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
        }
    }
}
