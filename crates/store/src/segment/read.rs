//! Opening a segment's facts: every column, checked against the counts.

use super::accounts::AccountColumns;
use super::{BLOCK_COUNTS, COUNTS_LEN, FACTS, counts_from};
use crate::column::{Bytes, Fixed, Packed, U40};
use crate::error::{DamageError, Health};
use crate::facts::Counts;
use crate::layout::Span;
use crate::manifest::FileEntry;
use crate::storage::Storage;
use crate::table::{OpenTableError, TableFile};

/// The facts of one segment, open.
#[derive(Debug)]
pub struct Segment {
    pub(super) span: Span,
    pub(super) base: Counts,
    pub(super) ends: Counts,
    pub(super) table: TableFile,
    pub(super) block_header: Fixed<[u8; 80]>,
    pub(super) block_hash: Fixed<[u8; 32]>,
    pub(super) block_size: Fixed<u32>,
    /// One for each count.
    pub(super) block_ends: [Packed; Counts::FIELDS],
    pub(super) tx_id: Fixed<[u8; 32]>,
    pub(super) tx_input_end: Packed,
    pub(super) tx_output_end: Packed,
    pub(super) tx_weight: Packed,
    pub(super) tx_print: Fixed<u16>,
    pub(super) tx_collab: Fixed<u16>,
    pub(super) input_coin: Fixed<U40>,
    pub(super) input_print: Fixed<u16>,
    pub(super) output_value: Packed,
    pub(super) output_address: Fixed<u32>,
    pub(super) address_kind: Fixed<u8>,
    pub(super) address_payload_end: Packed,
    pub(super) address_payload: Bytes,
    pub(super) foreign_txid: Fixed<[u8; 32]>,
    pub(super) foreign_index: Fixed<u32>,
    pub(super) foreign_spender: Packed,
    pub(super) foreign_value: Fixed<u64>,
    pub(super) foreign_address: Fixed<u32>,
    pub(super) foreign_height: Fixed<u32>,
    pub(super) foreign_coinbase: Fixed<u8>,
    pub(super) script_output: Packed,
    pub(super) script_kind: Fixed<u8>,
    pub(super) script_end: Packed,
    pub(super) script_bytes: Bytes,
    pub(super) reveal_tx: Packed,
    pub(super) reveal_address: Fixed<u32>,
    pub(super) reveal_key: Fixed<[u8; 20]>,
    pub(super) t0: Log,
    pub(super) t1: Log,
    pub(super) accounts: AccountColumns,
}

/// The merge log of one tier.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) tx: Packed,
    pub(super) input: Option<Packed>,
    pub(super) a: Fixed<u32>,
    pub(super) b: Fixed<u32>,
}

impl Segment {
    /// Opens the facts of `span` and checks that every column has the rows its counts promise.
    ///
    /// # Errors
    /// [`OpenTableError`].
    pub fn open(storage: &dyn Storage, entry: &FileEntry, span: Span, health: &Health) -> Result<Self, OpenTableError> {
        let table = TableFile::open(storage, entry, &FACTS, health)?;
        let counts = |name| table.fixed::<[u8; COUNTS_LEN]>(name);
        let (start, base, ends) = (table.fixed::<u32>("start"), counts("base"), counts("ends"));
        let sized = start.len() == 1 && base.len() == 1 && ends.len() == 1 && span.blocks() > 0;
        if !sized || start.get(0) != span.start {
            health.check()?;
            return Err(shape(&table, "these are not the facts of the heights in the file's name").into());
        }
        let (base, ends) = (counts_from(&base.get(0)), counts_from(&ends.get(0)));
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
            block_ends: BLOCK_COUNTS.map(|name| table.packed(name)),
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
            accounts: AccountColumns::new(&table),
            table,
        }
    }

    fn rows_fit(&self) -> bool {
        let blocks = [self.block_header.len(), self.block_hash.len(), self.block_size.len()];
        let txs = [
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
            && all(&self.block_ends.each_ref().map(Packed::len), Some(u64::from(self.span.blocks())))
            && self.accounts.rows_fit(&self.base, &self.ends)
            && all(&[self.tx_id.len()], of(|c| c.txs))
            && (all(&txs, of(|c| c.txs)) || all(&txs, Some(0)))
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
}

pub(super) fn shape(table: &TableFile, what: &'static str) -> DamageError {
    DamageError::Shape { file: table.file().name().to_owned(), offset: 0, what }
}
