//! What is told while a node is read: how fast it went, and a line for each block once its chain is followed.

use std::path::PathBuf;
use std::time::Instant;

use coinhound_ingest::Trouble;
use coinhound_model::{AccountLedger, AsOf, BlockHash, Height, Ledger};
use coinhound_store::storage::DiskStorage;
use coinhound_store::view::{AccountView, View};
use serde_json::{Value, json};

use crate::cli::{emit, tell};
use crate::ethereum;
use crate::out::json::line;
use crate::text::grouped;

/// How many blocks were read, and how fast.
pub struct Pace {
    start: Instant,
    blocks: u64,
    bytes: u64,
    last: Instant,
}

impl Pace {
    /// From now on.
    pub fn new() -> Self {
        Self { start: Instant::now(), blocks: 0, bytes: 0, last: Instant::now() }
    }

    /// One more block.
    pub fn block(&mut self, bytes: u64) {
        self.blocks += 1;
        self.bytes += bytes;
        self.last = Instant::now();
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.last.duration_since(self.start).as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// `read 12,345 blocks, 1,234.5 MB in 180.2 s: 68 blocks/s, 6.8 MB/s`.
    pub fn told(&self) -> String {
        if self.blocks == 0 {
            return "nothing new: the store is up to date".to_owned();
        }
        let (millis, megabyte_tenths) = (self.millis(), self.bytes / 100_000);
        if self.bytes == 0 {
            return self.told_without_bytes(millis);
        }
        let per_second = self.blocks.saturating_mul(1_000) / millis;
        let tenths = (u128::from(self.bytes) / 100 / u128::from(millis)).min(u128::from(u64::MAX));
        format!(
            "read {} blocks, {}.{} MB in {}.{} s: {} blocks/s, {}.{} MB/s",
            grouped(self.blocks),
            grouped(megabyte_tenths / 10),
            megabyte_tenths % 10,
            grouped(millis / 1_000),
            millis / 100 % 10,
            grouped(per_second),
            grouped(tenths / 10),
            tenths % 10
        )
    }

    /// `read 12,345 blocks in 180.2 s: 68.5 blocks/s`.
    fn told_without_bytes(&self, millis: u64) -> String {
        let tenths = self.blocks.saturating_mul(10_000) / millis;
        format!(
            "read {} blocks in {}.{} s: {}.{} blocks/s",
            grouped(self.blocks),
            grouped(millis / 1_000),
            millis / 100 % 10,
            grouped(tenths / 10),
            tenths % 10
        )
    }

    /// The same for programs; bytes are null where nobody counts them.
    pub fn json(&self) -> Value {
        let is_counted = self.bytes > 0 || self.blocks == 0;
        json!({ "blocks": self.blocks, "bytes": is_counted.then_some(self.bytes), "millis": self.millis() })
    }
}

/// A store as events tell of it.
pub trait Stored: Sized {
    /// The store at its tip, where it can be read.
    fn open(storage: &DiskStorage) -> Option<Self>;

    /// Where it stands.
    fn as_of(&self) -> &AsOf;

    /// A block's hash, its length in bytes and how many transactions it has.
    fn block(&self, height: Height) -> Option<(BlockHash, u32, u64)>;
}

impl Stored for View {
    fn open(storage: &DiskStorage) -> Option<Self> {
        Self::open(storage).ok()
    }

    fn as_of(&self) -> &AsOf {
        Ledger::as_of(self)
    }

    fn block(&self, height: Height) -> Option<(BlockHash, u32, u64)> {
        let (row, txs) = (self.block(height).ok()?, self.block_txs(height).ok()?);
        Some((row.hash, row.size, txs.end - txs.start))
    }
}

impl Stored for AccountView {
    fn open(storage: &DiskStorage) -> Option<Self> {
        Self::open(storage).ok()
    }

    fn as_of(&self) -> &AsOf {
        AccountLedger::as_of(self)
    }

    fn block(&self, height: Height) -> Option<(BlockHash, u32, u64)> {
        let (row, txs) = (self.block(height).ok()?, self.block_txs(height).ok()?);
        Some((row.hash, row.size, txs.end - txs.start))
    }
}

/// A line for each block and each change of the node's state, once its chain is followed.
pub struct Events<V> {
    store: PathBuf,
    /// Who is read: `the node`, `the nodes`.
    who: &'static str,
    follow: bool,
    json: bool,
    is_following: bool,
    /// What the node's newest block was called, and when that was first heard.
    seen: Option<(String, Instant)>,
    /// The store as it was told last, to see what a commit displaced.
    view: Option<V>,
    /// The failure told last.
    trouble: Option<String>,
    /// Whether the node was last told to be behind the store.
    is_behind: bool,
}

impl<V: Stored> Events<V> {
    /// Nothing is told before the node's chain is followed.
    pub fn new(store: PathBuf, who: &'static str, follow: bool, json: bool) -> Self {
        let (is_following, is_behind) = (false, false);
        Self { store, who, follow, json, is_following, seen: None, view: None, trouble: None, is_behind }
    }

    /// Whether the store was once read to the node's tip and goes on with it.
    pub fn is_following(&self) -> bool {
        self.is_following
    }

    /// Whether events go to standard output as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    fn say(&self, text: &str, event: &Value) {
        if self.json {
            // Nobody reads on: the next signal ends the program, and the store is as good as ever.
            let _ = emit(&line(event));
        } else {
            tell(text);
        }
    }

    /// The node named its newest block: by hash or height.
    pub fn newest(&mut self, block: &str) {
        if self.seen.as_ref().is_none_or(|(seen, _)| seen != block) {
            self.seen = Some((block.to_owned(), Instant::now()));
        }
    }

    /// The node was asked, or failed.
    pub fn trouble(&mut self, trouble: Option<&Trouble>) {
        let message = trouble.map(|trouble| trouble.message.clone());
        if !self.follow || message == self.trouble {
            return;
        }
        match trouble {
            Some(trouble) => {
                let hint = trouble.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
                let text = format!("warning: {}; trying again, with longer pauses{hint}", trouble.message);
                let event = json!({
                    "event": "trouble", "message": trouble.message, "hint": trouble.hint, "attempts": trouble.attempts,
                    "since": trouble.since,
                });
                self.say(&text, &event);
            }
            None => {
                let is = if self.who.ends_with('s') { "are" } else { "is" };
                self.say(&format!("{} {is} read again", self.who), &json!({ "event": "recovered" }));
            }
        }
        self.trouble = message;
    }

    /// Tells once that the node is behind the store, so that nobody takes the silence for being caught up. `height` is
    /// that of its newest block.
    pub fn behind(&mut self, is_behind: bool, height: Option<u64>) {
        if self.follow && is_behind && !self.is_behind {
            let has = if self.who.ends_with('s') { "have" } else { "has" };
            let text = format!(
                "warning: {} {has} not the store's newest block: waiting until it is there; nothing is taken back",
                self.who
            );
            self.say(&text, &json!({ "event": "behind", "height": height }));
        }
        self.is_behind = is_behind;
    }

    /// The store holds what the node has: from here on each block is told.
    pub fn caught_up(&mut self, pace: &Pace) {
        if self.is_following {
            return;
        }
        self.is_following = true;
        self.view = V::open(&DiskStorage::new(&self.store));
        let tip = self.view.as_ref().map(|view| view.as_of().clone());
        let block = tip.as_ref().map(|tip| ethereum::hash(&tip.chain, &tip.block));
        let at = match (&tip, &block) {
            (Some(tip), Some(block)) => format!("; at height {}, block {block}", tip.height),
            _ => String::new(),
        };
        let speed = pace.json();
        let event = json!({
            "event": "caught up", "height": tip.as_ref().map(|tip| tip.height.0),
            "block": block, "speed": speed,
        });
        self.say(&format!("{}{at}; following", pace.told()), &event);
    }

    /// Blocks are durable.
    pub fn committed(&mut self) {
        if !self.is_following {
            return;
        }
        // What cannot be told is in the store all the same.
        let Some(view) = V::open(&DiskStorage::new(&self.store)) else { return };
        let from = match self.view.take() {
            None => view.as_of().first,
            Some(before) => self.displaced(&before, &view),
        };
        (from.0..=view.as_of().height.0).for_each(|height| self.block(&view, Height(height)));
        self.view = Some(view);
    }

    /// Tells what a reorganisation displaced, and gives the first height that is new.
    fn displaced(&self, before: &V, view: &V) -> Height {
        let (old, new) = (before.as_of(), view.as_of());
        let same = |height: &u32| {
            let hash = |view: &V| view.block(Height(*height)).map(|(hash, ..)| hash);
            matches!((hash(before), hash(view)), (Some(a), Some(b)) if a == b)
        };
        let fork = (new.first.0..=old.height.0.min(new.height.0)).rev().find(same);
        let next = fork.map_or(new.first.0, |fork| fork + 1);
        let displaced = (old.height.0 + 1).saturating_sub(next);
        if displaced > 0 {
            let word = if displaced == 1 { "block is" } else { "blocks are" };
            let text = format!("reorganisation: {displaced} {word} displaced from height {next} on");
            let event = json!({
                "event": "reorganisation", "from_height": next, "displaced": displaced,
                "displaced_tip": ethereum::hash(&old.chain, &old.block),
            });
            self.say(&text, &event);
        }
        Height(next)
    }

    fn block(&self, view: &V, height: Height) {
        let Some((hash, size, count)) = view.block(height) else { return };
        let hash = ethereum::hash(&view.as_of().chain, &hash);
        let since = self.seen.as_ref().map(|(_, seen)| seen.elapsed());
        let latency = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        let text = format!(
            "{height}  {hash}  {} transactions  {} bytes  {latency} ms after {} had it",
            grouped(count),
            grouped(size),
            self.who
        );
        let event = json!({
            "event": "block", "height": height.0, "block": hash, "transactions": count,
            "bytes": size, "latency_ms": latency,
        });
        self.say(&text, &event);
    }

    /// The last event: why nothing more comes. `tip` is the store's, with what was added and displaced in this run.
    pub fn stopped(&self, tip: Option<(Height, String)>, added: u64, displaced: u64) {
        let event = json!({
            "event": "stopped", "height": tip.as_ref().map(|(height, _)| height.0), "block": tip.map(|(_, block)| block),
            "added": added, "displaced": displaced,
        });
        self.say("", &event);
    }
}
