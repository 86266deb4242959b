//! Ethereum addresses and hashes as people write them: hexadecimal behind `0x`, and in addresses capitals as a checksum
//! where there are any (EIP-55).

use coinhound_chains::evm::Address;
use coinhound_model::{ChainId, Hash256};

/// Why a text is no Ethereum address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not `0x` and forty hexadecimal digits.
    #[error("`{text}` is not an Ethereum address: expected 0x and 40 hexadecimal digits")]
    Shape {
        /// What was given.
        text: String,
    },
    /// The capitals do not fit the digits.
    #[error("the checksum of `{text}` is wrong: one of its characters is not what somebody wrote down")]
    Checksum {
        /// What was given.
        text: String,
        /// The same digits with the capitals that would fit.
        fits: String,
    },
}

impl AddressError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Shape { .. } => {
                "copy the whole address, such as 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".to_owned()
            }
            Self::Checksum { fits, .. } => format!(
                "compare it with where it is from; if all its digits are right, write it in small letters, or as {fits}"
            ),
        }
    }
}

/// Whether a chain is Ethereum, or of its kind.
#[must_use]
pub fn is_evm(chain: &ChainId) -> bool {
    chain.0.starts_with("eip155:")
}

/// A hash as the people of its chain write it: Ethereum's with `0x`.
#[must_use]
pub fn hash(chain: &ChainId, hash: &Hash256) -> String {
    let mark = if is_evm(chain) { "0x" } else { "" };
    format!("{mark}{hash}")
}

/// Reads a hash of any chain, with or without `0x`.
#[must_use]
pub fn parse_hash(text: &str) -> Option<Hash256> {
    text.strip_prefix("0x").unwrap_or(text).parse().ok()
}

/// Reads an address. One of mixed case must have the capitals of its checksum; of one case, none is checked.
///
/// # Errors
/// [`AddressError`].
pub fn parse_evm(text: &str) -> Result<Address, AddressError> {
    let shape = || AddressError::Shape { text: text.to_owned() };
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or_else(shape)?;
    let nibbles: Option<Vec<u8>> = digits.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let nibbles: [u8; 40] = nibbles.and_then(|nibbles| nibbles.try_into().ok()).ok_or_else(shape)?;
    let address = Address(std::array::from_fn(|at| nibbles[2 * at] << 4 | nibbles[2 * at + 1]));
    let is_mixed = digits.bytes().any(|c| c.is_ascii_uppercase()) && digits.bytes().any(|c| c.is_ascii_lowercase());
    let fits = address.checksummed();
    if is_mixed && fits[2..] != *digits {
        return Err(AddressError::Checksum { text: text.to_owned(), fits });
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_a_checksum_where_there_are_any() {
        let good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        let read = parse_evm(good).expect("it is the standard's own");
        assert_eq!(read.to_string(), good);
        assert_eq!(parse_evm(&good.to_lowercase()), Ok(read));
        assert_eq!(parse_evm(&format!("0x{}", good[2..].to_uppercase())), Ok(read));
        for wrong in [good.replace("aA", "aa"), good.replace("5aA", "6aA")] {
            let error = parse_evm(&wrong).expect_err("one character differs");
            assert!(matches!(error, AddressError::Checksum { .. }), "{error}");
            assert!(error.hint().contains("0x"), "{}", error.hint());
        }
    }

    #[test]
    fn hashes_are_told_as_their_chain_writes_them() {
        let (digits, chain) = ("ab".repeat(32), |name: &str| ChainId(name.to_owned()));
        let read = parse_hash(&format!("0x{digits}")).expect("a hash");
        assert_eq!(parse_hash(&digits), Some(read));
        assert_eq!(hash(&chain("eip155:1"), &read), format!("0x{digits}"));
        assert_eq!(hash(&chain("nem:104"), &read), digits);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", "0x", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "0xzz"]
        {
            assert!(matches!(parse_evm(text), Err(AddressError::Shape { .. })), "{text}");
        }
        assert!(parse_evm("0x５aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").is_err(), "digits of another script");
    }
}
