//! A running NIS1 node, asked over HTTP: what it says is bounded and held to what was asked.
//!
//! A node is not believed. Here it is checked that an answer is as long as it may be and comes in time, that it is the
//! block asked for and of the network, and that whatever hashes it names are those of its content. Signatures, links
//! and what a block may do are for those who take the blocks; which chain the network follows is something that no
//! answer proves.
//!
//! Nodes answer anybody one block at a time, without hashes (`/block/at/public`), and callers on their own machine, or
//! whom their configuration trusts, ten at a time (`/local/chain/blocks-after`). The second is asked for first.
//!
//! In reading order: bounds ([`Limits`]), what is asked ([`Question`]), errors ([`NisError`]), and the node.

mod call;
mod error;

use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use ureq::Body;
use ureq::http::Response;
use ureq::http::header::RETRY_AFTER;

pub use crate::http::{Auth, Endpoint, EndpointError, HttpError, Limits, POLITE};
pub use crate::nem::http::call::{Call, Question};
pub use crate::nem::http::error::{NisError, NisErrorKind};

use crate::http::excerpt::{excerpt, excerpt_of};
use crate::http::{Http, authorization_of, explanation, redirection};
use crate::nem::block::Block;
use crate::nem::bytes::Hash;
use crate::nem::json::{self, JsonError};
use crate::nem::network::Network;

/// The most blocks that one answer holds.
pub const PAGE_BLOCKS: usize = 10;

/// Waits, or says that waiting is over: then the error that was to be waited out is returned.
pub type Sleep<'p> = Box<dyn FnMut(Duration) -> ControlFlow<()> + Send + 'p>;

/// A block as a node tells it, of the height and the network asked for. Its signatures are not checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldBlock {
    /// Its hash, computed from all of it.
    pub hash: Hash,
    /// The block.
    pub block: Block,
}

/// Which call gives blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// The local one is tried first.
    Untried,
    /// The local one answers.
    Local,
    /// The local one was refused.
    Public,
}

/// A node that is asked.
pub struct NisNode<'p> {
    http: Http,
    endpoint: Endpoint,
    /// The node's address without the slash at its end.
    url: String,
    authorization: Option<String>,
    network: Network,
    limits: Limits,
    sleep: Sleep<'p>,
    way: Way,
    was_asked: bool,
}

impl fmt::Debug for NisNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NisNode").field("url", &self.url).field("network", &self.network).finish_non_exhaustive()
    }
}

impl<'p> NisNode<'p> {
    /// A node of a network. Nothing is asked yet: [`NisNode::check_network`] should be the first call.
    #[must_use]
    pub fn new(endpoint: Endpoint, network: Network, limits: Limits) -> Self {
        let sleep = |pause| {
            std::thread::sleep(pause);
            ControlFlow::Continue(())
        };
        let authorization = match endpoint.auth() {
            Auth::User { name, password } => Some(authorization_of(&format!("{name}:{password}"))),
            _ => None,
        };
        let url = endpoint.url().trim_end_matches('/').to_owned();
        let http = Http::new(limits.pace());
        let (sleep, way, was_asked) = (Box::new(sleep), Way::Untried, false);
        Self { http, endpoint, url, authorization, network, limits, sleep, way, was_asked }
    }

    /// With another way to wait than the thread's sleep.
    #[must_use]
    pub fn with_sleep(mut self, sleep: Sleep<'p>) -> Self {
        self.sleep = sleep;
        self
    }

    /// Without asking for whole pages, which only trusted callers get.
    #[must_use]
    pub fn public_only(mut self) -> Self {
        self.way = Way::Public;
        self
    }

    /// The node's address, without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The network it should be of.
    #[must_use]
    pub fn network(&self) -> Network {
        self.network
    }

    /// Compares the network the node says it is of. Its word: what proves it is the network's byte in every
    /// transaction that was signed.
    ///
    /// # Errors
    /// [`NisError::OtherNetwork`], or the error of asking.
    pub fn check_network(&mut self) -> Result<(), NisError> {
        let want = self.network;
        let told = self.ask(Question::Info, json::parse_network_number)?;
        // Java's bytes have signs: -104 and 152 are the same.
        if told.rem_euclid(256) == i64::from(want.byte()) && (-128..256).contains(&told) {
            return Ok(());
        }
        Err(NisError::OtherNetwork { call: self.call(Question::Info), want, got: told })
    }

    /// The height of the node's newest block. Its word.
    ///
    /// # Errors
    /// The error of asking.
    pub fn height(&mut self) -> Result<u64, NisError> {
        self.ask(Question::Height, json::parse_height)
    }

    /// The node's newest block.
    ///
    /// # Errors
    /// The error of asking.
    pub fn last_block(&mut self) -> Result<ToldBlock, NisError> {
        let block = self.ask(Question::LastBlock, json::parse_block)?;
        self.told(Question::LastBlock, block, None)
    }

    /// The block at a height.
    ///
    /// # Errors
    /// [`NisError::NoSuchHeight`] above the node's newest block, or the error of asking.
    pub fn block(&mut self, height: u64) -> Result<ToldBlock, NisError> {
        let question = Question::BlockAt(height);
        let block = self.ask(question, json::parse_block)?;
        self.told(question, block, Some(height))
    }

    /// The blocks from a height on, one at least and `most` at most. They need not link.
    ///
    /// # Errors
    /// [`NisError::NoSuchHeight`] above the node's newest block, or the error of asking.
    ///
    /// # Panics
    /// When no block is asked for, or the height is zero, which no block has.
    pub fn blocks(&mut self, from: u64, most: usize) -> Result<Vec<ToldBlock>, NisError> {
        assert!(from > 0 && most > 0, "blocks are counted from one, and one at least is asked for");
        // A page is after a block: nobody has one before the first.
        if from > 1 && (most > 1 || self.way == Way::Local) && self.way != Way::Public {
            match self.page(from - 1) {
                Ok(mut page) => {
                    self.way = Way::Local;
                    page.truncate(most);
                    return if page.is_empty() { Err(self.no_such(from)) } else { Ok(page) };
                }
                Err(error) if self.way == Way::Untried && is_refusal(&error) => self.way = Way::Public,
                Err(error) => return Err(error),
            }
        }
        Ok(vec![self.block(from)?])
    }

    fn no_such(&self, height: u64) -> NisError {
        NisError::NoSuchHeight { call: self.call(Question::BlocksAfter(height - 1)), height }
    }

    fn page(&mut self, after: u64) -> Result<Vec<ToldBlock>, NisError> {
        let question = Question::BlocksAfter(after);
        let blocks = self.ask(question, json::parse_explorer_blocks)?;
        if blocks.len() > PAGE_BLOCKS {
            return Err(NisError::TooMany { call: self.call(question), most: PAGE_BLOCKS, got: blocks.len() });
        }
        let heights = after + 1..;
        blocks.into_iter().zip(heights).map(|(told, height)| self.told(question, told.block, Some(height))).collect()
    }

    fn told(&self, question: Question, block: Block, want: Option<u64>) -> Result<ToldBlock, NisError> {
        let got = block.height;
        if let Some(want) = want.filter(|want| *want != got) {
            return Err(NisError::OtherHeight { call: self.call(question), want, got });
        }
        if block.network != self.network {
            let (want, got) = (self.network, block.network);
            return Err(NisError::ForeignBlock { call: self.call(question), want, got });
        }
        Ok(ToldBlock { hash: block.hash(), block })
    }

    fn call(&self, question: Question) -> Box<Call> {
        Box::new(Call { question, url: self.url.clone() })
    }

    /// Asks, and again after errors that may pass.
    fn ask<T>(&mut self, question: Question, read: impl Fn(&str) -> Result<T, JsonError>) -> Result<T, NisError> {
        let mut repeated = 0;
        loop {
            let error = match self.once(question, &read) {
                Err(error) if error.is_transient() => error,
                done => return done,
            };
            let allowed = if error.took_its_time() { self.limits.retries.min(1) } else { self.limits.retries };
            let pause = self.limits.pause_before(repeated, error.asks_for());
            if repeated >= allowed || (self.sleep)(pause).is_break() {
                return Err(error);
            }
            repeated += 1;
        }
    }

    fn once<T>(&mut self, question: Question, read: impl Fn(&str) -> Result<T, JsonError>) -> Result<T, NisError> {
        self.leave_alone();
        let failed = |source| NisError::Http { call: self.call(question), source };
        let (url, shown) = (format!("{}{}", self.url, question.path()), self.authorization.as_deref());
        let response = match question.body() {
            Some(body) => self.http.post(&url, shown, &body),
            None => self.http.get(&url, shown),
        };
        let mut response = response.map_err(failed)?;
        self.check_status(question, &mut response)?;
        let mut answer = Vec::new();
        self.http.read(&mut response, question.answer_len_max(), &mut answer).map_err(failed)?;
        let start = || excerpt_of(&answer);
        let text = std::str::from_utf8(&answer);
        let text = text.map_err(|_| NisError::NotText { call: self.call(question), start: start() })?;
        read(text).map_err(|source| {
            let start = matches!(source, JsonError::Syntax(_)).then(start);
            NisError::Json { call: self.call(question), start, source }
        })
    }

    /// The pause before each question but the first.
    fn leave_alone(&mut self) {
        let between = self.limits.between(&self.endpoint);
        if self.was_asked && !between.is_zero() {
            // Who wants to stop is asked where something is waited out; here it is a moment only.
            let _ = (self.sleep)(between);
        }
        self.was_asked = true;
    }

    fn check_status(&self, question: Question, response: &mut Response<Body>) -> Result<(), NisError> {
        let status = response.status().as_u16();
        let call = self.call(question);
        Err(match (status, question) {
            (200, _) => return Ok(()),
            (300..=399, _) => {
                NisError::Http { call, source: HttpError::Redirect { status, to: redirection(response) } }
            }
            (404, Question::BlockAt(height)) => NisError::NoSuchHeight { call, height },
            (429 | 500..=599, _) => {
                let after = retry_after(response);
                NisError::Busy { call, status, said: said(response), after }
            }
            _ => NisError::Status { call, status, said: said(response) },
        })
    }
}

/// How long an answer asks to wait, in whole seconds.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let told = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    told.trim().parse().ok().map(Duration::from_secs)
}

/// What an answer that is an error says: NIS tells it as JSON with a message.
fn said(response: &mut Response<Body>) -> String {
    let text = explanation(response);
    let message = text.split_once(r#""message":""#).and_then(|(_, rest)| rest.split_once('"'));
    message.map_or(text.clone(), |(message, _)| excerpt(message))
}

/// Whether a node lets only others ask so.
fn is_refusal(error: &NisError) -> bool {
    matches!(error, NisError::Status { status: 401 | 403 | 404 | 405, .. })
}

/// What to do about an address that is none.
#[must_use]
pub fn endpoint_hint(error: &EndpointError) -> Option<String> {
    Some(match error {
        EndpointError::NotAUrl { .. } => "write it as `http://127.0.0.1:7890`".into(),
        EndpointError::Scheme { .. } => {
            "only plain HTTP is spoken here (port 7890): reach a node by TLS through a tunnel of your own".into()
        }
        EndpointError::NoPort { host } => format!("add the node's port, such as `http://{host}:7890`"),
        _ => return error.hint(),
    })
}
