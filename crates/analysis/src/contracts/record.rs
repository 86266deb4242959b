//! One contract as of a height: what the latest word says, and every word before it.

use std::collections::BTreeMap;

use coinhound_model::{Account, FactSource, Saying};

use crate::contracts::book::BookedFact;

/// What was said about one contract up to a height, in chain order.
///
/// A contract that was destroyed can be made again at its address, with other code: what was said before it was made last
/// stands in [`ContractRecord::all`] alone.
///
/// What another contract says of it ([`FactSource::OtherLog`]) begins no life and overrules nothing: anybody can make a contract
/// that says so. It is the answer only where nothing stronger is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContractRecord<'a> {
    all: &'a [BookedFact],
    /// Where the words about its latest life begin.
    since: usize,
}

impl<'a> ContractRecord<'a> {
    /// A record of at least one fact.
    pub(super) fn new(all: &'a [BookedFact]) -> Option<Self> {
        let made = all.iter().rev().find(|fact| makes(&fact.says) && !is_hearsay(fact));
        // What was said in the transaction that made it is about this life, whichever is told first.
        let of_this_life = |fact: &&BookedFact| made.is_none_or(|made| place(fact) >= place(made));
        let since = all.len() - all.iter().rev().take_while(of_this_life).count();
        (!all.is_empty()).then_some(Self { all, since })
    }

    /// Everything that was said, about earlier lives too.
    #[must_use]
    pub fn all(self) -> &'a [BookedFact] {
        self.all
    }

    /// Who made it; `None` where it was made before the ledger begins.
    #[must_use]
    pub fn maker(self) -> Option<&'a BookedFact> {
        self.latest(makes)
    }

    /// Whose code it runs: the contract, or the beacon that it asks.
    #[must_use]
    pub fn code(self) -> Option<&'a BookedFact> {
        self.latest(is_code)
    }

    /// Whose code it ran, one after the other, the present one last.
    pub fn codes(self) -> impl Iterator<Item = &'a BookedFact> {
        let is_only_hearsay = self.code().is_some_and(is_hearsay);
        self.facts().iter().filter(move |fact| is_code(&fact.says) && is_hearsay(fact) == is_only_hearsay)
    }

    /// Who may change whose code it runs.
    #[must_use]
    pub fn administrator(self) -> Option<&'a BookedFact> {
        self.latest(|says| matches!(says, Saying::Administrator(_)))
    }

    /// Its owners, ascending by account, each with the word that made him one. Where its making is not in the ledger there may
    /// be more.
    #[must_use]
    pub fn owners(self) -> Vec<(&'a Account, &'a BookedFact)> {
        let mut owners = BTreeMap::new();
        for fact in self.facts().iter().filter(|fact| !is_hearsay(fact)) {
            match &fact.says {
                Saying::OwnerAdded(owner) => {
                    owners.insert(owner, fact);
                }
                Saying::OwnerRemoved(owner) => {
                    owners.remove(owner);
                }
                _ => {}
            }
        }
        owners.into_iter().collect()
    }

    /// How many owners must agree.
    #[must_use]
    pub fn threshold(self) -> Option<(u64, &'a BookedFact)> {
        let fact = self.latest(|says| matches!(says, Saying::Threshold(_)))?;
        match fact.says {
            Saying::Threshold(owners) => Some((owners, fact)),
            _ => None,
        }
    }

    fn facts(self) -> &'a [BookedFact] {
        &self.all[self.since..]
    }

    fn latest(self, says: impl Fn(&Saying) -> bool) -> Option<&'a BookedFact> {
        let said = || self.facts().iter().rev().filter(|fact| says(&fact.says));
        said().find(|fact| !is_hearsay(fact)).or_else(|| said().next())
    }
}

fn is_hearsay(fact: &BookedFact) -> bool {
    fact.source == FactSource::OtherLog
}

fn place(fact: &BookedFact) -> (u32, u32) {
    (fact.place.height.0, fact.place.position)
}

fn makes(says: &Saying) -> bool {
    matches!(says, Saying::MadeByTransaction(_) | Saying::MadeByContract(_))
}

fn is_code(says: &Saying) -> bool {
    matches!(says, Saying::RunsCodeOf(_) | Saying::Beacon(_))
}
