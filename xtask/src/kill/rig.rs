//! The campaign: which load is killed where, and how often.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use coinhound_model::BlockHash;
use coinhound_store::Family;
use coinhound_store::campaign::tally::Tally;
use coinhound_store::storage::{Dice, DiskStorage};
use coinhound_testkit::evm::ScriptedEvm;

use super::feed::Feed;
use super::left::{self, Tip};
use super::run::{Ended, Start, Target};
use super::stage::Stage;
use super::story::{Chapter, Material, story};
use crate::campaign::{Limits, Outcome};

/// Kills of one chapter before it may run through.
const KILLS_PER_CHAPTER: u32 = 24;

/// The longest wait of an armed load before a step, in microseconds; the killer waits up to twice as long.
const PAUSE_MAX_MICROS: u64 = 3_000;

/// Kills loads until each stage was hit `limits.count` times or time is up.
///
/// A case is a chapter that was loaded to its end and compared, or a kill after which the store was looked at.
///
/// # Errors
/// When files cannot be written or processes not started.
pub fn campaign(limits: &Limits, family: Family) -> Result<Outcome> {
    let rig = kill_all(limits, family, false)?;
    if let Some(folder) = &rig.failed_in {
        println!("   what is left of the failed case lies in `{}`", folder.display());
    }
    Ok(rig.outcome())
}

/// Whether kills show that a manifest is written over the old one instead of being swapped: a test of this test.
///
/// # Errors
/// As [`campaign`].
pub fn overwritten_manifest_shows(limits: &Limits) -> Result<bool> {
    let rig = kill_all(limits, Family::Coins, true)?;
    rig.failed_in.iter().try_for_each(|folder| remove(folder))?;
    Ok(rig.tally.failed > 0)
}

fn kill_all(limits: &Limits, family: Family, in_place: bool) -> Result<Rig<'_>> {
    let dice = Dice::new(limits.seed);
    let tally = Tally::default();
    let mut rig = Rig { limits, family, in_place, dice, hits: [0; 7], lives: 0, chapters: 0, tally, failed_in: None };
    while !rig.enough() && rig.failed_in.is_none() {
        rig.live(limits.seed.wrapping_add(rig.lives))?;
    }
    Ok(rig)
}

struct Rig<'a> {
    limits: &'a Limits,
    /// What kind of store is filled: of coins from block files, of accounts from a node of Ethereum.
    family: Family,
    /// A planted fault: the manifest is written over the old one.
    in_place: bool,
    dice: Dice,
    /// Kills by stage, as [`Stage::ALL`].
    hits: [u64; 7],
    lives: u64,
    chapters: u64,
    tally: Tally,
    /// Where the first failure lies.
    failed_in: Option<PathBuf>,
}

/// A store from its first block on.
struct Life {
    seed: u64,
    folder: PathBuf,
    feed: Feed,
    /// Where the blocks come from, unless from files.
    node: Option<ScriptedEvm>,
    /// The height of the store's first block.
    first: u32,
    /// The best chain by height from there on, and the one before the last chapter.
    best: Vec<BlockHash>,
    before: Vec<BlockHash>,
    /// What the store holds at least.
    floor: Option<Tip>,
}

impl Rig<'_> {
    fn enough(&self) -> bool {
        let wanted = self.stages().into_iter().map(|stage| self.hits[stage.index()]);
        self.limits.over() || wanted.min().is_some_and(|least| least >= self.limits.count)
    }

    /// The stages in which a load of this family can be met: a block from a node is joined in the step that reads it.
    fn stages(&self) -> Vec<Stage> {
        let can = |stage: &Stage| self.family == Family::Coins || *stage != Stage::Join;
        Stage::ALL.into_iter().filter(can).collect()
    }

    fn live(&mut self, seed: u64) -> Result<()> {
        let folder = self.limits.data.join(format!("kill-{seed}"));
        remove(&folder)?;
        let mut chapters = story(self.family, seed);
        let mut life = Life::new(seed, folder, &chapters[0])?;
        for (number, chapter) in chapters.drain(..).enumerate() {
            if number > 0 && self.enough() {
                break;
            }
            self.chapter(&mut life, number, chapter)?;
            if self.tally.failed > 0 {
                self.failed_in = Some(life.folder);
                return Ok(());
            }
        }
        self.lives += 1;
        remove(&life.folder)
    }

    /// Loads one more block file, killed on the way, and compares the store with one that nobody killed.
    fn chapter(&mut self, life: &mut Life, number: usize, chapter: Chapter) -> Result<()> {
        life.publish(number, &chapter.material)?;
        life.before = std::mem::replace(&mut life.best, chapter.best);
        for kills in 0.. {
            let stage = if kills < KILLS_PER_CHAPTER { self.choose(life, number)? } else { None };
            let target = stage.map(|stage| self.target(stage));
            let looked = self.run(life, target).and_then(|ended| life.look(ended).map(|()| ended.killed));
            let failed = looked.is_err();
            if let Ok(Some(stage)) = looked {
                self.hits[stage.index()] += 1;
            }
            let through = matches!(looked, Ok(None));
            let about = || format!("seed {}, chapter {number}, run {kills}, aimed at {target:?}", life.seed);
            self.tally.count(about, told(looked));
            if failed {
                return Ok(());
            }
            if through {
                break;
            }
        }
        self.chapters += 1;
        let same = life.whole().and_then(|want| left::same(&left::content(&life.store())?, &want));
        self.tally.count(|| format!("seed {}, chapter {number}, loaded to its end", life.seed), told(same));
        Ok(())
    }

    /// The stage that was hit least, of those that can be hit now and were not hit often enough.
    fn choose(&mut self, life: &Life, chapter: usize) -> Result<Option<Stage>> {
        if self.limits.over() {
            return Ok(None);
        }
        let mut stages = match chapter {
            0 => self.stages(),
            _ => vec![Stage::Reorganisation],
        };
        stages.retain(|stage| *stage != Stage::Recovery && (*stage != Stage::Reorganisation || chapter > 0));
        if left::has_strays(&life.store())? {
            stages.push(Stage::Recovery);
        }
        stages.retain(|stage| self.hits[stage.index()] < self.limits.count);
        // Recovery can seldom be chosen, so it is whenever it can.
        if stages.contains(&Stage::Recovery) && self.dice.chance(1, 2) {
            return Ok(Some(Stage::Recovery));
        }
        let least = stages.iter().map(|stage| self.hits[stage.index()]).min();
        stages.retain(|stage| Some(self.hits[stage.index()]) == least);
        Ok((!stages.is_empty()).then(|| stages[self.dice.index(stages.len())]))
    }

    /// A step of the stage, early ones more often than late ones, and two waits.
    fn target(&mut self, stage: Stage) -> Target {
        let after = match stage {
            Stage::Recovery => self.dice.below(1 << stage.steps_log2()),
            _ => {
                let most = 1 << (1 + self.dice.below(stage.steps_log2()));
                self.dice.below(most)
            }
        };
        let pause = self.dice.below(PAUSE_MAX_MICROS);
        let delay = self.dice.below(2 * pause + 1);
        Target { stage, after, pause: Duration::from_micros(pause), delay: Duration::from_micros(delay) }
    }

    fn run(&mut self, life: &Life, target: Option<Target>) -> Result<Ended> {
        // With two threads blocks are parsed while others are joined: only one thread is in one stage.
        let alone = target.is_some_and(|target| matches!(target.stage, Stage::Parse | Stage::Join));
        let threads = if alone || self.dice.chance(1, 2) { 1 } else { 2 };
        let batch = 1 + self.dice.below(24);
        Start { feed: &life.feed, store: &life.store(), batch, threads, target, in_place: self.in_place }.run()
    }

    fn outcome(self) -> Outcome {
        let kills: u64 = self.hits.iter().sum();
        let stages = self.stages();
        let from = match self.family {
            Family::Coins => "block files",
            Family::Accounts => "a node of Ethereum",
        };
        let mut outcome =
            Outcome::new(&format!("from {from}: kill -9, then a reader, a check and a restart"), self.tally);
        for stage in stages {
            let hits = self.hits[stage.index()];
            let short = if hits < self.limits.count { " (time was up)" } else { "" };
            outcome = outcome.note(format!("{stage:<15} {hits:>4} kills{short}"));
        }
        let (chapters, lives) = (self.chapters, self.lives);
        outcome.note(format!(
            "{kills} kills; {chapters} loads, of {lives} stores, came to their end with the files of a load that nobody killed"
        ))
    }
}

impl Life {
    /// A folder with an empty store, and what its blocks come from.
    fn new(seed: u64, folder: PathBuf, chapter: &Chapter) -> Result<Self> {
        let (feed, node, first) = match &chapter.material {
            Material::File(_) => (Feed::Files(folder.join("blocks")), None, 0),
            Material::Chain(chain) => {
                let (node, first) = (ScriptedEvm::start(chain), chain[0].header.number + 1);
                (Feed::Node(node.url()), Some(node), u32::try_from(first)?)
            }
        };
        let life = Self { seed, folder, feed, node, first, best: Vec::new(), before: Vec::new(), floor: None };
        DiskStorage::new(life.store()).create_root()?;
        Ok(life)
    }

    /// Puts what a chapter adds where the load finds it.
    fn publish(&self, number: usize, material: &Material) -> Result<()> {
        match (material, &self.feed) {
            (Material::File(bytes), Feed::Files(folder)) => {
                fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
                let path = folder.join(format!("blk{number:05}.dat"));
                fs::write(&path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
            }
            (Material::Chain(chain), _) => {
                self.node.iter().for_each(|node| node.set_chain(chain));
                Ok(())
            }
            (Material::File(_), Feed::Node(_)) => unreachable!("all chapters of a story are of one kind"),
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// Looks at the store after a run: whole, and no older than what was acknowledged.
    fn look(&mut self, ended: Ended) -> Result<()> {
        let acknowledged = ended.committed.map(|height| self.block(height).map(|block| (height, block))).transpose()?;
        let floor = acknowledged.or(self.floor);
        let found = left::tip(&self.store(), self.feed.family())?;
        let Some(tip) = found else {
            ensure!(floor.is_none(), "nothing is left of {floor:?}");
            return Ok(());
        };
        ensure!(found == floor || self.follows(tip, floor), "found {tip:?} where {floor:?} was acknowledged");
        let end = self.end();
        ensure!(ended.killed.is_some() || tip.0 == end, "a load that ran through ended at {tip:?}, not {end}");
        self.floor = found;
        Ok(())
    }

    /// Whether a tip may be found once `floor` was acknowledged: higher on the best chain, or on it where it outranks
    /// the blocks that it displaces.
    fn follows(&self, tip: Tip, floor: Option<Tip>) -> bool {
        let on = |chain: &[BlockHash], tip: Tip| self.on(chain, tip.0) == Some(tip.1);
        match floor {
            None => on(&self.best, tip),
            Some(floor) if on(&self.best, floor) => on(&self.best, tip) && tip.0 > floor.0,
            // A commit that displaces blocks outranks them: it reaches at least as high, and may end below the branch's end.
            Some(floor) => on(&self.before, floor) && on(&self.best, tip) && tip.0 >= floor.0,
        }
    }

    fn block(&self, height: u32) -> Result<BlockHash> {
        let block = self.on(&self.best, height);
        block.with_context(|| format!("height {height} was acknowledged, the chain ends at {}", self.end()))
    }

    /// A chain's block at a height.
    fn on(&self, chain: &[BlockHash], height: u32) -> Option<BlockHash> {
        chain.get(height.checked_sub(self.first)? as usize).copied()
    }

    /// The height of the best chain's newest block.
    fn end(&self) -> u32 {
        self.first + u32::try_from(self.best.len()).expect("a short chain") - 1
    }

    /// The files of a load of the same blocks that nobody kills.
    fn whole(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let store = self.folder.join("whole");
        remove(&store)?;
        let disk = DiskStorage::new(&store);
        disk.create_root()?;
        self.feed.load(Arc::new(disk), 2, u64::MAX, &mut |_| {})?;
        left::content(&store)
    }
}

fn told<T>(result: Result<T>) -> Result<(), String> {
    result.map(drop).map_err(|error| format!("{error:#}"))
}

/// Removes a folder, if it is there.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", folder.display()))
        }
        _ => Ok(()),
    }
}
