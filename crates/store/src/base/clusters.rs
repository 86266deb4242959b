//! Address to cluster and back, one tier.

use super::{Derived, Step};
use crate::derive::{Tier, Want, merges, narrow};
use crate::failure::StoreError;
use crate::forest::{Forest, members};

pub(super) fn derive(step: &Step<'_>, tier: Tier) -> Result<Derived, StoreError> {
    // Roots cannot be unjoined: after a reorganisation below the fold all merges are replayed.
    let continued = step.kept_base().filter(|old| old.height == step.kept);
    let (mut forest, from) = match continued {
        Some(old) => (Forest::from_roots(old.tier(tier).roots()), step.kept),
        None => (Forest::default(), step.first),
    };
    forest.grow(narrow(step.ends.addresses));
    let want = match tier {
        Tier::T0 => Want::T0,
        Tier::T1 => Want::T1,
    };
    step.history.each(from, want, &mut |facts| {
        for merge in merges(facts, tier) {
            forest.join(narrow(merge.a.0), narrow(merge.b.0));
        }
    })?;
    let roots = forest.into_roots();
    let members = members(&roots);
    Ok(Derived::Clusters { roots, members })
}
