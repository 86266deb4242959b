//! The table of a world's shape.

use std::fmt;

/// A miss of more than this is said, in thousandths.
const MISS_MAX: u64 = 200;

/// One line: what was measured in mainnet blocks, what was found in the world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What is counted.
    pub name: &'static str,
    /// The anchors, as text.
    pub anchor: String,
    /// What the world has, as text.
    pub got: String,
    /// Distance from the nearest anchor, in thousandths of it (or of the whole, for distributions).
    pub distance: u64,
}

/// All lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// In reading order.
    pub rows: Vec<Row>,
}

impl Row {
    /// Whether the world is off by more than a fifth.
    #[must_use]
    pub fn misses(&self) -> bool {
        self.distance > MISS_MAX
    }

    /// A number beside one or two anchors; between the two it is on target.
    pub(super) fn number(name: &'static str, got: u64, anchors: &[u64]) -> Self {
        let low = anchors.iter().copied().min().unwrap_or(0);
        let high = anchors.iter().copied().max().unwrap_or(0);
        let distance = match () {
            () if got < low => (low - got) * 1000 / low.max(1),
            () if got > high => (got - high) * 1000 / high.max(1),
            () => 0,
        };
        let anchor = if low == high { low.to_string() } else { format!("{low} to {high}") };
        Self { name, anchor, got: got.to_string(), distance }
    }

    /// A distribution beside the known quantiles (thousandths and value) of one block, or of the nearer of two.
    pub(super) fn distribution(name: &'static str, values: &[u64], anchors: &[&[(u64, u64)]]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let nearest = anchors.iter().min_by_key(|points| distance(&sorted, points)).copied().unwrap_or(&[]);
        let text = |value: &dyn Fn(u64, u64) -> u64| {
            let parts: Vec<_> = nearest.iter().map(|(share, at)| value(*share, *at).to_string()).collect();
            parts.join("/")
        };
        let anchor = text(&|_, at| at);
        let got = text(&|share, _| quantile(&sorted, share));
        Self { name, anchor, got, distance: distance(&sorted, nearest) }
    }
}

/// The largest difference between the cumulative shares at the known points. Where many values are equal, the share
/// at a point is a range, and the nearer end counts.
fn distance(sorted: &[u64], points: &[(u64, u64)]) -> u64 {
    let share = |count: usize| count as u64 * 1000 / (sorted.len() as u64).max(1);
    let at = |(wanted, value): &(u64, u64)| {
        let below = share(sorted.partition_point(|one| one < value));
        let within = share(sorted.partition_point(|one| one <= value));
        if (below..=within).contains(wanted) { 0 } else { below.abs_diff(*wanted).min(within.abs_diff(*wanted)) }
    };
    points.iter().map(at).max().unwrap_or(0)
}

fn quantile(sorted: &[u64], share: u64) -> u64 {
    let last = sorted.len().saturating_sub(1) as u64;
    sorted.get(usize::try_from(last * share / 1000).expect("an index")).copied().unwrap_or(0)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<46} {:>24} {:>26} {:>9}", "thousandths unless said", "mainnet", "world", "off by")?;
        for row in &self.rows {
            let said = if row.misses() { "  MISS" } else { "" };
            let off = format!("{}.{} %", row.distance / 10, row.distance % 10);
            writeln!(f, "{:<46} {:>24} {:>26} {off:>9}{said}", row.name, row.anchor, row.got)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_between_two_anchors_is_on_target() {
        assert_eq!(Row::number("x", 15, &[20, 10]).distance, 0);
        assert_eq!(Row::number("x", 24, &[20, 10]).distance, 200);
        assert!(Row::number("x", 5, &[20, 10]).misses());
    }

    #[test]
    fn the_distance_is_the_largest_over_the_known_points() {
        let values: Vec<_> = (1..=1000).collect();
        assert_eq!(Row::distribution("x", &values, &[&[(100, 100), (500, 500)]]).distance, 0);
        assert_eq!(Row::distribution("x", &values, &[&[(100, 100), (500, 800)]]).distance, 299);
        let near = Row::distribution("x", &values, &[&[(500, 800)], &[(500, 600)]]);
        assert_eq!((near.distance, near.anchor.as_str()), (99, "600"));
    }
}
