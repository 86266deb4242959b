//! Where segments are cut and the base folds: a pure function of the parameters, first height and tip.
//!
//! Nothing else may decide it, or bulk load, tip-following, kills and reorganisations would leave
//! different bytes behind. See the ADR on the layout by height.

use coinhound_model::Height;
use serde::{Deserialize, Serialize};

/// The sizes that segments may have and how often the base folds, in blocks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutParams {
    /// Ascending from 1, each a multiple of the one before.
    pub levels: Vec<u32>,
    /// A multiple of the largest level.
    pub fold: u32,
}

/// Why parameters cannot lay out a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// Levels that do not nest.
    #[error("segment levels {levels:?} must ascend from 1, each a multiple of the one before")]
    Levels {
        /// What was given.
        levels: Vec<u32>,
    },
    /// A fold that would cut a segment.
    #[error("fold of {fold} blocks must be a positive multiple of the largest level, {largest}")]
    Fold {
        /// What was given.
        fold: u32,
        /// The largest level.
        largest: u32,
    },
}

/// Adjacent blocks: `start <= height < end`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    /// Lowest height.
    pub start: u32,
    /// The height after the highest.
    pub end: u32,
}

impl Span {
    /// How many blocks.
    #[must_use]
    pub fn blocks(self) -> u32 {
        self.end - self.start
    }

    /// Whether a height lies inside.
    #[must_use]
    pub fn contains(self, height: Height) -> bool {
        (self.start..self.end).contains(&height.0)
    }

    /// The blocks of both, if there are any.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start < both.end).then_some(both)
    }
}

/// How one range of blocks lies on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// In order, without gaps, from the first height to the tip.
    pub segments: Vec<Span>,
    /// Blocks below this height are folded into the base; `None` when no block is.
    pub base: Option<Height>,
}

impl LayoutParams {
    /// What every real store uses.
    #[must_use]
    pub fn mainnet() -> Self {
        Self { levels: vec![1, 16, 256, 2_048], fold: 16_384 }
    }

    /// So small that a test of a hundred blocks seals, folds and reorganises below a fold.
    #[must_use]
    pub fn tiny() -> Self {
        Self { levels: vec![1, 4], fold: 16 }
    }

    /// Whether the levels nest and the fold respects them.
    ///
    /// # Errors
    /// Names the value at fault.
    pub fn check(&self) -> Result<(), LayoutError> {
        let nested = self.levels.first() == Some(&1)
            && self.levels.windows(2).all(|pair| pair[0] < pair[1] && pair[1].is_multiple_of(pair[0]));
        if !nested {
            return Err(LayoutError::Levels { levels: self.levels.clone() });
        }
        let largest = self.largest();
        if self.fold == 0 || !self.fold.is_multiple_of(largest) {
            return Err(LayoutError::Fold { fold: self.fold, largest });
        }
        Ok(())
    }

    /// How the blocks `first..=tip` lie.
    ///
    /// # Panics
    /// When `tip` is below `first` or the last height of 32 bits: callers hold a chain.
    #[must_use]
    pub fn layout(&self, first: Height, tip: Height) -> Layout {
        assert!(first <= tip && tip.0 < u32::MAX, "a layout needs at least one block");
        let end = tip.0 + 1;
        let mut segments = Vec::new();
        let mut start = first.0;
        while start < end {
            let span = Span { start, end: start + self.longest(start, end) };
            segments.push(span);
            start = span.end;
        }
        let base = Some(self.fold_below(end)).filter(|&base| base > first);
        Layout { segments, base }
    }

    /// The largest multiple of the fold that is not above `end`.
    #[must_use]
    pub fn fold_below(&self, end: u32) -> Height {
        Height(end - end % self.fold)
    }

    /// Whether a chain that ends below this height ends with a segment of the two largest levels, which later blocks
    /// seldom join.
    #[must_use]
    pub fn ends_long(&self, end: Height) -> bool {
        let level = self.levels.iter().rev().nth(1).unwrap_or(&1);
        end.0.is_multiple_of(*level)
    }

    /// The longest level that starts aligned at `start` and ends at or below `end`.
    fn longest(&self, start: u32, end: u32) -> u32 {
        let fits = |level: &&u32| start.is_multiple_of(**level) && **level <= end - start;
        *self.levels.iter().rev().find(fits).expect("level 1 fits everywhere: parameters were checked")
    }

    fn largest(&self) -> u32 {
        *self.levels.last().expect("levels were checked not to be empty")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params() -> impl Strategy<Value = LayoutParams> {
        (prop::collection::vec(2_u32..5, 0..3), 1_u32..5).prop_map(|(factors, folds)| {
            let mut levels = vec![1];
            for factor in factors {
                levels.push(levels[levels.len() - 1] * factor);
            }
            let fold = levels[levels.len() - 1] * folds;
            LayoutParams { levels, fold }
        })
    }

    proptest! {
        #[test]
        fn segments_cover_the_range_aligned_and_greedy(params in params(), first in 0_u32..200, blocks in 1_u32..300) {
            prop_assert_eq!(params.check(), Ok(()));
            let (first, tip) = (Height(first), Height(first + blocks - 1));
            let layout = params.layout(first, tip);
            let mut next = first.0;
            for span in &layout.segments {
                prop_assert_eq!(span.start, next);
                prop_assert!(params.levels.contains(&span.blocks()) && span.start.is_multiple_of(span.blocks()));
                let longer = params.levels.iter().filter(|&&level| level > span.blocks());
                for level in longer {
                    prop_assert!(!span.start.is_multiple_of(*level) || span.start + level > tip.0 + 1);
                }
                next = span.end;
            }
            prop_assert_eq!(next, tip.0 + 1);
        }

        #[test]
        fn no_segment_straddles_the_base(params in params(), first in 0_u32..200, blocks in 1_u32..300) {
            let layout = params.layout(Height(first), Height(first + blocks - 1));
            let end = first + blocks;
            match layout.base {
                Some(base) => {
                    prop_assert!(base.0.is_multiple_of(params.fold) && base.0 > first && base.0 <= end && end - base.0 < params.fold);
                    prop_assert!(layout.segments.iter().all(|span| span.end <= base.0 || span.start >= base.0));
                }
                None => prop_assert!((first + 1..=end).all(|height| !height.is_multiple_of(params.fold))),
            }
        }

        #[test]
        fn a_longer_chain_keeps_every_segment_it_does_not_merge(params in params(), first in 0_u32..200, blocks in 1_u32..300) {
            let short = params.layout(Height(first), Height(first + blocks - 1));
            let long = params.layout(Height(first), Height(first + blocks));
            for span in &short.segments {
                prop_assert!(long.segments.iter().any(|whole| whole.start <= span.start && span.end <= whole.end));
            }
        }
    }

    #[test]
    fn mainnet_overlays_above_the_base_are_few() {
        let params = LayoutParams::mainnet();
        let above = |tip: u32| {
            let layout = params.layout(Height(0), Height(tip));
            let base = layout.base.map_or(0, |height| height.0);
            layout.segments.iter().filter(|span| span.start >= base).count()
        };
        assert_eq!((16_384..3 * 16_384).map(above).max(), Some(44));
    }

    #[test]
    fn a_chain_ends_long_at_the_multiples_of_the_second_largest_level() {
        let ends = |params: LayoutParams, limit: u32| -> Vec<u32> {
            (1..=limit).filter(|end| params.ends_long(Height(*end))).collect()
        };
        assert_eq!(ends(LayoutParams::mainnet(), 600), [256, 512]);
        assert_eq!(ends(LayoutParams { levels: vec![1], fold: 4 }, 3), [1, 2, 3]);
    }

    #[test]
    fn parameters_that_do_not_nest_are_refused() {
        for levels in [vec![], vec![2], vec![1, 3, 4], vec![1, 1], vec![4, 1]] {
            let bad = LayoutParams { levels, fold: 16 };
            assert!(matches!(bad.check(), Err(LayoutError::Levels { .. })), "{bad:?}");
        }
        for fold in [0, 6] {
            assert!(matches!(LayoutParams { levels: vec![1, 4], fold }.check(), Err(LayoutError::Fold { .. })));
        }
        assert_eq!(LayoutParams::mainnet().check(), Ok(()));
        assert_eq!(LayoutParams::tiny().check(), Ok(()));
    }
}
