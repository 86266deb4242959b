//! One value of an answer: what a person reads and what a program reads.

use coinhound_model::{Amount, Hash256, Height};
use serde_json::Value;

use crate::money::Money;
use crate::report::html::utc;

/// The largest whole number that every JSON reader keeps exactly.
const EXACT_MAX: u64 = 1 << 53;

/// One value in both forms. Text is the same in both.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    shown: String,
    value: Value,
}

impl Cell {
    /// A value whose two forms differ.
    pub fn new(shown: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { shown: shown.into(), value: value.into() }
    }

    /// Nothing: `null` to programs, these words to people.
    pub fn none(shown: impl Into<String>) -> Self {
        Self::new(shown, Value::Null)
    }

    /// A count, a height, a size in bytes: digits to people, a number to programs.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self::new(number.to_string(), whole(number))
    }

    /// The same where somebody knows it; else these words.
    #[must_use]
    pub fn maybe_number(number: Option<u64>, unknown: &str) -> Self {
        number.map_or_else(|| Self::none(unknown), Self::number)
    }

    /// An amount with its asset: `1.50000000 BTC`, text of its smallest units to programs.
    #[must_use]
    pub fn amount(amount: Amount) -> Self {
        Self::new(amount.to_string(), amount.units.to_string())
    }

    /// An amount in a column that names the asset: `1.50000000`, text of its smallest units to programs.
    #[must_use]
    pub fn units(amount: Amount) -> Self {
        Self::new(amount.number(), amount.units.to_string())
    }

    /// An amount of any ledger with its asset.
    #[must_use]
    pub fn money(money: Money<'_>) -> Self {
        Self::new(money.to_string(), money.units.to_string())
    }

    /// An amount of any ledger in a column that names the asset.
    #[must_use]
    pub fn money_units(money: Money<'_>) -> Self {
        Self::new(money.number(), money.units.to_string())
    }

    /// A block's time: a miner's claim. Seconds since 1970 to programs.
    #[must_use]
    pub fn time(seconds: u32) -> Self {
        Self::new(format!("{} UTC, by the miner's clock", utc(seconds)), seconds)
    }

    /// The point of a chain that an answer refers to.
    #[must_use]
    pub fn as_of(height: Height, block: Hash256) -> Self {
        let value = serde_json::json!({ "height": height.0, "block": block.to_string() });
        Self::new(format!("height {height}, block {block}"), value)
    }

    /// Text where there is some; else these words.
    #[must_use]
    pub fn maybe(text: Option<&str>, unknown: &str) -> Self {
        text.map_or_else(|| Self::none(unknown), Self::from)
    }

    /// Words as one line to people and as a list to programs; `none` where there are none.
    #[must_use]
    pub fn words<S: AsRef<str>>(words: &[S], none: &str) -> Self {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let shown = if words.is_empty() { none.to_owned() } else { words.join(", ") };
        Self::new(shown, words)
    }

    /// What people read.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What programs read.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { value: Value::from(text.as_str()), shown: text }
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A whole number as JSON: a number while every reader keeps it exactly, else text of its digits.
#[must_use]
pub fn whole(number: u64) -> Value {
    if number <= EXACT_MAX { Value::from(number) } else { Value::from(number.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_a_reader_would_round_is_text() {
        assert_eq!(whole(EXACT_MAX), Value::from(EXACT_MAX));
        assert_eq!(whole(EXACT_MAX + 1), Value::from("9007199254740993"));
        assert_eq!(Cell::number(u64::MAX).value(), &Value::from("18446744073709551615"));
    }

    #[test]
    fn nothing_is_null_to_programs_and_a_word_to_people() {
        let cell = Cell::maybe_number(None, "not known");
        assert_eq!((cell.shown(), cell.value()), ("not known", &Value::Null));
        assert_eq!(Cell::words::<&str>(&[], "none").value(), &serde_json::json!([]));
    }
}
