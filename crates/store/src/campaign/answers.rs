//! Every query of a view at every height, against linear scans over facts derived for that height alone.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::print::TxPrint;
use coinhound_model::{
    AddressId, Entry, Height, HoldingId, KeyHash, Ledger, Lock, MovementFact, MovementId, MovementMarks,
};

use super::rig::{commit, writer};
use super::toy::ToyChain;
use crate::column::index;
use crate::derive::{Tier, merges};
use crate::facts::{Facts, ForeignRow};
use crate::keys::key_of_lock;
use crate::layout::Span;
use crate::manifest::Family;
use crate::storage::{Dice, SimDisk};
use crate::view::View;

/// What [`all`] compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AnswersReport {
    /// Views, one for each height of each chain.
    pub views: u64,
    /// Of these: below the base.
    pub below_base: u64,
    /// Answers compared.
    pub answers: u64,
    /// Hashes with two transactions.
    pub duplicates: u64,
    /// Clusters of more than one address.
    pub clusters: u64,
    /// Kinds of movements met in one view; none on coins.
    pub kinds: u64,
}

/// Compares every answer at every height of random chains.
///
/// # Panics
/// When an answer differs.
#[must_use]
pub fn all(seed: u64, chains: u64, blocks: u32) -> AnswersReport {
    let mut report = AnswersReport::default();
    for number in 0..chains {
        let mut dice = Dice::new(seed.wrapping_add(number));
        let first = u32::try_from(number % 3 * 7).expect("small");
        let chain = ToyChain::random(first, blocks, &mut dice);
        let facts = chain.facts();
        let disk = SimDisk::new();
        let mut writer = writer(Family::Coins, &disk);
        let half = Height(first + blocks / 2);
        commit(&mut writer, None, &facts.slice(Span { start: first, end: half.0 + 1 }));
        commit(&mut writer, Some(half), &super::rig::above(&facts, half));
        let tip = View::open(&disk).expect("just written");
        for height in first..first + blocks {
            let view = tip.at(Height(height)).expect("inside the range");
            let base = tip.manifest().params.layout().layout(Height(first), chain.tip()).base;
            report.below_base += u64::from(base.is_some_and(|base| height + 1 < base.0));
            let facts = chain.up_to(Height(height)).facts();
            Case { view: &view, facts: &facts, report: &mut report }.compare();
            report.views += 1;
        }
        assert!(
            tip.at(Height(first + blocks)).is_err()
                && first.checked_sub(1).is_none_or(|below| tip.at(Height(below)).is_err())
        );
    }
    report
}

struct Case<'a> {
    view: &'a View,
    facts: &'a Facts,
    report: &'a mut AnswersReport,
}

impl Case<'_> {
    fn compare(&mut self) {
        self.blocks();
        self.txs();
        self.coins();
        self.addresses();
        self.keys();
        Tier::ALL.iter().for_each(|&tier| self.clusters(tier));
        assert_eq!(self.view.health(), Ok(()), "all of that was there");
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, got: T, want: T) {
        assert_eq!(got, want, "as of height {}", self.view.as_of().height);
        self.report.answers += 1;
    }

    fn blocks(&mut self) {
        let (facts, view) = (self.facts, self.view);
        self.same(*view.counts(), facts.ends());
        for (block, height) in facts.blocks.iter().zip(facts.start.0..) {
            self.same(view.block(Height(height)).expect("inside the range"), *block);
            self.same(view.find_block(&block.hash), Some(Height(height)));
            let txs = facts.counts_before(height).txs..block.ends.txs;
            self.same(view.block_txs(Height(height)).expect("inside the range"), txs);
        }
        let above = Height(facts.span().end);
        let told = view.block(above).expect_err("above the view").to_string();
        self.same(told, format!("height {above} was not ingested: the store holds {} to {}", facts.start, above.0 - 1));
    }

    fn entry(&self, coin: HoldingId) -> Entry<u64> {
        match coin.foreign_rank() {
            Some(rank) => {
                let row = self.facts.foreign[index(rank)];
                let units = if row.value == ForeignRow::UNKNOWN { 0 } else { row.value };
                Entry { holding: coin, units, owner: row.address }
            }
            None => {
                let row = self.facts.outputs[coin.index()];
                Entry { holding: coin, units: row.value(), owner: row.address() }
            }
        }
    }

    fn txs(&mut self) {
        let (facts, view) = (self.facts, self.view);
        let (mut debits, mut credits) = (Vec::new(), Vec::new());
        self.same(view.movements(), 0..facts.txs.len() as u64);
        let (mut input, mut output) = (0, 0);
        for (position, tx) in facts.txs.iter().enumerate() {
            let id = MovementId(position as u64);
            view.debits(id, &mut debits);
            view.credits(id, &mut credits);
            let coins: Vec<HoldingId> = facts.inputs[input..index(tx.input_end)].iter().map(|row| row.coin()).collect();
            let want: Vec<_> = coins.iter().map(|&coin| self.entry(coin)).collect();
            self.same(debits.clone(), want);
            let want: Vec<_> = (output..index(tx.output_end)).map(|coin| self.entry(HoldingId(coin as u64))).collect();
            self.same(credits.clone(), want);
            self.same(view.tx(id), Some(*tx));
            self.same(view.collab(id), tx.collab);
            self.same(view.marks(id), self.marks(tx.print, &coins));
            self.same(view.fact(id), self.fact(id));
            self.same((view.height(id), view.time(id)), (self.fact(id).height, self.fact(id).time));
            let same_name = |other: &usize| facts.txs[*other].txid == tx.txid;
            let want: Vec<_> = (0..facts.txs.len()).filter(same_name).map(|other| MovementId(other as u64)).collect();
            self.report.duplicates += u64::from(want.len() > 1);
            self.same(view.find(&tx.txid), want);
            self.scripts(id, output as u64..tx.output_end);
            (input, output) = (index(tx.input_end), index(tx.output_end));
        }
        self.same(view.find(&coinhound_model::Hash256([7; 32])), Vec::new());
    }

    fn marks(&self, print: TxPrint, coins: &[HoldingId]) -> MovementMarks {
        let unknown = |coin: &HoldingId| {
            coin.foreign_rank().is_some_and(|rank| self.facts.foreign[index(rank)].value == ForeignRow::UNKNOWN)
        };
        let mut marks = MovementMarks::empty();
        marks.set(MovementMarks::ISSUES, print.contains(TxPrint::COINBASE));
        marks.set(MovementMarks::MIXED_SIGHASH, print.contains(TxPrint::MIXED_SIGHASH));
        marks.set(MovementMarks::POOL, print.contains(TxPrint::POOL));
        marks.set(MovementMarks::AMOUNT_UNKNOWN, coins.iter().any(unknown));
        marks
    }

    fn fact(&self, tx: MovementId) -> MovementFact {
        let facts = self.facts;
        let at = facts.blocks.iter().position(|block| block.ends.txs > tx.0).expect("every transaction has a block");
        let height = Height(facts.start.0 + u32::try_from(at).expect("small"));
        let block = facts.blocks[at];
        let position = u32::try_from(tx.0 - facts.counts_before(height.0).txs).expect("small");
        let time = u32::from_le_bytes(*block.header[68..].first_chunk().expect("80 bytes"));
        MovementFact { height, block: block.hash, position, tx: facts.txs[tx.index()].txid, time }
    }

    fn scripts(&mut self, tx: MovementId, outputs: std::ops::Range<u64>) {
        let (facts, view) = (self.facts, self.view);
        let mut start = 0;
        let mut want = Vec::new();
        for row in &facts.scripts {
            let bytes = &facts.script_bytes[start..index(row.end)];
            start = index(row.end);
            if outputs.contains(&row.output.0) {
                want.push((row.output, row.kind, bytes));
            }
        }
        self.same(view.scripts(tx), want);
    }

    fn coins(&mut self) {
        let (facts, view) = (self.facts, self.view);
        let mut spenders = BTreeMap::new();
        let mut input = 0;
        for (tx, id) in facts.txs.iter().zip(0..) {
            for row in &facts.inputs[input..index(tx.input_end)] {
                spenders.insert(row.coin(), MovementId(id));
            }
            input = index(tx.input_end);
        }
        let mut output = 0;
        for (tx, id) in facts.txs.iter().zip(0..) {
            for (coin, place) in (output..tx.output_end).zip(0..) {
                let coin = HoldingId(coin);
                self.same(view.origin(coin), Some((MovementId(id), place)));
                self.same(view.outpoint(coin), (tx.txid, place));
                self.coin(coin, spenders.get(&coin).copied(), MovementId(id));
            }
            output = tx.output_end;
        }
        for (row, rank) in facts.foreign.iter().zip(0..) {
            let coin = HoldingId::foreign(rank);
            self.same(view.foreign(coin), Some(*row));
            self.same(view.origin(coin), None);
            self.same(view.outpoint(coin), (row.txid, row.index));
            self.same(view.spender(coin), Some(row.spender));
            self.coin(coin, spenders.get(&coin).copied(), MovementId(row.spender.0.saturating_sub(1)));
        }
    }

    fn coin(&mut self, coin: HoldingId, spender: Option<MovementId>, after: MovementId) {
        let view = self.view;
        self.same(view.entry(coin), self.entry(coin));
        self.same(view.next(coin, after), spender.filter(|spender| *spender > after));
        if let Some(spender) = spender {
            self.same(view.next(coin, spender), None);
        }
    }

    fn addresses(&mut self) {
        let (facts, view) = (self.facts, self.view);
        self.same(view.addresses(), facts.addresses.len() as u64);
        let mut start = 0;
        let mut holdings = Vec::new();
        for (row, id) in facts.addresses.iter().zip(0..) {
            let id = AddressId(id);
            let lock = Lock { kind: row.kind(), payload: &facts.address_bytes[start..index(row.payload_end())] };
            start = index(row.payload_end());
            self.same(view.lock(id), Some(lock));
            self.same(view.address_of(lock), Some(id));
            let seen = facts.blocks.iter().position(|block| block.ends.addresses > id.0).expect("in a block");
            self.same(view.first_seen(id), Some(Height(facts.start.0 + u32::try_from(seen).expect("small"))));
            view.holdings(id, &mut holdings);
            let local =
                facts.outputs.iter().zip(0..).filter(|(row, _)| row.address() == id).map(|(_, coin)| HoldingId(coin));
            let foreign = facts
                .foreign
                .iter()
                .zip(0..)
                .filter(|(row, _)| row.address == id)
                .map(|(_, rank)| HoldingId::foreign(rank));
            self.same(holdings.clone(), local.chain(foreign).collect());
        }
        let absent = Lock { kind: coinhound_model::LockKind::NonStandard, payload: &[1; 99] };
        self.same(view.address_of(absent), None);
    }

    fn keys(&mut self) {
        let (facts, view) = (self.facts, self.view);
        let mut owners: BTreeMap<KeyHash, BTreeSet<AddressId>> = BTreeMap::new();
        crate::derive::each_lock(facts.as_slice(), |id, lock| {
            if let Some(key) = key_of_lock(lock) {
                owners.entry(key).or_default().insert(AddressId(u64::from(id)));
            }
        });
        for row in &facts.reveals {
            owners.entry(row.key).or_default().insert(row.address);
        }
        for (key, owners) in owners {
            self.same(view.key_owners(&key), owners.into_iter().collect());
        }
        self.same(view.key_owners(&KeyHash([9; 20])), Vec::new());
    }

    fn clusters(&mut self, tier: Tier) {
        let (facts, view) = (self.facts, self.view);
        let log = merges(facts.as_slice(), tier);
        self.same(view.merge_count(tier), log.len() as u64);
        self.same(view.merges(tier, 0..u64::MAX).collect::<Vec<_>>(), log.to_vec());
        self.same(view.merges(tier, 1..3).collect::<Vec<_>>(), log.iter().take(3).skip(1).copied().collect());
        let mut labels: Vec<u64> = (0..facts.addresses.len() as u64).collect();
        for row in log {
            let (a, b) = (labels[row.a.index()], labels[row.b.index()]);
            labels.iter_mut().filter(|label| **label == a.max(b)).for_each(|label| *label = a.min(b));
        }
        for id in 0..facts.addresses.len() as u64 {
            let label = labels[index(id)];
            self.same(view.root(tier, AddressId(id)), Some(AddressId(label)));
            let want: Vec<_> =
                (0..).zip(&labels).filter(|(_, other)| **other == label).map(|(other, _)| AddressId(other)).collect();
            self.report.clusters += u64::from(want.len() > 1);
            self.same(view.members(tier, AddressId(id)), want);
        }
    }
}
