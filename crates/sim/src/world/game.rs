//! Gambling: bets go to addresses known to all, wins come back to where the bet came from.

use crate::keys::Slot;
use crate::rng::Quantiles;
use crate::world::habits::ONE_ADDRESS;
use crate::world::ledger::Ledger;
use crate::world::pay::Payee;
use crate::world::scene::Scene;
use crate::world::truth::{Kind, Part, Purpose};

const STAKE: Quantiles = Quantiles(&[(0, 5_000), (500, 60_000), (900, 1_000_000), (1000, 40_000_000)]);
/// Addresses of a site, one for each kind of bet.
const ADDRESSES: usize = 6;

/// One site.
#[derive(Debug)]
pub(crate) struct Game {
    pub(crate) wallet: u32,
    addresses: Vec<Slot>,
}

impl Game {
    pub(crate) fn new(ledger: &mut Ledger, nth: u32) -> Self {
        let party = ledger.join(Kind::Game, || format!("game {}", nth + 1));
        let wallet = ledger.open(party, ONE_ADDRESS, Part::Hot);
        let addresses = (0..ADDRESSES).map(|_| ledger.fresh(wallet)).collect();
        Self { wallet, addresses }
    }
}

impl Scene {
    /// A bet, and where it wins and the site has the coins, the answer in the same block.
    pub(crate) fn bet(&mut self, who: usize) {
        let from = self.people.wallet(who);
        let Some(stake) = self.amount(from, STAKE) else { return self.withdraw(who) };
        let nth = self.ledger.rng.index(self.games.len());
        let slot = *self.ledger.rng.pick(&self.games[nth].addresses);
        let Some(sent) = self.ledger.pay(from, &[Payee::new(slot, stake)], Purpose::Bet) else { return };
        let wins = self.ledger.rng.chance(480);
        if wins {
            let won = Payee::new(sent.from, stake * 19 / 10);
            self.ledger.pay(self.games[nth].wallet, &[won], Purpose::BetPayout);
        }
    }
}
