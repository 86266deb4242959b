//! What one rule found for one theft on accounts: every holding reached, every hop, every end, in flat tables.
//!
//! Rows refer to each other by index. Hashes, accounts and texts come from the ledger
//! ([`coinhound_model::AccountLedger::fact`], `owner`, `token`, `notes`).

use coinhound_model::{AsOf, HoldingId, MovementId, Terminal, Units};

use crate::taint::Rule;
use crate::trace::accounts::converted::{Converted, Declined, Opened};
use crate::trace::trail::{Total, total_of};

/// Everything a trace of accounts found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountTraced<U> {
    /// What it holds as of.
    pub as_of: AsOf,
    /// By theft, then in the order of the rules given, then by asset: the trail in the asset that was stolen, then one
    /// for each other asset that conversions led into, in the order in which they first did.
    pub trails: Vec<AccountTrail<U>>,
}

/// What one rule found of one theft in one asset. The trail in the asset that was stolen begins with seeds
/// ([`AccountTrail::is_own`]), the others with what conversions opened; where something was converted back, the first has both.
/// The ends of each sum to what it began with, and nothing is summed across assets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountTrail<U> {
    /// By which rule.
    pub rule: Rule,
    /// Which theft: its index in the list that was traced.
    pub theft: u32,
    /// The asset, as the ledger numbers it.
    pub asset: u32,
    /// The sum of the seeds; nothing in an asset that conversions led into.
    pub stolen: U,
    /// The sum of the seeds and of what was opened: what the ends sum to. Poison's is no sum: what is more than an amount can hold
    /// is left out.
    pub entered: U,
    /// Whether the ledger begins where every balance is zero. Only then is what is not stolen in these holdings clean
    /// as far as this theft goes; otherwise it is *unknown*.
    pub is_complete: bool,
    /// The seeds, ascending by movement.
    pub seeds: Vec<PlantedSeed<U>>,
    /// What conversions brought into this asset, in the order of the ledger.
    pub opened: Vec<Opened<U>>,
    /// What conversions took out of this asset, in the order of the ledger: the amounts behind the ends that are
    /// [`Terminal::Converted`].
    pub conversions: Vec<Converted<U>>,
    /// What has the shape of a conversion and was followed movement by movement, in the order of the ledger.
    pub declined: Vec<Declined<U>>,
    /// Every holding that stolen value reached, in the order in which it first did.
    pub reached: Vec<Reached<U>>,
    /// Every movement that stolen value went through, ascending.
    pub hops: Vec<AccountHop<U>>,
    /// Where stolen lots ended: what a movement ended in the order of the ledger, then what lies at rest in the order
    /// of `reached`.
    pub ends: Vec<AccountEnd<U>>,
    /// `ends` added up by terminal, ascending by terminal.
    pub totals: Vec<Total<U>>,
}

/// A seed where it was placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlantedSeed<U> {
    /// The movement that credited it.
    pub movement: MovementId,
    /// Where it lay first: an index into [`AccountTrail::reached`].
    pub reached: u32,
    /// How much of the credit was stolen.
    pub units: U,
}

/// A holding that stolen value reached. `arrived` is the sum of `left` and of the ends that name the holding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reached<U> {
    /// Which.
    pub holding: HoldingId,
    /// The movement by which stolen value reached it first.
    pub first: MovementId,
    /// Movements between the theft's seeds and this holding, by the shortest way stolen value took; a conversion counts as one. A
    /// seed's has zero.
    pub depth: u32,
    /// Stolen value that came in, seeds and what was opened included; what came back counts again. Poison: all that came in from reached
    /// holdings, an upper bound.
    pub arrived: U,
    /// Stolen value that a followed movement took out, fees and burnt value included.
    pub left: U,
    /// Stolen value that lies there at the end of the view. Poison: the balance as far as it is known.
    pub resting: U,
    /// All that lies there at the end of the view, what was assumed included.
    pub balance: U,
    /// Where nobody knows what the holding held before the ledger begins: the least that its movements need, which
    /// was taken for its amount, and may be zero. `None` where it is known.
    pub assumed: Option<U>,
}

/// A movement that stolen value went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountHop<U> {
    /// Which.
    pub movement: MovementId,
    /// One more than the depth of the holding it took from.
    pub depth: u32,
    /// The holding it took from: an index into [`AccountTrail::reached`].
    pub from: u32,
    /// The holding it gave to: an index into [`AccountTrail::reached`]; none for a fee and for burnt value.
    pub to: Option<u32>,
    /// All that it moved.
    pub moved: U,
    /// The stolen part of that (poison: all of it).
    pub stolen: U,
    /// The end, where the movement was one: an index into [`AccountTrail::ends`].
    pub end: Option<u32>,
}

/// The end of a stolen lot's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountEnd<U> {
    /// Which kind of end.
    pub terminal: Terminal,
    /// The holding it lies in, an index into [`AccountTrail::reached`]; none for a fee and for burnt value.
    pub reached: Option<u32>,
    /// What ended it: the movement that paid the fee, burnt it or brought it to a service; for what is pruned the
    /// movement that was not followed; for what returned the seed, or the conversion's movement, that takes it again;
    /// for what was converted the first movement that received the other asset; none at rest.
    pub movement: Option<MovementId>,
    /// How much. Poison: all that it may be of what is known to be there; zero for a holding that was emptied but
    /// may have held more than was assumed.
    pub units: U,
    /// How many movements from the seeds.
    pub depth: u32,
}

impl<U: Units> AccountTraced<U> {
    /// The trail of one theft by one rule in the asset that was stolen, if it was traced.
    #[must_use]
    pub fn trail(&self, theft: u32, rule: Rule) -> Option<&AccountTrail<U>> {
        self.trails.iter().find(|trail| trail.theft == theft && trail.rule == rule)
    }

    /// The trails of one theft by one rule in every asset that it came into, the stolen asset first.
    pub fn trails_of(&self, theft: u32, rule: Rule) -> impl Iterator<Item = &AccountTrail<U>> {
        self.trails.iter().filter(move |trail| trail.theft == theft && trail.rule == rule)
    }
}

impl<U: Units> AccountTrail<U> {
    pub(crate) fn new(rule: Rule, theft: u32, asset: u32, is_complete: bool) -> Self {
        Self {
            rule,
            theft,
            asset,
            stolen: U::ZERO,
            entered: U::ZERO,
            is_complete,
            seeds: Vec::new(),
            opened: Vec::new(),
            conversions: Vec::new(),
            declined: Vec::new(),
            reached: Vec::new(),
            hops: Vec::new(),
            ends: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// Whether it is in the asset that was stolen; otherwise conversions opened it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        !self.seeds.is_empty()
    }

    /// The holding an end lies in; none for a fee and for burnt value.
    #[must_use]
    pub fn reached(&self, end: &AccountEnd<U>) -> Option<&Reached<U>> {
        end.reached.map(|reached| &self.reached[reached as usize])
    }

    /// The sum over one terminal; zero when nothing ended so.
    #[must_use]
    pub fn total(&self, terminal: Terminal) -> U {
        total_of(&self.totals, terminal).map_or(U::ZERO, |total| total.units)
    }

    /// How many ends a terminal has.
    #[must_use]
    pub fn count(&self, terminal: Terminal) -> u32 {
        total_of(&self.totals, terminal).map_or(0, |total| total.ends)
    }
}
