//! What transactions show about a contract, as `show` tells it: who made it, whose code it runs, who may decide for it.

use std::collections::BTreeSet;

use coinhound_analysis::contracts::{BookedFact, ContractBook, ContractRecord, contract_book_of};
use coinhound_model::AccountLedger;
use coinhound_model::{Account, AddressId, FactSource, Saying};
use serde_json::{Value, json};

use super::chain::{Accounts, Naming};
use crate::cli::chain::DAMAGED;
use crate::exit::{Exit, OrFail, Outcome};
use crate::out::{Cell, Facts, Sheet};

/// A contract as `show` tells it.
pub struct Contract {
    account: Account,
    book: ContractBook,
}

impl Contract {
    /// What is said of an account, if anything is.
    ///
    /// # Errors
    /// When the store is damaged.
    pub fn of(account: AddressId, ledger: &Accounts) -> Outcome<Option<Self>> {
        match ledger.view.account(account) {
            Some(account) => Self::named(account, ledger),
            None => Ok(None),
        }
    }

    /// The same of an account that may never have held anything.
    ///
    /// # Errors
    /// When the store is damaged.
    pub fn named(account: Account, ledger: &Accounts) -> Outcome<Option<Self>> {
        let Naming::Evm(_) = ledger.naming else { return Ok(None) };
        let wanted = BTreeSet::from([account.clone()]);
        let book = contract_book_of(&ledger.view, &wanted).or_hint(Exit::Store, DAMAGED)?;
        let is_there = book.contract(&account, ledger.view.as_of().height).is_some();
        Ok(is_there.then_some(Self { account, book }))
    }

    fn record(&self, ledger: &Accounts) -> Option<ContractRecord<'_>> {
        self.book.contract(&self.account, ledger.view.as_of().height)
    }

    /// The facts about it, as of the view's height.
    #[must_use]
    pub fn facts(&self, facts: Facts, ledger: &Accounts) -> Facts {
        let Some(record) = self.record(ledger) else { return facts };
        let one = |fact: Option<&BookedFact>, none: &str| match fact {
            Some(fact) => Cell::new(told(fact, ledger), value(fact, ledger)),
            None => Cell::none(none),
        };
        let owners = record.owners();
        let facts = facts
            .with("made/maker", one(record.maker(), "before the ledger begins"))
            .with("code", one(record.code(), "its own, as far as was said"));
        let facts = match record.administrator() {
            Some(fact) => facts.with("administrator", one(Some(fact), "")),
            None => facts.with("/administrator", Cell::none("")),
        };
        if owners.is_empty() {
            return facts.with("/owners", Cell::new("", Vec::<Value>::new())).with("/threshold", Cell::none(""));
        }
        let names: Vec<String> = owners.iter().map(|(owner, _)| ledger.naming.write(&owner.0)).collect();
        let threshold = record.threshold();
        let must = threshold.map_or("not said".to_owned(), |(number, _)| number.to_string());
        facts
            .with("owners", Cell::new(format!("{} of them must agree: {}", must, names.join(", ")), names))
            .with("/threshold", Cell::new("", threshold.map(|(number, _)| number)))
    }

    /// Every word about it, in the order of the ledger.
    #[must_use]
    pub fn sheet(&self, ledger: &Accounts, limit: usize) -> Sheet {
        let mut sheet = Sheet::new(&[
            "said of the contract/says",
            "whom/account",
            "by whose word/source",
            ">height",
            "transaction",
        ]);
        let all = self.record(ledger).map_or(&[][..], ContractRecord::all);
        for fact in all.iter().take(limit) {
            let whom = match &fact.says {
                Saying::Threshold(number) => Cell::new(number.to_string(), number.to_string()),
                says => Cell::from(says.account().map_or_else(String::new, |account| ledger.naming.write(&account.0))),
            };
            sheet.push([
                Cell::from(fact.says.name()),
                whom,
                Cell::from(source(fact.source)),
                Cell::number(fact.place.height.0.into()),
                Cell::from(ledger.hash(&fact.place.tx)),
            ]);
        }
        sheet
    }
}

fn told(fact: &BookedFact, ledger: &Accounts) -> String {
    let whom = fact.says.account().map_or_else(String::new, |account| ledger.naming.write(&account.0));
    format!("{} {whom}, at height {}, {}", fact.says.name(), fact.place.height, source(fact.source))
}

fn value(fact: &BookedFact, ledger: &Accounts) -> Value {
    json!({
        "says": fact.says.name(), "account": fact.says.account().map(|account| ledger.naming.write(&account.0)),
        "source": source(fact.source), "height": fact.place.height.0, "transaction": ledger.hash(&fact.place.tx),
    })
}

/// Whose word it is.
fn source(source: FactSource) -> &'static str {
    match source {
        FactSource::Transaction => "proven by the transaction",
        FactSource::Log => "the contract's own word, in a log",
        FactSource::Trace => "the node's word, in a trace",
        FactSource::OtherLog => "another contract's word, in a log",
    }
}
