//! What derived tables are made of, each as one function of facts: the only definition there is.
//!
//! Overlays are these entries of one segment; the base is these entries of all segments below it.
//! A function reads only the columns named by its [`Want`], so facts on disk need not be read whole.

use bitflags::bitflags;
use coinhound_model::{HoldingId, Lock};

use crate::buckets::{Hashed, prefix};
use crate::cut::FactsSlice;
use crate::facts::MergeRow;
use crate::keys::{is_indexed, key_of_lock};
use crate::radix;
use crate::sip;
use crate::wide::Wide;

bitflags! {
    /// Columns of facts; those not wanted are left empty.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) struct Want: u16 {
        const TXS = 1 << 0;
        const INPUTS = 1 << 1;
        const OUTPUTS = 1 << 2;
        const ADDRESSES = 1 << 3;
        const FOREIGN = 1 << 4;
        const SCRIPTS = 1 << 5;
        const REVEALS = 1 << 6;
        const T0 = 1 << 7;
        const T1 = 1 << 8;
        const MOVES = 1 << 9;
        const HOLDINGS = 1 << 10;
        const ASSETS = 1 << 11;
        const NOTES = 1 << 12;
    }
}

/// A coin made inside the ingested range and the transaction that spends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spend {
    pub coin: Wide,
    pub tx: u32,
}

/// A coin, foreign ones included, or a holding, and the address that owns it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owned {
    pub address: u32,
    pub coin: Wide,
}

/// A holding and a movement that takes from it or gives to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Touched {
    pub holding: u32,
    pub movement: Wide,
}

/// A tier of evidence for common control, as far as the store keeps it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// The same key.
    T0,
    /// Spent together.
    T1,
}

impl Tier {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::T0, Self::T1];

    /// As people write it: `T0`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::T0 => "T0",
            Self::T1 => "T1",
        }
    }
}

/// A dense id in the four bytes that transactions and addresses have on disk.
///
/// # Panics
/// When it does not fit: the writer refuses ranges that large before it derives anything.
pub(crate) fn narrow(id: u64) -> u32 {
    u32::try_from(id).expect("the writer keeps transactions, addresses, holdings and key reveals below 2^32 - 1")
}

/// Of [`Want::TXS`]: every transaction by its hash.
pub(crate) fn txids(facts: FactsSlice<'_>) -> Vec<Hashed> {
    let hashed = |(tx, id): (&crate::facts::TxRow, u64)| Hashed { prefix: prefix(&tx.txid.0).into(), id: narrow(id) };
    facts.txs.iter().zip(facts.base.txs..).map(hashed).collect()
}

/// Of [`Want::ADDRESSES`]: every new address by the hash of its lock.
pub(crate) fn locks(facts: FactsSlice<'_>) -> Vec<Hashed> {
    let mut hashed = Vec::with_capacity(facts.addresses.len());
    each_lock(facts, |id, lock| hashed.push(Hashed { prefix: lock_prefix(lock).into(), id }));
    hashed
}

/// Of [`Want::ADDRESSES`]: the new addresses whose key stands in no other index.
pub(crate) fn keys(facts: FactsSlice<'_>) -> Vec<Hashed> {
    let mut hashed = Vec::new();
    each_lock(facts, |id, lock| {
        if let Some(key) = key_of_lock(lock).filter(|_| is_indexed(lock.kind)) {
            hashed.push(Hashed { prefix: prefix(&key.0).into(), id });
        }
    });
    hashed
}

/// Of [`Want::REVEALS`]: the rank of every revealed key by the key.
pub(crate) fn reveals(facts: FactsSlice<'_>) -> Vec<Hashed> {
    let hashed =
        |(row, rank): (&crate::facts::RevealRow, u64)| Hashed { prefix: prefix(&row.key.0).into(), id: narrow(rank) };
    facts.reveals.iter().zip(facts.base.reveals..).map(hashed).collect()
}

/// Of [`Want::TXS`] and [`Want::INPUTS`]: spends of coins made inside the range, in the order of spending.
pub(crate) fn spends(facts: FactsSlice<'_>) -> Vec<Spend> {
    let mut spends = Vec::with_capacity(facts.inputs.len());
    let mut inputs = facts.inputs.iter();
    let mut start = facts.base.inputs;
    for (tx, id) in facts.txs.iter().zip(facts.base.txs..) {
        let count = usize::try_from(tx.input_end - start).expect("inputs in memory are indexed by usize");
        let local = inputs.by_ref().take(count).filter(|input| input.coin().foreign_rank().is_none());
        spends.extend(local.map(|input| Spend { coin: input.coin().0.into(), tx: narrow(id) }));
        start = tx.input_end;
    }
    spends
}

/// Of [`Want::OUTPUTS`], [`Want::FOREIGN`] and [`Want::HOLDINGS`]: coins with an owner, or holdings, sorted by
/// (address, coin).
pub(crate) fn owned(facts: FactsSlice<'_>) -> Vec<Owned> {
    let mut rows = Vec::with_capacity(facts.outputs.len() + facts.foreign.len() + facts.holdings.len());
    for (row, holding) in facts.holdings.iter().zip(facts.base.holdings..) {
        rows.push(Owned { address: narrow(row.address.0), coin: holding.into() });
    }
    for (output, coin) in facts.outputs.iter().zip(facts.base.outputs..) {
        if output.address().is_some() {
            rows.push(Owned { address: narrow(output.address().0), coin: coin.into() });
        }
    }
    for (row, rank) in facts.foreign.iter().zip(facts.base.foreign..) {
        if row.address.is_some() {
            rows.push(Owned { address: narrow(row.address.0), coin: HoldingId::foreign(rank).0.into() });
        }
    }
    // Coins are ascending already, foreign ones last, and the sort is stable.
    radix::sort_by_key(&mut rows, radix::bits_below(facts.ends().addresses), |row| u64::from(row.address));
    rows
}

/// Of [`Want::MOVES`]: the movements that take from or give to each holding, sorted by (holding, movement).
pub(crate) fn touched(facts: FactsSlice<'_>) -> Vec<Touched> {
    let mut rows = Vec::with_capacity(2 * facts.moves.len());
    for (row, movement) in facts.moves.iter().zip(facts.base.moves..) {
        let (from, to) = (row.from(), row.to().filter(|to| row.from() != Some(*to)));
        rows.extend(
            [from, to].into_iter().flatten().map(|id| Touched { holding: narrow(id.0), movement: movement.into() }),
        );
    }
    // Movements are ascending already, and the sort is stable.
    radix::sort_by_key(&mut rows, radix::bits_below(facts.ends().holdings), |row| u64::from(row.holding));
    rows
}

/// Of [`Want::T0`] or [`Want::T1`]: the tier's edges.
pub(crate) fn merges<'a>(facts: FactsSlice<'a>, tier: Tier) -> &'a [MergeRow] {
    match tier {
        Tier::T0 => facts.t0,
        Tier::T1 => facts.t1,
    }
}

/// What the index of locks goes by: a hash, because payloads are anyone's choice.
pub(crate) fn lock_prefix(lock: Lock<'_>) -> u64 {
    sip::hash(u64::from(lock.kind as u8), 0, lock.payload)
}

/// Visits the new addresses.
pub(crate) fn each_lock<'a>(facts: FactsSlice<'a>, mut visit: impl FnMut(u32, Lock<'a>)) {
    let mut start = 0;
    for (row, id) in facts.addresses.iter().zip(facts.base.addresses..) {
        let end = usize::try_from(row.payload_end() - facts.base.address_bytes)
            .expect("bytes in memory are indexed by usize");
        visit(narrow(id), Lock { kind: row.kind(), payload: &facts.address_bytes[start..end] });
        start = end;
    }
}
