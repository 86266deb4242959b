//! A map applied to one file's header: where each value of a row stands.

use super::columns::{Header, Source};
use super::error::TableError;
use super::map::TableMap;
use super::precision::Precision;
use super::schema::{Kind, Names, PrecisionPick, Schema, StatementTable};

/// Where each value of a row stands.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub time: Source,
    pub until: Option<Source>,
    pub precision: HowFine,
    pub transaction: Option<(Source, Names)>,
    pub asset: Source,
    pub ticker: Option<Source>,
    pub sides: Sides,
    pub fee: Option<Fee>,
    pub status: Option<(Source, Vec<String>)>,
    pub labels: Vec<(String, Source)>,
    pub source: Option<Source>,
    pub filters: Vec<Filter>,
}

/// How fine a row's time is.
#[derive(Clone, Debug)]
pub(super) enum HowFine {
    /// As fine as it is written.
    AsWritten,
    /// In every row the same.
    All(Precision),
    /// As the row says.
    Column(usize),
}

/// Who pays whom how much.
#[derive(Clone, Debug)]
pub(super) enum Sides {
    /// A row names both.
    Transfer { from: Source, to: Source, amount: Source, kind: Kind },
    /// A row is of one account and says in which direction value went.
    Statement { account: Source, counterparty: Option<Source>, flow: Flow },
}

/// How a statement says the direction.
#[derive(Clone, Debug)]
pub(super) enum Flow {
    /// In two columns.
    InOut(Source, Source),
    /// By a sign.
    Signed(Source),
}

/// What a row pays for being processed.
#[derive(Clone, Debug)]
pub(super) struct Fee {
    pub amount: Source,
    pub payer: Option<Source>,
    pub asset: Option<String>,
}

/// Which rows count.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub column: usize,
    pub values: Vec<String>,
    /// Whether rows with these values count, or all others.
    pub keeps: bool,
}

impl Plan {
    /// Finds every column that a map names.
    pub fn new(map: &TableMap, header: &Header) -> Result<Self, TableError> {
        let schema = &map.schema;
        let transaction = schema.transaction.as_ref();
        let status = schema.status.as_ref();
        Ok(Self {
            time: header.find(&schema.time.column)?,
            until: header.find_any(schema.time.until.as_ref())?,
            precision: match &schema.time.precision {
                None => HowFine::AsWritten,
                Some(PrecisionPick::All(precision)) => HowFine::All(*precision),
                Some(PrecisionPick::Each(each)) => HowFine::Column(header.column(&each.column)?),
            },
            transaction: transaction.map(|table| Ok((header.find(&table.column)?, table.names))).transpose()?,
            asset: header.find(&schema.asset.id)?,
            ticker: header.find_any(schema.asset.ticker.as_ref())?,
            sides: sides(schema, header)?,
            fee: fee(schema, header)?,
            status: status.map(|table| Ok((header.find(&table.column)?, table.ok.clone()))).transpose()?,
            labels: labels(schema, header)?,
            source: header.find_any(schema.source.as_ref())?,
            filters: filters(schema, header)?,
        })
    }
}

fn sides(schema: &Schema, header: &Header) -> Result<Sides, TableError> {
    if let Some(statement) = &schema.statement {
        let counterparty = header.find_any(statement.counterparty.as_ref())?;
        return Ok(Sides::Statement {
            account: header.find(&statement.account)?,
            counterparty,
            flow: flow(statement, header)?,
        });
    }
    let table = schema.transfer.as_ref().expect("a checked map has a transfer or a statement");
    let (from, to) = (header.find(&table.from)?, header.find(&table.to)?);
    Ok(Sides::Transfer { from, to, amount: header.find(&table.amount)?, kind: table.kind })
}

fn flow(statement: &StatementTable, header: &Header) -> Result<Flow, TableError> {
    match (&statement.signed, &statement.came_in, &statement.went_out) {
        (Some(signed), ..) => Ok(Flow::Signed(header.find(signed)?)),
        (None, Some(came_in), Some(went_out)) => Ok(Flow::InOut(header.find(came_in)?, header.find(went_out)?)),
        _ => unreachable!("a checked map has a signed column or one for each direction"),
    }
}

fn fee(schema: &Schema, header: &Header) -> Result<Option<Fee>, TableError> {
    let Some(table) = &schema.fee else { return Ok(None) };
    let payer = header.find_any(table.payer.as_ref())?;
    Ok(Some(Fee { amount: header.find(&table.amount)?, payer, asset: table.asset.clone() }))
}

fn labels(schema: &Schema, header: &Header) -> Result<Vec<(String, Source)>, TableError> {
    schema.labels.iter().map(|(key, pick)| Ok((key.clone(), header.find(pick)?))).collect()
}

fn filters(schema: &Schema, header: &Header) -> Result<Vec<Filter>, TableError> {
    let filter = |table: &super::schema::FilterTable| {
        let (values, keeps) = match (&table.is, &table.is_not) {
            (Some(values), _) => (values, true),
            (None, values) => (values.as_ref().expect("a checked filter has values"), false),
        };
        Ok(Filter { column: header.column(&table.column)?, values: values.clone(), keeps })
    };
    schema.filter.iter().map(filter).collect()
}
