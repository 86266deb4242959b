//! What really happened: kept beside the blocks, never inside them.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_chains::bitcoin::{OwnedLock, address_text};
use coinhound_model::TxHash;
use serde::Serialize;

use crate::keys::Slot;
use crate::regtest::params;
use crate::theft::town::{Coin, Payee, Town, Wallet};
use crate::theft::traffic::Cast;

/// What a party is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The exchange that is robbed.
    Victim,
    /// The thief.
    Thief,
    /// An exchange that takes deposits.
    Exchange,
    /// A broker who trades large amounts outside the order books.
    Broker,
    /// A shop.
    Merchant,
    /// A mining pool.
    Miner,
    /// A person.
    Person,
    /// Offers coins for CoinJoins.
    Maker,
    /// Coordinates mixes and takes their fees.
    Coordinator,
}

/// Why a transaction was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A person or a shop pays.
    Payment,
    /// A customer pays in at a service.
    Deposit,
    /// A service collects its deposits.
    Sweep,
    /// A service pays customers out.
    Withdrawal,
    /// A pool pays its members.
    Payout,
    /// A wallet joins its own coins.
    Consolidation,
    /// The thief tries whether the stolen key signs.
    TheftTest,
    /// The thief empties the wallet.
    TheftDrain,
    /// The thief moves loot to new addresses.
    LootSplit,
    /// One hop of a peel chain: a little to an exchange, the rest onwards.
    LootPeel,
    /// Loot is joined with coins that were never stolen.
    LootMerge,
    /// Loot is sold at a discount to strangers.
    LootSale,
    /// Loot is paid in at a service.
    LootDeposit,
    /// Several parties pay equal amounts in one transaction.
    CoinJoin,
    /// Coins are cut to a pool's size before mixing.
    MixEntry,
    /// Five equal coins in, five equal coins out.
    Mix,
}

/// Everything known about the simulated chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Truth {
    /// The chain's CAIP-2 name.
    pub chain: String,
    /// What the chain was made from: same seed, same bytes.
    pub seed: u64,
    /// Height of the last block.
    pub tip_height: u32,
    /// Hash of the last block.
    pub tip_hash: String,
    /// All parties; a party's number is its place here.
    pub owners: Vec<Owner>,
    /// Every locking script that was ever used, with its owner.
    pub scripts: Vec<OwnedScript>,
    /// All transactions but coinbases, in chain order.
    pub transactions: Vec<TxTruth>,
    /// The theft.
    pub theft: TheftTruth,
}

/// One party.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Owner {
    /// A fictional name.
    pub name: String,
    /// What it is.
    pub role: Role,
}

/// One locking script.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OwnedScript {
    /// In hexadecimal.
    pub script: String,
    /// As addresses are printed; locks without an address of their own as `pk:` or `script:` and digits.
    pub address: String,
    /// Number of its owner.
    pub owner: u32,
    /// Whether it is the address its owner shows to everybody.
    pub main: bool,
}

/// One transaction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TxTruth {
    /// As printed.
    pub txid: String,
    /// Height of its block.
    pub height: u32,
    /// Time of its block, seconds since 1970.
    pub time: u32,
    /// Why it was made.
    pub purpose: Purpose,
    /// Owners of its inputs, in input order.
    pub input_owners: Vec<u32>,
    /// Owners of its outputs, in output order; `None` for data.
    pub output_owners: Vec<Option<u32>>,
}

/// The theft and what became of the loot, by who controlled which key.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct TheftTruth {
    /// Number of the robbed party.
    pub victim: u32,
    /// Number of the thief.
    pub thief: u32,
    /// The outputs that received stolen coins, in order.
    pub seeds: Vec<SeedTruth>,
    /// Their sum in satoshi.
    pub stolen: u64,
    /// What the thief owned besides, in satoshi: coins that others paid him.
    pub clean: u64,
    /// What the thief paid out as the only payer, in satoshi, by the receiver's number.
    pub paid: BTreeMap<u32, u64>,
    /// Miners' fees of those transactions, in satoshi.
    pub fees: u64,
    /// What mixes cost the thief, in satoshi: put in less taken out.
    pub mixing_cost: u64,
    /// What the thief's keys hold at the end, in satoshi.
    pub at_rest: u64,
    /// The coins they hold.
    pub resting: Vec<CoinTruth>,
}

/// One stolen output.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SeedTruth {
    /// As printed.
    pub txid: String,
    /// Output index.
    pub vout: u32,
    /// In satoshi.
    pub value: u64,
}

/// One unspent output.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CoinTruth {
    /// As printed.
    pub txid: String,
    /// Output index.
    pub vout: u32,
    /// In satoshi.
    pub value: u64,
}

/// What the town writes down while it lives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) slots: BTreeSet<Slot>,
    pub(crate) transactions: Vec<TxTruth>,
    pub(crate) theft: TheftTruth,
}

/// One transaction as it is made.
pub(crate) struct Flow<'a> {
    pub(crate) txid: TxHash,
    pub(crate) height: u32,
    pub(crate) time: u32,
    pub(crate) purpose: Purpose,
    pub(crate) coins: &'a [Coin],
    pub(crate) outputs: &'a [(Payee, u64)],
}

/// Puts together what is known when the chain ends.
pub(crate) fn conclude(town: &Town, cast: &Cast, seed: u64) -> Truth {
    let (tip_hash, tip_height) = town.tip();
    let owners = town.wallets.iter().map(|wallet| Owner { name: wallet.name.clone(), role: wallet.role }).collect();
    let resting: Vec<_> = town.wallets[cast.thief as usize].coins.iter().map(CoinTruth::of).collect();
    let at_rest = resting.iter().map(|coin| coin.value).sum();
    Truth {
        chain: params().chain_id().to_string(),
        seed,
        tip_height,
        tip_hash: tip_hash.to_string(),
        owners,
        scripts: town.notes.slots.iter().map(|slot| owned_script(town, *slot)).collect(),
        transactions: town.notes.transactions.clone(),
        theft: TheftTruth { victim: cast.victim, thief: cast.thief, at_rest, resting, ..town.notes.theft.clone() },
    }
}

fn owned_script(town: &Town, slot: Slot) -> OwnedScript {
    let lock = town.lock(slot);
    let script = lock.iter().map(|byte| format!("{byte:02x}")).collect();
    let address = address_text(OwnedLock::of_script(&lock).as_lock(), params());
    OwnedScript { script, address, owner: slot.owner, main: slot.index == 0 }
}

impl CoinTruth {
    fn of(coin: &Coin) -> Self {
        Self { txid: coin.outpoint.txid.to_string(), vout: coin.outpoint.index, value: coin.value }
    }
}

impl Purpose {
    /// Whether the transaction steals.
    #[must_use]
    pub fn is_theft(self) -> bool {
        matches!(self, Self::TheftTest | Self::TheftDrain)
    }
}

impl Notes {
    /// Notes that an address is in use.
    pub(crate) fn slot(&mut self, slot: Slot) {
        self.slots.insert(slot);
    }

    /// Notes one transaction.
    pub(crate) fn transaction(&mut self, flow: &Flow<'_>, wallets: &[Wallet]) {
        self.transactions.push(flow.truth());
        flow.outputs.iter().filter_map(|(payee, _)| payee.slot()).for_each(|slot| self.slot(slot));
        if let Some(thief) = (0..).zip(wallets).find(|(_, wallet)| wallet.role == Role::Thief).map(|(number, _)| number)
        {
            self.thief_ledger(flow, thief);
        }
    }

    fn thief_ledger(&mut self, flow: &Flow<'_>, thief: u32) {
        let put_in: u64 = flow.coins.iter().filter(|coin| coin.slot.owner == thief).map(|coin| coin.value).sum();
        let taken_out: u64 = flow.paid_to(thief);
        let sole = flow.coins.iter().all(|coin| coin.slot.owner == thief);
        match (put_in, sole) {
            (0, _) if flow.purpose.is_theft() => self.stolen(flow, thief),
            (0, _) => self.theft.clean += taken_out,
            (_, true) => self.paid_out(flow, thief),
            (_, false) => self.theft.mixing_cost += put_in - taken_out,
        }
    }

    fn stolen(&mut self, flow: &Flow<'_>, thief: u32) {
        for (vout, (payee, value)) in (0..).zip(flow.outputs) {
            if payee.owner() == Some(thief) {
                self.theft.seeds.push(SeedTruth { txid: flow.txid.to_string(), vout, value: *value });
                self.theft.stolen += value;
            }
        }
    }

    fn paid_out(&mut self, flow: &Flow<'_>, thief: u32) {
        let total: u64 = flow.coins.iter().map(|coin| coin.value).sum();
        let paid: u64 = flow.outputs.iter().map(|(_, value)| value).sum();
        self.theft.fees += total - paid;
        for (payee, value) in flow.outputs {
            if let Some(owner) = payee.owner().filter(|owner| *owner != thief) {
                *self.theft.paid.entry(owner).or_default() += value;
            }
        }
    }
}

impl Flow<'_> {
    fn truth(&self) -> TxTruth {
        TxTruth {
            txid: self.txid.to_string(),
            height: self.height,
            time: self.time,
            purpose: self.purpose,
            input_owners: self.coins.iter().map(|coin| coin.slot.owner).collect(),
            output_owners: self.outputs.iter().map(|(payee, _)| payee.owner()).collect(),
        }
    }

    fn paid_to(&self, owner: u32) -> u64 {
        self.outputs.iter().filter(|(payee, _)| payee.owner() == Some(owner)).map(|(_, value)| value).sum()
    }
}

impl Payee {
    /// The address, for outputs that pay one.
    pub(crate) fn slot(&self) -> Option<Slot> {
        match self {
            Self::Slot(slot) => Some(*slot),
            Self::Data(_) => None,
        }
    }

    /// Number of the party that is paid.
    pub(crate) fn owner(&self) -> Option<u32> {
        self.slot().map(|slot| slot.owner)
    }
}
