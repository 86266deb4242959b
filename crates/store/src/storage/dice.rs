//! Chance that repeats: the same seed throws the same numbers (splitmix64).

/// A small deterministic generator for simulations; not for secrets.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that always throw the sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero when `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The bias of a remainder is below bound / 2^64: of no weight in a simulation.
        self.any().checked_rem(bound).unwrap_or(0)
    }

    /// An index below `bound`; zero when `bound` is zero.
    pub fn index(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("64-bit targets");
        usize::try_from(self.below(bound)).expect("below a usize")
    }

    /// True in `part` of `of` throws.
    pub fn chance(&mut self, part: u64, of: u64) -> bool {
        self.below(of) < part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_its_published_numbers() {
        let mut dice = Dice::new(1_234_567);
        let thrown = [dice.any(), dice.any(), dice.any()];
        assert_eq!(thrown, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
