//! Our reader of block and undo files against what the kernel told of the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use bitcoin::{Address, Script};
use coinhound_chains::bitcoin::block::{BlockParser, Checks};
use coinhound_chains::bitcoin::hash::double_sha256;
use coinhound_chains::bitcoin::{
    BlockDir, HeaderTree, Record, Scan, UndoError, UndoFile, address_text, lock_script, parse_address,
};
use coinhound_model::block::{CoinBlock, SpentCoin};
use coinhound_model::{BlockHash, Lock, LockKind};

use crate::kernel::keys::{KnownKeys, key_of};
use crate::kernel::listing::{Block, Coin, Listing, Output, Standing, Tx};

/// What agreed.
#[derive(Default)]
pub struct Tally {
    files: BTreeSet<u32>,
    blocks: [u64; 3],
    txs: u64,
    inputs: u64,
    outputs: u64,
    spent: u64,
    spent_coinbase: u64,
    untold: u64,
    ambiguous: u64,
    addresses: u64,
    keys: u64,
    most_inputs: usize,
    chained: u64,
    kinds: BTreeMap<LockKind, u64>,
}

/// What comparing one block needs.
struct Reading<'d> {
    dir: &'d BlockDir,
    parser: BlockParser<'d>,
    undo: BTreeMap<u32, UndoFile>,
    keys: KnownKeys<'d>,
    children: BTreeMap<BlockHash, Vec<&'d Block>>,
    tally: Tally,
}

/// Compares everything that lies in the files.
///
/// # Errors
/// Names the first thing that differs.
pub fn check<'d>(dir: &'d BlockDir, listing: &'d Listing) -> Result<Tally> {
    let scan = dir.scan(&mut |_| {})?;
    ensure!(scan.notices.is_empty(), "notices of a sound folder: {:?}", scan.notices);
    check_plan(dir, &scan, listing)?;
    let records: BTreeMap<BlockHash, Record> = scan.records.iter().map(|record| (record.hash, *record)).collect();
    let told: BTreeSet<BlockHash> = listing.blocks.iter().map(|block| block.hash).collect();
    ensure!(records.len() == scan.records.len(), "a block was found twice");
    ensure!(records.keys().copied().collect::<BTreeSet<_>>() == told, "we found other blocks than the kernel stored");
    let parser = BlockParser::new(dir.params(), Checks::ALL);
    let keys = KnownKeys::of(listing);
    let mut children: BTreeMap<BlockHash, Vec<&Block>> = BTreeMap::new();
    for block in &listing.blocks {
        children.entry(records[&block.hash].header.prev).or_default().push(block);
    }
    let mut reading = Reading { dir, parser, undo: BTreeMap::new(), keys, children, tally: Tally::default() };
    for block in &listing.blocks {
        reading.block(block, &records[&block.hash]).with_context(|| format!("block {}", block.hash))?;
    }
    Ok(reading.tally)
}

/// The chain we would follow is the kernel's.
fn check_plan(dir: &BlockDir, scan: &Scan, listing: &Listing) -> Result<()> {
    let mut tree = HeaderTree::new(dir.params());
    tree.add_records(&scan.records);
    let mut claimed = |record: usize| dir.claimed_height(&scan.records[record]).ok().flatten();
    let plan = tree.plan(None, &mut claimed)?;
    let ours: Vec<(u32, BlockHash)> =
        plan.blocks.iter().map(|block| (block.height.0, scan.records[block.record].hash)).collect();
    let active = listing.active();
    let theirs: Vec<(u32, BlockHash)> = active.iter().map(|block| (block.height, block.hash)).collect();
    ensure!(ours == theirs, "we follow another chain: {:?}, the kernel {:?}", ours.last(), theirs.last());
    ensure!(plan.gaps.is_empty() && plan.refused.is_empty() && plan.rivals.is_empty(), "{plan:?}");
    let aside = listing.blocks.len() - active.len();
    ensure!(plan.stale as usize == aside, "we count {} blocks aside, the kernel {aside}", plan.stale);
    Ok(())
}

impl Reading<'_> {
    fn block(&mut self, told: &Block, record: &Record) -> Result<()> {
        let bytes = self.dir.read(record)?;
        ensure!((bytes.len(), double_sha256(&bytes)) == (told.len, told.digest), "its bytes differ");
        let block = self.parser.parse(&bytes)?;
        ensure!((block.hash, block.size as usize) == (told.hash, told.len), "its name or length differs");
        ensure!(self.dir.claimed_height(record)?.is_none_or(|height| height.0 == told.height), "its height differs");
        ensure!(block.txs.len() == told.txs.len(), "{} transactions, told {}", block.txs.len(), told.txs.len());
        self.rows(&block, told)?;
        self.spent(&block, told, record.file)?;
        self.reveals(&block, told)?;
        self.tally.count(told, record.file);
        self.parser.recycle(block);
        Ok(())
    }

    fn rows(&mut self, block: &CoinBlock, told: &Block) -> Result<()> {
        let (mut inputs, mut outputs) = (0, 0);
        for (row, tx) in block.txs.iter().zip(&told.txs) {
            let ours: Vec<_> =
                block.inputs[inputs..row.input_end as usize].iter().map(|i| (i.prev_txid, i.prev_index)).collect();
            ensure!(row.txid == tx.txid, "transaction {}, told {}", row.txid, tx.txid);
            ensure!(ours == tx.inputs, "inputs of {}", tx.txid);
            ensure!(row.output_end as usize - outputs == tx.outputs.len(), "number of outputs of {}", tx.txid);
            for (output, at) in tx.outputs.iter().zip(outputs..) {
                self.output(block, at, output).with_context(|| format!("an output of {}", tx.txid))?;
            }
            (inputs, outputs) = (row.input_end as usize, row.output_end as usize);
        }
        Ok(())
    }

    fn output(&mut self, block: &CoinBlock, at: usize, told: &Output) -> Result<()> {
        let (value, lock) = (block.outputs[at].value, block.lock(at));
        ensure!(value == told.satoshi, "{value} satoshi, told {}", told.satoshi);
        ensure!(lock_script(lock) == told.script, "its script, classified as {}, differs", lock.kind.name());
        self.address(lock, &told.script)?;
        *self.tally.kinds.entry(lock.kind).or_default() += 1;
        if let Some(key) = &told.key {
            let want = (lock.kind != LockKind::ScriptHash).then(|| key_of(lock.kind, key));
            let got = coinhound_store::keys::key_of_lock(lock);
            ensure!(got == want, "key {got:?} of a {} lock, told {want:?}", lock.kind.name());
            self.tally.keys += 1;
        }
        Ok(())
    }

    /// The text of an address, as another library writes it, and back.
    fn address(&mut self, lock: Lock<'_>, script: &[u8]) -> Result<()> {
        let text = address_text(lock, self.dir.params());
        if let Ok(theirs) = Address::from_script(Script::from_bytes(script), bitcoin::Network::Regtest) {
            ensure!(text == theirs.to_string(), "address {text}, another library says {theirs}");
            ensure!(parse_address(&text, self.dir.params())?.as_lock() == lock, "{text} reads as another lock");
            self.tally.addresses += 1;
        } else {
            ensure!(
                text.starts_with("pk:") || text.starts_with("script:"),
                "another library has no address, we {text}"
            );
        }
        Ok(())
    }

    fn spent(&mut self, block: &CoinBlock, told: &Block, file: u32) -> Result<()> {
        let undo = match self.undo.entry(file) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(UndoFile::open(self.dir, file)?.with_context(|| format!("no rev{file:05}.dat"))?)
            }
        };
        match undo.coins(block) {
            Ok(ours) if told.told || ours.is_empty() => same_coins(&ours, told),
            Err(UndoError::Missing { .. }) if !told.told => Ok(()),
            Err(UndoError::Ambiguous { .. }) if has_double(&self.children[&block.prev], told) => {
                self.tally.ambiguous += 1;
                Ok(())
            }
            Ok(_) => bail!("we read what it spends, the kernel has not stored that"),
            Err(error) => Err(error).context("its undo data"),
        }
    }

    /// Each input that spends a nested key shows it, and no other input shows any.
    fn reveals(&mut self, block: &CoinBlock, told: &Block) -> Result<()> {
        let inputs = told.txs.iter().flat_map(|tx| &tx.inputs).zip(0_u32..);
        let nested = inputs.filter_map(|(coin, input)| Some((input, self.keys.nested(coin)?)));
        let want: Vec<_> = nested.collect();
        let got: Vec<_> = block.reveals.iter().map(|reveal| (reveal.input, reveal.key)).collect();
        ensure!(got == want, "shown keys {got:?}, told {want:?}");
        self.tally.keys += want.len() as u64;
        Ok(())
    }
}

/// Whether another block upon the same parent spends as many coins in each transaction: where the coins differ or
/// one was never connected, the files do not tell whose record is whose.
fn has_double(children: &[&Block], told: &Block) -> bool {
    let shape = |block: &Block| block.txs.iter().map(|tx| tx.inputs.len()).collect::<Vec<_>>();
    let coins = |block: &Block| block.txs.iter().flat_map(|tx| tx.spent.clone()).collect::<Vec<_>>();
    let others = children.iter().filter(|other| other.hash != told.hash && shape(other) == shape(told));
    others.into_iter().any(|other| coins(other) != coins(told))
}

fn same_coins(ours: &[SpentCoin], told: &Block) -> Result<()> {
    let theirs: Vec<&Coin> = told.txs.iter().flat_map(|tx| &tx.spent).collect();
    ensure!(ours.len() == theirs.len(), "{} coins spent, told {}", ours.len(), theirs.len());
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let script = lock_script(Lock { kind: ours.kind, payload: &ours.payload });
        let ours = Coin { satoshi: ours.value, height: ours.height.0, coinbase: ours.coinbase, script };
        ensure!(ours == *theirs, "spent coin {at}: {ours:?}, told {theirs:?}");
    }
    Ok(())
}

impl Tally {
    fn count(&mut self, told: &Block, file: u32) {
        self.files.insert(file);
        self.blocks[match told.standing {
            Standing::Active => 0,
            Standing::Stale => 1,
            Standing::Refused => 2,
        }] += 1;
        self.untold += u64::from(!told.told);
        let mut made = BTreeSet::new();
        for tx in &told.txs {
            self.count_tx(tx);
            self.chained += u64::from(tx.inputs.iter().any(|(maker, _)| made.contains(maker)));
            made.insert(tx.txid);
        }
    }

    fn count_tx(&mut self, tx: &Tx) {
        self.txs += 1;
        self.inputs += tx.inputs.len() as u64;
        self.outputs += tx.outputs.len() as u64;
        self.spent += tx.spent.len() as u64;
        self.spent_coinbase += tx.spent.iter().filter(|coin| coin.coinbase).count() as u64;
        self.most_inputs = self.most_inputs.max(tx.inputs.len());
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [active, stale, refused] = self.blocks;
        writeln!(
            f,
            "{} blocks agree ({active} active, {stale} stale, {refused} refused) in {} block files",
            active + stale + refused,
            self.files.len()
        )?;
        writeln!(
            f,
            "  {} transactions, {} of them spend coins of their own block; {} inputs, at most {} in one",
            self.txs, self.chained, self.inputs, self.most_inputs
        )?;
        writeln!(
            f,
            "  {} spent coins, {} of them from coinbases; {} blocks without undo data, {} with undo data that may be a sibling's",
            self.spent, self.spent_coinbase, self.untold, self.ambiguous
        )?;
        write!(f, "  {} outputs, {} addresses as text, {} keys;", self.outputs, self.addresses, self.keys)?;
        self.kinds.iter().try_for_each(|(kind, count)| write!(f, " {} {count}", kind.name()))
    }
}
