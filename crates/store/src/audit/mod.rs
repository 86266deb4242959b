//! What must hold of any facts, checked before they are written and after they are read.

mod accounts;

use coinhound_model::{AddressId, Height, LockKind};

use crate::cut::FactsSlice;
use crate::facts::{Counts, Facts, MergeRow};
use crate::manifest::Family;

/// A contradiction inside the facts of a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("block {height}: {what}, row {row}")]
pub struct FactsError {
    /// The first block that it can be blamed on.
    pub height: Height,
    /// What does not hold.
    pub what: &'static str,
    /// Which row, by its id in the whole ledger.
    pub row: u64,
}

impl Facts {
    /// [`FactsSlice::check`] of all of it.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), FactsError> {
        self.as_slice().check()
    }
}

impl FactsSlice<'_> {
    /// Which kind of ledger the facts are of; `None` where they have no transactions, and so may be of both.
    #[must_use]
    pub fn family(self) -> Option<Family> {
        let family = if self.tx_moves.is_empty() { Family::Coins } else { Family::Accounts };
        (!self.txs.is_empty()).then_some(family)
    }

    /// Checks every row against its neighbours and every id against what exists at that point.
    ///
    /// What it cannot see: whether a coin is spent twice across two ranges, and the chain's own rules.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(self) -> Result<(), FactsError> {
        let mut audit = Audit { facts: self, height: self.start, before: self.base };
        audit.lengths()?;
        for block in self.blocks {
            audit.block(&block.ends)?;
            audit.before = block.ends;
            audit.height = audit.height.next();
        }
        Ok(())
    }
}

/// The check's position: everything below `before` was found sound.
struct Audit<'a> {
    facts: FactsSlice<'a>,
    height: Height,
    before: Counts,
}

type Checked = Result<(), FactsError>;

impl Audit<'_> {
    fn ensure(&self, holds: bool, what: &'static str, row: u64) -> Checked {
        if holds { Ok(()) } else { Err(FactsError { height: self.height, what, row }) }
    }

    fn lengths(&self) -> Checked {
        let (facts, base, ends) = (self.facts, self.facts.base.to_array(), self.facts.ends().to_array());
        let lengths = [
            facts.txs.len(),
            facts.inputs.len(),
            facts.outputs.len(),
            facts.addresses.len(),
            facts.address_bytes.len(),
            facts.foreign.len(),
            facts.scripts.len(),
            facts.script_bytes.len(),
            facts.reveals.len(),
            facts.t0.len(),
            facts.t1.len(),
            facts.moves.len(),
            facts.holdings.len(),
            facts.assets.len(),
            facts.asset_bytes.len(),
            facts.notes.len(),
            facts.note_bytes.len(),
        ];
        for (length, (base, end)) in lengths.into_iter().zip(base.into_iter().zip(ends)) {
            self.ensure(
                end.checked_sub(base) == Some(length as u64),
                "a column is not as long as the counts say",
                end,
            )?;
        }
        let mut last = base;
        for block in facts.blocks {
            let ends = block.ends.to_array();
            self.ensure(last.iter().zip(&ends).all(|(a, b)| a <= b), "counts fall", block.ends.txs)?;
            last = ends;
        }
        Ok(())
    }

    fn block(&self, ends: &Counts) -> Checked {
        self.txs(ends)?;
        self.addresses(ends)?;
        self.foreign(ends)?;
        self.scripts(ends)?;
        self.reveals(ends)?;
        let origin = &self.facts.base;
        self.merges(rows(self.facts.t0, origin.t0, self.before.t0, ends.t0), self.before.t0, ends)?;
        self.merges(rows(self.facts.t1, origin.t1, self.before.t1, ends.t1), self.before.t1, ends)?;
        self.accounts(ends)
    }

    fn txs(&self, ends: &Counts) -> Checked {
        let origin = &self.facts.base;
        let (mut input, mut output) = (self.before.inputs, self.before.outputs);
        for (tx, id) in rows(self.facts.txs, origin.txs, self.before.txs, ends.txs).iter().zip(self.before.txs..) {
            self.ensure(
                tx.input_end >= input && tx.input_end <= ends.inputs,
                "a transaction's inputs leave its block",
                id,
            )?;
            self.ensure(
                tx.output_end >= output && tx.output_end <= ends.outputs,
                "a transaction's outputs leave its block",
                id,
            )?;
            self.inputs(input, tx.input_end, output, ends)?;
            (input, output) = (tx.input_end, tx.output_end);
        }
        self.ensure(input == ends.inputs && output == ends.outputs, "rows belong to no transaction", ends.txs)?;
        for (row, id) in rows(self.facts.outputs, origin.outputs, self.before.outputs, ends.outputs)
            .iter()
            .zip(self.before.outputs..)
        {
            self.ensure(
                known(row.address(), ends) || !row.address().is_some(),
                "an output's address is not known yet",
                id,
            )?;
        }
        Ok(())
    }

    /// Inputs `from..to` of a transaction that sees the outputs below `made`.
    fn inputs(&self, from: u64, to: u64, made: u64, ends: &Counts) -> Checked {
        for (row, id) in rows(self.facts.inputs, self.facts.base.inputs, from, to).iter().zip(from..) {
            let exists = match row.coin().foreign_rank() {
                Some(rank) => (self.before.foreign..ends.foreign).contains(&rank),
                None => row.coin().0 < made,
            };
            self.ensure(exists, "an input empties a coin that does not exist yet", id)?;
        }
        Ok(())
    }

    fn addresses(&self, ends: &Counts) -> Checked {
        let origin = &self.facts.base;
        let mut start = self.before.address_bytes;
        for (row, id) in rows(self.facts.addresses, origin.addresses, self.before.addresses, ends.addresses)
            .iter()
            .zip(self.before.addresses..)
        {
            self.ensure(
                row.payload_end() >= start && row.payload_end() <= ends.address_bytes,
                "a payload leaves its block",
                id,
            )?;
            let length = row.payload_end() - start;
            self.ensure(row.kind().is_address(), "the lock is not an address", id)?;
            let of_accounts = self.facts.family().is_none_or(|family| family == Family::Accounts);
            let of_coins = self.facts.family() != Some(Family::Accounts);
            let fits = if row.kind() == LockKind::Account { of_accounts } else { of_coins };
            self.ensure(fits, "an address is of the other kind of ledger", id)?;
            self.ensure(
                row.kind().fixed_len().is_none_or(|fixed| fixed as u64 == length),
                "a payload has the wrong length",
                id,
            )?;
            start = row.payload_end();
        }
        self.ensure(start == ends.address_bytes, "payload bytes belong to no address", ends.addresses)
    }

    fn foreign(&self, ends: &Counts) -> Checked {
        for (row, rank) in rows(self.facts.foreign, self.facts.base.foreign, self.before.foreign, ends.foreign)
            .iter()
            .zip(self.before.foreign..)
        {
            let inside = (self.before.txs..ends.txs).contains(&row.spender.0);
            self.ensure(inside, "a foreign coin's spender is in another block", rank)?;
            self.ensure(
                known(row.address, ends) || !row.address.is_some(),
                "a foreign coin's address is not known yet",
                rank,
            )?;
        }
        Ok(())
    }

    fn scripts(&self, ends: &Counts) -> Checked {
        let mut start = self.before.script_bytes;
        let mut next_output = self.before.outputs;
        for (row, id) in rows(self.facts.scripts, self.facts.base.scripts, self.before.scripts, ends.scripts)
            .iter()
            .zip(self.before.scripts..)
        {
            self.ensure((next_output..ends.outputs).contains(&row.output.0), "a script's output is out of order", id)?;
            self.ensure(row.end >= start && row.end <= ends.script_bytes, "a script leaves its block", id)?;
            self.ensure(!row.kind.is_address(), "the script is an address", id)?;
            (start, next_output) = (row.end, row.output.0 + 1);
        }
        self.ensure(start == ends.script_bytes, "script bytes belong to no output", ends.scripts)
    }

    fn reveals(&self, ends: &Counts) -> Checked {
        let mut tx = self.before.txs;
        for (row, id) in rows(self.facts.reveals, self.facts.base.reveals, self.before.reveals, ends.reveals)
            .iter()
            .zip(self.before.reveals..)
        {
            self.ensure((tx..ends.txs).contains(&row.tx.0), "a revealed key is out of order", id)?;
            self.ensure(known(row.address, ends), "a revealed key's address is not known yet", id)?;
            tx = row.tx.0;
        }
        Ok(())
    }

    fn merges(&self, log: &[MergeRow], first: u64, ends: &Counts) -> Checked {
        let mut tx = self.before.txs;
        for (row, id) in log.iter().zip(first..) {
            self.ensure((tx..ends.txs).contains(&row.tx.0), "a merge is out of order", id)?;
            self.ensure(row.input.0 <= ends.inputs, "a merge's input does not exist yet", id)?;
            self.ensure(
                known(row.a, ends) && known(row.b, ends) && row.a != row.b,
                "a merge joins no two known addresses",
                id,
            )?;
            tx = row.tx.0;
        }
        Ok(())
    }
}

fn known(address: AddressId, ends: &Counts) -> bool {
    address.0 < ends.addresses
}

/// Rows `from..to` of a column whose first row has the id `origin`.
fn rows<T>(column: &[T], origin: u64, from: u64, to: u64) -> &[T] {
    let index = |id: u64| usize::try_from(id - origin).expect("rows in memory are indexed by usize");
    &column[index(from)..index(to)]
}
