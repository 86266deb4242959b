//! Columns to facts: by row for queries, whole columns for derivation.
//!
//! Ids that are not here, and damage, read as zeros and are recorded in the store's health.

use std::ops::Range;

use coinhound_model::print::{CollabPrint, InputPrint, TxPrint};
use coinhound_model::{AddressId, Hash256, Height, HoldingId, InputId, KeyHash, Lock, LockKind, MovementId, TxHash};

use super::{COUNTS_LEN, FACTS, counts_from};
use crate::column::{Bytes, Fixed, Packed, U40};
use crate::derive::{Tier, Want};
use crate::error::{DamageError, Health};
use crate::facts::{
    AddressRow, BlockRow, Counts, Facts, ForeignRow, InputRow, MergeRow, OutputRow, RevealRow, ScriptRow, TxRow,
};
use crate::layout::Span;
use crate::manifest::FileEntry;
use crate::storage::Storage;
use crate::table::{OpenTableError, TableFile};

/// The facts of one segment, open.
#[derive(Debug)]
pub struct Segment {
    span: Span,
    base: Counts,
    ends: Counts,
    table: TableFile,
    block_header: Fixed<[u8; 80]>,
    block_hash: Fixed<[u8; 32]>,
    block_size: Fixed<u32>,
    block_ends: Fixed<[u8; COUNTS_LEN]>,
    tx_id: Fixed<[u8; 32]>,
    tx_input_end: Packed,
    tx_output_end: Packed,
    tx_weight: Packed,
    tx_print: Fixed<u16>,
    tx_collab: Fixed<u16>,
    input_coin: Fixed<U40>,
    input_print: Fixed<u16>,
    output_value: Packed,
    output_address: Fixed<u32>,
    address_kind: Fixed<u8>,
    address_payload_end: Packed,
    address_payload: Bytes,
    foreign_txid: Fixed<[u8; 32]>,
    foreign_index: Fixed<u32>,
    foreign_spender: Packed,
    foreign_value: Fixed<u64>,
    foreign_address: Fixed<u32>,
    foreign_height: Fixed<u32>,
    foreign_coinbase: Fixed<u8>,
    script_output: Packed,
    script_kind: Fixed<u8>,
    script_end: Packed,
    script_bytes: Bytes,
    reveal_tx: Packed,
    reveal_address: Fixed<u32>,
    reveal_key: Fixed<[u8; 20]>,
    t0: Log,
    t1: Log,
}

/// The merge log of one tier.
#[derive(Debug)]
struct Log {
    tx: Packed,
    input: Option<Packed>,
    a: Fixed<u32>,
    b: Fixed<u32>,
}

impl Log {
    fn row(&self, at: u64) -> MergeRow {
        MergeRow {
            tx: MovementId(self.tx.get(at)),
            input: InputId(self.input.as_ref().map_or(0, |input| input.get(at))),
            a: AddressId(u64::from(self.a.get(at))),
            b: AddressId(u64::from(self.b.get(at))),
        }
    }
}

impl Segment {
    /// Opens the facts of `span` and checks that every column has the rows its counts promise.
    ///
    /// # Errors
    /// [`OpenTableError`].
    pub fn open(storage: &dyn Storage, entry: &FileEntry, span: Span, health: &Health) -> Result<Self, OpenTableError> {
        let table = TableFile::open(storage, entry, &FACTS, health)?;
        let (start, base) = (table.fixed::<u32>("start"), table.fixed::<[u8; COUNTS_LEN]>("base"));
        let block_ends = table.fixed::<[u8; COUNTS_LEN]>("block_ends");
        let blocks = u64::from(span.blocks());
        let sized = start.len() == 1 && base.len() == 1 && block_ends.len() == blocks && blocks > 0;
        if !sized || start.get(0) != span.start {
            health.check()?;
            return Err(shape(&table, "these are not the facts of the heights in the file's name").into());
        }
        let (base, ends) = (counts_from(&base.get(0)), counts_from(&block_ends.get(blocks - 1)));
        health.check()?;
        let segment = Self::with_columns(table, span, base, ends);
        if segment.rows_fit() {
            Ok(segment)
        } else {
            Err(shape(&segment.table, "a column has another length than the block counts say").into())
        }
    }

    fn with_columns(table: TableFile, span: Span, base: Counts, ends: Counts) -> Self {
        Self {
            span,
            base,
            ends,
            block_header: table.fixed("block_header"),
            block_hash: table.fixed("block_hash"),
            block_size: table.fixed("block_size"),
            block_ends: table.fixed("block_ends"),
            tx_id: table.fixed("tx_id"),
            tx_input_end: table.packed("tx_input_end"),
            tx_output_end: table.packed("tx_output_end"),
            tx_weight: table.packed("tx_weight"),
            tx_print: table.fixed("tx_print"),
            tx_collab: table.fixed("tx_collab"),
            input_coin: table.fixed("input_coin"),
            input_print: table.fixed("input_print"),
            output_value: table.packed("output_value"),
            output_address: table.fixed("output_address"),
            address_kind: table.fixed("address_kind"),
            address_payload_end: table.packed("address_payload_end"),
            address_payload: table.bytes("address_payload"),
            foreign_txid: table.fixed("foreign_txid"),
            foreign_index: table.fixed("foreign_index"),
            foreign_spender: table.packed("foreign_spender"),
            foreign_value: table.fixed("foreign_value"),
            foreign_address: table.fixed("foreign_address"),
            foreign_height: table.fixed("foreign_height"),
            foreign_coinbase: table.fixed("foreign_coinbase"),
            script_output: table.packed("script_output"),
            script_kind: table.fixed("script_kind"),
            script_end: table.packed("script_end"),
            script_bytes: table.bytes("script_bytes"),
            reveal_tx: table.packed("reveal_tx"),
            reveal_address: table.fixed("reveal_address"),
            reveal_key: table.fixed("reveal_key"),
            t0: Log { tx: table.packed("t0_tx"), input: None, a: table.fixed("t0_a"), b: table.fixed("t0_b") },
            t1: Log {
                tx: table.packed("t1_tx"),
                input: Some(table.packed("t1_input")),
                a: table.fixed("t1_a"),
                b: table.fixed("t1_b"),
            },
            table,
        }
    }

    fn rows_fit(&self) -> bool {
        let blocks = [self.block_header.len(), self.block_hash.len(), self.block_size.len()];
        let txs = [
            self.tx_id.len(),
            self.tx_input_end.len(),
            self.tx_output_end.len(),
            self.tx_weight.len(),
            self.tx_print.len(),
            self.tx_collab.len(),
        ];
        let foreign = [
            self.foreign_txid.len(),
            self.foreign_index.len(),
            self.foreign_spender.len(),
            self.foreign_value.len(),
            self.foreign_address.len(),
            self.foreign_height.len(),
            self.foreign_coinbase.len(),
        ];
        let of = |count: fn(&Counts) -> u64| count(&self.ends).checked_sub(count(&self.base));
        let all = |lens: &[u64], count| lens.iter().all(|&len| Some(len) == count);
        all(&blocks, Some(u64::from(self.span.blocks())))
            && all(&txs, of(|c| c.txs))
            && all(&[self.input_coin.len(), self.input_print.len()], of(|c| c.inputs))
            && all(&[self.output_value.len(), self.output_address.len()], of(|c| c.outputs))
            && all(&[self.address_kind.len(), self.address_payload_end.len()], of(|c| c.addresses))
            && all(&[self.address_payload.len()], of(|c| c.address_bytes))
            && all(&foreign, of(|c| c.foreign))
            && all(&[self.script_output.len(), self.script_kind.len(), self.script_end.len()], of(|c| c.scripts))
            && all(&[self.script_bytes.len()], of(|c| c.script_bytes))
            && all(&[self.reveal_tx.len(), self.reveal_address.len(), self.reveal_key.len()], of(|c| c.reveals))
            && all(&[self.t0.tx.len(), self.t0.a.len(), self.t0.b.len()], of(|c| c.t0))
            && all(&[self.t1.tx.len(), self.t1.a.len(), self.t1.b.len()], of(|c| c.t1))
            && self.t1.input.as_ref().map(Packed::len) == of(|c| c.t1)
    }

    /// The heights.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Counts before the first block.
    #[must_use]
    pub fn base(&self) -> &Counts {
        &self.base
    }

    /// Counts after the last block.
    #[must_use]
    pub fn ends(&self) -> &Counts {
        &self.ends
    }

    /// The file, to verify it and measure its columns.
    #[must_use]
    pub fn table(&self) -> &TableFile {
        &self.table
    }

    /// A block's row.
    #[must_use]
    pub fn block(&self, height: Height) -> BlockRow {
        let at = u64::from(height.0.wrapping_sub(self.span.start));
        BlockRow {
            header: self.block_header.get(at),
            hash: Hash256(self.block_hash.get(at)),
            size: self.block_size.get(at),
            ends: counts_from(&self.block_ends.get(at)),
        }
    }

    /// A block's hash.
    #[must_use]
    pub fn block_hash(&self, height: Height) -> Hash256 {
        Hash256(self.block_hash.get(u64::from(height.0.wrapping_sub(self.span.start))))
    }

    /// Every block's hash by height.
    #[must_use]
    pub fn block_hashes(&self) -> &[[u8; 32]] {
        self.block_hash.arrays(0..self.block_hash.len())
    }

    /// The time in a block's header.
    #[must_use]
    pub fn block_time(&self, height: Height) -> u32 {
        let header = self.block_header.get(u64::from(height.0.wrapping_sub(self.span.start)));
        u32::from_le_bytes([header[68], header[69], header[70], header[71]])
    }

    /// Counts before a block, which may be one past the last.
    #[must_use]
    pub fn counts_before(&self, height: u32) -> Counts {
        let at = u64::from(height.wrapping_sub(self.span.start));
        at.checked_sub(1).map_or(self.base, |last| counts_from(&self.block_ends.get(last)))
    }

    /// The height of the block that the row numbered `id` lies in, by its kind's count.
    #[must_use]
    pub fn height_of(&self, id: u64, count: fn(&Counts) -> u64) -> Height {
        let rows = 0..self.block_ends.len();
        let before = self.block_ends.partition_point(rows, |ends| count(&counts_from(&ends)) <= id);
        Height(self.span.start + u32::try_from(before).unwrap_or(0))
    }

    /// A transaction's hash.
    #[must_use]
    pub fn txid(&self, tx: MovementId) -> TxHash {
        Hash256(self.tx_id.get(tx.0.wrapping_sub(self.base.txs)))
    }

    /// A transaction's row.
    #[must_use]
    pub fn tx(&self, tx: MovementId) -> TxRow {
        let at = tx.0.wrapping_sub(self.base.txs);
        TxRow {
            txid: self.txid(tx),
            input_end: self.tx_input_end.get(at),
            output_end: self.tx_output_end.get(at),
            weight: weight(self.tx_weight.get(at)),
            print: self.print(tx),
            collab: self.collab(tx),
        }
    }

    /// How a transaction was put together.
    #[must_use]
    pub fn print(&self, tx: MovementId) -> TxPrint {
        TxPrint::from_bits_retain(self.tx_print.get(tx.0.wrapping_sub(self.base.txs)))
    }

    /// Which collaborative predicates hold.
    #[must_use]
    pub fn collab(&self, tx: MovementId) -> CollabPrint {
        CollabPrint::from_bits_retain(self.tx_collab.get(tx.0.wrapping_sub(self.base.txs)))
    }

    /// A transaction's inputs.
    #[must_use]
    pub fn input_range(&self, tx: MovementId) -> Range<u64> {
        range(&self.tx_input_end, tx.0.wrapping_sub(self.base.txs), self.base.inputs)
    }

    /// A transaction's outputs.
    #[must_use]
    pub fn output_range(&self, tx: MovementId) -> Range<u64> {
        range(&self.tx_output_end, tx.0.wrapping_sub(self.base.txs), self.base.outputs)
    }

    /// The transaction that made an output.
    #[must_use]
    pub fn maker(&self, output: u64) -> MovementId {
        MovementId(self.base.txs + self.tx_output_end.upper_bound(output))
    }

    /// The transaction that an input belongs to.
    #[must_use]
    pub fn spender(&self, input: u64) -> MovementId {
        MovementId(self.base.txs + self.tx_input_end.upper_bound(input))
    }

    /// The coin that an input empties.
    #[must_use]
    #[inline]
    pub fn coin(&self, input: u64) -> HoldingId {
        HoldingId(self.input_coin.get(input.wrapping_sub(self.base.inputs)))
    }

    /// An input's row.
    #[must_use]
    pub fn input(&self, input: u64) -> InputRow {
        let print = self.input_print.get(input.wrapping_sub(self.base.inputs));
        InputRow { coin: self.coin(input), print: InputPrint::from_bits_retain(print) }
    }

    /// An output's row.
    #[must_use]
    #[inline]
    pub fn output(&self, output: u64) -> OutputRow {
        let at = output.wrapping_sub(self.base.outputs);
        OutputRow { value: self.output_value.get(at), address: owner(self.output_address.get(at)) }
    }

    /// An address's lock; non-standard and empty where it is damaged.
    #[must_use]
    pub fn lock(&self, address: AddressId) -> Lock<'_> {
        let at = address.0.wrapping_sub(self.base.addresses);
        let bytes = range(&self.address_payload_end, at, self.base.address_bytes);
        let payload = self.address_payload.slice(shifted(bytes, self.base.address_bytes));
        Lock { kind: self.kind(self.address_kind.get(at)), payload }
    }

    /// A foreign coin's row.
    #[must_use]
    pub fn foreign(&self, rank: u64) -> ForeignRow {
        let at = rank.wrapping_sub(self.base.foreign);
        ForeignRow {
            txid: Hash256(self.foreign_txid.get(at)),
            index: self.foreign_index.get(at),
            spender: self.foreign_spender(rank),
            value: self.foreign_value.get(at),
            address: owner(self.foreign_address.get(at)),
            height: self.foreign_height.get(at),
            coinbase: self.foreign_coinbase.get(at) != 0,
        }
    }

    /// The transaction that spends a foreign coin.
    #[must_use]
    pub fn foreign_spender(&self, rank: u64) -> MovementId {
        MovementId(self.foreign_spender.get(rank.wrapping_sub(self.base.foreign)))
    }

    /// The rank of the first script that an output from `output` on carries.
    #[must_use]
    pub fn first_script(&self, output: u64) -> u64 {
        let before = output.checked_sub(1).map_or(0, |last| self.script_output.upper_bound(last));
        self.base.scripts + before
    }

    /// A verbatim script by its rank.
    #[must_use]
    pub fn script(&self, rank: u64) -> (ScriptRow, &[u8]) {
        let at = rank.wrapping_sub(self.base.scripts);
        let bytes = range(&self.script_end, at, self.base.script_bytes);
        let row = ScriptRow {
            output: HoldingId(self.script_output.get(at)),
            kind: self.kind(self.script_kind.get(at)),
            end: bytes.end,
        };
        (row, self.script_bytes.slice(shifted(bytes, self.base.script_bytes)))
    }

    /// A revealed key by its rank.
    #[must_use]
    pub fn reveal(&self, rank: u64) -> RevealRow {
        let at = rank.wrapping_sub(self.base.reveals);
        RevealRow {
            tx: MovementId(self.reveal_tx.get(at)),
            address: AddressId(u64::from(self.reveal_address.get(at))),
            key: KeyHash(self.reveal_key.get(at)),
        }
    }

    /// A merge by its place in the tier's log.
    #[must_use]
    pub fn merge(&self, tier: Tier, place: u64) -> MergeRow {
        match tier {
            Tier::T0 => self.t0.row(place.wrapping_sub(self.base.t0)),
            Tier::T1 => self.t1.row(place.wrapping_sub(self.base.t1)),
        }
    }

    fn kind(&self, number: u8) -> LockKind {
        LockKind::from_number(number).unwrap_or_else(|| {
            self.table.file().health().record(shape(&self.table, "a lock's kind has an unknown number"));
            LockKind::NonStandard
        })
    }

    /// Decodes columns; those not wanted are left empty.
    pub(crate) fn facts(&self, want: Want) -> Facts {
        let mut facts = Facts { start: Height(self.span.start), base: self.base, ..Facts::default() };
        facts.blocks = (self.span.start..self.span.end).map(|height| self.block(Height(height))).collect();
        if want.contains(Want::TXS) {
            facts.txs = self.decode_txs();
        }
        if want.contains(Want::INPUTS) {
            let rows =
                self.input_coin.iter(0..self.input_coin.len()).zip(self.input_print.iter(0..self.input_print.len()));
            facts.inputs = rows
                .map(|(coin, print)| InputRow { coin: HoldingId(coin), print: InputPrint::from_bits_retain(print) })
                .collect();
        }
        if want.contains(Want::OUTPUTS) {
            let rows = self
                .output_value
                .iter(0..self.output_value.len())
                .zip(self.output_address.iter(0..self.output_address.len()));
            facts.outputs = rows.map(|(value, address)| OutputRow { value, address: owner(address) }).collect();
        }
        if want.contains(Want::ADDRESSES) {
            let rows = self
                .address_kind
                .iter(0..self.address_kind.len())
                .zip(self.address_payload_end.iter(0..self.address_payload_end.len()));
            facts.addresses =
                rows.map(|(kind, payload_end)| AddressRow { kind: self.kind(kind), payload_end }).collect();
            facts.address_bytes = self.address_payload.slice(0..self.address_payload.len()).to_vec();
        }
        if want.contains(Want::FOREIGN) {
            facts.foreign = (self.base.foreign..self.ends.foreign).map(|rank| self.foreign(rank)).collect();
        }
        if want.contains(Want::SCRIPTS) {
            facts.scripts = (self.base.scripts..self.ends.scripts).map(|rank| self.script(rank).0).collect();
            facts.script_bytes = self.script_bytes.slice(0..self.script_bytes.len()).to_vec();
        }
        if want.contains(Want::REVEALS) {
            facts.reveals = (self.base.reveals..self.ends.reveals).map(|rank| self.reveal(rank)).collect();
        }
        if want.contains(Want::T0) {
            facts.t0 = (self.base.t0..self.ends.t0).map(|place| self.merge(Tier::T0, place)).collect();
        }
        if want.contains(Want::T1) {
            facts.t1 = (self.base.t1..self.ends.t1).map(|place| self.merge(Tier::T1, place)).collect();
        }
        facts
    }

    fn decode_txs(&self) -> Vec<TxRow> {
        let rows = 0..self.tx_id.len();
        let mut input_ends = self.tx_input_end.iter(rows.clone());
        let mut output_ends = self.tx_output_end.iter(rows.clone());
        let mut weights = self.tx_weight.iter(rows.clone());
        let mut prints = self.tx_print.iter(rows.clone());
        let mut collabs = self.tx_collab.iter(rows.clone());
        let row = |txid| TxRow {
            txid: Hash256(txid),
            input_end: input_ends.next().unwrap_or(0),
            output_end: output_ends.next().unwrap_or(0),
            weight: weight(weights.next().unwrap_or(0)),
            print: TxPrint::from_bits_retain(prints.next().unwrap_or(0)),
            collab: CollabPrint::from_bits_retain(collabs.next().unwrap_or(0)),
        };
        self.tx_id.iter(rows).map(row).collect()
    }
}

fn shape(table: &TableFile, what: &'static str) -> DamageError {
    DamageError::Shape { file: table.file().name().to_owned(), offset: 0, what }
}

/// From the end before to the end of a row; `origin` is the end before the first.
#[inline]
fn range(ends: &Packed, at: u64, origin: u64) -> Range<u64> {
    let start = at.checked_sub(1).map_or(origin, |before| ends.get(before));
    start..ends.get(at)
}

fn shifted(range: Range<u64>, origin: u64) -> Range<u64> {
    range.start.wrapping_sub(origin)..range.end.wrapping_sub(origin)
}

#[inline]
fn owner(number: u32) -> AddressId {
    if number == u32::MAX { AddressId::NONE } else { AddressId(u64::from(number)) }
}

fn weight(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
