//! The folder loaded into a store, against what the kernel told: its chain, addresses, keys and unspent set.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use coinhound_chains::bitcoin::BlockDir;
use coinhound_chains::bitcoin::script::OwnedLock;
use coinhound_chains::bitcoin::xor::KEY_FILE;
use coinhound_ingest::{Control, Options, Outcome, load_blocks};
use coinhound_model::{AddressId, AsOf, Height, KeyHash, Ledger};
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::DiskStorage;
use coinhound_store::view::View;

use crate::kernel::keys::{KnownKeys, is_script_hash, key_of};
use crate::kernel::listing::{Block, Listing};
use crate::kernel::unspent;

/// What agreed.
pub struct Tally {
    blocks: usize,
    addresses: usize,
    keys: usize,
    /// Keys that more than one address is known to use.
    shared: usize,
    unspent: unspent::Tally,
}

/// Loads the folder twice: as real stores lie, and with segments so small that it folds many times.
///
/// # Errors
/// When a load fails, or reports what a sound folder has not.
pub fn load_both(dir: &BlockDir, listing: &Listing, folder: &Path) -> Result<Vec<(&'static str, View)>> {
    let layouts = [("as real stores", LayoutParams::mainnet()), ("tiny segments", LayoutParams::tiny())];
    let load = |(name, layout): (&'static str, LayoutParams)| {
        let place = folder.join(name.replace(' ', "-"));
        Ok((name, load(dir, listing, &place, layout).with_context(|| format!("loading {name}"))?))
    };
    layouts.into_iter().map(load).collect()
}

fn load(dir: &BlockDir, listing: &Listing, folder: &Path, layout: LayoutParams) -> Result<View> {
    let (outcome, view) = load_into(folder, dir, layout)?;
    check_outcome(&outcome, listing)?;
    Ok(view)
}

fn load_into(folder: &Path, dir: &BlockDir, layout: LayoutParams) -> Result<(Outcome, View)> {
    remove(folder)?;
    let storage = Arc::new(DiskStorage::new(folder));
    storage.create_root()?;
    let options = Options { layout, batch_bytes: 20_000_000, ..Options::new(0) };
    let outcome = load_blocks(dir, storage.clone(), &options, &mut |_| Control::Go)?;
    Ok((outcome, View::open(&*storage)?))
}

fn remove(folder: &Path) -> Result<()> {
    let removed = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    removed.with_context(|| format!("cannot remove `{}`", folder.display()))
}

/// What a range without its past agreed on.
pub struct Pruned {
    first: Height,
    blocks: usize,
    foreign: u64,
}

/// Loads the last block file alone, as a pruning node leaves it: what lies below is known from undo data only.
/// None when the chain is in one file.
///
/// # Errors
/// When the load fails or a coin differs from what the kernel told.
pub fn check_pruned(dir: &BlockDir, listing: &Listing, folder: &Path) -> Result<Option<Pruned>> {
    let last = (0_u32..).take_while(|number| dir.folder().join(format!("blk{number:05}.dat")).exists()).last();
    let Some(last) = last.filter(|last| *last > 0) else { return Ok(None) };
    let blocks = folder.join("blocks");
    remove(folder)?;
    fs::create_dir_all(&blocks).with_context(|| format!("cannot create `{}`", blocks.display()))?;
    for name in [format!("blk{last:05}.dat"), format!("rev{last:05}.dat"), KEY_FILE.to_owned()] {
        fs::copy(dir.folder().join(&name), blocks.join(&name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let pruned = BlockDir::open(&blocks, dir.params())?;
    let (outcome, view) = load_into(&folder.join("store"), &pruned, LayoutParams::tiny())?;
    let untold = &outcome.undo_missing;
    ensure!(untold.is_empty() && outcome.unusable.is_empty(), "{untold:?} {:?}", outcome.unusable);
    let active = listing.active();
    let AsOf { first, height, block: tip, .. } = view.as_of();
    ensure!(active.last().is_some_and(|told| (told.height, told.hash) == (height.0, *tip)), "another tip");
    let range: Vec<_> = active.iter().filter(|block| block.height >= first.0).collect();
    for block in &range {
        check_block(&view, block).with_context(|| format!("block {}", block.hash))?;
    }
    view.health()?;
    Ok(Some(Pruned { first: *first, blocks: range.len(), foreign: view.counts().foreign }))
}

impl fmt::Display for Pruned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, blocks, foreign } = self;
        write!(f, "{blocks} blocks from height {} on agree, {foreign} coins from below known by undo data", first.0)
    }
}

fn check_outcome(outcome: &Outcome, listing: &Listing) -> Result<()> {
    let active = listing.active();
    let want = active.last().map(|tip| (Height(0), Height(tip.height), tip.hash));
    ensure!(outcome.range == want, "the store holds {:?}, the kernel {want:?}", outcome.range);
    let clean = outcome.notices.is_empty()
        && outcome.unusable.is_empty()
        && outcome.undo_missing.is_empty()
        && outcome.gaps.is_empty()
        && outcome.rivals.is_empty()
        && outcome.refused.is_empty();
    ensure!(clean, "a sound folder loads with {outcome:?}");
    Ok(())
}

/// Compares everything that a store tells.
///
/// # Errors
/// Names the first thing that differs.
pub fn check(view: &View, listing: &Listing) -> Result<Tally> {
    let active = listing.active();
    for block in &active {
        check_block(view, block).with_context(|| format!("block {}", block.hash))?;
    }
    let addresses = check_addresses(view, &active)?;
    let (keys, shared) = check_keys(view, listing, &active, &addresses)?;
    let unspent = unspent::check(view, listing)?;
    view.health()?;
    Ok(Tally { blocks: active.len(), addresses: addresses.len(), keys, shared, unspent })
}

/// A block's transactions, inputs by the coins they name, outputs.
fn check_block(view: &View, told: &Block) -> Result<()> {
    ensure!(view.block(Height(told.height))?.hash == told.hash, "another block has its height");
    let txs: Vec<u64> = view.block_txs(Height(told.height))?.collect();
    ensure!(txs.len() == told.txs.len(), "{} transactions, told {}", txs.len(), told.txs.len());
    let mut entries = Vec::new();
    for (id, tx) in txs.into_iter().map(coinhound_model::MovementId).zip(&told.txs) {
        ensure!(view.fact(id).tx == tx.txid, "transaction {}", tx.txid);
        view.debits(id, &mut entries);
        let debits: Vec<_> = entries.iter().map(|entry| (view.outpoint(entry.holding), entry.units)).collect();
        let spent = tx.inputs.iter().zip(&tx.spent).map(|(input, coin)| (*input, coin.satoshi));
        ensure!(spent.eq(debits.iter().copied()), "what {} spends", tx.txid);
        view.credits(id, &mut entries);
        let credits = entries.iter().map(|entry| entry.units);
        ensure!(credits.eq(tx.outputs.iter().map(|output| output.satoshi)), "what {} pays", tx.txid);
    }
    Ok(())
}

/// Every spendable script has one id, given by first appearance, and no other id is given.
fn check_addresses(view: &View, active: &[&Block]) -> Result<BTreeMap<OwnedLock, AddressId>> {
    let mut seen = BTreeMap::new();
    for output in active.iter().flat_map(|block| &block.txs).flat_map(|tx| &tx.outputs) {
        let lock = OwnedLock::of_script(&output.script);
        let next = AddressId(seen.len() as u64);
        if lock.kind.is_address() && !seen.contains_key(&lock) {
            ensure!(view.address_of(lock.as_lock()) == Some(next), "address {next:?} should be {lock:?}");
            ensure!(view.lock(next) == Some(lock.as_lock()), "the lock of address {next:?} should be {lock:?}");
            seen.insert(lock, next);
        }
    }
    ensure!(view.addresses() == seen.len() as u64, "{} addresses, told {}", view.addresses(), seen.len());
    Ok(seen)
}

/// Every key leads to the addresses that are known to use it, and to no other.
fn check_keys(
    view: &View,
    listing: &Listing,
    active: &[&Block],
    addresses: &BTreeMap<OwnedLock, AddressId>,
) -> Result<(usize, usize)> {
    let known = KnownKeys::of(listing);
    let mut owners: BTreeMap<KeyHash, BTreeSet<AddressId>> = BTreeMap::new();
    for tx in active.iter().flat_map(|block| &block.txs) {
        for output in tx.outputs.iter().filter(|output| !is_script_hash(&output.script)) {
            let Some(key) = &output.key else { continue };
            let lock = OwnedLock::of_script(&output.script);
            owners.entry(key_of(lock.kind, key)).or_default().insert(addresses[&lock]);
        }
        for (input, coin) in tx.inputs.iter().zip(&tx.spent) {
            let Some(key) = known.nested(input) else { continue };
            owners.entry(key).or_default().insert(addresses[&OwnedLock::of_script(&coin.script)]);
        }
    }
    for (key, want) in &owners {
        let got = view.key_owners(key);
        ensure!(got.iter().eq(want), "key {key:?} is used by {got:?}, told {want:?}");
    }
    Ok((owners.len(), owners.values().filter(|users| users.len() > 1).count()))
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} blocks, {} addresses, {} keys ({} with several addresses) agree;\n  {}",
            self.blocks, self.addresses, self.keys, self.shared, self.unspent
        )
    }
}
