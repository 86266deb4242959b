//! The coins that exist and may be spent, found by age and by owner in constant time.

use coinhound_chains::bitcoin::encode::OutPoint;

use crate::rng::Rng;

/// An unspent coin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coin {
    pub(crate) outpoint: OutPoint,
    pub(crate) value: u64,
    /// Number of the wallet, see [`Owners`](crate::mainnet::owners::Owners).
    pub(crate) owner: u32,
    /// Which of the wallet's keys.
    pub(crate) key: u32,
    pub(crate) height: u32,
    pub(crate) coinbase: bool,
}

/// A coin and where the two lists mention it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    coin: Coin,
    height_at: u32,
    owner_at: u32,
}

/// All spendable coins, at most a fixed number of them.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    entries: Vec<Entry>,
    by_height: Vec<Vec<u32>>,
    by_owner: Vec<Vec<u32>>,
    coins_max: usize,
}

impl Pool {
    /// An empty pool for this many wallets that never holds more than `coins_max` coins.
    pub(crate) fn new(owners: usize, coins_max: usize) -> Self {
        Self { entries: vec![], by_height: vec![], by_owner: vec![vec![]; owners], coins_max }
    }

    /// How many coins there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a coin. A full pool forgets a small one instead: like most dust, it will never be spent.
    pub(crate) fn add(&mut self, coin: Coin, rng: &mut Rng) {
        if self.entries.len() >= self.coins_max {
            let least = (0..4).map(|_| rng.index(self.entries.len())).min_by_key(|at| self.entries[*at].coin.value);
            self.remove(least.expect("four were drawn"));
        }
        let at = position(self.entries.len());
        let height = coin.height as usize;
        if self.by_height.len() <= height {
            self.by_height.resize_with(height + 1, Vec::new);
        }
        let height_at = push(&mut self.by_height[height], at);
        let owner_at = push(&mut self.by_owner[coin.owner as usize], at);
        self.entries.push(Entry { coin, height_at, owner_at });
    }

    /// Removes the coin at a position; positions of other coins may change.
    pub(crate) fn remove(&mut self, at: usize) -> Coin {
        let Entry { coin, height_at, owner_at } = self.entries[at];
        let of_height = &mut self.by_height[coin.height as usize];
        of_height.swap_remove(height_at as usize);
        if let Some(&moved) = of_height.get(height_at as usize) {
            self.entries[moved as usize].height_at = height_at;
        }
        let of_owner = &mut self.by_owner[coin.owner as usize];
        of_owner.swap_remove(owner_at as usize);
        if let Some(&moved) = of_owner.get(owner_at as usize) {
            self.entries[moved as usize].owner_at = owner_at;
        }
        self.entries.swap_remove(at);
        self.renumber(at);
        coin
    }

    /// After the last entry moved to `at`, both lists are told.
    fn renumber(&mut self, at: usize) {
        if let Some(&Entry { coin, height_at, owner_at }) = self.entries.get(at) {
            self.by_height[coin.height as usize][height_at as usize] = position(at);
            self.by_owner[coin.owner as usize][owner_at as usize] = position(at);
        }
    }

    /// The position of a coin about `age` blocks old as seen from `tip`; where none is that old, any coin.
    pub(crate) fn of_age(&self, tip: u32, age: u32, rng: &mut Rng) -> usize {
        let height = tip.checked_sub(age).map(|height| height as usize);
        match height.and_then(|height| self.by_height.get(height)).filter(|coins| !coins.is_empty()) {
            Some(coins) => *rng.pick(coins) as usize,
            None => rng.index(self.entries.len()),
        }
    }

    /// The coin at a position.
    pub(crate) fn coin(&self, at: usize) -> &Coin {
        &self.entries[at].coin
    }

    /// How many coins a wallet has.
    pub(crate) fn owned(&self, owner: u32) -> usize {
        self.by_owner[owner as usize].len()
    }

    /// Removes one of a wallet's coins, if it has any.
    pub(crate) fn remove_owned(&mut self, owner: u32, rng: &mut Rng) -> Option<Coin> {
        let coins = &self.by_owner[owner as usize];
        let at = (!coins.is_empty()).then(|| *rng.pick(coins) as usize)?;
        Some(self.remove(at))
    }
}

fn push(list: &mut Vec<u32>, at: u32) -> u32 {
    list.push(at);
    position(list.len() - 1)
}

fn position(at: usize) -> u32 {
    u32::try_from(at).expect("a pool holds at most a few million coins")
}

#[cfg(test)]
mod tests {
    use coinhound_model::Hash256;

    use super::*;

    fn coin(value: u64, owner: u32, height: u32) -> Coin {
        let outpoint = OutPoint { txid: Hash256::ZERO, index: 0 };
        Coin { outpoint, value, owner, key: 0, height, coinbase: false }
    }

    #[test]
    fn lists_agree_with_the_coins_after_any_removals() {
        let mut rng = Rng::new(3);
        let mut pool = Pool::new(5, 100);
        for step in 0..5_000_u32 {
            let value = rng.range(1, 1_000);
            pool.add(coin(value, step % 5, step / 100), &mut rng);
            if rng.chance(600) {
                let at = rng.index(pool.len());
                pool.remove(at);
            }
            if rng.chance(300) {
                pool.remove_owned(2, &mut rng);
            }
        }
        assert!(pool.len() <= 100);
        for (at, entry) in pool.entries.iter().enumerate() {
            let coin = entry.coin;
            assert_eq!(pool.by_height[coin.height as usize][entry.height_at as usize] as usize, at);
            assert_eq!(pool.by_owner[coin.owner as usize][entry.owner_at as usize] as usize, at);
        }
        assert_eq!(pool.by_owner.iter().map(Vec::len).sum::<usize>(), pool.len());
        assert_eq!(pool.by_height.iter().map(Vec::len).sum::<usize>(), pool.len());
    }
}
