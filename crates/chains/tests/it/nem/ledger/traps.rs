//! The places where a transaction says one thing and moves another.

use coinhound_chains::nem::Network;
use coinhound_chains::nem::tx::{LevyKind, LinkMode, MessageKind, SupplyDirection};
use expect_test::{Expect, expect};

use crate::nem::ledger::chain::{Chain, listed, modify, remote, supply};

fn check(got: &str, expected: Expect) {
    expected.assert_eq(got);
}

/// A chain where `a` has 500.00 of `dim:coin`.
fn with_coin(properties: &[(&str, &str)]) -> Chain {
    let mut chain = Chain::whole(Network::Mijin);
    let coin = chain.define('a', "dim:coin", properties, None);
    chain.rows(vec![('a', 3, coin)]);
    chain
}

const COIN: &[(&str, &str)] =
    &[("divisibility", "2"), ("initialSupply", "500"), ("supplyMutable", "true"), ("transferable", "true")];

#[test]
fn listed_mosaics_make_the_amount_a_factor() {
    let mut chain = with_coin(COIN);
    let bodies = vec![
        ('a', 1, chain.send('b', 3_000_000, Some(listed(&[("nem:xem", 5), ("dim:coin", 7)])))),
        ('a', 1, chain.send('b', 1_999_999, Some(listed(&[("dim:coin", 1)])))),
        ('a', 1, chain.send('b', 0, Some(listed(&[("nem:xem", 1_000_000)])))),
        ('a', 1, chain.send('b', 4_000_000, Some(Vec::new()))),
        ('a', 1, chain.send('b', 500_000, Some(listed(&[("dim:coin", 1), ("dim:coin", 1)])))),
    ];
    check(
        &chain.book(bodies),
        expect![[r#"
            0:
              transfer a > b 15 nem:xem/6
              transfer a > b 21 dim:coin/2
              fee a > - 1 nem:xem/6
            1:
              transfer a > b 1 dim:coin/2
              fee a > - 1 nem:xem/6
            2:
              transfer a > b 0 nem:xem/6
              fee a > - 1 nem:xem/6
            3:
              transfer a > b 4000000 nem:xem/6
              fee a > - 1 nem:xem/6
            4:
              transfer a > b 1 dim:coin/2
              fee a > - 1 nem:xem/6
            the block:
              reward - > h 5 nem:xem/6"#]],
    );
}

#[test]
fn the_sender_pays_the_levy_in_whatever_mosaic_it_is_charged() {
    let mut chain = with_coin(COIN);
    let bodies = vec![
        ('b', 0, chain.define('b', "b:one", COIN, chain.levy(LevyKind::Absolute, 'c', "nem:xem", 9))),
        ('b', 0, chain.define('b', "b:two", COIN, chain.levy(LevyKind::Percentile, 'c', "b:two", 25))),
        ('b', 0, chain.define('b', "b:three", COIN, chain.levy(LevyKind::Absolute, 'c', "b:two", 4))),
    ];
    chain.rows(bodies);
    let all = listed(&[("b:one", 1), ("nem:xem", 2), ("b:two", 1_000), ("b:three", 1)]);
    let bodies = vec![
        ('b', 1, chain.send('d', 1_000_000, Some(all))),
        ('b', 1, chain.send('d', 1_000_000, Some(listed(&[("b:two", 399)])))),
    ];
    check(
        &chain.book(bodies),
        expect![[r#"
            0:
              transfer b > d 2 nem:xem/6
              transfer b > d 1 b:one/2
              levy b > c 9 nem:xem/6
              transfer b > d 1000 b:two/2
              levy b > c 2 b:two/2
              transfer b > d 1 b:three/2
              levy b > c 4 b:two/2
              fee b > - 1 nem:xem/6
            1:
              transfer b > d 399 b:two/2
              fee b > - 1 nem:xem/6
            the block:
              reward - > h 2 nem:xem/6"#]],
    );
}

#[test]
fn a_multisig_account_pays_for_all_who_sign_for_it() {
    let mut chain = Chain::whole(Network::Mijin);
    let booked = chain.book(vec![('a', 16, modify("bc", "", None))]);
    check(
        &booked,
        expect![[r#"
            0:
              fee a > - 16 nem:xem/6
              a is controlled by b
              a is controlled by c
            the block:
              reward - > h 16 nem:xem/6"#]],
    );
    let bodies = vec![('b', 1, chain.multisig('a', 20, chain.pay('g', 7), &[('c', 300)]))];
    check(
        &chain.book(bodies),
        expect![[r#"
            0:
              transfer a > g 7 nem:xem/6
              fee a > - 321 nem:xem/6
              Flag multisig transaction with HASH inside, brought by b; signed by c
            the block:
              reward - > h 321 nem:xem/6"#]],
    );
    assert_eq!((chain.has('b', "nem:xem"), chain.has('c', "nem:xem")), ("1000000000".into(), "1000000000".into()));
}

#[test]
fn nobody_signs_for_an_account_who_is_not_its_cosignatory() {
    let mut chain = Chain::whole(Network::Mijin);
    chain.rows(vec![('a', 0, modify("bcd", "", Some(2)))]);
    let spend = |chain: &Chain, cosigners: &[(char, u64)]| chain.multisig('a', 0, chain.pay('g', 7), cosigners);
    let bodies = vec![('b', 0, spend(&chain, &[('c', 0)]))];
    chain.rows(bodies);
    let refused = |chain: &mut Chain, by, body| chain.refused(vec![(by, 0, body)]);
    let (alone, one, stranger) = (chain.pay('g', 7), spend(&chain, &[]), spend(&chain, &[('c', 0)]));
    let (other, of_none) = (spend(&chain, &[('e', 0)]), chain.multisig('e', 0, chain.pay('g', 7), &[]));
    let said = [
        refused(&mut chain, 'a', alone),
        refused(&mut chain, 'b', one),
        refused(&mut chain, 'e', stranger),
        refused(&mut chain, 'b', other),
        refused(&mut chain, 'b', of_none),
    ];
    check(
        &said.join("\n"),
        expect![[r#"
            block 4, transaction 0: a needs its cosignatories, and signs by itself
            block 4, transaction 0: 1 cosignatories sign for a, expected 2
            block 4, transaction 0: e signs for a, whose cosignatory he is not
            block 4, transaction 0: e signs for a, whose cosignatory he is not
            block 4, transaction 0: b signs for e, whose cosignatory he is not"#]],
    );
}

#[test]
fn one_who_is_removed_need_not_sign_and_the_last_one_frees_the_account() {
    let mut chain = Chain::whole(Network::Mijin);
    chain.rows(vec![('a', 0, modify("bcd", "", None))]);
    let remove =
        |chain: &Chain, who: &str, cosigners: &[(char, u64)]| chain.multisig('a', 0, modify("", who, None), cosigners);
    let body = remove(&chain, "d", &[]);
    assert!(chain.refused(vec![('b', 0, body)]).ends_with("1 cosignatories sign for a, expected 2"));
    let body = remove(&chain, "d", &[('c', 0)]);
    chain.rows(vec![('b', 0, body)]);
    let body = remove(&chain, "c", &[]);
    chain.rows(vec![('b', 0, body)]);
    let body = remove(&chain, "b", &[]);
    chain.rows(vec![('b', 0, body)]);
    let body = chain.pay('g', 5);
    chain.rows(vec![('a', 0, body)]);
    assert_eq!(chain.has('g', "nem:xem"), "1000000005");
    let said = chain.refused(vec![('a', 0, modify("bc", "", Some(3)))]);
    assert!(said.ends_with("a asks for 3 signatures of 2"), "{said}");
}

#[test]
fn what_a_remote_account_harvests_is_the_lessor_s_once_it_may() {
    let mut chain = Chain::whole(Network::Mijin);
    let booked = chain.book(vec![('a', 8, remote(LinkMode::Link, 'r'))]);
    check(
        &booked,
        expect![[r#"
            0:
              fee a > - 8 nem:xem/6
              r is controlled by a
            the block:
              reward - > h 8 nem:xem/6"#]],
    );
    let rewarded = |chain: &mut Chain| {
        let body = chain.pay('c', 1);
        let booked = chain.harvested_by('r').book(vec![('b', 5, body)]);
        chain.harvested_by('h');
        booked.lines().last().expect("the reward").trim().to_owned()
    };
    chain.wait(358); // the link stands at height 2: two blocks more, and it counts
    assert_eq!(rewarded(&mut chain), "reward - > r 5 nem:xem/6");
    assert_eq!(chain.ledger.height(), Some(361));
    assert_eq!(rewarded(&mut chain), "reward - > a 5 nem:xem/6");
    chain.rows(vec![('a', 0, remote(LinkMode::Unlink, 'r'))]);
    chain.wait(358);
    assert_eq!(rewarded(&mut chain), "reward - > a 5 nem:xem/6");
    assert_eq!(rewarded(&mut chain), "reward - > r 5 nem:xem/6");
}

#[test]
fn names_and_mosaics_pay_rent_and_definitions_make_supply() {
    let mut chain = Chain::whole(Network::Mijin);
    let bodies = vec![
        ('a', 2, chain.namespace("dim", 100)),
        ('a', 2, chain.define('a', "dim:coin", COIN, None)),
        ('a', 2, chain.define('a', "dim:plain", &[], None)),
        ('a', 2, supply("dim:coin", SupplyDirection::Increase, 3)),
        ('a', 2, supply("dim:coin", SupplyDirection::Decrease, 503)),
    ];
    check(
        &chain.book(bodies),
        expect![[r#"
            0:
              rental a > s 100 nem:xem/6
              fee a > - 2 nem:xem/6
            1:
              rental a > s 10 nem:xem/6
              mint - > a 50000 dim:coin/2
              fee a > - 2 nem:xem/6
            2:
              rental a > s 10 nem:xem/6
              mint - > a 1000 dim:plain/0
              fee a > - 2 nem:xem/6
            3:
              mint - > a 300 dim:coin/2
              fee a > - 2 nem:xem/6
            4:
              burn a > - 50300 dim:coin/2
              fee a > - 2 nem:xem/6
            the block:
              reward - > h 10 nem:xem/6"#]],
    );
}

#[test]
fn a_name_made_anew_is_another_asset_unless_words_alone_change() {
    let mut chain = with_coin(COIN);
    let reworded = chain.define('a', "dim:coin", COIN, None);
    let other = [("divisibility", "3"), ("initialSupply", "500")];
    let anew = chain.define('a', "dim:coin", &other, None);
    let after = chain.send('b', 1_000_000, Some(listed(&[("dim:coin", 4)])));
    let taken_over = chain.define('c', "dim:coin", &other, None);
    check(
        &chain.book(vec![('a', 0, reworded), ('a', 0, anew), ('a', 0, after), ('c', 0, taken_over)]),
        expect![[r#"
            0:
              rental a > s 10 nem:xem/6
            1:
              rental a > s 10 nem:xem/6
              burn a > - 50000 dim:coin/2
              mint - > a 500000 dim:coin@3/1/3
            2:
              transfer a > b 4 dim:coin@3/1/3
            3:
              rental c > s 10 nem:xem/6
              mint - > c 500000 dim:coin@3/3/3
              Flag this definition voids all balances of dim:coin@3/1: they stand here as they were"#]],
    );
}

#[test]
fn before_the_fork_new_words_alone_void_what_was_held() {
    let mut chain = Chain::whole(Network::Main);
    let (first, second) = (chain.define('a', "dim:coin", COIN, None), chain.define('a', "dim:coin", COIN, None));
    let booked = chain.book(vec![('a', 0, first), ('a', 0, second)]);
    assert!(booked.contains("mint - > a 50000 dim:coin@2/1/2"), "{booked}");
    assert!(booked.contains("voids all balances of dim:coin"), "{booked}");
}

#[test]
fn messages_are_notes_as_they_were_written() {
    let mut chain = Chain::whole(Network::Mijin);
    let bodies = vec![
        ('a', 0, chain.say('b', MessageKind::Plain, "100918823")),
        ('a', 0, chain.say('b', MessageKind::Encrypted, "sealed")),
        ('a', 0, chain.say('b', MessageKind::Plain, "")),
    ];
    check(
        &chain.book(bodies),
        expect![[r#"
            0:
              transfer a > b 0 nem:xem/6
              Message 100918823
            1:
              transfer a > b 0 nem:xem/6
              Encrypted sealed
            2:
              transfer a > b 0 nem:xem/6"#]],
    );
}

#[test]
fn a_ledger_that_begins_late_says_what_it_cannot_know() {
    let mut chain = Chain::partial(Network::Main, 1_475_000);
    let bodies = vec![
        ('a', 1, chain.send('b', 1_000_000, Some(listed(&[("ts:warning_dont_accept_stolen_funds", 1)])))),
        ('a', 1, supply("ts:warning_dont_accept_stolen_funds", SupplyDirection::Increase, 3)),
        ('b', 1, chain.multisig('a', 0, chain.pay('g', 7), &[])),
        ('c', 1, chain.define('c', "dim:coin", COIN, None)),
        ('d', 1, modify("bc", "", None)),
    ];
    check(
        &chain.book(bodies),
        expect![[r#"
            0:
              transfer a > b 1 ts:warning_dont_accept_stolen_funds/?
              fee a > - 1 nem:xem/6
              Flag unknown whether ts:warning_dont_accept_stolen_funds charges a levy: it was defined before this ledger begins
            1:
              fee a > - 1 nem:xem/6
              Flag not booked: the supply of ts:warning_dont_accept_stolen_funds grows by 3 whole units; it was defined before this ledger begins, with unknown decimals
            2:
              transfer a > g 7 nem:xem/6
              fee a > - 1 nem:xem/6
              Flag multisig transaction with HASH inside, brought by b
              Flag unknown who may sign for a: it was said before this ledger begins
            3:
              rental c > s 10 nem:xem/6
              mint - > c 50000 dim:coin/2
              fee c > - 1 nem:xem/6
              Flag unknown whether dim:coin existed before this ledger begins: then this definition voids what was held of it, or its words alone change and nothing is made
            4:
              fee d > - 1 nem:xem/6
              d is controlled by b
              d is controlled by c
            the block:
              reward - > h 5 nem:xem/6
              Flag unknown whether the harvester harvests for another account, who gets this then: it was said before this ledger begins"#]],
    );
    let alone = chain.pay('g', 1);
    let said = chain.refused(vec![('d', 0, alone)]);
    assert!(said.contains("d needs its cosignatories"), "it had none before, and has two since: {said}");
}

#[test]
fn what_no_node_would_book_is_refused_and_leaves_no_trace() {
    let mut chain = with_coin(COIN);
    let coin = |amount, list| (amount, Some(listed(list)));
    let (amount, most) = coin(u64::MAX, &[("dim:coin", u64::MAX)]);
    let with = |properties: &[(&str, &str)]| chain.define('a', "dim:other", properties, None);
    let plain = chain.define('b', "fix:ed", &[], None);
    let cases = [
        vec![('a', 0, chain.send('b', 1_000_000, Some(listed(&[("no:such", 1)]))))],
        vec![('a', 0, chain.send('b', amount, most))],
        vec![('b', 0, plain), ('b', 0, supply("fix:ed", SupplyDirection::Increase, 1))],
        vec![('b', 0, supply("dim:coin", SupplyDirection::Increase, 1))],
        vec![('a', 0, supply("dim:coin", SupplyDirection::Decrease, 501))],
        vec![('a', 0, supply("dim:coin", SupplyDirection::Increase, 90_000_000_000_000))],
        vec![('a', 0, supply("nem:xem", SupplyDirection::Increase, 1))],
        vec![('a', 0, chain.define('a', "nem:xem", COIN, None))],
        vec![('a', 0, chain.define('a', "di:m:coin", COIN, None))],
        vec![('a', 0, with(&[("divisibility", "7")]))],
        vec![('a', 0, with(&[("divisibility", "six")]))],
        vec![('a', 0, with(&[("divisibility", "6"), ("initialSupply", "9000000001")]))],
    ];
    let said: Vec<String> = cases.into_iter().map(|bodies| chain.refused(bodies)).collect();
    check(
        &said.join("\n"),
        expect![[r#"
            block 3, transaction 0: the mosaic `no:such` was never defined
            block 3, transaction 0: an amount of `dim:coin` that does not fit 63 bits
            block 3, transaction 1: the supply of `fix:ed` cannot change like this: its definition says that it does not change
            block 3, transaction 0: the supply of `dim:coin` is changed by b, expected a
            block 3, transaction 0: the supply of `dim:coin` cannot change like this: there would be more than there can be, or less than nothing
            block 3, transaction 0: the supply of `dim:coin` cannot change like this: there would be more than there can be, or less than nothing
            block 3, transaction 0: `nem:xem` is not the name of a mosaic that may be made
            block 3, transaction 0: `nem:xem` is not the name of a mosaic that may be made
            block 3, transaction 0: `di:m:coin` is not the name of a mosaic that may be made
            block 3, transaction 0: the mosaic `dim:other` has the divisibility `7`, expected at most 6
            block 3, transaction 0: the mosaic `dim:other` has the divisibility `six`, expected a number that is not negative
            block 3, transaction 0: the mosaic `dim:other` has the initialSupply `9000000001`, expected at most 9,000,000,000,000,000 smallest units"#]],
    );
}
