//! The rows that only account ledgers have.

use std::fmt;

use coinhound_model::{AddressId, HoldingId, MoveKind, MovementId, NoteKind};
use ruint::aliases::U256;

/// One movement of an account ledger, in 44 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MoveRow {
    units: [u8; 32],
    from: u32,
    to: u32,
    kind: MoveKind,
}

/// Stands for no holding where a holding has four bytes.
pub(crate) const NO_HOLDING: u32 = u32::MAX;

impl MoveRow {
    /// A movement of `units`; which sides it must have, its kind says.
    ///
    /// # Panics
    /// When a holding's id is not below 2^32 - 1: so many are out of every ledger's reach, and rows are made before
    /// the writer could refuse them.
    #[must_use]
    pub fn new(kind: MoveKind, from: Option<HoldingId>, to: Option<HoldingId>, units: U256) -> Self {
        let side = |holding: Option<HoldingId>| holding.map_or(NO_HOLDING, narrow_holding);
        Self { units: units.to_le_bytes(), from: side(from), to: side(to), kind }
    }

    /// Why value moves.
    #[must_use]
    pub fn kind(self) -> MoveKind {
        self.kind
    }

    /// The holding it takes from.
    #[must_use]
    pub fn from(self) -> Option<HoldingId> {
        wide_holding(self.from)
    }

    /// The holding it gives to.
    #[must_use]
    pub fn to(self) -> Option<HoldingId> {
        wide_holding(self.to)
    }

    /// How much, in smallest units.
    #[must_use]
    pub fn units(self) -> U256 {
        U256::from_le_bytes(self.units)
    }

    /// The amount's bytes, lowest first, without the zeros at the end: as they lie on disk.
    pub(crate) fn unit_bytes(&self) -> &[u8] {
        let len = self.units.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        &self.units[..len]
    }
}

fn narrow_holding(holding: HoldingId) -> u32 {
    u32::try_from(holding.0).ok().filter(|id| *id != NO_HOLDING).expect("a holding has four bytes")
}

/// A holding on disk and in rows: the largest number is none.
pub(crate) fn wide_holding(number: u32) -> Option<HoldingId> {
    (number != NO_HOLDING).then_some(HoldingId(u64::from(number)))
}

impl fmt::Debug for MoveRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MoveRow")
            .field("kind", &self.kind)
            .field("from", &self.from())
            .field("to", &self.to())
            .field("units", &self.units())
            .finish()
    }
}

/// One address's balance in one asset, at its first appearance in (movement, from before to).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HoldingRow {
    /// Whose it is.
    pub address: AddressId,
    /// What it is a balance in: the asset's number.
    pub asset: u32,
}

/// An asset at its first appearance. Its texts stand one after the other: id, then ticker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AssetRow {
    /// Text bytes up to and including its id.
    pub id_end: u64,
    /// Text bytes up to and including its ticker.
    pub ticker_end: u64,
    /// Decimal places, where somebody told.
    pub decimals: Option<u8>,
}

/// Bytes that came with a transaction of an account ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoteRow {
    /// The transaction's rank.
    pub tx: MovementId,
    /// What they say.
    pub kind: NoteKind,
    /// Note bytes up to and including this one.
    pub end: u64,
}
