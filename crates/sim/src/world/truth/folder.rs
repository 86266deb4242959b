//! Truth as a folder of tables: tab-separated text, one head line each, rows in the order of telling.
//!
//! Lists within a cell are separated by commas, their parts by colons. Scripts are hexadecimal,
//! transactions are named as nodes print them, amounts are satoshi.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use crate::world::truth::{
    LootRow, LootSum, LootTo, OutputTruth, OwnerRow, ScriptRow, ServiceRow, TheftRow, TruthSink, TxRow,
};

/// Why truth could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TruthError {
    /// The operating system refused.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Names and head lines of the tables.
const TABLES: [(&str, &str); 7] = [
    ("owners", "owner\tkind\tname"),
    ("scripts", "script\towner\tpart"),
    ("transactions", "height\tposition\ttxid\tpurpose\tinput_owners\toutputs\tparticipants"),
    ("services", "txid\tvout\tservice\tcustomer\tdirection\tvalue"),
    ("thefts", "theft\tscript\theight\tvictim\tcarriers"),
    ("loot", "theft\ttxid\tfrom\tto\tvout\tamount"),
    ("loot_sums", "theft\tstolen\tat_rest\tat_services\tto_others\tfees"),
];

/// Writes seven tables. The first failure is kept, later rows are dropped, and [`FolderSink::finish`] says it.
#[derive(Debug)]
pub struct FolderSink {
    tables: Vec<Table>,
    line: String,
    failed: Option<TruthError>,
}

#[derive(Debug)]
struct Table {
    path: PathBuf,
    file: BufWriter<File>,
}

impl FolderSink {
    /// Begins the tables in a folder, which is made if it does not exist; nothing is overwritten.
    ///
    /// # Errors
    /// [`TruthError::Io`], also when a table lies there already.
    pub fn create(folder: &Path) -> Result<Self, TruthError> {
        fs::create_dir_all(folder).map_err(|source| TruthError::Io { path: folder.to_owned(), source })?;
        let tables = TABLES.iter().map(|(name, head)| Table::create(folder, name, head)).collect::<Result<_, _>>()?;
        Ok(Self { tables, line: String::new(), failed: None })
    }

    /// Writes what is still in memory.
    ///
    /// # Errors
    /// The first [`TruthError`] of all.
    pub fn finish(mut self) -> Result<(), TruthError> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        self.tables.iter_mut().try_for_each(Table::flush)
    }

    /// Ends the line in the making in one of the [`TABLES`].
    fn put(&mut self, table: usize) {
        self.line.push('\n');
        let table = &mut self.tables[table];
        if self.failed.is_none()
            && let Err(source) = table.file.write_all(self.line.as_bytes())
        {
            self.failed = Some(TruthError::Io { path: table.path.clone(), source });
        }
        self.line.clear();
    }

    fn write(&mut self, table: usize, text: std::fmt::Arguments<'_>) {
        self.line.write_fmt(text).expect("strings take all text");
        self.put(table);
    }
}

impl Table {
    fn create(folder: &Path, name: &str, head: &str) -> Result<Self, TruthError> {
        let path = folder.join(format!("{name}.tsv"));
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = match file {
            Ok(file) => BufWriter::new(file),
            Err(source) => return Err(TruthError::Io { path, source }),
        };
        match writeln!(file, "{head}") {
            Ok(()) => Ok(Self { path, file }),
            Err(source) => Err(TruthError::Io { path, source }),
        }
    }

    fn flush(&mut self) -> Result<(), TruthError> {
        self.file.flush().map_err(|source| TruthError::Io { path: self.path.clone(), source })
    }
}

impl TruthSink for FolderSink {
    fn owner(&mut self, row: &OwnerRow) {
        self.write(0, format_args!("{}\t{}\t{}", row.number, row.kind, row.name));
    }

    fn script(&mut self, row: &ScriptRow) {
        HEXLOWER.encode_append(&row.script, &mut self.line);
        self.write(1, format_args!("\t{}\t{}", row.owner, row.part));
    }

    fn transaction(&mut self, row: &TxRow) {
        let line = &mut self.line;
        let _ = write!(line, "{}\t{}\t{}\t{}\t", row.height, row.position, row.txid, row.purpose);
        list(line, &row.inputs, |line, owner| write!(line, "{owner}"));
        line.push('\t');
        list(line, &row.outputs, output);
        line.push('\t');
        list(line, &row.participants, |line, one| write!(line, "{}:{}:{}", one.party, one.paid_in, one.asked_out));
        self.put(2);
    }

    fn service(&mut self, row: &ServiceRow) {
        let direction = if row.withdrawal { "withdrawal" } else { "deposit" };
        let ServiceRow { txid, vout, service, customer, value, .. } = row;
        self.write(3, format_args!("{txid}\t{vout}\t{service}\t{customer}\t{direction}\t{value}"));
    }

    fn theft(&mut self, row: &TheftRow) {
        let _ = write!(self.line, "{}\t{}\t{}\t{}\t", row.theft, row.script, row.height, row.victim);
        list(&mut self.line, &row.carriers, |line, carrier| write!(line, "{carrier}"));
        self.put(4);
    }

    fn loot(&mut self, row: &LootRow) {
        let _ = write!(self.line, "{}\t{}\t{}\t", row.theft, row.txid, row.from);
        match row.to {
            LootTo::Party { party, vout } => self.write(5, format_args!("{party}\t{vout}\t{}", row.amount)),
            LootTo::Fees => self.write(5, format_args!("fees\t\t{}", row.amount)),
        }
    }

    fn loot_sum(&mut self, row: &LootSum) {
        let LootSum { theft, stolen, at_rest, at_services, to_others, fees } = row;
        self.write(6, format_args!("{theft}\t{stolen}\t{at_rest}\t{at_services}\t{to_others}\t{fees}"));
    }
}

/// `owner`, with `*` for change and `<by` where another than the owner put it in; `-` for data.
fn output(line: &mut String, output: &OutputTruth) -> std::fmt::Result {
    let OutputTruth { owner, by, change } = *output;
    match owner {
        None => line.write_char('-'),
        Some(owner) if change => write!(line, "{owner}*"),
        Some(owner) if owner == by => write!(line, "{owner}"),
        Some(owner) => write!(line, "{owner}<{by}"),
    }
}

fn list<T>(line: &mut String, items: &[T], mut put: impl FnMut(&mut String, &T) -> std::fmt::Result) {
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            line.push(',');
        }
        put(line, item).expect("strings take all text");
    }
}
