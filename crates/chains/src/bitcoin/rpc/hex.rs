//! Bytes as a node prints them: two hexadecimal digits each.

use std::fmt;

/// Why text is not bytes in hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum HexFault {
    /// A half byte at the end.
    Odd {
        /// How many digits there are.
        digits: usize,
    },
    /// Something else than a digit.
    NoDigit {
        /// Where it stands, counted from the first digit.
        offset: usize,
    },
}

impl fmt::Display for HexFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Odd { digits } => write!(f, "{digits} digits do not make whole bytes"),
            Self::NoDigit { offset } => write!(f, "something else than a digit stands at character {offset}"),
        }
    }
}

/// What no digit is worth.
const NONE: u8 = 0xff;

/// The worth of each character as a digit.
const WORTH: [u8; 256] = {
    let mut worth = [NONE; 256];
    let mut digit = 0;
    while digit < 16 {
        worth[b"0123456789abcdef"[digit as usize] as usize] = digit;
        worth[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    worth
};

/// The bytes that digits print.
pub(crate) fn bytes_of(digits: &[u8]) -> Result<Vec<u8>, HexFault> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut bytes = Vec::with_capacity(pairs.len());
    // One test for all: only what is no digit sets a high bit.
    let mut seen = 0;
    for &[high, low] in pairs {
        let (high, low) = (WORTH[usize::from(high)], WORTH[usize::from(low)]);
        seen |= high | low;
        bytes.push(high << 4 | low & 0xf);
    }
    if seen & 0xf0 == 0 && rest.is_empty() { Ok(bytes) } else { Err(fault_of(digits)) }
}

#[cold]
fn fault_of(digits: &[u8]) -> HexFault {
    match digits.iter().position(|&digit| WORTH[usize::from(digit)] == NONE) {
        Some(offset) => HexFault::NoDigit { offset },
        None => HexFault::Odd { digits: digits.len() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_either_case_are_bytes() {
        assert_eq!(bytes_of(b"00fF10Ab"), Ok(vec![0, 0xff, 0x10, 0xab]));
        assert_eq!(bytes_of(b""), Ok(vec![]));
        let all: String = (0..=255_u8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bytes_of(all.as_bytes()), Ok((0..=255).collect()));
    }

    #[test]
    fn what_is_no_digit_is_found_where_it_stands() {
        assert_eq!(bytes_of(b"0"), Err(HexFault::Odd { digits: 1 }));
        assert_eq!(bytes_of(b"00x0"), Err(HexFault::NoDigit { offset: 2 }));
        assert_eq!(bytes_of(b"000\xff"), Err(HexFault::NoDigit { offset: 3 }));
        assert_eq!(bytes_of(b"00g"), Err(HexFault::NoDigit { offset: 2 }));
    }
}
