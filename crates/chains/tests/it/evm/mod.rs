//! Ethereum: real blocks recompute to what their headers say, and changed ones do not.

mod contracts;
mod graphsense;
mod lies;
mod mutations;
mod real;
mod recordings;
mod traces;

use std::path::{Path, PathBuf};

use coinhound_chains::evm::rlp::{Reader, RlpError};
use coinhound_chains::evm::{Block, MAINNET, Parts, Receipt};
use coinhound_testkit::tables;

/// One block of the set with receipts: its parts, and each receipt as it was handed on.
pub(crate) struct Recorded {
    pub number: u64,
    pub parts: Parts,
    pub receipts: Vec<Receipt>,
}

impl Recorded {
    pub fn block(&self) -> Block {
        let block = Block::check(&self.parts, MAINNET).expect("a real block");
        assert_eq!(block.header.number, self.number);
        block
    }
}

/// The thirteen blocks with receipts, ascending; none without the shared data.
pub(crate) fn recorded(test: &str) -> Vec<Recorded> {
    let Some(data) = tables::data_folder(test) else { return Vec::new() };
    let folder = data.join("ethereum/history-with-receipts");
    let mut blocks: Vec<_> = paths(&folder).iter().map(|path| read(path)).collect();
    blocks.sort_by_key(|block| block.number);
    assert_eq!(blocks.len(), 13);
    blocks
}

pub(crate) fn paths(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is readable");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Recorded {
    let text = std::fs::read_to_string(path).expect("readable");
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": 0x"));
        data_encoding::HEXLOWER.decode(line.expect("the field is there").as_bytes()).expect("hexadecimal")
    };
    let body = field("body");
    let items = Reader::of_list(&body).expect("a body is a list");
    let parts = Parts::of_body(field("header"), items).expect("a body's items");
    let receipts = receipts(&field("receipts")).expect("receipts without blooms");
    let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
    let number = name.strip_prefix("block-data-").and_then(|number| number.parse().ok()).expect("a height");
    Recorded { number, parts, receipts }
}

fn receipts(bytes: &[u8]) -> Result<Vec<Receipt>, RlpError> {
    let mut list = Reader::of_list(bytes)?;
    let mut receipts = Vec::new();
    while !list.is_empty() {
        receipts.push(Receipt::decode_without_bloom(list.raw()?)?);
    }
    Ok(receipts)
}
