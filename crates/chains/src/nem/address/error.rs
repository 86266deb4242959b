//! What can be wrong with an address of NEM, and what was probably meant.

use crate::bitcoin::address::Correction;
use crate::nem::address::TEXT_LEN;
use crate::nem::network::Network;

/// Why a text is not an address of the network.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Nothing was given.
    #[error("the address is empty")]
    Empty,
    /// Not 40 characters, hyphens aside.
    #[error("`{text}` is not an address of NEM: {length} characters, where {TEXT_LEN} are expected")]
    Length {
        /// What was given.
        text: String,
        /// Its length, without hyphens.
        length: usize,
        /// What was probably meant.
        meant: Option<Correction>,
    },
    /// A character that does not occur.
    #[error("`{text}` is not an address of NEM: character {position}, `{character}`, does not occur in one")]
    Character {
        /// What was given.
        text: String,
        /// The character.
        character: char,
        /// Counted from one, without hyphens.
        position: usize,
        /// What was probably meant.
        meant: Option<Correction>,
    },
    /// The checksum does not match: a character is wrong or out of place.
    #[error("`{text}` is mistyped: its checksum does not match")]
    Checksum {
        /// What was given.
        text: String,
        /// What was probably meant.
        meant: Option<Correction>,
    },
    /// A sound address of another network.
    #[error("`{text}` is an address of {found}, not of {expected}")]
    WrongNetwork {
        /// What was given.
        text: String,
        /// The network that has it.
        found: Network,
        /// The network that was asked for.
        expected: Network,
    },
    /// The checksum holds, but no network of NIS1 has such addresses.
    #[error("`{text}` has a sound checksum, but no network known here begins its addresses with the byte {byte:#04x}")]
    Prefix {
        /// What was given.
        text: String,
        /// The first byte.
        byte: u8,
    },
}

impl AddressError {
    /// What to do about it, where that can be said.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        if let Some(meant) = self.meant() {
            return Some(format!("did you mean `{}`? {}", meant.text, meant.slip));
        }
        match self {
            Self::Length { length: 64, .. } => {
                Some("64 characters look like a public key or a hash, not like an address".into())
            }
            Self::Length { length: 39, text, .. } if text.starts_with(['N', 'n']) => {
                Some("39 characters beginning with N are an address of Symbol, which is another chain".into())
            }
            Self::Character { character: '0' | '1' | '8' | '9', .. } => {
                Some("addresses have no 0, 1, 8 and 9: look for O, I or L, B and G in the source".into())
            }
            Self::Checksum { .. } => {
                Some("more than one character is wrong: copy the address again from its source".into())
            }
            Self::WrongNetwork { found, .. } => Some(format!("ask for the network {found}")),
            _ => None,
        }
    }

    /// The address that was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&Correction> {
        match self {
            Self::Length { meant, .. } | Self::Checksum { meant, .. } | Self::Character { meant, .. } => meant.as_ref(),
            _ => None,
        }
    }
}
