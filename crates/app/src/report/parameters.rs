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
    /// Whether a stop holds for its tagged address alone, although its tag defines a cluster.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stop_exact: bool,
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
    /// Whether trails go on where value is exchanged for another asset: `known`, `follow` or `stop`. Absent on coins, and in runs
    /// of before there was a choice, which did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversions: Option<String>,
    /// Accounts known to exchange assets, where that is asked: tagged so, named so, or contracts of well-known tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchangers: Vec<String>,
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
    /// The cluster that the stop holds for, where the tag's pack says that it defines one. It stands with one tag
    /// of each cluster; absent where only the address itself is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<StopCluster>,
}

/// The cluster that a stop was widened to: an inference, which the result names wherever it rests on it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct StopCluster {
    /// The evidence: `co-spend`.
    pub tier: String,
    /// What forbids such evidence: the veto set's name.
    pub vetoes: String,
    /// How many addresses it has as of the result's height, the tagged one included.
    pub addresses: u64,
    /// What other stops in the same cluster are called, where that differs: a reason to doubt the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Said>,
}

/// A service by the number that a trace gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Service<'a> {
    /// What its tag says.
    pub label: &'a Said,
    /// The tagged address whose cluster it is, where the stop is not at a tagged address itself.
    pub cluster_of: Option<&'a str>,
}

impl Service<'_> {
    /// `Example Exchange`, or `Example Exchange (stop by cluster of 1Example)`.
    #[must_use]
    pub fn told(&self) -> String {
        match self.cluster_of {
            None => self.label.0.clone(),
            Some(address) => format!("{} (stop by cluster of {address})", self.label.0),
        }
    }
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

    /// The number of the service that the rest of a stop's cluster belongs to: told apart from the tagged addresses.
    ///
    /// # Panics
    /// When `stop` is not among [`Parameters::stops`].
    #[must_use]
    pub fn service_by_cluster(&self, stop: &StopTag) -> u32 {
        let at = self.stops.iter().position(|other| other == stop).expect("a stop is among the stops");
        u32::try_from(self.stops.len() + at).expect("a case holds fewer than 2^31 tags")
    }

    /// A service by its number.
    #[must_use]
    pub fn service(&self, number: u32) -> Option<Service<'_>> {
        let number = usize::try_from(number).ok()?;
        if let Some(stop) = self.stops.get(number) {
            return Some(Service { label: &stop.label, cluster_of: None });
        }
        let stop = self.stops.get(number - self.stops.len())?;
        Some(Service { label: &stop.label, cluster_of: Some(&stop.address) })
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
