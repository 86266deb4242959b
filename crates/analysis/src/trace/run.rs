//! Entry of a forward trace: thefts and rules become lanes, lanes share passes, passes share threads.

use coinhound_model::{AsOf, Height, Ledger, MovementId};

use crate::taint::Rule;
use crate::trace::error::TraceError;
use crate::trace::ground::Ground;
use crate::trace::lane::Lane;
use crate::trace::pass::Pass;
use crate::trace::stops::{Services, Stops};
use crate::trace::theft::Theft;
use crate::trace::threads::share;
use crate::trace::trail::Trail;

/// How a trace is carried out; never part of what it finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effort {
    /// Passes at the same time, at least 1.
    pub threads: usize,
    /// Trails that share one pass, at least 1.
    pub batch: usize,
    /// How the next movement is found.
    pub plan: Plan,
}

impl Default for Effort {
    fn default() -> Self {
        Self { threads: 1, batch: 64, plan: Plan::Auto }
    }
}

/// How a pass finds the next movement. Either way gives the same trails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plan {
    /// Starts sparse and goes over to dense once that has become cheaper.
    Auto,
    /// A heap of the movements that are due: for trails that touch little of the chain.
    Sparse,
    /// A sweep over the range of movements: for trails that touch much of it.
    Dense,
}

/// What a pass did; not part of what it found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Walk {
    /// How many trails shared it.
    pub trails: usize,
    /// How many movements were read.
    pub movements: u64,
    /// The movement from which the sweep was dense; none when it was sparse to the end.
    pub dense_from: Option<MovementId>,
}

/// Everything a trace found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traced<U> {
    /// What it holds as of.
    pub as_of: AsOf,
    /// One for each theft and rule: by theft, then in the order of the rules given.
    pub trails: Vec<Trail<U>>,
    /// How the passes went, in order. Differs with [`Effort`]; the rest does not.
    pub walks: Vec<Walk>,
}

impl<U> Traced<U> {
    /// The trail of one theft by one rule, if it was traced.
    #[must_use]
    pub fn trail(&self, theft: u32, rule: Rule) -> Option<&Trail<U>> {
        self.trails.iter().find(|trail| trail.theft == theft && trail.rule == rule)
    }
}

/// Follows every theft by every rule, and returns each trail as it would be alone.
///
/// # Errors
/// [`TraceError`] for seeds that name nothing, too much, or each other's value, for a rule that is not defined on coins,
/// and for a ledger that is damaged or contradicts itself. One theft in error fails the whole trace: a report never shows a part as the whole.
///
/// # Panics
/// When a trail's ends do not sum to what was stolen: a bug.
pub fn trace<L: Ledger, S: Services>(
    ledger: &L,
    thefts: &[Theft<L::Units>],
    rules: &[Rule],
    stops: &Stops<L::Units, S>,
    effort: &Effort,
) -> Result<Traced<L::Units>, TraceError> {
    if let Some(&rule) = rules.iter().find(|rule| !rule.on_coins()) {
        return Err(TraceError::NotDefined { rule, question: "a trace of coins" });
    }
    let ground = Ground::new(ledger, stops);
    let lanes: Vec<_> = (0..).zip(thefts).flat_map(|(theft, _)| rules.iter().map(move |&rule| (theft, rule))).collect();
    let batches: Vec<_> = lanes.chunks(effort.batch.max(1)).collect();
    let finished = share(&batches, effort.threads, || |batch| walk_batch(&ground, thefts, batch, effort.plan));
    ledger.health()?;
    let mut traced = Traced { as_of: ledger.as_of().clone(), trails: Vec::new(), walks: Vec::new() };
    for (lanes, walk) in finished {
        traced.walks.push(walk);
        for lane in lanes {
            traced.trails.push(lane.finish()?);
        }
    }
    Ok(traced)
}

fn walk_batch<L: Ledger, S: Services>(
    ground: &Ground<'_, L, S>,
    thefts: &[Theft<L::Units>],
    batch: &[(u32, Rule)],
    plan: Plan,
) -> (Vec<Lane<L::Units>>, Walk) {
    let rest_is_clean = ground.ledger.as_of().first == Height(0) && !ground.has_pools;
    let lanes = (0..).zip(batch).map(|(number, &(theft, rule))| Lane::new(number, theft, rule, rest_is_clean));
    Pass::new(ground, thefts, lanes.collect(), plan).run()
}
