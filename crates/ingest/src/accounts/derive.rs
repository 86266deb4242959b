//! How a block of an account ledger becomes facts: ids for accounts, holdings and assets, movements, T0 merges.
//!
//! Ids are given in the order (movement, from before to), accounts that only a link names after the movements of its
//! transaction; so the facts of a block depend on the ledger below it and on nothing else.

use std::collections::BTreeMap;

use coinhound_model::print::{CollabPrint, TxPrint};
use coinhound_model::{
    Account, AccountBlock, AccountMove, AccountTx, BlockHash, Height, HoldingId, InputId, Link, MovementId, Token,
};
use coinhound_store::FactsSlice;
use coinhound_store::facts::{BlockRow, MergeRow, MoveRow, NoteRow, TxRow};
use coinhound_store::layout::Span;

use super::error::AccountError;
use super::known::Known;
use super::limits;
use super::prior::Prior;

/// Turns blocks into facts, one after the other.
pub(super) struct Deriver {
    /// The height of the next block; `None` where the ledger begins with it.
    next: Option<Height>,
    tip: Option<BlockHash>,
    known: Known,
    rows: usize,
}

impl Deriver {
    /// Continues right after what is stored, or begins with nothing stored.
    pub fn new(prior: Prior) -> Self {
        let tip = prior.tip();
        let next = tip.map(|(height, _)| height.next());
        let known = Known::new(prior, next.unwrap_or_default());
        Self { next, tip: tip.map(|(_, hash)| hash), known, rows: 0 }
    }

    /// The height the next block must have; any while there is none.
    pub fn next_height(&self) -> Option<Height> {
        self.next
    }

    /// The hash the next block must name as its parent.
    pub fn tip(&self) -> Option<BlockHash> {
        self.tip
    }

    /// How many rows this session holds in memory.
    pub fn session_rows(&self) -> usize {
        self.rows
    }

    /// The facts of blocks of this session.
    ///
    /// # Panics
    /// When the heights are not this session's: a bug of the caller.
    pub fn facts(&self, span: Span) -> FactsSlice<'_> {
        self.known.facts.as_slice().part(span)
    }

    /// A block of this session.
    pub fn block(&self, height: Height) -> Option<&BlockRow> {
        let at = height.0.checked_sub(self.known.facts.start.0)?;
        self.known.facts.blocks.get(at as usize)
    }

    /// How an asset was described when it first appeared.
    pub fn token(&self, id: &str) -> Option<Token> {
        self.known.token(id)
    }

    /// Appends one block's facts.
    ///
    /// # Errors
    /// What is wrong with the block: then nothing of it was taken. Or the store's damage: then this value cannot go on.
    pub fn push(&mut self, block: &AccountBlock) -> Result<(), AccountError> {
        self.check_place(block)?;
        limits::check(block)?;
        self.check_decimals(block)?;
        if self.next.is_none() {
            self.known.facts.start = block.height;
        }
        block.txs.iter().for_each(|tx| self.push_tx(tx));
        self.known.health()?;
        let row = BlockRow { header: header(block), hash: block.hash, size: block.size, ends: self.known.counts };
        self.known.facts.blocks.push(row);
        self.rows += limits::rows(block);
        self.tip = Some(block.hash);
        self.next = Some(block.height.next());
        Ok(())
    }

    fn check_place(&self, block: &AccountBlock) -> Result<(), AccountError> {
        let (hash, height) = (block.hash, block.height);
        if let Some(expected) = self.next.filter(|next| *next != height) {
            return Err(AccountError::OtherHeight { block: hash, found: height, expected });
        }
        match self.tip.filter(|tip| *tip != block.prev) {
            Some(expected) => Err(AccountError::NotNext { block: hash, height, found: block.prev, expected }),
            None => Ok(()),
        }
    }

    /// Amounts of one asset are counted in one unit, from its first appearance on.
    fn check_decimals(&self, block: &AccountBlock) -> Result<(), AccountError> {
        let mut new: BTreeMap<&str, Option<u8>> = BTreeMap::new();
        for Token { id, decimals: got, .. } in block.txs.iter().flat_map(|tx| &tx.moves).map(|one| &one.token) {
            let expected = self.known.decimals(id).unwrap_or_else(|| *new.entry(id).or_insert(*got));
            if expected != *got {
                let (block, height, asset, got) = (block.hash, block.height, id.clone(), *got);
                return Err(AccountError::OtherDecimals { block, height, asset, expected, got });
            }
        }
        Ok(())
    }

    fn push_tx(&mut self, tx: &AccountTx) {
        tx.moves.iter().for_each(|one| self.push_move(one));
        tx.links.iter().for_each(|link| self.push_link(link));
        let Known { facts, counts, .. } = &mut self.known;
        for note in &tx.notes {
            facts.note_bytes.extend_from_slice(&note.bytes);
            counts.note_bytes += note.bytes.len() as u64;
            counts.notes += 1;
            facts.notes.push(NoteRow { tx: MovementId(counts.txs), kind: note.kind, end: counts.note_bytes });
        }
        let (print, collab) = (TxPrint::empty(), CollabPrint::empty());
        facts.txs.push(TxRow { txid: tx.hash, input_end: 0, output_end: 0, weight: 0, print, collab });
        facts.tx_moves.push(counts.moves);
        counts.txs += 1;
    }

    fn push_move(&mut self, one: &AccountMove) {
        let asset = self.known.asset(&one.token);
        let from = self.side(one.from.as_ref(), asset);
        let to = self.side(one.to.as_ref(), asset);
        self.known.facts.moves.push(MoveRow::new(one.kind, from, to, one.units));
        self.known.counts.moves += 1;
    }

    fn side(&mut self, account: Option<&Account>, asset: u32) -> Option<HoldingId> {
        let address = self.known.address(account?);
        Some(self.known.holding(address, asset))
    }

    /// The merge log of T0 is the forest of links in the ledger's order: one that joins nothing new is left out.
    fn push_link(&mut self, link: &Link) {
        let (account, controller) = (self.known.address(&link.account), self.known.address(&link.controller));
        if self.known.join(account, controller) {
            let (a, b) = (account.min(controller), account.max(controller));
            let tx = MovementId(self.known.counts.txs);
            self.known.facts.t0.push(MergeRow { tx, input: InputId(0), a, b });
            self.known.counts.t0 += 1;
        }
    }
}

/// The 80 bytes that stand for a block: its parent, its maker, its time.
fn header(block: &AccountBlock) -> [u8; 80] {
    let mut header = [0; 80];
    header[4..36].copy_from_slice(&block.prev.0);
    header[36..68].copy_from_slice(&block.maker);
    header[68..72].copy_from_slice(&block.time.to_le_bytes());
    header
}
