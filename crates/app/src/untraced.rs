//! In which blocks of an Ethereum store nobody told what contracts passed on: said with every answer.
//!
//! The store itself says it, transaction by transaction ([`NO_TRACES`]). What was found is noted beside it, so that a
//! block is looked at once; the note speaks for the chain up to a block that it names, and is made anew where that is not
//! the store's.

use std::path::Path;

use coinhound_chains::evm::rows::{NO_TRACES, TRACES_TOLD};
use coinhound_model::{AccountLedger, Height, MoveKind, MovementId, NoteKind};
use coinhound_store::view::AccountView;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::contact::{read_note, write_note};
use crate::text::grouped;

const FILE: &str = "untraced.json";

/// The form of the note that this build writes and reads.
const FORMAT: u32 = 2;

/// Ranges that answers list one by one; how many blocks there are in all stands beside them.
const RANGES_MAX: usize = 20;

/// Blocks whose traces nobody told.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Untraced {
    format: u32,
    /// The first block looked at.
    first: u32,
    /// The last one.
    last: u32,
    /// Its hash.
    block: String,
    /// Ranges of heights, both ends in them, ascending.
    ranges: Vec<(u32, u32)>,
}

impl Untraced {
    /// Of a store at its tip, whose note is read, completed and kept.
    #[must_use]
    pub fn of(view: &AccountView, store: &Path) -> Self {
        let known = read_note(store, FILE).filter(|note: &Self| note.format == FORMAT && note.is_of(view));
        let as_of = view.as_of();
        let mut found = match known {
            Some(found) if found.last == as_of.height.0 => return found,
            Some(found) => found,
            None => Self { format: FORMAT, first: as_of.first.0, last: as_of.first.0, ..Self::default() },
        };
        let from = if found.block.is_empty() { found.first } else { found.last + 1 };
        (from..=as_of.height.0).filter(|&height| is_untraced(view, height)).for_each(|height| found.push(height));
        (found.last, found.block) = (as_of.height.0, as_of.block.to_string());
        if view.health().is_ok() {
            // Without the note the blocks are looked at again, and nothing else.
            let _ = found.write(store);
        }
        found
    }

    fn write(&self, store: &Path) -> std::io::Result<()> {
        write_note(store, FILE, self)
    }

    fn is_of(&self, view: &AccountView) -> bool {
        let as_of = view.as_of();
        let is_there = || view.block(Height(self.last)).is_ok_and(|row| row.hash.to_string() == self.block);
        self.first == as_of.first.0 && self.last <= as_of.height.0 && is_there()
    }

    fn push(&mut self, height: u32) {
        match self.ranges.last_mut() {
            Some((_, last)) if *last + 1 == height => *last = height,
            _ => self.ranges.push((height, height)),
        }
    }

    /// The same as far as a height.
    #[must_use]
    pub fn up_to(&self, height: Height) -> Self {
        let within = self.ranges.iter().filter(|(first, _)| *first <= height.0);
        Self { ranges: within.map(|(first, last)| (*first, height.0.min(*last))).collect(), ..self.clone() }
    }

    /// How many blocks.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| u64::from(last - first) + 1).sum()
    }

    /// `what contracts passed on is not known in 12 blocks: nobody told their traces`; nothing where all is known.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let blocks = self.blocks();
        let noun = if blocks == 1 { "block" } else { "blocks" };
        (blocks > 0).then(|| {
            format!(
                "what contracts passed on is not known in {} {noun} ({}): nobody told their traces",
                grouped(blocks),
                self.listed()
            )
        })
    }

    /// The same where stolen value is followed: what it means for conversions stands with it.
    #[must_use]
    pub fn told_of_a_trail(&self) -> Option<String> {
        let judged =
            "swaps there are judged without it, so that one by which an unknown account gained ether may be followed";
        self.told().map(|told| format!("{told}; {judged}"))
    }

    /// The first ranges, `100 to 104, 200`.
    fn listed(&self) -> String {
        let range = |&(first, last): &(u32, u32)| {
            if first == last { first.to_string() } else { format!("{first} to {last}") }
        };
        let more = if self.ranges.len() > RANGES_MAX { ", ..." } else { "" };
        format!("{}{more}", self.ranges.iter().take(RANGES_MAX).map(range).collect::<Vec<_>>().join(", "))
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let range = |&(first, last): &(u32, u32)| json!({ "first": first, "last": last });
        let ranges: Vec<Value> = self.ranges.iter().take(RANGES_MAX).map(range).collect();
        json!({ "blocks": self.blocks(), "ranges": ranges, "ranges_left_out": self.ranges.len() - ranges.len() })
    }
}

/// Whether nobody told a block's traces: the first of its transactions that did not fail says so. What the block itself did
/// has its hash, moves value at block 1,920,000, and never says anything of traces.
fn is_untraced(view: &AccountView, height: u32) -> bool {
    let (Ok(block), Ok(txs)) = (view.block(Height(height)), view.block_txs(Height(height))) else { return false };
    for tx in txs.map(MovementId).filter(|&tx| view.txid(tx) != Some(block.hash)) {
        let notes = view.tx_notes(tx);
        let says = |text: &str| notes.iter().any(|note| note.kind == NoteKind::Flag && note.bytes == text.as_bytes());
        if says(NO_TRACES) {
            return true;
        }
        let is_paying = |movement: u64| {
            matches!(view.movement(MovementId(movement)).kind, MoveKind::Fee | MoveKind::Burn | MoveKind::Reward)
        };
        // What did more than pay did not fail, and would say that its traces are missing.
        if says(TRACES_TOLD) || !view.tx_moves(tx).all(is_paying) {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coinhound_chains::evm::dao::{BY_AGREEMENT, REFUND};
    use coinhound_chains::evm::rows::ether;
    use coinhound_ingest::accounts::{AccountOptions, AccountSession};
    use coinhound_model::{AccountBlock, AccountMove, AccountTx, ChainId, Hash256, Note};
    use coinhound_store::storage::SimDisk;
    use ruint::aliases::U256;

    use super::*;

    /// A block with one transaction for each hash and what it says, each of which moves ether.
    fn block(height: u8, told: &[(u8, &str)]) -> AccountBlock {
        let tx = |&(hash, said): &(u8, &str)| {
            let (kind, to, units) = (MoveKind::Transfer, Some(REFUND.account()), U256::from(1));
            let moves = vec![AccountMove { kind, token: ether(), from: Some(REFUND.account()), to, units }];
            let notes = vec![Note { kind: NoteKind::Flag, bytes: said.as_bytes().to_vec() }];
            AccountTx { hash: Hash256([hash; 32]), moves, notes, links: Vec::new() }
        };
        let (hash, prev) = (Hash256([height; 32]), Hash256([height - 1; 32]));
        let (txs, height) = (told.iter().map(tx).collect(), Height(u32::from(height)));
        AccountBlock { height, hash, prev, time: 0, size: 0, maker: [0; 32], txs }
    }

    #[test]
    fn what_a_block_itself_moved_does_not_hide_that_its_traces_are_missing() {
        let disk = Arc::new(SimDisk::new());
        let chain = ChainId("eip155:1".to_owned());
        let mut session = AccountSession::open(disk.clone(), chain, AccountOptions::new(5)).expect("opens");
        let blocks = [
            block(5, &[(5, BY_AGREEMENT), (0x80, NO_TRACES)]),
            block(6, &[(6, BY_AGREEMENT), (0x81, TRACES_TOLD)]),
            block(7, &[(7, BY_AGREEMENT)]),
            block(8, &[(0x82, "it moved without passing anything on")]),
        ];
        for block in &blocks {
            session.push(block).expect("taken");
        }
        session.finish().expect("commits");
        let view = AccountView::open(&*disk).expect("a store");
        let found: Vec<u32> = (5..=8).filter(|&height| is_untraced(&view, height)).collect();
        assert_eq!(found, [5]);
    }

    #[test]
    fn ranges_are_cut_at_the_height_asked_for() {
        let mut found = Untraced::default();
        [5, 6, 7, 20].into_iter().for_each(|height| found.push(height));
        assert_eq!((found.ranges.as_slice(), found.blocks()), (&[(5, 7), (20, 20)][..], 4));
        assert_eq!(found.up_to(Height(6)).ranges, [(5, 6)]);
        assert!(found.told().expect("there are some").contains("4 blocks (5 to 7, 20)"));
        assert!(found.told_of_a_trail().expect("there are some").contains("told their traces; swaps there are judged"));
        let below = found.up_to(Height(4));
        assert_eq!((below.told(), below.told_of_a_trail()), (None, None));
    }
}
