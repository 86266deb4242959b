//! What one rule found for one theft: every coin, every hop, every end, in flat tables of dense ids.
//!
//! Rows refer to each other by index. The coins a hop credits lie side by side, so a hop table prints without look-ups;
//! hashes and addresses come from the ledger ([`coinhound_model::Ledger::outpoint`], `entry`, `fact`).

use coinhound_model::{HoldingId, MovementId, Terminal, Units};

use crate::taint::{Lot, Rule};
use crate::trace::lane::row;

/// The result of one rule run from one theft's seeds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trail<U> {
    /// By which rule.
    pub rule: Rule,
    /// Which theft: its index in the list that was traced.
    pub theft: u32,
    /// The sum of the seeds.
    pub stolen: U,
    /// How many of `coins`, from the front, are the seeds, in the order they were given.
    pub seeds: u32,
    /// Whether what is not stolen in these coins is clean as far as this theft goes: true only where the ledger holds
    /// every block from the first and none settles a pool. Otherwise its origin may lie outside what was ingested
    /// and it is *unknown*.
    pub rest_is_clean: bool,
    /// Value of unknown origin (coins made before the ingested range or paid out of a pool) that entered the trail's movements beside it.
    pub unknown: U,
    /// Every coin that stolen value reached: the seeds, then in the order of the ledger.
    pub coins: Vec<TrailCoin<U>>,
    /// Every movement that stolen value went through, ascending.
    pub hops: Vec<Hop<U>>,
    /// Indices into `coins`: what each hop took, in the order of its debits.
    pub debits: Vec<u32>,
    /// The lots of `coins` that hold more than one; see [`Trail::lots`].
    pub lots: Vec<Lot<U>>,
    /// Where stolen lots ended, in the order of the ledger: the seeds' own first, a hop's fee after its credits.
    pub ends: Vec<End<U>>,
    /// `ends` added up by terminal, ascending by terminal.
    pub totals: Vec<Total<U>>,
}

/// A coin that stolen value reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrailCoin<U> {
    /// Which.
    pub holding: HoldingId,
    /// All that is in it.
    pub value: U,
    /// How much of that is stolen; under poison, all of it as an upper bound.
    pub stolen: U,
    /// Movements between the theft's seeds and this coin, by the shortest way. Seeds have zero.
    pub depth: u32,
    /// Start of its lots in [`Trail::lots`], and how many; none when the rule has no order or the coin is stolen whole.
    pub(crate) lots: (u32, u32),
    /// What became of it.
    pub fate: Fate,
}

/// What became of a coin on the trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// While the trail is being made: its movement has not come yet. Never in a finished trail.
    Waits,
    /// A hop took it: an index into [`Trail::hops`].
    Spent(u32),
    /// The walk ended here: an index into [`Trail::ends`].
    Ended(u32),
}

/// A movement that stolen value went through. `taken` is the sum of the stolen parts of its credits and of its fee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hop<U> {
    /// Which.
    pub movement: MovementId,
    /// One more than the least depth of the coins it took.
    pub depth: u32,
    /// Stolen value that entered (poison: the full value of the reached coins that entered).
    pub taken: U,
    /// All value that entered.
    pub entered: U,
    /// Of `entered`, what came from coins not on this trail that were made before the ingested range, or that a
    /// movement paid out of a pool.
    pub unknown: U,
    /// The whole fee.
    pub fee: U,
    /// The stolen part of the fee (poison: all of it).
    pub fee_stolen: U,
    /// Range in [`Trail::debits`].
    pub(crate) debits: (u32, u32),
    /// Range in [`Trail::coins`].
    pub(crate) credits: (u32, u32),
}

/// The end of a stolen lot's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End<U> {
    /// Which kind of end.
    pub terminal: Terminal,
    /// The coin it lies in, an index into [`Trail::coins`]; none for a fee.
    pub coin: Option<u32>,
    /// For a fee the movement that paid it; for a cut or unresolved coin the movement that was not followed; else none.
    pub movement: Option<MovementId>,
    /// How much.
    pub units: U,
    /// How many movements from the seeds.
    pub depth: u32,
}

/// The sum over one terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total<U> {
    /// Which.
    pub terminal: Terminal,
    /// How much; under poison a sum of upper bounds, not to be printed as an amount.
    pub units: U,
    /// In how many ends.
    pub ends: u32,
}

impl<U: Units> Trail<U> {
    /// The coins a hop took that carried stolen value, in the order of its debits.
    pub fn taken(&self, hop: &Hop<U>) -> impl DoubleEndedIterator<Item = &TrailCoin<U>> + use<'_, U> {
        self.debits[range(hop.debits)].iter().map(|&coin| &self.coins[coin as usize])
    }

    /// The coins a hop credited with stolen value, in the order of its credits.
    #[must_use]
    pub fn credited(&self, hop: &Hop<U>) -> &[TrailCoin<U>] {
        &self.coins[range(hop.credits)]
    }

    /// A coin's lots where the rule has an order and the coin holds more than stolen value; else empty.
    #[must_use]
    pub fn lots(&self, coin: &TrailCoin<U>) -> &[Lot<U>] {
        &self.lots[range(coin.lots)]
    }

    pub(crate) fn new(rule: Rule, theft: u32, rest_is_clean: bool) -> Self {
        Self {
            rule,
            theft,
            stolen: U::ZERO,
            seeds: 0,
            rest_is_clean,
            unknown: U::ZERO,
            coins: Vec::new(),
            hops: Vec::new(),
            debits: Vec::new(),
            lots: Vec::new(),
            ends: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// Keeps a coin's lots, where the rule has an order.
    pub(crate) fn keep_lots(&mut self, lots: &[Lot<U>]) -> (u32, u32) {
        if !self.rule.is_ordered() {
            return (0, 0);
        }
        let start = row(self.lots.len());
        self.lots.extend_from_slice(lots);
        (start, row(lots.len()))
    }

    /// Adds an end and returns its row.
    pub(crate) fn end(&mut self, end: End<U>) -> u32 {
        self.ends.push(end);
        row(self.ends.len() - 1)
    }

    /// Makes `totals` of `ends`.
    pub(crate) fn add_up(&mut self) {
        self.totals = add_up(self.ends.iter().map(|end| (end.terminal, end.units)));
    }

    /// The coin an end lies in; none for a fee.
    #[must_use]
    pub fn coin(&self, end: &End<U>) -> Option<&TrailCoin<U>> {
        end.coin.map(|coin| &self.coins[coin as usize])
    }

    /// The sum over one terminal; zero when nothing ended so.
    #[must_use]
    pub fn total(&self, terminal: Terminal) -> U {
        total_of(&self.totals, terminal).map_or(U::ZERO, |total| total.units)
    }

    /// How many ends a terminal has. Under poison `count(AtRest)` is the coins reached and unspent.
    #[must_use]
    pub fn count(&self, terminal: Terminal) -> u32 {
        total_of(&self.totals, terminal).map_or(0, |total| total.ends)
    }
}

/// The row of one terminal, if anything ended so.
pub(crate) fn total_of<U>(totals: &[Total<U>], terminal: Terminal) -> Option<&Total<U>> {
    totals.iter().find(|total| total.terminal == terminal)
}

/// Ends added up by terminal, ascending by terminal.
pub(crate) fn add_up<U: Units>(ends: impl Iterator<Item = (Terminal, U)>) -> Vec<Total<U>> {
    let mut totals: Vec<Total<U>> = Vec::new();
    for (terminal, units) in ends {
        let found = totals.binary_search_by_key(&terminal, |total| total.terminal);
        let at = found.unwrap_or_else(|at| {
            totals.insert(at, Total { terminal, units: U::ZERO, ends: 0 });
            at
        });
        // Only poison's bounds can add up to more than an amount holds; their sum is none.
        totals[at].units = totals[at].units.checked_add(units).unwrap_or(totals[at].units);
        totals[at].ends += 1;
    }
    totals
}

fn range((start, len): (u32, u32)) -> std::ops::Range<usize> {
    start as usize..start as usize + len as usize
}
