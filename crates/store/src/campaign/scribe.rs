//! The facts of a toy chain, derived the slow and obvious way: maps, scans, relabelling.

use std::collections::BTreeMap;

use coinhound_model::print::{CollabPrint, InputPrint, TxPrint};
use coinhound_model::{AddressId, Height, HoldingId, InputId, KeyHash, Lock, MovementId, TxHash};

use super::toy::{ToyBlock, ToyForeign, ToyInput, ToyLock, ToyTx};
use crate::facts::{
    AddressRow, BlockRow, Counts, Facts, ForeignRow, InputRow, MergeRow, OutputRow, RevealRow, ScriptRow, TxRow,
};
use crate::keys::key_of_lock;

/// Writes facts down, block by block.
pub(super) struct Scribe {
    pub(super) facts: Facts,
    coins: BTreeMap<(TxHash, u32), HoldingId>,
    addresses: BTreeMap<ToyLock, AddressId>,
    revealed: BTreeMap<AddressId, KeyHash>,
    key_owners: BTreeMap<KeyHash, AddressId>,
    labels: [Vec<u64>; 2],
    owners: BTreeMap<HoldingId, AddressId>,
}

impl Scribe {
    /// Nothing written yet; the first block will be at `first`.
    pub(super) fn new(first: u32) -> Self {
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

    /// Writes down the next block.
    pub(super) fn block(&mut self, block: &ToyBlock) {
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
            ..Counts::default()
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
        self.facts.inputs.push(InputRow::new(coin, print));
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
        self.facts.outputs.push(OutputRow::new(*value, address));
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
        self.facts.addresses.push(AddressRow::new(lock.kind, self.facts.address_bytes.len() as u64));
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
        let owner = |input: &InputRow| self.owners.get(&input.coin()).copied().unwrap_or(AddressId::NONE);
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
