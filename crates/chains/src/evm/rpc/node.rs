//! The node that is asked.

use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use ureq::Body;
use ureq::http::Response;

use crate::evm::block::Block;
use crate::evm::hash::Hash;
use crate::evm::header::Header;
use crate::evm::json::{self, JsonError, parse_receipts};
use crate::evm::receipt::Receipt;
use crate::evm::rpc::call::{Call, Place, Question};
use crate::evm::rpc::envelope::{self, Answer};
use crate::evm::rpc::error::EvmError;
use crate::evm::rules::ChainRules;
use crate::evm::trace::{TxTrace, parse_call_tracer, parse_trace_block};
use crate::http::excerpt::{excerpt, excerpt_of};
use crate::http::{Auth, Endpoint, Http, HttpError, Limits, authorization_of, explanation, redirection};

/// The most uncles that a block has.
const UNCLES_MAX: usize = 2;

/// Waits, or says that waiting is over: then the error that was to be waited out is returned.
pub type Sleep<'p> = Box<dyn FnMut(Duration) -> ControlFlow<()> + Send + 'p>;

/// A block as a node tells it, recomputed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldBlock {
    /// The block: what its header commits to was checked.
    pub block: Block,
    /// Its receipts: checked too.
    pub receipts: Vec<Receipt>,
    /// What moved inside its transactions, one for each; none where the node does not offer traces.
    pub traces: Option<Vec<TxTrace>>,
}

/// Which calls the node turned out not to offer.
#[derive(Clone, Copy, Default)]
struct Missing {
    block_receipts: bool,
    call_tracer: bool,
    trace_block: bool,
}

/// A node that is asked.
pub struct EvmNode<'p> {
    http: Http,
    endpoint: Endpoint,
    authorization: Option<String>,
    rules: ChainRules,
    limits: Limits,
    sleep: Sleep<'p>,
    missing: Missing,
    was_asked: bool,
}

impl fmt::Debug for EvmNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvmNode").field("url", &self.url()).field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl<'p> EvmNode<'p> {
    /// A node of a chain. Nothing is asked yet: [`EvmNode::check_chain`] should be the first call.
    #[must_use]
    pub fn new(endpoint: Endpoint, rules: ChainRules, limits: Limits) -> Self {
        let sleep = |pause| {
            std::thread::sleep(pause);
            ControlFlow::Continue(())
        };
        let authorization = match endpoint.auth() {
            Auth::User { name, password } => Some(authorization_of(&format!("{name}:{password}"))),
            _ => None,
        };
        let (http, missing) = (Http::new(limits.pace()), Missing::default());
        Self { http, endpoint, authorization, rules, limits, sleep: Box::new(sleep), missing, was_asked: false }
    }

    /// With another way to wait than the thread's sleep.
    #[must_use]
    pub fn with_sleep(mut self, sleep: Sleep<'p>) -> Self {
        self.sleep = sleep;
        self
    }

    /// Without asking for traces: every transaction's rows then say that what contracts passed on is not known.
    #[must_use]
    pub fn without_traces(mut self) -> Self {
        (self.missing.call_tracer, self.missing.trace_block) = (true, true);
        self
    }

    /// The node's address, without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// The chain it should be of.
    #[must_use]
    pub fn rules(&self) -> ChainRules {
        self.rules
    }

    /// Compares the number of the chain that the node says it is of. Its word: what proves it is the number in every
    /// transaction that was signed for one.
    ///
    /// # Errors
    /// [`EvmError::OtherChain`], or the error of asking.
    pub fn check_chain(&mut self) -> Result<(), EvmError> {
        let question = Question::ChainId;
        let told = self.ask(question)?;
        let want = self.rules.chain_id;
        if told == format!(r#""0x{want:x}""#) {
            return Ok(());
        }
        let digits = told.trim_matches('"').strip_prefix("0x").unwrap_or_default();
        let got = u64::from_str_radix(digits, 16).map_or_else(|_| excerpt(&told), |got| got.to_string());
        Err(EvmError::OtherChain { call: self.call(question), want, got })
    }

    /// The header of a block, all of whose transactions, uncles and withdrawals are those that it names.
    ///
    /// # Errors
    /// [`EvmError::Nothing`] where the node has no such block, or the error of asking.
    pub fn header(&mut self, place: Place) -> Result<Header, EvmError> {
        Ok(self.bare_block(place)?.header)
    }

    /// The block right on top of `parent`, or at a height below which nothing is known.
    ///
    /// # Errors
    /// [`EvmError`].
    pub fn block(&mut self, number: u64, parent: Option<&Header>) -> Result<ToldBlock, EvmError> {
        let question = Question::Block(Place::Number(number));
        let block = self.bare_block(Place::Number(number))?;
        if let Some(parent) = parent {
            if block.header.parent != parent.hash {
                let (got, want) = (block.header.parent, parent.hash);
                return Err(EvmError::NotLinked { call: self.call(question), got, want });
            }
            let untrue = |source| EvmError::Block { call: self.call(question), source };
            block.header.check_parent(parent).map_err(untrue)?;
        }
        self.rules.check(&block).map_err(|source| EvmError::Rules { call: self.call(question), source })?;
        let receipts = self.receipts(&block)?;
        let traces = self.traces(&block)?;
        Ok(ToldBlock { block, receipts, traces })
    }

    fn bare_block(&mut self, place: Place) -> Result<Block, EvmError> {
        let question = Question::Block(place);
        let text = self.ask(question)?;
        let wrong = |node: &Self, source| EvmError::Json { call: node.call(question), source };
        let (hash, named) = json::parse_names(&text).map_err(|source| wrong(self, source))?;
        let uncles = self.uncles(question, hash, &named)?;
        let block = json::parse_block(&text, uncles, self.rules.chain_id).map_err(|source| wrong(self, source))?;
        match place {
            Place::Number(want) if want != block.header.number => {
                Err(EvmError::OtherHeight { call: self.call(question), want, got: block.header.number })
            }
            _ => Ok(block),
        }
    }

    fn uncles(&mut self, of: Question, block: Hash, named: &[Hash]) -> Result<Vec<Vec<u8>>, EvmError> {
        if named.len() > UNCLES_MAX {
            let what = format!("the block names {} uncles, of which there are {UNCLES_MAX} at most", named.len());
            return Err(EvmError::Uncles { call: self.call(of), what });
        }
        let mut uncles = Vec::new();
        for index in 0..named.len() {
            let question = Question::Uncle { block, index };
            let text = self.ask(question)?;
            let header = json::parse_header(&text);
            uncles.push(header.map_err(|source| EvmError::Json { call: self.call(question), source })?);
        }
        Ok(uncles)
    }

    fn receipts(&mut self, block: &Block) -> Result<Vec<Receipt>, EvmError> {
        if block.transactions.is_empty() {
            return self.proven(Question::BlockReceipts(block.header.hash), block, Vec::new());
        }
        if !self.missing.block_receipts {
            let question = Question::BlockReceipts(block.header.hash);
            match self.ask(question) {
                Ok(text) => {
                    let receipts = self.read_receipts(question, &text)?;
                    return self.proven(question, block, receipts);
                }
                Err(error) if error.is_not_offered() => self.missing.block_receipts = true,
                Err(error) => return Err(error),
            }
        }
        let mut receipts = Vec::with_capacity(block.transactions.len());
        for tx in &block.transactions {
            let question = Question::Receipt(tx.hash);
            let text = self.ask(question)?;
            receipts.extend(self.read_receipts(question, &format!("[{text}]"))?);
        }
        self.proven(Question::Receipt(Hash::default()), block, receipts)
    }

    fn read_receipts(&self, question: Question, text: &str) -> Result<Vec<Receipt>, EvmError> {
        parse_receipts(text).map_err(|source: JsonError| EvmError::Json { call: self.call(question), source })
    }

    fn proven(&self, question: Question, block: &Block, receipts: Vec<Receipt>) -> Result<Vec<Receipt>, EvmError> {
        let checked = block.check_receipts(&receipts);
        checked.map_err(|source| EvmError::Block { call: self.call(question), source })?;
        Ok(receipts)
    }

    /// Traces in the first form that is offered and names the transactions they are of.
    fn traces(&mut self, block: &Block) -> Result<Option<Vec<TxTrace>>, EvmError> {
        if block.transactions.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (number, count) = (block.header.number, block.transactions.len());
        for question in [Question::CallTracer(number), Question::TraceBlock(number)] {
            if *self.is_missing(question) {
                continue;
            }
            let text = match self.ask(question) {
                Ok(text) => text,
                Err(error) if error.is_not_offered() => {
                    *self.is_missing(question) = true;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let traces = match question {
                Question::CallTracer(_) => parse_call_tracer(&text),
                _ => parse_trace_block(&text, count),
            };
            let traces = traces.map_err(|source| EvmError::Traces { call: self.call(question), source })?;
            // Older nodes do not say which transaction a trace is of: it could be of another block.
            if traces.iter().all(|trace| trace.tx.is_some()) {
                return Ok(Some(traces));
            }
        }
        Ok(None)
    }

    fn is_missing(&mut self, question: Question) -> &mut bool {
        match question {
            Question::CallTracer(_) => &mut self.missing.call_tracer,
            _ => &mut self.missing.trace_block,
        }
    }

    pub(super) fn call(&self, question: Question) -> Box<Call> {
        Box::new(Call { question, url: self.url().to_owned() })
    }

    /// Asks, and again after errors that may pass; the JSON that was asked for.
    pub(super) fn ask(&mut self, question: Question) -> Result<String, EvmError> {
        let mut repeated = 0;
        loop {
            let error = match self.once(question) {
                Err(error) if error.is_transient() => error,
                done => return done,
            };
            let allowed = if error.took_its_time() { self.limits.retries.min(1) } else { self.limits.retries };
            let pause = self.limits.pause_before(repeated, None);
            if repeated >= allowed || (self.sleep)(pause).is_break() {
                return Err(error);
            }
            repeated += 1;
        }
    }

    fn once(&mut self, question: Question) -> Result<String, EvmError> {
        self.leave_alone();
        let failed = |source| EvmError::Http { call: self.call(question), source };
        let body = envelope::request(question.method(), &question.parameters());
        let mut response = self.http.post(self.url(), self.authorization.as_deref(), &body).map_err(failed)?;
        self.check_status(question, &mut response)?;
        let mut answer = Vec::new();
        self.http.read(&mut response, question.answer_len_max(), &mut answer).map_err(failed)?;
        let none = |what| EvmError::Envelope { call: self.call(question), what, start: excerpt_of(&answer) };
        let text = std::str::from_utf8(&answer).map_err(|_| none("it is not UTF-8 text".to_owned()))?;
        match envelope::open(text).map_err(none)? {
            Answer::Result(json) => Ok(json.to_owned()),
            Answer::Nothing => Err(EvmError::Nothing { call: self.call(question) }),
            Answer::Error { code, said } => Err(self.refusal(question, code, &said)),
        }
    }

    fn refusal(&self, question: Question, code: i64, said: &str) -> EvmError {
        let call = self.call(question);
        let is_not_offered = envelope::is_not_offered(code, said);
        let is_of_the_contract = question.runs_a_contract() && envelope::is_of_the_contract(code, said);
        let is_state_gone = question.is_of_a_state() && envelope::is_state_gone(said);
        let said = excerpt(said);
        if is_of_the_contract {
            EvmError::Reverted { call, code, said }
        } else if is_state_gone {
            EvmError::StateGone { call, code, said }
        } else if envelope::is_busy(code) {
            EvmError::Busy { call, code, said }
        } else if is_not_offered {
            EvmError::NotOffered { call, code, said }
        } else {
            EvmError::Refused { call, code, said }
        }
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

    fn check_status(&self, question: Question, response: &mut Response<Body>) -> Result<(), EvmError> {
        let status = response.status().as_u16();
        let call = self.call(question);
        Err(match status {
            200 => return Ok(()),
            300..=399 => EvmError::Http { call, source: HttpError::Redirect { status, to: redirection(response) } },
            429 | 500..=599 => EvmError::Busy { call, code: i64::from(status), said: explanation(response) },
            _ => EvmError::Status { call, status, said: explanation(response) },
        })
    }
}
