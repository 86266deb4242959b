//! What every verb needs: where store and case lie, how to print, what time it is.

use std::path::PathBuf;

use serde_json::Value;

use super::args::{Format, Global};
use super::chain::Chain;
use super::ledger::{Opened, coins_alone};
use super::network::Named;
use super::{emit, tell};
use crate::case::{Case, CaseError, Stamp};
use crate::config::{Folders, Settings};
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::out::{Facts, Sheet, json};
use coinhound_chains::bitcoin::Network;
use coinhound_model::{ChainId, Height};

/// What every verb needs.
#[derive(Clone, Debug)]
pub struct Context {
    /// The folders in use.
    pub folders: Folders,
    /// How to print.
    pub format: Format,
    /// The height to answer at, if not the tip.
    pub as_of: Option<Height>,
    /// The ledger whose store is asked where none was named.
    pub network: Named,
    /// The store that was named.
    pub store: Option<PathBuf>,
    /// The case that was named.
    pub case: Option<String>,
    /// Seconds since 1970, read once.
    pub now: i64,
    /// The present that somebody fixed, if somebody did.
    pub fixed_now: Option<i64>,
}

impl Context {
    /// From the options that every verb takes, and the settings.
    #[must_use]
    pub fn new(global: &Global, folders: Folders, settings: &Settings) -> Self {
        let network = settings.get("network").and_then(|chosen| chosen.value.to_str()?.parse().ok());
        Self {
            folders,
            format: if global.json { Format::Json } else { global.format },
            as_of: global.as_of.map(Height),
            network: network.unwrap_or(Named::Coins(Network::Main)),
            store: global.store.clone(),
            case: global.case.clone(),
            now: fixed_now().unwrap_or_else(|| jiff::Timestamp::now().as_second()),
            fixed_now: fixed_now(),
        }
    }

    /// Who changes the case, and when.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let at = jiff::Timestamp::from_second(self.now).map(|time| time.to_string()).unwrap_or_default();
        let who = ["LOGNAME", "USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        Stamp { at, who: who.unwrap_or_else(|| "unknown".to_owned()) }
    }

    /// The folder of the store in use: the one that was named, else that of the network in use.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        match self.network {
            Named::Coins(network) => self.store_of(network),
            Named::Ethereum(rules) => self.store_of_ledger(&coinhound_ingest::evm::evm_chain(rules)),
        }
    }

    /// The folder of a network's store, where no store was named.
    #[must_use]
    pub fn store_of(&self, network: Network) -> PathBuf {
        self.named_store().unwrap_or_else(|| self.folders.store(network))
    }

    /// The folder of a ledger's store, where no store was named.
    #[must_use]
    pub fn store_of_ledger(&self, chain: &ChainId) -> PathBuf {
        self.named_store().unwrap_or_else(|| self.folders.ledger(chain))
    }

    /// The store that was named: a folder, or the name of one beside the others of this user.
    fn named_store(&self) -> Option<PathBuf> {
        let named = self.store.clone()?;
        let is_name = named.components().count() == 1 && !named.exists();
        let beside = self.folders.stores().join(&named);
        Some(if is_name && beside.exists() { beside } else { named })
    }

    /// The store as of the height asked for.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it.
    pub fn ledger(&self) -> Outcome<Opened> {
        Opened::open(&self.store_path(), self.as_of)
    }

    /// The same for a verb that is defined on coins alone.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it, or says that the verb is not defined on its ledger.
    pub fn coins(&self, verb: &str) -> Outcome<Chain> {
        match self.ledger()? {
            Opened::Coins(chain) => Ok(*chain),
            Opened::Accounts(_) => Err(coins_alone(verb)),
        }
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

    /// Prints facts and a table: all of it as text or JSON, the table alone as CSV.
    ///
    /// # Errors
    /// When standard output takes nothing.
    pub fn print_with_facts(&self, facts: &Facts, rows: &str, sheet: &Sheet) -> Outcome<()> {
        self.print_with_tables(facts, (rows, sheet), &[])
    }

    /// The same with more tables: below the first as text where they have rows, beside it as JSON, left out of CSV.
    /// A table without a name is not a field of the JSON.
    ///
    /// # Errors
    /// When standard output takes nothing.
    pub fn print_with_tables(
        &self,
        facts: &Facts,
        (rows, sheet): (&str, &Sheet),
        more: &[(&str, &Sheet)],
    ) -> Outcome<()> {
        let tables = || std::iter::once((rows, sheet)).chain(more.iter().copied());
        match self.format {
            Format::Csv => emit(&sheet.csv()),
            Format::Json => {
                let mut object = facts.fields();
                let named = tables().filter(|(rows, _)| !rows.is_empty());
                object.extend(named.map(|(rows, sheet)| (rows.to_owned(), sheet.json())));
                emit(&json::pretty(&Value::Object(object)))
            }
            Format::Table => {
                let filled = tables().filter(|(_, sheet)| !sheet.is_empty());
                let tables: String = filled.map(|(_, sheet)| format!("\n{}", sheet.table())).collect();
                emit(format!("{}{tables}", facts.lines()).trim_start_matches('\n'))
            }
        }
    }

    /// Tells what was done: a sentence to the person, the facts to a program that asked for JSON.
    ///
    /// # Errors
    /// When standard output takes nothing.
    pub fn done(&self, sentence: &str, facts: &Facts) -> Outcome<Exit> {
        tell(sentence);
        if self.format == Format::Json {
            emit(&json::pretty(&Value::Object(facts.fields())))?;
        }
        Ok(Exit::Success)
    }
}

/// `SOURCE_DATE_EPOCH`: the present where somebody needs the same bytes twice.
fn fixed_now() -> Option<i64> {
    std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok())
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
