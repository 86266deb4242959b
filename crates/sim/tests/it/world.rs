//! Worlds of agents: the chain is a chain, and the truth about it is true.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use bitcoin::hashes::Hash;
use bitcoin::{Block, OutPoint, ScriptBuf, Transaction, TxOut};
use coinhound_chains::bitcoin::parse_block;
use coinhound_sim::Sealed;
use coinhound_sim::regtest::params;
use coinhound_sim::world::shape::Shape;
use coinhound_sim::world::truth::{FolderSink, LootTo, MemorySink, Participant, Purpose, TxRow};
use coinhound_sim::world::{Profile, World};

use crate::referee::Referee;

/// A finished world: blocks, truth, and what each party owns at the end.
struct Known {
    blocks: Vec<Sealed>,
    truth: MemorySink,
    balances: Vec<u64>,
}

fn known(profile: Profile, seed: u64) -> Known {
    let mut world = World::telling(profile, seed, MemorySink::default());
    let blocks = world.by_ref().collect();
    let balances = world.balances();
    Known { blocks, truth: world.into_truth(), balances }
}

fn quiet() -> Known {
    known(Profile::quiet(), 7)
}

/// The other named worlds, cut after their thefts have begun.
fn others() -> impl Iterator<Item = Known> {
    let short = [
        Profile { blocks: 1_150, people_bits: 10, ..Profile::town() },
        Profile { blocks: 860, people_bits: 9, ..Profile::heist_2018() },
        Profile { blocks: 900, people_bits: 9, ..Profile::hostile() },
    ];
    short.into_iter().map(|profile| known(profile, 11))
}

#[test]
fn every_block_stands_before_two_decoders() {
    let known = quiet();
    let mut referee = Referee::default();
    for block in &known.blocks {
        referee.connect(block);
        let parsed = parse_block(&block.bytes, params()).expect("our own decoder reads it");
        assert_eq!(parsed.txs.len(), block.txids.len());
        assert!(block.undo.is_some() || block.height.0 == 0);
    }
    assert_eq!(referee.txs as usize, known.truth.transactions.len() + known.blocks.len(), "all but coinbases are told");
    println!("{} blocks, {} transactions, {} unspent", referee.blocks, referee.txs, referee.unspent.len());
}

#[test]
fn same_seed_same_bytes_whoever_listens_and_another_seed_another() {
    let [first, second] = [quiet(), quiet()];
    assert!(first.blocks == second.blocks && first.truth == second.truth);
    assert!(World::new(Profile::quiet(), 7).eq(first.blocks.iter().cloned()), "nobody listened: the same blocks");
    let other = known(Profile::quiet(), 8);
    assert_ne!(first.blocks.last().map(|block| block.hash), other.blocks.last().map(|block| block.hash));
    assert_ne!(first.truth.transactions, other.truth.transactions);
}

#[test]
fn truth_in_a_folder_is_the_same_every_time_and_complete() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
    let mut texts = vec![];
    for folder in &folders {
        let mut world = World::telling(Profile::quiet(), 7, FolderSink::create(folder.path()).expect("room"));
        world.by_ref().for_each(drop);
        world.into_truth().finish().expect("room");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("written");
        let names = ["owners", "scripts", "transactions", "services", "thefts", "loot", "loot_sums"];
        texts.push(names.map(|name| read(&format!("{name}.tsv"))));
    }
    assert!(texts[0] == texts[1]);
    let truth = quiet().truth;
    let rows = [
        truth.owners.len(),
        truth.scripts.len(),
        truth.transactions.len(),
        truth.services.len(),
        truth.thefts.len(),
        truth.loot.len(),
        truth.loot_sums.len(),
    ];
    for (text, rows) in texts[0].iter().zip(rows) {
        let columns = text.lines().next().expect("a head").split('\t').count();
        assert_eq!(text.lines().count(), rows + 1);
        assert!(text.lines().all(|line| line.split('\t').count() == columns));
    }
    assert!(FolderSink::create(folders[0].path()).is_err(), "nothing is overwritten");
}

/// A world as seen from outside, walked transaction by transaction beside the truth.
struct Walk<'a> {
    known: &'a Known,
    owners: HashMap<ScriptBuf, u32>,
    unspent: HashMap<OutPoint, TxOut>,
}

impl<'a> Walk<'a> {
    fn new(known: &'a Known) -> Self {
        let mut owners = HashMap::new();
        for row in &known.truth.scripts {
            let before = owners.insert(ScriptBuf::from_bytes(row.script.clone()), row.owner);
            assert_eq!(before, None, "a script has one row");
            assert!((row.owner as usize) < known.truth.owners.len());
        }
        Self { known, owners, unspent: HashMap::new() }
    }

    fn owner(&self, output: &TxOut) -> Option<u32> {
        let data = output.script_pubkey.is_op_return();
        let owner = self.owners.get(&output.script_pubkey).copied();
        assert!(data || owner.is_some(), "every script has an owner: {}", output.script_pubkey);
        owner
    }

    /// Calls `check` with each told transaction, the outputs it spends and itself.
    fn run(&mut self, mut check: impl FnMut(&Self, &TxRow, &[TxOut], &Transaction)) {
        let mut rows = self.known.truth.transactions.iter();
        for sealed in &self.known.blocks {
            let block: Block = bitcoin::consensus::deserialize(&sealed.bytes).expect("decodes");
            for (position, tx) in (0..).zip(&block.txdata) {
                if position > 0 {
                    let row = rows.next().expect("told");
                    assert_eq!((row.height, row.position), (sealed.height.0, position));
                    assert_eq!(row.txid.0, tx.compute_txid().to_byte_array());
                    let spent: Vec<_> = tx
                        .input
                        .iter()
                        .map(|input| self.unspent.remove(&input.previous_output).expect("resolves"))
                        .collect();
                    check(self, row, &spent, tx);
                }
                self.add(tx);
            }
        }
        assert!(rows.next().is_none());
    }

    fn add(&mut self, tx: &Transaction) {
        let txid = tx.compute_txid();
        for (vout, output) in (0..).zip(&tx.output) {
            if self.owner(output).is_some() {
                self.unspent.insert(OutPoint { txid, vout }, output.clone());
            }
        }
    }

    fn balances(&self) -> Vec<u64> {
        let mut sums = vec![0; self.known.truth.owners.len()];
        for output in self.unspent.values() {
            sums[self.owners[&output.script_pubkey] as usize] += output.value.to_sat();
        }
        sums
    }
}

fn sat(outputs: &[TxOut]) -> u64 {
    outputs.iter().map(|output| output.value.to_sat()).sum()
}

/// All that the truth says about transactions, held against the blocks.
fn check_truth(known: &Known) -> BTreeMap<Purpose, u32> {
    let mut purposes = BTreeMap::new();
    let mut walk = Walk::new(known);
    walk.run(|walk, row, spent, tx| {
        *purposes.entry(row.purpose).or_default() += 1;
        let inputs: Vec<_> = spent.iter().map(|output| walk.owner(output).expect("data is never spent")).collect();
        assert_eq!(row.inputs, inputs, "whose an input is, its coin's script says");
        assert_eq!(row.outputs.len(), tx.output.len());
        for (told, output) in row.outputs.iter().zip(&tx.output) {
            assert_eq!(told.owner, walk.owner(output));
            let own = told.owner == Some(told.by) && inputs.contains(&told.by);
            assert!(own || !told.change, "change returns to a payer");
        }
        check_participants(row, spent, tx);
    });
    let mut told = known.balances.clone();
    told[0] += 5_000_000_000; // the genesis block's coin stands in no node's set of coins
    let seen = walk.balances();
    let wrong: Vec<_> = (0..).zip(told.iter().zip(&seen)).filter(|(_, (told, seen))| told != seen).collect();
    assert!(wrong.is_empty() && told.len() == seen.len(), "party, told, seen: {wrong:?}");
    purposes
}

fn check_participants(row: &TxRow, spent: &[TxOut], tx: &Transaction) {
    if !row.purpose.is_common() {
        let payers: BTreeSet<_> = row.inputs.iter().collect();
        assert_eq!((payers.len(), row.participants.len()), (1, 0), "one pays: {}", row.purpose);
        return;
    }
    let paid_in: u64 = row.participants.iter().map(|one| one.paid_in).sum();
    let asked_out: u64 = row.participants.iter().map(|one| one.asked_out).sum();
    assert_eq!((paid_in, asked_out), (sat(spent), sat(&tx.output)));
    for Participant { party, paid_in, asked_out } in row.participants.iter().copied() {
        let own = row.inputs.iter().zip(spent).filter(|(owner, _)| **owner == party);
        assert_eq!(paid_in, own.map(|(_, output)| output.value.to_sat()).sum::<u64>());
        let asked = row.outputs.iter().zip(&tx.output).filter(|(told, _)| told.by == party);
        assert_eq!(asked_out, asked.map(|(_, output)| output.value.to_sat()).sum::<u64>());
    }
}

/// Each theft's movements, added up from the rows alone.
fn check_loot(known: &Known) {
    let truth = &known.truth;
    assert!(!truth.thefts.is_empty() && truth.thefts.len() == truth.loot_sums.len());
    for (theft, sum) in truth.thefts.iter().zip(&truth.loot_sums) {
        assert_eq!(sum.stolen, sum.at_rest + sum.at_services + sum.to_others + sum.fees);
        assert!(sum.stolen > 0, "{} happened", theft.script);
        let (mut held, mut stolen, mut fees) = (BTreeMap::<u32, u64>::new(), 0, 0);
        for row in truth.loot.iter().filter(|row| row.theft == theft.theft) {
            if row.from == theft.victim && !held.contains_key(&row.from) {
                stolen += row.amount;
            } else {
                let from = held.get_mut(&row.from).expect("loot comes from who holds it");
                *from = from.checked_sub(row.amount).expect("nobody moves more loot than he holds");
            }
            match row.to {
                LootTo::Party { party, .. } => *held.entry(party).or_default() += row.amount,
                LootTo::Fees => fees += row.amount,
            }
        }
        let at_rest: u64 = theft.carriers.iter().map(|carrier| held.get(carrier).copied().unwrap_or(0)).sum();
        assert_eq!((stolen, fees, at_rest), (sum.stolen, sum.fees, sum.at_rest), "{}", theft.script);
        assert_eq!(held.values().sum::<u64>() + fees, stolen);
        let permille = |part: u64| part * 1000 / sum.stolen;
        println!(
            "{:<18} stolen {:>14} rest {:>4} services {:>4} others {:>4} fees {:>3}",
            theft.script,
            sum.stolen,
            permille(sum.at_rest),
            permille(sum.at_services),
            permille(sum.to_others),
            permille(sum.fees)
        );
    }
}

#[test]
fn the_truth_of_the_quiet_world_is_true() {
    let began = Instant::now();
    let known = quiet();
    let purposes = check_truth(&known);
    check_loot(&known);
    purposes.iter().for_each(|(purpose, count)| println!("{purpose:<20} {count}"));
    println!("{} transactions, {:?}", known.truth.transactions.len(), began.elapsed());
}

#[test]
fn the_truth_of_the_other_worlds_is_true() {
    for known in others() {
        let purposes = check_truth(&known);
        check_loot(&known);
        purposes.iter().for_each(|(purpose, count)| print!("{purpose} {count}, "));
        println!("{} transactions", known.truth.transactions.len());
    }
}

/// The table of a named world, blocks of its youth left out.
fn shape_of(profile: Profile, seed: u64) -> Shape {
    let mut shape = Shape::new(profile.era, profile.blocks * 2 / 5);
    World::new(profile, seed).for_each(|block| shape.add(&block));
    shape
}

#[test]
fn the_shape_of_the_large_worlds_is_printed() {
    for profile in [Profile::town(), Profile::heist_2018()] {
        let began = Instant::now();
        let table = shape_of(profile, 7).table();
        println!("{} {:?}\n{table}", profile.name, began.elapsed());
    }
}
