//! Worlds of agents: the chain is a chain, and the truth about it is true.

use std::cmp::Reverse;
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
use expect_test::expect;

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

/// Every miss of more than a fifth is said here: one more, or one less, is a change to look at.
#[test]
fn the_shape_of_the_large_worlds_misses_only_what_is_said() {
    let mut misses = String::new();
    for profile in [Profile::town(), Profile::heist_2018()] {
        let began = Instant::now();
        let table = shape_of(profile, 7).table();
        println!("{} {:?}\n{table}", profile.name, began.elapsed());
        for row in table.rows.iter().filter(|row| row.misses()) {
            misses += &format!("{}: {} ({} in mainnet)\n", profile.name, row.name.trim(), row.anchor);
        }
    }
    expect![[r#"
        town: their share of inputs (440 to 530 in mainnet)
        town: inputs of several types (23 in mainnet)
        town: outputs P2TR (0 to 4 in mainnet)
        town: inputs P2PKH (100 in mainnet)
        town: inputs P2SH (613 in mainnet)
        town: inputs P2WPKH (260 in mainnet)
        town: inputs P2WSH (12 in mainnet)
        heist-2018: inputs per 1,000 transactions (1530 in mainnet)
        heist-2018: ten outputs or more (18 in mainnet)
        heist-2018: their share of outputs (140 in mainnet)
        heist-2018: ten inputs or more, consolidating (9 in mainnet)
        heist-2018: their share of inputs (150 in mainnet)
        heist-2018: replaceable (50 to 60 in mainnet)
        heist-2018: inputs of several types (23 in mainnet)
        heist-2018: output value, sat, p5/50/95 (16500/380000/212000000 in mainnet)
    "#]]
    .assert_eq(&misses);
}

fn values(outputs: &[TxOut]) -> Vec<u64> {
    outputs.iter().map(|output| output.value.to_sat()).collect()
}

/// What the protocols' own rules demand of each round, whatever a predicate may look for.
fn check_round(row: &TxRow, spent: &[TxOut], tx: &Transaction) {
    let (ins, outs) = (values(spent), values(&tx.output));
    let asks = |value: u64| {
        let equal = row.outputs.iter().zip(&outs).filter(|(_, paid)| **paid == value);
        equal.map(|(told, _)| told.by).collect::<Vec<_>>()
    };
    let parties: BTreeSet<_> = row.inputs.iter().copied().collect();
    let most = outs.iter().copied().max_by_key(|value| (asks(*value).len(), Reverse(*value))).expect("pays something");
    let asking = asks(most).into_iter().collect::<BTreeSet<_>>();
    match row.purpose {
        Purpose::JoinMarket => {
            assert_eq!(asking, parties, "each party asks for the amount");
            let poorer = row.participants.iter().filter(|one| one.asked_out < one.paid_in).count();
            assert_eq!(poorer, 1, "the taker pays everybody");
        }
        Purpose::Wasabi1 => {
            assert!(asking == parties && parties.len() >= 10 && (9_600_000..10_500_000).contains(&most));
            assert!(spent.iter().chain(&tx.output).all(|output| output.script_pubkey.is_p2wpkh()));
        }
        Purpose::Wasabi2 => {
            assert!(ins.is_sorted_by(|a, b| a >= b) && outs.is_sorted_by(|a, b| a >= b));
            assert!(ins.len() >= 30 && outs.iter().all(|value| *value >= 5_000));
            let native = |output: &TxOut| output.script_pubkey.is_p2wpkh() || output.script_pubkey.is_p2tr();
            assert!(spent.iter().chain(&tx.output).all(native));
        }
        Purpose::WhirlpoolMix => {
            assert!((ins.len(), outs.len(), parties.len()) == (5, 5, 5) && asks(most).len() == 5);
            assert!(ins.iter().all(|value| *value >= most) && ins.iter().any(|value| *value > most));
        }
        Purpose::WhirlpoolEntry => {
            assert_eq!(tx.output.iter().filter(|output| output.script_pubkey.is_op_return()).count(), 1);
            let fees = row.outputs.iter().filter(|told| told.owner.is_some_and(|owner| owner != told.by)).count();
            assert_eq!(fees, 1, "one output is the coordinator's");
        }
        _ => {}
    }
}

#[test]
fn rounds_have_the_form_that_their_protocols_give_them() {
    let known = quiet();
    let mut seen = BTreeMap::<Purpose, u32>::new();
    Walk::new(&known).run(|_, row, spent, tx| {
        *seen.entry(row.purpose).or_default() += 1;
        check_round(row, spent, tx);
    });
    for purpose in [
        Purpose::JoinMarket,
        Purpose::Wasabi1,
        Purpose::Wasabi2,
        Purpose::WhirlpoolEntry,
        Purpose::WhirlpoolMix,
        Purpose::PayJoin,
        Purpose::Stonewall,
        Purpose::Trade,
        Purpose::Airdrop,
    ] {
        assert!(seen.get(&purpose).is_some_and(|count| *count > 0), "no {purpose}");
    }
}

/// How often a world contradicts what each heuristic takes for granted, by the heuristic's name.
fn contradictions(known: &Known) -> BTreeMap<&'static str, u32> {
    let mut counts = BTreeMap::<&'static str, u32>::new();
    let mut seen = BTreeSet::<ScriptBuf>::new();
    Walk::new(known).run(|_, row, spent, tx| {
        let mut count = |name, holds: bool| *counts.entry(name).or_default() += u32::from(holds);
        let owners: BTreeSet<_> = row.inputs.iter().collect();
        let least = values(spent).into_iter().min().unwrap_or(0);
        let typed = |output: &TxOut| output.script_pubkey.as_bytes().first().copied();
        count("co-spend: two owners, no equal outputs", owners.len() == 2);
        count("co-spend: equal outputs, one owner", owners.len() == 1 && is_equal_shaped(spent, tx));
        let changes = row.outputs.iter().filter(|told| told.change).count();
        for (told, output) in row.outputs.iter().zip(&tx.output) {
            let again = seen.contains(&output.script_pubkey);
            let own_type = spent.iter().all(|coin| typed(coin) == typed(output));
            let value = output.value.to_sat();
            let payment = told.owner.is_some_and(|owner| owner != told.by);
            let inputs_script = spent.iter().any(|coin| coin.script_pubkey == output.script_pubkey);
            count("reuse: the payee's own script is an input", inputs_script && !told.change && owners.len() > 1);
            count("type: change of the payee's type", told.change && !own_type);
            count("optimal: change above the least input", told.change && spent.len() > 1 && value > least);
            count("round: the change is round", told.change && value % 1_000 == 0);
            count("fresh: change to a used script", told.change && again && !inputs_script);
            count("fresh: a payment to a new script", payment && !again && changes > 0);
        }
        seen.extend(tx.output.iter().map(|output| output.script_pubkey.clone()));
    });
    counts
}

/// Three or more equal outputs among no fewer inputs.
fn is_equal_shaped(spent: &[TxOut], tx: &Transaction) -> bool {
    let all = values(&tx.output);
    let most = all.iter().map(|value| all.iter().filter(|other| *other == value).count()).max().unwrap_or(0);
    most >= 3 && spent.len() >= 3
}

#[test]
fn the_hostile_world_contradicts_every_heuristic() {
    let hostile = Profile { blocks: 700, people_bits: 9, ..Profile::hostile() };
    let counts = contradictions(&known(hostile, 3));
    counts.iter().for_each(|(name, count)| println!("{count:>6}  {name}"));
    assert!(counts.values().all(|count| *count >= 10), "{counts:?}");
}

#[test]
fn a_grown_world_is_longer_fuller_and_peopled() {
    let town = Profile::town();
    let grown = town.grown(10_000_000);
    assert!(u64::from(grown.blocks) * u64::from(grown.txs_per_block) >= 10_000_000);
    assert!(grown.people_bits > town.people_bits && grown.people_bits <= 18 && grown.txs_per_block <= 2_000);
    assert_eq!(town.grown(1).blocks, town.blocks);
}
