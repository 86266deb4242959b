//! Blocks fetched and parsed ahead of those who need them, in the order of a plan.
//!
//! Fetching and parsing take about as long as deriving, so they run on a thread of their own, a
//! bounded number of blocks ahead. With one thread the same blocks come one by one.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use coinhound_chains::bitcoin::Params;
use coinhound_chains::bitcoin::block::{BlockParser, Checks};
use coinhound_model::block::CoinBlock;

use crate::source::{Source, Told, Unfed};

/// How many parsed blocks may wait. Few: what was just written is still in the cache when it is read.
const BLOCKS_AHEAD: usize = 4;

/// A planned block, parsed and checked.
pub(crate) struct Fed {
    pub block: CoinBlock,
    /// What the source knows of it beside its bytes.
    pub told: Told,
}

/// Calls `take` with each of the plan's `count` blocks, by their place in it, until it returns false; stops after a
/// block that did not come.
pub(crate) fn feed<S: Source>(
    source: S,
    params: &Params,
    count: usize,
    threads: usize,
    mut take: impl FnMut(usize, Result<&Fed, Unfed>) -> bool,
) {
    // Every source compares a block's header with the planned one, whose work the header tree has proved: where
    // that takes long (Litecoin), once is enough.
    let checks = Checks { work: !params.pow.is_slow(), ..Checks::ALL };
    let mut kitchen = Kitchen { source, parser: BlockParser::new(params, checks) };
    if threads < 2 {
        for at in 0..count {
            let fed = kitchen.serve(at);
            if !serve_one(at, fed, &mut take, |eaten| kitchen.parser.recycle(eaten)) {
                return;
            }
        }
        return;
    }
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(BLOCKS_AHEAD);
        let (give_back, given_back) = channel();
        scope.spawn(move || kitchen.serve_all(count, &sender, &given_back));
        for (at, fed) in (0..count).zip(receiver) {
            // A cook that is done wants nothing back.
            if !serve_one(at, fed, &mut take, |eaten| drop(give_back.send(eaten))) {
                return;
            }
        }
    });
}

/// Hands over one block and gives its memory back; returns whether more is wanted.
fn serve_one(
    at: usize,
    fed: Result<Fed, Unfed>,
    take: &mut impl FnMut(usize, Result<&Fed, Unfed>) -> bool,
    give_back: impl FnOnce(CoinBlock),
) -> bool {
    match fed {
        Ok(fed) => {
            let more = take(at, Ok(&fed));
            give_back(fed.block);
            more
        }
        Err(unfed) => {
            take(at, Err(unfed));
            false
        }
    }
}

/// Fetches and parses.
struct Kitchen<'p, S> {
    source: S,
    parser: BlockParser<'p>,
}

impl<S: Source> Kitchen<'_, S> {
    fn serve(&mut self, at: usize) -> Result<Fed, Unfed> {
        let block = self.parser.parse(self.source.bytes(at)?)?;
        let told = self.source.tell(at, &block);
        Ok(Fed { block, told })
    }

    fn serve_all(&mut self, count: usize, sender: &SyncSender<Result<Fed, Unfed>>, given_back: &Receiver<CoinBlock>) {
        for at in 0..count {
            given_back.try_iter().for_each(|eaten| self.parser.recycle(eaten));
            let fed = self.serve(at);
            let last = fed.is_err();
            // A receiver that hung up wants no more.
            if sender.send(fed).is_err() || last {
                return;
            }
        }
    }
}
