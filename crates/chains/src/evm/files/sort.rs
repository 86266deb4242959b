//! What a JSON value is: a block, its receipts, its traces, an uncle's header, or something around these.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::evm::files::error::ReadFault;
use crate::evm::hash::Hash;
use crate::evm::json::fields::Quantity;
use crate::evm::json::{JsonError, parse_header};

/// How deep lists and objects may stand around a block: an answer of a list of objects of an answer of a list.
const DEPTH_MAX: usize = 8;

/// What a text holds, by what it says of itself; nothing of it was checked but a block's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A block, whose name follows from its header.
    Block {
        /// Its name.
        hash: Hash,
        /// Its parent's.
        parent: Hash,
        /// Its height.
        number: u64,
        /// Its first transaction.
        first_tx: Option<Hash>,
    },
    /// A header without a body.
    Uncle {
        /// Its name.
        hash: Hash,
    },
    /// A block's receipts.
    Receipts {
        /// Whose.
        block: Hash,
    },
    /// A block's traces.
    Traces {
        /// A transaction of the block, the first that they name.
        tx: Hash,
        /// Whether they are call trees.
        is_tree: bool,
    },
}

/// The fields that tell kinds apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    block: Option<&'a RawValue>,
    #[serde(borrow)]
    receipts: Option<&'a RawValue>,
    #[serde(borrow)]
    traces: Option<&'a RawValue>,
    #[serde(borrow)]
    uncles: Option<&'a RawValue>,
    #[serde(borrow)]
    transactions: Option<&'a RawValue>,
    #[serde(borrow)]
    parent_hash: Option<&'a RawValue>,
    #[serde(borrow)]
    cumulative_gas_used: Option<&'a RawValue>,
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    tx_hash: Option<&'a RawValue>,
}

/// Takes a part of a text and its kind, or what is wrong with it.
type Each<'a, 'e> = dyn FnMut(&'a str, Result<Kind, ReadFault>) + 'e;

/// Hands on every part of a text that has a kind, and what is wrong with the others.
pub(super) fn sort<'a>(text: &'a str, each: &mut Each<'a, '_>) {
    sort_in(text, 0, each);
}

fn sort_in<'a>(text: &'a str, depth: usize, each: &mut Each<'a, '_>) {
    let text = text.trim();
    if depth == DEPTH_MAX {
        return each(text, Err(ReadFault::TooDeep));
    }
    let sorted = if text.starts_with('[') { list(text, depth, each) } else { object(text, depth, each) };
    if let Err(fault) = sorted {
        each(text, Err(fault));
    }
}

fn list<'a>(text: &'a str, depth: usize, each: &mut Each<'a, '_>) -> Result<(), ReadFault> {
    let items: Vec<&RawValue> = parse(text)?;
    let Some(first) = items.first() else { return Ok(()) };
    let fields: Option<Fields<'_>> = serde_json::from_str(first.get()).ok();
    match fields {
        Some(fields) if fields.cumulative_gas_used.is_some() => each(text, receipts(text)),
        Some(fields) if fields.is_trace_tree() || fields.action.is_some() => traces(text, &items, each),
        _ => items.iter().for_each(|item| sort_in(item.get(), depth + 1, each)),
    }
    Ok(())
}

fn object<'a>(text: &'a str, depth: usize, each: &mut Each<'a, '_>) -> Result<(), ReadFault> {
    let fields: Fields<'_> = parse(text)?;
    if fields.jsonrpc.is_some() || fields.id.is_some() && (fields.result.is_some() || fields.error.is_some()) {
        let nothing = || ReadFault::NoAnswer { said: beginning(fields.error.map_or(text, RawValue::get)) };
        sort_in(fields.result.ok_or_else(nothing)?.get(), depth + 1, each);
    } else if let Some(block) = fields.block {
        let parts = [Some(block), fields.receipts, fields.traces, fields.uncles];
        let parts = parts.into_iter().flatten().filter(|part| part.get() != "null");
        parts.for_each(|part| sort_in(part.get(), depth + 1, each));
    } else if let Some(transactions) = fields.transactions {
        each(text, block(text, transactions));
    } else if fields.parent_hash.is_some() {
        each(text, uncle(text));
    } else {
        return Err(ReadFault::Unknown { start: beginning(text) });
    }
    Ok(())
}

impl Fields<'_> {
    /// An element of what `debug_traceBlockByNumber` answers; older nodes leave the transaction out.
    fn is_trace_tree(&self) -> bool {
        self.result.is_some() && self.jsonrpc.is_none() && self.id.is_none() || self.tx_hash.is_some()
    }
}

fn block(text: &str, transactions: &RawValue) -> Result<Kind, ReadFault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Names {
        hash: Hash,
        parent_hash: Hash,
        number: Quantity,
    }
    #[derive(Deserialize)]
    struct First {
        hash: Hash,
    }
    let Names { hash, parent_hash: parent, number } = parse(text)?;
    let number = u64::try_from(number.0).map_err(|_| ReadFault::Unknown { start: beginning(text) })?;
    let transactions: Vec<&RawValue> = parse(transactions.get())?;
    let first_tx = match transactions.first() {
        Some(first) if first.get().starts_with('"') => return Err(ReadFault::HashesOnly),
        Some(first) => Some(parse::<First>(first.get())?.hash),
        None => None,
    };
    check_header(text)?;
    Ok(Kind::Block { hash, parent, number, first_tx })
}

/// Recomputes a block's hash from what the text tells of its header, and of that alone: a header whose body is damaged still
/// says which block stands below it.
fn check_header(text: &str) -> Result<(), ReadFault> {
    let mut fields: BTreeMap<String, &RawValue> = parse(text)?;
    fields.retain(|name, _| name != "transactions" && name != "withdrawals");
    let header = serde_json::to_string(&fields).map_err(JsonError::from)?;
    parse_header(&header).map(drop).map_err(ReadFault::from)
}

fn uncle(text: &str) -> Result<Kind, ReadFault> {
    let (hash, _) = crate::evm::json::parse_names(text)?;
    Ok(Kind::Uncle { hash })
}

fn receipts(text: &str) -> Result<Kind, ReadFault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Name {
        block_hash: Option<Hash>,
    }
    let names: Vec<Name> = parse(text)?;
    let block = names.first().and_then(|name| name.block_hash);
    let nameless = ReadFault::Nameless { what: "receipts", of: "block" };
    block.map(|block| Kind::Receipts { block }).ok_or(nameless)
}

/// Traces of rewards alone are of a block without transactions, which needs none.
fn traces<'a>(text: &'a str, items: &[&RawValue], each: &mut Each<'a, '_>) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Name<'a> {
        #[serde(rename = "type", borrow)]
        kind: Option<&'a RawValue>,
        #[serde(borrow)]
        action: Option<&'a RawValue>,
        tx_hash: Option<Hash>,
        transaction_hash: Option<Hash>,
    }
    let is_reward = |name: &Name<'_>| name.kind.is_some_and(|kind| kind.get() == "\"reward\"");
    let names = items.iter().map(|item| parse::<Name<'_>>(item.get()).ok());
    let Some(first) = names.into_iter().find(|name| !name.as_ref().is_some_and(is_reward)) else { return };
    let named = first.and_then(|name| Some((name.tx_hash.or(name.transaction_hash)?, name.action.is_none())));
    let nameless = ReadFault::Nameless { what: "traces", of: "transaction" };
    each(text, named.map(|(tx, is_tree)| Kind::Traces { tx, is_tree }).ok_or(nameless));
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ReadFault> {
    serde_json::from_str(text).map_err(|error| JsonError::from(error).into())
}

fn beginning(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_default).collect()
}
