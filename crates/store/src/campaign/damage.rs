//! Bit flips anywhere in a whole store: told by reader and check, with the file's name; derived tables heal.

use std::collections::BTreeSet;
use std::fmt::Debug;

use coinhound_model::{AccountLedger, AddressId, Height, HoldingId, Ledger, MovementId, NoteKind};

use super::ledger::{Reader, ToyLedger};
use super::rig::{commit, files, writer};
use super::tally::Tally;
use crate::base::BaseTable;
use crate::check::{check, rebuild};
use crate::column::COLUMN_ALIGN;
use crate::derive::Tier;
use crate::digest::Digest;
use crate::error::Health;
use crate::failure::StoreError;
use crate::keys::key_of_lock;
use crate::manifest::{Family, MANIFEST, Manifest};
use crate::overlay::OVERLAY;
use crate::segment::FACTS;
use crate::storage::{Dice, SimDisk, Storage};
use crate::table::{Schema, TableFile};
use crate::view::{AccountView, View};

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
pub fn flips(family: Family, seed: u64, count: u64, health: fn() -> Health) -> DamageReport {
    let mut dice = Dice::new(seed);
    let whole = Whole::new(family, health, &mut dice);
    whole.flip(&mut dice, count)
}

/// The same in a store that somebody else filled, which must have ten blocks at least.
///
/// # Panics
/// When a healthy disk fails, or the store is not whole.
#[must_use]
pub fn flips_of(disk: SimDisk, family: Family, seed: u64, count: u64) -> DamageReport {
    Whole::of(disk, family, Health::new).flip(&mut Dice::new(seed), count)
}

/// Cuts random files of a store that somebody else filled, as [`cuts`] does.
///
/// # Panics
/// When a healthy disk fails, or the store is not whole.
#[must_use]
pub fn cuts_of(disk: SimDisk, family: Family, seed: u64, count: u64) -> DamageReport {
    Whole::of(disk, family, Health::new).cut(&mut Dice::new(seed), count)
}

/// Cuts random files of such a store at `count` random lengths, one at a time.
///
/// # Panics
/// When a healthy disk fails.
#[must_use]
pub fn cuts(family: Family, seed: u64, count: u64) -> DamageReport {
    let mut dice = Dice::new(seed);
    let whole = Whole::new(family, Health::new, &mut dice);
    whole.cut(&mut dice, count)
}

/// Flips the first bit of every column that has bytes, of every table of such a store: a reader that asks everything
/// meets each of them, under the file's name. Gives the names of the columns hurt, each with its kind of table.
///
/// # Panics
/// When a healthy disk fails.
#[must_use]
pub fn every_column(family: Family, seed: u64) -> (DamageReport, BTreeSet<String>) {
    let whole = Whole::new(family, Health::new, &mut Dice::new(seed));
    let manifest = Manifest::read(&whole.disk).expect("just written");
    let (mut report, mut hurt) = (DamageReport::default(), BTreeSet::new());
    for file in &manifest.files {
        let schema = schema_of(&file.role);
        let table = TableFile::open(&whole.disk, file, schema, &Health::new()).expect("a whole table opens");
        let mut start = COLUMN_ALIGN; // the header
        for (column, _, bytes) in table.column_lens() {
            let at = usize::try_from(start).expect("64-bit targets");
            start = (start + bytes).next_multiple_of(COLUMN_ALIGN);
            if bytes > 0 {
                let met = report.met;
                let outcome = whole.hurt(&file.path(), &mut report, |bytes| bytes[at] ^= 1);
                let outcome = outcome.and_then(|()| if report.met > met { Ok(()) } else { Err("not met".to_owned()) });
                report.tally.count(|| format!("column {column} of `{}`", file.role), outcome);
                hurt.insert(format!("{} {column}", schema.kind));
            }
        }
    }
    (report, hurt)
}

fn schema_of(role: &str) -> &'static Schema {
    match role.split_once('/').expect("a role has a folder") {
        ("facts", _) => &FACTS,
        ("overlay", _) => &OVERLAY,
        (_, label) => {
            let (_, name) = label.split_once('-').expect("a base table's label has a height and a name");
            BaseTable::from_name(name).expect("a base table's name").schema()
        }
    }
}

struct Whole {
    family: Family,
    health: fn() -> Health,
    disk: SimDisk,
    paths: Vec<String>,
    answers: Digest,
}

impl Whole {
    fn new(family: Family, health: fn() -> Health, dice: &mut Dice) -> Self {
        let disk = SimDisk::new();
        commit(&mut writer(family, &disk), None, &ToyLedger::random(family, 0, 22, dice).facts());
        Self::of(disk, family, health)
    }

    fn of(disk: SimDisk, family: Family, health: fn() -> Health) -> Self {
        assert!(check(&disk, &mut |_| {}).expect("has a manifest").findings.is_empty(), "a whole store passes");
        let paths = files(&disk).into_keys().collect();
        let answers = ask(&disk, family, health).expect("a whole store answers");
        Self { family, health, disk, paths, answers }
    }

    /// Flips so many random bits, one at a time.
    fn flip(&self, dice: &mut Dice, count: u64) -> DamageReport {
        let mut report = DamageReport::default();
        for _ in 0..count {
            let path = &self.paths[dice.index(self.paths.len())];
            let bit = dice.any();
            let outcome = self.hurt(path, &mut report, |bytes| {
                let at = usize::try_from(bit / 8).expect("64-bit targets") % bytes.len();
                bytes[at] ^= 1 << (bit % 8);
            });
            report.tally.count(|| format!("`{path}`, bit {bit}"), outcome);
        }
        report
    }

    /// Cuts so many random files at random lengths, one at a time.
    fn cut(&self, dice: &mut Dice, count: u64) -> DamageReport {
        let mut report = DamageReport::default();
        for _ in 0..count {
            let path = &self.paths[dice.index(self.paths.len())];
            let len = dice.index(self.disk.read(path).expect("listed").len());
            let outcome = self.hurt(path, &mut report, |bytes| bytes.truncate(len));
            report.tally.count(|| format!("`{path}` cut to {len}"), outcome);
        }
        report
    }

    /// Damages one file of a copy: told by reader and check, and healed.
    fn hurt(&self, path: &str, report: &mut DamageReport, change: impl FnOnce(&mut Vec<u8>)) -> Result<(), String> {
        let disk = self.disk.copy();
        disk.corrupt(path, change).map_err(|error| error.to_string())?;
        match ask(&disk, self.family, self.health) {
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
pub(super) fn ask(disk: &dyn Storage, family: Family, health: fn() -> Health) -> Result<Digest, String> {
    // A manifest whose every file can be opened may still be another one: its own bytes are an answer too.
    let manifest = Manifest::read(disk).map_err(|error| error.to_string())?;
    let view = Reader::open(disk, family, health).map_err(|error| error.to_string())?;
    let mut answers = Answers { hasher: blake3::Hasher::new() };
    answers.hear(&manifest);
    answers.hear_all(&view);
    let early = view.at(Height(manifest.first + 9)).map_err(|error| error.to_string())?;
    answers.hear_all(&early);
    view.health()?;
    Ok(Digest(*answers.hasher.finalize().as_bytes()))
}

struct Answers {
    hasher: blake3::Hasher,
}

impl Answers {
    fn hear(&mut self, answer: impl Debug) {
        self.hasher.update(format!("{answer:?}\n").as_bytes());
    }

    fn hear_all(&mut self, reader: &Reader) {
        match reader {
            Reader::Coins(view) => self.hear_coins(view),
            Reader::Accounts(view) => self.hear_accounts(view),
        }
    }

    fn hear_accounts(&mut self, view: &AccountView) {
        for height in (view.as_of().first.0..=view.as_of().height.0).map(Height) {
            self.hear((view.block(height), view.block_txs(height), view.block_moves(height)));
        }
        for movement in view.movements().map(MovementId) {
            self.hear((view.movement(movement), view.fact(movement), view.siblings(movement), view.notes(movement)));
        }
        for tx in (0..view.counts().txs).map(MovementId) {
            self.hear((view.txid(tx).map(|hash| view.find_txs(&hash)), view.tx_moves(tx), view.tx_notes(tx)));
        }
        for kind in NoteKind::ALL {
            view.each_note(kind, &mut |place, bytes| self.hear((place, bytes.len())));
        }
        for holding in (0..view.counts().holdings).map(HoldingId) {
            self.hear(view.holding(holding));
            let mut from = MovementId(0);
            while let Some(next) = view.next(holding, from) {
                self.hear(next);
                from = MovementId(next.0 + 1);
            }
        }
        (0..view.assets()).for_each(|asset| self.hear(view.token(asset)));
        let mut holdings = Vec::new();
        for address in (0..view.addresses()).map(AddressId) {
            let lock = view.lock(address);
            view.holdings(address, &mut holdings);
            self.hear((lock, lock.and_then(|lock| view.address_of(lock)), &holdings));
            Tier::ALL.iter().for_each(|&tier| self.hear((view.root(tier, address), view.members(tier, address))));
        }
        self.hear(view.merges(Tier::T0, 0..u64::MAX).collect::<Vec<_>>());
    }

    fn hear_coins(&mut self, view: &View) {
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
