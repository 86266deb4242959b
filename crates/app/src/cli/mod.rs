//! The command line: verbs of the field, one file each. Data goes to standard output, all else to standard error.

mod accounts;
mod args;
mod balances;
mod case;
mod chain;
mod cluster;
mod config;
mod context;
mod demo;
mod ingest;
mod interrupt;
mod ledger;
mod meta;
mod network;
mod options;
mod progress;
mod register;
mod report;
mod result;
mod seed;
mod show;
mod source;
mod status;
mod stops;
mod store;
mod tag;
mod tokens;
mod trace;
mod tracing;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use args::{Cli, Command, Format};
pub use context::Context;

use crate::config::{Folders, Settings};
use crate::exit::{Exit, Failure, Outcome};

/// Runs the program with the process's arguments and tells how it ended.
#[must_use]
pub fn run() -> ExitCode {
    let folders = Folders::from_env();
    let mut settings = Settings::read(&folders);
    config::check_values(&mut settings);
    let parsed = config::with_defaults(Cli::command(), &settings).try_get_matches().and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    });
    let (mut cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error),
    };
    if let (Command::Ingest(args), Some(matches)) = (&mut cli.command, matches.subcommand_matches("ingest")) {
        ingest::settle(args, matches);
    }
    let context = Context::new(&cli.global, folders, &settings);
    match dispatch(&cli.command, &settings, &context) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            let _ = write!(std::io::stderr(), "{failure}");
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// clap's own text for help and for wrong command lines, with our exit code.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
    ExitCode::from(exit as u8)
}

fn dispatch(command: &Command, settings: &Settings, context: &Context) -> Outcome<Exit> {
    if !matches!(command, Command::Config(_) | Command::Completions(_) | Command::Man(_)) {
        config::require_sound(settings)?;
    }
    match command {
        Command::Demo(args) => demo::run(args, context),
        Command::Ingest(args) => ingest::run(args, context),
        Command::Status => status::run(context),
        Command::Show(args) => show::run(args, context),
        Command::Store(args) => store::run(args, context),
        Command::Cluster(args) => cluster::cluster(args, context),
        Command::Customers(args) => cluster::customers(args, context),
        Command::Balances(args) => balances::run(args, context),
        Command::Tokens(args) => tokens::run(args, context),
        Command::Why(args) => cluster::why(args, context),
        Command::Case(args) => case::run(args, context),
        Command::Seed(args) => seed::run(args, context),
        Command::Tag(args) => tag::run(args, context),
        Command::Trace(args) => trace::run(args, context),
        Command::Source(args) => source::run(args, context),
        Command::Report(args) => report::run(args, context),
        Command::Register(args) => register::run(args, context),
        Command::Config(args) => config::run(args, settings, context),
        Command::Completions(args) => meta::completions(args),
        Command::Man(args) => meta::man(args),
    }
}

/// Writes data to standard output. A reader that has gone away is no failure.
///
/// # Errors
/// When it cannot be written for another reason, a full disk for example.
pub(crate) fn emit(text: &str) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::because(Exit::Failure, &error)),
        _ => Ok(()),
    }
}

/// Tells the person at the terminal something that is not data.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", crate::text::lines(text));
}
