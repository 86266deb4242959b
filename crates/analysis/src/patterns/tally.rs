//! What the predicates count of one transaction, counted once: repeated values and distinct scripts.

use coinhound_model::{AddressId, LockKind};

use crate::patterns::shape::{ShapeInput, ShapeOutput, TxShape};

/// A value and how many outputs have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Run {
    pub value: u64,
    pub count: usize,
}

/// Counts over some of a transaction's outputs.
#[derive(Debug, Default)]
pub(super) struct Values {
    sorted: Vec<u64>,
    /// Ascending by value.
    pub runs: Vec<Run>,
    /// How many outputs were counted.
    pub len: usize,
}

impl Values {
    fn fill(&mut self, values: impl Iterator<Item = u64>) {
        self.sorted.clear();
        self.sorted.extend(values);
        self.sorted.sort_unstable();
        self.len = self.sorted.len();
        self.runs.clear();
        let runs = self.sorted.chunk_by(|a, b| a == b).map(|run| Run { value: run[0], count: run.len() });
        self.runs.extend(runs);
    }

    /// How many outputs have exactly this value.
    pub fn count_of(&self, value: u64) -> usize {
        self.runs.binary_search_by_key(&value, |run| run.value).map_or(0, |at| self.runs[at].count)
    }

    /// Values that stand more than once.
    pub fn repeated(&self) -> impl Iterator<Item = Run> {
        self.runs.iter().copied().filter(|run| run.count > 1)
    }
}

/// What the predicates ask of one transaction. Buffers are kept between transactions.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Over all outputs, data carriers included.
    pub all: Values,
    /// Over the outputs that have an address.
    pub paid: Values,
    /// Distinct scripts among the outputs that have an address.
    pub scripts_out: usize,
    /// Outputs that carry data.
    pub data_carriers: usize,
    /// Distinct scripts among the inputs, or `None` when some input's script is not known.
    pub scripts_in: Option<usize>,
    /// The most inputs that share one script; meaningless without `scripts_in`.
    pub top_in: usize,
    owners: Vec<u64>,
}

impl Tally {
    /// Counts the outputs' values only.
    pub fn count_values(&mut self, outputs: &[ShapeOutput]) {
        self.all.fill(outputs.iter().map(|output| output.value));
        self.paid.fill(outputs.iter().filter(|output| output.owner.is_some()).map(|output| output.value));
        self.data_carriers = outputs.iter().filter(|output| output.kind == LockKind::DataCarrier).count();
    }

    /// Counts the scripts on both sides.
    pub fn count_scripts(&mut self, shape: &TxShape<'_>) {
        self.owners.clear();
        self.owners.extend(
            shape.outputs.iter().map(|output| output.owner).filter(|owner| owner.is_some()).map(|owner| owner.0),
        );
        (self.scripts_out, _) = distinct(&mut self.owners);
        self.count_inputs(shape.inputs);
    }

    fn count_inputs(&mut self, inputs: &[ShapeInput]) {
        self.scripts_in = None;
        if inputs.iter().any(|input| input.owner == AddressId::NONE) {
            return;
        }
        self.owners.clear();
        self.owners.extend(inputs.iter().map(|input| input.owner.0));
        let (scripts_in, top_in) = distinct(&mut self.owners);
        (self.scripts_in, self.top_in) = (Some(scripts_in), top_in);
    }

    /// Whether every output that has an address has one of its own.
    pub fn outputs_distinct(&self) -> bool {
        self.scripts_out == self.paid.len
    }
}

/// The most frequent value among `values` that `keep` admits. Of equally frequent values the one whose first
/// output stands first, which is what Python's `Counter.most_common` and a stable sort of C#'s `GroupBy` answer.
pub(super) fn most_frequent<'a>(
    outputs: impl Iterator<Item = &'a ShapeOutput>,
    values: &Values,
    keep: impl Fn(u64) -> bool,
) -> Option<Run> {
    let most = values.runs.iter().filter(|run| keep(run.value)).map(|run| run.count).max()?;
    let first = outputs.map(|output| output.value).find(|value| keep(*value) && values.count_of(*value) == most);
    first.map(|value| Run { value, count: most })
}

/// How many distinct ids there are and how often the most frequent stands.
fn distinct(ids: &mut [u64]) -> (usize, usize) {
    ids.sort_unstable();
    ids.chunk_by(|a, b| a == b).fold((0, 0), |(count, top), run| (count + 1, top.max(run.len())))
}
