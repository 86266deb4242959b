//! What happens when. The theft's transfers and the dates are the published ones; everything else is made.

use std::collections::BTreeMap;

use coinhound_chains::nem::network::EPOCH_UNIX_SECS;

/// One XEM in its smallest unit.
pub(crate) const XEM: u64 = 1_000_000;
pub(crate) const MINUTE: u32 = 60;
pub(crate) const HOUR: u32 = 3600;
pub(crate) const DAY: u32 = 24 * HOUR;

/// 2018-01-26 00:00:00 in Japan, in seconds of NEM's clock.
pub(crate) const MIDNIGHT: u32 = 89_304_815;
/// When the first block is made.
pub(crate) const BEGIN: u32 = jst(1, 24, 0, 0);
/// When the story ends.
pub(crate) const END: u32 = jst(3, 26, 0, 0);
/// When the victim takes no more deposits.
pub(crate) const DEPOSITS_STOP: u32 = jst(1, 26, 12, 7);
/// When it pays nobody out any more.
pub(crate) const WITHDRAWALS_STOP: u32 = jst(1, 26, 12, 52);
/// When the first marks are sent, by hand.
pub(crate) const FIRST_TAGS: u32 = jst(1, 26, 16, 20);
/// When the program that marks begins.
pub(crate) const TAGGING_BEGINS: u32 = jst(1, 27, 18, 0);
/// When it is switched off.
pub(crate) const TAGGING_ENDS: u32 = jst(3, 18, 0, 0);
/// When the shop opens.
pub(crate) const SHOP_OPENS: u32 = jst(2, 7, 20, 0);
/// When its trade grows.
pub(crate) const TRADE_GROWS: u32 = jst(3, 2, 0, 0);
/// When most of what is left is moved and sold.
pub(crate) const RUSH: u32 = jst(3, 16, 9, 0);
/// When it has sold out.
pub(crate) const SOLD_OUT: u32 = jst(3, 22, 18, 0);

/// A moment of 2018 in Japan, in seconds of NEM's clock; January to March.
pub(crate) const fn jst(month: u32, day: u32, hour: u32, minute: u32) -> u32 {
    let before = match month {
        1 => 0,
        2 => 31,
        _ => 31 + 28,
    };
    let days = before + day;
    MIDNIGHT + days * DAY + hour * HOUR + minute * MINUTE - 26 * DAY
}

/// A time of NEM's clock in seconds since 1970.
pub(crate) fn unix(timestamp: u32) -> u64 {
    EPOCH_UNIX_SECS + u64::from(timestamp)
}

/// The theft's transfers: eleven, 526,300,010 XEM in all. Where only a span of minutes is published, the minutes inside
/// it are made.
pub(crate) const THEFT: [(u32, u64); 11] = [
    (jst(1, 26, 0, 2), 10 * XEM),
    (jst(1, 26, 0, 4), 100_000_000 * XEM),
    (jst(1, 26, 0, 6), 100_000_000 * XEM),
    (jst(1, 26, 0, 7), 100_000_000 * XEM),
    (jst(1, 26, 0, 8), 100_000_000 * XEM),
    (jst(1, 26, 0, 9), 100_000_000 * XEM),
    (jst(1, 26, 0, 10), 20_000_000 * XEM),
    (jst(1, 26, 0, 21), 3_000_000 * XEM),
    (jst(1, 26, 3, 35), 1_500_000 * XEM),
    (jst(1, 26, 4, 33), 1_000_000 * XEM),
    (jst(1, 26, 8, 26), 800_000 * XEM),
];

/// The onward moves: when, to which of the nine accounts, and how much; zero for what is there, less a little. Their
/// number, the first, the last of the night and the one of the evening are published; minutes between and amounts are made.
pub(crate) const SPLITS: [(u32, usize, u64); 11] = [
    (jst(1, 26, 2, 57), 0, 30_000_000 * XEM),
    (jst(1, 26, 2, 58), 1, 50_000_000 * XEM),
    (jst(1, 26, 3, 0), 2, 50_000_000 * XEM),
    (jst(1, 26, 3, 2), 3, 750_000 * XEM),
    (jst(1, 26, 3, 14), 4, 100_000_000 * XEM),
    (jst(1, 26, 3, 18), 5, 100_000_000 * XEM),
    (jst(1, 26, 3, 29), 6, 100_000_000 * XEM),
    (jst(1, 26, 3, 41), 7, 92_000_000 * XEM),
    (jst(1, 26, 3, 50), 0, 8_000 * XEM),
    (jst(1, 26, 3, 59), 3, 1_000_000 * XEM),
    (jst(1, 26, 23, 42), 8, 0),
];

/// The thief's dust of 30 January, 22:33: eleven of 100 XEM, three of nothing.
pub(crate) const DUST_AT: u32 = jst(1, 30, 22, 33);
pub(crate) const DUST: [u64; 14] = {
    let mut dust = [100 * XEM; 14];
    dust[3] = 0;
    dust[8] = 0;
    dust[13] = 0;
    dust
};

/// One thing that happens, in the first block at or after its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Accounts become what they are: links, names, mosaics, shared accounts.
    Prepare,
    /// A transfer of the theft, by number.
    Steal(usize),
    /// An onward move, by number.
    Split(usize),
    /// The thief opens another account and moves part of one of the others there.
    Spread,
    /// The thief makes an account that three keys sign for, and moves loot there.
    Vault,
    /// The thief sends strangers a little.
    Dust,
    /// Somebody writes to the thief.
    Appeal,
    /// A sale, by number.
    Sale(usize),
    /// What is left is moved before it is sold.
    Rush,
    /// The thief pays loot in at an exchange under a false name.
    Launder,
    /// The thief swaps loot for bitcoin.
    Swap,
    /// A buyer does something with a parcel.
    Buyer(Errand),
    /// A volunteer makes a mark.
    FirstMark,
    /// The tag desk makes its own.
    Marks,
    /// The first marks are sent, by hand.
    TagByHand,
    /// The program marks an account.
    Tag(usize),
    /// A wrongly marked account is given what it needs to give its mark back.
    Release(usize),
    /// It gives its mark back.
    GiveBack(usize),
    /// The lessor takes his remote account's link back.
    Unlink,
}

/// What a buyer does with a parcel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Errand {
    /// Moves it to his second account first.
    Hop { account: usize, parcel: u32, pieces: u32 },
    /// Pays a piece of it in, and says how many more are to come.
    PayIn { account: usize, parcel: u32, pieces: u32 },
    /// Swaps it for bitcoin.
    Swap { account: usize, parcel: u32 },
}

/// Steps to come, by time; those of equal time in the order of planning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    steps: BTreeMap<(u32, u32), Step>,
    planned: u32,
}

impl Plan {
    /// All that does not follow from something else.
    pub(crate) fn script() -> Self {
        let mut plan = Self::default();
        plan.at(BEGIN + 3 * HOUR, Step::Prepare);
        THEFT.iter().enumerate().for_each(|(nth, (time, _))| plan.at(*time, Step::Steal(nth)));
        SPLITS.iter().enumerate().for_each(|(nth, (time, ..))| plan.at(*time, Step::Split(nth)));
        plan.at(FIRST_TAGS - 50 * MINUTE, Step::FirstMark);
        plan.at(FIRST_TAGS, Step::TagByHand);
        plan.at(TAGGING_BEGINS - 2 * HOUR, Step::Marks);
        (0..6).for_each(|nth| plan.at(jst(1, 26, 20, 10) + nth * 7 * HOUR, Step::Appeal));
        (0..7).for_each(|nth| plan.at(jst(1, 29, 5, 0) + nth * 31 * HOUR, Step::Spread));
        plan.at(DUST_AT, Step::Dust);
        plan.at(jst(2, 3, 4, 0), Step::Vault);
        (0..3).for_each(|nth| plan.at(jst(2, 11, 2, 0) + nth * 5 * DAY, Step::Swap));
        (0..5).for_each(|nth| plan.at(jst(2, 9, 1, 30) + nth * 3 * DAY, Step::Launder));
        plan.at(RUSH, Step::Rush);
        // Nobody marks any more.
        (0..2).for_each(|nth| plan.at(jst(3, 18, 21, 0) + nth * 20 * HOUR, Step::Spread));
        plan.at(jst(3, 20, 0, 0), Step::Unlink);
        plan
    }

    /// Plans a step.
    pub(crate) fn at(&mut self, time: u32, step: Step) {
        self.planned += 1;
        self.steps.insert((time, self.planned), step);
    }

    /// The next step that is due by `time`, if any, and its time.
    pub(crate) fn due(&mut self, time: u32) -> Option<(u32, Step)> {
        let first = self.steps.first_entry()?;
        (first.key().0 <= time).then(|| first.remove_entry()).map(|((at, _), step)| (at, step))
    }
}

/// Whether blocks come every minute at this time, as they do on the main network; at other times the story leaves out
/// most blocks that would be empty.
pub(crate) fn is_close_up(time: u32) -> bool {
    let spans = [
        (jst(1, 26, 0, 0), jst(1, 26, 4, 45)),
        (jst(1, 26, 8, 20), jst(1, 26, 8, 35)),
        (jst(1, 26, 23, 36), jst(1, 26, 23, 50)),
        (jst(1, 30, 22, 30), jst(1, 30, 22, 40)),
    ];
    spans.iter().any(|(from, to)| (*from..*to).contains(&time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transfers_sum_to_the_published_figure() {
        assert_eq!(THEFT.iter().map(|(_, units)| units).sum::<u64>(), 526_300_010 * XEM);
    }

    #[test]
    fn the_night_begins_and_ends_when_it_is_said_to_in_japan() {
        // 00:02 and 08:26 in Japan, on NEM's clock and on Unix's.
        assert_eq!((THEFT[0].0, THEFT[10].0), (89_304_935, 89_335_175));
        assert_eq!(unix(THEFT[0].0), 1_516_892_520);
        // 2018-03-22T09:00:00Z, as `date -u -d` prints it.
        assert_eq!(unix(SOLD_OUT), 1_521_709_200);
    }

    #[test]
    fn nobody_moves_what_was_not_stolen_yet() {
        for (time, _, units) in SPLITS {
            let stolen: u64 = THEFT.iter().filter(|(at, _)| *at < time).map(|(_, units)| units).sum();
            let moved: u64 = SPLITS.iter().filter(|(at, ..)| *at < time).map(|(.., units)| units).sum();
            assert!(moved + units + 20 * XEM < stolen, "at {time}");
        }
    }

    #[test]
    fn the_dust_is_eleven_of_a_hundred_and_three_of_nothing() {
        assert_eq!(DUST.iter().filter(|units| **units == 100 * XEM).count(), 11);
        assert_eq!(DUST.iter().filter(|units| **units == 0).count(), 3);
    }
}
