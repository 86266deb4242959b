//! An ordinary day: people pay shops and each other, pay in at exchanges and are paid out, exchanges sweep, shops hand
//! out points, a company pays wages.

use coinhound_chains::nem::tx::{Mosaic, MosaicId};

use crate::nem::body::{self, mosaic_id, plain};
use crate::nem::coincheck::Stage;
use crate::nem::coincheck::cast::{Person, Service};
use crate::nem::coincheck::control::Prefer;
use crate::nem::coincheck::plan::{DEPOSITS_STOP, THEFT, WITHDRAWALS_STOP, XEM};
use crate::nem::coincheck::setup::{MILES, TOKENS};
use crate::nem::coincheck::town::{Id, Payment};
use crate::nem::coincheck::truth::Purpose;
use crate::rng::Quantiles;

/// What people pay, in thousandths of a XEM.
const PAYMENT: Quantiles =
    Quantiles(&[(0, 1_000), (300, 20_000), (700, 300_000), (950, 5_000_000), (1000, 60_000_000)]);
/// What customers move in and out of exchanges, in thousandths of a XEM.
const TRANSFER: Quantiles = Quantiles(&[(0, 100_000), (500, 4_000_000), (900, 40_000_000), (1000, 300_000_000)]);
/// From so much on an exchange collects what was paid in, in millionths of a XEM.
const SWEPT_MIN: u64 = 20_000 * XEM;
/// Blocks between two looks at a deposit account.
const SWEEP_EVERY: u64 = 11;

/// What strangers write. A chain's text is anybody's: some of it is meant for whoever opens a table or a page.
const WORDS: [&str; 12] = [
    "thanks",
    "lunch",
    "order 4711",
    "\u{540d}\u{53e4}\u{5c4b}\u{307e}\u{3067}",
    "=HYPERLINK(\"http://example.invalid\",\"refund\")",
    "<script>alert(1)</script>",
    "\u{202e}txt.exe",
    "a\tb\r\nc",
    "\u{1b}[31mred\u{1b}[0m",
    "%s%n",
    "' OR 1=1 --",
    "long words are what this is about, and they go on for more than sixty-four bytes in all",
];

impl Stage {
    /// What ordinary people do until `timestamp`.
    pub(crate) fn ordinary(&mut self, timestamp: u32) {
        let from = self.town.now;
        let most = self.size.ordinary_per_block();
        let count = self.town.rng.below(most + 1);
        for nth in 1..=count {
            let span = u64::from(timestamp - from) * nth / (count + 1);
            self.town.now = from + u32::try_from(span).expect("within the span");
            self.someone_acts();
        }
        self.town.now = timestamp;
        for service in self.cast.exchanges.into_iter().chain([self.cast.swap]) {
            if (self.town.writer.next_height() + u64::from(service.owner)).is_multiple_of(SWEEP_EVERY) {
                self.sweep(service);
            }
        }
    }

    fn someone_acts(&mut self) {
        match self.town.rng.below(100) {
            0..26 => self.pay_shop(),
            26..42 => self.pay_person(),
            42..62 => self.pay_in_somewhere(),
            62..80 => self.withdraw(),
            80..86 => self.restock(),
            86..93 => self.hand_out_points(),
            93..96 => self.pay_wages(),
            _ => self.swap_savings(),
        }
    }

    /// Most often somebody who has nothing to do with the theft; sometimes one of the buyers.
    fn someone(&mut self) -> Person {
        let rng = &mut self.town.rng;
        let from = if rng.chance(850) { &self.cast.people } else { &self.cast.buyers };
        rng.pick(from).clone()
    }

    /// An amount that leaves the payer's own savings half of what they are: nobody spends loot by accident.
    fn affordable(&mut self, from: Id, quantiles: Quantiles) -> Option<u64> {
        let own = self.town.xem(from) - self.town.control.loot(from);
        let wanted = self.town.rng.draw(quantiles) * 1_000;
        let units = wanted.min(own / 2);
        (units > XEM).then_some(units)
    }

    fn words(&mut self) -> Option<coinhound_chains::nem::tx::Message> {
        match self.town.rng.below(20) {
            0..6 => Some(plain(*self.town.rng.pick(&WORDS))),
            // Bytes that are no text, behind the mark by which wallets tell them.
            6 => Some(plain([0xfe, 0x00, 0xff, 0xc3, 0x28])),
            _ => None,
        }
    }

    fn pay_shop(&mut self) {
        let to = *self.town.rng.pick(&self.cast.merchants);
        self.pay_ordinary(to);
    }

    fn pay_person(&mut self) {
        let to = self.someone();
        let to = if self.town.rng.chance(200) { to.second.unwrap_or(to.main) } else { to.main };
        self.pay_ordinary(to);
    }

    fn pay_ordinary(&mut self, to: Id) {
        let person = self.someone();
        // A person who has two accounts uses both.
        let from = if self.town.rng.chance(300) { person.second.unwrap_or(person.main) } else { person.main };
        let Some(units) = self.affordable(from, PAYMENT) else { return };
        if from == to {
            return;
        }
        let (message, as_mosaic) = (self.words(), self.town.rng.chance(80));
        self.town.pay(&Payment { message, as_mosaic, ..Payment::new(from, to, units, Purpose::Payment) });
    }

    fn pay_in_somewhere(&mut self) {
        let person = self.someone();
        let customer = *self.town.rng.pick(&person.customers);
        let robbed = self.cast.service_of(customer).owner == self.cast.victim.owner;
        if robbed && self.town.now >= DEPOSITS_STOP {
            return;
        }
        let Some(units) = self.affordable(person.main, TRANSFER) else { return };
        self.deposit(person.main, customer, units, Prefer::Clean, Purpose::Deposit);
    }

    fn withdraw(&mut self) {
        let person = self.someone();
        let robbed = self.town.now < WITHDRAWALS_STOP && self.town.rng.chance(250);
        let service = if robbed { self.cast.victim } else { *self.town.rng.pick(&self.cast.exchanges) };
        let units = self.town.rng.draw(TRANSFER) * 1_000;
        if self.town.xem(service.hot) < units + self.reserve(service) {
            return;
        }
        self.town.pay(&Payment::new(service.hot, person.main, units, Purpose::Withdrawal));
    }

    /// What the robbed exchange does not pay out before it is stolen: the amounts of the theft are facts.
    fn reserve(&self, service: Service) -> u64 {
        let to_come = THEFT.iter().filter(|(time, _)| *time >= self.town.now).map(|(_, units)| units).sum::<u64>();
        if service.owner == self.cast.victim.owner { to_come + 100 * XEM } else { 1_000 * XEM }
    }

    /// What was paid in goes to the exchange's own account.
    fn sweep(&mut self, service: Service) {
        let held = self.town.xem(service.deposit);
        if held >= SWEPT_MIN {
            let payment = Payment::new(service.deposit, service.hot, held - 2 * XEM, Purpose::Sweep);
            self.town.pay(&payment).expect("two XEM pay any fee");
        }
    }

    /// Points go from a shop to people, between people and back, now and then with XEM in the same transfer.
    fn hand_out_points(&mut self) {
        let (shop, text) = *self.town.rng.pick(&[(2, MILES), (1, TOKENS)]);
        let (id, shop) = (mosaic_id(text), self.cast.merchants[shop]);
        let (someone, other) = (self.someone().main, self.someone().main);
        let held = self.town.ledger.balance(&self.town.address(someone), &id);
        let (from, to) = match self.town.rng.below(3) {
            0 if held > 400 => (someone, shop),
            1 if held > 400 && someone != other => (someone, other),
            _ => (shop, someone),
        };
        if self.town.rng.chance(250) {
            return self.points_with_xem(from, to, id);
        }
        let quantity = self.town.rng.range(1, 300);
        let mosaics = vec![Mosaic { id, quantity }];
        let body = body::transfer_of_mosaics(self.town.address(to), 1_000_000, None, mosaics);
        self.town.ask(from, Some(to), body, Purpose::Points);
    }

    /// Two mosaics in one transfer, at a factor of two. The XEM in it are the payer's own.
    fn points_with_xem(&mut self, from: Id, to: Id, id: MosaicId) {
        if self.town.control.loot(from) > 0 {
            return;
        }
        let xem = Mosaic { id: mosaic_id("nem:xem"), quantity: self.town.rng.range(1, 40) * XEM };
        let mosaics = vec![xem, Mosaic { id, quantity: self.town.rng.range(1, 150) }];
        let body = body::transfer_of_mosaics(self.town.address(to), 2_000_000, None, mosaics);
        self.town.ask(from, Some(to), body, Purpose::Points);
    }

    /// The company's account pays; three keys can sign for it, two do.
    fn pay_wages(&mut self) {
        let to = self.someone().main;
        let units = self.town.rng.range(800, 9_000) * XEM;
        let payment = Payment::new(self.cast.company, to, units, Purpose::Payment);
        self.town.pay(&Payment { message: Some(plain("wages")), ..payment });
    }

    fn swap_savings(&mut self) {
        let person = self.someone();
        let Some(units) = self.affordable(person.main, TRANSFER) else { return };
        self.swap(person.main, units, Prefer::Clean, Purpose::Deposit, 0);
    }
}
