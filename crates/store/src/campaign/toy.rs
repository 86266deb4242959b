//! Random small coin chains and their facts, derived the slow and obvious way.
//!
//! Nothing here is shared with the code under test but the row types: ids come from linear scans and
//! maps, clusters from relabelling. Blocks are rows only; no scripts are parsed and no work is done.

use std::collections::BTreeMap;

use coinhound_model::print::{CollabPrint, InputPrint, TxPrint};
use coinhound_model::{AddressId, Hash256, Height, HoldingId, InputId, KeyHash, Lock, LockKind, MovementId, TxHash};

use crate::facts::{
    AddressRow, BlockRow, Counts, Facts, ForeignRow, InputRow, MergeRow, OutputRow, RevealRow, ScriptRow, TxRow,
};
use crate::keys::key_of_lock;
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

/// Writes facts down, block by block.
struct Scribe {
    facts: Facts,
    coins: BTreeMap<(TxHash, u32), HoldingId>,
    addresses: BTreeMap<ToyLock, AddressId>,
    revealed: BTreeMap<AddressId, KeyHash>,
    key_owners: BTreeMap<KeyHash, AddressId>,
    labels: [Vec<u64>; 2],
    owners: BTreeMap<HoldingId, AddressId>,
}

impl Scribe {
    fn new(first: u32) -> Self {
        Self {
            facts: Facts { start: Height(first), ..Facts::default() },
            coins: BTreeMap::new(),
            addresses: BTreeMap::new(),
            revealed: BTreeMap::new(),
            key_owners: BTreeMap::new(),
            labels: [Vec::new(), Vec::new()],
            owners: BTreeMap::new(),
        }
    }

    fn block(&mut self, block: &ToyBlock) {
        block.txs.iter().for_each(|tx| self.tx(tx));
        let facts = &self.facts;
        let ends = Counts {
            txs: facts.txs.len() as u64,
            inputs: facts.inputs.len() as u64,
            outputs: facts.outputs.len() as u64,
            addresses: facts.addresses.len() as u64,
            address_bytes: facts.address_bytes.len() as u64,
            foreign: facts.foreign.len() as u64,
            scripts: facts.scripts.len() as u64,
            script_bytes: facts.script_bytes.len() as u64,
            reveals: facts.reveals.len() as u64,
            t0: facts.t0.len() as u64,
            t1: facts.t1.len() as u64,
        };
        let size = 1_000 + u32::try_from(facts.blocks.len()).expect("toy chains are short");
        self.facts.blocks.push(BlockRow { header: block.header, hash: block.hash(), size, ends });
    }

    fn tx(&mut self, tx: &ToyTx) {
        let id = MovementId(self.facts.txs.len() as u64);
        let first_input = self.facts.inputs.len();
        tx.inputs.iter().for_each(|input| self.input(input, id));
        tx.outputs.iter().enumerate().for_each(|(index, output)| self.output(tx, index, output, id));
        self.co_spends(first_input, id);
        self.facts.txs.push(TxRow {
            txid: tx.txid,
            input_end: self.facts.inputs.len() as u64,
            output_end: self.facts.outputs.len() as u64,
            weight: 400 + u32::from(tx.mark),
            print: if tx.inputs.is_empty() { TxPrint::COINBASE } else { TxPrint::from_bits_truncate(tx.mark & 0x1ff) },
            collab: CollabPrint::from_bits_truncate(tx.mark >> 7),
        });
    }

    fn input(&mut self, input: &ToyInput, tx: MovementId) {
        let coin = match &input.foreign {
            Some(foreign) => self.foreign(input, foreign, tx),
            None => self.coins[&(input.txid, input.index)],
        };
        let print = InputPrint::from_bits_truncate(u16::from(input.txid.0[0]) << 4);
        self.facts.inputs.push(InputRow { coin, print });
        let owner = self.owners.get(&coin).copied();
        if let (Some(address), Some(key)) = (owner, input.reveal)
            && self.revealed.insert(address, key).is_none()
        {
            self.facts.reveals.push(RevealRow { tx, address, key });
            self.same_key(address, key, tx);
        }
    }

    fn foreign(&mut self, input: &ToyInput, foreign: &ToyForeign, spender: MovementId) -> HoldingId {
        let coin = HoldingId::foreign(self.facts.foreign.len() as u64);
        let address = foreign.told.as_ref().map_or(AddressId::NONE, |(_, lock)| self.address(lock, spender));
        self.facts.foreign.push(ForeignRow {
            txid: input.txid,
            index: input.index,
            spender,
            value: foreign.told.as_ref().map_or(ForeignRow::UNKNOWN, |told| told.0),
            address,
            height: foreign.height,
            coinbase: foreign.coinbase,
        });
        if address.is_some() {
            self.owners.insert(coin, address);
        }
        coin
    }

    fn output(&mut self, tx: &ToyTx, index: usize, (value, lock): &(u64, ToyLock), id: MovementId) {
        let coin = HoldingId(self.facts.outputs.len() as u64);
        let address = if lock.kind.is_address() {
            self.address(lock, id)
        } else {
            self.facts.script_bytes.extend_from_slice(&lock.payload);
            self.facts.scripts.push(ScriptRow {
                output: coin,
                kind: lock.kind,
                end: self.facts.script_bytes.len() as u64,
            });
            AddressId::NONE
        };
        self.facts.outputs.push(OutputRow { value: *value, address });
        self.coins.insert((tx.txid, u32::try_from(index).expect("few outputs")), coin);
        if address.is_some() {
            self.owners.insert(coin, address);
        }
    }

    fn address(&mut self, lock: &ToyLock, tx: MovementId) -> AddressId {
        if let Some(&known) = self.addresses.get(lock) {
            return known;
        }
        let id = AddressId(self.facts.addresses.len() as u64);
        self.facts.address_bytes.extend_from_slice(&lock.payload);
        self.facts.addresses.push(AddressRow { kind: lock.kind, payload_end: self.facts.address_bytes.len() as u64 });
        self.addresses.insert(lock.clone(), id);
        self.labels.iter_mut().for_each(|labels| labels.push(id.0));
        if let Some(key) = key_of_lock(Lock { kind: lock.kind, payload: &lock.payload }) {
            self.same_key(id, key, tx);
        }
        id
    }

    /// Joins an address with the oldest one of its key.
    fn same_key(&mut self, address: AddressId, key: KeyHash, tx: MovementId) {
        let oldest = *self.key_owners.entry(key).or_insert(address);
        if oldest != address && relabel(&mut self.labels[0], oldest, address) {
            self.facts.t0.push(MergeRow { tx, input: InputId(0), a: oldest, b: address });
        }
    }

    fn co_spends(&mut self, first_input: usize, tx: MovementId) {
        let owner = |input: &InputRow| self.owners.get(&input.coin).copied().unwrap_or(AddressId::NONE);
        let owners: Vec<AddressId> = self.facts.inputs[first_input..].iter().map(owner).collect();
        let Some((&a, later)) = owners.split_first().filter(|(a, _)| a.is_some()) else { return };
        for (&b, input) in later.iter().zip(first_input as u64 + 1..) {
            if b.is_some() && a != b && relabel(&mut self.labels[1], a, b) {
                self.facts.t1.push(MergeRow { tx, input: InputId(input), a, b });
            }
        }
    }
}

/// Gives both clusters the smaller label; says whether they were two.
fn relabel(labels: &mut [u64], a: AddressId, b: AddressId) -> bool {
    let (x, y) = (labels[a.index()], labels[b.index()]);
    labels.iter_mut().filter(|label| **label == x.max(y)).for_each(|label| *label = x.min(y));
    x != y
}
