//! What was stolen: outpoints and amounts, never addresses.

use std::fmt;

use coinhound_model::{AddressId, Entry, Height, HoldingId, Ledger, MovementId, TxHash, Units};

use crate::trace::error::TraceError;

/// One theft to trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Theft<U> {
    /// Where the stolen value lay first. Each holding at most once.
    pub seeds: Vec<Seed<U>>,
}

/// A holding, and how much of it was stolen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seed<U> {
    /// Which holding.
    pub holding: HoldingId,
    /// How much of it.
    pub part: Part<U>,
}

/// How much of a seed was stolen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<U> {
    /// All of it.
    Whole,
    /// The first units of the coin, as FIFO counts them.
    Front(U),
    /// The last units of the coin.
    Back(U),
}

impl<U: Units> Theft<U> {
    /// The seeds' holdings, ascending.
    ///
    /// # Errors
    /// [`TraceError::NoSeeds`] and [`TraceError::SeedTwice`].
    pub(crate) fn holdings<L: Ledger>(&self, ledger: &L, theft: u32) -> Result<Vec<HoldingId>, TraceError> {
        let mut holdings: Vec<_> = self.seeds.iter().map(|seed| seed.holding).collect();
        holdings.sort_unstable();
        if holdings.is_empty() {
            return Err(TraceError::NoSeeds { theft });
        }
        match holdings.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(TraceError::SeedTwice { theft, coin: Outpoint::of(ledger, pair[0]) }),
            None => Ok(holdings),
        }
    }
}

impl<U: Units> Seed<U> {
    /// The whole of a holding.
    #[must_use]
    pub fn whole(holding: HoldingId) -> Self {
        Self { holding, part: Part::Whole }
    }

    /// How much was stolen from the seed's coin, which `entry` describes.
    ///
    /// # Errors
    /// [`TraceError::SeedEmpty`], [`TraceError::SeedAmountUnknown`] and [`TraceError::SeedExceedsCoin`].
    pub(crate) fn units<L: Ledger>(&self, ledger: &L, entry: &Entry<U>) -> Result<U, TraceError> {
        let coin = || Outpoint::of(ledger, self.holding);
        let units = match self.part {
            Part::Whole => entry.units,
            Part::Front(units) | Part::Back(units) => units,
        };
        if entry.units.is_zero() && self.holding.foreign_rank().is_some() {
            return Err(TraceError::SeedAmountUnknown { coin: coin() });
        }
        if units.is_zero() {
            return Err(TraceError::SeedEmpty { coin: coin() });
        }
        if units > entry.units {
            let (units, value) = (units.to_string(), entry.units.to_string());
            return Err(TraceError::SeedExceedsCoin { coin: coin(), units, value });
        }
        Ok(units)
    }
}

/// A coin by what outlives this process; prints as `txid:index`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Outpoint {
    /// The transaction that made the coin.
    pub tx: TxHash,
    /// Which of its outputs.
    pub index: u32,
}

impl Outpoint {
    /// The outpoint of a coin of this ledger.
    #[must_use]
    pub fn of<L: Ledger>(ledger: &L, holding: HoldingId) -> Self {
        let (tx, index) = ledger.outpoint(holding);
        Self { tx, index }
    }
}

impl fmt::Display for Outpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tx, self.index)
    }
}

/// The coins that an address held unspent when block `as_of` was the tip, with their amounts: candidates for seeds,
/// to be listed and confirmed by a person.
///
/// Foreign coins (made before the ingested range) are among them when they were spent after `as_of`; an unspent
/// foreign coin is unknown to the ledger. None of the candidates can descend from another.
#[must_use]
pub fn expand_address<L: Ledger>(ledger: &L, owner: AddressId, as_of: Height) -> Vec<Entry<L::Units>> {
    let mut owned = Vec::new();
    ledger.holdings(owner, &mut owned);
    owned.retain(|&holding| lay_unspent(ledger, holding, as_of));
    owned.into_iter().map(|holding| ledger.entry(holding)).filter(|entry| !entry.units.is_zero()).collect()
}

fn lay_unspent<L: Ledger>(ledger: &L, holding: HoldingId, as_of: Height) -> bool {
    let origin = ledger.origin(holding).map(|(movement, _)| movement);
    let made = origin.is_none_or(|movement| ledger.height(movement) <= as_of);
    let spender = first_use(ledger, holding);
    made && spender.is_none_or(|movement| ledger.height(movement) > as_of)
}

/// The movement that spends a coin.
pub(crate) fn first_use<L: Ledger>(ledger: &L, holding: HoldingId) -> Option<MovementId> {
    if let Some((maker, _)) = ledger.origin(holding) {
        return ledger.next(holding, maker);
    }
    // A foreign coin may be taken by the very first movement, which comes after no other.
    let first = MovementId(ledger.movements().start);
    let mut debits = Vec::new();
    if !ledger.movements().is_empty() {
        ledger.debits(first, &mut debits);
    }
    let at_once = debits.iter().any(|debit| debit.holding == holding);
    if at_once { Some(first) } else { ledger.next(holding, first) }
}
