//! The only way into a store: facts in, one commit out.
//!
//! A commit keeps the blocks up to a height, adds the facts of the blocks that follow, and leaves
//! exactly the files that a fresh load of the resulting chain leaves. Files that are already right are kept
//! by name; others are written beside them; then the manifest is swapped and what it no longer names is
//! removed. An interruption at any point leaves the old commit or the new one.

mod build;
mod plan;
mod workers;

use std::collections::BTreeMap;
use std::sync::Arc;

use coinhound_model::{BlockHash, ChainId, Height};

use crate::base::BASE_DIR;
use crate::commit;
use crate::cut::FactsSlice;
use crate::digest::Digest;
use crate::error::Health;
use crate::facts::Counts;
use crate::failure::StoreError;
use crate::local::{self, BlockPlace};
use crate::manifest::{FileEntry, MANIFEST, Manifest, Params, Tip};
use crate::opened::Opened;
use crate::overlay::OVERLAY_DIR;
use crate::segment::FACTS_DIR;
use crate::storage::{Storage, WriterLock};

use build::Build;
use plan::Plan;

/// What a commit did, in files: what tests assert to know that they tested it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Facts files kept as they were.
    pub reused: u32,
    /// Facts files written.
    pub written: u32,
    /// Of these: longer than one block.
    pub sealed: u32,
    /// Of these: made of blocks of several older files.
    pub merged: u32,
    /// Of these: made of a part of an older file.
    pub cut: u32,
    /// Overlays written.
    pub overlays: u32,
    /// Times the base took in blocks.
    pub folded: u32,
    /// Times the base gave up blocks.
    pub filtered: u32,
    /// Files of earlier commits removed.
    pub swept: u32,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, one: Self) {
        self.reused += one.reused;
        self.written += one.written;
        self.sealed += one.sealed;
        self.merged += one.merged;
        self.cut += one.cut;
        self.overlays += one.overlays;
        self.folded += one.folded;
        self.filtered += one.filtered;
        self.swept += one.swept;
    }
}

/// A commit that is durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// Lowest height in the store.
    pub first: Height,
    /// Highest height in the store.
    pub tip: Height,
    /// Its block.
    pub block: BlockHash,
    /// Rows of each kind.
    pub counts: Counts,
    /// The manifest's digest: the name of the store's whole content.
    pub manifest: Digest,
    /// What was done.
    pub tally: Tally,
}

/// What a commit leaves beside the chain, on this machine alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Note<'a> {
    /// Where new blocks lie in the node's files.
    pub places: &'a [(BlockHash, BlockPlace)],
    /// Seconds since 1970 by the caller's clock.
    pub time: u64,
}

/// The one writer of a store.
pub struct Writer {
    storage: Arc<dyn Storage>,
    _lock: WriterLock,
    chain: ChainId,
    params: Params,
    threads: usize,
    health: Health,
    opened: Option<Opened>,
    failed: bool,
    skip_unwind: bool,
}

impl Writer {
    /// Takes the writer's lock and opens what is there. An empty folder becomes a store at the first commit.
    ///
    /// Removes what an interrupted writer left.
    ///
    /// # Errors
    /// [`StoreError`]: locked, damaged, of another format, another chain, another family or other parameters.
    pub fn open_or_create(storage: Arc<dyn Storage>, chain: ChainId, params: Params) -> Result<Self, StoreError> {
        params.layout().check()?;
        let lock = commit::lock(&*storage)?;
        let health = Health::new();
        let manifest = published(&*storage, &chain)?;
        let mut opened = None;
        if let Some(manifest) = manifest {
            manifest.check_family(&*storage, params.family)?;
            if manifest.params != params {
                return Err(StoreError::OtherParams { stored: manifest.params, asked: params });
            }
            opened = Some(Opened::open(&*storage, &manifest, None, &health)?);
            commit::sweep(&*storage, Some(&manifest))?;
        }
        commit::create_dirs(&*storage, &[FACTS_DIR, OVERLAY_DIR, BASE_DIR])?;
        Ok(Self { storage, _lock: lock, chain, params, threads: 1, health, opened, failed: false, skip_unwind: false })
    }

    /// Lets commits use this many threads; the bytes do not depend on it.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// A planted fault for the tests of tests: a reorganisation leaves spenders of the old branch.
    #[doc(hidden)]
    #[must_use]
    pub fn skipping_unwind(self) -> Self {
        Self { skip_unwind: true, ..self }
    }

    /// The lowest and the highest height, and the tip's block; `None` before the first commit.
    #[must_use]
    pub fn range(&self) -> Option<(Height, Height, BlockHash)> {
        self.opened.as_ref().map(|opened| (opened.first(), opened.tip(), opened.manifest.tip.hash))
    }

    /// The last commit's manifest.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.opened.as_ref().map(|opened| &opened.manifest)
    }

    /// Keeps the blocks up to `keep` and adds `facts`, which start above it.
    ///
    /// With `keep` of `None` the store will hold `facts` alone. `facts` may be empty: then blocks
    /// are only taken away. When this returns, the commit is durable; when it fails, the last commit or, if only
    /// the removal of old files failed, this one stands, and the writer must be opened again.
    ///
    /// # Errors
    /// [`StoreError`]. Facts that do not fit are refused before anything is written.
    pub fn commit<'f>(
        &mut self,
        keep: Option<Height>,
        facts: impl Into<FactsSlice<'f>>,
        note: Note<'_>,
    ) -> Result<Committed, StoreError> {
        if self.failed {
            return Err(StoreError::Poisoned);
        }
        self.health.check()?;
        let plan = Plan::new(&self.params, self.opened.as_ref(), keep, facts.into())?;
        self.failed = true;
        let (committed, opened) = self.carry_out(&plan, note)?;
        self.opened = Some(opened);
        self.failed = false;
        Ok(committed)
    }

    fn carry_out(&self, plan: &Plan<'_>, note: Note<'_>) -> Result<(Committed, Opened), StoreError> {
        let storage = &*self.storage;
        let (files, mut tally) = self.build(plan).files()?;
        // Nothing that was read from a damaged file may be published under a good checksum.
        self.health.check()?;
        let manifest = self.manifest_of(plan, files);
        if !note.places.is_empty() {
            local::add_blocks(storage, note.places)?;
        }
        commit::publish(storage, &manifest)?;
        tally.swept = u32::try_from(commit::sweep(storage, Some(&manifest))?.len()).unwrap_or(u32::MAX);
        let opened = Opened::open(storage, &manifest, self.opened.as_ref(), &self.health)?;
        let counts = opened.counts_before(plan.tip.0 + 1);
        assert_eq!(counts, plan.ends, "what was committed is what was planned");
        let digest = manifest.digest();
        local::add_commit(storage, digest, plan.tip, note.time)?;
        let committed =
            Committed { first: plan.first, tip: plan.tip, block: manifest.tip.hash, counts, manifest: digest, tally };
        Ok((committed, opened))
    }

    fn build<'a>(&'a self, plan: &'a Plan<'a>) -> Build<'a> {
        Build {
            storage: &*self.storage,
            plan,
            threads: self.threads,
            health: &self.health,
            skip_unwind: self.skip_unwind,
        }
    }

    fn manifest_of(&self, plan: &Plan<'_>, mut files: Vec<FileEntry>) -> Manifest {
        files.sort();
        files.sort_by(|a, b| a.role.cmp(&b.role));
        Manifest {
            chain: self.chain.clone(),
            counts: named_counts(&plan.ends),
            files,
            first: plan.first.0,
            params: self.params.clone(),
            tip: Tip { hash: plan.tip_hash, height: plan.tip.0 },
        }
    }
}

/// The manifest of the last commit; `None` where there never was one.
fn published(storage: &dyn Storage, chain: &ChainId) -> Result<Option<Manifest>, StoreError> {
    match storage.length(MANIFEST) {
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(Some(Manifest::read_for(storage, chain)?)),
    }
}

fn named_counts(counts: &Counts) -> BTreeMap<String, u64> {
    Counts::NAMES.into_iter().zip(counts.to_array()).map(|(name, count)| (name.to_owned(), count)).collect()
}
