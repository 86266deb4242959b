//! Real blocks of mainnet with their receipts, from files.

use std::fs;

use coinhound_chains::evm::rlp::{Reader, Writer};

use super::Rig;
use crate::support::real_data;

/// Block and receipts of one recording, in RLP.
fn read(path: &std::path::Path) -> (Vec<u8>, Vec<u8>) {
    let text = fs::read_to_string(path).expect("readable");
    let field = |name: &str| {
        let line =
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": 0x")).expect("the field is there");
        let byte = |at: usize| u8::from_str_radix(&line[at..at + 2], 16).expect("hexadecimal");
        (0..line.len()).step_by(2).map(byte).collect::<Vec<u8>>()
    };
    let mut block = Writer::new();
    block.raw(&field("header"));
    let body = field("body");
    let mut items = Reader::of_list(&body).expect("a list");
    while !items.is_empty() {
        block.raw(items.raw().expect("an item"));
    }
    (block.into_list(), field("receipts"))
}

#[test]
fn real_blocks_of_mainnet_are_taken_from_rlp_with_receipts_as_nodes_hand_them_on() {
    let Some(data) = real_data("real_blocks_of_mainnet_are_taken_from_rlp_with_receipts_as_nodes_hand_them_on") else {
        return;
    };
    let folder = data.join("ethereum/history-with-receipts");
    for below in [15_537_393, 17_034_869, 19_426_586, 22_431_083] {
        let above = below + 1;
        let parts = [below, above].map(|number: u64| read(&folder.join(format!("block-data-{number}.yaml"))));
        let rig = Rig::new();
        // The upper one stands first.
        rig.put("export", [parts[1].0.as_slice(), &parts[0].0].concat());
        rig.put("export.receipts.rlp", [parts[1].1.as_slice(), &parts[0].1].concat());
        let outcome = rig.try_load_of(&[rig.path("export"), rig.path("export.receipts.rlp")]).expect("real blocks");
        let heights = outcome.accounts.range.map(|(first, tip, _)| (u64::from(first.0), u64::from(tip.0)));
        assert_eq!(heights, Some((below, above)));
        assert_eq!((outcome.report.faults.len(), outcome.report.left_out), (0, 0));
    }
}
