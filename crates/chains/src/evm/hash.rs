//! Hashes, addresses, and who signed.

use std::fmt;

use coinhound_model::{Account, Hash256};
use sha3::{Digest, Keccak256};

/// 32 bytes as Ethereum prints them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// 20 bytes that name an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Address(pub [u8; 20]);

/// Keccak-256, with the padding it had before NIST made SHA-3 of it.
#[must_use]
pub fn keccak256(bytes: &[u8]) -> Hash {
    Hash(Keccak256::digest(bytes).into())
}

impl Hash {
    /// As rows have it, so that it prints as Ethereum prints it.
    #[must_use]
    pub fn row(&self) -> Hash256 {
        let mut bytes = self.0;
        bytes.reverse();
        Hash256(bytes)
    }
}

impl Address {
    /// Where tokens are said to come from when they are made, and to go when they are destroyed.
    pub const ZERO: Self = Self([0; 20]);

    /// As rows name it.
    #[must_use]
    pub fn account(&self) -> Account {
        Account(self.0.to_vec())
    }

    /// The last 20 bytes of a hash, or of a topic that holds an address.
    #[must_use]
    pub fn of_word(word: &[u8; 32]) -> Self {
        let mut address = [0; 20];
        address.copy_from_slice(&word[12..]);
        Self(address)
    }

    /// With the capitals that serve as a checksum (EIP-55).
    #[must_use]
    pub fn checksummed(&self) -> String {
        let plain = hex(&self.0);
        let hash = keccak256(plain.as_bytes()).0;
        let digits = plain.bytes().enumerate().map(|(at, digit)| {
            let nibble = if at % 2 == 0 { hash[at / 2] >> 4 } else { hash[at / 2] & 15 };
            char::from(if nibble >= 8 { digit.to_ascii_uppercase() } else { digit })
        });
        format!("0x{}", digits.collect::<String>())
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// A hash by its digits, which stand in a source file.
pub(super) const fn word(digits: &str) -> Hash {
    Hash(short(digits))
}

/// Bytes by their digits, which stand in a source file.
pub(super) const fn short<const N: usize>(digits: &str) -> [u8; N] {
    let digits = digits.as_bytes();
    assert!(digits.len() == 2 * N);
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn digit(letter: u8) -> u8 {
    match letter {
        b'0'..=b'9' => letter - b'0',
        b'a'..=b'f' => letter - b'a' + 10,
        _ => panic!("a hexadecimal digit"),
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.checksummed())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_those_of_the_standard() {
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(&text.as_bytes()[2..]).expect("hexadecimal");
            assert_eq!(Address(bytes.try_into().expect("20 bytes")).to_string(), text);
        }
    }
}
