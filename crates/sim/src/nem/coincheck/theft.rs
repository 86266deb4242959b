//! The thief's part: the night, the accounts, the shop.

use crate::nem::body::plain;
use crate::nem::coincheck::Stage;
use crate::nem::coincheck::control::Prefer;
use crate::nem::coincheck::plan::{DAY, DUST, Errand, HOUR, MINUTE, RUSH, SHOP_OPENS, SOLD_OUT, SPLITS, Step, THEFT};
use crate::nem::coincheck::plan::{TRADE_GROWS, XEM};
use crate::nem::coincheck::setup::share;
use crate::nem::coincheck::swaps::bitcoin_of;
use crate::nem::coincheck::town::{Id, Payment};
use crate::nem::coincheck::truth::{Coin, Price, Purpose, Use};
use crate::rng::{Quantiles, Rng};

/// What the shop sells in all, in millionths of a XEM; the rest is swapped, paid in, given away or kept.
const FOR_SALE: u64 = 512_000_000 * XEM;
/// What the largest trader buys in all: many small trades, as one of those prosecuted did.
const LARGEST_TRADER: u64 = 24_000_000 * XEM;
/// What an account keeps for fees, in millionths of a XEM.
const KEPT: u64 = 20 * XEM;
/// How sales compare to each other.
const WEIGHT: Quantiles = Quantiles(&[(0, 4), (500, 30), (900, 250), (1000, 1_500)]);

/// One sale to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sale {
    pub(crate) time: u32,
    pub(crate) buyer: usize,
    pub(crate) units: u64,
}

/// All sales, in the order of time: a few at first, more in March, most in the last week.
pub(crate) fn sales(rng: &mut Rng, buyers: usize, large: usize, small: usize) -> Vec<Sale> {
    let weights: Vec<_> = (0..large).map(|_| rng.draw(WEIGHT)).collect();
    let all: u64 = weights.iter().sum();
    let share = |weight: u64| {
        let part = u128::from(FOR_SALE - LARGEST_TRADER) * u128::from(weight) / u128::from(all);
        u64::try_from(part).expect("part of it") / XEM * XEM
    };
    // Every buyer buys; the rest of the trades fall to some more than to others.
    let buyer = |nth: usize, rng: &mut Rng| if nth < buyers { nth } else { rng.index(buyers).min(rng.index(buyers)) };
    let mut sales: Vec<_> = weights
        .into_iter()
        .enumerate()
        .map(|(nth, weight)| Sale {
            time: sale_time(rng),
            buyer: 1 + buyer(nth, rng) % (buyers - 1),
            units: share(weight),
        })
        .collect();
    let each = LARGEST_TRADER / small as u64 / XEM * XEM;
    sales.extend((0..small).map(|_| Sale { time: sale_time(rng), buyer: 0, units: each }));
    sales.sort_by_key(|sale| (sale.time, sale.buyer, sale.units));
    sales
}

fn sale_time(rng: &mut Rng) -> u32 {
    let (from, to) = match rng.below(10) {
        0..3 => (SHOP_OPENS, TRADE_GROWS),
        3..6 => (TRADE_GROWS, RUSH),
        _ => (RUSH + 6 * HOUR, SOLD_OUT),
    };
    from + u32::try_from(rng.below(u64::from(to - from))).expect("below a u32")
}

impl Stage {
    pub(crate) fn steal(&mut self, nth: usize) {
        let purpose = if nth == 0 { Purpose::TheftTest } else { Purpose::TheftDrain };
        let payment = Payment::new(self.cast.victim.hot, self.cast.thief, THEFT[nth].1, purpose);
        self.town.pay(&payment).expect("the victim keeps enough until the last of these");
    }

    pub(crate) fn split(&mut self, nth: usize) {
        let (_, stash, units) = SPLITS[nth];
        let held = self.town.xem(self.cast.thief);
        let units = if units == 0 { held - KEPT } else { units };
        self.move_loot(self.cast.thief, self.cast.stashes[stash], units);
    }

    fn move_loot(&mut self, from: Id, to: Id, units: u64) {
        let payment = Payment { prefer: Prefer::Loot, ..Payment::new(from, to, units, Purpose::LootSplit) };
        self.town.pay(&payment).expect("loot is moved where there is some");
    }

    /// Another account, with a part of what the richest has.
    pub(crate) fn spread(&mut self) {
        let from = self.richest();
        let fresh = self.town.open(self.town.accounts[self.cast.thief].owner, Use::Stash);
        self.cast.stashes.push(fresh);
        let part = self.town.rng.range(25, 60);
        let units = self.town.xem(from) / 100 * part;
        self.move_loot(from, fresh, units / XEM * XEM);
    }

    /// Loot moves into an account of the thief's that two of three keys sign for.
    pub(crate) fn vault(&mut self) {
        let (from, vault) = (self.richest(), self.cast.vault);
        self.move_loot(from, vault, 40_000_000 * XEM);
        share(&mut self.town, vault, self.cast.vault_keys.to_vec());
        self.cast.stashes.push(vault);
    }

    /// Nearly half of everything is moved to fresh accounts at once, to be sold from there.
    pub(crate) fn rush(&mut self) {
        for _ in 0..4 {
            self.spread();
        }
    }

    fn richest(&self) -> Id {
        let stashes = self.cast.stashes.iter().copied().filter(|id| *id != self.cast.vault);
        stashes.max_by_key(|id| (self.town.xem(*id), usize::MAX - id)).expect("nine at least")
    }

    /// Strangers get a hundred XEM, or nothing: whoever follows accounts follows them too.
    pub(crate) fn dust(&mut self) {
        let from = self.cast.stashes[2];
        let first = self.town.rng.index(self.cast.people.len());
        for (nth, units) in DUST.into_iter().enumerate() {
            let to = self.cast.people[(first + nth) % self.cast.people.len()].main;
            let payment = Payment { prefer: Prefer::Loot, ..Payment::new(from, to, units, Purpose::LootDust) };
            self.town.pay(&payment).expect("dust is little");
        }
    }

    /// Strangers write to the account that everybody talks of.
    pub(crate) fn appeal(&mut self) {
        const WORDS: [&str; 3] = ["please give it back", "my savings were at that exchange", "you will be found"];
        let from = self.town.rng.index(self.cast.people.len());
        let from = self.cast.people[from].main;
        let words = *self.town.rng.pick(&WORDS);
        let payment = Payment::new(from, self.cast.thief, XEM, Purpose::Appeal);
        self.town.pay(&Payment { message: Some(plain(words)), ..payment });
    }

    /// One sale: the buyer pays elsewhere, fifteen per cent below the market.
    pub(crate) fn sell(&mut self, nth: usize) {
        let Sale { time, buyer, mut units } = self.sales[nth];
        let to = self.cast.buyers[buyer].main;
        while units > 0 {
            let (from, part) = self.seller(units);
            if part == 0 {
                return;
            }
            let payment = Payment {
                prefer: Prefer::Loot,
                price: Some(price(&mut self.town.rng, part, time)),
                as_mosaic: self.town.rng.chance(200),
                ..Payment::new(from, to, part, Purpose::LootSale)
            };
            self.town.pay(&payment).expect("the seller was chosen by what it has");
            self.after_sale(buyer, to);
            units -= part;
        }
    }

    /// An account that can pay `units`, or the one that can pay most of it, and how much it pays.
    fn seller(&mut self, units: u64) -> (Id, u64) {
        let loot = |id: &Id| self.town.control.loot(*id).saturating_sub(KEPT);
        let able: Vec<_> = self.cast.stashes.iter().copied().filter(|id| loot(id) >= units).collect();
        if able.is_empty() {
            let most = self.cast.stashes.iter().copied().max_by_key(loot).expect("nine at least");
            return (most, loot(&most) / XEM * XEM);
        }
        (*self.town.rng.pick(&able), units)
    }

    /// What the buyer will do with the parcel.
    fn after_sale(&mut self, buyer: usize, account: Id) {
        let parcel = u32::try_from(self.town.control.parcels.len() - 1).expect("a story is small");
        let rng = &mut self.town.rng;
        let pieces = if buyer == 0 { 2 } else { u32::try_from(rng.range(1, 5)).expect("five") };
        let hops = self.cast.buyers[buyer].second.is_some() && rng.chance(700);
        let errand = match rng.below(100) {
            0..6 => return,
            6..9 => Errand::Swap { account, parcel },
            _ if hops => Errand::Hop { account, parcel, pieces },
            _ => Errand::PayIn { account, parcel, pieces },
        };
        let wait = u32::try_from(rng.range(u64::from(15 * MINUTE), u64::from(2 * DAY))).expect("two days");
        self.plan.at(self.town.now + wait, Step::Buyer(errand));
    }

    /// The thief pays in at an exchange, as a customer with a false name.
    pub(crate) fn launder(&mut self) {
        let customer = self.cast.false_name;
        let service = self.cast.service_of(customer);
        let units = self.town.rng.range(60, 240) * 1_000 * XEM;
        let (from, units) = self.seller(units);
        let payment = Payment {
            prefer: Prefer::Loot,
            message: Some(plain(&self.cast.customers[customer].id)),
            customer: Some(customer),
            ..Payment::new(from, service.deposit, units, Purpose::LootDeposit)
        };
        self.town.pay(&payment).expect("the seller was chosen by what it has");
    }

    /// The thief swaps loot for bitcoin.
    pub(crate) fn swap_loot(&mut self) {
        let units = self.town.rng.range(900, 2_400) * 1_000 * XEM + self.town.rng.below(1_000) * XEM;
        let (from, units) = self.seller(units);
        self.swap(from, units, Prefer::Loot, Purpose::LootDeposit, 2);
    }
}

fn price(rng: &mut Rng, units: u64, time: u32) -> Price {
    let market = bitcoin_of(units, time);
    let btc = market - market / 100 * rng.range(13, 17);
    if rng.chance(800) { Price { coin: Coin::Btc, units: btc } } else { Price { coin: Coin::Ltc, units: btc * 52 } }
}
