//! Amounts of any ledger with what they count, exact to the last unit.
//!
//! A coin chain's asset is known to this build; a token's name is whatever somebody chose to call it, and says
//! nothing about what it is. So a token stands in quotes with its id, and where nobody told its decimal places its
//! amounts are counted in smallest units.

use std::fmt;

use coinhound_model::{Asset, Token};
use ruint::aliases::U256;
use serde::{Deserialize, Serialize};

use crate::text;

/// Decimal places beyond which an amount is told in smallest units: no honest asset has more.
const PLACES_MAX: u8 = 36;

/// What amounts are counted in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AssetLine {
    /// Its name on its ledger: what it is told apart by. Empty for a coin chain's only asset.
    pub id: String,
    /// As people write it. Hostile where it comes from a chain.
    pub ticker: String,
    /// Decimal places; `None` where nobody told.
    pub decimals: Option<u8>,
    /// Whether the ticker is somebody's claim, to be shown in quotes.
    pub is_claimed: bool,
    /// Who told ticker and decimal places.
    #[serde(default, skip_serializing_if = "ToldBy::is_ledger")]
    pub told_by: ToldBy,
}

/// Who told what an asset is called and how its amounts are written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    /// The ledger, its chain's rules, or whoever supplied it.
    #[default]
    Ledger,
    /// The table of well-known tokens that this program brings along.
    Table,
    /// A node that was asked, which repeats the contract's own word.
    Node,
}

impl ToldBy {
    fn is_ledger(&self) -> bool {
        *self == Self::Ledger
    }

    /// The word for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ledger => "the ledger",
            Self::Table => "the table of well-known tokens",
            Self::Node => "a node's word",
        }
    }
}

impl From<Asset> for AssetLine {
    fn from(asset: Asset) -> Self {
        Self {
            id: String::new(),
            ticker: asset.ticker.to_owned(),
            decimals: Some(asset.decimals),
            is_claimed: false,
            told_by: ToldBy::Ledger,
        }
    }
}

impl From<Token> for AssetLine {
    /// NEM's own currency and ether are known by their ids, and a plain word that a table calls its asset by is that asset's name.
    fn from(token: Token) -> Self {
        let is_known = ["nem:xem", "slip44:60"].contains(&token.id.as_str())
            || (token.id == token.ticker && is_plain(&token.ticker));
        let decimals = token.decimals.filter(|&places| places <= PLACES_MAX);
        let (is_claimed, told_by) = (!is_known, ToldBy::Ledger);
        Self { id: token.id, ticker: token.ticker, decimals, is_claimed, told_by }
    }
}

/// `0xdAC17F...1ec7`.
fn ends_of(contract: &str) -> Option<String> {
    let (first, last) = (contract.get(..8)?, contract.get(contract.len().checked_sub(4)?..)?);
    Some(format!("{first}...{last}"))
}

fn is_plain(ticker: &str) -> bool {
    (1..=12).contains(&ticker.len()) && ticker.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl AssetLine {
    /// The ticker as it is printed: `XEM`, or `"XEM"` where somebody only calls it so. Hidden characters shown.
    #[must_use]
    pub fn name(&self) -> String {
        if let Some(contract) = self.unnamed() {
            return format!("token {contract}");
        }
        let shown = text::cut(&text::clean(&self.ticker), 32);
        if self.is_claimed { format!("\"{shown}\"") } else { shown }
    }

    /// A token contract of which nobody told a name, in short: `0xdAC17F...1ec7`.
    fn unnamed(&self) -> Option<String> {
        ends_of(self.id.strip_prefix("erc20:").filter(|_| self.id == self.ticker)?)
    }

    /// What a column of its amounts is called: `XEM`, or `smallest units of "XEM"`.
    #[must_use]
    pub fn counted_in(&self) -> String {
        match self.decimals {
            Some(_) => self.name(),
            None => format!("smallest units of {}", self.name()),
        }
    }

    /// The ticker with the id where that is something else: `"coin" (dim:coin)`.
    #[must_use]
    pub fn told(&self) -> String {
        if self.id.is_empty() || (self.id == self.ticker && self.unnamed().is_none()) {
            return self.counted_in();
        }
        let by = if self.told_by == ToldBy::Node { ", by a node's word" } else { "" };
        format!("{} ({}{by})", self.counted_in(), text::cut(&text::clean(&self.id), 80))
    }

    /// The same for a narrow column: of a token contract its beginning and its end, `"USDT" (0xdAC17F...1ec7)`.
    #[must_use]
    pub fn narrow(&self) -> String {
        if self.unnamed().is_some() {
            return self.counted_in();
        }
        match self.id.strip_prefix("erc20:").and_then(ends_of) {
            Some(ends) => format!("{} ({ends})", self.counted_in()),
            None => self.told(),
        }
    }

    /// An amount of it.
    #[must_use]
    pub fn amount(&self, units: U256) -> Money<'_> {
        Money { units, asset: self }
    }

    /// What every JSON answer names it by. A coin chain's asset has no id.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let mut value = serde_json::json!({ "ticker": self.ticker, "decimals": self.decimals });
        if !self.id.is_empty() {
            value["id"] = self.id.as_str().into();
        }
        if self.told_by != ToldBy::Ledger {
            value["told_by"] = self.told_by.name().into();
        }
        value
    }

    /// Reads whole units with a decimal point, exactly; smallest units where no decimal places are known.
    ///
    /// # Errors
    /// Names the text and what is wrong with it; nothing is rounded.
    pub fn parse(&self, given: &str) -> Result<U256, MoneyError> {
        let malformed = || MoneyError::Malformed { text: given.to_owned() };
        let (whole, fraction) = given.split_once('.').unwrap_or((given, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let decimals = self.decimals.unwrap_or(0);
        let places = usize::from(decimals);
        if fraction.len() > places {
            return Err(MoneyError::TooFine { text: given.to_owned(), decimals });
        }
        let all = format!("{whole}{fraction:0<places$}");
        U256::from_str_radix(&all, 10).map_err(|_| MoneyError::TooLarge { text: given.to_owned() })
    }
}

/// An amount of one asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Money<'a> {
    /// In the smallest unit.
    pub units: U256,
    /// Of what.
    pub asset: &'a AssetLine,
}

impl Money<'_> {
    /// The number alone, with every decimal place: `1.50000000`.
    #[must_use]
    pub fn number(&self) -> String {
        let places = usize::from(self.asset.decimals.unwrap_or(0));
        let digits = format!("{:0>width$}", self.units.to_string(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }
}

impl fmt::Display for Money<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.asset.counted_in())
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
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
    /// Larger than 256 bits of the smallest unit.
    #[error("`{text}` is larger than any amount of this asset")]
    TooLarge {
        /// What was given.
        text: String,
    },
}

/// Units divided by what they are a share of, in hundredths of a percent, rounded down: `1234` for 12.34 %.
#[must_use]
pub fn share(units: U256, whole: U256) -> String {
    // An amount that fills 256 bits has no room for the factor; then the divisor is made smaller instead.
    let scale = U256::from(10_000u64);
    let whole = whole.max(U256::from(1u64));
    let basis = units
        .checked_mul(scale)
        .map_or_else(|| units / (whole / scale).max(U256::from(1u64)), |product| product / whole);
    let hundred = U256::from(100u64);
    format!("{}.{:0>2}", basis / hundred, (basis % hundred).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: &str, ticker: &str, decimals: Option<u8>) -> AssetLine {
        Token { id: id.into(), ticker: ticker.into(), decimals }.into()
    }

    #[test]
    fn amounts_of_any_width_are_exact_both_ways() {
        let xem = token("nem:xem", "XEM", Some(6));
        let stolen = xem.parse("526300010").expect("an amount");
        assert_eq!(xem.amount(stolen).to_string(), "526300010.000000 XEM");
        let ether = token("0xabc", "ETH", Some(18));
        let most = ether.amount(U256::MAX).number();
        assert_eq!(ether.parse(&most), Ok(U256::MAX));
        assert!(matches!(ether.parse(&format!("{most}0")), Err(MoneyError::TooFine { .. })));
        assert!(matches!(ether.parse(&format!("1{most}")), Err(MoneyError::TooLarge { .. })));
        for text in ["", ".", "1.2.3", "-1", "1e8", " 1", "+1"] {
            assert!(matches!(xem.parse(text), Err(MoneyError::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn what_somebody_calls_a_token_stands_in_quotes_and_without_places_in_smallest_units() {
        assert_eq!(token("evil:xem", "XEM", Some(6)).amount(U256::from(1_500_000u64)).to_string(), "1.500000 \"XEM\"");
        assert_eq!(token("XEM", "XEM", Some(6)).amount(U256::from(1u64)).to_string(), "0.000001 XEM");
        let odd = token("a:b", "\u{202e}b", None);
        assert_eq!(odd.amount(U256::from(7u64)).to_string(), "7 smallest units of \"\\u{202e}b\"");
        assert_eq!(odd.told(), "smallest units of \"\\u{202e}b\" (a:b)");
        assert_eq!(token("a", "a", Some(255)).decimals, None, "more places than any number has");
    }

    #[test]
    fn a_token_that_nobody_named_is_told_by_its_contract() {
        let id = "erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7";
        let line = AssetLine::from(Token { id: id.into(), ticker: id.into(), decimals: None });
        assert_eq!(line.name(), "token 0xdAC17F...1ec7");
        assert_eq!(line.told(), format!("smallest units of token 0xdAC17F...1ec7 ({id})"));
        let told = AssetLine { ticker: "USDT".into(), decimals: Some(6), told_by: ToldBy::Node, ..line };
        assert_eq!(told.told(), format!("\"USDT\" ({id}, by a node's word)"));
        assert_eq!(told.narrow(), "\"USDT\" (0xdAC17F...1ec7)");
        let ether = AssetLine::from(Token { id: "slip44:60".into(), ticker: "ETH".into(), decimals: Some(18) });
        assert_eq!(ether.name(), "ETH", "the chain's own coin is no claim");
    }

    #[test]
    fn shares_are_rounded_down() {
        let of = |a: u64, b: u64| share(U256::from(a), U256::from(b));
        assert_eq!((of(1, 3), of(3, 3), of(0, 0)), ("33.33".into(), "100.00".into(), "0.00".into()));
        assert_eq!(share(U256::MAX, U256::MAX), "100.00");
    }
}
