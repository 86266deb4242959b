//! An address's cluster found by walking the ledger, where none is stored or the grounds differ from the stored ones.

use std::collections::BTreeSet;

use coinhound_model::{AddressId, Ledger, LedgerError};

use crate::cluster::evidence::{Evidence, Spent};
use crate::cluster::grounds::Grounds;

/// What a walk found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Walk {
    /// Addresses that belong together with the one asked for, itself included, ascending.
    pub members: Vec<AddressId>,
    /// Whether these are all: false when the budget ended first.
    pub complete: bool,
    /// Ledger look-ups made.
    pub spent: u64,
}

/// The addresses that belong together with `from` on these grounds, over all tiers they name.
///
/// `budget` bounds the ledger look-ups: one for each coin asked for its spender, each movement read, each key asked.
///
/// # Errors
/// The ledger's damage, if it met any.
pub fn walk<L: Ledger>(ledger: &L, grounds: &Grounds, from: AddressId, budget: u64) -> Result<Walk, LedgerError> {
    let mut evidence = Evidence::new(ledger, grounds, budget);
    let mut members = BTreeSet::from([from]);
    let complete = spread(&mut evidence, from, &mut members).is_ok();
    ledger.health()?;
    Ok(Walk { members: members.into_iter().collect(), complete, spent: evidence.spent() })
}

fn spread<L: Ledger>(
    evidence: &mut Evidence<'_, L>,
    from: AddressId,
    members: &mut BTreeSet<AddressId>,
) -> Result<(), Spent> {
    let mut agenda = vec![from];
    let mut read = BTreeSet::new();
    while let Some(address) = agenda.pop() {
        agenda.extend(evidence.links(address)?.iter().filter(|link| members.insert(**link)));
        for movement in evidence.movements(address)?.to_vec() {
            if read.insert(movement) {
                let owners = evidence.spenders(movement)?.iter().map(|spender| spender.owner);
                agenda.extend(owners.filter(|owner| members.insert(*owner)));
            }
        }
    }
    Ok(())
}
