//! Everything that was said about contracts, by contract, in chain order.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{
    Account, AccountLedger, AddressId, AsOf, ContractFact, FactSource, Height, LedgerError, MovementFact, NoteKind,
    Saying,
};

use crate::contracts::record::ContractRecord;
use crate::rule::RuleId;

/// The rule that reads facts about contracts.
pub const RULE: RuleId = RuleId { name: "contract-book", version: 1 };

/// Something that was said about a contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookedFact {
    /// The transaction that shows it.
    pub place: MovementFact,
    /// What was said.
    pub says: Saying,
    /// Whose word it is.
    pub source: FactSource,
}

/// What was said about contracts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContractBook {
    /// What it holds as of.
    pub as_of: AsOf,
    /// The rule.
    pub rule: RuleId,
    /// Notes that should say something about a contract and cannot be read: written by a later version, or not by us.
    pub unreadable: u64,
    facts: BTreeMap<Account, Vec<BookedFact>>,
}

impl ContractBook {
    /// The accounts that something was said about, ascending.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.facts.keys()
    }

    /// What was said about an account up to a height; `None` where nothing was.
    #[must_use]
    pub fn contract(&self, account: &Account, height: Height) -> Option<ContractRecord<'_>> {
        let facts = self.facts.get(account)?;
        let facts = &facts[..facts.partition_point(|fact| fact.place.height <= height)];
        ContractRecord::new(facts)
    }

    /// What was said that names an account beside its subject, with the subject, ascending by subject: contracts that it made,
    /// owns, or lends its code to. Looks at every fact.
    pub fn naming<'a>(&'a self, account: &'a Account) -> impl Iterator<Item = (&'a Account, &'a BookedFact)> {
        let facts = self.facts.iter().flat_map(|(subject, facts)| facts.iter().map(move |fact| (subject, fact)));
        facts.filter(move |(_, fact)| fact.says.account() == Some(account))
    }
}

/// Reads everything that the ledger says about contracts.
///
/// # Errors
/// The ledger's damage: no result may be used.
pub fn contract_book<L: AccountLedger>(ledger: &L) -> Result<ContractBook, LedgerError> {
    read(ledger, |_| true)
}

/// Reads what the ledger says about these accounts: a book of all of mainnet does not fit every memory.
///
/// # Errors
/// The ledger's damage: no result may be used.
pub fn contract_book_of<L: AccountLedger>(
    ledger: &L,
    accounts: &BTreeSet<Account>,
) -> Result<ContractBook, LedgerError> {
    read(ledger, |fact| accounts.contains(&fact.subject))
}

fn read<L: AccountLedger>(ledger: &L, wanted: impl Fn(&ContractFact) -> bool) -> Result<ContractBook, LedgerError> {
    let mut facts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut unreadable = 0;
    ledger.each_note(NoteKind::Contract, &mut |place, bytes| match ContractFact::decode(bytes) {
        Ok(fact) if wanted(&fact) => {
            let ContractFact { subject, says, source } = fact;
            facts.entry(subject).or_default().push(BookedFact { place, says, source });
        }
        Ok(_) => {}
        Err(_) => unreadable += 1,
    });
    ledger.health()?;
    Ok(ContractBook { as_of: ledger.as_of().clone(), rule: RULE, unreadable, facts })
}

/// The addresses that anything is said about as of a contract, ascending. An account that said nothing and was made before the
/// ledger begins is not among them, nor one of which only another contract speaks: else anybody could have anybody taken for a
/// contract.
///
/// # Errors
/// The ledger's damage: no result may be used.
pub fn contract_addresses<L: AccountLedger>(ledger: &L) -> Result<BTreeSet<AddressId>, LedgerError> {
    let mut addresses = BTreeSet::new();
    ledger.each_note(NoteKind::Contract, &mut |_, bytes| {
        let fact = ContractFact::decode(bytes).ok().filter(|fact| fact.source != FactSource::OtherLog);
        addresses.extend(fact.and_then(|fact| ledger.find_account(&fact.subject)));
    });
    ledger.health()?;
    Ok(addresses)
}
