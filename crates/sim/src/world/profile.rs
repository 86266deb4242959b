//! What a world is made from: plain numbers, with four sets of them that have names.

use crate::world::era::Era;
use crate::world::theft::Plan;

/// What a person may do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Pays a shop.
    Shop,
    /// Pays another person.
    Friend,
    /// Hands a whole coin over.
    Whole,
    /// Moves a coin to a new address.
    SelfMove,
    /// Joins small coins.
    Tidy,
    /// Pays in at the exchange.
    Deposit,
    /// Asks the exchange for coins.
    Withdraw,
    /// Gambles.
    Bet,
    /// Uses the custodial mixer.
    Mix,
    /// Gives coins for another chain's.
    SwapIn,
    /// Takes coins for another chain's.
    SwapOut,
    /// Writes data.
    Data,
    /// Writes an inscription.
    Inscribe,
    /// Sells a coin by a half-signed order.
    Trade,
    /// Pays together with the payee.
    PayJoin,
    /// Pays in the form of a small CoinJoin.
    Stonewall,
    /// Changes software.
    Migrate,
}

/// How often parties meet for common transactions; 0 is never.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JoinRates {
    /// Blocks between two rounds of JoinMarket.
    pub joinmarket_every: u32,
    /// Blocks between two rounds of Wasabi 1.
    pub wasabi1_every: u32,
    /// Blocks between two rounds of Wasabi 2.
    pub wasabi2_every: u32,
    /// Blocks between two mixes of each Whirlpool.
    pub whirlpool_every: u32,
    /// Participants of a Wasabi 1 round, from and to.
    pub wasabi1_parties: (u64, u64),
    /// Inputs of a Wasabi 2 round, at least.
    pub wasabi2_inputs: usize,
}

/// What a world is made from. Shares are in thousandths.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// Whose habits its people have.
    pub era: Era,
    /// Height of the last block.
    pub blocks: u32,
    /// When the first block after genesis claims to be found, seconds since 1970.
    pub begin: u32,
    /// Ordinary transactions of a block, in the mean; services' come on top.
    pub txs_per_block: u32,
    /// There are `2^people_bits - 1` persons; from 5 to 22.
    pub people_bits: u32,
    /// Exchanges, at most 250.
    pub exchanges: u32,
    /// Of every four exchanges, the one that pays each withdrawal alone (0 to 3; 4 is none).
    pub single_payouts: u32,
    /// Shops.
    pub shops: u32,
    /// Mining pools.
    pub pools: u32,
    /// Gambling sites.
    pub games: u32,
    /// Share of persons in each of the three clubs of CoinJoin users.
    pub club_members: u64,
    /// Share of the others whose software takes care to mislead.
    pub evaders: u64,
    /// What persons do.
    pub acts: &'static [(Act, u64)],
    /// Common transactions.
    pub joins: JoinRates,
    /// Blocks between two waves of dust, gifts and airdrops; 0 is never.
    pub noise_every: u32,
    /// Thefts.
    pub thefts: &'static [Plan],
}

/// Ordinary life.
const ACTS: &[(Act, u64)] = &[
    (Act::Shop, 300),
    (Act::Friend, 245),
    (Act::Whole, 60),
    (Act::SelfMove, 30),
    (Act::Tidy, 20),
    (Act::Deposit, 130),
    (Act::Withdraw, 130),
    (Act::Bet, 30),
    (Act::Mix, 5),
    (Act::SwapIn, 8),
    (Act::SwapOut, 8),
    (Act::Data, 15),
    (Act::Inscribe, 5),
    (Act::Trade, 2),
    (Act::PayJoin, 2),
    (Act::Stonewall, 2),
    (Act::Migrate, 8),
];

/// Before inscriptions, half-signed orders and payments with the payee.
const ACTS_2018: &[(Act, u64)] = &[
    (Act::Shop, 205),
    (Act::Friend, 220),
    (Act::Whole, 170),
    (Act::SelfMove, 70),
    (Act::Tidy, 5),
    (Act::Deposit, 100),
    (Act::Withdraw, 80),
    (Act::Bet, 25),
    (Act::Mix, 5),
    (Act::SwapIn, 6),
    (Act::SwapOut, 6),
    (Act::Data, 100),
    (Act::Migrate, 8),
];

/// A life that contradicts what heuristics assume.
const ACTS_HOSTILE: &[(Act, u64)] = &[
    (Act::Shop, 200),
    (Act::Friend, 200),
    (Act::Whole, 60),
    (Act::SelfMove, 60),
    (Act::Tidy, 20),
    (Act::Deposit, 110),
    (Act::Withdraw, 110),
    (Act::Bet, 30),
    (Act::Mix, 20),
    (Act::SwapIn, 20),
    (Act::SwapOut, 20),
    (Act::Data, 10),
    (Act::Inscribe, 10),
    (Act::Trade, 20),
    (Act::PayJoin, 60),
    (Act::Stonewall, 40),
    (Act::Migrate, 10),
];

impl JoinRates {
    /// The same share of common transactions where blocks are so many times as full.
    fn more_often(self, fuller: u32) -> Self {
        let every = |blocks: u32| if blocks == 0 { 0 } else { (blocks / fuller).max(1) };
        Self {
            joinmarket_every: every(self.joinmarket_every),
            wasabi1_every: every(self.wasabi1_every),
            wasabi2_every: every(self.wasabi2_every),
            whirlpool_every: every(self.whirlpool_every),
            ..self
        }
    }
}

impl Profile {
    /// A few hundred blocks with one of everything: for everyday tests.
    #[must_use]
    pub fn quiet() -> Self {
        Self {
            name: "quiet",
            blocks: 420,
            txs_per_block: 12,
            people_bits: 8,
            exchanges: 3,
            shops: 6,
            pools: 2,
            games: 1,
            club_members: 110,
            joins: JoinRates {
                joinmarket_every: 20,
                wasabi1_every: 45,
                wasabi2_every: 60,
                whirlpool_every: 12,
                wasabi1_parties: (10, 16),
                wasabi2_inputs: 30,
            },
            noise_every: 30,
            thefts: crate::world::theft::QUIET,
            ..Self::town()
        }
    }

    /// A town of 2022 with every kind of business and one theft of each kind.
    #[must_use]
    pub fn town() -> Self {
        Self {
            name: "town",
            era: Era::Y2022,
            blocks: 2_600,
            begin: 1_640_995_200,
            txs_per_block: 36,
            people_bits: 13,
            exchanges: 6,
            single_payouts: 4,
            shops: 40,
            pools: 4,
            games: 3,
            club_members: 40,
            evaders: 0,
            acts: ACTS,
            joins: JoinRates {
                joinmarket_every: 30,
                wasabi1_every: 90,
                wasabi2_every: 110,
                whirlpool_every: 20,
                wasabi1_parties: (30, 70),
                wasabi2_inputs: 90,
            },
            noise_every: 90,
            thefts: crate::world::theft::TOWN,
        }
    }

    /// Early 2018: hashed keys, one hot address, the test payment and the night that followed.
    #[must_use]
    pub fn heist_2018() -> Self {
        Self {
            name: "heist-2018",
            era: Era::Y2018,
            blocks: 1_500,
            begin: 1_515_974_400,
            txs_per_block: 30,
            people_bits: 12,
            exchanges: 5,
            single_payouts: 2,
            acts: ACTS_2018,
            joins: JoinRates {
                joinmarket_every: 25,
                wasabi1_every: 0,
                wasabi2_every: 0,
                whirlpool_every: 0,
                wasabi1_parties: (0, 0),
                wasabi2_inputs: 0,
            },
            thefts: crate::world::theft::HEIST_2018,
            ..Self::town()
        }
    }

    /// Everybody does what a heuristic takes for impossible, and the thieves use every knob.
    #[must_use]
    pub fn hostile() -> Self {
        Self {
            name: "hostile",
            evaders: 600,
            club_members: 80,
            acts: ACTS_HOSTILE,
            blocks: 1_500,
            people_bits: 12,
            noise_every: 20,
            thefts: crate::world::theft::HOSTILE,
            ..Self::town()
        }
    }

    /// The same world grown to about so many transactions: more blocks, fuller ones, more people and services.
    /// Thefts stay where they are.
    #[must_use]
    pub fn grown(self, txs: u64) -> Self {
        let own = u64::from(self.blocks) * u64::from(self.txs_per_block);
        let factor = txs.div_ceil(own.max(1)).max(1);
        // Half of the growth, in powers of two, makes blocks fuller, the other half makes the chain longer.
        let fuller = (1 << (factor.ilog2() / 2)).min(2_000 / self.txs_per_block.max(1)).max(1);
        let longer = u32::try_from(factor.div_ceil(u64::from(fuller))).unwrap_or(u32::MAX);
        Self {
            blocks: self.blocks.saturating_mul(longer),
            txs_per_block: self.txs_per_block * fuller,
            people_bits: (self.people_bits + fuller.ilog2()).min(18),
            exchanges: (self.exchanges * fuller).min(40),
            shops: self.shops * fuller,
            games: (self.games * fuller).min(20),
            joins: self.joins.more_often(fuller),
            ..self
        }
    }

    /// All named profiles.
    #[must_use]
    pub fn all() -> [Self; 4] {
        [Self::quiet(), Self::town(), Self::heist_2018(), Self::hostile()]
    }

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|profile| profile.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_a_thousand() {
        for profile in Profile::all() {
            assert_eq!(profile.acts.iter().map(|(_, share)| share).sum::<u64>(), 1000, "{}", profile.name);
            assert!(3 * profile.club_members < 1000 && profile.single_payouts <= 4);
        }
    }
}
