//! Accounts, assets and hashes as rows name them.

use coinhound_model::{Account, Hash256, Token};

use crate::nem::address::Address;
use crate::nem::bytes::Hash;

/// The mosaic that XEM is.
pub(super) const XEM: &str = "nem:xem";

/// An account of rows: the 25 bytes of its address.
#[must_use]
pub fn account(address: &Address) -> Account {
    Account(address.0.to_vec())
}

/// The address of an account of rows, if it is one of NEM.
#[must_use]
pub fn address(account: &Account) -> Option<Address> {
    account.0.as_slice().try_into().ok().map(Address)
}

/// A hash as rows have it, so that it prints as the chain prints it.
#[must_use]
pub fn row_hash(hash: &Hash) -> Hash256 {
    let mut bytes = hash.0;
    bytes.reverse();
    Hash256(bytes)
}

/// A hash of rows as the chain has it.
#[must_use]
pub fn nem_hash(hash: &Hash256) -> Hash {
    let mut bytes = hash.0;
    bytes.reverse();
    Hash(bytes)
}

/// The name on the chain of an asset of rows, without what tells definitions of the same name apart.
#[must_use]
pub fn mosaic_name(token_id: &str) -> &str {
    token_id.split_once('@').map_or(token_id, |(name, _)| name)
}

/// XEM.
pub(super) fn xem() -> Token {
    Token { id: XEM.to_owned(), ticker: "XEM".to_owned(), decimals: Some(6) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_prints_in_rows_as_on_the_chain() {
        let text = "438cf6375dab5a0d32f9b7bf151d4539e00a590f7c022d5572c7d41815a24be4";
        let hash: Hash = text.parse().expect("64 digits");
        assert_eq!(row_hash(&hash).to_string(), text);
        assert_eq!(text.parse(), Ok(row_hash(&hash)));
        assert_eq!(nem_hash(&row_hash(&hash)), hash);
    }

    #[test]
    fn an_asset_made_anew_keeps_its_name() {
        assert_eq!((mosaic_name("dim:coin"), mosaic_name("dim:coin@440001/7")), ("dim:coin", "dim:coin"));
    }
}
