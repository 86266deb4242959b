//! Address to cluster and back, one tier.
//!
//! T1 lists every address by number: its look-up is one access; it is empty where nothing was ever spent together. T0 lists those that share a key with another,
//! a few in a hundred: a look-up searches, and an address that is not listed is alone.

use super::{Derived, Step};
use coinhound_model::UnionFind;

use crate::column::{Fixed, index};
use crate::derive::{Tier, Want, merges, narrow};
use crate::failure::StoreError;
use crate::forest::members;
use crate::lookup::load;
use crate::table::TableFile;

pub(super) fn derive(step: &Step<'_>, tier: Tier) -> Result<Derived, StoreError> {
    // Roots cannot be unjoined: after a reorganisation below the fold all merges are replayed.
    let continued = step.kept_base().filter(|old| old.height == step.kept);
    let (mut forest, from) = match continued {
        Some(old) => (UnionFind::from_roots(old.tier(tier).roots()), step.kept),
        None => (UnionFind::default(), step.first),
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
    Ok(match tier {
        Tier::T0 => listed(&roots, members),
        Tier::T1 if step.ends.t1 == 0 => Derived::Clusters { listed: None, roots: Vec::new(), members: Vec::new() },
        Tier::T1 => Derived::Clusters { listed: None, roots, members },
    })
}

/// Leaves out the addresses that are alone.
fn listed(roots: &[u32], mut members: Vec<u32>) -> Derived {
    let mut joined = vec![false; roots.len()];
    for (&root, address) in roots.iter().zip(0_u32..) {
        if root != address {
            joined[root as usize] = true;
            joined[address as usize] = true;
        }
    }
    members.retain(|&address| joined[address as usize]);
    let listed: Vec<u32> = (0..).zip(&joined).filter(|(_, joined)| **joined).map(|(address, _)| address).collect();
    let roots = listed.iter().map(|&address| roots[address as usize]).collect();
    Derived::Clusters { listed: Some(listed), roots, members }
}

/// Clusters of one tier as of the fold.
#[derive(Debug)]
pub(crate) struct Clusters {
    /// How many addresses there are.
    addresses: u64,
    /// Those that have a row, ascending; `None` when all have.
    listed: Option<Fixed<u32>>,
    roots: Fixed<u32>,
    members: Fixed<u32>,
}

impl Clusters {
    /// Clusters with a row for each address, or none where there are no `merges`; `None` when the columns do not fit.
    pub fn dense(table: &TableFile, addresses: u64, merges: u64) -> Option<Self> {
        let clusters = Self { addresses, listed: None, roots: table.fixed("root"), members: table.fixed("member") };
        let rows = if merges == 0 { 0 } else { addresses };
        (clusters.roots.len() == rows && clusters.members.len() == rows).then_some(clusters)
    }

    /// Clusters with a row for each address that is not alone; `None` when the columns do not fit.
    pub fn listed(table: &TableFile, addresses: u64) -> Option<Self> {
        let (listed, roots, members) = (table.fixed("address"), table.fixed("root"), table.fixed("member"));
        let rows: u64 = listed.len();
        let fits = rows <= addresses && roots.len() == rows && members.len() == rows;
        fits.then_some(Self { addresses, listed: Some(listed), roots, members })
    }

    /// The smallest address of an address's cluster.
    pub fn root(&self, address: u32) -> u32 {
        let Some(listed) = &self.listed else {
            return if self.roots.is_empty() { address } else { self.roots.get(u64::from(address)) };
        };
        let at = listed.partition_point(0..listed.len(), |known| known < address);
        let found = at < listed.len() && listed.get(at) == address;
        if found { self.roots.get(at) } else { address }
    }

    /// The addresses of a root's cluster, ascending.
    pub fn members(&self, root: u32) -> impl Iterator<Item = u32> {
        let rows = self.members.len();
        let start = self.members.partition_point(0..rows, |member| self.root(member) < root);
        // One row at a time: most clusters are small.
        let mut joined =
            (start..rows).map(|row| self.members.get(row)).take_while(move |&member| self.root(member) == root);
        let first = joined.next().unwrap_or(root);
        std::iter::once(first).chain(joined)
    }

    /// The root of every address.
    pub fn roots(&self) -> Vec<u32> {
        let mut roots = load(&self.roots);
        if self.listed.is_some() || roots.is_empty() {
            let listed = self.listed.as_ref().map_or_else(Vec::new, load);
            let mut all: Vec<u32> = (0..narrow(self.addresses)).collect();
            for (address, root) in listed.into_iter().zip(roots) {
                if let Some(slot) = all.get_mut(address as usize) {
                    *slot = root;
                }
            }
            roots = all;
        }
        // A root that is above its address would send a union-find astray.
        let sound = roots.iter().zip(0_u32..).all(|(&root, address)| root <= address && roots[root as usize] == root);
        if !sound || roots.len() != index(self.addresses) {
            let _ = self.roots.get(u64::MAX); // no such row: damage, recorded under this column's name
            return (0..narrow(self.addresses)).collect();
        }
        roots
    }
}
