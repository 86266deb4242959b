//! What an account's balance in one asset was and is, as far as its ledger tells.

use coinhound_model::{AccountLedger, HoldingId, MoveKind, MovementId};
use ruint::aliases::U256;

/// A balance at the end of a view. Sums stay at the largest amount there is where hostile rows go beyond it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// All that came in, an opening not counted.
    pub received: U256,
    /// All that left.
    pub sent: U256,
    /// What it held before the ledger begins: known, or the least that its movements need.
    pub opening: U256,
    /// Whether that is known: the ledger begins at zero, or somebody supplied it.
    pub is_known: bool,
    /// What is there at the end; at least so much where the opening is not known.
    pub held: U256,
    /// How many movements touched it; one to itself counts once.
    pub movements: u64,
}

impl Balance {
    /// Goes through a holding's movements once.
    #[must_use]
    pub fn of<L: AccountLedger<Units = U256>>(ledger: &L, holding: HoldingId) -> Self {
        let mut balance = Self { is_known: ledger.is_complete(), ..Self::default() };
        let mut need = U256::ZERO;
        for movement in movements(ledger, holding) {
            let moved = ledger.movement(movement);
            balance.movements += 1;
            if moved.kind == MoveKind::Opening {
                balance.opening = balance.opening.saturating_add(moved.units);
                balance.is_known = true;
                continue;
            }
            if moved.from == Some(holding) {
                balance.sent = balance.sent.saturating_add(moved.units);
                need = need.max(balance.sent.saturating_sub(balance.received));
            }
            if moved.to == Some(holding) {
                balance.received = balance.received.saturating_add(moved.units);
            }
        }
        if !balance.is_known {
            balance.opening = need;
        }
        balance.held = balance.opening.saturating_add(balance.received).saturating_sub(balance.sent);
        balance
    }
}

/// The movements of a holding, in order.
pub fn movements<L: AccountLedger>(ledger: &L, holding: HoldingId) -> impl Iterator<Item = MovementId> {
    let mut from = MovementId(0);
    std::iter::from_fn(move || {
        // A damaged list must not hold the program: what does not ascend ends it, and health tells.
        let next = ledger.next(holding, from).filter(|next| *next >= from)?;
        from = MovementId(next.0 + 1);
        Some(next)
    })
}
