//! Asking a node that is trusted: the test's own hand on it. What the product uses is elsewhere and trusts nothing.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where a node answers, and as which of its wallets.
#[derive(Clone, Debug)]
pub struct Client {
    port: u16,
    cookie: PathBuf,
    path: String,
}

/// Why a call has no answer.
#[derive(Debug)]
pub enum RpcFailure {
    /// The node was not reached, or what it said is no JSON-RPC.
    Unreached(String),
    /// The node refused.
    Refused {
        /// The number of its error.
        code: i64,
        /// Its words.
        message: String,
    },
}

impl Client {
    /// A client of the node itself on a loopback port.
    #[must_use]
    pub fn new(port: u16, cookie: PathBuf) -> Self {
        Self { port, cookie, path: "/".to_owned() }
    }

    /// The port the node answers on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn set_port(&mut self, port: u16) {
        self.port = port;
    }

    /// The same node's wallet of that name.
    #[must_use]
    pub fn of_wallet(&self, name: &str) -> Self {
        Self { path: format!("/wallet/{name}"), ..self.clone() }
    }

    /// The answer to a call.
    ///
    /// # Panics
    /// When there is none.
    pub fn ask(&self, method: &str, params: &Value) -> Value {
        self.call(method, params).unwrap_or_else(|failure| panic!("`{method} {params}` failed: {failure:?}"))
    }

    /// The answer to a call that is a text.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    pub fn text(&self, method: &str, params: &Value) -> String {
        let answer = self.ask(method, params);
        answer.as_str().unwrap_or_else(|| panic!("`{method}` answers {answer}, not a text")).to_owned()
    }

    /// The answer to a call, or why there is none.
    ///
    /// # Errors
    /// [`RpcFailure`].
    pub fn call(&self, method: &str, params: &Value) -> Result<Value, RpcFailure> {
        let request = json!({ "jsonrpc": "1.0", "id": 0, "method": method, "params": params }).to_string();
        let body = self.exchange(&request).map_err(|error| RpcFailure::Unreached(error.to_string()))?;
        let unreadable = |_| RpcFailure::Unreached(format!("an answer that is no JSON: {:.200}", lossy(&body)));
        let mut answer: Value = serde_json::from_slice(&body).map_err(unreadable)?;
        let error = answer["error"].take();
        if error.is_null() {
            return Ok(answer["result"].take());
        }
        let message = error["message"].as_str().unwrap_or_default().to_owned();
        Err(RpcFailure::Refused { code: error["code"].as_i64().unwrap_or_default(), message })
    }

    fn exchange(&self, request: &str) -> io::Result<Vec<u8>> {
        let secret = base64(&std::fs::read(&self.cookie)?);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = String::new();
        write!(head, "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n", self.path)
            .expect("a string grows");
        write!(head, "Authorization: Basic {secret}\r\nContent-Length: {}\r\n\r\n", request.len()).expect("as above");
        stream.write_all([head.as_bytes(), request.as_bytes()].concat().as_slice())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let body = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let start = body.ok_or_else(|| io::Error::other(format!("no HTTP answer: {:.200}", lossy(&answer))))?;
        Ok(answer.split_off(start + 4))
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Base 64 with padding, for the one header that needs it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = number >> (18 - 6 * place) & 63;
            text.push(if place <= three.len() { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base_64_is_that_of_rfc_4648() {
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
