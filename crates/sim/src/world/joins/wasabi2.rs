//! Wasabi 2 (WabiSabi): many inputs, outputs of standard denominations that each client composes from
//! what it brought, in descending order.

use crate::keys::Style;
use crate::software::Order;
use crate::world::joins::{Round, worth};
use crate::world::ledger::{Output, Spend};
use crate::world::people::Club;
use crate::world::scene::Scene;
use crate::world::truth::Purpose;
use crate::world::wallet::Coin;

/// Most coins that one client registers.
const COINS_MAX: usize = 10;
/// Most outputs that one client asks for.
const OUTPUTS_MAX: usize = 8;
/// No output is worth less, in satoshi.
const OUTPUT_MIN: u64 = 5_000;
/// No denomination is worth more, in satoshi.
const DENOMINATION_MAX: u64 = 134_375_000_000;
/// Coins up to this pay the coordinator nothing, in satoshi.
const FREE_MAX: u64 = 1_000_000;
/// What others pay, in thousandths.
const SHARE: u64 = 3;

/// Standard denominations, the largest first: powers of two, of three and twice those, and 1, 2, 5 times powers of ten.
fn denominations() -> Vec<u64> {
    let powers = |factor: u64, base: u64| {
        std::iter::successors(Some(factor), move |value| value.checked_mul(base)).take_while(|v| *v <= DENOMINATION_MAX)
    };
    let families = [(1, 2), (1, 3), (2, 3), (1, 10), (2, 10), (5, 10)];
    let mut all: Vec<_> = families.into_iter().flat_map(|(factor, base)| powers(factor, base)).collect();
    all.retain(|value| *value >= OUTPUT_MIN);
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.dedup();
    all
}

impl Scene {
    /// One round, if enough coins come together.
    pub(super) fn wasabi2_round(&mut self) {
        let least = self.profile.joins.wasabi2_inputs;
        let mut clients = self.clients(least);
        if clients.iter().map(|(_, coins)| coins.len()).sum::<usize>() < least {
            return clients.into_iter().for_each(|(_, coins)| self.ledger.give_back(coins));
        }
        let mut round = Round::default();
        let rate = self.ledger.rate(self.joins.wasabi2);
        let steps = denominations();
        let mut fees = 0;
        for (wallet, coins) in clients.drain(..) {
            fees += self.client(&mut round, wallet, coins, rate, &steps);
        }
        let coordinator = self.joins.wasabi2;
        if fees >= OUTPUT_MIN {
            let slot = self.ledger.fresh(coordinator);
            round.outputs.push(Output::pay(self.ledger.party(coordinator), slot, fees));
        }
        let mut spend = Spend::new(coordinator, Purpose::Wasabi2, round.coins, round.outputs);
        spend.order = Some(Order::Descending);
        self.ledger.spend(spend);
    }

    fn clients(&mut self, least: usize) -> Vec<(u32, Vec<Coin>)> {
        let mut wallets = std::mem::take(&mut self.joins.wasabi_guests);
        wallets.extend(self.members(Club::Wasabi));
        let height = self.ledger.height();
        let (mut clients, mut count) = (vec![], 0);
        for wallet in wallets {
            if count >= least + least / 4 {
                break;
            }
            let most = 1 + self.ledger.rng.index(COINS_MAX);
            let native = |coin: &Coin| matches!(coin.slot.style, Style::Witness | Style::Taproot);
            let keep = |coin: &Coin| native(coin) && coin.value >= 4 * OUTPUT_MIN;
            let coins = self.ledger.wallet(wallet).take_oldest(most, height, keep);
            count += coins.len();
            if !coins.is_empty() {
                clients.push((wallet, coins));
            }
        }
        clients
    }

    /// Adds one client; returns what the coordinator takes from it.
    fn client(&mut self, round: &mut Round, wallet: u32, coins: Vec<Coin>, rate: u64, steps: &[u64]) -> u64 {
        let share: u64 = coins.iter().filter(|coin| coin.value > FREE_MAX).map(|coin| coin.value * SHARE / 1000).sum();
        let by = self.ledger.party(wallet);
        let mut left = worth(&coins).saturating_sub(share + rate * 68 * coins.len() as u64);
        let output_fee = rate * 31;
        let mut count = 0;
        while count < OUTPUTS_MAX - 1
            && let Some(value) = self.step(left.saturating_sub(output_fee), steps)
        {
            let slot = self.mixed_slot(wallet);
            round.outputs.push(Output::pay(by, slot, value));
            left -= value + output_fee;
            count += 1;
        }
        if left >= OUTPUT_MIN + output_fee {
            let slot = self.mixed_slot(wallet);
            round.outputs.push(Output::change(by, slot, left - output_fee));
        }
        let taken = share.min(worth(&coins));
        round.coins.extend(coins);
        taken
    }

    /// The largest denomination within `left`, now and then the next.
    fn step(&mut self, left: u64, steps: &[u64]) -> Option<u64> {
        let first = steps.iter().position(|value| *value <= left)?;
        let skip = usize::from(self.ledger.rng.chance(300));
        steps.get(first + skip).or(steps.last()).copied()
    }

    /// An address for a mixed coin: native, of either kind.
    fn mixed_slot(&mut self, wallet: u32) -> crate::keys::Slot {
        let style = if self.ledger.rng.chance(300) { Style::Taproot } else { Style::Witness };
        self.ledger.fresh_as(wallet, style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denominations_fall_from_the_largest_to_the_smallest() {
        let all = denominations();
        assert!(all.is_sorted_by(|a, b| a > b));
        assert_eq!((all[0], all.last().copied()), (100_000_000_000, Some(5_000)));
    }
}
