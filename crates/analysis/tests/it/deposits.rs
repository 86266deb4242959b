//! Deposit addresses: every clause of the rule where only it decides, and random ledgers against the rule written down again.

use std::collections::BTreeSet;

use coinhound_analysis::deposits::{
    DepositCustomer, DepositCustomers, DepositError, DepositParameters, DepositStanding, Known, Refusal, Refused,
    deposit_customers, deposit_standing,
};
use coinhound_analysis::trace::ServiceTable;
use coinhound_model::{AccountLedger, AddressId, LedgerError, MoveKind};
use coinhound_testkit::accounts::bank::token;
use coinhound_testkit::accounts::{Bank, MemoryAccounts, bank};
use coinhound_testkit::random::Dice;
use coinhound_testkit::town::made_up_hash;

use crate::deposits_slowly::{Slow, slow_customers};

const ETH: &str = "ETH";
const USD: &str = "USD";

/// The most that a deposit of ether may lose here.
const ALPHA: u64 = 10;

/// The most blocks that one may lie here.
const TAU: u32 = 5;

/// Ether of an exchange with a deposit address at work, so that ether is asset 0 and the exchange's address is known.
fn opening() -> Bank {
    bank().mint("zoe", 1_000, ETH).mint("zoe", 1_000, USD).reward("hot", 1, ETH).block_at(100, 0)
}

/// A payment that its sender signs.
fn pays(bank: Bank, from: &str, to: &str, units: u64, ticker: &str) -> Bank {
    bank.pay(from, to, units, ticker).fee(from, 1, ETH)
}

/// Alice pays to a deposit address, which sends on what she paid.
fn story() -> Bank {
    let bank = pays(opening(), "alice", "deposit", 100, ETH).block_at(101, 60);
    let bank = bank.block_at(102, 120);
    pays(bank, "deposit", "hot", 95, ETH)
}

fn parameters(bank: &Bank) -> DepositParameters<u64> {
    DepositParameters { blocks_max: TAU, ..DepositParameters::new([(bank.address("hot"), 7)], 0, ALPHA) }
}

fn with(
    bank: &Bank,
    parameters: DepositParameters<u64>,
    services: &ServiceTable,
    contracts: &[&str],
) -> DepositCustomers<u64> {
    let contracts: BTreeSet<_> = contracts.iter().map(|name| bank.address(name)).collect();
    let known = || Known { services, contracts: &contracts };
    let all = deposit_customers(bank.ledger(), parameters.clone(), known()).expect("the ledger is sound");
    for address in (0..bank.ledger().addresses()).map(AddressId) {
        let one = deposit_standing(bank.ledger(), address, parameters.clone(), known()).expect("the ledger is sound");
        agree(&all, &one);
    }
    all
}

/// What is said of one address is what is said of all.
fn agree(all: &DepositCustomers<u64>, one: &DepositStanding<u64>) {
    assert_eq!((&all.as_of, &all.parameters, all.rule), (&one.as_of, &one.parameters, one.rule));
    let is_address =
        |customer: &DepositCustomer<u64>| customer.addresses.iter().any(|known| known.address == one.address);
    let is_part = |customer: &&DepositCustomer<u64>| is_address(customer) || customer.users.contains(&one.address);
    let parts: Vec<_> = all.customers.iter().filter(is_part).cloned().collect();
    assert_eq!(one.customers, parts, "of {:?}", one.address);
    assert_eq!(one.refused.is_none(), parts.iter().any(is_address), "of {:?}", one.address);
    assert_eq!(one.is_busy, all.busy.contains(&one.address));
}

fn ask(bank: &Bank) -> DepositCustomers<u64> {
    with(bank, parameters(bank), &ServiceTable::default(), &[])
}

fn why(bank: &Bank, address: &str, contracts: &[&str], services: &ServiceTable) -> Option<Refused> {
    let contracts: BTreeSet<_> = contracts.iter().map(|name| bank.address(name)).collect();
    let known = Known { services, contracts: &contracts };
    deposit_standing(bank.ledger(), bank.address(address), parameters(bank), known).expect("sound").refused
}

/// Users by name, ascending by address, of every customer.
fn users(bank: &Bank, found: &DepositCustomers<u64>) -> Vec<Vec<String>> {
    let name = |user: &AddressId| bank.person(*user).to_owned();
    found.customers.iter().map(|customer| customer.users.iter().map(name).collect()).collect()
}

/// Asserts that the deposit address is none any more, for this reason alone.
fn refused(bank: &Bank, why_not: Refusal, movement: Option<&str>) {
    refused_with(bank, why_not, movement, &[], &ServiceTable::default());
}

fn refused_with(bank: &Bank, why_not: Refusal, movement: Option<&str>, contracts: &[&str], services: &ServiceTable) {
    let found = with(bank, parameters(bank), services, contracts);
    assert_eq!(found.customers, [], "{why_not:?}");
    assert_eq!(found.refused, [(why_not, 1)]);
    let movement = movement.map(|name| bank.movement(name));
    assert_eq!(why(bank, "deposit", contracts, services), Some(Refused { why: why_not, movement }));
}

#[test]
fn a_deposit_that_is_soon_sent_on_is_a_customers() {
    let bank = pays(opening(), "alice", "deposit", 100, ETH).called("in");
    let bank = bank.block_at(102, 120).pay("deposit", "hot", 95, ETH).called("on").fee("deposit", 5, ETH);
    let found = ask(&bank);
    let customer = &found.customers[0];
    assert_eq!((found.customers.len(), customer.exchange), (1, 7));
    assert_eq!(users(&bank, &found), [["alice"]]);
    let matched = customer.evidence[0];
    let [alice, deposit, hot] = ["alice", "deposit", "hot"].map(|name| bank.address(name));
    assert_eq!((matched.user, matched.address, matched.exchange_address), (alice, deposit, hot));
    // The fee that stands after the payment is part of the story, not of the match.
    assert_eq!((matched.deposit.0 + 1, matched.forward), (bank.movement("in").0, bank.movement("on")));
    assert_eq!((matched.deposited, matched.forwarded, matched.blocks), (100, 95, 2));
    assert_eq!(matched.confidence_permille, 1000 - 250 - 200);
    assert_eq!(customer.confidence_permille(), 550);
    assert_eq!((found.rule.name, found.rule.version), ("deposit-address-reuse", 1));
    assert_eq!(found.as_of, bank.ledger().as_of().clone());
}

#[test]
fn who_pays_to_one_deposit_address_is_one_customer_and_who_pays_to_two_joins_them() {
    let mut bank = opening();
    for (user, deposit) in [("alice", "one"), ("bob", "one"), ("carol", "two"), ("bob", "two"), ("dave", "three")] {
        bank = pays(bank, user, deposit, 50, ETH);
        bank = pays(bank, deposit, "hot", 50, ETH);
    }
    let found = ask(&bank);
    assert_eq!(users(&bank, &found), [vec!["alice", "bob", "carol"], vec!["dave"]]);
    let addresses = found.customers[0].addresses.iter().map(|deposit| bank.person(deposit.address));
    assert_eq!(addresses.collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(found.refused, [], "whoever paid the exchange is somebody's deposit address");
}

#[test]
fn customers_of_two_exchanges_are_two_customers() {
    let mut bank = opening().reward("warm", 1, ETH);
    for (deposit, exchange) in [("one", "hot"), ("two", "warm")] {
        bank = pays(bank, "alice", deposit, 50, ETH);
        bank = pays(bank, deposit, exchange, 50, ETH);
    }
    let exchanges = [(bank.address("hot"), 7), (bank.address("warm"), 8), (bank.address("hot"), 8)];
    let found = with(&bank, DepositParameters::new(exchanges, 0, ALPHA), &ServiceTable::default(), &[]);
    assert_eq!(users(&bank, &found), [["alice"], ["alice"]]);
    assert_eq!(found.customers.iter().map(|customer| customer.exchange).collect::<Vec<_>>(), [7, 8]);
    let exchanges = exchanges.map(|(address, _)| (address, 7));
    let found = with(&bank, DepositParameters::new(exchanges, 0, ALPHA), &ServiceTable::default(), &[]);
    assert_eq!(found.customers.len(), 1, "two addresses of one exchange are one exchange");
}

#[test]
fn ether_may_lose_alpha_and_not_a_unit_more_and_never_gains() {
    for (forwarded, is_one) in [(100, true), (90, true), (89, false), (101, false)] {
        let bank = pays(opening(), "alice", "deposit", 100, ETH);
        let bank = pays(bank, "deposit", "hot", forwarded, ETH);
        if is_one {
            assert_eq!(users(&bank, &ask(&bank)), [["alice"]], "{forwarded}");
        } else {
            refused(&bank, Refusal::NoMatch, None);
        }
    }
}

#[test]
fn tokens_arrive_whole_or_do_not_match() {
    for (forwarded, is_one) in [(100, true), (99, false), (101, false)] {
        let bank = pays(opening(), "alice", "deposit", 100, USD);
        let bank = pays(bank, "deposit", "hot", forwarded, USD);
        if is_one {
            assert_eq!(ask(&bank).customers[0].evidence[0].confidence_permille, 1000);
        } else {
            refused(&bank, Refusal::NoMatch, None);
        }
    }
}

#[test]
fn a_deposit_in_one_asset_is_not_sent_on_in_another() {
    let bank = pays(pays(opening(), "alice", "deposit", 100, USD), "deposit", "hot", 100, ETH);
    refused(&bank, Refusal::NoMatch, None);
}

#[test]
fn a_deposit_lies_tau_blocks_and_not_one_more() {
    for (height, is_one) in [(100 + TAU, true), (101 + TAU, false)] {
        let bank = pays(opening(), "alice", "deposit", 100, ETH).block_at(height, 0);
        let bank = pays(bank, "deposit", "hot", 100, ETH);
        if is_one {
            assert_eq!(ask(&bank).customers[0].evidence[0].confidence_permille, 500);
        } else {
            refused(&bank, Refusal::NoMatch, None);
        }
    }
}

#[test]
fn what_is_sent_on_was_there_before() {
    let bank = pays(pays(opening(), "deposit", "hot", 100, ETH), "alice", "deposit", 100, ETH);
    refused(&bank, Refusal::NoMatch, None);
}

#[test]
fn a_deposit_is_sent_on_once_and_the_one_that_fits_best() {
    let mut bank = opening();
    for (user, units) in [("alice", 100), ("bob", 98), ("carol", 98), ("dave", 97)] {
        bank = pays(bank, user, "deposit", units, ETH);
    }
    let bank = pays(bank, "deposit", "hot", 98, ETH);
    assert_eq!(users(&bank, &ask(&bank)), [["carol"]], "least loss, then the latest");
    let bank = pays(bank, "deposit", "hot", 98, ETH);
    assert_eq!(users(&bank, &ask(&bank)), [["bob", "carol"]]);
    let bank = pays(pays(bank, "deposit", "hot", 98, ETH), "deposit", "hot", 98, ETH);
    assert_eq!(users(&bank, &ask(&bank)), [["alice", "bob", "carol"]], "dave paid less");
}

#[test]
fn a_deposit_address_signs_for_what_it_sends_on() {
    let bank = pays(opening(), "alice", "deposit", 100, ETH);
    refused(&bank.clone().pay("deposit", "hot", 95, ETH), Refusal::SignsNothing, None);
    refused(&bank.clone().pay("deposit", "hot", 95, ETH).fee("hot", 1, ETH), Refusal::SignsNothing, None);
    // A fee that is burnt to the last unit, and one whose maker stands behind it, are fees.
    let burnt = bank.clone().pay("deposit", "hot", 95, ETH).burnt("deposit", 1, ETH);
    assert_eq!(users(&burnt, &ask(&burnt)), [["alice"]]);
    let of_tokens = bank.pay("deposit", "hot", 95, ETH).burnt("deposit", 1, USD);
    refused(&of_tokens, Refusal::SignsNothing, None);
}

#[test]
fn a_user_signs_for_his_deposit() {
    let forward = |bank: Bank| pays(bank, "deposit", "hot", 100, ETH);
    refused(&forward(opening().pay("alice", "deposit", 100, ETH)), Refusal::NoMatch, None);
    refused(&forward(opening().pay("alice", "deposit", 100, ETH).fee("bob", 1, ETH)), Refusal::NoMatch, None);
    let inside = pays(opening(), "bob", "alice", 1, ETH).internal("alice", "deposit", 100, ETH);
    refused(&forward(inside), Refusal::NoMatch, None);
}

#[test]
fn a_contract_is_neither_deposit_address_nor_user() {
    refused_with(&story(), Refusal::Contract, None, &["deposit"], &ServiceTable::default());
    let bank = story();
    let found = with(&bank, parameters(&bank), &ServiceTable::default(), &["alice"]);
    assert_eq!((found.customers.len(), found.refused), (0, vec![(Refusal::NoMatch, 1)]));
}

#[test]
fn a_service_is_neither_deposit_address_nor_user() {
    let bank = story();
    let service = |name: &str| ServiceTable::new([(bank.address(name), 3)]);
    refused_with(&bank, Refusal::Service, None, &[], &service("deposit"));
    refused_with(&bank, Refusal::NoMatch, None, &[], &service("alice"));
    let exchanges = |name: &str| [(bank.address("hot"), 7), (bank.address(name), 7)];
    for (name, want) in [("deposit", vec![(Refusal::Service, 1)]), ("alice", vec![(Refusal::NoMatch, 1)])] {
        let parameters = DepositParameters { blocks_max: TAU, ..DepositParameters::new(exchanges(name), 0, ALPHA) };
        let found = with(&bank, parameters, &ServiceTable::default(), &[]);
        // Alice paid what is an exchange's address then, and is looked at herself.
        let found_want = if name == "deposit" { vec![(Refusal::Service, 1), (Refusal::NoMatch, 1)] } else { want };
        assert_eq!((found.customers.len(), found.refused), (0, found_want), "{name}");
    }
}

#[test]
fn an_address_that_blocks_pay_is_no_deposit_address() {
    refused(&story().reward("deposit", 3, ETH).called("won"), Refusal::MakesBlocks, Some("won"));
    let mut bank = story();
    let deposit = bank.address("deposit");
    let ledger = bank.ledger_mut();
    ledger.begin(made_up_hash(99), coinhound_model::Height(103), 0);
    let back = ledger.push(MoveKind::Withdrawal, None, Some(deposit), 0, 3);
    let told = why(&bank, "deposit", &[], &ServiceTable::default());
    assert_eq!(told, Some(Refused { why: Refusal::MakesBlocks, movement: Some(back) }));
    // A user may well earn by blocks.
    let bank = story().reward("alice", 3, ETH);
    assert_eq!(users(&bank, &ask(&bank)), [["alice"]]);
}

#[test]
fn an_address_that_pays_anybody_else_before_or_after_is_no_deposit_address() {
    let after = pays(story(), "deposit", "shop", 1, ETH);
    let after = after.pay("deposit", "shop", 1, ETH).called("second").fee("deposit", 1, ETH);
    assert_eq!(ask(&after).refused, [(Refusal::PaysElsewhere, 1)]);
    let before = opening().pay("deposit", "shop", 1, ETH).called("before").fee("deposit", 1, ETH);
    let before = pays(pays(before, "alice", "deposit", 100, ETH), "deposit", "hot", 95, ETH);
    refused(&before, Refusal::PaysElsewhere, Some("before"));
    let in_tokens = story().pay("deposit", "shop", 1, USD).called("other").fee("deposit", 1, ETH);
    refused(&in_tokens, Refusal::PaysElsewhere, Some("other"));
    let to_nobody = story().pay("deposit", coinhound_testkit::NOBODY, 1, ETH).called("nobody").fee("deposit", 1, ETH);
    refused(&to_nobody, Refusal::PaysElsewhere, Some("nobody"));
    let destroyed = story().burn("deposit", 1, USD).called("burnt").fee("deposit", 1, ETH);
    refused(&destroyed, Refusal::PaysElsewhere, Some("burnt"));
    let unsigned = story().pay("deposit", "shop", 1, ETH).called("unsigned");
    refused(&unsigned, Refusal::PaysElsewhere, Some("unsigned"));
}

#[test]
fn an_address_that_pays_two_exchanges_is_no_deposit_address() {
    let bank = story().pay("deposit", "warm", 1, ETH).called("warm").fee("deposit", 1, ETH);
    for (warm, want) in [(7, None), (8, Some(Refusal::PaysElsewhere))] {
        let exchanges = [(bank.address("hot"), 7), (bank.address("warm"), warm)];
        let parameters = DepositParameters { blocks_max: TAU, ..DepositParameters::new(exchanges, 0, ALPHA) };
        let found = with(&bank, parameters, &ServiceTable::default(), &[]);
        assert_eq!(found.refused.first().map(|refused| refused.0), want);
        assert_eq!(found.customers.len(), usize::from(want.is_none()));
    }
}

#[test]
fn what_a_token_contract_says_of_a_deposit_address_does_not_unmake_it() {
    // Somebody else's transactions say that it sent a token that it never sent on, and nothing of one that it did.
    let bank = pays(story(), "thief", "thief", 1, ETH).also("deposit", "thief", 900, "FAKE");
    let bank = bank.pay("deposit", "thief", 0, ETH).fee("thief", 1, ETH);
    let found = ask(&bank);
    assert_eq!(users(&bank, &found), [["alice"]]);
    assert_eq!(found.customers[0].addresses[0].unsigned, 1);
    // In a token that it sends on it is the owner's doing: he allowed it.
    let bank = pays(story(), "alice", "deposit", 100, USD);
    let bank = pays(bank, "deposit", "hot", 100, USD);
    let bank = bank.pay("deposit", "thief", 1, USD).called("pulled").fee("thief", 1, ETH);
    refused(&bank, Refusal::PaysElsewhere, Some("pulled"));
}

#[test]
fn a_deposit_address_is_never_a_user_of_another() {
    // One address sends on to another, which collects: the first pays somebody else, and the second's users are not people.
    let bank = pays(opening(), "alice", "one", 100, ETH);
    let bank = pays(pays(bank, "one", "collector", 100, ETH), "collector", "hot", 100, ETH);
    assert_eq!(users(&bank, &ask(&bank)), [["one"]]);
    let bank = pays(pays(bank, "alice", "one", 50, ETH), "one", "hot", 50, ETH);
    let found = ask(&bank);
    assert_eq!(users(&bank, &found), [["one"]], "it pays the exchange too, and is no deposit address for that");
    assert_eq!(found.refused, [(Refusal::PaysElsewhere, 1)]);
}

#[test]
fn too_many_users_make_an_address_the_exchanges_own() {
    let mut bank = opening();
    for user in ["alice", "bob", "carol"] {
        bank = pays(pays(bank, user, "deposit", 50, ETH), "deposit", "hot", 50, ETH);
    }
    for (users_max, want) in [(3, vec![]), (2, vec![(Refusal::TooManyUsers, 1)])] {
        let parameters = DepositParameters { users_max, ..parameters(&bank) };
        let found = with(&bank, parameters, &ServiceTable::default(), &[]);
        assert_eq!((found.customers.len(), found.refused), (usize::from(want.is_empty()), want));
    }
}

#[test]
fn who_pays_to_too_many_deposit_addresses_joins_none() {
    let mut bank = opening();
    for deposit in ["one", "two", "three"] {
        bank = pays(pays(bank, "pool", deposit, 50, ETH), deposit, "hot", 50, ETH);
    }
    let bank = pays(pays(bank, "alice", "one", 60, ETH), "one", "hot", 60, ETH);
    let of = |addresses_per_user_max| {
        let parameters = DepositParameters { addresses_per_user_max, ..parameters(&bank) };
        with(&bank, parameters, &ServiceTable::default(), &[])
    };
    assert_eq!(users(&bank, &of(3)), [["pool", "alice"]]);
    let found = of(2);
    assert_eq!(users(&bank, &found), [["alice"]]);
    assert_eq!(found.busy, [bank.address("pool")]);
    assert_eq!(found.refused, [(Refusal::NoMatch, 2)], "nobody is left who used them");
}

#[test]
fn addresses_with_too_many_movements_are_neither() {
    // The deposit address has three movements, alice has four.
    let bank = pays(story(), "alice", "shop", 1, ETH);
    for (movements_max, want) in [(4, None), (2, Some(Refusal::Busy))] {
        let parameters = DepositParameters { movements_max, ..parameters(&bank) };
        let found = with(&bank, parameters, &ServiceTable::default(), &[]);
        assert_eq!(found.refused.first().map(|refused| refused.0), want, "{movements_max}");
    }
    let parameters = DepositParameters { movements_max: 3, ..parameters(&bank) };
    let found = with(&bank, parameters, &ServiceTable::default(), &[]);
    assert_eq!(found.refused, [(Refusal::NoMatch, 1)], "alice is busy");
}

#[test]
fn an_answer_holds_as_of_its_height() {
    let bank = pays(story().block_at(900, 0), "deposit", "shop", 1, ETH);
    assert_eq!(users(&story(), &ask(&story())), [["alice"]]);
    assert_eq!((ask(&bank).customers.len(), ask(&bank).as_of.height.0), (0, 900));
    assert!(ask(&bank).is_complete);
}

#[test]
fn beyond_its_limits_and_on_a_damaged_ledger_nothing_is_said() {
    let mut bank = pays(story(), "deposit", "hot", 1, ETH);
    let (contracts, services) = (BTreeSet::new(), ServiceTable::default());
    let known = || Known { services: &services, contracts: &contracts };
    let all = |bank: &Bank, parameters| deposit_customers(bank.ledger(), parameters, known());
    let [hot, alice] = ["hot", "alice"].map(|name| bank.address(name));
    let few = DepositParameters { payments_max: 1, ..parameters(&bank) };
    assert_eq!(all(&bank, few), Err(DepositError::TooMany { address: hot, limit: 1 }));
    assert!(all(&bank, DepositParameters { payments_max: 2, ..parameters(&bank) }).is_ok());
    let one = |looks_max| {
        let parameters = DepositParameters { looks_max, ..parameters(&bank) };
        deposit_standing(bank.ledger(), alice, parameters, known())
    };
    assert_eq!(one(1), Err(DepositError::TooFar { address: alice, limit: 1 }));
    assert!(one(2).is_ok());
    let parameters = parameters(&bank);
    bank.ledger_mut().set_damage("page 1 of `moves` does not match its checksum");
    assert!(matches!(all(&bank, parameters.clone()), Err(DepositError::Ledger(LedgerError { .. }))));
    assert!(deposit_standing(bank.ledger(), alice, parameters, known()).is_err());
}

/// A ledger of two exchanges with three addresses, deposit addresses, users and what disturbs them.
fn random_ledger(seed: u64) -> MemoryAccounts<u64> {
    let mut dice = Dice::new(seed);
    let mut ledger = MemoryAccounts::new(true);
    let assets = [ETH, USD, "FAKE"].map(|ticker| ledger.asset_of(&token(ticker)));
    let mut height = 10;
    for number in 0..40 + dice.below(40) {
        height += u32::try_from(dice.below(3)).expect("small");
        ledger.begin(made_up_hash(number), coinhound_model::Height(height), height);
        let asset = assets[if dice.once_in(3) { 1 } else { 0 }];
        let units = 20 + dice.below(4);
        let (deposit, user) = (AddressId(3 + dice.below(5)), AddressId(8 + dice.below(5)));
        let (from, to) = match dice.below(20) {
            0..9 => (user, deposit),
            9..18 => (deposit, AddressId(if dice.once_in(30) { dice.below(3) } else { deposit.0 % 3 })),
            18 => (user, AddressId(dice.below(13))),
            _ if dice.once_in(10) => (deposit, AddressId(dice.below(13))),
            _ => (user, deposit),
        };
        let kind = if dice.once_in(15) { MoveKind::Internal } else { MoveKind::Transfer };
        ledger.push(kind, Some(from), Some(to), asset, units);
        if dice.once_in(30) {
            ledger.push(MoveKind::Transfer, Some(deposit), Some(user), assets[2], dice.below(2));
        }
        if dice.once_in(150) {
            ledger.push(MoveKind::Reward, None, Some(deposit), assets[0], 1);
        }
        let payer = if dice.once_in(10) { user } else { from };
        match dice.below(20) {
            0 => {}
            1..4 => {
                ledger.push(MoveKind::Burn, Some(payer), None, assets[0], 1);
            }
            _ => {
                ledger.push(MoveKind::Burn, Some(payer), None, assets[0], 1);
                ledger.push(MoveKind::Fee, Some(payer), None, assets[0], 1);
                ledger.push(MoveKind::Reward, None, Some(AddressId(13)), assets[0], 1);
            }
        }
    }
    ledger
}

fn random_question(seed: u64) -> (DepositParameters<u64>, ServiceTable, BTreeSet<AddressId>) {
    let mut dice = Dice::new(seed ^ 0x6465_706f);
    let exchanges = [(AddressId(0), 0), (AddressId(1), 0), (AddressId(2), 1)];
    let mut parameters = DepositParameters::new(exchanges, 0, dice.below(3));
    parameters.blocks_max = u32::try_from(dice.below(25)).expect("small");
    parameters.users_max = u32::try_from(1 + dice.below(7)).expect("small");
    parameters.addresses_per_user_max = u32::try_from(1 + dice.below(5)).expect("small");
    parameters.movements_max = if dice.once_in(4) { 12 + dice.below(30) } else { 1_000 };
    let services = (0..dice.below(2)).map(|_| (AddressId(3 + dice.below(10)), 9)).collect::<Vec<_>>();
    let contracts = (0..dice.below(2)).map(|_| AddressId(3 + dice.below(10))).collect();
    (parameters, ServiceTable::new(services), contracts)
}

#[test]
fn random_ledgers_give_what_the_rule_says_read_slowly() {
    let (mut joined, mut busy, mut reasons) = (0, 0, BTreeSet::new());
    for seed in 0..2_000 {
        let ledger = random_ledger(seed);
        let (parameters, services, contracts) = random_question(seed);
        let known = || Known { services: &services, contracts: &contracts };
        let found = deposit_customers(&ledger, parameters.clone(), known()).expect("sound");
        let slow = slow_customers(&ledger, &parameters, &services, &contracts);
        assert_eq!(Slow::of(&found), slow, "seed {seed}");
        for address in (0..ledger.addresses()).map(AddressId) {
            let one = deposit_standing(&ledger, address, parameters.clone(), known()).expect("sound");
            agree(&found, &one);
        }
        joined += found.customers.iter().filter(|customer| customer.users.len() > 1).count();
        busy += found.busy.len();
        reasons.extend(found.refused.iter().map(|refused| refused.0));
    }
    assert!(joined > 200 && busy > 50, "{joined} customers of several users, {busy} busy users");
    assert_eq!(reasons.len(), Refusal::ALL.len(), "every clause decided somewhere: {reasons:?}");
}
