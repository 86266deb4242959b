//! What a killed load leaves, and what must hold of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use coinhound_model::{AccountLedger, BlockHash, Ledger};
use coinhound_store::check::check;
use coinhound_store::commit::LOCK;
use coinhound_store::local::LOCAL_DIR;
use coinhound_store::manifest::{MANIFEST, MANIFEST_TMP, Manifest};
use coinhound_store::storage::DiskStorage;
use coinhound_store::{AccountView, Family, View};

/// A store's tip.
pub type Tip = (u32, BlockHash);

/// Every file of a store by path, but this machine's own.
///
/// # Errors
/// When the folder cannot be read.
pub fn content(store: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for (name, path) in entries(store)? {
        if name == LOCAL_DIR || name == LOCK {
            continue;
        }
        if !path.is_dir() {
            files.insert(name, fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?);
            continue;
        }
        for (inner, path) in entries(&path)? {
            let bytes = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            files.insert(format!("{name}/{inner}"), bytes);
        }
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>> {
    let about = || format!("cannot list `{}`", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(about)? {
        let entry = entry.with_context(about)?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(found)
}

/// Compares two stores file by file.
///
/// # Errors
/// Names the first file that differs.
pub fn same(got: &BTreeMap<String, Vec<u8>>, want: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for (path, bytes) in want {
        match got.get(path) {
            None => bail!("`{path}` is missing"),
            Some(other) => ensure!(other == bytes, "`{path}` differs"),
        }
    }
    let odd = got.keys().find(|path| !want.contains_key(*path));
    ensure!(odd.is_none(), "`{odd:?}` should not be there");
    Ok(())
}

/// Opens the store as a reader does and checks all of it; returns its tip, or none where nothing was committed.
///
/// # Errors
/// What a reader or the check found.
pub fn tip(store: &Path, family: Family) -> Result<Option<Tip>> {
    if !store.join(MANIFEST).exists() {
        return Ok(None);
    }
    let disk = DiskStorage::new(store);
    let tip = match family {
        Family::Coins => {
            let view = View::open(&disk).context("a reader cannot open the store")?;
            view.health().context("a reader met damage")?;
            (view.as_of().height.0, view.as_of().block)
        }
        Family::Accounts => {
            let view = AccountView::open(&disk).context("a reader cannot open the store")?;
            view.health().context("a reader met damage")?;
            (view.as_of().height.0, view.as_of().block)
        }
    };
    let report = check(&disk, &mut |_| {}).context("the check cannot read the store")?;
    let first = report.findings.first();
    ensure!(first.is_none(), "the check found {first:?}");
    Ok(Some(tip))
}

/// Whether files lie in the store that its manifest does not name: the next writer has something to recover from.
///
/// # Errors
/// When the store cannot be read.
pub fn has_strays(store: &Path) -> Result<bool> {
    if !store.join(MANIFEST).exists() {
        return Ok(false);
    }
    let manifest = Manifest::read(&DiskStorage::new(store))?;
    let named: Vec<String> = manifest.files.iter().map(coinhound_store::manifest::FileEntry::path).collect();
    let stray = |path: &String| path != MANIFEST && !named.contains(path);
    Ok(content(store)?.keys().any(|path| path == MANIFEST_TMP || stray(path)))
}
