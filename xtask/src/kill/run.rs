//! One run of the load that is killed.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::feed::Feed;
use super::stage::{Stage, Word};

/// Where a kill shall fall.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// In which stage.
    pub stage: Stage,
    /// After this many of its steps.
    pub after: u64,
    /// How long the load waits before each step then.
    pub pause: Duration,
    /// How long the killer waits after the step was said.
    pub delay: Duration,
}

/// How a load is started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// Where the blocks come from.
    pub feed: &'a Feed,
    /// Folder of the store.
    pub store: &'a Path,
    /// Blocks from one commit to the next.
    pub batch: u64,
    /// Threads of the load.
    pub threads: usize,
    /// Where it is killed, if it comes to that.
    pub target: Option<Target>,
    /// A planted fault: the manifest is written over the old one.
    pub in_place: bool,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// The stage it was killed in; none when it ran through.
    pub killed: Option<Stage>,
    /// The height of the last commit it acknowledged.
    pub committed: Option<u32>,
}

impl Start<'_> {
    /// Runs the load until it is killed or done.
    ///
    /// # Errors
    /// When it cannot be started, fails by itself, or does not say what it does.
    pub fn run(&self) -> Result<Ended> {
        let mut child = self.spawn()?;
        let heard = self.hear(&mut child);
        if heard.is_err() {
            // It may have ended already; either way nothing of it shall go on.
            let _ = child.kill();
        }
        let status = child.wait().context("cannot wait for the load")?;
        let (last, committed) = heard?;
        if last == Some(Word::Done) {
            return Ok(Ended { killed: None, committed });
        }
        ensure!(status.code().is_none(), "the load failed by itself: {status}");
        let stage = match last {
            Some(Word::At(stage)) => stage,
            // Right behind a commit the load goes on to read blocks.
            _ => Stage::Parse,
        };
        Ok(Ended { killed: Some(stage), committed })
    }

    fn spawn(&self) -> Result<Child> {
        let mut command = Command::new(env::current_exe().context("cannot find this program")?);
        command.arg("kill-me").arg(self.feed.text()).arg(self.store);
        command.args([self.batch.to_string(), self.threads.to_string()]);
        if self.in_place {
            command.arg("--in-place");
        }
        if let Some(target) = self.target {
            command.args(["--stage", &target.stage.to_string(), "--after", &target.after.to_string()]);
            command.args(["--pause", &target.pause.as_micros().to_string()]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start the load")
    }

    /// Listens until the load is silent, kills it when it is time, and returns its last word and last commit.
    fn hear(&self, child: &mut Child) -> Result<(Option<Word>, Option<u32>)> {
        let lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines();
        let (mut last, mut committed, mut steps) = (None, None, 0);
        for line in lines {
            let word: Word = line.context("cannot hear the load")?.parse()?;
            if let Word::Committed(height) = word {
                committed = Some(height);
            }
            if let Some(target) = self.target.filter(|target| word == Word::At(target.stage)) {
                steps += 1;
                if steps == target.after + 1 {
                    sleep(target.delay);
                    child.kill().context("cannot kill the load")?;
                }
            }
            last = Some(word);
        }
        Ok((last, committed))
    }
}
