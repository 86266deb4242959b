//! The raw fields of a tag pack with the lines they stand on, before any rule is applied.
//!
//! Header and tag share one set of fields, because any tag field may sit in the header. Unknown fields
//! are collected, not dropped. Parsing is bounded before it starts: bytes, nodes, depth, aliases.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::{Options, Spanned};

/// Largest pack that is read. The largest public one is a few MiB.
pub const MAX_BYTES: u64 = 32 << 20;

/// A value and the line it stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct At<T> {
    /// What was written.
    pub value: T,
    /// From one.
    pub line: u32,
}

/// The fields of a header or a tag as written.
#[derive(Default, Debug)]
pub struct Fields {
    /// Scalar fields by name, in the order written.
    pub scalars: Vec<(String, At<String>)>,
    /// The concepts' ids.
    pub concepts: Option<Vec<String>>,
    /// Free context: text or a mapping.
    pub context: Option<At<serde_json::Value>>,
    /// The tags (header only).
    pub tags: Option<Vec<At<Fields>>>,
    /// Field names no rule knows.
    pub unknown: Vec<At<String>>,
}

/// The scalar fields that packs may use.
const SCALARS: [&str; 19] = [
    "title",
    "creator",
    "description",
    "owner",
    "is_public",
    "address",
    "tx_hash",
    "label",
    "source",
    "currency",
    "network",
    "confidence",
    "lastmod",
    "is_cluster_definer",
    "category",
    "abuse",
    "actor",
    "tag_type",
    "uri",
];

impl Fields {
    /// The scalar with this name; an empty or null one counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&At<String>> {
        let found = self.scalars.iter().find(|(key, _)| key == name).map(|(_, at)| at);
        found.filter(|at| !at.value.trim().is_empty())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of tag fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let (name, line) = (key.value, line_of(key.referenced.line()));
            match name.as_str() {
                "tags" => fields.tags = Some(map.next_value::<Vec<Spanned<Fields>>>()?.into_iter().map(at).collect()),
                "concepts" => fields.concepts = map.next_value()?,
                "context" => fields.context = map.next_value::<Option<Spanned<serde_json::Value>>>()?.map(at),
                known if SCALARS.contains(&known) => {
                    if let Some(value) = map.next_value::<Option<Spanned<String>>>()? {
                        fields.scalars.push((name, at(value)));
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    fields.unknown.push(At { value: name, line });
                }
            }
        }
        Ok(fields)
    }
}

fn at<T>(spanned: Spanned<T>) -> At<T> {
    At { line: line_of(spanned.referenced.line()), value: spanned.value }
}

fn line_of(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// The limits that end a bomb before it grows: aliases multiply, nesting recurses.
#[must_use]
pub fn limits() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 16,
            flow_nesting_limit: 16,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_nodes: 8_000_000,
            max_events: 16_000_000,
            max_recorded_anchor_events: 20_000,
            max_recorded_anchor_bytes: 1 << 20,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}
