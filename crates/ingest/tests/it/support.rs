//! Where test data lies and how a folder is loaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::files::BlockDir;
use coinhound_ingest::{Control, LoadError, Options, Outcome, load_blocks};
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::{DiskStorage, Storage};

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
    Options { layout: LayoutParams::tiny(), ..Options::new(0) }
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
pub fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    found
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a store's folder") {
        let path = entry.expect("a store's entry").path();
        let name = path.strip_prefix(root).expect("below the root").display().to_string();
        if name == "local" || name.to_lowercase().contains("lock") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, into);
        } else {
            into.push((name, fs::read(&path).expect("a store's file")));
        }
    }
}
