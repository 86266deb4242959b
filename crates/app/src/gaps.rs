//! The holes that a store's last load met, kept beside the store so that questions over them are refused by name.
//!
//! A load takes the blocks up to the first hole; those behind it wait. The store itself does not know of them: this
//! note is one machine's, outside the store's identity, and speaks only for the tip that it was written at. Where it
//! is absent, damaged or of another tip, the holes are not known, and nothing else changes.

use coinhound_chains::bitcoin::files::Notice;
use coinhound_chains::bitcoin::headers::{Gap, GapCause};
use coinhound_ingest::{Outcome as Loaded, Unusable};
use coinhound_model::{BlockHash, Height};
use coinhound_store::local::LOCAL_DIR;
use coinhound_store::storage::{Storage, StorageError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::out::{Cell, Sheet, json as print_json};
use crate::text::Said;

const PATH: &str = "local/gaps.json";
const TEMPORARY: &str = "local/gaps.json.tmp";

/// The form of the note that this build writes and reads.
const FORMAT: u32 = 1;

/// A longer note than this is no note of ours.
const LENGTH_MAX: u64 = 16 << 20;

/// What the last load of a store met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Gaps {
    format: u32,
    /// The store's tip after the load, as chains print it.
    tip: String,
    /// The holes, lowest first.
    pub holes: Vec<Hole>,
    /// Blocks that are there and cannot be used.
    pub unusable: Vec<BadBlock>,
}

/// A run of heights that no block file holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hole {
    /// The lowest missing height.
    pub from: u32,
    /// How many heights are missing, where the blocks behind the hole tell theirs.
    pub missing: Option<u32>,
    /// How many blocks wait behind the hole.
    pub waiting: u32,
    /// The block that is there and cannot be read, where that is the cause.
    pub damaged: Option<String>,
    /// Number of the block file and byte where that block begins, where known.
    #[serde(default)]
    pub damaged_at: Option<(u32, u64)>,
}

/// A block that is there and cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BadBlock {
    /// Its hash, as chains print it.
    pub block: String,
    /// Number of the block file.
    pub file: u32,
    /// Where the block begins in it, in bytes.
    pub offset: u64,
    /// What is wrong with it.
    pub reason: Said,
}

impl Hole {
    /// `heights 101 to 149 are missing, 50 blocks wait behind them`.
    #[must_use]
    pub fn told(&self) -> String {
        let waiting = match self.waiting {
            1 => "1 block waits".to_owned(),
            blocks => format!("{blocks} blocks wait"),
        };
        match self.missing {
            Some(1) => format!("height {} is missing, {waiting} behind it", self.from),
            Some(missing) => {
                format!("heights {} to {} are missing, {waiting} behind them", self.from, self.to(missing))
            }
            None => format!("height {} and an unknown number after it are missing, {waiting} behind them", self.from),
        }
    }

    fn to(&self, missing: u32) -> u32 {
        self.from.saturating_add(missing.saturating_sub(1))
    }

    fn holds(&self, height: Height) -> bool {
        self.missing.is_some_and(|missing| (self.from..=self.to(missing)).contains(&height.0))
    }

    fn cause(&self) -> Cell {
        let Some(block) = &self.damaged else {
            return Cell::new("no block file holds it", json!({ "kind": "missing" }));
        };
        let (shown, file, byte) = match self.damaged_at {
            Some((file, byte)) => {
                (format!("damaged: block {block} in blk{file:05}.dat at byte {byte}"), Some(file), Some(byte))
            }
            None => (format!("damaged: block {block} cannot be read"), None, None),
        };
        Cell::new(shown, json!({ "kind": "damaged", "block": block, "file": file, "byte": byte }))
    }
}

impl Hole {
    fn of(gap: &Gap, loaded: &Loaded) -> Self {
        let bad = match gap.cause {
            GapCause::Damaged(block) => Some(block),
            _ => None,
        };
        let damaged_at = bad.and_then(|block| place(block, loaded));
        let damaged = bad.map(|block| block.to_string());
        Self { from: gap.from.0, missing: gap.missing, waiting: gap.waiting, damaged, damaged_at }
    }
}

/// Where a block that a load could not use begins: block file and byte.
fn place(block: BlockHash, loaded: &Loaded) -> Option<(u32, u64)> {
    let unusable = loaded.unusable.iter().find(|bad| bad.hash == block).map(|bad| (bad.file, bad.offset));
    unusable.or_else(|| {
        loaded.notices.iter().find_map(|notice| match notice {
            Notice::Damaged { file, offset, hash, .. } if *hash == block => Some((*file, *offset)),
            _ => None,
        })
    })
}

impl From<&Unusable> for BadBlock {
    fn from(bad: &Unusable) -> Self {
        let reason = bad.reason.as_str().into();
        Self { block: bad.hash.to_string(), file: bad.file, offset: bad.offset, reason }
    }
}

impl Gaps {
    /// What a load met; `None` when the store is still empty.
    #[must_use]
    pub fn of(loaded: &Loaded) -> Option<Self> {
        let (_, _, tip) = loaded.range?;
        Some(Self {
            format: FORMAT,
            tip: tip.to_string(),
            holes: loaded.gaps.iter().map(|gap| Hole::of(gap, loaded)).collect(),
            unusable: loaded.unusable.iter().map(BadBlock::from).collect(),
        })
    }

    /// No gaps, of a store with this tip: what a node sends has none.
    #[must_use]
    pub fn none(tip: &BlockHash) -> Self {
        Self { format: FORMAT, tip: tip.to_string(), holes: Vec::new(), unusable: Vec::new() }
    }

    /// The note of a store whose tip is `tip`; `None` when there is none that can be believed.
    #[must_use]
    pub fn read(storage: &dyn Storage, tip: &BlockHash) -> Option<Self> {
        let short = storage.length(PATH).is_ok_and(|length| length <= LENGTH_MAX);
        let bytes = if short { storage.read(PATH).ok()? } else { return None };
        let gaps: Self = serde_json::from_slice(&bytes).ok()?;
        (gaps.format == FORMAT && gaps.tip == tip.to_string()).then_some(gaps)
    }

    /// Keeps the note, in place of the one before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, storage: &dyn Storage) -> Result<(), StorageError> {
        storage.create_dir(LOCAL_DIR)?;
        let mut file = storage.create(TEMPORARY)?;
        file.write_all(print_json::pretty(self).as_bytes())?;
        file.sync()?;
        storage.rename(TEMPORARY, PATH)?;
        storage.sync_dir(LOCAL_DIR)
    }

    /// Why nothing can be said about a height: the lowest hole that it lies in or behind.
    #[must_use]
    pub fn refusal(&self, height: Height) -> Option<String> {
        let hole = self.holes.iter().find(|hole| hole.from <= height.0)?;
        let place = if hole.holds(height) { "lies in" } else { "lies behind" };
        let others = self.holes.iter().filter(|other| hole.from < other.from && other.from <= height.0).count();
        let more = match others {
            0 => String::new(),
            1 => "; 1 more gap lies below it".to_owned(),
            others => format!("; {others} more gaps lie below it"),
        };
        Some(format!("height {height} {place} a gap: {}{more}", hole.told()))
    }

    /// All holes in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let told: Vec<String> = self.holes.iter().map(Hole::told).collect();
        if told.is_empty() { "none".to_owned() } else { told.join("; ") }
    }

    /// The holes as a table.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let columns = [
            ">gap from height/from",
            ">to height/to",
            ">blocks missing/missing",
            ">blocks waiting behind/waiting",
            "why/cause",
        ];
        let mut sheet = Sheet::new(&columns);
        for hole in &self.holes {
            let known = |number: Option<u32>| Cell::maybe_number(number.map(u64::from), "unknown");
            let (from, waiting) = (Cell::number(hole.from.into()), Cell::number(hole.waiting.into()));
            let to = hole.missing.map(|missing| hole.to(missing));
            sheet.push([from, known(to), known(hole.missing), waiting, hole.cause()]);
        }
        sheet
    }

    /// The unusable blocks as a table.
    #[must_use]
    pub fn unusable_sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&["unusable block/block", ">block file/file", ">byte", "why/reason"]);
        for bad in &self.unusable {
            let (file, byte) = (Cell::number(bad.file.into()), Cell::number(bad.offset));
            sheet.push([Cell::from(&bad.block), file, byte, Cell::from(&bad.reason.0)]);
        }
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(holes: &[(u32, Option<u32>, u32)]) -> Gaps {
        let hole = |&(from, missing, waiting)| Hole { from, missing, waiting, damaged: None, damaged_at: None };
        Gaps { format: FORMAT, tip: "00".into(), holes: holes.iter().map(hole).collect(), unusable: Vec::new() }
    }

    #[test]
    fn a_height_is_refused_by_the_lowest_hole_it_lies_in_or_behind() {
        let gaps = gaps(&[(101, Some(49), 50), (200, Some(1), 1), (202, None, 7)]);
        let told = |height| gaps.refusal(Height(height)).unwrap_or_default();
        assert_eq!(told(100), "");
        assert_eq!(told(101), "height 101 lies in a gap: heights 101 to 149 are missing, 50 blocks wait behind them");
        assert_eq!(
            told(160),
            "height 160 lies behind a gap: heights 101 to 149 are missing, 50 blocks wait behind them"
        );
        assert!(told(u32::MAX).ends_with("wait behind them; 2 more gaps lie below it"), "{}", told(u32::MAX));
    }

    #[test]
    fn a_hole_without_an_end_says_so() {
        let told = gaps(&[(7, None, 1)]).refusal(Height(9)).unwrap_or_default();
        assert_eq!(
            told,
            "height 9 lies behind a gap: height 7 and an unknown number after it are missing, 1 block waits behind them"
        );
    }
}
