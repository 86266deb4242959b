//! What the session's coins hold and whose they are.

use coinhound_model::{AddressId, HoldingId};

/// Rows by output.
#[derive(Default)]
pub(crate) struct CoinTable {
    first: u64,
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
    /// A table whose first coin will have the id `first`.
    pub fn starting_at(first: u64) -> Self {
        Self { first, rows: Vec::new() }
    }

    /// Adds the next output.
    pub fn push(&mut self, value: u64, owner: AddressId) {
        let owner = u32::try_from(owner.0).unwrap_or(NO_ADDRESS);
        self.rows.push(Row { value: value.to_le_bytes(), owner });
    }

    /// Value and owner of a coin of this session.
    pub fn get(&self, coin: HoldingId) -> Option<(u64, AddressId)> {
        let row = usize::try_from(coin.0.checked_sub(self.first)?).ok()?;
        let Row { value, owner } = *self.rows.get(row)?;
        let owner = if owner == NO_ADDRESS { AddressId::NONE } else { AddressId(u64::from(owner)) };
        Some((u64::from_le_bytes(value), owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_before_the_session_are_not_ours() {
        let mut coins = CoinTable::starting_at(20);
        coins.push(7, AddressId(1));
        coins.push(8, AddressId::NONE);
        assert_eq!(coins.get(HoldingId(20)), Some((7, AddressId(1))));
        assert_eq!(coins.get(HoldingId(21)), Some((8, AddressId::NONE)));
        assert_eq!(coins.get(HoldingId(19)), None);
        assert_eq!(coins.get(HoldingId(22)), None);
        assert_eq!(coins.get(HoldingId::foreign(0)), None);
    }
}
