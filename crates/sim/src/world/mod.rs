//! A world whose truth is known: a stream of sealed blocks from one seed and one profile, and beside
//! it the truth about every script, coin and theft, told to a [`TruthSink`].
//!
//! Agents know what their software would know: their coins, the height, the fee rate, what others
//! ask them to pay. Nobody here asks what a heuristic would say. Every coin moves through one
//! function (`Ledger::spend`), which also tells the truth, so no agent can spend without telling.
//!
//! In reading order: [`Profile`] and [`Era`] say what there is, `habits` and `wallet` how software
//! behaves, `ledger` and `pay` how coins move, `loot` who controls what was stolen; then the agents, each a file;
//! `theft` with its scripts; [`shape`] compares the result with real blocks.

mod era;
mod exchange;
mod game;
mod habits;
mod joins;
mod ledger;
mod loot;
mod mixer;
mod noise;
mod pay;
mod people;
mod pool;
mod profile;
mod scene;
pub mod shape;
mod shop;
mod swap;
mod theft;
pub mod truth;
mod wallet;

use crate::block::Sealed;
use crate::regtest::INTERVAL_SECS;
use crate::world::ledger::Ledger;
use crate::world::scene::Scene;
use crate::world::truth::{Kind, LootSum, NoTruth, Part, ScriptRow, TruthSink};

pub use crate::world::era::Era;
pub use crate::world::profile::{Act, JoinRates, Profile};
pub use crate::world::theft::{Drain, Knobs, Leg, Plan};

/// A chain as it grows: an iterator over its blocks from genesis on. The same profile and seed give the
/// same blocks, whoever listens to the truth.
#[derive(Debug)]
pub struct World<S = NoTruth> {
    scene: Scene,
    sink: S,
    next_height: u32,
    ended: bool,
}

/// What a world takes and gave at some moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Parties.
    pub parties: u32,
    /// Unspent coins.
    pub coins: usize,
    /// Bytes of memory for coins and wallets, unused room of their lists included.
    pub state_bytes: usize,
}

impl World {
    /// A world that nobody listens to.
    #[must_use]
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self::telling(profile, seed, NoTruth)
    }
}

impl<S: TruthSink> World<S> {
    /// A world that tells `sink` the truth.
    #[must_use]
    pub fn telling(profile: Profile, seed: u64, sink: S) -> Self {
        let tells = sink.listens();
        let mut ledger = Ledger::new(seed, profile.begin, profile.era.customs().fee_rate, tells);
        let genesis = ledger.join(Kind::Genesis, || "genesis".to_owned());
        if tells {
            let script = crate::regtest::genesis_coinbase().outputs.remove(0).script;
            ledger.page.scripts.push(ScriptRow { script, owner: genesis, part: Part::Mined });
        }
        Self { scene: Scene::new(profile, ledger), sink, next_height: 0, ended: false }
    }

    /// What each party owns now, by number, in satoshi; the genesis block's coin, which nobody can spend, not counted.
    #[must_use]
    pub fn balances(&self) -> Vec<u64> {
        self.scene.ledger.balances()
    }

    /// Where the loot of each theft is now.
    ///
    /// # Panics
    /// When a theft's book does not balance, which is a bug.
    #[must_use]
    pub fn loot(&self) -> Vec<LootSum> {
        self.scene.ledger.books.sums().collect()
    }

    /// What the world takes now.
    #[must_use]
    pub fn size(&self) -> Size {
        let ledger = &self.scene.ledger;
        Size { parties: ledger.parties(), coins: ledger.coin_count(), state_bytes: ledger.state_bytes() }
    }

    /// Ends the telling and returns who listened.
    pub fn into_truth(mut self) -> S {
        self.conclude();
        self.sink
    }

    fn conclude(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.scene.ledger.page.tell(&mut self.sink);
            self.loot().iter().for_each(|sum| self.sink.loot_sum(sum));
        }
    }

    fn next_block(&mut self) -> Sealed {
        if self.next_height == 0 {
            return Sealed::genesis();
        }
        self.scene.block();
        let ledger = &mut self.scene.ledger;
        let nth = ledger.rng.index(self.scene.pools.len());
        let to = self.scene.pools[nth].target(ledger);
        let interval = u32::try_from(ledger.rng.draw(INTERVAL_SECS)).expect("below an hour");
        self.scene.time += interval;
        ledger.close_block(to, &format!("/pool {}/", nth + 1), self.scene.time)
    }
}

impl<S: TruthSink> Iterator for World<S> {
    type Item = Sealed;

    fn next(&mut self) -> Option<Sealed> {
        if self.next_height > self.scene.profile.blocks {
            self.conclude();
            return None;
        }
        let block = self.next_block();
        self.next_height += 1;
        self.scene.ledger.page.tell(&mut self.sink);
        Some(block)
    }
}
