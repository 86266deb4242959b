//! Addresses in the forms of the field, and what is said of wrong ones.

use coinhound_chains::bitcoin::address::Correction;
use coinhound_chains::bitcoin::{AddressError, Network, OwnedLock, Params, address_text, lock_script, parse_address};
use coinhound_model::LockKind;
use coinhound_testkit::floresta::unhex;
use proptest::prelude::*;

fn main_net() -> &'static Params {
    Network::Main.params()
}

fn error(text: &str) -> AddressError {
    parse_address(text, main_net()).expect_err(text)
}

#[test]
fn vectors_of_bip_173_and_350_read_to_their_scripts() {
    // BIP 350, "test vectors for v0-v16 native segregated witness addresses".
    for (network, text, script) in [
        (Network::Main, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
        (
            Network::Testnet3,
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        ),
        (
            Network::Main,
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
        ),
        (Network::Main, "BC1SW50QGDZ25J", "6002751e"),
        (Network::Main, "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323"),
        (
            Network::Testnet3,
            "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
            "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        (
            Network::Testnet4,
            "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
            "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        (
            Network::Main,
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        ),
        (Network::Main, "bc1pfeessrawgf", "51024e73"),
    ] {
        let lock = parse_address(text, network.params()).expect(text);
        assert_eq!(Some(lock_script(lock.as_lock())), unhex(script), "{text}");
        assert_eq!(address_text(lock.as_lock(), network.params()), text.to_lowercase());
    }
}

#[test]
fn invalid_vectors_of_bip_350_are_refused_for_their_reason() {
    let refused = |text: &str| match error(text) {
        AddressError::Prefix { .. } => "prefix",
        AddressError::WrongNetwork { .. } => "network",
        AddressError::Variant { .. } => "variant",
        AddressError::Program { .. } => "program",
        AddressError::Character { .. } => "character",
        AddressError::MixedCase { .. } => "case",
        AddressError::Checksum { .. } => "checksum",
        _ => "other",
    };
    for (text, reason) in [
        ("tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", "prefix"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "variant"),
        ("BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "variant"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "variant"),
        ("tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "network"),
        ("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "character"),
        ("BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", "program"),
        ("bc1pw5dgrnzv", "program"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", "program"),
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "program"),
        ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", "case"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "program"),
        ("bc1gmk9yu", "program"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum"),
    ] {
        assert_eq!(refused(text), reason, "{text}: {}", error(text));
    }
}

#[test]
fn legacy_addresses_read_and_name_their_network() {
    let coinbase = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let lock = parse_address(coinbase, main_net()).expect("an address");
    assert_eq!((lock.kind, address_text(lock.as_lock(), main_net()).as_str()), (LockKind::PubKeyHash, coinbase));
    let script = "3P14159f73E4gFr7JterCCQh9QjiTjiZrG";
    assert_eq!(parse_address(script, main_net()).map(|lock| lock.kind), Ok(LockKind::ScriptHash));
    let on_testnet = address_text(lock.as_lock(), Network::Testnet4.params());
    let refused = parse_address(&on_testnet, main_net()).expect_err("another network");
    let shown = refused.to_string();
    assert!(
        shown.ends_with("is an address of testnet3, testnet4, signet, regtest or litecoin-regtest, not of main"),
        "{shown}"
    );
    let litecoin = error("LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9").to_string();
    assert!(litecoin.ends_with("is an address of litecoin, not of main"), "{litecoin}");
}

#[test]
fn a_private_key_is_recognised_and_not_taken() {
    let refused = error("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ");
    assert!(refused.to_string().contains("private keys"), "{refused}");
}

fn check_slip(typed: &str, meant: &str, slip: &str) {
    let refused = error(typed);
    let Some(Correction { text, slip: found }) = refused.meant() else { panic!("nothing offered for {typed}") };
    assert_eq!((text.as_str(), found.to_string().as_str()), (meant, slip), "{typed}");
    assert!(refused.hint().is_some_and(|hint| hint.contains(meant)));
}

#[test]
fn one_slip_is_found_and_named() {
    let legacy = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    check_slip("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", legacy, "character 34 is `b`, it should be `a`");
    check_slip("1A1zP1eP5QGefi2DMPTfTL5SLmv7DvifNa", legacy, "characters 30 and 31 are swapped");
    check_slip("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivffNa", legacy, "character 32 is one too many");
    check_slip("1A1zPeP5QGefi2DMPTfTL5SLmv7DivfNa", legacy, "`1` is missing as character 6");
    let segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    check_slip("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", segwit, "character 42 is `5`, it should be `4`");
    check_slip("bc1qw508d6qejxtgd4y5r3zarvary0c5xw7kv8f3t4", segwit, "characters 16 and 17 are swapped");
    check_slip("bc1qw508d6qejxtdg4y5r3zarvry0c5xw7kv8f3t4", segwit, "`a` is missing as character 27");
}

#[test]
fn characters_that_look_alike_are_read_right() {
    let legacy = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    check_slip("lA1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", legacy, "character 1 is `l`, it should be `1`");
    check_slip("lAIzPleP5QGefi2DMPTfTL5SLmv7DivfNa", legacy, "characters that look alike were confused");
    let segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    check_slip("bc1qw5o8d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", segwit, "character 7 is `o`, it should be `0`");
    check_slip("bclqw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", segwit, "character 3 is `l`, it should be `1`");
}

#[test]
fn two_slips_are_not_guessed() {
    let refused = error("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfXX");
    assert!(refused.meant().is_none() && refused.hint().is_some_and(|hint| hint.contains("copy the address again")));
}

#[test]
fn texts_that_are_no_address_are_told_so() {
    assert_eq!(parse_address("  ", main_net()), Err(AddressError::Empty));
    assert!(matches!(error("abc"), AddressError::Length { length: 3, .. }));
    assert!(matches!(error("pk:xyz"), AddressError::Hex { .. }));
    assert_eq!(error("pk:00"), AddressError::Key);
    assert!(matches!(error("script:0"), AddressError::Hex { .. }));
    let long = "1".repeat(1_000_000);
    assert!(error(&long).to_string().len() < 1_000, "an error does not repeat a megabyte");
    for text in ["é".repeat(40), format!("bc1{}", "é".repeat(30)), "bc1".into(), "1".into(), "pk:".into()] {
        let _ = error(&text);
    }
}

#[test]
fn locks_without_an_address_print_unlike_any_other() {
    let key = [vec![2], vec![9; 32]].concat();
    let p2pk = OwnedLock::of_script(&[&[33], &key[..], &[0xac]].concat());
    let text = address_text(p2pk.as_lock(), main_net());
    assert_eq!(text, format!("pk:02{}", "09".repeat(32)));
    assert_eq!(parse_address(&text, main_net()), Ok(p2pk));
    for script in [vec![], vec![0x51], vec![0x6a, 1, 2], vec![0, 3, 1, 2, 3], vec![0x61; 10_001]] {
        let lock = OwnedLock::of_script(&script);
        let text = address_text(lock.as_lock(), main_net());
        assert!(text.starts_with("script:"));
        assert_eq!(parse_address(&text, main_net()), Ok(lock));
    }
}

fn network() -> impl Strategy<Value = Network> {
    proptest::sample::select(Network::ALL.as_slice())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_lock_prints_and_reads_back(script in proptest::collection::vec(any::<u8>(), 0..50), network in network()) {
        let lock = OwnedLock::of_script(&script);
        let text = address_text(lock.as_lock(), network.params());
        prop_assert_eq!(parse_address(&text, network.params()), Ok(lock));
    }

    #[test]
    fn every_program_prints_and_reads_back(version in 0..=16_u8, program in proptest::collection::vec(any::<u8>(), 2..=40), network in network()) {
        let opcode = if version == 0 { 0 } else { 0x50 + version };
        let len = u8::try_from(program.len()).expect("at most 40");
        let lock = OwnedLock::of_script(&[&[opcode, len], program.as_slice()].concat());
        let text = address_text(lock.as_lock(), network.params());
        prop_assert_eq!(parse_address(&text, network.params()), Ok(lock));
    }

    #[test]
    fn no_text_makes_address_reading_panic(text in "\\PC{0,60}", hrp in "(bc1|tb1|1|3|pk:|script:|)") {
        let _ = parse_address(&format!("{hrp}{text}"), main_net());
    }
}
