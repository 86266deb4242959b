//! Power loss: after every operation of a writer's life, in many ways, also during recovery.
//!
//! Whatever of the unsynced is lost, kept, torn or reordered: the store found is the last acknowledged
//! commit or a later one, whole, and writing on from it gives the bytes of a life without power loss.

use crate::campaign::story::{advance, inspect};
use crate::campaign::tally::Tally;
use crate::digest::Digest;
use crate::storage::{Dice, Failure, Fault, SimDisk, Storage};

/// Versions in the story: two folds.
const VERSIONS: u32 = 9;

/// Subsets of unsynced changes are tried exhaustively up to this many changes.
const EXHAUSTIVE_MAX: usize = 12;

/// The digests of an undisturbed life, and how many operations it takes.
struct Undisturbed {
    digests: Vec<Digest>,
    ops: u64,
}

fn undisturbed() -> Undisturbed {
    let disk = SimDisk::new();
    let commit = |version| advance(&disk, version).expect("nothing disturbs this disk").digest();
    let digests = (1..=VERSIONS).map(commit).collect();
    Undisturbed { digests, ops: disk.ops() }
}

fn new_disk(fault: Option<Fault>) -> SimDisk {
    fault.map_or_else(SimDisk::new, SimDisk::with_fault)
}

/// Lives until the power goes at operation `op`; says which version was acknowledged last.
fn live_until(disk: &SimDisk, from: u32, op: u64) -> u32 {
    disk.fail_at(op, Failure::Power);
    (from + 1..=VERSIONS).take_while(|version| advance(disk, *version).is_ok()).last().unwrap_or(from)
}

/// Checks one disk found after power loss: its version, and that life goes on from it.
fn check(found: &SimDisk, acknowledged: u32, life: &Undisturbed) -> Result<u32, String> {
    let version = inspect(found)?;
    if version < acknowledged || version > acknowledged + 1 {
        return Err(format!("found version {version} where {acknowledged} was acknowledged"));
    }
    go_on(found, version, life).map(|()| version)
}

fn go_on(found: &SimDisk, version: u32, life: &Undisturbed) -> Result<(), String> {
    let next = version + 1;
    let Some(want) = usize::try_from(version).ok().and_then(|at| life.digests.get(at)) else { return Ok(()) };
    let manifest = advance(found, next).map_err(|error| format!("writing on to {next}: {error}"))?;
    if manifest.digest() != *want {
        return Err(format!("version {next} written after recovery differs"));
    }
    inspect(found)
        .and_then(|version| if version == next { Ok(()) } else { Err(format!("wrote {next}, found {version}")) })
}

/// Loses power at every operation, in `per_op` ways each by chance, every fourth of them again
/// during recovery. `fault` is `None` but in tests of this test.
#[must_use]
pub fn by_chance(seed: u64, per_op: u64, fault: Option<Fault>) -> Tally {
    let life = undisturbed();
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    for op in 0..life.ops {
        let disk = new_disk(fault);
        let acknowledged = live_until(&disk, 0, op);
        for _ in 0..per_op {
            let seed = dice.any();
            let outcome = one(&disk, acknowledged, seed, &life);
            tally.count(|| format!("power loss at operation {op}, seed {seed}"), outcome);
        }
    }
    tally
}

fn one(disk: &SimDisk, acknowledged: u32, seed: u64, life: &Undisturbed) -> Result<(), String> {
    let found = disk.crash(seed);
    if !seed.is_multiple_of(4) {
        return check(&found, acknowledged, life).map(drop);
    }
    let version = inspect(&found)?;
    let mut dice = Dice::new(seed);
    let again = live_until(&found, version, dice.below(60));
    check(&found.crash(dice.any()), again, life).map(drop)
}

/// Loses power at every operation with each subset of the unsynced changes kept whole, where there
/// are at most twelve; where there are more, nothing is counted. `every` thins the operations out.
#[must_use]
pub fn by_subset(every: u64, fault: Option<Fault>) -> Tally {
    let life = undisturbed();
    let mut tally = Tally::default();
    for op in (0..life.ops).filter(|op| op.is_multiple_of(every.max(1))) {
        let disk = new_disk(fault);
        let acknowledged = live_until(&disk, 0, op);
        let unsynced = disk.unsynced();
        if unsynced > EXHAUSTIVE_MAX {
            continue;
        }
        for kept in 0..1 << unsynced {
            let outcome = check(&disk.crash_keeping(kept), acknowledged, &life).map(drop);
            tally.count(|| format!("power loss at operation {op}, kept {kept:b}"), outcome);
        }
    }
    tally
}

/// Fails every operation in every way a disk can, then goes on, with or without power loss between.
///
/// The writer stops at the first error, which names a path; readers see a whole version before
/// and after; then the fault is gone and writing on gives the undisturbed bytes.
#[must_use]
pub fn failing_disk(seed: u64, every: u64) -> Tally {
    let life = undisturbed();
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    for op in (0..life.ops).filter(|op| op.is_multiple_of(every.max(1))) {
        for trouble in [
            Trouble::Once(Failure::Io),
            Trouble::Once(Failure::Full),
            Trouble::Once(Failure::ShortWrite),
            Trouble::StaysFull,
        ] {
            let outcome = stop_and_go_on(op, trouble, dice.any(), &life);
            tally.count(|| format!("{trouble:?} at operation {op}"), outcome);
        }
    }
    tally
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    Once(Failure),
    StaysFull,
}

/// A disk that is full from its last removals on is as good as any; a single failure must be noticed.
fn nothing_came_after(disk: &SimDisk, trouble: Trouble) -> Result<(), String> {
    match trouble {
        Trouble::StaysFull if inspect(disk)? == VERSIONS => Ok(()),
        _ => Err("the trouble went unnoticed".to_owned()),
    }
}

fn stop_and_go_on(op: u64, trouble: Trouble, seed: u64, life: &Undisturbed) -> Result<(), String> {
    let disk = SimDisk::new();
    match trouble {
        Trouble::Once(failure) => disk.fail_at(op, failure),
        Trouble::StaysFull => disk.fill_from(op),
    }
    let mut acknowledged = 0;
    let error = loop {
        match advance(&disk, acknowledged + 1) {
            Ok(_) if acknowledged + 1 == VERSIONS => return nothing_came_after(&disk, trouble),
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    let path = disk.log().last().map_or_else(String::new, |last| disk.describe(&last.path));
    if !error.to_string().contains(&format!("`{path}`")) {
        return Err(format!("the error does not name `{path}`: {error}"));
    }
    inspect(&disk)?;
    disk.heal();
    check(&disk.crash(seed), acknowledged, life)?;
    check(&disk, acknowledged, life).map(drop)
}
