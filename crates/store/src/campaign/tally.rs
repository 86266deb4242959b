//! What a suite did and what it found.

use std::fmt;

/// How many failures are told in full.
const TOLD: usize = 5;

/// Cases counted, and the failures among them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How many cases were tried.
    pub cases: u64,
    /// How many failed.
    pub failed: u64,
    /// The first failures: enough to repeat each.
    pub told: Vec<String>,
}

impl Tally {
    /// Counts a case; `name` says how to repeat it.
    pub fn count(&mut self, name: impl FnOnce() -> String, outcome: Result<(), String>) {
        self.cases += 1;
        if let Err(why) = outcome {
            self.failed += 1;
            if self.told.len() < TOLD {
                self.told.push(format!("{}: {why}", name()));
            }
        }
    }

    /// Adds another tally's cases to these.
    pub fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.failed += other.failed;
        self.told.extend(other.told);
        self.told.truncate(TOLD);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cases, {} failed", self.cases, self.failed)?;
        self.told.iter().try_for_each(|told| write!(f, "\n  {told}"))
    }
}
