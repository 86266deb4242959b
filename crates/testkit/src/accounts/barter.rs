//! Barters as the oracle sees them: who pays the fee gives one thing away and gets one other thing, and nothing else.
//!
//! Written down from ADR 10 alone. It goes through every transaction of the ledger before anything is traced, whether
//! anything stolen is near or not, and counts with signed numbers.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId, HoldingId, MoveKind, MovementId};

/// A mistake that an oracle makes on purpose: a comparison that cannot fail shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// What is given away is still stolen in the hands of who gets it.
    GivesOn,
    /// A unit that the division leaves over is opened.
    RoundsUp,
    /// Nothing that comes back is stolen.
    LosesRefunds,
    /// What is opened stands behind the rest of what came in.
    OpensBehind,
    /// What comes back before the last payment counts as coming back.
    TakesEarlyRefunds,
    /// Paying some of what came in is no hindrance.
    TakesPaidOut,
    /// A third asset on either side is no hindrance.
    TakesThirdAssets,
    /// The fee is part of what was given.
    CountsFees,
    /// Dust and hops are not asked.
    ForgetsLimits,
    /// What does not fit beside stolen value that came along is forgotten.
    Overfills,
    /// Whoever gains by it is taken for an exchanger.
    TrustsGainers,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::GivesOn,
        Self::RoundsUp,
        Self::LosesRefunds,
        Self::OpensBehind,
        Self::TakesEarlyRefunds,
        Self::TakesPaidOut,
        Self::TakesThirdAssets,
        Self::CountsFees,
        Self::ForgetsLimits,
        Self::Overfills,
        Self::TrustsGainers,
    ];
}

/// A barter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Barter {
    /// What was given was taken from here.
    pub given: HoldingId,
    /// Units that were taken, before anything came back.
    pub paid: u64,
    /// Units that came back.
    pub back: u64,
    /// What was received was put here.
    pub received: HoldingId,
    /// Units that were put there.
    pub got: u64,
    /// The first movement that put some there.
    pub first_got: MovementId,
    /// The last movement of the transaction before its fee: after it the barter is over.
    pub over: MovementId,
    /// Who else is better off for it, the first holding's owner, unless it is somebody known to exchange: then it is not
    /// taken for a barter.
    pub gainer: Option<AddressId>,
}

/// One holding's part in a transaction: the movements that touch it, with plus and minus.
type Book = BTreeMap<HoldingId, Vec<(MovementId, i64)>>;

/// Every barter of a ledger, by each of the movements of its transaction that have nothing to do with the fee.
#[must_use]
pub fn barters<L: AccountLedger<Units = u64>>(
    ledger: &L,
    exchangers: Option<&BTreeSet<AddressId>>,
    mistake: Option<Mistake>,
) -> BTreeMap<MovementId, Barter> {
    let mut found = BTreeMap::new();
    let mut next = ledger.movements().start;
    while next < ledger.movements().end {
        let all: Vec<_> = ledger.siblings(MovementId(next)).map(MovementId).collect();
        next = all.last().expect("a movement is in its own transaction").0 + 1;
        let Some((who, fee)) = payer(ledger, &all) else { continue };
        let others: Vec<_> = all.iter().copied().filter(|at| !fee.contains(at)).collect();
        let own = |at: &MovementId| {
            let step = ledger.movement(*at);
            [step.from, step.to].into_iter().flatten().any(|side| ledger.owner(side) == who)
        };
        let paid = fee.iter().copied().filter(own).min();
        let counts_fees = mistake == Some(Mistake::CountsFees);
        let book = book(ledger, who, if counts_fees { &all } else { &others });
        let Some(mut barter) = barter(&book, mistake) else { continue };
        // The fee comes last: it is out of the way of everything that the barter moves.
        if paid.is_some_and(|paid| paid < barter.over) && !counts_fees {
            continue;
        }
        if mistake != Some(Mistake::TrustsGainers) {
            barter.gainer = exchangers.and_then(|known| gainer(ledger, who, &others, known));
        }
        // Who counts fees may find none before them.
        barter.over = others.iter().copied().rfind(|at| paid.is_none_or(|paid| *at < paid)).unwrap_or(barter.over);
        found.extend(others.iter().map(|&at| (at, barter)));
    }
    found
}

/// Who pays the fee of a transaction, and the movements that are about the fee.
fn payer<L: AccountLedger<Units = u64>>(ledger: &L, all: &[MovementId]) -> Option<(AddressId, Vec<MovementId>)> {
    let kind = |at: &MovementId| ledger.movement(*at).kind;
    let mut fee: Vec<_> =
        all.iter().copied().filter(|at| matches!(kind(at), MoveKind::Fee | MoveKind::Reward)).collect();
    let last_fee = all.iter().rposition(|at| kind(at) == MoveKind::Fee);
    let pays = match last_fee {
        Some(place) => {
            let same = |at: &MovementId| ledger.movement(*at).from == ledger.movement(all[place]).from;
            let before = place.checked_sub(1).map(|before| all[before]);
            fee.extend(before.filter(|at| kind(at) == MoveKind::Burn && same(at)));
            all[place]
        }
        None => {
            let last = *all.last()?;
            if kind(&last) != MoveKind::Burn {
                return None;
            }
            fee.push(last);
            last
        }
    };
    let who = ledger.owner(ledger.movement(pays).from?);
    (who != AddressId::NONE).then_some((who, fee))
}

/// The owner of the first holding that is fuller after these movements than before, but for one person and the known.
fn gainer<L: AccountLedger<Units = u64>>(
    ledger: &L,
    who: AddressId,
    movements: &[MovementId],
    known: &BTreeSet<AddressId>,
) -> Option<AddressId> {
    let steps = || movements.iter().map(|at| ledger.movement(*at));
    let owners: BTreeSet<_> =
        steps().flat_map(|step| [step.from, step.to]).flatten().map(|side| ledger.owner(side)).collect();
    let strangers = owners.into_iter().filter(|owner| *owner != who && !known.contains(owner));
    let fuller = strangers.filter_map(|owner| {
        let book = book(ledger, owner, movements);
        let holding = book.iter().find(|(_, rows)| rows.iter().map(|row| row.1).sum::<i64>() > 0)?.0;
        Some((*holding, owner))
    });
    fuller.min().map(|(_, owner)| owner)
}

/// What the movements do to each holding of one owner.
fn book<L: AccountLedger<Units = u64>>(ledger: &L, who: AddressId, movements: &[MovementId]) -> Book {
    let mut book = Book::new();
    for &at in movements {
        let step = ledger.movement(at);
        let units = i64::try_from(step.units).expect("the oracle's amounts are small");
        for (side, units) in [(step.from, -units), (step.to, units)] {
            let own = side.filter(|side| ledger.owner(*side) == who && step.from != step.to && units != 0);
            if let Some(holding) = own {
                book.entry(holding).or_default().push((at, units));
            }
        }
    }
    book
}

/// The barter that a book tells, if it tells one; over after the last row of either side.
fn barter(book: &Book, mistake: Option<Mistake>) -> Option<Barter> {
    let net = |rows: &[(MovementId, i64)]| rows.iter().map(|row| row.1).sum::<i64>();
    let gone: Vec<_> = book.iter().filter(|(_, rows)| net(rows) < 0).collect();
    let come: Vec<_> = book.iter().filter(|(_, rows)| net(rows) > 0).collect();
    if gone.len() != 1 || come.len() != 1 {
        let is_bent = mistake == Some(Mistake::TakesThirdAssets) && !gone.is_empty() && !come.is_empty();
        if !is_bent {
            return None;
        }
    }
    let ((&given, gone), (&received, come)) = (gone[0], come[0]);
    let last_paid = gone.iter().rposition(|row| row.1 < 0)?;
    let first_back = gone.iter().position(|row| row.1 > 0).unwrap_or(gone.len());
    if first_back < last_paid && mistake != Some(Mistake::TakesEarlyRefunds) {
        return None;
    }
    if come.iter().any(|row| row.1 < 0) && mistake != Some(Mistake::TakesPaidOut) {
        return None;
    }
    let added = |rows: &[(MovementId, i64)], sign: i64| {
        let those = rows.iter().map(|row| row.1 * sign).filter(|&units| units > 0);
        u64::try_from(those.sum::<i64>()).expect("only those above nothing")
    };
    let (paid, back, got) = (added(gone, -1), added(gone, 1), added(come, 1));
    let first_got = come.iter().find(|row| row.1 > 0)?.0;
    let over = gone.last()?.0.max(come.last()?.0);
    Some(Barter { given, paid, back, received, got, first_got, over, gainer: None })
}
