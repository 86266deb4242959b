//! The facts of a toy account ledger, derived the slow and obvious way.

use std::collections::BTreeMap;

use coinhound_model::print::{CollabPrint, TxPrint};
use coinhound_model::{
    Account, AccountBlock, AccountMove, AccountTx, AddressId, Height, HoldingId, InputId, Link, LockKind, MovementId,
    Note, Token,
};

use super::accounts::header;
use crate::facts::{AddressRow, AssetRow, BlockRow, Counts, Facts, HoldingRow, MergeRow, MoveRow, NoteRow, TxRow};

/// Writes facts down, block by block.
pub(super) struct AccountScribe {
    pub(super) facts: Facts,
    addresses: BTreeMap<Account, AddressId>,
    assets: BTreeMap<String, u32>,
    holdings: BTreeMap<(AddressId, u32), HoldingId>,
    labels: Vec<u64>,
}

impl AccountScribe {
    /// Nothing written yet; the first block will be at `first`.
    pub(super) fn new(first: u32) -> Self {
        Self {
            facts: Facts { start: Height(first), ..Facts::default() },
            addresses: BTreeMap::new(),
            assets: BTreeMap::new(),
            holdings: BTreeMap::new(),
            labels: Vec::new(),
        }
    }

    /// Writes down the next block.
    pub(super) fn block(&mut self, block: &AccountBlock) {
        block.txs.iter().for_each(|tx| self.tx(tx));
        let facts = &self.facts;
        let ends = Counts {
            txs: facts.txs.len() as u64,
            addresses: facts.addresses.len() as u64,
            address_bytes: facts.address_bytes.len() as u64,
            t0: facts.t0.len() as u64,
            moves: facts.moves.len() as u64,
            holdings: facts.holdings.len() as u64,
            assets: facts.assets.len() as u64,
            asset_bytes: facts.asset_bytes.len() as u64,
            notes: facts.notes.len() as u64,
            note_bytes: facts.note_bytes.len() as u64,
            ..Counts::default()
        };
        self.facts.blocks.push(BlockRow { header: header(block), hash: block.hash, size: block.size, ends });
    }

    fn tx(&mut self, tx: &AccountTx) {
        let rank = MovementId(self.facts.txs.len() as u64);
        tx.moves.iter().for_each(|row| self.movement(row));
        tx.notes.iter().for_each(|note| self.note(note, rank));
        tx.links.iter().for_each(|link| self.link(link, rank));
        self.facts.txs.push(TxRow {
            txid: tx.hash,
            input_end: 0,
            output_end: 0,
            weight: 0,
            print: TxPrint::empty(),
            collab: CollabPrint::empty(),
        });
        self.facts.tx_moves.push(self.facts.moves.len() as u64);
    }

    fn movement(&mut self, row: &AccountMove) {
        let [from, to] = [&row.from, &row.to].map(|side| side.as_ref().map(|side| self.holding(side, &row.token)));
        self.facts.moves.push(MoveRow::new(row.kind, from, to, row.units));
    }

    fn holding(&mut self, account: &Account, token: &Token) -> HoldingId {
        let (address, asset) = (self.address(account), self.asset(token));
        let next = HoldingId(self.facts.holdings.len() as u64);
        *self.holdings.entry((address, asset)).or_insert_with(|| {
            self.facts.holdings.push(HoldingRow { address, asset });
            next
        })
    }

    fn address(&mut self, account: &Account) -> AddressId {
        let next = AddressId(self.facts.addresses.len() as u64);
        let id = *self.addresses.entry(account.clone()).or_insert(next);
        if id == next {
            self.facts.address_bytes.extend_from_slice(&account.0);
            self.facts.addresses.push(AddressRow::new(LockKind::Account, self.facts.address_bytes.len() as u64));
            self.labels.push(id.0);
        }
        id
    }

    fn asset(&mut self, token: &Token) -> u32 {
        let next = u32::try_from(self.facts.assets.len()).expect("toy ledgers are small");
        let number = *self.assets.entry(token.id.clone()).or_insert(next);
        if number == next {
            let bytes = &mut self.facts.asset_bytes;
            bytes.extend_from_slice(token.id.as_bytes());
            let id_end = bytes.len() as u64;
            bytes.extend_from_slice(token.ticker.as_bytes());
            self.facts.assets.push(AssetRow { id_end, ticker_end: bytes.len() as u64, decimals: token.decimals });
        }
        number
    }

    fn note(&mut self, note: &Note, tx: MovementId) {
        self.facts.note_bytes.extend_from_slice(&note.bytes);
        self.facts.notes.push(NoteRow { tx, kind: note.kind, end: self.facts.note_bytes.len() as u64 });
    }

    /// A merge, where the link shows something new.
    fn link(&mut self, link: &Link, tx: MovementId) {
        let (a, b) = (self.address(&link.account), self.address(&link.controller));
        let (x, y) = (self.labels[a.index()], self.labels[b.index()]);
        if x != y {
            self.labels.iter_mut().filter(|label| **label == x.max(y)).for_each(|label| *label = x.min(y));
            self.facts.t0.push(MergeRow { tx, input: InputId(0), a: a.min(b), b: a.max(b) });
        }
    }
}
