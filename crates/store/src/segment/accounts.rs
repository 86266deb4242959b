//! The columns of account ledgers: movements, holdings, assets and notes. Empty in a coin ledger.

use std::ops::Range;

use coinhound_model::{AddressId, HoldingId, Move, MoveKind, MovementId, NoteKind, Token};
use ruint::aliases::U256;

use super::NO_DECIMALS;
use super::read::Segment;
use super::rows::{range, shifted};
use crate::column::{Bytes, Fixed, Packed};
use crate::derive::Want;
use crate::facts::{AssetRow, Counts, Facts, HoldingRow, MoveRow, NoteRow, wide_holding};
use crate::manifest::Family;
use crate::table::TableFile;

/// Bytes of the largest amount.
const UNIT_LEN: usize = 32;

/// The open columns.
#[derive(Debug)]
pub(super) struct AccountColumns {
    tx_move_end: Packed,
    move_kind: Fixed<u8>,
    move_from: Fixed<u32>,
    move_to: Fixed<u32>,
    move_unit_end: Packed,
    move_unit: Bytes,
    holding_address: Fixed<u32>,
    holding_asset: Fixed<u32>,
    asset_id_end: Packed,
    asset_ticker_end: Packed,
    asset_decimals: Fixed<u16>,
    asset_text: Bytes,
    note_tx: Packed,
    note_kind: Fixed<u8>,
    note_end: Packed,
    note_text: Bytes,
}

impl AccountColumns {
    pub(super) fn new(table: &TableFile) -> Self {
        Self {
            tx_move_end: table.packed("tx_move_end"),
            move_kind: table.fixed("move_kind"),
            move_from: table.fixed("move_from"),
            move_to: table.fixed("move_to"),
            move_unit_end: table.packed("move_unit_end"),
            move_unit: table.bytes("move_unit"),
            holding_address: table.fixed("holding_address"),
            holding_asset: table.fixed("holding_asset"),
            asset_id_end: table.packed("asset_id_end"),
            asset_ticker_end: table.packed("asset_ticker_end"),
            asset_decimals: table.fixed("asset_decimals"),
            asset_text: table.bytes("asset_text"),
            note_tx: table.packed("note_tx"),
            note_kind: table.fixed("note_kind"),
            note_end: table.packed("note_end"),
            note_text: table.bytes("note_text"),
        }
    }

    /// Whether every column has the rows that the counts promise; the transactions' only where there are accounts.
    pub(super) fn rows_fit(&self, base: &Counts, ends: &Counts) -> bool {
        let of = |count: fn(&Counts) -> u64| count(ends).checked_sub(count(base));
        let all = |lens: &[u64], count| lens.iter().all(|&len| Some(len) == count);
        let moves = [self.move_kind.len(), self.move_from.len(), self.move_to.len(), self.move_unit_end.len()];
        let assets = [self.asset_id_end.len(), self.asset_ticker_end.len(), self.asset_decimals.len()];
        (self.tx_move_end.is_empty() || all(&[self.tx_move_end.len()], of(|c| c.txs)))
            && all(&moves, of(|c| c.moves))
            && all(&[self.holding_address.len(), self.holding_asset.len()], of(|c| c.holdings))
            && all(&assets, of(|c| c.assets))
            && all(&[self.asset_text.len()], of(|c| c.asset_bytes))
            && all(&[self.note_tx.len(), self.note_kind.len(), self.note_end.len()], of(|c| c.notes))
            && all(&[self.note_text.len()], of(|c| c.note_bytes))
    }
}

impl Segment {
    /// Whether the rows are those of this kind of ledger: coins have no movements of accounts, accounts a list of
    /// movements for each transaction.
    pub(crate) fn is_of(&self, family: Family) -> bool {
        let (txs, of_coins, of_accounts) = (self.tx_id.len(), self.tx_print.len(), self.accounts.tx_move_end.len());
        match family {
            Family::Coins => of_coins == txs && of_accounts == 0 && self.ends.moves == 0,
            Family::Accounts => of_coins == 0 && of_accounts == txs && self.ends.inputs == 0 && self.ends.outputs == 0,
        }
    }

    /// The movements of a transaction, by its rank.
    #[must_use]
    pub fn move_range(&self, tx: MovementId) -> Range<u64> {
        let rows = range(&self.accounts.tx_move_end, tx.0.wrapping_sub(self.base.txs), self.base.moves);
        self.inside(rows, self.ends.moves)
    }

    /// The rank of the transaction that a movement belongs to.
    #[must_use]
    pub fn mover(&self, movement: MovementId) -> MovementId {
        MovementId(self.base.txs + self.accounts.tx_move_end.upper_bound(movement.0))
    }

    /// A movement.
    #[must_use]
    #[inline]
    pub fn movement(&self, movement: MovementId) -> Move<U256> {
        let at = movement.0.wrapping_sub(self.base.moves);
        Move {
            kind: self.move_kind(self.accounts.move_kind.get(at)),
            from: wide_holding(self.accounts.move_from.get(at)),
            to: wide_holding(self.accounts.move_to.get(at)),
            units: self.units(range(&self.accounts.move_unit_end, at, 0)),
        }
    }

    fn units(&self, bytes: Range<u64>) -> U256 {
        let bytes = self.accounts.move_unit.slice(bytes);
        if bytes.len() > UNIT_LEN {
            self.malformed("an amount has more than 32 bytes");
            return U256::ZERO;
        }
        U256::from_le_slice(bytes)
    }

    /// A holding's row.
    #[must_use]
    pub fn holding(&self, holding: HoldingId) -> HoldingRow {
        let at = holding.0.wrapping_sub(self.base.holdings);
        HoldingRow {
            address: AddressId(u64::from(self.accounts.holding_address.get(at))),
            asset: self.accounts.holding_asset.get(at),
        }
    }

    /// An asset by its number.
    #[must_use]
    pub fn asset(&self, number: u64) -> Token {
        let at = number.wrapping_sub(self.base.assets);
        let (origin, row) = (self.base.asset_bytes, self.asset_row(at));
        let before = at.checked_sub(1).map_or(origin, |before| self.accounts.asset_ticker_end.get(before));
        Token {
            id: self.asset_text(before..row.id_end),
            ticker: self.asset_text(row.id_end..row.ticker_end),
            decimals: row.decimals,
        }
    }

    fn asset_text(&self, bytes: Range<u64>) -> String {
        let bytes = self.accounts.asset_text.slice(shifted(bytes, self.base.asset_bytes));
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn asset_row(&self, at: u64) -> AssetRow {
        let decimals = self.accounts.asset_decimals.get(at);
        AssetRow {
            id_end: self.accounts.asset_id_end.get(at),
            ticker_end: self.accounts.asset_ticker_end.get(at),
            decimals: self.decimals(decimals),
        }
    }

    fn decimals(&self, number: u16) -> Option<u8> {
        let decimals = u8::try_from(number).ok();
        if decimals.is_none() && number != NO_DECIMALS {
            self.malformed("an asset's decimals are no number of 8 bits");
        }
        decimals
    }

    /// The notes of a transaction, by its rank, in order.
    #[must_use]
    pub fn notes(&self, tx: MovementId) -> Vec<coinhound_model::Note> {
        let columns = &self.accounts;
        let first = tx.0.checked_sub(1).map_or(0, |last| columns.note_tx.upper_bound(last));
        let rows = (first..columns.note_tx.len()).take_while(|&row| columns.note_tx.get(row) == tx.0);
        let note = |row| {
            let bytes = shifted(range(&columns.note_end, row, self.base.note_bytes), self.base.note_bytes);
            let kind = self.note_kind(columns.note_kind.get(row));
            coinhound_model::Note { kind, bytes: columns.note_text.slice(bytes).to_vec() }
        };
        rows.map(note).collect()
    }

    /// Calls `each` with the notes of one kind that came with a transaction of a rank below `txs`, in order.
    pub(crate) fn each_note(&self, kind: NoteKind, txs: u64, mut each: impl FnMut(MovementId, &[u8])) {
        let columns = &self.accounts;
        let kinds = columns.note_kind.iter(0..columns.note_kind.len());
        for (row, _) in (0..).zip(kinds).filter(|(_, number)| self.note_kind(*number) == kind) {
            let tx = columns.note_tx.get(row);
            if tx >= txs {
                return;
            }
            let bytes = shifted(range(&columns.note_end, row, self.base.note_bytes), self.base.note_bytes);
            each(MovementId(tx), columns.note_text.slice(bytes));
        }
    }

    fn move_kind(&self, number: u8) -> MoveKind {
        MoveKind::from_number(number).unwrap_or_else(|| {
            self.malformed("a movement's kind has an unknown number");
            MoveKind::Transfer
        })
    }

    fn note_kind(&self, number: u8) -> NoteKind {
        NoteKind::from_number(number).unwrap_or_else(|| {
            self.malformed("a note's kind has an unknown number");
            NoteKind::Message
        })
    }

    /// Decodes what an account ledger has besides.
    pub(super) fn decode_accounts(&self, want: Want, facts: &mut Facts) {
        let columns = &self.accounts;
        if want.contains(Want::TXS) {
            facts.tx_moves = columns.tx_move_end.iter(0..columns.tx_move_end.len()).collect();
        }
        if want.contains(Want::MOVES) {
            facts.moves = self.decode_moves();
        }
        if want.contains(Want::HOLDINGS) {
            let rows = columns.holding_address.iter(0..columns.holding_address.len());
            let rows = rows.zip(columns.holding_asset.iter(0..columns.holding_asset.len()));
            facts.holdings = rows.map(|(id, asset)| HoldingRow { address: AddressId(u64::from(id)), asset }).collect();
        }
        if want.contains(Want::ASSETS) {
            facts.assets = (0..columns.asset_id_end.len()).map(|at| self.asset_row(at)).collect();
            facts.asset_bytes = columns.asset_text.slice(0..columns.asset_text.len()).to_vec();
        }
        if want.contains(Want::NOTES) {
            let rows = columns.note_tx.iter(0..columns.note_tx.len());
            let rows = rows.zip(columns.note_kind.iter(0..columns.note_kind.len()));
            let rows = rows.zip(columns.note_end.iter(0..columns.note_end.len()));
            let row = |((tx, kind), end)| NoteRow { tx: MovementId(tx), kind: self.note_kind(kind), end };
            facts.notes = rows.map(row).collect();
            facts.note_bytes = columns.note_text.slice(0..columns.note_text.len()).to_vec();
        }
    }

    fn decode_moves(&self) -> Vec<MoveRow> {
        let columns = &self.accounts;
        let rows = 0..columns.move_kind.len();
        let (mut from, mut to) = (columns.move_from.iter(rows.clone()), columns.move_to.iter(rows.clone()));
        let mut ends = columns.move_unit_end.iter(rows.clone());
        let mut start = 0;
        let row = |kind| {
            let end = ends.next().unwrap_or(start);
            let units = self.units(start..end);
            start = end;
            let side = |column: &mut dyn Iterator<Item = u32>| column.next().and_then(wide_holding);
            MoveRow::new(self.move_kind(kind), side(&mut from), side(&mut to), units)
        };
        columns.move_kind.iter(rows).map(row).collect()
    }
}
