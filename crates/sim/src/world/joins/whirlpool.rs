//! Whirlpool: coins are cut to a pool's size, then mixed five by five, newcomers paying for those who mix again.

use std::ops::RangeInclusive;

use crate::software::Order;
use crate::world::habits::{CHAUMIAN, POOLED};
use crate::world::joins::{Round, worth};
use crate::world::ledger::{DUST, Ledger, Output, Spend};
use crate::world::pay::Payee;
use crate::world::people::Club;
use crate::world::scene::{PAYMENT, Scene};
use crate::world::truth::{Kind, Part, Purpose};
use crate::world::wallet::Coin;

/// Coins of one mix.
const MIX_SIZE: usize = 5;
/// Most coins that one entry cuts.
const PREMIX_MAX: u64 = 70;
/// What a cut coin is worth above the pool's size at most, for the miner of its first mix, in satoshi.
const EXTRA_MAX: u64 = 18_000;
/// Sizes and entry fees of the pools, in satoshi.
const POOLS: [(u64, u64); 2] = [(1_000_000, 50_000), (5_000_000, 175_000)];
/// Most seats of a pool; who finds none does not enter.
const SEATS_MAX: usize = 3_000;

/// One pool.
#[derive(Debug)]
pub(crate) struct Whirlpool {
    pub(crate) size: u64,
    fee: u64,
    coordinator: u32,
    pub(crate) seats: Vec<Seat>,
}

/// One customer of a pool: the two wallets that its software keeps apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) premix: u32,
    pub(crate) postmix: u32,
    /// Mixed coins stay where they are until their owner moves them on his own plan.
    pub(crate) keeps: bool,
}

impl Whirlpool {
    pub(super) fn all(ledger: &mut Ledger) -> Vec<Self> {
        let party = ledger.join(Kind::Coordinator, || "coordinator of pools".to_owned());
        let coordinator = ledger.open(party, CHAUMIAN, Part::Receive);
        POOLS.map(|(size, fee)| Self { size, fee, coordinator, seats: vec![] }).into()
    }
}

impl Scene {
    /// Entries, and where due one mix in each pool.
    pub(super) fn whirlpools(&mut self, mixes: bool) {
        for nth in 0..self.joins.pools.len() {
            if self.ledger.rng.chance(60) {
                self.member_enters(nth);
            }
            if mixes {
                self.whirlpool_mix(nth);
            }
            if self.ledger.rng.chance(100) {
                self.spend_mixed(nth);
            }
        }
    }

    fn member_enters(&mut self, nth: usize) {
        let members = self.members(Club::Whirlpool);
        let least = self.joins.pools[nth].size * 3;
        let ready = members.into_iter().find(|wallet| self.ledger.balance(*wallet) > least);
        if let Some(wallet) = ready.filter(|_| self.joins.pools[nth].seats.len() < SEATS_MAX) {
            self.enter_whirlpool(nth, wallet, false);
        }
    }

    /// The transaction before a first mix; returns the seat where the owner has enough for one.
    pub(crate) fn enter_whirlpool(&mut self, nth: usize, wallet: u32, keeps: bool) -> Option<Seat> {
        let Whirlpool { size, fee, coordinator, .. } = self.joins.pools[nth];
        let (height, party) = (self.ledger.height(), self.ledger.party(wallet));
        let coins = self.ledger.wallet(wallet).take_worth(size * 2 + fee, 12, height)?;
        let each = size + self.ledger.rng.range(400, EXTRA_MAX);
        let total = worth(&coins);
        let spare = total.saturating_sub(fee + self.ledger.fee(wallet, &coins, 12));
        let count = (spare / (each + 1_000)).min(PREMIX_MAX);
        if count == 0 {
            self.ledger.give_back(coins);
            return None;
        }
        let seat = self.seat(nth, party, keeps);
        let mut data = vec![0; 64];
        self.ledger.rng.fill(&mut data);
        let mut outputs = vec![Output::data(party, data)];
        let slot = self.ledger.fresh(coordinator);
        outputs.push(Output::pay(party, slot, fee));
        for _ in 0..count {
            let slot = self.ledger.fresh(seat.premix);
            outputs.push(Output::pay(party, slot, each));
        }
        let rest = total - fee - count * each;
        let change = rest.saturating_sub(self.ledger.fee(wallet, &coins, outputs.len() + 1));
        if change > DUST {
            let slot = self.ledger.fresh_change(wallet, None);
            outputs.push(Output::change(party, slot, change));
        }
        let mut spend = Spend::new(wallet, Purpose::WhirlpoolEntry, coins, outputs);
        spend.order = Some(Order::Sorted);
        self.ledger.spend(spend);
        Some(seat)
    }

    /// The party's seat, a new one where it has none.
    fn seat(&mut self, nth: usize, party: u32, keeps: bool) -> Seat {
        let seats = &self.joins.pools[nth].seats;
        if let Some(seat) = seats.iter().find(|seat| self.ledger.party(seat.premix) == party) {
            return *seat;
        }
        let premix = self.ledger.open(party, POOLED, Part::Premix);
        let postmix = self.ledger.open(party, POOLED, Part::Postmix);
        let seat = Seat { premix, postmix, keeps };
        self.joins.pools[nth].seats.push(seat);
        seat
    }

    /// Two or three newcomers and mixed coins of others; more newcomers where there are not enough of those.
    fn whirlpool_mix(&mut self, nth: usize) {
        let mut seats = self.joins.pools[nth].seats.clone();
        self.ledger.rng.shuffle(&mut seats);
        let newcomers = 2 + self.ledger.rng.index(2);
        let size = self.joins.pools[nth].size;
        let (new, mixed) = (size + 1..=size + EXTRA_MAX, size..=size);
        let mut taken = self.mix_coins(&seats, newcomers, &[], &new, |seat| seat.premix);
        let again = self.mix_coins(&seats, MIX_SIZE - taken.len(), &taken, &mixed, |seat| seat.postmix);
        taken.extend(again);
        let more = self.mix_coins(&seats, MIX_SIZE - taken.len(), &taken, &new, |seat| seat.premix);
        taken.extend(more);
        let (parties, coins): (Vec<Seat>, Vec<Coin>) = taken.into_iter().unzip();
        if coins.len() < MIX_SIZE || coins.iter().all(|coin| self.ledger.wallet(coin.slot.owner).part == Part::Postmix)
        {
            return self.ledger.give_back(coins);
        }
        let mut round = Round { coins, outputs: vec![] };
        for seat in parties {
            let slot = self.ledger.fresh(seat.postmix);
            round.outputs.push(Output::pay(self.ledger.party(seat.postmix), slot, size));
        }
        let writer = self.joins.pools[nth].coordinator;
        let mut spend = Spend::new(writer, Purpose::WhirlpoolMix, round.coins, round.outputs);
        spend.order = Some(Order::Sorted);
        self.ledger.spend(spend);
    }

    /// Up to `count` confirmed coins of one of the wallets of different seats, none of which is in `taken`.
    fn mix_coins(
        &mut self,
        seats: &[Seat],
        count: usize,
        taken: &[(Seat, Coin)],
        worth: &RangeInclusive<u64>,
        wallet: impl Fn(&Seat) -> u32,
    ) -> Vec<(Seat, Coin)> {
        let height = self.ledger.height();
        let mut found: Vec<(Seat, Coin)> = vec![];
        for seat in seats {
            if found.len() == count {
                break;
            }
            if taken.iter().chain(&found).any(|(other, _)| other.premix == seat.premix) {
                continue;
            }
            let coin =
                self.ledger.wallet(wallet(seat)).take_oldest(1, height, |coin| worth.contains(&coin.value)).pop();
            found.extend(coin.map(|coin| (*seat, coin)));
        }
        found
    }

    /// Somebody pays out of mixed coins.
    fn spend_mixed(&mut self, nth: usize) {
        let seats = &self.joins.pools[nth].seats;
        if seats.is_empty() {
            return;
        }
        let seat = *self.ledger.rng.pick(seats);
        if seat.keeps || self.ledger.wallet(seat.postmix).coins.is_empty() {
            return;
        }
        let Some(value) = self.amount(seat.postmix, PAYMENT) else { return };
        let shop = self.ledger.rng.index(self.shops.len());
        let slot = self.ledger.receiving(self.shops[shop].wallet);
        self.ledger.pay(seat.postmix, &[Payee::new(slot, value)], Purpose::Payment);
    }
}
