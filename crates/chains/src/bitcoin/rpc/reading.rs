//! One answer against its call: what the node refuses, and what it says, checked against what was asked.

use coinhound_model::BlockHash;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::bitcoin::decode::DecodeError;
use crate::bitcoin::hash::double_sha256;
use crate::bitcoin::header::Header;
use crate::bitcoin::params::Params;
use crate::bitcoin::rpc::answer::{Answer, NodeError, Reply};
use crate::bitcoin::rpc::call::Call;
use crate::bitcoin::rpc::error::RpcError;
use crate::bitcoin::rpc::hex::bytes_of;
use crate::bitcoin::rpc::request::Request;
use crate::bitcoin::tx::parse_tx;
use crate::http::excerpt::{excerpt, excerpt_of};

/// Error code: the method failed for a reason told in words only.
const MISC: i64 = -1;
/// Error code: no such block or transaction.
const NOT_FOUND: i64 = -5;
/// Error code: a parameter that is out of range.
const OUT_OF_RANGE: i64 = -8;
/// Error code: the node is starting.
const WARMING_UP: i64 = -28;

/// An answer and the call it answers.
pub(crate) struct Reading<'a> {
    pub(crate) request: Request,
    pub(crate) url: &'a str,
    answer: Answer<'a>,
}

/// Matches a batch's answers to its calls.
pub(crate) fn readings<'a>(
    text: &'a [u8],
    call: &'a Call,
    requests: &[Request],
    first_id: u64,
) -> Result<Vec<Reading<'a>>, RpcError> {
    let answers = match Reply::parse(text, requests.len()) {
        Ok(Reply::Batch { answers }) => answers,
        Ok(Reply::Single(answer)) => return Err(whole_refused(call, requests, answer, text)),
        Err(source) => {
            return Err(RpcError::NotJson { call: Box::new(call.clone()), start: excerpt_of(text), source });
        }
    };
    if answers.len() != requests.len() {
        return Err(RpcError::Count { call: Box::new(call.clone()), want: requests.len(), got: answers.len() });
    }
    let mut slots: Vec<Option<Answer<'a>>> = vec![None; requests.len()];
    for answer in answers {
        let id = id_of(call, &answer)?;
        let slot = id.checked_sub(first_id).and_then(|nth| slots.get_mut(usize::try_from(nth).ok()?));
        let slot = slot.ok_or_else(|| RpcError::ForeignId { call: Box::new(call.clone()), id })?;
        if slot.replace(answer).is_some() {
            return Err(RpcError::SameId { call: Box::new(call.clone()), id });
        }
    }
    let answers = slots.into_iter().map(|slot| slot.expect("as many answers as calls, no two for one call"));
    let pairs = requests.iter().zip(answers);
    Ok(pairs.map(|(&request, answer)| Reading { request, url: &call.url, answer }).collect())
}

fn id_of(call: &Call, answer: &Answer<'_>) -> Result<u64, RpcError> {
    let text = answer.id.map_or("null", RawValue::get);
    text.parse().map_err(|_| RpcError::NoId { call: Box::new(call.clone()), got: excerpt(text) })
}

/// A node that refuses a batch as a whole answers with one error.
fn whole_refused(call: &Call, requests: &[Request], answer: Answer<'_>, text: &[u8]) -> RpcError {
    if answer.error.is_none() {
        let (call, got) = (Box::new(call.clone()), excerpt_of(text));
        return RpcError::Shape { call, expected: "a list of answers", got };
    }
    let reading = Reading { request: requests[0], url: &call.url, answer };
    let error = match reading.error() {
        Ok(Some(error)) => error,
        Ok(None) => unreachable!("tested above"),
        Err(error) => return error,
    };
    let (call, said) = (Box::new(call.clone()), said(&error));
    match error.code {
        WARMING_UP => RpcError::WarmingUp { call, said },
        code => RpcError::Refused { call, code, said },
    }
}

fn said(error: &NodeError<'_>) -> String {
    excerpt(error.message.as_deref().unwrap_or("no reason given"))
}

impl<'a> Reading<'a> {
    pub(crate) fn call(&self) -> Box<Call> {
        let (method, subject) = (self.request.method(), self.request.subject(1));
        Box::new(Call { method, subject, url: self.url.to_owned() })
    }

    /// What the node says, unless it refuses.
    pub(crate) fn result(&self) -> Result<&'a str, RpcError> {
        if let Some(error) = self.error()? {
            return Err(self.refused(&error));
        }
        self.answer.result.map(RawValue::get).ok_or_else(|| self.shape("an answer with a result or an error", "null"))
    }

    /// What the node says, or `None` where it has no such thing.
    pub(crate) fn result_if_any(&self) -> Result<Option<&'a str>, RpcError> {
        match self.error()? {
            Some(error) if error.code == NOT_FOUND && !indexes(&error) => Ok(None),
            Some(error) => Err(self.refused(&error)),
            None => self.result().map(Some),
        }
    }

    fn error(&self) -> Result<Option<NodeError<'a>>, RpcError> {
        let Some(raw) = self.answer.error else { return Ok(None) };
        let error = serde_json::from_str(raw.get());
        error.map(Some).map_err(|_| self.shape("an error with a code", raw.get()))
    }

    fn refused(&self, error: &NodeError<'_>) -> RpcError {
        let (call, said) = (self.call(), said(error));
        match (error.code, self.request) {
            (WARMING_UP, _) => RpcError::WarmingUp { call, said },
            (OUT_OF_RANGE, Request::HashAt(height)) => RpcError::NoSuchHeight { call, height },
            (NOT_FOUND, Request::Header(hash) | Request::Standing(hash) | Request::Block(hash)) => {
                RpcError::UnknownBlock { call, hash }
            }
            (NOT_FOUND, _) if indexes(error) => RpcError::Indexing { call, said },
            (MISC, Request::Block(hash)) if said.contains("pruned") => RpcError::Pruned { call, hash },
            (MISC, Request::Block(hash)) => RpcError::NoData { call, hash, said },
            (code, _) => RpcError::Refused { call, code, said },
        }
    }

    /// The error for a result of another shape.
    pub(crate) fn shape(&self, expected: &'static str, got: &str) -> RpcError {
        RpcError::Shape { call: self.call(), expected, got: excerpt(got) }
    }

    /// The result as a structure.
    pub(crate) fn parsed<T: Deserialize<'a>>(&self, expected: &'static str) -> Result<T, RpcError> {
        let text = self.result()?;
        serde_json::from_str(text).map_err(|_| self.shape(expected, text))
    }

    /// The result as a block's hash.
    pub(crate) fn hash(&self) -> Result<BlockHash, RpcError> {
        let text = self.result()?;
        inside_quotes(text).and_then(|hash| hash.parse().ok()).ok_or_else(|| self.shape("a block's hash", text))
    }

    /// A result in hexadecimal digits as bytes, of which there must be `least` to `most`.
    fn bytes(&self, text: &str, least: usize, most: usize) -> Result<Vec<u8>, RpcError> {
        let digits = inside_quotes(text).ok_or_else(|| self.shape("text of hexadecimal digits", text))?;
        let bytes = bytes_of(digits.as_bytes()).map_err(|fault| RpcError::Hex { call: self.call(), fault })?;
        let got = bytes.len();
        if got < least || got > most {
            return Err(RpcError::Length { call: self.call(), got, least, most });
        }
        Ok(bytes)
    }

    /// The header of this name.
    pub(crate) fn header(&self, want: BlockHash) -> Result<Header, RpcError> {
        let bytes = self.bytes(self.result()?, Header::LEN, Header::LEN)?;
        self.check_name(&bytes, want)?;
        Ok(Header::from_bytes(bytes.first_chunk().expect("80 bytes were required")))
    }

    /// The bytes of the block of this name; only its header is proven.
    pub(crate) fn block(&self, want: BlockHash, len_max: usize) -> Result<Vec<u8>, RpcError> {
        let bytes = self.bytes(self.result()?, Header::LEN + 1, len_max)?;
        self.check_name(&bytes[..Header::LEN], want)?;
        Ok(bytes)
    }

    fn check_name(&self, header: &[u8], want: BlockHash) -> Result<(), RpcError> {
        let got = double_sha256(header);
        if got == want { Ok(()) } else { Err(RpcError::OtherBlock { call: self.call(), want, got }) }
    }

    /// The bytes of the transaction of this name, or `None` where the node does not find it.
    pub(crate) fn transaction(&self, params: &Params, len_max: usize) -> Result<Option<Vec<u8>>, RpcError> {
        let (Request::Tx(want), Some(text)) = (self.request, self.result_if_any()?) else { return Ok(None) };
        let bytes = self.bytes(text, 1, len_max)?;
        let bad = |source: DecodeError| RpcError::BadTx { call: self.call(), source };
        let got = parse_tx(&bytes, params).map_err(bad)?.rows.txs[0].txid;
        if got == want { Ok(Some(bytes)) } else { Err(RpcError::OtherTx { call: self.call(), want, got }) }
    }
}

/// Whether a node that does not find a transaction has not looked everywhere yet.
fn indexes(error: &NodeError<'_>) -> bool {
    error.message.as_deref().is_some_and(|message| message.contains("being indexed"))
}

/// A JSON string's text; escapes in it stay, and are no digits.
fn inside_quotes(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}
