//! The npm packages that some tests compare us with: installed where they are absent.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use coinhound_testkit::referees;

/// What is to be installed, each package by its digest.
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Sees to it that the packages are there; returns why they cannot be had.
pub fn install() -> Option<String> {
    let folder = referees::place();
    if referees::installed().is_some() && LISTS.iter().all(|list| is_same(list, &folder)) {
        return None;
    }
    println!("== packages: npm ci, into {}", folder.display());
    let why = copy_lists(&folder).map_err(|error| error.to_string()).and_then(|()| npm_ci(&folder)).err();
    match (why, referees::installed()) {
        (None, Some(_)) => None,
        (why, _) => Some(why.unwrap_or_else(|| "npm brought no packages".to_owned())),
    }
}

/// Where the lists are kept: beside the test.
fn list(name: &str) -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask lies in the workspace").join("crates/chains/tests/it/nem/sdks").join(name)
}

fn is_same(name: &str, folder: &Path) -> bool {
    matches!((fs::read(list(name)), fs::read(folder.join(name))), (Ok(wanted), Ok(there)) if wanted == there)
}

fn copy_lists(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    LISTS.iter().try_for_each(|name| fs::copy(list(name), folder.join(name)).map(drop))
}

/// Installs exactly what the lists say, and runs nothing that a package brings.
fn npm_ci(folder: &Path) -> Result<(), String> {
    let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    let mut command = Command::new("npm");
    command.args(words).current_dir(folder).stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("cannot start `npm`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().find(|line| line.contains("error")).unwrap_or("npm failed without a word").to_owned())
}
