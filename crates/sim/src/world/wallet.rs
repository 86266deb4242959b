//! A wallet: coins behind keys of one kind, and the ways software picks among them.

use std::cmp::Reverse;

use coinhound_chains::bitcoin::encode::OutPoint;

use crate::keys::Slot;
use crate::rng::Rng;
use crate::world::habits::{HABITS, Habits, Selection};
use crate::world::truth::Part;

/// Most inputs of an ordinary payment.
const INPUTS_MAX: usize = 120;
/// Coins among which an exact match is looked for, and the sums tried.
const EXACT_COINS: usize = 12;
const EXACT_TRIES: u32 = 600;

/// How a coin came to its wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    Mined,
    Received,
    Own,
}

/// An unspent output: 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Coin {
    pub(crate) value: u64,
    pub(crate) outpoint: OutPoint,
    pub(crate) slot: Slot,
    pub(crate) height: u32,
    pub(crate) origin: Origin,
}

/// Coins of one owner behind the keys of one wallet: 48 bytes, and 64 for each coin.
#[derive(Clone, Debug)]
pub(crate) struct Wallet {
    pub(crate) coins: Vec<Coin>,
    pub(crate) party: u32,
    pub(crate) next_key: u32,
    pub(crate) main: Option<Slot>,
    pub(crate) habits: u8,
    pub(crate) part: Part,
}

/// What coins are wanted for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    /// Sum of all payments, in satoshi.
    pub(crate) paid: u64,
    /// Satoshi per virtual byte.
    pub(crate) rate: u64,
    /// Virtual bytes of everything but the inputs.
    pub(crate) base_vbytes: u64,
    /// Height of the block in the making.
    pub(crate) height: u32,
}

impl Want {
    fn met_by(&self, sum: u64, input_vbytes: u64) -> bool {
        sum >= self.paid + self.rate * (self.base_vbytes + input_vbytes)
    }
}

impl Wallet {
    pub(crate) fn habits(&self) -> &'static Habits {
        &HABITS[usize::from(self.habits)]
    }

    /// Sum of all coins, in satoshi.
    pub(crate) fn balance(&self) -> u64 {
        self.coins.iter().map(|coin| coin.value).sum()
    }

    /// Removes the coins that this wallet's software would spend for `want`, or none if they do not suffice.
    pub(crate) fn select(&mut self, want: &Want, rng: &mut Rng) -> Option<Vec<Coin>> {
        let selection = self.habits().selection;
        if selection == Selection::Exact
            && let Some(coins) = self.exact(want)
        {
            return Some(coins);
        }
        let ready = self.line_up(selection, want.height, rng);
        let count = self.enough(&self.coins[..ready], want)?;
        let more = usize::from(selection == Selection::Padded && count < ready);
        Some(self.coins.drain(..count + more).collect())
    }

    /// Removes up to `count` confirmed coins that `keep` accepts, oldest first.
    pub(crate) fn take_oldest(&mut self, count: usize, height: u32, keep: impl Fn(&Coin) -> bool) -> Vec<Coin> {
        self.coins.sort_by_key(|coin| coin.height);
        let mut left = count;
        let mut wanted = |coin: &mut Coin| {
            let take = left > 0 && coin.height < height && keep(coin);
            left -= usize::from(take);
            take
        };
        self.coins.extract_if(.., &mut wanted).collect()
    }

    /// Removes up to `count` confirmed coins, smallest first.
    pub(crate) fn take_smallest(&mut self, count: usize, height: u32) -> Vec<Coin> {
        self.coins.sort_by_key(|coin| (coin.height >= height, coin.value));
        let ready = self.coins.partition_point(|coin| coin.height < height);
        self.coins.drain(..count.min(ready)).collect()
    }

    /// Removes coins, largest first, until they are worth `value`; none if they never are. Unconfirmed ones stay.
    pub(crate) fn take_worth(&mut self, value: u64, most: usize, height: u32) -> Option<Vec<Coin>> {
        self.take_worth_of(value, most, |coin| coin.height < height)
    }

    /// The same among the coins that `keep` accepts.
    pub(crate) fn take_worth_of(&mut self, value: u64, most: usize, keep: impl Fn(&Coin) -> bool) -> Option<Vec<Coin>> {
        self.coins.sort_by_key(|coin| (!keep(coin), Reverse(coin.value)));
        let mut sum = 0;
        let reached = self.coins.iter().take(most).take_while(|coin| keep(coin)).position(|coin| {
            sum += coin.value;
            sum >= value
        });
        reached.map(|last| self.coins.drain(..=last).collect())
    }

    /// Puts the coins that may be spent first, in the order of the selection; returns how many may.
    fn line_up(&mut self, selection: Selection, height: u32, rng: &mut Rng) -> usize {
        let waits = |coin: &Coin| coin.height >= height && coin.origin != Origin::Own;
        match selection {
            Selection::Largest | Selection::Padded => {
                self.coins.sort_by_key(|coin| (waits(coin), Reverse(coin.value)));
            }
            Selection::Oldest => self.coins.sort_by_key(|coin| (waits(coin), coin.height)),
            Selection::Random | Selection::Exact => {
                rng.shuffle(&mut self.coins);
                self.coins.sort_by_key(waits);
            }
        }
        self.coins.partition_point(|coin| !waits(coin))
    }

    /// How many coins from the front suffice.
    fn enough(&self, coins: &[Coin], want: &Want) -> Option<usize> {
        let (mut sum, mut vbytes) = (0, 0);
        let last = coins.iter().take(INPUTS_MAX).position(|coin| {
            sum += coin.value;
            vbytes += coin.slot.style.input_vbytes();
            want.met_by(sum, vbytes)
        });
        last.map(|last| last + 1)
    }

    /// Coins that need no change: their sum exceeds the need by less than making and spending change would cost.
    fn exact(&mut self, want: &Want) -> Option<Vec<Coin>> {
        let ready = self.coins.iter().enumerate().filter(|(_, coin)| coin.height < want.height);
        let mut all: Vec<_> = ready.map(|(at, coin)| (coin.value, coin.slot.style.input_vbytes(), at)).collect();
        all.sort_unstable_by_key(|(value, _, at)| (Reverse(*value), *at));
        all.truncate(EXACT_COINS);
        let mut search = Search { coins: &all, want, slack: want.rate * 100, tries: EXACT_TRIES, chosen: vec![] };
        if !search.from(0, 0, 0) {
            return None;
        }
        let mut chosen: Vec<_> = search.chosen;
        chosen.sort_unstable_by(|a, b| b.cmp(a));
        Some(chosen.into_iter().map(|at| self.coins.remove(at)).collect())
    }
}

/// Depth-first search for a sum within a window (branch and bound).
struct Search<'a> {
    coins: &'a [(u64, u64, usize)],
    want: &'a Want,
    slack: u64,
    tries: u32,
    chosen: Vec<usize>,
}

impl Search<'_> {
    fn from(&mut self, nth: usize, sum: u64, vbytes: u64) -> bool {
        if self.want.met_by(sum, vbytes) {
            let need = self.want.paid + self.want.rate * (self.want.base_vbytes + vbytes);
            return sum - need <= self.slack;
        }
        if nth == self.coins.len() || self.tries == 0 {
            return false;
        }
        self.tries -= 1;
        let (value, size, at) = self.coins[nth];
        self.chosen.push(at);
        if self.from(nth + 1, sum + value, vbytes + size) {
            return true;
        }
        self.chosen.pop();
        self.from(nth + 1, sum, vbytes)
    }
}

#[cfg(test)]
mod tests {
    use coinhound_model::Hash256;

    use super::*;
    use crate::keys::Style;

    fn wallet(values: &[u64]) -> Wallet {
        let slot = Slot { style: Style::Witness, owner: 0, index: 0 };
        let coin = |(at, value): (u32, &u64)| Coin {
            value: *value,
            outpoint: OutPoint { txid: Hash256::ZERO, index: at },
            slot,
            height: at,
            origin: Origin::Received,
        };
        let coins = (0..).zip(values).map(coin).collect();
        Wallet { coins, party: 0, next_key: 0, main: None, habits: 0, part: Part::Receive }
    }

    fn want(paid: u64) -> Want {
        Want { paid, rate: 0, base_vbytes: 0, height: 100 }
    }

    #[test]
    fn the_books_are_as_small_as_they_say() {
        assert_eq!(size_of::<Coin>(), 64);
        assert!(size_of::<Wallet>() <= 56);
    }

    #[test]
    fn an_exact_sum_is_found_and_nothing_else() {
        let mut exact = wallet(&[50, 30, 20, 7]);
        let values: Vec<_> = exact.exact(&want(57)).expect("50 and 7").iter().map(|coin| coin.value).collect();
        assert_eq!(values, [7, 50]);
        assert_eq!(exact.exact(&want(49)), None);
    }

    #[test]
    fn coins_of_this_block_wait_unless_they_are_change() {
        let mut one = wallet(&[10]);
        one.coins[0].height = 100;
        assert_eq!(one.select(&want(5), &mut Rng::new(1)), None);
        one.coins[0].origin = Origin::Own;
        assert_eq!(one.select(&want(5), &mut Rng::new(1)).map(|coins| coins.len()), Some(1));
    }
}
