//! Progress on standard error: a line that moves on a terminal, plain lines now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::text::grouped;

/// How often a plain line is written.
const EVERY: Duration = Duration::from_secs(5);

/// Shows how far a long piece of work is, how fast it goes and how long it will take.
pub struct Progress {
    bar: ProgressBar,
    plain: bool,
    stage: String,
    start: Instant,
    told: Instant,
    bytes: u64,
    /// What the steps are, where they are counted for a rate.
    noun: Option<&'static str>,
}

impl Progress {
    /// Nothing is shown before the first second is over.
    #[must_use]
    pub fn new() -> Self {
        let plain = !std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, plain, stage: String::new(), start: Instant::now(), told: Instant::now(), bytes: 0, noun: None }
    }

    /// Begins a stage of `total` steps.
    pub fn stage(&mut self, name: &str, total: u64) {
        if self.stage == name && self.bar.length() == Some(total) {
            return;
        }
        self.stage = name.to_owned();
        self.start = Instant::now();
        self.bytes = 0;
        self.noun = None;
        self.bar.finish_and_clear();
        if !self.plain {
            self.bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len}  {msg}  {eta} left");
            self.bar.set_style(style.expect("the template is a constant"));
            self.bar.set_prefix(name.to_owned());
        }
    }

    /// Reports that `done` of `total` steps are done, `bytes` more read.
    pub fn step(&mut self, done: u64, total: u64, bytes: u64) {
        self.bytes += bytes;
        if self.plain {
            if self.told.elapsed() >= EVERY {
                self.told = Instant::now();
                super::tell(&self.line(done, total));
            }
            return;
        }
        self.bar.set_position(done);
        self.bar.set_message(self.rate(done));
    }

    /// Begins a stage, or goes on with it: `done` of `total` steps, which are `noun`, with their rate.
    pub fn counted(&mut self, name: &str, noun: &'static str, done: u64, total: u64) {
        self.stage(name, total);
        self.noun = Some(noun);
        self.step(done, total, 0);
    }

    /// Reports what is being worked on, where nobody knows how much is left.
    pub fn note(&mut self, done: u64, what: &str) {
        if self.plain {
            if self.told.elapsed() >= EVERY {
                self.told = Instant::now();
                super::tell(&format!("{}: {} files, now {what}", self.stage, grouped(done)));
            }
            return;
        }
        self.bar.set_position(done);
        self.bar.set_message(crate::text::clean(what));
    }

    /// `reading blocks: 12,000 of 80,000, 400 blocks/s, 95.0 MB/s, about 170 s left`.
    fn line(&self, done: u64, total: u64) -> String {
        let spent = self.start.elapsed().as_millis();
        let left = spent * u128::from(total.saturating_sub(done)) / u128::from(done.max(1)) / 1000;
        let rate = self.rate(done);
        let comma = if rate.is_empty() { "" } else { ", " };
        format!("{}: {} of {}{comma}{rate}, about {left} s left", self.stage, grouped(done), grouped(total))
    }

    /// How many steps and bytes a second, where bytes are counted. A stage is named by what its steps are.
    fn rate(&self, done: u64) -> String {
        let per_second = |count: u64| u128::from(count) * 1000 / self.start.elapsed().as_millis().max(1);
        if self.bytes == 0 {
            let tenths = per_second(done.saturating_mul(10));
            let rate = |noun| format!("{}.{} {noun}/s", grouped(tenths / 10), tenths % 10);
            return self.noun.map(rate).unwrap_or_default();
        }
        let (steps, bytes) = (per_second(done), per_second(self.bytes));
        let noun = self.stage.rsplit(' ').next().unwrap_or_default();
        format!("{} {noun}/s, {}.{} MB/s", grouped(steps), bytes / 1_000_000, bytes / 100_000 % 10)
    }

    /// Takes the moving line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}
