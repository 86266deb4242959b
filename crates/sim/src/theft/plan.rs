//! What happens when: the night of the theft minute by minute, and the days after.
//!
//! The pattern is the one published for Coincheck on 26 January 2018: a test of 10 XEM at 00:02 Japan
//! time, six large transfers within eight minutes, then ever smaller ones until 08:26; the loot began
//! to split at 02:57. One million XEM are one bitcoin here; names and the rest are invented.

use std::collections::BTreeMap;

use coinhound_chains::bitcoin::encode::OutPoint;

/// 2018-01-26 00:00:00 in Japan: 2018-01-25 15:00:00 UTC.
pub(crate) const MIDNIGHT: u32 = 1_516_892_400;
/// When the first block after genesis claims to be found: early enough for coinbases to mature.
pub(crate) const BEGIN: u32 = MIDNIGHT - 46 * HOUR;
/// When the chain ends: midnight of 27 January in Japan.
pub(crate) const END: u32 = MIDNIGHT + 48 * HOUR;
/// When the victim notices and stops all business: 11:25 in Japan.
pub(crate) const NOTICED: u32 = MIDNIGHT + 11 * HOUR + 25 * MINUTE;

const MINUTE: u32 = 60;
const HOUR: u32 = 3600;
const BTC: u64 = 100_000_000;

/// One thing that happens, in the first block at or after its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Makers are given coins to offer.
    FundMakers,
    /// The thief withdraws honest coins from an exchange.
    FundThief,
    /// Mixing customers cut their coins to the pool's size.
    EnterMix,
    /// Customers pay in until the hot wallet holds what will be stolen.
    FillHotWallet,
    /// One transfer out of the hot wallet, in satoshi.
    Steal(u64),
    /// Loot moves on: these outputs of the theft, by number, to this branch.
    Split(&'static [usize], Branch),
    /// One hop of the peel chain.
    Peel(OutPoint, u32),
    /// Loot and honest coins become one.
    Merge(OutPoint),
    /// What came out of the merge goes two ways.
    AfterMerge(OutPoint),
    /// A sale of loot.
    Sell(OutPoint),
    /// One CoinJoin, and how many are left after it.
    CoinJoin(OutPoint, u32),
    /// A coin is paid in at the exchange.
    CashOut(OutPoint),
    /// Loot is cut to the pool's size.
    LootEntersMix(OutPoint),
    /// One round of mixing.
    Mix,
}

/// What the thief plans for a part of the loot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Branch {
    Rest,
    Peel,
    Merge,
    Sale,
    CoinJoin,
    Mix,
}

/// Steps to come, by time; those of equal time in the order of planning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    steps: BTreeMap<(u32, u32), Step>,
    planned: u32,
}

/// The theft's transfers, in Japan time and satoshi: eleven, 526.3 BTC and 1,000 satoshi in all.
const THEFT: [(u32, u64); 11] = [
    (2 * MINUTE, 1_000),
    (4 * MINUTE, 100 * BTC),
    (4 * MINUTE, 100 * BTC),
    (6 * MINUTE, 100 * BTC),
    (8 * MINUTE, 100 * BTC),
    (8 * MINUTE, 100 * BTC),
    (10 * MINUTE, 20 * BTC),
    (21 * MINUTE, 3 * BTC),
    (3 * HOUR + 35 * MINUTE, 3 * BTC / 2),
    (4 * HOUR + 33 * MINUTE, BTC),
    (8 * HOUR + 26 * MINUTE, 8 * BTC / 10),
];

/// Where the loot goes first, in Japan time: the numbers are the theft's outputs, from zero.
const SPLITS: [(u32, &[usize], Branch); 7] = [
    (2 * HOUR + 57 * MINUTE, &[1], Branch::Peel),
    (3 * HOUR + 4 * MINUTE, &[2], Branch::Rest),
    (3 * HOUR + 11 * MINUTE, &[3], Branch::Merge),
    (3 * HOUR + 27 * MINUTE, &[4], Branch::Sale),
    (3 * HOUR + 46 * MINUTE, &[5], Branch::CoinJoin),
    (3 * HOUR + 59 * MINUTE, &[6, 7], Branch::Mix),
    (23 * HOUR + 42 * MINUTE, &[8, 9], Branch::Rest),
];

impl Plan {
    /// The whole script, except what follows from it.
    pub(crate) fn script() -> Self {
        let mut plan = Self::default();
        let before = |hours| MIDNIGHT - hours * HOUR;
        plan.at(before(14), Step::FundMakers);
        plan.at(before(12), Step::FundThief);
        plan.at(before(6), Step::EnterMix);
        plan.at(before(2), Step::FillHotWallet);
        THEFT.into_iter().for_each(|(after, value)| plan.at(MIDNIGHT + after, Step::Steal(value)));
        SPLITS.into_iter().for_each(|(after, outputs, branch)| plan.at(MIDNIGHT + after, Step::Split(outputs, branch)));
        (0..9).for_each(|nth| plan.at(MIDNIGHT + 14 * HOUR + nth * 3 * HOUR, Step::Mix));
        plan
    }

    /// Plans a step.
    pub(crate) fn at(&mut self, time: u32, step: Step) {
        self.planned += 1;
        self.steps.insert((time, self.planned), step);
    }

    /// The next step that is due at `time`, if any.
    pub(crate) fn due(&mut self, time: u32) -> Option<Step> {
        let first = self.steps.first_entry()?;
        (first.key().0 <= time).then(|| first.remove())
    }

    /// The time of the next theft or split, which get blocks of their own.
    pub(crate) fn next_on_the_minute(&self) -> Option<u32> {
        let fixed = |step: &Step| matches!(step, Step::Steal(_) | Step::Split(..));
        self.steps.iter().find(|(_, step)| fixed(step)).map(|(&(time, _), _)| time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transfers_sum_to_the_published_figure() {
        assert_eq!(THEFT.iter().map(|(_, value)| value).sum::<u64>(), 526 * BTC + 30_001_000);
    }

    #[test]
    fn the_night_begins_at_two_minutes_past_midnight_in_japan() {
        // 2018-01-25T15:02:00Z, as `date -u -d` prints it.
        assert_eq!(Plan::script().next_on_the_minute(), Some(1_516_892_520));
    }
}
