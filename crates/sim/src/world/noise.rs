//! What is no business: data outputs, inscriptions, faucets, airdrops in the form of CoinJoins, and dust
//! sent to strangers in the hope that they join it with their coins.

use coinhound_chains::bitcoin::encode::Tx;

use crate::keys::Style;
use crate::rng::Rng;
use crate::software::Order;
use crate::world::habits::{LIGHT, PHONE_WITNESS, SERVICE};
use crate::world::ledger::{Ledger, Output, Spend};
use crate::world::pay::Payee;
use crate::world::scene::{BTC, Scene};
use crate::world::truth::{Kind, Part, Purpose};

/// What an inscription's coin is worth, in satoshi.
const INSCRIBED: u64 = 10_000;
/// Most bytes of an inscription.
const BODY_MAX: u64 = 1_500;

/// Those who make it.
#[derive(Debug)]
pub(crate) struct Noise {
    faucet: u32,
    duster: u32,
    giver: u32,
}

impl Noise {
    pub(crate) fn new(ledger: &mut Ledger) -> Self {
        let mut open = |kind, name: &str, habits| {
            let party = ledger.join(kind, || name.to_owned());
            ledger.open(party, habits, Part::Hot)
        };
        Self {
            faucet: open(Kind::Faucet, "faucet", PHONE_WITNESS),
            duster: open(Kind::Duster, "duster", LIGHT),
            giver: open(Kind::Faucet, "airdrops", SERVICE),
        }
    }
}

impl Noise {
    /// All their wallets.
    pub(crate) fn wallets(&self) -> [u32; 3] {
        [self.faucet, self.duster, self.giver]
    }
}

impl Scene {
    /// A wave of gifts and dust, where one is due.
    pub(crate) fn noise_block(&mut self) {
        let every = self.profile.noise_every;
        if every == 0 || !self.ledger.height().is_multiple_of(every) {
            return;
        }
        let Noise { faucet, duster, giver } = self.noise;
        for (nth, wallet) in [faucet, duster, giver].into_iter().enumerate() {
            if self.ledger.balance(wallet) < BTC / 20 {
                self.buy(nth, wallet, BTC / 2);
            }
        }
        self.gifts(faucet, (5, 20), Purpose::Faucet, None);
        self.gifts(duster, (20, 80), Purpose::Dust, Some(547));
        self.airdrop(giver);
    }

    /// Tiny outputs to addresses that everybody can see.
    fn gifts(&mut self, from: u32, (least, most): (u64, u64), purpose: Purpose, value: Option<u64>) {
        let count = self.ledger.rng.range(least, most);
        let mut payees = vec![];
        for _ in 0..count {
            let person = self.people.draw(&mut self.ledger.rng);
            let value = value.unwrap_or_else(|| self.ledger.rng.range(1_000, 9_000));
            payees.push(Payee::new(self.ledger.main(self.people.wallet(person)), value));
        }
        self.ledger.pay(from, &payees, purpose);
    }

    /// Equal and standard amounts to new addresses, sorted: one payer, many coins, the form of a round.
    fn airdrop(&mut self, from: u32) {
        let height = self.ledger.height();
        let coins = self.ledger.wallet(from).take_oldest(25, height, |_| true);
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let count = self.ledger.rng.range(10, 30);
        let each = *self.ledger.rng.pick(&[10_000, 50_000, 65_536, 100_000]);
        let fee = self.ledger.fee(from, &coins, usize::try_from(count).expect("tens") + 4);
        let by = self.ledger.party(from);
        if total < count * each + fee + 20_000 {
            return self.ledger.give_back(coins);
        }
        let mut outputs = vec![];
        for _ in 0..count {
            let person = self.people.draw(&mut self.ledger.rng);
            let slot = self.ledger.fresh(self.people.wallet(person));
            outputs.push(Output::pay(by, slot, each));
        }
        // Change in several pieces: what is joined again next time.
        let pieces = 3;
        for _ in 0..pieces {
            let slot = self.ledger.fresh_change(from, None);
            outputs.push(Output::change(by, slot, (total - count * each - fee) / pieces));
        }
        let mut spend = Spend::new(from, Purpose::Airdrop, coins, outputs);
        spend.order = Some(Order::Descending);
        self.ledger.spend(spend);
    }

    /// Writes a few bytes for all to read.
    pub(crate) fn publish(&mut self, who: usize) {
        let wallet = self.people.wallet(who);
        let height = self.ledger.height();
        let coins = self.ledger.wallet(wallet).take_oldest(1, height, |coin| coin.value > 40_000);
        let fee = self.ledger.fee(wallet, &coins, 3);
        let Some(rest) = coins.first().and_then(|coin| coin.value.checked_sub(fee)).filter(|rest| *rest > 2_000) else {
            return self.ledger.give_back(coins);
        };
        let mut data = vec![0; [20, 32, 40, 80][self.ledger.rng.index(4)]];
        self.ledger.rng.fill(&mut data);
        let by = self.ledger.party(wallet);
        let own = self.ledger.wallet(wallet).habits().software.self_change;
        let slot = if own { coins[0].slot } else { self.ledger.fresh_change(wallet, None) };
        let outputs = vec![Output::data(by, data), Output::change(by, slot, rest)];
        self.ledger.spend(Spend::new(wallet, Purpose::Data, coins, outputs));
    }

    /// Pays to a taproot address and spends it in the same block with a witness full of data.
    pub(crate) fn inscribe(&mut self, who: usize) {
        let wallet = self.people.wallet(who);
        let (commit, to) = (self.ledger.fresh_as(wallet, Style::Taproot), self.ledger.receiving(wallet));
        let value = INSCRIBED + self.ledger.rate(wallet) * 600;
        if self.ledger.pay(wallet, &[Payee::new(commit, value)], Purpose::Commit).is_none() {
            return;
        }
        let coins: Vec<_> = self.ledger.wallet(wallet).coins.extract_if(.., |coin| coin.slot == commit).collect();
        let by = self.ledger.party(wallet);
        let mut spend = Spend::new(wallet, Purpose::Reveal, coins, vec![Output::pay(by, to, INSCRIBED)]);
        spend.finish = Some(reveal);
        self.ledger.spend(spend);
    }
}

/// Replaces the key's signature by signature, script with data, and control block (BIP 341).
fn reveal(tx: &mut Tx, rng: &mut Rng) {
    let mut script = vec![32];
    let mut bytes = |len: u64| {
        let mut bytes = vec![0; usize::try_from(len).expect("short")];
        rng.fill(&mut bytes);
        bytes
    };
    script.extend(bytes(32));
    script.extend([0xac, 0, 0x63]); // OP_CHECKSIG, then data that is never run: OP_FALSE OP_IF ... OP_ENDIF
    let (body, key) = (bytes(BODY_MAX), bytes(32));
    for piece in body.chunks(255) {
        crate::keys::push(&mut script, piece);
    }
    script.push(0x68);
    tx.inputs[0].witness.push(script);
    tx.inputs[0].witness.push([vec![0xc0], key].concat());
}
