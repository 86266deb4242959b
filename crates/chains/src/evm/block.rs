//! A block with everything its header commits to, recomputed: whoever drops, adds or changes something is caught.

use ruint::aliases::U256;

use crate::evm::hash::{Address, Hash, keccak256};
use crate::evm::header::Header;
use crate::evm::receipt::Receipt;
use crate::evm::rlp::{Reader, RlpError, Writer};
use crate::evm::trie::list_root;
use crate::evm::tx::{Transaction, TxError};

/// What a block is made of, each part in the encoding that is hashed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parts {
    /// The header's RLP.
    pub header: Vec<u8>,
    /// The transactions' envelopes.
    pub transactions: Vec<Vec<u8>>,
    /// The uncles' headers.
    pub uncles: Vec<Vec<u8>>,
    /// The withdrawals' RLP; none before Shanghai.
    pub withdrawals: Option<Vec<Vec<u8>>>,
}

/// Value that came back from the consensus layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Withdrawal {
    /// Its number since Shanghai.
    pub index: u64,
    /// Of which validator.
    pub validator: u64,
    /// To whom.
    pub address: Address,
    /// How much, in gwei.
    pub gwei: u64,
}

/// A block whose transactions, uncles and withdrawals are those that its header names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// In block order.
    pub transactions: Vec<Transaction>,
    /// Headers of blocks beside the chain; none since the merge.
    pub uncles: Vec<Header>,
    /// In block order; empty before Shanghai.
    pub withdrawals: Vec<Withdrawal>,
}

/// Why a block, or its receipts, are not what they are said to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockFault {
    /// A part is not the RLP that it must be.
    #[error("{part} {index} cannot be read")]
    Part {
        /// `header`, `uncle`, `withdrawal` or `receipt`.
        part: &'static str,
        /// Which of them, from zero.
        index: usize,
        /// What is wrong.
        source: RlpError,
    },
    /// A transaction cannot be read.
    #[error("transaction {index} cannot be read")]
    Transaction {
        /// Which, from zero.
        index: usize,
        /// What is wrong.
        source: TxError,
    },
    /// The header commits to something else.
    #[error("the {what} is {got}, block {number}'s header says {want}")]
    Commitment {
        /// The height.
        number: u64,
        /// Which commitment.
        what: &'static str,
        /// Recomputed.
        got: String,
        /// By the header.
        want: String,
    },
    /// It does not follow the block that it names or is said to follow.
    #[error("block {number} does not follow its parent: its {what} is {got}, expected {want}")]
    Parent {
        /// The height.
        number: u64,
        /// What does not fit.
        what: &'static str,
        /// By the header.
        got: String,
        /// What follows.
        want: String,
    },
}

impl Parts {
    /// The parts of a block's standard RLP: header, transactions, uncles and, from Shanghai on, withdrawals.
    ///
    /// # Errors
    /// [`BlockFault::Part`].
    pub fn of_rlp(bytes: &[u8]) -> Result<Self, BlockFault> {
        let wrong = |source| BlockFault::Part { part: "block", index: 0, source };
        let mut items = Reader::of_list(bytes).map_err(wrong)?;
        let header = items.raw().map_err(wrong)?.to_vec();
        Self::of_body(header, items).map_err(wrong)
    }

    /// A header, and the other parts as the items of a body.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn of_body(header: Vec<u8>, mut items: Reader<'_>) -> Result<Self, RlpError> {
        let mut parts = Self { header, ..Self::default() };
        let mut transactions = items.list()?;
        while !transactions.is_empty() {
            let mut item = transactions;
            let raw = transactions.raw()?;
            // A legacy transaction stands as a list, the others as strings.
            parts.transactions.push(if raw[0] >= 0xc0 { raw.to_vec() } else { item.bytes()?.to_vec() });
        }
        parts.uncles = raw_items(items.list()?)?;
        if !items.is_empty() {
            parts.withdrawals = Some(raw_items(items.list()?)?);
        }
        items.finish()?;
        Ok(parts)
    }
}

fn raw_items(mut list: Reader<'_>) -> Result<Vec<Vec<u8>>, RlpError> {
    let mut items = Vec::new();
    while !list.is_empty() {
        items.push(list.raw()?.to_vec());
    }
    Ok(items)
}

impl Block {
    /// Reads a block and recomputes what its header commits to; `chain` is what its transactions must be signed for.
    ///
    /// # Errors
    /// [`BlockFault`] names the first part that is not what the header says.
    pub fn check(parts: &Parts, chain: u64) -> Result<Self, BlockFault> {
        let header = Header::decode(&parts.header).map_err(at("header", 0))?;
        header.compare("transactions' root", &list_root(&parts.transactions), &header.transactions_root)?;
        let mut uncles = Writer::new();
        parts.uncles.iter().for_each(|uncle| uncles.raw(uncle));
        header.compare("uncles' hash", &keccak256(&uncles.into_list()), &header.uncles_hash)?;
        let root = parts.withdrawals.as_ref().map(|items| list_root(items));
        header.compare_optional("withdrawals' root", root.as_ref(), header.withdrawals_root.as_ref())?;
        let transactions = each(&parts.transactions, |index, envelope| {
            Transaction::decode(envelope, chain).map_err(|source| BlockFault::Transaction { index, source })
        })?;
        let uncles = each(&parts.uncles, |index, uncle| Header::decode(uncle).map_err(at("uncle", index)))?;
        let withdrawals = parts.withdrawals.as_deref().unwrap_or_default();
        let withdrawals = each(withdrawals, |index, item| Withdrawal::decode(item).map_err(at("withdrawal", index)))?;
        Ok(Self { header, transactions, uncles, withdrawals })
    }

    /// Checks that these are the block's receipts: their number and types, root, blooms and gas.
    ///
    /// # Errors
    /// [`BlockFault::Commitment`].
    pub fn check_receipts(&self, receipts: &[Receipt]) -> Result<(), BlockFault> {
        let header = &self.header;
        header.compare("number of receipts", &receipts.len(), &self.transactions.len())?;
        let mut bloom = [0; 256];
        let envelopes = receipts.iter().map(|receipt| {
            let own = receipt.bloom();
            own.iter().zip(&mut bloom).for_each(|(one, all)| *all |= one);
            receipt.encode_with(&own)
        });
        let root = list_root(&envelopes.collect::<Vec<_>>());
        header.compare("receipts' root", &root, &header.receipts_root)?;
        header.compare("bloom", &keccak256(&bloom), &keccak256(&header.bloom))?;
        let mut before = 0;
        for (receipt, tx) in receipts.iter().zip(&self.transactions) {
            header.compare("receipt's type", &receipt.kind, &(tx.kind as u8))?;
            if receipt.gas_used_so_far < before {
                return Err(header.fault(
                    "gas used so far",
                    receipt.gas_used_so_far.to_string(),
                    format!("at least {before}"),
                ));
            }
            before = receipt.gas_used_so_far;
        }
        header.compare("gas used", &before, &header.gas_used)
    }
}

impl Header {
    /// Checks that this is a header right after `parent`: its name, height, time and base fee.
    ///
    /// Whether validators or miners chose it is not checked here.
    ///
    /// # Errors
    /// [`BlockFault::Parent`].
    pub fn check_parent(&self, parent: &Self) -> Result<(), BlockFault> {
        self.follow("parent", self.parent.to_string(), parent.hash.to_string())?;
        self.follow("height", self.number.to_string(), (parent.number + 1).to_string())?;
        if self.time <= parent.time {
            let (got, want) = (self.time.to_string(), format!("more than {}", parent.time));
            return Err(BlockFault::Parent { number: self.number, what: "time", got, want });
        }
        match (self.base_fee, parent.next_base_fee()) {
            (Some(fee), Some(next)) => self.follow("base fee", fee.to_string(), next.to_string()),
            _ => Ok(()),
        }
    }

    /// The base fee of the block after this one (EIP-1559), in wei; `None` before London.
    #[must_use]
    pub fn next_base_fee(&self) -> Option<U256> {
        let fee = self.base_fee?;
        let target = self.gas_limit / 2;
        let part = |gas: u64| fee * U256::from(gas) / U256::from(target.max(1)) / U256::from(8);
        Some(match self.gas_used.cmp(&target) {
            std::cmp::Ordering::Equal => fee,
            std::cmp::Ordering::Greater => fee + part(self.gas_used - target).max(U256::ONE),
            std::cmp::Ordering::Less => fee.saturating_sub(part(target - self.gas_used)),
        })
    }

    fn follow(&self, what: &'static str, got: String, want: String) -> Result<(), BlockFault> {
        if got == want { Ok(()) } else { Err(BlockFault::Parent { number: self.number, what, got, want }) }
    }

    fn compare<T: PartialEq + ToString>(&self, what: &'static str, got: &T, want: &T) -> Result<(), BlockFault> {
        if got == want { Ok(()) } else { Err(self.fault(what, got.to_string(), want.to_string())) }
    }

    fn compare_optional(&self, what: &'static str, got: Option<&Hash>, want: Option<&Hash>) -> Result<(), BlockFault> {
        let text = |hash: Option<&Hash>| hash.map_or_else(|| "none".to_owned(), Hash::to_string);
        if got == want { Ok(()) } else { Err(self.fault(what, text(got), text(want))) }
    }

    fn fault(&self, what: &'static str, got: String, want: String) -> BlockFault {
        BlockFault::Commitment { number: self.number, what, got, want }
    }
}

impl Withdrawal {
    fn decode(bytes: &[u8]) -> Result<Self, RlpError> {
        let mut items = Reader::of_list(bytes)?;
        let withdrawal =
            Self { index: items.u64()?, validator: items.u64()?, address: Address(items.array()?), gwei: items.u64()? };
        items.finish()?;
        Ok(withdrawal)
    }
}

fn at(part: &'static str, index: usize) -> impl Fn(RlpError) -> BlockFault {
    move |source| BlockFault::Part { part, index, source }
}

fn each<T>(items: &[Vec<u8>], read: impl Fn(usize, &[u8]) -> Result<T, BlockFault>) -> Result<Vec<T>, BlockFault> {
    items.iter().enumerate().map(|(index, item)| read(index, item)).collect()
}
