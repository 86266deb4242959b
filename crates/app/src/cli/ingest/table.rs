//! `ingest --table`: files of rows that somebody supplied, read by a map.

use std::path::Path;
use std::sync::Arc;

use coinhound_chains::table::{BadRow, FileReport, MapError, READY, TableError, TableFile, TableMap, ready};
use coinhound_ingest::accounts::AccountError;
use coinhound_ingest::{Control, LoadTableError, TableOptions, TableOutcome, load_table, open_table};
use coinhound_model::ChainId;
use coinhound_store::manifest::Manifest;
use coinhound_store::storage::{DiskStorage, Storage};
use serde_json::json;

use crate::cli::accounts::status;
use crate::cli::chain::{disk_advice, store_failure};
use crate::cli::context::Context;
use crate::cli::options::IngestArgs;
use crate::cli::progress::Progress;
use crate::cli::{interrupt, tell};
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::out::{Cell, Facts};
use crate::report::words;
use crate::supply::{File, Row, Supply};

/// A map as the command line names it: one that the program brings along, or a file.
pub struct Map {
    /// The name or the path.
    pub name: String,
    /// What it says.
    pub map: Arc<TableMap>,
}

/// Reads the tables and prints what the store now holds.
pub fn run(args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let maps = maps(args)?;
    let opened = args.table.iter().zip(maps.iter().cycle());
    let files = opened.map(|(path, map)| open_table(path, map.map.clone()).map_err(|error| failure(&error)));
    let files: Vec<TableFile> = files.collect::<Outcome<_>>()?;
    let ledger = args.ledger.clone().unwrap_or_else(|| maps[0].map.ledger().to_owned());
    let names: Vec<&str> = maps.iter().map(|map| map.name.as_str()).collect();
    let store = context.store_of_ledger(&ChainId(format!("table:{ledger}")));
    let (loaded, supply) = load(files, &names, args.ledger.clone(), args.skip_bad, &store, context.now)?;
    print(&loaded, &supply, &store, context)
}

/// The maps that were named: one for all tables, or one for each.
fn maps(args: &IngestArgs) -> Outcome<Vec<Map>> {
    let maps: Vec<Map> = match args.map.is_empty() {
        true => vec![named_map("transfers")?],
        false => args.map.iter().map(|name| named_map(name)).collect::<Outcome<_>>()?,
    };
    if maps.len() > 1 && maps.len() != args.table.len() {
        let message = format!("{} maps are named for {} tables", maps.len(), args.table.len());
        return Err(
            Failure::new(Exit::Usage, message).hint("name one map for all of them, or one for each in their order")
        );
    }
    Ok(maps)
}

/// A map by its name, else by its file.
///
/// # Errors
/// When there is neither, or the file is no map.
pub fn named_map(name: &str) -> Outcome<Map> {
    let refused = |error: &MapError| {
        Failure { message: format!("map `{name}`: {error}"), ..Failure::because(Exit::Input, error) }
            .hint("docs/tables.md has the form of a map")
    };
    let text = match ready(name) {
        Some(map) => map.text.to_owned(),
        None => {
            let path = Path::new(name);
            if !path.exists() {
                let known = READY.map(|map| map.name).join(", ");
                return Err(Failure::new(Exit::NotFound, format!("no map `{name}`"))
                    .hint(format!("name a file, or one that the program brings along: {known}")));
            }
            std::fs::read_to_string(path).or_name(Exit::Input, Attempt::Read, path)?
        }
    };
    let map = TableMap::parse(&text).map_err(|error| refused(&error))?;
    Ok(Map { name: name.to_owned(), map: Arc::new(map) })
}

/// Loads tables into a store folder, with progress, and notes beside the store what was taken and what was left out.
///
/// # Errors
/// Names the file, line and column of what cannot be read; then nothing is stored.
pub fn load(
    files: Vec<TableFile>,
    maps: &[&str],
    ledger: Option<String>,
    skip_bad: bool,
    store: &Path,
    now: i64,
) -> Outcome<(TableOutcome, Supply)> {
    let storage = DiskStorage::new(store);
    storage.create_root().map_err(|error| failure(&LoadTableError::Accounts(AccountError::Storage(error))))?;
    let storage: Arc<DiskStorage> = Arc::new(storage);
    let options = TableOptions { ledger, skip_bad, ..TableOptions::new(u64::try_from(now).unwrap_or(0)) };
    let before = stored_supply(&*storage);
    let mut progress = Progress::new();
    let loaded = load_table(files, storage.clone(), &options, &mut |done| {
        progress.stage("taking rows", done.total);
        progress.step(done.rows, done.total, 0);
        if interrupt::asked() { Control::Stop } else { Control::Go }
    });
    progress.finish();
    let loaded = loaded.map_err(|error| failure(&error))?;
    let supply = note(&loaded, maps, before);
    if loaded.stored.range.is_some() {
        supply.write(&*storage).map_err(|error| failure(&LoadTableError::Accounts(AccountError::Storage(error))))?;
    }
    Ok((loaded, supply))
}

/// The note of earlier loads, if the store has one.
fn stored_supply(storage: &dyn Storage) -> Supply {
    let tip = Manifest::read(storage).ok().map(|manifest| manifest.tip.hash);
    tip.and_then(|tip| Supply::read(storage, &tip)).unwrap_or_default()
}

fn note(loaded: &TableOutcome, maps: &[&str], before: Supply) -> Supply {
    let Some((_, _, tip)) = loaded.stored.range else { return before };
    let file = |(file, map): (&FileReport, &&str)| {
        let skipped = loaded.report.bad.first.iter().filter(|row| row.file == file.name);
        File {
            name: file_name(&file.name).into(),
            digest: file.digest.to_string(),
            map: file_name(map).into(),
            rows: file.rows - file.filtered - file.bad,
            filtered: file.filtered,
            bad: file.bad,
            skipped: skipped.map(row).collect(),
        }
    };
    before.with(&tip, loaded.report.files.iter().zip(maps.iter().cycle()).map(file))
}

/// A file's name without its folders: those are one machine's.
fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn row(bad: &BadRow) -> Row {
    let column = bad.column.as_ref().map(|column| format!("column `{column}`: ")).unwrap_or_default();
    let found = bad.found.as_ref().map(|found| format!(", found `{found}`")).unwrap_or_default();
    Row { line: bad.line, reason: format!("{column}{}{found}", bad.problem).into() }
}

fn print(loaded: &TableOutcome, supply: &Supply, store: &Path, context: &Context) -> Outcome<Exit> {
    let Some((first, last, tip)) = loaded.stored.range else {
        return Err(Failure::new(Exit::Partial, "stopped before anything was stored").hint("run it again"));
    };
    let bad = loaded.report.bad.total;
    if bad > 0 {
        tell(&format!("warning: {bad} rows could not be read and were left out; every report will say so"));
    }
    let unsorted: u64 = loaded.report.files.iter().map(|file| file.unsorted).sum();
    if unsorted > 0 {
        tell(&format!("{unsorted} rows stood behind later ones and were sorted by their time"));
    }
    let facts = Facts::new()
        .with("store", store.display().to_string())
        .with("chain", loaded.chain.0.as_str())
        .with("evidence", words::SUPPLIED)
        .with("moments/blocks", Cell::new(format!("{first} to {last}"), json!({ "first": first.0, "last": last.0 })))
        .with("tip", tip.to_string())
        .with("moments added/added", Cell::number(loaded.stored.added))
        .with("rows", Cell::number(loaded.rows))
        .with("rows that several files have/repeated", Cell::number(loaded.repeated))
        .with("rows left out/skipped", Cell::number(bad))
        .with("/stopped", Cell::new("", loaded.stopped));
    let (files, skipped) = (status::files(Some(supply)), status::skipped(Some(supply)));
    context.print_with_tables(&facts, ("files", &files), &[("skipped_rows", &skipped)])?;
    if context.store.is_none() {
        let name = store.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        tell(&format!("hint: ask it with --store {name}"));
    }
    Ok(if bad == 0 && !loaded.stopped { Exit::Success } else { Exit::Partial })
}

/// What went wrong with tables, with its status and advice.
fn failure(error: &LoadTableError) -> Failure {
    match error {
        LoadTableError::Read { source, .. } => {
            let failure = Failure::because(Exit::Input, error);
            match crate::exit::path_advice(source.kind()) {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        }
        LoadTableError::Table(TableError::BadRows { .. }) => Failure::because(Exit::Input, error).hint(
            "nothing was stored; correct the rows, or leave them out with --skip-bad: they stay counted and named",
        ),
        LoadTableError::Table(TableError::NothingTaken { bad, .. }) if *bad > 0 => Failure::because(Exit::Input, error)
            .hint("leave --skip-bad out to see what is wrong with the first of them"),
        LoadTableError::Table(TableError::NoColumn { .. } | TableError::NoPosition { .. }) => {
            Failure::because(Exit::Input, error).hint("the map does not fit the file: name another with --map")
        }
        LoadTableError::Accounts(AccountError::Store(error)) => store_failure(error),
        LoadTableError::Accounts(AccountError::Storage(source)) => match disk_advice(source) {
            Some(hint) => Failure::because(Exit::Store, source).hint(hint),
            None => Failure::because(Exit::Store, source),
        },
        LoadTableError::Accounts(_) => Failure::because(Exit::Store, error),
        _ => Failure::because(Exit::Input, error),
    }
}
