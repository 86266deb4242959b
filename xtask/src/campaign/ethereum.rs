//! Stores that a node of Ethereum fills: stops, power losses, damage and branches, each against the bytes of a load that
//! nothing disturbed.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use coinhound_chains::evm::json::parse_receipts;
use coinhound_chains::evm::rows::rows;
use coinhound_chains::evm::trace::parse_call_tracer;
use coinhound_chains::evm::{Block, ChainRules};
use coinhound_ingest::Control;
use coinhound_ingest::accounts::AccountSession;
use coinhound_ingest::evm::{EvmOptions, EvmProgress, evm_chain, load_evm};
use coinhound_model::{AccountBlock, AccountLedger};
use coinhound_sim::Rng;
use coinhound_sim::evm::{EvmBlock, Traffic, json};
use coinhound_store::campaign::damage::{DamageReport, cuts_of, flips_of};
use coinhound_store::campaign::rig::files;
use coinhound_store::campaign::tally::Tally;
use coinhound_store::manifest::MANIFEST;
use coinhound_store::storage::{Failure, SimDisk, Storage};
use coinhound_store::{AccountView, Family};
use coinhound_testkit::evm::{ScriptedEvm, Served};

use super::Limits;
use super::outcome::{Outcome, in_portions};
use crate::kill;

/// The deepest branch, in blocks.
const DEPTH_MAX: usize = 24;
/// Blocks of the longest chain, the one below the store's first included.
const BLOCKS_MAX: usize = 64;
/// Branches of one story before the next.
const PAIRS_PER_STORY: u64 = 10;
/// Flips and cuts in one store before the next is made.
const DAMAGE_PER_STORE: u64 = 250;
/// Rows of a batch where a load is to have many commits.
const BATCH_ROWS: usize = 60;

/// A store's files, but this machine's own.
type Files = BTreeMap<String, Vec<u8>>;

/// A written chain, with its blocks as rows.
struct Tale {
    chain: Served,
    rows: Vec<AccountBlock>,
}

impl Tale {
    fn of(chain: Served) -> Result<Self> {
        let rows = chain[1..].iter().map(|block| as_rows(block)).collect::<Result<_>>()?;
        Ok(Self { chain, rows })
    }

    fn new(seed: u64, blocks: usize) -> Result<Self> {
        Self::of(Traffic::mainnet(seed).blocks(blocks))
    }

    /// The files that its first blocks leave when no node is asked.
    fn files(&self, blocks: usize) -> Result<Files> {
        let disk = SimDisk::new();
        self.put(&disk, blocks)?;
        Ok(files(&disk))
    }

    fn put(&self, disk: &SimDisk, blocks: usize) -> Result<()> {
        let chain = evm_chain(ChainRules::default());
        let mut session = AccountSession::open(Arc::new(disk.clone()), chain, kill::options(1)?.accounts)?;
        self.rows[..blocks].iter().try_for_each(|block| session.push(block).map(drop))?;
        session.finish()?;
        Ok(())
    }
}

fn as_rows(block: &EvmBlock) -> Result<AccountBlock> {
    let checked = Block::check(&block.parts, block.chain)?;
    let receipts = parse_receipts(&json::receipts(block).to_string())?;
    let traces = parse_call_tracer(&json::call_tracer(block).to_string())?;
    Ok(rows(&checked, &receipts, Some(&traces))?.block)
}

/// Loads what a node has; every commit's height is told.
fn load(node: &ScriptedEvm, disk: &SimDisk, options: &EvmOptions, told: &mut dyn FnMut(u32)) -> Result<u64> {
    let storage = Arc::new(disk.clone());
    let outcome = load_evm(&mut kill::client(&node.url())?, storage, options, &mut |progress| {
        if let EvmProgress::Committed(committed) = &progress {
            told(committed.tip.0);
        }
        Control::Go
    });
    Ok(outcome?.accounts.removed)
}

fn same(got: &SimDisk, want: &Files, about: &str) -> Result<()> {
    kill::same(&files(got), want).with_context(|| about.to_owned())
}

fn count(tally: &mut Tally, name: String, outcome: Result<()>) {
    tally.count(|| name, outcome.map_err(|error| format!("{error:#}")));
}

/// A branch takes the place of another, then the first comes back longer: each time the files of a load that never saw the
/// other.
pub fn reorganisations(limits: &Limits) -> Outcome {
    let mut deepest = 0;
    let about = "a node of Ethereum: branches by chance, there and back";
    let outcome = in_portions(limits, about, limits.count, |seed, left| {
        let mut tally = Tally::default();
        let pairs = (0..left.min(PAIRS_PER_STORY)).map(|pair| branch(seed, pair));
        for (pair, outcome) in pairs.enumerate() {
            deepest = deepest.max(*outcome.as_ref().unwrap_or(&0));
            count(&mut tally, format!("seed {seed}, pair {pair}"), outcome.map(drop));
        }
        tally
    });
    outcome.note(format!("the deepest displaced {deepest} blocks"))
}

/// One pair; how many blocks the branch displaced.
fn branch(seed: u64, pair: u64) -> Result<u64> {
    let mut rng = Rng::new(seed.wrapping_mul(1_000) + pair);
    let depth = 1 + rng.index(DEPTH_MAX);
    let height = depth + 2 + rng.index(BLOCKS_MAX - 2 * DEPTH_MAX);
    let more = rng.index(4);
    let mut story = Traffic::mainnet(seed);
    let mut other = story.blocks(height - depth);
    let one = Tale::of(other.iter().cloned().chain(story.clone().blocks(depth + more)).collect())?;
    story.reseed(rng.next_u64());
    other.extend(story.blocks(depth + more));
    let other = Tale::of(other)?;

    let (node, disk) = (ScriptedEvm::start(&other.chain), SimDisk::new());
    let mut options = kill::options(1)?;
    options.accounts.batch_rows = if rng.chance(500) { BATCH_ROWS } else { usize::MAX };
    one.put(&disk, height - 1)?;
    let removed = load(&node, &disk, &options, &mut |_| {})?;
    ensure!(removed == depth as u64, "{removed} blocks were displaced, not {depth}");
    same(&disk, &other.files(other.rows.len())?, "the branch")?;
    node.set_chain(&one.chain);
    load(&node, &disk, &options, &mut |_| {})?;
    same(&disk, &one.files(one.rows.len())?, "the first chain again")?;
    Ok(removed)
}

/// A load that is stopped after a block, and goes on: at each stop the files of the blocks so far.
pub fn stops(limits: &Limits) -> Outcome {
    in_portions(
        limits,
        "a node of Ethereum: a load is stopped after a block, and goes on",
        limits.count,
        |seed, left| {
            let mut tally = Tally::default();
            let outcomes = (1..u64::MAX).map(|step| stop(seed, step)).take(usize::try_from(left.min(4)).unwrap_or(4));
            outcomes.enumerate().for_each(|(step, outcome)| {
                count(&mut tally, format!("seed {seed}, step {step}"), outcome);
            });
            tally
        },
    )
}

/// Stops after every few blocks until the end.
fn stop(seed: u64, step: u64) -> Result<()> {
    let mut rng = Rng::new(seed.wrapping_mul(31) + step);
    let tale = Tale::new(seed, 20 + rng.index(BLOCKS_MAX - 20))?;
    let (node, disk, options) = (ScriptedEvm::start(&tale.chain), SimDisk::new(), kill::options(1)?);
    let mut stored = 0;
    while stored < tale.rows.len() {
        let mut left = 1 + rng.index(20);
        let storage = Arc::new(disk.clone());
        let outcome = load_evm(&mut kill::client(&node.url())?, storage, &options, &mut |progress| {
            left -= usize::from(matches!(progress, EvmProgress::Block { .. }));
            if left == 0 { Control::Stop } else { Control::Go }
        })?;
        ensure!(outcome.accounts.added > 0, "nothing was added above {stored} blocks");
        stored += usize::try_from(outcome.accounts.added)?;
        same(&disk, &tale.files(stored)?, &format!("stopped after {stored} blocks"))?;
    }
    Ok(())
}

/// Power goes at an operation of a load and of a branch's coming: a reader finds the last acknowledged commit or the next,
/// and the load that follows leaves the files of one that nothing disturbed.
pub fn power_loss(limits: &Limits) -> Outcome {
    in_portions(limits, "a node of Ethereum: power loss while it is read", limits.count, |seed, left| {
        let mut tally = Tally::default();
        match losses(seed, left, &mut tally) {
            Ok(()) => tally,
            Err(error) => {
                count(&mut tally, format!("seed {seed}"), Err(error));
                tally
            }
        }
    })
}

fn losses(seed: u64, left: u64, tally: &mut Tally) -> Result<()> {
    let mut rng = Rng::new(seed);
    let one = Tale::new(seed, 30)?;
    let mut story = Traffic::mainnet(seed);
    let mut other = story.blocks(18);
    story.reseed(seed + 1);
    other.extend(story.blocks(14));
    let other = Tale::of(other)?;
    let mut options = kill::options(1)?;
    options.accounts.batch_rows = BATCH_ROWS;
    let node = ScriptedEvm::start(&one.chain);
    let life = |disk: &SimDisk, told: &mut dyn FnMut(u32)| -> Result<()> {
        node.set_chain(&one.chain);
        load(&node, disk, &options, told)?;
        node.set_chain(&other.chain);
        load(&node, disk, &options, told).map(drop)
    };
    let whole = SimDisk::new();
    life(&whole, &mut |_| {})?;
    let (ops, want) = (whole.ops(), other.files(other.rows.len())?);
    same(&whole, &want, "undisturbed")?;
    for _ in 0..left.min(100) {
        let (op, chance) = (rng.below(ops), rng.next_u64());
        let outcome = loss(op, chance, &life, &want);
        count(tally, format!("seed {seed}, operation {op}, chance {chance}"), outcome);
    }
    Ok(())
}

type Life<'l> = dyn Fn(&SimDisk, &mut dyn FnMut(u32)) -> Result<()> + 'l;

fn loss(op: u64, chance: u64, life: &Life<'_>, want: &Files) -> Result<()> {
    let disk = SimDisk::new();
    disk.fail_at(op, Failure::Power);
    let mut acknowledged = None;
    let ended = life(&disk, &mut |tip| acknowledged = Some(tip));
    // The last operation may be one whose failure nobody needs to hear of.
    ensure!(ended.is_err() || acknowledged.is_some(), "nothing happened");
    let disk = disk.crash(chance);
    let found = match disk.length(MANIFEST) {
        Err(error) if error.is_not_found() => None,
        _ => {
            let view = AccountView::open(&disk).context("a reader cannot open the store")?;
            view.health().context("a reader met damage")?;
            Some(view.as_of().height.0)
        }
    };
    ensure!(found >= acknowledged, "found {found:?} where {acknowledged:?} was acknowledged");
    life(&disk, &mut |_| {}).context("after the power came back")?;
    same(&disk, want, "after the power came back")
}

/// Bits flip in stores that a node filled.
pub fn flips(limits: &Limits) -> Outcome {
    damaged(limits, "a node of Ethereum: a bit flips anywhere in its store", limits.count, flips_of)
}

/// Files of stores that a node filled are cut.
pub fn cuts(limits: &Limits, count: u64) -> Outcome {
    damaged(limits, "a node of Ethereum: a file of its store is cut", count, cuts_of)
}

type Damage = fn(SimDisk, Family, u64, u64) -> DamageReport;

fn damaged(limits: &Limits, about: &str, wanted: u64, damage: Damage) -> Outcome {
    let (mut met, mut rebuilt) = (0, 0);
    let outcome = in_portions(limits, about, wanted, |seed, left| match filled(seed) {
        Ok(disk) => {
            let report = damage(disk, Family::Accounts, seed, left.min(DAMAGE_PER_STORE));
            met += report.met;
            rebuilt += report.rebuilt;
            report.tally
        }
        Err(error) => {
            let mut tally = Tally::default();
            count(&mut tally, format!("seed {seed}"), Err(error));
            tally
        }
    });
    outcome.note(format!("{met} met by a reader that asked everything, {rebuilt} derived tables made anew"))
}

/// A store with a base, segments and overlays, filled by a node.
fn filled(seed: u64) -> Result<SimDisk> {
    let chain = Traffic::mainnet(seed).blocks(40);
    let (node, disk, options) = (ScriptedEvm::start(&chain), SimDisk::new(), kill::options(1)?);
    load(&node, &disk, &options, &mut |_| {})?;
    let stored = AccountView::open(&disk).map_err(|error| anyhow!("{error}"))?.as_of().height.0;
    ensure!(u64::from(stored) == chain.last().map_or(0, |block| block.header.number), "it is not whole");
    Ok(disk)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The suites' everyday counts.
    fn passes(suite: impl Fn(&Limits) -> Outcome, cases: u64) {
        let limits = Limits::new(cases, 1, None, Path::new("unused")).expect("/proc tells times");
        let outcome = suite(&limits);
        assert!(outcome.tally.failed == 0 && outcome.tally.cases >= cases, "{outcome}");
    }

    #[test]
    fn branches_leave_the_bytes_of_a_fresh_load() {
        passes(reorganisations, 20);
    }

    #[test]
    fn stops_leave_the_bytes_of_the_blocks_so_far() {
        passes(stops, 4);
    }

    #[test]
    fn power_losses_cost_no_acknowledged_commit() {
        passes(power_loss, 30);
    }

    #[test]
    fn damage_is_noticed() {
        passes(flips, 40);
        passes(|limits| cuts(limits, limits.count), 20);
    }
}
