//! An open store with the network it is of: finds and names addresses, transactions and coins.

use std::path::Path;

use coinhound_chains::bitcoin::address::{address_text, parse_address};
use coinhound_chains::bitcoin::lock_name;
use coinhound_chains::bitcoin::{Network, Params};
use coinhound_model::{AddressId, Amount, Asset, Height, HoldingId, Ledger, MovementId, TxHash};
use coinhound_store::failure::StoreError;
use coinhound_store::manifest::ManifestError;
use coinhound_store::storage::{DiskStorage, StorageError};
use coinhound_store::view::View;
use serde_json::Value;

use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::gaps::Gaps;
use crate::report::Names;

/// What to do about damage.
pub const DAMAGED: &str =
    "run `coinhound store check`; a damaged derived table can be made anew with `coinhound store rebuild`";

/// An open store.
#[derive(Debug)]
pub struct Chain {
    /// The store as of one height.
    pub view: View,
    /// The network it is of.
    pub network: Network,
    /// The holes that the last load met; `None` when they are not known.
    pub gaps: Option<Gaps>,
}

impl Chain {
    /// Refuses a folder without a store.
    ///
    /// # Errors
    /// Names the folder, and how to make a store.
    pub fn require(folder: &Path) -> Outcome<()> {
        if folder.join(coinhound_store::manifest::MANIFEST).exists() {
            return Ok(());
        }
        let message = format!("no store at `{}`", folder.display());
        Err(Failure::new(Exit::NotFound, message)
            .hint("make one with `coinhound ingest --blocks DIR`, or name one with --store"))
    }

    /// Opens a store at its tip, or at a lower height.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it.
    pub fn open(folder: &Path, as_of: Option<Height>) -> Outcome<Self> {
        let storage = DiskStorage::new(folder);
        Self::require(folder)?;
        let tip = View::open(&storage).map_err(|error| store_failure(&error))?;
        let gaps = Gaps::read(&storage, &tip.as_of().block);
        let view = match as_of {
            Some(height) => tip.at(height).map_err(|error| refusal(gaps.as_ref(), &error))?,
            None => tip,
        };
        let chain = &view.as_of().chain;
        let network = Network::ALL.into_iter().find(|network| network.params().chain_id() == *chain);
        let unknown =
            || Failure::new(Exit::Store, format!("the store is of chain {chain}, which this build does not know"));
        Ok(Self { network: network.ok_or_else(unknown)?, view, gaps })
    }

    /// A store's error about this chain; a height over a gap is refused by the gap's name.
    #[must_use]
    pub fn failure(&self, error: &StoreError) -> Failure {
        refusal(self.gaps.as_ref(), error)
    }

    /// The same store at its tip.
    ///
    /// # Errors
    /// When the store meets damage.
    pub fn tip(&self) -> Outcome<View> {
        let last = Height(self.view.manifest().tip.height);
        self.view.at(last).map_err(|error| store_failure(&error))
    }

    /// Refuses a height that lies in or behind a known gap.
    ///
    /// # Errors
    /// Names the gap.
    pub fn require_no_gap(&self, height: Height) -> Outcome<()> {
        self.gaps.as_ref().and_then(|gaps| over_gap(gaps, height)).map_or(Ok(()), Err)
    }

    /// Advice for what was looked for and not found, where it may lie behind a gap.
    fn hint_gap(&self, failure: Failure) -> Failure {
        match self.gaps.as_ref().filter(|gaps| !gaps.holes.is_empty()) {
            Some(gaps) => failure.hint(format!("it may lie in or behind a gap: {}", gaps.summary())),
            None => failure,
        }
    }

    /// The network's constants.
    #[must_use]
    pub fn params(&self) -> &'static Params {
        self.network.params()
    }

    /// An amount in the chain's asset.
    #[must_use]
    pub fn amount(&self, units: u64) -> Amount {
        Amount { units, asset: self.params().asset }
    }

    /// The address that a text names.
    ///
    /// # Errors
    /// What is wrong with the text, or that the chain has not seen the address.
    pub fn find_address(&self, text: &str) -> Outcome<AddressId> {
        let lock = parse_address(text, self.params()).map_err(|error| {
            let failure = Failure::because(Exit::Input, &error);
            match error.hint() {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        })?;
        let found = self.view.address_of(lock.as_lock());
        self.healthy()?;
        found.ok_or_else(|| self.unseen(text, lock.as_lock()))
    }

    /// Nobody was paid at this address; perhaps at another lock of the same key.
    fn unseen(&self, text: &str, lock: coinhound_model::Lock<'_>) -> Failure {
        let as_of = self.view.as_of();
        let failure = Failure::new(
            Exit::NotFound,
            format!("`{text}` does not appear in blocks {} to {}", as_of.first, as_of.height),
        );
        let key = coinhound_store::keys::key_of_lock(lock);
        let twins: Vec<String> =
            key.iter().flat_map(|key| self.view.key_owners(key)).map(|id| self.address(id)).collect();
        if twins.is_empty() {
            self.hint_gap(failure)
        } else {
            failure.hint(format!("the same key was paid as {}", twins.join(", ")))
        }
    }

    /// The movement with a hash; the newest where an old coinbase was made twice.
    ///
    /// # Errors
    /// When the chain has no such transaction.
    pub fn find_tx(&self, txid: &TxHash) -> Outcome<Vec<MovementId>> {
        let found = self.view.find(txid);
        self.healthy()?;
        if found.is_empty() {
            let as_of = self.view.as_of();
            let message = format!("no transaction {txid} in blocks {} to {}", as_of.first, as_of.height);
            return Err(self.hint_gap(Failure::new(Exit::NotFound, message)));
        }
        Ok(found)
    }

    /// The coin that is output `vout` of a movement.
    ///
    /// # Errors
    /// When the transaction has fewer outputs.
    pub fn coin(&self, movement: MovementId, vout: u32) -> Outcome<HoldingId> {
        let outputs = self.view.outputs(movement);
        let coin = outputs.start.saturating_add(u64::from(vout));
        if coin < outputs.end {
            return Ok(HoldingId(coin));
        }
        let txid = self.view.fact(movement).tx;
        Err(Failure::new(
            Exit::NotFound,
            format!(
                "transaction {txid} has {} outputs, numbered from 0; there is no {vout}",
                outputs.end - outputs.start
            ),
        ))
    }

    /// The coin of an outpoint that was made before the blocks read, if they spend it.
    ///
    /// # Errors
    /// Damage met on the way.
    pub fn foreign_coin(&self, txid: &TxHash, vout: u32) -> Outcome<Option<HoldingId>> {
        let is_it =
            |coin: &HoldingId| self.view.foreign(*coin).is_some_and(|row| row.index == vout && row.txid == *txid);
        let found = (0..self.view.counts().foreign).map(HoldingId::foreign).find(is_it);
        self.healthy()?;
        Ok(found)
    }

    /// What an address is called, or `-` for none.
    #[must_use]
    pub fn owner(&self, id: AddressId) -> String {
        if id.is_some() { self.address(id) } else { "-".to_owned() }
    }

    /// The kind of an address's lock, in the field's word.
    #[must_use]
    pub fn kind(&self, id: AddressId) -> &'static str {
        self.view.lock(id).map_or("?", |lock| lock_name(lock, self.params()))
    }

    /// Refuses to go on when the store met damage.
    ///
    /// # Errors
    /// The damage.
    pub fn healthy(&self) -> Outcome<()> {
        self.view.health().or_hint(Exit::Store, DAMAGED)
    }
}

impl Names for Chain {
    fn address(&self, id: AddressId) -> String {
        self.view.lock(id).map_or_else(|| "unreadable".to_owned(), |lock| address_text(lock, self.params()))
    }
}

/// An asset as every JSON answer names it: what its amounts count.
#[must_use]
pub fn asset(asset: Asset) -> Value {
    serde_json::json!({ "ticker": asset.ticker, "decimals": asset.decimals })
}

/// A height over a known gap is refused by the gap's name; every other error is told as it is.
fn refusal(gaps: Option<&Gaps>, error: &StoreError) -> Failure {
    let over = match error {
        StoreError::OutOfRange { asked, .. } => gaps.and_then(|gaps| over_gap(gaps, *asked)),
        _ => None,
    };
    over.unwrap_or_else(|| store_failure(error))
}

fn over_gap(gaps: &Gaps, height: Height) -> Option<Failure> {
    let message = gaps.refusal(height)?;
    let hint = "put the missing block files beside the others and run `coinhound ingest` again";
    Some(Failure::new(Exit::NotFound, message).hint(hint))
}

/// A store's error with its status and advice.
#[must_use]
pub fn store_failure(error: &StoreError) -> Failure {
    let failure = Failure::because(Exit::Store, error);
    match error {
        StoreError::OutOfRange { asked, first, .. } if asked < first => {
            Failure { exit: Exit::NotFound, ..failure }.hint(format!("the blocks read begin at {first}"))
        }
        StoreError::OutOfRange { tip, .. } => Failure { exit: Exit::NotFound, ..failure }
            .hint(format!("the store ends at {tip}; `coinhound ingest` adds blocks")),
        StoreError::Manifest(ManifestError::OtherChain { .. }) => Failure { exit: Exit::Input, ..failure }
            .hint("one store holds one chain: name another folder with --store, or the right --network"),
        _ => match advice(error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        },
    }
}

fn advice(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Damage(_) | StoreError::Open(_) => Some(DAMAGED),
        StoreError::Storage(error) | StoreError::Manifest(ManifestError::Storage(error)) => disk_advice(error),
        StoreError::Manifest(ManifestError::OtherFormat { .. }) => {
            Some("use the release that wrote it, or read the block files into a new store")
        }
        StoreError::Manifest(_) => Some("restore the folder from a backup, or read the block files into a new one"),
        _ => None,
    }
}

/// What to do when the disk refuses.
#[must_use]
pub fn disk_advice(error: &StorageError) -> Option<&'static str> {
    match error {
        StorageError::Locked { .. } => {
            Some("wait until the other `coinhound ingest` has finished; questions can be asked meanwhile")
        }
        error if error.is_full() => Some("make room and run it again: what was committed stands"),
        StorageError::Io { source, .. } => crate::exit::path_advice(source.kind()),
        _ => None,
    }
}
