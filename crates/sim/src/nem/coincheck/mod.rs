//! How the theft at Coincheck could have gone on: a made chain in the pattern of what is published, with the truth beside it.
//!
//! **Published**, and kept: the amounts and times of the eleven transfers, the number of onward moves with the first and
//! last times, nine accounts at first and more than twenty in the end, the dust of 30 January, marks that came late and were
//! switched off on 18 March, a shop from 7 February to 22 March at about fifteen per cent below the market, a rush on 16 March,
//! one trader of 24 million XEM in hundreds of trades, deposits in pieces at exchanges.
//! **Made**: every account, key, name, message and hash; all amounts after the theft; who bought, and what became of it.
//! Most blocks that would be empty are left out, so heights are dense and times are not. The network is a private
//! one: no address here occurs on the main network, and no signature here holds there.
//!
//! A story is read by an investigator through its blocks, [`Story::tag_pack`] and [`Story::swaps`]; answers are judged
//! by [`Story::truth`].

mod buyers;
mod cast;
mod control;
mod plan;
mod setup;
mod swaps;
mod tag_pack;
mod tagging;
mod theft;
mod town;
mod traffic;
mod truth;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coinhound_chains::nem::{Block, Hash};

use crate::nem::body;
use crate::nem::coincheck::cast::{Cast, SUPPLY, numbers};
use crate::nem::coincheck::plan::{BEGIN, END, MINUTE, Plan, Step, is_close_up};
use crate::nem::coincheck::swaps::Desk;
use crate::nem::coincheck::tagging::Tagging;
use crate::nem::coincheck::theft::{Sale, sales};
use crate::nem::coincheck::town::{Id, NETWORK, Town, number};
use crate::nem::coincheck::truth::{AccountTruth, LessorTruth, TheftTruth};
use crate::nem::ledger::LINK_DELAY_BLOCKS;
use crate::writer::WriteError;

pub use crate::nem::coincheck::swaps::{Payout, Rate, SwapRecords};
pub use crate::nem::coincheck::truth::{
    AccountTruth as Account, Coin, Customer, DepositTruth, End, EndKind, LessorTruth as Lessor, Owner, Parcel, Price,
    Purpose, Role, Seed, SwapTruth, TagTruth, TheftTruth as Theft, Truth, TxTruth, Use,
};

/// What stands on everything a story writes.
pub const NOTICE: &str = "Made by coinhound-sim: a reconstruction of how the theft at Coincheck could have gone on. \
    Accounts, names, messages and hashes are invented; this is no record of any real chain.";

/// How much of a story is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Some nine hundred transactions: for tests.
    Small,
    /// Some five thousand.
    Full,
}

impl Size {
    fn people(self) -> usize {
        if self == Self::Small { 30 } else { 120 }
    }

    fn buyers(self) -> usize {
        if self == Self::Small { 12 } else { 60 }
    }

    /// Sales to anybody but the largest trader.
    fn large_sales(self) -> usize {
        if self == Self::Small { 36 } else { 280 }
    }

    /// Sales to the largest trader.
    fn small_sales(self) -> usize {
        if self == Self::Small { 12 } else { 200 }
    }

    /// Minutes between blocks at most times.
    fn gap_minutes(self) -> u64 {
        if self == Self::Small { 150 } else { 38 }
    }

    fn ordinary_per_block(self) -> u64 {
        if self == Self::Small { 1 } else { 2 }
    }
}

/// A finished story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Story {
    /// All blocks, from the first on.
    pub blocks: Vec<Block>,
    /// What really happened.
    pub truth: Truth,
    /// The services' accounts as TagPack YAML: what an investigator may know.
    pub tag_pack: String,
    /// The theft's credits, in chain order.
    pub seeds: Vec<Seed>,
    /// What the swap service published.
    pub swaps: SwapRecords,
}

/// Tells the story. Same seed and size, same bytes.
#[must_use]
pub fn story(seed: u64, size: Size) -> Story {
    let mut stage = Stage::new(seed, size);
    let mut time = BEGIN;
    while time < END || stage.town.is_waiting() {
        time = stage.next_time(time);
        stage.play_until(time);
    }
    stage.finish(seed)
}

/// Where [`Story::write`] put things.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoryFiles {
    /// Services and their accounts, as a TagPack: what an investigator may use.
    pub tag_pack: PathBuf,
    /// What the swap service published: what an investigator may use.
    pub swaps: PathBuf,
    /// What really happened: for judging answers, not for finding them.
    pub truth: PathBuf,
}

impl Story {
    /// The hash of the chain's first block, by which it is told from every other.
    ///
    /// # Panics
    /// Never: a story has blocks.
    #[must_use]
    pub fn first_hash(&self) -> Hash {
        self.blocks.first().expect("a story has blocks").hash()
    }

    /// Writes `services.yaml`, `swaps.json` and `truth.json` into a folder; blocks go through a node, or through
    /// [`coinhound_chains::nem::NemLedger`].
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn write(&self, folder: &Path) -> Result<StoryFiles, WriteError> {
        let io = |path: &Path, source| WriteError::Io { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
        let put = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).map_err(|source| io(&path, source)).map(|()| path)
        };
        let swaps = serde_json::to_string_pretty(&self.swaps).expect("plain data");
        let truth = serde_json::to_string_pretty(&self.truth).expect("plain data");
        Ok(StoryFiles {
            tag_pack: put("services.yaml", &self.tag_pack)?,
            swaps: put("swaps.json", &swaps)?,
            truth: put("truth.json", &truth)?,
        })
    }
}

/// Everything while the story goes on.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) size: Size,
    pub(crate) town: Town,
    pub(crate) cast: Cast,
    pub(crate) plan: Plan,
    pub(crate) sales: Vec<Sale>,
    pub(crate) tagging: Tagging,
    pub(crate) desk: Desk,
    /// The height at which the lessor's remote account was linked, while it is.
    pub(crate) linked_at: Option<u64>,
    leased: Vec<u64>,
}

impl Stage {
    fn new(seed: u64, size: Size) -> Self {
        let mut town = Town::new(seed, BEGIN);
        let cast = Cast::new(&mut town, size);
        let sales = sales(&mut town.rng, size.buyers(), size.large_sales(), size.small_sales());
        let mut plan = Plan::script();
        sales.iter().enumerate().for_each(|(nth, sale)| plan.at(sale.time, Step::Sale(nth)));
        let (tagging, desk) = (Tagging::default(), Desk::default());
        Self { size, town, cast, plan, sales, tagging, desk, linked_at: None, leased: vec![] }
    }

    /// When the next block is made. A close-up is never jumped over.
    fn next_time(&mut self, time: u32) -> u32 {
        let rng = &mut self.town.rng;
        if is_close_up(time) {
            return time + u32::try_from(rng.range(35, 85)).expect("seconds");
        }
        let gap = self.size.gap_minutes();
        let gap = u32::try_from(rng.range(gap / 2, gap * 3 / 2)).expect("hours") * MINUTE;
        let minutes = (1..gap / MINUTE).map(|minute| time + minute * MINUTE);
        minutes.into_iter().find(|minute| is_close_up(*minute)).unwrap_or(time + gap)
    }

    fn play_until(&mut self, time: u32) {
        while let Some((at, step)) = self.plan.due(time) {
            self.town.now = at.max(self.town.now);
            self.perform(step);
        }
        if time < END {
            self.ordinary(time);
        }
        self.town.now = time;
        let harvester = self.harvester();
        self.town.close_block(harvester, time);
        self.watch(time);
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::Prepare => self.prepare(),
            Step::Steal(nth) => self.steal(nth),
            Step::Split(nth) => self.split(nth),
            Step::Spread => self.spread(),
            Step::Vault => self.vault(),
            Step::Dust => self.dust(),
            Step::Appeal => self.appeal(),
            Step::Sale(nth) => self.sell(nth),
            Step::Rush => self.rush(),
            Step::Launder => self.launder(),
            Step::Swap => self.swap_loot(),
            Step::Buyer(errand) => self.run_errand(errand),
            Step::FirstMark => self.make_first_mark(),
            Step::Marks => self.make_marks(),
            Step::TagByHand => self.tag_by_hand(),
            Step::Tag(account) => self.tag(account),
            Step::Release(account) => self.release(account),
            Step::GiveBack(account) => self.give_back(account),
            Step::Unlink => self.unlink(),
        }
    }

    /// Who makes the next block: now and then the remote account, once its link holds.
    fn harvester(&mut self) -> Id {
        let height = self.town.writer.next_height();
        let may_lend = self.linked_at.is_some_and(|at| height >= at + LINK_DELAY_BLOCKS);
        if may_lend && self.town.rng.chance(250) {
            self.leased.push(height);
            return self.cast.remote;
        }
        *self.town.rng.pick(&self.cast.harvesters)
    }

    fn finish(self, seed: u64) -> Story {
        let accounts = self.accounts();
        let (swaps, swapped) = self.desk.close(NOTICE);
        let Town { writer, owners, control, blocks, transactions, mut seeds, deposits, .. } = self.town;
        let heights: BTreeMap<_, _> = transactions.iter().map(|tx| (tx.hash.clone(), tx.height)).collect();
        seeds.iter_mut().for_each(|seed| seed.height = heights[&seed.hash]);
        let [victim, thief] = [self.cast.victim.hot, self.cast.thief].map(|id| accounts[id].owner);
        let parcels = control.parcels.clone();
        let stolen = seeds.iter().map(|seed| seed.units).sum();
        let [lessor, remote] = [self.cast.lessor, self.cast.remote].map(number);
        let truth = Truth {
            notice: NOTICE.to_owned(),
            network: NETWORK.byte(),
            seed,
            tip_height: writer.next_height() - 1,
            tip_hash: writer.tip().to_string(),
            supply: SUPPLY,
            owners,
            accounts,
            transactions,
            theft: TheftTruth { victim, thief, seeds: seeds.clone(), stolen, parcels, ends: control.ends() },
            customers: self.cast.customers,
            deposits,
            tags: self.tagging.tags,
            swaps: swapped,
            lessor: LessorTruth { lessor, remote, heights: self.leased },
        };
        Story { blocks, tag_pack: tag_pack::tag_pack(&truth), truth, seeds, swaps }
    }

    fn accounts(&self) -> Vec<AccountTruth> {
        let told = |account: &town::Account| AccountTruth {
            address: account.address.to_string(),
            public_key: account.key.public().to_string(),
            owner: account.owner,
            usage: account.usage,
            cosignatories: numbers(&self.cosignatories(account)),
            balance: self.town.ledger.xem(&account.address),
        };
        let sinks = [body::NAMESPACE_SINK, body::MOSAIC_SINK].into_iter().zip(self.cast.sinks);
        self.town.accounts.iter().map(told).chain(sinks.map(|(key, owner)| self.sink(key, owner))).collect()
    }

    fn sink(&self, key: &str, owner: u32) -> AccountTruth {
        let address = body::sink(key, NETWORK);
        AccountTruth {
            address: address.to_string(),
            public_key: key.to_owned(),
            owner,
            usage: Use::Main,
            cosignatories: vec![],
            balance: self.town.ledger.xem(&address),
        }
    }

    /// All three keys of a shared account, of which two sign.
    fn cosignatories(&self, account: &town::Account) -> Vec<Id> {
        match account.usage {
            Use::Multisig if account.address == self.town.address(self.cast.vault) => self.cast.vault_keys.to_vec(),
            Use::Multisig => cast::keys_after(self.cast.company).collect(),
            _ => vec![],
        }
    }
}
