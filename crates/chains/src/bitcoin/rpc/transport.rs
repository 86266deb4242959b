//! HTTP as nodes speak it: one question, one answer, of a length and in a time that are bounded before.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ureq::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, LOCATION};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::bitcoin::rpc::answer::{excerpt, excerpt_of};
use crate::bitcoin::rpc::call::{Call, Shown};
use crate::bitcoin::rpc::endpoint::{Auth, Endpoint, SECRET_LEN_MAX};
use crate::bitcoin::rpc::error::RpcError;
use crate::bitcoin::rpc::limits::Limits;

/// Bytes taken from the connection at a time.
const CHUNK_LEN: usize = 64 << 10;
/// The longest answer that explains an HTTP status, in bytes.
const EXPLANATION_LEN_MAX: u64 = 4_096;
/// The longest head of an answer, in bytes.
const HEAD_LEN_MAX: usize = 16 << 10;

/// A node's address and the credentials as last read.
///
/// Each question has a connection of its own. One that is kept open keeps a node that is told to stop from
/// stopping, up to the 30 seconds after which nodes close idle ones; and it saves nothing worth that, since
/// questions come in batches.
pub(crate) struct Transport {
    agent: Agent,
    endpoint: Endpoint,
    limits: Limits,
    /// The value of the header `Authorization`; read late, since a cookie may not be there yet.
    authorization: Option<String>,
}

impl Transport {
    pub(crate) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent("coinhound")
            .accept_encoding("identity")
            .max_response_header_size(HEAD_LEN_MAX)
            .max_idle_connections(0)
            .timeout_connect(Some(limits.connect))
            .timeout_resolve(Some(limits.connect))
            .timeout_global(Some(limits.answer));
        Self { agent: config.build().new_agent(), endpoint, limits, authorization: None }
    }

    pub(crate) fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// Asks, and appends an answer of at most `len_max` bytes to `answer`.
    pub(crate) fn ask(&mut self, call: &Call, text: &str, len_max: u64, answer: &mut Vec<u8>) -> Result<(), RpcError> {
        let shown = self.authorization()?;
        let mut response = self.post(call, text, shown.as_deref())?;
        if response.status() == StatusCode::UNAUTHORIZED && self.renew(shown.as_deref())? {
            let shown = self.authorization()?;
            response = self.post(call, text, shown.as_deref())?;
        }
        self.check_status(call, &mut response)?;
        self.read(call, &mut response, len_max, answer)
    }

    fn post(&self, call: &Call, text: &str, shown: Option<&str>) -> Result<Response<Body>, RpcError> {
        let request = self.agent.post(self.endpoint.url()).header(CONNECTION, "close");
        let mut request = request.header(CONTENT_TYPE, "application/json");
        if let Some(shown) = shown {
            request = request.header(AUTHORIZATION, shown);
        }
        request.send(text).map_err(|error| self.failed(call, error))
    }

    fn failed(&self, call: &Call, error: ureq::Error) -> RpcError {
        let call = Box::new(call.clone());
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                let source = io::Error::new(io::ErrorKind::TimedOut, "connecting took too long");
                RpcError::Unreachable { call, source }
            }
            ureq::Error::Timeout(_) => RpcError::Timeout { call, within: self.limits.answer },
            ureq::Error::HostNotFound => {
                RpcError::Unreachable { call, source: io::Error::new(io::ErrorKind::NotFound, "no such host") }
            }
            ureq::Error::Io(source) if breaks_off(&source) => RpcError::BrokenOff { call, source },
            ureq::Error::Io(source) => RpcError::Unreachable { call, source },
            ureq::Error::ConnectionFailed => {
                RpcError::Unreachable { call, source: io::ErrorKind::ConnectionRefused.into() }
            }
            other => RpcError::NotHttp { call, source: io::Error::other(other) },
        }
    }

    fn check_status(&self, call: &Call, response: &mut Response<Body>) -> Result<(), RpcError> {
        let status = response.status();
        // A node answers a batch that fails as a whole, and old nodes any failure, with 500 or 404 and JSON.
        if status == StatusCode::OK || (has_json(response) && matches!(status.as_u16(), 400 | 404 | 500)) {
            return Ok(());
        }
        let call = Box::new(call.clone());
        Err(match status.as_u16() {
            300..=399 => {
                let to = response.headers().get(LOCATION).map(|to| excerpt_of(to.as_bytes()));
                RpcError::Redirect { call, status: status.as_u16(), to }
            }
            401 => RpcError::Unauthorised { call, with: self.shown() },
            403 => RpcError::Forbidden { call },
            503 => RpcError::Busy { call, said: self.explanation(response) },
            status => RpcError::Status { call, status, said: self.explanation(response) },
        })
    }

    /// How an answer that is an error explains itself.
    fn explanation(&self, response: &mut Response<Body>) -> String {
        let mut said = Vec::new();
        // Whatever goes wrong here, the status says more.
        let _ = response.body_mut().as_reader().take(EXPLANATION_LEN_MAX).read_to_end(&mut said);
        excerpt_of(&said)
    }

    fn read(
        &self,
        call: &Call,
        response: &mut Response<Body>,
        limit: u64,
        answer: &mut Vec<u8>,
    ) -> Result<(), RpcError> {
        let told = response.body().content_length();
        let too_long = || RpcError::TooLong { call: Box::new(call.clone()), limit, told };
        if told.is_some_and(|told| told > limit) {
            return Err(too_long());
        }
        let mut reader = response.body_mut().as_reader();
        let mut chunk = vec![0; CHUNK_LEN];
        let mut got = 0_u64;
        let began = Instant::now();
        loop {
            let len = reader.read(&mut chunk).map_err(|error| self.broke_off(call, error))?;
            if len == 0 {
                return Ok(());
            }
            got += len as u64;
            if got > limit {
                return Err(too_long());
            }
            answer.extend_from_slice(&chunk[..len]);
            self.check_pace(call, got, began)?;
        }
    }

    fn check_pace(&self, call: &Call, got: u64, began: Instant) -> Result<(), RpcError> {
        let after = began.elapsed();
        let floor = self.limits.slowest_bytes_per_sec;
        let judged = after.saturating_sub(self.limits.grace);
        let least = u128::from(floor) * judged.as_millis() / 1_000;
        if u128::from(got) < least {
            return Err(RpcError::TooSlow { call: Box::new(call.clone()), got, after, floor });
        }
        Ok(())
    }

    fn broke_off(&self, call: &Call, error: io::Error) -> RpcError {
        match ureq::Error::from(error) {
            ureq::Error::Io(source) => RpcError::BrokenOff { call: Box::new(call.clone()), source },
            other => self.failed(call, other),
        }
    }

    /// The credentials to show, read now if they were not yet.
    fn authorization(&mut self) -> Result<Option<String>, RpcError> {
        if self.authorization.is_none() {
            self.authorization = read_authorization(self.endpoint.auth())?;
        }
        Ok(self.authorization.clone())
    }

    /// Reads a cookie again that the node refused; whether it says something else now.
    fn renew(&mut self, refused: Option<&str>) -> Result<bool, RpcError> {
        if !matches!(self.endpoint.auth(), Auth::Cookie(_)) {
            return Ok(false);
        }
        self.authorization = None;
        Ok(self.authorization()?.as_deref() != refused)
    }

    fn shown(&self) -> Shown {
        match self.endpoint.auth() {
            Auth::None => Shown::Nothing,
            Auth::User { name, .. } => Shown::User { name: excerpt(name) },
            Auth::Cookie(path) => Shown::Cookie { path: path.clone() },
        }
    }
}

fn has_json(response: &Response<Body>) -> bool {
    response.body().mime_type().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

/// Whether a connection that stood was lost.
fn breaks_off(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn read_authorization(auth: &Auth) -> Result<Option<String>, RpcError> {
    let pair = match auth {
        Auth::None => return Ok(None),
        Auth::User { name, password } => format!("{name}:{password}"),
        Auth::Cookie(path) => read_cookie(path)?,
    };
    Ok(Some(format!("Basic {}", BASE64.encode(pair))))
}

/// The one line of a cookie file.
fn read_cookie(path: &Path) -> Result<String, RpcError> {
    let failed = |source| RpcError::Cookie { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(SECRET_LEN_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let line = std::str::from_utf8(&bytes).ok().map(str::trim_end);
    let whole = bytes.len() <= SECRET_LEN_MAX;
    let line = line.filter(|line| whole && line.contains(':') && !line.chars().any(char::is_control));
    line.map(str::to_owned).ok_or_else(|| RpcError::CookieForm { path: path.to_owned() })
}
