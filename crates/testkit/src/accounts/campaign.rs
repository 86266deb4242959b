//! Random account ledgers by the thousand: an engine's answers beside the oracle's.

use std::collections::BTreeSet;
use std::ops::Range;

use coinhound_model::{AccountLedger, AddressId, MovementId, Pruned, Terminal};

use crate::accounts::barter::Mistake;
use crate::accounts::memory::MemoryAccounts;
use crate::accounts::oracle::{AccountAnswer, OracleBarter, OracleReached, RULES, follow_accounts};
use crate::accounts::random::{Before, RandomCredit, Shape, random_account_thefts, random_accounts, small};
use crate::oracle::OracleStops;
use crate::random::Dice;

/// What an engine is asked.
#[derive(Clone, Debug)]
pub struct AccountQuestion {
    /// From which everything else follows.
    pub seed: u64,
    /// The ledger.
    pub ledger: MemoryAccounts<u64>,
    /// Two or three thefts.
    pub thefts: Vec<Vec<RandomCredit>>,
    /// Where to stop; on every other ledger nowhere.
    pub stops: OracleStops,
}

impl AccountQuestion {
    /// The question of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let before = [Before::Nothing, Before::Unknown, Before::Supplied];
        let before = before[usize::try_from(seed % 3).expect("below three")];
        let shape = if seed % 4 < 2 { Shape::trading(before) } else { Shape::new(before) };
        let ledger = random_accounts(seed, &shape);
        let thefts = random_account_thefts(seed, &ledger);
        let mut stops = if seed.is_multiple_of(2) { OracleStops::none() } else { random_stops(seed, &ledger) };
        stops.exchangers = (seed % 7 < 3).then(|| random_exchangers(seed));
        Self { seed, ledger, thefts, stops }
    }

    /// The answers of an oracle that makes this mistake: by theft, then in the order of [`RULES`].
    #[must_use]
    pub fn oracle(&self, mistake: Option<Mistake>) -> Vec<AccountAnswer> {
        let answers =
            |theft: &Vec<_>| RULES.map(|rule| follow_accounts(&self.ledger, theft, rule, &self.stops, mistake));
        self.thefts.iter().flat_map(answers).collect()
    }
}

/// Most accounts, so that now and then nobody else gains.
fn random_exchangers(seed: u64) -> BTreeSet<AddressId> {
    let mut dice = Dice::new(seed ^ 0x0065_7863_6861);
    (0..8).filter(|_| !dice.once_in(4)).map(AddressId).collect()
}

fn random_stops(seed: u64, ledger: &MemoryAccounts<u64>) -> OracleStops {
    let mut dice = Dice::new(seed ^ 0x0073_746f_7073);
    let mut stops = OracleStops::none();
    let services = 0..small(&mut dice, 3);
    stops.services = services.map(|service| (AddressId(dice.below(8)), service)).collect();
    stops.dust_below = if dice.once_in(2) { dice.below(6) } else { 0 };
    if dice.once_in(3) {
        stops.hops_max = small(&mut dice, 6);
    }
    let height = ledger.as_of().height.0;
    if dice.once_in(4) {
        stops.height_max = height - small(&mut dice, height / 2 + 1);
    }
    if dice.once_in(4) {
        stops.time_max = (height - small(&mut dice, height / 2 + 1)) * 60;
    }
    stops
}

/// What a campaign went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AccountTally {
    /// Ledgers compared.
    pub ledgers: u64,
    /// Trails compared.
    pub trails: u64,
    /// Ledgers on which the conserving rules disagree about where the loot is.
    pub disagreeing: u64,
    /// Ledgers in which a trail reached a holding that somebody pays from to himself.
    pub to_oneself: u64,
    /// Ledgers in which some movement is of nothing.
    pub with_zeros: u64,
    /// Ledgers on which some trail came through a holding twice.
    pub cycles: u64,
    /// Ledgers on which something was assumed of a reached holding.
    pub assumed: u64,
    /// Ledgers on which a limit of height or time cut some trail.
    pub limited: u64,
    /// Ledgers on which some trail ended at a service.
    pub at_services: u64,
    /// Ledgers on which loot was taken again by a later seed, and ended there.
    pub returned: u64,
    /// Trails on which that happened.
    pub trails_returned: u64,
    /// What looked like a conversion of loot and was none for who gained, by trail.
    pub declined: u64,
    /// Ledgers on which loot was converted into another asset.
    pub converted: u64,
    /// Conversions of loot, by trail.
    pub conversions: u64,
    /// Those of them in which some of the loot came back with a refund.
    pub with_refunds: u64,
    /// Those of them after which no unit was opened, less than one being due.
    pub without_openings: u64,
    /// Those of them that led into an asset in which the same holding had loot of this theft before.
    pub converted_back: u64,
    /// The fewest movements of a ledger.
    pub movements_min: u64,
    /// The fewest thefts of a ledger.
    pub thefts_min: u64,
}

impl AccountTally {
    /// A tally of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { movements_min: u64::MAX, thefts_min: u64::MAX, ..Self::default() }
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        self.ledgers += other.ledgers;
        self.trails += other.trails;
        self.disagreeing += other.disagreeing;
        self.to_oneself += other.to_oneself;
        self.with_zeros += other.with_zeros;
        self.cycles += other.cycles;
        self.assumed += other.assumed;
        self.limited += other.limited;
        self.at_services += other.at_services;
        self.returned += other.returned;
        self.trails_returned += other.trails_returned;
        self.declined += other.declined;
        self.converted += other.converted;
        self.conversions += other.conversions;
        self.with_refunds += other.with_refunds;
        self.without_openings += other.without_openings;
        self.converted_back += other.converted_back;
        self.movements_min = self.movements_min.min(other.movements_min);
        self.thefts_min = self.thefts_min.min(other.thefts_min);
    }

    /// On how many ledgers in a hundred the conserving rules disagree.
    #[must_use]
    pub fn disagreeing_percent(&self) -> u64 {
        self.disagreeing * 100 / self.ledgers.max(1)
    }

    fn count_barters(&mut self, answers: &[AccountAnswer]) {
        let bartered: Vec<_> =
            answers.iter().flat_map(|answer| answer.bartered.iter().map(move |barter| (answer, barter))).collect();
        let of = |is: fn(&AccountAnswer, &OracleBarter) -> bool| {
            bartered.iter().filter(|(answer, barter)| is(answer, barter)).count() as u64
        };
        self.declined += answers.iter().map(|answer| answer.declined.len() as u64).sum::<u64>();
        self.converted += u64::from(!bartered.is_empty());
        self.conversions += bartered.len() as u64;
        self.with_refunds += of(|_, barter| barter.stolen.0 > barter.stolen.1);
        self.without_openings += of(|_, barter| barter.holdings.1.is_none());
        self.converted_back += of(|answer, barter| {
            let before = |row: &OracleReached| row.first < barter.movement;
            barter.holdings.1.and_then(|into| answer.reached.get(&into)).is_some_and(before)
        });
    }

    fn count(&mut self, question: &AccountQuestion, answers: &[AccountAnswer]) {
        let ledger = &question.ledger;
        let steps: Vec<_> = ledger.movements().map(|at| ledger.movement(MovementId(at))).collect();
        let reached = |holding| answers.iter().any(|answer| answer.reached.contains_key(&holding));
        let ended = |is: fn(Terminal) -> bool| answers.iter().flat_map(|answer| &answer.ends).any(|end| is(end.0));
        self.ledgers += 1;
        self.trails += answers.len() as u64;
        let conserving = |rules: &[AccountAnswer]| rules[..RULES.len() - 1].windows(2).any(|pair| pair[0] != pair[1]);
        self.disagreeing += u64::from(answers.chunks(RULES.len()).any(conserving));
        let to_oneself =
            steps.iter().any(|step| step.units > 0 && step.from == step.to && step.to.is_some_and(reached));
        self.to_oneself += u64::from(to_oneself);
        self.with_zeros += u64::from(steps.iter().any(|step| step.units == 0));
        self.cycles += u64::from(answers.iter().any(|answer| comes_back(ledger, answer)));
        let assumed = |answer: &AccountAnswer| answer.reached.values().any(|row| row.assumed.is_some_and(|it| it > 0));
        self.assumed += u64::from(answers.iter().any(assumed));
        let is_limit = |end| matches!(end, Terminal::Pruned(Pruned::Height | Pruned::Time));
        self.limited += u64::from(ended(is_limit));
        self.at_services += u64::from(ended(|end| matches!(end, Terminal::AtService(_))));
        let is_returned = |answer: &&AccountAnswer| answer.ends.iter().any(|end| end.0 == Terminal::Returned);
        let trails_returned = answers.iter().filter(is_returned).count() as u64;
        self.trails_returned += trails_returned;
        self.returned += u64::from(trails_returned > 0);
        self.count_barters(answers);
        self.movements_min = self.movements_min.min(ledger.movements().end);
        self.thefts_min = self.thefts_min.min(question.thefts.len() as u64);
    }
}

/// Whether stolen value came to a holding that had paid some of it out before.
fn comes_back(ledger: &MemoryAccounts<u64>, answer: &AccountAnswer) -> bool {
    let sides = |at: MovementId| (ledger.movement(at).from, ledger.movement(at).to);
    let hops: Vec<_> = answer.hops.iter().map(|hop| sides(hop.0)).collect();
    (0..hops.len()).any(|later| hops[later].1.is_some() && hops[..later].iter().any(|hop| hop.0 == hops[later].1))
}

/// An engine and the oracle disagree.
#[derive(Clone, Debug)]
pub struct AccountMismatch {
    /// The seed of the question.
    pub seed: u64,
    /// Which theft.
    pub theft: usize,
    /// By which rule.
    pub rule: &'static str,
    /// What the oracle says.
    pub oracle: AccountAnswer,
    /// What the engine says; nothing when it gave fewer answers.
    pub engine: Option<AccountAnswer>,
}

/// Asks an engine the questions of these seeds and compares every answer.
///
/// # Errors
/// The first mismatch.
pub fn account_campaign(
    seeds: Range<u64>,
    engine: impl Fn(&AccountQuestion) -> Vec<AccountAnswer>,
) -> Result<AccountTally, Box<AccountMismatch>> {
    mistaken_campaign(seeds, engine, None)
}

/// The same beside an oracle that makes a mistake: an engine without it must not get through.
///
/// # Errors
/// The first mismatch.
pub fn mistaken_campaign(
    seeds: Range<u64>,
    engine: impl Fn(&AccountQuestion) -> Vec<AccountAnswer>,
    mistake: Option<Mistake>,
) -> Result<AccountTally, Box<AccountMismatch>> {
    let mut tally = AccountTally::new();
    for seed in seeds {
        let question = AccountQuestion::new(seed);
        let oracle = question.oracle(mistake);
        let mut engine = engine(&question).into_iter().map(AccountAnswer::sorted);
        for (number, oracle) in oracle.iter().enumerate() {
            let answer = engine.next();
            if answer.as_ref() != Some(oracle) {
                let (theft, rule) = (number / RULES.len(), RULES[number % RULES.len()]);
                return Err(Box::new(AccountMismatch { seed, theft, rule, oracle: oracle.clone(), engine: answer }));
            }
        }
        tally.count(&question, &oracle);
    }
    Ok(tally)
}
