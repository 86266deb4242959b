//! How a checked block becomes facts: ids for transactions, coins and addresses, prints, merge logs.
//!
//! Blocks come in height order. Ids are given in (transaction, foreign inputs, outputs) order, edges in
//! (transaction, input) order, so the facts of a block depend on the chain below it and on nothing else.

use std::collections::HashMap;
use std::ops::Range;

use coinhound_analysis::cluster::{Merge, UnionFind, co_spend_edges, same_key_edge};
use coinhound_analysis::patterns::{Eras, Examiner, ShapeInput, ShapeOutput, TxShape, VetoSet, is_wasabi1_coordinator};
use coinhound_chains::bitcoin::Params;
use coinhound_model::block::{CoinBlock, CoinTx, KeyReveal, SpentCoin};
use coinhound_model::print::{CollabPrint, TxPrint};
use coinhound_model::{AddressId, BlockHash, Height, HoldingId, InputId, Ledger, Lock, LockKind, MovementId};
use coinhound_store::FactsSlice;
use coinhound_store::Tier;
use coinhound_store::facts::{
    BlockRow, Counts, ForeignRow, InputRow, MergeRow, OutputRow, RevealRow, ScriptRow, TxRow,
};
use coinhound_store::keys::key_of_lock;
use coinhound_store::layout::Span;
use coinhound_store::view::View;

use crate::addresses::says_its_key;
use crate::error::DeriveError;
use crate::known::{BYTES_PER_TX, Interned, Known};
use crate::parts::{Part, parts};
use crate::purse::{Overspent, Purse};
use crate::slots::{Ahead, Place};

/// Turns blocks into facts, one after the other.
pub struct Deriver<'p> {
    params: &'p Params,
    veto: VetoSet,
    examiner: Examiner,
    first: Height,
    next: Height,
    tip: Option<BlockHash>,
    counts: Counts,
    known: Known,
    t0: UnionFind,
    t1: UnionFind,
    /// The coin of each input of the block at hand; `None` for a foreign one.
    resolved: Vec<Option<HoldingId>>,
    /// What each input's coin holds and whose it is, where it was made below the part at hand.
    held: Vec<Option<(u64, AddressId)>>,
    /// Where the block's transactions, then a part's inputs, then its outputs are looked for.
    ahead: Ahead,
    /// How many keys the block at hand has revealed so far.
    reveals: usize,
    inputs: Vec<ShapeInput>,
    outputs: Vec<ShapeOutput>,
    owners: Vec<AddressId>,
    pays_wasabi1_coordinator: bool,
}

/// The block at hand, and what an undo file says of it.
#[derive(Clone, Copy)]
struct Task<'a> {
    block: &'a CoinBlock,
    spent: Option<&'a [SpentCoin]>,
}

impl<'p> Deriver<'p> {
    /// Continues right after `view`'s tip, or starts at `first` with nothing stored.
    ///
    /// `first` and `veto` must be the ones the store was made with.
    #[must_use]
    pub fn new(params: &'p Params, veto: VetoSet, first: Height, view: Option<View>) -> Self {
        let tip = view.as_ref().map(|view| (view.as_of().height, view.as_of().block));
        let next = tip.map_or(first, |(height, _)| height.next());
        let known = Known::from(view, next);
        Self {
            params,
            veto,
            examiner: Examiner::new(Eras::of(&params.chain_id())),
            first,
            next,
            tip: tip.map(|(_, hash)| hash),
            counts: known.prior.counts(),
            t0: known.prior.clusters(Tier::T0),
            t1: known.prior.clusters(Tier::T1),
            known,
            resolved: Vec::new(),
            held: Vec::new(),
            ahead: Ahead::default(),
            reveals: 0,
            inputs: Vec::new(),
            outputs: Vec::new(),
            owners: Vec::new(),
            pays_wasabi1_coordinator: false,
        }
    }

    /// Makes room for blocks of so many bytes together, but not for more transactions than `txs_max`.
    ///
    /// A guess, and nothing depends on it: tables that need not move as they grow stay on huge pages.
    pub fn make_room(&mut self, bytes: u64, txs_max: usize) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.known.make_room(bytes.min(txs_max.saturating_mul(BYTES_PER_TX)));
    }

    /// Frees what only the next commit reads, all blocks so far being committed.
    pub fn let_go(&mut self) {
        self.known.let_go(&self.counts);
    }

    /// The facts of the session's whole blocks from a height on, which may be the next block's.
    ///
    /// # Panics
    /// When the height is below the session's first block or that of the last [`Self::let_go`], or above the next: a
    /// bug of the caller.
    #[must_use]
    pub fn facts_from(&self, height: Height) -> FactsSlice<'_> {
        let facts = &self.known.facts;
        facts.as_slice().part(Span { start: height.0, end: facts.span().end })
    }

    /// The height the next block will have.
    #[must_use]
    pub fn next_height(&self) -> Height {
        self.next
    }

    /// How many transactions this session holds in memory.
    #[must_use]
    pub fn session_txs(&self) -> usize {
        self.known.facts.txs.len()
    }

    /// Which inputs of the next block spend coins from below the range, by their place in it.
    pub(crate) fn foreign_inputs(&mut self, block: &CoinBlock) -> Vec<usize> {
        self.known.look_ahead_inputs(block, 0..block.inputs.len(), &mut self.ahead);
        let mut coins_of = HashMap::with_capacity(block.txs.len());
        let (mut foreign, mut input_start, mut output_start) = (Vec::new(), 0, 0);
        for tx in &block.txs {
            for at in input_start..tx.input_end as usize {
                let input = &block.inputs[at];
                let is_known = match coins_of.get(&input.prev_txid) {
                    Some(count) => input.prev_index < *count,
                    None => self.known.coin(input, self.ahead.at(at), MovementId(self.counts.txs)).is_some(),
                };
                if !is_known {
                    foreign.push(at);
                }
            }
            coins_of.insert(tx.txid, tx.output_end - output_start);
            (input_start, output_start) = (tx.input_end as usize, tx.output_end);
        }
        foreign
    }

    /// Appends one block's facts.
    ///
    /// `spent` are the coins its inputs empty, in input order, where an undo file told them; only coins
    /// made before the ingested range are taken from there.
    ///
    /// # Errors
    /// Names the block and what does not fit. What was derived before stays to be read, but this value cannot go
    /// on: continue with a new one.
    pub fn push(&mut self, block: &CoinBlock, spent: Option<&[SpentCoin]>) -> Result<(), DeriveError> {
        self.check_place(block, spent)?;
        self.register_txs(block);
        self.resolved.clear();
        self.held.clear();
        self.reveals = 0;
        let mut purse = Purse::new();
        for part in parts(block) {
            self.push_part(Task { block, spent }, &part, &mut purse)?;
        }
        purse.close(self.params.subsidy(self.next)).map_err(|over| self.overspent(block, over))?;
        self.known.prior.health()?;
        self.end_block(block);
        Ok(())
    }

    fn check_place(&self, block: &CoinBlock, spent: Option<&[SpentCoin]>) -> Result<(), DeriveError> {
        let (height, hash, inputs) = (self.next, block.hash, block.inputs.len());
        if let Some(expected) = self.tip.filter(|tip| *tip != block.prev) {
            return Err(DeriveError::NotNext { block: hash, height, found: block.prev, expected });
        }
        let has_extension = || block.txs.last().is_some_and(|last| last.print.contains(TxPrint::POOL));
        if self.params.mweb.is_some_and(|mweb| mweb.is_buried && height >= mweb.height) && !has_extension() {
            return Err(DeriveError::NoExtension { block: hash, height });
        }
        match spent.map(<[_]>::len).filter(|spent| *spent != inputs) {
            Some(spent) => Err(DeriveError::UndoMismatch { block: hash, height, inputs, spent }),
            None => Ok(()),
        }
    }

    /// Adds the rows of the block's transactions, so that later ones of the block find the coins of earlier ones.
    fn register_txs(&mut self, block: &CoinBlock) {
        self.known.look_ahead_txs(block, &mut self.ahead);
        let Counts { inputs, outputs, .. } = self.counts;
        for (tx, tag) in block.txs.iter().zip(&self.ahead.tags) {
            let row = TxRow {
                txid: tx.txid,
                input_end: inputs + u64::from(tx.input_end),
                output_end: outputs + u64::from(tx.output_end),
                weight: tx.weight,
                print: complete(tx, self.next),
                // Told once inputs and outputs are known.
                collab: CollabPrint::empty(),
            };
            self.known.push_tx(row, *tag);
        }
    }

    /// Appends the transactions of a part of the block.
    fn push_part(&mut self, task: Task<'_>, part: &Part, purse: &mut Purse) -> Result<(), DeriveError> {
        let block = task.block;
        self.resolve_inputs(block, part)?;
        self.known.look_ahead_outputs(block, part.outputs.clone(), &mut self.ahead);
        let (mut input_start, mut output_start) = (part.inputs.start, part.outputs.start);
        for tx in &block.txs[part.txs.clone()] {
            let (input_end, output_end) = (tx.input_end as usize, tx.output_end as usize);
            let (taken, paid) = self.push_tx(task, tx, input_start..input_end, output_start..output_end);
            purse.add(tx.txid, tx.print, taken, paid).map_err(|over| self.overspent(block, over))?;
            (input_start, output_start) = (input_end, output_end);
        }
        Ok(())
    }

    /// Finds the coin of every input of the part, and what those made below it hold.
    fn resolve_inputs(&mut self, block: &CoinBlock, part: &Part) -> Result<(), DeriveError> {
        self.known.look_ahead_inputs(block, part.inputs.clone(), &mut self.ahead);
        let mut start = part.inputs.start;
        for (tx, spender) in block.txs[part.txs.clone()].iter().zip(self.counts.txs..) {
            for at in start..tx.input_end as usize {
                let input = &block.inputs[at];
                let coin = self.known.coin(input, self.ahead.at(at), MovementId(spender));
                if coin.is_none() && self.first == Height(0) {
                    let (prev, index) = (input.prev_txid, input.prev_index);
                    return Err(DeriveError::NoSuchCoin {
                        block: block.hash,
                        height: self.next,
                        tx: tx.txid,
                        prev,
                        index,
                    });
                }
                self.resolved.push(coin);
            }
            start = tx.input_end as usize;
        }
        let made = self.counts.outputs;
        let coins = self.resolved[part.inputs.start..].iter().map(|coin| coin.filter(|coin| coin.0 < made));
        self.held.extend(coins.map(|coin| coin.map(|coin| self.known.value_and_owner(coin))));
        let owners = self.held[part.inputs.start..].iter().flatten().map(|(_, owner)| *owner);
        self.t1.look_ahead(owners.filter(|owner| owner.is_some()));
        Ok(())
    }

    /// Appends one transaction and returns what it takes (where known) and what it pays out.
    fn push_tx(
        &mut self,
        task: Task<'_>,
        tx: &CoinTx,
        inputs: Range<usize>,
        outputs: Range<usize>,
    ) -> (Option<u128>, u128) {
        // Only shapes that a predicate can hold of are looked at closely: kinds cost a look-up each.
        // What settles a pool was made by nobody together with anybody.
        let shaped = outputs.len() >= TxShape::OUTPUTS_MIN && !tx.print.contains(TxPrint::POOL);
        let taken = self.take_inputs(task, inputs, shaped);
        let paid = self.make_outputs(task, outputs);
        let collab = if shaped { self.collab() } else { CollabPrint::empty() };
        self.link_inputs(tx.print, collab);
        let row = self.counts.txs - self.known.facts.base.txs;
        self.known.facts.txs[usize::try_from(row).expect("rows in memory are indexed by usize")].collab = collab;
        self.counts.txs += 1;
        (taken, paid)
    }

    /// Which collaborative predicates hold of the transaction at hand.
    fn collab(&mut self) -> CollabPrint {
        self.examiner.collab(&TxShape {
            height: self.next,
            inputs: &self.inputs,
            outputs: &self.outputs,
            pays_wasabi1_coordinator: self.pays_wasabi1_coordinator,
        })
    }

    fn take_inputs(&mut self, task: Task<'_>, range: Range<usize>, shaped: bool) -> Option<u128> {
        self.inputs.clear();
        let mut taken = Some(0u128);
        for at in range {
            let (coin, value, owner) = match self.resolved[at] {
                Some(coin) => {
                    let (value, owner) = self.held[at].unwrap_or_else(|| self.known.value_and_owner(coin));
                    (coin, Some(value), owner)
                }
                None => self.take_foreign(task, at),
            };
            taken = taken.zip(value).map(|(sum, value)| sum + u128::from(value));
            self.known.facts.inputs.push(InputRow::new(coin, task.block.inputs[at].print));
            self.counts.inputs += 1;
            let kind = if shaped { self.known.kind(owner) } else { None };
            self.inputs.push(ShapeInput { value, owner, kind });
            self.take_reveal(task, at, owner);
        }
        taken
    }

    /// Numbers a coin made before the ingested range; what it held is known from an undo file or not at all.
    fn take_foreign(&mut self, task: Task<'_>, at: usize) -> (HoldingId, Option<u64>, AddressId) {
        let coin = HoldingId::foreign(self.counts.foreign);
        self.counts.foreign += 1;
        let told = task.spent.map(|spent| &spent[at]);
        let owner = told.map_or(AddressId::NONE, |told| {
            let lock = Lock { kind: told.kind, payload: &told.payload };
            let place = self.known.place(lock);
            self.address(lock, place)
        });
        let input = &task.block.inputs[at];
        self.known.facts.foreign.push(ForeignRow {
            txid: input.prev_txid,
            index: input.prev_index,
            spender: MovementId(self.counts.txs),
            value: told.map_or(ForeignRow::UNKNOWN, |told| told.value),
            address: owner,
            height: told.map_or(u32::MAX, |told| told.height.0),
            coinbase: told.is_some_and(|told| told.coinbase),
        });
        (coin, told.map(|told| told.value), owner)
    }

    fn take_reveal(&mut self, task: Task<'_>, at: usize, owner: AddressId) {
        let next = task.block.reveals.get(self.reveals);
        let Some(KeyReveal { key, .. }) = next.copied().filter(|reveal| reveal.input as usize == at) else { return };
        self.reveals += 1;
        if owner.is_some() && self.known.is_new_reveal(owner, &key) {
            self.known.facts.reveals.push(RevealRow { tx: MovementId(self.counts.txs), address: owner, key });
            self.counts.reveals += 1;
            let mut uses = self.known.key_use(&key, LockKind::ScriptHash);
            let edge = same_key_edge(&mut uses, MovementId(self.counts.txs), key, owner);
            self.link_key(edge);
        }
    }

    fn make_outputs(&mut self, task: Task<'_>, range: Range<usize>) -> u128 {
        self.outputs.clear();
        self.pays_wasabi1_coordinator = false;
        let mut paid = 0;
        for at in range {
            let (value, lock) = (task.block.outputs[at].value, task.block.lock(at));
            let owner =
                if lock.kind.is_address() { self.address(lock, self.ahead.at(at)) } else { self.keep_script(lock) };
            paid += u128::from(value);
            self.pays_wasabi1_coordinator |= is_wasabi1_coordinator(lock);
            self.known.facts.outputs.push(OutputRow::new(value, owner));
            self.counts.outputs += 1;
            self.outputs.push(ShapeOutput { value, owner, kind: lock.kind });
        }
        paid
    }

    fn keep_script(&mut self, lock: Lock<'_>) -> AddressId {
        let facts = &mut self.known.facts;
        facts.script_bytes.extend_from_slice(lock.payload);
        self.counts.scripts += 1;
        self.counts.script_bytes += lock.payload.len() as u64;
        let output = HoldingId(self.counts.outputs);
        facts.scripts.push(ScriptRow { output, kind: lock.kind, end: self.counts.script_bytes });
        AddressId::NONE
    }

    /// The address of a lock; at its first appearance its key's T0 edge is added.
    fn address(&mut self, lock: Lock<'_>, place: Place) -> AddressId {
        let (address, alone) = match self.known.intern(lock, place) {
            Interned::Old(address) => return address,
            Interned::New { address, alone } => (address, alone),
        };
        self.counts.addresses += 1;
        self.counts.address_bytes += lock.payload.len() as u64;
        self.t0.grow(self.counts.addresses);
        self.t1.grow(self.counts.addresses);
        // The name of a Taproot key is no HASH160, so nobody else is found by it.
        if lock.kind != LockKind::Taproot
            && let Some(key) = key_of_lock(lock)
        {
            let known = &mut self.known;
            let mut uses = if says_its_key(lock.kind) {
                known.own_key_use(place.tag, lock.kind, alone)
            } else {
                known.key_use(&key, lock.kind)
            };
            let edge = same_key_edge(&mut uses, MovementId(self.counts.txs), key, address);
            self.link_key(edge);
        }
        address
    }

    fn link_key(&mut self, edge: Option<Merge>) {
        if let Some(Merge { tx, input, a, b }) = edge.filter(|edge| self.t0.union(edge.a, edge.b)) {
            self.known.facts.t0.push(MergeRow { tx, input, a, b });
            self.counts.t0 += 1;
        }
    }

    fn link_inputs(&mut self, print: TxPrint, collab: CollabPrint) {
        if self.inputs.len() < 2 || self.veto.forbids(collab, print) {
            return;
        }
        self.owners.clear();
        self.owners.extend(self.inputs.iter().map(|input| input.owner));
        let first = InputId(self.counts.inputs - self.owners.len() as u64);
        for Merge { tx, input, a, b } in co_spend_edges(MovementId(self.counts.txs), first, &self.owners) {
            if self.t1.union(a, b) {
                self.known.facts.t1.push(MergeRow { tx, input, a, b });
                self.counts.t1 += 1;
            }
        }
    }

    fn overspent(&self, block: &CoinBlock, Overspent { tx, taken, paid }: Overspent) -> DeriveError {
        DeriveError::Overspent { block: block.hash, height: self.next, tx, taken, paid }
    }

    fn end_block(&mut self, block: &CoinBlock) {
        let header = block.header.as_slice().try_into().expect("the parser keeps the 80 bytes it hashed");
        self.known.facts.blocks.push(BlockRow { header, hash: block.hash, size: block.size, ends: self.counts });
        self.tip = Some(block.hash);
        self.next = self.next.next();
    }
}

/// A transaction's print with what only the height tells.
fn complete(tx: &CoinTx, height: Height) -> TxPrint {
    const BLOCKS_BACK_MAX: u32 = 100;
    let near = tx.print.contains(TxPrint::LOCKED)
        && !tx.print.contains(TxPrint::LOCK_IS_TIME)
        && height.0.checked_sub(tx.lock_time).is_some_and(|back| back <= BLOCKS_BACK_MAX);
    if near { tx.print | TxPrint::LOCK_NEAR_TIP } else { tx.print }
}
