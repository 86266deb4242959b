//! What a trace costs where a thief decides how many lots there are and how often they move: operations on amounts,
//! counted, so that no clock is asked.

use std::cell::Cell;
use std::fmt;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Stops;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, trace_accounts};
use coinhound_model::Units;
use coinhound_testkit::accounts::bank::counted_in;
use coinhound_testkit::accounts::{Bank, bank};

use super::story::XEM;

/// The asset that another is converted into and back.
const OTHER: &str = "WXEM";

thread_local!(static OPERATIONS: Cell<u64> = const { Cell::new(0) });

/// An amount that counts how often it is added to or taken from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
struct Counted(u64);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Units for Counted {
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);

    fn checked_add(self, other: Self) -> Option<Self> {
        OPERATIONS.with(|count| count.set(count.get() + 1));
        self.0.checked_add(other.0).map(Self)
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        OPERATIONS.with(|count| count.set(count.get() + 1));
        self.0.checked_sub(other.0).map(Self)
    }

    fn mul_div_rem(self, numerator: Self, denominator: Self) -> (Self, Self) {
        let (quotient, remainder) = self.0.mul_div_rem(numerator.0, denominator.0);
        (Self(quotient), Self(remainder))
    }

    fn parts_of(self, whole: Self, parts: u64) -> u64 {
        self.0.parts_of(whole.0, parts)
    }
}

/// An account that gets this many lots, every other one stolen, and then all but `stays` of it goes to another account
/// and back as often.
fn to_and_fro(lots: u64, stays: u64) -> (Bank, AccountTheft<Counted>) {
    let mut bank = bank().mint("x", stays, XEM).mint("y", stays, XEM);
    let mut theft = AccountTheft { seeds: Vec::new() };
    for lot in 0..lots {
        let name = format!("lot {lot}");
        bank = bank.mint("x", 2, XEM).called(&name);
        if lot % 2 == 0 {
            theft.seeds.push(AccountSeed::whole(bank.movement(&name)));
        }
    }
    for turn in 0..lots {
        let (from, to) = if turn % 2 == 0 { ("x", "y") } else { ("y", "x") };
        bank = bank.pay(from, to, 2 * lots, XEM);
    }
    (bank, theft)
}

fn operations(lots: u64, stays: u64, rule: Rule) -> u64 {
    let (bank, theft) = to_and_fro(lots, stays);
    let ledger = counted_in(&bank, Counted);
    OPERATIONS.with(|count| count.set(0));
    let traced = trace_accounts(&ledger, &[theft], &[rule], &Stops::none(), 1).expect("the story is sound");
    assert_eq!(traced.trails[0].stolen, Counted(lots));
    OPERATIONS.with(Cell::get)
}

#[test]
fn moving_many_lots_often_costs_as_much_as_the_lots_and_the_moves_together_not_as_their_product() {
    for rule in [Rule::Fifo, Rule::Lifo] {
        for stays in [0, 1] {
            let [some, many] = [500, 1_000].map(|lots| operations(lots, stays, rule));
            println!("{rule}, {stays} stays: {some} operations for 500 lots and moves, {many} for 1,000");
            assert!(many < 3 * some, "twice as much of both is twice the cost: {some}, {many} under {rule}");
            assert!(many < 1_000 * 1_000, "{many} under {rule}");
        }
    }
}

/// A thief who wraps and unwraps all that he stole again and again, with something of his own beside it, so that there
/// are lots to lose one's way in, and pays his fees out of both.
fn wash(turns: u64) -> (Bank, AccountTheft<Counted>) {
    let mut bank = bank().mint("pool", 1 << 30, XEM).mint("x", 1 << 20, XEM).called("loot").mint("x", 1 << 10, XEM);
    let theft = AccountTheft { seeds: vec![AccountSeed::whole(bank.movement("loot"))] };
    for turn in 0..turns {
        let units = (1 << 20) - 7 * turn;
        bank = bank.pay("x", "pool", units, XEM).also_mint("x", units, OTHER).fee("x", 1, XEM);
        bank = bank.pay("pool", "x", units - 3, XEM).burnt("x", units, OTHER).fee("x", 1, XEM);
    }
    (bank, theft)
}

#[test]
fn a_wash_of_a_thousand_conversions_costs_as_much_as_a_thousand_not_as_their_square() {
    for rule in Rule::ACCOUNTS {
        let [some, many] = [500, 1_000].map(|turns| {
            let (bank, theft) = wash(turns);
            let ledger = counted_in(&bank, Counted);
            OPERATIONS.with(|count| count.set(0));
            let traced = trace_accounts(&ledger, &[theft], &[rule], &Stops::none(), 1).expect("the story is sound");
            assert_eq!(traced.trails.len(), 2);
            let conversions: usize = traced.trails.iter().map(|trail| trail.conversions.len()).sum();
            assert_eq!(conversions as u64, 2 * turns, "{rule}");
            OPERATIONS.with(Cell::get)
        });
        println!("{rule}: {some} operations for 500 turns, {many} for 1,000");
        assert!(many < 3 * some, "twice as many are twice the cost: {some}, {many} under {rule}");
    }
}
