//! A scripted NIS1 node on loopback: it serves a chain truly, to anybody and to local callers, and on demand tells one
//! of many lies.
//!
//! In reading order: blocks to serve ([`made`]) and how a node tells them ([`json`]), what can be told instead
//! ([`NisLie`], [`NisScript`]), and the node itself ([`ScriptedNis`]). Nothing in it judges: it serves any blocks.

pub mod json;
mod lie;
pub mod made;
mod state;
mod twist;

use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use coinhound_chains::nem::Block;

pub use crate::nis::lie::{NisLie, NisScript};

use crate::nis::state::{Garble, State};
use crate::node::wire::{Outlet, read_request};

/// How long a connection may stand still before it is closed: no test waits that long.
const STILL: Duration = Duration::from_secs(60);

/// A node that is running, until it is dropped.
#[derive(Debug)]
pub struct ScriptedNis {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    /// Bytes handed to the system for sending.
    sent: AtomicU64,
    state: Mutex<State>,
}

impl ScriptedNis {
    /// Starts a node on a free port of this machine, with these blocks, ascending without a hole.
    ///
    /// # Panics
    /// When there is no block, or no port is free.
    #[must_use]
    pub fn start(chain: &[Block]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
        let shared = Arc::new(Shared { stop, sent, state: Mutex::new(State::new(chain.to_vec())) });
        let inside = Arc::clone(&shared);
        let listener = std::thread::spawn(move || listen(&listener, &inside));
        Self { address, shared, listener: Some(listener) }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes these blocks its chain.
    ///
    /// # Panics
    /// When there is no block.
    pub fn set_chain(&self, chain: &[Block]) {
        assert!(!chain.is_empty(), "a node has one block at least");
        self.state().chain = chain.to_vec();
    }

    /// Keeps its chain up to and with a height and puts these blocks on top.
    pub fn reorg_to(&self, height: u64, blocks: &[Block]) {
        self.state().reorg_to(height, blocks.to_vec());
    }

    /// Whether it answers local calls; it does unless told.
    pub fn set_local(&self, local: bool) {
        self.state().local = local;
    }

    /// From now on tells a lie, as scripted; it replaces the lie told so far.
    pub fn tell(&self, script: impl Into<NisScript>) {
        self.state().tell(Some(script.into()));
    }

    /// From now on tells the truth.
    pub fn tell_the_truth(&self) {
        self.state().tell(None);
    }

    /// From now on changes the bytes of every answer, its length in the head with them.
    pub fn garble(&self, change: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.state().garble = Some(Garble(Box::new(change)));
    }

    /// How often something was asked for, by its path.
    #[must_use]
    pub fn questions(&self, path: &str) -> u64 {
        self.state().questions.get(path).copied().unwrap_or(0)
    }

    /// How often anything was asked for.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().questions.values().sum()
    }

    /// Bytes it has handed over for sending.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for ScriptedNis {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed while it held the lock has said why.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped() {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A connection that breaks is the other side's affair.
        std::thread::spawn(move || drop(serve(&stream, &shared)));
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
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
