//! The contract book: what was said about contracts, when, by whom, and what of it holds as of a height.

use std::collections::BTreeSet;

use coinhound_analysis::contracts::{BookedFact, ContractBook, contract_addresses, contract_book, contract_book_of};
use coinhound_model::{Account, AccountLedger, ContractFact, FactSource, Height, NoteKind, Saying};
use coinhound_testkit::accounts::{Bank, bank};

fn named(byte: u8) -> Account {
    Account(vec![byte; 20])
}

const SAFE: u8 = 9;

fn say(bank: Bank, subject: u8, says: Saying, source: FactSource) -> Bank {
    let fact = ContractFact { subject: named(subject), says, source };
    bank.note(NoteKind::Contract, &fact.encode())
}

/// A Safe is made, changes its owners, its threshold and whose code it runs; nothing of it moves value but the first.
fn story() -> Bank {
    let bank = bank().pay("maker", "safe", 5, "ETH").account("maker", &[1; 20]).account("safe", &[SAFE; 20]);
    let bank = say(bank, SAFE, Saying::OwnerAdded(named(2)), FactSource::Log);
    let bank = say(bank, SAFE, Saying::OwnerAdded(named(3)), FactSource::Log);
    let bank = say(bank, SAFE, Saying::Threshold(2), FactSource::Log);
    let bank = say(bank, SAFE, Saying::RunsCodeOf(named(20)), FactSource::Log);
    let bank = say(bank, SAFE, Saying::MadeByTransaction(named(1)), FactSource::Transaction).block_at(5, 300).nothing();
    let bank = say(bank, SAFE, Saying::OwnerRemoved(named(2)), FactSource::Log);
    let bank = say(bank, SAFE, Saying::OwnerAdded(named(4)), FactSource::Log);
    let bank = say(bank, SAFE, Saying::Administrator(named(4)), FactSource::Log).block_at(7, 420).nothing().nothing();
    let bank = say(bank, SAFE, Saying::RunsCodeOf(named(21)), FactSource::Trace);
    let bank = say(bank, SAFE, Saying::Threshold(1), FactSource::Log);
    say(bank, 30, Saying::MadeByContract(named(SAFE)), FactSource::Trace)
}

fn book(bank: &Bank) -> ContractBook {
    contract_book(bank.ledger()).expect("the ledger is sound")
}

fn account(fact: Option<&BookedFact>) -> Option<&Account> {
    fact.and_then(|fact| fact.says.account())
}

fn owners(book: &ContractBook, height: u32) -> Vec<Account> {
    let record = book.contract(&named(SAFE), Height(height)).expect("it was made");
    record.owners().into_iter().map(|(owner, _)| owner.clone()).collect()
}

#[test]
fn a_contract_is_what_was_said_of_it_up_to_a_height() {
    let book = book(&story());
    assert_eq!(book.contract(&named(SAFE), Height(0)), None, "nothing was said yet");
    assert_eq!(book.contract(&named(77), Height(9)), None, "nothing was ever said");
    for (height, code, threshold, administrator, of) in
        [(1, 20, 2, None, [2, 3]), (4, 20, 2, None, [2, 3]), (5, 20, 2, Some(4), [3, 4]), (9, 21, 1, Some(4), [3, 4])]
    {
        let record = book.contract(&named(SAFE), Height(height)).expect("it was made");
        assert_eq!(account(record.maker()), Some(&named(1)), "at {height}");
        assert_eq!(account(record.code()), Some(&named(code)), "at {height}");
        assert_eq!(record.threshold().map(|threshold| threshold.0), Some(threshold), "at {height}");
        assert_eq!(account(record.administrator()), administrator.map(named).as_ref(), "at {height}");
        assert_eq!(owners(&book, height), of.map(named), "at {height}");
    }
}

#[test]
fn every_word_stands_with_its_transaction_and_whose_word_it_is() {
    let bank = story();
    let book = book(&bank);
    let record = book.contract(&named(SAFE), Height(9)).expect("it was made");
    let codes: Vec<_> = record.codes().map(|fact| (fact.place.height.0, fact.place.position, fact.source)).collect();
    assert_eq!(codes, [(1, 0, FactSource::Log), (7, 1, FactSource::Trace)]);
    assert_eq!(record.all().len(), 10);
    let made = record.maker().expect("in the ledger");
    assert_eq!(
        (made.source, &made.place),
        (FactSource::Transaction, &bank.ledger().fact(coinhound_model::MovementId(0)))
    );
    let added = record.owners()[1].1;
    assert_eq!((added.place.height, added.says.clone()), (Height(5), Saying::OwnerAdded(named(4))));
    assert_eq!((book.rule.name, book.rule.version, book.unreadable), ("contract-book", 1, 0));
    assert_eq!(book.as_of, bank.ledger().as_of().clone());
}

#[test]
fn who_made_or_owns_what_is_found_from_his_side() {
    let book = book(&story());
    let naming = |byte| -> Vec<_> {
        let account = named(byte);
        book.naming(&account).map(|(subject, fact)| (subject.0[0], fact.says.name())).collect()
    };
    assert_eq!(naming(1), [(SAFE, "made by a transaction of")]);
    assert_eq!(naming(SAFE), [(30, "made by the contract")]);
    assert_eq!(naming(4), [(SAFE, "has the new owner"), (SAFE, "has the administrator")]);
    assert_eq!(naming(99), []);
}

#[test]
fn what_was_said_before_a_contract_was_made_again_holds_no_more() {
    let bank = story().block_at(8, 480).nothing();
    let bank = say(bank, SAFE, Saying::OwnerAdded(named(5)), FactSource::Log);
    let bank = say(bank, SAFE, Saying::MadeByContract(named(6)), FactSource::Trace);
    let book = book(&bank);
    assert_eq!(owners(&book, 8), [named(5)], "its log stands before its making, in the same transaction");
    let record = book.contract(&named(SAFE), Height(8)).expect("it was made");
    assert_eq!((record.code(), record.threshold(), account(record.maker())), (None, None, Some(&named(6))));
    assert_eq!(record.all().len(), 12, "all of it can be read");
    assert_eq!(owners(&book, 7), [3, 4].map(named), "and at that height it held");
}

#[test]
fn what_another_contract_says_overrules_nothing_and_makes_nobody_a_contract() {
    let bank = story().block_at(8, 500).nothing();
    let bank = say(bank, SAFE, Saying::MadeByContract(named(66)), FactSource::OtherLog);
    let bank = say(bank, SAFE, Saying::RunsCodeOf(named(67)), FactSource::OtherLog);
    let bank = say(bank, 1, Saying::RunsCodeOf(named(67)), FactSource::OtherLog);
    let book = book(&bank);
    let record = book.contract(&named(SAFE), Height(8)).expect("it was made");
    assert_eq!((account(record.maker()), account(record.code())), (Some(&named(1)), Some(&named(21))));
    assert_eq!(record.codes().filter_map(|fact| fact.says.account()).cloned().collect::<Vec<_>>(), [20, 21].map(named));
    assert_eq!(
        (owners(&book, 8), record.threshold().map(|threshold| threshold.0)),
        ([3, 4].map(named).to_vec(), Some(1))
    );
    assert!(
        record.all().iter().any(|fact| account(Some(fact)) == Some(&named(66))),
        "it stands among all that was said"
    );
    // Where nobody else says anything, it is what there is, with whose word it is.
    let hearsay = book.contract(&named(1), Height(8)).and_then(|record| record.code().map(|fact| fact.source));
    assert_eq!(hearsay, Some(FactSource::OtherLog));
    let ledger = bank.ledger();
    let maker = ledger.find_account(&named(1)).expect("it paid");
    assert!(!contract_addresses(ledger).expect("the ledger is sound").contains(&maker));
}

#[test]
fn a_book_of_some_accounts_is_their_part_of_the_whole() {
    let bank = story();
    let whole = book(&bank);
    let some = contract_book_of(bank.ledger(), &BTreeSet::from([named(30), named(2)])).expect("sound");
    assert_eq!(some.accounts().collect::<Vec<_>>(), [&named(30)]);
    assert_eq!(some.contract(&named(30), Height(9)), whole.contract(&named(30), Height(9)));
    assert_eq!(whole.accounts().collect::<Vec<_>>(), [&named(SAFE), &named(30)]);
}

#[test]
fn addresses_of_contracts_are_those_that_ever_moved_anything() {
    let bank = story();
    let found = contract_addresses(bank.ledger()).expect("sound");
    assert_eq!(found, BTreeSet::from([bank.address("safe")]), "the other contract never had to do with a movement");
}

#[test]
fn a_note_that_is_no_fact_is_counted_and_damage_is_told() {
    let mut bank = story().note(NoteKind::Contract, &[250, 0, 0, 0]).note(NoteKind::Message, &[250]);
    assert_eq!(book(&bank).unreadable, 1);
    assert_eq!(book(&bank).contract(&named(SAFE), Height(9)), book(&story()).contract(&named(SAFE), Height(9)));
    bank.ledger_mut().set_damage("page 1 of `notes` does not match its checksum");
    assert!(contract_book(bank.ledger()).is_err());
    assert!(contract_addresses(bank.ledger()).is_err());
}
