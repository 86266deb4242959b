//! A hand-made chain of ten transactions with its expected clusters (from graphsense-lib's tests).
//!
//! One output pays two keys (bare multisig); it is one address here and has the name `c(a, b)`. One of its values disagrees
//! with itself (150,000 where made, 1,500,000 where spent), which clusters do not see.

use std::path::Path;

use coinhound_model::{Height, MovementId};
use serde_json::Value;

use crate::tables::{Table, TableInput, TableTx};

/// The chain and what its authors expect of it.
#[derive(Clone, Debug)]
pub struct Graphsense {
    /// The chain.
    pub table: Table,
    /// The transactions that its authors call CoinJoins.
    pub coinjoins: Vec<MovementId>,
    /// Address text and cluster number, CoinJoins left out. The coinbase, which they count as an address, is not.
    pub clusters: Vec<(String, u64)>,
    /// The same with CoinJoins taken as evidence.
    pub clusters_with_coinjoin: Vec<(String, u64)>,
}

/// Reads the set. `folder` is the data folder.
///
/// # Panics
/// When the files are not those of the set.
#[must_use]
pub fn graphsense(folder: &Path) -> Graphsense {
    let folder = folder.join("bitcoin/graphsense-utxo");
    let mut table = Table::new(Height(0));
    let mut coinjoins = Vec::new();
    for (tx, at) in lines(&folder.join("test_txs.json")).iter().zip(0..) {
        let next = transaction(&table, tx);
        table.push(next);
        if tx["coinjoin"] == true {
            coinjoins.push(MovementId(at));
        }
    }
    let names = lines(&folder.join("reference/address_ids.json"));
    let expected = |file: &str| expected_clusters(&names, &lines(&folder.join("reference").join(file)));
    let clusters = expected("address_cluster.json");
    let clusters_with_coinjoin = expected("address_cluster_with_coinjoin.json");
    Graphsense { table, coinjoins, clusters, clusters_with_coinjoin }
}

fn lines(path: &Path) -> Vec<Value> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

/// The table does not say which output an input spends: it is the address's first unspent one.
fn transaction(table: &Table, tx: &Value) -> TableTx {
    let hash = tx["txHash"].as_str().expect("a hash");
    let parts = |side: &str| tx[side].as_array().expect("a list").iter().map(part).collect::<Vec<_>>();
    let inputs = parts("inputs").into_iter().map(|(value, address)| {
        let coin = table.unspent(&address).expect("every input's coin was made before");
        TableInput { coin, value, address }
    });
    TableTx {
        name: hash.to_owned(),
        hash: hash.parse().expect("64 digits"),
        height: Height(u32::try_from(tx["blockId"].as_u64().expect("a height")).expect("a small one")),
        inputs: inputs.collect(),
        outputs: parts("outputs"),
    }
}

fn part(part: &Value) -> (u64, String) {
    let names: Vec<&str> = part["address"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let address = if let [name] = names[..] { name.to_owned() } else { format!("c({})", names.join(", ")) };
    (part["value"].as_u64().expect("a value"), address)
}

fn expected_clusters(names: &[Value], clusters: &[Value]) -> Vec<(String, u64)> {
    let cluster =
        |id: &Value| clusters.iter().find(|row| row["addressId"] == *id).and_then(|row| row["clusterId"].as_u64());
    let named = names.iter().filter(|row| row["address"] != "coinbase");
    let text = |row: &Value| row["address"].as_str().expect("a text").to_owned();
    named.map(|row| (text(row), cluster(&row["addressId"]).expect("every address has one"))).collect()
}
