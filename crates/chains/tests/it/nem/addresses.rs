//! Accounts as text, with real ones and with slips of the hand.

use std::fs;

use coinhound_chains::nem::hash::keccak256;
use coinhound_chains::nem::{Address, AddressError, Network, PublicKey};
use coinhound_testkit::tables;
use expect_test::expect;
use proptest::prelude::*;

const THIEF: &str = "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG";

fn key(text: &str) -> PublicKey {
    text.parse().expect("64 digits")
}

#[test]
fn a_key_gives_its_address_on_each_network() {
    let key = key("c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f87844");
    assert_eq!(Address::of_key(&key, Network::Main).to_string(), "NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4");
    for network in Network::ALL {
        let address = Address::of_key(&key, network);
        assert!(address.is_sound());
        assert_eq!(address.network(), Some(network));
        assert!(address.to_string().starts_with(network.letter()), "{address}");
        assert_eq!(Address::parse(&address.to_string(), network), Ok(address));
    }
}

#[test]
fn the_published_addresses_of_the_coincheck_theft_are_sound() {
    let Some(data) = tables::data_folder("the_published_addresses_of_the_coincheck_theft_are_sound") else { return };
    let text = fs::read_to_string(data.join("nem/coincheck_addresses.json")).expect("readable");
    let found: Vec<&str> = text.split('"').filter(|word| word.len() == 40 && word.starts_with('N')).collect();
    assert_eq!(found.len(), 11);
    for address in found {
        assert!(Address::parse(address, Network::Main).expect("sound").is_sound());
    }
}

#[test]
fn hyphens_case_and_space_around_do_not_matter() {
    let plain = Address::parse(THIEF, Network::Main).expect("sound");
    let shown = " nc4c6p-suw5cl-tdt5sx-agjdqj-gznesk-fk5mcn-77og\n";
    assert_eq!(Address::parse(shown, Network::Main), Ok(plain));
    assert_eq!(plain.to_string(), THIEF);
}

/// What a person reads: the error, and the hint below it.
fn said(text: &str, network: Network) -> String {
    let error = Address::parse(text, network).expect_err("refused");
    error.hint().map_or_else(|| error.to_string(), |hint| format!("{error}\nhint: {hint}"))
}

#[test]
fn a_slip_is_named_with_what_was_meant() {
    let all = [
        said("", Network::Main),
        said(&THIEF.replace("PSUW", "PSVW"), Network::Main),
        said(&THIEF.replace("CLTD", "CTLD"), Network::Main),
        said(&THIEF.replace("77OG", "770G"), Network::Main),
        said(&THIEF[..39], Network::Main),
        said(&format!("{THIEF}{THIEF}"), Network::Main),
        said(THIEF, Network::Test),
        said("d7e062d8c08329cf316289f7c1a6ae87ee07e8033f2eccd6042ba3d5c6c2ddca", Network::Main),
    ]
    .join("\n\n");
    expect![[r#"
        the address is empty

        `NC4C6PSVW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG` is mistyped: its checksum does not match
        hint: did you mean `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG`? character 8 is `V`, it should be `U`

        `NC4C6PSUW5CTLDT5SXAGJDQJGZNESKFK5MCN77OG` is mistyped: its checksum does not match
        hint: did you mean `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG`? characters 12 and 13 are swapped

        `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN770G` is not an address of NEM: character 39, `0`, does not occur in one
        hint: did you mean `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG`? character 39 is `0`, it should be `O`

        `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77O` is not an address of NEM: 39 characters, where 40 are expected
        hint: did you mean `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG`? `G` is missing as character 40

        `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OGNC4C6PSUW5CLTDT5SXAG` is not an address of NEM: 80 characters, where 40 are expected

        `NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG` is an address of nem, not of nem-testnet
        hint: ask for the network nem

        `d7e062d8c08329cf316289f7c1a6ae87ee07e8033f2eccd6042ba3d5c6c2` is not an address of NEM: 64 characters, where 40 are expected
        hint: 64 characters look like a public key or a hash, not like an address"#]].assert_eq(&all);
}

#[test]
fn an_address_of_no_network_is_told_from_a_mistyped_one() {
    let mut address = Address::of_key(&PublicKey([7; 32]), Network::Main);
    address.0[0] = 0x11;
    let refused = |address: Address| Address::parse(&address.to_string(), Network::Main).expect_err("refused");
    assert!(matches!(refused(address), AddressError::Checksum { meant: None, .. }));
    let checksum = keccak256(&address.0[..21]);
    address.0[21..].copy_from_slice(&checksum.0[..4]);
    assert!(matches!(refused(address), AddressError::Prefix { byte: 0x11, .. }));
    assert!(!address.is_sound());
}

proptest! {
    #[test]
    fn any_25_bytes_are_40_characters_and_back(bytes in proptest::array::uniform25(any::<u8>())) {
        let text = Address(bytes).to_string();
        prop_assert_eq!(text.len(), 40);
        prop_assert_eq!(Address::of_ascii(text.as_bytes()), Some(Address(bytes)));
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,120}") {
        let _ = Address::parse(&text, Network::Main).map_err(|error| (error.to_string(), error.hint()));
    }

    #[test]
    fn one_wrong_character_is_always_noticed(seed in proptest::array::uniform32(any::<u8>()), at in 0..40_usize, by in 1..32_usize) {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let address = Address::of_key(&PublicKey(seed), Network::Main);
        let mut text = address.to_string().into_bytes();
        let value = ALPHABET.iter().position(|c| *c == text[at]).expect("of the alphabet");
        text[at] = ALPHABET[(value + by) % 32];
        let text = String::from_utf8(text).expect("ascii");
        let error = Address::parse(&text, Network::Main).expect_err("a wrong character");
        prop_assert_eq!(error.meant().map(|meant| meant.text.clone()), Some(address.to_string()));
    }
}
