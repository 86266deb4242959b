//! Litecoin: its parameters, its work, its blocks.

use coinhound_chains::bitcoin::block::tx_bytes;
use coinhound_chains::bitcoin::files::Record;
use coinhound_chains::bitcoin::header::WorkError;
use coinhound_chains::bitcoin::headers::{HeaderError, HeaderTree};
use coinhound_chains::bitcoin::undo::{decode, decode_with, encode};
use coinhound_chains::bitcoin::{
    AddressError, Checks, Header, Network, OwnedLock, Params, address_text, lock_name, parse_address, parse_block,
    parse_block_with, parse_tx,
};
use coinhound_model::block::SpentCoin;
use coinhound_model::print::TxPrint;
use coinhound_model::{BlockHash, Height, LockKind};
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

#[test]
fn block_files_of_the_other_coin_with_the_same_magic_are_named() {
    let (bitcoin, litecoin) = (Network::Regtest.params(), Network::LitecoinRegtest.params());
    assert_eq!(bitcoin.magic, litecoin.magic);
    let root = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b".parse().expect("64 digits");
    let of_bitcoin = Header { merkle_root: root, time: 1_296_688_602, nonce: 2, ..genesis(litecoin) };
    for (asked, header, found) in
        [(litecoin, of_bitcoin, Network::Regtest), (bitcoin, genesis(litecoin), Network::LitecoinRegtest)]
    {
        assert_eq!(header.hash(), found.params().genesis);
        let mut tree = HeaderTree::new(asked);
        tree.add_records(&[Record { file: 0, offset: 8, len: 285, header, hash: header.hash() }]);
        let refused = tree.plan(None, &mut |_| None).expect_err("another network's");
        assert_eq!(refused, HeaderError::OtherNetwork { found, expected: asked.network });
    }
}

/// A block with a peg-in, a peg-out and its extension; see the note beside the file.
fn pegs() -> Vec<u8> {
    let digits: String = include_str!("fixtures/litecoin-regtest-455.hex").split_whitespace().collect();
    unhex(&digits).expect("hexadecimal")
}

fn regtest() -> &'static Params {
    Network::LitecoinRegtest.params()
}

/// Where the settling transaction of [`pegs`] lies, and the extension behind it.
fn settling() -> std::ops::Range<usize> {
    let block = pegs();
    let tx = tx_bytes(&block, 2, regtest()).expect("the third transaction");
    let start = block.windows(tx.len()).position(|window| window == tx).expect("it lies in its block");
    start..start + tx.len()
}

fn refusal(bytes: &[u8]) -> String {
    parse_block(bytes, regtest()).expect_err("another block").to_string()
}

#[test]
fn a_block_with_its_extension_reads_as_litecoin_core_reads_it() {
    let bytes = pegs();
    let block = parse_block(&bytes, regtest()).expect("a real block");
    assert_eq!(block.hash.to_string(), "dd128088c908a3707151b1be5e7d1941d6a46b3a47aaa19494f5b43583a5a4c2");
    let told = [
        ("927240caa1871bfae78ee13b5562f12662f4f0bc5abded05dfed3daee91c7214", 572),
        ("630a1e9128cca28cc66ff1a98d18d5bee0598eabf3c716ee59c935defae3fe7e", 485),
        ("a959dfb8c1b4305c3ecee575b1895cc6fc425bb29af25401b39298a84292a33b", 676),
    ];
    let read: Vec<(String, u32)> = block.txs.iter().map(|tx| (tx.txid.to_string(), tx.weight)).collect();
    assert_eq!(read, told.map(|(txid, weight)| (txid.to_owned(), weight)));
    let pools: Vec<bool> = block.txs.iter().map(|tx| tx.print.contains(TxPrint::POOL)).collect();
    assert_eq!(pools, [false, false, true]);
    // The node tells 3,983 bytes with the extension, 478 stripped, 2,057 weight units without: so 623 bytes.
    assert_eq!((bytes.len(), block.size), (3_983, 623));
    let names: Vec<&str> = (0..block.outputs.len()).map(|nth| lock_name(block.lock(nth), regtest())).collect();
    assert_eq!(names, ["P2WPKH", "OP_RETURN", "MWEB peg-in", "MWEB balance", "P2PKH"]);
    assert_eq!(address_text(block.lock(4), regtest()), "mg1yLavzbGxm7eRvHTTBrNMUPa7qQHZ7L4");
    let peg_in = address_text(block.lock(2), regtest());
    assert!(peg_in.starts_with("rltc1f"), "witness version 9: {peg_in}");
    assert_eq!(parse_address(&peg_in, regtest()).map(|lock| lock.kind), Ok(LockKind::Witness));
}

#[test]
fn each_transaction_has_the_hash_with_witness_that_litecoin_core_tells() {
    let told = [
        "178bb72986cd4da0a8f9d6dcaa120a2f6cb66f68974db2f9585e3ca32a07b592",
        "1cecc63efcc4046acf11b11ab238d6c13147f32a4e366876bccef4f9631670c9",
        "a959dfb8c1b4305c3ecee575b1895cc6fc425bb29af25401b39298a84292a33b",
    ];
    for (nth, wtxid) in told.into_iter().enumerate() {
        let bytes = pegs();
        let tx = parse_tx(tx_bytes(&bytes, nth, regtest()).expect("in the block"), regtest()).expect("a transaction");
        assert_eq!(tx.wtxid.to_string(), wtxid);
    }
}

#[test]
fn a_block_from_which_the_extension_was_left_out_is_refused() {
    let (bytes, at) = (pegs(), settling());
    // Without marker, flag, and the byte before the lock time: the same names, root and work.
    let body = &bytes[at.start + 6..at.end - 5];
    let stripped = [&bytes[..at.start + 4], body, &bytes[at.end - 4..at.end]].concat();
    assert_eq!(
        refusal(&stripped),
        "the block at height 455 lacks its extension: was it asked of a node that does not serve extension blocks?"
    );
    let marked = &bytes[..at.end];
    assert!(refusal(marked).contains("expected extension block, but the bytes end"), "{}", refusal(marked));
    let none = [marked, &[0]].concat();
    assert!(refusal(&none).contains("expected extension block, but its value is not allowed"), "{}", refusal(&none));
}

#[test]
fn an_extension_of_another_block_is_refused() {
    let (bytes, at) = (pegs(), settling());
    let alter = |offset: usize| {
        let mut bytes = bytes.clone();
        bytes[at.end + offset] ^= 1;
        refusal(&bytes)
    };
    // Behind the byte that says it is there: the height (two bytes), five hashes, two sizes.
    assert!(alter(3).contains("the extension block's header hashes to"), "{}", alter(3));
    // The last byte of the last kernel's signature: it pays out, and takes nothing in. Nothing is lost by not reading it.
    let last = bytes.len() - at.end - 1;
    let mut signature = bytes.clone();
    signature[at.end + last] ^= 1;
    assert_eq!(parse_block(&signature, regtest()), parse_block(&bytes, regtest()), "nothing of it is kept");
    // The peg-out in that kernel: its script ends before the stealth excess, the excess and the signature.
    assert_eq!(
        alter(last - 64 - 33 - 33),
        "the extension block tells other peg-outs than the transaction that settles it pays"
    );
    // Any byte of the kernel that takes the peg-in changes the name that the peg-in calls it by.
    let first_kernel_end = last + 1 - LAST_KERNEL_LEN;
    assert_eq!(alter(first_kernel_end - 1), "the extension block tells other peg-ins than the block has");
}

/// The last kernel of [`pegs`]: features, fee, one peg-out to a P2PKH script, stealth excess, excess, signature.
const LAST_KERNEL_LEN: usize = 1 + 2 + (1 + 4 + 1 + 25) + 33 + 33 + 64;

#[test]
fn only_the_last_transaction_may_settle_the_extension() {
    let (bytes, at) = (pegs(), settling());
    let settles = &bytes[at.clone()];
    let twice = [&bytes[..80], &[4], &bytes[81..at.start], settles, &bytes[at.start..]].concat();
    assert!(refusal(&twice).ends_with("settles the extension block, which only a block's last may"));
    // Bitcoin knows no such flag.
    let refused = parse_tx(settles, Network::Regtest.params()).expect_err("no transaction of Bitcoin");
    assert_eq!(refused.to_string(), "byte 5: expected segwit flag, but its value is not allowed");
    assert!(parse_tx(settles, regtest()).is_ok());
}

#[test]
fn a_cut_or_damaged_block_with_extension_never_panics() {
    let bytes = pegs();
    let parse = |bytes: &[u8]| parse_block_with(bytes, regtest(), Checks { work: false, witness: true });
    for cut in 0..bytes.len() {
        assert!(parse(&bytes[..cut]).is_err());
    }
    for bit in (8 * Header::LEN..8 * bytes.len()).step_by(11) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        if let Ok(block) = parse(&damaged) {
            assert_eq!(Ok(block), parse(&bytes), "only what is not kept may differ");
        }
    }
}

#[test]
fn undo_data_of_litecoin_mark_peg_outs_and_end_with_the_extensions() {
    let lock = OwnedLock::of_script(&[&[0, 20][..], &[7; 20]].concat());
    let coin = |height| SpentCoin { value: 5, kind: lock.kind, payload: lock.payload.clone(), height, coinbase: false };
    let marked = encode(&[vec![coin(Height((1 << 30) + 455))]]);
    let undo = [&marked[..], b"what takes back the extension"].concat();
    assert_eq!(decode_with(&undo, regtest()), Ok(vec![vec![coin(Height(455))]]));
    assert!(decode(&undo).is_err(), "Bitcoin has neither");
}

#[test]
fn addresses_read_in_both_forms_and_print_in_one() {
    let main = Network::LitecoinMain.params();
    // One script, as Litecoin wrote it before 2017 (and Bitcoin writes it), and as it has written it since.
    let (old, new) = ("3MSvaVbVFFLML86rt5eqgA9SvW23upaXdY", "MTf4tP1TCNBn8dNkyxeBVoPrFCcVzxJvvh");
    let script = parse_address(new, main).expect("an address");
    assert_eq!((script.kind, address_text(script.as_lock(), main).as_str()), (LockKind::ScriptHash, new));
    assert_eq!(parse_address(old, main), Ok(script.clone()));
    assert_eq!(address_text(script.as_lock(), Network::Main.params()), old);
    for (text, kind, network) in [
        ("LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9", LockKind::PubKeyHash, Network::LitecoinMain),
        ("QSa33u1kVpy3MKHEdLGfEUmY448S37VPkc", LockKind::ScriptHash, Network::LitecoinRegtest),
        ("rltc1qhvn9hl5k5qznv208ty84cx9g4qgeeauf6acjda", LockKind::WitnessPubKeyHash, Network::LitecoinRegtest),
    ] {
        let lock = parse_address(text, network.params()).expect(text);
        assert_eq!((lock.kind, address_text(lock.as_lock(), network.params()).as_str()), (kind, text));
    }
}

#[test]
fn an_address_inside_the_extension_is_named_as_such() {
    let inside = "tmweb1qqvaxtuvj75ljelk4uknwfg7hjgzdk62uhm03xv8rhhpaa7jrgv5cwqculuxqqzsxrkl45ayz5qzdg76kenfcwpt7khw0es2lcr2r4frvqqsy50ga";
    let main = Network::LitecoinMain.params();
    for params in [regtest(), main, Network::Main.params()] {
        let refused = parse_address(inside, params).expect_err("not on the ledger");
        assert!(matches!(refused, AddressError::Extension { .. }), "{refused}");
        assert!(refused.hint().is_some_and(|hint| hint.contains("peg-out")), "{:?}", refused.hint());
    }
}
