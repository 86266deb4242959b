//! What every verb needs: where store and case lie, how to print, what time it is.

use std::path::PathBuf;

use serde_json::Value;

use super::args::{Format, Global};
use super::chain::Chain;
use super::{emit, tell};
use crate::case::{Case, CaseError, Stamp};
use crate::config::Folders;
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::out::{Sheet, json};
use coinhound_chains::bitcoin::Network;
use coinhound_model::Height;

/// What every verb needs.
#[derive(Clone, Debug)]
pub struct Context {
    /// The folders in use.
    pub folders: Folders,
    /// How to print.
    pub format: Format,
    /// The height to answer at, if not the tip.
    pub as_of: Option<Height>,
    /// The store that was named.
    pub store: Option<PathBuf>,
    /// The case that was named.
    pub case: Option<String>,
    /// Seconds since 1970, read once.
    pub now: i64,
}

impl Context {
    /// From the options that every verb takes.
    #[must_use]
    pub fn new(global: &Global) -> Self {
        Self {
            folders: Folders::from_env(),
            format: if global.json { Format::Json } else { global.format },
            as_of: global.as_of.map(Height),
            store: global.store.clone(),
            case: global.case.clone(),
            now: now(),
        }
    }

    /// Who changes the case, and when.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let at = jiff::Timestamp::from_second(self.now).map(|time| time.to_string()).unwrap_or_default();
        let who = ["LOGNAME", "USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        Stamp { at, who: who.unwrap_or_else(|| "unknown".to_owned()) }
    }

    /// The store's folder.
    #[must_use]
    pub fn store_path(&self, network: Network) -> PathBuf {
        self.store.clone().unwrap_or_else(|| self.folders.store(network))
    }

    /// The store as of the height asked for.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it.
    pub fn chain(&self) -> Outcome<Chain> {
        Chain::open(&self.store_path(Network::Main), self.as_of)
    }

    /// The case in hand.
    ///
    /// # Errors
    /// Says which one was looked for, and how to make or choose one.
    pub fn open_case(&self) -> Outcome<Case> {
        let path = match &self.case {
            Some(name) => self.folders.case(name),
            None => self.case_in_hand()?,
        };
        Case::open(&path).map_err(|error| case_failure(&error))
    }

    /// Whether a case was named or is in hand.
    #[must_use]
    pub fn has_case(&self) -> bool {
        self.case.is_some() || self.folders.current_case().exists()
    }

    fn case_in_hand(&self) -> Outcome<PathBuf> {
        match std::fs::read_to_string(self.folders.current_case()) {
            Ok(path) => Ok(PathBuf::from(path.trim_end_matches('\n'))),
            Err(_) => Err(Failure::new(Exit::NotFound, "no case is in hand")
                .hint("create one with `coinhound case new NAME`, or name one with --case")),
        }
    }

    /// Makes a case the one in hand.
    ///
    /// # Errors
    /// When the file that says so cannot be written.
    pub fn take_in_hand(&self, path: &std::path::Path) -> Outcome<()> {
        let whole = std::path::absolute(path).or_name(Exit::Failure, Attempt::Read, path)?;
        let (folder, note) = (self.folders.cases(), self.folders.current_case());
        std::fs::create_dir_all(&folder).or_name(Exit::Failure, Attempt::Create, &folder)?;
        std::fs::write(&note, format!("{}\n", whole.display())).or_name(Exit::Failure, Attempt::Write, &note)
    }

    /// Prints one table in the form asked for.
    ///
    /// # Errors
    /// When standard output takes nothing.
    pub fn print(&self, sheet: &Sheet) -> Outcome<()> {
        match self.format {
            Format::Table => emit(&sheet.table()),
            Format::Csv => emit(&sheet.csv()),
            Format::Json => emit(&json::pretty(&sheet.json())),
        }
    }

    /// Prints a heading with facts and a table: all of it as text or JSON, the table alone as CSV.
    ///
    /// # Errors
    /// When standard output takes nothing.
    pub fn print_with_facts(&self, facts: &[(&str, String)], rows: &str, sheet: &Sheet) -> Outcome<()> {
        self.print_with_tables(facts, (rows, sheet), &[])
    }

    /// The same with more tables: below the first as text where they have rows, beside it as JSON, left out of CSV.
    ///
    /// # Errors
    /// When standard output takes nothing.
    pub fn print_with_tables(
        &self,
        facts: &[(&str, String)],
        (rows, sheet): (&str, &Sheet),
        more: &[(&str, &Sheet)],
    ) -> Outcome<()> {
        let tables = || std::iter::once((rows, sheet)).chain(more.iter().copied());
        match self.format {
            Format::Csv => emit(&sheet.csv()),
            Format::Json => emit(&json::pretty(&facts_json(facts, tables()))),
            Format::Table => {
                let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
                let lines: String = facts
                    .iter()
                    .map(|(name, value)| format!("{name:<width$}  {}\n", crate::text::clean(value)))
                    .collect();
                let filled = tables().filter(|(_, sheet)| !sheet.is_empty());
                let tables: String = filled.map(|(_, sheet)| format!("\n{}", sheet.table())).collect();
                emit(&format!("{lines}{tables}"))
            }
        }
    }

    /// Says something that is not data, unless a program reads.
    pub fn note(&self, text: &str) {
        tell(text);
    }
}

fn facts_json<'a>(facts: &[(&str, String)], tables: impl Iterator<Item = (&'a str, &'a Sheet)>) -> Value {
    let mut object: serde_json::Map<String, Value> =
        facts.iter().map(|(name, value)| (name.replace(' ', "_"), Value::from(value.as_str()))).collect();
    object.extend(tables.map(|(rows, sheet)| (rows.to_owned(), sheet.json())));
    Value::Object(object)
}

/// The present, or `SOURCE_DATE_EPOCH` where somebody needs the same bytes twice.
fn now() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    fixed.unwrap_or_else(|| jiff::Timestamp::now().as_second())
}

/// A case's error with its status and advice.
#[must_use]
pub fn case_failure(error: &CaseError) -> Failure {
    let (exit, hint) = match error {
        CaseError::Missing { .. } => {
            (Exit::NotFound, "create it with `coinhound case new NAME`; `coinhound case list` shows those there are")
        }
        CaseError::Exists { .. } => (Exit::Input, "choose another name, or work on it with `coinhound case use NAME`"),
        CaseError::NotACase { .. } => (Exit::Store, "name a file that `coinhound case new` made"),
        CaseError::Newer { .. } => (Exit::Store, "use the release that wrote it, or a later one"),
        CaseError::Damaged { .. } => (Exit::Store, "restore it from a backup; the file itself was left as it is"),
        CaseError::Busy { .. } => (Exit::Store, "wait until the other command has finished"),
        CaseError::Refused { .. } => return Failure::because(Exit::Input, error),
        _ => return Failure::because(Exit::Store, error),
    };
    Failure::because(exit, error).hint(hint)
}
