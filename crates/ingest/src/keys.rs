//! The oldest address of each key that no lock of this session says, and who was revealed.
//!
//! The key of a P2PKH or P2WPKH address is its payload: those are found through the index of locks, and
//! so is the number of each entry here.

use coinhound_model::AddressId;
use hashbrown::HashSet;

/// Keys of P2PK, P2TR and revealed P2SH addresses of this session. Read by look-up only, so the set's order
/// reaches no result.
#[derive(Default)]
pub(crate) struct KeyIndex {
    oldest: Vec<AddressId>,
    revealed: HashSet<AddressId, foldhash::fast::RandomState>,
}

impl KeyIndex {
    /// The oldest address that this session knows to use the key of that number.
    pub fn oldest(&self, number: u32) -> AddressId {
        self.oldest[number as usize]
    }

    /// Remembers the oldest address of a key, under the number it had or the next.
    pub fn set(&mut self, number: Option<u32>, oldest: AddressId) -> u32 {
        match number {
            Some(number) => {
                self.oldest[number as usize] = oldest;
                number
            }
            None => {
                self.oldest.push(oldest);
                u32::try_from(self.oldest.len() - 1).expect("fewer keys than addresses")
            }
        }
    }

    /// Marks an address whose key was shown by a spend; `false` when it was marked before.
    pub fn reveal(&mut self, address: AddressId) -> bool {
        self.revealed.insert(address)
    }
}
