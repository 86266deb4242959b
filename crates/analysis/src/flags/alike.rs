//! Addresses that look alike: the same digits at both ends, which is all that most programs show of an address.

use std::collections::BTreeMap;

use coinhound_model::{Account, AccountLedger, AddressId, MovementId};

/// Hexadecimal digits of an Ethereum address.
const DIGITS: usize = 40;

/// How two accounts compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alike {
    /// They are the same account.
    Same,
    /// They are different and look alike.
    Alike,
    /// They are different and look different, or have no hexadecimal digits.
    Different,
}

/// Compares two accounts by so many hexadecimal digits at each end. Accounts are 20 bytes, or text as Ethereum writes
/// addresses, in capitals or not.
#[must_use]
pub fn alike(one: &Account, other: &Account, digits: u32) -> Alike {
    match (hex_digits(one), hex_digits(other)) {
        (Some(one), Some(other)) if one == other => Alike::Same,
        (Some(one), Some(other)) if ends(&one, digits) == ends(&other, digits) => Alike::Alike,
        _ if one == other => Alike::Same,
        _ => Alike::Different,
    }
}

/// An address's digits, each as a number below sixteen.
type Digits = [u8; DIGITS];

fn hex_digits(account: &Account) -> Option<Digits> {
    let mut digits = [0; DIGITS];
    if account.0.len() == DIGITS / 2 {
        for (pair, byte) in digits.chunks_exact_mut(2).zip(&account.0) {
            pair.copy_from_slice(&[byte >> 4, byte & 15]);
        }
        return Some(digits);
    }
    let text = account.0.strip_prefix(b"0x").or(account.0.strip_prefix(b"0X"))?;
    if text.len() != DIGITS {
        return None;
    }
    for (digit, &letter) in digits.iter_mut().zip(text) {
        *digit = u8::try_from(char::from(letter).to_digit(16)?).ok()?;
    }
    Some(digits)
}

/// So many digits from each end; all of them where that is more than half.
fn ends(digits: &Digits, number: u32) -> Vec<u8> {
    let number = usize::try_from(number).unwrap_or(DIGITS).min(DIGITS / 2);
    [&digits[..number], &digits[DIGITS - number..]].concat()
}

/// Addresses that were met, by what programs show of them.
pub(super) struct Met {
    digits: u32,
    by_ends: BTreeMap<Vec<u8>, Vec<(AddressId, MovementId)>>,
    known: BTreeMap<AddressId, MovementId>,
}

impl Met {
    pub(super) fn new(digits: u32) -> Self {
        Self { digits, by_ends: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// Whether an address was met.
    pub(super) fn knows(&self, address: AddressId) -> bool {
        self.known.contains_key(&address)
    }

    /// Remembers when an address was met first.
    pub(super) fn meet<L: AccountLedger>(&mut self, ledger: &L, address: AddressId, movement: MovementId) {
        if self.knows(address) {
            return;
        }
        self.known.insert(address, movement);
        if let Some(ends) = self.ends_of(ledger, address) {
            self.by_ends.entry(ends).or_default().push((address, movement));
        }
    }

    /// Other addresses that were met and that an address looks like, in the order in which they were met.
    pub(super) fn like<L: AccountLedger>(&self, ledger: &L, address: AddressId) -> Vec<(AddressId, MovementId)> {
        let met = self.ends_of(ledger, address).and_then(|ends| self.by_ends.get(&ends));
        met.into_iter().flatten().copied().filter(|met| met.0 != address).collect()
    }

    fn ends_of<L: AccountLedger>(&self, ledger: &L, address: AddressId) -> Option<Vec<u8>> {
        Some(ends(&hex_digits(&ledger.account(address)?)?, self.digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Account {
        Account(text.as_bytes().to_vec())
    }

    #[test]
    fn four_digits_at_both_ends_make_two_addresses_look_alike() {
        let real = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
        for (other, want) in [
            ("0xdac17f958d2ee523a2206206994597c13d831ec7", Alike::Same),
            ("0xDAC1000000000000000000000000000000001EC7", Alike::Alike),
            ("0xdac2000000000000000000000000000000001ec7", Alike::Different),
            ("0xdac1000000000000000000000000000000002ec7", Alike::Different),
            ("0xdac100000000000000000000000000000001ec7", Alike::Different),
            ("0xdac1g00000000000000000000000000000001ec7", Alike::Different),
            ("dac1000000000000000000000000000000001ec7ab", Alike::Different),
        ] {
            assert_eq!(alike(&text(real), &text(other), 4), want, "{other}");
            assert_eq!(alike(&text(other), &text(real), 4), want, "{other}");
        }
    }

    #[test]
    fn bytes_and_text_of_one_address_are_the_same() {
        let bytes = Account((1..=20).collect());
        assert_eq!(alike(&bytes, &text("0x0102030405060708090a0b0c0d0e0f1011121314"), 4), Alike::Same);
        assert_eq!(alike(&bytes, &text("0x0102ff0405060708090a0b0c0d0e0f1011121314"), 4), Alike::Alike);
        assert_eq!(alike(&bytes, &text("0x0102ff0405060708090a0b0c0d0e0f1011121314"), 20), Alike::Different);
        assert_eq!(alike(&bytes, &text("0x0102ff0405060708090a0b0c0d0e0f1011121314"), 99), Alike::Different);
    }

    #[test]
    fn names_of_other_chains_look_like_nothing() {
        let [one, other] = ["NCVGXTCV7YYGCUTOWRSEALEVHVDDFRJ54BYYDKTI", "NCVGXTCV7YYGCUTOWRSEALEVHVDDFRJ54BYYDKTJ"];
        assert_eq!(alike(&text(one), &text(other), 4), Alike::Different);
        assert_eq!(alike(&text(one), &text(one), 4), Alike::Same);
    }
}
