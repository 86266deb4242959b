//! Saved ledgers that no blocks lead to: whatever is read can go on, or is refused.

use coinhound_chains::nem::ledger::SaveError;
use coinhound_chains::nem::tx::LinkMode;
use coinhound_chains::nem::{NemLedger, Network};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::nem::ledger::Dice;
use crate::nem::ledger::chain::{Chain, listed, modify, remote};

const COIN: &[(&str, &str)] = &[("divisibility", "2"), ("initialSupply", "500"), ("supplyMutable", "true")];

/// A ledger in which there is something of everything.
fn grown(mut chain: Chain) -> Chain {
    let is_late = !chain.ledger.is_complete();
    chain.wait(1);
    chain.rows(vec![
        ('a', 0, chain.define('a', "dim:coin", COIN, None)),
        ('b', 0, modify("cd", "", Some(1))),
        ('e', 0, remote(LinkMode::Link, 'h')),
    ]);
    if is_late {
        chain.rows(vec![('a', 0, chain.send('b', 1_000_000, Some(listed(&[("old:coin", 1)]))))]);
    }
    let other = [("divisibility", "3")];
    chain.rows(vec![
        ('a', 0, chain.define('a', "dim:coin", &other, None)),
        ('e', 0, remote(LinkMode::Unlink, 'h')),
        ('c', 0, chain.multisig('b', 0, modify("f", "", None), &[])),
    ]);
    chain
}

fn chains() -> [Chain; 2] {
    [grown(Chain::whole(Network::Mijin)), grown(Chain::partial(Network::Main, 1_475_000))]
}

fn saved(chain: &Chain) -> Value {
    serde_json::from_slice(&chain.ledger.to_bytes()).expect("JSON")
}

/// Goes on from a ledger in all ways, each of which may be refused.
fn go_on(chain: &mut Chain) {
    let bodies = [
        ('c', 1, chain.multisig('b', 1, chain.pay('g', 1), &[('d', 1)])),
        ('c', 1, chain.multisig('b', 0, modify("", "f", Some(-1)), &[])),
        ('a', 1, chain.send('b', 3_000_000, Some(listed(&[("dim:coin", 5)])))),
        ('a', 1, chain.define('a', "dim:coin", COIN, None)),
        ('a', 1, chain.define('a', "old:coin", COIN, None)),
    ];
    for body in bodies {
        let block = chain.next(vec![body]);
        if chain.ledger.take(&block).is_ok() {
            chain.ledger.unwind(block.height - 1).expect("the newest block can be taken back");
            chain.ledger.take(&block).expect("as before");
        }
    }
    let lowest = chain.ledger.lowest();
    chain.ledger.unwind(lowest).expect("as low as it says");
    NemLedger::from_bytes(&chain.ledger.to_bytes()).expect("what was written");
}

#[test]
fn a_state_that_cannot_be_is_refused() {
    let [whole, late] = chains();
    let refused = |chain: &Chain, pointer: &str, value: Value| {
        let mut saved = saved(chain);
        *saved.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        match NemLedger::from_bytes(saved.to_string().as_bytes()) {
            Err(SaveError::Impossible(why)) => why,
            other => panic!("{pointer}: {other:?}"),
        }
    };
    let minimum = format!("/ledger/state/multisigs/{}/minimum", whole.address('b'));
    assert_eq!(refused(&whole, &minimum, json!(-1)), "a number of signatures that cannot be");
    assert_eq!(refused(&whole, &minimum, json!(4)), "a number of signatures that cannot be");
    let all = minimum.replace("minimum", "all");
    assert_eq!(refused(&whole, &all, json!([])), "a number of cosignatories that cannot be");
    let coin = "/ledger/state/mosaics/dim:coin";
    assert_eq!(refused(&whole, &format!("{coin}/terms/divisibility"), json!(7)), "terms that no definition has");
    assert_eq!(refused(&whole, &format!("{coin}/id"), json!("dim:coin@4")), "an asset that is not named by its place");
    assert_eq!(refused(&whole, &format!("{coin}/id"), json!("nem:xem")), "an asset of another name");
    assert_eq!(refused(&whole, &format!("{coin}/supply"), json!(u64::MAX)), "more of a mosaic than there can be");
    assert_eq!(
        refused(&whole, "/ledger/state/used", json!(["old:coin"])),
        "a mosaic of unknown definition in a ledger from the first block"
    );
    assert_eq!(refused(&late, "/ledger/state/used", json!(["old"])), "a name that no mosaic has");
    assert_eq!(refused(&late, "/ledger/start", json!({ "At": 1 })), "it begins late at no late height");
    assert_eq!(refused(&whole, "/ledger/tip/height", json!(u64::MAX)), "its blocks do not follow each other");
    assert_eq!(refused(&whole, "/ledger/tip", Value::Null), "it remembers blocks below none");
    assert_eq!(refused(&late, "/ledger/journal/1/below/height", json!(7)), "its blocks do not follow each other");
}

/// The places of a value that hold no others, and those of lists and maps.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(nth, item)| places(item, &format!("{at}/{nth}"), found));
        }
        Value::Object(items) => {
            items.iter().for_each(|(key, item)| places(item, &format!("{at}/{}", key.replace('/', "~1")), found));
        }
        _ => {}
    }
}

/// Something else of about the same kind.
fn bent(value: &Value, others: &[Value], dice: &mut Dice) -> Value {
    let pick = |dice: &mut Dice, len: usize| usize::try_from(dice.below(len as u64)).expect("small");
    match value {
        Value::Number(_) => {
            let numbers = [json!(0), json!(1), json!(-1), json!(33), json!(i64::MIN), json!(i64::MAX), json!(u64::MAX)];
            numbers[pick(dice, numbers.len())].clone()
        }
        Value::Array(items) if !items.is_empty() => {
            let mut items = items.clone();
            let at = pick(dice, items.len());
            if dice.below(2) == 0 {
                drop(items.remove(at))
            } else {
                items.push(items[at].clone())
            }
            Value::Array(items)
        }
        Value::Bool(is) => json!(!is),
        Value::String(_) if dice.below(2) == 0 => json!(["", "nem:xem", "a:b@1/2", "dim:coin"][pick(dice, 4)]),
        _ => others[pick(dice, others.len())].clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn whatever_is_read_goes_on_or_is_refused(seed in any::<u64>(), which in 0..2_usize, bends in 1..4) {
        let mut dice = Dice(seed);
        let mut chain = chains().into_iter().nth(which).expect("two");
        let mut saved = saved(&chain);
        for _ in 0..bends {
            let mut all = Vec::new();
            places(&saved, "", &mut all);
            let at = |dice: &mut Dice| all[usize::try_from(dice.below(all.len() as u64)).expect("small")].clone();
            let others: Vec<Value> =
                (0..4).map(|_| saved.pointer(&at(&mut dice)).expect("a place").clone()).collect();
            let place = at(&mut dice);
            let place = saved.pointer_mut(&place).expect("a place");
            *place = bent(place, &others, &mut dice);
        }
        if let Ok(ledger) = NemLedger::from_bytes(saved.to_string().as_bytes()) {
            chain.ledger = ledger;
            chain.balances = Default::default();
            go_on(&mut chain);
        }
    }
}
