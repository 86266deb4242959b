//! Habits of wallet software: what fingerprints show.

use std::cmp::Reverse;

use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxOut};

use crate::keys::{Keys, Slot};
use crate::rng::Rng;

/// The order in which a wallet's software writes inputs and outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// As planned: payees first, change last.
    Kept,
    /// At random.
    Shuffled,
    /// As BIP 69 says.
    Sorted,
    /// By value, the largest first.
    Descending,
}

/// Habits of one wallet's software.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Software {
    /// `nVersion`.
    pub(crate) version: u32,
    /// Signals that a transaction may be replaced.
    pub(crate) replaceable: bool,
    /// Sets `nLockTime` to the tip against fee sniping.
    pub(crate) lock_to_tip: bool,
    /// Grinds signatures for a short r.
    pub(crate) low_r: bool,
    /// Input and output order.
    pub(crate) order: Order,
    /// Change returns to the address of the first input.
    pub(crate) self_change: bool,
}

impl Software {
    /// Habits of the party with this number; shares as in blocks of 2021 and 2022.
    pub(crate) fn of(number: u32) -> Self {
        Self {
            version: if number % 10 < 6 { 2 } else { 1 },
            replaceable: number % 7 < 2,
            lock_to_tip: number.is_multiple_of(3),
            low_r: number.is_multiple_of(4),
            order: match number % 8 {
                0 => Order::Sorted,
                1..=3 => Order::Kept,
                _ => Order::Shuffled,
            },
            self_change: number % 4 == 1,
        }
    }

    /// `nSequence` of every input.
    pub(crate) fn sequence(self) -> u32 {
        match (self.replaceable, self.lock_to_tip) {
            (true, _) => 0xffff_fffd,
            (false, true) => 0xffff_fffe,
            (false, false) => u32::MAX,
        }
    }

    /// `nLockTime` in a block at this height.
    pub(crate) fn lock_time(self, height: u32) -> u32 {
        if self.lock_to_tip { height - 1 } else { 0 }
    }

    /// The transaction that spends these coins to these outputs in a block at this height, signatures drawn from `rng`.
    pub(crate) fn sign(
        self,
        keys: Keys,
        height: u32,
        coins: impl Iterator<Item = (Slot, OutPoint)>,
        outputs: Vec<TxOut>,
        rng: &mut Rng,
    ) -> Tx {
        let mut inputs: Vec<_> = coins.map(|(slot, outpoint)| keys.spend(slot, outpoint, self.low_r, rng)).collect();
        inputs.iter_mut().for_each(|input| input.sequence = self.sequence());
        Tx { version: self.version, inputs, outputs, lock_time: self.lock_time(height) }
    }
}

impl Order {
    /// Puts coins (their outpoint and value) and outputs (their value and script) in this order.
    pub(crate) fn arrange<C, O>(
        self,
        rng: &mut Rng,
        (coins, coin): (&mut [C], impl Fn(&C) -> (OutPoint, u64)),
        (outputs, output): (&mut [O], impl Fn(&O) -> (u64, Vec<u8>)),
    ) {
        match self {
            Self::Kept => {}
            Self::Shuffled => {
                rng.shuffle(coins);
                rng.shuffle(outputs);
            }
            Self::Sorted => {
                coins.sort_by_key(|one| bip69_key(coin(one).0));
                outputs.sort_by_cached_key(output);
            }
            Self::Descending => {
                coins.sort_by_key(|one| Reverse(coin(one).1));
                outputs.sort_by_cached_key(|one| Reverse(output(one).0));
            }
        }
    }
}

/// The key by which BIP 69 sorts inputs: the txid as printed, then the index.
pub(crate) fn bip69_key(outpoint: OutPoint) -> ([u8; 32], u32) {
    let mut printed = outpoint.txid.0;
    printed.reverse();
    (printed, outpoint.index)
}

/// The locking script of an output that carries data.
pub(crate) fn data_script(data: &[u8]) -> Vec<u8> {
    let mut script = vec![0x6a];
    crate::keys::push(&mut script, data);
    script
}
