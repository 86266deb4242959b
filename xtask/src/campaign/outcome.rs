//! What a campaign tried and found.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use coinhound_store::campaign::tally::Tally;

use super::Limits;

/// Cases of one kind, and what there is to say about them.
pub struct Outcome {
    /// What was tried.
    pub what: String,
    /// Cases, and the failures among them.
    pub tally: Tally,
    /// How many cases were asked for; fewer were tried when time was up.
    pub wanted: u64,
    /// More about them, line by line.
    pub notes: Vec<String>,
}

impl Outcome {
    /// Cases that were all tried.
    pub fn new(what: &str, tally: Tally) -> Self {
        Self { what: what.to_owned(), wanted: tally.cases, tally, notes: Vec::new() }
    }

    /// Adds a line.
    pub fn note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "   {}: {} cases, {} failed", self.what, self.tally.cases, self.tally.failed)?;
        if self.tally.cases < self.wanted {
            write!(f, " (time was up before {})", self.wanted)?;
        }
        let lines = self.tally.told.iter().chain(&self.notes);
        lines.into_iter().try_for_each(|line| write!(f, "\n     {}", line.replace('\n', "\n     ")))
    }
}

/// Tries cases in portions, each from the next seed, until there are `wanted` or time is up. A portion
/// is told its seed and how many cases are left; one that panics counts as one failed case.
pub fn in_portions(limits: &Limits, what: &str, wanted: u64, mut portion: impl FnMut(u64, u64) -> Tally) -> Outcome {
    let mut tally = Tally::default();
    let mut seed = limits.seed;
    while tally.cases < wanted && !(limits.over() && tally.cases > 0) {
        let left = wanted - tally.cases;
        match catch_unwind(AssertUnwindSafe(|| portion(seed, left))) {
            Ok(done) => tally.add(done),
            Err(panic) => tally.count(|| format!("seed {seed}"), Err(words(&*panic))),
        }
        seed = seed.wrapping_add(1);
    }
    Outcome { what: what.to_owned(), tally, wanted, notes: Vec::new() }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}
