//! Accounts as text: 25 bytes in base32, 40 characters, hyphens for display only.
//!
//! A network byte, RIPEMD-160 of Keccak-256 of the public key, and the first four bytes of Keccak-256 over
//! both. A recipient on the chain may be any 40 characters of the alphabet: one whose checksum fails belongs
//! to nobody, and must still be read, so [`Address::is_sound`] is a question of its own.

mod error;

use std::fmt;

use data_encoding::BASE32;

pub use crate::nem::address::error::AddressError;

use crate::bitcoin::address::slip::{Correction, correct};
use crate::nem::bytes::PublicKey;
use crate::nem::hash::{keccak256, key_hash};
use crate::nem::network::Network;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// How many characters an address has.
pub const TEXT_LEN: usize = 40;
const BODY_LEN: usize = 21;
/// So many characters of what was given are repeated in an error.
const SHOWN_MAX: usize = 60;
/// So many are looked at.
const READ_MAX: usize = 100;

/// An account's name on the chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 25]);

impl Address {
    /// The address of a public key on a network.
    #[must_use]
    pub fn of_key(key: &PublicKey, network: Network) -> Self {
        let mut bytes = [0; 25];
        bytes[0] = network.byte();
        bytes[1..BODY_LEN].copy_from_slice(&key_hash(key));
        let checksum = checksum(&bytes);
        bytes[BODY_LEN..].copy_from_slice(&checksum);
        Self(bytes)
    }

    /// Reads 40 characters as the chain has them; the checksum may be wrong.
    #[must_use]
    pub fn of_ascii(text: &[u8]) -> Option<Self> {
        if text.len() != TEXT_LEN {
            return None;
        }
        let mut bytes = [0; 25];
        let read = BASE32.decode_mut(text, &mut bytes).ok()?;
        (read == bytes.len()).then_some(Self(bytes))
    }

    /// The network it belongs to.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        Network::of_byte(self.0[0])
    }

    /// Whether its checksum holds and its network is known.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.network().is_some() && self.0[BODY_LEN..] == checksum(&self.0)
    }

    /// Reads what a person typed: space around it, hyphens and case are ignored.
    ///
    /// # Errors
    /// Says what is wrong with the text, and often what was meant: see [`AddressError::hint`].
    pub fn parse(text: &str, network: Network) -> Result<Self, AddressError> {
        let given: String = text.trim().chars().take(SHOWN_MAX).collect();
        let plain: String = text.trim().chars().filter(|c| *c != '-').take(READ_MAX).collect();
        let plain = plain.to_ascii_uppercase();
        if plain.is_empty() {
            return Err(AddressError::Empty);
        }
        if let Some(error) = misfit(&given, &plain) {
            return Err(error);
        }
        let address = Self::of_ascii(plain.as_bytes()).expect("40 characters of the alphabet, checked above");
        let found = address.network().ok_or_else(|| AddressError::Prefix { text: given.clone(), byte: address.0[0] });
        if address.0[BODY_LEN..] != checksum(&address.0) {
            return Err(AddressError::Checksum { meant: meant(&plain), text: given });
        }
        match found? {
            same if same == network => Ok(address),
            found => Err(AddressError::WrongNetwork { text: given, found, expected: network }),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32.encode(&self.0))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn checksum(bytes: &[u8; 25]) -> [u8; 4] {
    let [a, b, c, d, ..] = keccak256(&bytes[..BODY_LEN]).0;
    [a, b, c, d]
}

/// A character that does not occur in addresses, or a wrong length.
fn misfit(given: &str, plain: &str) -> Option<AddressError> {
    let stranger = plain.chars().enumerate().find(|(_, c)| !ALPHABET.contains(*c));
    let length = plain.chars().count();
    match stranger {
        Some((at, character)) if length == TEXT_LEN => {
            let (text, position) = (given.to_owned(), at + 1);
            Some(AddressError::Character { text, character, position, meant: meant(plain) })
        }
        _ if length != TEXT_LEN => Some(AddressError::Length { text: given.to_owned(), length, meant: meant(plain) }),
        _ => None,
    }
}

fn meant(plain: &str) -> Option<Correction> {
    if plain.len().abs_diff(TEXT_LEN) > 1 {
        return None;
    }
    correct(plain, ALPHABET, &|text| Address::of_ascii(text.as_bytes()).is_some_and(|address| address.is_sound()))
}
