//! Everything that shapes a trace's result, in words that outlive the store it was run on.

use serde::{Deserialize, Serialize};

use crate::text::Said;

/// The parameters of one trace. Amounts are decimal text of the smallest unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parameters {
    /// The rules, in the order of the result.
    pub rules: Vec<String>,
    /// The rule the report answers by; the others stand beside it.
    pub declared: String,
    /// Which sets of tags end a trail.
    pub stop_sets: Vec<String>,
    /// Least confidence of a tag that ends a trail, 0 to 100.
    pub stop_confidence: u8,
    /// The tags that did so, each an address of this chain.
    pub stops: Vec<StopTag>,
    /// Names of the collaborative predicates that end a trail as mixed.
    pub collaborative: Vec<String>,
    /// Amounts below this are not followed.
    pub dust_below: String,
    /// Coins this many movements away are not followed.
    pub hops_max: Option<u32>,
    /// Movements above this height are not followed.
    pub height_max: Option<u32>,
    /// Movements later than this (seconds since 1970, by block time) are not followed.
    pub time_max: Option<u32>,
}

/// A tag at which the trace stops.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct StopTag {
    /// The address.
    pub address: String,
    /// Which set it belongs to: `services` or `mixers`.
    pub set: String,
    /// What the tag says.
    pub label: Said,
    /// Who says so.
    pub source: Said,
    /// The author's trust: an id of the field's scale.
    pub confidence: String,
    /// The pack's title.
    pub pack: Said,
}

impl Parameters {
    /// The number of the service that a stop's address belongs to: addresses that one source labels alike are one
    /// service, numbered by the first of them.
    ///
    /// # Panics
    /// When `stop` is not among [`Parameters::stops`].
    #[must_use]
    pub fn service_of(&self, stop: &StopTag) -> u32 {
        let alike = |other: &StopTag| (&other.set, &other.label, &other.pack) == (&stop.set, &stop.label, &stop.pack);
        let first = self.stops.iter().position(alike).expect("a stop is like itself");
        u32::try_from(first).expect("a case holds fewer than 2^32 tags")
    }

    /// The label of a service by its number.
    #[must_use]
    pub fn service_label(&self, number: u32) -> Option<&Said> {
        Some(&self.stops.get(usize::try_from(number).ok()?)?.label)
    }

    /// A hash of the parameters without what does not change any trail: which rules stand beside each other.
    #[must_use]
    pub fn digest(&self) -> String {
        let alone = Self { rules: Vec::new(), declared: String::new(), ..self.clone() };
        let mut hasher = blake3::Hasher::new_derive_key("coinhound 2026 trace parameters v1");
        hasher.update(crate::out::json::canonical(&alone).as_bytes());
        hasher.finalize().to_hex().to_string()
    }
}
