//! Honest nodes: what is loaded, from where, and how far.

use coinhound_chains::nem::http::NisError;
use coinhound_chains::nem::{Network, decode_block};
use coinhound_ingest::NisLoadError;
use coinhound_ingest::nis::{Agreement, NisRelation};
use coinhound_model::Height;
use coinhound_testkit::nis::{NisLie, made};

use super::{FIRST, Rig, chain, fresh, height, story};
use crate::support::{assert_same, real_data};

#[test]
fn a_chain_from_its_middle_is_loaded_and_what_is_new_is_added() {
    let whole = chain(60);
    let want = fresh(&whole);
    for local in [true, false] {
        let mut rig = Rig::new(&whole[..35]);
        rig.node().set_local(local);
        let outcome = rig.load();
        assert_eq!((outcome.accounts.added, outcome.accounts.removed), (35, 0));
        assert_eq!(outcome.report.agreement, Agreement::OneNode);
        assert_eq!(outcome.report.lag(), Some(0));
        rig.node().set_chain(&whole);
        assert_eq!(rig.load().accounts.added, 25);
        assert_eq!(rig.load().accounts.added, 0);
        assert_same(&rig.content(), &want, "loaded twice");
    }
}

#[test]
fn a_real_first_block_begins_a_whole_ledger_and_another_one_is_refused() {
    let test = "a_real_first_block_begins_a_whole_ledger_and_another_one_is_refused";
    let Some(data) = real_data(test) else { return };
    let bytes = std::fs::read(data.join("nem/nemesis-mainnet.bin")).expect("readable");
    let nemesis = decode_block(&bytes).expect("sound");
    let mut whole = vec![nemesis.clone()];
    whole.extend(made::grow(made::Stem::above(&nemesis), 30, 0));
    let mut rig = Rig::new(&whole);
    assert_eq!(rig.load().accounts.added, 31);
    assert_same(&rig.content(), &fresh(&whole), "from the first block on");
    let mut other = nemesis;
    other.transactions.truncate(1_000);
    let other = made::Key::of(7).sign_block(other);
    let mut rig = Rig::new(&[other]);
    let error = rig.try_load().expect_err("another chain's");
    assert!(story(&error, "").contains("the first block is"), "{}", story(&error, ""));
    assert!(rig.content().is_empty());
}

#[test]
fn blocks_near_the_tip_are_left_for_later() {
    let whole = chain(30);
    let mut rig = Rig::new(&whole);
    rig.options.behind = 6;
    assert_eq!(rig.load().accounts.added, 24);
    assert_same(&rig.content(), &fresh(&whole[..24]), "six behind");
    rig.options.behind = 0;
    assert_eq!(rig.load().accounts.added, 6);
    rig.options.behind = 6;
    let outcome = rig.load();
    assert_eq!((outcome.accounts.removed, outcome.report.relation), (0, NisRelation::NodeBehind));
}

#[test]
fn a_node_that_is_behind_takes_nothing_back() {
    let whole = chain(40);
    let mut rig = Rig::loaded(&whole);
    let want = rig.content();
    rig.node().set_chain(&whole[..25]);
    let outcome = rig.load();
    assert_eq!((outcome.accounts.removed, outcome.report.relation), (0, NisRelation::NodeBehind));
    assert_same(&rig.content(), &want, "as it was");
}

#[test]
fn a_start_that_is_not_the_stores_or_not_there_yet_is_told() {
    let whole = chain(10);
    let mut rig = Rig::loaded(&whole);
    rig.options.start = Some(height(1));
    let error = rig.try_load().expect_err("another start");
    assert!(matches!(error, NisLoadError::OtherStart { first, asked } if first == height(0) && asked == height(1)));
    rig.options.start = None;
    assert_eq!(rig.load().accounts.added, 0, "a store knows where it begins");
    let mut rig = Rig::new(&whole);
    rig.options.start = Some(height(10));
    let error = rig.try_load().expect_err("not there yet");
    assert!(matches!(error, NisLoadError::BelowStart { tip, .. } if tip == FIRST + 9) && error.is_transient());
    assert!(error.hint().is_some());
}

#[test]
fn a_node_of_another_network_is_not_asked_for_blocks() {
    let whole = made::chain(Network::Test, FIRST, 5);
    let mut rig = Rig::new(&whole);
    rig.network = Network::Main;
    let error = rig.try_load().expect_err("of the test network");
    assert!(matches!(error, NisLoadError::Node(NisError::OtherNetwork { got: -104, .. })), "{error}");
    assert_eq!(rig.node().requests(), 1);
    rig.network = Network::Test;
    rig.load();
    assert_eq!(coinhound_ingest::nis::nem_chain(Network::Test).0, "nem:152");
}

#[test]
fn what_is_proven_before_an_error_stays() {
    let whole = chain(40);
    let mut rig = Rig::new(&whole);
    rig.node().tell(coinhound_testkit::nis::NisScript::from(NisLie::OtherTime).from_height(FIRST + 17));
    let error = rig.try_load().expect_err("a lie");
    assert!(matches!(&error, NisLoadError::BadBlock { height, .. } if *height == Height(1_475_017)), "{error}");
    assert_same(&rig.content(), &fresh(&whole[..17]), "below the lie");
}
