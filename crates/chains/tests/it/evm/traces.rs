//! Both forms of traces give the same movements; what was undone moves nothing.

use coinhound_chains::evm::rows::{ENDING_NOT_TOLD, ENDING_TOLD, NO_TRACES, RowsFault, rows};
use coinhound_chains::evm::trace::{
    Internal, InternalKind, Made, TraceFault, TxTrace, parse_call_tracer, parse_trace_block,
};
use coinhound_chains::evm::{Address, Ending, Receipt};
use coinhound_model::Note;
use coinhound_testkit::tables;
use ruint::aliases::U256;

use super::recorded;

fn address(digit: char) -> String {
    format!("0x{}", digit.to_string().repeat(40))
}

fn frame(kind: &str, from: char, to: char, value: u64, more: &str) -> String {
    let (from, to) = (address(from), address(to));
    format!(r#"{{"type":"{kind}","from":"{from}","to":"{to}","value":"0x{value:x}","gas":"0x1"{more}}}"#)
}

fn calls(frames: &[String]) -> String {
    format!(r#","calls":[{}]"#, frames.join(","))
}

fn call_tracer(top: &str) -> Result<TxTrace, TraceFault> {
    parse_call_tracer(&format!(r#"[{{"txHash":"0x{}","result":{top}}}]"#, "ab".repeat(32)))
        .map(|mut traces| traces.remove(0))
}

fn flat(kind: &str, call: &str, from: char, to: char, value: u64, place: &str, more: &str) -> String {
    let (from, to) = (address(from), address(to));
    let action = match kind {
        "suicide" => format!(r#"{{"address":"{from}","refundAddress":"{to}","balance":"0x{value:x}"}}"#),
        "create" => format!(r#"{{"from":"{from}","value":"0x{value:x}","init":"0x"}}"#),
        _ => format!(r#"{{"callType":"{call}","from":"{from}","to":"{to}","value":"0x{value:x}"}}"#),
    };
    let result = if kind == "create" { format!(r#","result":{{"address":"{to}"}}"#) } else { String::new() };
    let tx = "ab".repeat(32);
    format!(
        r#"{{"type":"{kind}","action":{action}{result},"traceAddress":[{place}],"transactionPosition":0,"transactionHash":"0x{tx}"{more}}}"#
    )
}

#[test]
fn both_forms_give_the_same_movements_in_the_order_of_the_calls() {
    let tree = frame(
        "CALL",
        '1',
        '2',
        9,
        &calls(&[
            frame("DELEGATECALL", '2', '3', 9, &calls(&[frame("CALL", '2', '4', 5, "")])),
            frame(
                "CALL",
                '2',
                '5',
                7,
                &format!(r#","error":"execution reverted"{}"#, calls(&[frame("CALL", '5', '6', 3, "")])),
            ),
            frame("CREATE2", '2', '7', 2, &calls(&[frame("SELFDESTRUCT", '7', '8', 2, "")])),
            frame("CALL", '2', '9', 0, ""),
        ]),
    );
    let list = [
        flat("call", "call", '1', '2', 9, "", ""),
        flat("call", "delegatecall", '2', '3', 9, "0", ""),
        flat("call", "call", '2', '4', 5, "0,0", ""),
        flat("call", "call", '2', '5', 7, "1", r#","error":"Reverted""#),
        flat("call", "call", '5', '6', 3, "1,0", ""),
        flat("create", "", '2', '7', 2, "2", ""),
        flat("suicide", "", '7', '8', 2, "2,0", ""),
        flat("call", "call", '2', '9', 0, "3", ""),
    ];
    let one = call_tracer(&tree).expect("a call tree");
    let other = parse_trace_block(&format!("[{}]", list.join(",")), 1).expect("a list of calls").remove(0);
    assert_eq!(one, other);
    let moved: Vec<_> = one.internals.iter().map(|row| (row.kind, row.to.0[0] & 15, row.units.to_string())).collect();
    let (call, create, end) = (InternalKind::Call, InternalKind::Create, InternalKind::SelfDestruct);
    assert_eq!(moved, [(call, 4, "5".into()), (create, 7, "2".into()), (end, 8, "2".into())]);
}

#[test]
fn what_a_contract_leaves_to_itself_is_burnt_before_cancun_and_since_then_only_if_it_was_just_made() {
    let test = "what_a_contract_leaves_to_itself_is_burnt_before_cancun_and_since_then_only_if_it_was_just_made";
    for recorded in recorded(test) {
        let block = recorded.block();
        let since_cancun = block.header.blob_gas_used.is_some();
        let Some(at) = recorded.receipts.iter().position(|receipt| receipt.ending == Ending::Succeeded) else {
            continue;
        };
        for just_made in [false, true] {
            let contract = Address([7; 20]);
            let kind = InternalKind::SelfDestruct;
            let ends = Internal { kind, from: contract, to: contract, units: U256::from(5) };
            let empty = |receipt: &Receipt| TxTrace { failed: receipt.ending == Ending::Failed, ..TxTrace::default() };
            let mut traces: Vec<_> = recorded.receipts.iter().map(empty).collect();
            traces[at].internals.push(ends);
            traces[at].made.extend(just_made.then_some(Made { contract, creator: Address([8; 20]), runs: None }));
            let rows = rows(&block, &recorded.receipts, Some(&traces)).expect("a real block has rows");
            let burns = rows.block.txs[at].moves.iter().filter(|row| row.from == Some(contract.account()));
            assert_eq!(burns.count(), usize::from(just_made || !since_cancun), "block {}", recorded.number);
        }
    }
}

#[test]
fn a_transaction_that_was_undone_moves_nothing() {
    let inside = calls(&[frame("CALL", '2', '3', 5, "")]);
    let trace = call_tracer(&frame("CALL", '1', '2', 9, &format!(r#","error":"out of gas"{inside}"#))).expect("a tree");
    assert!(trace.failed && trace.internals.is_empty());
    let list =
        [flat("call", "call", '1', '2', 9, "", r#","error":"Out of gas""#), flat("call", "call", '2', '3', 5, "0", "")];
    let trace = parse_trace_block(&format!("[{}]", list.join(",")), 1).expect("a list").remove(0);
    assert!(trace.failed && trace.internals.is_empty());
}

#[test]
fn calls_as_deep_as_the_chain_allows_are_read_and_deeper_ones_refused() {
    let deep = |levels: usize| {
        let mut text = frame("CALL", '3', '4', 1, "");
        for _ in 0..levels {
            text = frame("CALL", '2', '3', 1, &calls(&[text]));
        }
        call_tracer(&text)
    };
    assert_eq!(deep(100).expect("not deep").internals.len(), 100);
    assert!(matches!(deep(5_000), Err(TraceFault::TooDeep { index: 0 })));
}

#[test]
fn a_transaction_without_a_trace_or_with_two_is_named_and_the_others_are_not_taken() {
    let rows = [flat("call", "call", '1', '2', 9, "", ""), flat("call", "call", '2', '3', 5, "0", "")];
    let second = rows.clone().map(|row| row.replace(r#""transactionPosition":0"#, r#""transactionPosition":1"#));
    let read = |rows: &[&[String]]| parse_trace_block(&format!("[{}]", rows.concat().join(",")), 2);
    let both = read(&[&rows, &second]).expect("both are told");
    assert!(both.len() == 2 && both.iter().all(|trace| trace.internals.len() == 1), "{both:?}");
    assert!(matches!(read(&[&rows]), Err(TraceFault::NotTold { index: 1 })));
    assert!(matches!(read(&[&second]), Err(TraceFault::NotTold { index: 0 })));
    assert!(matches!(read(&[]), Err(TraceFault::NotTold { index: 0 })));
    assert!(matches!(read(&[&rows, &second, &second]), Err(TraceFault::ToldTwice { index: 1 })));
    assert!(matches!(read(&[&rows, &second, &rows[..1]]), Err(TraceFault::ToldTwice { index: 0 })));
    assert!(matches!(read(&[&rows, &second, &rows[1..]]), Err(TraceFault::Missing { field: "call above it", .. })));
}

#[test]
fn what_lies_below_an_undone_call_is_undone_however_many_there_are_and_in_whatever_order() {
    let undone = r#","error":"Reverted""#;
    let row = |place: &str, more: &str| flat("call", "call", '2', '3', 5, place, more);
    let mut list = vec![flat("call", "call", '1', '2', 9, "", ""), row("0", undone), row("1", "")];
    list.extend([row("2,0,1", undone), row("2,0", undone), row("2,0,2", ""), row("2,1", ""), row("0,7,7", "")]);
    list.extend((0..20_000).flat_map(|at| [row(&format!("3,{at}"), undone), row(&format!("3,{at},0"), "")]));
    list.push(row("3", ""));
    let trace = parse_trace_block(&format!("[{}]", list.join(",")), 1).expect("a list").remove(0);
    assert_eq!(trace.internals.len(), 3, "the calls 1, 2.1 and 3 stand");
}

#[test]
fn before_byzantium_logs_prove_success_and_without_them_the_ending_is_the_nodes_word() {
    let test = "before_byzantium_logs_prove_success_and_without_them_the_ending_is_the_nodes_word";
    let said = |notes: &[Note], text: &str| notes.iter().any(|note| note.bytes == text.as_bytes());
    let mut seen = [false; 2];
    for mut recorded in recorded(test) {
        let block = recorded.block();
        let succeeded = |receipt: &Receipt| receipt.ending == Ending::Succeeded;
        let old: Vec<_> =
            (0..recorded.receipts.len()).filter(|&at| succeeded(&recorded.receipts[at])).take(20).collect();
        // As a receipt of that time would have it.
        old.iter().for_each(|&at| recorded.receipts[at].ending = Ending::NotTold(block.header.state_root));
        for (at, has_logs) in old.into_iter().map(|at| (at, !recorded.receipts[at].logs.is_empty())) {
            seen[usize::from(has_logs)] = true;
            let empty = |receipt: &Receipt| TxTrace { failed: receipt.ending == Ending::Failed, ..TxTrace::default() };
            let mut traces: Vec<_> = recorded.receipts.iter().map(empty).collect();
            let traced = rows(&block, &recorded.receipts, Some(&traces)).expect("they agree").block;
            assert_eq!(said(&traced.txs[at].notes, ENDING_TOLD), !has_logs, "block {}", recorded.number);
            let bare = rows(&block, &recorded.receipts, None).expect("nothing disagrees").block;
            assert_eq!(said(&bare.txs[at].notes, ENDING_NOT_TOLD), !has_logs, "block {}", recorded.number);
            assert!(said(&bare.txs[at].notes, NO_TRACES), "block {}", recorded.number);
            traces[at].failed = true;
            match rows(&block, &recorded.receipts, Some(&traces)) {
                Ok(rows) => assert!(!has_logs && said(&rows.block.txs[at].notes, ENDING_TOLD)),
                Err(fault) => {
                    assert!(has_logs && matches!(fault, RowsFault::EndingsDisagree { index, .. } if index == at))
                }
            }
        }
    }
    assert!(seen == [true; 2] || recorded(test).is_empty(), "old receipts of both kinds: {seen:?}");
}

#[test]
fn what_is_no_trace_is_refused() {
    assert!(call_tracer(&frame("TELEPORT", '1', '2', 1, "")).is_ok(), "a top call moves by its transaction");
    let unknown = frame("CALL", '1', '2', 1, &calls(&[frame("TELEPORT", '2', '3', 1, "")]));
    assert!(matches!(call_tracer(&unknown), Err(TraceFault::UnknownKind { .. })));
    let orphan = format!("[{}]", flat("call", "call", '2', '3', 5, "0", ""));
    assert!(matches!(parse_trace_block(&orphan, 1), Err(TraceFault::Missing { field: "call above it", .. })));
    assert!(matches!(parse_trace_block(&orphan, 0), Err(TraceFault::Missing { field: "transactionPosition", .. })));
    for text in ["", "null", "{}", "[1]", r#"[{"result":null}]"#] {
        assert!(parse_call_tracer(text).is_err() && parse_trace_block(text, 1).is_err(), "{text}");
    }
}

#[test]
fn recorded_answers_of_a_node_are_read_as_the_tables_beside_them_say() {
    let test = "recorded_answers_of_a_node_are_read_as_the_tables_beside_them_say";
    let Some(data) = tables::data_folder(test) else { return };
    for (block, hex, transactions) in [("2112234", "203aea", 1), ("508110", "7c0ce", 2)] {
        let folder = data.join(format!("ethereum/rpc-recordings/test_stream/blocks_{block}_{block}"));
        let answer =
            std::fs::read_to_string(folder.join(format!("web3_response.trace_block_0x{hex}.json"))).expect("readable");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let traces = parse_trace_block(&answer["result"].to_string(), transactions).expect("a node's answer");
        let table = std::fs::read_to_string(folder.join("expected_traces.json")).expect("readable");
        let rows = table.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        let expected = rows.filter(|row| {
            let inside = row["trace_address"].as_array().is_some_and(|place| !place.is_empty());
            inside && row["status"] == 1 && row["value"].as_u64() != Some(0) && row["call_type"] != "delegatecall"
        });
        let expected: Vec<_> = expected.map(|row| row["value"].to_string()).collect();
        let got: Vec<_> = traces.iter().flat_map(|trace| &trace.internals).map(|row| row.units.to_string()).collect();
        assert_eq!(got, expected, "block {block}");
    }
}

#[test]
fn both_forms_tell_who_made_what_and_which_of_it_is_a_minimal_proxy() {
    let code = |target: char| {
        let target = target.to_string().repeat(40);
        format!("0x363d3d373d3d3d363d73{target}5af43d82803e903d91602b57fd5bf3")
    };
    let made = |code: &str| format!(r#","output":"{code}""#);
    let tree = frame(
        "CREATE",
        '1',
        '2',
        0,
        &format!(
            r#","output":"{}"{}"#,
            code('3').to_uppercase().replace("0X", "0x"),
            calls(&[
                frame("CREATE", '2', '4', 0, &made(&code('5'))),
                frame("CREATE2", '2', '6', 1, &made("0x6001")),
                frame("CREATE2", '2', '7', 0, &format!(r#"{},"error":"out of gas""#, made(&code('8')))),
                frame("CALL", '2', '9', 0, &made(&code('8'))),
            ])
        ),
    );
    let with_code = |row: String, code: &str| row.replace(r#""result":{"#, &format!(r#""result":{{"code":"{code}","#));
    let list = [
        with_code(flat("create", "", '1', '2', 0, "", ""), &code('3')),
        with_code(flat("create", "", '2', '4', 0, "0", ""), &code('5')),
        with_code(flat("create", "", '2', '6', 1, "1", ""), "0x6001"),
        flat("create", "", '2', '7', 0, "2", r#","error":"Out of gas""#),
        flat("call", "call", '2', '9', 0, "3", ""),
    ];
    let one = call_tracer(&tree).expect("a call tree");
    let other = parse_trace_block(&format!("[{}]", list.join(",")), 1).expect("a list of calls").remove(0);
    assert_eq!(one, other);
    let address = |digit: u8| Address([digit * 0x11; 20]);
    let made =
        |contract, runs: Option<u8>| Made { contract: address(contract), creator: address(2), runs: runs.map(address) };
    assert_eq!((one.runs, one.made), (Some(address(3)), vec![made(4, Some(5)), made(6, None)]));
    assert_eq!(one.internals.len(), 1, "the other creation moved nothing");
}

#[test]
fn what_a_node_could_not_trace_is_named_and_what_stays_in_place_moves_nothing() {
    let text = format!(r#"[{{"txHash":"0x{}","error":"required historical state unavailable"}}]"#, "ab".repeat(32));
    let refused = parse_call_tracer(&text).expect_err("nothing was traced").to_string();
    assert_eq!(refused, "transaction 0 was not traced: required historical state unavailable");
    let nobody =
        r#"{"type":"SELFDESTRUCT","from":"0x0000000000000000000000000000000000000000","input":"0x","gas":"0x0"}"#;
    let top = |call: &str| frame("CALL", '1', '2', 0, &calls(&[call.to_owned()]));
    let kept = call_tracer(&top(nobody)).expect("a contract keeps what it leaves to itself (EIP-6780)");
    assert!(!kept.failed && kept.internals.is_empty(), "{kept:?}");
    let worth = nobody.replace(r#""gas""#, r#""value":"0x1","gas""#);
    let refused = call_tracer(&top(&worth)).expect_err("nobody got it");
    assert!(matches!(refused, TraceFault::Missing { field: "to", .. }), "{refused}");
}
