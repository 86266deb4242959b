//! Numbers and bytes as nodes write them in JSON.

use std::borrow::Cow;

use ruint::aliases::U256;
use serde::de::{Deserialize, Deserializer, Error};

use crate::evm::hash::{Address, Hash};

/// A number: `0x` and hexadecimal digits without leading zeros, at most 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::evm) struct Quantity(pub U256);

/// Bytes: `0x` and an even number of hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::evm) struct Data(pub Vec<u8>);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").unwrap_or_default();
        let canonical = digits == "0" || !digits.is_empty() && !digits.starts_with('0');
        let digits = Some(digits).filter(|digits| canonical && digits.len() <= 64 && is_hex(digits));
        let number = digits.and_then(|digits| U256::from_str_radix(digits, 16).ok());
        let refuse = || D::Error::custom(format!("`{}` is not a number: expected 0x and digits", shown(&text)));
        number.map(Self).ok_or_else(refuse)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x");
        let bytes = digits.and_then(|digits| data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok());
        let refuse = || D::Error::custom(format!("`{}` is not bytes: expected 0x and pairs of digits", shown(&text)));
        bytes.map(Self).ok_or_else(refuse)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        let got = data.0.len();
        data.0.try_into().map(Self).map_err(|_| D::Error::custom(format!("a hash has 32 bytes, not {got}")))
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        let got = data.0.len();
        data.0.try_into().map(Self).map_err(|_| D::Error::custom(format!("an address has 20 bytes, not {got}")))
    }
}

fn is_hex(digits: &str) -> bool {
    digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// The beginning of a text that may be long and hostile.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_default).collect()
}
