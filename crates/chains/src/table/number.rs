//! Amounts as tables write them, into exact integers: nothing is rounded, nothing is guessed.

use ruint::aliases::U256;

/// The most decimal places an asset may have: one whole of it still fits 256 bits.
pub const DECIMALS_MAX: u8 = 77;

/// How a table writes amounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notation {
    /// Between whole and fraction.
    pub decimal: u8,
    /// Between groups of three digits of the whole; none unless declared.
    pub thousands: Option<u8>,
}

impl Notation {
    /// A point before the fraction, nothing between thousands.
    pub const PLAIN: Self = Self { decimal: b'.', thousands: None };
}

/// Why a text is not an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Nothing there.
    #[error("expected an amount, found nothing")]
    Empty,
    /// A sign where amounts have none.
    #[error("expected an amount without a sign")]
    Signed,
    /// A letter, an exponent, a space, a formula.
    #[error("expected digits{}", at_most_one_point(*with_point))]
    Malformed {
        /// Whether a decimal point was allowed.
        with_point: bool,
    },
    /// Separators that the map does not declare, or that do not stand between groups of three.
    #[error("expected {}", grouping(*declared))]
    Grouping {
        /// Whether the map declares a separator.
        declared: bool,
    },
    /// More decimal places than the asset has.
    #[error("expected at most {decimals} decimal places")]
    TooFine {
        /// How many the asset has.
        decimals: u8,
    },
    /// Past 2^256 of the smallest unit.
    #[error("expected an amount below 2^256 of the smallest unit")]
    TooLarge,
}

fn at_most_one_point(with_point: bool) -> &'static str {
    if with_point { " with at most one decimal point" } else { " alone: the map says amounts are in smallest units" }
}

fn grouping(declared: bool) -> &'static str {
    if declared {
        "the declared thousands separator between groups of three digits"
    } else {
        "no thousands separator: the map declares none"
    }
}

/// Reads whole units: `1.5` with 8 decimals is 150,000,000.
///
/// Zeros behind the last decimal place that the asset has change nothing and are taken.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_whole(text: &str, decimals: u8, notation: Notation) -> Result<U256, AmountError> {
    check_sign(text)?;
    let (whole, fraction) = match text.as_bytes().iter().position(|byte| *byte == notation.decimal) {
        Some(point) => (&text.as_bytes()[..point], &text.as_bytes()[point + 1..]),
        None => (text.as_bytes(), &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(if text.is_empty() { AmountError::Empty } else { AmountError::Malformed { with_point: true } });
    }
    let whole = ungrouped(whole, notation)?;
    check_digits(fraction, notation, true)?;
    let places = usize::from(decimals);
    let (kept, beyond) = fraction.split_at(fraction.len().min(places));
    if beyond.iter().any(|digit| *digit != b'0') {
        return Err(AmountError::TooFine { decimals });
    }
    let units = digits(digits(Some(U256::ZERO), &whole), kept);
    let missing = places - kept.len();
    units.and_then(|units| units.checked_mul(ten_to(missing)?)).ok_or(AmountError::TooLarge)
}

/// Reads smallest units: digits alone.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_smallest(text: &str, notation: Notation) -> Result<U256, AmountError> {
    check_sign(text)?;
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    if text.as_bytes().contains(&notation.decimal) {
        return Err(AmountError::Malformed { with_point: false });
    }
    let whole = ungrouped(text.as_bytes(), notation)?;
    digits(Some(U256::ZERO), &whole).ok_or(AmountError::TooLarge)
}

/// Takes a sign off, for tables that write what leaves below zero.
#[must_use]
pub fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn check_sign(text: &str) -> Result<(), AmountError> {
    if text.starts_with(['-', '+', '\u{2212}']) { Err(AmountError::Signed) } else { Ok(()) }
}

/// The digits of a whole without its separators.
fn ungrouped(whole: &[u8], notation: Notation) -> Result<Vec<u8>, AmountError> {
    let Some(separator) = notation.thousands.filter(|separator| whole.contains(separator)) else {
        check_digits(whole, notation, true)?;
        return Ok(whole.to_vec());
    };
    let mut groups = whole.split(|byte| *byte == separator);
    let first = groups.next().unwrap_or_default();
    let fits = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    let plain: Vec<u8> = whole.iter().copied().filter(|byte| *byte != separator).collect();
    check_digits(&plain, notation, true)?;
    if fits { Ok(plain) } else { Err(AmountError::Grouping { declared: true }) }
}

fn check_digits(text: &[u8], notation: Notation, with_point: bool) -> Result<(), AmountError> {
    let Some(wrong) = text.iter().find(|byte| !byte.is_ascii_digit()) else { return Ok(()) };
    let separates = [b',', b'.', b'\'', b'_', b' '].contains(wrong) && *wrong != notation.decimal;
    let grouped = separates && text.first().is_some_and(u8::is_ascii_digit);
    Err(if grouped {
        AmountError::Grouping { declared: notation.thousands.is_some() }
    } else {
        AmountError::Malformed { with_point }
    })
}

/// `start`, followed by these digits; none past 2^256.
fn digits(start: Option<U256>, digits: &[u8]) -> Option<U256> {
    digits.chunks(19).fold(start, |sum, chunk| {
        let part = chunk.iter().fold(0_u64, |part, digit| part * 10 + u64::from(digit - b'0'));
        sum?.checked_mul(ten_to(chunk.len())?)?.checked_add(U256::from(part))
    })
}

/// A power of ten; none past 2^256.
fn ten_to(power: usize) -> Option<U256> {
    U256::from(10).checked_pow(U256::from(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPED: Notation = Notation { decimal: b'.', thousands: Some(b',') };
    const GERMAN: Notation = Notation { decimal: b',', thousands: Some(b'.') };

    fn whole(text: &str, decimals: u8) -> Result<U256, AmountError> {
        parse_whole(text, decimals, Notation::PLAIN)
    }

    #[test]
    fn amounts_are_exact() {
        for (text, decimals, units) in [
            ("526300010", 6, "526300010000000"),
            ("0.000000000000000001", 18, "1"),
            ("1.5", 8, "150000000"),
            (".5", 8, "50000000"),
            ("5.", 8, "500000000"),
            ("007", 0, "7"),
            ("1.50000000000", 8, "150000000"),
            ("0", 77, "0"),
        ] {
            assert_eq!(whole(text, decimals).map(|units| units.to_string()).as_deref(), Ok(units), "{text}");
        }
        assert_eq!(parse_whole("1,234,567.5", 1, GROUPED), Ok(U256::from(12_345_675)));
        assert_eq!(parse_whole("1.234.567,5", 1, GERMAN), Ok(U256::from(12_345_675)));
        assert_eq!(parse_smallest("12,345", GROUPED), Ok(U256::from(12_345)));
    }

    #[test]
    fn nothing_is_rounded_or_guessed() {
        let malformed = AmountError::Malformed { with_point: true };
        for (text, why) in [
            ("", AmountError::Empty),
            (".", malformed),
            ("1e18", malformed),
            ("0x10", malformed),
            ("=1+1", malformed),
            ("1.2.3", malformed),
            ("\u{0661}", malformed),
            ("-5", AmountError::Signed),
            ("+5", AmountError::Signed),
            ("\u{2212}5", AmountError::Signed),
            ("1,000.5", AmountError::Grouping { declared: false }),
            ("1 000", AmountError::Grouping { declared: false }),
            ("1.0000000000000000001", AmountError::TooFine { decimals: 18 }),
        ] {
            assert_eq!(whole(text, 18), Err(why), "{text}");
        }
        for text in ["1,00", "1,0000", ",100", "100,", "1,,000", "1.5,000"] {
            assert!(parse_whole(text, 18, GROUPED).is_err(), "{text}");
        }
        assert_eq!(parse_smallest("1.5", Notation::PLAIN), Err(AmountError::Malformed { with_point: false }));
        assert_eq!(parse_smallest("", Notation::PLAIN), Err(AmountError::Empty));
    }

    #[test]
    fn the_largest_amount_fits_and_one_more_does_not() {
        let largest = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        let one_more = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
        assert_eq!(whole(largest, 0), Ok(U256::MAX));
        assert_eq!(whole(one_more, 0), Err(AmountError::TooLarge));
        assert_eq!(whole("2", 77), Err(AmountError::TooLarge));
        assert_eq!(whole(&"9".repeat(5_000), 0), Err(AmountError::TooLarge));
        assert_eq!(whole(&"0".repeat(5_000), 0), Ok(U256::ZERO));
    }

    #[test]
    fn a_sign_comes_off_once() {
        assert_eq!((split_sign("-5"), split_sign("+5"), split_sign("5")), ((true, "5"), (false, "5"), (false, "5")));
        assert_eq!(split_sign("--5"), (true, "-5"));
    }
}
