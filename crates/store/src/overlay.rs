//! What one segment's blocks change about earlier ones, sorted for look-up.
//!
//! A pure function of the segment's facts. Overlays exist above the base; below it, the same entries
//! are folded into the base's tables.

use crate::buckets::{Buckets, bucket_bits};
use crate::column::{Fixed, U40, index};
use crate::cut::FactsSlice;
use crate::derive::{self, Spend};
use crate::error::{DamageError, Health};
use crate::layout::Span;
use crate::lookup::{BucketIndex, Lists, write_buckets};
use crate::manifest::FileEntry;
use crate::storage::Storage;
use crate::table::{Column, OpenTableError, Schema, TableFile, TableWriter, WriteTableError};

/// The folder that overlays lie in.
pub const OVERLAY_DIR: &str = "overlay";

/// The columns of an overlay.
pub static OVERLAY: Schema = Schema {
    kind: "overlay",
    columns: &[
        Column::fixed::<u32>("spend_bucket_end"),
        Column::fixed::<U40>("spend_coin"),
        Column::fixed::<u32>("spend_tx"),
        Column::packed("txid_bucket_end"),
        Column::fixed::<u32>("txid_tx"),
        Column::packed("lock_bucket_end"),
        Column::fixed::<u32>("lock_address"),
        Column::packed("key_bucket_end"),
        Column::fixed::<u32>("key_address"),
        Column::packed("reveal_bucket_end"),
        Column::fixed::<u32>("reveal_rank"),
        Column::fixed::<u32>("owner_address"),
        Column::packed("owner_end"),
        Column::fixed::<U40>("owner_coin"),
        Column::fixed::<u32>("touch_holding"),
        Column::packed("touch_end"),
        Column::fixed::<U40>("touch_move"),
    ],
};

/// The role of a segment's overlay.
#[must_use]
pub fn overlay_role(span: Span) -> String {
    format!("{OVERLAY_DIR}/{:010}-{:010}", span.start, span.end)
}

/// Derives and writes the overlay of one segment; its folder exists.
pub(crate) fn write(storage: &dyn Storage, facts: FactsSlice<'_>) -> Result<FileEntry, WriteTableError> {
    let mut table = TableWriter::create(storage, &overlay_role(facts.span()), &OVERLAY)?;
    spends(&mut table, &derive::spends(facts))?;
    write_buckets(&mut table, ["txid_bucket_end", "txid_tx"], &Buckets::build(&derive::txids(facts)))?;
    write_buckets(&mut table, ["lock_bucket_end", "lock_address"], &Buckets::build(&derive::locks(facts)))?;
    write_buckets(&mut table, ["key_bucket_end", "key_address"], &Buckets::build(&derive::keys(facts)))?;
    write_buckets(&mut table, ["reveal_bucket_end", "reveal_rank"], &Buckets::build(&derive::reveals(facts)))?;
    let owned = derive::owned(facts);
    let owned = owned.iter().map(|row| (row.address, row.coin.get()));
    lists(&mut table, ["owner_address", "owner_end", "owner_coin"], owned)?;
    let touched = derive::touched(facts);
    let touched = touched.iter().map(|row| (row.holding, row.movement.get()));
    lists(&mut table, ["touch_holding", "touch_end", "touch_move"], touched)?;
    table.finish()
}

/// Coin to spender, grouped by the coin's hash: the one look-up of a hop, so its directory is not packed.
fn spends(table: &mut TableWriter<'_>, spends: &[Spend]) -> Result<(), WriteTableError> {
    let bits = bucket_bits(spends.len() as u64);
    let mut starts = vec![0_u32; (1 << bits) + 1];
    spends.iter().for_each(|spend| starts[index(bucket(spend.coin.get(), bits)) + 1] += 1);
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    table.fixed::<u32>("spend_bucket_end").all(starts[1..].iter().copied())?;
    let mut grouped = vec![Spend { coin: 0.into(), tx: 0 }; spends.len()];
    for spend in spends {
        let slot = &mut starts[index(bucket(spend.coin.get(), bits))];
        grouped[*slot as usize] = *spend;
        *slot += 1;
    }
    table.fixed::<U40>("spend_coin").all(grouped.iter().map(|spend| spend.coin.get()))?;
    table.fixed::<u32>("spend_tx").all(grouped.iter().map(|spend| spend.tx))
}

/// Spreads coins over two to the power of `bits` buckets: by the golden ratio, because neighbouring coins are
/// spent together.
#[inline]
fn bucket(coin: u64, bits: u32) -> u64 {
    coin.wrapping_mul(0x9e37_79b9_7f4a_7c15).checked_shr(u64::BITS - bits).unwrap_or(0)
}

/// Writes sorted pairs of a list's owner and a member: every owner once, the end of its list, the members.
fn lists(
    table: &mut TableWriter<'_>,
    [owner, end, member]: [&str; 3],
    pairs: impl Iterator<Item = (u32, u64)> + Clone,
) -> Result<(), WriteTableError> {
    // The last of each list: its owner is another than that of the pair behind it.
    let owners = pairs.clone().map(|(owner, _)| owner);
    let behind = owners.clone().skip(1).map(Some).chain([None]);
    let lasts = owners.zip(1..).zip(behind).filter(|((owner, _), behind)| *behind != Some(*owner));
    let lasts = lasts.map(|(last, _)| last);
    table.fixed::<u32>(owner).all(lasts.clone().map(|(owner, _)| owner))?;
    table.packed(end).all(lasts.map(|(_, end)| end))?;
    table.fixed::<U40>(member).all(pairs.map(|(_, member)| member))
}

/// An open overlay.
#[derive(Debug)]
pub struct Overlay {
    table: TableFile,
    spend_bits: u32,
    spend_bucket_end: Fixed<u32>,
    spend_coin: Fixed<U40>,
    spend_tx: Fixed<u32>,
    owner_address: Fixed<u32>,
    pub(crate) owner_coins: Lists,
    touch_holding: Fixed<u32>,
    touch_moves: Lists,
    pub(crate) txids: BucketIndex,
    pub(crate) locks: BucketIndex,
    pub(crate) keys: BucketIndex,
    pub(crate) reveals: BucketIndex,
}

impl Overlay {
    /// Opens an overlay and checks that its columns fit each other.
    ///
    /// # Errors
    /// [`OpenTableError`].
    pub fn open(storage: &dyn Storage, entry: &FileEntry, health: &Health) -> Result<Self, OpenTableError> {
        let table = TableFile::open(storage, entry, &OVERLAY, health)?;
        let overlay = Self::with_columns(&table);
        health.check()?;
        let misfit = || DamageError::Shape {
            file: table.file().name().to_owned(),
            offset: 0,
            what: "an overlay's columns do not fit each other",
        };
        overlay.ok_or_else(|| misfit().into())
    }

    fn with_columns(table: &TableFile) -> Option<Self> {
        let spend_coin: Fixed<U40> = table.fixed("spend_coin");
        let overlay = Self {
            spend_bits: bucket_bits(spend_coin.len()),
            spend_bucket_end: table.fixed("spend_bucket_end"),
            spend_tx: table.fixed("spend_tx"),
            owner_address: table.fixed("owner_address"),
            owner_coins: Lists::new(table, "owner_end", "owner_coin"),
            touch_holding: table.fixed("touch_holding"),
            touch_moves: Lists::new(table, "touch_end", "touch_move"),
            txids: BucketIndex::new(table, "txid_bucket_end", "txid_tx")?,
            locks: BucketIndex::new(table, "lock_bucket_end", "lock_address")?,
            keys: BucketIndex::new(table, "key_bucket_end", "key_address")?,
            reveals: BucketIndex::new(table, "reveal_bucket_end", "reveal_rank")?,
            spend_coin,
            table: table.clone(),
        };
        let fits = overlay.spend_coin.len() == overlay.spend_tx.len()
            && overlay.spend_bucket_end.len() == 1 << overlay.spend_bits
            && overlay.owner_address.len() == overlay.owner_coins.len()
            && overlay.touch_holding.len() == overlay.touch_moves.len();
        fits.then_some(overlay)
    }

    /// The file, to verify it and measure its columns.
    #[must_use]
    pub fn table(&self) -> &TableFile {
        &self.table
    }

    /// The transaction of this segment that spends a coin made inside the range.
    #[must_use]
    #[inline]
    pub fn spender(&self, coin: u64) -> Option<u32> {
        let bucket = bucket(coin, self.spend_bits);
        let start = bucket.checked_sub(1).map_or(0, |before| self.spend_bucket_end.get(before));
        let end = u64::from(self.spend_bucket_end.get(bucket)).min(self.spend_coin.len());
        let mut rows = u64::from(start)..end;
        rows.find(|&row| self.spend_coin.get(row) == coin).map(|row| self.spend_tx.get(row))
    }

    /// The coins or holdings of this segment that an address owns, ascending, foreign coins last.
    pub fn coins(&self, address: u32) -> impl Iterator<Item = u64> {
        let list = place(&self.owner_address, address).map_or(0..0, |at| self.owner_coins.list(at));
        self.owner_coins.members(list)
    }

    /// The first movement of this segment from `from` on that takes from or gives to a holding.
    #[must_use]
    #[inline]
    pub fn next_move(&self, holding: u32, from: u64) -> Option<u64> {
        self.touch_moves.first_from(self.touch_moves.list(place(&self.touch_holding, holding)?), from)
    }
}

/// Where an owner stands among those that have a list.
fn place(owners: &Fixed<u32>, owner: u32) -> Option<u64> {
    let rows = owners.len();
    let at = owners.partition_point(0..rows, |known| known < owner);
    (at < rows && owners.get(at) == owner).then_some(at)
}
