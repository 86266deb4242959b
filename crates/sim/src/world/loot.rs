//! Where stolen value is, by who controls it: a book for every theft, exact to the satoshi.
//!
//! The books follow the thief's own word, not the order of inputs and outputs: when he pays with loot
//! and other coins together, loot goes first (or last, where he says so). A service that takes loot
//! owes it to its customer; what it pays out to him is loot again, up to what it owes.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_chains::bitcoin::encode::OutPoint;
use coinhound_model::TxHash;

use crate::world::ledger::Output;
use crate::world::truth::{LootRow, LootSum, LootTo};
use crate::world::wallet::Coin;

/// One transaction as the books see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Movement<'a> {
    pub(crate) txid: TxHash,
    pub(crate) coins: &'a [Coin],
    /// Owner of each coin.
    pub(crate) inputs: &'a [u32],
    pub(crate) outputs: &'a [Output],
    /// Owner of each output.
    pub(crate) owners: &'a [Option<u32>],
    /// The theft that this transaction is.
    pub(crate) steals: Option<u32>,
}

/// The books of all thefts.
#[derive(Clone, Debug, Default)]
pub(crate) struct LootBooks {
    books: Vec<Book>,
}

/// The book of one theft.
#[derive(Clone, Debug)]
struct Book {
    sum: LootSum,
    carriers: BTreeSet<u32>,
    /// Whether the carriers pay with loot before other coins.
    loot_first: bool,
    /// Loot in the carriers' coins.
    coins: BTreeMap<OutPoint, u64>,
    /// What services owe, by service and customer.
    owed: BTreeMap<(u32, u32), u64>,
}

impl LootBooks {
    /// Opens a book and returns the theft's number.
    pub(crate) fn open(&mut self, carriers: &[u32], loot_first: bool) -> u32 {
        let theft = u32::try_from(self.books.len()).expect("few thefts");
        let sum = LootSum { theft, ..LootSum::default() };
        let carriers = carriers.iter().copied().collect();
        self.books.push(Book { sum, carriers, loot_first, coins: BTreeMap::new(), owed: BTreeMap::new() });
        theft
    }

    /// Books one transaction; returns its movements of loot.
    pub(crate) fn record(&mut self, movement: &Movement<'_>) -> Vec<LootRow> {
        let mut rows = vec![];
        for book in &mut self.books {
            book.record(movement, &mut rows);
        }
        rows
    }

    /// Where the loot of each theft is now.
    pub(crate) fn sums(&self) -> impl Iterator<Item = LootSum> {
        self.books.iter().map(Book::checked_sum)
    }
}

impl Book {
    fn record(&mut self, movement: &Movement<'_>, rows: &mut Vec<LootRow>) {
        if movement.steals == Some(self.sum.theft) {
            return self.steal(movement, rows);
        }
        if !self.coins.is_empty() {
            let payers: BTreeSet<u32> = movement.inputs.iter().copied().filter(|p| self.carriers.contains(p)).collect();
            payers.into_iter().for_each(|payer| self.pay(payer, movement, rows));
        }
        if !self.owed.is_empty() {
            self.claims(movement, rows);
        }
    }

    fn row(&self, movement: &Movement<'_>, from: u32, to: LootTo, amount: u64) -> LootRow {
        LootRow { theft: self.sum.theft, txid: movement.txid, from, to, amount }
    }

    fn hold(&mut self, movement: &Movement<'_>, vout: u32, amount: u64) {
        *self.coins.entry(OutPoint { txid: movement.txid, index: vout }).or_default() += amount;
        self.sum.at_rest += amount;
    }

    fn steal(&mut self, movement: &Movement<'_>, rows: &mut Vec<LootRow>) {
        for (vout, (output, owner)) in (0..).zip(movement.outputs.iter().zip(movement.owners)) {
            let Some(party) = owner.filter(|owner| self.carriers.contains(owner)) else { continue };
            self.sum.stolen += output.value;
            self.hold(movement, vout, output.value);
            rows.push(self.row(movement, movement.inputs[0], LootTo::Party { party, vout }, output.value));
        }
    }

    /// Spreads the loot in one payer's coins over what he asked for.
    fn pay(&mut self, payer: u32, movement: &Movement<'_>, rows: &mut Vec<LootRow>) {
        let own = movement.coins.iter().zip(movement.inputs).filter(|(_, owner)| **owner == payer);
        let (mut loot, mut paid_in) = (0, 0);
        for (coin, _) in own {
            loot += self.coins.remove(&coin.outpoint).unwrap_or(0);
            paid_in += coin.value;
        }
        self.sum.at_rest -= loot;
        let asked: u64 = movement.outputs.iter().filter(|output| output.by == payer).map(|output| output.value).sum();
        let mut shares = self.shares(payer, movement, paid_in.saturating_sub(asked));
        if !self.loot_first {
            shares.reverse();
        }
        for (to, most) in shares {
            let amount = most.min(loot);
            loot -= amount;
            if amount > 0 {
                self.put(payer, movement, to, amount, rows);
            }
        }
        assert_eq!(loot, 0, "who pays in {paid_in} asks for {asked} and leaves the rest as his fee");
    }

    /// What a payer's coins went to, those outside of the circle first, then his fee, then his own.
    fn shares(&self, payer: u32, movement: &Movement<'_>, fee: u64) -> Vec<(Option<usize>, u64)> {
        let by_payer = (0..movement.outputs.len()).filter(|at| movement.outputs[*at].by == payer);
        let keeps = |at: &usize| movement.owners[*at].is_some_and(|owner| self.carriers.contains(&owner));
        let (own, others): (Vec<_>, Vec<_>) = by_payer.partition(keeps);
        let of = |at: usize| (Some(at), movement.outputs[at].value);
        others.into_iter().map(of).chain([(None, fee)]).chain(own.into_iter().map(of)).collect()
    }

    fn put(&mut self, payer: u32, movement: &Movement<'_>, to: Option<usize>, amount: u64, rows: &mut Vec<LootRow>) {
        let Some((at, party)) = to.and_then(|at| Some((at, movement.owners[at]?))) else {
            self.sum.fees += amount;
            return rows.push(self.row(movement, payer, LootTo::Fees, amount));
        };
        let vout = u32::try_from(at).expect("few outputs");
        match movement.outputs[at].note {
            _ if self.carriers.contains(&party) => self.hold(movement, vout, amount),
            Some(note) if !note.withdrawal => {
                *self.owed.entry((note.service, note.customer)).or_default() += amount;
                self.sum.at_services += amount;
            }
            _ => self.sum.to_others += amount,
        }
        rows.push(self.row(movement, payer, LootTo::Party { party, vout }, amount));
    }

    /// Services pay what they owe.
    fn claims(&mut self, movement: &Movement<'_>, rows: &mut Vec<LootRow>) {
        for (vout, (output, owner)) in (0..).zip(movement.outputs.iter().zip(movement.owners)) {
            let Some(note) = output.note.filter(|note| note.withdrawal) else { continue };
            let Some(owed) = self.owed.get_mut(&(note.service, note.customer)) else { continue };
            let Some(party) = owner.filter(|owner| self.carriers.contains(owner)) else { continue };
            let amount = output.value.min(*owed);
            *owed -= amount;
            self.sum.at_services -= amount;
            self.hold(movement, vout, amount);
            rows.push(self.row(movement, note.service, LootTo::Party { party, vout }, amount));
        }
    }

    /// # Panics
    /// When the book does not balance.
    fn checked_sum(&self) -> LootSum {
        let LootSum { stolen, at_rest, at_services, to_others, fees, .. } = self.sum;
        assert_eq!(stolen, at_rest + at_services + to_others + fees, "theft {}", self.sum.theft);
        assert_eq!(at_rest, self.coins.values().sum::<u64>(), "theft {}", self.sum.theft);
        assert_eq!(at_services, self.owed.values().sum::<u64>(), "theft {}", self.sum.theft);
        self.sum
    }
}
