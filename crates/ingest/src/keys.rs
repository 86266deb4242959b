//! The oldest address of each key that no lock of this session says, and who was revealed.
//!
//! The key of a P2PKH or P2WPKH address is its payload: those are found through the index of locks, and
//! so are the rows here.

use coinhound_model::{AddressId, KeyHash};
use hashbrown::HashSet;

use crate::known::session_row;

/// Keys of P2PK and revealed P2SH addresses of this session.
#[derive(Default)]
pub(crate) struct KeyTable {
    rows: Vec<Row>,
    /// A bit for each of the session's addresses whose key was shown by a spend.
    revealed: Vec<u64>,
    /// Stored addresses whose key was shown; read by look-up only, so the set's order reaches no result.
    revealed_prior: HashSet<AddressId, foldhash::fast::RandomState>,
}

struct Row {
    key: KeyHash,
    oldest: u32,
}

impl KeyTable {
    /// The key of a row.
    pub fn key(&self, row: u32) -> KeyHash {
        self.rows[row as usize].key
    }

    /// The oldest address that this session knows to use a row's key.
    pub fn oldest(&self, row: u32) -> AddressId {
        AddressId(u64::from(self.rows[row as usize].oldest))
    }

    /// Remembers the oldest address of a key that had no row, and returns its row.
    pub fn add(&mut self, key: KeyHash, oldest: AddressId) -> u32 {
        self.rows.push(Row { key, oldest: narrow(oldest) });
        u32::try_from(self.rows.len() - 1).expect("fewer keys than addresses")
    }

    /// Remembers the oldest address of a row's key.
    pub fn set(&mut self, row: u32, oldest: AddressId) {
        self.rows[row as usize].oldest = narrow(oldest);
    }

    /// Marks an address whose key was shown by a spend; `false` when it was marked before. The session's own
    /// addresses are those from `first` on.
    pub fn reveal(&mut self, address: AddressId, first: u64) -> bool {
        let Some(row) = session_row(address.0, first) else { return self.revealed_prior.insert(address) };
        let (word, bit) = (row / 64, 1 << (row % 64));
        if word >= self.revealed.len() {
            self.revealed.resize(word + 1, 0);
        }
        let new = self.revealed[word] & bit == 0;
        self.revealed[word] |= bit;
        new
    }
}

fn narrow(address: AddressId) -> u32 {
    u32::try_from(address.0).expect("an address that was given an id has one of four bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_revealed_once() {
        let mut keys = KeyTable::default();
        let told: Vec<bool> = [3, 164, 100, 3, 164, 100, 163].map(|id| keys.reveal(AddressId(id), 100)).to_vec();
        assert_eq!(told, [true, true, true, false, false, false, true]);
    }
}
