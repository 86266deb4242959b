//! Bit flips anywhere in a whole store: told by reader and check, with the file's name; derived tables heal.

use std::fmt::Debug;

use coinhound_model::{AddressId, Height, HoldingId, Ledger, MovementId};

use super::rig::{commit, files, writer};
use super::tally::Tally;
use super::toy::ToyChain;
use crate::check::{check, rebuild};
use crate::derive::Tier;
use crate::digest::Digest;
use crate::error::Health;
use crate::failure::StoreError;
use crate::keys::key_of_lock;
use crate::manifest::{MANIFEST, Manifest};
use crate::storage::{Dice, SimDisk, Storage};
use crate::view::View;

/// What [`flips`] did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DamageReport {
    /// Flips, and those that were not told or not healed.
    pub tally: Tally,
    /// Flips that a reader that asked everything met.
    pub met: u64,
    /// Derived tables made anew.
    pub rebuilt: u64,
}

/// Flips `count` random bits, one at a time, in a store with a base, segments and overlays. Readers are opened
/// with cells from `health`: [`Health::new`] but in the test of this test.
///
/// # Panics
/// When a healthy disk fails.
#[must_use]
pub fn flips(seed: u64, count: u64, health: fn() -> Health) -> DamageReport {
    let mut dice = Dice::new(seed);
    let disk = SimDisk::new();
    commit(&mut writer(&disk), None, &ToyChain::random(0, 22, &mut dice).facts());
    let whole = Whole {
        paths: files(&disk).into_keys().collect(),
        answers: ask(&disk, health).expect("a whole store answers"),
        disk,
    };
    assert!(check(&whole.disk, &mut |_| {}).expect("has a manifest").findings.is_empty(), "a whole store passes");
    let mut report = DamageReport::default();
    for _ in 0..count {
        let path = &whole.paths[dice.index(whole.paths.len())];
        let bit = dice.any();
        let outcome = whole.flip(path, bit, health, &mut report);
        report.tally.count(|| format!("`{path}`, bit {bit}"), outcome);
    }
    report
}

struct Whole {
    disk: SimDisk,
    paths: Vec<String>,
    answers: Digest,
}

impl Whole {
    fn flip(&self, path: &str, bit: u64, health: fn() -> Health, report: &mut DamageReport) -> Result<(), String> {
        let disk = self.disk.copy();
        let flip = |bytes: &mut Vec<u8>| {
            let at = usize::try_from(bit / 8).expect("64-bit targets") % bytes.len();
            bytes[at] ^= 1 << (bit % 8);
        };
        disk.corrupt(path, flip).map_err(|error| error.to_string())?;
        match ask(&disk, health) {
            Ok(answers) if answers != self.answers => return Err("a reader was given wrong answers".to_owned()),
            Ok(_) => {}
            Err(told) if told.contains(path) => report.met += 1,
            Err(told) => return Err(format!("a reader was told of another file: {told}")),
        }
        told_by_check(&disk, path)?;
        self.heal(&disk, path, report)
    }

    /// Makes a damaged derived table anew; facts are refused.
    fn heal(&self, disk: &SimDisk, path: &str, report: &mut DamageReport) -> Result<(), String> {
        let Some((role, _)) = path.rsplit_once('.').filter(|_| path != MANIFEST) else { return Ok(()) };
        match rebuild(disk, role) {
            Err(StoreError::NotDerived { .. }) if role.starts_with("facts/") => Ok(()),
            Err(error) => Err(format!("not made anew: {error}")),
            Ok(_) if files(disk) != files(&self.disk) => Err("made anew, but not as it was".to_owned()),
            Ok(_) => {
                report.rebuilt += 1;
                Ok(())
            }
        }
    }
}

fn told_by_check(disk: &SimDisk, path: &str) -> Result<(), String> {
    let findings = match check(disk, &mut |_| {}) {
        Err(error) if path == MANIFEST && error.to_string().contains(MANIFEST) => return Ok(()),
        Err(error) => return Err(format!("the check failed: {error}")),
        Ok(report) => report.findings,
    };
    if findings.iter().any(|finding| finding.to_string().contains(path)) {
        return Ok(());
    }
    Err(format!("the check found {findings:?}"))
}

/// Every answer of a store, hashed; or why it cannot be had.
fn ask(disk: &dyn Storage, health: fn() -> Health) -> Result<Digest, String> {
    // A manifest whose every file can be opened may still be another one: its own bytes are an answer too.
    let manifest = Manifest::read(disk).map_err(|error| error.to_string())?;
    let view = View::open_with(disk, health).map_err(|error| error.to_string())?;
    let mut answers = Answers { hasher: blake3::Hasher::new() };
    answers.hear(&manifest);
    answers.hear_all(&view);
    let early = view.at(Height(manifest.first + 9)).map_err(|error| error.to_string())?;
    answers.hear_all(&early);
    view.health().map_err(|error| error.to_string())?;
    Ok(Digest(*answers.hasher.finalize().as_bytes()))
}

struct Answers {
    hasher: blake3::Hasher,
}

impl Answers {
    fn hear(&mut self, answer: impl Debug) {
        self.hasher.update(format!("{answer:?}\n").as_bytes());
    }

    fn hear_all(&mut self, view: &View) {
        for height in view.as_of().first.0..=view.as_of().height.0 {
            self.hear(view.block(Height(height)));
        }
        let (mut entries, mut holdings) = (Vec::new(), Vec::new());
        for tx in view.movements().map(MovementId) {
            view.debits(tx, &mut entries);
            self.hear((&entries, view.marks(tx), view.tx(tx), view.fact(tx), view.scripts(tx)));
            view.inputs(tx).for_each(|input| self.hear(view.input(coinhound_model::InputId(input))));
            self.hear(view.tx(tx).map(|row| view.find(&row.txid)));
        }
        for coin in (0..view.counts().outputs).map(HoldingId).chain((0..view.counts().foreign).map(HoldingId::foreign))
        {
            self.hear((view.entry(coin), view.spender(coin), view.outpoint(coin), view.foreign(coin)));
        }
        for address in (0..view.addresses()).map(AddressId) {
            let lock = view.lock(address);
            view.holdings(address, &mut holdings);
            self.hear((lock, lock.and_then(|lock| view.address_of(lock)), &holdings));
            self.hear(lock.and_then(key_of_lock).map(|key| view.key_owners(&key)));
            Tier::ALL.iter().for_each(|&tier| self.hear((view.root(tier, address), view.members(tier, address))));
        }
        Tier::ALL.iter().for_each(|&tier| self.hear(view.merges(tier, 0..u64::MAX).collect::<Vec<_>>()));
    }
}
