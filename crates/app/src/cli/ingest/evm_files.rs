//! `ingest --blocks DIR --network ethereum`: Ethereum's blocks from files, without a node.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::files::{EvmFileFault, EvmFilesError};
use coinhound_ingest::evm::{
    EvmFilesLoadError, EvmFilesOutcome, EvmFilesReport, EvmProgress, evm_chain, load_evm_files,
};
use coinhound_ingest::{Control, EvmOptions};
use coinhound_model::Height;
use coinhound_store::storage::DiskStorage;
use serde_json::json;

use super::accounts::{Watcher, facts, last_words, storage_failure, store_side};
use super::evm::{self, warn_of_untraced};
use super::openings;
use crate::cli::context::Context;
use crate::cli::options::IngestArgs;
use crate::cli::tell;
use crate::exit::{Exit, Failure, Outcome, path_advice};
use crate::out::{Cell, Sheet};
use crate::text::grouped;

/// Most notices of one kind to print one by one.
const NOTICES_MAX: usize = 20;

/// What to do where nothing could be read.
const NOTHING: &str = "block files end in .json, .jsonl, .ndjson or .rlp, and each block needs its receipts: docs/ethereum.md has the forms";

/// Reads what is new and prints what the store now holds.
pub fn run(blocks: &Path, rules: ChainRules, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let openings = args.openings.as_deref().map(openings::read).transpose()?;
    let chain = evm_chain(rules);
    let store = context.store_of_ledger(&chain);
    let storage = DiskStorage::new(&store);
    storage.create_root().map_err(|error| storage_failure(&error))?;
    let options = EvmOptions {
        start: args.start_height.map(Height),
        until: args.until,
        openings,
        ..EvmOptions::new(u64::try_from(context.now).unwrap_or(0))
    };
    let mut watcher = Watcher::new(&store, "the files", false, context);
    let paths: [PathBuf; 1] = [blocks.to_owned()];
    let loaded = load_evm_files(&paths, rules, Arc::new(storage), &options, &mut |step| watched(&step, &mut watcher));
    watcher.finish();
    let loaded = loaded.map_err(|error| failure(&error))?;
    print(&loaded, rules, &store, &watcher, context)
}

fn watched(step: &EvmProgress<'_>, watcher: &mut Watcher) -> Control {
    match step {
        EvmProgress::Scanning { done, total } => watcher.scanning(*done, *total),
        EvmProgress::Block { height, tip, .. } => watcher.block(*height, *tip),
        EvmProgress::Committed(_) => watcher.committed(),
        _ => watcher.control(),
    }
}

fn print(
    loaded: &EvmFilesOutcome,
    rules: ChainRules,
    store: &Path,
    watcher: &Watcher,
    context: &Context,
) -> Outcome<Exit> {
    let report = &loaded.report;
    notices(report);
    warn_of_untraced(report.untraced_blocks);
    let facts = facts(&loaded.accounts, &evm_chain(rules), store, NOTHING)?;
    tell(&watcher.pace().told());
    let gaps: Vec<_> = report.gaps.iter().map(|gap| json!({ "from": gap.from, "to": gap.to })).collect();
    let parting = report.parting.map(|parting| {
        json!({ "height": parting.height, "one": format!("0x{}", parting.one), "other": format!("0x{}", parting.other) })
    });
    let contradiction = report.contradiction.map(|told| {
        json!({ "height": told.height, "below": format!("0x{}", told.below), "named": format!("0x{}", told.named) })
    });
    let mut faults = Sheet::new(&["damaged part of/file", ">at byte/byte", "why/reason"]);
    for fault in &report.faults {
        let file = fault.path.display().to_string();
        faults.push([Cell::from(file), Cell::number(fault.offset), Cell::from(told(fault))]);
    }
    let facts = facts
        .with("files", Cell::number(u64::try_from(report.files).unwrap_or(u64::MAX)))
        .with("blocks in them/blocks found", Cell::number(report.blocks))
        .with("blocks left out/left out", Cell::number(report.left_out))
        .with("gaps", Cell::new(gaps_told(report), gaps))
        .with("/parting", Cell::new("", parting))
        .with("/contradiction", Cell::new("", contradiction))
        .with("/damaged_left_out", Cell::new("", report.more_faults))
        .with("blocks added without traces/untraced", Cell::number(report.untraced_blocks))
        .with("/stopped", Cell::new("", loaded.stopped))
        .with("/speed", Cell::new("", watcher.pace().json()));
    context.print_with_facts(&facts, "damaged", &faults)?;
    last_words(loaded.stopped, false, store, context);
    Ok(if is_whole(loaded) { Exit::Success } else { Exit::Partial })
}

/// Whether everything that the files seem to hold was taken, with its traces.
fn is_whole(loaded: &EvmFilesOutcome) -> bool {
    let report = &loaded.report;
    let is_one_chain = report.gaps.is_empty() && report.parting.is_none() && report.contradiction.is_none();
    is_one_chain && report.faults.is_empty() && report.untraced_blocks == 0 && !loaded.stopped
}

fn gaps_told(report: &EvmFilesReport) -> String {
    if report.gaps.is_empty() {
        return "none".to_owned();
    }
    let told = report.gaps.iter().take(NOTICES_MAX).map(|gap| format!("{} to {}", gap.from, gap.to));
    let more = if report.gaps.len() > NOTICES_MAX { ", ..." } else { "" };
    format!("blocks {}{more} are missing", told.collect::<Vec<_>>().join(", "))
}

/// Tells what the files hold beside good blocks.
fn notices(report: &EvmFilesReport) {
    let mut lines: Vec<String> = report.faults.iter().map(told).collect();
    lines.extend(
        report
            .skipped
            .iter()
            .map(|path| format!("`{}` is left alone: its name is none of a block file", path.display())),
    );
    lines.extend(report.parting.iter().map(|parting| {
        format!(
            "two chains that reach as high part at height {}: 0x{} and 0x{}; neither is taken from there on",
            parting.height, parting.one, parting.other
        )
    }));
    lines.extend(report.contradiction.iter().map(|told| {
        format!(
            "the block at height {} names 0x{} below it, and 0x{} stands there: one of them is damaged",
            told.height, told.named, told.below
        )
    }));
    lines.iter().take(NOTICES_MAX).for_each(|line| tell(&format!("warning: {line}")));
    if lines.len() > NOTICES_MAX {
        tell(&format!("warning: and {} more such notices", grouped(lines.len() - NOTICES_MAX)));
    }
    if report.more_faults > 0 {
        tell(&format!(
            "warning: {} more parts of files are damaged, which no answer names",
            grouped(report.more_faults)
        ));
    }
}

/// A fault with its causes, in one line.
fn told(fault: &EvmFileFault) -> String {
    let failure = Failure::because(Exit::Input, fault);
    std::iter::once(failure.message).chain(failure.causes).collect::<Vec<_>>().join(": ")
}

/// What went wrong with files, with its status and advice.
fn failure(error: &EvmFilesLoadError) -> Failure {
    let failure = match error {
        EvmFilesLoadError::Accounts(error) => return store_side(error),
        EvmFilesLoadError::Load(error) => return evm::failure(error),
        EvmFilesLoadError::Files(EvmFilesError::Read { source, .. }) => {
            let failure = Failure::because(Exit::Input, error);
            match path_advice(source.kind()) {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        }
        error => Failure::because(Exit::Input, error),
    };
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
