//! The networks of NIS1, and the clock they share.

use std::fmt;

use crate::nem::bytes::Hash;

/// When the clock starts: 2015-03-29 00:06:25 UTC, in seconds of Unix.
pub const EPOCH_UNIX_SECS: u64 = 1_427_587_585;

/// How many blocks below the newest a node may still exchange.
pub const REWRITE_LIMIT_BLOCKS: u64 = 360;

/// A timestamp of the chain in seconds of Unix.
#[must_use]
pub fn unix_secs(timestamp: u32) -> u64 {
    EPOCH_UNIX_SECS + u64::from(timestamp)
}

/// A network of NIS1. Each is told by one byte, in addresses and in versions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Network {
    /// The one with value: addresses begin with N.
    Main = 0x68,
    /// The public test network: addresses begin with T.
    Test = 0x98,
    /// Private networks: addresses begin with M.
    Mijin = 0x60,
}

impl Network {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Main, Self::Test, Self::Mijin];

    /// The byte that tells it.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// The network that a byte tells.
    #[must_use]
    pub fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.byte() == byte)
    }

    /// The hash of its first block. None on a private network, whose first block is its owner's affair.
    #[must_use]
    pub fn nemesis_hash(self) -> Option<Hash> {
        let text = match self {
            Self::Main => "438cf6375dab5a0d32f9b7bf151d4539e00a590f7c022d5572c7d41815a24be4",
            Self::Test => "f8c102ac15462c9f0e5629d0ea4f6fa0de80402763dbc48d946be2dda7c260ab",
            Self::Mijin => return None,
        };
        Some(text.parse().expect("64 digits"))
    }

    /// As it is called here.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "nem",
            Self::Test => "nem-testnet",
            Self::Mijin => "nem-mijin",
        }
    }

    /// The letter that its addresses begin with.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Main => 'N',
            Self::Test => 'T',
            Self::Mijin => 'M',
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_on_2015_03_29() {
        // Two moments of 2018-01-26 in Japan: 00:02 and 08:26, in UTC nine hours earlier.
        assert_eq!(unix_secs(89_304_935), 1_516_892_520);
        assert_eq!(unix_secs(89_335_175), 1_516_922_760);
    }

    #[test]
    fn a_byte_tells_the_network_and_no_other_byte_does() {
        let told: Vec<_> = (0..=u8::MAX).filter_map(Network::of_byte).collect();
        assert_eq!(told, [Network::Mijin, Network::Main, Network::Test]);
    }
}
