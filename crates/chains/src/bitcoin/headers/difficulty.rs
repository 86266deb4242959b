//! Which target a header must claim, from the headers before it: Core's `pow.cpp`.

use ruint::aliases::U256;

use crate::bitcoin::header::{bits_of, target_of};
use crate::bitcoin::params::Params;

/// Blocks between two changes of the target.
pub(crate) const PERIOD: u32 = 2_016;

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
    match params.difficulty.easy_after_secs {
        None => Some(parent.bits),
        Some(wait) if i64::from(time) > i64::from(parent.time) + i64::from(wait) => Some(bits_of(params.pow_limit)),
        Some(_) => real_bits,
    }
}

/// How many blocks above the last of a period the block lies that its time is taken from: its first, or
/// by Litecoin's rule the one before, which the chain's first period does not have.
pub(crate) fn steps_back(params: &Params, next_height: u32) -> u32 {
    if params.difficulty.whole_period && next_height != PERIOD { PERIOD } else { PERIOD - 1 }
}

/// The target the first header of a period must claim, given the last of the period before and the
/// header that many [`steps_back`].
pub(crate) fn next_period(params: &Params, first: Option<Claim>, last: Claim) -> Option<u32> {
    if !params.difficulty.retargets {
        return Some(last.bits);
    }
    let first = first?;
    let period = i64::from(params.difficulty.period_secs);
    let took = (i64::from(last.time) - i64::from(first.time)).clamp(period / 4, period * 4);
    let base = if params.difficulty.from_period_start { first.bits } else { last.bits };
    let took = U256::from(u64::try_from(took).expect("clamped to a positive range"));
    let base = target_of(base)?;
    // Where the limit is so high that the product could pass 256 bits (Litecoin), a bit is shifted out
    // for the while, and lost. Bitcoin's limits are chosen so that this never happens.
    let shift = usize::from(params.difficulty.whole_period && base.bit_len() >= params.pow_limit.bit_len());
    let target = ((base >> shift).wrapping_mul(took) / U256::from(period.unsigned_abs())) << shift;
    Some(bits_of(target.min(params.pow_limit)))
}

/// Whether these bits are what the twenty-minute rule allows, rather than the period's own.
pub(crate) fn is_easy(params: &Params, bits: u32) -> bool {
    params.difficulty.easy_after_secs.is_some() && bits == bits_of(params.pow_limit)
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

    fn next_of_litecoin(first_time: u32, last_time: u32, bits: u32) -> Option<u32> {
        let claim = |time| Claim { time, bits };
        next_period(Network::LitecoinMain.params(), Some(claim(first_time)), claim(last_time))
    }

    #[test]
    fn periods_of_litecoin_move_as_litecoin_core_moves_them() {
        // Vectors of Litecoin Core's pow_tests.cpp: heights 280223, 2015, 578591, and one beyond four times.
        assert_eq!(next_of_litecoin(1_358_118_740, 1_358_378_777, 0x1c0a_c141), Some(0x1c09_3f8d));
        assert_eq!(next_of_litecoin(1_317_972_665, 1_318_480_354, 0x1e0f_fff0), Some(0x1e0f_ffff));
        assert_eq!(next_of_litecoin(1_401_682_934, 1_401_757_934, 0x1b07_5cf1), Some(0x1b01_d73c));
        assert_eq!(next_of_litecoin(1_463_690_315, 1_464_900_315, 0x1b01_5318), Some(0x1b05_4c60));
    }

    #[test]
    fn litecoin_measures_whole_periods_but_the_first() {
        let litecoin = Network::LitecoinMain.params();
        assert_eq!([PERIOD, 2 * PERIOD].map(|height| steps_back(litecoin, height)), [PERIOD - 1, PERIOD]);
        assert_eq!(steps_back(Network::Main.params(), 2 * PERIOD), PERIOD - 1);
    }

    #[test]
    fn a_target_near_the_limit_of_litecoin_does_not_overflow() {
        // Four times the easiest target has 257 bits: without the shift it would come out near zero.
        assert_eq!(next_of_litecoin(1_000_000_000, 1_100_000_000, 0x1e0f_ffff), Some(0x1e0f_ffff));
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
