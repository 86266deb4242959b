//! Tables that people bring: exports of explorers and exchanges, lists of transfers.
//!
//! Nobody can verify a table against a chain, so what comes of one is *supplied*: every transaction says which line of
//! which file it comes from. In reading order: how a text becomes cells (`records`), an exact amount (`number`), a moment
//! (`moment`); what a map says (`schema`, `map`) and where a file has it (`columns`, `plan`); one row (`row`), all of them
//! (`table`), the blocks they make (`blocks`) and what names those (`names`). docs/tables.md has the format of maps.

mod blocks;
mod columns;
mod error;
mod map;
mod moment;
mod names;
mod number;
mod plan;
mod precision;
mod ready;
mod records;
mod row;
mod schema;
#[expect(clippy::module_inception, reason = "the module is of tables, the file of the tables of one load")]
mod table;

pub use blocks::{Blocks, Start};
pub use error::{BAD_ROWS_NAMED_MAX, BadRow, BadRows, MapError, Problem, TableError};
pub use map::{ACCOUNT_BYTES_MAX, ASSET_BYTES_MAX, MAP_FORMAT, TableMap, is_ledger_name};
pub use moment::MomentError;
pub use names::{BALANCES_UNKNOWN, before, of_file};
pub use number::{AmountError, DECIMALS_MAX, Notation, parse_smallest, parse_whole};
pub use precision::Precision;
pub use ready::{READY, ReadyMap, ready};
pub use records::{CELLS_MAX, Cells, Place, RECORD_BYTES_MAX, Records};
pub use table::{FILE_BYTES_MAX, FileReport, OpeningFact, ROWS_MAX, TABLES_MAX, Table, TableFile, TableReport};
