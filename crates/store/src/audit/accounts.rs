//! What must hold of movements, holdings, assets and notes.

use coinhound_model::HoldingId;

use super::{Audit, Checked, known, rows};
use crate::facts::{Counts, MoveRow, TxRow};
use crate::manifest::Family;

/// Whether a transaction has but its hash.
fn says_nothing(tx: &TxRow) -> bool {
    let nothing = tx.input_end == 0 && tx.output_end == 0 && tx.weight == 0;
    nothing && tx.print.is_empty() && tx.collab.is_empty()
}

impl Audit<'_> {
    /// One block's rows of an account ledger; of a coin ledger, that there are none.
    pub(super) fn accounts(&self, ends: &Counts) -> Checked {
        let (facts, before) = (self.facts, &self.before);
        let listed = facts.tx_moves.len();
        self.ensure(listed == 0 || listed == facts.txs.len(), "not every transaction lists its movements", ends.txs)?;
        if facts.family() == Some(Family::Accounts) {
            let coins = |counts: &Counts| {
                let Counts { inputs, outputs, foreign, scripts, reveals, t1, .. } = *counts;
                [inputs, outputs, foreign, scripts, reveals, t1]
            };
            self.ensure(coins(before) == coins(ends), "an account ledger has coins", ends.txs)?;
            let odd = rows(facts.txs, facts.base.txs, before.txs, ends.txs).iter().position(|tx| !says_nothing(tx));
            self.ensure(odd.is_none(), "a transaction of accounts says what only those of coins do", ends.txs)?;
        }
        self.tx_moves(ends)?;
        self.moves(ends)?;
        self.holdings(ends)?;
        self.assets(ends)?;
        self.notes(ends)
    }

    fn tx_moves(&self, ends: &Counts) -> Checked {
        let facts = self.facts;
        let mut last = self.before.moves;
        if !facts.tx_moves.is_empty() {
            let listed = rows(facts.tx_moves, facts.base.txs, self.before.txs, ends.txs);
            for (&end, tx) in listed.iter().zip(self.before.txs..) {
                self.ensure(end >= last && end <= ends.moves, "a transaction's movements leave its block", tx)?;
                last = end;
            }
        }
        self.ensure(last == ends.moves, "movements belong to no transaction", ends.moves)
    }

    fn moves(&self, ends: &Counts) -> Checked {
        let mut next = self.before.holdings;
        let moves = rows(self.facts.moves, self.facts.base.moves, self.before.moves, ends.moves);
        for (row, id) in moves.iter().zip(self.before.moves..) {
            let sides = row.kind().takes() == row.from().is_some() && row.kind().gives() == row.to().is_some();
            self.ensure(sides, "a movement has other sides than its kind", id)?;
            for side in [row.from(), row.to()].into_iter().flatten() {
                self.ensure(side.0 <= next && side.0 < ends.holdings, "a holding is not numbered by appearance", id)?;
                next = next.max(side.0 + 1);
            }
            self.ensure(self.one_asset(*row), "a movement's sides are of two assets", id)?;
        }
        self.ensure(next == ends.holdings, "a holding appears in no movement", next)
    }

    /// Whether both sides are of one asset, as far as their rows are here.
    fn one_asset(&self, row: MoveRow) -> bool {
        let asset = |side: Option<HoldingId>| {
            let at = side?.0.checked_sub(self.facts.base.holdings)?;
            self.facts.holdings.get(usize::try_from(at).ok()?).map(|holding| holding.asset)
        };
        asset(row.from()).zip(asset(row.to())).is_none_or(|(from, to)| from == to)
    }

    fn holdings(&self, ends: &Counts) -> Checked {
        let mut next = self.before.assets;
        let holdings = rows(self.facts.holdings, self.facts.base.holdings, self.before.holdings, ends.holdings);
        for (row, id) in holdings.iter().zip(self.before.holdings..) {
            let asset = u64::from(row.asset);
            self.ensure(known(row.address, ends), "a holding's address is not known yet", id)?;
            self.ensure(asset <= next && asset < ends.assets, "an asset is not numbered by appearance", id)?;
            next = next.max(asset + 1);
        }
        self.ensure(next == ends.assets, "an asset has no holding", next)
    }

    fn assets(&self, ends: &Counts) -> Checked {
        let (facts, origin) = (self.facts, &self.facts.base);
        let mut start = self.before.asset_bytes;
        for (row, id) in
            rows(facts.assets, origin.assets, self.before.assets, ends.assets).iter().zip(self.before.assets..)
        {
            let inside = start <= row.id_end && row.id_end <= row.ticker_end && row.ticker_end <= ends.asset_bytes;
            self.ensure(inside, "an asset's texts leave its block", id)?;
            for (from, to) in [(start, row.id_end), (row.id_end, row.ticker_end)] {
                let text = rows(facts.asset_bytes, origin.asset_bytes, from, to);
                self.ensure(std::str::from_utf8(text).is_ok(), "an asset's text is not UTF-8", id)?;
            }
            start = row.ticker_end;
        }
        self.ensure(start == ends.asset_bytes, "text bytes belong to no asset", ends.assets)
    }

    fn notes(&self, ends: &Counts) -> Checked {
        let (mut tx, mut start) = (self.before.txs, self.before.note_bytes);
        let notes = rows(self.facts.notes, self.facts.base.notes, self.before.notes, ends.notes);
        for (row, id) in notes.iter().zip(self.before.notes..) {
            self.ensure((tx..ends.txs).contains(&row.tx.0), "a note is out of order", id)?;
            self.ensure(start <= row.end && row.end <= ends.note_bytes, "a note leaves its block", id)?;
            (tx, start) = (row.tx.0, row.end);
        }
        self.ensure(start == ends.note_bytes, "note bytes belong to no note", ends.notes)
    }
}
