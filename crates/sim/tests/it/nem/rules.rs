//! Whether the story is hard enough: rules of tracing, each in a few lines, held against what the holders meant.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use coinhound_chains::nem::{Address, NemLedger, Network};
use coinhound_model::{AccountMove, AccountTx};
use coinhound_sim::nem::coincheck::{Size, Story, story};

/// Which lots leave first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    Fifo,
    Lifo,
    Haircut,
    CleanFirst,
}

/// A holding's lots, oldest first: whether stolen, and how much.
type Lots = VecDeque<(bool, u128)>;

fn total(lots: &Lots) -> u128 {
    lots.iter().map(|(_, units)| units).sum()
}

/// The stolen part, then the rest.
fn parts(lots: &Lots) -> [u128; 2] {
    let stolen: u128 = lots.iter().filter(|(stolen, _)| *stolen).map(|(_, units)| units).sum();
    [stolen, total(lots) - stolen]
}

fn pooled(stolen: u128, rest: u128) -> Lots {
    [(true, stolen), (false, rest)].into_iter().filter(|(_, units)| *units > 0).collect()
}

fn draw(lots: &mut Lots, units: u128, rule: Rule) -> Lots {
    let [stolen, rest] = parts(lots);
    let part = match rule {
        Rule::Haircut => (stolen * units).checked_div(stolen + rest).unwrap_or_default(),
        Rule::CleanFirst => units.saturating_sub(rest),
        Rule::Fifo | Rule::Lifo => return in_order(lots, units, rule),
    };
    *lots = pooled(stolen - part, rest + part - units);
    pooled(part, units - part)
}

fn in_order(lots: &mut Lots, mut units: u128, rule: Rule) -> Lots {
    let mut drawn = Lots::new();
    while units > 0 {
        let lot = if rule == Rule::Fifo { lots.pop_front() } else { lots.pop_back() };
        let (stolen, held) = lot.expect("balances never fall below zero");
        let taken = held.min(units);
        drawn.push_back((stolen, taken));
        units -= taken;
        match (held - taken, rule) {
            (0, _) => {}
            (left, Rule::Fifo) => lots.push_front((stolen, left)),
            (left, _) => lots.push_back((stolen, left)),
        }
    }
    drawn
}

/// How much stolen value each deposit at a service carries by a rule; what is there is no longer on the trail.
struct Tracer<'a> {
    rule: Rule,
    seeds: BTreeSet<&'a str>,
    services: BTreeSet<String>,
    holdings: BTreeMap<Vec<u8>, Lots>,
    deposits: BTreeMap<String, u128>,
}

impl Tracer<'_> {
    fn take(&mut self, tx: &AccountTx) {
        let moves = tx.moves.iter().filter(|each| each.token.id == "nem:xem" && each.from != each.to);
        moves.for_each(|each| self.step(&tx.hash.to_string(), each));
    }

    fn step(&mut self, hash: &str, each: &AccountMove) {
        let units = u128::try_from(each.units).expect("64 bits");
        let from = each.from.as_ref().map(|from| self.holdings.entry(from.0.clone()).or_default());
        let mut drawn = from.map_or_else(|| pooled(0, units), |lots| draw(lots, units, self.rule));
        let Some(to) = &each.to else { return };
        if self.seeds.contains(hash) {
            drawn = pooled(units, 0);
        }
        let address = Address(to.0.as_slice().try_into().expect("25 bytes")).to_string();
        if self.services.contains(&address) {
            *self.deposits.entry(hash.to_owned()).or_default() += parts(&drawn)[0];
            drawn = pooled(0, units);
        }
        self.holdings.entry(to.0.clone()).or_default().extend(drawn);
    }
}

fn traced(story: &Story, rule: Rule) -> BTreeMap<String, u128> {
    let is_service = |owner: u32| story.truth.owners[owner as usize].role.is_service();
    let services = story.truth.accounts.iter().filter(|account| is_service(account.owner));
    let mut tracer = Tracer {
        rule,
        seeds: story.seeds.iter().map(|seed| seed.hash.as_str()).collect(),
        services: services.map(|account| account.address.clone()).collect(),
        holdings: BTreeMap::new(),
        deposits: BTreeMap::new(),
    };
    let mut ledger = NemLedger::from_own_nemesis(Network::Mijin, story.first_hash());
    for block in &story.blocks {
        ledger.take(block).expect("sound").txs.iter().for_each(|tx| tracer.take(tx));
    }
    tracer.deposits
}

#[test]
fn no_rule_tells_what_the_holders_meant_and_no_two_tell_the_same() {
    let story = story(1, Size::Full);
    let meant: BTreeMap<_, _> = story.truth.deposits.iter().map(|each| (&each.hash, u128::from(each.loot))).collect();
    let all: u128 = meant.values().sum();
    let mut told = vec![];
    for rule in [Rule::Fifo, Rule::Lifo, Rule::Haircut, Rule::CleanFirst] {
        let by_rule = traced(&story, rule);
        let at = |hash: &String| by_rule.get(hash).copied().unwrap_or_default();
        let agreed: u128 = meant.iter().map(|(hash, loot)| at(hash).min(*loot)).sum();
        let on_clean = story.truth.deposits.iter().filter(|each| each.loot == 0 && at(&each.hash) > 0).count();
        let permille = agreed * 1000 / all;
        println!("{rule:?}: {permille} of 1,000 units at the right deposit; {on_clean} clean deposits touched");
        assert!((300..990).contains(&permille), "{rule:?}: {permille}");
        told.push(by_rule);
    }
    for (nth, first) in told.iter().enumerate() {
        assert!(told[nth + 1..].iter().all(|second| first != second), "rule {nth} tells what another tells");
    }
}
