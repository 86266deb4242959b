//! Which chain, and which asset on it, in the names the field agreed on (CAIP-2, CAIP-19).

use std::fmt;

/// A chain by its CAIP-2 name, for example `bip122:000000000019d6689c085ae165831e93`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ChainId(pub String);

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An asset: its ticker as people write it and how many decimal places one whole unit has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Asset {
    /// As people write it: `BTC`.
    pub ticker: &'static str,
    /// Decimal places between the smallest unit and one whole: 8 for bitcoin.
    pub decimals: u8,
}

impl Asset {
    /// Bitcoin, counted in satoshi.
    pub const BTC: Self = Self { ticker: "BTC", decimals: 8 };

    /// Litecoin, counted in its hundred-millionth part.
    pub const LTC: Self = Self { ticker: "LTC", decimals: 8 };
}
