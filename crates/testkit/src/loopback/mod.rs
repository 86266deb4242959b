//! What all scripted nodes share: a server on loopback that may break every rule, when a lie is told, and how a lie is
//! told below JSON.
//!
//! It speaks its own small HTTP, since a library would not let it misbehave. In reading order: when lies are told
//! ([`Script`]), the server (`Loopback`), and its HTTP (`wire`).

mod script;
pub(crate) mod wire;

use std::fmt;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

pub use script::Script;
pub(crate) use script::lies;

use wire::{Incoming, Outgoing, Outlet, read_request};

/// How long a connection may stand still before it is closed: no test waits that long.
const STILL: Duration = Duration::from_secs(60);

/// What a scripted node has in its head.
pub(crate) trait Answers: Send + 'static {
    /// What it says when this is asked.
    fn answer(&mut self, incoming: &Incoming) -> Outgoing;
}

/// Changes the bytes of every answer.
pub(crate) struct Garble(Box<dyn FnMut(Vec<u8>) -> Vec<u8> + Send>);

impl Garble {
    /// By this.
    pub(crate) fn new(change: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) -> Self {
        Self(Box::new(change))
    }

    /// A text as it goes out, changed where there is somebody who changes it.
    pub(crate) fn apply(garble: Option<&mut Self>, text: String) -> Vec<u8> {
        match garble {
            Some(Self(change)) => change(text.into_bytes()),
            None => text.into_bytes(),
        }
    }
}

impl fmt::Debug for Garble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Garble")
    }
}

/// A server on a free port of this machine, until it is dropped.
#[derive(Debug)]
pub(crate) struct Loopback<S: Answers> {
    address: SocketAddr,
    shared: Arc<Shared<S>>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared<S> {
    stop: AtomicBool,
    /// Bytes handed to the system for sending.
    sent: AtomicU64,
    /// Connections that are open.
    open: AtomicU64,
    state: Mutex<S>,
}

impl<S: Answers> Loopback<S> {
    /// Starts it.
    ///
    /// # Panics
    /// When no port is free.
    pub(crate) fn start(state: S) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stop, sent, open) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        let shared = Arc::new(Shared { stop, sent, open, state: Mutex::new(state) });
        let inside = Arc::clone(&shared);
        let listener = std::thread::spawn(move || listen(&listener, &inside));
        Self { address, shared, listener: Some(listener) }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it has in its head; nothing is answered while this is held.
    pub(crate) fn state(&self) -> MutexGuard<'_, S> {
        self.shared.state()
    }

    /// Bytes it has handed over for sending.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// How many connections to it are open.
    pub(crate) fn open_connections(&self) -> u64 {
        self.shared.open.load(Ordering::Relaxed)
    }
}

impl<S: Answers> Drop for Loopback<S> {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl<S> Shared<S> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, S> {
        // A test that failed while it held the lock has said why.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen<S: Answers>(listener: &TcpListener, shared: &Arc<Shared<S>>) {
    for stream in listener.incoming() {
        if shared.stopped() {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            shared.open.fetch_add(1, Ordering::Relaxed);
            // A connection that breaks is the other side's affair.
            let _ = serve(&stream, &shared);
            shared.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn serve<S: Answers>(stream: &TcpStream, shared: &Shared<S>) -> io::Result<()> {
    stream.set_read_timeout(Some(STILL))?;
    stream.set_write_timeout(Some(STILL))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let sent = |len| {
        shared.sent.fetch_add(len, Ordering::Relaxed);
    };
    let stopped = || shared.stopped();
    let mut outlet = Outlet { stream: stream.try_clone()?, sent: &sent, stopped: &stopped };
    while let Some(incoming) = read_request(&mut reader)? {
        let outgoing = shared.state().answer(&incoming);
        if shared.stopped() || !outlet.send(&outgoing)? {
            break;
        }
    }
    stream.shutdown(std::net::Shutdown::Both)
}
