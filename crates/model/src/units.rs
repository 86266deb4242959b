//! What a tracing kernel needs of an integer that counts money.
//!
//! One engine serves coins and NEM (64-bit units) and Ethereum (256-bit units): it is generic over
//! this trait, and every operation is exact or says that it does not fit.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use ruint::aliases::{U256, U512};

/// An unsigned integer amount in an asset's smallest unit.
pub trait Units: Copy + Ord + Eq + Hash + Default + Debug + Display + Send + Sync + 'static {
    /// No units.
    const ZERO: Self;

    /// One unit.
    const ONE: Self;

    /// `self + other`, or `None` past the largest amount.
    #[must_use]
    fn checked_add(self, other: Self) -> Option<Self>;

    /// `self - other`, or `None` below zero.
    #[must_use]
    fn checked_sub(self, other: Self) -> Option<Self>;

    /// Quotient and remainder of `self * numerator / denominator`, the product in twice the width.
    ///
    /// The quotient fits because callers keep `numerator <= denominator`.
    ///
    /// # Panics
    /// When `denominator` is zero or `numerator` exceeds it: both are bugs of the caller.
    #[must_use]
    fn mul_div_rem(self, numerator: Self, denominator: Self) -> (Self, Self);

    /// Of so many equal parts of `whole`, how many `self` fills: `self * parts / whole`, rounded down.
    ///
    /// # Panics
    /// When `whole` is zero or `self` exceeds it: both are bugs of the caller.
    #[must_use]
    fn parts_of(self, whole: Self, parts: u64) -> u64;

    /// Whether there is nothing here.
    #[must_use]
    fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl Units for u64 {
    const ZERO: Self = 0;
    const ONE: Self = 1;

    fn checked_add(self, other: Self) -> Option<Self> {
        u64::checked_add(self, other)
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        u64::checked_sub(self, other)
    }

    fn mul_div_rem(self, numerator: Self, denominator: Self) -> (Self, Self) {
        assert!(numerator <= denominator, "a share exceeds the whole");
        let product = u128::from(self) * u128::from(numerator);
        let whole = u128::from(denominator);
        let fit = |part: u128| u64::try_from(part).expect("numerator <= denominator bounds both parts");
        (fit(product / whole), fit(product % whole))
    }

    fn parts_of(self, whole: Self, parts: u64) -> u64 {
        assert!(self <= whole, "a part exceeds the whole");
        let product = u128::from(self) * u128::from(parts);
        u64::try_from(product / u128::from(whole)).expect("no more than all parts")
    }
}

impl Units for U256 {
    const ZERO: Self = U256::ZERO;
    const ONE: Self = U256::ONE;

    fn checked_add(self, other: Self) -> Option<Self> {
        U256::checked_add(self, other)
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        U256::checked_sub(self, other)
    }

    fn mul_div_rem(self, numerator: Self, denominator: Self) -> (Self, Self) {
        assert!(numerator <= denominator, "a share exceeds the whole");
        let product: U512 = self.widening_mul(numerator);
        let (quotient, remainder) = product.div_rem(U512::from(denominator));
        (U256::from(quotient), U256::from(remainder))
    }

    fn parts_of(self, whole: Self, parts: u64) -> u64 {
        assert!(self <= whole, "a part exceeds the whole");
        let product: U512 = self.widening_mul(U256::from(parts));
        u64::try_from(product / U512::from(whole)).expect("no more than all parts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_widths_agree_and_neither_rounds() {
        for (units, numerator, denominator) in [(500, 300, 1000), (u64::MAX, u64::MAX - 1, u64::MAX), (7, 0, 3)] {
            let (quotient, remainder) = units.mul_div_rem(numerator, denominator);
            let wide = U256::from(units).mul_div_rem(U256::from(numerator), U256::from(denominator));
            assert_eq!(wide, (U256::from(quotient), U256::from(remainder)));
            assert_eq!(
                u128::from(quotient) * u128::from(denominator) + u128::from(remainder),
                u128::from(units) * u128::from(numerator)
            );
        }
    }

    #[test]
    fn both_widths_fill_the_same_parts() {
        for (units, whole, parts, want) in
            [(0, 7, 1000, 0), (7, 7, 1000, 1000), (2, 3, 1000, 666), (u64::MAX - 1, u64::MAX, u64::MAX, u64::MAX - 1)]
        {
            assert_eq!(units.parts_of(whole, parts), want);
            assert_eq!(U256::from(units).parts_of(U256::from(whole), parts), want);
        }
        assert_eq!(U256::MAX.parts_of(U256::MAX, u64::MAX), u64::MAX);
    }

    #[test]
    fn the_widest_product_fits() {
        assert_eq!(U256::MAX.mul_div_rem(U256::MAX, U256::MAX), (U256::MAX, U256::ZERO));
    }
}
