//! The base on disk: one file a table.

use coinhound_model::Height;

use super::clusters::Clusters;
use super::{BaseTable, Derived};
use crate::column::{Fixed, U40};
use crate::derive::Tier;
use crate::error::{DamageError, Health};
use crate::facts::Counts;
use crate::failure::StoreError;
use crate::lookup::{BucketIndex, Lists, write_buckets};
use crate::manifest::{FileEntry, Manifest};
use crate::storage::Storage;
use crate::table::{Column, OpenTableError, Schema, TableFile, TableWriter, WriteTableError};

/// The folder that the base lies in.
pub const BASE_DIR: &str = "base";

static SPENDER: Schema = Schema { kind: "base-spender", columns: &[Column::fixed::<u32>("spender")] };

static TXIDS: Schema =
    Schema { kind: "base-txids", columns: &[Column::packed("bucket_end"), Column::fixed::<u32>("tx")] };

static LOCKS: Schema =
    Schema { kind: "base-locks", columns: &[Column::packed("bucket_end"), Column::fixed::<u32>("address")] };

static KEYS: Schema = Schema {
    kind: "base-keys",
    columns: &[
        Column::packed("key_bucket_end"),
        Column::fixed::<u32>("key_address"),
        Column::packed("reveal_bucket_end"),
        Column::fixed::<u32>("reveal_rank"),
    ],
};

static COINS: Schema = Schema { kind: "base-coins", columns: &[Column::packed("end"), Column::fixed::<U40>("coin")] };

static MOVES: Schema = Schema { kind: "base-moves", columns: &[Column::packed("end"), Column::fixed::<U40>("move")] };

/// Few addresses share a key: only those that do are listed.
static T0: Schema = Schema {
    kind: "base-t0",
    columns: &[Column::fixed::<u32>("address"), Column::fixed::<u32>("root"), Column::fixed::<u32>("member")],
};

static T1: Schema =
    Schema { kind: "base-t1", columns: &[Column::fixed::<u32>("root"), Column::fixed::<u32>("member")] };

impl BaseTable {
    /// The columns of the table.
    #[must_use]
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::Spender => &SPENDER,
            Self::Txids => &TXIDS,
            Self::Locks => &LOCKS,
            Self::Keys => &KEYS,
            Self::Coins => &COINS,
            Self::Moves => &MOVES,
            Self::T0 => &T0,
            Self::T1 => &T1,
        }
    }

    /// The role of the table in a base of the blocks below `base`.
    #[must_use]
    pub fn role(self, base: Height) -> String {
        format!("{BASE_DIR}/{:010}-{}", base.0, self.name())
    }
}

impl Derived {
    /// Writes the table; its folder exists.
    pub fn write(&self, storage: &dyn Storage, table: BaseTable, base: Height) -> Result<FileEntry, WriteTableError> {
        let mut writer = TableWriter::create(storage, &table.role(base), table.schema())?;
        match self {
            Self::Spender(spenders) => writer.fixed::<u32>("spender").all(spenders.iter().copied())?,
            Self::Index(index) if table == BaseTable::Txids => write_buckets(&mut writer, ["bucket_end", "tx"], index)?,
            Self::Index(index) => write_buckets(&mut writer, ["bucket_end", "address"], index)?,
            Self::Keys { keys, reveals } => {
                write_buckets(&mut writer, ["key_bucket_end", "key_address"], keys)?;
                write_buckets(&mut writer, ["reveal_bucket_end", "reveal_rank"], reveals)?;
            }
            Self::Coins { addresses, owned } => {
                let pairs = owned.iter().map(|row| (row.address, row.coin.get()));
                write_lists(&mut writer, ["end", "coin"], *addresses, pairs)?;
            }
            Self::Moves { holdings, touched } => {
                let pairs = touched.iter().map(|row| (row.holding, row.movement.get()));
                write_lists(&mut writer, ["end", "move"], *holdings, pairs)?;
            }
            Self::Clusters { listed, roots, members } => {
                if let Some(listed) = listed {
                    writer.fixed::<u32>("address").all(listed.iter().copied())?;
                }
                writer.fixed::<u32>("root").all(roots.iter().copied())?;
                writer.fixed::<u32>("member").all(members.iter().copied())?;
            }
        }
        writer.finish()
    }
}

/// Writes sorted pairs of a list's number and a member into the next two columns.
fn write_lists(
    table: &mut TableWriter<'_>,
    [end, member]: [&str; 2],
    count: u64,
    pairs: impl Iterator<Item = (u32, u64)> + Clone,
) -> Result<(), WriteTableError> {
    let mut numbers = pairs.clone().map(|(number, _)| u64::from(number)).peekable();
    let mut last = 0;
    let ends = (0..count).map(|list| {
        while numbers.next_if_eq(&list).is_some() {
            last += 1;
        }
        last
    });
    table.packed(end).all(ends)?;
    table.fixed::<U40>(member).all(pairs.map(|(_, member)| member))
}

/// The open base.
#[derive(Debug)]
pub(crate) struct Base {
    pub height: Height,
    tables: Vec<(BaseTable, TableFile)>,
    pub spender: Fixed<u32>,
    pub txids: BucketIndex,
    pub locks: BucketIndex,
    pub keys: BucketIndex,
    pub reveals: BucketIndex,
    pub coins: Lists,
    pub moves: Lists,
    t0: Clusters,
    t1: Clusters,
}

impl Base {
    /// Opens the base of the blocks below `height`, whose counts are `ends`.
    pub fn open(
        storage: &dyn Storage,
        manifest: &Manifest,
        height: Height,
        ends: &Counts,
        health: &Health,
    ) -> Result<Self, StoreError> {
        let mut tables = Vec::new();
        for table in BaseTable::ALL {
            let role = table.role(height);
            let entry = manifest.file(&role).ok_or(StoreError::FileNotNamed { role })?;
            tables.push((table, TableFile::open(storage, entry, table.schema(), health)?));
        }
        let file = |table: BaseTable| &tables[table as usize].1;
        let misfit = |table| OpenTableError::from(misfit(file(table)));
        let base = Self {
            height,
            spender: file(BaseTable::Spender).fixed("spender"),
            txids: BucketIndex::new(file(BaseTable::Txids), "bucket_end", "tx")
                .ok_or_else(|| misfit(BaseTable::Txids))?,
            locks: BucketIndex::new(file(BaseTable::Locks), "bucket_end", "address")
                .ok_or_else(|| misfit(BaseTable::Locks))?,
            keys: BucketIndex::new(file(BaseTable::Keys), "key_bucket_end", "key_address")
                .ok_or_else(|| misfit(BaseTable::Keys))?,
            reveals: BucketIndex::new(file(BaseTable::Keys), "reveal_bucket_end", "reveal_rank")
                .ok_or_else(|| misfit(BaseTable::Keys))?,
            coins: Lists::new(file(BaseTable::Coins), "end", "coin"),
            moves: Lists::new(file(BaseTable::Moves), "end", "move"),
            t0: Clusters::listed(file(BaseTable::T0), ends.addresses).ok_or_else(|| misfit(BaseTable::T0))?,
            t1: Clusters::dense(file(BaseTable::T1), ends.addresses, ends.t1).ok_or_else(|| misfit(BaseTable::T1))?,
            tables: tables.clone(),
        };
        base.check_rows(ends)?;
        Ok(base)
    }

    fn check_rows(&self, ends: &Counts) -> Result<(), StoreError> {
        let rows = [
            (BaseTable::Spender, self.spender.len(), ends.outputs),
            (BaseTable::Txids, self.txids.len(), ends.txs),
            (BaseTable::Locks, self.locks.len(), ends.addresses),
            (BaseTable::Keys, self.reveals.len(), ends.reveals),
            (BaseTable::Coins, self.coins.len(), ends.addresses),
            (BaseTable::Moves, self.moves.len(), ends.holdings),
        ];
        match rows.into_iter().find(|(_, got, want)| got != want) {
            Some((table, ..)) => Err(misfit(&self.tables[table as usize].1).into()),
            None => Ok(()),
        }
    }

    /// Clusters of one tier.
    pub fn tier(&self, tier: Tier) -> &Clusters {
        match tier {
            Tier::T0 => &self.t0,
            Tier::T1 => &self.t1,
        }
    }

    /// The files, to verify them and measure their columns.
    pub fn tables(&self) -> &[(BaseTable, TableFile)] {
        &self.tables
    }
}

fn misfit(table: &TableFile) -> DamageError {
    DamageError::Shape {
        file: table.file().name().to_owned(),
        offset: 0,
        what: "a base table has other rows than the blocks below it",
    }
}
