//! Who receives coins: wallets of falling popularity, each with one style of lock.

use crate::keys::{Slot, Style};
use crate::rng::{Rng, mix};
use crate::software::Software;

/// Shares of outputs in thousandths: P2PKH 40 %, P2SH 20 %, P2WPKH 27 %, P2WSH 3 %, P2TR 10 %.
const STYLES: [(Style, u64); 9] = [
    (Style::PubKeyHash, 378),
    (Style::OldPubKeyHash, 20),
    (Style::Nested, 120),
    (Style::NestedMultisig, 55),
    (Style::Multisig, 25),
    (Style::Witness, 270),
    (Style::WitnessMultisig, 30),
    (Style::Taproot, 100),
    (Style::BareMultisig, 2),
];
/// Payments to an address that was paid before, in thousandths.
const REUSE: u64 = 580;
/// How far back a reused address lies among its owner's.
const REUSE_REACH: u64 = 64;

/// All wallets. A wallet's number holds the rank of its owner and its style, so the mix of styles does
/// not depend on who is popular.
#[derive(Clone, Debug)]
pub(crate) struct Owners {
    rank_bits: u64,
    /// How many keys each wallet has used.
    keys: Vec<u32>,
}

impl Owners {
    /// About `2^rank_bits` owners.
    pub(crate) fn new(rank_bits: u64) -> Self {
        Self { rank_bits, keys: vec![0; STYLES.len() << rank_bits] }
    }

    /// How many wallets there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// A wallet, by popularity.
    pub(crate) fn draw(&self, rng: &mut Rng) -> u32 {
        let style = rng.by_share(&STYLES);
        let wallet = rng.zipf(self.rank_bits) * STYLES.len() as u64 + style as u64;
        u32::try_from(wallet).expect("ranks and styles fit 32 bits")
    }

    /// The key that the next payment to a wallet goes to: a new one, or one that was paid before.
    pub(crate) fn pay_to(&mut self, owner: u32, rng: &mut Rng) -> u32 {
        let used = u64::from(self.keys[owner as usize]);
        if used > 0 && rng.chance(REUSE) {
            let back = rng.below(used.min(REUSE_REACH)) + 1;
            return u32::try_from(used - back).expect("below a u32");
        }
        self.fresh(owner)
    }

    /// A key of a wallet that was never used.
    pub(crate) fn fresh(&mut self, owner: u32) -> u32 {
        let next = &mut self.keys[owner as usize];
        *next += 1;
        *next - 1
    }
}

/// The address of one key of a wallet.
pub(crate) fn slot(owner: u32, index: u32) -> Slot {
    Slot { style: style_of(owner), owner, index }
}

/// The style of a wallet's locks.
pub(crate) fn style_of(owner: u32) -> Style {
    STYLES[owner as usize % STYLES.len()].0
}

/// The habits of a wallet, without pattern over the ranks.
pub(crate) fn software_of(owner: u32) -> Software {
    Software::of(u32::try_from(mix(u64::from(owner)) >> 32).expect("the upper half"))
}

/// Virtual bytes of an input that spends a wallet's coin.
pub(crate) fn input_vbytes(owner: u32) -> u64 {
    style_of(owner).input_vbytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_a_thousand() {
        assert_eq!(STYLES.iter().map(|(_, share)| share).sum::<u64>(), 1000);
    }
}
