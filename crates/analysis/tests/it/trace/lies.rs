//! Ledgers that contradict themselves: every lie is a named error, none a panic, a loop or an answer.

use std::ops::Range;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{BackStops, Effort, Seed, Stops, Theft, TraceError, backward, trace};
use coinhound_model::print::CollabPrint;
use coinhound_model::{
    AddressId, AsOf, Entry, Height, HoldingId, Ledger, LedgerError, MovementFact, MovementId, MovementMarks, TxHash,
};
use coinhound_testkit::{MemoryLedger, Town, town};

#[derive(Clone, Copy, PartialEq, Debug)]
enum Lie {
    /// Debits have one unit more than their coins.
    DebitAmount,
    /// A movement has no debits.
    NoDebits,
    /// A movement has no credits.
    NoCredits,
    /// Coins are spent by the movement that made them.
    SpentByMaker,
    /// Coins are spent beyond the end of the ledger.
    SpentBeyond,
    /// Coins were made by the last movement.
    MadeLast,
    /// Coins were made beyond the end of the ledger.
    MadeBeyond,
    /// Nothing fits because pages are damaged, and the ledger says so.
    Damaged,
}

struct Liar<'a> {
    ledger: &'a MemoryLedger<u64>,
    lie: Lie,
}

impl Ledger for Liar<'_> {
    type Units = u64;

    fn debits(&self, movement: MovementId, into: &mut Vec<Entry<u64>>) {
        self.ledger.debits(movement, into);
        match self.lie {
            Lie::DebitAmount => into.iter_mut().for_each(|debit| debit.units += 1),
            Lie::NoDebits | Lie::Damaged => into.clear(),
            _ => {}
        }
    }

    fn credits(&self, movement: MovementId, into: &mut Vec<Entry<u64>>) {
        self.ledger.credits(movement, into);
        if matches!(self.lie, Lie::NoCredits | Lie::Damaged) {
            into.clear();
        }
    }

    fn next(&self, holding: HoldingId, after: MovementId) -> Option<MovementId> {
        let truth = self.ledger.next(holding, after);
        match self.lie {
            Lie::SpentByMaker => truth.map(|_| after),
            Lie::SpentBeyond => truth.map(|_| MovementId(self.movements().end)),
            _ => truth,
        }
    }

    fn origin(&self, holding: HoldingId) -> Option<(MovementId, u32)> {
        let end = self.movements().end;
        match self.lie {
            Lie::MadeLast => Some((MovementId(end - 1), 0)),
            Lie::MadeBeyond => Some((MovementId(end), 0)),
            _ => self.ledger.origin(holding),
        }
    }

    fn health(&self) -> Result<(), LedgerError> {
        let message = "page 7 of `facts` does not match its checksum".to_owned();
        if self.lie == Lie::Damaged { Err(LedgerError { message }) } else { Ok(()) }
    }

    fn as_of(&self) -> &AsOf {
        self.ledger.as_of()
    }

    fn movements(&self) -> Range<u64> {
        self.ledger.movements()
    }

    fn height(&self, movement: MovementId) -> Height {
        self.ledger.height(movement)
    }

    fn time(&self, movement: MovementId) -> u32 {
        self.ledger.time(movement)
    }

    fn marks(&self, movement: MovementId) -> MovementMarks {
        self.ledger.marks(movement)
    }

    fn collab(&self, movement: MovementId) -> CollabPrint {
        self.ledger.collab(movement)
    }

    fn entry(&self, holding: HoldingId) -> Entry<u64> {
        self.ledger.entry(holding)
    }

    fn fact(&self, movement: MovementId) -> MovementFact {
        self.ledger.fact(movement)
    }

    fn outpoint(&self, holding: HoldingId) -> (TxHash, u32) {
        self.ledger.outpoint(holding)
    }

    fn find(&self, tx: &TxHash) -> Vec<MovementId> {
        self.ledger.find(tx)
    }

    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>) {
        self.ledger.holdings(owner, into);
    }

    fn addresses(&self) -> u64 {
        self.ledger.addresses()
    }
}

fn honest() -> Town {
    town()
        .issue("theft", [("thief", 100)])
        .issue("own", [("thief", 50)])
        .tx("mix", ["own:0", "theft:0"], [("a", 70), ("b", 70)])
        .tx("on", ["mix:0", "mix:1"], [("c", 130)])
}

fn forward(town: &Town, lie: Lie, rule: Rule) -> Result<(), TraceError> {
    let ledger = Liar { ledger: town.ledger(), lie };
    let theft = Theft { seeds: vec![Seed::whole(town.coin("theft:0"))] };
    trace(&ledger, &[theft], &[rule], &Stops::none(), &Effort::default()).map(drop)
}

fn back(town: &Town, lie: Lie, rule: Rule) -> Result<(), TraceError> {
    let ledger = Liar { ledger: town.ledger(), lie };
    backward(&ledger, rule, &Seed::whole(town.coin("on:0")), &BackStops::none()).map(drop)
}

#[test]
fn a_ledger_that_contradicts_itself_is_refused_going_forward() {
    let town = honest();
    for lie in [Lie::DebitAmount, Lie::NoDebits, Lie::SpentByMaker, Lie::SpentBeyond] {
        for rule in Rule::COINS {
            let refused = forward(&town, lie, rule);
            assert!(matches!(refused, Err(TraceError::Contradiction { .. })), "{lie:?} {rule}: {refused:?}");
        }
    }
}

#[test]
fn a_ledger_that_contradicts_itself_is_refused_going_back() {
    let town = honest();
    for lie in [Lie::NoDebits, Lie::NoCredits, Lie::MadeLast, Lie::MadeBeyond] {
        for rule in [Rule::Fifo, Rule::Lifo, Rule::Haircut] {
            let refused = back(&town, lie, rule);
            assert!(matches!(refused, Err(TraceError::Contradiction { .. })), "{lie:?} {rule}: {refused:?}");
        }
    }
}

#[test]
fn damage_is_told_before_what_it_made_of_the_answers() {
    let town = honest();
    assert!(matches!(forward(&town, Lie::Damaged, Rule::Lifo), Err(TraceError::Ledger(_))));
    assert!(matches!(back(&town, Lie::Damaged, Rule::Lifo), Err(TraceError::Ledger(_))));
}
