//! Bit flips and cuts: none is ever read over, and the error names the file.

use crate::campaign::story::{Content, advance};
use crate::campaign::tally::Tally;
use crate::error::{DamageError, Health};
use crate::manifest::{FileEntry, MANIFEST, Manifest};
use crate::storage::{Dice, SimDisk, Storage};
use crate::table::OpenTableError;

/// A store with segments, a base and an overlay.
fn store(disk: SimDisk) -> (SimDisk, Manifest) {
    advance(&disk, 4).expect("nothing disturbs this disk");
    let manifest = advance(&disk, 5).expect("nothing disturbs this disk");
    (disk, manifest)
}

fn flip(disk: &SimDisk, path: &str, bit: usize) {
    disk.corrupt(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8)).expect("the store has this file");
}

fn bits(disk: &SimDisk, path: &str) -> usize {
    disk.read(path).expect("the store has this file").len() * 8
}

/// Flips every bit of the manifest.
#[must_use]
pub fn manifest_bits() -> Tally {
    let (disk, _) = store(SimDisk::new());
    let mut tally = Tally::default();
    for bit in 0..bits(&disk, MANIFEST) {
        flip(&disk, MANIFEST, bit);
        let outcome = match Manifest::read(&disk) {
            Ok(_) => Err("unnoticed".to_owned()),
            Err(error) if error.to_string().contains(MANIFEST) => Ok(()),
            Err(error) => Err(format!("the error does not name the file: {error}")),
        };
        tally.count(|| format!("bit {bit} of the manifest"), outcome);
        flip(&disk, MANIFEST, bit);
    }
    tally
}

/// Flips every bit of every table. `health` makes the health of each reader: not the default only
/// in tests of this test.
#[must_use]
pub fn table_bits(health: fn() -> Health) -> Tally {
    let (disk, manifest) = store(SimDisk::new());
    let mut tally = Tally::default();
    for file in &manifest.files {
        for bit in 0..bits(&disk, &file.path()) {
            one_bit(&disk, file, bit, health, &mut tally);
        }
    }
    tally
}

/// Flips `count` bits of the tables by chance.
#[must_use]
pub fn table_bits_by_chance(seed: u64, count: u64, health: fn() -> Health) -> Tally {
    let (disk, manifest) = store(SimDisk::new());
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    for _ in 0..count {
        let file = &manifest.files[dice.index(manifest.files.len())];
        let bit = dice.index(bits(&disk, &file.path()));
        one_bit(&disk, file, bit, health, &mut tally);
    }
    tally
}

fn one_bit(disk: &SimDisk, file: &FileEntry, bit: usize, health: fn() -> Health, tally: &mut Tally) {
    let path = file.path();
    flip(disk, &path, bit);
    tally.count(|| format!("bit {bit} of `{path}`"), refused(Content::read(disk, file, &health()), &path));
    flip(disk, &path, bit);
}

fn refused(read: Result<Content, OpenTableError>, path: &str) -> Result<(), String> {
    match read {
        Ok(_) => Err("unnoticed".to_owned()),
        Err(OpenTableError::Damage(damage)) if damage.to_string().contains(path) => Ok(()),
        Err(error) => Err(format!("not a damage that names the file: {error}")),
    }
}

/// Cuts the manifest and every table at every length. A cut table must be told as such, with both lengths.
///
/// `disk` is empty; it has a planted fault only in tests of this test.
#[must_use]
pub fn cuts(disk: SimDisk) -> Tally {
    let (disk, manifest) = store(disk);
    let mut tally = Tally::default();
    let whole = disk.read(MANIFEST).expect("the store has a manifest").to_vec();
    for len in 0..whole.len() {
        cut(&disk, MANIFEST, len);
        let outcome = Manifest::read(&disk).map_or(Ok(()), |_| Err("unnoticed".to_owned()));
        tally.count(|| format!("manifest cut to {len}"), outcome);
        restore(&disk, MANIFEST, &whole);
    }
    manifest.files.iter().for_each(|file| cut_table(&disk, file, &mut tally));
    tally
}

fn cut_table(disk: &SimDisk, file: &FileEntry, tally: &mut Tally) {
    let path = file.path();
    let whole = disk.read(&path).expect("the store has this file").to_vec();
    for len in 0..whole.len() {
        cut(disk, &path, len);
        let read = Content::read(disk, file, &Health::new());
        tally.count(|| format!("`{path}` cut to {len}"), told_as_cut(read, len, whole.len()));
        restore(disk, &path, &whole);
    }
}

fn told_as_cut(read: Result<Content, OpenTableError>, len: usize, whole: usize) -> Result<(), String> {
    match read {
        Ok(_) => Err("unnoticed".to_owned()),
        Err(OpenTableError::Damage(DamageError::Length { got, want, .. }))
            if usize::try_from(got) == Ok(len) && usize::try_from(want) == Ok(whole) =>
        {
            Ok(())
        }
        Err(error) => Err(format!("not told as cut: {error}")),
    }
}

fn cut(disk: &SimDisk, path: &str, len: usize) {
    disk.corrupt(path, |bytes| bytes.truncate(len)).expect("the store has this file");
}

fn restore(disk: &SimDisk, path: &str, whole: &[u8]) {
    disk.corrupt(path, |bytes| *bytes = whole.to_vec()).expect("the store has this file");
}
