//! What a node holds unspent, coin by coin: its own snapshot (`dumptxoutset`), read here by other code than the product's.

use std::collections::BTreeMap;
use std::fs;

use coinhound_model::{Hash256, TxHash};
use serde_json::json;

use super::Litecoind;
use crate::floresta::unhex;

/// An unspent coin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coin {
    /// In the smallest unit.
    pub value: u64,
    /// The locking script, whole.
    pub script: Vec<u8>,
    /// Height of the block that made it.
    pub height: u32,
    /// Whether a coinbase made it.
    pub coinbase: bool,
}

/// Every unspent coin by the transaction that made it and its place there.
pub type Unspent = BTreeMap<(TxHash, u32), Coin>;

/// Sum of the coins in the smallest unit.
#[must_use]
pub fn total(unspent: &Unspent) -> u64 {
    unspent.values().map(|coin| coin.value).sum()
}

impl Litecoind {
    /// Everything that is unspent at the node's tip. Genesis and provably unspendable outputs are not among it.
    ///
    /// # Panics
    /// When the snapshot does not read, or is not what `gettxoutsetinfo` counts and sums.
    #[must_use]
    pub fn unspent(&self) -> Unspent {
        let path = self.folder().join("unspent");
        let _ = fs::remove_file(&path); // of an earlier call
        let said = self.ask("dumptxoutset", &json!([path]));
        let bytes = fs::read(&path).expect("the node wrote it");
        let mut reader = Reader { bytes: &bytes, node: self };
        let base = reader.hash();
        assert_eq!(Some(base.to_string().as_str()), said["base_hash"].as_str());
        let count = u64::from_le_bytes(reader.array());
        let _transactions: [u8; 4] = reader.array();
        let unspent: Unspent = (0..count).map(|_| reader.coin()).collect();
        assert!(reader.bytes.is_empty(), "the snapshot ends with its last coin");
        self.assert_counted(&unspent);
        unspent
    }

    fn assert_counted(&self, unspent: &Unspent) {
        let info = self.ask("gettxoutsetinfo", &json!(["none"]));
        assert_eq!(info["txouts"].as_u64(), Some(unspent.len() as u64));
        assert_eq!(units(&info["total_amount"].to_string()), total(unspent));
    }
}

/// The smallest units of an amount as a node prints it: `12.5`.
///
/// # Panics
/// When it is no decimal number of at most eight places.
#[must_use]
pub fn units(decimal: &str) -> u64 {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    assert!(part.len() <= 8, "`{decimal}` has more than eight places");
    let digits = format!("{whole}{part:0<8}");
    digits.parse().unwrap_or_else(|_| panic!("`{decimal}` is no amount"))
}

/// An amount as a node takes it, exactly.
#[must_use]
pub fn decimal(units: u64) -> String {
    format!("{}.{:08}", units / 100_000_000, units % 100_000_000)
}

struct Reader<'a> {
    bytes: &'a [u8],
    node: &'a Litecoind,
}

impl Reader<'_> {
    fn take(&mut self, len: usize) -> &[u8] {
        let (taken, rest) = self.bytes.split_at(len);
        self.bytes = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().expect("as long as asked for")
    }

    fn hash(&mut self) -> Hash256 {
        Hash256(self.array())
    }

    /// Seven bits a byte, the highest first; a continued number is one more than its bits.
    fn number(&mut self) -> u64 {
        let mut number = 0;
        loop {
            let [byte] = self.array();
            number = number << 7 | u64::from(byte & 0x7f);
            if byte < 0x80 {
                return number;
            }
            number += 1;
        }
    }

    fn coin(&mut self) -> ((TxHash, u32), Coin) {
        let place = (self.hash(), u32::from_le_bytes(self.array()));
        let code = self.number();
        let value = amount(self.number());
        let script = self.script(place);
        // Newer versions mark in the highest bit what came out of the pool (MWEB).
        let height = u32::try_from((code & 0x7fff_ffff) >> 1).expect("a height");
        (place, Coin { value, script, height, coinbase: code & 1 == 1 })
    }

    fn script(&mut self, place: (TxHash, u32)) -> Vec<u8> {
        match self.number() {
            0 => [&[0x76, 0xa9, 20], self.take(20), &[0x88, 0xac]].concat(),
            1 => [&[0xa9, 20], self.take(20), &[0x87]].concat(),
            parity @ 2..4 => [&[33, u8::try_from(parity).expect("2 or 3")], self.take(32), &[0xac]].concat(),
            4..6 => {
                // Only half of an uncompressed key is there: the node knows the other half.
                self.take(32);
                let coin = self.node.ask("gettxout", &json!([place.0.to_string(), place.1, false]));
                coin["scriptPubKey"]["hex"].as_str().and_then(unhex).expect("a script in hexadecimal")
            }
            size => {
                let len = usize::try_from(size - 6).expect("a script's length");
                self.take(len).to_vec()
            }
        }
    }
}

/// An amount whose zeros at the end were written as an exponent.
fn amount(compact: u64) -> u64 {
    let Some(rest) = compact.checked_sub(1) else { return 0 };
    let (rest, exponent) = (rest / 10, rest % 10);
    if exponent == 9 {
        return (rest + 1) * 1_000_000_000;
    }
    let digits = rest / 9 * 10 + rest % 9 + 1;
    (0..exponent).fold(digits, |amount, _| amount * 10)
}

#[cfg(test)]
mod tests {
    use super::{amount, decimal, units};

    #[test]
    fn amounts_are_read_as_nodes_print_them() {
        for (text, sat) in [("12.5", 1_250_000_000), ("0.00000001", 1), ("21000000", 2_100_000_000_000_000)] {
            assert_eq!(units(text), sat);
            assert_eq!(units(&decimal(sat)), sat);
        }
    }

    #[test]
    fn amounts_are_unpacked_as_in_cores_compress_tests() {
        // Core's compress_tests.cpp.
        let vectors = [(0, 0), (1, 1), (7, 1_000_000), (9, 100_000_000), (50, 5_000_000_000)];
        for (compact, sat) in vectors {
            assert_eq!(amount(compact), sat);
        }
        assert_eq!(amount(21_000_000), 2_100_000_000_000_000);
    }
}
