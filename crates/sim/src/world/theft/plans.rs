//! The scripts with their numbers, and which worlds they play in.

use crate::world::scene::BTC;
use crate::world::theft::{Drain, Knobs, Leg, Plan};

const OPEN: Knobs =
    Knobs { shuffled: false, same_type: false, fake_change: false, dust: false, decoys: false, loot_first: true };
const EVERYTHING: Knobs =
    Knobs { shuffled: true, same_type: true, fake_change: true, dust: true, decoys: true, loot_first: false };

/// After Coincheck, 26 January 2018: ten coins as a test at 00:02, six large transfers from 00:10 on within
/// minutes, smaller ones at 03:35, 04:33 and 08:26; noticed at 11:25; later sold at a discount.
const COINCHECK: Plan = Plan {
    name: "coincheck",
    start: 0,
    victim: 0,
    drain: Drain {
        tests: true,
        cold: false,
        share: 960,
        transfers: &[(0, 190), (0, 190), (1, 190), (1, 190), (2, 190), (3, 38), (21, 5), (27, 4), (50, 3)],
        noticed_after: 68,
    },
    split_after: 18,
    legs: &[
        (Leg::Sale(40), 400),
        (Leg::Dormant(400), 150),
        (Leg::Mules(4), 150),
        (Leg::JoinMarket(4), 100),
        (Leg::Rest, 200),
    ],
    knobs: OPEN,
};

/// After Bybit, 21 February 2025: one transfer of the reserve, a tree of one to forty-two to thousands, and
/// most of it across bridges within ten days.
const BYBIT: Plan = Plan {
    name: "bybit",
    start: 0,
    victim: 1,
    drain: Drain { tests: false, cold: true, share: 900, transfers: &[(0, 1000)], noticed_after: 3 },
    split_after: 2,
    legs: &[(Leg::FanOut { first: 42, then: 9 }, 820), (Leg::Wasabi(5), 80), (Leg::Rest, 100)],
    knobs: OPEN,
};

/// After the case of 2018 that the United States filed in 2020 (1:20-cv-00606): peel chains of hundreds of
/// hops into accounts at four exchanges, and accounts of helpers.
const PEEL: Plan = Plan {
    name: "peel-chains",
    start: 0,
    victim: 2,
    drain: Drain { tests: false, cold: false, share: 900, transfers: &[(0, 600), (1, 400)], noticed_after: 30 },
    split_after: 4,
    legs: &[
        (Leg::Peel { hops: 220, gap: 2 }, 500),
        (Leg::Peel { hops: 120, gap: 3 }, 250),
        (Leg::Mules(6), 150),
        (Leg::Broker, 100),
    ],
    knobs: OPEN,
};

/// After KuCoin, September 2020: deposits of equal size just below round amounts at a custodial mixer, each
/// after the one before was confirmed; the rest through pools of equal coins and swaps.
const MIXER: Plan = Plan {
    name: "structured-mixer",
    start: 0,
    victim: 0,
    drain: Drain { tests: false, cold: false, share: 930, transfers: &[(0, 700), (1, 300)], noticed_after: 12 },
    split_after: 5,
    legs: &[
        (Leg::Mixer(BTC / 2), 400),
        (Leg::Whirlpool(1), 200),
        (Leg::Swap, 200),
        (Leg::Dormant(300), 100),
        (Leg::Rest, 100),
    ],
    knobs: OPEN,
};

/// Thefts of the small world.
pub(crate) const QUIET: &[Plan] = &[
    Plan {
        start: 210,
        legs: &[
            (Leg::Peel { hops: 40, gap: 2 }, 400),
            (Leg::Mixer(BTC / 4), 250),
            (Leg::Mules(2), 150),
            (Leg::Sale(8), 100),
            (Leg::Rest, 100),
        ],
        ..COINCHECK
    },
    Plan {
        start: 250,
        legs: &[
            (Leg::FanOut { first: 12, then: 3 }, 600),
            (Leg::Wasabi(2), 150),
            (Leg::JoinMarket(2), 150),
            (Leg::Rest, 100),
        ],
        ..BYBIT
    },
];

/// One theft of each kind.
pub(crate) const TOWN: &[Plan] = &[
    Plan { start: 700, ..MIXER },
    Plan { start: 900, victim: 3, ..COINCHECK },
    Plan { start: 1_100, ..BYBIT },
    Plan { start: 1_300, ..PEEL },
];

/// The night of 2018, and a peel chain of that year.
pub(crate) const HEIST_2018: &[Plan] = &[Plan { start: 600, ..COINCHECK }, Plan { start: 800, ..PEEL }];

/// The same with every trick.
pub(crate) const HOSTILE: &[Plan] = &[
    Plan { start: 500, knobs: EVERYTHING, ..COINCHECK },
    Plan { start: 620, knobs: EVERYTHING, ..BYBIT },
    Plan { start: 740, knobs: EVERYTHING, ..PEEL },
    Plan { start: 860, victim: 3, knobs: EVERYTHING, ..MIXER },
];
