//! `ingest --follow` running, its events one by one.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::json::undocumented;
use crate::run::Home;

/// The longest that anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// `ingest --follow` running, its standard output line by line.
pub struct Follower {
    child: Child,
    lines: Receiver<String>,
    /// Every event so far.
    events: Vec<Value>,
}

impl Follower {
    /// Starts `ingest` with these options.
    pub fn start(home: &Home, line: &str) -> Self {
        let line = format!("--json {line} --follow");
        let mut child = home
            .command(&line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built with the tests");
        let (sender, lines) = channel();
        let out: BufReader<ChildStdout> = BufReader::new(child.stdout.take().expect("it is piped"));
        std::thread::spawn(move || {
            out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).unwrap_or_default();
        });
        Self { child, lines, events: Vec::new() }
    }

    /// The next event.
    pub fn next(&mut self) -> Value {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("`{line}` is no JSON"));
                self.events.push(event.clone());
                event
            }
            Err(_) => panic!("no event came; standard error says: {}", self.told()),
        }
    }

    /// The next event of a kind; others in between are passed over.
    pub fn event(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next();
            if event["event"] == kind {
                return event;
            }
        }
    }

    fn told(&mut self) -> String {
        let _ = self.child.kill();
        let mut text = String::new();
        let _ = self.child.stderr.take().expect("it is piped").read_to_string(&mut text);
        text
    }

    /// Interrupts it and gives its last event and how it ended.
    #[cfg(unix)]
    pub fn stop(mut self) -> (Value, i32) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.expect("every Unix has it").success());
        let last = self.event("stopped");
        assert_eq!(undocumented("ingest --follow", &self.events), Vec::<String>::new());
        (last, self.child.wait().expect("it ends").code().expect("no signal ends it"))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
