//! Wasabi 1 (ZeroLink): a coordinator, one denomination of about a tenth of a bitcoin, and twice, four
//! times and so on of it for those who have more; change comes back in the same transaction.

use crate::keys::Style;
use crate::software::Order;
use crate::world::joins::{Round, worth};
use crate::world::ledger::{DUST, Output, Spend};
use crate::world::people::Club;
use crate::world::scene::{BTC, Scene};
use crate::world::truth::Purpose;
use crate::world::wallet::Coin;

/// Most coins that one party registers.
const COINS_MAX: usize = 7;
/// Highest power of two of the denomination.
const LEVELS: u32 = 6;
/// The coordinator's share of each equal output for every other one, in hundred-thousandths.
const SHARE: u64 = 3;

/// One party of a round.
struct Alice {
    wallet: u32,
    coins: Vec<Coin>,
    /// Not yet asked back, in satoshi.
    left: u64,
    outputs: u64,
}

impl Scene {
    /// One round, if enough parties have the denomination.
    pub(super) fn wasabi1_round(&mut self) {
        let (least, most) = self.profile.joins.wasabi1_parties;
        let wanted = usize::try_from(self.ledger.rng.range(least, most)).expect("tens");
        let denomination = BTC / 10 + self.ledger.rng.below(700_000) - 300_000;
        let mut parties = self.alices(denomination, wanted);
        if (parties.len() as u64) < least {
            return parties.into_iter().for_each(|alice| self.ledger.give_back(alice.coins));
        }
        let mut round = Round::default();
        let rate = self.ledger.rate(self.joins.wasabi1);
        let mut fees = 0;
        for level in 0..LEVELS {
            fees += self.level(&mut round, &mut parties, denomination << level);
        }
        for alice in parties {
            self.settle(&mut round, alice, rate);
        }
        let coordinator = self.joins.wasabi1;
        let by = self.ledger.party(coordinator);
        let slot = self.ledger.fresh(coordinator);
        round.outputs.push(Output::pay(by, slot, fees));
        let mut spend = Spend::new(coordinator, Purpose::Wasabi1, round.coins, round.outputs);
        spend.order = Some(Order::Shuffled);
        self.ledger.spend(spend);
    }

    /// Parties that bring at least the denomination and something for fees.
    fn alices(&mut self, denomination: u64, wanted: usize) -> Vec<Alice> {
        let mut wallets = std::mem::take(&mut self.joins.wasabi_guests);
        wallets.extend(self.members(Club::Wasabi));
        let height = self.ledger.height();
        let mut alices = vec![];
        for wallet in wallets {
            if alices.len() == wanted {
                break;
            }
            let least = denomination + denomination / 20;
            // Clients of that time know no other coins.
            let keep = |coin: &Coin| coin.height < height && coin.slot.style == Style::Witness;
            if let Some(coins) = self.ledger.wallet(wallet).take_worth_of(least, COINS_MAX, keep) {
                alices.push(Alice { wallet, left: worth(&coins), coins, outputs: 0 });
            }
        }
        alices
    }

    /// Equal outputs for all who still have that much; returns what the coordinator takes for them.
    fn level(&mut self, round: &mut Round, parties: &mut [Alice], value: u64) -> u64 {
        let enough = |alice: &Alice| alice.left >= value + value / 50 + 40_000;
        let crowd = parties.iter().filter(|alice| enough(alice)).count() as u64;
        if crowd < 2 {
            return 0;
        }
        let share = value * SHARE * crowd / 100_000;
        for alice in parties.iter_mut().filter(|alice| enough(alice)) {
            let by = self.ledger.party(alice.wallet);
            let slot = self.ledger.fresh(alice.wallet);
            round.outputs.push(Output::pay(by, slot, value));
            let share = share.min(value / 60);
            alice.left -= value + share;
            alice.outputs += 1;
        }
        share.min(value / 60) * crowd
    }

    /// A party's coins go in, its change comes out.
    fn settle(&mut self, round: &mut Round, alice: Alice, rate: u64) {
        let fee = rate * (68 * alice.coins.len() as u64 + 31 * (alice.outputs + 1));
        let change = alice.left.saturating_sub(fee);
        if change > DUST {
            let by = self.ledger.party(alice.wallet);
            let slot = self.ledger.fresh_change(alice.wallet, None);
            round.outputs.push(Output::change(by, slot, change));
        }
        round.coins.extend(alice.coins);
    }
}
