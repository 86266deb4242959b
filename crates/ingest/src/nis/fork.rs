//! Where two chains part.

/// The highest height from `first` to `from` at which a thing holds that holds below it too, or none. It is asked at
/// heights that fall ever faster, then between the last two.
pub(super) fn highest<E>(
    first: u64,
    from: u64,
    mut holds: impl FnMut(u64) -> Result<bool, E>,
) -> Result<Option<u64>, E> {
    let (mut above, mut at, mut step) = (from + 1, from, 1);
    while !holds(at)? {
        if at == first {
            return Ok(None);
        }
        above = at;
        at = at.saturating_sub(step).max(first);
        step *= 2;
    }
    while above - at > 1 {
        let middle = at + (above - at) / 2;
        if holds(middle)? { at = middle } else { above = middle }
    }
    Ok(Some(at))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn the_last_height_in_common_is_found_in_few_questions() {
        for first in [1, 7, 100] {
            for from in first..first + 40 {
                for last in first - 1..=from {
                    let found = highest::<Infallible>(first, from, |at| Ok(at <= last));
                    assert_eq!(found, Ok((last >= first).then_some(last)), "{first} {from} {last}");
                }
            }
        }
        let mut asked = 0;
        let found = highest::<Infallible>(1, 5_000_000, |at| {
            asked += 1;
            Ok(at <= 4_999_640)
        });
        assert_eq!(found, Ok(Some(4_999_640)));
        assert!(asked < 20, "{asked}");
    }
}
