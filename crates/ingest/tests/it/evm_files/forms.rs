//! The same blocks in every form and order give the same bytes.

use coinhound_ingest::evm::EvmFilesReport;
use coinhound_model::Height;
use coinhound_sim::evm::{Traffic, json};
use serde_json::{Value, json};

use super::{Chain, Rig, answer, as_rows, fresh, fresh_of, rlp, rlp_receipts, with_uncle};
use crate::support::assert_same;

fn assert_clean(report: &EvmFilesReport) {
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert_eq!((report.left_out, report.gaps.as_slice()), (0, [].as_slice()));
    assert_eq!((report.parting, report.contradiction), (None, None));
}

/// A block and what belongs to it, as one object.
fn whole(block: &coinhound_sim::evm::EvmBlock, is_tree: bool) -> Value {
    let traces = if is_tree { json::call_tracer(block) } else { json::trace_block(block) };
    let uncles: Vec<_> = block.uncles.iter().map(json::header).collect();
    json!({ "block": json::block(block), "receipts": json::receipts(block), "traces": traces, "uncles": uncles })
}

fn check(about: &str, chain: &Chain, fill: impl Fn(&Rig)) {
    let rig = Rig::new();
    fill(&rig);
    let outcome = rig.load();
    assert_clean(&outcome.report);
    assert_eq!((outcome.report.blocks, outcome.accounts.added), (chain.len() as u64, chain.len() as u64), "{about}");
    assert_same(&rig.content(), &fresh_of(chain), about);
    let again = rig.load();
    assert_eq!((again.accounts.added, again.accounts.removed, again.report.left_out), (0, 0, 0), "{about}");
}

#[test]
fn every_form_and_order_gives_the_same_bytes() {
    let chain = with_uncle(20);
    check("a file for each", &chain, |rig| rig.put_chain(&chain));
    check("one array", &chain, |rig| {
        let all: Vec<_> = chain.iter().rev().map(|block| whole(block, false)).collect();
        rig.put("all.json", Value::Array(all).to_string());
    });
    check("lines of answers", &chain, |rig| {
        let mut lines = Vec::new();
        for block in chain.iter().rev() {
            lines.push(answer(json::receipts(block)).to_string());
            lines.push(answer(json::trace_block(block)).to_string());
            lines.extend(block.uncles.iter().map(|uncle| answer(json::header(uncle)).to_string()));
            lines.push(answer(json::block(block)).to_string());
        }
        rig.put("deep/er/all.jsonl", lines.join("\n"));
    });
    check("answers at once", &chain, |rig| {
        let (even, odd): (Vec<_>, Vec<_>) = chain.iter().partition(|block| block.header.number % 2 == 0);
        for (name, some) in [("a.json", odd), ("b.json", even)] {
            let all: Vec<_> = some.iter().map(|block| answer(whole(block, true))).collect();
            rig.put(name, serde_json::to_string_pretty(&all).expect("JSON"));
        }
    });
    check("a stream of RLP", &chain, |rig| {
        rig.put("chain.rlp", chain.iter().flat_map(|block| rlp(block)).collect::<Vec<_>>());
        rig.put("chain.receipts.rlp", chain.iter().flat_map(|block| rlp_receipts(&block.receipts)).collect::<Vec<_>>());
        let traces: String = chain.iter().map(|block| json::call_tracer(block).to_string()).collect();
        rig.put("chain.traces.json", traces);
    });
    check("both, and some twice", &chain, |rig| {
        rig.put("chain.rlp", chain.iter().rev().flat_map(|block| rlp(block)).collect::<Vec<_>>());
        rig.put_chain(&chain);
    });
}

#[test]
fn files_that_come_in_parts_give_the_same_bytes_and_a_second_load_adds_what_is_new() {
    let chain = Traffic::mainnet(6).blocks(16);
    let rig = Rig::new();
    for part in [0..3, 3..9, 9..16] {
        rig.put_chain(&chain[part.clone()]);
        let outcome = rig.load();
        assert_eq!(outcome.accounts.added, part.len() as u64);
        assert_clean(&outcome.report);
    }
    assert_same(&rig.content(), &fresh_of(&chain), "in parts");
}

#[test]
fn blocks_without_traces_are_taken_and_counted() {
    let chain = Traffic::mainnet(7).blocks(6);
    let rig = Rig::new();
    rig.put("blocks.rlp", chain.iter().flat_map(|block| rlp(block)).collect::<Vec<_>>());
    rig.put("blocks.receipts.rlp", chain.iter().flat_map(|block| rlp_receipts(&block.receipts)).collect::<Vec<_>>());
    let outcome = rig.load();
    let with_txs = chain.iter().filter(|block| !block.txs.is_empty()).count();
    assert_eq!(outcome.report.untraced_blocks, with_txs as u64);
    let want: Vec<_> = chain.iter().map(|block| as_rows(block, false)).collect();
    assert_same(&rig.content(), &fresh(&want), "without traces");
}

#[test]
fn a_store_begins_where_it_is_told_to_and_ends_where_it_is_told_to() {
    let chain = Traffic::mainnet(8).blocks(10);
    let height = |at: usize| Height(u32::try_from(chain[at].header.number).expect("small"));
    let mut rig = Rig::new();
    rig.put_chain(&chain);
    rig.options.start = Some(height(2));
    rig.options.until = coinhound_chains::evm::rpc::Place::Number(chain[6].header.number);
    let outcome = rig.load();
    assert_eq!(outcome.accounts.range.map(|(first, tip, _)| (first, tip)), Some((height(2), height(6))));
    assert_eq!(outcome.report.left_out, 5);
    assert_same(&rig.content(), &fresh_of(&chain[2..7]), "told");
    rig.options.start = Some(height(1));
    let error = rig.try_load().expect_err("it begins elsewhere");
    assert!(error.to_string().contains("was asked to begin"), "{error}");
}
