//! What a node says of itself: how far it is, what it lacks, what worries it. Shown, never relied on.

use std::borrow::Cow;

use coinhound_model::{BlockHash, Height};
use serde::Deserialize;

use crate::http::excerpt::excerpt;

/// Warnings kept of a node, at most.
const WARNINGS_MAX: usize = 8;

/// The state of a node, in its own words.
///
/// Nothing of it is proven; it says how the node sees itself at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeStatus {
    /// What the node calls its network, such as `main`.
    pub chain: String,
    /// Height of its newest block.
    pub blocks: Height,
    /// Height of its newest header; above `blocks` while it catches up.
    pub headers: Height,
    /// Its newest block.
    pub best: BlockHash,
    /// The middle time of its newest eleven blocks, in seconds since 1970.
    pub median_time: u32,
    /// Whether it is still loading the chain for the first time.
    pub initial_download: bool,
    /// Whether it removes old blocks.
    pub pruned: bool,
    /// The lowest block it still has, where it removes blocks.
    pub prune_height: Option<Height>,
    /// What worries it, made harmless to print.
    pub warnings: Vec<String>,
    /// Its peers, where it tells.
    pub connections: Option<u32>,
    /// What it calls itself, such as `/Satoshi:28.0.0/`, where it tells.
    pub agent: Option<String>,
}

/// What a node makes of a block. Its word alone, not proven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// On its chain.
    Active {
        /// Where.
        height: Height,
    },
    /// Known, and not on its chain.
    Aside,
    /// Not known.
    Unknown,
}

/// `getblockchaininfo`, as far as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct ChainInfo<'a> {
    #[serde(borrow)]
    chain: Cow<'a, str>,
    blocks: u32,
    headers: u32,
    #[serde(borrow)]
    bestblockhash: Cow<'a, str>,
    #[serde(default)]
    mediantime: u32,
    #[serde(default)]
    initialblockdownload: bool,
    #[serde(default)]
    pruned: bool,
    #[serde(default)]
    pruneheight: Option<u32>,
    #[serde(default, borrow)]
    warnings: Warnings<'a>,
}

/// One text before Core 28, a list since.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Warnings<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(#[serde(borrow)] Vec<Cow<'a, str>>),
}

impl Default for Warnings<'_> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

/// `getnetworkinfo`, as far as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct NetworkInfo<'a> {
    pub(crate) connections: u32,
    #[serde(default, borrow)]
    pub(crate) subversion: Cow<'a, str>,
}

impl ChainInfo<'_> {
    /// The status, where the best block's hash is one.
    pub(crate) fn status(&self) -> Option<NodeStatus> {
        Some(NodeStatus {
            chain: excerpt(&self.chain),
            blocks: Height(self.blocks),
            headers: Height(self.headers),
            best: self.bestblockhash.parse().ok()?,
            median_time: self.mediantime,
            initial_download: self.initialblockdownload,
            pruned: self.pruned,
            prune_height: self.pruneheight.map(Height),
            warnings: self.warnings.texts(),
            connections: None,
            agent: None,
        })
    }
}

impl Warnings<'_> {
    fn texts(&self) -> Vec<String> {
        let all = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        };
        all.iter().filter(|text| !text.trim().is_empty()).take(WARNINGS_MAX).map(|text| excerpt(text)).collect()
    }
}

/// `getblockheader` with `verbose`, as far as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct HeaderInfo<'a> {
    #[serde(borrow)]
    hash: Cow<'a, str>,
    confirmations: i64,
    height: u32,
}

impl HeaderInfo<'_> {
    /// What it says of a block, where it is about this one.
    pub(crate) fn standing(&self, hash: BlockHash) -> Option<Standing> {
        if self.hash.parse() != Ok(hash) {
            return None;
        }
        match self.confirmations {
            -1 => Some(Standing::Aside),
            1.. => Some(Standing::Active { height: Height(self.height) }),
            _ => None,
        }
    }
}
