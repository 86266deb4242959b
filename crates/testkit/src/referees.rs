//! npm packages that some tests compare us with, installed by the test command.

use std::env;
use std::path::{Path, PathBuf};

/// Names another folder that holds `node_modules`.
pub const FOLDER_VAR: &str = "COINHOUND_REFEREES";

/// Where the test command installs them.
#[must_use]
pub fn place() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this crate lies two folders deep");
    env::var_os(FOLDER_VAR).map_or_else(|| workspace.join("target/referees"), PathBuf::from)
}

/// Where they are, if they are installed.
#[must_use]
pub fn installed() -> Option<PathBuf> {
    let folder = place();
    let package = |name: &str| folder.join("node_modules").join(name).join("package.json").is_file();
    (package("nem-sdk") && package("symbol-sdk")).then_some(folder)
}

/// The same for a test, which says loudly that it is not run where they are absent.
#[must_use]
pub fn folder(test: &str) -> Option<PathBuf> {
    let folder = installed();
    if folder.is_none() {
        eprintln!("NOT RUN: {test}: no npm packages in `{}`; `cargo xtask test` installs them", place().display());
    }
    folder
}
