//! An ordinary day: people pay shops and each other, pay in at exchanges, exchanges sweep and pay
//! out, pools pay their members.

use std::ops::Range;

use crate::keys::{Slot, Style};
use crate::rng::Quantiles;
use crate::software::{Order, Software};
use crate::theft::town::{Coin, DEPOSITS, Town};
use crate::theft::truth::{Purpose, Role};

/// One bitcoin in satoshi.
pub(crate) const BTC: u64 = 100_000_000;

/// What people pay, in satoshi.
const PAYMENT: Quantiles =
    Quantiles(&[(0, 20_000), (200, 150_000), (500, 900_000), (800, 8_000_000), (950, 60_000_000), (1000, 300_000_000)]);
/// What customers move in and out of exchanges, in satoshi.
const TRANSFER: Quantiles = Quantiles(&[(0, 2_000_000), (500, 40_000_000), (900, 250_000_000), (1000, 900_000_000)]);
/// Blocks between two collections of deposits.
const SWEEP_EVERY: u32 = 9;
/// Blocks between two rounds of withdrawals.
const WITHDRAW_EVERY: u32 = 4;

/// Who is who, by number.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    pub(crate) miners: [u32; 2],
    pub(crate) victim: u32,
    pub(crate) exchange: u32,
    pub(crate) broker: u32,
    pub(crate) coordinator: u32,
    pub(crate) thief: u32,
    pub(crate) merchants: Range<u32>,
    pub(crate) makers: Range<u32>,
    pub(crate) people: Range<u32>,
}

impl Cast {
    /// Fills an empty town. The names are fictional.
    pub(crate) fn new(town: &mut Town, people: u32) -> Self {
        let miners = [
            town.join("Quarry Pool", Role::Miner, Style::PubKey),
            town.join("Basalt Pool", Role::Miner, Style::PubKeyHash),
        ];
        let victim = town.join("Minato Exchange", Role::Victim, Style::PubKeyHash);
        let exchange = town.join("Northgate Exchange", Role::Exchange, Style::NestedMultisig);
        let broker = town.join("Silverbrook OTC", Role::Broker, Style::Multisig);
        let coordinator = town.join("Eddy Mixing", Role::Coordinator, Style::Witness);
        let thief = town.join("thief", Role::Thief, Style::Witness);
        let shops = ["Larch Street Market", "Tamarind Books", "Copperfield Hosting", "Halyard Travel"];
        let merchants = Self::crowd(town, 4, |nth| {
            (shops[nth as usize].to_owned(), Role::Merchant, [Style::Nested, Style::Witness][nth as usize % 2])
        });
        let makers = Self::crowd(town, 9, |nth| (format!("maker {}", nth + 1), Role::Maker, Style::Witness));
        let styles = [Style::PubKeyHash, Style::Nested, Style::Witness, Style::Witness, Style::Taproot, Style::Nested];
        let people = Self::crowd(town, people, |nth| {
            let style = if nth % 40 == 7 { Style::WitnessMultisig } else { styles[nth as usize % styles.len()] };
            (format!("person {}", nth + 1), Role::Person, style)
        });
        let cast = Self { miners, victim, exchange, broker, coordinator, thief, merchants, makers, people };
        cast.habits(town);
        cast
    }

    fn crowd(town: &mut Town, count: u32, person: impl Fn(u32) -> (String, Role, Style)) -> Range<u32> {
        let first = u32::try_from(town.wallets.len()).expect("a town is small");
        for nth in 0..count {
            let (name, role, style) = person(nth);
            town.join(name, role, style);
        }
        first..first + count
    }

    /// What the story needs of its leads: the victim keeps everything on one hot address, and thief and
    /// makers use software whose change goes to new addresses.
    fn habits(&self, town: &mut Town) {
        let modern = Software {
            version: 2,
            replaceable: false,
            lock_to_tip: true,
            low_r: true,
            order: Order::Kept,
            self_change: false,
        };
        town.wallet(self.victim).software =
            Software { version: 1, self_change: true, lock_to_tip: false, low_r: false, ..modern };
        town.wallet(self.exchange).software = Software { replaceable: true, lock_to_tip: false, ..modern };
        for number in std::iter::once(self.thief).chain(self.makers.clone()) {
            town.wallet(number).software = modern;
        }
    }

    /// Where customer `who` pays in at `service`: a few addresses each, used again and again.
    pub(crate) fn deposit_slot(&self, town: &mut Town, service: u32, who: u32) -> Slot {
        let nth = u32::try_from(town.rng.below(10)).expect("below ten") / 8;
        town.slot(service, DEPOSITS + who * 10 + nth)
    }
}

/// One block's worth of ordinary transactions.
pub(crate) fn ordinary_block(town: &mut Town, cast: &Cast, victim_open: bool) {
    for miner in cast.miners {
        pool_payout(town, cast, miner, victim_open);
    }
    let height = town.height();
    let open = [Some(cast.exchange), victim_open.then_some(cast.victim)];
    for service in open.into_iter().flatten() {
        if (height + service).is_multiple_of(SWEEP_EVERY) {
            sweep(town, service);
        }
        if (height + service).is_multiple_of(WITHDRAW_EVERY) {
            withdrawals(town, cast, service);
        }
    }
    for _ in 0..town.rng.range(4, 10) {
        someone_acts(town, cast, victim_open);
    }
}

/// Pools spend each matured coinbase at once: to members, and the rest to an exchange.
fn pool_payout(town: &mut Town, cast: &Cast, miner: u32, victim_open: bool) {
    let coins = town.take_oldest(miner, 3, |coin| coin.coinbase);
    if coins.is_empty() {
        return;
    }
    let total: u64 = coins.iter().map(|coin| coin.value).sum();
    let mut outputs = vec![];
    let members = town.rng.range(4, 12);
    for _ in 0..members {
        let member = one_of(town, &cast.people);
        outputs.push((town.slot(member, 0), town.rng.range(total / 200, total / 2 / members)));
    }
    let market = if victim_open && town.rng.chance(600) { cast.victim } else { cast.exchange };
    outputs.push((cast.deposit_slot(town, market, miner), total / 5 * 2));
    let outputs = outputs.into_iter().map(|(slot, value)| (slot.into(), value)).collect();
    town.spend_with_change(miner, coins, outputs, Purpose::Payout);
}

fn someone_acts(town: &mut Town, cast: &Cast, victim_open: bool) {
    let who = one_of(town, &cast.people);
    match town.rng.below(100) {
        0..40 => pay(town, who, cast.merchants.clone(), Purpose::Payment),
        40..62 => pay(town, who, cast.people.clone(), Purpose::Payment),
        62..84 => deposit(town, cast, who, victim_open),
        84..92 => join_coins(town, who),
        _ => {
            let merchant = one_of(town, &cast.merchants);
            deposit(town, cast, merchant, false);
        }
    }
}

fn pay(town: &mut Town, from: u32, to: Range<u32>, purpose: Purpose) {
    let payee = one_of(town, &to);
    let value = town.rng.draw(PAYMENT).min(town.balance(from) / 2);
    if payee == from || value < 10_000 {
        return;
    }
    // Half of all payments reuse the payee's main address.
    let slot = if town.rng.chance(500) { town.slot(payee, 0) } else { town.fresh(payee) };
    town.send(from, &[(slot, value)], purpose);
}

fn deposit(town: &mut Town, cast: &Cast, from: u32, victim_open: bool) {
    let service = if victim_open && town.rng.chance(500) { cast.victim } else { cast.exchange };
    let value = town.rng.draw(TRANSFER).min(town.balance(from) / 2);
    if value < 100_000 {
        return;
    }
    let slot = cast.deposit_slot(town, service, from);
    town.send(from, &[(slot, value)], Purpose::Deposit);
}

/// A tidy person joins the small coins of a month.
fn join_coins(town: &mut Town, who: u32) {
    let coins = town.take_oldest(who, 12, |_| true);
    if coins.len() < 3 {
        return town.wallet(who).coins.extend(coins);
    }
    town.spend_with_change(who, coins, vec![], Purpose::Consolidation);
}

/// Collects what lies on deposit addresses to the main address.
pub(crate) fn sweep(town: &mut Town, service: u32) {
    let deposited = |coin: &Coin| coin.slot.index >= DEPOSITS;
    let mut coins = town.take_oldest(service, 80, deposited);
    if coins.len() < 2 {
        return town.wallet(service).coins.extend(coins);
    }
    // Now and then a coin of the main address goes along: what ties the two together on the chain.
    coins.extend(town.take_oldest(service, 1, |coin| !deposited(coin) && coin.value < BTC));
    let total: u64 = coins.iter().map(|coin| coin.value).sum();
    let fee = town.fee(coins.len(), 1).min(total / 10);
    let main = town.slot(service, 0);
    town.spend(service, coins, vec![(main.into(), total - fee)], Purpose::Sweep);
}

fn withdrawals(town: &mut Town, cast: &Cast, service: u32) {
    let available = town.balance(service) / 20;
    let mut payees = vec![];
    for _ in 0..town.rng.range(3, 14) {
        let who = one_of(town, &cast.people);
        let slot = if town.rng.chance(500) { town.slot(who, 0) } else { town.fresh(who) };
        payees.push((slot, town.rng.draw(TRANSFER)));
    }
    payees.retain(|(_, value)| *value < available);
    if !payees.is_empty() {
        town.send(service, &payees, Purpose::Withdrawal);
    }
}

/// One number of a range.
pub(crate) fn one_of(town: &mut Town, range: &Range<u32>) -> u32 {
    let width = u64::from(range.end - range.start);
    range.start + u32::try_from(town.rng.below(width)).expect("below a u32")
}
