//! What the suites over whole stores share: a writer on a simulated disk, and its files.

use std::collections::BTreeMap;
use std::sync::Arc;

use coinhound_model::{ChainId, Height};

use crate::commit::LOCK;
use crate::facts::Facts;
use crate::layout::{LayoutParams, Span};
use crate::local::LOCAL_DIR;
use crate::manifest::{Family, Params};
use crate::storage::{SimDisk, Storage};
use crate::writer::{Committed, Note, Writer};

/// The chain that toy stores hold.
#[must_use]
pub fn chain_id() -> ChainId {
    ChainId("toy:1".to_owned())
}

/// Parameters so small that a hundred blocks seal, fold and reorganise below a fold.
#[must_use]
pub fn tiny_params(family: Family) -> Params {
    match family {
        Family::Coins => Params::new(&LayoutParams::tiny(), "none"),
        Family::Accounts => Params::accounts(&LayoutParams::tiny()),
    }
}

/// A writer on `disk`.
///
/// # Panics
/// When it does not open.
#[must_use]
pub fn writer(family: Family, disk: &SimDisk) -> Writer {
    open(family, disk).expect("a healthy disk opens")
}

pub(crate) fn open(family: Family, disk: &SimDisk) -> Result<Writer, crate::failure::StoreError> {
    Writer::open_or_create(Arc::new(disk.clone()), chain_id(), tiny_params(family))
}

/// Every file but what is this machine's own, by path.
///
/// # Panics
/// When the disk cannot be listed.
#[must_use]
pub fn files(disk: &SimDisk) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for item in disk.list("").expect("the top folder exists") {
        if item.is_dir && item.name != LOCAL_DIR {
            for inner in disk.list(&item.name).expect("a listed folder exists") {
                let path = format!("{}/{}", item.name, inner.name);
                let bytes = disk.read(&path).expect("a listed file exists").to_vec();
                files.insert(path, bytes);
            }
        } else if !item.is_dir && item.name != LOCK {
            let bytes = disk.read(&item.name).expect("a listed file exists").to_vec();
            files.insert(item.name, bytes);
        }
    }
    files
}

/// The files of a store that was given the whole chain at once.
#[must_use]
pub fn fresh(family: Family, facts: &Facts) -> BTreeMap<String, Vec<u8>> {
    let disk = SimDisk::new();
    commit(&mut writer(family, &disk), None, facts);
    files(&disk)
}

/// Commits facts above `keep`.
///
/// # Panics
/// When the writer refuses.
pub fn commit(writer: &mut Writer, keep: Option<Height>, facts: &Facts) -> Committed {
    writer.commit(keep, facts, Note::default()).expect("facts of the toy chain are stored")
}

/// The part of a chain's facts above a kept height.
#[must_use]
pub fn above(facts: &Facts, keep: Height) -> Facts {
    facts.slice(Span { start: keep.0 + 1, end: facts.span().end })
}

/// Compares two stores file by file.
///
/// # Panics
/// With the first file that differs.
pub fn assert_same(got: &BTreeMap<String, Vec<u8>>, want: &BTreeMap<String, Vec<u8>>, about: &str) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(got), names(want), "{about}: the stores have different files");
    for (path, bytes) in got {
        assert!(*bytes == want[path], "{about}: `{path}` differs");
    }
}
