//! One writer's session over an account ledger: takes blocks in order, gives them up from the tip, commits in batches.
//!
//! What a reorganisation displaces is given up with the next commit and not before: until then the store holds what it
//! held. The bytes do not depend on batches, restarts or reorganisations.

use std::sync::Arc;

use coinhound_model::{AccountBlock, AccountLedger, BlockHash, ChainId, Hash256, Height, Token};
use coinhound_store::AccountView;
use coinhound_store::facts::{BlockRow, Facts};
use coinhound_store::failure::StoreError;
use coinhound_store::layout::{LayoutParams, Span};
use coinhound_store::manifest::{Family, MANIFEST, Manifest, Params};
use coinhound_store::storage::Storage;
use coinhound_store::writer::{Committed, Note, Writer};

use super::derive::Deriver;
use super::error::AccountError;
use super::limits;
use super::prior::Prior;

/// How account blocks are taken.
#[derive(Clone, Debug)]
pub struct AccountOptions {
    /// A new store's segment sizes and fold; a store that exists keeps its own.
    pub layout: LayoutParams,
    /// Threads to write with, 1 or 2. The bytes do not depend on it.
    pub threads: usize,
    /// So many rows (transactions, movements, notes, links) make a commit.
    pub batch_rows: usize,
    /// How many rows a session may know in memory, about 150 bytes each, before it leaves them to the store.
    pub session_rows: usize,
    /// Seconds since 1970, for the commit history in `local/` and nothing else.
    pub now: u64,
}

impl AccountOptions {
    /// What the program does unless told otherwise.
    #[must_use]
    pub fn new(now: u64) -> Self {
        let layout = LayoutParams::mainnet();
        Self { layout, threads: 2, batch_rows: 2_000_000, session_rows: 8_000_000, now }
    }
}

/// A block that the ledger holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its height.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
    /// Its parent's hash.
    pub prev: BlockHash,
    /// Seconds since 1970 as it says.
    pub time: u32,
}

impl Stored {
    fn of(height: Height, row: &BlockRow) -> Self {
        let prev = *row.header[4..].first_chunk().expect("a header has 80 bytes");
        let time = u32::from_le_bytes(*row.header[68..].first_chunk().expect("a header has 80 bytes"));
        Self { height, hash: row.hash, prev: Hash256(prev), time }
    }
}

/// What a session did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountOutcome {
    /// Lowest and highest stored height, and the tip's block; none when nothing was ever stored.
    pub range: Option<(Height, Height, BlockHash)>,
    /// Blocks added.
    pub added: u64,
    /// Stored blocks that were given up.
    pub removed: u64,
    /// The last commit, when there was one.
    pub last: Option<Committed>,
}

/// A store of an account ledger being written.
pub struct AccountSession {
    storage: Arc<dyn Storage>,
    options: AccountOptions,
    writer: Writer,
    deriver: Deriver,
    /// The store at its tip.
    stored: Option<AccountView>,
    /// The highest stored block that stays; none while nothing is stored.
    keep: Option<Height>,
    /// Height of the first block that is derived and not committed; none while there is no such block.
    pending: Option<Height>,
    pending_rows: usize,
    outcome: AccountOutcome,
}

impl AccountSession {
    /// Opens the store for writing, or prepares a new one, which exists from the first commit on.
    ///
    /// # Errors
    /// [`AccountError::Store`]: locked, damaged, of another chain.
    pub fn open(storage: Arc<dyn Storage>, chain: ChainId, options: AccountOptions) -> Result<Self, AccountError> {
        let params = parameters(&*storage, &chain, &options)?;
        let writer = Writer::open_or_create(storage.clone(), chain, params)?.with_threads(options.threads);
        let (stored, base) = (view_at_tip(&writer, &*storage)?, view_at_tip(&writer, &*storage)?);
        let keep = writer.range().map(|(_, tip, _)| tip);
        let (deriver, outcome) = (Deriver::new(Prior::new(base)), AccountOutcome::default());
        Ok(Self { storage, options, writer, deriver, stored, keep, pending: None, pending_rows: 0, outcome })
    }

    /// Sets the time of later commits: who follows a node has one session for days.
    pub fn set_now(&mut self, now: u64) {
        self.options.now = now;
    }

    /// The lowest and the highest height, and the tip's block: of the ledger as this session has it, blocks included
    /// that no commit holds yet.
    #[must_use]
    pub fn range(&self) -> Option<(Height, Height, BlockHash)> {
        let tip = self.deriver.next_height().map(|next| Height(next.0 - 1)).zip(self.deriver.tip());
        let first = self.writer.range().map(|(first, ..)| first).or(self.pending);
        first.zip(tip).map(|(first, (tip, hash))| (first, tip, hash))
    }

    /// A block of the ledger as this session has it: what a feed asks to find where a node's chain leaves this one.
    ///
    /// # Errors
    /// [`AccountError::OutOfRange`] or [`AccountError::Empty`]; the store's damage.
    pub fn block(&self, height: Height) -> Result<Stored, AccountError> {
        let (first, tip, _) = self.range().ok_or(AccountError::Empty)?;
        if !(first..=tip).contains(&height) {
            return Err(AccountError::OutOfRange { asked: height, first, tip });
        }
        if let Some(row) = self.deriver.block(height) {
            return Ok(Stored::of(height, row));
        }
        let view = self.stored.as_ref().expect("a block that this session did not derive is stored");
        let row = view.block(height)?;
        view.health()?;
        Ok(Stored::of(height, &row))
    }

    /// How an asset was described when it first appeared: what later movements call it changes nothing, and those with
    /// other decimals are refused.
    #[must_use]
    pub fn token(&self, id: &str) -> Option<Token> {
        self.deriver.token(id)
    }

    /// The store at its tip, as of the last commit; none while nothing is stored.
    #[must_use]
    pub fn stored(&self) -> Option<&AccountView> {
        self.stored.as_ref()
    }

    /// Goes back to the block at `height`, which stays and becomes the tip.
    ///
    /// Stored blocks above it go with the next commit: with [`Self::finish`] at the latest, and not at all when the
    /// session is dropped before. How far a chain may go back is for the feed to decide.
    ///
    /// # Errors
    /// [`AccountError::OutOfRange`] or [`AccountError::Empty`]; the store's damage.
    pub fn fork(&mut self, height: Height) -> Result<(), AccountError> {
        let (first, tip, _) = self.range().ok_or(AccountError::Empty)?;
        if !(first..=tip).contains(&height) {
            return Err(AccountError::OutOfRange { asked: height, first, tip });
        }
        if height == tip {
            return Ok(());
        }
        match self.pending {
            Some(pending) if height >= pending => {
                self.publish(Some(Span { start: pending.0, end: height.0 + 1 }))?;
                self.restart(None)?;
            }
            _ => {
                self.restart(Some(height))?;
                self.keep = Some(height);
            }
        }
        self.begin_batch();
        Ok(())
    }

    /// Takes the next block, and commits when a batch is full: then that commit is returned.
    ///
    /// # Errors
    /// [`AccountError`]. After a refused block (all but `Store`, `Storage` and `Prior`) the session stands where it
    /// stood and can take another.
    pub fn push(&mut self, block: &AccountBlock) -> Result<Option<Committed>, AccountError> {
        self.deriver.push(block)?;
        self.pending.get_or_insert(block.height);
        self.pending_rows += limits::rows(block);
        let is_full = self.pending_rows >= self.options.batch_rows && !self.is_below_stored();
        if is_full { self.commit() } else { Ok(None) }
    }

    /// Whether a fork displaced more than was pushed since: a commit now would leave a ledger that ends below the stored
    /// one. A batch that is full waits until this is over, and so should a feed that follows the higher branch.
    #[must_use]
    pub fn is_below_stored(&self) -> bool {
        let stored = self.writer.range().map(|(_, tip, _)| tip);
        stored.is_some_and(|tip| self.deriver.next_height().is_none_or(|next| next <= tip))
    }

    /// Commits what was pushed and gives up what a fork displaced; none when there is nothing to do.
    ///
    /// # Errors
    /// [`AccountError::Store`]; the last commit stands.
    pub fn commit(&mut self) -> Result<Option<Committed>, AccountError> {
        let displaces = self.writer.range().map(|(_, tip, _)| tip) != self.keep;
        if self.pending.is_none() && !displaces {
            return Ok(None);
        }
        let end = self.deriver.next_height().map_or(0, |next| next.0);
        let committed = self.publish(self.pending.map(|start| Span { start: start.0, end }))?;
        if self.deriver.session_rows() > self.options.session_rows {
            // From here on the store answers for what the session knew.
            self.restart(None)?;
        }
        self.begin_batch();
        Ok(Some(committed))
    }

    /// Commits what is left and tells what the session did.
    ///
    /// # Errors
    /// [`AccountError::Store`]; the last commit stands.
    pub fn finish(mut self) -> Result<AccountOutcome, AccountError> {
        self.commit()?;
        Ok(AccountOutcome { range: self.writer.range(), ..self.outcome })
    }

    /// Stands right above a stored block with nothing remembered: the tip, unless a height is named.
    fn restart(&mut self, at: Option<Height>) -> Result<(), AccountError> {
        let view = view_at_tip(&self.writer, &*self.storage)?;
        let view = match (view, at) {
            (Some(view), Some(height)) => Some(view.at(height)?),
            (view, _) => view,
        };
        self.deriver = Deriver::new(Prior::new(view));
        Ok(())
    }

    fn begin_batch(&mut self) {
        self.pending = None;
        self.pending_rows = 0;
    }

    fn publish(&mut self, span: Option<Span>) -> Result<Committed, AccountError> {
        let displaced = match (self.writer.range(), self.keep) {
            (Some((_, tip, _)), Some(keep)) => u64::from(tip.0 - keep.0),
            _ => 0,
        };
        let nothing = Facts { start: self.keep.map_or(Height(0), Height::next), ..Facts::default() };
        let facts = span.map_or_else(|| nothing.as_slice(), |span| self.deriver.facts(span));
        let note = Note { places: &[], time: self.options.now };
        let committed = self.writer.commit(self.keep, facts, note)?;
        self.keep = Some(committed.tip);
        self.stored = view_at_tip(&self.writer, &*self.storage)?;
        self.outcome.added += span.map_or(0, |span| u64::from(span.blocks()));
        self.outcome.removed += displaced;
        self.outcome.last = Some(committed.clone());
        Ok(committed)
    }
}

fn view_at_tip(writer: &Writer, storage: &dyn Storage) -> Result<Option<AccountView>, AccountError> {
    Ok(writer.range().map(|_| AccountView::open(storage)).transpose()?)
}

/// The parameters of the store that is there, else of a new one.
fn parameters(storage: &dyn Storage, chain: &ChainId, options: &AccountOptions) -> Result<Params, AccountError> {
    match storage.length(MANIFEST) {
        Ok(_) => {
            let manifest = Manifest::read_for(storage, chain).map_err(StoreError::from)?;
            manifest.check_family(storage, Family::Accounts).map_err(StoreError::from)?;
            Ok(manifest.params)
        }
        Err(error) if error.is_not_found() => Ok(Params::accounts(&options.layout)),
        Err(error) => Err(error.into()),
    }
}
