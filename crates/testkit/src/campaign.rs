//! Random graphs by the thousand: an engine's answers beside the oracle's.

use std::ops::Range;

use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Entry, Ledger, MovementId, Terminal};

use crate::memory::MemoryLedger;
use crate::oracle::{Answer, OracleStops, RULES, follow};
use crate::random::{Dice, RandomSeed, Shape, random_ledger, random_thefts};

/// What an engine is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// From which everything else follows.
    pub seed: u64,
    /// The graph.
    pub ledger: MemoryLedger<u64>,
    /// Two or three thefts.
    pub thefts: Vec<Vec<RandomSeed>>,
    /// Where to stop; on every other graph nowhere.
    pub stops: OracleStops,
}

impl Question {
    /// The question of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let (foreign, pools) = (seed.is_multiple_of(3), seed.is_multiple_of(5));
        let ledger = random_ledger(seed, &Shape { foreign, pools, ..Shape::default() });
        let thefts = random_thefts(seed, &ledger);
        let stops = if seed.is_multiple_of(2) { OracleStops::none() } else { random_stops(seed, &ledger) };
        Self { seed, ledger, thefts, stops }
    }

    /// The oracle's answers: by theft, then in the order of [`RULES`].
    #[must_use]
    pub fn oracle(&self) -> Vec<Answer> {
        let answers = |theft: &Vec<RandomSeed>| RULES.map(|rule| follow(&self.ledger, theft, rule, &self.stops));
        self.thefts.iter().flat_map(answers).collect()
    }
}

/// What a campaign went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Graphs compared.
    pub graphs: u64,
    /// Trails compared.
    pub trails: u64,
    /// Graphs on which the conserving rules disagree about where the loot is.
    pub disagreeing: u64,
    /// Graphs in which some movement merges coins.
    pub merging: u64,
    /// Graphs in which some movement pays nothing to somebody.
    pub with_zero_outputs: u64,
    /// Graphs on which some trail ended in a pool.
    pub pooled: u64,
    /// The fewest movements of a graph.
    pub movements_min: u64,
    /// The fewest thefts of a graph.
    pub thefts_min: u64,
}

/// An engine and the oracle disagree.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The seed of the question.
    pub seed: u64,
    /// Which theft.
    pub theft: usize,
    /// By which rule.
    pub rule: &'static str,
    /// What the oracle says.
    pub oracle: Answer,
    /// What the engine says; nothing when it gave fewer answers.
    pub engine: Option<Answer>,
}

/// Asks an engine the questions of these seeds and compares every answer.
///
/// # Errors
/// The first mismatch.
pub fn campaign(seeds: Range<u64>, engine: impl Fn(&Question) -> Vec<Answer>) -> Result<Tally, Box<Mismatch>> {
    let mut tally = Tally { movements_min: u64::MAX, thefts_min: u64::MAX, ..Tally::default() };
    for seed in seeds {
        let question = Question::new(seed);
        let oracle = question.oracle();
        let engine = engine(&question);
        compare(seed, &oracle, engine)?;
        tally.count(&question, &oracle);
    }
    Ok(tally)
}

fn compare(seed: u64, oracle: &[Answer], engine: Vec<Answer>) -> Result<(), Box<Mismatch>> {
    let mut engine = engine.into_iter().map(Answer::sorted);
    for (number, oracle) in oracle.iter().enumerate() {
        let answer = engine.next();
        if answer.as_ref() != Some(oracle) {
            let (theft, rule) = (number / RULES.len(), RULES[number % RULES.len()]);
            return Err(Box::new(Mismatch { seed, theft, rule, oracle: oracle.clone(), engine: answer }));
        }
    }
    Ok(())
}

impl Tally {
    fn count(&mut self, question: &Question, answers: &[Answer]) {
        let movements = question.ledger.movements().end;
        self.graphs += 1;
        self.trails += answers.len() as u64;
        self.movements_min = self.movements_min.min(movements);
        self.thefts_min = self.thefts_min.min(question.thefts.len() as u64);
        let conserving = |rules: &[Answer]| rules[..RULES.len() - 1].windows(2).any(|pair| pair[0] != pair[1]);
        self.disagreeing += u64::from(answers.chunks(RULES.len()).any(conserving));
        let ends = answers.iter().flat_map(|answer| &answer.ends);
        let mixes = question.stops.collaborative.is_empty()
            && ends.map(|end| end.0).any(|terminal| terminal == Terminal::Mixed);
        self.pooled += u64::from(mixes);
        let mut entries = Vec::<Entry<u64>>::new();
        let mut merges = false;
        let mut zero = false;
        for movement in (0..movements).map(MovementId) {
            question.ledger.debits(movement, &mut entries);
            merges |= entries.len() > 1;
            question.ledger.credits(movement, &mut entries);
            zero |= entries.iter().any(|credit| credit.units == 0);
        }
        self.merging += u64::from(merges);
        self.with_zero_outputs += u64::from(zero);
    }
}

fn random_stops(seed: u64, ledger: &MemoryLedger<u64>) -> OracleStops {
    let mut dice = Dice::new(seed ^ 0x0073_746f_7073);
    let mut stops = OracleStops::none();
    let services = 0..small(&mut dice, 3);
    stops.services = services.map(|service| (AddressId(dice.below(12)), service)).collect();
    if dice.once_in(2) {
        stops.collaborative = CollabPrint::BLOCKSCI_GENERIC;
    }
    stops.dust_below = if dice.once_in(2) { dice.below(8) } else { 0 };
    if dice.once_in(3) {
        stops.hops_max = small(&mut dice, 6);
    }
    let height = ledger.as_of().height.0;
    if dice.once_in(4) {
        stops.height_max = height - small(&mut dice, height / 2);
    }
    if dice.once_in(4) {
        stops.time_max = (height - small(&mut dice, height / 2)) * 600;
    }
    stops
}

fn small(dice: &mut Dice, end: u32) -> u32 {
    u32::try_from(dice.below(u64::from(end))).expect("below a u32")
}
