//! Blocks read and parsed ahead of those who need them, in the order asked for.
//!
//! Reading and parsing take about as long as deriving, so they run on a thread of their own, a
//! bounded number of blocks ahead. With one thread the same blocks come one by one.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use coinhound_chains::bitcoin::block::{BlockError, BlockParser, Checks};
use coinhound_chains::bitcoin::files::{BlockDir, BlockFileError, BlockReader, Record};
use coinhound_chains::bitcoin::undo::{UndoError, UndoFile};
use coinhound_model::block::{CoinBlock, SpentCoin};

/// How many parsed blocks may wait. Few: what was just written is still in the cache when it is read.
const BLOCKS_AHEAD: usize = 4;

/// A block as the files tell it.
pub(crate) struct Fed {
    pub block: CoinBlock,
    /// The coins it spends, where an undo file was asked and told them.
    pub spent: Option<Vec<SpentCoin>>,
    /// Why the undo file did not tell, where it was asked.
    pub undo_missing: Option<UndoError>,
}

/// Why a block did not come.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfed {
    /// The operating system refused, or the file changed under us.
    #[error(transparent)]
    File(#[from] BlockFileError),
    /// The bytes are not the block that the header names.
    #[error(transparent)]
    Block(#[from] BlockError),
}

/// Which blocks, and whether their spent coins are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    pub dir: &'a BlockDir,
    pub records: &'a [Record],
    pub with_undo: bool,
}

/// Calls `take` with each block in order until it returns false; stops after a block that did not come.
pub(crate) fn feed(order: Order<'_>, threads: usize, mut take: impl FnMut(&Record, Result<&Fed, Unfed>) -> bool) {
    if threads < 2 {
        let mut kitchen = Kitchen::new(order);
        for record in order.records {
            let fed = kitchen.serve(record);
            if !serve_one(record, fed, &mut take, |eaten| kitchen.parser.recycle(eaten)) {
                return;
            }
        }
        return;
    }
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(BLOCKS_AHEAD);
        let (give_back, given_back) = channel();
        scope.spawn(move || serve_all(order, &sender, &given_back));
        for (record, fed) in order.records.iter().zip(receiver) {
            // A cook that is done wants nothing back.
            if !serve_one(record, fed, &mut take, |eaten| drop(give_back.send(eaten))) {
                return;
            }
        }
    });
}

/// Hands over one block and gives its memory back; returns whether more is wanted.
fn serve_one(
    record: &Record,
    fed: Result<Fed, Unfed>,
    take: &mut impl FnMut(&Record, Result<&Fed, Unfed>) -> bool,
    give_back: impl FnOnce(CoinBlock),
) -> bool {
    match fed {
        Ok(fed) => {
            let more = take(record, Ok(&fed));
            give_back(fed.block);
            more
        }
        Err(unfed) => {
            take(record, Err(unfed));
            false
        }
    }
}

fn serve_all(order: Order<'_>, sender: &SyncSender<Result<Fed, Unfed>>, given_back: &Receiver<CoinBlock>) {
    let mut kitchen = Kitchen::new(order);
    for record in order.records {
        given_back.try_iter().for_each(|eaten| kitchen.parser.recycle(eaten));
        let fed = kitchen.serve(record);
        let last = fed.is_err();
        // A receiver that hung up wants no more.
        if sender.send(fed).is_err() || last {
            return;
        }
    }
}

/// Reads and parses, keeping files open between blocks.
struct Kitchen<'a> {
    order: Order<'a>,
    reader: BlockReader<'a>,
    parser: BlockParser<'a>,
    undo: Option<(u32, Option<UndoFile>)>,
}

impl<'a> Kitchen<'a> {
    fn new(order: Order<'a>) -> Self {
        let parser = BlockParser::new(order.dir.params(), Checks::ALL);
        Self { order, reader: order.dir.reader(), parser, undo: None }
    }

    fn serve(&mut self, record: &Record) -> Result<Fed, Unfed> {
        let bytes = self.reader.read(record)?;
        let block = self.parser.parse(bytes)?;
        let told = self.order.with_undo.then(|| self.spent(record.file, &block)).transpose();
        let (spent, undo_missing) = match told {
            Ok(spent) => (spent.flatten(), None),
            Err(error) => (None, Some(error)),
        };
        Ok(Fed { block, spent, undo_missing })
    }

    fn spent(&mut self, file: u32, block: &CoinBlock) -> Result<Option<Vec<SpentCoin>>, UndoError> {
        if self.undo.as_ref().is_none_or(|(open, _)| *open != file) {
            self.undo = Some((file, UndoFile::open(self.order.dir, file)?));
        }
        let undo = self.undo.as_mut().and_then(|(_, undo)| undo.as_mut());
        undo.map(|undo| undo.coins(block)).transpose()
    }
}
