//! Blocks as rows: judged, pushed, committed, with what later rows depend on beside them.

use coinhound_chains::nem::http::ToldBlock;
use coinhound_chains::nem::ledger::{nem_hash, row_hash};
use coinhound_chains::nem::{BlockFault, NemLedger, check_block};
use coinhound_model::{AccountBlock, BlockHash};

use crate::nis::error::NisLoadError;
use crate::nis::memory;
use crate::nis::options::NisProgress;
use crate::nis::panel::Told;
use crate::nis::reader::{Reader, height_of};
use crate::options::Control;

impl Reader<'_, '_, '_> {
    pub(super) fn push(&mut self, block: &AccountBlock, tip: u64) -> Result<(), NisLoadError> {
        self.session.push(block)?;
        self.pushed(block, tip);
        Ok(())
    }

    pub(super) fn pushed(&mut self, block: &AccountBlock, tip: u64) -> Control {
        self.rows += block.txs.iter().map(|tx| 1 + tx.moves.len() + tx.notes.len() + tx.links.len()).sum::<usize>() + 1;
        let progress = NisProgress::Block { height: block.height, tip: height_of(tip), txs: block.txs.len() };
        let control = (self.watch)(progress);
        self.stopped |= control == Control::Stop;
        control
    }

    /// A block that can stand on the ledger's tip, as rows.
    pub(super) fn judged(&self, ledger: &mut NemLedger, told: &ToldBlock) -> Result<AccountBlock, NisLoadError> {
        let (url, height, hash) = (self.panel.url(), height_of(told.block.height), row_hash(&told.hash));
        let parent = ledger.parent();
        match check_block(&told.block, &parent) {
            Ok(()) => {}
            // Signed all the same: the chain may have changed between two questions.
            Err(BlockFault::Previous { expected, got, .. }) if told.block.verify().is_ok() => {
                let (found, expected) = (row_hash(&got), Box::new(row_hash(&expected)));
                return Err(NisLoadError::NotLinked { url: url.into(), height, hash, found, expected });
            }
            Err(fault) => return Err(NisLoadError::BadBlock { url, height, hash, source: Box::new(fault) }),
        }
        ledger.take(&told.block).map_err(|fault| NisLoadError::Impossible {
            url,
            height,
            hash,
            source: Box::new(fault),
        })
    }

    /// Has what rows depend on at the session's tip.
    pub(super) fn remember(&mut self, ours: u64) -> Result<(), NisLoadError> {
        if self.ledger.is_none() {
            self.ledger = self.read_again(ours)?;
        }
        Ok(())
    }

    /// What rows depend on at a block of the session's: unwound, or else read again. None when the watcher stopped it.
    pub(super) fn ledger_at(&mut self, height: u64) -> Result<Option<NemLedger>, NisLoadError> {
        let kept = self.ledger.clone().and_then(|mut ledger| ledger.unwind(height).ok().map(|()| ledger));
        match kept {
            Some(ledger) => Ok(Some(ledger)),
            None => self.read_again(height),
        }
    }

    /// Reads the stored blocks up to a height again, and holds each to the stored hash.
    pub(super) fn read_again(&mut self, to: u64) -> Result<Option<NemLedger>, NisLoadError> {
        let (first, ..) = self.session.range().expect("something is stored");
        let mut ledger = NemLedger::partial(self.network, u64::from(first.0));
        for height in u64::from(first.0)..=to {
            let stored = self.session.block(height_of(height))?;
            let told = match self.panel.at(height, to)? {
                Told::Same(told) if row_hash(&told.hash) == stored.hash => told,
                Told::Same(ToldBlock { hash, .. }) => return Err(self.parted(height, &stored.hash, row_hash(&hash))),
                Told::Different(told) => {
                    let other = told.into_iter().map(|told| row_hash(&told.hash)).find(|hash| *hash != stored.hash);
                    return Err(self.parted(height, &stored.hash, other.expect("they differ")));
                }
            };
            let (url, height, hash) = (self.panel.url(), height_of(height), stored.hash);
            ledger.take(&told.block).map_err(|fault| NisLoadError::Impossible {
                url,
                height,
                hash,
                source: Box::new(fault),
            })?;
            let control = (self.watch)(NisProgress::Reread { height, to: height_of(to) });
            self.stopped |= control == Control::Stop;
            if self.stopped {
                return Ok(None);
            }
        }
        self.panel.forget();
        Ok(Some(ledger))
    }

    /// The nodes have another block where they had the store's a moment ago.
    pub(super) fn parted(&self, height: u64, stored: &BlockHash, found: BlockHash) -> NisLoadError {
        let (url, height) = (self.panel.url().into(), height_of(height));
        NisLoadError::NotLinked { url, height, hash: found, found, expected: Box::new(*stored) }
    }

    /// Commits what was pushed, with what later rows depend on written before.
    pub(super) fn commit(&mut self) -> Result<(), NisLoadError> {
        let Some(ledger) = self.ledger.take() else { return Ok(()) };
        let committed = self.commit_with(&ledger);
        self.ledger = Some(ledger);
        committed
    }

    pub(super) fn commit_with(&mut self, ledger: &NemLedger) -> Result<(), NisLoadError> {
        if self.rows == 0 {
            return Ok(());
        }
        let (.., tip) = self.session.range().expect("something was pushed");
        assert_eq!(
            nem_hash(&tip),
            ledger.tip_hash().expect("something was taken"),
            "rows and what they depend on agree"
        );
        (self.watch)(NisProgress::Committing);
        memory::save(&*self.storage, ledger, &tip)?;
        let committed = self.session.commit()?;
        memory::sweep(&*self.storage, &tip)?;
        self.rows = 0;
        if let Some(committed) = committed {
            (self.watch)(NisProgress::Committed(&committed));
        }
        Ok(())
    }
}
