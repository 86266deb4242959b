//! Files changed by somebody who also makes their checksums: no reader panics, and derived tables are seen through.
//!
//! Facts may be changed into other facts that hold together: only the chain could tell, so of them nothing is asked
//! but that whoever reads them comes back.

use super::damage::ask;
use super::ledger::ToyLedger;
use super::rig::{commit, writer};
use super::tally::Tally;
use crate::check::{check, rebuild};
use crate::commit::publish;
use crate::error::Health;
use crate::manifest::{Family, FileEntry, Manifest};
use crate::page::PageWriter;
use crate::storage::{Dice, SimDisk, Storage, StorageError};

/// What [`forgeries`] did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ForgeryReport {
    /// Forgeries, and those of derived tables that the check did not tell.
    pub tally: Tally,
    /// Those that a reader refused.
    pub refused: u64,
    /// Those that a check told, facts included.
    pub found: u64,
}

/// Changes one byte of one table at a time, `count` times, and seals the file and the manifest anew.
///
/// # Panics
/// When a reader or the check does, or a healthy disk fails.
#[must_use]
pub fn forgeries(family: Family, seed: u64, count: u64) -> ForgeryReport {
    let mut dice = Dice::new(seed);
    let disk = SimDisk::new();
    commit(&mut writer(family, &disk), None, &ToyLedger::random(family, 0, 22, &mut dice).facts());
    let manifest = Manifest::read(&disk).expect("just written");
    let mut report = ForgeryReport::default();
    for _ in 0..count {
        let (number, at) = (dice.index(manifest.files.len()), dice.any());
        let change = u8::try_from(1 + dice.below(255)).expect("a byte");
        let copy = disk.copy();
        let forged = forge(&copy, &manifest, number, at, change).expect("a healthy disk");
        let outcome = meet(&copy, family, &forged, &mut report);
        report.tally.count(|| format!("`{}`, byte {at}, by {change}", forged.role), outcome);
    }
    report
}

/// Writes one table again with a byte of its data changed, and a manifest that names it.
fn forge(disk: &SimDisk, manifest: &Manifest, number: usize, at: u64, by: u8) -> Result<FileEntry, StorageError> {
    const FOOTER_LEN: usize = 40;
    let old = &manifest.files[number];
    let bytes = disk.read(&old.path())?;
    let (_, footer) = bytes.split_at(bytes.len() - FOOTER_LEN);
    let data_len = u64::from_le_bytes(*footer.first_chunk().expect("forty bytes hold eight"));
    let mut data = bytes[..usize::try_from(data_len).expect("64-bit targets")].to_vec();
    let at = usize::try_from(at % data_len).expect("64-bit targets");
    data[at] = data[at].wrapping_add(by);
    let unfinished = format!("{}.unfinished", old.role);
    let mut pages = PageWriter::new(disk.create(&unfinished)?);
    pages.write(&data)?;
    let sealed = pages.finish()?;
    let forged = FileEntry { length: sealed.length, role: old.role.clone(), root: sealed.root };
    disk.rename(&unfinished, &forged.path())?;
    let mut manifest = manifest.clone();
    manifest.files[number] = forged.clone();
    publish(disk, &manifest).expect("as good as any");
    Ok(forged)
}

fn meet(disk: &SimDisk, family: Family, forged: &FileEntry, report: &mut ForgeryReport) -> Result<(), String> {
    report.refused += u64::from(ask(disk, family, Health::new).is_err());
    let findings = check(disk, &mut |_| {}).map_err(|error| error.to_string())?.findings;
    report.found += u64::from(!findings.is_empty());
    let told = findings.iter().any(|finding| finding.to_string().contains(&forged.role));
    if forged.role.starts_with("facts/") {
        return Ok(());
    }
    // What is made anew is not what the forged manifest names.
    let healed = rebuild(disk, &forged.role).is_ok();
    if told && !healed { Ok(()) } else { Err(format!("told: {told}, made anew: {healed}")) }
}
