//! Where test data lies, how a folder is loaded, and what a store holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::files::BlockDir;
use coinhound_ingest::{Control, LoadError, Options, Outcome, Progress, load_blocks};
use coinhound_sim::Sealed;
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::{DiskStorage, SimDisk, Storage};
use coinhound_store::view::View;
use coinhound_store::writer::Tally;

/// Set to run every suite at its full count.
const FULL: &str = "COINHOUND_FULL";

/// The everyday count of a suite, or its full one.
pub fn count(everyday: u64, full: u64) -> u64 {
    if std::env::var_os(FULL).is_some() { full } else { everyday }
}

/// The shared real data, or `None` after saying loudly that a test did not run.
pub fn real_data(test: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("COINHOUND_DATA").map_or(default, PathBuf::from);
    if root.join("README.md").exists() {
        return Some(root);
    }
    eprintln!("NOT RUN: {test}: no data at {} (set COINHOUND_DATA)", root.display());
    None
}

/// A store in a folder.
pub fn store(folder: &Path) -> Arc<dyn Storage> {
    let storage = DiskStorage::new(folder);
    storage.create_root().expect("a folder below a temporary one");
    Arc::new(storage)
}

/// Small segments and folds, so that a short chain seals and folds many times.
pub fn tiny() -> Options {
    Options { layout: LayoutParams::tiny(), threads: 1, ..Options::new(0) }
}

/// Loads a folder of block files.
pub fn load(
    network: Network,
    blocks: &Path,
    storage: Arc<dyn Storage>,
    options: &Options,
) -> Result<Outcome, LoadError> {
    let dir = BlockDir::open(blocks, network.params())?;
    load_blocks(&dir, storage, options, &mut |_| Control::Go)
}

/// Every file of a store but `local/` and the lock, by path.
pub type Content = BTreeMap<String, Vec<u8>>;

/// What a store holds, this machine's own notes left out.
pub fn content(storage: &dyn Storage) -> Content {
    let mut found = Content::new();
    collect(storage, "", &mut found);
    found
}

fn collect(storage: &dyn Storage, folder: &str, into: &mut Content) {
    for item in storage.list(folder).expect("a store's folder") {
        let path = if folder.is_empty() { item.name.clone() } else { format!("{folder}/{}", item.name) };
        if item.is_dir && path != "local" {
            collect(storage, &path, into);
        } else if !item.is_dir && path != "LOCK" {
            into.insert(path.clone(), storage.read(&path).expect("a store's file").to_vec());
        }
    }
}

/// Fails with the first file in which two stores differ.
pub fn assert_same(got: &Content, want: &Content, about: &str) {
    let names = |content: &Content| content.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(got), names(want), "{about}: the stores have different files");
    for (path, bytes) in got {
        assert!(*bytes == want[path], "{about}: `{path}` differs");
    }
}

/// A folder of block files and the store on a simulated disk that is loaded from it.
pub struct Site {
    folder: tempfile::TempDir,
    pub disk: SimDisk,
    pub network: Network,
    pub options: Options,
    /// What all commits did.
    pub total: Tally,
    /// How many commits there were.
    pub commits: u64,
}

impl Site {
    /// Without any file.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (disk, network) = (SimDisk::new(), Network::Regtest);
        Self { folder, disk, network, options: tiny(), total: Tally::default(), commits: 0 }
    }

    /// With these blocks in the first file, not loaded yet.
    pub fn of(blocks: &[Sealed]) -> Self {
        let site = Self::new();
        site.put(0, blocks);
        site
    }

    /// Where the block files lie.
    pub fn blocks(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside the block files, or replaces it.
    pub fn put_bytes(&self, name: &str, bytes: &[u8]) {
        fs::write(self.blocks().join(name), bytes).expect("a temporary folder is writable");
    }

    /// Writes a block file, or replaces it.
    pub fn put(&self, file: u32, blocks: &[Sealed]) {
        self.put_bytes(&format!("blk{file:05}.dat"), &framed(blocks));
    }

    /// Loads what is there.
    pub fn try_load(&mut self) -> Result<Outcome, LoadError> {
        self.try_load_watched(&mut |_| Control::Go)
    }

    /// Loads what is there under a watcher that may stop it or ask for commits.
    pub fn try_load_watched(&mut self, watch: &mut dyn FnMut(&Progress) -> Control) -> Result<Outcome, LoadError> {
        let dir = BlockDir::open(self.blocks(), self.network.params())?;
        let (total, commits) = (&mut self.total, &mut self.commits);
        load_blocks(&dir, Arc::new(self.disk.clone()), &self.options, &mut |progress| {
            if let Progress::Committed(committed) = &progress {
                *total += committed.tally;
                *commits += 1;
            }
            watch(&progress)
        })
    }

    /// Loads what is there, which succeeds.
    pub fn load(&mut self) -> Outcome {
        self.try_load().expect("the folder loads")
    }

    /// Loads what is there and meets nothing worth telling.
    pub fn load_clean(&mut self) -> Outcome {
        let outcome = self.load();
        assert_clean(&outcome);
        outcome
    }

    /// What the store holds.
    pub fn content(&self) -> Content {
        content(&self.disk)
    }

    /// A view of the store's tip.
    pub fn view(&self) -> View {
        View::open(&self.disk).expect("a healthy store opens")
    }
}

/// Fails when a load met anything that is told.
pub fn assert_clean(outcome: &Outcome) {
    let quiet = outcome.notices.is_empty()
        && outcome.gaps.is_empty()
        && outcome.unusable.is_empty()
        && outcome.refused.is_empty()
        && outcome.undo_missing.is_empty();
    assert!(quiet, "{outcome:?}");
}

/// Blocks as they stand in a file without a key.
pub fn framed(blocks: &[Sealed]) -> Vec<u8> {
    let mut bytes = Vec::new();
    blocks.iter().for_each(|block| put_frame(&mut bytes, Network::Regtest.params().magic, &block.bytes));
    bytes
}

/// The store that a fresh load of exactly these blocks leaves.
pub fn fresh(blocks: &[Sealed]) -> Content {
    let mut site = Site::of(blocks);
    let outcome = site.load_clean();
    assert_eq!(outcome.added, blocks.len() as u64, "a fresh load takes every block");
    site.content()
}
