//! Hash to id: transactions, locks and keys.

use super::Step;
use crate::buckets::{Buckets, Hashed};
use crate::cut::FactsSlice;
use crate::derive::{self, Want, narrow};
use crate::failure::StoreError;

pub(super) fn txids(step: &Step<'_>) -> Result<Buckets, StoreError> {
    let old = step.kept_base().map(|base| base.txids.load());
    grown(step, old, step.kept_counts.txs, Want::TXS, derive::txids)
}

pub(super) fn locks(step: &Step<'_>) -> Result<Buckets, StoreError> {
    let old = step.kept_base().map(|base| base.locks.load());
    grown(step, old, step.kept_counts.addresses, Want::ADDRESSES, derive::locks)
}

pub(super) fn keys(step: &Step<'_>) -> Result<(Buckets, Buckets), StoreError> {
    let old = step.kept_base().map(|base| base.keys.load());
    let keys = grown(step, old, step.kept_counts.addresses, Want::ADDRESSES, derive::keys)?;
    let old = step.kept_base().map(|base| base.reveals.load());
    let reveals = grown(step, old, step.kept_counts.reveals, Want::REVEALS, derive::reveals)?;
    Ok((keys, reveals))
}

/// The ids below `limit` of the old index and the entries of the new facts.
fn grown(
    step: &Step<'_>,
    old: Option<Buckets>,
    limit: u64,
    want: Want,
    entries: fn(FactsSlice<'_>) -> Vec<Hashed>,
) -> Result<Buckets, StoreError> {
    let mut index = old.unwrap_or_default();
    index.truncate(narrow(limit));
    let mut hashed = Vec::new();
    step.history.each(step.kept, want, &mut |facts| hashed.append(&mut entries(facts)))?;
    if index.has_room_for(hashed.len()) {
        index.append(&hashed);
        return Ok(index);
    }
    // More buckets: every id moves, so all hashes are needed once more.
    hashed.clear();
    step.history.each(step.first, want, &mut |facts| hashed.append(&mut entries(facts)))?;
    Ok(Buckets::build(&hashed))
}
