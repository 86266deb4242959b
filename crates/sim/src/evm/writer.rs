//! Writes linked blocks: signed transactions with what they do, and every root that a header holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::rlp::Writer;
use coinhound_chains::evm::{Address, Ending, Hash, Parts, Receipt, TxType, list_root};
use ruint::aliases::U256;

use crate::evm::draft::{Draft, Signed, list};
use crate::evm::effect::Effect;
use crate::evm::header::{Era, EvmHeader};
use crate::evm::keys::EvmKey;
use crate::evm::ledger::EvmLedger;

/// How much gas every block may use.
pub const GAS_LIMIT: u64 = 30_000_000;
/// How much blob gas a blob uses (EIP-4844); with none in excess a unit costs one wei.
const BLOB_GAS: u64 = 131_072;
/// What a miner got for a block after Constantinople, in wei.
const REWARD: u64 = 2_000_000_000_000_000_000;
/// The base fee of the first block, in wei.
const FIRST_BASE_FEE: u64 = 9_000_000_000;
const GWEI: u64 = 1_000_000_000;

/// Value that comes back from the consensus layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Returned {
    /// Its number.
    pub index: u64,
    /// Of which validator.
    pub validator: u64,
    /// To whom.
    pub to: Address,
    /// How much, in gwei.
    pub gwei: u64,
}

/// A transaction in a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// What was signed.
    pub signed: Signed,
    /// What it did.
    pub effect: Effect,
}

/// A block that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvmBlock {
    /// The chain's number.
    pub chain: u64,
    /// Its header.
    pub header: EvmHeader,
    /// Its name.
    pub hash: Hash,
    /// Its parts as they are hashed.
    pub parts: Parts,
    /// Its transactions.
    pub txs: Vec<Done>,
    /// Their receipts.
    pub receipts: Vec<Receipt>,
    /// Withdrawals; none before Shanghai.
    pub withdrawals: Vec<Returned>,
    /// Blocks beside the chain that it names.
    pub uncles: Vec<EvmHeader>,
    /// What everybody owns after it.
    pub after: EvmLedger,
}

/// A chain in the making.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvmWriter {
    chain: u64,
    ledger: EvmLedger,
    nonces: BTreeMap<Address, u64>,
    withdrawals: u64,
    /// The newest two blocks' headers, the newest last.
    past: Vec<EvmHeader>,
    open: Open,
}

/// The block that is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    number: u64,
    time: u64,
    base_fee: U256,
    maker: Address,
    gas_used: u64,
    blobs: u64,
    txs: Vec<Done>,
    receipts: Vec<Receipt>,
    withdrawals: Vec<Returned>,
    uncles: Vec<EvmHeader>,
}

impl EvmWriter {
    /// A chain whose first block is being written.
    #[must_use]
    pub fn new(chain: u64, first: u64, time: u64, maker: Address) -> Self {
        let open = Open::new(first, time, U256::from(FIRST_BASE_FEE), maker);
        let (ledger, nonces) = (EvmLedger::default(), BTreeMap::new());
        Self { chain, ledger, nonces, withdrawals: 0, past: Vec::new(), open }
    }

    /// Gives ether that was there before the first block.
    pub fn endow(&mut self, account: Address, wei: U256) {
        self.ledger.give(None, account, wei);
    }

    /// What everybody owns now, in the midst of the block.
    #[must_use]
    pub fn ledger(&self) -> &EvmLedger {
        &self.ledger
    }

    /// The rules of the block that is being written.
    #[must_use]
    pub fn era(&self) -> Era {
        Era::of(self.chain, self.open.number, self.open.time)
    }

    /// The height of the block that is being written.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.open.number
    }

    /// Its time, in seconds since 1970.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.open.time
    }

    /// Its base fee, in wei.
    #[must_use]
    pub fn base_fee(&self) -> U256 {
        self.open.base_fee
    }

    /// How much gas is left in it.
    #[must_use]
    pub fn gas_left(&self) -> u64 {
        GAS_LIMIT - self.open.gas_used
    }

    /// How many transactions an account has made.
    #[must_use]
    pub fn nonce(&self, account: Address) -> u64 {
        self.nonces.get(&account).copied().unwrap_or(0)
    }

    /// Sets the time and the maker of the block that is being written.
    pub fn set_slot(&mut self, time: u64, maker: Address) {
        (self.open.time, self.open.maker) = (time, maker);
    }

    /// Adds a transaction and does what it does.
    ///
    /// # Panics
    /// When somebody pays what is not there, or the block's gas does not suffice: the story is wrong.
    pub fn push(&mut self, key: &EvmKey, draft: Draft, effect: Effect) -> Hash {
        assert!(effect.gas <= self.gas_left() && effect.gas <= draft.gas_limit, "more gas than there is");
        let nonce = self.nonces.entry(key.address()).or_default();
        let signed = draft.sign(key, self.chain, *nonce);
        *nonce += 1;
        self.pay(&signed, effect.gas);
        if !effect.failed {
            let to = signed.draft.to.unwrap_or_else(|| self.made(&signed));
            self.ledger.take(None, signed.from, signed.draft.value);
            self.ledger.give(None, to, signed.draft.value);
        }
        self.ledger.happen(&effect);
        self.open.gas_used += effect.gas;
        self.open.blobs += signed.draft.blobs.len() as u64;
        let ending = if effect.failed { Ending::Failed } else { Ending::Succeeded };
        let logs = if effect.failed { Vec::new() } else { effect.said.iter().map(|said| said.log()).collect() };
        let kind = signed.draft.kind as u8;
        self.open.receipts.push(Receipt { kind, ending, gas_used_so_far: self.open.gas_used, logs });
        let hash = signed.hash;
        self.open.txs.push(Done { signed, effect });
        hash
    }

    fn made(&self, signed: &Signed) -> Address {
        coinhound_chains::evm::tx::created_by(&signed.from, signed.nonce)
    }

    /// Gas and blobs: the base fee and the blobs' price are burnt, the rest is the maker's.
    fn pay(&mut self, signed: &Signed, gas: u64) {
        let draft = &signed.draft;
        let over = draft.price_max.checked_sub(self.open.base_fee).expect("the price covers the base fee");
        let tip = if draft.kind >= TxType::FeeMarket { over.min(draft.tip_max) } else { over };
        let (gas, blobs) = (U256::from(gas), U256::from(draft.blobs.len() as u64 * BLOB_GAS));
        self.ledger.take(None, signed.from, gas * (self.open.base_fee + tip) + blobs);
        self.ledger.give(None, self.open.maker, gas * tip);
    }

    /// Adds a withdrawal, from Shanghai on.
    pub fn withdraw(&mut self, to: Address, gwei: u64) {
        let returned = Returned { index: self.withdrawals, validator: self.withdrawals % 7, to, gwei };
        self.withdrawals += 1;
        self.open.withdrawals.push(returned);
    }

    /// Names a block beside the parent, of this maker, before the merge; none where there is no block below the parent.
    pub fn name_uncle(&mut self, maker: Address) {
        if let [.., _, parent] = self.past.as_slice() {
            self.open.uncles.push(EvmHeader { beneficiary: maker, extra: b"beside".to_vec(), ..parent.clone() });
        }
    }

    /// Ends the block and begins the next, twelve seconds later unless told.
    pub fn seal(&mut self) -> Arc<EvmBlock> {
        let era = self.era();
        self.reward(era);
        let header = self.header(era);
        let next = Open::new(header.number + 1, header.time + 12, header.next_base_fee(), self.open.maker);
        let open = std::mem::replace(&mut self.open, next);
        let withdrawals = (era >= Era::Shanghai).then(|| open.withdrawals.iter().map(Returned::encode).collect());
        let parts = Parts {
            header: header.encode(),
            transactions: open.txs.iter().map(|tx| tx.signed.envelope.clone()).collect(),
            uncles: open.uncles.iter().map(EvmHeader::encode).collect(),
            withdrawals,
        };
        self.past.push(header.clone());
        let drop = self.past.len().saturating_sub(2);
        self.past.drain(..drop);
        Arc::new(EvmBlock {
            chain: self.chain,
            hash: header.hash(),
            header,
            parts,
            txs: open.txs,
            receipts: open.receipts,
            withdrawals: open.withdrawals,
            uncles: open.uncles,
            after: self.ledger.clone(),
        })
    }

    fn reward(&mut self, era: Era) {
        for returned in &self.open.withdrawals {
            self.ledger.give(None, returned.to, U256::from(returned.gwei) * U256::from(GWEI));
        }
        if era == Era::London {
            let uncles = U256::from(self.open.uncles.len());
            self.ledger.give(None, self.open.maker, U256::from(REWARD) + uncles * U256::from(REWARD / 32));
            // Each stands right beside the parent.
            self.open.uncles.iter().for_each(|uncle| {
                self.ledger.give(None, uncle.beneficiary, U256::from(REWARD / 8 * 7));
            });
        }
    }

    fn header(&self, era: Era) -> EvmHeader {
        let open = &self.open;
        let envelopes: Vec<_> = open.receipts.iter().map(Receipt::encode).collect();
        let transactions: Vec<_> = open.txs.iter().map(|tx| &tx.signed.envelope).collect();
        let withdrawals: Vec<_> = open.withdrawals.iter().map(Returned::encode).collect();
        let mut bloom = [0; 256];
        for receipt in &open.receipts {
            receipt.bloom().iter().zip(&mut bloom).for_each(|(one, all)| *all |= one);
        }
        EvmHeader {
            era,
            parent: self.past.last().map_or_else(Hash::default, EvmHeader::hash),
            uncles_hash: keccak256(&list(open.uncles.iter().map(EvmHeader::encode))),
            beneficiary: open.maker,
            state_root: self.ledger.digest(),
            transactions_root: list_root(&transactions),
            receipts_root: list_root(&envelopes),
            bloom,
            difficulty: if era == Era::London { U256::from(11_000_000_000_000_000_u64) } else { U256::ZERO },
            number: open.number,
            gas_limit: GAS_LIMIT,
            gas_used: open.gas_used,
            time: open.time,
            extra: b"made up".to_vec(),
            base_fee: open.base_fee,
            withdrawals_root: list_root(&withdrawals),
            blob_gas_used: open.blobs * BLOB_GAS,
        }
    }
}

impl Open {
    fn new(number: u64, time: u64, base_fee: U256, maker: Address) -> Self {
        let (txs, receipts, withdrawals, uncles) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { number, time, base_fee, maker, gas_used: 0, blobs: 0, txs, receipts, withdrawals, uncles }
    }
}

impl Returned {
    /// As it stands under the withdrawals' root.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut items = Writer::new();
        [self.index, self.validator].iter().for_each(|&number| items.uint(U256::from(number)));
        items.bytes(&self.to.0);
        items.uint(U256::from(self.gwei));
        items.into_list()
    }
}
