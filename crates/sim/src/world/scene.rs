//! The stage: all agents and the ledger they act on, and what happens in one block.

use crate::rng::Quantiles;
use crate::world::era::Customs;
use crate::world::exchange::Exchange;
use crate::world::game::Game;
use crate::world::joins::Joins;
use crate::world::ledger::Ledger;
use crate::world::mixer::Mixer;
use crate::world::noise::Noise;
use crate::world::people::People;
use crate::world::pool::Pool;
use crate::world::profile::{Act, Profile};
use crate::world::shop::Shop;
use crate::world::swap::Swap;
use crate::world::theft::Thefts;

/// One bitcoin in satoshi.
pub(crate) const BTC: u64 = 100_000_000;

/// What is paid for goods and favours, in satoshi: the body of mainnet's outputs, with a heavy tail.
pub(crate) const PAYMENT: Quantiles = Quantiles(&[
    (0, 2_000),
    (50, 9_000),
    (250, 60_000),
    (500, 220_000),
    (750, 1_200_000),
    (900, 9_000_000),
    (970, 60_000_000),
    (1000, 500_000_000),
]);
/// What moves between customers and services, in satoshi.
pub(crate) const TRANSFER: Quantiles =
    Quantiles(&[(0, 20_000), (100, 50_000), (500, 220_000), (800, 1_300_000), (950, 18_000_000), (1000, 600_000_000)]);
/// A service's wallet with more coins than this is tidied, so many at a time.
const SERVICE_COINS_MAX: usize = 500;

/// Everybody.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) ledger: Ledger,
    pub(crate) profile: Profile,
    /// What the block in the making claims, seconds since 1970.
    pub(crate) time: u32,
    pub(crate) people: People,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) shops: Vec<Shop>,
    pub(crate) pools: Vec<Pool>,
    pub(crate) games: Vec<Game>,
    pub(crate) mixer: Mixer,
    pub(crate) swap: Swap,
    pub(crate) joins: Joins,
    pub(crate) noise: Noise,
    pub(crate) thefts: Thefts,
}

impl Scene {
    /// Sets the stage for a profile.
    pub(crate) fn new(profile: Profile, mut ledger: Ledger) -> Self {
        let customs = profile.era.customs();
        let pools = (0..profile.pools.max(1)).map(|nth| Pool::new(&mut ledger, customs, nth)).collect();
        let exchanges: Vec<_> =
            (0..profile.exchanges.max(1)).map(|nth| Exchange::new(&mut ledger, customs, nth, &profile)).collect();
        let shops = (0..profile.shops.max(1)).map(|nth| Shop::new(&mut ledger, customs, nth)).collect();
        let games = (0..profile.games.max(1)).map(|nth| Game::new(&mut ledger, nth)).collect();
        let mixer = Mixer::new(&mut ledger, customs);
        let swap = Swap::new(&mut ledger, customs);
        let joins = Joins::new(&mut ledger);
        let noise = Noise::new(&mut ledger);
        let thefts = Thefts::new(&profile);
        let people = People::new(&mut ledger, &profile);
        let time = profile.begin;
        Self { ledger, profile, time, people, exchanges, shops, pools, games, mixer, swap, joins, noise, thefts }
    }

    pub(crate) fn customs(&self) -> &'static Customs {
        self.profile.era.customs()
    }

    /// Everything that happens until the next block is found.
    pub(crate) fn block(&mut self) {
        if self.ledger.height() <= crate::regtest::MATURITY {
            return; // nothing can be spent yet
        }
        self.services_work();
        self.common_rounds();
        self.steal();
        let txs = u64::from(self.profile.txs_per_block);
        let count = self.ledger.rng.range(txs / 2, txs * 3 / 2);
        for _ in 0..count {
            if self.ledger.is_full() {
                break;
            }
            self.act();
        }
    }

    fn services_work(&mut self) {
        for nth in 0..self.pools.len() {
            self.pool_pays(nth);
        }
        for exchange in &mut self.exchanges {
            exchange.work(&mut self.ledger);
        }
        for nth in 0..self.shops.len() {
            self.shop_cashes_out(nth);
        }
        self.mixer.work(&mut self.ledger);
        self.noise_block();
        self.tidy_services();
    }

    /// Wallets that run by themselves join their smallest coins, or they would never see them again.
    fn tidy_services(&mut self) {
        let exchanges = self.exchanges.iter().map(|exchange| exchange.hot);
        let others = self.games.iter().map(|game| game.wallet).chain([self.mixer.wallet, self.swap.wallet]);
        let wallets: Vec<_> = exchanges.chain(others).chain(self.noise.wallets()).collect();
        for wallet in wallets {
            if self.ledger.wallet(wallet).coins.len() > SERVICE_COINS_MAX && !self.ledger.is_full() {
                self.join_smallest(wallet, SERVICE_COINS_MAX / 2);
            }
        }
    }

    fn act(&mut self) {
        let acts = self.profile.acts;
        let act = acts[self.ledger.rng.by_share(acts)].0;
        let who = self.people.draw(&mut self.ledger.rng);
        match act {
            Act::Shop => self.visit_shop(who),
            Act::Friend => self.pay_friend(who),
            Act::Whole => self.pay_whole(who),
            Act::SelfMove => self.self_move(who),
            Act::Tidy => self.tidy(who),
            Act::Deposit => self.deposit(who),
            Act::Withdraw => self.withdraw(who),
            Act::Bet => self.bet(who),
            Act::Mix => self.mix(who),
            Act::SwapIn => self.swap_in(who),
            Act::SwapOut => self.swap_out(who),
            Act::Data => self.publish(who),
            Act::Inscribe => self.inscribe(who),
            Act::Trade => self.trade(who),
            Act::PayJoin => self.pay_join(who),
            Act::Stonewall => self.stonewall(who),
            Act::Migrate => self.migrate(who),
        }
    }
}
