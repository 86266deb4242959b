//! Numbers that look random and are the same on every machine: xoshiro256**, integers only.
//!
//! Same seed, same bytes is a promise to users, so no distribution here goes through floating point.

/// A stream of numbers, a pure function of its seed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rng {
    state: [u64; 4],
}

/// A distribution by its quantiles: pairs of a share in thousandths and the value at that share.
///
/// Shares ascend from 0 to 1,000; between two points the value is interpolated linearly.
#[derive(Clone, Copy, Debug)]
pub struct Quantiles(pub &'static [(u64, u64)]);

impl Rng {
    /// The stream of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let state = [1, 2, 3, 4].map(|nth: u64| mix(seed.wrapping_add(step.wrapping_mul(nth))));
        Self { state }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let out = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    /// A number below `bound`; the bias of at most `bound / 2^64` is of no weight here.
    ///
    /// # Panics
    /// When `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "nothing is below zero");
        let product = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).expect("the upper half of a 128-bit product")
    }

    /// Which of these is drawn, each as often as its share says; the shares are in thousandths and sum to a thousand.
    ///
    /// # Panics
    /// When they sum to less.
    pub fn by_share<T>(&mut self, shares: &[(T, u64)]) -> usize {
        let mut at = self.below(1000);
        for (nth, (_, share)) in shares.iter().enumerate() {
            if at < *share {
                return nth;
            }
            at -= share;
        }
        unreachable!("the shares sum to a thousand")
    }

    /// A number from `low` to `high`, both included.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// An index of a sequence of `len` elements.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("below a usize")
    }

    /// True in `permille` of a thousand cases.
    pub fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One element of a sequence that is not empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// A number drawn from a distribution.
    pub fn draw(&mut self, quantiles: Quantiles) -> u64 {
        let at = self.below(1_000_000);
        let points = quantiles.0;
        let upper = points.iter().position(|&(share, _)| at < share * 1000).unwrap_or(points.len() - 1);
        let ((low_share, low), (high_share, high)) = (points[upper - 1], points[upper]);
        low + (high - low) * (at - low_share * 1000) / ((high_share - low_share) * 1000)
    }

    /// A rank below `2^bits` whose chance falls like one over the rank (Zipf).
    pub fn zipf(&mut self, bits: u64) -> u64 {
        let octave = self.below(bits);
        (1 << octave) - 1 + self.below(1 << octave)
    }

    /// Puts a sequence in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// Fills `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A bijection of 64 bits that leaves no pattern (the finaliser of SplitMix64).
#[must_use]
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_xoshiro256_star_star() {
        // First outputs for the state 1, 2, 3, 4, as published with the reference implementation's ports.
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let got: Vec<_> = (0..4).map(|_| rng.next_u64()).collect();
        assert_eq!(got, [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240]);
    }

    #[test]
    fn draws_stay_between_the_outer_quantiles_and_hit_the_median() {
        const TABLE: Quantiles = Quantiles(&[(0, 10), (500, 20), (1000, 1000)]);
        let mut rng = Rng::new(7);
        let draws: Vec<_> = (0..10_000).map(|_| rng.draw(TABLE)).collect();
        assert!(draws.iter().all(|draw| (10..1000).contains(draw)));
        let low = draws.iter().filter(|&&draw| draw < 20).count();
        assert!((4_700..5_300).contains(&low), "{low} of 10,000 below the median");
    }

    #[test]
    fn low_ranks_are_frequent_and_high_ranks_occur() {
        let mut rng = Rng::new(1);
        let ranks: Vec<_> = (0..10_000).map(|_| rng.zipf(10)).collect();
        assert!((900..1_100).contains(&ranks.iter().filter(|&&rank| rank == 0).count()));
        assert!(ranks.iter().any(|&rank| rank > 900) && ranks.iter().all(|&rank| rank < 1023));
    }
}
