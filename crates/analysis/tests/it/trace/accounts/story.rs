//! Trails over a bank, in words.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{
    AccountSeed, AccountTheft, AccountTraced, AccountTrail, Reached, trace_accounts,
};
use coinhound_analysis::trace::{Part, Stops, TraceError};
use coinhound_testkit::accounts::Bank;

/// The ticker of most stories.
pub const XEM: &str = "XEM";

/// A theft of these movements, whole.
pub fn theft(bank: &Bank, names: &[&str]) -> AccountTheft<u64> {
    AccountTheft { seeds: names.iter().map(|name| AccountSeed::whole(bank.movement(name))).collect() }
}

/// A theft of a part of one movement.
pub fn part(bank: &Bank, name: &str, part: Part<u64>) -> AccountTheft<u64> {
    AccountTheft { seeds: vec![AccountSeed { movement: bank.movement(name), part }] }
}

pub fn traced(bank: &Bank, thefts: &[AccountTheft<u64>], rules: &[Rule], stops: &Stops<u64>) -> AccountTraced<u64> {
    trace_accounts(bank.ledger(), thefts, rules, stops, 1).expect("the story is sound")
}

pub fn refusal(bank: &Bank, thefts: &[AccountTheft<u64>], rules: &[Rule]) -> TraceError {
    trace_accounts(bank.ledger(), thefts, rules, &Stops::none(), 1).expect_err("it is refused")
}

/// The trail of one theft by one rule without stops.
pub fn trail(bank: &Bank, rule: Rule, theft: &AccountTheft<u64>) -> AccountTrail<u64> {
    traced(bank, std::slice::from_ref(theft), &[rule], &Stops::none()).trails.remove(0)
}

/// The stolen part of these movements; zero for those it did not go through.
pub fn carried(bank: &Bank, trail: &AccountTrail<u64>, names: &[&str]) -> Vec<u64> {
    let stolen = |name: &&str| {
        let movement = bank.movement(name);
        trail.hops.iter().find(|hop| hop.movement == movement).map_or(0, |hop| hop.stolen)
    };
    names.iter().map(stolen).collect()
}

/// A person's row in a trail.
pub fn row<'a>(bank: &Bank, trail: &'a AccountTrail<u64>, person: &str) -> Option<&'a Reached<u64>> {
    let holding = bank.holding(person, XEM);
    trail.reached.iter().find(|row| row.holding == holding)
}

/// The ends, line by line: `terminal who units`.
pub fn ends(bank: &Bank, trail: &AccountTrail<u64>) -> Vec<String> {
    use coinhound_model::AccountLedger;
    let who = |end| trail.reached(end).map_or("-", |row| bank.person(bank.ledger().owner(row.holding)));
    trail.ends.iter().map(|end| format!("{} {} {}", end.terminal, who(end), end.units)).collect()
}

/// The trails of one theft by one rule, line by line: `asset: seeds + opened: terminal who units, ..`.
pub fn told(bank: &Bank, rule: Rule, theft: &AccountTheft<u64>, stops: &Stops<u64>) -> Vec<String> {
    use coinhound_model::AccountLedger;
    let line = |trail: &AccountTrail<u64>| {
        let ticker = bank.ledger().token(trail.asset).ticker;
        let opened: u64 = trail.opened.iter().map(|opened| opened.units).sum();
        format!("{ticker}: {} + {opened}: {}", trail.stolen, ends(bank, trail).join(", "))
    };
    traced(bank, std::slice::from_ref(theft), &[rule], stops).trails.iter().map(line).collect()
}
