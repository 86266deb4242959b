//! Habits of wallet software: what fingerprints show.

use coinhound_chains::bitcoin::encode::OutPoint;

/// The order in which a wallet's software writes inputs and outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// As planned: payees first, change last.
    Kept,
    /// At random.
    Shuffled,
    /// As BIP 69 says.
    Sorted,
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
}

/// The key by which BIP 69 sorts inputs: the txid as printed, then the index.
pub(crate) fn bip69_key(outpoint: OutPoint) -> ([u8; 32], u32) {
    let mut printed = outpoint.txid.0;
    printed.reverse();
    (printed, outpoint.index)
}
