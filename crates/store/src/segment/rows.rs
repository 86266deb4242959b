//! Columns to facts: by row for queries, whole columns for derivation.
//!
//! Ids that are not here, and damage, read as zeros and are recorded in the store's health.

use std::ops::Range;

use coinhound_model::print::{CollabPrint, InputPrint, TxPrint};
use coinhound_model::{AddressId, Hash256, Height, HoldingId, InputId, KeyHash, Lock, LockKind, MovementId, TxHash};

use super::read::{Log, Segment, shape};
use crate::column::Packed;
use crate::derive::{Tier, Want};
use crate::facts::{
    AddressRow, BlockRow, Counts, Facts, ForeignRow, InputRow, MergeRow, OutputRow, RevealRow, ScriptRow, TxRow,
};
use crate::layout::Span;
use crate::table::TableFile;

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
            ends: self.ends_of(at),
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
        match at.checked_sub(1) {
            None => self.base,
            Some(last) if last + 1 == u64::from(self.span.blocks()) => self.ends,
            Some(last) => self.ends_of(last),
        }
    }

    /// Counts after a block, by its row.
    fn ends_of(&self, at: u64) -> Counts {
        Counts::from_array(std::array::from_fn(|field| self.end_of(at, field)))
    }

    /// One count after a block, by its row; it lies between those before and after the segment.
    fn end_of(&self, at: u64, field: usize) -> u64 {
        let (least, most) = (self.base.to_array()[field], self.ends.to_array()[field]);
        let end = self.block_ends[field].get(at);
        if !(least..=most).contains(&end) {
            self.malformed("a block's counts leave the segment");
        }
        end.clamp(least, most)
    }

    /// One count before a block, which may be one past the last; `field` is its kind's place in [`Counts`].
    pub(crate) fn count_before(&self, height: u32, field: usize) -> u64 {
        let at = u64::from(height.wrapping_sub(self.span.start));
        at.checked_sub(1).map_or_else(|| self.base.to_array()[field], |last| self.end_of(last, field))
    }

    /// The height of the block that the row numbered `id` lies in; `field` is its kind's place in [`Counts`].
    pub(crate) fn height_of(&self, id: u64, field: usize) -> Height {
        let before = self.block_ends[field].upper_bound(id);
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
        let rows = range(&self.tx_input_end, tx.0.wrapping_sub(self.base.txs), self.base.inputs);
        self.inside(rows, self.ends.inputs)
    }

    /// A transaction's outputs.
    #[must_use]
    pub fn output_range(&self, tx: MovementId) -> Range<u64> {
        let rows = range(&self.tx_output_end, tx.0.wrapping_sub(self.base.txs), self.base.outputs);
        self.inside(rows, self.ends.outputs)
    }

    /// The rows, unless they leave the segment: nobody may be led to walk over more than there is.
    #[inline]
    pub(super) fn inside(&self, rows: Range<u64>, end: u64) -> Range<u64> {
        if rows.start <= rows.end && rows.end <= end {
            return rows;
        }
        self.malformed("a transaction's rows leave the segment");
        0..0
    }

    #[cold]
    pub(super) fn malformed(&self, what: &'static str) {
        self.table.file().health().record(shape(&self.table, what));
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
        InputRow::new(self.coin(input), InputPrint::from_bits_retain(print))
    }

    /// An output's row.
    #[must_use]
    #[inline]
    pub fn output(&self, output: u64) -> OutputRow {
        let at = output.wrapping_sub(self.base.outputs);
        OutputRow::new(self.output_value.get(at), owner(self.output_address.get(at)))
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
            facts.inputs =
                rows.map(|(coin, print)| InputRow::new(HoldingId(coin), InputPrint::from_bits_retain(print))).collect();
        }
        if want.contains(Want::OUTPUTS) {
            let rows = self
                .output_value
                .iter(0..self.output_value.len())
                .zip(self.output_address.iter(0..self.output_address.len()));
            facts.outputs = rows.map(|(value, address)| OutputRow::new(value, owner(address))).collect();
        }
        if want.contains(Want::ADDRESSES) {
            let rows = self
                .address_kind
                .iter(0..self.address_kind.len())
                .zip(self.address_payload_end.iter(0..self.address_payload_end.len()));
            facts.addresses = rows.map(|(kind, payload_end)| AddressRow::new(self.kind(kind), payload_end)).collect();
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
        self.decode_accounts(want, &mut facts);
        facts
    }

    fn decode_txs(&self) -> Vec<TxRow> {
        let rows = 0..self.tx_print.len(); // none in an account ledger
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
        self.tx_id.iter(0..self.tx_id.len()).map(row).collect()
    }
}

/// From the end before to the end of a row; `origin` is the end before the first.
#[inline]
pub(super) fn range(ends: &Packed, at: u64, origin: u64) -> Range<u64> {
    let start = at.checked_sub(1).map_or(origin, |before| ends.get(before));
    start..ends.get(at)
}

pub(super) fn shifted(range: Range<u64>, origin: u64) -> Range<u64> {
    range.start.wrapping_sub(origin)..range.end.wrapping_sub(origin)
}

#[inline]
fn owner(number: u32) -> AddressId {
    if number == u32::MAX { AddressId::NONE } else { AddressId(u64::from(number)) }
}

fn weight(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
