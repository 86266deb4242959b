//! What counts as evidence that addresses belong together.

use std::collections::BTreeSet;

use bitflags::bitflags;
use coinhound_model::MovementId;

use crate::patterns::VetoSet;

bitflags! {
    /// Tiers of evidence.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Tiers: u8 {
        /// T0: addresses that use the same key.
        const SAME_KEY = 1 << 0;
        /// T1: addresses spent from in one transaction.
        const CO_SPEND = 1 << 1;
    }
}

/// What counts as evidence in one question: parameters of its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grounds {
    /// Which tiers.
    pub tiers: Tiers,
    /// Which kinds of transactions show no co-spend.
    pub vetoes: VetoSet,
    /// A case's own vetoes: transactions that show no co-spend.
    pub vetoed: BTreeSet<MovementId>,
}

impl Grounds {
    /// Both tiers, no case's vetoes.
    #[must_use]
    pub fn new(vetoes: VetoSet) -> Self {
        Self { tiers: Tiers::all(), vetoes, vetoed: BTreeSet::new() }
    }

    /// The same with these tiers only.
    #[must_use]
    pub fn only(self, tiers: Tiers) -> Self {
        Self { tiers, ..self }
    }
}
