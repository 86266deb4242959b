//! All of 2009, heights 0 to 32,489, as tables (from tintiron/taintedtx).
//!
//! Mended: 2,052 transaction hashes lost a last "b"; two output rows stand twice; five address numbers have no text,
//! each is the same key as the number one higher.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use coinhound_model::Height;

use crate::tables::{Table, TableInput, TableTx, number, rows};

/// Address numbers without a text: the numbers one higher say whose they are.
const TWINS: [u32; 5] = [270_311, 27_821, 292_291, 264_901, 28_411];

/// Heights 0 to 32,489 as a ledger; nothing is foreign. `folder` is the data folder.
///
/// # Panics
/// When the files are not those of the set.
#[must_use]
pub fn graph_2009(folder: &Path) -> Table {
    let folder = folder.join("bitcoin/graph-2009");
    let addresses: HashMap<u32, String> =
        rows(&folder.join("adr_hash.csv"), 2).into_iter().map(|row| (number(&row[0]), row[1].clone())).collect();
    let text = |cell: &str| {
        let index: u32 = number(cell);
        let index = if TWINS.contains(&index) { index + 1 } else { index };
        addresses[&index].clone()
    };
    let mut txs = transactions(&folder);
    let mut seen = HashSet::new();
    for row in rows(&folder.join("tx_output.csv"), 5) {
        if seen.insert(row[0].clone()) {
            txs[number::<usize>(&row[1])].outputs.push((number(&row[0]), number(&row[3]), text(&row[2])));
        }
    }
    for row in rows(&folder.join("tx_input.csv"), 5) {
        let coin = coin(&row[0], &row[4]);
        let input = TableInput { coin, value: number(&row[3]), address: text(&row[2]) };
        txs[number::<usize>(&row[1])].inputs.push(input);
    }
    let mut table = Table::new(Height(0));
    for tx in txs {
        table.push(tx.into_table());
    }
    table
}

/// A transaction whose outputs still carry their numbers.
struct Draft {
    name: String,
    hash: String,
    height: u32,
    inputs: Vec<TableInput>,
    outputs: Vec<(u64, u64, String)>,
}

impl Draft {
    fn into_table(mut self) -> TableTx {
        self.outputs.sort_unstable();
        let outputs = self.outputs.into_iter().map(|(_, value, address)| (value, address)).collect();
        let hash = self.hash.parse().expect("mended to 64 digits");
        TableTx { name: self.name, hash, height: Height(self.height), inputs: self.inputs, outputs }
    }
}

/// The transactions without inputs and outputs; they are numbered from zero in chain order.
fn transactions(folder: &Path) -> Vec<Draft> {
    let heights = rows(&folder.join("tx_height.csv"), 2);
    let hashes = rows(&folder.join("tx_hash.csv"), 2);
    let draft = |((height, hash), at): ((Vec<String>, Vec<String>), usize)| {
        assert_eq!((number::<usize>(&height[0]), number::<usize>(&hash[0])), (at, at), "numbered without gaps");
        let hash = format!("{:b<64}", hash[1]);
        Draft { name: at.to_string(), hash, height: number(&height[1]), inputs: Vec::new(), outputs: Vec::new() }
    };
    heights.into_iter().zip(hashes).zip(0..).map(draft).collect()
}

/// An output's number is that of its transaction, then one digit for its position.
fn coin(output: &str, tx: &str) -> (String, u32) {
    let position = output.strip_prefix(tx).expect("an output's number starts with its transaction's");
    (tx.to_owned(), number(position))
}
