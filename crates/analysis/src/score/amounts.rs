//! Traced amounts against who really held them.

use std::collections::BTreeMap;

use crate::score::share::Share;

/// Where value was traced to, and where it really was: by holder, in smallest units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amounts<K> {
    holders: BTreeMap<K, (u128, u128)>,
}

/// What a trace is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AmountScore {
    /// Of the value traced, how much was where it was traced to: `sum min(x, y) / sum y`; `None` where nothing was traced.
    pub precision: Option<Share>,
    /// Of the value that was there, how much was traced there: `sum min(x, y) / sum x`.
    pub recall: Option<Share>,
    /// Half of what is too much or too little anywhere, of the value that was there.
    pub variation: Option<Share>,
    /// Holders to whom anything was traced: what following them would cost.
    pub reach: u64,
}

impl<K: Ord> Default for Amounts<K> {
    fn default() -> Self {
        Self { holders: BTreeMap::new() }
    }
}

impl<K: Ord> Amounts<K> {
    /// Value that was really there.
    pub fn held(&mut self, holder: K, units: u128) {
        self.holders.entry(holder).or_default().0 += units;
    }

    /// Value that was traced there.
    pub fn traced(&mut self, holder: K, units: u128) {
        self.holders.entry(holder).or_default().1 += units;
    }

    /// The score over all holders.
    #[must_use]
    pub fn score(&self) -> AmountScore {
        let sum = |of: fn(&(u128, u128)) -> u128| -> u128 { self.holders.values().map(of).sum() };
        let (held, traced, right) = (sum(|at| at.0), sum(|at| at.1), sum(|at| at.0.min(at.1)));
        AmountScore {
            precision: Share::of_counts(right, traced),
            recall: Share::of_counts(right, held),
            variation: Share::of_counts(sum(|at| at.0.abs_diff(at.1)), 2 * held),
            reach: self.holders.values().filter(|at| at.1 > 0).count() as u64,
        }
    }

    /// Of the `most` holders who held most, how many are among the `most` to whom most was traced; equal amounts by holder.
    #[must_use]
    pub fn top(&self, most: usize) -> Option<Share> {
        let first = |of: fn(&(u128, u128)) -> u128| {
            let mut holders: Vec<_> = self.holders.iter().filter(|(_, at)| of(at) > 0).collect();
            holders.sort_by(|a, b| of(b.1).cmp(&of(a.1)).then(a.0.cmp(b.0)));
            holders.into_iter().take(most).map(|(holder, _)| holder).collect::<Vec<_>>()
        };
        let (held, traced) = (first(|at| at.0), first(|at| at.1));
        let found = held.iter().filter(|holder| traced.contains(holder)).count();
        Share::of_counts(found as u128, held.len() as u128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(rows: &[(&'static str, u128, u128)]) -> Amounts<&'static str> {
        let mut amounts = Amounts::default();
        for &(holder, held, traced) in rows {
            amounts.held(holder, held);
            amounts.traced(holder, traced);
        }
        amounts
    }

    #[test]
    fn value_in_the_wrong_place_costs_precision_and_recall() {
        let score = amounts(&[("a", 60, 30), ("b", 40, 40), ("c", 0, 10)]).score();
        assert_eq!(score.precision, Some(Share::of_parts(875_000_000)), "70 of 80");
        assert_eq!(score.recall, Some(Share::of_parts(700_000_000)), "70 of 100");
        assert_eq!(score.variation, Some(Share::of_parts(200_000_000)), "(30 + 10) / 2 of 100");
        assert_eq!(score.reach, 3);
        assert_eq!(amounts(&[("a", 1, 0)]).score().precision, None);
    }

    #[test]
    fn the_largest_holders_are_compared_as_sets() {
        let amounts = amounts(&[("a", 9, 1), ("b", 8, 7), ("c", 1, 9), ("d", 0, 8)]);
        assert_eq!(amounts.top(2), Some(Share::ZERO));
        assert_eq!(amounts.top(3), Some(Share::of_parts(666_666_666)));
    }
}
