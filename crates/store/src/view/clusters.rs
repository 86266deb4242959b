//! Clusters as of the view's height, tier by tier.
//!
//! At or above the fold: the base's roots, and the few merges since then joined in memory on first use.
//! Below it: every merge up to the height is joined in memory, about 16 bytes for each address in it.

use coinhound_model::AddressId;

use super::View;
use crate::base::Base;
use crate::derive::{Tier, narrow};
use crate::joined::Joined;

impl View {
    /// The smallest address of an address's cluster: the cluster's name.
    #[must_use]
    pub fn root(&self, tier: Tier, address: AddressId) -> Option<AddressId> {
        if address.0 >= self.ends.addresses {
            self.absent("addresses", address.0, self.ends.addresses);
            return None;
        }
        let folded = self.folded_root(tier, narrow(address.0));
        Some(AddressId(u64::from(self.joined(tier).root(folded))))
    }

    /// The addresses of an address's cluster, ascending, itself included.
    #[must_use]
    pub fn members(&self, tier: Tier, address: AddressId) -> Vec<AddressId> {
        let Some(root) = self.root(tier, address) else { return Vec::new() };
        let mut members = Vec::new();
        for part in self.joined(tier).parts(narrow(root.0)) {
            match self.usable_base().filter(|base| u64::from(part) < base.coins.len()) {
                Some(base) => members.extend(base.tier(tier).members(part).map(address_id)),
                None => members.push(address_id(part)),
            }
        }
        members.sort_unstable();
        members
    }

    /// The base, unless it knows merges that this view does not.
    fn usable_base(&self) -> Option<&Base> {
        self.opened.base.as_deref().filter(|base| base.height.0 <= self.as_of.height.0 + 1)
    }

    fn folded_root(&self, tier: Tier, address: u32) -> u32 {
        let base = self.usable_base().filter(|base| u64::from(address) < base.coins.len());
        base.map_or(address, |base| base.tier(tier).root(address))
    }

    fn joined(&self, tier: Tier) -> &Joined {
        let cell = match tier {
            Tier::T0 => &self.joined[0],
            Tier::T1 => &self.joined[1],
        };
        cell.get_or_init(|| {
            let from = self.usable_base().map_or(0, |base| self.merges_before(tier, base));
            let merges = self.merges(tier, from..u64::MAX);
            let root = |address: AddressId| u32::try_from(address.0).ok().map(|id| self.folded_root(tier, id));
            Joined::build(&merges.filter_map(|merge| root(merge.a).zip(root(merge.b))).collect::<Vec<_>>())
        })
    }

    fn merges_before(&self, tier: Tier, base: &Base) -> u64 {
        let counts = self.opened.counts_before(base.height.0);
        match tier {
            Tier::T0 => counts.t0,
            Tier::T1 => counts.t1,
        }
    }
}

fn address_id(id: u32) -> AddressId {
    AddressId(u64::from(id))
}
