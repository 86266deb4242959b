//! A checked block as rows: what moved, from whom to whom, in the order in which it happened.
//!
//! In a transaction: its own value, what contracts passed on, tokens by their logs, then what it paid: the burnt part, the
//! tip, and the tip's arrival at the beneficiary, who can spend it in the next transaction. What the block itself does stands
//! last under the block's hash: rewards before the merge, withdrawals since Shanghai.

use coinhound_model::account::MoveKind;
use coinhound_model::{AccountBlock, AccountMove, AccountTx, ContractFact, Hash256, Height, Note, NoteKind, Token};
use ruint::aliases::U256;

use crate::evm::block::Block;
use crate::evm::contract::facts;
use crate::evm::dao::{Drain, FORK, FORK_BLOCK};
use crate::evm::fee::{Paid, rewards};
use crate::evm::hash::Address;
use crate::evm::header::Header;
use crate::evm::receipt::{Ending, Log, Receipt};
use crate::evm::token::TokenEvent;
use crate::evm::trace::{Internal, InternalKind, TxTrace};
use crate::evm::tx::Transaction;

/// Wei in a gwei, in which withdrawals are counted.
const GWEI: u64 = 1_000_000_000;

/// Said of every transaction whose traces nobody told.
pub const NO_TRACES: &str = "value that contracts passed on is not known: the node told no traces";

/// Said of a transaction before Byzantium whose traces nobody told.
pub const ENDING_NOT_TOLD: &str =
    "whether it failed is not known: its receipt does not say, and the node told no traces";

/// Said of a transaction before Byzantium that left no logs, whose traces were told.
pub const ENDING_TOLD: &str = "whether it failed is the node's word: its receipt does not say";

/// Said of a transaction whose internal transfers are the word of one node.
pub const TRACES_TOLD: &str = "internal transfers are the node's word: no header commits to them";

/// A block's rows, and how many logs of tokens it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rows {
    /// The block.
    pub block: AccountBlock,
    /// Logs of tokens by kind.
    pub tokens: TokenCount,
}

/// Logs of tokens by kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TokenCount {
    /// Fungible tokens moved, were made or destroyed: each is a row.
    pub fungible: u64,
    /// One of a kind moved: recognised, no row.
    pub unique: u64,
    /// Several kinds of one contract moved: recognised, no row.
    pub multiple: u64,
}

/// Why a checked block has no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsFault {
    /// Traces of other transactions, or of more or fewer.
    #[error("block {number}: traces are of {got}, expected {want}")]
    OtherTraces {
        /// The height.
        number: u64,
        /// What was told.
        got: String,
        /// What the block holds.
        want: String,
    },
    /// Traces and receipt disagree whether a transaction failed.
    #[error("block {number}, transaction {index}: its trace and its receipt disagree whether it failed")]
    EndingsDisagree {
        /// The height.
        number: u64,
        /// Which transaction, from zero.
        index: usize,
    },
    /// It pays less than the base fee, or more than any amount.
    #[error("block {number}, transaction {index}: its price does not fit the block")]
    Price {
        /// The height.
        number: u64,
        /// Which transaction, from zero.
        index: usize,
    },
    /// The block in which the network moved ether by agreement, without any transaction, and nobody knows how much.
    #[error("block {number} moved ether by the rules of a fork, and what the accounts held before is not known")]
    IrregularChange {
        /// The height.
        number: u64,
    },
    /// The block of the chain that did not move that ether.
    #[error("block {number} is {got}, Ethereum's is {want}: the chain is Ethereum Classic or another")]
    OtherFork {
        /// The height.
        number: u64,
        /// The block.
        got: String,
        /// Ethereum's.
        want: String,
    },
    /// A height or a time beyond what rows can hold.
    #[error("block {number}: its height or its time {time} exceeds 32 bits")]
    TooHigh {
        /// The height.
        number: u64,
        /// The time.
        time: u64,
    },
}

/// Ether, counted in wei.
#[must_use]
pub fn ether() -> Token {
    Token { id: "slip44:60".to_owned(), ticker: "ETH".to_owned(), decimals: Some(18) }
}

/// A contract's tokens. What they are called and how they are counted is the contract's word, and not asked here.
#[must_use]
pub fn token(contract: &Address) -> Token {
    let id = format!("erc20:{contract}");
    Token { ticker: id.clone(), id, decimals: None }
}

/// The rows of a block whose receipts were checked ([`Block::check_receipts`]); `traces` are one for each transaction.
///
/// # Errors
/// [`RowsFault`].
pub fn rows(block: &Block, receipts: &[Receipt], traces: Option<&[TxTrace]>) -> Result<Rows, RowsFault> {
    if block.header.number == FORK {
        check_fork(block)?;
        return Err(RowsFault::IrregularChange { number: FORK });
    }
    as_it_is(block, receipts, traces)
}

/// The same of the block in which the network moved ether by agreement ([`crate::evm::dao`]); of any other as [`rows`].
///
/// # Errors
/// [`RowsFault`].
pub fn rows_of_fork(
    block: &Block,
    receipts: &[Receipt],
    traces: Option<&[TxTrace]>,
    drain: &Drain,
) -> Result<Rows, RowsFault> {
    if block.header.number != FORK {
        return rows(block, receipts, traces);
    }
    check_fork(block)?;
    let mut rows = as_it_is(block, receipts, traces)?;
    rows.block.txs.insert(0, drain.transaction(rows.block.hash));
    Ok(rows)
}

fn check_fork(block: &Block) -> Result<(), RowsFault> {
    let (got, number) = (block.header.hash, block.header.number);
    let other = || RowsFault::OtherFork { number, got: got.to_string(), want: FORK_BLOCK.to_string() };
    if got == FORK_BLOCK { Ok(()) } else { Err(other()) }
}

fn as_it_is(block: &Block, receipts: &[Receipt], traces: Option<&[TxTrace]>) -> Result<Rows, RowsFault> {
    let header = &block.header;
    check_traces(block, traces)?;
    let too_high = |_| RowsFault::TooHigh { number: header.number, time: header.time };
    let (height, time) =
        (u32::try_from(header.number).map_err(too_high)?, u32::try_from(header.time).map_err(too_high)?);
    let mut tokens = TokenCount::default();
    let mut txs = Vec::with_capacity(block.transactions.len() + 1);
    let mut gas_before = 0;
    for (index, (tx, receipt)) in block.transactions.iter().zip(receipts).enumerate() {
        let gas = receipt.gas_used_so_far - gas_before;
        gas_before = receipt.gas_used_so_far;
        let price = RowsFault::Price { number: header.number, index };
        let paid = Paid::of(tx, gas, header).ok_or(price)?;
        let trace = traces.map(|traces| &traces[index]);
        let (failed, mut notes) =
            ending(receipt, trace).ok_or(RowsFault::EndingsDisagree { number: header.number, index })?;
        let mut moves = Moves(Vec::new());
        if !failed {
            moves.value(tx);
            trace.iter().for_each(|trace| moves.internals(trace, tx, header));
            moves.logs(&receipt.logs, &mut tokens);
            notes.extend(facts(tx, receipt, trace).iter().map(ContractFact::note));
        }
        moves.pay(tx.from, paid, header.beneficiary);
        txs.push(AccountTx { hash: tx.hash.row(), moves: moves.0, notes, links: Vec::new() });
    }
    txs.extend(by_the_block(block));
    let maker = maker(&header.beneficiary);
    // The first block follows nothing, and every balance that it does not give is zero.
    let prev = if header.number == 0 { Hash256::ZERO } else { header.parent.row() };
    let size = u32::try_from(header.size).unwrap_or(u32::MAX);
    let block = AccountBlock { height: Height(height), hash: header.hash.row(), prev, time, size, maker, txs };
    Ok(Rows { block, tokens })
}

fn maker(beneficiary: &Address) -> [u8; 32] {
    let mut maker = [0; 32];
    maker[..20].copy_from_slice(&beneficiary.0);
    maker
}

/// Whether traces are of a block's transactions, as far as they say which they are of.
pub(in crate::evm) fn check_traces(block: &Block, traces: Option<&[TxTrace]>) -> Result<(), RowsFault> {
    let Some(traces) = traces else { return Ok(()) };
    let number = block.header.number;
    let wanted = block.transactions.len();
    if traces.len() != wanted {
        let (got, want) = (format!("{} transactions", traces.len()), wanted.to_string());
        return Err(RowsFault::OtherTraces { number, got, want });
    }
    let pairs = traces.iter().zip(&block.transactions);
    let other = pairs.filter_map(|(trace, tx)| Some((trace.tx?, tx.hash))).find(|(got, want)| got != want);
    match other {
        Some((got, want)) => Err(RowsFault::OtherTraces { number, got: got.to_string(), want: want.to_string() }),
        None => Ok(()),
    }
}

/// Whether a transaction failed, and what must be said of it; `None` where two tellers disagree.
fn ending(receipt: &Receipt, trace: Option<&TxTrace>) -> Option<(bool, Vec<Note>)> {
    let proven = match receipt.ending {
        Ending::Succeeded => Some(false),
        Ending::Failed => Some(true),
        // What is undone leaves no logs.
        Ending::NotTold(_) => (!receipt.logs.is_empty()).then_some(false),
    };
    let told = trace.map(|trace| trace.failed);
    if let (Some(proven), Some(told)) = (proven, told)
        && proven != told
    {
        return None;
    }
    let failed = proven.or(told).unwrap_or(false);
    let is_passed_on = trace.is_some_and(|trace| !trace.internals.is_empty());
    let said = [
        (ENDING_TOLD, proven.is_none() && told.is_some()),
        (ENDING_NOT_TOLD, proven.is_none() && told.is_none()),
        (TRACES_TOLD, !failed && is_passed_on),
        (NO_TRACES, !failed && trace.is_none()),
    ];
    let note = |text: &str| Note { kind: NoteKind::Flag, bytes: text.as_bytes().to_vec() };
    Some((failed, said.iter().filter(|(_, is_said)| *is_said).map(|(text, _)| note(text)).collect()))
}

/// The movements of one transaction.
struct Moves(Vec<AccountMove>);

impl Moves {
    fn add(&mut self, kind: MoveKind, token: Token, from: Option<Address>, to: Option<Address>, units: U256) {
        let (from, to) = (from.map(|from| from.account()), to.map(|to| to.account()));
        self.0.push(AccountMove { kind, token, from, to, units });
    }

    fn value(&mut self, tx: &Transaction) {
        if !tx.value.is_zero() {
            self.add(MoveKind::Transfer, ether(), Some(tx.from), tx.to.or_else(|| tx.created()), tx.value);
        }
    }

    fn internals(&mut self, trace: &TxTrace, tx: &Transaction, header: &Header) {
        for &Internal { kind, from, to, units } in &trace.internals {
            if kind != InternalKind::SelfDestruct || from != to {
                self.add(MoveKind::Internal, ether(), Some(from), Some(to), units);
            } else if !is_since_cancun(header)
                || tx.created() == Some(from)
                || trace.made.iter().any(|made| made.contract == from)
            {
                self.add(MoveKind::Burn, ether(), Some(from), None, units);
            }
        }
    }

    fn logs(&mut self, logs: &[Log], count: &mut TokenCount) {
        for log in logs {
            match TokenEvent::of(log) {
                Some(TokenEvent::Fungible { from, to, units }) => {
                    count.fungible += 1;
                    let kind = match (from, to) {
                        (None, _) => MoveKind::Mint,
                        (_, None) => MoveKind::Burn,
                        _ => MoveKind::Transfer,
                    };
                    self.add(kind, token(&log.address), from, to, units);
                }
                Some(TokenEvent::Unique { .. }) => count.unique += 1,
                Some(TokenEvent::Multiple { .. }) => count.multiple += 1,
                None => {}
            }
        }
    }

    fn pay(&mut self, payer: Address, paid: Paid, beneficiary: Address) {
        if !paid.burnt.is_zero() {
            self.add(MoveKind::Burn, ether(), Some(payer), None, paid.burnt);
        }
        if !paid.tip.is_zero() {
            self.add(MoveKind::Fee, ether(), Some(payer), None, paid.tip);
            self.add(MoveKind::Reward, ether(), None, Some(beneficiary), paid.tip);
        }
    }
}

/// Since Cancun a contract that leaves its balance to itself keeps it, unless it was made in the same transaction (EIP-6780).
fn is_since_cancun(header: &Header) -> bool {
    header.excess_blob_gas.is_some()
}

/// What no transaction does: rewards and withdrawals.
fn by_the_block(block: &Block) -> Option<AccountTx> {
    let mut moves = Moves(Vec::new());
    for (to, units) in rewards(&block.header, &block.uncles) {
        moves.add(MoveKind::Reward, ether(), None, Some(to), units);
    }
    for withdrawal in &block.withdrawals {
        let units = U256::from(withdrawal.gwei) * U256::from(GWEI);
        moves.add(MoveKind::Withdrawal, ether(), None, Some(withdrawal.address), units);
    }
    let hash = block.header.hash.row();
    (!moves.0.is_empty()).then_some(AccountTx { hash, moves: moves.0, notes: Vec::new(), links: Vec::new() })
}
