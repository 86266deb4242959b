//! Decoding Ethereum beside `alloy`, which a package of its own brings: neither the product nor its gate builds it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Builds and runs that package on the real blocks; it prints its table.
///
/// # Errors
/// When there is no data, it cannot be built, or a field differs.
pub fn run(rounds: u32) -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = env::var_os("COINHOUND_DATA").map_or_else(|| here.join("../../shared/data"), PathBuf::from);
    let data = data.join("ethereum");
    ensure!(data.is_dir(), "no data at `{}`: set COINHOUND_DATA", data.display());
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["run", "--release", "--locked", "--quiet", "--manifest-path"]).arg(here.join("alloy/Cargo.toml"));
    command.arg("--").arg(data).arg(rounds.to_string());
    let status = command.status().context("cannot start cargo")?;
    ensure!(status.success(), "the bench failed: {status}");
    Ok(())
}
