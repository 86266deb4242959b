//! The rows of one transaction while they are written.

use std::collections::BTreeSet;

use coinhound_model::{Account, AccountMove, AccountTx, Link, MoveKind, Note, NoteKind, Token, TxHash};
use ruint::aliases::U256;

use crate::nem::address::Address;
use crate::nem::ledger::names::account;

/// What one transaction moves, says and shows.
#[derive(Default)]
pub(super) struct Booking {
    moves: Vec<AccountMove>,
    notes: Vec<Note>,
    links: Vec<Link>,
    linked: BTreeSet<(Address, Address)>,
}

impl Booking {
    /// Value that one account gives to another; a transfer may be of nothing, anything else of nothing is not booked.
    pub(super) fn pays(&mut self, kind: MoveKind, token: Token, (from, to): (&Address, &Address), units: U256) {
        self.put(kind, token, (Some(account(from)), Some(account(to))), units);
    }

    /// Value that an account gives to nobody.
    pub(super) fn spends(&mut self, kind: MoveKind, token: Token, from: &Address, units: U256) {
        self.put(kind, token, (Some(account(from)), None), units);
    }

    /// Value that an account gets from nobody.
    pub(super) fn gains(&mut self, kind: MoveKind, token: Token, to: &Address, units: U256) {
        self.put(kind, token, (None, Some(account(to))), units);
    }

    fn put(&mut self, kind: MoveKind, token: Token, (from, to): (Option<Account>, Option<Account>), units: U256) {
        if kind == MoveKind::Transfer || !units.is_zero() {
            self.moves.push(AccountMove { kind, token, from, to, units });
        }
    }

    pub(super) fn note(&mut self, kind: NoteKind, bytes: &[u8]) {
        self.notes.push(Note { kind, bytes: bytes.to_vec() });
    }

    pub(super) fn flag(&mut self, text: &str) {
        self.note(NoteKind::Flag, text.as_bytes());
    }

    /// Two accounts under one control, told once.
    pub(super) fn link(&mut self, controlled: &Address, controller: &Address) {
        if self.linked.insert((*controlled, *controller)) {
            self.links.push(Link { account: account(controlled), controller: account(controller) });
        }
    }

    pub(super) fn into_tx(self, hash: TxHash) -> AccountTx {
        let Self { moves, notes, links, linked: _ } = self;
        AccountTx { hash, moves, notes, links }
    }
}
