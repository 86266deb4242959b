//! A stable sort for rows with small integer keys: one counting pass for each eleven bits.

const DIGIT_BITS: u32 = 11;

/// Below this many rows a comparison sort is faster than filling histograms.
const SMALL: usize = 2_048;

/// Sorts rows by `key`, which must be below `1 << key_bits`; rows with equal keys keep their order.
pub(crate) fn sort_by_key<T: Copy>(rows: &mut Vec<T>, key_bits: u32, key: impl Fn(&T) -> u64) {
    debug_assert!(rows.iter().all(|row| key_bits == 64 || key(row) >> key_bits == 0), "a key is wider than promised");
    if rows.len() < SMALL {
        rows.sort_by_key(key);
        return;
    }
    let mut scratch = rows.clone();
    for shift in (0..key_bits).step_by(DIGIT_BITS as usize) {
        if scatter(rows, &mut scratch, |row| digit(key(row), shift)) {
            std::mem::swap(rows, &mut scratch);
        }
    }
}

/// How many bits the keys below `bound` need.
pub(crate) fn bits_below(bound: u64) -> u32 {
    u64::BITS - bound.saturating_sub(1).leading_zeros()
}

fn digit(key: u64, shift: u32) -> usize {
    usize::try_from((key >> shift) & ((1 << DIGIT_BITS) - 1)).expect("a digit is small")
}

/// Distributes `from` into `into` by digit; says no when all digits are equal and nothing was done.
fn scatter<T: Copy>(from: &[T], into: &mut [T], digit: impl Fn(&T) -> usize) -> bool {
    let mut starts = [0_usize; 1 << DIGIT_BITS];
    for row in from {
        starts[digit(row)] += 1;
    }
    if starts.contains(&from.len()) {
        return false;
    }
    let mut next = 0;
    for start in &mut starts {
        next += std::mem::replace(start, next);
    }
    for row in from {
        let slot = &mut starts[digit(row)];
        into[*slot] = *row;
        *slot += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_equals_the_stable_sort(bits in 1_u32..41, seed in any::<u64>(), count in 0_usize..6_000) {
            let mut state = seed;
            let mut rows: Vec<(u64, usize)> = (0..count)
                .map(|position| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    ((state >> 20) & ((1 << bits) - 1), position)
                })
                .collect();
            let mut expected = rows.clone();
            expected.sort_by_key(|row| row.0);
            sort_by_key(&mut rows, bits, |row| row.0);
            prop_assert_eq!(rows, expected);
        }
    }

    #[test]
    fn bits_are_counted_from_the_bound() {
        for (bound, bits) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1 << 32, 32)] {
            assert_eq!(bits_below(bound), bits, "{bound}");
        }
    }
}
