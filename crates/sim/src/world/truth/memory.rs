//! Truth kept in memory, for tests and small worlds.

use crate::world::truth::{LootRow, LootSum, OwnerRow, ScriptRow, ServiceRow, TheftRow, TruthSink, TxRow};

/// All rows of a world.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MemorySink {
    /// Parties; a party's number is its place.
    pub owners: Vec<OwnerRow>,
    /// Scripts in order of issue.
    pub scripts: Vec<ScriptRow>,
    /// Transactions in chain order.
    pub transactions: Vec<TxRow>,
    /// Services' books in chain order.
    pub services: Vec<ServiceRow>,
    /// Thefts in order of beginning.
    pub thefts: Vec<TheftRow>,
    /// Movements of loot in chain order.
    pub loot: Vec<LootRow>,
    /// Where the loot is at the end.
    pub loot_sums: Vec<LootSum>,
}

impl TruthSink for MemorySink {
    fn owner(&mut self, row: &OwnerRow) {
        self.owners.push(row.clone());
    }
    fn script(&mut self, row: &ScriptRow) {
        self.scripts.push(row.clone());
    }
    fn transaction(&mut self, row: &TxRow) {
        self.transactions.push(row.clone());
    }
    fn service(&mut self, row: &ServiceRow) {
        self.services.push(*row);
    }
    fn theft(&mut self, row: &TheftRow) {
        self.thefts.push(row.clone());
    }
    fn loot(&mut self, row: &LootRow) {
        self.loot.push(*row);
    }
    fn loot_sum(&mut self, row: &LootSum) {
        self.loot_sums.push(*row);
    }
}
