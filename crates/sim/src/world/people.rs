//! Persons with wallets: they pay shops and each other, pay in and out at exchanges, tidy up, and
//! change their software now and then.

use crate::keys::{Slot, Style};
use crate::rng::{Rng, mix};
use crate::world::habits::{CHAUMIAN, EVADER, HABITS, POOLED, ROUNDER};
use crate::world::ledger::{DUST, Ledger};
use crate::world::pay::Payee;
use crate::world::profile::Profile;
use crate::world::scene::{PAYMENT, Scene};
use crate::world::truth::{Kind, Part, Purpose};

/// A wallet with more coins than this is tidied at the next occasion.
const COINS_MAX: usize = 60;
/// Most coins that a person joins by hand.
const BY_HAND: usize = 8;
/// No address for deposits yet.
const NONE: u32 = u32::MAX;

/// What tools for privacy a person uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Club {
    None,
    JoinMarket,
    Wasabi,
    Whirlpool,
}

/// One person: 24 bytes beside the wallet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    /// What the home exchange owes, in satoshi.
    pub(crate) account: u64,
    pub(crate) wallet: u32,
    /// Key number of the deposit address in use.
    deposit: u32,
    pub(crate) home: u8,
    pub(crate) club: Club,
}

/// All persons; low numbers are busy, high ones rarely act.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) list: Vec<Person>,
    bits: u64,
    /// Members of each club, in order of number.
    pub(crate) clubs: [Vec<u32>; 3],
}

impl People {
    pub(crate) fn new(ledger: &mut Ledger, profile: &Profile) -> Self {
        let bits = u64::from(profile.people_bits.clamp(5, 22));
        let mut people = Self { list: vec![], bits, clubs: [vec![], vec![], vec![]] };
        for nth in 0..(1_u32 << bits) - 1 {
            people.join(ledger, profile, nth);
        }
        people
    }

    fn join(&mut self, ledger: &mut Ledger, profile: &Profile, nth: u32) {
        let party = ledger.join(Kind::Person, || format!("person {}", nth + 1));
        let mut fate = Rng::new(mix(u64::from(nth)));
        let club = club(profile, &mut fate);
        let habits = match club {
            Club::JoinMarket => profile.era.customs().maker,
            Club::Wasabi => CHAUMIAN,
            Club::Whirlpool => POOLED,
            Club::None if fate.chance(profile.evaders) => [EVADER, ROUNDER][fate.index(2)],
            Club::None => profile.era.customs().people[fate.by_share(profile.era.customs().people)].0,
        };
        let wallet = ledger.open(party, habits, Part::Receive);
        let home = u8::try_from(fate.below(u64::from(profile.exchanges.clamp(1, 250)))).expect("at most 250");
        if let Some(members) = (club as usize).checked_sub(1) {
            self.clubs[members].push(nth);
        }
        self.list.push(Person { account: 0, wallet, deposit: NONE, home, club });
    }

    /// A person, busy ones more often.
    pub(crate) fn draw(&self, rng: &mut Rng) -> usize {
        usize::try_from(rng.zipf(self.bits)).expect("at most some millions")
    }

    pub(crate) fn wallet(&self, person: usize) -> u32 {
        self.list[person].wallet
    }
}

/// A club by chance, where the world has it at all.
fn club(profile: &Profile, fate: &mut Rng) -> Club {
    let draw = fate.below(1000);
    let (members, joins) = (profile.club_members, profile.joins);
    match draw {
        _ if draw < members && joins.joinmarket_every > 0 => Club::JoinMarket,
        _ if draw < members => Club::None,
        _ if draw < 2 * members && joins.wasabi1_every + joins.wasabi2_every > 0 => Club::Wasabi,
        _ if draw < 2 * members => Club::None,
        _ if draw < 3 * members && joins.whirlpool_every > 0 => Club::Whirlpool,
        _ => Club::None,
    }
}

impl Scene {
    /// What a person with this wallet pays: drawn, and at most half of what there is.
    pub(crate) fn amount(&mut self, wallet: u32, quantiles: crate::rng::Quantiles) -> Option<u64> {
        let drawn = self.ledger.rng.draw(quantiles);
        let most = self.ledger.balance(wallet) / 2;
        let value = if drawn <= most { drawn } else { most * self.ledger.rng.range(100, 900) / 1000 };
        let round = self.profile.era.customs().round;
        let value = if self.ledger.rng.chance(round) { round_down(value) } else { value };
        (value >= 3 * DUST).then_some(value)
    }

    /// Pays another person; one who has nothing fetches coins from the exchange instead.
    pub(crate) fn pay_friend(&mut self, who: usize) {
        let friend = self.people.draw(&mut self.ledger.rng);
        let (from, to) = (self.people.wallet(who), self.people.wallet(friend));
        let Some(value) = self.amount(from, PAYMENT).filter(|_| from != to) else {
            return self.withdraw(who);
        };
        let slot = self.ledger.receiving(to);
        if self.ledger.pay(from, &[Payee::new(slot, value)], Purpose::Payment).is_none() {
            self.withdraw(who);
        }
    }

    /// Hands one whole coin over.
    pub(crate) fn pay_whole(&mut self, who: usize) {
        let friend = self.people.draw(&mut self.ledger.rng);
        let (from, to) = (self.people.wallet(who), self.people.wallet(friend));
        let height = self.ledger.height();
        let coins = self.ledger.wallet(from).take_oldest(1, height, |coin| coin.value >= 10_000);
        if from == to {
            return self.ledger.give_back(coins);
        }
        let slot = self.ledger.receiving(to);
        self.ledger.move_whole(from, coins, Payee::new(slot, 0), Purpose::WholePayment);
    }

    /// Moves a coin to a new address of one's own.
    pub(crate) fn self_move(&mut self, who: usize) {
        let wallet = self.people.wallet(who);
        let height = self.ledger.height();
        let coins = self.ledger.wallet(wallet).take_oldest(1, height, |coin| coin.value >= 10_000);
        let slot = self.ledger.receiving(wallet);
        self.ledger.move_whole(wallet, coins, Payee::new(slot, 0), Purpose::SelfMove);
    }

    /// Joins many coins into one.
    pub(crate) fn tidy(&mut self, who: usize) {
        let wallet = self.people.wallet(who);
        if self.ledger.wallet(wallet).coins.len() < 6 {
            return self.pay_friend(who);
        }
        self.join_smallest(wallet, BY_HAND);
    }

    /// Joins a wallet's smallest coins.
    pub(crate) fn join_smallest(&mut self, wallet: u32, most: usize) {
        let height = self.ledger.height();
        let coins = self.ledger.wallet(wallet).take_smallest(most, height);
        if coins.len() < 2 {
            return self.ledger.give_back(coins);
        }
        let slot = self.ledger.receiving(wallet);
        self.ledger.move_whole(wallet, coins, Payee::new(slot, 0), Purpose::Consolidation);
    }

    /// Takes up new software: new addresses from now on, old coins where they are.
    pub(crate) fn migrate(&mut self, who: usize) {
        if self.people.list[who].club != Club::None {
            return self.self_move(who);
        }
        let people = self.customs().people;
        let habits = people[self.ledger.rng.by_share(people)].0;
        if HABITS[usize::from(habits)].twin {
            return self.self_move(who); // such a wallet numbers its keys otherwise, from the start
        }
        let wallet = self.ledger.wallet(self.people.list[who].wallet);
        wallet.habits = habits;
        wallet.main = None;
    }

    /// The address where a person pays in at the home exchange: the one used before, or half the time a new one.
    pub(crate) fn deposit_slot(&mut self, who: usize) -> Slot {
        let person = self.people.list[who];
        let deposits = self.exchanges[usize::from(person.home)].deposits;
        if person.deposit != NONE && self.ledger.rng.chance(500) {
            let style: Style = self.ledger.wallet(deposits).habits().style;
            return Slot { style, owner: deposits, index: person.deposit };
        }
        let slot = self.ledger.fresh(deposits);
        self.people.list[who].deposit = slot.index;
        slot
    }

    /// After a payment: wallets that hold too much small change are tidied.
    pub(crate) fn keep_tidy(&mut self, wallet: u32) {
        if self.ledger.wallet(wallet).coins.len() > COINS_MAX {
            self.join_smallest(wallet, 2 * COINS_MAX);
        }
    }
}

/// The first digit, or two, and zeros.
pub(crate) fn round_down(value: u64) -> u64 {
    let unit = 10_u64.pow(value.max(10).ilog10() - 1) * 5;
    if value >= unit { value / unit * unit } else { value }
}
