//! A ledger held against a node's balances: tokens whose logs are no balances are found, whoever is honest is not accused.

use std::sync::Arc;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::rpc::{EvmNode, Place};
use coinhound_ingest::Control;
use coinhound_ingest::evm::reconcile::{
    Cause, Choice, Compared, ReconcileError, Reconciled, Standing, TokenStanding, reconcile,
};
use coinhound_ingest::evm::{EvmOptions, load_evm};
use coinhound_model::{AccountLedger, Height};
use coinhound_sim::evm::keys::EvmKey;
use coinhound_store::AccountView;
use coinhound_store::storage::SimDisk;
use coinhound_testkit::evm::Curtain;
use ruint::aliases::U256;
use serde_json::json;

use super::anvil::{Anvil, Setup, node_at};
use super::history::{World, play};
use super::stage::{ETHER, Stage};
use super::{openings, options};

const ALL: Choice = Choice::First { holdings_max: u64::MAX };

fn loaded(node: &mut EvmNode<'_>, options: &EvmOptions) -> AccountView {
    let disk = SimDisk::new();
    load_evm(node, Arc::new(disk.clone()), options, &mut |_| Control::Go).expect("an honest node");
    AccountView::open(&disk).expect("a healthy store")
}

fn compared(view: &AccountView, anvil: &Anvil, choice: &Choice) -> Reconciled {
    reconcile(view, &mut anvil.node(), choice, &mut |_| Control::Go).expect("an honest node")
}

fn standing(found: &Reconciled, contract: Address) -> &TokenStanding {
    found.tokens.iter().find(|token| token.contract == contract).expect("it was compared")
}

fn check(found: &Reconciled, world: &World, view: &AccountView) {
    assert_eq!(found.native.differ, 0, "{:?}", found.differences);
    for token in &found.tokens {
        let is_odd = [world.taxed, world.rebasing, world.boaster].contains(&token.contract);
        assert_eq!(token.standing != Standing::FollowsLogs, is_odd, "{token:?}");
        assert_eq!(token.compared.differ > 0, is_odd, "{token:?}");
    }
    assert!(world.honest.iter().all(|token| found.tokens.iter().any(|found| found.contract == *token)));
    let Standing::DoesNot(Cause::FeeOnTransfer { movement, said, lost, arrived }) =
        standing(found, world.taxed).standing
    else {
        panic!("{:?}", standing(found, world.taxed))
    };
    assert_eq!([said, lost, arrived], [40_000, 40_000, 38_000].map(U256::from), "the first between two customers");
    assert_eq!(view.movement(movement).units, said);
    let Standing::DoesNot(Cause::MovesSilently { account, after, by, ours, theirs }) =
        standing(found, world.rebasing).standing
    else {
        panic!("{:?}", standing(found, world.rebasing))
    };
    assert_eq!(account, world.people[0].address(), "its maker, who has most of it");
    assert_eq!([ours, theirs], [900_000, 945_000].map(U256::from));
    assert!(after.is_some_and(|after| after < by), "{after:?} {by}");
    assert_eq!(standing(found, world.boaster).standing, Standing::NoAnswer);
}

#[test]
fn tokens_that_do_not_follow_their_logs_are_found_with_what_shows_it() {
    let test = "tokens_that_do_not_follow_their_logs_are_found_with_what_shows_it";
    let Some(anvil) = Anvil::start_as(test, &Setup::MAINNET) else { return };
    let world = play(&anvil);
    let view = loaded(&mut anvil.node(), &options(Some(openings(&anvil))));
    let found = compared(&view, &anvil, &ALL);
    assert_eq!((found.since, found.stopped), (None, false));
    let tokens: u64 = found.tokens.iter().map(|token| token.compared.holdings).sum();
    assert_eq!(found.native.holdings + tokens, found.holdings, "everything was compared");
    check(&found, &world, &view);

    // A ledger that begins late has no balances, and is compared by what changed since.
    let late = loaded(&mut anvil.node(), &options(None));
    let found = compared(&late, &anvil, &ALL);
    assert_eq!(found.since, Some(Height(0)));
    check(&found, &world, &late);
    let start = EvmOptions { start: Some(Height(40)), ..options(None) };
    let later = loaded(&mut anvil.node(), &start);
    let found = compared(&later, &anvil, &ALL);
    assert_eq!((found.since, found.native.differ), (Some(Height(39)), 0), "{:?}", found.differences);
    assert!(found.tokens.iter().all(|token| !world.honest.contains(&token.contract) || token.compared.differ == 0));
    // As of a lower height too.
    let lower = late.at(Height(60)).expect("a stored height");
    assert_eq!(compared(&lower, &anvil, &ALL).native.differ, 0);

    samples(&view, &anvil, &world);
    words(&anvil, &world);
    refusals(&view, &anvil);
}

/// A sample is the same each time, part of a larger one; accounts are compared also where the ledger knows nothing of them.
fn samples(view: &AccountView, anvil: &Anvil, world: &World) {
    let sample = |holdings_max| compared(view, anvil, &Choice::Sample { holdings_max });
    let count = |found: &Reconciled| {
        found.native.holdings + found.tokens.iter().map(|token| token.compared.holdings).sum::<u64>()
    };
    let (small, large) = (sample(10), sample(60));
    assert_eq!((count(&small), count(&large), &small), (10, 60, &sample(10)));
    assert!(small.differences.iter().all(|one| large.differences.contains(one)));
    let nobody = EvmKey::of(12_345).address();
    let found = compared(view, anvil, &Choice::Accounts(vec![nobody, world.people[1].address(), nobody]));
    assert!(found.native == Compared { holdings: 2, differ: 0 } && found.tokens.len() > 5, "{found:?}");
    let mut stopped = 0;
    let found = reconcile(view, &mut anvil.node(), &ALL, &mut |progress| {
        stopped = progress.done;
        if progress.done == 7 { Control::Stop } else { Control::Go }
    });
    let found = found.expect("an honest node");
    assert_eq!((found.stopped, stopped, count(&found)), (true, 7, 7));
}

/// What tokens call themselves, in both forms, and where there is nothing to ask.
fn words(anvil: &Anvil, world: &World) {
    let mut node = anvil.node();
    let [plain, _, _, quiet] = world.honest[..4] else { panic!("four tokens") };
    let nobody = EvmKey::of(12_345).address();
    let symbol = |node: &mut EvmNode<'_>, contract| node.symbol(contract, Place::Latest).expect("an honest node");
    assert_eq!(symbol(&mut node, plain).as_deref(), Some(&b"TKN"[..]));
    assert_eq!(symbol(&mut node, quiet).as_deref(), Some(&b"QUIET"[..]), "a word of 32 bytes");
    assert_eq!((symbol(&mut node, world.boaster), symbol(&mut node, nobody)), (None, None));
    let decimals = |node: &mut EvmNode<'_>, contract| node.decimals(contract, Place::Latest).expect("an honest node");
    assert_eq!((decimals(&mut node, plain), decimals(&mut node, quiet)), (Some(6), None));
}

/// Another chain's ledger, another branch, and ether that was never recorded.
fn refusals(view: &AccountView, anvil: &Anvil) {
    let mut other = node_at(anvil.port, super::CHAIN);
    let refused = reconcile(view, &mut other, &ALL, &mut |_| Control::Go);
    assert!(matches!(refused, Err(ReconcileError::OtherLedger { .. })), "{refused:?}");
    let stage = Stage { anvil };
    let gift = EvmKey::of(77).address();
    anvil.reorg(2);
    let refused = reconcile(view, &mut anvil.node(), &ALL, &mut |_| Control::Go).expect_err("another branch");
    assert!(matches!(refused, ReconcileError::OtherBlock { .. }) && refused.hint().is_some(), "{refused:?}");
    // Ether that nobody sent: what a ledger without traces misses looks the same.
    anvil.ask("anvil_setBalance", json!([gift.to_string(), format!("0x{:x}", 3 * ETHER)]));
    stage.funded(5, ETHER);
    let view = loaded(&mut anvil.node(), &options(None));
    let found = compared(&view, anvil, &Choice::Accounts(vec![gift]));
    assert_eq!(found.native, Compared { holdings: 1, differ: 1 });
    let found = found.differences[0];
    assert_eq!((found.account, found.token), (gift, None));
    assert_eq!((found.ours, found.theirs), (Some(U256::ZERO), Some(U256::from(3 * ETHER))));
}

#[test]
fn a_ledger_without_traces_is_found_to_lack_ether() {
    let Some(anvil) = Anvil::start_as("a_ledger_without_traces_is_found_to_lack_ether", &Setup::MAINNET) else {
        return;
    };
    let world = play(&anvil);
    let curtain = Curtain::before(anvil.port);
    curtain.hide(&["debug_traceBlockByNumber", "trace_block"]);
    let view = loaded(&mut node_at(curtain.port(), anvil.rules), &options(Some(openings(&anvil))));
    let found = compared(&view, &anvil, &ALL);
    assert!(found.native.differ > 3, "{found:?}");
    assert!(found.tokens.iter().all(|token| !world.honest.contains(&token.contract) || token.compared.differ == 0));
}

#[test]
fn a_node_that_threw_old_states_away_is_told_with_what_helps() {
    let setup = Setup { states_max: Some(5), ..Setup::MAINNET };
    let Some(anvil) = Anvil::start_as("a_node_that_threw_old_states_away_is_told_with_what_helps", &setup) else {
        return;
    };
    // The node's own word of block 0, before it forgets it.
    let options_with = options(Some(openings(&anvil)));
    let world = play(&anvil);
    let storage = Arc::new(SimDisk::new());
    let untraced =
        load_evm(&mut anvil.node(), storage, &options_with, &mut |_| Control::Go).expect_err("no old traces");
    assert!(untraced.to_string().contains("debug_traceBlockByNumber"), "{untraced}");
    assert!(untraced.hint().is_some_and(|hint| hint.contains("archive")), "{untraced}");
    let view = loaded(&mut anvil.node().without_traces(), &options_with);
    let found = compared(&view, &anvil, &ALL);
    assert!(found.native.differ > 0, "the newest state is there");
    for token in [world.taxed, world.rebasing] {
        assert_eq!(standing(&found, token).standing, Standing::DoesNot(Cause::NoOldStates));
    }
    let late = loaded(&mut anvil.node().without_traces(), &options(None));
    let refused = reconcile(&late, &mut anvil.node(), &ALL, &mut |_| Control::Go).expect_err("block 0 is forgotten");
    assert!(matches!(refused, ReconcileError::Before { first: Height(1), .. }), "{refused:?}");
    assert!(refused.hint().is_some_and(|hint| hint.contains("archive")), "{refused:?}");
    let lower = view.at(Height(30)).expect("a stored height");
    let refused = reconcile(&lower, &mut anvil.node(), &ALL, &mut |_| Control::Go).expect_err("block 30 too");
    assert!(matches!(refused, ReconcileError::Node(_)), "{refused:?}");
    assert!(refused.hint().is_some_and(|hint| hint.contains("archive")), "{refused:?}");
}
