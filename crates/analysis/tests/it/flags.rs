//! Warnings: each kind where it belongs and nowhere else, and that nothing which only misleads readers reaches a trail.

use coinhound_analysis::flags::{
    FlagError, FlagParameters, Warning, WarningKind, Warnings, WellKnown, account_warnings, trail_warnings,
};
use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Stops;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, AccountTraced, trace_accounts};
use coinhound_model::{AccountLedger, AddressId};
use coinhound_testkit::accounts::{Bank, bank};

const ETH: &str = "ETH";
const USD: &str = "USD";

/// An account whose digits begin with `begin` and end with `end`.
fn digits(begin: [u8; 2], middle: u8, end: [u8; 2]) -> Vec<u8> {
    [&begin[..], &[middle; 16], &end].concat()
}

/// Ether is asset 0; alice has some.
fn opening() -> Bank {
    bank().mint("alice", 1_000, ETH).mint("alice", 1_000, USD)
}

fn pays(bank: Bank, from: &str, to: &str, units: u64, ticker: &str) -> Bank {
    bank.pay(from, to, units, ticker).fee(from, 1, ETH)
}

fn well_known(id: &str, symbol: &str) -> WellKnown {
    WellKnown { id: id.to_owned(), symbol: symbol.to_owned() }
}

/// Five units of either asset are dust; USD is known.
fn parameters() -> FlagParameters<u64> {
    let well_known = vec![well_known("test:eth", "ETH"), well_known("test:usd", "USD")];
    FlagParameters { dust: vec![(0, 5), (1, 5)], well_known, ..FlagParameters::new(0) }
}

fn ask(bank: &Bank, parameters: FlagParameters<u64>) -> Warnings<u64> {
    account_warnings(bank.ledger(), bank.address("alice"), parameters).expect("the ledger is sound")
}

fn of_kind(found: &Warnings<u64>, kind: WarningKind) -> Vec<Warning> {
    found.warnings.iter().copied().filter(|warning| warning.kind == kind).collect()
}

/// The movements that warnings of a kind name.
fn shown(bank: &Bank, kind: WarningKind) -> Vec<u64> {
    of_kind(&ask(bank, parameters()), kind).iter().map(|warning| warning.movement.0).collect()
}

fn movements(bank: &Bank, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| bank.movement(name).0).collect()
}

#[test]
fn transfers_of_nothing_are_shown_in_both_directions_whoever_signed() {
    let bank = opening().pay("mallory", "alice", 0, USD).called("in").fee("mallory", 1, ETH);
    let bank = bank.pay("alice", "mallory", 0, USD).called("out").fee("mallory", 1, ETH);
    let bank = pays(bank.pay("alice", "alice", 0, USD), "alice", "bob", 7, USD);
    assert_eq!(shown(&bank, WarningKind::ZeroValue), movements(&bank, &["in", "out"]));
    let first = of_kind(&ask(&bank, parameters()), WarningKind::ZeroValue)[0];
    assert_eq!((first.other, first.number, first.asset), (Some(bank.address("mallory")), 1, 1));
}

#[test]
fn dust_is_what_the_parameters_say_of_an_asset_and_came_unasked() {
    let bank = opening().pay("mallory", "alice", 5, USD).called("five").fee("mallory", 1, ETH);
    let bank = pays(pays(bank, "mallory", "alice", 6, USD), "mallory", "alice", 1, "OTHER");
    // What alice signed for herself, what she pays, and what blocks give her, is none.
    let bank = bank.pay("pool", "alice", 3, USD).fee("alice", 1, ETH).reward("alice", 2, ETH);
    let bank = pays(bank, "alice", "bob", 2, USD);
    assert_eq!(shown(&bank, WarningKind::Dust), movements(&bank, &["five"]));
}

#[test]
fn a_payment_that_the_account_did_not_sign_is_a_contracts_word() {
    let bank = opening().pay("alice", "mallory", 9, USD).called("said").fee("mallory", 1, ETH);
    let bank = pays(bank, "alice", "bob", 9, USD).pay("alice", "bob", 9, ETH).fee("carol", 1, ETH);
    assert_eq!(shown(&bank, WarningKind::Unsigned), movements(&bank, &["said"]));
}

/// Alice deals with bob; mallory's address looks like his.
fn poisoned(bank: Bank) -> Bank {
    let bank = bank.account("bob", &digits([1, 2], 3, [4, 5])).account("mallory", &digits([1, 2], 9, [4, 5]));
    let bank = bank.account("near", &digits([1, 2], 9, [4, 0x15])).account("mirror", &digits([4, 5], 3, [1, 2]));
    bank.pay("alice", "bob", 50, USD).called("met").fee("alice", 1, ETH)
}

#[test]
fn an_address_that_looks_like_one_that_was_paid_is_a_look_alike() {
    let bank = poisoned(opening()).pay("mallory", "alice", 0, USD).called("sent").fee("mallory", 1, ETH);
    let bank = pays(pays(bank, "near", "alice", 50, USD), "mirror", "alice", 50, USD);
    let bank = pays(bank, "mallory", "alice", 1, USD);
    let found = of_kind(&ask(&bank, parameters()), WarningKind::LookAlike);
    let like = Some((bank.address("bob"), bank.movement("met")));
    let mut want = found[0];
    (want.movement, want.other, want.like, want.number, want.paid) =
        (bank.movement("sent"), Some(bank.address("mallory")), like, 2, None);
    assert_eq!(found, [want]);
    let bank = bank.pay("alice", "mallory", 500, USD).called("deceived").fee("alice", 1, ETH);
    let found = of_kind(&ask(&bank, parameters()), WarningKind::LookAlike);
    assert_eq!((found.len(), found[0].paid, found[0].number), (1, Some(bank.movement("deceived")), 3));
    // A fifth digit tells them apart.
    let five = FlagParameters { digits: 5, ..parameters() };
    assert_eq!(of_kind(&ask(&bank, five), WarningKind::LookAlike), []);
}

#[test]
fn only_who_the_account_really_dealt_with_is_looked_like() {
    // Mallory comes first, with nothing, with dust, with tokens nobody knows, in words of contracts: bob is the real one.
    let first = |bank: Bank| {
        let bank = bank.pay("mallory", "alice", 0, USD).fee("mallory", 1, ETH);
        let bank = bank.pay("mallory", "alice", 5, USD).fee("mallory", 1, ETH);
        let bank = bank.pay("mallory", "alice", 500, "NOVEL").fee("mallory", 1, ETH);
        bank.pay("alice", "mallory", 500, "NOVEL").fee("mallory", 1, ETH)
    };
    let bank = poisoned(first(opening()));
    assert_eq!(shown(&bank, WarningKind::LookAlike), [] as [u64; 0], "and nothing came from her since");
    let bank = poisoned(first(opening())).pay("mallory", "alice", 0, USD).called("since").fee("mallory", 1, ETH);
    assert_eq!(shown(&bank, WarningKind::LookAlike), movements(&bank, &["since"]));
    // Who really paid alice in what she knows is somebody she dealt with.
    let received = opening().account("bob", &digits([1, 2], 3, [4, 5])).account("mallory", &digits([1, 2], 9, [4, 5]));
    let received = pays(received, "bob", "alice", 6, USD).pay("mallory", "alice", 0, USD).called("sent");
    assert_eq!(shown(&received, WarningKind::LookAlike), movements(&received, &["sent"]));
}

#[test]
fn a_token_under_a_known_name_is_told_by_its_contract() {
    let bank = opening().pay("mallory", "alice", 70, "USD ").called("first").fee("mallory", 1, ETH);
    let bank = pays(pays(bank, "mallory", "alice", 80, "USD "), "mallory", "alice", 80, "USDX");
    let found = of_kind(&ask(&bank, parameters()), WarningKind::FakeToken);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].movement, found[0].number, found[0].well_known), (bank.movement("first"), 2, Some(1)));
    // What somebody told of an asset stands before the ledger's word; a ledger that was told nothing gives no symbol.
    let usdx = bank.ledger().clone().asset_of(&coinhound_testkit::accounts::bank::token("USDX"));
    let told = FlagParameters { symbols: vec![(usdx, "uЅd".to_owned())], ..parameters() };
    assert_eq!(of_kind(&ask(&bank, told), WarningKind::FakeToken).len(), 2);
    let none = FlagParameters { well_known: Vec::new(), ..parameters() };
    assert_eq!(of_kind(&ask(&bank, none), WarningKind::FakeToken), []);
}

#[test]
fn a_token_that_was_never_sent_on_is_unsolicited_and_a_known_one_is_not() {
    let bank = opening().pay("mallory", "alice", 70, "GIFT").called("gift").fee("mallory", 1, ETH);
    let bank = pays(pays(bank, "mallory", "alice", 70, "GIFT"), "bob", "alice", 70, "WORK");
    let bank = bank.pay("alice", "mallory", 70, "GIFT").fee("mallory", 1, ETH);
    let bank = pays(pays(bank, "alice", "bob", 10, "WORK"), "bob", "alice", 70, USD);
    let found = of_kind(&ask(&bank, parameters()), WarningKind::Unsolicited);
    assert_eq!((found.len(), found[0].number), (1, 2));
    assert_eq!((found[0].movement, found[0].other), (bank.movement("gift"), Some(bank.address("mallory"))));
    let bank = pays(bank, "alice", "carol", 1, "GIFT");
    assert_eq!(shown(&bank, WarningKind::Unsolicited), [] as [u64; 0], "she sent some of it on");
}

#[test]
fn a_quiet_account_has_no_warnings() {
    let bank = pays(pays(opening(), "bob", "alice", 70, USD), "alice", "carol", 30, ETH);
    let found = ask(&bank, parameters());
    assert_eq!((found.warnings.len(), found.left_out.len()), (0, 0));
    assert_eq!((found.rule.name, found.rule.version, found.parameters), ("account-warnings", 1, parameters()));
    assert_eq!(found.as_of, bank.ledger().as_of().clone());
}

#[test]
fn too_many_warnings_are_counted_and_too_many_movements_refused() {
    let mut bank = opening();
    for _ in 0..3 {
        bank = bank.pay("mallory", "alice", 0, USD);
    }
    let found = ask(&bank, FlagParameters { rows_max: 2, ..parameters() });
    assert_eq!((found.warnings.len(), found.left_out), (2, vec![(WarningKind::ZeroValue, 1)]));
    let address = bank.address("alice");
    let refused =
        |limit| account_warnings(bank.ledger(), address, FlagParameters { movements_max: limit, ..parameters() });
    assert_eq!(refused(4), Err(FlagError::TooMany { address, limit: 4 }));
    assert!(refused(5).is_ok());
    let mut bank = bank.clone();
    bank.ledger_mut().set_damage("page 1 of `moves` does not match its checksum");
    assert!(matches!(account_warnings(bank.ledger(), address, parameters()), Err(FlagError::Ledger(_))));
}

/// The thief takes alice's ether, pays a mule, swaps some, and pays a shop. Between each two steps others write what
/// misleads into everybody's history.
fn theft(is_poisoned: bool) -> Bank {
    let spam = |bank: Bank| {
        if !is_poisoned {
            return bank;
        }
        let bank = bank.pay("thief", "bystander", 0, ETH).fee("mallory", 1, ETH);
        let bank = bank.pay("mule", "alike", 0, USD).also("thief", "alike", 0, ETH).fee("mallory", 1, ETH);
        let bank =
            bank.pay("thief", "alike", 900, "ETH ").also("mule", "bystander", 900, "ETH ").fee("mallory", 1, ETH);
        bank.pay("alike", "thief", 0, ETH).pay("mallory", "thief", 900, "ETH ").fee("mallory", 1, ETH)
    };
    let with = |bank: Bank, from: &str| if is_poisoned { bank.also(from, "bystander", 0, "ETH ") } else { bank };
    let bank = bank().mint("alice", 100, ETH).mint("pool", 500, USD).mint("mallory", 50, ETH).mint("thief", 9, ETH);
    let bank = bank.account("mule", &digits([1, 2], 3, [4, 5])).account("alike", &digits([1, 2], 9, [4, 5]));
    let bank = spam(bank.block().pay("alice", "thief", 100, ETH).called("loot"));
    let bank = spam(with(bank.block().pay("thief", "mule", 60, ETH), "thief").fee("thief", 2, ETH));
    let bank = with(bank.block().pay("mule", "pool", 30, ETH), "mule").also("pool", "mule", 90, USD);
    let bank = spam(with(bank, "pool").fee("mule", 1, ETH));
    let bank = spam(with(bank.block().pay("mule", "shop", 20, ETH), "mule").fee("mule", 1, ETH));
    spam(bank.block().pay("thief", "shop", 40, ETH).fee("thief", 1, ETH))
}

fn traced(bank: &Bank) -> AccountTraced<u64> {
    let theft = AccountTheft { seeds: vec![AccountSeed::whole(bank.movement("loot"))] };
    trace_accounts(bank.ledger(), &[theft], &Rule::ACCOUNTS, &Stops::none(), 1).expect("the story is sound")
}

/// A trail in words that do not depend on what else is in the ledger.
fn words(bank: &Bank, traced: &AccountTraced<u64>) -> Vec<String> {
    let who = |row: &coinhound_analysis::trace::accounts::Reached<u64>| {
        let (owner, asset) = (bank.ledger().owner(row.holding), bank.ledger().asset(row.holding));
        let token = bank.ledger().token(asset).id;
        format!("{} {token}: {} in, {} out, {} there", bank.person(owner), row.arrived, row.left, row.resting)
    };
    let trail = |trail: &coinhound_analysis::trace::accounts::AccountTrail<u64>| {
        let rows: Vec<_> = trail.reached.iter().map(who).collect();
        format!("{:?}: {rows:?}, {:?}", trail.rule, trail.totals)
    };
    traced.trails.iter().map(trail).collect()
}

#[test]
fn what_only_misleads_readers_reaches_nobody_by_any_rule() {
    let (clean, poisoned) = (theft(false), theft(true));
    let told = words(&clean, &traced(&clean));
    let reaches = |of: &str| told.iter().filter(|words| words.contains(of)).count();
    assert!(reaches("mule test:eth") == Rule::ACCOUNTS.len() && reaches("shop test:eth") > 0, "{told:?}");
    assert_eq!(words(&poisoned, &traced(&poisoned)), told);
    let names = ["alike", "bystander", "mallory"];
    assert!(told.iter().all(|words| names.iter().all(|name| !words.contains(name))));
}

#[test]
fn a_trail_is_warned_of_dust_look_alikes_and_a_false_name() {
    let bank =
        bank().mint("alice", 1, ETH).mint("alice", 100, USD).block().pay("alice", "thief", 100, USD).called("loot");
    let bank = bank.account("mule", &digits([1, 2], 3, [4, 5])).account("second", &digits([1, 2], 9, [4, 5]));
    let bank = bank.pay("thief", "mule", 50, USD).called("met").pay("thief", "second", 40, USD).called("alike");
    let bank = bank.pay("thief", "shop", 5, USD).called("dust").pay("thief", "shop", 5, USD).called("last");
    let traced = traced(&bank);
    let of = |parameters| trail_warnings(bank.ledger(), &traced.trails[0], parameters).expect("sound");
    let found = of(parameters());
    let dust: Vec<_> = of_kind(&found, WarningKind::Dust).iter().map(|warning| warning.movement.0).collect();
    assert_eq!(dust, movements(&bank, &["dust", "last"]));
    let alike = of_kind(&found, WarningKind::LookAlike);
    assert_eq!((alike.len(), alike[0].movement), (1, bank.movement("alike")));
    assert_eq!(alike[0].like, Some((bank.address("mule"), bank.movement("met"))));
    assert_eq!(of_kind(&found, WarningKind::FakeToken), []);
    let usd = [well_known("test:other", "usd")];
    let found = of(FlagParameters { well_known: usd.to_vec(), ..parameters() });
    assert_eq!(of_kind(&found, WarningKind::FakeToken)[0].movement, bank.movement("loot"));
}

#[test]
fn a_conversion_into_a_token_that_nobody_knows_is_told() {
    let swap = |bank: Bank, ticker: &str| {
        let bank = bank.block().pay("thief", "pool", 10, ETH).called(&format!("into {ticker}"));
        bank.also("pool", "thief", 70, ticker).fee("thief", 1, ETH)
    };
    let bank =
        bank().mint("alice", 100, ETH).mint("pool", 900, USD).mint("pool", 900, "OWN").mint("pool", 900, "OTHER");
    let bank = bank.block().pay("alice", "thief", 100, ETH).called("loot");
    let bank = swap(swap(swap(bank, USD), "OWN").block(), "OTHER").pay("thief", "pool", 10, ETH);
    let bank = bank.also("pool", "thief", 70, "OWN").fee("thief", 1, ETH);
    let traced = traced(&bank);
    let found = |parameters| {
        let found = trail_warnings(bank.ledger(), &traced.trails[0], parameters).expect("sound");
        let found = of_kind(&found, WarningKind::UnknownToken);
        found.iter().map(|warning| (warning.movement.0, warning.number)).collect::<Vec<_>>()
    };
    // What the pool gave stands behind what it was paid.
    let received = |name: &str| bank.movement(name).0 + 1;
    assert_eq!(found(parameters()), [(received("into OWN"), 2), (received("into OTHER"), 1)]);
    assert_eq!(found(FlagParameters { well_known: Vec::new(), ..parameters() }), []);
}

#[test]
fn warnings_of_every_address_of_a_poisoned_ledger_can_be_had() {
    let bank = theft(true);
    let mut kinds = std::collections::BTreeSet::new();
    for address in (0..bank.ledger().addresses()).map(AddressId) {
        let found = account_warnings(bank.ledger(), address, parameters()).expect("sound");
        kinds.extend(found.warnings.iter().map(|warning| warning.kind));
    }
    let some = [WarningKind::ZeroValue, WarningKind::Unsigned, WarningKind::FakeToken];
    assert!(some.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}
