//! A plan being carried out: what was derived since the last commit.

use coinhound_model::block::CoinBlock;
use coinhound_model::{BlockHash, Height};
use coinhound_store::FactsSlice;
use coinhound_store::local::BlockPlace;

use crate::derive::Deriver;
use crate::feed::Fed;
use crate::session::{Ask, Way};
use crate::source::{Bad, Told, Unfed};

/// A plan being carried out.
pub(crate) struct Run<'p> {
    pub deriver: Deriver<'p>,
    /// The highest stored block that stays.
    pub keep: Option<Height>,
    /// The first block that is derived and not committed, or the next one.
    pending: Height,
    pub places: Vec<(BlockHash, BlockPlace)>,
    /// Length of the blocks derived since the last commit.
    pub bytes: u64,
    /// Blocks of this many bytes together make a commit.
    batch_bytes: u64,
    pub done: usize,
    pub total: usize,
    /// How many blocks must be done before what they displace may go.
    enough: usize,
    /// Whether a whole batch is enough for that too.
    in_parts: bool,
    /// Stored blocks that the plan displaces.
    pub displaced: u64,
}

impl<'p> Run<'p> {
    pub fn new(deriver: Deriver<'p>, way: Way, displaced: u64, batch_bytes: u64) -> Self {
        let (pending, places) = (deriver.next_height(), Vec::new());
        let Way { keep, count: total, enough, in_parts, .. } = way;
        Self { deriver, keep, pending, places, bytes: 0, batch_bytes, done: 0, total, enough, in_parts, displaced }
    }

    /// The facts of the blocks derived since the last commit.
    pub fn facts(&self) -> FactsSlice<'_> {
        self.deriver.facts_from(self.pending)
    }

    fn has_facts(&self) -> bool {
        self.pending < self.deriver.next_height()
    }

    /// Whether there is something to commit and nothing is lost by it.
    pub fn may_commit(&self) -> bool {
        let may_displace = self.done >= self.enough || (self.in_parts && self.is_full());
        self.has_facts() && (self.displaced == 0 || may_displace)
    }

    /// Whether a whole batch was derived since the last commit.
    pub fn is_full(&self) -> bool {
        self.bytes >= self.batch_bytes
    }

    /// Whether a good part of a batch was.
    pub fn is_part_full(&self) -> bool {
        self.bytes >= self.batch_bytes / 4
    }

    /// Derives one block; returns why its spent coins are not known, where they are not.
    pub fn push(&mut self, fed: &Fed, ask: &mut Ask<'_>) -> Result<Option<String>, Bad> {
        let Fed { block, told } = fed;
        let asked = self.ask(block, told, ask)?;
        let told = asked.as_ref().unwrap_or(told);
        self.deriver.push(block, told.spent.as_deref())?;
        self.places.extend(fed.told.place.map(|place| (block.hash, place)));
        self.bytes += u64::from(block.size);
        self.done += 1;
        Ok(told.missing.clone())
    }

    fn ask(&mut self, block: &CoinBlock, told: &Told, ask: &mut Ask<'_>) -> Result<Option<Told>, Bad> {
        let asks = told.spent.is_none() && told.missing.is_none();
        let asked = asks.then(|| ask(&mut self.deriver, block)).transpose();
        asked.map_err(|error| Bad::Unfed(Unfed::Node(error)))
    }

    /// Begins to gather for the next commit.
    pub fn begin_batch(&mut self) {
        self.deriver.let_go();
        self.pending = self.deriver.next_height();
        self.places.clear();
        self.bytes = 0;
    }

    /// The deriver, if nothing waits for a commit.
    pub fn rest(self) -> Option<Deriver<'p>> {
        (!self.has_facts()).then_some(self.deriver)
    }
}
