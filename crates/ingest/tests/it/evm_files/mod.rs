//! Ethereum's blocks from files: whatever form and order they have, the store is the same, and what is wrong is named.

mod forms;
mod mutations;
mod real;
mod trouble;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coinhound_chains::evm::json::parse_receipts;
use coinhound_chains::evm::rlp::Writer;
use coinhound_chains::evm::rows::rows;
use coinhound_chains::evm::trace::parse_call_tracer;
use coinhound_chains::evm::{Block, ChainRules, Receipt};
use coinhound_ingest::Control;
use coinhound_ingest::accounts::{AccountOptions, AccountSession};
use coinhound_ingest::evm::{EvmFilesLoadError, EvmFilesOutcome, EvmOptions, evm_chain, load_evm_files};
use coinhound_model::AccountBlock;
use coinhound_sim::evm::{EvmBlock, Traffic, json};
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::SimDisk;
use serde_json::{Value, json};

use crate::support::{Content, content};

/// Blocks of a story.
type Chain = [Arc<EvmBlock>];

fn accounts() -> AccountOptions {
    AccountOptions { layout: LayoutParams::tiny(), threads: 1, batch_rows: 200, ..AccountOptions::new(0) }
}

/// A folder of files and the store that is loaded from it.
struct Rig {
    folder: tempfile::TempDir,
    disk: SimDisk,
    options: EvmOptions,
}

impl Rig {
    fn new() -> Self {
        let options = EvmOptions { accounts: accounts(), ..EvmOptions::new(0) };
        Self { folder: tempfile::tempdir().expect("a folder"), disk: SimDisk::new(), options }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("within the folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn try_load(&self) -> Result<EvmFilesOutcome, EvmFilesLoadError> {
        self.try_load_of(&[self.folder.path().to_owned()])
    }

    fn try_load_of(&self, paths: &[PathBuf]) -> Result<EvmFilesOutcome, EvmFilesLoadError> {
        let storage = Arc::new(self.disk.clone());
        load_evm_files(paths, ChainRules::default(), storage, &self.options, &mut |_| Control::Go)
    }

    fn load(&self) -> EvmFilesOutcome {
        self.try_load().expect("the files are sound")
    }

    fn content(&self) -> Content {
        content(&self.disk)
    }

    /// A block with all that belongs to it in files of its own.
    fn put_block(&self, name: &str, block: &EvmBlock) {
        self.put(&format!("{name}.json"), json::block(block).to_string());
        self.put(&format!("{name}.receipts.json"), json::receipts(block).to_string());
        self.put(&format!("{name}.traces.json"), json::call_tracer(block).to_string());
        for (at, uncle) in block.uncles.iter().enumerate() {
            self.put(&format!("{name}.uncle{at}.json"), json::header(uncle).to_string());
        }
    }

    fn put_chain(&self, chain: &Chain) {
        chain.iter().for_each(|block| self.put_block(&block.header.number.to_string(), block));
    }
}

/// A story in which an uncle is named.
fn with_uncle(blocks: usize) -> Vec<Arc<EvmBlock>> {
    let mut stories = (0..1_000).map(|seed| Traffic::mainnet(seed).blocks(blocks));
    stories.find(|chain| chain.iter().any(|block| !block.uncles.is_empty())).expect("some story has one")
}

/// A written block as rows, by no file.
fn as_rows(block: &EvmBlock, is_traced: bool) -> AccountBlock {
    let checked = Block::check(&block.parts, block.chain).expect("a written block");
    let receipts = parse_receipts(&json::receipts(block).to_string()).expect("receipts");
    let traces = parse_call_tracer(&json::call_tracer(block).to_string()).expect("traces");
    let traces = (is_traced || traces.is_empty()).then_some(traces.as_slice());
    rows(&checked, &receipts, traces).expect("rows").block
}

/// The store that exactly these blocks leave, without any file.
fn fresh(blocks: &[AccountBlock]) -> Content {
    let disk = SimDisk::new();
    let chain = evm_chain(ChainRules::default());
    let mut session = AccountSession::open(Arc::new(disk.clone()), chain, accounts()).expect("opens");
    for block in blocks {
        session.push(block).expect("rows are taken");
    }
    session.finish().expect("commits");
    content(&disk)
}

fn fresh_of(chain: &Chain) -> Content {
    fresh(&chain.iter().map(|block| as_rows(block, true)).collect::<Vec<_>>())
}

/// A block's whole RLP.
fn rlp(block: &EvmBlock) -> Vec<u8> {
    let raw = |items: &[Vec<u8>]| {
        let mut list = Writer::new();
        items.iter().for_each(|item| list.raw(item));
        list.into_list()
    };
    let mut transactions = Writer::new();
    for tx in &block.parts.transactions {
        if tx[0] >= 0xc0 { transactions.raw(tx) } else { transactions.bytes(tx) }
    }
    let parts = &block.parts;
    let withdrawals = parts.withdrawals.iter().map(|items| raw(items));
    raw(&[parts.header.clone(), transactions.into_list(), raw(&parts.uncles)]
        .into_iter()
        .chain(withdrawals)
        .collect::<Vec<_>>())
}

/// A block's receipts as they stand under the root.
fn rlp_receipts(receipts: &[Receipt]) -> Vec<u8> {
    let mut list = Writer::new();
    for receipt in receipts.iter().map(Receipt::encode) {
        if receipt[0] >= 0xc0 { list.raw(&receipt) } else { list.bytes(&receipt) }
    }
    list.into_list()
}

/// A node's whole answer.
fn answer(result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "result": result })
}

fn text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Without the folder's own name.
fn named(folder: &Path, text: &str) -> String {
    text.replace(&format!("{}/", folder.display()), "")
}
