//! How far a tag's author trusts it: the field's own scale, ids and levels (GraphSense taxonomy).

use std::fmt;

/// One step of the scale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Confidence {
    /// Its id in tag packs.
    pub id: &'static str,
    /// 0 to 100.
    pub level: u8,
}

/// Every step, the most trusted first.
pub const SCALE: [Confidence; 14] = [
    Confidence { id: "override", level: 100 },
    Confidence { id: "ownership", level: 100 },
    Confidence { id: "ledger_immanent", level: 100 },
    Confidence { id: "manual_transaction", level: 90 },
    Confidence { id: "service_api", level: 70 },
    Confidence { id: "forensic_investigation", level: 70 },
    Confidence { id: "authority_data", level: 60 },
    Confidence { id: "trusted_provider", level: 50 },
    Confidence { id: "service_data", level: 50 },
    Confidence { id: "forensic", level: 50 },
    Confidence { id: "untrusted_transaction", level: 40 },
    Confidence { id: "web_crawl", level: 20 },
    Confidence { id: "heuristic", level: 10 },
    Confidence { id: "unknown", level: 5 },
];

impl Confidence {
    /// The step with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        SCALE.iter().find(|step| step.id == id).copied()
    }

    /// Id and level, as JSON answers name them.
    #[must_use]
    pub fn json(self) -> serde_json::Value {
        serde_json::json!({ "id": self.id, "level": self.level })
    }

    /// The ids a pack may use, as one line.
    #[must_use]
    pub fn choices() -> String {
        SCALE.map(|step| step.id).join(", ")
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} of 100)", self.id, self.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_levels_of_the_taxonomy() {
        for (id, level) in
            [("ownership", 100), ("authority_data", 60), ("forensic", 50), ("web_crawl", 20), ("unknown", 5)]
        {
            assert_eq!(Confidence::parse(id).map(|c| c.level), Some(level));
        }
        assert!(Confidence::parse("certain").is_none());
    }
}
