//! The seeds of a theft, looked up and checked before any rule runs.

use coinhound_model::{AccountLedger, HoldingId, MovementId, Units};

use crate::taint::{Label, Lot, less};
use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::theft::{AccountSeed, AccountTheft, Step};
use crate::trace::error::TraceError;
use crate::trace::theft::Part;

/// A theft whose seeds make sense.
pub(super) struct Sown<U> {
    pub(super) asset: u32,
    pub(super) stolen: U,
    /// Ascending by movement.
    pub(super) seeds: Vec<Planted<U>>,
}

/// A seed that makes sense.
#[derive(Clone, Copy)]
pub(super) struct Planted<U> {
    pub(super) movement: MovementId,
    pub(super) holding: HoldingId,
    /// How much of the credit was stolen; not zero.
    pub(super) units: U,
    /// The other units of the credit.
    rest: U,
    /// Whether these come first.
    is_back: bool,
}

impl<U: Units> Planted<U> {
    /// The credit's lots in the order in which it enters.
    pub(super) fn lots(&self) -> [Lot<U>; 2] {
        let stolen = Lot { label: Label::Stolen, units: self.units };
        let rest = Lot { label: Label::Rest, units: self.rest };
        if self.is_back { [rest, stolen] } else { [stolen, rest] }
    }

    fn new<L: AccountLedger<Units = U>>(ledger: &L, theft: u32, seed: &AccountSeed<U>) -> Result<Self, AccountFault> {
        if !ledger.movements().contains(&seed.movement.0) {
            return Err(AccountFault::SeedNotThere { theft, movement: seed.movement.0 });
        }
        let credit = ledger.movement(seed.movement);
        let step = || Step::of(ledger, seed.movement);
        let holding = match credit.to {
            None => return Err(AccountFault::SeedCreditsNobody { step: step(), what: credit.kind.name() }),
            Some(_) if credit.from == credit.to => {
                return Err(AccountFault::SeedCreditsNobody { step: step(), what: "transfer to oneself" });
            }
            Some(holding) => holding,
        };
        let (units, is_back) = match seed.part {
            Part::Whole => (credit.units, false),
            Part::Front(units) => (units, false),
            Part::Back(units) => (units, true),
        };
        if units.is_zero() {
            return Err(AccountFault::SeedEmpty { step: step() });
        }
        if units > credit.units {
            let (units, value) = (units.to_string(), credit.units.to_string());
            return Err(AccountFault::SeedExceedsCredit { step: step(), units, value });
        }
        Ok(Self { movement: seed.movement, holding, units, rest: less(credit.units, units), is_back })
    }
}

/// Looks up the seeds of a theft.
pub(super) fn sow<L: AccountLedger>(
    ledger: &L,
    theft: u32,
    seeds: &AccountTheft<L::Units>,
) -> Result<Sown<L::Units>, TraceError> {
    let planted: Result<Vec<_>, _> = seeds.seeds.iter().map(|seed| Planted::new(ledger, theft, seed)).collect();
    let mut planted = planted?;
    let Some(first) = planted.first() else { return Err(TraceError::NoSeeds { theft }) };
    let asset = ledger.asset(first.holding);
    if let Some(other) = planted.iter().find(|seed| ledger.asset(seed.holding) != asset) {
        let (one, other) = (ledger.token(asset).id, ledger.token(ledger.asset(other.holding)).id);
        return Err(AccountFault::MixedAssets { theft, one, other }.into());
    }
    planted.sort_unstable_by_key(|seed| seed.movement);
    if let Some(pair) = planted.windows(2).find(|pair| pair[0].movement == pair[1].movement) {
        return Err(AccountFault::SeedTwice { theft, step: Step::of(ledger, pair[0].movement) }.into());
    }
    let stolen = planted.iter().try_fold(L::Units::ZERO, |sum, seed| sum.checked_add(seed.units));
    Ok(Sown { asset, stolen: stolen.ok_or(TraceError::TooMuch { theft })?, seeds: planted })
}
