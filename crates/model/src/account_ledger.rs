//! The contract between what stores account ledgers and what computes over them.
//!
//! The same promises as [`crate::ledger::Ledger`]: pinned to one height, hot calls cannot fail, damage is sticky and
//! asked for before a result leaves `analysis`. It is a trait of its own because an account is not a coin: a coin comes
//! once and leaves whole, a holding is touched by many movements and keeps what they leave.

use std::ops::Range;

use crate::account::{Account, MoveKind, Note, NoteKind, Token};
use crate::hash::TxHash;
use crate::id::{AddressId, Height, HoldingId, MovementId};
use crate::ledger::{AsOf, LedgerError, MovementFact};
use crate::units::Units;

/// One movement as the engine reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move<U> {
    /// Why value moves.
    pub kind: MoveKind,
    /// The holding it leaves; `None` where the kind takes from nobody.
    pub from: Option<HoldingId>,
    /// The holding it enters; `None` where the kind gives to nobody. Of the same asset as `from`.
    pub to: Option<HoldingId>,
    /// How much.
    pub units: U,
}

/// An ordered record of movements between accounts, pinned to one height.
pub trait AccountLedger: Sync {
    /// How amounts are counted here.
    type Units: Units;

    /// What the answers hold at.
    fn as_of(&self) -> &AsOf;

    /// Whether the ledger begins where every balance is zero. Otherwise a holding without a supplied opening
    /// ([`MoveKind::Opening`]) held an unknown amount before.
    fn is_complete(&self) -> bool;

    /// Whether the rows were supplied by somebody and not verified against a chain.
    fn is_supplied(&self) -> bool;

    /// All movements of the view, ascending; the order is that in which they happened.
    fn movements(&self) -> Range<u64>;

    /// A movement.
    fn movement(&self, movement: MovementId) -> Move<Self::Units>;

    /// The height of a movement's block.
    fn height(&self, movement: MovementId) -> Height;

    /// The time of a movement's block, seconds since 1970.
    fn time(&self, movement: MovementId) -> u32;

    /// The first movement at or after `from` that takes from or gives to the holding.
    fn next(&self, holding: HoldingId, from: MovementId) -> Option<MovementId>;

    /// Whose holding it is.
    fn owner(&self, holding: HoldingId) -> AddressId;

    /// What it is a balance in: a number that [`AccountLedger::token`] explains.
    fn asset(&self, holding: HoldingId) -> u32;

    /// An asset by its number.
    fn token(&self, asset: u32) -> Token;

    /// How many assets the view knows; numbers run from zero in the order of first appearance.
    fn assets(&self) -> u32;

    /// Replaces `into` with the holdings of an address, ascending: one for each asset it ever had to do with.
    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>);

    /// A movement by what outlives this process: its transaction, and that one's position in its block.
    fn fact(&self, movement: MovementId) -> MovementFact;

    /// The movements of a movement's transaction.
    fn siblings(&self, movement: MovementId) -> Range<u64>;

    /// The movements of the transactions with this hash, ascending.
    fn find(&self, tx: &TxHash) -> Vec<Range<u64>>;

    /// What came with a movement's transaction, in order.
    fn notes(&self, movement: MovementId) -> Vec<Note>;

    /// Calls `each` with every note of a kind in the view, in the order of their transactions, and with the place of its
    /// transaction: of those without movements too, to which no movement leads. Reads all notes of the view.
    fn each_note(&self, kind: NoteKind, each: &mut dyn FnMut(MovementFact, &[u8]));

    /// The account that an address is, by the bytes that name it on its chain; `None` where the view has no such address.
    fn account(&self, address: AddressId) -> Option<Account>;

    /// The address of an account, if it ever had to do with a movement.
    fn find_account(&self, account: &Account) -> Option<AddressId>;

    /// How many addresses the view knows; ids run from zero.
    fn addresses(&self) -> u64;

    /// Whether everything answered so far was verified.
    ///
    /// # Errors
    /// The first damage met, sticky.
    fn health(&self) -> Result<(), LedgerError>;
}
