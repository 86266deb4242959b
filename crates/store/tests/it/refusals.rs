//! What a store refuses, and how it says so.

use std::sync::Arc;

use coinhound_model::{AddressId, ChainId, Height, HoldingId, Ledger, MovementId};
use coinhound_store::campaign::rig::{above, assert_same, chain_id, commit, files, fresh, tiny_params, writer};
use coinhound_store::campaign::toy::ToyChain;
use coinhound_store::facts::{Facts, InputRow, OutputRow};
use coinhound_store::layout::{LayoutParams, Span};
use coinhound_store::manifest::Params;
use coinhound_store::storage::{Dice, SimDisk};
use coinhound_store::{Family, Note, StoreError, View, Writer};

fn toy(blocks: u32) -> Facts {
    ToyChain::random(0, blocks, &mut Dice::new(11)).facts()
}

/// What the writer of a store of blocks 0 to 9 says to facts above `keep`.
fn refusal(keep: Option<u32>, facts: &Facts) -> String {
    let disk = SimDisk::new();
    let mut writer = writer(Family::Coins, &disk);
    commit(&mut writer, None, &toy(10));
    let before = files(&disk);
    let told = writer.commit(keep.map(Height), facts, Note::default()).expect_err("must be refused");
    assert_same(&files(&disk), &before, "nothing was written");
    commit(&mut writer, Some(Height(9)), &above(&toy(12), Height(9))); // and the writer goes on
    let mut text = told.to_string();
    if let Some(source) = std::error::Error::source(&told) {
        text = format!("{text}: {source}");
    }
    text
}

fn part(facts: &Facts, start: u32, end: u32) -> Facts {
    facts.slice(Span { start, end })
}

#[test]
fn facts_that_do_not_continue_the_store_are_refused() {
    let facts = toy(14);
    let told = refusal(Some(9), &part(&facts, 11, 14));
    assert_eq!(told, "the facts to store start at height 11, expected 10");
    let told = refusal(Some(12), &part(&facts, 13, 14));
    assert_eq!(told, "height 12 was not ingested: the store holds 0 to 9");
    let mut other_counts = part(&facts, 10, 14);
    other_counts.base.t1 += 1;
    let told = refusal(Some(9), &other_counts);
    assert_eq!(told, "the facts to store from height 10 were derived from other counts than the store holds there");
    let mut other_parent = part(&facts, 10, 14);
    other_parent.blocks[1].header[4] ^= 1;
    assert_eq!(refusal(Some(9), &other_parent), "block 11 does not follow the block below it");
    assert_eq!(
        refusal(None, &part(&facts, 3, 3)),
        "a store holds at least one block: nothing is kept and nothing is added"
    );
}

#[test]
fn facts_that_contradict_themselves_are_refused() {
    let broken = |change: fn(&mut Facts)| {
        let mut facts = part(&toy(14), 10, 14);
        change(&mut facts);
        refusal(Some(9), &facts)
    };
    let about = "the facts to store contradict themselves: block";
    let told = broken(|facts| facts.inputs[0] = InputRow::new(HoldingId(1 << 30), facts.inputs[0].print()));
    assert!(told.starts_with(about) && told.contains("an input empties a coin that does not exist yet"), "{told}");
    let told = broken(|facts| facts.outputs[0] = OutputRow::new(1, AddressId(1 << 30)));
    assert!(told.contains("an output's address is not known yet"), "{told}");
    let told = broken(|facts| facts.txs[1].output_end = 0);
    assert!(told.contains("a transaction's outputs leave its block"), "{told}");
    let told = broken(|facts| facts.inputs.truncate(1));
    assert!(told.contains("a column is not as long as the counts say"), "{told}");
    let told = broken(|facts| facts.t1[0].b = facts.t1[0].a);
    assert!(told.contains("a merge joins no two known addresses"), "{told}");
}

#[test]
fn more_rows_than_ids_can_number_are_refused() {
    let mut facts = toy(1);
    facts.blocks[0].ends.addresses = u64::from(u32::MAX);
    let told = writer(Family::Coins, &SimDisk::new()).commit(None, &facts, Note::default()).expect_err("too many");
    assert_eq!(told.to_string(), "4294967295 addresses are more than this format numbers (4294967295)");
}

#[test]
fn another_chain_other_parameters_and_a_second_writer_are_refused() {
    let disk = SimDisk::new();
    let mut first = writer(Family::Coins, &disk);
    commit(&mut first, None, &toy(5));
    let open = |chain: &str, params: Params| {
        Writer::open_or_create(Arc::new(disk.clone()), ChainId(chain.to_owned()), params)
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(open("toy:1", tiny_params(Family::Coins)), "`LOCK` is locked: another process is writing this store");
    drop(first);
    assert_eq!(open("toy:2", tiny_params(Family::Coins)), "the store at `MANIFEST` holds chain toy:1, not toy:2");
    let told = open("toy:1", Params::new(&LayoutParams::mainnet(), "none"));
    assert!(
        told.starts_with(
            "the store was made with Params { family: Coins, fold: 16, levels: [1, 4], veto: \"none\" }, not with"
        ),
        "{told}"
    );
    let told = open("toy:1", Params { fold: 6, ..Params::new(&LayoutParams::tiny(), "none") });
    assert_eq!(told, "fold of 6 blocks must be a positive multiple of the largest level, 4");
}

#[test]
fn a_failed_writer_must_be_opened_again() {
    let disk = SimDisk::new();
    let mut writer = writer(Family::Coins, &disk);
    commit(&mut writer, None, &toy(5));
    disk.fill_from(disk.ops());
    let next = above(&toy(8), Height(4));
    let told = writer.commit(Some(Height(4)), &next, Note::default()).expect_err("the disk is full");
    assert!(matches!(told, StoreError::Write(_) | StoreError::Storage(_)), "{told}");
    disk.heal();
    let told = writer.commit(Some(Height(4)), &next, Note::default()).expect_err("still poisoned");
    assert_eq!(told.to_string(), "an earlier commit failed: open the store again");
    drop(writer);
    commit(&mut coinhound_store::campaign::rig::writer(Family::Coins, &disk), Some(Height(4)), &next);
    assert_same(&files(&disk), &fresh(Family::Coins, &toy(8)), "after the disk had room again");
}

#[test]
fn an_empty_folder_is_no_store_and_opening_it_changes_nothing() {
    let disk = SimDisk::new();
    let told = View::open(&disk).map(drop).expect_err("nothing there").to_string();
    assert_eq!(told, "`MANIFEST` is not the manifest of a store");
    let writer = writer(Family::Coins, &disk);
    assert_eq!(writer.range(), None);
    drop(writer);
    assert!(View::open(&disk).is_err());
}

#[test]
fn blocks_can_be_taken_away_and_given_back() {
    let (short, long) = (toy(18), toy(40));
    let disk = SimDisk::new();
    let mut writer = writer(Family::Coins, &disk);
    commit(&mut writer, None, &long);
    let nothing = part(&short, 18, 18);
    let done = commit(&mut writer, Some(Height(17)), &nothing);
    assert_eq!((done.tip, done.tally.filtered), (Height(17), 1));
    assert_same(&files(&disk), &fresh(Family::Coins, &short), "taken away");
    commit(&mut writer, Some(Height(17)), &above(&long, Height(17)));
    assert_same(&files(&disk), &fresh(Family::Coins, &long), "given back");
}

#[test]
fn a_view_outlives_the_files_it_was_opened_on() {
    let disk = SimDisk::new();
    let mut writer = writer(Family::Coins, &disk);
    commit(&mut writer, None, &toy(20));
    let view = View::open(&disk).expect("just written");
    let hash = view.as_of().block;
    let branch = ToyChain::random(0, 25, &mut Dice::new(99)).facts();
    commit(&mut writer, None, &branch);
    assert_eq!((view.as_of().height, view.block(Height(19)).expect("inside").hash), (Height(19), hash));
    assert!(view.movements().all(|tx| !view.find(&view.fact(MovementId(tx)).tx).is_empty()));
    assert_eq!(view.health(), Ok(()));
    assert_eq!(View::open(&disk).expect("the new one").as_of().height, Height(24));
}

#[test]
fn a_question_for_what_a_view_does_not_hold_sticks_to_that_view_alone() {
    let disk = SimDisk::new();
    commit(&mut writer(Family::Coins, &disk), None, &toy(20));
    let tip = View::open(&disk).expect("just written");
    let early = tip.at(Height(5)).expect("inside");
    let late = MovementId(tip.movements().end - 1);
    assert_eq!(early.tx(late), None);
    let told = early.health().expect_err("asked beyond its height").message;
    assert!(
        told.contains(&format!("`the view of {} at height 5` was asked for row {} of", chain_id(), late.0)),
        "{told}"
    );
    assert_eq!(tip.health(), Ok(()));
    assert_eq!(tip.at(Height(5)).expect("inside").health(), Ok(()));
}

#[test]
fn places_and_commits_are_remembered_outside_the_store() {
    use coinhound_store::local::{BlockPlace, blocks, commits};
    let disk = SimDisk::new();
    let facts = toy(3);
    let place = BlockPlace { file: 7, offset: 8, length: 9 };
    let places = [(facts.blocks[1].hash, place)];
    let done = writer(Family::Coins, &disk)
        .commit(None, &facts, Note { places: &places, time: 1_700_000_000 })
        .expect("healthy");
    assert_eq!(blocks(&disk).expect("readable").get(&facts.blocks[1].hash), Some(&place));
    let known = commits(&disk).expect("readable");
    assert_eq!((known.len(), known[0].manifest, known[0].time), (1, done.manifest, 1_700_000_000));
    assert_same(&files(&disk), &fresh(Family::Coins, &facts), "none of that is in the store");
}
