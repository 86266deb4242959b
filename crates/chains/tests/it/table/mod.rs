//! Supplied tables: what a map and its rows become, and every way in which they can be wrong.

mod bad_maps;
mod bad_rows;
mod ledgers;
mod ready_maps;
mod referee;

use std::fmt::Write;
use std::sync::Arc;

use coinhound_chains::table::{Start, Table, TableError, TableFile, TableMap};
use coinhound_model::{Account, AccountBlock, NoteKind};

/// A list of transfers, with whatever else a test wants.
pub fn transfers(more: &str) -> String {
    format!(
        "format = 1\nledger = \"town\"\n{more}\n\
         [transfer]\nfrom = \"from\"\nto = \"to\"\namount = \"amount\"\n"
    )
}

/// Times, transactions and assets as most tests have them.
pub const USUAL: &str = "[time]\ncolumn = \"time\"\nformat = \"iso\"\nzone = \"UTC\"\n\
     [transaction]\ncolumn = \"tx\"\n[asset]\nid = { constant = \"COIN\" }\ndecimals = 2\n";

/// The header of such a table.
pub const HEADER: &str = "time,tx,from,to,amount\n";

pub fn file(name: &str, map: &str, text: impl AsRef<[u8]>) -> TableFile {
    let map = TableMap::parse(map).unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)));
    TableFile { name: name.to_owned(), bytes: text.as_ref().to_vec(), map: Arc::new(map) }
}

/// Reads one table as most tests have it.
pub fn usual(rows: &str) -> Result<Table, TableError> {
    Table::read(vec![file("a.csv", &transfers(USUAL), format!("{HEADER}{rows}"))], None, false)
}

/// A hash of one digit.
pub fn hash(digit: char) -> String {
    digit.to_string().repeat(64)
}

pub fn blocks(table: &Table) -> Vec<AccountBlock> {
    table.blocks(Start::Ledger).collect()
}

/// What blocks say, without the names that nobody can read.
pub fn told(blocks: &[AccountBlock]) -> String {
    let mut text = String::new();
    for block in blocks {
        writeln!(text, "block {} at {}", block.height, block.time).expect("a string grows");
        for tx in &block.txs {
            writeln!(text, "  tx {}", &tx.hash.to_string()[..8]).expect("a string grows");
            for one in &tx.moves {
                let side = |account: &Option<Account>| match account {
                    Some(Account(name)) => String::from_utf8_lossy(name).into_owned(),
                    None => "-".to_owned(),
                };
                let (from, to) = (side(&one.from), side(&one.to));
                writeln!(text, "    {} {} {} {from} -> {to}", one.kind, one.units, one.token.id)
                    .expect("a string grows");
            }
        }
    }
    text
}

/// The notes of one kind, in order.
pub fn notes(block: &AccountBlock, kind: NoteKind) -> Vec<String> {
    let notes = block.txs.iter().flat_map(|tx| &tx.notes).filter(|note| note.kind == kind);
    notes.map(|note| String::from_utf8_lossy(&note.bytes).into_owned()).collect()
}
