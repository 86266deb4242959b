//! A finding's id: the hash of its canonical claim, so that two experts, a report and a bundle cite the same one.

use serde_json::Value;

use crate::out::json;

/// One conclusion: its claim and the id that follows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// 64 hexadecimal digits.
    pub id: String,
    /// The claim: kind, facts, rule and version, parameters, the block it holds at.
    pub claim: Value,
}

impl Finding {
    /// Names a claim.
    #[must_use]
    pub fn of(claim: Value) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("coinhound 2026 finding v1");
        hasher.update(json::canonical(&claim).as_bytes());
        Self { id: hasher.finalize().to_hex().to_string(), claim }
    }

    /// What a page prints: the first 16 digits.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.id[..16]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_rename_a_finding_and_a_parameter_does() {
        let one = Finding::of(serde_json::json!({ "kind": "end", "units": "5" }));
        assert_eq!(one.id, Finding::of(serde_json::json!({ "units": "5", "kind": "end" })).id);
        assert_ne!(one.id, Finding::of(serde_json::json!({ "kind": "end", "units": "6" })).id);
        assert_eq!(one.short().len(), 16);
    }
}
