//! Everything a change must pass, in the order that fails soonest.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::{node, packages};

/// One command of the gate: its name as printed, then the words after `cargo`.
struct Step {
    name: &'static str,
    words: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

const STEPS: &[Step] = &[
    Step { name: "format", words: &["fmt", "--all", "--check"], env: &[] },
    Step { name: "lints", words: &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], env: &[] },
    Step { name: "doc tests", words: &["test", "--workspace", "--doc", "--quiet"], env: &[] },
    Step {
        name: "documentation",
        words: &["doc", "--workspace", "--no-deps", "--quiet"],
        env: &[("RUSTDOCFLAGS", "-D warnings")],
    },
];

const NEXTEST: Step = Step { name: "tests", words: &["nextest", "run", "--workspace", "--no-fail-fast"], env: &[] };
const PLAIN_TEST: Step =
    Step { name: "tests", words: &["test", "--workspace", "--all-targets", "--no-fail-fast"], env: &[] };

/// What no test shows: a load on this machine's own disk, killed in every stage.
const KILLS: Step =
    Step { name: "kills", words: &["xtask", "campaign", "kill", "--count", "50", "--minutes", "1.5"], env: &[] };

/// What no short test shows: a node followed for a while on this machine's own disk.
const FOLLOW: Step =
    Step { name: "follow", words: &["xtask", "campaign", "follow", "--blocks", "300", "--minutes", "1"], env: &[] };

/// Runs every step and fails with the first that does. Tests against a real node, or beside other programs, are told
/// when they cannot run.
pub fn run() -> Result<()> {
    let not_run = [("against a real node", node::install()), ("beside npm packages", packages::install())];
    let tell = || {
        for (which, why) in &not_run {
            why.iter().for_each(|why| println!("== NOT RUN: the tests {which}: {why}"));
        }
    };
    tell();
    let tests = if has_nextest() { &NEXTEST } else { &PLAIN_TEST };
    for step in STEPS[..2].iter().chain([tests, &KILLS, &FOLLOW]).chain(&STEPS[2..]) {
        run_step(step)?;
    }
    println!("gate: every step passed");
    tell();
    Ok(())
}

fn run_step(step: &Step) -> Result<()> {
    println!("== {}: cargo {}", step.name, step.words.join(" "));
    let start = Instant::now();
    let status = Command::new(env!("CARGO"))
        .args(step.words)
        .envs(step.env.iter().copied())
        .status()
        .with_context(|| format!("cannot start cargo for step `{}`", step.name))?;
    ensure!(status.success(), "step `{}` failed ({status})", step.name);
    println!("== {}: passed in {} s", step.name, start.elapsed().as_secs());
    Ok(())
}

fn has_nextest() -> bool {
    Command::new(env!("CARGO"))
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
