//! Real blocks: every one parses, links and says what its chain says.

use std::collections::BTreeMap;
use std::path::Path;

use coinhound_chains::bitcoin::block::{height_in_coinbase, tx_bytes};
use coinhound_chains::bitcoin::hash::double_sha256;
use coinhound_chains::bitcoin::{
    BlockDir, Checks, Header, HeaderTree, Network, Params, address_text, parse_block, parse_block_with, parse_tx,
};
use coinhound_model::print::{InputPrint, TxPrint};
use coinhound_model::{BlockHash, Height, LockKind};
use coinhound_testkit::{floresta, tables};

fn data(test: &str) -> Option<std::path::PathBuf> {
    tables::data_folder(test)
}

fn main_net() -> &'static Params {
    Network::Main.params()
}

/// A folder with the first 4,313 blocks as a node would hold them.
fn first_blocks(data: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bytes = std::fs::read(data.join("bitcoin/blk00000-heights-0-4312.dat")).expect("the block file is readable");
    std::fs::write(folder.path().join("blk00000.dat"), bytes).expect("writable");
    folder
}

#[test]
fn heights_0_to_4312_all_parse_and_link() {
    let Some(data) = data("heights_0_to_4312_all_parse_and_link") else { return };
    let folder = first_blocks(&data);
    let dir = BlockDir::open(folder.path(), main_net()).expect("a block folder");
    let scan = dir.scan(&mut |_| ()).expect("readable");
    assert_eq!((scan.records.len(), scan.notices.len()), (4_313, 0));
    let mut tree = HeaderTree::new(main_net());
    tree.add_records(&scan.records);
    let plan = tree.plan(None, &mut |_| None).expect("genesis is there");
    assert_eq!((plan.first, plan.blocks.len(), plan.stale), (Height(0), 4_313, 0));
    assert!(plan.gaps.is_empty() && plan.refused.is_empty() && plan.unchecked.is_empty() && plan.rivals.is_empty());

    let (mut txs, mut inputs, mut paid) = (0, 0, 0_u64);
    let mut reader = dir.reader();
    for planned in &plan.blocks {
        let bytes = reader.read(&scan.records[planned.record]).expect("readable");
        let block = parse_block(bytes, main_net()).expect("a real block");
        txs += block.txs.len();
        inputs += block.inputs.len();
        let coinbase = usize::try_from(block.txs[0].output_end).expect("small");
        paid += block.outputs[..coinbase].iter().map(|output| output.value).sum::<u64>();
        assert!(block.outputs.iter().all(|output| matches!(output.kind, LockKind::PubKey | LockKind::PubKeyHash)));
    }
    assert_eq!((txs, inputs, paid), (4_371, 247, 21_565_201_000_000));
}

#[test]
fn ten_thousand_headers_hold_their_work_and_retargets() {
    let Some(data) = data("ten_thousand_headers_hold_their_work_and_retargets") else { return };
    let packed = std::fs::read(data.join("bitcoin/headers-mainnet-0-10236.zst")).expect("readable");
    let bytes = zstd::decode_all(packed.as_slice()).expect("zstd");
    let (headers, rest) = bytes.as_chunks::<80>();
    assert_eq!((headers.len(), rest.len()), (10_237, 0));
    let mut tree = HeaderTree::new(main_net());
    tree.add_records(&crate::headers::records(headers));
    let plan = tree.plan(None, &mut |_| None).expect("genesis is there");
    assert_eq!(plan.tip.map(|tip| tip.height), Some(Height(10_236)));
    assert!(plan.refused.is_empty() && plan.unchecked.is_empty());
}

#[test]
fn a_partial_range_says_which_retargets_it_could_not_check() {
    let Some(data) = data("a_partial_range_says_which_retargets_it_could_not_check") else { return };
    let packed = std::fs::read(data.join("bitcoin/headers-mainnet-0-10236.zst")).expect("readable");
    let bytes = zstd::decode_all(packed.as_slice()).expect("zstd");
    let (headers, _) = bytes.as_chunks::<80>();
    let mut tree = HeaderTree::new(main_net());
    tree.add_records(&crate::headers::records(&headers[3_000..]));
    let plan = tree.plan(Some(Height(3_000)), &mut |_| None).expect("a start is given");
    assert_eq!((plan.first, plan.tip.map(|tip| tip.height)), (Height(3_000), Some(Height(10_236))));
    assert_eq!(plan.unchecked, [Height(4_032)], "the period before it began at 2016");
    // The store's own headers are a period too.
    let mut tree = HeaderTree::new(main_net());
    tree.add_stored(Height(2_000), &headers[2_000..3_001]);
    tree.add_records(&crate::headers::records(&headers[3_001..]));
    let plan = tree.plan(None, &mut |_| None).expect("the store knows its height");
    assert_eq!((plan.fork.map(|tip| tip.height), plan.blocks.len()), (Some(Height(3_000)), 7_236));
    assert_eq!(plan.unchecked, [Height(2_016)]);
}

/// The headers as a node tells them.
fn named(headers: &[[u8; 80]]) -> Vec<(BlockHash, Header)> {
    headers.iter().map(Header::from_bytes).map(|header| (header.hash(), header)).collect()
}

#[test]
fn above_any_fork_the_context_is_enough_to_check_every_target_and_time() {
    let Some(data) = data("above_any_fork_the_context_is_enough_to_check_every_target_and_time") else { return };
    let packed = std::fs::read(data.join("bitcoin/headers-mainnet-0-10236.zst")).expect("readable");
    let bytes = zstd::decode_all(packed.as_slice()).expect("zstd");
    let (headers, _) = bytes.as_chunks::<80>();
    let tip = named(&headers[10_236..])[0].0;
    for fork in [0, 5, 2_015, 2_016, 2_017, 4_031, 4_033, 8_070, 10_235, 10_236] {
        let first = HeaderTree::context_of(Height(fork));
        let (first_at, fork_at) = (first.0 as usize, fork as usize);
        assert!(first_at == 0 || (fork_at - first_at >= 10 && first_at < fork_at / 2_016 * 2_016), "{first}");
        let tree = |first: usize| {
            let mut tree = HeaderTree::new(main_net());
            tree.add_stored(Height(u32::try_from(first).expect("small")), &headers[first..=fork_at]);
            tree.add_headers(&named(&headers[fork_at + 1..])).expect("they prove their work");
            tree
        };
        let course = tree(first_at).course(tip, Height(0)).expect("it hangs together");
        assert_eq!(course.plan.blocks.len(), 10_236 - fork_at);
        assert!(
            course.plan.unchecked.is_empty() && course.plan.refused.is_empty(),
            "{fork}: {:?}",
            course.plan.unchecked
        );
        if fork_at % 2_016 > 10 && fork < 10_080 {
            let course = tree(fork_at).course(tip, Height(0)).expect("it hangs together");
            assert_eq!(course.plan.unchecked.len(), 1, "without context the first retarget is not checked");
        }
    }
}

#[test]
fn full_blocks_pay_the_fees_their_coinbase_takes() {
    let Some(data) = data("full_blocks_pay_the_fees_their_coinbase_takes") else { return };
    for (height, fees) in floresta::BLOCKS {
        let bytes = floresta::block(&data, height);
        let block = parse_block(&bytes, main_net()).expect("a real block");
        assert_eq!(height_in_coinbase(&bytes[..300], main_net()), Some(Height(height)));
        let spent = floresta::spent_coins(&data, height);
        assert_eq!(spent.len(), block.inputs.len());
        let first = usize::try_from(block.txs[0].output_end).expect("small");
        let total_in: u64 = spent.iter().map(|coin| coin.value).sum();
        let total_out: u64 = block.outputs[first..].iter().map(|output| output.value).sum();
        assert_eq!(total_in - total_out, fees);
        let taken: u64 = block.outputs[..first].iter().map(|output| output.value).sum();
        assert_eq!(taken - main_net().subsidy(Height(height)), fees);
    }
}

#[test]
fn what_inputs_show_fits_the_locks_they_open() {
    let Some(data) = data("what_inputs_show_fits_the_locks_they_open") else { return };
    let mut seen = BTreeMap::new();
    for (height, _) in floresta::BLOCKS {
        let block = parse_block(&floresta::block(&data, height), main_net()).expect("a real block");
        let spent = floresta::spent_coins(&data, height);
        for (input, coin) in block.inputs.iter().zip(&spent) {
            let print = input.print;
            let signed = print.contains(InputPrint::SIGNED);
            match coin.kind {
                LockKind::PubKeyHash => {
                    assert!(signed && print.intersects(InputPrint::KEY_COMPRESSED | InputPrint::KEY_UNCOMPRESSED))
                }
                LockKind::WitnessPubKeyHash => {
                    assert!(signed && print.contains(InputPrint::WITNESS | InputPrint::KEY_COMPRESSED));
                    assert!(!print.intersects(InputPrint::SCRIPT_SIG | InputPrint::TAPSCRIPT));
                }
                LockKind::Taproot => assert!(signed != print.contains(InputPrint::TAPSCRIPT), "a key or a script path"),
                LockKind::WitnessScriptHash => assert!(!print.contains(InputPrint::TAPSCRIPT)),
                _ => {}
            }
            *seen.entry((coin.kind, signed)).or_insert(0) += 1;
        }
        for reveal in &block.reveals {
            let coin = &spent[usize::try_from(reveal.input).expect("small")];
            let program = [&[0, 20], reveal.key.0.as_slice()].concat();
            assert_eq!(coin.kind, LockKind::ScriptHash);
            let of_program = coinhound_chains::bitcoin::hash::hash160(&program);
            assert_eq!(coin.payload, of_program.0, "the lock is the hash of the program");
        }
    }
    eprintln!("inputs by (lock, signature recognised): {seen:?}");
    assert!(seen.len() > 5);
}

#[test]
fn other_real_blocks_parse() {
    let Some(data) = data("other_real_blocks_parse") else { return };
    let old = std::fs::read(data.join("bitcoin/block300025.raw")).expect("readable");
    let block = parse_block(&old, main_net()).expect("a real block");
    assert_eq!(height_in_coinbase(&old, main_net()), Some(Height(300_025)));
    assert_eq!((block.txs.len(), block.size), (461, 284_231));
    for (file, network) in [
        ("bitcoin_mainnet_951658", Network::Main),
        ("bitcoin_testnet4_40000", Network::Testnet4),
        ("bitcoin_signet_31500", Network::Signet),
    ] {
        let json = std::fs::read(data.join(format!("bitcoin/other-coins/blocks/{file}.json"))).expect("readable");
        let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let bytes = json["block"].as_str().and_then(floresta::unhex).expect("hexadecimal");
        let block = parse_block(&bytes, network.params()).expect("a real block");
        assert_eq!(Some(block.hash.to_string().as_str()), json["hash"].as_str());
        assert_eq!(height_in_coinbase(&bytes, network.params()).map(|h| u64::from(h.0)), json["height"].as_u64());
        let txids: Vec<String> = block.txs.iter().map(|tx| tx.txid.to_string()).collect();
        assert_eq!(serde_json::json!(txids), json["tx"], "{file}");
        if let Some(weight) = json["weight"].as_u64() {
            let header_weight = 4 * (80 + if txids.len() < 253 { 1 } else { 3 });
            assert_eq!(block.txs.iter().map(|tx| u64::from(tx.weight)).sum::<u64>() + header_weight, weight);
        }
    }
}

#[test]
fn a_transaction_read_alone_is_the_one_in_its_block() {
    let Some(data) = data("a_transaction_read_alone_is_the_one_in_its_block") else { return };
    let bytes = floresta::block(&data, 866_342);
    let block = parse_block_with(&bytes, main_net(), Checks { work: false, witness: false }).expect("a real block");
    for index in [0, 1, 7, block.txs.len() - 1] {
        let raw = tx_bytes(&bytes, index, main_net()).expect("it is there");
        let alone = parse_tx(raw, main_net()).expect("a transaction");
        assert_eq!(alone.rows.txs[0].txid, block.txs[index].txid);
        assert_eq!(alone.rows.txs[0].weight, block.txs[index].weight);
        assert_eq!(alone.rows.txs[0].print, block.txs[index].print);
        assert_eq!(alone.wtxid, double_sha256(raw));
    }
    assert!(tx_bytes(&bytes, block.txs.len(), main_net()).is_err());
    assert!(block.txs[0].print.contains(TxPrint::COINBASE));
}

#[test]
fn the_first_payment_prints_as_the_field_prints_it() {
    let Some(data) = data("the_first_payment_prints_as_the_field_prints_it") else { return };
    let folder = first_blocks(&data);
    let dir = BlockDir::open(folder.path(), main_net()).expect("a block folder");
    let scan = dir.scan(&mut |_| ()).expect("readable");
    let genesis = parse_block(&dir.read(&scan.records[0]).expect("readable"), main_net()).expect("a real block");
    let text = address_text(genesis.lock(0), main_net());
    assert_eq!(
        text,
        "pk:04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
    );
    assert!(genesis.coinbase_script.ends_with(b"Chancellor on brink of second bailout for banks"));
}
