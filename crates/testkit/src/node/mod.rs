//! A scripted node on loopback: it serves a chain truly, and on demand tells one of many lies.
//!
//! It speaks its own small HTTP, since a library would not let it misbehave. In reading order: a chain
//! to serve ([`made`]), what can be told instead of it ([`Lie`], [`Script`]), and the node itself
//! ([`ScriptedNode`]).
//!
//! Nothing in it judges: it can be made to serve any bytes as blocks.

mod chain;
mod envelope;
mod lie;
pub mod made;
mod state;
pub(crate) mod truth;
mod twist;
pub(crate) mod wire;

use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use coinhound_chains::bitcoin::Params;
use coinhound_model::BlockHash;

pub use crate::node::lie::{Lie, Script};

use crate::node::state::{Garble, State};
use crate::node::wire::{Outlet, read_request};

/// How long a connection may stand still before it is closed: no test waits that long.
const STILL: Duration = Duration::from_secs(60);

/// A node that is running, until it is dropped.
#[derive(Debug)]
pub struct ScriptedNode {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    /// Bytes handed to the system for sending.
    sent: AtomicU64,
    /// Connections that are open.
    open: AtomicU64,
    state: Mutex<State>,
}

impl ScriptedNode {
    /// Starts a node of a network on a free port of this machine, with these blocks from the first on.
    ///
    /// # Panics
    /// When there is no block, or no port is free.
    #[must_use]
    pub fn start(params: &'static Params, blocks: &[Vec<u8>]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Mutex::new(State::new(params, blocks));
        let (stop, sent, open) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        let shared = Arc::new(Shared { stop, sent, open, state });
        let inside = Arc::clone(&shared);
        let listener = std::thread::spawn(move || listen(&listener, &inside));
        Self { address, shared, listener: Some(listener) }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes these blocks its chain, as after a reorganisation; the earlier ones stay known to it.
    ///
    /// # Panics
    /// When there is no block.
    pub fn set_chain(&self, blocks: &[Vec<u8>]) {
        self.state().set_chain(blocks);
    }

    /// Adds a block on top of its chain.
    pub fn push(&self, block: &[u8]) {
        self.state().push(block);
    }

    /// Keeps the chain up to and with `height` and puts these blocks on top; what they displace stays
    /// known to it.
    pub fn reorg_to(&self, height: u32, blocks: &[Vec<u8>]) {
        self.state().reorg_to(height, blocks);
    }

    /// Forgets the blocks that are not on its chain, as a node that was indexed anew.
    pub fn forget_displaced(&self) {
        self.state().forget_displaced();
    }

    /// From now on tells a lie, as scripted; it replaces the lie told so far.
    pub fn tell(&self, script: impl Into<Script>) {
        self.state().tell(Some(script.into()));
    }

    /// From now on tells the truth.
    pub fn tell_the_truth(&self) {
        self.state().tell(None);
    }

    /// Lets in only who knows a name and a password.
    pub fn let_in_only(&self, name: &str, password: &str) {
        self.state().credentials = Some(format!("{name}:{password}"));
    }

    /// Whether it finds transactions by their hash, as with `txindex=1`; it does unless told.
    pub fn set_tx_index(&self, tx_index: bool) {
        self.state().manner.tx_index = tx_index;
    }

    /// Whether it says that it is loading the chain for the first time, and how many headers it has
    /// above its newest block.
    pub fn set_catching_up(&self, initial_download: bool, headers_ahead: u32) {
        let mut state = self.state();
        state.manner.initial_download = initial_download;
        state.manner.headers_ahead = headers_ahead;
    }

    /// Removes the blocks below a height, or none.
    pub fn set_pruned(&self, lowest: Option<u32>) {
        self.state().manner.prune_height = lowest;
    }

    /// What worries it.
    pub fn set_warnings(&self, warnings: &[&str]) {
        self.state().manner.warnings = warnings.iter().map(|&warning| warning.to_owned()).collect();
    }

    /// Answers the calls of each batch in reverse order, which a node may.
    pub fn set_reversed(&self, reversed: bool) {
        self.state().reversed = reversed;
    }

    /// From now on changes the bytes of every answer, its length in the head with them.
    pub fn garble(&self, change: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.state().garble = Some(Garble(Box::new(change)));
    }

    /// Its newest block.
    #[must_use]
    pub fn tip(&self) -> BlockHash {
        *self.state().chain.active().last().expect("a node has at least the first block")
    }

    /// How many requests it has had.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// How many connections to it are open.
    #[must_use]
    pub fn open_connections(&self) -> u64 {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// How many calls of a method it has had.
    #[must_use]
    pub fn calls(&self, method: &str) -> u64 {
        self.state().calls.get(method).copied().unwrap_or(0)
    }

    /// The most calls it has had in one request.
    #[must_use]
    pub fn largest_batch(&self) -> usize {
        self.state().largest_batch
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

impl Drop for ScriptedNode {
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
        std::thread::spawn(move || {
            shared.open.fetch_add(1, Ordering::Relaxed);
            // A connection that breaks is the other side's affair.
            let _ = serve(&stream, &shared);
            shared.open.fetch_sub(1, Ordering::Relaxed);
        });
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
