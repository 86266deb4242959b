//! A map as its TOML has it, before anything of it is checked.
//!
//! Keys that are not here are refused: a misspelt one would otherwise be a column that is silently not read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::precision::Precision;

/// A whole map.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schema {
    pub format: u32,
    pub ledger: String,
    #[serde(default)]
    pub begins_empty: bool,
    pub source: Option<Pick>,
    #[serde(default)]
    pub file: FileTable,
    #[serde(default)]
    pub numbers: NumbersTable,
    pub time: TimeTable,
    pub transaction: Option<TransactionTable>,
    #[serde(default)]
    pub accounts: AccountsTable,
    pub asset: AssetTable,
    pub transfer: Option<TransferTable>,
    pub statement: Option<StatementTable>,
    pub fee: Option<FeeTable>,
    pub status: Option<StatusTable>,
    #[serde(default)]
    pub labels: BTreeMap<String, Pick>,
    #[serde(default)]
    pub filter: Vec<FilterTable>,
    #[serde(default)]
    pub opening: Vec<OpeningTable>,
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column's name, its position from 1, a list of columns, { optional = \"..\" }, or { constant = \"..\" }"
)]
pub(super) enum Pick {
    One(Column),
    First(Vec<Column>),
    Optional(Optional),
    Constant(Constant),
}

/// A column by its name in the header or by its position from 1.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a column's name or its position from 1")]
pub(super) enum Column {
    Position(usize),
    Name(String),
}

/// A column that need not be there: then it is empty.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Optional {
    pub optional: Columns,
}

/// One column or several.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a column or a list of columns")]
pub(super) enum Columns {
    One(Column),
    Several(Vec<Column>),
}

impl Columns {
    /// As a list.
    pub fn as_slice(&self) -> &[Column] {
        match self {
            Self::One(column) => std::slice::from_ref(column),
            Self::Several(columns) => columns,
        }
    }
}

/// A value that every row has.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant {
    pub constant: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FileTable {
    pub delimiter: String,
    pub header: bool,
    pub encoding: String,
}

impl Default for FileTable {
    fn default() -> Self {
        Self { delimiter: ",".to_owned(), header: true, encoding: "utf-8".to_owned() }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NumbersTable {
    pub decimal: String,
    pub thousands: String,
}

impl Default for NumbersTable {
    fn default() -> Self {
        Self { decimal: ".".to_owned(), thousands: String::new() }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeTable {
    pub column: Pick,
    pub format: String,
    pub zone: Option<String>,
    pub precision: Option<PrecisionPick>,
    pub until: Option<Pick>,
}

/// How fine times are: in every row the same, or told by each.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged, expecting = "expected second, minute, hour, day, or { column = \"..\" }")]
pub(super) enum PrecisionPick {
    All(Precision),
    Each(PrecisionColumn),
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrecisionColumn {
    pub column: Column,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransactionTable {
    pub column: Pick,
    #[serde(default)]
    pub names: Names,
    #[serde(default)]
    pub times: Times,
}

/// What names a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Names {
    /// Its hash.
    #[default]
    Hash,
    /// A text of whoever supplied the table.
    Text,
}

/// Whether rows of one transaction say the same moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Times {
    /// They must.
    #[default]
    Same,
    /// Each moment is a transaction of its own.
    Each,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AccountsTable {
    pub lowercase: bool,
    pub nobody: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssetTable {
    pub id: Pick,
    pub ticker: Option<Pick>,
    #[serde(default)]
    pub amounts: Amounts,
    pub decimals: Option<u8>,
    #[serde(default)]
    pub decimals_of: BTreeMap<String, u8>,
}

/// What amounts count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Amounts {
    /// Whole units, with decimal places.
    #[default]
    Whole,
    /// Smallest units.
    Smallest,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransferTable {
    pub from: Pick,
    pub to: Pick,
    pub amount: Pick,
    #[serde(default)]
    pub kind: Kind,
}

/// What a row of transfers is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A transfer.
    #[default]
    Transfer,
    /// What a contract passed on inside a transaction.
    Internal,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementTable {
    pub account: Pick,
    pub counterparty: Option<Pick>,
    #[serde(rename = "in")]
    pub came_in: Option<Pick>,
    #[serde(rename = "out")]
    pub went_out: Option<Pick>,
    pub signed: Option<Pick>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeeTable {
    pub amount: Pick,
    pub payer: Option<Pick>,
    pub asset: Option<String>,
    #[serde(default)]
    pub rows: FeeRows,
}

/// Whether each row of a transaction has its own fee.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FeeRows {
    /// Each has.
    #[default]
    Each,
    /// All repeat the transaction's.
    Repeat,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusTable {
    pub column: Pick,
    pub ok: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterTable {
    pub column: Column,
    pub is: Option<Vec<String>>,
    pub is_not: Option<Vec<String>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpeningTable {
    pub account: String,
    pub asset: String,
    pub amount: String,
    pub source: String,
}
