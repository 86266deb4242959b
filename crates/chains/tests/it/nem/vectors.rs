//! Made transactions on which `nem-sdk` and `symbol-sdk` agree: `made-by-sdks.json`, see its `.source.md`.

use std::collections::BTreeSet;

use coinhound_chains::nem::{Body, SignedTransaction, decode_transaction, encode, parse_transaction};
use serde_json::Value;

use crate::nem::examples::changed;

struct Vector {
    hash: String,
    bytes: Vec<u8>,
    told: Value,
    signed: SignedTransaction,
}

fn vectors() -> Vec<Vector> {
    let all: Vec<Value> = serde_json::from_str(include_str!("made-by-sdks.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let unhex = |digits: String| data_encoding::HEXLOWER.decode(digits.as_bytes()).expect("hexadecimal");
    let vector = |value: &Value| Vector {
        hash: text(&value["hash"]),
        bytes: unhex(text(&value["bytes"])),
        told: value["transaction"].clone(),
        signed: parse_transaction(&value["transaction"].to_string()).expect("sound"),
    };
    all.iter().map(vector).collect()
}

#[test]
fn every_type_and_version_is_among_them() {
    let kinds = |body: &Body| (body.kind(), body.version());
    let vectors = vectors();
    let alone: BTreeSet<_> = vectors.iter().map(|vector| kinds(&vector.signed.transaction.body)).collect();
    let inside = vectors.iter().filter_map(|vector| match &vector.signed.transaction.body {
        Body::Multisig(multisig) => Some(kinds(&multisig.inner.body)),
        _ => None,
    });
    let expected =
        [(257, 1), (257, 2), (2049, 1), (4097, 1), (4097, 2), (4098, 1), (4100, 1), (8193, 1), (16385, 1), (16386, 1)];
    assert!(alone.iter().eq(&expected), "{alone:?}");
    assert_eq!(inside.collect::<BTreeSet<_>>().len(), expected.len() - 2);
    assert_eq!(vectors.len(), 33);
}

#[test]
fn json_and_bytes_tell_the_same_and_hash_and_verify_as_the_sdks_say() {
    for Vector { hash, bytes, told, signed } in vectors() {
        assert_eq!(encode::signed(&signed), bytes, "{told}");
        assert_eq!(decode_transaction(&bytes), Ok(signed.clone()), "{told}");
        assert_eq!(signed.hash().to_string(), hash, "{told}");
        signed.verify().unwrap_or_else(|error| panic!("{error}: {told}"));
    }
}

#[test]
fn no_field_of_any_type_can_be_changed_unnoticed() {
    let mut lies = 0;
    for Vector { told, signed, .. } in vectors() {
        for lie in changed(&told) {
            lies += 1;
            let Ok(read) = parse_transaction(&lie.to_string()) else { continue };
            assert!(read != signed && read.verify().is_err(), "{lie}");
        }
    }
    assert!(lies > 700, "{lies}");
}

#[test]
fn no_bit_of_any_type_can_be_flipped_unnoticed() {
    for Vector { bytes, .. } in vectors() {
        for at in (0..bytes.len() * 8).step_by(3) {
            let mut bytes = bytes.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            let believed = decode_transaction(&bytes).ok().filter(|signed| signed.verify().is_ok());
            assert_eq!(believed, None, "bit {at}");
        }
    }
}
