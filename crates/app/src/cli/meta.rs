//! Shell completions and manual pages, from the same definitions as the command line.

use clap::CommandFactory;

use super::args::Cli;
use super::emit;
use super::options::{CompletionsArgs, ManArgs};
use crate::exit::{Attempt, Exit, OrName, Outcome};

/// Prints completions.
pub fn completions(args: &CompletionsArgs) -> Outcome<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "coinhound", &mut script);
    emit(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}

/// Writes the manual pages.
pub fn man(args: &ManArgs) -> Outcome<Exit> {
    std::fs::create_dir_all(&args.out).or_name(Exit::Failure, Attempt::Create, &args.out)?;
    clap_mangen::generate_to(Cli::command(), &args.out).or_name(Exit::Failure, Attempt::Write, &args.out)?;
    super::tell(&format!("manual pages written to {}", args.out.display()));
    Ok(Exit::Success)
}
