//! The way to a node that asks who asks: credentials shown, and read again when they are refused.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ureq::Body;
use ureq::http::{Response, StatusCode};

use crate::bitcoin::rpc::call::{Call, Shown};
use crate::bitcoin::rpc::error::RpcError;
use crate::bitcoin::rpc::limits::Limits;
use crate::http::excerpt::excerpt;
use crate::http::{Auth, Endpoint, Http, HttpError, SECRET_LEN_MAX, authorization_of, explanation, redirection};

/// A node's address and the credentials as last read.
pub(crate) struct Transport {
    http: Http,
    endpoint: Endpoint,
    /// The value of the header `Authorization`; read late, since a cookie may not be there yet.
    authorization: Option<String>,
}

impl Transport {
    pub(crate) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { http: Http::new(limits.pace()), endpoint, authorization: None }
    }

    pub(crate) fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// Asks, and appends an answer of at most `len_max` bytes to `answer`.
    pub(crate) fn ask(&mut self, call: &Call, text: &str, len_max: u64, answer: &mut Vec<u8>) -> Result<(), RpcError> {
        let failed = |error| RpcError::of_http(call, error);
        let shown = self.authorization()?;
        let mut response = self.post(text, shown.as_deref()).map_err(failed)?;
        if response.status() == StatusCode::UNAUTHORIZED && self.renew(shown.as_deref())? {
            let shown = self.authorization()?;
            response = self.post(text, shown.as_deref()).map_err(failed)?;
        }
        self.check_status(call, &mut response)?;
        self.http.read(&mut response, len_max, answer).map_err(failed)
    }

    fn post(&self, text: &str, shown: Option<&str>) -> Result<Response<Body>, HttpError> {
        self.http.post(self.endpoint.url(), shown, text)
    }

    fn check_status(&self, call: &Call, response: &mut Response<Body>) -> Result<(), RpcError> {
        let status = response.status();
        // A node answers a batch that fails as a whole, and old nodes any failure, with 500 or 404 and JSON.
        if status == StatusCode::OK || (has_json(response) && matches!(status.as_u16(), 400 | 404 | 500)) {
            return Ok(());
        }
        let boxed = Box::new(call.clone());
        Err(match status.as_u16() {
            300..=399 => {
                RpcError::of_http(call, HttpError::Redirect { status: status.as_u16(), to: redirection(response) })
            }
            401 => RpcError::Unauthorised { call: boxed, with: self.shown() },
            403 => RpcError::Forbidden { call: boxed },
            503 => RpcError::Busy { call: boxed, said: explanation(response) },
            status => RpcError::Status { call: boxed, status, said: explanation(response) },
        })
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

fn read_authorization(auth: &Auth) -> Result<Option<String>, RpcError> {
    let pair = match auth {
        Auth::None => return Ok(None),
        Auth::User { name, password } => format!("{name}:{password}"),
        Auth::Cookie(path) => read_cookie(path)?,
    };
    Ok(Some(authorization_of(&pair)))
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
