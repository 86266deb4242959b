//! Kills and power loss at every operation of whole stores: loading, folding, reorganising, recovering.
//!
//! Whatever an interruption leaves: a reader finds the last acknowledged commit or the one that was under
//! way, whole; a writer that opens it again leaves exactly that commit's files; and the next commit gives
//! the files of a life without interruption.

use std::collections::BTreeMap;

use coinhound_model::Height;

use super::ledger::{Reader, ToyLedger};
use super::rig::{above, files, fresh, open};
use super::tally::Tally;
use crate::digest::Digest;
use crate::error::Health;
use crate::facts::Facts;
use crate::failure::StoreError;
use crate::layout::Span;
use crate::manifest::{Family, Manifest};
use crate::storage::{Dice, Failure, Fault, SimDisk};
use crate::writer::{Note, Writer};

/// One commit of a life.
struct Chapter {
    keep: Option<Height>,
    facts: Facts,
    files: BTreeMap<String, Vec<u8>>,
    manifest: Digest,
}

/// A store's life in commits: loads, folds, and reorganisations below and above a fold.
pub struct Life {
    family: Family,
    chapters: Vec<Chapter>,
    ops: u64,
}

impl Life {
    /// The life that goes with a seed.
    ///
    /// # Panics
    /// When a healthy disk fails.
    #[must_use]
    pub fn new(family: Family, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let old = ToyLedger::random(family, 0, 20, &mut dice);
        let new = old.reorganised(6, 9, &mut dice);
        let longer = {
            let mut longer = new.clone();
            longer.grow(12, &mut dice);
            longer
        };
        let last = longer.reorganised(2, 2, &mut dice);
        let (old, new, longer, last) = (old.facts(), new.facts(), longer.facts(), last.facts());
        let part = |facts: &Facts, start, end| facts.slice(Span { start, end });
        let mut life = Self { family, chapters: Vec::new(), ops: 0 };
        life.add(None, part(&old, 0, 10), &part(&old, 0, 10));
        life.add(Some(9), part(&old, 10, 11), &part(&old, 0, 11));
        life.add(Some(10), part(&old, 11, 20), &old);
        life.add(Some(13), above(&new, Height(13)), &new); // below the fold at 16
        life.add(Some(22), above(&longer, Height(22)), &longer); // folds at 32
        life.add(Some(32), above(&last, Height(32)), &last);
        let disk = SimDisk::new();
        let reached = life.advance(&disk, 0);
        assert_eq!(reached, life.chapters.len(), "nothing disturbs this disk");
        life.ops = disk.ops();
        life
    }

    fn add(&mut self, keep: Option<u32>, facts: Facts, whole: &Facts) {
        let files = fresh(self.family, whole);
        let manifest = Manifest::parse(&files["MANIFEST"], "MANIFEST").expect("just written").digest();
        self.chapters.push(Chapter { keep: keep.map(Height), facts, files, manifest });
    }

    /// How many operations an undisturbed life takes.
    #[must_use]
    pub fn ops(&self) -> u64 {
        self.ops
    }

    /// Writes on from `version` commits until the end or an error; says how many commits stand.
    fn advance(&self, disk: &SimDisk, version: usize) -> usize {
        let Ok(mut writer) = open(self.family, disk) else { return version };
        let left = self.chapters[version..].iter();
        version + left.take_while(|chapter| write(&mut writer, chapter).is_ok()).count()
    }

    /// How many commits the store on `disk` holds, by what a reader finds.
    fn version(&self, disk: &SimDisk) -> Result<usize, String> {
        let view = match Reader::open(disk, self.family, Health::new) {
            Err(StoreError::Manifest(crate::manifest::ManifestError::NotAStore { .. })) => return Ok(0),
            other => other.map_err(|error| format!("a reader cannot open it: {error}"))?,
        };
        view.health()?;
        let found = view.digest();
        let at = self.chapters.iter().position(|chapter| chapter.manifest == found);
        at.map(|at| at + 1).ok_or_else(|| "a reader finds a store that nobody committed".to_owned())
    }

    /// Checks a disk after an interruption, and lives on from it for one commit.
    fn check(&self, disk: &SimDisk, acknowledged: usize) -> Result<(), String> {
        let version = self.version(disk)?;
        if version != acknowledged && version != acknowledged + 1 {
            return Err(format!("found commit {version} where {acknowledged} was acknowledged"));
        }
        let mut writer = open(self.family, disk).map_err(|error| format!("a writer cannot open it: {error}"))?;
        self.same_files(disk, version)?;
        let Some(next) = self.chapters.get(version) else { return Ok(()) };
        write(&mut writer, next).map_err(|error| format!("commit {} after recovery: {error}", version + 1))?;
        self.same_files(disk, version + 1)
    }

    fn same_files(&self, disk: &SimDisk, version: usize) -> Result<(), String> {
        let Some(at) = version.checked_sub(1) else { return Ok(()) };
        let (got, want) = (files(disk), &self.chapters[at].files);
        if got == *want {
            return Ok(());
        }
        let odd = got.iter().find(|(path, bytes)| want.get(*path) != Some(*bytes)).map(|(path, _)| path);
        let gone = want.keys().find(|path| !got.contains_key(*path));
        Err(format!("commit {version}: `{:?}` differs, `{gone:?}` is missing", odd))
    }

    fn live_until(&self, disk: &SimDisk, version: usize, op: u64) -> usize {
        disk.fail_at(op, Failure::Power);
        self.advance(disk, version)
    }
}

fn write(writer: &mut Writer, chapter: &Chapter) -> Result<(), StoreError> {
    writer.commit(chapter.keep, &chapter.facts, Note::default()).map(drop)
}

/// Interrupts a life at every `every`-th operation: a kill, which loses nothing that was written, and
/// `per_op` power losses by chance, each fourth of them followed by another during recovery. `fault` is `None` but
/// in tests of this test.
#[must_use]
pub fn interruptions(family: Family, seed: u64, every: u64, per_op: u64, fault: Option<Fault>) -> Tally {
    let life = Life::new(family, seed);
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    for op in (0..life.ops).filter(|op| op.is_multiple_of(every.max(1))) {
        let disk = fault.map_or_else(SimDisk::new, SimDisk::with_fault);
        let acknowledged = life.live_until(&disk, 0, op);
        tally.count(|| format!("kill at operation {op}"), life.check(&disk.copy(), acknowledged));
        for _ in 0..per_op {
            let seed = dice.any();
            tally.count(
                || format!("power loss at operation {op}, seed {seed}"),
                lose_power(&life, &disk, acknowledged, seed),
            );
        }
    }
    tally
}

fn lose_power(life: &Life, disk: &SimDisk, acknowledged: usize, seed: u64) -> Result<(), String> {
    let found = disk.crash(seed);
    if !seed.is_multiple_of(4) {
        return life.check(&found, acknowledged);
    }
    let version = life.version(&found)?;
    let mut dice = Dice::new(seed);
    let again = life.live_until(&found, version, dice.below(120));
    life.check(&found.crash(dice.any()), again)
}

/// Fails every `every`-th operation once, or leaves the disk full from there on; then the trouble goes away.
///
/// The writer stops; the store stands at the last acknowledged commit or the next; living on gives the
/// undisturbed files.
#[must_use]
pub fn failing_disk(family: Family, seed: u64, every: u64) -> Tally {
    let life = Life::new(family, seed);
    let mut tally = Tally::default();
    for op in (0..life.ops).filter(|op| op.is_multiple_of(every.max(1))) {
        for failure in [Some(Failure::Io), Some(Failure::ShortWrite), None] {
            let disk = SimDisk::new();
            match failure {
                Some(failure) => disk.fail_at(op, failure),
                None => disk.fill_from(op),
            }
            let acknowledged = life.advance(&disk, 0);
            disk.heal();
            tally.count(|| format!("{failure:?} at operation {op}"), life.check(&disk, acknowledged));
        }
    }
    tally
}
