//! What the session's coins hold and whose they are.

use coinhound_model::{AddressId, HoldingId, MovementId};

/// Rows by output, with each transaction's first output.
#[derive(Default)]
pub(crate) struct CoinTable {
    first_tx: u64,
    first_output: u64,
    /// Output count before each transaction of the session, and one more at the end.
    starts: Vec<u64>,
    rows: Vec<Row>,
}

/// One output: twelve bytes, so that a look-up is one access.
#[derive(Clone, Copy)]
struct Row {
    value: [u8; 8],
    owner: u32,
}

/// On disk and in memory an address is four bytes; this stands for none.
const NO_ADDRESS: u32 = u32::MAX;

impl CoinTable {
    /// A table for transactions from `first_tx` and outputs from `first_output` on.
    pub fn starting_at(first_tx: u64, first_output: u64) -> Self {
        Self { first_tx, first_output, starts: vec![first_output], ..Self::default() }
    }

    /// Adds the next output.
    pub fn push(&mut self, value: u64, owner: AddressId) {
        let owner = u32::try_from(owner.0).unwrap_or(NO_ADDRESS);
        self.rows.push(Row { value: value.to_le_bytes(), owner });
    }

    /// Says that `count` outputs belong to the next transaction.
    pub fn next_tx(&mut self, count: u64) {
        let last = *self.starts.last().expect("starts with one row");
        self.starts.push(last + count);
    }

    /// The outputs of a transaction of this session, as holding ids.
    pub fn outputs(&self, tx: MovementId) -> Option<std::ops::Range<u64>> {
        let row = usize::try_from(tx.0.checked_sub(self.first_tx)?).ok()?;
        Some(*self.starts.get(row)?..*self.starts.get(row + 1)?)
    }

    /// Value and owner of a coin of this session.
    pub fn get(&self, coin: HoldingId) -> Option<(u64, AddressId)> {
        let row = usize::try_from(coin.0.checked_sub(self.first_output)?).ok()?;
        let Row { value, owner } = *self.rows.get(row)?;
        let owner = if owner == NO_ADDRESS { AddressId::NONE } else { AddressId(u64::from(owner)) };
        Some((u64::from_le_bytes(value), owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_before_the_session_are_not_ours() {
        let mut coins = CoinTable::starting_at(5, 20);
        coins.next_tx(2);
        coins.push(7, AddressId(1));
        coins.push(8, AddressId::NONE);
        assert_eq!(coins.outputs(MovementId(5)), Some(20..22));
        assert_eq!(coins.outputs(MovementId(4)), None);
        assert_eq!(coins.outputs(MovementId(6)), None);
        assert_eq!(coins.get(HoldingId(21)), Some((8, AddressId::NONE)));
        assert_eq!(coins.get(HoldingId(19)), None);
        assert_eq!(coins.get(HoldingId::foreign(0)), None);
    }
}
