//! The chain of mainnet's shape: is it a chain, and is it that shape?

use std::collections::{BTreeMap, HashMap, HashSet};

use bitcoin::{Block, OutPoint, ScriptBuf, Transaction};
use coinhound_sim::Sealed;
use coinhound_sim::mainnet::{Chain, Shape};
use expect_test::expect;

use crate::referee::Referee;

#[test]
fn every_block_stands_before_another_decoder() {
    let mut referee = Referee::default();
    let shape = Shape { undo: true, ..Shape::of_bytes(5, 3_000_000) };
    Chain::new(shape).for_each(|block| referee.connect(&block));
    assert!(referee.txs > 5_000, "{} transactions", referee.txs);
    assert!(referee.fees > 0);
}

#[test]
fn same_seed_same_chain_and_another_seed_another() {
    let chain = |seed| Chain::new(Shape::of_bytes(seed, 400_000)).collect::<Vec<_>>();
    assert_eq!(chain(1), chain(1));
    assert_ne!(chain(1).last().map(|block| block.hash), chain(2).last().map(|block| block.hash));
}

#[test]
fn a_reseeded_copy_forks_and_both_branches_hold() {
    let mut chain = Chain::new(Shape { block_weight: 40_000, ..Shape::of_bytes(1, 600_000) });
    let trunk: Vec<_> = chain.by_ref().take(115).collect();
    let mut fork = chain.clone();
    fork.reseed(99);
    let branches: [Vec<Sealed>; 2] = [chain.take(5).collect(), fork.take(5).collect()];
    assert_ne!(branches[0][0].hash, branches[1][0].hash);
    for branch in &branches {
        assert_eq!(branch[0].prev, trunk[114].hash);
        let mut referee = Referee::default();
        trunk.iter().chain(branch).for_each(|block| referee.connect(block));
    }
}

#[test]
fn a_small_pool_forgets_coins_and_stays_valid() {
    let mut referee = Referee::default();
    let shape = Shape { coins_max: 1_500, ..Shape::of_bytes(3, 2_000_000) };
    Chain::new(shape).for_each(|block| referee.connect(&block));
    assert!(referee.unspent.len() > 1_500, "{} unspent: some were forgotten", referee.unspent.len());
}

/// What the anchors are given in, as sums over transactions without coinbases.
#[derive(Default, Debug)]
struct Measured {
    bytes: u64,
    txs: u64,
    inputs: u64,
    outputs: u64,
    one_to_two: u64,
    one_to_one: u64,
    /// Transactions with ten or more outputs, and their outputs.
    wide: (u64, u64),
    /// Transactions with ten or more inputs, and their inputs.
    deep: (u64, u64),
    self_change: u64,
    two_types: (u64, u64),
    locked: u64,
    replaceable: u64,
    version_2: u64,
    to_used: u64,
    kinds: BTreeMap<&'static str, u64>,
    values: Vec<u64>,
    ages: Vec<u32>,
    used: HashSet<ScriptBuf>,
    made: HashMap<OutPoint, (ScriptBuf, u32)>,
}

impl Measured {
    /// Counts the transactions of one block; those of the first blocks only make coins known.
    fn block(&mut self, block: &Block, height: u32, counts: bool) {
        for tx in &block.txdata {
            if counts && !tx.is_coinbase() {
                self.tx(tx, height);
            }
            let txid = tx.compute_txid();
            for (vout, output) in (0..).zip(&tx.output) {
                self.made.insert(OutPoint { txid, vout }, (output.script_pubkey.clone(), height));
                self.used.insert(output.script_pubkey.clone());
            }
        }
    }

    fn tx(&mut self, tx: &Transaction, height: u32) {
        let (inputs, outputs) = (tx.input.len() as u64, tx.output.len() as u64);
        self.txs += 1;
        self.bytes += tx.total_size() as u64;
        self.inputs += inputs;
        self.outputs += outputs;
        self.one_to_two += u64::from((inputs, outputs) == (1, 2));
        self.one_to_one += u64::from((inputs, outputs) == (1, 1));
        self.wide = if outputs >= 10 { (self.wide.0 + 1, self.wide.1 + outputs) } else { self.wide };
        self.deep = if inputs >= 10 { (self.deep.0 + 1, self.deep.1 + inputs) } else { self.deep };
        self.locked += u64::from(tx.lock_time.to_consensus_u32() > 0);
        self.replaceable += u64::from(tx.input.iter().any(|input| input.sequence.is_rbf()));
        self.version_2 += u64::from(tx.version.0 == 2);
        self.scripts(tx, height);
    }

    fn scripts(&mut self, tx: &Transaction, height: u32) {
        let spent: Vec<_> = tx.input.iter().map(|input| self.made[&input.previous_output].clone()).collect();
        self.ages.extend(spent.iter().map(|(_, made)| height - made));
        self.self_change +=
            u64::from(tx.output.iter().any(|output| spent.iter().any(|(script, _)| *script == output.script_pubkey)));
        if let [a, b] = tx.output.as_slice() {
            let differ = kind(&a.script_pubkey) != kind(&b.script_pubkey);
            self.two_types = (self.two_types.0 + 1, self.two_types.1 + u64::from(differ));
        }
        for output in &tx.output {
            *self.kinds.entry(kind(&output.script_pubkey)).or_default() += 1;
            self.to_used += u64::from(self.used.contains(&output.script_pubkey));
            self.values.push(output.value.to_sat());
        }
    }

    fn quantile<T: Copy + Ord>(list: &[T], percent: usize) -> T {
        let mut sorted = list.to_vec();
        sorted.sort_unstable();
        sorted[(sorted.len() - 1) * percent / 100]
    }
}

fn kind(script: &ScriptBuf) -> &'static str {
    match () {
        () if script.is_p2pkh() => "P2PKH",
        () if script.is_p2sh() => "P2SH",
        () if script.is_p2wpkh() => "P2WPKH",
        () if script.is_p2wsh() => "P2WSH",
        () if script.is_p2tr() => "P2TR",
        () if script.is_op_return() => "OP_RETURN",
        () if script.is_multisig() => "multisig",
        () => "other",
    }
}

/// A share in tenths of a percent.
fn permille(part: u64, whole: u64) -> u64 {
    part * 1000 / whole
}

/// Prints the shape beside the anchors of docs and fails where it leaves them.
#[test]
fn the_shape_is_mainnets() {
    let mut seen = Measured::default();
    let mut chain = Chain::new(Shape { block_weight: 1_000_000, ..Shape::of_bytes(11, 36_000_000) });
    for sealed in chain.by_ref() {
        let block = Referee::decode(&sealed);
        seen.block(&block, sealed.height.0, sealed.height.0 > 103);
    }
    let mut wrong = vec![];
    let mut row = |name: &str, got: u64, low: u64, high: u64| {
        println!("{name:<44} {got:>9}   ({low} to {high})");
        if !(low..=high).contains(&got) {
            wrong.push(name.to_owned());
        }
    };
    row("bytes/tx", seen.bytes / seen.txs, 415, 470);
    row("inputs per 1,000 tx", permille(seen.inputs, seen.txs), 2_000, 2_500);
    row("outputs per 1,000 tx", permille(seen.outputs, seen.txs), 2_500, 3_000);
    row("1->2, of 1,000 tx", permille(seen.one_to_two, seen.txs), 500, 620);
    row("1->1, of 1,000 tx", permille(seen.one_to_one, seen.txs), 100, 200);
    row(">=10 outputs, of 1,000 tx", permille(seen.wide.0, seen.txs), 14, 32);
    row("  their outputs, of 1,000 outputs", permille(seen.wide.1, seen.outputs), 200, 400);
    row(">=10 inputs, of 1,000 tx", permille(seen.deep.0, seen.txs), 9, 20);
    row("  their inputs, of 1,000 inputs", permille(seen.deep.1, seen.inputs), 250, 530);
    row("self-change, of 1,000 tx", permille(seen.self_change, seen.txs), 180, 330);
    row("two outputs of two types, of 1,000", permille(seen.two_types.1, seen.two_types.0), 600, 780);
    row("locktime > 0, of 1,000 tx", permille(seen.locked, seen.txs), 200, 400);
    row("replaceable, of 1,000 tx", permille(seen.replaceable, seen.txs), 140, 350);
    row("version 2, of 1,000 tx", permille(seen.version_2, seen.txs), 500, 720);
    row("outputs to used addresses, of 1,000", permille(seen.to_used, seen.outputs), 350, 600);
    for (name, low, high) in [
        ("P2PKH", 370, 430),
        ("P2SH", 170, 230),
        ("P2WPKH", 240, 300),
        ("P2WSH", 20, 40),
        ("P2TR", 80, 120),
        ("OP_RETURN", 2, 20),
        ("multisig", 1, 5),
    ] {
        row(&format!("{name}, of 1,000 outputs"), permille(seen.kinds[name], seen.outputs), low, high);
    }
    row("output value p5, sat", Measured::quantile(&seen.values, 5), 600, 30_000);
    row("output value p50, sat", Measured::quantile(&seen.values, 50), 30_000, 800_000);
    row("output value p95, sat", Measured::quantile(&seen.values, 95), 1_500_000, 500_000_000);
    let same_block = seen.ages.iter().filter(|age| **age == 0).count() as u64;
    row("spent in the block that made them, of 1,000", permille(same_block, seen.inputs), 20, 190);
    row("spent output age p50, blocks", u64::from(Measured::quantile(&seen.ages, 50)), 3, 300);
    assert!(wrong.is_empty(), "out of range: {wrong:?}");
}

/// Benchmarks compare over time: whoever changes this chain gives the benchmarks' chains a new version.
#[test]
fn the_benchmarks_chain_is_the_one_measured() {
    let chain: Vec<_> = Chain::new(Shape { block_weight: 80_000, ..Shape::of_bytes(1, 1_000_000) }).collect();
    let tip = chain.last().expect("at least genesis");
    expect![[r#"
        140 7d560aa7df00da66ce53239470768410091a0a5411af8dfafbfcd88122f43928
    "#]]
    .assert_eq(&format!("{} {}\n", tip.height, tip.hash));
}
