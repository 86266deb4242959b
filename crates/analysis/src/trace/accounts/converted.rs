//! What a conversion did to a trail, told at both of its ends so that it can be worked out again by hand.

use coinhound_model::{AddressId, MovementId};

/// A conversion that took stolen value: a row of the trail in the asset that was given.
///
/// `converted = drawn - floor(drawn × refunds / debits)` and `opened = floor(converted × received / (debits - refunds))`.
/// Poison has no amounts: all that was given counts as converted, and all that was received as opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Converted<U> {
    /// The first movement that gives the initiator what he received. Its transaction is the conversion.
    pub movement: MovementId,
    /// The holding that gave: an index into [`AccountTrail::reached`](crate::trace::accounts::AccountTrail::reached).
    pub reached: u32,
    /// What the transaction's movements took from that holding, its fee left out.
    pub debits: U,
    /// What came back into it behind the last of them.
    pub refunds: U,
    /// The stolen part of the debits, as far as no limit ended it before.
    pub drawn: U,
    /// What left this asset: the amount of the end.
    pub converted: U,
    /// The end: an index into [`AccountTrail::ends`](crate::trace::accounts::AccountTrail::ends).
    pub end: u32,
    /// The asset that was received, as the ledger numbers it.
    pub into: u32,
    /// How much of it was received.
    pub received: U,
    /// What was opened in the trail of that asset. Nothing where less than one unit is due, or where the end is unresolved
    /// because that asset's rows contradict each other.
    pub opened: U,
}

/// Stolen value that a conversion brought into this asset: a row of the trail in the asset that was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened<U> {
    /// The first movement that gives the initiator what he received. Its transaction is the conversion.
    pub movement: MovementId,
    /// The holding that received: an index into [`AccountTrail::reached`](crate::trace::accounts::AccountTrail::reached).
    pub reached: u32,
    /// How much of what was received is stolen from here on: `floor(converted × received / given)`, never nothing.
    pub units: U,
    /// The asset that was given, as the ledger numbers it: the trail of the same theft and rule in that asset has
    /// the other side of this row, with the same movement.
    pub from: u32,
    /// How much of that asset was given, refunds taken off.
    pub given: U,
    /// How much of that was stolen and left its trail.
    pub converted: U,
    /// How much of this asset was received.
    pub received: U,
}

/// What has the shape of a conversion and took stolen value, but was followed movement by movement: somebody gained by it who is
/// not known to exchange assets, and may be a friend of the initiator's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Declined<U> {
    /// The first movement that gives the initiator what he received. Its transaction is meant.
    pub movement: MovementId,
    /// The holding that gave: an index into [`AccountTrail::reached`](crate::trace::accounts::AccountTrail::reached).
    pub reached: u32,
    /// How much it gave, refunds taken off, stolen or not.
    pub given: U,
    /// The asset that was received, as the ledger numbers it.
    pub into: u32,
    /// How much of it was received.
    pub received: U,
    /// Who gained: the first one, in the order in which the ledger met holdings.
    pub gainer: AddressId,
}
