//! Litecoin: its parameters, its work, its blocks.

use coinhound_chains::bitcoin::header::WorkError;
use coinhound_chains::bitcoin::{Header, Network, Params, parse_block};
use coinhound_model::{BlockHash, Height};
use coinhound_testkit::floresta::unhex;

/// The one transaction of the genesis block of every network of Litecoin (`CreateGenesisBlock` in
/// Litecoin Core's `chainparams.cpp`).
fn genesis_tx() -> Vec<u8> {
    let told = "NY Times 05/Oct/2011 Steve Jobs, Apple’s Visionary, Dies at 56".as_bytes();
    let told_len = u8::try_from(told.len()).expect("short");
    let script = [&[4, 0xff, 0xff, 0, 0x1d, 1, 4, told_len], told].concat();
    let key = unhex(
        "040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f470216fe1b51850b4acf21b179c45070ac7b03a9",
    )
    .expect("hexadecimal");
    [
        &[1, 0, 0, 0, 1][..],
        &[0; 32],
        &[0xff; 4],
        &[u8::try_from(script.len()).expect("short")],
        &script,
        &[0xff, 0xff, 0xff, 0xff, 1],
        &5_000_000_000_u64.to_le_bytes(),
        &[67, 65],
        &key,
        &[0xac, 0, 0, 0, 0],
    ]
    .concat()
}

fn genesis(params: &Params) -> Header {
    let (time, bits, nonce) = match params.network {
        Network::LitecoinMain => (1_317_972_665, 0x1e0f_fff0, 2_084_524_493),
        _ => (1_296_688_602, 0x207f_ffff, 0),
    };
    let root = "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9";
    Header { version: 1, prev: BlockHash::ZERO, merkle_root: root.parse().expect("64 digits"), time, bits, nonce }
}

#[test]
fn the_genesis_blocks_hash_to_their_names_and_prove_scrypt_work() {
    for network in [Network::LitecoinMain, Network::LitecoinRegtest] {
        let params = network.params();
        let header = genesis(params);
        assert_eq!(header.hash(), params.genesis, "{network}");
        let bytes = [&header.to_bytes()[..], &[1], &genesis_tx()].concat();
        let block = parse_block(&bytes, params).expect("a genesis block is a block, its work included");
        assert_eq!((block.hash, block.txs[0].txid), (params.genesis, header.merkle_root));
    }
}

#[test]
fn a_header_of_litecoin_is_judged_by_scrypt_alone() {
    let params = Network::LitecoinMain.params();
    let header = genesis(params);
    let easiest = Params { pow_limit: Network::Regtest.params().pow_limit, ..Network::Main.params().clone() };
    let by_name = header.check_work(header.hash(), &easiest);
    assert!(matches!(by_name, Err(WorkError::NotReached { .. })), "its name reaches no such target");
    let other = Header { nonce: header.nonce ^ 1, ..header };
    assert!(matches!(other.check_work(other.hash(), params), Err(WorkError::NotReached { .. })));
    let too_easy = Header { bits: 0x1e10_0000, ..header };
    assert!(matches!(too_easy.check_work(too_easy.hash(), params), Err(WorkError::Target { .. })));
}

#[test]
fn constants_are_those_of_litecoin_core() {
    let (main, regtest) = (Network::LitecoinMain.params(), Network::LitecoinRegtest.params());
    assert_eq!(main.chain_id().0, "bip122:12a765e31ffd4059bada1e25190f6e98");
    assert_eq!(regtest.chain_id().0, "bip122:530827f38f93b43ed12af0b3ad25a288");
    assert_eq!(main.subsidy(Height(839_999)), 5_000_000_000);
    assert_eq!(main.subsidy(Height(840_000)), 2_500_000_000);
    assert_eq!(regtest.subsidy(Height(150)), 2_500_000_000);
    assert_eq!(main.block_len_max(), 4_000_000 + 21_800_195 + 4);
    assert_eq!(Network::Main.params().block_len_max(), 4_000_000);
}
