//! Facts cut and joined at block boundaries: counts are cumulative, so nothing is renumbered.

use std::ops::Range;

use coinhound_model::Height;

use crate::facts::{
    AddressRow, AssetRow, BlockRow, Counts, Facts, ForeignRow, HoldingRow, InputRow, MergeRow, MoveRow, NoteRow,
    OutputRow, RevealRow, ScriptRow, TxRow,
};
use crate::layout::Span;

impl Counts {
    /// How many counts there are.
    pub const FIELDS: usize = 17;

    /// The place of `txs` on disk.
    pub(crate) const TXS: usize = 0;

    /// The place of `addresses` on disk.
    pub(crate) const ADDRESSES: usize = 3;

    /// The place of `moves` on disk.
    pub(crate) const MOVES: usize = 11;

    /// What the manifest calls each count, in the order on disk.
    pub(crate) const NAMES: [&str; Self::FIELDS] = [
        "txs",
        "inputs",
        "outputs",
        "addresses",
        "address_bytes",
        "foreign",
        "scripts",
        "script_bytes",
        "reveals",
        "t0",
        "t1",
        "moves",
        "holdings",
        "assets",
        "asset_bytes",
        "notes",
        "note_bytes",
    ];

    /// Every count, in the order of the struct: the order on disk.
    #[must_use]
    pub fn to_array(self) -> [u64; Self::FIELDS] {
        [
            self.txs,
            self.inputs,
            self.outputs,
            self.addresses,
            self.address_bytes,
            self.foreign,
            self.scripts,
            self.script_bytes,
            self.reveals,
            self.t0,
            self.t1,
            self.moves,
            self.holdings,
            self.assets,
            self.asset_bytes,
            self.notes,
            self.note_bytes,
        ]
    }

    /// The inverse of [`Counts::to_array`].
    #[must_use]
    pub fn from_array(counts: [u64; Self::FIELDS]) -> Self {
        let [txs, inputs, outputs, addresses, address_bytes, foreign, scripts, script_bytes, reveals, rest @ ..] =
            counts;
        let [t0, t1, moves, holdings, assets, asset_bytes, notes, note_bytes] = rest;
        Self {
            txs,
            inputs,
            outputs,
            addresses,
            address_bytes,
            foreign,
            scripts,
            script_bytes,
            reveals,
            t0,
            t1,
            moves,
            holdings,
            assets,
            asset_bytes,
            notes,
            note_bytes,
        }
    }
}

/// The facts of adjacent blocks, borrowed: what is written and derived from, without a copy.
#[derive(Clone, Copy, Debug)]
pub struct FactsSlice<'a> {
    pub(crate) start: Height,
    pub(crate) base: Counts,
    pub(crate) blocks: &'a [BlockRow],
    pub(crate) txs: &'a [TxRow],
    pub(crate) inputs: &'a [InputRow],
    pub(crate) outputs: &'a [OutputRow],
    pub(crate) addresses: &'a [AddressRow],
    pub(crate) address_bytes: &'a [u8],
    pub(crate) foreign: &'a [ForeignRow],
    pub(crate) scripts: &'a [ScriptRow],
    pub(crate) script_bytes: &'a [u8],
    pub(crate) reveals: &'a [RevealRow],
    pub(crate) t0: &'a [MergeRow],
    pub(crate) t1: &'a [MergeRow],
    pub(crate) tx_moves: &'a [u64],
    pub(crate) moves: &'a [MoveRow],
    pub(crate) holdings: &'a [HoldingRow],
    pub(crate) assets: &'a [AssetRow],
    pub(crate) asset_bytes: &'a [u8],
    pub(crate) notes: &'a [NoteRow],
    pub(crate) note_bytes: &'a [u8],
}

impl<'a> From<&'a Facts> for FactsSlice<'a> {
    fn from(facts: &'a Facts) -> Self {
        facts.as_slice()
    }
}

impl<'a> FactsSlice<'a> {
    /// The heights these facts cover.
    #[must_use]
    pub fn span(self) -> Span {
        let blocks = u32::try_from(self.blocks.len()).expect("fewer blocks than heights");
        Span { start: self.start.0, end: self.start.0 + blocks }
    }

    /// Counts after the last block; the base counts where there is none.
    #[must_use]
    pub fn ends(self) -> Counts {
        self.blocks.last().map_or(self.base, |block| block.ends)
    }

    /// Counts before the block at `height`, which may be one past the last.
    ///
    /// # Panics
    /// When the height lies outside: a bug of the caller.
    #[must_use]
    pub fn counts_before(self, height: u32) -> Counts {
        let position = height.checked_sub(self.start.0).expect("the height is not below the facts") as usize;
        position.checked_sub(1).map_or(self.base, |last| self.blocks[last].ends)
    }

    /// The facts of some of the blocks.
    ///
    /// # Panics
    /// When `span` is not inside [`FactsSlice::span`]: a bug of the caller.
    #[must_use]
    pub fn part(self, span: Span) -> Self {
        let (base, ends) = (self.counts_before(span.start), self.counts_before(span.end));
        let range = |count: fn(&Counts) -> u64| cut(&self.base, &base, &ends, count);
        Self {
            start: Height(span.start),
            base,
            blocks: &self.blocks[(span.start - self.start.0) as usize..(span.end - self.start.0) as usize],
            txs: &self.txs[range(|c| c.txs)],
            inputs: &self.inputs[range(|c| c.inputs)],
            outputs: &self.outputs[range(|c| c.outputs)],
            addresses: &self.addresses[range(|c| c.addresses)],
            address_bytes: &self.address_bytes[range(|c| c.address_bytes)],
            foreign: &self.foreign[range(|c| c.foreign)],
            scripts: &self.scripts[range(|c| c.scripts)],
            script_bytes: &self.script_bytes[range(|c| c.script_bytes)],
            reveals: &self.reveals[range(|c| c.reveals)],
            t0: &self.t0[range(|c| c.t0)],
            t1: &self.t1[range(|c| c.t1)],
            tx_moves: if self.tx_moves.is_empty() { &[] } else { &self.tx_moves[range(|c| c.txs)] },
            moves: &self.moves[range(|c| c.moves)],
            holdings: &self.holdings[range(|c| c.holdings)],
            assets: &self.assets[range(|c| c.assets)],
            asset_bytes: &self.asset_bytes[range(|c| c.asset_bytes)],
            notes: &self.notes[range(|c| c.notes)],
            note_bytes: &self.note_bytes[range(|c| c.note_bytes)],
        }
    }

    /// A copy of its own.
    #[must_use]
    pub fn to_facts(self) -> Facts {
        Facts {
            start: self.start,
            base: self.base,
            blocks: self.blocks.to_vec(),
            txs: self.txs.to_vec(),
            inputs: self.inputs.to_vec(),
            outputs: self.outputs.to_vec(),
            addresses: self.addresses.to_vec(),
            address_bytes: self.address_bytes.to_vec(),
            foreign: self.foreign.to_vec(),
            scripts: self.scripts.to_vec(),
            script_bytes: self.script_bytes.to_vec(),
            reveals: self.reveals.to_vec(),
            t0: self.t0.to_vec(),
            t1: self.t1.to_vec(),
            tx_moves: self.tx_moves.to_vec(),
            moves: self.moves.to_vec(),
            holdings: self.holdings.to_vec(),
            assets: self.assets.to_vec(),
            asset_bytes: self.asset_bytes.to_vec(),
            notes: self.notes.to_vec(),
            note_bytes: self.note_bytes.to_vec(),
        }
    }
}

impl Facts {
    /// All of it, borrowed.
    #[must_use]
    pub fn as_slice(&self) -> FactsSlice<'_> {
        FactsSlice {
            start: self.start,
            base: self.base,
            blocks: &self.blocks,
            txs: &self.txs,
            inputs: &self.inputs,
            outputs: &self.outputs,
            addresses: &self.addresses,
            address_bytes: &self.address_bytes,
            foreign: &self.foreign,
            scripts: &self.scripts,
            script_bytes: &self.script_bytes,
            reveals: &self.reveals,
            t0: &self.t0,
            t1: &self.t1,
            tx_moves: &self.tx_moves,
            moves: &self.moves,
            holdings: &self.holdings,
            assets: &self.assets,
            asset_bytes: &self.asset_bytes,
            notes: &self.notes,
            note_bytes: &self.note_bytes,
        }
    }

    /// The heights these facts cover.
    #[must_use]
    pub fn span(&self) -> Span {
        self.as_slice().span()
    }

    /// Counts after the last block; the base counts where there is none.
    #[must_use]
    pub fn ends(&self) -> Counts {
        self.as_slice().ends()
    }

    /// Counts before the block at `height`, which may be one past the last.
    ///
    /// # Panics
    /// When the height lies outside: a bug of the caller.
    #[must_use]
    pub fn counts_before(&self, height: u32) -> Counts {
        self.as_slice().counts_before(height)
    }

    /// The facts of some of the blocks.
    ///
    /// # Panics
    /// When `span` is not inside [`Facts::span`]: a bug of the caller.
    #[must_use]
    pub fn slice(&self, span: Span) -> Self {
        self.as_slice().part(span).to_facts()
    }

    /// Adds the facts of the blocks that follow.
    ///
    /// # Panics
    /// When `next` does not start where these end: a bug of the caller.
    pub fn append(&mut self, next: FactsSlice<'_>) {
        assert_eq!(self.span().end, next.start.0, "facts join at adjacent heights");
        assert_eq!(self.ends(), next.base, "facts join at equal counts");
        self.blocks.extend_from_slice(next.blocks);
        self.txs.extend_from_slice(next.txs);
        self.inputs.extend_from_slice(next.inputs);
        self.outputs.extend_from_slice(next.outputs);
        self.addresses.extend_from_slice(next.addresses);
        self.address_bytes.extend_from_slice(next.address_bytes);
        self.foreign.extend_from_slice(next.foreign);
        self.scripts.extend_from_slice(next.scripts);
        self.script_bytes.extend_from_slice(next.script_bytes);
        self.reveals.extend_from_slice(next.reveals);
        self.t0.extend_from_slice(next.t0);
        self.t1.extend_from_slice(next.t1);
        self.tx_moves.extend_from_slice(next.tx_moves);
        self.moves.extend_from_slice(next.moves);
        self.holdings.extend_from_slice(next.holdings);
        self.assets.extend_from_slice(next.assets);
        self.asset_bytes.extend_from_slice(next.asset_bytes);
        self.notes.extend_from_slice(next.notes);
        self.note_bytes.extend_from_slice(next.note_bytes);
    }
}

/// Where the rows counted by `count` lie in vectors that start at `origin`.
fn cut(origin: &Counts, base: &Counts, ends: &Counts, count: fn(&Counts) -> u64) -> Range<usize> {
    let offset = |counts| usize::try_from(count(counts) - count(origin)).expect("rows in memory are indexed by usize");
    offset(base)..offset(ends)
}
