//! One theft with known truth: a town goes about its business, an exchange's hot wallet is emptied in
//! the night of 26 January 2018, and the thief spreads the loot for two days.
//!
//! The loot goes six ways: it rests; runs down a peel chain into an exchange; is merged with honest coins
//! and sold to a broker; is sold to strangers; passes CoinJoins; is mixed in a pool. What the thief
//! did is in [`Truth`]; what an investigator could know of services is in [`tag_pack`].

mod mixing;
mod plan;
mod story;
mod tag_pack;
mod town;
mod traffic;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};

use crate::block::Sealed;
use crate::regtest::INTERVAL_SECS;
use crate::theft::plan::{BEGIN, END, Plan};
use crate::theft::story::Story;
use crate::theft::town::Town;
use crate::theft::traffic::{Cast, ordinary_block};
use crate::writer::{BlockWriter, Layout, WriteError, Written};

pub use crate::theft::tag_pack::tag_pack;
pub use crate::theft::truth::{CoinTruth, OwnedScript, Owner, Purpose, Role, SeedTruth, TheftTruth, Truth, TxTruth};

/// What the town is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Same seed, same bytes.
    pub seed: u64,
    /// Persons in town, besides shops, services and the thief; at least ten.
    pub people: u32,
    /// Every so many blocks a rival block is found that nobody builds on; 0 for never.
    pub stale_every: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 2018, people: 150, stale_every: 90 }
    }
}

/// The finished chain and the truth about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heist {
    /// All blocks from genesis on in the order a node would have met them, stale ones among them.
    pub blocks: Vec<Sealed>,
    /// What really happened.
    pub truth: Truth,
}

/// Where [`Heist::write`] put things.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeistFiles {
    /// The folder of block files, as a node keeps them.
    pub blocks: PathBuf,
    /// Services and their addresses: all that an investigator may use.
    pub tag_pack: PathBuf,
    /// What really happened: for judging answers, not for finding them.
    pub truth: PathBuf,
    /// How much was written.
    pub written: Written,
}

/// Simulates the whole story.
#[must_use]
pub fn heist(options: &Options) -> Heist {
    let mut town = Town::new(options.seed, BEGIN);
    let cast = Cast::new(&mut town, options.people.max(10));
    let mut story = Story { town, cast, plan: Plan::script() };
    while story.town.time() < END {
        story.perform_due();
        let open = story.victim_open();
        ordinary_block(&mut story.town, &story.cast, open);
        close_block(&mut story, options.stale_every);
    }
    finish(story, options.seed)
}

fn close_block(story: &mut Story, stale_every: u32) {
    let town = &mut story.town;
    let [first, second] = story.cast.miners;
    let (miner, rival) = if town.rng.chance(600) { (first, second) } else { (second, first) };
    let ordinary = town.time() + u32::try_from(town.rng.draw(INTERVAL_SECS)).expect("below an hour");
    let fixed = story.plan.next_on_the_minute().filter(|time| *time > town.time());
    let next = fixed.map_or(ordinary, |time| ordinary.min(time));
    let stale = stale_every > 0 && town.height().is_multiple_of(stale_every);
    town.close_block(miner, stale.then_some(rival), next);
}

fn finish(story: Story, seed: u64) -> Heist {
    let truth = truth::conclude(&story.town, &story.cast, seed);
    Heist { blocks: story.town.blocks, truth }
}

impl Heist {
    /// Writes `blocks/`, `services.yaml` (a TagPack) and `truth.json` into a folder.
    ///
    /// # Errors
    /// As [`BlockWriter`].
    pub fn write(&self, folder: &Path, layout: Layout) -> Result<HeistFiles, WriteError> {
        let blocks = folder.join("blocks");
        let mut writer = BlockWriter::create(&blocks, layout)?;
        self.blocks.iter().try_for_each(|block| writer.write(block.clone()))?;
        let written = writer.finish()?;
        let tag_pack = put(folder.join("services.yaml"), &tag_pack(&self.truth))?;
        let truth = serde_json::to_string_pretty(&self.truth).expect("plain data with string keys");
        Ok(HeistFiles { blocks, tag_pack, truth: put(folder.join("truth.json"), &truth)?, written })
    }
}

fn put(path: PathBuf, text: &str) -> Result<PathBuf, WriteError> {
    fs::write(&path, text).map_err(|source| WriteError::Io { path: path.clone(), source })?;
    Ok(path)
}
