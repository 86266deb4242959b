//! What real blocks show about contracts: facts of their logs and creations, none of failed transactions.

use std::collections::BTreeMap;

use coinhound_chains::evm::rows::rows;
use coinhound_chains::evm::{Ending, Receipt};
use coinhound_model::{ContractFact, FactSource, Saying};

use super::recorded;

#[test]
fn real_blocks_show_proxies_owners_and_creations() {
    let (mut counts, mut blocks) = (BTreeMap::<String, usize>::new(), 0);
    for recorded in recorded("real_blocks_show_proxies_owners_and_creations") {
        let block = recorded.block();
        let rows = rows(&block, &recorded.receipts, None).expect("a real block has rows");
        for ((row, receipt), tx) in rows.block.txs.iter().zip(&recorded.receipts).zip(&block.transactions) {
            let facts: Vec<_> =
                row.notes.iter().filter_map(ContractFact::of_note).map(|fact| fact.expect("a fact")).collect();
            assert!(receipt.ending != Ending::Failed || facts.is_empty(), "{}", tx.hash);
            if let Some(made) = tx.created().filter(|_| receipt.ending == Ending::Succeeded) {
                let (says, source) = (Saying::MadeByTransaction(tx.from.account()), FactSource::Transaction);
                assert_eq!(facts.first(), Some(&ContractFact { subject: made.account(), says, source }));
            }
            for fact in facts {
                *counts.entry(format!("{} ({})", fact.says.name(), fact.source)).or_default() += 1;
            }
        }
        blocks += 1;
    }
    let counts: Vec<_> = counts.iter().map(|(what, count)| format!("{what}: {count}")).collect();
    assert!(blocks == 0 || counts == WANT, "{counts:#?}");
}

/// Two Safes were made by factories and set up; three contracts were made by transactions.
const WANT: [&str; 5] = [
    "has the new owner (the contract says so): 8",
    "made by a transaction of (follows from the transaction): 3",
    "made by the contract (another contract says so): 2",
    "needs so many owners: (the contract says so): 2",
    "runs the code of (another contract says so): 2",
];

#[test]
fn a_failed_transaction_shows_nothing() {
    for recorded in recorded("a_failed_transaction_shows_nothing") {
        let mut receipts = recorded.receipts.clone();
        receipts.iter_mut().for_each(|receipt| *receipt = Receipt { ending: Ending::Failed, ..receipt.clone() });
        let rows = rows(&recorded.block(), &receipts, None).expect("rows");
        let mut notes = rows.block.txs.iter().flat_map(|tx| &tx.notes);
        assert!(notes.all(|note| ContractFact::of_note(note).is_none()));
    }
}
