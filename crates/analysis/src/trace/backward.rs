//! Goes back from a coin: FIFO and LIFO by exact inversion, haircut by its integer rule over the debits.
//!
//! Movements are taken in descending order, so that everything asked of a movement is known before it is gone back
//! through. What is asked of a coin is a set of spans where the rule has an order, an amount where it has none.

use std::collections::BinaryHeap;

use coinhound_model::print::CollabPrint;
use coinhound_model::{Height, HoldingId, Ledger, MovementId, MovementMarks, Pruned, Units, Unresolved};

use crate::taint::{Rule, apportion, less, sum};
use crate::trace::error::TraceError;
use crate::trace::lane::row;
use crate::trace::moving::Moving;
use crate::trace::provenance::{BackHop, Backward, Demand, Source, SourceKind, Span};
use crate::trace::stops::{ServiceTable, Services};
use crate::trace::theft::{Part, Seed};

/// Where the way back stops. The coin that is asked about is never stopped by a service or by dust.
#[derive(Clone, Debug)]
pub struct BackStops<U, S = ServiceTable> {
    /// Value that lay at one of these came from there.
    pub services: S,
    /// Value that came out of a transaction with any of these marks was mixed.
    pub collaborative: CollabPrint,
    /// Amounts below this are not followed.
    pub dust_below: U,
    /// Coins this many movements away are not followed.
    pub hops_max: u32,
    /// Movements whose block claims an earlier time are not followed; seconds since 1970.
    pub time_min: u32,
    /// Movements below this height are not followed.
    pub height_min: Height,
}

impl<U: Units> BackStops<U> {
    /// No stops at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            services: ServiceTable::default(),
            collaborative: CollabPrint::empty(),
            dust_below: U::ZERO,
            hops_max: u32::MAX,
            time_min: 0,
            height_min: Height(0),
        }
    }
}

/// Where the value of a coin, or of a part of it, came from.
///
/// # Errors
/// [`TraceError::NotDefined`] under TIHO and poison, which cannot be inverted; the errors of a seed for a part that is
/// not in the coin; a ledger that is damaged or contradicts itself.
///
/// # Panics
/// When the sources do not sum to what was asked: a bug.
pub fn backward<L: Ledger, S: Services>(
    ledger: &L,
    rule: Rule,
    coin: &Seed<L::Units>,
    stops: &BackStops<L::Units, S>,
) -> Result<Backward<L::Units>, TraceError> {
    if !matches!(rule, Rule::Fifo | Rule::Lifo | Rule::Haircut) {
        return Err(TraceError::NotDefined { rule, question: "going back from a coin" });
    }
    let mut search = Search::new(ledger, rule, coin, stops)?;
    let walked = search.run();
    ledger.health()?;
    walked?;
    search.found.add_up();
    Ok(search.found)
}

/// A demand whose coin's maker has not been gone back through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Open {
    maker: MovementId,
    /// Which of the maker's credits.
    credit: u32,
    /// Index of the demand.
    demand: u32,
}

struct Search<'a, L: Ledger, S> {
    ledger: &'a L,
    stops: &'a BackStops<L::Units, S>,
    found: Backward<L::Units>,
    open: BinaryHeap<Open>,
    moving: Moving<L::Units>,
    /// The units a movement is asked for, as positions in the row of its debits, ascending.
    asked: Vec<Span<L::Units>>,
    /// Of those, what falls into one debit.
    own: Vec<Span<L::Units>>,
    values: Vec<L::Units>,
    shares: Vec<L::Units>,
    fractions: Vec<(L::Units, u32)>,
}

impl<'a, L: Ledger, S: Services> Search<'a, L, S> {
    fn new(
        ledger: &'a L,
        rule: Rule,
        coin: &Seed<L::Units>,
        stops: &'a BackStops<L::Units, S>,
    ) -> Result<Self, TraceError> {
        let entry = ledger.entry(coin.holding);
        let units = coin.units(ledger, &entry)?;
        let found = Backward {
            as_of: ledger.as_of().clone(),
            rule,
            coin: coin.holding,
            asked: units,
            hops: Vec::new(),
            demands: Vec::new(),
            spans: Vec::new(),
            sources: Vec::new(),
            totals: Vec::new(),
        };
        let mut search = Self {
            ledger,
            stops,
            found,
            open: BinaryHeap::new(),
            moving: Moving::new(),
            asked: Vec::new(),
            own: Vec::new(),
            values: Vec::new(),
            shares: Vec::new(),
            fractions: Vec::new(),
        };
        let start = if matches!(coin.part, Part::Back(_)) { less(entry.units, units) } else { L::Units::ZERO };
        search.demand(coin.holding, units, &[Span { start, units }], 0);
        Ok(search)
    }

    fn run(&mut self) -> Result<(), TraceError> {
        let mut due = Vec::new();
        let mut last = MovementId(self.ledger.movements().end);
        while let Some(first) = self.open.pop() {
            if first.maker >= last {
                let (tx, _) = self.ledger.outpoint(self.found.demands[first.demand as usize].holding);
                return Err(TraceError::Contradiction { tx, what: "its coin is spent before it was made" });
            }
            last = first.maker;
            due.clear();
            due.push(first);
            while let Some(other) = self.open.peek().copied().filter(|other| other.maker == first.maker) {
                due.push(other);
                self.open.pop();
            }
            due.reverse();
            self.go_back(first.maker, &due)?;
        }
        Ok(())
    }

    /// Asks for units of a coin: opens the demand or ends it at its source.
    fn demand(&mut self, holding: HoldingId, units: L::Units, spans: &[Span<L::Units>], depth: u32) {
        let spans = if self.found.rule.is_ordered() { self.found.keep_spans(spans) } else { (0, 0) };
        let demand = row(self.found.demands.len());
        self.found.demands.push(Demand { holding, units, depth, spans });
        match self.source(holding, units, depth) {
            Ok((maker, credit)) => self.open.push(Open { maker, credit, demand }),
            Err(kind) => self.found.sources.push(Source { kind, holding, units, depth }),
        }
    }

    /// The movement behind a coin, or the kind of source that it is.
    fn source(&self, holding: HoldingId, units: L::Units, depth: u32) -> Result<(MovementId, u32), SourceKind> {
        let stops = self.stops;
        let service = || stops.services.service(self.ledger.entry(holding).owner);
        if let Some(service) = if depth > 0 { service() } else { None } {
            return Err(SourceKind::AtService(service));
        }
        let (maker, credit) = self.ledger.origin(holding).ok_or(SourceKind::Unknown)?;
        if maker.0 >= self.ledger.movements().end {
            return Ok((maker, credit)); // refused when its turn comes, with everything else made too late
        }
        let marks = self.ledger.marks(maker);
        let cut = if marks.contains(MovementMarks::ISSUES) {
            Some(SourceKind::Issued)
        } else if marks.contains(MovementMarks::POOL) {
            Some(SourceKind::OutOfPool)
        } else if depth > 0 && units < stops.dust_below {
            Some(SourceKind::Pruned(Pruned::Dust))
        } else if depth >= stops.hops_max {
            Some(SourceKind::Pruned(Pruned::Hops))
        } else if self.ledger.height(maker) < stops.height_min {
            Some(SourceKind::Pruned(Pruned::Height))
        } else if self.ledger.time(maker) < stops.time_min {
            Some(SourceKind::Pruned(Pruned::Time))
        } else if self.ledger.collab(maker).intersects(stops.collaborative) {
            Some(SourceKind::Mixed)
        } else if marks.contains(MovementMarks::AMOUNT_UNKNOWN) {
            Some(SourceKind::Unresolved(Unresolved::AmountUnknown))
        } else {
            None
        };
        cut.map_or(Ok((maker, credit)), Err)
    }

    /// Hands what was asked of a movement's credits on to its debits.
    fn go_back(&mut self, movement: MovementId, due: &[Open]) -> Result<(), TraceError> {
        self.moving.load(self.ledger, movement)?;
        let known = due.windows(2).all(|pair| pair[0].credit < pair[1].credit);
        if !known || due.last().is_none_or(|open| open.credit as usize >= self.moving.credits.len()) {
            return Err(TraceError::contradiction(self.ledger, movement, "a coin it made is not among its credits"));
        }
        let demands = &self.found.demands;
        let asked = due.iter().fold(L::Units::ZERO, |all, open| sum(all, demands[open.demand as usize].units));
        let nearest = due.iter().map(|open| demands[open.demand as usize].depth).min().expect("something is due");
        let (depth, start) = (nearest + 1, row(demands.len()));
        if asked > self.moving.entered {
            return Err(TraceError::contradiction(self.ledger, movement, "its debits hold less than its credits"));
        }
        if self.found.rule.is_ordered() {
            self.gather(due);
            self.ask_in_order(depth);
        } else {
            self.ask_in_proportion(asked, depth);
        }
        let debits = start..row(self.found.demands.len());
        self.found.hops.push(BackHop { movement, asked, depth, debits });
        Ok(())
    }

    /// The spans asked of the credits as spans in the row of the debits.
    fn gather(&mut self, due: &[Open]) {
        self.asked.clear();
        let mut before = L::Units::ZERO;
        let mut credits = 0;
        for open in due {
            for credit in &self.moving.credits[credits..open.credit as usize] {
                before = sum(before, credit.units);
            }
            credits = open.credit as usize;
            let demand = self.found.demands[open.demand as usize];
            for span in self.found.spans(&demand) {
                self.asked.push(Span { start: sum(before, span.start), units: span.units });
            }
        }
        if self.found.rule == Rule::Lifo {
            // The credits were filled from the end of the row.
            for span in &mut self.asked {
                span.start = less(self.moving.entered, sum(span.start, span.units));
            }
            self.asked.reverse();
        }
    }

    /// Cuts the spans at the borders of the debits.
    fn ask_in_order(&mut self, depth: u32) {
        let spans = std::mem::take(&mut self.asked);
        let mut waiting = spans.iter().copied().peekable();
        let mut border = L::Units::ZERO;
        let mut own = std::mem::take(&mut self.own);
        for index in 0..self.moving.debits.len() {
            let debit = self.moving.debits[index];
            let start = border;
            border = sum(border, debit.units);
            own.clear();
            while let Some(span) = waiting.peek_mut().filter(|span| span.start < border) {
                let units = span.units.min(less(border, span.start));
                push_span(&mut own, Span { start: less(span.start, start), units });
                if units == span.units {
                    waiting.next();
                } else {
                    *span = Span { start: border, units: less(span.units, units) };
                }
            }
            let units = own.iter().fold(L::Units::ZERO, |all, span| sum(all, span.units));
            if !units.is_zero() {
                self.demand(debit.holding, units, &own, depth);
            }
        }
        self.asked = spans;
        self.own = own;
    }

    /// Divides an amount over the debits by their value.
    fn ask_in_proportion(&mut self, asked: L::Units, depth: u32) {
        self.values.clear();
        self.values.extend(self.moving.debits.iter().map(|debit| debit.units));
        let mut shares = std::mem::take(&mut self.shares);
        shares.clear();
        apportion(asked, self.moving.entered, &self.values, &mut shares, &mut self.fractions);
        for (index, &units) in shares.iter().enumerate().filter(|(_, units)| !units.is_zero()) {
            let holding = self.moving.debits[index].holding;
            self.demand(holding, units, &[], depth);
        }
        self.shares = shares;
    }
}

/// Adds a span behind the others, merged with one that it touches.
fn push_span<U: Units>(spans: &mut Vec<Span<U>>, span: Span<U>) {
    match spans.last_mut() {
        Some(last) if sum(last.start, last.units) == span.start => last.units = sum(last.units, span.units),
        _ => spans.push(span),
    }
}
