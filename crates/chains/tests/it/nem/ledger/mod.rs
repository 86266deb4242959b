//! What blocks of NEM move: real first blocks, real transactions, made ones of every type, and random ones.

mod chain;
mod late;
mod nemesis;
mod random;
mod real;
mod saved;
mod statements;
mod traps;

use std::collections::BTreeMap;

use coinhound_model::{Account, AccountBlock};
use ruint::aliases::U256;

/// XEM in its smallest unit.
pub fn xem(whole: u64) -> U256 {
    U256::from(whole) * U256::from(1_000_000)
}

/// What accounts have, by account and asset.
#[derive(Default)]
pub struct Balances(pub BTreeMap<(Account, String), U256>);

impl Balances {
    pub fn of(&self, account: &Account, asset: &str) -> U256 {
        self.0.get(&(account.clone(), asset.to_owned())).copied().unwrap_or_default()
    }

    /// Books a block; what fell below zero, if anything did.
    pub fn book(&mut self, block: &AccountBlock) -> Result<(), String> {
        for moved in block.txs.iter().flat_map(|tx| &tx.moves) {
            let key = |account: &Account| (account.clone(), moved.token.id.clone());
            if let Some(from) = &moved.from {
                let balance = self.0.entry(key(from)).or_default();
                *balance = balance.checked_sub(moved.units).ok_or_else(|| format!("{balance} less {moved:?}"))?;
            }
            if let Some(to) = &moved.to {
                *self.0.entry(key(to)).or_default() += moved.units;
            }
        }
        Ok(())
    }
}

/// Numbers that follow from a seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    pub fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("below 256")
    }

    pub fn letter(&mut self) -> char {
        char::from(b'a' + u8::try_from(self.below(7)).expect("below seven"))
    }
}
