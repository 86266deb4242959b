//! A hop with all its inputs and outputs: what lets a reader add the table up by hand.

use std::collections::BTreeMap;

use coinhound_analysis::taint::Label;
use coinhound_analysis::trace::{Fate, Hop, Trail, TrailCoin};
use coinhound_model::{Entry, HoldingId, Ledger};
use ruint::aliases::U256;

use super::{Gatherer, Names};
use crate::report::document::{HopPart, HopSide, Link, LotLine};

/// The coins of one side of a hop that carry stolen value, with what ties them to the trail.
type Carriers = BTreeMap<HoldingId, (TrailCoin<u64>, Link)>;

impl<L: Ledger<Units = u64>, N: Names> Gatherer<'_, L, N> {
    pub(super) fn hop(&mut self, trail: &Trail<u64>, at: usize, hop: &Hop<u64>) -> HopPart {
        let tx = self.tx(hop.movement);
        let mut entries = Vec::new();
        self.ledger.debits(hop.movement, &mut entries);
        let taken = trail.taken(hop).map(|coin| (coin.holding, (*coin, self.origin_link(trail, coin)))).collect();
        let ins = self.sides(trail, &entries, &taken);
        self.ledger.credits(hop.movement, &mut entries);
        let given =
            trail.credited(hop).iter().map(|coin| (coin.holding, (*coin, self.fate_link(trail, coin)))).collect();
        let outs = self.sides(trail, &entries, &given);
        HopPart {
            number: at + 1,
            tags: self.clerk.tags.on(&tx.txid),
            tx,
            why: None,
            depth: hop.depth,
            ins,
            outs,
            fee: U256::from(hop.fee),
            fee_stolen: U256::from(hop.fee_stolen),
            value_in: U256::from(hop.entered),
            stolen_in: U256::from(hop.taken),
        }
    }

    fn origin_link(&self, trail: &Trail<u64>, coin: &TrailCoin<u64>) -> Link {
        if trail.coins[..trail.seeds as usize].iter().any(|seed| seed.holding == coin.holding) {
            return Link::Seed;
        }
        let made = self.ledger.origin(coin.holding).map(|(movement, _)| movement);
        // Hops ascend in the ledger's order.
        let found = made.and_then(|movement| trail.hops.binary_search_by_key(&movement, |hop| hop.movement).ok());
        found.map_or(Link::None, |at| Link::Hop(at + 1))
    }

    fn fate_link(&self, trail: &Trail<u64>, coin: &TrailCoin<u64>) -> Link {
        match coin.fate {
            Fate::Waits => Link::None,
            Fate::Spent(next) => Link::Hop(next as usize + 1),
            Fate::Ended(end) => {
                let terminal = trail.ends[end as usize].terminal;
                Link::End(terminal, self.clerk.kind(terminal))
            }
        }
    }

    fn sides(&mut self, trail: &Trail<u64>, entries: &[Entry<u64>], carriers: &Carriers) -> Vec<HopSide> {
        entries
            .iter()
            .zip(0..)
            .map(|(entry, index)| self.side(trail, index, entry, carriers.get(&entry.holding)))
            .collect()
    }

    fn side(
        &mut self,
        trail: &Trail<u64>,
        index: u32,
        entry: &Entry<u64>,
        carrier: Option<&(TrailCoin<u64>, Link)>,
    ) -> HopSide {
        let place = self.place(entry.holding, entry.owner);
        let lot = |lot: &coinhound_analysis::taint::Lot<u64>| LotLine {
            stolen: lot.label == Label::Stolen,
            units: U256::from(lot.units),
        };
        HopSide {
            index,
            place,
            value: U256::from(entry.units),
            stolen: carrier.map_or(U256::ZERO, |(coin, _)| U256::from(coin.stolen)),
            lots: carrier.map(|(coin, _)| trail.lots(coin).iter().map(lot).collect()).unwrap_or_default(),
            link: carrier.map_or(Link::None, |(_, link)| link.clone()),
        }
    }
}
