//! Loading a node's block files: scan, plan, take, and plan again without the blocks that cannot be used.

use std::cell::OnceCell;
use std::sync::Arc;

use coinhound_chains::bitcoin::files::{BlockDir, BlockReader, Record, Scan};
use coinhound_chains::bitcoin::headers::{HeaderTree, Plan, Proofs};
use coinhound_chains::bitcoin::undo::{UndoError, UndoFile};
use coinhound_model::block::{CoinBlock, SpentCoin};
use coinhound_model::{Height, Ledger};
use coinhound_store::local::BlockPlace;
use coinhound_store::storage::Storage;
use coinhound_store::view::View;

use crate::derive::Deriver;
use crate::error::LoadError;
use crate::options::{Control, Options, Progress};
use crate::outcome::{Outcome, Unusable};
use crate::scan_index;
use crate::session::{Ended, Session, Way};
use crate::source::{Source, Told, Unfed};

/// Brings a store up to the chain that a folder of block files holds. Running it again adds what is new.
///
/// A block that cannot be used is named and counts as missing. `watch` is told what happens and may ask for a commit
/// or a stop; nothing finished is lost by stopping.
///
/// # Errors
/// [`LoadError`]. What was committed before stays.
pub fn load_blocks(
    dir: &BlockDir,
    storage: Arc<dyn Storage>,
    options: &Options,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<Outcome, LoadError> {
    let session = Session::open(dir.params(), storage, options, watch)?;
    let mut load = Load { dir, session, proofs: OnceCell::new() };
    let scan = load.scan()?;
    load.follow_plans(&scan)?;
    Ok(load.session.into_outcome())
}

/// One run over a folder.
struct Load<'a> {
    dir: &'a BlockDir,
    session: Session<'a>,
    /// Which headers prove their work: the same for every plan of the run.
    proofs: OnceCell<Proofs>,
}

impl Load<'_> {
    fn scan(&mut self) -> Result<Scan, LoadError> {
        let known = scan_index::read(self.session.storage())?;
        let scan = self.dir.rescan(known, &mut |progress| {
            self.session.watch(Progress::Scanning(progress));
        })?;
        scan_index::write(self.session.storage(), &scan)?;
        self.session.outcome.notices.extend(scan.notices.iter().cloned());
        Ok(scan)
    }

    /// Plans and takes blocks until a plan runs through: each round without the blocks that failed.
    fn follow_plans(&mut self, scan: &Scan) -> Result<(), LoadError> {
        if scan.records.is_empty() && self.session.range().is_none() {
            // A node that has only just begun, or files without one whole block: the notices tell which.
            return Ok(());
        }
        let mut unusable: Vec<usize> = Vec::new();
        loop {
            let view = self.session.view()?;
            let plan = self.plan(scan, view.as_ref(), &unusable)?;
            let ended = self.take(&plan, scan, view)?;
            self.session.outcome.note_plan(plan);
            match ended {
                None => return Ok(()),
                Some(record) => unusable.push(record),
            }
        }
    }

    fn plan(&self, scan: &Scan, view: Option<&View>, unusable: &[usize]) -> Result<Plan, LoadError> {
        let mut tree = HeaderTree::new(self.dir.params());
        if let Some(view) = view {
            let (first, tip) = (view.as_of().first, view.as_of().height);
            let headers: Result<Vec<_>, _> =
                (first.0..=tip.0).map(|h| view.block(Height(h)).map(|row| row.header)).collect();
            tree.add_stored(first, &headers?);
        }
        let proofs = self.proofs.get_or_init(|| tree.prove(&scan.records));
        tree.add_proved(&scan.records, proofs);
        for record in unusable {
            tree.mark_damaged(*record);
        }
        // A coinbase that cannot be read tells no height; the plan then says what it lacks.
        let mut claimed = |record: usize| self.dir.claimed_height(&scan.records[record]).ok().flatten();
        Ok(tree.plan(self.session.options().start, &mut claimed)?)
    }

    /// Takes the plan's blocks; returns the record of the one that cannot be used.
    fn take(&mut self, plan: &Plan, scan: &Scan, view: Option<View>) -> Result<Option<usize>, LoadError> {
        let records: Vec<Record> = plan.blocks.iter().map(|block| scan.records[block.record]).collect();
        let shelf = Shelf::new(self.dir, &records, plan.first != Height(0));
        let first = plan.first;
        let mut ask = |deriver: &mut Deriver<'_>, block: &CoinBlock| {
            // From the genesis block on every coin is the chain's own.
            let missing = if first == Height(0) { None } else { untold(deriver, block) };
            Ok(Told { missing, ..Told::default() })
        };
        match self.session.take(Way::of(plan), view, shelf, &mut ask)? {
            Ended::Done => Ok(None),
            Ended::Bad { at, bad } => {
                let (Record { hash, file, offset, .. }, reason) = (records[at], bad.to_string());
                self.session.outcome.unusable.push(Unusable { hash, file, offset, reason });
                Ok(Some(plan.blocks[at].record))
            }
        }
    }
}

/// Why the coins that a block spends are not known, where its folder has no undo file for it.
fn untold(deriver: &mut Deriver<'_>, block: &CoinBlock) -> Option<String> {
    let foreign = deriver.foreign_inputs(block).len();
    let told =
        || format!("block {} spends coins from below the range ({foreign}), and no rev*.dat tells of them", block.hash);
    (foreign > 0).then(told)
}

/// Reads blocks and what they spend, keeping files open between them.
struct Shelf<'a> {
    dir: &'a BlockDir,
    records: &'a [Record],
    /// Whether the coins that blocks spend are wanted.
    with_undo: bool,
    reader: BlockReader<'a>,
    undo: Option<(u32, Option<UndoFile>)>,
}

impl<'a> Shelf<'a> {
    fn new(dir: &'a BlockDir, records: &'a [Record], with_undo: bool) -> Self {
        Self { dir, records, with_undo, reader: dir.reader(), undo: None }
    }

    fn spent(&mut self, file: u32, block: &CoinBlock) -> Result<Option<Vec<SpentCoin>>, UndoError> {
        if !self.with_undo {
            return Ok(None);
        }
        if self.undo.as_ref().is_none_or(|(open, _)| *open != file) {
            self.undo = Some((file, UndoFile::open(self.dir, file)?));
        }
        let undo = self.undo.as_mut().and_then(|(_, undo)| undo.as_mut());
        undo.map(|undo| undo.coins(block)).transpose()
    }
}

impl Source for Shelf<'_> {
    fn bytes(&mut self, at: usize) -> Result<&[u8], Unfed> {
        Ok(self.reader.read(&self.records[at])?)
    }

    fn bytes_ahead(&self) -> u64 {
        self.records.iter().map(|record| u64::from(record.len)).sum()
    }

    fn tell(&mut self, at: usize, block: &CoinBlock) -> Told {
        let Record { file, offset, len, .. } = self.records[at];
        let place = Some(BlockPlace { file, offset, length: len });
        match self.spent(file, block) {
            Ok(spent) => Told { place, spent, missing: None },
            Err(error) => Told { place, spent: None, missing: Some(error.to_string()) },
        }
    }
}
