//! HTTP as far as a scripted node speaks it, and the lies that are told below JSON.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How a lie is told below JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WireLie {
    /// JSON that ends in the middle.
    TruncatedJson,
    /// A web page.
    WebPage,
    /// Success, and nothing more.
    EmptyAnswer,
    /// An answer that announces more bytes than come before the connection closes.
    CutBody,
    /// Chunks without end.
    EndlessBody,
    /// A list of answers that never ends.
    NeverEndingBatch,
    /// Ten gigabytes, announced.
    TenGigabytes,
    /// Ten gigabytes, not announced.
    TenGigabytesUntold,
    /// One byte a second.
    OneByteASecond,
    /// No answer; the connection stays open.
    Silence,
    /// No answer; the connection closes.
    HangUp,
    /// HTTP 302 to another address.
    Redirect,
    /// HTTP 401.
    Unauthorised,
    /// HTTP 403.
    Forbidden,
    /// HTTP 503.
    Busy,
    /// HTTP 500 with one JSON error for a whole batch.
    WholeError,
    /// HTTP 500 with words.
    ServerError,
    /// A greeting of another protocol.
    NotHttp,
    /// A head that never ends.
    EndlessHead,
    /// A body that claims to be compressed.
    ZippedBody,
}

/// The longest request body taken, in bytes.
const REQUEST_LEN_MAX: u64 = 32 << 20;
/// The longest line of a request's head taken, in bytes.
const LINE_LEN_MAX: u64 = 16 << 10;
/// What an endless answer is made of.
const FILLER: [u8; 16 << 10] = [b'0'; 16 << 10];
/// Ten gigabytes.
const TEN_GIGABYTES: u64 = 10_000_000_000;

/// How a node refuses a whole batch.
const WHOLE_ERROR: &str =
    r#"{"result":null,"error":{"code":-32600,"message":"Batches are not served here"},"id":null}"#;

/// A request as it came in.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    /// What is asked for, as the first line names it.
    pub(crate) target: String,
    /// The value of the header `Authorization`.
    pub(crate) authorization: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What goes out.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A status line's end and a JSON body.
    Json(&'static str, Vec<u8>),
    /// Something else.
    Lie(WireLie, String),
}

/// Reads a request; `None` when the connection closed.
pub(crate) fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Incoming>> {
    let mut incoming = Incoming::default();
    let mut len = 0;
    let first = line(reader)?;
    if first.is_empty() {
        return Ok(None);
    }
    incoming.target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        let line = line(reader)?;
        let Some((key, value)) = line.split_once(':') else { break };
        match key.to_ascii_lowercase().as_str() {
            "content-length" => len = value.trim().parse().unwrap_or(0),
            "authorization" => incoming.authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    reader.take(REQUEST_LEN_MAX.min(len)).read_to_end(&mut incoming.body)?;
    Ok(Some(incoming))
}

fn line(reader: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    reader.take(LINE_LEN_MAX).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// A connection that counts what it sends and gives up when the node is stopped.
pub(crate) struct Outlet<'a> {
    pub(crate) stream: TcpStream,
    pub(crate) sent: &'a dyn Fn(u64),
    pub(crate) stopped: &'a dyn Fn() -> bool,
}

impl Outlet<'_> {
    /// Sends an answer; whether the connection may be used again.
    pub(crate) fn send(&mut self, outgoing: &Outgoing) -> io::Result<bool> {
        match outgoing {
            Outgoing::Json(status, body) => {
                self.head(status, &format!("Content-Type: application/json\r\nContent-Length: {}", body.len()))?;
                self.put(body)?;
                Ok(true)
            }
            Outgoing::Lie(lie, truth) => {
                self.lie(*lie, truth)?;
                Ok(false)
            }
        }
    }

    fn lie(&mut self, lie: WireLie, truth: &str) -> io::Result<()> {
        match lie {
            WireLie::CutBody => {
                self.head("200 OK", &json_of(truth.len() + 1_000))?;
                self.put(truth.as_bytes())
            }
            WireLie::EndlessBody => self.endless("Transfer-Encoding: chunked", b"[", true, u64::MAX),
            WireLie::NeverEndingBatch => self.never_ending_batch(),
            WireLie::TenGigabytes => {
                self.endless(&format!("Content-Length: {TEN_GIGABYTES}"), b"[\"", false, TEN_GIGABYTES)
            }
            WireLie::TenGigabytesUntold => self.endless("Connection: close", b"[\"", false, TEN_GIGABYTES),
            WireLie::OneByteASecond => {
                self.head("200 OK", &json_of(truth.len()))?;
                self.drip(truth.as_bytes())
            }
            WireLie::EndlessHead => {
                self.put(b"HTTP/1.1 200 OK\r\n")?;
                self.repeat(b"X-More: and more\r\n", u64::MAX)
            }
            WireLie::Silence => self.wait(Duration::MAX),
            WireLie::HangUp => Ok(()),
            WireLie::NotHttp => self.put(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
            lie => self.whole(lie, truth),
        }
    }

    /// Lies that are a whole HTTP answer of another kind.
    fn whole(&mut self, lie: WireLie, truth: &str) -> io::Result<()> {
        const HTML: &str = "Content-Type: text/html";
        let (status, fields, body) = match lie {
            WireLie::TruncatedJson => ("200 OK", "Content-Type: application/json", &truth[..truth.len() / 2]),
            WireLie::WebPage => ("200 OK", HTML, "<!DOCTYPE html><html><body>Welcome!</body></html>"),
            WireLie::EmptyAnswer => ("200 OK", "Content-Type: application/json", ""),
            WireLie::Redirect => ("302 Found", "Location: http://elsewhere.example/", ""),
            WireLie::Unauthorised => ("401 Unauthorized", "WWW-Authenticate: Basic realm=\"jsonrpc\"", ""),
            WireLie::Forbidden => ("403 Forbidden", HTML, ""),
            WireLie::Busy => ("503 Service Unavailable", HTML, "Work queue depth exceeded"),
            WireLie::WholeError => ("500 Internal Server Error", "Content-Type: application/json", WHOLE_ERROR),
            WireLie::ZippedBody => {
                ("200 OK", "Content-Type: application/json\r\nContent-Encoding: gzip", "\u{1f}\u{8b}")
            }
            _ => ("500 Internal Server Error", HTML, "something went wrong"),
        };
        self.head(status, &format!("{fields}\r\nContent-Length: {}\r\nConnection: close", body.len()))?;
        self.put(body.as_bytes())
    }

    fn head(&mut self, status: &str, fields: &str) -> io::Result<()> {
        self.put(format!("HTTP/1.1 {status}\r\n{fields}\r\n\r\n").as_bytes())
    }

    fn endless(&mut self, fields: &str, start: &[u8], chunked: bool, len: u64) -> io::Result<()> {
        self.head("200 OK", &format!("Content-Type: application/json\r\n{fields}"))?;
        if chunked {
            self.put(&chunk(start))?;
            return self.repeat(&chunk(&FILLER), len);
        }
        self.put(start)?;
        self.repeat(&FILLER, len - start.len() as u64)
    }

    fn never_ending_batch(&mut self) -> io::Result<()> {
        self.head("200 OK", "Content-Type: application/json\r\nTransfer-Encoding: chunked")?;
        self.put(&chunk(b"["))?;
        let mut id = 0_u64;
        while !(self.stopped)() {
            let answers: String =
                (id..id + 100).map(|id| format!(r#"{{"result":"00","error":null,"id":{id}}},"#)).collect();
            self.put(&chunk(answers.as_bytes()))?;
            id += 100;
        }
        Ok(())
    }

    fn repeat(&mut self, bytes: &[u8], mut len: u64) -> io::Result<()> {
        while len > 0 && !(self.stopped)() {
            let part = usize::try_from(len).unwrap_or(usize::MAX).min(bytes.len());
            self.put(&bytes[..part])?;
            len -= part as u64;
        }
        Ok(())
    }

    fn drip(&mut self, bytes: &[u8]) -> io::Result<()> {
        for &byte in bytes {
            self.put(&[byte])?;
            self.wait(Duration::from_secs(1))?;
        }
        Ok(())
    }

    /// Waits until the time is over, the other side has gone, or the node is stopped.
    fn wait(&mut self, time: Duration) -> io::Result<()> {
        const TURN: Duration = Duration::from_millis(20);
        let mut left = time;
        while !left.is_zero() && !(self.stopped)() && !self.other_side_is_gone() {
            std::thread::sleep(TURN.min(left));
            left = left.saturating_sub(TURN);
        }
        Ok(())
    }

    fn other_side_is_gone(&self) -> bool {
        let gone = self.stream.set_nonblocking(true).and_then(|()| self.stream.peek(&mut [0]));
        let back = self.stream.set_nonblocking(false);
        back.is_err() || matches!(gone, Ok(0)) || gone.is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        (self.sent)(bytes.len() as u64);
        Ok(())
    }
}

fn json_of(len: usize) -> String {
    format!("Content-Type: application/json\r\nContent-Length: {len}")
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
