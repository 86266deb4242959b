//! Parsing beside its peers: every contender decodes every block and hashes every transaction.

use std::fs;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bitcoin::hashes::Hash;
use bitcoin_slices::{Visit, Visitor, bsl};
use coinhound_chains::bitcoin::block::{BlockParser, Checks};
use coinhound_chains::bitcoin::{Network, Params};

use crate::bench::cpu::{peak_memory, timed};
use crate::bench::dataset::{Dataset, block_files};

/// Ours with transaction hashes may cost this many thousandths of `bitcoin_slices`.
const RATIO_MAX: u64 = 1_500;

/// What a contender found: how many transactions, and all their hashes folded into one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Found {
    txs: u64,
    folded: u64,
}

/// Decodes one block.
type Parse = Box<dyn FnMut(&[u8]) -> Result<Found>>;

/// One way to decode blocks.
struct Contender {
    name: &'static str,
    parse: Parse,
    /// The least time over the rounds.
    best: Option<Duration>,
}

/// Measures all contenders over the whole chain, several times.
///
/// # Errors
/// When one fails or disagrees, or ours is slower than the bound.
pub fn run(dataset: &Dataset, rounds: u32) -> Result<()> {
    let mut contenders = contenders();
    let mut found = Found::default();
    for round in 0..rounds.max(1) {
        found = measure(dataset, &mut contenders, round)?;
    }
    print_table(dataset, &contenders, found)?;
    let ratio = permille(&contenders[0], &contenders[2]);
    ensure!(ratio <= RATIO_MAX, "parse costs {ratio} thousandths of bitcoin_slices; the bound is {RATIO_MAX}");
    Ok(())
}

fn contenders() -> [Contender; 4] {
    let new = |name, parse| Contender { name, parse, best: None };
    [
        new("coinhound: rows, txids, merkle root", ours(Checks { work: false, witness: false })),
        new("coinhound: and work, witness commitment", ours(Checks::ALL)),
        new("bitcoin_slices 0.13: visit, txids", Box::new(slices)),
        new("bitcoin 0.32: decode, txids", Box::new(reference)),
    ]
}

/// One round over all files. Contenders take turns on each file, in an order that moves with the round.
fn measure(dataset: &Dataset, contenders: &mut [Contender; 4], round: u32) -> Result<Found> {
    let mut totals = [Duration::ZERO; 4];
    let mut found = [Found::default(); 4];
    for (nth, path) in block_files(&dataset.folder)?.iter().enumerate() {
        let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        for turn in 0..4 {
            let at = (turn + nth + round as usize) % 4;
            let (seen, spent) = timed(|| parse_file(&bytes, &mut contenders[at].parse));
            totals[at] += spent;
            found[at] = found[at].with(seen.with_context(|| contenders[at].name.to_owned())?);
        }
    }
    for (contender, total) in contenders.iter_mut().zip(totals) {
        contender.best = Some(contender.best.map_or(total, |best| best.min(total)));
    }
    ensure!(found.iter().all(|one| *one == found[0]), "contenders disagree: {found:?}");
    Ok(found[0])
}

fn parse_file(mut bytes: &[u8], parse: &mut dyn FnMut(&[u8]) -> Result<Found>) -> Result<Found> {
    let mut found = Found::default();
    while let Some((frame, rest)) = bytes.split_first_chunk::<8>() {
        let len = u32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]) as usize;
        let (block, rest) = rest.split_at_checked(len).context("a block file ends inside a block")?;
        found = found.with(parse(block)?);
        bytes = rest;
    }
    Ok(found)
}

impl Found {
    fn with(self, other: Self) -> Self {
        Self { txs: self.txs + other.txs, folded: self.folded ^ other.folded }
    }

    fn tx(&mut self, hash: &[u8; 32]) {
        let first = hash.first_chunk().expect("a hash has 32 bytes");
        self.txs += 1;
        self.folded ^= u64::from_le_bytes(*first);
    }
}

fn params() -> &'static Params {
    Network::Regtest.params()
}

/// As a bulk load does it: one parser, which writes each block into the last one's memory.
fn ours(checks: Checks) -> Parse {
    let mut parser = BlockParser::new(params(), checks);
    Box::new(move |block| {
        let block = parser.parse(block)?;
        let mut found = Found::default();
        block.txs.iter().for_each(|tx| found.tx(&tx.txid.0));
        parser.recycle(black_box(block));
        Ok(found)
    })
}

fn slices(block: &[u8]) -> Result<Found> {
    let mut found = Found::default();
    match bsl::Block::visit(block, &mut found) {
        Ok(_) => Ok(found),
        Err(error) => bail!("{error:?}"),
    }
}

impl Visitor for Found {
    fn visit_transaction(&mut self, tx: &bsl::Transaction) -> ControlFlow<()> {
        self.tx(&tx.txid_sha2().into());
        ControlFlow::Continue(())
    }
}

fn reference(block: &[u8]) -> Result<Found> {
    let block: bitcoin::Block = bitcoin::consensus::deserialize(block)?;
    let mut found = Found::default();
    block.txdata.iter().for_each(|tx| found.tx(&tx.compute_txid().to_byte_array()));
    Ok(found)
}

fn print_table(dataset: &Dataset, contenders: &[Contender; 4], found: Found) -> Result<()> {
    println!("{} bytes, {} transactions, {} bytes each", dataset.bytes, found.txs, dataset.bytes / found.txs);
    println!("{:<42} {:>12} {:>10} {:>22}", "", "CPU ms/GB", "ns/tx", "of bitcoin_slices");
    for contender in contenders {
        let nanos = contender.nanos();
        let ms_per_gb = nanos * 1_000 / u128::from(dataset.bytes);
        let ratio = permille(contender, &contenders[2]);
        let text = format!("{}.{:02}", ratio / 1000, ratio % 1000 / 10);
        println!("{:<42} {ms_per_gb:>12} {:>10} {text:>22}", contender.name, nanos / u128::from(found.txs));
    }
    println!("peak memory {} MB", peak_memory()? / 1_000_000);
    Ok(())
}

impl Contender {
    fn nanos(&self) -> u128 {
        self.best.expect("at least one round ran").as_nanos()
    }
}

fn permille(one: &Contender, other: &Contender) -> u64 {
    u64::try_from(one.nanos() * 1000 / other.nanos().max(1)).expect("a ratio of times")
}
