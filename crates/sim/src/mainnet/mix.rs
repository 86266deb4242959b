//! How often what happens: the numbers that give the chain its shape.
//!
//! Anchors are single mainnet blocks of 2021 and 2022 (heights 702861 and 739990) and the means over
//! the whole chain: 442 bytes, 2.2 inputs and 2.85 outputs a transaction. One anchor is missed: regtest
//! mints at most 15,000 BTC, so a coin is worth about a fifth of what it is worth on mainnet.

use crate::rng::{Quantiles, Rng};

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// One coin in, payment and change.
    Plain,
    /// One coin in, one out.
    Whole,
    /// Several coins of one wallet, payment and perhaps change.
    Several,
    /// One payer, many payees.
    Batch,
    /// Many coins of one wallet into one.
    Consolidation,
    /// One coin in, data and change.
    Data,
}

/// Kinds with their shares in thousandths.
const KINDS: [(Kind, u64); 6] = [
    (Kind::Plain, 540),
    (Kind::Whole, 133),
    (Kind::Several, 271),
    (Kind::Batch, 27),
    (Kind::Consolidation, 14),
    (Kind::Data, 15),
];

/// Inputs of [`Kind::Several`].
pub(crate) const SEVERAL: Quantiles = Quantiles(&[(0, 2), (550, 3), (780, 4), (920, 6), (1000, 11)]);
/// Payees of [`Kind::Batch`].
pub(crate) const BATCH: Quantiles = Quantiles(&[(0, 10), (400, 17), (700, 34), (900, 85), (980, 180), (1000, 270)]);
/// Inputs of [`Kind::Consolidation`].
pub(crate) const CONSOLIDATION: Quantiles =
    Quantiles(&[(0, 10), (400, 20), (700, 42), (900, 120), (980, 300), (1000, 600)]);
/// Blocks between a coin's making and its spending; 0 is the same block.
pub(crate) const AGE_BLOCKS: Quantiles =
    Quantiles(&[(0, 0), (60, 0), (100, 1), (300, 8), (500, 29), (700, 105), (900, 420), (970, 2_000), (1000, 30_000)]);
/// Payments in satoshi.
pub(crate) const PAYMENT: Quantiles = Quantiles(&[
    (0, 2_000),
    (50, 16_000),
    (250, 150_000),
    (500, 600_000),
    (750, 3_000_000),
    (900, 30_000_000),
    (970, 150_000_000),
    (1000, 1_000_000_000),
]);
/// Satoshi per virtual byte.
pub(crate) const FEE_RATE: Quantiles = Quantiles(&[(0, 1), (100, 2), (500, 6), (900, 18), (1000, 60)]);

/// What the next transaction is for.
pub(crate) fn draw_kind(rng: &mut Rng) -> Kind {
    KINDS[rng.by_share(&KINDS)].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_a_thousand() {
        assert_eq!(KINDS.iter().map(|(_, share)| share).sum::<u64>(), 1000);
    }
}
