//! Where a walk stops although the chain goes on: parameters of the result, each with a line of its own in it.

use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Height, Pruned, Units};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

/// Which addresses belong to services.
pub trait Services: Sync {
    /// The service that controls an address: an index into the caller's list of services.
    fn service(&self, owner: AddressId) -> Option<u32>;
}

/// Services listed address by address.
#[derive(Clone, Default, Debug)]
pub struct ServiceTable(HashMap<AddressId, u32, FixedState>);

impl ServiceTable {
    /// A table of (address, service). The first service listed for an address stays.
    pub fn new(rows: impl IntoIterator<Item = (AddressId, u32)>) -> Self {
        let mut table = Self::default();
        for (owner, service) in rows {
            table.0.entry(owner).or_insert(service);
        }
        table
    }
}

impl Services for ServiceTable {
    fn service(&self, owner: AddressId) -> Option<u32> {
        if self.0.is_empty() { None } else { self.0.get(&owner).copied() }
    }
}

/// Addresses without more about them.
#[derive(Clone, Default, Debug)]
pub struct AddressSet(HashSet<AddressId, FixedState>);

impl FromIterator<AddressId> for AddressSet {
    fn from_iter<I: IntoIterator<Item = AddressId>>(addresses: I) -> Self {
        Self(addresses.into_iter().collect())
    }
}

impl AddressSet {
    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: AddressId) -> bool {
        self.0.contains(&address)
    }
}

/// What a conversion does to a trail of accounts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Conversions {
    /// Stolen value that its initiator gives up goes on in the asset that he receives, where nobody else gains by the
    /// transaction but accounts known to exchange assets ([`Stops::exchangers`]). Otherwise the movements are followed as they
    /// stand, and the trail says that it might be a conversion: who gained could be anybody.
    #[default]
    Known,
    /// The same whoever gains: the shape of a transaction is enough. A thief can make one of this shape that pays a friend.
    Follow,
    /// A conversion is no more than its movements: stolen value goes to whoever they pay, in the asset they are in.
    Stop,
}

impl Conversions {
    /// The name used on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Follow => "follow",
            Self::Stop => "stop",
        }
    }
}

/// Where a walk stops. [`Stops::none`] follows everything to the tip.
///
/// A coin that nobody spent lies at rest whatever the limits: nothing was cut. A seed is never stopped by a service or
/// by dust: it is where the theft starts, not where the loot arrived. A coin that is cut counts, where it is
/// spent, as not stolen: its lot has already been counted as ended.
#[derive(Clone, Debug)]
pub struct Stops<U, S = ServiceTable> {
    /// Value that arrives at one of these is at its end.
    pub services: S,
    /// Value that enters a transaction with any of these marks is mixed.
    pub collaborative: CollabPrint,
    /// Stolen amounts below this are not followed (poison: coins whose whole value is below it).
    pub dust_below: U,
    /// Coins this many movements away are not followed.
    pub hops_max: u32,
    /// Movements whose block claims a later time are not followed; seconds since 1970.
    pub time_max: u32,
    /// Movements above this height are not followed.
    pub height_max: Height,
    /// Whether a trail of accounts goes on in the other asset where its value is converted.
    pub conversions: Conversions,
    /// Accounts known to exchange assets: pools, and contracts that wrap another asset. Asked for [`Conversions::Known`] alone.
    pub exchangers: AddressSet,
}

impl<U, S> Stops<U, S> {
    /// Which limit a movement of this height and time lies beyond; what is not limited is not asked for.
    pub(crate) fn beyond(&self, height: impl FnOnce() -> Height, time: impl FnOnce() -> u32) -> Option<Pruned> {
        if self.height_max < Height(u32::MAX) && height() > self.height_max {
            return Some(Pruned::Height);
        }
        (self.time_max < u32::MAX && time() > self.time_max).then_some(Pruned::Time)
    }
}

impl<U: Units> Stops<U> {
    /// No stops at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            services: ServiceTable::default(),
            collaborative: CollabPrint::empty(),
            dust_below: U::ZERO,
            hops_max: u32::MAX,
            time_max: u32::MAX,
            height_max: Height(u32::MAX),
            conversions: Conversions::Follow,
            exchangers: AddressSet::default(),
        }
    }
}
