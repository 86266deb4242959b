//! The way to a node and back: a connection for each question, nothing followed, nothing taken beyond a length.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ureq::http::Response;
use ureq::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, LOCATION};
use ureq::{Agent, Body};

use crate::http::error::HttpError;
use crate::http::excerpt::excerpt_of;

/// Bytes taken from the connection at a time.
const CHUNK_LEN: usize = 64 << 10;
/// The longest answer that explains an HTTP status, in bytes.
const EXPLANATION_LEN_MAX: u64 = 4_096;
/// The longest head of an answer, in bytes.
const HEAD_LEN_MAX: usize = 16 << 10;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// To connect.
    pub connect: Duration,
    /// One question, from connecting to the answer's last byte.
    pub answer: Duration,
    /// After an answer's first byte its pace is not judged for so long.
    pub grace: Duration,
    /// The slowest pace of an answer since its first byte.
    pub slowest_bytes_per_sec: u64,
}

/// A client that follows nothing and uses no proxy of the environment.
///
/// Each question has a connection of its own. One that is kept open keeps a node that is told to stop from
/// stopping, up to the 30 seconds after which nodes close idle ones.
pub(crate) struct Http {
    agent: Agent,
    pace: Pace,
}

impl Http {
    pub(crate) fn new(pace: Pace) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent("coinhound")
            .accept_encoding("identity")
            .max_response_header_size(HEAD_LEN_MAX)
            .max_idle_connections(0)
            .timeout_connect(Some(pace.connect))
            .timeout_resolve(Some(pace.connect))
            .timeout_global(Some(pace.answer));
        Self { agent: config.build().new_agent(), pace }
    }

    pub(crate) fn get(&self, url: &str, authorization: Option<&str>) -> Result<Response<Body>, HttpError> {
        let mut request = self.agent.get(url).header(CONNECTION, "close");
        if let Some(shown) = authorization {
            request = request.header(AUTHORIZATION, shown);
        }
        request.call().map_err(|error| self.failed(error))
    }

    pub(crate) fn post(&self, url: &str, authorization: Option<&str>, json: &str) -> Result<Response<Body>, HttpError> {
        let request = self.agent.post(url).header(CONNECTION, "close");
        let mut request = request.header(CONTENT_TYPE, "application/json");
        if let Some(shown) = authorization {
            request = request.header(AUTHORIZATION, shown);
        }
        request.send(json).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: ureq::Error) -> HttpError {
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                let source = io::Error::new(io::ErrorKind::TimedOut, "connecting took too long");
                HttpError::Unreachable { source }
            }
            ureq::Error::Timeout(_) => HttpError::Timeout { within: self.pace.answer },
            ureq::Error::HostNotFound => {
                HttpError::Unreachable { source: io::Error::new(io::ErrorKind::NotFound, "no such host") }
            }
            ureq::Error::Io(source) if breaks_off(&source) => HttpError::BrokenOff { source },
            ureq::Error::Io(source) => HttpError::Unreachable { source },
            ureq::Error::ConnectionFailed => HttpError::Unreachable { source: io::ErrorKind::ConnectionRefused.into() },
            other => HttpError::NotHttp { source: io::Error::other(other) },
        }
    }

    /// Appends an answer of at most `limit` bytes to `answer`.
    pub(crate) fn read(
        &self,
        response: &mut Response<Body>,
        limit: u64,
        answer: &mut Vec<u8>,
    ) -> Result<(), HttpError> {
        let told = response.body().content_length();
        if told.is_some_and(|told| told > limit) {
            return Err(HttpError::TooLong { limit, told });
        }
        let mut reader = response.body_mut().as_reader();
        let mut chunk = vec![0; CHUNK_LEN];
        let mut got = 0_u64;
        let began = Instant::now();
        loop {
            let len = reader.read(&mut chunk).map_err(|error| self.broke_off(error))?;
            if len == 0 {
                return Ok(());
            }
            got += len as u64;
            if got > limit {
                return Err(HttpError::TooLong { limit, told });
            }
            answer.extend_from_slice(&chunk[..len]);
            self.check(got, began)?;
        }
    }

    fn check(&self, got: u64, began: Instant) -> Result<(), HttpError> {
        let after = began.elapsed();
        let floor = self.pace.slowest_bytes_per_sec;
        let judged = after.saturating_sub(self.pace.grace);
        let least = u128::from(floor) * judged.as_millis() / 1_000;
        if u128::from(got) < least { Err(HttpError::TooSlow { got, after, floor }) } else { Ok(()) }
    }

    fn broke_off(&self, error: io::Error) -> HttpError {
        match ureq::Error::from(error) {
            ureq::Error::Io(source) => HttpError::BrokenOff { source },
            other => self.failed(other),
        }
    }
}

/// The value of the header `Authorization` for `NAME:PASSWORD`.
pub(crate) fn authorization_of(pair: &str) -> String {
    format!("Basic {}", BASE64.encode(pair))
}

/// Where an answer that is a redirection leads.
pub(crate) fn redirection(response: &Response<Body>) -> Option<String> {
    response.headers().get(LOCATION).map(|to| excerpt_of(to.as_bytes()))
}

/// How an answer that is an error explains itself.
pub(crate) fn explanation(response: &mut Response<Body>) -> String {
    let mut said = Vec::new();
    // Whatever goes wrong here, the status says more.
    let _ = response.body_mut().as_reader().take(EXPLANATION_LEN_MAX).read_to_end(&mut said);
    excerpt_of(&said)
}

/// Whether a connection that stood was lost.
fn breaks_off(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}
