//! The tags a report shows, numbered in the order they are first needed.

use std::collections::BTreeMap;

use crate::report::document::TagLine;

/// Tags by subject; those that are shown get a number.
pub(super) struct TagBook<'a> {
    by_subject: BTreeMap<&'a str, Vec<&'a TagLine>>,
    pub(super) shown: Vec<TagLine>,
    numbers: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> TagBook<'a> {
    pub(super) fn new(tags: &'a [TagLine]) -> Self {
        let mut by_subject: BTreeMap<&str, Vec<&TagLine>> = BTreeMap::new();
        for tag in tags {
            by_subject.entry(tag.subject.0.as_str()).or_default().push(tag);
        }
        Self { by_subject, shown: Vec::new(), numbers: BTreeMap::new() }
    }

    /// The numbers of the tags on a subject.
    pub(super) fn on(&mut self, subject: &str) -> Vec<usize> {
        let Some((&subject, tags)) = self.by_subject.get_key_value(subject) else { return Vec::new() };
        if let Some(numbers) = self.numbers.get(subject) {
            return numbers.clone();
        }
        let numbers: Vec<usize> = (self.shown.len()..self.shown.len() + tags.len()).collect();
        self.shown.extend(tags.iter().map(|&tag| tag.clone()));
        self.numbers.insert(subject, numbers.clone());
        numbers
    }
}
