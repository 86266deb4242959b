//! Everything the `coinhound` program does, as a library so that tests reach it.
//!
//! In reading order: how a run ends ([`exit`]), how text is shown ([`text`], [`out`]), tags
//! ([`tags`]).

pub mod case;
pub mod exit;
pub mod out;
pub mod report;
pub mod tags;
pub mod text;

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
