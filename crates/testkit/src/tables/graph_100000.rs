//! Heights 100,000 to 104,000 as tables of value edges (from VincenzoImp/Bitcoin-Address-Clustering).
//!
//! Each block's coinbase transaction has an input named `coinbase<height>`, said to hold exactly 50 BTC: it is no coin and
//! no address, and is left out (the set's own count of 29,736 addresses has these 4,001 names in it). Coins from below
//! height 100,000 are foreign; the table knows their maker by a number only, so their hash is made up.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use coinhound_model::Height;

use crate::tables::{Table, TableInput, TableTx, number, rows};

/// Heights 100,000 to 104,000 as a ledger. `folder` is the data folder.
///
/// # Panics
/// When the files are not those of the set.
#[must_use]
pub fn graph_100000(folder: &Path) -> Table {
    let folder = folder.join("bitcoin/graph-100000-104000");
    let (mut txs, order) = transactions(&folder);
    for part in 0..3 {
        for edge in rows(&folder.join(format!("edges-{part}.csv")), 6) {
            add_edge(&mut txs, &edge);
        }
    }
    let mut table = Table::new(Height(100_000));
    for name in order.into_values() {
        table.push(txs.remove(&name).expect("each has its place in the order").into_table());
    }
    table
}

/// A transaction whose inputs and outputs still carry their positions.
struct Draft {
    tx: TableTx,
    inputs: BTreeMap<u32, TableInput>,
    outputs: BTreeMap<u32, (u64, String)>,
}

impl Draft {
    fn into_table(self) -> TableTx {
        assert!(self.outputs.keys().copied().eq((0..).take(self.outputs.len())), "no output is missing");
        TableTx {
            inputs: self.inputs.into_values().collect(),
            outputs: self.outputs.into_values().collect(),
            ..self.tx
        }
    }
}

/// The transactions by name, and their names in chain order.
fn transactions(folder: &Path) -> (HashMap<String, Draft>, BTreeMap<u32, String>) {
    let (mut txs, mut order) = (HashMap::new(), BTreeMap::new());
    for part in 0..3 {
        for row in rows(&folder.join(format!("vertices-{part}.csv")), 11) {
            if row[1] == "tx" {
                let hash = row[2].parse().expect("a transaction's hash");
                let (name, height) = (row[0].clone(), Height(number(&row[3])));
                order.insert(number(&row[10]), name.clone());
                let tx = TableTx { name: name.clone(), hash, height, inputs: Vec::new(), outputs: Vec::new() };
                txs.insert(name, Draft { tx, inputs: BTreeMap::new(), outputs: BTreeMap::new() });
            }
        }
    }
    assert_eq!(txs.len(), order.len(), "each has a place of its own");
    (txs, order)
}

/// An edge is one output of its source and one input of its destination, where these are transactions of the range.
fn add_edge(txs: &mut HashMap<String, Draft>, edge: &[String]) {
    let [source, destination, source_at, destination_at, address, value] = edge else {
        unreachable!("rows have six columns");
    };
    let value = number(value);
    if let Some(draft) = txs.get_mut(source) {
        draft.outputs.insert(number(source_at), (value, address.clone()));
    }
    let coinbase = source.starts_with("coinbase");
    if let Some(draft) = txs.get_mut(destination).filter(|_| !coinbase) {
        let coin = (source.clone(), number(source_at));
        draft.inputs.insert(number(destination_at), TableInput { coin, value, address: address.clone() });
    }
}
