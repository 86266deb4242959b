//! What was measured of each block, by tenths of the run.

use std::time::Duration;

/// From so many blocks on, a tenth is long enough that its average may be held against another's.
const BLOCKS_TO_COMPARE: usize = 1_000;

/// How much more the last tenth may cost than the first, in percent: other programs share the machine, and what grew
/// with the chain would grow tenfold.
const GROWTH_MAX_PERCENT: u128 = 100;

/// What was measured of one block.
#[derive(Clone, Copy)]
pub struct Sample {
    /// From the node's having it to the question that brought it: a part of the pause between two questions.
    pub wait: Duration,
    /// From that question to the commit's being durable.
    pub work: Duration,
    /// CPU time of our process since the block before, all questions in between included.
    pub cpu: Duration,
}

/// Averages of each tenth of a run, in microseconds.
pub struct Tenths {
    rows: Vec<Row>,
    blocks: usize,
}

struct Row {
    wait: u128,
    work: u128,
    work_median: u128,
    work_slowest: u128,
    cpu: u128,
}

impl Tenths {
    /// Of these blocks, in their order.
    pub fn of(samples: &[Sample]) -> Self {
        let len = samples.len().div_ceil(10).max(1);
        Self { rows: samples.chunks(len).map(Row::of).collect(), blocks: samples.len() }
    }

    /// Whether the last tenth costs about what the first does.
    ///
    /// # Errors
    /// Both, when it does not.
    pub fn flat(&self) -> Result<(), String> {
        let [first, .., last] = self.rows.as_slice() else { return Ok(()) };
        if self.blocks < BLOCKS_TO_COMPARE || last.cpu * 100 <= first.cpu * (100 + GROWTH_MAX_PERCENT) {
            return Ok(());
        }
        Err(format!("a block costs {} µs of CPU in the first tenth, {} µs in the last", first.cpu, last.cpu))
    }

    /// First, middle and last tenth in words.
    pub fn lines(&self) -> Vec<String> {
        let middle = self.rows.len() / 2;
        let named = [("first", self.rows.first()), ("middle", self.rows.get(middle)), ("last", self.rows.last())];
        let told = named.into_iter().filter_map(|(name, row)| Some((name, row?)));
        told.map(|(name, row)| format!("{name:<6} tenth: {row}")).collect()
    }
}

impl Row {
    fn of(samples: &[Sample]) -> Self {
        let mean = |of: fn(&Sample) -> Duration| {
            samples.iter().map(|sample| of(sample).as_micros()).sum::<u128>() / samples.len() as u128
        };
        let mut work: Vec<u128> = samples.iter().map(|sample| sample.work.as_micros()).collect();
        work.sort_unstable();
        Self {
            wait: mean(|sample| sample.wait),
            work: mean(|sample| sample.work),
            work_median: work[work.len() / 2],
            work_slowest: work[work.len() - 1],
            cpu: mean(|sample| sample.cpu),
        }
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { wait, work, work_median, work_slowest, cpu } = self;
        write!(f, "{cpu} µs of CPU a block; it waits {wait} µs for the question and is durable {work} µs after that")?;
        write!(f, " (median {work_median}, slowest {work_slowest})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(blocks: u64, cpu_micros: impl Fn(u64) -> u64) -> Vec<Sample> {
        let sample = |block| {
            let cpu = Duration::from_micros(cpu_micros(block));
            Sample { wait: 2 * cpu, work: cpu, cpu }
        };
        (0..blocks).map(sample).collect()
    }

    #[test]
    fn what_grows_with_the_chain_is_told_and_what_is_flat_is_not() {
        assert!(Tenths::of(&samples(2_000, |block| 500 + block % 7)).flat().is_ok());
        assert!(Tenths::of(&samples(2_000, |block| 500 + block)).flat().is_err());
        assert!(Tenths::of(&samples(50, |block| 500 + 100 * block)).flat().is_ok(), "too short to tell");
    }

    #[test]
    fn each_tenth_is_told() {
        let lines = Tenths::of(&samples(100, |block| block)).lines();
        assert!(lines[0].starts_with("first  tenth: 4 µs") && lines[2].starts_with("last   tenth: 94 µs"), "{lines:?}");
        assert!(Tenths::of(&[]).lines().is_empty());
    }
}
