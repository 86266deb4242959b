//! An open store, of coins or of accounts: what every verb is asked of.

use std::path::Path;

use coinhound_model::{AccountLedger, AsOf, Height, Ledger};
use coinhound_store::Family;
use coinhound_store::manifest::Manifest;
use coinhound_store::storage::DiskStorage;

use super::accounts::{self, Accounts};
use super::chain::{Chain, store_failure};
use super::options::TraceArgs;
use super::tracing;
use crate::case::Case;
use crate::exit::{Exit, Failure, Outcome};
use crate::report::{Document, Parameters};

/// An open store.
#[derive(Debug)]
pub enum Opened {
    /// Of coins.
    Coins(Box<Chain>),
    /// Of accounts.
    Accounts(Box<Accounts>),
}

/// What a trace is asked by: what the command line says, or what a kept run says.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Options.
    Options(&'a TraceArgs),
    /// Kept parameters.
    Parameters(&'a Parameters),
}

impl Opened {
    /// Opens a store at its tip, or at a lower height.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it.
    pub fn open(folder: &Path, as_of: Option<Height>) -> Outcome<Self> {
        Ok(match family(folder)? {
            Family::Coins => Self::Coins(Box::new(Chain::open(folder, as_of)?)),
            Family::Accounts => Self::Accounts(Box::new(Accounts::open(folder, as_of)?)),
        })
    }

    /// The point that answers refer to.
    #[must_use]
    pub fn as_of(&self) -> &AsOf {
        match self {
            Self::Coins(chain) => chain.view.as_of(),
            Self::Accounts(ledger) => ledger.view.as_of(),
        }
    }

    /// Follows a case's stolen value.
    ///
    /// # Errors
    /// When the case has no seed here, options mean nothing, or the trace refuses.
    pub fn trace(&self, case: &Case, by: By<'_>, threads: usize) -> Outcome<Document> {
        match self {
            Self::Coins(chain) => {
                let inquiry = tracing::Inquiry::of(case, chain)?;
                let parameters = match by {
                    By::Options(args) => tracing::parameters(args, case, chain)?,
                    By::Parameters(parameters) => parameters.clone(),
                };
                Ok(inquiry.answer(&parameters, threads)?.1)
            }
            Self::Accounts(ledger) => {
                let inquiry = accounts::tracing::Inquiry::of(case, ledger)?;
                let parameters = match by {
                    By::Options(args) => inquiry.parameters(args, case)?,
                    By::Parameters(parameters) => parameters.clone(),
                };
                inquiry.answer(&parameters, threads)
            }
        }
    }
}

/// Which kind of ledger a folder's store holds.
///
/// # Errors
/// Names the folder and what is wrong with it.
pub fn family(folder: &Path) -> Outcome<Family> {
    Chain::require(folder)?;
    let manifest = Manifest::read(&DiskStorage::new(folder)).map_err(|error| store_failure(&error.into()))?;
    Ok(manifest.params.family)
}

/// Refuses a verb that is asked of accounts and defined on coins alone.
#[must_use]
pub fn coins_alone(verb: &str) -> Failure {
    Failure::new(Exit::Input, format!("`{verb}` is not defined on account ledgers yet"))
        .hint("`trace` follows value forward over accounts, `cluster` and `show` say what is known of one")
}
