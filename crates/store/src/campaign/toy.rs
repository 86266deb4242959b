//! Random small coin chains.
//!
//! Nothing here is shared with the code under test but the row types and the key of a lock. Blocks are rows only; no scripts are
//! parsed and no work is done.

use coinhound_model::{Hash256, Height, KeyHash, LockKind, TxHash};

use super::scribe::Scribe;
use crate::facts::Facts;
use crate::storage::Dice;

/// A locking script of the toy chain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ToyLock {
    /// Its shape.
    pub kind: LockKind,
    /// What the shape leaves open.
    pub payload: Vec<u8>,
}

/// A coin from before the range, as an undo file tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToyForeign {
    /// `None` where nobody told.
    pub told: Option<(u64, ToyLock)>,
    /// Height of the block that made it, or `u32::MAX`.
    pub height: u32,
    /// Whether a coinbase made it.
    pub coinbase: bool,
}

/// One input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToyInput {
    /// The transaction that made the coin.
    pub txid: TxHash,
    /// Which of its outputs.
    pub index: u32,
    /// Where the coin is older than the range.
    pub foreign: Option<ToyForeign>,
    /// The key that a script hash's spender shows.
    pub reveal: Option<KeyHash>,
}

/// One transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToyTx {
    /// Its name.
    pub txid: TxHash,
    /// None for a coinbase.
    pub inputs: Vec<ToyInput>,
    /// Values and locks.
    pub outputs: Vec<(u64, ToyLock)>,
    /// Stands for weight and prints.
    pub mark: u16,
}

/// One block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToyBlock {
    /// Any 80 bytes.
    pub header: [u8; 80],
    /// In order; the first is the coinbase.
    pub txs: Vec<ToyTx>,
}

/// Adjacent blocks from a first height on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToyChain {
    /// Height of the first block.
    pub first: u32,
    /// By height.
    pub blocks: Vec<ToyBlock>,
}

impl ToyBlock {
    /// The block's name: any hash of the header will do.
    #[must_use]
    pub fn hash(&self) -> Hash256 {
        Hash256(*blake3::hash(&self.header).as_bytes())
    }
}

impl ToyChain {
    /// An empty chain that will start at `first`.
    #[must_use]
    pub fn new(first: u32) -> Self {
        Self { first, blocks: Vec::new() }
    }

    /// A chain of `blocks` random blocks.
    #[must_use]
    pub fn random(first: u32, blocks: u32, dice: &mut Dice) -> Self {
        let mut chain = Self::new(first);
        chain.grow(blocks, &[], dice);
        chain
    }

    /// Height of the last block.
    #[must_use]
    pub fn tip(&self) -> Height {
        Height(self.first + u32::try_from(self.blocks.len()).expect("toy chains are short") - 1)
    }

    /// The same chain up to and including `tip`.
    #[must_use]
    pub fn up_to(&self, tip: Height) -> Self {
        Self { first: self.first, blocks: self.blocks[..=(tip.0 - self.first) as usize].to_vec() }
    }

    /// Another branch: the last `depth` blocks replaced by `blocks` others, some of their transactions kept.
    #[must_use]
    pub fn reorganised(&self, depth: u32, blocks: u32, dice: &mut Dice) -> Self {
        let keep = self.blocks.len() - depth as usize;
        let mut other = Self { first: self.first, blocks: self.blocks[..keep].to_vec() };
        let orphaned: Vec<ToyTx> = self.blocks[keep..].iter().flat_map(|block| block.txs.clone()).collect();
        other.grow(blocks, &orphaned, dice);
        other
    }

    /// Adds random blocks; takes transactions from `pool` where their coins are still unspent.
    pub fn grow(&mut self, blocks: u32, pool: &[ToyTx], dice: &mut Dice) {
        let mut miner = Miner::after(self);
        for _ in 0..blocks {
            let block = miner.block(pool, dice);
            self.blocks.push(block);
        }
    }

    /// The facts of the whole chain.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut scribe = Scribe::new(self.first);
        self.blocks.iter().for_each(|block| scribe.block(block));
        scribe.facts
    }
}

/// What a generator of valid blocks must know.
struct Miner {
    unspent: Vec<(TxHash, u32, ToyLock)>,
    coinbases: Vec<ToyTx>,
    foreign_used: u32,
    height: u32,
    tip: Hash256,
}

impl Miner {
    fn after(chain: &ToyChain) -> Self {
        let mut miner = Self {
            unspent: Vec::new(),
            coinbases: Vec::new(),
            foreign_used: 0,
            height: chain.first,
            tip: Hash256::ZERO,
        };
        chain.blocks.iter().flat_map(|block| &block.txs).for_each(|tx| miner.apply(tx));
        miner.height += u32::try_from(chain.blocks.len()).expect("toy chains are short");
        miner.tip = chain.blocks.last().map_or(Hash256::ZERO, ToyBlock::hash);
        miner
    }

    fn apply(&mut self, tx: &ToyTx) {
        for input in &tx.inputs {
            self.unspent.retain(|(txid, index, _)| (*txid, *index) != (input.txid, input.index));
        }
        if tx.inputs.is_empty() {
            self.coinbases.push(tx.clone());
        }
        // A duplicate coinbase takes the place of the older one: what was unspent of that is gone for good.
        self.unspent.retain(|(txid, ..)| *txid != tx.txid);
        for (index, (_, lock)) in (0..).zip(&tx.outputs) {
            if lock.kind.is_address() {
                self.unspent.push((tx.txid, index, lock.clone()));
            }
        }
    }

    fn block(&mut self, pool: &[ToyTx], dice: &mut Dice) -> ToyBlock {
        let mut txs = vec![self.coinbase(dice)];
        self.apply(&txs[0]);
        for _ in 0..dice.below(4) {
            let pooled = dice.index(pool.len() * 2);
            let tx = match pool.get(pooled).filter(|tx| self.can_mine(tx)) {
                Some(tx) => tx.clone(),
                None => self.payment(dice),
            };
            self.apply(&tx);
            txs.push(tx);
        }
        let mut header = [0; 80];
        header.iter_mut().for_each(|byte| *byte = random_byte(dice));
        header[4..36].copy_from_slice(&self.tip.0);
        self.height += 1;
        let block = ToyBlock { header, txs };
        self.tip = block.hash();
        block
    }

    /// Whether the transaction's coins are unspent here and it is not on this branch already.
    fn can_mine(&self, tx: &ToyTx) -> bool {
        let unspent = |input: &ToyInput| {
            input.foreign.is_none()
                && self.unspent.iter().any(|(txid, index, _)| (*txid, *index) == (input.txid, input.index))
        };
        !tx.inputs.is_empty() && tx.inputs.iter().all(unspent)
    }

    fn coinbase(&mut self, dice: &mut Dice) -> ToyTx {
        // Rarely a second coinbase with the name and outputs of an older one, as on mainnet in 2010.
        match self.coinbases.last().filter(|_| dice.chance(1, 25)) {
            Some(older) => older.clone(),
            None => ToyTx { txid: random_hash(dice), inputs: Vec::new(), outputs: outputs(dice), mark: 7 },
        }
    }

    fn payment(&mut self, dice: &mut Dice) -> ToyTx {
        let mut inputs = Vec::new();
        for _ in 0..=dice.below(3) {
            if self.unspent.is_empty() || dice.chance(1, 8) {
                inputs.push(self.foreign_input(dice));
            } else {
                let (txid, index, lock) = self.unspent.remove(dice.index(self.unspent.len()));
                inputs.push(ToyInput { txid, index, foreign: None, reveal: reveal(&lock) });
            }
        }
        let mark = u16::try_from(dice.below(1 << 16)).expect("16 bits");
        ToyTx { txid: random_hash(dice), inputs, outputs: outputs(dice), mark }
    }

    fn foreign_input(&mut self, dice: &mut Dice) -> ToyInput {
        self.foreign_used += 1;
        let told = dice.chance(3, 4).then(|| (dice.below(1 << 50), address(dice)));
        let height = if dice.chance(1, 2) { u32::MAX } else { self.height / 2 };
        let foreign = ToyForeign { told, height, coinbase: dice.chance(1, 2) };
        ToyInput { txid: random_hash(dice), index: self.foreign_used, foreign: Some(foreign), reveal: None }
    }
}

fn random_byte(dice: &mut Dice) -> u8 {
    u8::try_from(dice.below(256)).expect("below 256")
}

fn random_hash(dice: &mut Dice) -> Hash256 {
    let mut bytes = [0; 32];
    bytes.iter_mut().for_each(|byte| *byte = random_byte(dice));
    Hash256(bytes)
}

fn outputs(dice: &mut Dice) -> Vec<(u64, ToyLock)> {
    let count = 1 + dice.index(4);
    let mut outputs = Vec::with_capacity(count);
    for _ in 0..count {
        let bits = dice.below(51);
        outputs.push((dice.below(1 << bits), lock(dice)));
    }
    outputs
}

/// One of a few locks, or a script that is no address.
fn lock(dice: &mut Dice) -> ToyLock {
    if dice.chance(1, 10) {
        let (kind, longest) =
            if dice.chance(1, 8) { (LockKind::Oversized, 20_000) } else { (LockKind::DataCarrier, 20) };
        let payload = (0..dice.below(longest)).map(|_| random_byte(dice)).collect();
        return ToyLock { kind, payload };
    }
    address(dice)
}

/// One of some eighty addresses, several to a key.
fn address(dice: &mut Dice) -> ToyLock {
    let who = random_byte(dice) % 12;
    let pubkey = vec![2 + who % 2; 33];
    let key = crate::keys::hash160(&pubkey).0.to_vec();
    let (kind, payload) = match dice.below(9) {
        0 => (LockKind::PubKey, pubkey),
        1 => (LockKind::PubKeyHash, key),
        2 => (LockKind::WitnessPubKeyHash, key),
        3 => (LockKind::ScriptHash, vec![who; 20]),
        4 => (LockKind::WitnessScriptHash, vec![who; 32]),
        5 => (LockKind::Taproot, vec![who; 32]),
        6 => (LockKind::Multisig, vec![who; 71]),
        7 => (LockKind::Witness, vec![2, who, who]),
        _ => (LockKind::NonStandard, vec![who; usize::from(who)]),
    };
    ToyLock { kind, payload }
}

/// Some script hashes hold a witness key hash; the same lock always shows the same key.
fn reveal(lock: &ToyLock) -> Option<KeyHash> {
    let nested = lock.kind == LockKind::ScriptHash && !lock.payload[0].is_multiple_of(3);
    nested.then(|| crate::keys::hash160(&[2 + lock.payload[0] % 2; 33]))
}
