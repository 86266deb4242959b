//! The view as the ledger that tracing and clustering compute over.

use std::ops::Range;

use coinhound_model::print::{CollabPrint, TxPrint};
use coinhound_model::{
    AddressId, AsOf, Entry, Hash256, Height, HoldingId, Ledger, LedgerError, MovementFact, MovementId, MovementMarks,
    TxHash,
};

use super::{Tier, View};
use crate::derive::narrow;
use crate::facts::{Counts, ForeignRow, OutputRow};
use crate::segment::Segment;

impl View {
    fn has_unknown_amount(&self, facts: &Segment, tx: MovementId) -> bool {
        let foreign = facts.base().foreign < facts.ends().foreign;
        let unknown = |coin: HoldingId| self.foreign(coin).is_some_and(|row| row.value == ForeignRow::UNKNOWN);
        foreign && facts.input_range(tx).any(|input| unknown(facts.coin(input)))
    }

    fn foreign_entry(&self, coin: HoldingId) -> Entry<u64> {
        let row = self.foreign(coin);
        let units = row.map_or(0, |row| if row.value == ForeignRow::UNKNOWN { 0 } else { row.value });
        Entry { holding: coin, units, owner: row.map_or(AddressId::NONE, |row| row.address) }
    }

    /// Visits the base's and the overlays' coins or holdings of an address, as they come.
    pub(super) fn each_coin(&self, owner: u32, mut visit: impl FnMut(u64)) {
        if let Some(base) = &self.opened.base
            && u64::from(owner) < base.coins.len()
        {
            base.coins.members(base.coins.list(u64::from(owner))).for_each(&mut visit);
        }
        self.overlays_from(0).for_each(|overlay| overlay.coins(owner).for_each(&mut visit));
    }
}

impl Ledger for View {
    type Units = u64;

    fn as_of(&self) -> &AsOf {
        &self.as_of
    }

    fn movements(&self) -> Range<u64> {
        0..self.ends.txs
    }

    fn height(&self, movement: MovementId) -> Height {
        let facts = self.facts_of_tx(movement);
        facts.map_or(self.as_of.first, |facts| facts.height_of(movement.0, Counts::TXS))
    }

    fn time(&self, movement: MovementId) -> u32 {
        let height = self.height(movement);
        self.opened.part(height.0).facts.block_time(height)
    }

    fn marks(&self, movement: MovementId) -> MovementMarks {
        let Some(facts) = self.facts_of_tx(movement) else { return MovementMarks::empty() };
        let print = facts.print(movement);
        let mut marks = MovementMarks::empty();
        marks.set(MovementMarks::ISSUES, print.contains(TxPrint::COINBASE));
        marks.set(MovementMarks::MIXED_SIGHASH, print.contains(TxPrint::MIXED_SIGHASH));
        marks.set(MovementMarks::POOL, print.contains(TxPrint::POOL));
        marks.set(MovementMarks::AMOUNT_UNKNOWN, self.has_unknown_amount(facts, movement));
        marks
    }

    fn has_pools(&self) -> bool {
        // A pool, once there is one, is settled by the last transaction of every block (LIP 2).
        let last = self.ends.txs.checked_sub(1).map(MovementId);
        let print = last.and_then(|last| self.facts_of_tx(last).map(|facts| facts.print(last)));
        print.is_some_and(|print| print.contains(TxPrint::POOL))
    }

    fn collab(&self, movement: MovementId) -> CollabPrint {
        self.facts_of_tx(movement).map_or(CollabPrint::empty(), |facts| facts.collab(movement))
    }

    fn debits(&self, movement: MovementId, into: &mut Vec<Entry<u64>>) {
        into.clear();
        let Some(facts) = self.facts_of_tx(movement) else { return };
        into.extend(facts.input_range(movement).map(|input| self.entry(facts.coin(input))));
    }

    fn credits(&self, movement: MovementId, into: &mut Vec<Entry<u64>>) {
        into.clear();
        let Some(facts) = self.facts_of_tx(movement) else { return };
        into.extend(facts.output_range(movement).map(|output| entry(HoldingId(output), facts.output(output))));
    }

    #[inline]
    fn next(&self, holding: HoldingId, after: MovementId) -> Option<MovementId> {
        self.spender(holding).filter(|spender| *spender > after)
    }

    fn origin(&self, holding: HoldingId) -> Option<(MovementId, u32)> {
        if holding.foreign_rank().is_some() {
            return None;
        }
        let facts = self.facts_of_output(holding.0)?;
        let maker = facts.maker(holding.0);
        let first = facts.output_range(maker).start;
        Some((maker, holding.0.checked_sub(first).and_then(|index| u32::try_from(index).ok()).unwrap_or(0)))
    }

    #[inline]
    fn entry(&self, holding: HoldingId) -> Entry<u64> {
        if holding.foreign_rank().is_some() {
            return self.foreign_entry(holding);
        }
        match self.facts_of_output(holding.0) {
            Some(facts) => entry(holding, facts.output(holding.0)),
            None => Entry { holding, units: 0, owner: AddressId::NONE },
        }
    }

    fn fact(&self, movement: MovementId) -> MovementFact {
        let height = self.height(movement);
        let facts = &self.opened.part(height.0).facts;
        let first = facts.count_before(height.0, Counts::TXS);
        MovementFact {
            height,
            block: facts.block_hash(height),
            position: movement.0.checked_sub(first).and_then(|position| u32::try_from(position).ok()).unwrap_or(0),
            tx: self.facts_of_tx(movement).map_or(Hash256::ZERO, |facts| facts.txid(movement)),
            time: facts.block_time(height),
        }
    }

    fn outpoint(&self, holding: HoldingId) -> (TxHash, u32) {
        if let Some(row) = self.foreign(holding) {
            return (row.txid, row.index);
        }
        let made = self.origin(holding).and_then(|(tx, index)| Some((self.facts_of_tx(tx)?.txid(tx), index)));
        made.unwrap_or((Hash256::ZERO, 0))
    }

    fn find(&self, tx: &TxHash) -> Vec<MovementId> {
        self.txs_of(tx)
    }

    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>) {
        into.clear();
        if owner.0 >= self.ends.addresses {
            return self.absent("addresses", owner.0, self.ends.addresses);
        }
        let mut foreign = Vec::new();
        self.each_coin(narrow(owner.0), |coin| match HoldingId(coin).foreign_rank() {
            Some(rank) if rank < self.ends.foreign => foreign.push(HoldingId(coin)),
            None if coin < self.ends.outputs => into.push(HoldingId(coin)),
            _ => {}
        });
        into.append(&mut foreign);
    }

    /// An address has at most one key, so those of its T0 cluster are those that share it.
    fn same_key(&self, owner: AddressId, into: &mut Vec<AddressId>) {
        into.clear();
        into.extend(self.members(Tier::T0, owner).into_iter().filter(|member| *member != owner));
    }

    fn addresses(&self) -> u64 {
        self.ends.addresses
    }

    fn health(&self) -> Result<(), LedgerError> {
        self.verified()
    }
}

fn entry(holding: HoldingId, row: OutputRow) -> Entry<u64> {
    Entry { holding, units: row.value(), owner: row.address() }
}
