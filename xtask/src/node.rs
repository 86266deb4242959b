//! The real node that some tests talk to: installed where it is absent.

use std::process::{Command, Stdio};

use coinhound_testkit::litecoind;

/// Debian's package of it.
const PACKAGE: &str = "litecoind";

/// Sees to it that the node's program is there; returns why it cannot be had.
pub fn install() -> Option<String> {
    if litecoind::program().is_some() {
        return None;
    }
    println!("== node: installing {PACKAGE}");
    // Package lists may be there or not, old or new: the first try costs a second.
    let tried = apt_get(&["install", "--no-install-recommends", PACKAGE])
        .or_else(|_| apt_get(&["update"]).and_then(|()| apt_get(&["install", "--no-install-recommends", PACKAGE])));
    if let Some(program) = litecoind::program() {
        println!("== node: {}", program.display());
        return None;
    }
    let why = tried.err().unwrap_or_else(|| format!("the package {PACKAGE} brought no program"));
    Some(format!("{why}; {} can name the program", litecoind::PROGRAM_VAR))
}

/// Runs it as root, or by `sudo` where that asks no password.
///
/// # Errors
/// Its last line.
fn apt_get(words: &[&str]) -> Result<(), String> {
    let whole = [&["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120"], words].concat();
    succeeds(&whole).or_else(|why| succeeds(&[&["sudo", "-n"], whole.as_slice()].concat()).map_err(|_| why))
}

fn succeeds(words: &[&str]) -> Result<(), String> {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("cannot start `{}`: {error}", words[0]))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or("apt-get failed without a word").to_owned())
}
