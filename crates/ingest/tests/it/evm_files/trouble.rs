//! What is missing, damaged or of another branch is named, and nothing of it is stored.

use std::fs;

use coinhound_ingest::evm::Gap;
use coinhound_sim::evm::{Traffic, json};
use serde_json::json;

use super::{Rig, answer, fresh_of, named, rlp, rlp_receipts, text, with_uncle};
use crate::support::assert_same;

#[test]
fn a_gap_is_named_and_what_lies_behind_it_waits() {
    let chain = Traffic::mainnet(9).blocks(12);
    let first = chain[0].header.number;
    let rig = Rig::new();
    rig.put_chain(&chain[..4]);
    rig.put_chain(&chain[6..9]);
    rig.put_chain(&chain[10..]);
    let outcome = rig.load();
    assert_eq!(outcome.report.gaps, [Gap { from: first + 4, to: first + 5 }, Gap { from: first + 9, to: first + 9 }]);
    assert_eq!((outcome.accounts.added, outcome.report.left_out), (4, 5));
    rig.put_chain(&chain[4..6]);
    let outcome = rig.load();
    assert_eq!((outcome.accounts.added, outcome.report.left_out), (5, 2));
    rig.put_chain(&chain[9..10]);
    assert_eq!(rig.load().accounts.added, 3);
    assert_same(&rig.content(), &fresh_of(&chain), "once the gaps are closed");
    let rig_behind = Rig { disk: rig.disk, ..Rig::new() };
    rig_behind.put_block("far", &Traffic::mainnet(9).blocks(15)[14]);
    assert_eq!(rig_behind.load().report.gaps, [Gap { from: first + 12, to: first + 13 }]);
}

#[test]
fn a_damaged_block_is_named_with_file_and_offset_and_ends_the_chain_until_a_sound_one_is_there() {
    let chain = Traffic::mainnet(10).blocks(8);
    let rig = Rig::new();
    let mut blocks: Vec<_> = chain.iter().map(|block| rlp(block)).collect();
    rig.put("chain.receipts.rlp", chain.iter().flat_map(|block| rlp_receipts(&block.receipts)).collect::<Vec<_>>());
    let traces: String = chain.iter().map(|block| json::trace_block(block).to_string()).collect();
    rig.put("chain.traces.json", traces);
    let offset: usize = blocks[..5].iter().map(Vec::len).sum();
    let end = blocks[5].len() - 20;
    blocks[5][end] ^= 1;
    rig.put("chain.rlp", blocks.concat());
    let outcome = rig.load();
    assert_eq!(outcome.accounts.added, 5);
    let [fault] = outcome.report.faults.as_slice() else { panic!("{:?}", outcome.report.faults) };
    assert_eq!(fault.offset, offset as u64);
    assert!(
        named(rig.folder.path(), &text(fault)).starts_with(&format!("`chain.rlp`, byte {offset}: ")),
        "{}",
        text(fault)
    );
    assert_same(&rig.content(), &fresh_of(&chain[..5]), "up to the damage");
    rig.put_block("again", &chain[5]);
    let outcome = rig.load();
    assert_eq!((outcome.accounts.added, outcome.report.left_out), (3, 0));
    assert_same(&rig.content(), &fresh_of(&chain), "mended");
}

#[test]
fn what_a_file_must_not_be_is_refused_by_name() {
    let rig = Rig::new();
    let chain = Traffic::mainnet(11).blocks(2);
    rig.put_chain(&chain);
    rig.put("old.rlp.gz", [0x1f, 0x8b, 8, 0]);
    let error = rig.try_load().expect_err("packed");
    assert_eq!(named(rig.folder.path(), &text(&error)), "`old.rlp.gz` is packed");
    assert!(error.hint().is_some_and(|hint| hint.contains("unpack")));
    fs::rename(rig.path("old.rlp.gz"), rig.path("old.rlp")).expect("renamed");
    let error = rig.try_load().expect_err("packed, whatever it is called");
    assert_eq!(named(rig.folder.path(), &text(&error)), "`old.rlp` is packed");
    fs::remove_file(rig.path("old.rlp")).expect("removed");
    let error = rig.try_load_of(&[rig.path("nowhere")]).expect_err("not there");
    assert!(text(&error).starts_with("cannot read"), "{}", text(&error));
    assert!(rig.content().is_empty(), "nothing was stored");
    rig.put("notes.txt", "not for us");
    let outcome = rig.load();
    assert_eq!(outcome.report.skipped, [rig.path("notes.txt")]);
    assert_eq!(outcome.accounts.added, 2);
}

#[test]
fn a_block_without_receipts_is_refused_with_a_hint_and_what_lies_below_is_kept() {
    let chain = Traffic::mainnet(12).blocks(8);
    let at = (3..8).find(|&at| !chain[at].txs.is_empty()).expect("a block with transactions");
    let name = chain[at].header.number.to_string();
    let rig = Rig::new();
    rig.put_chain(&chain);
    fs::remove_file(rig.path(&format!("{name}.receipts.json"))).expect("removed");
    let error = rig.try_load().expect_err("nobody knows the fees");
    let told = named(rig.folder.path(), &text(&error));
    assert_eq!(told, format!("block {name} in `{name}.json`, byte 0, has no receipts"));
    assert!(error.hint().is_some_and(|hint| hint.contains("eth_getBlockReceipts")));
    assert_same(&rig.content(), &fresh_of(&chain[..at]), "up to there");
    rig.put("late.receipts.json", answer(json::receipts(&chain[at])).to_string());
    rig.load();
    assert_same(&rig.content(), &fresh_of(&chain), "once they are there");
}

#[test]
fn an_uncle_that_is_only_named_is_asked_for() {
    let chain = with_uncle(20);
    let with_uncle = chain.iter().find(|block| !block.uncles.is_empty()).expect("an uncle");
    let rig = Rig::new();
    rig.put_chain(&chain);
    fs::remove_file(rig.path(&format!("{}.uncle0.json", with_uncle.header.number))).expect("removed");
    let error = rig.try_load().expect_err("nobody knows whom it pays");
    assert!(text(&error).contains(&format!("names the uncle {}", with_uncle.uncles[0].hash())), "{}", text(&error));
    assert!(error.hint().is_some_and(|hint| hint.contains("eth_getUncleByBlockHashAndIndex")));
}

#[test]
fn parts_of_files_that_are_no_blocks_are_named() {
    let chain = Traffic::mainnet(13).blocks(4);
    let rig = Rig::new();
    rig.put_chain(&chain);
    let mut hashes_only = json::block(&chain[3]);
    hashes_only["transactions"] = json!([format!("0x{}", "ab".repeat(32))]);
    let mut nameless = json::receipts(&chain[3]);
    if let Some(receipt) = nameless.get_mut(0).and_then(|receipt| receipt.as_object_mut()) {
        receipt.remove("blockHash");
    }
    let lines = [
        json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32000, "message": "header not found" } }).to_string(),
        "{".to_owned(),
        r#"{"a":1}"#.to_owned(),
        hashes_only.to_string(),
        nameless.to_string(),
        "[[[[[[[[[[1]]]]]]]]]]".to_owned(),
        answer(json!(null)).to_string(),
    ];
    rig.put("zz.jsonl", lines.join("\n"));
    let outcome = rig.load();
    assert_eq!(outcome.accounts.added, 4);
    let faults: Vec<_> = outcome.report.faults.iter().map(|fault| named(rig.folder.path(), &text(fault))).collect();
    let begin = [
        "`zz.jsonl`, byte 0: a node's answer that says: {\\\"code",
        "what stands here is not what it seems to be: not the answer that was expected: EOF",
        "neither a block, nor receipts, traces or an uncle's header: `{\\\"a\\\":1}`",
        "the block only names its transactions: it must be asked for with whole ones",
        "these receipts do not say which block they are of",
        "lists within lists",
        "a node's answer that says: {\\\"id\\\":7",
    ];
    assert_eq!(faults.len(), begin.len(), "{faults:#?}");
    for (fault, begin) in faults.iter().zip(begin) {
        assert!(fault.contains(begin), "{fault}: {begin}");
    }
}

#[test]
fn of_two_branches_the_one_that_reaches_higher_is_taken_and_of_equal_ones_neither() {
    let mut story = Traffic::mainnet(14);
    let trunk = story.blocks(5);
    let mut other = story.clone();
    let one = story.blocks(4);
    other.reseed(99);
    let two = other.blocks(4);
    assert_ne!(one[0].hash, two[0].hash);
    let rig = Rig::new();
    rig.put_chain(&trunk);
    one.iter().for_each(|block| rig.put_block(&format!("one-{}", block.header.number), block));
    two[..3].iter().for_each(|block| rig.put_block(&format!("two-{}", block.header.number), block));
    let outcome = rig.load();
    assert_eq!((outcome.accounts.added, outcome.report.left_out, outcome.report.parting), (9, 3, None));
    assert_same(&rig.content(), &fresh_of(&[trunk.clone(), one.clone()].concat()), "the higher one");

    let even = Rig::new();
    even.put_chain(&trunk);
    one.iter().for_each(|block| even.put_block(&format!("one-{}", block.header.number), block));
    two.iter().for_each(|block| even.put_block(&format!("two-{}", block.header.number), block));
    let outcome = even.load();
    let parting = outcome.report.parting.expect("two chains");
    assert_eq!(parting.height, one[0].header.number);
    assert_eq!(outcome.accounts.added, 5);
    assert_same(&even.content(), &fresh_of(&trunk), "the trunk");

    let rig = Rig { disk: rig.disk, ..Rig::new() };
    rig.put_chain(&trunk);
    let two_and_more = [two, other.blocks(1)].concat();
    two_and_more.iter().for_each(|block| rig.put_block(&format!("two-{}", block.header.number), block));
    let error = rig.try_load().expect_err("the store has the other branch");
    assert!(text(&error).starts_with(&format!("at height {} the files go on with", one[0].header.number)), "{error}");
    assert_same(&rig.content(), &fresh_of(&[trunk, one].concat()), "as it was");
}

#[test]
fn a_block_that_the_next_one_does_not_name_is_left_out_and_told() {
    let chain = Traffic::mainnet(16).blocks(7);
    let rig = Rig::new();
    let mut blocks: Vec<_> = chain.iter().map(|block| rlp(block)).collect();
    // Nothing but the next block's word for its parent says what the state was.
    let at = blocks[4].windows(32).position(|bytes| bytes == chain[4].header.state_root.0).expect("it is in there");
    blocks[4][at] ^= 1;
    rig.put("chain.rlp", blocks.concat());
    rig.put("chain.receipts.rlp", chain.iter().flat_map(|block| rlp_receipts(&block.receipts)).collect::<Vec<_>>());
    rig.put("traces.json", chain.iter().map(|block| json::trace_block(block).to_string()).collect::<String>());
    let outcome = rig.load();
    let told = outcome.report.contradiction.expect("the sixth names another fifth");
    assert_eq!((told.height, told.named), (chain[5].header.number, chain[4].hash.row()));
    assert_eq!((outcome.accounts.added, outcome.report.left_out), (4, 3));
    assert_same(&rig.content(), &fresh_of(&chain[..4]), "what is not contradicted");
    rig.put_block("again", &chain[4]);
    let outcome = rig.load();
    assert_eq!((outcome.accounts.added, outcome.report.left_out, outcome.report.contradiction), (3, 1, None));
    assert_same(&rig.content(), &fresh_of(&chain), "mended");
}

/// A block's JSON with one field said otherwise.
fn lied(block: &coinhound_sim::evm::EvmBlock, field: &str, value: &str) -> String {
    let mut told = json::block(block);
    assert_ne!(told[field], json!(value));
    told[field] = json!(value);
    told.to_string()
}

#[test]
fn what_a_block_falsely_says_of_its_name_its_parent_or_its_height_moves_no_other_block() {
    let chain = Traffic::mainnet(17).blocks(6);
    let (tip, other) = (&chain[5], format!("0x{}", "ab".repeat(32)));
    let lies = [
        ("begins low", lied(&chain[3], "number", "0x2")),
        ("reaches high", lied(&chain[3], "number", "0xffffff")),
        ("parts the chain", lied(tip, "hash", &other)),
        ("contradicts the tip", lied(tip, "number", &format!("0x{:x}", tip.header.number + 1))),
        ("leaves its parent", lied(&chain[2], "parentHash", &other)),
    ];
    for (what, lie) in lies {
        let rig = Rig::new();
        rig.put_chain(&chain);
        rig.put("a-lie.json", lie);
        let report = rig.load().report;
        assert_same(&rig.content(), &fresh_of(&chain), what);
        assert_eq!((report.left_out, report.parting, report.contradiction), (0, None, None), "{what}");
        let [fault] = report.faults.as_slice() else { panic!("{what}: {:?}", report.faults) };
        let told = named(rig.folder.path(), &text(fault));
        assert!(told.starts_with("`a-lie.json`, byte 0: ") && told.contains("block hash"), "{what}: {told}");
    }
}

#[test]
fn a_new_store_begins_with_the_lowest_sound_block_unless_told_where() {
    let chain = Traffic::mainnet(18).blocks(5);
    let mut rig = Rig::new();
    rig.put_chain(&chain);
    let mut damaged = json::block(&chain[0]);
    damaged["transactions"] = json!([]);
    assert!(!chain[0].txs.is_empty(), "something is missing");
    rig.put(&format!("{}.json", chain[0].header.number), damaged.to_string());
    let outcome = rig.load();
    assert_eq!((outcome.accounts.added, outcome.report.faults.len()), (4, 1));
    assert_same(&rig.content(), &fresh_of(&chain[1..]), "from the second on");
    rig.disk = coinhound_store::storage::SimDisk::new();
    rig.options.start = Some(coinhound_model::Height(u32::try_from(chain[0].header.number).expect("small")));
    assert_eq!(rig.load().accounts.added, 0, "it was told to begin with the damaged one");
}

#[test]
fn traces_that_miss_a_transaction_are_named_and_a_sound_copy_in_the_next_file_is_taken() {
    let chain = Traffic::mainnet(19).blocks(12);
    let at = chain.iter().position(|block| block.txs.len() > 1).expect("a block with several");
    let block = &chain[at];
    let (tree, flat) = (json::call_tracer(block), json::trace_block(block));
    let without_last = |told: &serde_json::Value| {
        let last = json!(block.txs.len() - 1);
        let rows = told.as_array().expect("a list").iter();
        let kept = rows.clone().filter(|row| row["transactionPosition"] != last);
        let is_flat = rows.clone().any(|row| row["transactionPosition"] == last);
        let kept: Vec<_> = if is_flat { kept.collect() } else { rows.take(block.txs.len() - 1).collect() };
        json!(kept).to_string()
    };
    for (missing, told) in [(without_last(&tree), "traces are of"), (without_last(&flat), "has no trace")] {
        let rig = Rig::new();
        rig.put_chain(&chain);
        rig.put("0.traces.json", &missing);
        assert!(rig.load().report.faults.is_empty(), "the next copy is whole");
        assert_same(&rig.content(), &fresh_of(&chain), "the next copy");
        let rig = Rig { disk: coinhound_store::storage::SimDisk::new(), ..rig };
        fs::remove_file(rig.path(&format!("{}.traces.json", block.header.number))).expect("removed");
        let outcome = rig.load();
        let [fault] = outcome.report.faults.as_slice() else { panic!("{:?}", outcome.report.faults) };
        let fault = named(rig.folder.path(), &text(fault));
        assert!(fault.starts_with("`0.traces.json`, byte 0: ") && fault.contains(told), "{fault}");
        // The store begins above a damaged first block.
        let stored = if at == 0 { &chain[1..] } else { &chain[..at] };
        assert_same(&rig.content(), &fresh_of(stored), "without the block");
    }
}

#[test]
fn of_very_many_damaged_parts_the_first_thousand_are_named_and_the_others_counted() {
    let rig = Rig::new();
    rig.put_chain(&Traffic::mainnet(13).blocks(2));
    rig.put("zz.jsonl", "{}\n".repeat(1_234));
    let report = rig.load().report;
    assert_eq!((report.faults.len(), report.more_faults), (1_000, 234));
}

#[test]
fn a_file_that_changes_under_us_is_noticed() {
    let chain = Traffic::mainnet(15).blocks(6);
    let rig = Rig::new();
    rig.put("blocks.rlp", chain.iter().flat_map(|block| rlp(block)).collect::<Vec<_>>());
    rig.put("blocks.receipts.rlp", chain.iter().flat_map(|block| rlp_receipts(&block.receipts)).collect::<Vec<_>>());
    let storage = std::sync::Arc::new(rig.disk.clone());
    let path = rig.path("blocks.rlp");
    let mut watch = |step: coinhound_ingest::evm::EvmProgress<'_>| {
        if matches!(step, coinhound_ingest::evm::EvmProgress::Block { height, .. } if u64::from(height.0) == chain[2].header.number)
        {
            fs::write(&path, b"nothing").expect("written");
        }
        coinhound_ingest::Control::Go
    };
    let rules = coinhound_chains::evm::ChainRules::default();
    let outcome = coinhound_ingest::evm::load_evm_files(
        &[rig.folder.path().to_owned()],
        rules,
        storage,
        &rig.options,
        &mut watch,
    )
    .expect("named, and no error");
    assert_eq!(outcome.accounts.added, 3);
    assert!(outcome.report.faults.iter().any(|fault| text(fault).contains("does not any more")), "{outcome:?}");
}
