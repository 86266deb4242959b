//! A ledger that begins late, and mosaics that moved in it before their definition was seen.

use coinhound_chains::nem::tx::SupplyDirection;
use coinhound_chains::nem::{Body, Network};
use expect_test::expect;

use crate::nem::ledger::chain::{Chain, listed, supply};

const COIN: &[(&str, &str)] =
    &[("divisibility", "2"), ("initialSupply", "500"), ("supplyMutable", "true"), ("transferable", "true")];

fn sends(chain: &Chain, id: &str, quantity: u64) -> (char, u64, Body) {
    ('a', 0, chain.send('b', 1_000_000, Some(listed(&[(id, quantity)]))))
}

fn defines(chain: &Chain, id: &str) -> (char, u64, Body) {
    ('a', 0, chain.define('a', id, COIN, None))
}

#[test]
fn what_moved_before_its_definition_is_not_counted_with_what_is_held_after() {
    let mut chain = Chain::partial(Network::Main, 1_475_000);
    let bodies = vec![
        sends(&chain, "dim:coin", 7),
        defines(&chain, "dim:coin"),
        sends(&chain, "dim:coin", 8),
        ('a', 0, supply("dim:coin", SupplyDirection::Increase, 1)),
    ];
    expect![[r#"
        0:
          transfer a > b 7 dim:coin/?
          Flag unknown whether dim:coin charges a levy: it was defined before this ledger begins
        1:
          rental a > s 10 nem:xem/6
          mint - > a 50000 dim:coin@1475000/1/2
          Flag unknown whether dim:coin existed before this ledger begins: then this definition voids what was held of it, or its words alone change and nothing is made
        2:
          transfer a > b 8 dim:coin@1475000/1/2
        3:
          mint - > a 100 dim:coin@1475000/1/2"#]]
    .assert_eq(&chain.book(bodies));
}

#[test]
fn an_asset_is_told_with_the_same_decimals_in_every_movement() {
    let mut chain = Chain::partial(Network::Main, 1_475_000);
    let mut told = std::collections::BTreeMap::new();
    for coin in ["dim:one", "dim:two"] {
        let levy = chain.levy(coinhound_chains::nem::tx::LevyKind::Absolute, 'c', coin, 3);
        let bodies = vec![
            ('a', 0, chain.define('a', &format!("{coin}-levied"), COIN, levy)),
            sends(&chain, &format!("{coin}-levied"), 1),
            defines(&chain, coin),
            sends(&chain, coin, 5),
            sends(&chain, &format!("{coin}-levied"), 1),
        ];
        for moved in chain.rows(bodies).txs.into_iter().flat_map(|tx| tx.moves) {
            let decimals = *told.entry(moved.token.id.clone()).or_insert(moved.token.decimals);
            assert_eq!(decimals, moved.token.decimals, "{}", moved.token.id);
        }
    }
    assert_eq!(told.get("dim:one"), Some(&None), "a levy is a use too: {told:?}");
    assert_eq!(told.get("dim:one@1475000/2"), Some(&Some(2)), "{told:?}");
}

#[test]
fn a_use_that_is_taken_back_was_none() {
    let mut chain = Chain::partial(Network::Main, 1_475_000);
    chain.wait(1);
    let used = chain.next(vec![sends(&chain, "dim:coin", 7)]);
    chain.ledger.take(&used).expect("booked");
    chain.ledger.unwind(1_475_000).expect("one block");
    let body = defines(&chain, "dim:coin");
    assert!(chain.book(vec![body]).contains("mint - > a 50000 dim:coin/2"));
}

#[test]
fn a_mosaic_with_the_name_of_another_asset_is_refused() {
    let mut chain = Chain::partial(Network::Main, 1_475_000);
    for name in ["dim:coin@1475000/1", "dim:co:in", "dim:", "dim:co\nin"] {
        let body = sends(&chain, name, 7);
        let said = chain.refused(vec![body]);
        assert!(said.ends_with("is not the name of a mosaic that may be made"), "{said}");
    }
}
