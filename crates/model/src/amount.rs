//! An exact amount of one asset, and its text.

use std::fmt;

use crate::chain::Asset;

/// Units of an asset that fit 64 bits, printed as people write them: `1.50000000 BTC`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Amount {
    /// In the asset's smallest unit.
    pub units: u64,
    /// Of what.
    pub asset: Asset,
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseAmountError {
    /// Not digits with at most one decimal point.
    #[error("`{text}` is not an amount: expected digits with at most one decimal point")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// More decimal places than the asset has.
    #[error("`{text}` has more than {decimals} decimal places")]
    TooFine {
        /// What was given.
        text: String,
        /// How many the asset has.
        decimals: u8,
    },
    /// Larger than 64 bits of the smallest unit.
    #[error("`{text}` is larger than any amount of this asset")]
    TooLarge {
        /// What was given.
        text: String,
    },
}

impl Amount {
    /// Reads whole units with a decimal point, exactly: `1.5` of bitcoin is 150,000,000 satoshi.
    ///
    /// # Errors
    /// Names the text and what is wrong with it; nothing is rounded.
    pub fn parse(text: &str, asset: Asset) -> Result<Self, ParseAmountError> {
        let malformed = || ParseAmountError::Malformed { text: text.to_owned() };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return Err(malformed());
        }
        let places = usize::from(asset.decimals);
        if fraction.len() > places {
            return Err(ParseAmountError::TooFine { text: text.to_owned(), decimals: asset.decimals });
        }
        let digits = format!("{whole}{fraction:0<places$}");
        let too_large = |_| ParseAmountError::TooLarge { text: text.to_owned() };
        Ok(Self { units: digits.parse().map_err(too_large)?, asset })
    }

    /// The number alone, with every decimal place: `1.50000000`.
    #[must_use]
    pub fn number(&self) -> String {
        let places = usize::from(self.asset.decimals);
        let digits = format!("{:0>width$}", self.units, width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.asset.ticker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_exact_both_ways() {
        for (text, units) in
            [("0.00000001", 1), ("1.5", 150_000_000), ("21000000", 2_100_000_000_000_000), (".5", 50_000_000)]
        {
            assert_eq!(Amount::parse(text, Asset::BTC).map(|a| a.units), Ok(units));
        }
        assert_eq!(Amount { units: 150_000_000, asset: Asset::BTC }.to_string(), "1.50000000 BTC");
    }

    #[test]
    fn nothing_is_rounded_or_guessed() {
        for text in ["", ".", "1.2.3", "-1", "1e8", "0.000000001", "999999999999999999999", " 1"] {
            assert!(Amount::parse(text, Asset::BTC).is_err(), "{text}");
        }
    }
}
