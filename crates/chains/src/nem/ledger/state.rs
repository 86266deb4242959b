//! What rows depend on of all that the chain told, and how to take it back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::nem::address::Address;
use crate::nem::ledger::asset::Asset;
use crate::nem::ledger::valid::check_used;

/// What the chain told so far.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// Mosaics by name, each as it was last defined.
    mosaics: BTreeMap<String, Asset>,
    /// By the account that harvests, the last that was said of it.
    remotes: BTreeMap<Address, Remote>,
    /// Accounts that others must sign for, where all of these are known.
    multisigs: BTreeMap<Address, Cosignatories>,
    /// Names of mosaics that moved in this ledger and were defined before it begins.
    used: BTreeSet<String>,
}

/// For whom an account harvests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Remote {
    /// Whose importance it uses, and who gets the fees.
    pub(super) lessor: Address,
    /// Where this was said.
    pub(super) height: u64,
    /// Whether it begins or ends; either waits.
    pub(super) begins: bool,
}

/// Who signs for an account.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct Cosignatories {
    /// All of them.
    pub(super) all: BTreeSet<Address>,
    /// How many must sign; zero stands for all.
    pub(super) minimum: i64,
}

/// What stood at one place before something else was put there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Change {
    /// A mosaic.
    Mosaic(String, Option<Asset>),
    /// A harvester.
    Remote(Address, Option<Remote>),
    /// An account that others sign for.
    Multisig(Address, Option<Cosignatories>),
    /// The name of a mosaic that had not moved before.
    Used(String),
}

impl State {
    pub(super) fn mosaic(&self, name: &str) -> Option<&Asset> {
        self.mosaics.get(name)
    }

    pub(super) fn remote(&self, harvester: &Address) -> Option<&Remote> {
        self.remotes.get(harvester)
    }

    pub(super) fn multisig(&self, account: &Address) -> Option<&Cosignatories> {
        self.multisigs.get(account)
    }

    /// Whether a mosaic of this name moved although its definition is unknown.
    pub(super) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    #[must_use = "what it takes to undo it"]
    pub(super) fn put_used(&mut self, name: &str) -> Option<Change> {
        let is_new = !self.is_used(name) && self.used.insert(name.to_owned());
        is_new.then(|| Change::Used(name.to_owned()))
    }

    #[must_use = "what it takes to undo it"]
    pub(super) fn put_mosaic(&mut self, name: String, asset: Asset) -> Change {
        let before = self.mosaics.insert(name.clone(), asset);
        Change::Mosaic(name, before)
    }

    #[must_use = "what it takes to undo it"]
    pub(super) fn put_remote(&mut self, harvester: Address, remote: Remote) -> Change {
        Change::Remote(harvester, self.remotes.insert(harvester, remote))
    }

    /// An account without cosignatories is one like any other.
    #[must_use = "what it takes to undo it"]
    pub(super) fn put_multisig(&mut self, account: Address, cosignatories: Cosignatories) -> Change {
        let after = (!cosignatories.all.is_empty()).then_some(cosignatories);
        Change::Multisig(account, put(&mut self.multisigs, account, after))
    }

    /// Takes changes back, the last first.
    pub(super) fn undo(&mut self, changes: Vec<Change>) {
        for change in changes.into_iter().rev() {
            match change {
                Change::Mosaic(name, before) => drop(put(&mut self.mosaics, name, before)),
                Change::Remote(harvester, before) => drop(put(&mut self.remotes, harvester, before)),
                Change::Multisig(account, before) => drop(put(&mut self.multisigs, account, before)),
                Change::Used(name) => drop(self.used.remove(&name)),
            }
        }
    }
}

impl State {
    /// Holds what was read against what is relied on.
    pub(super) fn check(&self, is_complete: bool) -> Result<(), &'static str> {
        self.mosaics.iter().try_for_each(|(name, asset)| asset.check(name))?;
        self.multisigs.values().try_for_each(Cosignatories::check)?;
        self.used.iter().try_for_each(|name| check_used(name, is_complete))
    }
}

/// Puts a value there, or nothing; what was there.
fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    }
}
