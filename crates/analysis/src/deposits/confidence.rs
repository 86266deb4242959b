//! How well a deposit and what sends it on fit each other: the measure of the Tutela paper, exact.

use coinhound_model::Units;

use crate::deposits::parameters::DepositParameters;

/// `1 - 1/2 loss/alpha - 1/2 blocks/tau` in thousandths, rounded down. What is lost of an asset that may lose nothing is
/// nothing, and so is the wait where none is allowed.
///
/// It orders matches; it is no probability, and nobody measured how often a match of so much is wrong.
pub(super) fn permille<U: Units>(parameters: &DepositParameters<U>, loss: U, loss_max: U, blocks: u32) -> u32 {
    let tau = u64::from(parameters.blocks_max.max(1));
    let kept = loss_max.checked_sub(loss).expect("a match loses no more than it may");
    // In parts of a thousandth times tau, so that nothing is rounded before the two halves are one.
    let value = if loss_max.is_zero() { 500 * tau } else { kept.parts_of(loss_max, 500 * tau) };
    let time = 500 * (tau - u64::from(blocks));
    u32::try_from((value + time) / tau).expect("at most a thousand")
}

#[cfg(test)]
mod tests {
    use ruint::aliases::U256;

    use super::*;

    fn parameters(loss_max: u64, blocks_max: u32) -> DepositParameters<u64> {
        DepositParameters { blocks_max, ..DepositParameters::new([], 0, loss_max) }
    }

    #[test]
    fn it_is_the_formula_rounded_down_once() {
        for (loss_max, blocks_max) in [(1, 1), (3, 7), (7, 3), (10, 3_200), (1_000, 9), (0, 5), (5, 0), (0, 0)] {
            let parameters = parameters(loss_max, blocks_max);
            for (loss, blocks) in (0..=loss_max).flat_map(|loss| (0..=blocks_max).map(move |blocks| (loss, blocks))) {
                let (alpha, tau) = (loss_max.max(1), u64::from(blocks_max.max(1)));
                let whole = 2 * alpha * tau;
                let lost = loss * tau + u64::from(blocks) * alpha;
                let want = 1000 * (whole - lost) / whole;
                assert_eq!(u64::from(permille(&parameters, loss, loss_max, blocks)), want, "{loss} in {blocks}");
                let wide = DepositParameters::new([], 0, U256::from(loss_max));
                let wide = DepositParameters { blocks_max, ..wide };
                let wide = permille(&wide, U256::from(loss), U256::from(loss_max), blocks);
                assert_eq!(u64::from(wide), want);
            }
        }
    }

    #[test]
    fn a_deposit_sent_on_whole_at_once_fits_wholly_and_one_at_both_bounds_not_at_all() {
        let parameters = parameters(10_000_000_000_000_000, 3_200);
        let fit = |loss, blocks| permille(&parameters, loss, parameters.loss_max, blocks);
        assert_eq!(fit(0, 0), 1_000);
        assert_eq!(fit(parameters.loss_max, 3_200), 0);
        assert_eq!(fit(420_000_000_000_000, 100), 963);
    }
}
