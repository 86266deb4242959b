//! A running node, asked over JSON-RPC: what it says is bounded, matched to what was asked, and proven
//! where a hash can prove it.
//!
//! A node is not believed. Here it is checked that an answer belongs to its call, is as long as it may
//! be and comes in time; that headers, blocks and transactions hash to the names they were asked by
//! ([`NodeRpc::headers`], [`NodeRpc::blocks`], [`NodeRpc::transactions`]). That headers link and carry
//! their work is for [`crate::bitcoin::headers`]; that a block is what its header says, for
//! [`crate::bitcoin::block`]. What nothing can prove ([`NodeStatus`], [`Standing`]) is called the
//! node's word.
//!
//! In reading order: the node's address ([`Endpoint`]), bounds ([`Limits`]), errors ([`RpcError`]); then
//! the parts of one call: the question (`request`), the way (`transport`), the answer's JSON (`answer`)
//! and what it must be (`reading`).

mod answer;
mod call;
mod error;
mod hex;
mod hint;
mod homes;
mod limits;
mod reading;
mod request;
mod status;
mod transport;

use std::fmt;
use std::ops::{ControlFlow, RangeInclusive};
use std::time::{Duration, Instant};

use coinhound_model::{BlockHash, TxHash};

pub use crate::bitcoin::rpc::call::{Call, Shown, Subject};
pub use crate::bitcoin::rpc::error::{RpcError, RpcErrorKind};
pub use crate::bitcoin::rpc::hex::HexFault;
pub use crate::bitcoin::rpc::limits::Limits;
pub use crate::bitcoin::rpc::status::{NodeStatus, Standing};
pub use crate::http::{Auth, Endpoint, EndpointError};

use crate::bitcoin::block::BLOCK_WEIGHT_MAX;
use crate::bitcoin::header::Header;
use crate::bitcoin::params::Params;
use crate::bitcoin::rpc::reading::{Reading, readings};
use crate::bitcoin::rpc::request::{Request, batch_text};
use crate::bitcoin::rpc::status::{ChainInfo, NetworkInfo};
use crate::bitcoin::rpc::transport::Transport;
use crate::http::excerpt::excerpt;

/// Bytes of any answer beside its items.
const SLACK_LEN: u64 = 4_096;
/// Bytes an answer with a hash may take.
const HASH_ANSWER_LEN: u64 = 250;
/// Bytes an answer with a header in digits may take.
const HEADER_ANSWER_LEN: u64 = 400;
/// Bytes an answer with what a node makes of a header may take.
const STANDING_ANSWER_LEN: u64 = 4 << 10;
/// Bytes an answer about the node may take.
const INFO_ANSWER_LEN: u64 = 64 << 10;
/// Bytes around the digits of a block or transaction.
const WRAPPING_LEN: u64 = 250;
/// Bytes an answer with a block is thought to take before any was seen.
const BLOCK_GUESS_LEN: u64 = 4_000_000;
/// Bytes an answer with a transaction is thought to take before any was seen.
const TX_GUESS_LEN: u64 = 2_000;

/// Waits, or says that waiting is over: then the error that was to be waited out is returned.
pub type Sleep<'p> = Box<dyn FnMut(Duration) -> ControlFlow<()> + Send + 'p>;

/// A node that is asked.
pub struct NodeRpc<'p> {
    transport: Transport,
    params: &'p Params,
    limits: Limits,
    sleep: Sleep<'p>,
    next_id: u64,
    /// The newest answer; kept for its memory.
    answer: Vec<u8>,
    block_guess: u64,
    tx_guess: u64,
    /// The most blocks or transactions asked for together: one after an answer that took its whole time, and twice
    /// as many after each that did not.
    together: usize,
}

impl fmt::Debug for NodeRpc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = self.params.network;
        f.debug_struct("NodeRpc").field("url", &self.url()).field("network", &network).finish_non_exhaustive()
    }
}

impl<'p> NodeRpc<'p> {
    /// A node of a network. Nothing is asked yet: [`NodeRpc::check_network`] should be the first call.
    #[must_use]
    pub fn new(endpoint: Endpoint, params: &'p Params, limits: Limits) -> Self {
        let sleep = |pause| {
            std::thread::sleep(pause);
            ControlFlow::Continue(())
        };
        Self {
            transport: Transport::new(endpoint, limits),
            params,
            limits,
            sleep: Box::new(sleep),
            next_id: 0,
            answer: Vec::new(),
            block_guess: BLOCK_GUESS_LEN,
            tx_guess: TX_GUESS_LEN,
            together: usize::MAX,
        }
    }

    /// With another way to wait than the thread's sleep.
    #[must_use]
    pub fn with_sleep(mut self, sleep: Sleep<'p>) -> Self {
        self.sleep = sleep;
        self
    }

    /// The node's address, without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        self.transport.url()
    }

    /// The constants of the node's network.
    #[must_use]
    pub fn params(&self) -> &'p Params {
        self.params
    }

    /// Compares the node's first block with the network's.
    ///
    /// # Errors
    /// [`RpcError::OtherNetwork`], or the error of asking.
    pub fn check_network(&mut self) -> Result<(), RpcError> {
        let want = self.params.genesis;
        self.one(Request::HashAt(0), HASH_ANSWER_LEN, &|reading| {
            let got = reading.hash()?;
            if got == want { Ok(()) } else { Err(RpcError::OtherNetwork { call: reading.call(), want, got }) }
        })
    }

    /// What the node says of itself. Its word, not proven.
    ///
    /// # Errors
    /// The error of asking; what a node may keep to itself (its peers) is no error.
    pub fn status(&mut self) -> Result<NodeStatus, RpcError> {
        const EXPECTED: &str = "the state of a chain";
        let mut status = self.one(Request::ChainInfo, INFO_ANSWER_LEN, &|reading| {
            reading.parsed::<ChainInfo>(EXPECTED)?.status().ok_or_else(|| reading.shape(EXPECTED, "no block's hash"))
        })?;
        let network = self.one(Request::NetworkInfo, INFO_ANSWER_LEN, &|reading| {
            let info: NetworkInfo = reading.parsed("the state of a node's connections")?;
            Ok((info.connections, excerpt(&info.subversion)))
        });
        match network {
            Ok((connections, agent)) => {
                status.connections = Some(connections);
                status.agent = Some(agent).filter(|agent| !agent.is_empty());
            }
            Err(error) if error.kind() == RpcErrorKind::Setup => {}
            Err(error) => return Err(error),
        }
        Ok(status)
    }

    /// The hashes of the node's chain at these heights, in order. Its word: [`NodeRpc::headers`] proves
    /// that they name headers.
    ///
    /// All are held in memory together, and a node can make up as many as it likes: prove the headers of
    /// each few thousand before more are asked for.
    ///
    /// # Errors
    /// [`RpcError::NoSuchHeight`] for one above the node's newest block, or the error of asking.
    pub fn hashes(&mut self, heights: RangeInclusive<u32>) -> Result<Vec<BlockHash>, RpcError> {
        let mut hashes = Vec::new();
        let mut rest = heights.map(Request::HashAt).peekable();
        while rest.peek().is_some() {
            let batch: Vec<Request> = rest.by_ref().take(self.limits.batch.max(1)).collect();
            hashes.extend(self.batch(&batch, HASH_ANSWER_LEN * batch.len() as u64, &|reading| reading.hash())?);
        }
        Ok(hashes)
    }

    /// The headers of these names, in order; each was hashed and has the name it was asked by.
    ///
    /// # Errors
    /// [`RpcError::UnknownBlock`] for one that the node does not know, or the error of asking.
    pub fn headers(&mut self, hashes: &[BlockHash]) -> Result<Vec<Header>, RpcError> {
        let mut headers = Vec::with_capacity(hashes.len());
        for chunk in hashes.chunks(self.limits.batch.max(1)) {
            let batch: Vec<Request> = chunk.iter().copied().map(Request::Header).collect();
            let len_max = HEADER_ANSWER_LEN * batch.len() as u64;
            headers.extend(self.batch(&batch, len_max, &|reading| match reading.request {
                Request::Header(hash) => reading.header(hash),
                _ => unreachable!("the batch asks for headers"),
            })?);
        }
        Ok(headers)
    }

    /// The bytes of the first of the blocks of these names, in order; their headers were hashed and have the
    /// names they were asked by, and nothing else of them is proven.
    ///
    /// At least one comes where any is asked for, and no more once they took [`Limits::answer_len`] bytes of answers
    /// together: whoever asks looks at those before it asks for the next, so that a node can make up no more at once.
    ///
    /// # Errors
    /// [`RpcError::Pruned`] for one that the node has removed, [`RpcError::UnknownBlock`] for one that
    /// it does not know, or the error of asking.
    pub fn blocks(&mut self, hashes: &[BlockHash]) -> Result<Vec<Vec<u8>>, RpcError> {
        let requests: Vec<Request> = hashes.iter().copied().map(Request::Block).collect();
        let len_max = self.params.block_len_max();
        let sizes = Sizes { len_max, guess: self.block_guess, enough: self.limits.answer_len };
        let (blocks, guess) = self.sized(&requests, sizes, &|reading| match reading.request {
            Request::Block(hash) => reading.block(hash, len_max),
            _ => unreachable!("the requests ask for blocks"),
        })?;
        self.block_guess = guess;
        Ok(blocks)
    }

    /// What the node makes of a block. Its word, not proven.
    ///
    /// # Errors
    /// The error of asking; that the node does not know the block is none.
    pub fn standing(&mut self, hash: BlockHash) -> Result<Standing, RpcError> {
        Ok(self.standings(&[hash])?[0])
    }

    /// The bytes of the transactions of these names, in order; each was parsed and hashed and has the
    /// name it was asked by. `None` where the node does not find one, which without an index of
    /// transactions (`txindex=1`) is most of them.
    ///
    /// # Errors
    /// [`RpcError::Indexing`] while the node builds that index, or the error of asking.
    pub fn transactions(&mut self, txids: &[TxHash]) -> Result<Vec<Option<Vec<u8>>>, RpcError> {
        let requests: Vec<Request> = txids.iter().copied().map(Request::Tx).collect();
        let (params, sizes) =
            (self.params, Sizes { len_max: BLOCK_WEIGHT_MAX, guess: self.tx_guess, enough: u64::MAX });
        let take = |reading: &Reading<'_>| reading.transaction(params, BLOCK_WEIGHT_MAX);
        let (txs, guess) = self.sized(&requests, sizes, &take)?;
        self.tx_guess = guess;
        Ok(txs)
    }

    fn one<T>(&mut self, request: Request, len_max: u64, take: Take<'_, T>) -> Result<T, RpcError> {
        let taken = self.batch(&[request], len_max, take)?;
        Ok(taken.into_iter().next().expect("one answer for one call"))
    }

    /// Asks for items, the first until they are enough, in batches that are halved when answers grow too long; also
    /// returns the next guess. After an answer that took its whole time one item is asked for, once: a node that is
    /// silent is known after two answers' time.
    fn sized<T>(&mut self, requests: &[Request], sizes: Sizes, take: Take<'_, T>) -> Result<(Vec<T>, u64), RpcError> {
        let Sizes { len_max, mut guess, enough } = sizes;
        let (mut items, mut answered, mut is_slow) = (Vec::new(), 0, false);
        let longest = 2 * len_max as u64 + WRAPPING_LEN;
        while items.len() < requests.len() && answered < enough {
            let rest = &requests[items.len()..];
            let fits = usize::try_from(self.limits.answer_len / guess.max(1)).unwrap_or(usize::MAX);
            let count = fits.min(self.limits.batch).min(self.together).min(rest.len()).max(1);
            let len_max = longest.saturating_mul(count as u64).min(self.limits.answer_len.max(longest));
            let patience = u32::from(count == 1 && !is_slow);
            match self.patiently(patience, &rest[..count], len_max, take) {
                Ok(more) => {
                    items.extend(more);
                    answered += self.answer.len() as u64;
                    (is_slow, self.together) = (false, self.together.max(count.saturating_mul(2)));
                    let mean = self.answer.len() as u64 / count as u64;
                    guess = mean + mean / 4 + 1;
                }
                Err(RpcError::TooLong { .. }) if count > 1 => guess = self.limits.answer_len / (count as u64 / 2),
                Err(error) if count > 1 && error.took_its_time() => (is_slow, self.together) = (true, 1),
                Err(error) => return Err(error),
            }
        }
        Ok((items, guess))
    }

    /// Asks, and again after errors that may pass.
    fn batch<T>(&mut self, requests: &[Request], len_max: u64, take: Take<'_, T>) -> Result<Vec<T>, RpcError> {
        self.patiently(1, requests, len_max, take)
    }

    /// Asks, and again after errors that may pass: `patience` times after one that took its whole time, and not at
    /// all once repetitions have taken as long as one answer may.
    fn patiently<T>(
        &mut self,
        patience: u32,
        requests: &[Request],
        len_max: u64,
        take: Take<'_, T>,
    ) -> Result<Vec<T>, RpcError> {
        let (mut repeated, began) = (0, Instant::now());
        loop {
            let error = match self.once(requests, len_max, take) {
                Err(error) if error.is_transient() => error,
                done => return done,
            };
            let allowed = match error.took_its_time() {
                true => self.limits.retries.min(patience),
                false if began.elapsed() > self.limits.answer => 0,
                false => self.limits.retries,
            };
            if repeated >= allowed || (self.sleep)(self.limits.pause_before(repeated)).is_break() {
                return Err(error);
            }
            repeated += 1;
        }
    }

    fn once<T>(&mut self, requests: &[Request], len_max: u64, take: Take<'_, T>) -> Result<Vec<T>, RpcError> {
        let first_id = self.next_id;
        self.next_id += requests.len() as u64;
        let (method, subject) = (requests[0].method(), requests[0].subject(requests.len()));
        let call = Call { method, subject, url: self.url().to_owned() };
        self.answer.clear();
        self.transport.ask(&call, &batch_text(requests, first_id), len_max + SLACK_LEN, &mut self.answer)?;
        readings(&self.answer, &call, requests, first_id)?.iter().map(take).collect()
    }
}

/// How long items are whose length nobody knows before.
#[derive(Clone, Copy)]
struct Sizes {
    /// The most bytes an item has; in digits, twice as many.
    len_max: usize,
    /// How many bytes of an answer one is thought to take.
    guess: u64,
    /// After so many bytes of answers no more are asked for.
    enough: u64,
}

/// Turns an answer into what was asked for.
type Take<'a, T> = &'a dyn Fn(&Reading<'_>) -> Result<T, RpcError>;
