//! Which target a header must claim, from the headers before it: Core's `pow.cpp`.

use ruint::aliases::U256;

use crate::bitcoin::header::{bits_of, target_of};
use crate::bitcoin::params::{DifficultyRule, Params};

/// Blocks between two changes of the target.
pub(crate) const PERIOD: u32 = 2_016;
/// How long a period should take, in seconds.
const PERIOD_SECS: i64 = 14 * 24 * 60 * 60;
/// After this long without a block, the networks for tests allow the easiest target.
const EASY_AFTER_SECS: u32 = 20 * 60;

/// What the rule needs to know of a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) time: u32,
    pub(crate) bits: u32,
}

/// The target a header inside a period must claim, given its parent.
///
/// `real_bits` is the newest target among the parent and its ancestors that was not taken by the
/// twenty-minute rule; unknown when the tree begins after it.
pub(crate) fn within_period(params: &Params, parent: Claim, real_bits: Option<u32>, time: u32) -> Option<u32> {
    let DifficultyRule { easy_after_20_min, .. } = params.difficulty;
    match easy_after_20_min {
        false => Some(parent.bits),
        true if i64::from(time) > i64::from(parent.time) + i64::from(EASY_AFTER_SECS) => {
            Some(bits_of(params.pow_limit))
        }
        true => real_bits,
    }
}

/// The target the first header of a period must claim, given the first and last of the period before.
pub(crate) fn next_period(params: &Params, first: Option<Claim>, last: Claim) -> Option<u32> {
    if !params.difficulty.retargets {
        return Some(last.bits);
    }
    let first = first?;
    let took = (i64::from(last.time) - i64::from(first.time)).clamp(PERIOD_SECS / 4, PERIOD_SECS * 4);
    let base = if params.difficulty.from_period_start { first.bits } else { last.bits };
    let took = U256::from(u64::try_from(took).expect("clamped to a positive range"));
    // Limits are chosen so that four times the period does not overflow (Core asserts it in its tests).
    let target = target_of(base)?.wrapping_mul(took) / U256::from(PERIOD_SECS.unsigned_abs());
    Some(bits_of(target.min(params.pow_limit)))
}

/// Whether these bits are what the twenty-minute rule allows, rather than the period's own.
pub(crate) fn is_easy(params: &Params, bits: u32) -> bool {
    params.difficulty.easy_after_20_min && bits == bits_of(params.pow_limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitcoin::params::Network;

    fn next(first_time: u32, last_time: u32, bits: u32) -> Option<u32> {
        let claim = |time| Claim { time, bits };
        next_period(Network::Main.params(), Some(claim(first_time)), claim(last_time))
    }

    #[test]
    fn periods_of_main_move_as_core_moves_them() {
        // Vectors of Core's pow_tests.cpp: heights 32255, 2015, 68543, 46367.
        assert_eq!(next(1_261_130_161, 1_262_152_739, 0x1d00_ffff), Some(0x1d00_d86a));
        assert_eq!(next(1_231_006_505, 1_233_061_996, 0x1d00_ffff), Some(0x1d00_ffff));
        assert_eq!(next(1_279_008_237, 1_279_297_671, 0x1c05_a3f4), Some(0x1c01_68fd));
        assert_eq!(next(1_263_163_443, 1_269_211_443, 0x1c38_7f6f), Some(0x1d00_e1fd));
    }

    #[test]
    fn a_clock_that_runs_backwards_counts_as_the_fastest_period() {
        assert_eq!(next(1_000_000_000, 900_000_000, 0x1c05_a3f4), Some(0x1c01_68fd));
    }

    #[test]
    fn testnet_4_builds_on_the_periods_first_target() {
        let params = Network::Testnet4.params();
        let (hard, easy) = (Claim { time: 0, bits: 0x1c05_a3f4 }, Claim { time: 14 * 86_400, bits: 0x1d00_ffff });
        assert_eq!(next_period(params, Some(hard), easy), Some(0x1c05_a3f4));
        assert_eq!(next_period(Network::Testnet3.params(), Some(hard), easy), Some(0x1d00_ffff));
        assert_eq!(within_period(params, hard, Some(hard.bits), 1_201), Some(0x1d00_ffff));
        assert_eq!(within_period(params, easy, Some(hard.bits), easy.time + 1_200), Some(hard.bits));
        assert_eq!(within_period(params, easy, None, easy.time + 1_200), None);
    }
}
