//! What a holding held and when: one scan of its movements, remembered for every trail that reaches it.
//!
//! Where nobody knows what a holding held before the ledger begins, it is taken to have held the least that its
//! movements need: the largest excess of what it paid over what it received. Where that is known, paying more than
//! there is is a contradiction in the ledger. Transfers to oneself move nothing and need nothing.

use coinhound_model::{AccountLedger, HoldingId, Move, MoveKind, MovementId, Units};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::theft::Step;

/// One holding's history.
#[derive(Debug)]
pub(crate) struct History<U> {
    /// What it held before the view's first movement.
    opening: U,
    /// Whether that was assumed.
    is_assumed: bool,
    /// What it holds at the end of the view.
    pub(crate) balance: U,
    /// The state before every [`EVERY`]th of its movements.
    marks: Vec<(MovementId, Running<U>)>,
    /// Where its movements contradict each other.
    fault: Option<AccountFault>,
}

/// How many movements lie between two remembered states.
const EVERY: u32 = 64;

impl<U: Units> History<U> {
    /// What was assumed to have been there before the ledger begins; `None` where it is known.
    pub(crate) fn assumed(&self) -> Option<U> {
        self.is_assumed.then_some(self.opening)
    }

    /// The history, where its movements fit each other.
    ///
    /// # Errors
    /// [`AccountFault::Overdraft`], and [`AccountFault::Contradiction`] where they exceed any amount.
    pub(crate) fn whole(&self) -> Result<&Self, AccountFault> {
        self.fault.clone().map_or(Ok(self), Err)
    }

    /// Whether it never holds more than an amount can, whatever was there before.
    fn is_bounded<L: AccountLedger<Units = U>>(&self, ledger: &L, holding: HoldingId) -> Result<bool, AccountFault> {
        let mut running = Running { balance: U::ZERO, missing: U::ZERO };
        let mut highest = U::ZERO;
        for item in list(ledger, holding, MovementId(ledger.movements().start)) {
            if running.apply(holding, &item?.1).is_none() {
                return Ok(false);
            }
            highest = highest.max(running.balance);
        }
        Ok(self.opening.checked_add(highest).is_some())
    }

    fn scan<L: AccountLedger<Units = U>>(ledger: &L, holding: HoldingId) -> Result<Self, AccountFault> {
        let mut running = Running { balance: U::ZERO, missing: U::ZERO };
        let (mut overdraft, mut fault) = (None, None);
        let (mut marks, mut due) = (Vec::new(), 0);
        let mut is_known = ledger.is_complete();
        for item in list(ledger, holding, MovementId(ledger.movements().start)) {
            let (movement, step) = item?;
            if due == 0 {
                marks.push((movement, running));
                due = EVERY;
            }
            due -= 1;
            let held = running.balance;
            is_known |= step.kind == MoveKind::Opening;
            let Some(fits) = running.apply(holding, &step) else {
                fault = Some(too_much(ledger, movement));
                break;
            };
            if !fits && overdraft.is_none() {
                overdraft = Some((movement, held, step.units));
            }
        }
        let overdraft = overdraft.filter(|_| is_known);
        let fault = fault.or_else(|| overdraft.map(|(at, held, taken)| overdrawn(ledger, holding, at, held, taken)));
        let (opening, is_assumed, balance) = (running.missing, !is_known, running.balance);
        Ok(Self { opening, is_assumed, balance, marks, fault })
    }

    /// What it held before a movement.
    pub(crate) fn balance_before<L: AccountLedger<Units = U>>(
        &self,
        ledger: &L,
        holding: HoldingId,
        movement: MovementId,
    ) -> Result<U, AccountFault> {
        let refuse = || too_much(ledger, movement);
        let after = self.marks.partition_point(|mark| mark.0 <= movement);
        let Some(&(from, mut running)) = after.checked_sub(1).map(|last| &self.marks[last]) else {
            return Ok(self.opening);
        };
        for item in list(ledger, holding, from) {
            let (at, step) = item?;
            if at >= movement {
                break;
            }
            running.apply(holding, &step).ok_or_else(refuse)?;
        }
        let unspent = self.opening.checked_sub(running.missing).ok_or_else(refuse)?;
        running.balance.checked_add(unspent).ok_or_else(refuse)
    }
}

/// A balance that begins with nothing, and what it was short of so far.
#[derive(Clone, Copy, Debug)]
struct Running<U> {
    balance: U,
    missing: U,
}

impl<U: Units> Running<U> {
    /// Applies a movement and says whether there was enough; `None` past the largest amount.
    fn apply(&mut self, holding: HoldingId, step: &Move<U>) -> Option<bool> {
        if step.from == step.to {
            return Some(true);
        }
        if step.to == Some(holding) {
            self.balance = self.balance.checked_add(step.units)?;
            return Some(true);
        }
        if let Some(left) = self.balance.checked_sub(step.units) {
            self.balance = left;
            return Some(true);
        }
        let short = step.units.checked_sub(self.balance)?;
        self.missing = self.missing.checked_add(short)?;
        self.balance = U::ZERO;
        Some(false)
    }
}

fn overdrawn<L: AccountLedger>(
    ledger: &L,
    holding: HoldingId,
    movement: MovementId,
    held: L::Units,
    taken: L::Units,
) -> AccountFault {
    AccountFault::Overdraft {
        step: Step::of(ledger, movement),
        taken: taken.to_string(),
        held: held.to_string(),
        asset: ledger.token(ledger.asset(holding)).id,
    }
}

fn too_much<L: AccountLedger>(ledger: &L, movement: MovementId) -> AccountFault {
    AccountFault::contradiction(ledger, movement, "a balance exceeds any amount")
}

/// The histories that were asked for so far.
pub(crate) struct Histories<U> {
    rows: Vec<History<U>>,
    known: HashMap<HoldingId, u32, FixedState>,
    /// Holdings that were asked whether they are sound.
    sound: HashMap<HoldingId, bool, FixedState>,
}

impl<U: Units> Histories<U> {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new(), known: HashMap::default(), sound: HashMap::default() }
    }

    /// A holding's history, which may say that its movements do not fit each other ([`History::whole`]).
    ///
    /// # Errors
    /// [`AccountFault::Contradiction`] where the ledger's list of them is not one.
    pub(crate) fn of<L: AccountLedger<Units = U>>(
        &mut self,
        ledger: &L,
        holding: HoldingId,
    ) -> Result<&History<U>, AccountFault> {
        if let Some(&row) = self.known.get(&holding) {
            return Ok(&self.rows[row as usize]);
        }
        let row = crate::trace::lane::row(self.rows.len());
        self.rows.push(History::scan(ledger, holding)?);
        self.known.insert(holding, row);
        Ok(&self.rows[row as usize])
    }

    /// Whether nothing that a trail could do to a holding runs into a fault of the ledger.
    ///
    /// # Errors
    /// [`AccountFault::Contradiction`] where the ledger's list of its movements is not one.
    pub(crate) fn are_sound<L: AccountLedger<Units = U>>(
        &mut self,
        ledger: &L,
        holding: HoldingId,
    ) -> Result<bool, AccountFault> {
        if let Some(&is_sound) = self.sound.get(&holding) {
            return Ok(is_sound);
        }
        let history = self.of(ledger, holding)?;
        let is_sound = history.fault.is_none() && history.is_bounded(ledger, holding)?;
        self.sound.insert(holding, is_sound);
        Ok(is_sound)
    }
}

/// The first movement at or after `from` that touches a holding.
///
/// # Errors
/// [`AccountFault::Contradiction`] when the ledger names one that lies elsewhere.
pub(crate) fn next<L: AccountLedger>(
    ledger: &L,
    holding: HoldingId,
    from: MovementId,
) -> Result<Option<MovementId>, AccountFault> {
    let end = ledger.movements().end;
    if from.0 >= end {
        return Ok(None);
    }
    match ledger.next(holding, from) {
        Some(found) if found < from || found.0 >= end => {
            Err(AccountFault::contradiction(ledger, from, "what its holding waits for lies elsewhere"))
        }
        found => Ok(found),
    }
}

/// The movements of a holding from one on, ascending.
pub(crate) fn list<L: AccountLedger>(
    ledger: &L,
    holding: HoldingId,
    from: MovementId,
) -> impl Iterator<Item = Result<(MovementId, Move<L::Units>), AccountFault>> + '_ {
    let mut from = Some(from);
    std::iter::from_fn(move || {
        let found = next(ledger, holding, from.take()?).transpose()?;
        Some(found.and_then(|movement| {
            let step = ledger.movement(movement);
            if step.from != Some(holding) && step.to != Some(holding) {
                return Err(AccountFault::contradiction(ledger, movement, "it does not touch a holding that lists it"));
            }
            from = Some(MovementId(movement.0 + 1));
            Ok((movement, step))
        }))
    })
}
