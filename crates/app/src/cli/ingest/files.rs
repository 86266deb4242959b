//! `ingest --blocks`: a node's block files into the store.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use coinhound_chains::bitcoin::files::{BlockDir, BlockFileError};
use coinhound_chains::bitcoin::{Network, Params};
use coinhound_ingest::{Control, LoadError, Options, Outcome as Loaded, Progress as Step, load_blocks};
use coinhound_model::Height;
use coinhound_store::storage::DiskStorage;

use super::{COMMIT_EVERY, load_failure, print, warn_of_unchecked};
use crate::cli::context::Context;
use crate::cli::options::IngestArgs;
use crate::cli::progress::Progress;
use crate::cli::{interrupt, tell};
use crate::exit::{Exit, Failure, Outcome};
use crate::gaps::Gaps;
use crate::out::Facts;
use crate::text::grouped;

/// Most notices of one kind to print one by one.
const NOTICES_MAX: usize = 20;

/// Reads what is new and prints what the store now holds.
pub fn run(blocks: &Path, network: Network, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let store = context.store_of(network);
    let loaded = load(blocks, network.params(), &store, args.start_height.map(Height), context.now)?;
    notices(&loaded);
    warn_of_unchecked(&loaded);
    if loaded.range.is_none() {
        return Err(nothing(&loaded));
    }
    print(&loaded, Facts::new(), network, args, context)?;
    let whole = loaded.gaps.is_empty() && loaded.unusable.is_empty() && !loaded.stopped;
    Ok(if whole { Exit::Success } else { Exit::Partial })
}

/// Loads a folder of block files into a store folder, with progress, and notes the gaps beside the store.
pub fn load(blocks: &Path, params: &Params, store: &Path, start: Option<Height>, now: i64) -> Outcome<Loaded> {
    let dir = BlockDir::open(blocks, params).map_err(|error| files_failure(&error))?;
    let storage = DiskStorage::new(store);
    storage.create_root().map_err(|error| load_failure(&LoadError::Storage(error)))?;
    let storage = Arc::new(storage);
    let options = Options { start, ..Options::new(u64::try_from(now).unwrap_or(0)) };
    let mut progress = Progress::new();
    let mut pace = Pace { committed: Instant::now() };
    let loaded = load_blocks(&dir, storage.clone(), &options, &mut |step| {
        show(&step, &mut progress);
        pace.control(&step)
    });
    progress.finish();
    let loaded = loaded.map_err(|error| load_failure(&error))?;
    if let Some(gaps) = Gaps::of(&loaded) {
        gaps.write(&*storage).map_err(|error| load_failure(&LoadError::Storage(error)))?;
    }
    Ok(loaded)
}

/// When to commit and when to stop.
struct Pace {
    committed: Instant,
}

impl Pace {
    fn control(&mut self, step: &Step<'_>) -> Control {
        match step {
            Step::Scanning(_) if interrupt::asked() => interrupt::leave_unchanged(),
            Step::Committed(_) => self.committed = Instant::now(),
            Step::Block { .. } if interrupt::asked() => return Control::Stop,
            Step::Block { .. } if self.committed.elapsed() >= COMMIT_EVERY => return Control::Commit,
            _ => {}
        }
        Control::Go
    }
}

fn show(step: &Step<'_>, progress: &mut Progress) {
    match step {
        Step::Scanning(scan) => {
            let (done, total) = (scan.files as u64, scan.files_total as u64);
            progress.stage("finding blocks", total);
            progress.step(done, total, 0);
        }
        Step::Block { bytes, done, total, .. } => {
            progress.stage("reading blocks", *total);
            progress.step(*done, *total, *bytes);
        }
        _ => {}
    }
}

/// Tells what the files hold beside good blocks.
fn notices(loaded: &Loaded) {
    let mut told: Vec<String> = loaded.notices.iter().map(ToString::to_string).collect();
    told.extend(loaded.unusable.iter().map(|block| {
        format!(
            "block {} at byte {} of blk{:05}.dat cannot be used: {}",
            block.hash, block.offset, block.file, block.reason
        )
    }));
    told.extend(loaded.refused.iter().map(|header| format!("header {} is refused: {}", header.hash, header.reason)));
    let untold = &loaded.undo_missing;
    told.extend(untold.reasons.iter().map(|reason| format!("spent coins are not known: {reason}")));
    told.extend(
        loaded
            .rivals
            .iter()
            .map(|tip| format!("block {} at height {} has as much work as the tip chosen", tip.hash, tip.height)),
    );
    told.iter().take(NOTICES_MAX).for_each(|line| tell(&format!("warning: {line}")));
    let all = told.len() as u64 + untold.blocks.saturating_sub(untold.reasons.len() as u64);
    let left = all - told.len().min(NOTICES_MAX) as u64;
    if left > 0 {
        tell(&format!("warning: and {} more such notices", grouped(left)));
    }
}

fn nothing(loaded: &Loaded) -> Failure {
    let gap = loaded.gaps.first().map(|gap| format!(": block {} is missing", gap.from)).unwrap_or_default();
    Failure::new(Exit::Partial, format!("no block could be loaded{gap}"))
        .hint("copy the missing block files beside the others and run it again")
}

pub(super) fn files_failure(error: &BlockFileError) -> Failure {
    let failure = Failure::because(Exit::Input, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure.hint("check the path and that you may read it: it is the node's `blocks` folder"),
    }
}
