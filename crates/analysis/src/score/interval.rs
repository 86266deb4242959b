//! What repeating an experiment would show: percentile bootstrap over seeds (Efron 1979).

use crate::score::share::Share;

/// How often the seeds are drawn again.
const DRAWS: usize = 2_000;

/// A mean over seeds, and between which values nineteen of twenty means lie when the seeds are drawn again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// 2.5 % of the means are below.
    pub low: Share,
    /// The mean over the seeds, rounded down.
    pub mean: Share,
    /// 2.5 % of the means are above.
    pub high: Share,
}

/// The interval of one score that was measured once for each seed; `None` where it never was. `below` gives a number
/// below the one it is asked for: the same stream gives the same interval.
#[must_use]
pub fn bootstrap(scores: &[Share], mut below: impl FnMut(usize) -> usize) -> Option<Interval> {
    let mean = mean(scores.iter().copied(), scores.len())?;
    let mut means: Vec<Share> = (0..DRAWS)
        .filter_map(|_| self::mean(scores.iter().map(|_| scores[below(scores.len())]), scores.len()))
        .collect();
    means.sort_unstable();
    Some(Interval { low: means[DRAWS / 40], mean, high: means[DRAWS - 1 - DRAWS / 40] })
}

fn mean(scores: impl Iterator<Item = Share>, count: usize) -> Option<Share> {
    let sum: i128 = scores.map(|score| i128::from(score.parts_per_billion())).sum();
    let mean = sum.checked_div_euclid(i128::try_from(count).ok()?)?;
    i64::try_from(mean).ok().map(Share::of_parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> impl FnMut(usize) -> usize {
        let mut state = 1_u64;
        move |bound| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % bound
        }
    }

    #[test]
    fn equal_scores_leave_no_doubt_and_none_no_answer() {
        let half = Share::of_parts(500_000_000);
        assert_eq!(bootstrap(&[half; 20], stream()), Some(Interval { low: half, mean: half, high: half }));
        assert_eq!(bootstrap(&[], stream()), None);
    }

    #[test]
    fn the_interval_of_a_fair_coin_is_near_the_normal_one() {
        // Twenty of each: the mean's deviation is 0.5 / sqrt(40) = 0.079, so 0.345 to 0.655.
        let scores: Vec<_> = [Share::ZERO, Share::ONE].repeat(20);
        let interval = bootstrap(&scores, stream()).expect("there are scores");
        assert_eq!(interval.mean, Share::of_parts(500_000_000));
        assert!((320_000_000..=370_000_000).contains(&interval.low.parts_per_billion()), "{interval:?}");
        assert!((630_000_000..=680_000_000).contains(&interval.high.parts_per_billion()), "{interval:?}");
    }
}
