//! What really happened, told row by row while the blocks are made, and kept apart from them.
//!
//! Rows come in the order of the chain, those of a block together. Whoever listens decides what to
//! keep: a folder of tables ([`FolderSink`]), everything in memory ([`MemorySink`]), nothing ([`NoTruth`]).

mod folder;
mod kinds;
mod memory;

use coinhound_model::TxHash;

pub use crate::world::truth::folder::{FolderSink, TruthError};
pub use crate::world::truth::kinds::{Kind, Part, Purpose};
pub use crate::world::truth::memory::MemorySink;

/// One party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerRow {
    /// Its number.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
    /// A fictional name.
    pub name: String,
}

/// One locking script, told when its owner issues it: before the first coin it locks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptRow {
    /// The locking script.
    pub script: Vec<u8>,
    /// Number of the party whose key opens it.
    pub owner: u32,
    /// What the owner uses it for.
    pub part: Part,
}

/// One output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutputTruth {
    /// Whose it is; `None` for data.
    pub owner: Option<u32>,
    /// Who put it into the transaction: the payer of an ordinary one, a participant of a common one.
    pub by: u32,
    /// What the wallet of `by` gave back to itself because its coins were larger than what it meant to pay.
    pub change: bool,
}

/// What one party brought into a common transaction, and what it asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Participant {
    /// The party.
    pub party: u32,
    /// Sum of its coins, in satoshi.
    pub paid_in: u64,
    /// Sum of the outputs it put in, in satoshi.
    pub asked_out: u64,
}

/// One transaction that is not a coinbase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TxRow {
    /// Height of its block.
    pub height: u32,
    /// Its place in the block; the coinbase has 0.
    pub position: u32,
    /// Its name.
    pub txid: TxHash,
    /// Why it was made.
    pub purpose: Purpose,
    /// Owner of each input.
    pub inputs: Vec<u32>,
    /// Each output.
    pub outputs: Vec<OutputTruth>,
    /// Of a transaction of several parties, all of them in order of number; otherwise empty.
    pub participants: Vec<Participant>,
}

/// What a service's books say about one output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServiceRow {
    /// The transaction.
    pub txid: TxHash,
    /// Its output.
    pub vout: u32,
    /// The service.
    pub service: u32,
    /// Its customer.
    pub customer: u32,
    /// True where the service pays out, false where the customer pays in.
    pub withdrawal: bool,
    /// In satoshi.
    pub value: u64,
}

/// Where stolen value goes in one movement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LootTo {
    /// Under the control of this party, at this output.
    Party {
        /// Who holds it now.
        party: u32,
        /// Where.
        vout: u32,
    },
    /// To miners, and to those who ask a share for taking part in a common transaction.
    Fees,
}

/// One movement of stolen value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LootRow {
    /// Number of the theft.
    pub theft: u32,
    /// The transaction.
    pub txid: TxHash,
    /// Who controlled it before: the victim, a carrier, or a service that pays a claim.
    pub from: u32,
    /// Where it goes.
    pub to: LootTo,
    /// In satoshi.
    pub amount: u64,
}

/// One theft, told when it begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TheftRow {
    /// Its number.
    pub theft: u32,
    /// Name of its script.
    pub script: &'static str,
    /// Height of its first block.
    pub height: u32,
    /// Who is robbed.
    pub victim: u32,
    /// The thief first, then all who carry loot for him.
    pub carriers: Vec<u32>,
}

/// Where a theft's loot is when the chain ends. The four places sum to what was stolen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LootSum {
    /// Number of the theft.
    pub theft: u32,
    /// What the thief's first outputs were worth, in satoshi.
    pub stolen: u64,
    /// Still in coins of the carriers.
    pub at_rest: u64,
    /// At services, where the carriers are customers.
    pub at_services: u64,
    /// Paid to others.
    pub to_others: u64,
    /// Paid to miners and for the service of common transactions.
    pub fees: u64,
}

/// Hears the truth while a world is made.
pub trait TruthSink {
    /// Whether anything is kept; where not, rows are not even made.
    fn listens(&self) -> bool {
        true
    }
    /// A party.
    fn owner(&mut self, row: &OwnerRow);
    /// A script.
    fn script(&mut self, row: &ScriptRow);
    /// A transaction.
    fn transaction(&mut self, row: &TxRow);
    /// An entry of a service's books.
    fn service(&mut self, row: &ServiceRow);
    /// A theft begins.
    fn theft(&mut self, row: &TheftRow);
    /// A movement of loot.
    fn loot(&mut self, row: &LootRow);
    /// The end of a theft's books.
    fn loot_sum(&mut self, row: &LootSum);
}

/// Keeps nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoTruth;

impl TruthSink for NoTruth {
    fn listens(&self) -> bool {
        false
    }
    fn owner(&mut self, _: &OwnerRow) {}
    fn script(&mut self, _: &ScriptRow) {}
    fn transaction(&mut self, _: &TxRow) {}
    fn service(&mut self, _: &ServiceRow) {}
    fn theft(&mut self, _: &TheftRow) {}
    fn loot(&mut self, _: &LootRow) {}
    fn loot_sum(&mut self, _: &LootSum) {}
}

/// Rows of the block in the making, in order of telling within each table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) owners: Vec<OwnerRow>,
    pub(crate) scripts: Vec<ScriptRow>,
    pub(crate) transactions: Vec<TxRow>,
    pub(crate) services: Vec<ServiceRow>,
    pub(crate) thefts: Vec<TheftRow>,
    pub(crate) loot: Vec<LootRow>,
}

impl Page {
    /// Tells everything and is empty again.
    pub(crate) fn tell(&mut self, sink: &mut impl TruthSink) {
        self.owners.drain(..).for_each(|row| sink.owner(&row));
        self.scripts.drain(..).for_each(|row| sink.script(&row));
        self.transactions.drain(..).for_each(|row| sink.transaction(&row));
        self.services.drain(..).for_each(|row| sink.service(&row));
        self.thefts.drain(..).for_each(|row| sink.theft(&row));
        self.loot.drain(..).for_each(|row| sink.loot(&row));
    }
}
