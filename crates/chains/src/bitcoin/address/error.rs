//! What can be wrong with an address, and what was probably meant.

use crate::bitcoin::address::slip::Correction;
use crate::bitcoin::params::Network;

/// Why a text is not an address of the network.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Nothing was given.
    #[error("the address is empty")]
    Empty,
    /// Neither of the forms that addresses have.
    #[error("`{text}` is not an address: {length} characters are too {}", if *length < 26 { "few" } else { "many" })]
    Length {
        /// What was given.
        text: String,
        /// Its length.
        length: usize,
    },
    /// A character that the form does not have.
    #[error("`{text}` is not an address: character {position}, `{character}`, does not occur in {form} addresses")]
    Character {
        /// What was given.
        text: String,
        /// The character.
        character: char,
        /// Counted from one.
        position: usize,
        /// The form the text seems to have.
        form: &'static str,
        /// What was probably meant.
        meant: Option<Correction>,
    },
    /// The checksum does not match: a character is wrong, missing, added or out of place.
    #[error("`{text}` is mistyped: its checksum does not match")]
    Checksum {
        /// What was given.
        text: String,
        /// What was probably meant.
        meant: Option<Correction>,
    },
    /// Upper and lower case in a form that allows only one of them.
    #[error("`{text}` mixes upper and lower case, which a segwit address never does")]
    MixedCase {
        /// What was given.
        text: String,
    },
    /// An address of another network.
    #[error("`{text}` is an address of {}, not of {expected}", names(found))]
    WrongNetwork {
        /// What was given.
        text: String,
        /// The networks that have such addresses.
        found: Vec<Network>,
        /// The network that was asked for.
        expected: Network,
    },
    /// An address inside the extension block of Litecoin, which no ledger shows.
    #[error("`{text}` is an address inside Litecoin's extension block (MWEB): nothing on the ledger belongs to it")]
    Extension {
        /// What was given, shortened.
        text: String,
    },
    /// A sound text of something else: another coin, a key, an invoice.
    #[error("`{text}` begins like no address known here: its prefix is {prefix}")]
    Prefix {
        /// What was given.
        text: String,
        /// The prefix, in words.
        prefix: String,
    },
    /// The checksum of one segwit form on the version of another.
    #[error("`{text}` has a {used} checksum, but addresses of witness version {version} use {needed}")]
    Variant {
        /// What was given.
        text: String,
        /// The witness version.
        version: u8,
        /// The form the checksum has.
        used: &'static str,
        /// The form it should have.
        needed: &'static str,
    },
    /// A witness version or program that cannot be.
    #[error("`{text}` has a sound checksum, but {problem}")]
    Program {
        /// What was given.
        text: String,
        /// What cannot be.
        problem: String,
    },
    /// Not hexadecimal behind `pk:` or `script:`.
    #[error("expected hexadecimal digits, two a byte, after `{form}`")]
    Hex {
        /// The prefix.
        form: &'static str,
    },
    /// Not a public key behind `pk:`.
    #[error("expected a public key of 33 bytes (02, 03) or 65 bytes (04, 06, 07) after `pk:`")]
    Key,
}

impl AddressError {
    /// What to do about it, where that can be said.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Checksum { meant: Some(meant), .. } | Self::Character { meant: Some(meant), .. } => {
                Some(format!("did you mean `{}`? {}", meant.text, meant.slip))
            }
            Self::Checksum { meant: None, .. } => {
                Some("more than one character is wrong: copy the address again from its source".into())
            }
            Self::Character { character: '0' | 'O' | 'I' | 'l', form: "base58", .. } => {
                Some("base58 has no 0, O, I and l, because they look alike: compare with the source".into())
            }
            Self::MixedCase { .. } => Some("copy the address again, or write it all in lower case".into()),
            Self::WrongNetwork { found, .. } => found.first().map(|network| format!("ask for the network {network}")),
            Self::Extension { .. } => Some(
                "who owns what inside is hidden; on the ledger a payment to it ends as a peg-in, and what leaves it starts as a peg-out: look for those transactions"
                    .into(),
            ),
            Self::Variant { .. } => Some("the program that made this address is faulty: ask for a new one".into()),
            _ => None,
        }
    }

    /// The address that was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&Correction> {
        match self {
            Self::Checksum { meant, .. } | Self::Character { meant, .. } => meant.as_ref(),
            _ => None,
        }
    }
}

/// `testnet3, testnet4 or signet`.
fn names(networks: &[Network]) -> String {
    let names: Vec<&str> = networks.iter().map(|network| network.name()).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "no network".to_owned(),
    }
}
