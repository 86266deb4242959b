//! A theft as from Bybit, from a node's chain to the ends of its trail in every asset.

mod model;
mod play;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use coinhound_analysis::contracts::contract_book;
use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{
    AccountCredit, AccountSeed, AccountTheft, AccountTraced, AccountTrail, expand_account, trace_accounts,
};
use coinhound_analysis::trace::{Conversions, ServiceTable, Stops};
use coinhound_chains::evm::Address;
use coinhound_chains::evm::token::WRAPPED_ETHER;
use coinhound_ingest::Control;
use coinhound_ingest::evm::load_evm;
use coinhound_model::{AccountLedger, AddressId, Lock, LockKind, MoveKind, Saying, Terminal};
use coinhound_store::AccountView;
use coinhound_store::storage::SimDisk;
use ruint::aliases::U256;

use super::anvil::{Anvil, Setup};
use super::stage::ETHER;
use super::{address, compare, openings, options};
use model::{Asset, Audit, Way, follow};
use play::{HELD, HELD_TOKENS, Theft, play};

/// The rules that keep amounts, and how the model goes by them.
const WAYS: [(Rule, Way); 4] = [
    (Rule::Fifo, Way::InOrder),
    (Rule::Lifo, Way::Backwards),
    (Rule::Haircut, Way::InProportion),
    (Rule::Libr, Way::CleanFirst),
];

/// The chain's store, and what was played on it.
fn staged(test: &str) -> Option<(SimDisk, Theft)> {
    let anvil = Anvil::start_as(test, &Setup::MAINNET)?;
    let options = options(Some(openings(&anvil)));
    let theft = play(&anvil);
    let disk = SimDisk::new();
    load_evm(&mut anvil.node(), Arc::new(disk.clone()), &options, &mut |_| Control::Go).expect("an honest node");
    compare(&anvil, &disk, &[]);
    Some((disk, theft))
}

fn id(view: &AccountView, account: &Address) -> AddressId {
    view.address_of(Lock { kind: LockKind::Account, payload: &account.0 }).expect("an account of the chain")
}

/// What an asset is here.
fn asset(view: &AccountView, number: u32) -> Asset {
    view.token(number).id.strip_prefix("erc20:").map_or(Asset::Ether, |contract| Asset::Token(address(contract)))
}

/// Everything that came from the wallet to the thief, as an investigator finds it: one theft for each asset.
fn thefts(view: &AccountView, theft: &Theft) -> BTreeMap<Asset, AccountTheft<U256>> {
    let wallet = id(view, &theft.multisig.address);
    let credits = expand_account(view, id(view, &theft.thief), view.as_of().height).expect("a sound ledger");
    let taken = credits.into_iter().filter(|credit| credit.from == Some(wallet));
    let of = |credit: AccountCredit<U256>| {
        assert!(theft.takings.contains(&format!("0x{}", view.fact(credit.movement).tx)), "of the three transactions");
        (asset(view, credit.asset), AccountTheft { seeds: vec![AccountSeed::whole(credit.movement)] })
    };
    taken.map(of).collect()
}

fn traced(
    view: &AccountView,
    theft: &Theft,
    stolen: &AccountTheft<U256>,
    conversions: Conversions,
) -> AccountTraced<U256> {
    traced_through(view, theft, stolen, conversions, &[])
}

/// The same, and who is known to exchange assets.
fn traced_through(
    view: &AccountView,
    theft: &Theft,
    stolen: &AccountTheft<U256>,
    conversions: Conversions,
    exchangers: &[Address],
) -> AccountTraced<U256> {
    let services = ServiceTable::new(theft.services.iter().zip(0..).map(|(service, at)| (id(view, service), at)));
    let exchangers = exchangers.iter().map(|exchanger| id(view, exchanger)).collect();
    let stops = Stops { services, conversions, exchangers, ..Stops::none() };
    let thefts = std::slice::from_ref(stolen);
    trace_accounts(view, thefts, &Rule::ACCOUNTS, &stops, 1).expect("a sound ledger")
}

/// What the engine says, in the model's words.
fn audits(view: &AccountView, traced: &AccountTraced<U256>, rule: Rule) -> BTreeMap<Asset, Audit> {
    let of = |trail: &AccountTrail<U256>| {
        let opened = trail.opened.iter().fold(U256::ZERO, |sum, opened| sum + opened.units);
        let ends = trail.totals.iter().map(|total| (total.terminal, total.units)).filter(|end| !end.1.is_zero());
        (asset(view, trail.asset), Audit { stolen: trail.stolen, opened, ends: ends.collect() })
    };
    traced.trails_of(0, rule).map(of).collect()
}

#[test]
fn a_theft_as_from_bybit_is_followed_through_every_asset_to_ends_that_sum() {
    let test = "a_theft_as_from_bybit_is_followed_through_every_asset_to_ends_that_sum";
    let Some((disk, theft)) = staged(test) else { return };
    let view = AccountView::open(&disk).expect("a healthy store");
    let thefts = thefts(&view, &theft);
    let taken = [Asset::Ether, Asset::Token(theft.tokens[0]), Asset::Token(theft.tokens[1])];
    assert_eq!(thefts.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(taken));
    for (asset, held) in taken.iter().zip([HELD, HELD_TOKENS[0], HELD_TOKENS[1]]) {
        let traced = traced(&view, &theft, &thefts[asset], Conversions::Follow);
        for (rule, _) in WAYS {
            let audits = audits(&view, &traced, rule);
            assert_eq!(audits[asset].stolen, U256::from(held));
            for (in_asset, audit) in &audits {
                let ends = audit.ends.values().fold(U256::ZERO, |sum, units| sum + units);
                assert_eq!(audit.stolen + audit.opened, ends, "{rule:?} of {asset:?} in {in_asset:?}");
            }
        }
        for (rule, way) in WAYS {
            let worked_out = follow(way, *asset, &theft.events, &theft.services);
            assert_eq!(audits(&view, &traced, rule), worked_out, "{rule:?} of {asset:?}");
        }
        poison_reaches_them_all(&traced);
    }
    what_ether_shows(&view, &theft, &traced(&view, &theft, &thefts[&Asset::Ether], Conversions::Follow));
    let stopped = traced(&view, &theft, &thefts[&Asset::Ether], Conversions::Stop);
    assert_eq!(stopped.trails.len(), Rule::ACCOUNTS.len(), "without conversions there is one asset");
}

/// The bound holds every holding that a conserving rule reached.
fn poison_reaches_them_all(traced: &AccountTraced<U256>) {
    let reached = |rule| -> BTreeSet<_> {
        traced.trails_of(0, rule).flat_map(|trail| &trail.reached).map(|reached| reached.holding).collect()
    };
    let bound = reached(Rule::Poison);
    assert!(WAYS.iter().all(|(rule, _)| reached(*rule).is_subset(&bound)));
}

/// What the rules say of the ether: not the same, and both nearly all of it.
fn what_ether_shows(view: &AccountView, theft: &Theft, traced: &AccountTraced<U256>) {
    let [fifo, haircut] = [Rule::Fifo, Rule::Haircut].map(|rule| audits(view, traced, rule));
    let weth = Asset::Token(WRAPPED_ETHER);
    for audits in [&fifo, &haircut] {
        let assets: Vec<_> = audits.keys().copied().collect();
        let mut wanted = vec![Asset::Ether, weth, Asset::Token(theft.tokens[0])];
        wanted.sort_unstable();
        assert_eq!(assets, wanted, "wrapped ether, and what a wallet bought");
        for terminal in [Terminal::AtService(0), Terminal::AtService(1), Terminal::AtRest, Terminal::Converted] {
            assert!(audits[&Asset::Ether].ends.contains_key(&terminal), "{terminal}");
        }
        assert!(audits[&weth].ends.contains_key(&Terminal::Converted), "some came back");
        assert!(!audits[&Asset::Ether].opened.is_zero(), "as ether");
    }
    // The exchange was paid 40 ether of 90 stolen ones; then 20 by a wallet that had 90 stolen ether, 50 of a bystander's behind
    // them, and had passed on 60; and 100 by who had 90 and got these 60. In order all of that is stolen. In proportion it
    // is 40, 20 × 9/14 and 100 × (90 + 60 × 9/14)/150, together 138.57; and of what the thief sent 10 in 4,010 were his own.
    let at_exchange = |audits: &BTreeMap<Asset, Audit>| {
        let wei = audits[&Asset::Ether].ends[&Terminal::AtService(1)];
        (wei + U256::from(ETHER / 2)) / U256::from(ETHER)
    };
    assert_eq!([at_exchange(&fifo), at_exchange(&haircut)], [160, 138].map(U256::from));
    let trail = traced.trail(0, Rule::Fifo).expect("it was traced");
    assert!(trail.reached.len() > 42, "the thief, the disperser, 40 wallets and more: {}", trail.reached.len());
    let inside = trail.hops.iter().filter(|hop| view.movement(hop.movement).kind == MoveKind::Internal).count();
    assert_eq!(inside, 21, "what the disperser paid and gave back");
    let bought = trail.conversions.iter().find(|row| !row.refunds.is_zero()).expect("one paid too much");
    assert!(bought.converted < bought.drawn && bought.debits > bought.refunds, "{bought:?}");
}

#[test]
fn who_owned_the_wallet_and_whose_code_it_was_to_run_stands_in_the_contract_book() {
    let test = "who_owned_the_wallet_and_whose_code_it_was_to_run_stands_in_the_contract_book";
    let Some((disk, theft)) = staged(test) else { return };
    let view = AccountView::open(&disk).expect("a healthy store");
    let book = contract_book(&view).expect("a healthy store");
    let wallet = theft.multisig.address.account();
    let record = book.contract(&wallet, view.as_of().height).expect("its making was recorded");
    let owners: BTreeSet<_> = record.owners().into_iter().map(|(owner, _)| owner.clone()).collect();
    assert_eq!(owners, theft.multisig.owners.iter().map(|owner| owner.address().account()).collect());
    assert_eq!(record.threshold().map(|(needed, _)| needed), Some(3));
    // What the delegated call wrote made no log: the book shows the code that was announced, and says nothing of the thief's.
    let announced = record.code().map(|fact| fact.says.clone());
    assert_eq!(announced, Some(Saying::RunsCodeOf(theft.multisig.code.account())));
    let drain = theft.drain.account();
    let made_by: Vec<_> = book.contract(&drain, view.as_of().height).expect("it was made here").all().to_vec();
    assert!(made_by.iter().any(|fact| fact.says == Saying::MadeByTransaction(theft.thief.account())), "{made_by:?}");
    assert_eq!(book.naming(&drain).count(), 0);
}

#[test]
fn the_theft_is_followed_through_known_exchangers_as_by_shape_and_through_unknown_ones_not_at_all() {
    let test = "the_theft_is_followed_through_known_exchangers_as_by_shape_and_through_unknown_ones_not_at_all";
    let Some((disk, theft)) = staged(test) else { return };
    let view = AccountView::open(&disk).expect("a healthy store");
    for stolen in thefts(&view, &theft).values() {
        let [by_shape, as_moved] =
            [Conversions::Follow, Conversions::Stop].map(|conversions| traced(&view, &theft, stolen, conversions));
        let known = |exchangers: &[Address]| traced_through(&view, &theft, stolen, Conversions::Known, exchangers);
        assert_eq!(known(&[theft.pool, WRAPPED_ETHER]).trails, by_shape.trails);
        let mut unknown = known(&[]).trails;
        let noted = unknown.iter_mut().map(|trail| std::mem::take(&mut trail.declined).len());
        let converted = by_shape.trails.iter().map(|trail| trail.conversions.len()).sum::<usize>();
        assert_eq!(noted.sum::<usize>() > 0, converted > 0, "what might be a conversion is noted");
        assert_eq!(unknown, as_moved.trails);
    }
}

#[test]
fn the_same_theft_played_twice_gives_the_same_trails() {
    let test = "the_same_theft_played_twice_gives_the_same_trails";
    let (Some(one), Some(other)) = (staged(test), staged(test)) else { return };
    let rows = |(disk, theft): &(SimDisk, Theft)| {
        let view = AccountView::open(disk).expect("a healthy store");
        let thefts = thefts(&view, theft);
        let trails = |stolen| traced(&view, theft, stolen, Conversions::Follow).trails;
        (theft.takings.clone(), thefts.values().flat_map(trails).collect::<Vec<_>>())
    };
    assert_eq!(rows(&one), rows(&other));
}
