//! A measured share, in integers.

use std::fmt;

/// Parts of one.
const ONE: i128 = 1_000_000_000;

/// A share of one in parts per billion, rounded down. Below zero only where the measure allows it (ARI).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Share(i64);

impl Share {
    /// All of it.
    pub const ONE: Self = Self(1_000_000_000);

    /// Nothing of it.
    pub const ZERO: Self = Self(0);

    /// This many parts per billion.
    #[must_use]
    pub fn of_parts(parts_per_billion: i64) -> Self {
        Self(parts_per_billion)
    }

    /// `part` of `whole`; `None` where there is no whole, or the quotient leaves 64 bits.
    #[must_use]
    pub fn of(part: i128, whole: i128) -> Option<Self> {
        // Both lose the low bits that would not fit; that is far below a billionth.
        let used = i128::BITS - part.unsigned_abs().max(whole.unsigned_abs()).leading_zeros();
        let excess = used.saturating_sub(96);
        let parts = ((part >> excess) * ONE).checked_div_euclid(whole >> excess)?;
        i64::try_from(parts).ok().map(Self)
    }

    /// As [`Share::of`], of two counts or amounts.
    #[must_use]
    pub fn of_counts(part: u128, whole: u128) -> Option<Self> {
        let shift = u32::from(part.max(whole) > i128::MAX.unsigned_abs());
        let signed = |value: u128| i128::try_from(value >> shift).expect("one bit fewer than an unsigned number");
        Self::of(signed(part), signed(whole))
    }

    /// In parts per billion.
    #[must_use]
    pub fn parts_per_billion(self) -> i64 {
        self.0
    }

    /// The harmonic mean of two shares: their F score. Zero where both are.
    #[must_use]
    pub fn harmonic(self, other: Self) -> Self {
        let (a, b) = (i128::from(self.0), i128::from(other.0));
        Self::of(2 * a * b, (a + b) * ONE).unwrap_or(Self::ZERO)
    }
}

/// In percent with two decimals, towards zero: `99.99 %` may be less than all, `100.00 %` is all.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0.unsigned_abs() / 100_000;
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02} %", hundredths / 100, hundredths % 100)
    }
}

/// The binary logarithm in units of `2^-32`, rounded down; of zero it is taken for zero, as `0 log 0` is.
pub(super) fn log2(value: u64) -> u64 {
    let Some(whole) = value.checked_ilog2() else { return 0 };
    // The mantissa with 62 bits behind the point: squaring doubles its logarithm, whose next bit then shows.
    let mut mantissa = (u128::from(value) << 62) >> whole;
    let mut log = u64::from(whole);
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 62;
        let bit = mantissa >> 63;
        mantissa >>= bit;
        log = (log << 1) | u64::try_from(bit).expect("one bit");
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down_and_print_towards_zero() {
        let third = Share::of(1, 3).expect("there is a whole");
        assert_eq!((third.parts_per_billion(), third.to_string()), (333_333_333, "33.33 %".to_owned()));
        let nearly = Share::of(999_999, 1_000_000).expect("there is a whole");
        assert_eq!(nearly.to_string(), "99.99 %");
        assert_eq!(Share::of(-1, 3).expect("there is a whole").parts_per_billion(), -333_333_334);
        assert_eq!(Share::of(-1, 3).expect("there is a whole").to_string(), "-33.33 %");
        assert_eq!(Share::of(1, 0), None);
    }

    #[test]
    fn the_largest_numbers_have_a_share() {
        assert_eq!(Share::of(i128::MAX / 2, i128::MAX), Some(Share::of_parts(499_999_999)));
        assert_eq!(Share::of_counts(u128::MAX, u128::MAX), Some(Share::ONE));
    }

    #[test]
    fn logarithms_of_powers_are_exact_and_others_near() {
        assert_eq!((log2(0), log2(1), log2(1 << 40), log2(u64::MAX) >> 32), (0, 0, 40 << 32, 63));
        // log2(10) = 3.321928094887362...
        let (ten, want) = (log2(10), 14_267_572_527);
        assert!(ten.abs_diff(want) <= 1, "{ten}");
        assert!(log2(1_000) > log2(999));
    }

    #[test]
    fn the_harmonic_mean_of_a_half_and_one_is_two_thirds() {
        assert_eq!(Share::of_parts(500_000_000).harmonic(Share::ONE), Share::of_parts(666_666_666));
        assert_eq!(Share::ZERO.harmonic(Share::ZERO), Share::ZERO);
    }
}
