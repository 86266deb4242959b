//! What a finding names its rule by.

/// A rule by its name and version: another version may give another answer to the same question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId {
    /// Its name, as findings print it.
    pub name: &'static str,
    /// Its version, from one.
    pub version: u32,
}
