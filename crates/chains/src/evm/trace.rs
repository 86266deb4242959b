//! Value that contracts passed on, from either form in which nodes tell it.
//!
//! Headers do not commit to traces: what they say is the node's word, and the rows say so. Either form gives the same list:
//! calls in the order they began, without those that were undone.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Bound;

use ruint::aliases::U256;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::evm::hash::{Address, Hash};
use crate::evm::json::fields::Quantity;

/// Calls inside calls that the chain allows at most.
const DEPTH_MAX: usize = 1_024;

/// How often its own length a text of nested calls may be read: each level is read once more than the one above.
const READ_MAX: usize = 256;

/// Characters kept of what a node says where it could not trace.
const SAID_LEN_MAX: usize = 200;

/// How value moved inside a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InternalKind {
    /// A contract called somebody with value.
    Call,
    /// A contract made another and gave it value.
    Create,
    /// A contract ended and left its balance.
    SelfDestruct,
}

/// Value that moved inside a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Internal {
    /// How.
    pub kind: InternalKind,
    /// Whose.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// How much, in wei; never zero.
    pub units: U256,
}

/// A contract that another made inside a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Made {
    /// The new contract.
    pub contract: Address,
    /// Who made it.
    pub creator: Address,
    /// Whose code it runs, where it is a minimal proxy (EIP-1167) and its code was told.
    pub runs: Option<Address>,
}

/// What traces tell of one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TxTrace {
    /// Which transaction, where the answer tells.
    pub tx: Option<Hash>,
    /// Whether it was undone as a whole.
    pub failed: bool,
    /// What moved inside it, in the order of the calls.
    pub internals: Vec<Internal>,
    /// The contracts that were made inside it, in the order of the calls; also those that got no value.
    pub made: Vec<Made>,
    /// Whose code the contract runs that the transaction itself makes, where it is a minimal proxy (EIP-1167) and its
    /// code was told.
    pub runs: Option<Address>,
}

impl TxTrace {
    /// Adds a call that was not undone, and the code that it left; those that move nothing are not kept.
    fn take(&mut self, call: Option<Internal>, code: Option<&RawValue>) {
        if let Some(call) = call {
            let made = || Made { contract: call.to, creator: call.from, runs: minimal_proxy(code) };
            self.made.extend((call.kind == InternalKind::Create).then(made));
            self.internals.extend((!call.units.is_zero()).then_some(call));
        }
    }
}

/// Why a text is no trace of a block.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceFault {
    /// Not the JSON that was expected; line and column are in the text.
    #[error("not the traces that were expected: {0}")]
    Malformed(#[from] serde_json::Error),
    /// More calls inside calls than the chain allows, or so many that reading them would never end.
    #[error("transaction {index}: calls are nested deeper than {DEPTH_MAX}, or a text that deep is too long")]
    TooDeep {
        /// Which, from zero.
        index: usize,
    },
    /// A call without a field that its kind needs.
    #[error("transaction {index}: a {kind} has no `{field}`")]
    Missing {
        /// Which, from zero.
        index: usize,
        /// The call's kind, as told.
        kind: String,
        /// The field.
        field: &'static str,
    },
    /// The node could not trace a transaction, and says why.
    #[error("transaction {index} was not traced: {said}")]
    NotTraced {
        /// Which, from zero.
        index: usize,
        /// The beginning of what it says.
        said: String,
    },
    /// No call is the transaction itself: what it passed on is not known, though the rest of the block is told.
    #[error("transaction {index} has no trace, and others of its block have")]
    NotTold {
        /// Which, from zero.
        index: usize,
    },
    /// Two calls are the transaction itself.
    #[error("transaction {index} is traced twice")]
    ToldTwice {
        /// Which, from zero.
        index: usize,
    },
    /// A kind of call that is not known here.
    #[error("transaction {index}: `{kind}` is not a kind of call that is known")]
    UnknownKind {
        /// Which, from zero.
        index: usize,
        /// The beginning of what was told.
        kind: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Traced<'a> {
    tx_hash: Option<Hash>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    from: Address,
    to: Option<Address>,
    value: Option<Quantity>,
    error: Option<serde::de::IgnoredAny>,
    /// Of a contract that is made: its code.
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(default, borrow)]
    calls: Vec<&'a RawValue>,
}

/// Reads what `debug_traceBlockByNumber` answers with the tracer `callTracer`: one for each transaction, in order.
///
/// # Errors
/// [`TraceFault`].
pub fn parse_call_tracer(text: &str) -> Result<Vec<TxTrace>, TraceFault> {
    let told: Vec<Traced<'_>> = serde_json::from_str(text)?;
    told.iter().enumerate().map(|(index, traced)| call_tree(index, traced)).collect()
}

fn call_tree(index: usize, traced: &Traced<'_>) -> Result<TxTrace, TraceFault> {
    let said = || beginning_of(traced.error.as_deref().unwrap_or_default(), SAID_LEN_MAX);
    let result = traced.result.ok_or_else(|| TraceFault::NotTraced { index, said: said() })?;
    let mut trace = TxTrace { tx: traced.tx_hash, ..TxTrace::default() };
    let mut budget = result.get().len().saturating_mul(READ_MAX);
    // The calls that wait, the next one last, each with its depth.
    let mut waiting = vec![(result, 0)];
    while let Some((text, depth)) = waiting.pop() {
        budget = budget.checked_sub(text.get().len()).ok_or(TraceFault::TooDeep { index })?;
        let frame: Frame<'_> = serde_json::from_str(text.get())?;
        let undone = frame.error.is_some();
        if depth == 0 {
            trace.failed = undone;
            trace.runs =
                frame.output.filter(|_| !undone && frame.is_creation()).and_then(|code| minimal_proxy(Some(code)));
        } else if !undone {
            trace.take(frame.internal(index)?, frame.output);
        }
        if undone {
            continue;
        }
        if depth == DEPTH_MAX && !frame.calls.is_empty() {
            return Err(TraceFault::TooDeep { index });
        }
        waiting.extend(frame.calls.iter().rev().map(|call| (*call, depth + 1)));
    }
    Ok(trace)
}

impl Frame<'_> {
    fn is_creation(&self) -> bool {
        matches!(&*self.kind, "CREATE" | "CREATE2")
    }

    fn internal(&self, index: usize) -> Result<Option<Internal>, TraceFault> {
        let kind = match &*self.kind {
            "CALL" => InternalKind::Call,
            "CREATE" | "CREATE2" => InternalKind::Create,
            // So Reth and Anvil tell of a contract that is to leave its balance to itself and keeps it (EIP-6780): nobody
            // named, nothing moved.
            "SELFDESTRUCT" if self.to.is_none() && self.value.is_none_or(|value| value.0.is_zero()) => return Ok(None),
            "SELFDESTRUCT" => InternalKind::SelfDestruct,
            // These run another's code in one's own account, or may not move value.
            "DELEGATECALL" | "CALLCODE" | "STATICCALL" => return Ok(None),
            other => return Err(unknown(index, other)),
        };
        let to = self.to.ok_or_else(|| missing(index, &self.kind, "to"))?;
        Ok(Some(internal(kind, self.from, to, self.value)))
    }
}

/// Whose code a minimal proxy runs (EIP-1167 in its usual form of 45 bytes); `None` for any other code.
fn minimal_proxy(code: Option<&RawValue>) -> Option<Address> {
    let digits = code?.get().strip_prefix("\"0x")?.strip_suffix('"')?.to_ascii_lowercase();
    let target = digits.strip_prefix("363d3d373d3d3d363d73")?.strip_suffix("5af43d82803e903d91602b57fd5bf3")?;
    data_encoding::HEXLOWER.decode(target.as_bytes()).ok()?.try_into().ok().map(Address)
}

fn internal(kind: InternalKind, from: Address, to: Address, value: Option<Quantity>) -> Internal {
    Internal { kind, from, to, units: value.map_or(U256::ZERO, |value| value.0) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flat<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    action: Action<'a>,
    #[serde(borrow)]
    result: Option<FlatResult<'a>>,
    error: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    trace_address: Vec<u32>,
    transaction_hash: Option<Hash>,
    transaction_position: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action<'a> {
    #[serde(default, borrow)]
    call_type: Option<Cow<'a, str>>,
    from: Option<Address>,
    to: Option<Address>,
    value: Option<Quantity>,
    address: Option<Address>,
    refund_address: Option<Address>,
    balance: Option<Quantity>,
}

#[derive(Deserialize)]
struct FlatResult<'a> {
    address: Option<Address>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
}

/// Reads what `trace_block` answers: one for each of the block's `transactions`, in order. What it says of rewards is
/// computed from headers instead.
///
/// # Errors
/// [`TraceFault`].
pub fn parse_trace_block(text: &str, transactions: usize) -> Result<Vec<TxTrace>, TraceFault> {
    let told: Vec<Flat<'_>> = serde_json::from_str(text)?;
    let mut traces: Vec<Option<TxTrace>> = vec![None; transactions];
    let mut undone = Undone::default();
    let mut at_hand = None;
    for flat in told.iter().filter(|flat| flat.kind != "reward") {
        let kind = || flat.kind.to_string();
        let field = "transactionPosition";
        let index = flat.transaction_position.filter(|&index| index < transactions);
        let index = index.ok_or_else(|| TraceFault::Missing { index: transactions, kind: kind(), field })?;
        let place = flat.trace_address.as_slice();
        if place.is_empty() {
            if traces[index].is_some() {
                return Err(TraceFault::ToldTwice { index });
            }
            (at_hand, undone) = (Some(index), Undone::default());
            traces[index] = Some(flat.top());
        }
        let trace = traces[index].as_mut().filter(|_| at_hand == Some(index));
        let trace = trace.ok_or_else(|| missing(index, &flat.kind, "call above it"))?;
        if flat.error.is_some() {
            undone.take(place);
        } else if !place.is_empty() && !undone.holds(place) {
            trace.take(flat.internal(index)?, flat.code());
        }
    }
    let told = |(index, trace): (usize, Option<TxTrace>)| trace.ok_or(TraceFault::NotTold { index });
    traces.into_iter().enumerate().map(told).collect()
}

/// The undone calls of a transaction, none of them below another: a call below one of them was undone with it.
#[derive(Default)]
struct Undone<'a>(BTreeSet<&'a [u32]>);

impl<'a> Undone<'a> {
    fn take(&mut self, place: &'a [u32]) {
        if !self.holds(place) {
            while let Some(below) = self.0.range(place..).next().copied().filter(|below| below.starts_with(place)) {
                self.0.remove(below);
            }
            self.0.insert(place);
        }
    }

    /// Between a call and one below it stand only others below it, and of these none is kept.
    fn holds(&self, place: &[u32]) -> bool {
        let up_to = (Bound::Unbounded, Bound::Included(place));
        self.0.range::<[u32], _>(up_to).next_back().is_some_and(|above| place.starts_with(above))
    }
}

impl<'a> Flat<'a> {
    /// The code that a creation left.
    fn code(&self) -> Option<&'a RawValue> {
        self.result.as_ref().filter(|_| self.kind == "create").and_then(|result| result.code)
    }

    /// What the call says of the transaction that it is.
    fn top(&self) -> TxTrace {
        let failed = self.error.is_some();
        let runs = self.code().filter(|_| !failed).and_then(|code| minimal_proxy(Some(code)));
        TxTrace { tx: self.transaction_hash, failed, runs, ..TxTrace::default() }
    }

    fn internal(&self, index: usize) -> Result<Option<Internal>, TraceFault> {
        let action = &self.action;
        let need = |field, address: Option<Address>| address.ok_or_else(|| missing(index, &self.kind, field));
        match (&*self.kind, action.call_type.as_deref()) {
            ("call", Some("call")) => {
                let (from, to) = (need("from", action.from)?, need("to", action.to)?);
                Ok(Some(internal(InternalKind::Call, from, to, action.value)))
            }
            ("call", _) => Ok(None),
            ("create", _) => {
                let made = self.result.as_ref().and_then(|result| result.address);
                let (from, to) = (need("from", action.from)?, need("result.address", made)?);
                Ok(Some(internal(InternalKind::Create, from, to, action.value)))
            }
            ("suicide", _) => {
                let (from, to) = (need("address", action.address)?, need("refundAddress", action.refund_address)?);
                Ok(Some(internal(InternalKind::SelfDestruct, from, to, action.balance)))
            }
            (other, _) => Err(unknown(index, other)),
        }
    }
}

fn missing(index: usize, kind: &str, field: &'static str) -> TraceFault {
    TraceFault::Missing { index, kind: beginning(kind), field }
}

fn unknown(index: usize, kind: &str) -> TraceFault {
    TraceFault::UnknownKind { index, kind: beginning(kind) }
}

fn beginning(text: &str) -> String {
    beginning_of(text, 20)
}

fn beginning_of(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).flat_map(char::escape_default).collect()
}
