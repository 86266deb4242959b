//! How the nodes of an account ledger stood at the last contact, kept beside the store so that `status` can tell.
//!
//! One machine's note, outside the store's identity and never a source of answers: what is in it is the nodes' word and
//! this machine's clock. Where it is absent or damaged, no node is known, and nothing else changes.

use std::path::Path;

use coinhound_ingest::Trouble;
use serde::{Deserialize, Serialize};

use crate::contact::{self, ContactError};

const FILE: &str = "nodes.json";

/// The form of the note that this build writes and reads.
const FORMAT: u32 = 1;

/// Nodes that were asked, what they said, and what was in the store then.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The form of the note, set when it is made.
    pub(crate) format: u32,
    /// Each node that was asked.
    pub nodes: Vec<NodeHeight>,
    /// Which of their blocks counts as the newest: `finalized`, `safe`, `latest`, or a height.
    pub until: String,
    /// When they were last asked, in seconds since 1970.
    pub asked: u64,
    /// When they last answered as they must; none while they never did.
    pub answered: Option<u64>,
    /// Why they were not read to their newest block the last time, if they were not.
    pub error: Option<ContactError>,
    /// The store's newest height then.
    pub height: Option<u32>,
    /// Whose chain is ahead.
    pub relation: Relation,
}

/// What one node said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct NodeHeight {
    /// Its address, without credentials.
    pub url: String,
    /// The height of its newest block: its word alone; none while it never answered.
    pub height: Option<u64>,
}

/// Whose chain is ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The store holds a part of the nodes' chain, or all of it, or this is not known yet.
    #[default]
    Following,
    /// A node has not reached the store's newest block, and has the same below.
    NodeBehind,
    /// The nodes left the store's branch for one that is not as high yet. Nothing is taken back until it is.
    LowerBranch,
}

impl Relation {
    /// In words, the same for people and programs.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::Following => "following",
            Self::NodeBehind => "a node has not reached the store's newest block",
            Self::LowerBranch => "the nodes left the store's branch for one that is not as high yet",
        }
    }
}

impl Standing {
    /// The note after nodes were asked at `now`, in place of the one before: what they did not say again is kept.
    #[must_use]
    pub fn after(self, trouble: Option<&Trouble>, before: Option<&Self>, now: u64) -> Self {
        let before = before.filter(|before| before.is_of(&self));
        let nodes = self.nodes.iter().map(|node| NodeHeight {
            url: node.url.clone(),
            height: node.height.or_else(|| before?.nodes.iter().find(|old| old.url == node.url)?.height),
        });
        let answered = if trouble.is_some() { before.and_then(|before| before.answered) } else { Some(now) };
        Self {
            format: FORMAT,
            nodes: nodes.collect(),
            asked: now,
            answered,
            error: trouble.map(ContactError::from),
            height: self.height.or_else(|| before?.height),
            ..self
        }
    }

    /// The note that an attempt at `now` failed.
    #[must_use]
    pub fn failed(self, message: String, hint: Option<String>, before: Option<&Self>, now: u64) -> Self {
        let earlier = before.filter(|before| before.is_of(&self)).and_then(|before| before.error.as_ref());
        let trouble = Trouble {
            message,
            hint,
            attempts: earlier.map_or(1, |error| error.attempts.saturating_add(1)),
            since: earlier.map_or(now, |error| error.since),
        };
        self.after(Some(&trouble), before, now)
    }

    fn is_of(&self, other: &Self) -> bool {
        self.nodes.iter().map(|node| &node.url).eq(other.nodes.iter().map(|node| &node.url))
    }

    /// How many blocks a store with this newest height is behind the lowest of the nodes; none while that is not known.
    #[must_use]
    pub fn lag(&self, ours: u32) -> Option<u64> {
        let heights: Option<Vec<u64>> = self.nodes.iter().map(|node| node.height).collect();
        Some(heights?.into_iter().min()?.saturating_sub(u64::from(ours)))
    }

    /// Whether the store holds what the nodes have: they were read to their newest block, and lack nothing of the store's.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.error.is_none() && self.relation == Relation::Following
    }

    /// The note beside a store; `None` when there is none that can be read.
    #[must_use]
    pub fn read(store: &Path) -> Option<Self> {
        contact::read_note(store, FILE).filter(|note: &Self| note.format == FORMAT)
    }

    /// Keeps the note, in place of the one before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, store: &Path) -> std::io::Result<()> {
        contact::write_note(store, FILE, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(height: Option<u64>) -> Standing {
        let nodes = vec![NodeHeight { url: "http://127.0.0.1:8545".into(), height }];
        Standing { nodes, until: "finalized".into(), height: height.map(|_| 90), ..Standing::default() }
    }

    #[test]
    fn a_failure_keeps_what_was_known_and_counts_from_the_first() {
        let good = asked(Some(100)).after(None, None, 10);
        assert_eq!((good.answered, good.lag(90), good.is_read()), (Some(10), Some(10), true));
        let once = asked(None).failed("refused".into(), None, Some(&good), 20);
        let twice = asked(None).failed("refused".into(), None, Some(&once), 30);
        let error = twice.error.as_ref().expect("it failed");
        assert_eq!((error.attempts, error.since, twice.answered), (2, 20, Some(10)));
        assert_eq!((twice.lag(90), twice.height, twice.is_read()), (Some(10), Some(90), false));
        let other =
            Standing { nodes: vec![NodeHeight { url: "http://elsewhere:1".into(), height: None }], ..asked(None) };
        let other = other.failed("refused".into(), None, Some(&twice), 40);
        assert_eq!((other.answered, other.lag(90)), (None, None), "another node's word is not this one's");
    }
}
