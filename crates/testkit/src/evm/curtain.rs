//! A server before a real node that hides some of what the node offers, and says the rest as the node says it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use serde_json::json;

use crate::evm::questions::Asked;
use crate::loopback::wire::{Incoming, Outgoing};
use crate::loopback::{Answers, Loopback};

/// What stands before a node, until it is dropped.
#[derive(Debug)]
pub struct Curtain(Loopback<Hidden>);

#[derive(Debug)]
struct Hidden {
    port: u16,
    methods: Vec<&'static str>,
}

impl Curtain {
    /// Stands before the node on a port of this machine.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn before(port: u16) -> Self {
        Self(Loopback::start(Hidden { port, methods: Vec::new() }))
    }

    /// The port on which it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// From now on says that the node does not know these methods.
    pub fn hide(&self, methods: &[&'static str]) {
        self.0.state().methods = methods.to_vec();
    }
}

impl Answers for Hidden {
    fn answer(&mut self, incoming: &Incoming) -> Outgoing {
        let asked = Asked::parse(&incoming.body);
        if let Some(asked) = asked.filter(|asked| self.methods.iter().any(|hidden| *hidden == asked.method)) {
            let error = json!({ "code": -32_601, "message": "Method not found" });
            let answer = json!({ "jsonrpc": "2.0", "id": asked.id, "error": error });
            return Outgoing::Json("200 OK", answer.to_string().into_bytes());
        }
        match forward(self.port, &incoming.body) {
            Ok(answer) => Outgoing::Json("200 OK", answer),
            Err(error) => Outgoing::Json("502 Bad Gateway", error.to_string().into_bytes()),
        }
    }
}

/// What the node on a port of this machine answers to a request's body.
///
/// # Errors
/// When it does not answer.
pub fn forward(port: u16, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let head = "POST / HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Type: application/json";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n", question.len())?;
    stream.write_all(question)?;
    let mut reader = BufReader::new(stream);
    let mut len = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((key, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        if key.eq_ignore_ascii_case("content-length") {
            len = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    Ok(body)
}
