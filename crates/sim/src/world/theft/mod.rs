//! Thefts: each a script with numbers in it, named after the documented case it follows.
//!
//! A thief empties a wallet of an exchange ([`Drain`]), splits the loot, and sends each share down a
//! road of its own ([`Leg`]), with or without the tricks in [`Knobs`].

mod drain;
mod legs;
mod plans;
mod roads;

use std::collections::BTreeMap;

use crate::keys::Slot;
use crate::software::Order;
use crate::world::habits::{EVADER, LIGHT_LEGACY, NODE};
use crate::world::ledger::{Ledger, Note, Output, Sent, Spend};
use crate::world::pay::Payee;
use crate::world::profile::Profile;
use crate::world::scene::Scene;
use crate::world::truth::{Kind, Part, Purpose, TheftRow};
use crate::world::wallet::Coin;

pub(crate) use crate::world::theft::plans::{HEIST_2018, HOSTILE, QUIET, TOWN};

/// How a wallet is emptied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drain {
    /// Whether a tiny payment tries the key first.
    pub tests: bool,
    /// Whether the reserve is robbed, and not the working wallet.
    pub cold: bool,
    /// What is taken of what lies there, in thousandths.
    pub share: u64,
    /// Transfers: blocks after the first, and thousandths of the loot.
    pub transfers: &'static [(u32, u64)],
    /// Blocks until the victim notices and closes for a day.
    pub noticed_after: u32,
}

/// What becomes of one share of the loot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leg {
    /// It stays where it is.
    Rest,
    /// It stays for so many blocks, then moves on once and goes to exchanges.
    Dormant(u32),
    /// A peel chain: so many hops, at most so many blocks apart, the peels to exchanges.
    Peel {
        /// Hops.
        hops: u32,
        /// Blocks between two, at most.
        gap: u32,
    },
    /// A tree of ever smaller coins, whose leaves go anywhere.
    FanOut {
        /// Outputs of the first transaction.
        first: u64,
        /// Outputs of each of the second.
        then: u64,
    },
    /// Deposits at the custodial mixer, each a little below this many satoshi, one after the other.
    Mixer(u64),
    /// CoinJoins with makers, so many.
    JoinMarket(u32),
    /// Rounds of equal outputs, so many.
    Wasabi(u32),
    /// A pool, by number.
    Whirlpool(usize),
    /// Sold at a discount to strangers, so many.
    Sale(u32),
    /// To so many mules, who pay it in under their names.
    Mules(u32),
    /// To a broker outside of the order books.
    Broker,
    /// To the swap service in pieces.
    Swap,
}

/// Tricks against those who follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Knobs {
    /// Inputs and outputs in random order, against first in, first out.
    pub shuffled: bool,
    /// Change of the payee's type.
    pub same_type: bool,
    /// Change is a round amount, the payment is not.
    pub fake_change: bool,
    /// Crumbs of loot to strangers.
    pub dust: bool,
    /// Splits in the form of CoinJoins.
    pub decoys: bool,
    /// Of loot and other coins in one payment, loot is said to go first.
    pub loot_first: bool,
}

/// One theft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Name of the script.
    pub name: &'static str,
    /// Height of its first block.
    pub start: u32,
    /// The robbed exchange, by number.
    pub victim: usize,
    /// How it begins.
    pub drain: Drain,
    /// Blocks until the loot is split.
    pub split_after: u32,
    /// Shares of the loot, in thousandths; the last leg takes what is left.
    pub legs: &'static [(Leg, u64)],
    /// Tricks.
    pub knobs: Knobs,
}

/// Something a thief or a carrier does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Test,
    Transfer(usize),
    Split,
    Peel { wallet: u32, hops: u32, gap: u32 },
    Fan { wallet: u32, then: u64 },
    Trickle { wallet: u32 },
    MixerDeposit { wallet: u32, clean: u32, unit: u64 },
    Take { wallet: u32, rounds: u32 },
    JoinRound { wallet: u32, rounds: u32 },
    Enter { wallet: u32, pool: usize },
    Sell { wallet: u32, buyers: u32 },
    PayMules { wallet: u32, count: u32 },
    CashOut { wallet: u32, customer: u32 },
    PayBroker { wallet: u32 },
    PaySwap { wallet: u32 },
    Wake { wallet: u32 },
}

/// One theft under way.
#[derive(Clone, Debug)]
struct Theft {
    plan: Plan,
    number: u32,
    thief: u32,
    /// The wallet that the stolen coins arrive in.
    main: u32,
    /// Mules and their wallets.
    mules: Vec<(u32, u32)>,
    /// What will be stolen, in satoshi; known when the first transfer is made.
    loot: u64,
    agenda: BTreeMap<(u32, u32), Step>,
    planned: u32,
    /// The last deposit address at each exchange, for the thief's own account.
    accounts: BTreeMap<(usize, u32), Slot>,
    /// Where the pieces of a wallet that fans out go.
    fans: BTreeMap<u32, u32>,
}

/// All thefts, to come and under way.
#[derive(Debug)]
pub(crate) struct Thefts {
    plans: Vec<Plan>,
    under_way: Vec<Theft>,
    broker: Option<(u32, u32)>,
}

impl Thefts {
    pub(crate) fn new(profile: &Profile) -> Self {
        Self { plans: profile.thefts.to_vec(), under_way: vec![], broker: None }
    }
}

impl Theft {
    /// Plans a step so many blocks from now.
    fn after(&mut self, ledger: &Ledger, blocks: u32, step: Step) {
        self.planned += 1;
        self.agenda.insert((ledger.height() + blocks, self.planned), step);
    }

    fn next_due(&mut self, height: u32) -> Option<Step> {
        let first = self.agenda.first_entry().filter(|entry| entry.key().0 <= height)?;
        Some(first.remove())
    }

    /// A new wallet of the thief.
    fn wallet(&self, ledger: &mut Ledger) -> u32 {
        let habits = ledger.wallet(self.main).habits;
        ledger.open(self.thief, habits, Part::Loot)
    }
}

impl Scene {
    /// Everything that thieves do in this block.
    pub(crate) fn steal(&mut self) {
        let height = self.ledger.height();
        while let Some(at) = self.thefts.plans.iter().position(|plan| plan.start <= height) {
            let plan = self.thefts.plans.remove(at);
            self.begin(plan);
        }
        let mut under_way = std::mem::take(&mut self.thefts.under_way);
        for theft in &mut under_way {
            while !self.ledger.is_full()
                && let Some(step) = theft.next_due(height)
            {
                self.perform(theft, step);
            }
        }
        self.thefts.under_way = under_way;
        self.broker_sells();
    }

    fn begin(&mut self, plan: Plan) {
        let ledger = &mut self.ledger;
        let number = plan.name;
        let thief = ledger.join(Kind::Thief, || format!("thief of {number}"));
        let habits = match (plan.knobs.same_type, self.profile.era) {
            (true, _) => EVADER,
            (false, crate::world::Era::Y2018) => LIGHT_LEGACY,
            (false, crate::world::Era::Y2022) => NODE,
        };
        let main = ledger.open(thief, habits, Part::Loot);
        let count = plan.legs.iter().map(|(leg, _)| if let Leg::Mules(count) = leg { *count } else { 0 }).sum();
        let mules: Vec<_> = (0..count)
            .map(|nth| {
                let mule = ledger.join(Kind::Mule, || format!("mule {} of {}", nth + 1, plan.name));
                let people = self.profile.era.customs().people;
                let habits = people[ledger.rng.by_share(people)].0;
                (mule, ledger.open(mule, habits, Part::Receive))
            })
            .collect();
        let carriers: Vec<_> = std::iter::once(thief).chain(mules.iter().map(|(mule, _)| *mule)).collect();
        let number = ledger.books.open(&carriers, plan.knobs.loot_first);
        let (agenda, accounts, fans) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut theft = Theft { plan, number, thief, main, mules, loot: 0, agenda, planned: 0, accounts, fans };
        theft.schedule(ledger);
        let (height, victim) = (ledger.height(), self.exchange(plan.victim).party);
        self.ledger.page.thefts.push(TheftRow { theft: number, script: plan.name, height, victim, carriers });
        self.thefts.under_way.push(theft);
    }

    fn perform(&mut self, theft: &mut Theft, step: Step) {
        match step {
            Step::Test => self.theft_test(theft),
            Step::Transfer(nth) => self.theft_transfer(theft, nth),
            Step::Split => self.split(theft),
            Step::Peel { wallet, hops, gap } => self.peel(theft, wallet, hops, gap),
            Step::Fan { wallet, then } => self.fan(theft, wallet, then),
            Step::Trickle { wallet } => self.trickle(theft, wallet),
            Step::MixerDeposit { wallet, clean, unit } => self.mixer_deposit(theft, wallet, clean, unit),
            Step::Take { wallet, rounds } => self.take_part(theft, wallet, rounds),
            Step::JoinRound { wallet, rounds } => self.join_round(theft, wallet, rounds),
            Step::Enter { wallet, pool } => {
                self.enter_whirlpool(pool, wallet, true);
            }
            Step::Sell { wallet, buyers } => self.sell(theft, wallet, buyers),
            Step::PayMules { wallet, count } => self.pay_mules(theft, wallet, count),
            Step::CashOut { wallet, customer } => self.cash_out(theft, wallet, customer),
            Step::PayBroker { wallet } => self.pay_broker(theft, wallet),
            Step::PaySwap { wallet } => self.pay_swap(theft, wallet),
            Step::Wake { wallet } => self.wake(theft, wallet),
        }
    }

    /// An address of a customer at some exchange that is open: the one used before, or half the time a new one.
    fn account(&mut self, theft: &mut Theft, customer: u32) -> Option<(Slot, Note)> {
        let count = self.exchanges.len();
        let home = (self.ledger.rng.index(count) + usize::from(count > 1)) % count;
        let robbed = theft.plan.victim % count;
        let home = if home == robbed { (home + 1) % count } else { home };
        if self.exchanges[home].closed_until > self.ledger.height() {
            return None;
        }
        let note = Note { service: self.exchanges[home].party, customer, withdrawal: false };
        let known = theft.accounts.get(&(home, customer)).copied().filter(|_| self.ledger.rng.chance(500));
        let slot = known.unwrap_or_else(|| self.ledger.fresh(self.exchanges[home].deposits));
        theft.accounts.insert((home, customer), slot);
        Some((slot, note))
    }

    /// What an exchange's market gains when loot is sold there.
    fn sold_at(&mut self, service: u32, value: u64) {
        if let Some(exchange) = self.exchanges.iter_mut().find(|exchange| exchange.party == service) {
            exchange.credit(value, value);
        }
    }

    /// Pays one payee out of these coins with the theft's tricks; change goes to a new address of the wallet.
    fn pay_loot(
        &mut self,
        theft: &Theft,
        wallet: u32,
        coins: Vec<Coin>,
        payee: Payee,
        purpose: Purpose,
    ) -> Option<Sent> {
        let knobs = theft.plan.knobs;
        let by = self.ledger.party(wallet);
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let fee = self.ledger.fee(wallet, &coins, 3);
        let crumb = if knobs.dust && self.ledger.rng.chance(200) { 700 } else { 0 };
        let Some(rest) = total.checked_sub(payee.value + fee + crumb).filter(|_| payee.value > 1_000) else {
            self.ledger.give_back(coins);
            return None;
        };
        let mut outputs = vec![Output { note: payee.note, ..Output::pay(by, payee.slot, payee.value) }];
        let unit = if knobs.fake_change { 100_000 } else { 1 };
        // What rounding takes from the change goes to the payee: the odd amount looks like the change.
        let change = rest / unit * unit;
        outputs[0].value += rest - change;
        if change > 2_000 {
            let slot = match knobs.same_type {
                true => self.ledger.fresh_as(wallet, payee.slot.style),
                false => self.ledger.fresh(wallet),
            };
            outputs.push(Output::change(by, slot, change));
        }
        if crumb > 0 {
            let stranger = self.people.draw(&mut self.ledger.rng);
            let slot = self.ledger.main(self.people.wallet(stranger));
            outputs.push(Output::pay(by, slot, crumb));
        }
        let mut spend = Spend::new(wallet, purpose, coins, outputs);
        spend.order = Some(if knobs.shuffled { Order::Shuffled } else { Order::Kept });
        Some(self.ledger.spend(spend))
    }
}
