//! How a load tells its killer where it is: a line on standard output before each step.

use std::io::{Write, stdout};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use coinhound_model::Height;
use coinhound_store::local::LOCAL_DIR;
use coinhound_store::storage::Action;

use super::feed::Heard;
use super::stage::{Stage, Word};

/// From which step on a load slows down, so that a kill meets it there.
#[derive(Clone, Copy, Debug)]
pub struct Armed {
    /// Only steps of this stage.
    pub stage: Stage,
    /// Steps of it to pass at full speed.
    pub after: u64,
    /// How long each later step waits before it begins.
    pub pause: Duration,
}

/// What the load is doing, as far as it was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Opening,
    Reading,
    Committing,
}

/// Tells the steps of one load.
pub struct Voice {
    armed: Option<Armed>,
    /// The store's tip when the load began.
    tip: Option<Height>,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    /// Whether the next commit displaces stored blocks.
    displacing: bool,
    /// Steps of the armed stage so far.
    steps: u64,
}

impl Voice {
    /// The voice of a load into a store with this tip.
    pub fn new(armed: Option<Armed>, tip: Option<Height>) -> Self {
        let state = State { phase: Phase::Opening, displacing: false, steps: 0 };
        Self { armed, tip, state: Mutex::new(state) }
    }

    /// Tells what the load reports.
    pub fn hear(&self, heard: &Heard) {
        match heard {
            Heard::Reading => self.enter(Phase::Reading, Some(Stage::Parse)),
            Heard::Read(height) => {
                if self.tip.is_some_and(|tip| *height <= tip) {
                    self.change(|state| state.displacing = true);
                }
                self.enter(Phase::Reading, Some(Stage::Join));
            }
            Heard::Committing => self.enter(Phase::Committing, None),
            Heard::Committed(tip) => {
                self.change(|state| (state.phase, state.displacing) = (Phase::Reading, false));
                say(&Word::Committed(tip.0));
            }
        }
    }

    /// Tells a file operation that comes next.
    pub fn operation(&self, action: Action, path: &str) {
        let stage = self.change(|state| {
            if state.phase == Phase::Opening && path.starts_with(LOCAL_DIR) {
                state.phase = Phase::Reading;
            }
            match state.phase {
                Phase::Opening => Stage::Recovery,
                // While it reads, a load writes its own notes at most: all else is a commit that was not announced.
                Phase::Reading if path.starts_with(LOCAL_DIR) => Stage::Parse,
                _ if state.displacing => Stage::Reorganisation,
                _ => stage_of(action, path),
            }
        });
        self.step(stage);
    }

    fn enter(&self, phase: Phase, stage: Option<Stage>) {
        self.change(|state| state.phase = phase);
        stage.into_iter().for_each(|stage| self.step(stage));
    }

    /// Says a step and waits before it, once armed.
    fn step(&self, stage: Stage) {
        let wait = self.change(|state| {
            say(&Word::At(stage));
            let armed = self.armed.filter(|armed| armed.stage == stage)?;
            state.steps += 1;
            (state.steps > armed.after).then_some(armed.pause)
        });
        wait.into_iter().for_each(sleep);
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // A thread that panicked here ends the load anyway.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The stage of an operation within a commit.
fn stage_of(action: Action, path: &str) -> Stage {
    let writes = matches!(action, Action::Create | Action::Write | Action::Rename) || action == Action::Sync;
    let table = path.contains('/') && writes;
    match path.split('/').next() {
        Some("facts" | "overlay") if table => Stage::Seal,
        Some("base") if table => Stage::Fold,
        _ => Stage::Manifest,
    }
}

/// Says one line at once: what was said before a kill is heard after it.
pub fn say(word: &Word) {
    let mut out = stdout().lock();
    let line = format!("{word}\n");
    // Nobody listens any more: the killer is gone, and so is the reason to go on.
    out.write_all(line.as_bytes()).and_then(|()| out.flush()).expect("the killer listens");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_a_commit_have_stages() {
        assert_eq!(stage_of(Action::Write, "facts/0-3.unfinished"), Stage::Seal);
        assert_eq!(stage_of(Action::Rename, "base/coins-16.unfinished"), Stage::Fold);
        assert_eq!(stage_of(Action::Sync, "base"), Stage::Manifest);
        assert_eq!(stage_of(Action::Remove, "overlay/0-3.0123456789abcdef"), Stage::Manifest);
        assert_eq!(stage_of(Action::Create, "MANIFEST.tmp"), Stage::Manifest);
    }
}
