//! The last contact with a node, kept beside the store so that `status` can say how the node stands.
//!
//! One machine's note, outside the store's identity and never a source of answers: what is in it is the node's word
//! and this machine's clock. Where it is absent or damaged, no node is known, and nothing else changes.

use std::path::Path;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::rpc::NodeStatus;
use coinhound_ingest::node::Relation;
use coinhound_ingest::{NodeReport, Trouble};
use coinhound_store::local::LOCAL_DIR;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::out::json;
use crate::text::Said;

const FILE: &str = "node.json";

/// The form of the note that this build writes and reads.
const FORMAT: u32 = 1;

/// A longer note than this is no note of ours.
const LENGTH_MAX: u64 = 16 << 20;

/// A wait for a block that is this many times the mean is no chance: once in 160,000 blocks (e^-12).
const UNLIKELY_SPACINGS: u64 = 12;

/// A newest block older than this many mean spacings says that the node is far from the network's tip.
const OLD_SPACINGS: u64 = 144;

/// A network's mean time between blocks in seconds; none where blocks come when somebody wants them.
#[must_use]
pub fn spacing_secs(network: Network) -> Option<u64> {
    match network {
        Network::Main | Network::Testnet3 | Network::Testnet4 | Network::Signet => Some(600),
        Network::LitecoinMain => Some(150),
        Network::Regtest | Network::LitecoinRegtest => None,
    }
}

/// What the last contact with a node told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    format: u32,
    /// The node's address, without credentials.
    pub url: String,
    /// When it was last asked, in seconds since 1970.
    pub asked: u64,
    /// When it last answered; none while it never did.
    pub answered: Option<u64>,
    /// Why it was not read to its tip the last time, if it was not.
    pub error: Option<ContactError>,
    /// What it said of itself last.
    pub node: Option<NodeWord>,
    /// The store's newest height then.
    pub height: Option<u32>,
    /// Whether the node lacks the store's newest block.
    pub node_behind: bool,
    /// When the node's newest block was first seen to be what it is.
    pub tip_since: u64,
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContactError {
    /// In words, with its causes.
    pub message: Said,
    /// What to do about it.
    pub hint: Option<String>,
    /// Attempts that failed in a row.
    pub attempts: u32,
    /// When the first of them failed.
    pub since: u64,
}

/// What a node says of itself: its word alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeWord {
    /// What it calls its network.
    pub chain: Said,
    /// Height of its newest block.
    pub blocks: u32,
    /// Height of its newest header.
    pub headers: u32,
    /// Its newest block.
    pub best: String,
    /// The middle time of its newest eleven blocks.
    pub median_time: u32,
    /// Whether it is still loading the chain for the first time.
    pub initial_download: bool,
    /// Whether it removes old blocks.
    pub pruned: bool,
    /// The lowest block it still has, where it removes blocks.
    pub prune_height: Option<u32>,
    /// What worries it.
    pub warnings: Vec<Said>,
    /// Its peers, where it tells.
    pub connections: Option<u32>,
    /// What it calls itself, where it tells.
    pub agent: Option<Said>,
}

/// What is wrong with a node, as far as the last contact tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ailment {
    /// It did not answer, or not as it must.
    Unreachable {
        /// Attempts that failed in a row.
        attempts: u32,
        /// Since when.
        since: u64,
    },
    /// It is loading the chain for the first time.
    InitialDownload,
    /// It has fewer blocks than headers.
    Lagging {
        /// How many fewer.
        blocks: u32,
    },
    /// Its newest block is old: it has lost the network, or is far behind it.
    OldTip {
        /// How old by its own time, in seconds.
        age: u64,
    },
    /// It has had no new block for a time that chance does not explain.
    Stuck {
        /// For how long, in seconds.
        secs: u64,
    },
    /// It lacks the store's newest block.
    Behind,
}

impl Ailment {
    /// The word for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::InitialDownload => "initial download",
            Self::Lagging { .. } => "lagging",
            Self::OldTip { .. } => "old tip",
            Self::Stuck { .. } => "stuck",
            Self::Behind => "behind the store",
        }
    }
}

impl Contact {
    /// A note about a node that was asked at `now`, in place of the one before.
    #[must_use]
    pub fn of(url: &str, report: &NodeReport, before: Option<&Self>, now: u64) -> Self {
        let before = before.filter(|before| before.url == url);
        let failed = report.trouble.is_some();
        let node = report.status.as_ref().map(NodeWord::from).or_else(|| before.and_then(|note| note.node.clone()));
        let same_tip = |note: &&Self| note.node.as_ref().map(|node| &node.best) == node.as_ref().map(|node| &node.best);
        // A tip that an earlier note knows was there since then; another is new now, however long ago this run began.
        let seen = before.filter(same_tip).map(|note| note.tip_since);
        Self {
            format: FORMAT,
            url: url.to_owned(),
            asked: now,
            answered: if failed { before.and_then(|before| before.answered) } else { Some(now) },
            error: report.trouble.as_ref().map(ContactError::from),
            height: report.ours.map(|tip| tip.height.0).or_else(|| before.and_then(|before| before.height)),
            node_behind: report.relation == Relation::NodeBehind,
            tip_since: seen.unwrap_or(now),
            node,
        }
    }

    /// A note that an attempt at `now` failed.
    #[must_use]
    pub fn failed(url: &str, message: String, hint: Option<String>, before: Option<&Self>, now: u64) -> Self {
        let earlier = before.filter(|before| before.url == url).and_then(|before| before.error.as_ref());
        let trouble = Trouble {
            message,
            hint,
            attempts: earlier.map_or(1, |error| error.attempts.saturating_add(1)),
            since: earlier.map_or(now, |error| error.since),
        };
        let report = NodeReport { trouble: Some(trouble), ..NodeReport::default() };
        Self::of(url, &report, before, now)
    }

    /// Whether the store holds what the node has: it was read to its tip, and lacks nothing of the store's.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.error.is_none() && !self.node_behind
    }

    /// The note beside a store; `None` when there is none that can be read.
    #[must_use]
    pub fn read(store: &Path) -> Option<Self> {
        read_note(store, FILE).filter(|note: &Self| note.format == FORMAT)
    }

    /// Keeps the note, in place of the one before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, store: &Path) -> std::io::Result<()> {
        write_note(store, FILE, self)
    }

    /// What is wrong with the node. `spacing_secs` is the network's mean time between blocks; none where blocks come
    /// when somebody wants them.
    #[must_use]
    pub fn ailments(&self, spacing_secs: Option<u64>) -> Vec<Ailment> {
        let error = self.error.as_ref();
        let unreachable = error.map(|error| Ailment::Unreachable { attempts: error.attempts, since: error.since });
        let word = self.node.as_ref().zip(self.answered);
        let of_node = word.map(|(node, answered)| self.of_node(node, answered, spacing_secs)).unwrap_or_default();
        let behind = self.node_behind.then_some(Ailment::Behind);
        unreachable.into_iter().chain(of_node).chain(behind).collect()
    }

    fn of_node(&self, node: &NodeWord, answered: u64, spacing_secs: Option<u64>) -> Vec<Ailment> {
        let mut found = Vec::new();
        if node.initial_download {
            found.push(Ailment::InitialDownload);
        }
        if node.headers > node.blocks {
            found.push(Ailment::Lagging { blocks: node.headers - node.blocks });
        }
        let Some(spacing) = spacing_secs else { return found };
        let age = answered.saturating_sub(u64::from(node.median_time));
        // The middle of eleven blocks is five behind the newest, and a block's time may be two hours off.
        let quiet = age.saturating_sub(6 * spacing + 7_200);
        let waited = answered.saturating_sub(self.tip_since).max(quiet);
        if waited > UNLIKELY_SPACINGS * spacing {
            found.push(Ailment::Stuck { secs: waited });
        }
        if age > OLD_SPACINGS * spacing {
            found.push(Ailment::OldTip { age });
        }
        found
    }
}

/// A note of ours beside a store; `None` when there is none that can be read.
pub(crate) fn read_note<T: DeserializeOwned>(store: &Path, file: &str) -> Option<T> {
    let path = store.join(LOCAL_DIR).join(file);
    let short = std::fs::metadata(&path).is_ok_and(|data| data.len() <= LENGTH_MAX);
    let bytes = if short { std::fs::read(&path).ok()? } else { return None };
    serde_json::from_slice(&bytes).ok()
}

/// Keeps a note beside a store, in place of the one before. Losing it with the power costs nothing, so it is not synced.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn write_note(store: &Path, file: &str, note: &impl Serialize) -> std::io::Result<()> {
    let folder = store.join(LOCAL_DIR);
    std::fs::create_dir_all(&folder)?;
    let unfinished = folder.join(format!("{file}.tmp"));
    std::fs::write(&unfinished, json::pretty(note))?;
    std::fs::rename(&unfinished, folder.join(file))
}

impl From<&Trouble> for ContactError {
    fn from(trouble: &Trouble) -> Self {
        let message = trouble.message.as_str().into();
        Self { message, hint: trouble.hint.clone(), attempts: trouble.attempts, since: trouble.since }
    }
}

impl From<&NodeStatus> for NodeWord {
    fn from(status: &NodeStatus) -> Self {
        Self {
            chain: status.chain.as_str().into(),
            blocks: status.blocks.0,
            headers: status.headers.0,
            best: status.best.to_string(),
            median_time: status.median_time,
            initial_download: status.initial_download,
            pruned: status.pruned,
            prune_height: status.prune_height.map(|height| height.0),
            warnings: status.warnings.iter().map(|warning| warning.as_str().into()).collect(),
            connections: status.connections,
            agent: status.agent.as_deref().map(Said::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use coinhound_model::{BlockHash, Height};

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn node() -> NodeWord {
        NodeWord {
            chain: "main".into(),
            blocks: 800_000,
            headers: 800_000,
            best: "00".into(),
            median_time: 1_700_000_000 - 3_600,
            initial_download: false,
            pruned: false,
            prune_height: None,
            warnings: Vec::new(),
            connections: Some(8),
            agent: None,
        }
    }

    fn contact(node: NodeWord, tip_since: u64) -> Contact {
        Contact {
            format: FORMAT,
            url: "http://127.0.0.1:8332".into(),
            asked: NOW,
            answered: Some(NOW),
            error: None,
            node: Some(node),
            height: Some(800_000),
            node_behind: false,
            tip_since,
        }
    }

    #[test]
    fn a_node_at_the_tip_ails_nothing() {
        assert_eq!(contact(node(), NOW - 3_000).ailments(Some(600)), []);
    }

    #[test]
    fn a_wait_that_chance_does_not_explain_is_named_by_the_networks_own_pace() {
        let waits = contact(node(), NOW - 7_201);
        assert_eq!(waits.ailments(Some(600)), [Ailment::Stuck { secs: 7_201 }]);
        assert_eq!(contact(node(), NOW - 7_200).ailments(Some(600)), []);
        assert_eq!(contact(node(), NOW - 1_801).ailments(Some(150)), [Ailment::Stuck { secs: 1_801 }]);
        assert_eq!(waits.ailments(None), [], "blocks of a private network come when somebody wants them");
    }

    #[test]
    fn a_node_that_loads_lags_or_lost_the_network_is_named() {
        let loading = NodeWord { initial_download: true, blocks: 10, headers: 800_000, ..node() };
        let lags = Ailment::Lagging { blocks: 799_990 };
        assert_eq!(contact(loading, NOW).ailments(Some(600)), [Ailment::InitialDownload, lags]);
        let old = NodeWord { median_time: 1_700_000_000 - 90_000, ..node() };
        let quiet = Ailment::Stuck { secs: 90_000 - 3_600 - 7_200 };
        assert_eq!(contact(old, NOW).ailments(Some(600)), [quiet, Ailment::OldTip { age: 90_000 }]);
        let behind = Contact { node_behind: true, ..contact(node(), NOW) };
        assert_eq!(behind.ailments(Some(600)), [Ailment::Behind]);
        assert!(!behind.is_read() && contact(node(), NOW).is_read(), "no store has caught up with a node behind it");
    }

    #[test]
    fn a_block_that_is_first_seen_late_in_a_long_run_is_new() {
        let status = NodeStatus {
            chain: "main".into(),
            blocks: Height(800_000),
            headers: Height(800_000),
            best: BlockHash::ZERO,
            median_time: 1_700_000_000 - 3_600,
            initial_download: false,
            pruned: false,
            prune_height: None,
            warnings: Vec::new(),
            connections: None,
            agent: None,
        };
        let report = NodeReport { status: Some(status), tip_since: NOW - 36_000, ..NodeReport::default() };
        let first = Contact::of("http://127.0.0.1:8332", &report, None, NOW);
        assert_eq!((first.tip_since, first.ailments(Some(600))), (NOW, vec![]));
        let again = Contact::of("http://127.0.0.1:8332", &report, Some(&first), NOW + 60);
        assert_eq!(again.tip_since, NOW, "the same block is there since then");
    }

    #[test]
    fn a_failure_keeps_what_was_known_and_counts_from_the_first() {
        let good = contact(node(), NOW - 60);
        let once = Contact::failed(&good.url, "refused".into(), None, Some(&good), NOW + 10);
        let twice = Contact::failed(&good.url, "refused".into(), None, Some(&once), NOW + 20);
        assert_eq!((twice.answered, twice.asked, twice.tip_since), (Some(NOW), NOW + 20, NOW - 60));
        assert_eq!(twice.ailments(Some(600)), [Ailment::Unreachable { attempts: 2, since: NOW + 10 }]);
        assert_eq!(twice.node, good.node);
        let other = Contact::failed("http://elsewhere:1", "refused".into(), None, Some(&twice), NOW + 30);
        assert_eq!((other.node, other.answered), (None, None), "another node's word is not this one's");
    }
}
