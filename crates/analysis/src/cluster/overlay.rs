//! A case's own view of a cluster: vetoed transactions and pairs of addresses known to be different owners'.
//!
//! Clusters never depend on case data, so nothing here is stored: the component that a case touches is built anew from
//! its edges, which are read off the ledger over its members' transactions; all other components stay as they are.

use std::collections::BTreeSet;

use coinhound_model::{AddressId, Ledger, LedgerError, MovementId};

use crate::cluster::clusters::Clusters;
use crate::cluster::evidence::{Evidence, Spender};
use crate::cluster::grounds::{Grounds, Tiers};

/// Two addresses that a case holds to be different owners'.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CannotLink(pub AddressId, pub AddressId);

/// A co-spend that would have put a cannot-link's two addresses into one cluster: a finding of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Refused {
    /// The transaction that shows it.
    pub movement: MovementId,
    /// The later input of the pair, by its position in the transaction.
    pub input: u32,
    /// The address of the transaction's first input.
    pub a: AddressId,
    /// The address that was not joined to it.
    pub b: AddressId,
    /// The first cannot-link, in the case's order, that stood against it.
    pub against: CannotLink,
}

/// Components built anew.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rebuilt {
    /// Each ascending; ordered by their first.
    pub components: Vec<Vec<AddressId>>,
    /// Co-spends that were not applied, in chain order.
    pub refused: Vec<Refused>,
}

/// Builds tier T1 anew for every cluster that `grounds.vetoed` or `cannot` touch.
///
/// A co-spend is refused when it would join a cannot-link's two sides, in (transaction, input) order: the earlier evidence
/// stands, and so do the refused transaction's other edges; veto it to be rid of those. `grounds.tiers` is taken to be T1 whatever it says.
///
/// # Errors
/// The ledger's damage, if it met any.
pub fn rebuild<L: Ledger>(
    ledger: &L,
    clusters: &Clusters,
    grounds: &Grounds,
    cannot: &[CannotLink],
) -> Result<Rebuilt, LedgerError> {
    let grounds = grounds.clone().only(Tiers::CO_SPEND);
    let mut evidence = Evidence::new(ledger, &grounds, u64::MAX);
    let mut rebuilt = Rebuilt::default();
    for name in touched(ledger, clusters, &grounds, cannot) {
        let mut component = Component::new(clusters.members(name).collect());
        component.build(&mut evidence, cannot, &mut rebuilt.refused);
        rebuilt.components.extend(component.parts());
    }
    rebuilt.components.sort_unstable();
    rebuilt.refused.sort_unstable();
    ledger.health()?;
    Ok(rebuilt)
}

/// The names of the clusters that hold a vetoed transaction's spenders or a cannot-link's address.
fn touched<L: Ledger>(
    ledger: &L,
    clusters: &Clusters,
    grounds: &Grounds,
    cannot: &[CannotLink],
) -> BTreeSet<AddressId> {
    let mut debits = Vec::new();
    let mut names: BTreeSet<AddressId> = cannot.iter().flat_map(|CannotLink(a, b)| [*a, *b]).collect();
    for movement in &grounds.vetoed {
        ledger.debits(*movement, &mut debits);
        names.extend(debits.iter().map(|debit| debit.owner).filter(|owner| owner.is_some()));
    }
    names.into_iter().map(|address| clusters.name(address)).collect()
}

/// One component under construction; ids are positions among its members.
struct Component {
    /// Ascending.
    members: Vec<AddressId>,
    parents: Vec<usize>,
}

impl Component {
    fn new(members: Vec<AddressId>) -> Self {
        Self { parents: (0..members.len()).collect(), members }
    }

    fn build<L: Ledger>(&mut self, evidence: &mut Evidence<'_, L>, cannot: &[CannotLink], refused: &mut Vec<Refused>) {
        const FREE: &str = "the budget has no end";
        let mut movements = BTreeSet::new();
        for member in &self.members {
            movements.extend(evidence.movements(*member).expect(FREE));
        }
        let cannot: Vec<_> =
            cannot.iter().filter_map(|pair| Some((*pair, self.at(pair.0)?, self.at(pair.1)?))).collect();
        for movement in movements {
            let Some((first, later)) = evidence.spenders(movement).expect(FREE).split_first() else { continue };
            for spender in later {
                refused.extend(self.join(movement, first, spender, &cannot));
            }
        }
    }

    /// Joins two members unless a cannot-link stands against it.
    fn join(
        &mut self,
        movement: MovementId,
        first: &Spender,
        spender: &Spender,
        cannot: &[(CannotLink, usize, usize)],
    ) -> Option<Refused> {
        let (a, b) = (first.owner, spender.owner);
        // A spender outside was joined by no edge of the stored tier: its veto set was stricter than this one.
        let (one, other) = (self.at(a)?, self.at(b)?);
        let (one, other) = (self.root(one), self.root(other));
        let against = cannot.iter().find(|(_, left, right)| {
            let (left, right) = (self.root(*left), self.root(*right));
            one != other && ((left, right) == (one, other) || (left, right) == (other, one))
        });
        if let Some((against, ..)) = against {
            return Some(Refused { movement, input: spender.input, a, b, against: *against });
        }
        self.parents[one.max(other)] = one.min(other);
        None
    }

    fn at(&self, address: AddressId) -> Option<usize> {
        self.members.binary_search(&address).ok()
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    fn parts(mut self) -> Vec<Vec<AddressId>> {
        let mut parts: Vec<(usize, AddressId)> =
            (0..self.members.len()).map(|at| (self.root(at), self.members[at])).collect();
        parts.sort_unstable();
        parts.chunk_by(|a, b| a.0 == b.0).map(|part| part.iter().map(|(_, member)| *member).collect()).collect()
    }
}
