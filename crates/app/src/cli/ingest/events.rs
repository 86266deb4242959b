//! What is told while a node is read: how fast it went, and a line for each block once its chain is followed.

use std::path::PathBuf;
use std::time::Instant;

use coinhound_ingest::node::Relation;
use coinhound_ingest::{NodeReport, Outcome as Loaded};
use coinhound_model::{BlockHash, Height, Ledger};
use coinhound_store::storage::DiskStorage;
use coinhound_store::view::View;
use serde_json::{Value, json};

use crate::cli::{emit, tell};
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

    /// The same for programs.
    pub fn json(&self) -> Value {
        json!({ "blocks": self.blocks, "bytes": self.bytes, "millis": self.millis() })
    }
}

/// A line for each block and each change of the node's state, once its chain is followed.
pub struct Events {
    store: PathBuf,
    follow: bool,
    json: bool,
    is_following: bool,
    /// The node's newest block and when it was first seen.
    seen: Option<(BlockHash, Instant)>,
    /// The store as it was told last, to see what a commit displaced.
    view: Option<View>,
    /// The failure told last.
    trouble: Option<String>,
    /// Whether the node was last told to be behind the store.
    is_behind: bool,
}

impl Events {
    /// Nothing is told before the node's chain is followed.
    pub fn new(store: PathBuf, follow: bool, json: bool) -> Self {
        Self { store, follow, json, is_following: false, seen: None, view: None, trouble: None, is_behind: false }
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

    /// The node was asked, or failed.
    pub fn node(&mut self, report: &NodeReport) {
        if let Some(status) = &report.status
            && self.seen.is_none_or(|(best, _)| best != status.best)
        {
            self.seen = Some((status.best, Instant::now()));
        }
        self.relation(report);
        let trouble = report.trouble.as_ref();
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
            None => self.say("the node is read again", &json!({ "event": "recovered" })),
        }
        self.trouble = message;
    }

    /// Tells once that the node is behind the store, so that nobody takes the silence for being caught up.
    fn relation(&mut self, report: &NodeReport) {
        let is_behind = report.relation == Relation::NodeBehind;
        if self.follow && is_behind && !self.is_behind {
            let text =
                "warning: the node has not the store's newest block: waiting until it has; nothing is taken back";
            let node = report.status.as_ref().map(|status| status.blocks.0);
            self.say(text, &json!({ "event": "behind", "height": node }));
        }
        self.is_behind = is_behind;
    }

    /// The store holds what the node has: from here on each block is told.
    pub fn caught_up(&mut self, pace: &Pace) {
        if self.is_following {
            return;
        }
        self.is_following = true;
        self.view = View::open(&DiskStorage::new(&self.store)).ok();
        let tip = self.view.as_ref().map(|view| view.as_of().clone());
        let at =
            tip.as_ref().map_or_else(String::new, |tip| format!("; at height {}, block {}", tip.height, tip.block));
        let speed = pace.json();
        let event = json!({
            "event": "caught up", "height": tip.as_ref().map(|tip| tip.height.0),
            "block": tip.as_ref().map(|tip| tip.block.to_string()), "speed": speed,
        });
        self.say(&format!("{}{at}; following", pace.told()), &event);
    }

    /// Blocks are durable.
    pub fn committed(&mut self) {
        if !self.is_following {
            return;
        }
        // What cannot be told is in the store all the same.
        let Ok(view) = View::open(&DiskStorage::new(&self.store)) else { return };
        let from = match self.view.take() {
            None => view.as_of().first,
            Some(before) => self.displaced(&before, &view),
        };
        (from.0..=view.as_of().height.0).for_each(|height| self.block(&view, Height(height)));
        self.view = Some(view);
    }

    /// Tells what a reorganisation displaced, and gives the first height that is new.
    fn displaced(&self, before: &View, view: &View) -> Height {
        let (old, new) = (before.as_of(), view.as_of());
        let same = |height: &u32| {
            let hash = |view: &View| view.block(Height(*height)).map(|row| row.hash);
            matches!((hash(before), hash(view)), (Ok(a), Ok(b)) if a == b)
        };
        let fork = (new.first.0..=old.height.0.min(new.height.0)).rev().find(same);
        let next = fork.map_or(new.first.0, |fork| fork + 1);
        let displaced = (old.height.0 + 1).saturating_sub(next);
        if displaced > 0 {
            let word = if displaced == 1 { "block is" } else { "blocks are" };
            let text = format!("reorganisation: {displaced} {word} displaced from height {next} on");
            let event = json!({
                "event": "reorganisation", "from_height": next, "displaced": displaced,
                "displaced_tip": old.block.to_string(),
            });
            self.say(&text, &event);
        }
        Height(next)
    }

    fn block(&self, view: &View, height: Height) {
        let (Ok(row), Ok(txs)) = (view.block(height), view.block_txs(height)) else { return };
        let count = txs.end - txs.start;
        let latency = self.seen.map_or(0, |(_, seen)| u64::try_from(seen.elapsed().as_millis()).unwrap_or(u64::MAX));
        let text = format!(
            "{height}  {}  {} transactions  {} bytes  {latency} ms after the node had it",
            row.hash,
            grouped(count),
            grouped(row.size)
        );
        let event = json!({
            "event": "block", "height": height.0, "block": row.hash.to_string(), "transactions": count,
            "bytes": row.size, "latency_ms": latency,
        });
        self.say(&text, &event);
    }

    /// The last event: why nothing more comes.
    pub fn stopped(&self, loaded: &Loaded) {
        let tip = loaded.range;
        let event = json!({
            "event": "stopped", "height": tip.map(|(_, last, _)| last.0), "block": tip.map(|(.., block)| block.to_string()),
            "added": loaded.added, "displaced": loaded.removed,
        });
        self.say("", &event);
    }
}
