//! The stages of a load in which it can be killed.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error};
use clap::ValueEnum;

/// What a load is doing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub enum Stage {
    /// Block files are read: frames, headers, then blocks one by one.
    Parse,
    /// A block's inputs are joined with the coins they spend.
    Join,
    /// Segments are sealed: facts and overlays written, synced and named.
    Seal,
    /// Blocks are folded into a new base.
    Fold,
    /// The manifest is written and swapped, the logs of this machine follow, retired files go.
    Manifest,
    /// All of a commit that displaces stored blocks.
    Reorganisation,
    /// A store is opened that an earlier kill left with files of no commit.
    Recovery,
}

impl Stage {
    /// All of them, in the order of a load.
    pub const ALL: [Self; 7] =
        [Self::Parse, Self::Join, Self::Seal, Self::Fold, Self::Manifest, Self::Reorganisation, Self::Recovery];

    /// Its place in [`Stage::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|stage| *stage == self).expect("all stages are listed")
    }

    /// About how many steps of it a load announces, as a power of two.
    pub fn steps_log2(self) -> u64 {
        match self {
            Self::Manifest | Self::Recovery => 4,
            Self::Parse | Self::Join | Self::Seal | Self::Fold => 7,
            Self::Reorganisation => 8,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.to_possible_value().expect("no stage is hidden").get_name())
    }
}

/// One line that a child says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// A step of this stage begins.
    At(Stage),
    /// A commit with this height is durable.
    Committed(u32),
    /// The load ran through.
    Done,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(stage) => write!(f, "at {stage}"),
            Self::Committed(height) => write!(f, "committed {height}"),
            Self::Done => f.write_str("done"),
        }
    }
}

impl FromStr for Word {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self, Error> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let word = match verb {
            "at" => Stage::from_str(rest, false).ok().map(Self::At),
            "committed" => rest.parse().ok().map(Self::Committed),
            "done" => Some(Self::Done),
            _ => None,
        };
        word.with_context(|| format!("a child said `{line}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_said() {
        let stages = Stage::ALL.map(Word::At);
        for word in stages.iter().chain(&[Word::Committed(7), Word::Done]) {
            assert_eq!(word.to_string().parse::<Word>().ok().as_ref(), Some(word));
        }
        assert!("at noon".parse::<Word>().is_err() && "".parse::<Word>().is_err());
    }
}
