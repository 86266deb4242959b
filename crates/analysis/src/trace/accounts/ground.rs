//! What every lane looks at: the ledger, and where value ends although the ledger goes on.

use coinhound_model::{AccountLedger, HoldingId, MovementId, Pruned, Terminal};

use crate::trace::stops::{Services, Stops};

/// The ledger and the stops of a trace.
pub(super) struct Ground<'a, L: AccountLedger, S> {
    pub(super) ledger: &'a L,
    pub(super) stops: &'a Stops<L::Units, S>,
}

impl<L: AccountLedger, S: Services> Ground<'_, L, S> {
    /// Which limit a movement lies beyond.
    pub(super) fn beyond(&self, movement: MovementId) -> Option<Pruned> {
        self.stops.beyond(|| self.ledger.height(movement), || self.ledger.time(movement))
    }

    /// Why stolen value does not move on from a holding of this depth.
    pub(super) fn cut(&self, stolen: L::Units, depth: u32) -> Option<Pruned> {
        let dust = (stolen < self.stops.dust_below).then_some(Pruned::Dust);
        dust.or((depth >= self.stops.hops_max).then_some(Pruned::Hops))
    }

    /// How what arrives in a holding ends there.
    pub(super) fn ends(&self, holding: HoldingId) -> Option<Terminal> {
        let owner = self.ledger.owner(holding);
        if !owner.is_some() {
            return Some(Terminal::Burned);
        }
        self.stops.services.service(owner).map(Terminal::AtService)
    }
}
