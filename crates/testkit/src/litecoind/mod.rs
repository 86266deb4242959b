//! A real node of the Bitcoin family for tests: Debian's `litecoind`, in regtest, on loopback, in a folder of its own.
//!
//! In reading order: how the node is started, killed and found ([`Litecoind`]), how it is asked ([`client`]), what
//! it holds unspent ([`unspent`]), and a chain with every kind of payment the family knows ([`payments`]).

pub mod client;
pub mod payments;
pub mod unspent;

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use client::{Client, RpcFailure};

/// Names the program, where it is not where Debian's package puts it.
pub const PROGRAM_VAR: &str = "COINHOUND_LITECOIND";

/// Where Debian's package puts it. `/usr/bin/litecoind` is a shell script that writes into the home folder.
const DEBIAN_PROGRAM: &str = "/usr/lib/litecoin/litecoind";

/// How long a start or an orderly stop may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a port that another process took meanwhile is replaced.
const PORTS_TO_TRY: u32 = 6;

/// Height of the first block with an extension (MWEB) in regtest.
pub const FIRST_MWEB_HEIGHT: u32 = 432;

/// A running node; dropping it kills it and removes its folder.
pub struct Litecoind {
    program: PathBuf,
    arguments: Vec<String>,
    folder: Option<TempDir>,
    process: Option<Child>,
    client: Client,
}

/// The program's path, when it is installed.
///
/// # Panics
/// When `COINHOUND_LITECOIND` names a file that is not there: a typing error shall not skip tests.
#[must_use]
pub fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(PROGRAM_VAR) {
        let path = PathBuf::from(named);
        assert!(path.is_file(), "{PROGRAM_VAR} names `{}`, which is no file", path.display());
        return Some(path);
    }
    let path = Path::new(DEBIAN_PROGRAM);
    path.is_file().then(|| path.to_owned())
}

/// Starts a node with a fresh chain and these further arguments, or says loudly that the test did not run.
#[must_use]
pub fn start(test: &str, arguments: &[&str]) -> Option<Litecoind> {
    let Some(program) = program() else {
        eprintln!("NOT RUN: {test}: no litecoind (apt-get install litecoind, or set {PROGRAM_VAR})");
        return None;
    };
    Some(Litecoind::start(program, arguments))
}

impl Litecoind {
    /// Starts the program with a fresh chain and these further arguments.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(program: PathBuf, arguments: &[&str]) -> Self {
        let folder = TempDir::with_prefix("litecoind-").expect("the temporary folder is writable");
        let client = Client::new(0, folder.path().join("regtest/.cookie"));
        let mut node = Self { program, arguments: Vec::new(), folder: Some(folder), process: None, client };
        node.run_with(arguments);
        node
    }

    /// Starts it again where it was stopped or killed: the same folder and port, another cookie.
    ///
    /// # Panics
    /// When it is running, or does not come up.
    pub fn run(&mut self) {
        assert!(self.process.is_none(), "litecoind runs already");
        for _ in 0..PORTS_TO_TRY {
            if self.client.port() != 0 && self.spawn_and_wait() {
                return;
            }
            self.client.set_port(free_port());
        }
        panic!("litecoind does not come up; its last words: {}", self.last_words());
    }

    /// As [`Litecoind::run`], with these further arguments from now on.
    ///
    /// # Panics
    /// As there.
    pub fn run_with(&mut self, arguments: &[&str]) {
        self.arguments = arguments.iter().map(ToString::to_string).collect();
        self.run();
    }

    /// Whether it came up; where it ended by itself, another port may help.
    fn spawn_and_wait(&mut self) -> bool {
        let log = File::create(self.folder().join("output")).expect("the folder is writable");
        let errors = log.try_clone().expect("a file can be opened twice");
        // A killed test must not leave a node behind: the kernel then kills it with the thread that started it.
        let mut command = match Path::new("/usr/bin/setpriv").is_file() {
            true => Command::new("/usr/bin/setpriv"),
            false => Command::new(&self.program),
        };
        if command.get_program() != self.program {
            command.args(["--pdeathsig", "KILL"]).arg(&self.program);
        }
        command.args(self.fixed_arguments()).args(&self.arguments);
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut process = command.spawn().expect("the program starts");
        let start = Instant::now();
        loop {
            if process.try_wait().expect("it is a child of ours").is_some() {
                return false;
            }
            if self.client.call("getblockcount", &json!([])).is_ok() {
                self.process = Some(process);
                return true;
            }
            if start.elapsed() > PATIENCE {
                self.process = Some(process);
                self.kill();
                return false;
            }
            sleep(Duration::from_millis(20));
        }
    }

    fn fixed_arguments(&self) -> Vec<String> {
        let mut words: Vec<String> = [
            "-regtest",
            "-server",
            // No peers, in or out.
            "-listen=0",
            "-connect=0",
            "-dnsseed=0",
            "-upnp=0",
            "-rpcbind=127.0.0.1",
            "-rpcallowip=127.0.0.1",
            "-fallbackfee=0.0002",
            // What regtest checks after every block by default grows with the chain.
            "-checkblockindex=0",
            "-checkmempool=0",
            "-keypool=20",
            "-par=1",
        ]
        .map(str::to_owned)
        .into();
        words.push(format!("-datadir={}", self.folder().display()));
        words.push(format!("-rpcport={}", self.client.port()));
        words
    }

    /// Stops it in good order: everything is on disk afterwards.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self) {
        self.ask("stop", &json!([]));
        let mut process = self.process.take().expect("it runs");
        let start = Instant::now();
        while process.try_wait().expect("it is a child of ours").is_none() {
            assert!(start.elapsed() < PATIENCE, "litecoind does not stop");
            sleep(Duration::from_millis(20));
        }
    }

    /// Kills it as a power switch does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself; it is gone afterwards either way.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Kills it as a power switch does, after so many further blocks that it then has forgotten.
    pub fn kill_forgetting(&mut self, blocks: u32) {
        // As a side effect the node writes all that it knows to disk; otherwise it does so once an hour.
        self.ask("gettxoutsetinfo", &json!(["none"]));
        self.mine_to("raw(51)", blocks);
        self.kill();
    }

    /// Its folder, of which everything lies in the subfolder `regtest`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().expect("it lives as long as the node").path()
    }

    /// The folder of its `blk*.dat` and `rev*.dat`.
    #[must_use]
    pub fn blocks(&self) -> PathBuf {
        self.folder().join("regtest/blocks")
    }

    /// The file that holds name and password of the running node.
    #[must_use]
    pub fn cookie(&self) -> PathBuf {
        self.folder().join("regtest/.cookie")
    }

    /// Where it answers, without name and password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.client.port())
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Its answer to a call.
    ///
    /// # Panics
    /// When the answer is an error.
    pub fn ask(&self, method: &str, params: &Value) -> Value {
        self.client.ask(method, params)
    }

    /// Its answer to a call, or why there is none.
    ///
    /// # Errors
    /// [`RpcFailure`].
    pub fn try_ask(&self, method: &str, params: &Value) -> Result<Value, RpcFailure> {
        self.client.call(method, params)
    }

    /// A wallet of that name, made when there is none.
    ///
    /// # Panics
    /// When the node refuses.
    #[must_use]
    pub fn wallet(&self, name: &str) -> Client {
        let (loaded, wallet) = (self.ask("listwallets", &json!([])), self.client.of_wallet(name));
        let is_loaded = loaded.as_array().is_some_and(|names| names.contains(&json!(name)));
        if !is_loaded && self.try_ask("createwallet", &json!([name])).is_err() {
            self.ask("loadwallet", &json!([name]));
            // A killed node forgot its newest blocks: the wallet must look again.
            wallet.ask("rescanblockchain", &json!([]));
        }
        wallet
    }

    /// Height of its tip.
    #[must_use]
    pub fn height(&self) -> u32 {
        let height = self.ask("getblockcount", &json!([])).as_u64();
        height.and_then(|height| u32::try_from(height).ok()).expect("a height")
    }

    /// The hash of its block at a height.
    #[must_use]
    pub fn hash_at(&self, height: u32) -> String {
        self.ask("getblockhash", &json!([height])).as_str().expect("a hash").to_owned()
    }

    /// Its tip's hash.
    #[must_use]
    pub fn tip(&self) -> String {
        self.ask("getbestblockhash", &json!([])).as_str().expect("a hash").to_owned()
    }

    /// Mines blocks that pay to a descriptor such as `raw(51)` or `addr(..)`; what waits is confirmed.
    pub fn mine_to(&self, descriptor: &str, blocks: u32) {
        if blocks > 0 {
            self.ask("generatetodescriptor", &json!([blocks, descriptor]));
        }
    }

    /// Gives up the blocks from `height` on, as if they were invalid; their payments wait again.
    pub fn invalidate_from(&self, height: u32) {
        self.ask("invalidateblock", &json!([self.hash_at(height)]));
        assert_eq!(self.height() + 1, height, "the blocks from there on are gone");
    }

    /// Has block files removed that hold no block above `height`; the lowest height the node then has.
    ///
    /// # Panics
    /// When it was not started with `-prune`, or removed nothing.
    #[must_use]
    pub fn prune_to(&self, height: u32) -> u32 {
        self.ask("pruneblockchain", &json!([height]));
        let lowest = self.ask("getblockchaininfo", &json!([]))["pruneheight"].as_u64();
        lowest.and_then(|lowest| u32::try_from(lowest).ok()).filter(|lowest| *lowest > 0).expect("blocks were removed")
    }

    fn last_words(&self) -> String {
        let said = std::fs::read_to_string(self.folder().join("output")).unwrap_or_default();
        said.lines().rev().take(3).collect::<Vec<_>>().join(" / ")
    }
}

impl Drop for Litecoind {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            eprintln!("the node's folder is kept: {}", folder.keep().display());
        }
    }
}

/// A port nobody listens on at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has free ports");
    listener.local_addr().expect("it is bound").port()
}
