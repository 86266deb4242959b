//! One movement as the walk sees it: debits, credits, sums; buffers reused from hop to hop.

use coinhound_model::{Entry, Ledger, MovementId, MovementMarks, Units};

use crate::trace::error::TraceError;

/// A movement that lanes go through.
pub(crate) struct Moving<U> {
    pub(crate) movement: MovementId,
    pub(crate) debits: Vec<Entry<U>>,
    pub(crate) credits: Vec<Entry<U>>,
    /// The credits' units, then the fee.
    pub(crate) capacities: Vec<U>,
    /// The sum of the debits.
    pub(crate) entered: U,
    /// What the credits leave of it. Zero when some debit's amount is not known.
    pub(crate) fee: U,
    /// Whether some debit's amount is not known.
    pub(crate) amount_unknown: bool,
    /// Whether it settles a pool: nothing is followed through it.
    pub(crate) is_pool: bool,
}

impl<U: Units> Moving<U> {
    pub(crate) fn new() -> Self {
        Self {
            movement: MovementId(0),
            debits: Vec::new(),
            credits: Vec::new(),
            capacities: Vec::new(),
            entered: U::ZERO,
            fee: U::ZERO,
            amount_unknown: false,
            is_pool: false,
        }
    }

    /// Reads a movement from its ledger.
    ///
    /// # Errors
    /// [`TraceError::Contradiction`] when it pays out more than it takes in, or more than an amount can hold.
    pub(crate) fn load<L: Ledger<Units = U>>(&mut self, ledger: &L, movement: MovementId) -> Result<(), TraceError> {
        let refuse = |what| TraceError::contradiction(ledger, movement, what);
        self.movement = movement;
        ledger.debits(movement, &mut self.debits);
        ledger.credits(movement, &mut self.credits);
        let marks = ledger.marks(movement);
        self.amount_unknown = marks.contains(MovementMarks::AMOUNT_UNKNOWN);
        self.is_pool = marks.contains(MovementMarks::POOL);
        self.entered = total(&self.debits).ok_or_else(|| refuse("its debits exceed any amount"))?;
        let paid = total(&self.credits).ok_or_else(|| refuse("its credits exceed any amount"))?;
        self.fee = match self.entered.checked_sub(paid) {
            _ if self.amount_unknown => U::ZERO,
            Some(fee) => fee,
            None => return Err(refuse("it pays out more than it takes in")),
        };
        self.capacities.clear();
        self.capacities.extend(self.credits.iter().map(|credit| credit.units));
        self.capacities.push(self.fee);
        Ok(())
    }
}

fn total<U: Units>(entries: &[Entry<U>]) -> Option<U> {
    entries.iter().try_fold(U::ZERO, |total, entry| total.checked_add(entry.units))
}
