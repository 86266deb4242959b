//! Ten real transactions of the main network: `mainnet.json`, see `mainnet.source.md`.

use coinhound_chains::nem::json::Pair;
use coinhound_chains::nem::{
    Body, JsonError, SignedTransaction, decode_transaction, decode_unsigned, encode, parse_pair, parse_pairs,
};
use expect_test::expect;
use serde_json::{Value, json};

const MAINNET: &str = include_str!("mainnet.json");

fn pairs() -> Vec<Pair> {
    parse_pairs(MAINNET).expect("hashes that agree")
}

fn values() -> Vec<Value> {
    let page: Value = serde_json::from_str(MAINNET).expect("JSON");
    page["data"].as_array().expect("a list").clone()
}

#[test]
fn the_hashes_told_are_those_computed_and_the_signatures_hold() {
    let pairs = pairs();
    assert_eq!(pairs.len(), 10);
    for pair in &pairs {
        pair.signed.verify().unwrap_or_else(|error| panic!("{}: {error}", pair.signed.hash()));
    }
    let all: Vec<String> = pairs.iter().map(line).collect();
    expect![[r#"
        86a1a104 1412114 v1 1001000000 [] None
        d64bc539 1561629 v2 4060230000 [] Some("438496")
        ef59aea3 1378347 v2 1000000 ["2000000000 nem:xem"] None
        ef33af9b 987691 v2 2000000 ["1000000 nem:xem", "1 nextem:nex"] None
        da210ebf 987623 v2 0 ["1000000 nem:xem"] None
        3eef4c05 1562196 multisig with 1 cosignatures, inside c74f36e3: v1 868000000 [] Some("100918823")
        96f8d047 528781 multisig with 1 cosignatures, inside dd221824: v2 100000000 [] None
        1ba14816 1384326 multisig with 1 cosignatures, inside 1b8aa2f8: v2 1000000 ["5123456 nem:xem"] None
        169082bb 1553734 multisig with 0 cosignatures, inside 15fb73d6: v2 100000000 ["100 nem:xem"] Some("643b77ec223a4a1e")
        ac0184ee 1553900 multisig with 0 cosignatures, inside cea83301: v2 0 ["120000 nem:xem"] Some("wHjQCWpl")"#]].assert_eq(&all.join("\n"));
}

/// Hash, height and what it is, on one line.
fn line(pair: &Pair) -> String {
    let (signed, body) = (&pair.signed, &pair.signed.transaction.body);
    let (outer, height) = (signed.hash().to_string(), pair.height.expect("in a block"));
    let Body::Multisig(multisig) = body else { return format!("{} {height} {}", &outer[..8], transfer(body)) };
    let inner = signed.inner_hash().expect("multisig").to_string();
    let (count, inside) = (multisig.cosignatures.len(), transfer(&multisig.inner.body));
    format!("{} {height} multisig with {count} cosignatures, inside {}: {inside}", &outer[..8], &inner[..8])
}

fn transfer(body: &Body) -> String {
    let Body::Transfer(transfer) = body else { panic!("all ten are transfers in the end") };
    let message = transfer.message.as_ref().map(|m| String::from_utf8_lossy(&m.payload).into_owned());
    let mosaics = transfer.mosaics.iter().flatten();
    let mosaics: Vec<_> = mosaics.map(|m| format!("{} {}:{}", m.quantity, m.id.namespace, m.id.name)).collect();
    format!("v{} {} {mosaics:?} {message:?}", body.version(), transfer.amount)
}

#[test]
fn the_binary_form_reads_back_to_what_json_told() {
    for Pair { signed, .. } in pairs() {
        assert_eq!(decode_transaction(&encode::signed(&signed)), Ok(signed.clone()));
        let hashed = encode::unsigned(&signed.transaction);
        assert_eq!(decode_unsigned(&hashed).expect("sound").hash(), signed.hash());
    }
    assert_eq!(encode::unsigned(&pairs()[0].signed.transaction).len(), 116);
}

/// Every number and text within, changed one at a time.
pub fn changed(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            vec![json!(number.as_i64().expect("small") + 1)]
        }
        Value::String(text) if text.len() > 40 => {
            let last = if text.ends_with('0') { "1" } else { "0" };
            vec![json!(format!("{}{last}", &text[..text.len() - 1]))]
        }
        Value::String(text) if text.len() == 40 => vec![json!("NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5")],
        Value::String(text) => vec![json!(format!("{text}61"))],
        Value::Array(items) => {
            let each = items.iter().enumerate().flat_map(|(at, item)| {
                changed(item).into_iter().map(move |new| {
                    let mut items = items.clone();
                    items[at] = new;
                    Value::Array(items)
                })
            });
            each.collect()
        }
        Value::Object(fields) => {
            let each = fields.iter().flat_map(|(name, field)| {
                changed(field).into_iter().map(move |new| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), new);
                    Value::Object(fields)
                })
            });
            each.collect()
        }
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

#[test]
fn no_field_of_a_transaction_can_be_changed_unnoticed() {
    let mut lies = 0;
    for pair in values() {
        for transaction in changed(&pair["transaction"]) {
            let lie = json!({"meta": pair["meta"], "transaction": transaction});
            lies += 1;
            let believed = parse_pair(&lie.to_string()).ok().filter(|pair| pair.signed.verify().is_ok());
            assert!(believed.is_none(), "{lie}");
        }
    }
    assert!(lies > 150, "{lies}");
}

#[test]
fn a_hash_that_is_not_the_transaction_s_is_refused() {
    let values = values();
    let mut lie = values[0].clone();
    lie["meta"]["hash"] = values[1]["meta"]["hash"].clone();
    let error = parse_pair(&lie.to_string()).expect_err("refused");
    assert!(matches!(&error, JsonError::Hash { path, .. } if path == "$.meta.hash"), "{error}");
    let mut lie = values[5].clone();
    lie["meta"]["innerHash"] = values[6]["meta"]["innerHash"].clone();
    let error = parse_pair(&lie.to_string()).expect_err("refused");
    assert!(matches!(&error, JsonError::Hash { path, .. } if path == "$.meta.innerHash"), "{error}");
}

#[test]
fn a_cosignature_stands_for_one_transaction_alone() {
    let multisigs: Vec<SignedTransaction> =
        pairs().into_iter().map(|pair| pair.signed).filter(|signed| signed.inner_hash().is_some()).collect();
    let mut mixed = multisigs[0].clone();
    let Body::Multisig(other) = &multisigs[1].transaction.body else { panic!("multisig") };
    let foreign = other.cosignatures.clone();
    let Body::Multisig(multisig) = &mut mixed.transaction.body else { panic!("multisig") };
    multisig.cosignatures = foreign;
    assert_eq!(mixed.hash(), multisigs[0].hash(), "cosignatures are no part of the hash");
    let error = mixed.verify().expect_err("refused");
    assert_eq!(error.to_string(), "cosignature 0 is for another transaction");
}
