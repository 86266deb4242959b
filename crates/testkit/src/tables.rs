//! Real and hand-made chains that come as tables, read into the in-memory ledger.
//!
//! The folder is `COINHOUND_DATA`, else `../shared/data` beside the workspace; its README says where each set comes from
//! and what is wrong with it. What is known to be wrong is mended here, in one place, and said in words.

mod graph_100000;
mod graph_2009;
mod graphsense;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use coinhound_model::{AddressId, Height, HoldingId, Ledger, TxHash};

use crate::memory::{MemoryLedger, NewMovement};

pub use graph_2009::graph_2009;
pub use graph_100000::graph_100000;
pub use graphsense::{Graphsense, graphsense};

/// A table of transactions as a ledger, with its addresses' texts.
#[derive(Clone, Debug)]
pub struct Table {
    /// The ledger. Times are made up; block hashes too.
    pub ledger: MemoryLedger<u64>,
    names: Vec<String>,
    ids: HashMap<String, AddressId>,
    coins: HashMap<(String, u32), HoldingId>,
}

/// An input as a table tells it.
#[derive(Clone, Debug)]
struct TableInput {
    /// The table's own name of the transaction that made the coin, and which of its outputs.
    coin: (String, u32),
    value: u64,
    address: String,
}

/// A transaction as a table tells it.
#[derive(Clone, Debug)]
struct TableTx {
    /// The table's own name of it.
    name: String,
    hash: TxHash,
    height: Height,
    inputs: Vec<TableInput>,
    /// Values and addresses.
    outputs: Vec<(u64, String)>,
}

impl Table {
    fn new(first: Height) -> Self {
        let ledger = MemoryLedger::new(first);
        Self { ledger, names: Vec::new(), ids: HashMap::new(), coins: HashMap::new() }
    }

    /// The address with this text.
    #[must_use]
    pub fn address(&self, text: &str) -> Option<AddressId> {
        self.ids.get(text).copied()
    }

    /// An address's text.
    #[must_use]
    pub fn text(&self, address: AddressId) -> &str {
        &self.names[address.index()]
    }

    /// How many distinct addresses the table shows.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.names.len()
    }

    /// The first coin made here for an address that nobody took, by its maker's name and position.
    fn unspent(&self, address: &str) -> Option<(String, u32)> {
        let mut coins = Vec::new();
        self.ledger.holdings(self.address(address)?, &mut coins);
        let free = |coin: &HoldingId| {
            let maker = self.ledger.origin(*coin).map(|(maker, _)| maker);
            maker.is_some_and(|maker| self.ledger.next(*coin, maker).is_none())
        };
        let coin = coins.into_iter().find(free)?;
        let (hash, index) = self.ledger.outpoint(coin);
        Some((hash.to_string(), index))
    }

    fn intern(&mut self, text: &str) -> AddressId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = AddressId(self.names.len() as u64);
        self.names.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }

    /// Adds a transaction; a coin that no earlier one made is foreign.
    fn push(&mut self, tx: TableTx) {
        let debits = tx.inputs.iter().map(|input| self.take(input)).collect();
        let first_coin = self.ledger.coins();
        for (at, coin) in (0..).zip(first_coin..).take(tx.outputs.len()) {
            self.coins.insert((tx.name.clone(), at), HoldingId(coin));
        }
        let credits = tx.outputs.iter().map(|(value, address)| (*value, self.intern(address))).collect();
        self.ledger.push(NewMovement::plain(tx.hash, tx.height, debits, credits));
    }

    fn take(&mut self, input: &TableInput) -> HoldingId {
        if let Some(coin) = self.coins.get(&input.coin) {
            return *coin;
        }
        let owner = self.intern(&input.address);
        let (name, index) = &input.coin;
        let holding = self.ledger.push_foreign((made_up_hash(name), *index), Some(input.value), owner);
        self.coins.insert(input.coin.clone(), holding);
        holding
    }
}

/// The folder with the real data, or `None` after saying loudly that `test` did not run.
#[must_use]
pub fn data_folder(test: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("COINHOUND_DATA").map_or(beside, PathBuf::from);
    if folder.join("bitcoin").is_dir() {
        return Some(folder);
    }
    eprintln!("NOT RUN: {test}: no data at `{}`; set COINHOUND_DATA to its folder", folder.display());
    None
}

/// The rows of a CSV file below its header, each cut at its commas. No cell of these tables holds a comma.
fn rows(path: &Path, columns: usize) -> Vec<Vec<String>> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
    let cells = |line: &str| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = text.lines().skip(1).map(cells).collect();
    for (row, line) in rows.iter().zip(2..) {
        assert_eq!(row.len(), columns, "`{}` line {line} has another number of columns", path.display());
    }
    rows
}

fn number<N: std::str::FromStr>(cell: &str) -> N {
    cell.parse().unwrap_or_else(|_| panic!("`{cell}` is not a number"))
}

/// A hash for a transaction of which a table tells only its own name: the name's bytes and a filler.
fn made_up_hash(name: &str) -> TxHash {
    let mut bytes = [0xfe; 32];
    for (byte, letter) in bytes.iter_mut().rev().zip(name.bytes()) {
        *byte = letter;
    }
    coinhound_model::Hash256(bytes)
}
