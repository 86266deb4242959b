//! Bytes and JSON that are damaged, cut short, or made up: an error or another object, never a panic.

use coinhound_chains::nem::decode::Fault;
use coinhound_chains::nem::{
    DecodeError, decode_block, decode_transaction, decode_unsigned, encode, json, parse_block, parse_explorer_block,
    parse_pair, parse_pairs, parse_transaction,
};
use proptest::prelude::*;

use crate::nem::made;

const MAINNET: &str = include_str!("mainnet.json");
const MADE: &str = include_str!("made-by-sdks.json");

/// All readers of bytes at once.
fn read_bytes(bytes: &[u8]) {
    let _ = decode_transaction(bytes).map_err(|error| error.to_string());
    let _ = decode_unsigned(bytes).map_err(|error| error.to_string());
    let _ = decode_block(bytes).map_err(|error| error.to_string());
}

/// All readers of JSON at once.
fn read_json(text: &str) {
    let _ = parse_transaction(text).map_err(|error| error.to_string());
    let _ = parse_block(text).map_err(|error| error.to_string());
    let _ = parse_pair(text).map_err(|error| error.to_string());
    let _ = parse_pairs(text).map_err(|error| error.to_string());
    let _ = parse_explorer_block(text).map_err(|error| error.to_string());
    let _ = json::parse_explorer_blocks(text).map_err(|error| error.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_bytes(&bytes);
    }

    #[test]
    fn whatever_is_read_from_damaged_bytes_writes_back_to_them(
        signed in made::signed(),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = encode::signed(&signed);
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read_bytes(&bytes);
        if let Ok(read) = decode_transaction(&bytes) {
            prop_assert_eq!(encode::signed(&read), bytes);
        }
    }

    #[test]
    fn whatever_is_read_from_a_damaged_block_writes_back_to_it(
        block in made::block(),
        at in any::<prop::sample::Index>(),
        word in any::<u32>(),
    ) {
        let mut bytes = encode::block(&block);
        let at = at.index(bytes.len() - 4);
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        if let Ok(read) = decode_block(&bytes) {
            prop_assert_eq!(encode::block(&read), bytes);
        }
    }

    #[test]
    fn every_cut_and_every_addition_is_refused(signed in made::signed(), at in any::<prop::sample::Index>()) {
        let mut bytes = encode::signed(&signed);
        prop_assert!(decode_transaction(&bytes[..at.index(bytes.len())]).is_err());
        bytes.push(0);
        let (offset, fault) = (bytes.len() - 1, Fault::Trailing { got: 1 });
        prop_assert_eq!(decode_transaction(&bytes), Err(DecodeError { offset, field: "end", fault }));
    }

    #[test]
    fn no_change_of_any_type_s_json_makes_reading_panic(
        line in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        len in 0..12_usize,
        put in "[0-9a-fN\\[\\]{}\",:.e-]{0,6}",
    ) {
        let line = MADE.lines().nth(1 + line.index(33)).expect("one of 33").trim_end_matches([',', '}']);
        let text = format!("{}}}", line.split_once("\"transaction\":").expect("in each").1);
        prop_assert!(parse_transaction(&text).is_ok());
        let Some(start) = (at.index(text.len())..text.len()).find(|at| text.is_char_boundary(*at)) else { return Ok(()) };
        let end = (start + len..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        read_json(&format!("{}{put}{}", &text[..start], &text[end..]));
    }

    #[test]
    fn no_change_of_json_makes_reading_panic(
        at in any::<prop::sample::Index>(),
        len in 0..12_usize,
        put in "[0-9a-fN\\[\\]{}\",:.e-]{0,6}",
    ) {
        let line = MAINNET.lines().nth(1 + at.index(10)).expect("one of ten").trim_end_matches(',');
        let start = at.index(line.len());
        let end = (start + len).min(line.len());
        read_json(&format!("{}{put}{}", &line[..start], &line[end..]));
        read_json(&MAINNET.replacen(&line[start..end], &put, 1));
    }
}

#[test]
fn a_count_of_four_billion_costs_nothing() {
    let Ok(pairs) = parse_pairs(MAINNET) else { panic!("sound") };
    let mut bytes = encode::signed(&pairs[1].signed);
    let at = bytes.len() - 4; // the count of mosaics, which is zero, ends a transfer of version 2
    bytes[at..].copy_from_slice(&u32::MAX.to_le_bytes());
    let (field, fault) = ("mosaics", Fault::TooMany { got: u32::MAX.into() });
    assert_eq!(decode_transaction(&bytes), Err(DecodeError { offset: at, field, fault }));
}

#[test]
fn transactions_do_not_nest_deeper_than_one_in_another() {
    let Ok(pairs) = parse_pairs(MAINNET) else { panic!("sound") };
    let multisig = &pairs[8].signed;
    let bytes = encode::unsigned(&multisig.transaction);
    let inner_at = 4 + 4 + 4 + 36 + 8 + 4;
    let mut nested = bytes[..inner_at].to_vec();
    nested.extend(u32::try_from(bytes.len()).expect("short").to_le_bytes());
    nested.extend(&bytes);
    let error = decode_unsigned(&nested).expect_err("refused");
    assert_eq!((error.field, error.fault), ("transaction type", Fault::Value { got: 0x1004 }));
    let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse_block(&text).is_err(), "brackets without end are no JSON worth a stack");
}

#[test]
fn an_error_says_where_and_what() {
    let Ok(pairs) = parse_pairs(MAINNET) else { panic!("sound") };
    let bytes = encode::signed(&pairs[0].signed);
    let error = decode_transaction(&bytes[..60]).expect_err("cut");
    assert_eq!(error.to_string(), "byte 52: signature: needs 64 bytes, 8 are left");
    let text = MAINNET.replacen("\"fee\": 50000", "\"fee\": -1", 1);
    let error = parse_pairs(&text).expect_err("refused");
    assert_eq!(error.to_string(), "$.data[0].transaction.fee: expected a number of 64 bits, not negative, got -1");
    let text = MAINNET.replacen("\"signer\"", "\"singer\"", 1);
    let error = parse_pairs(&text).expect_err("refused");
    assert_eq!(error.to_string(), "$.data[0].transaction.signer is missing");
}
