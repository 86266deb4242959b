//! The kernel's program: what its build needs, building it, running it.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

const HINT: &str = "hint: the kernel is C++: on Debian, `apt-get install cmake g++ libboost-dev`";

/// The program's own folder, outside the workspace.
fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel-fixtures")
}

/// Where it is built, apart from everything else: its own profile and lock file.
pub fn target_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |given| root.join(given));
    target.join("kernel-fixtures")
}

/// Says what is missing before half the kernel is compiled.
///
/// # Errors
/// Names the first missing tool and how to get all.
pub fn require_tools() -> Result<()> {
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    ensure!(answers(Command::new("cmake").arg("--version"), ""), "no CMake here\n{HINT}");
    ensure!(answers(Command::new(&compiler).arg("--version"), ""), "no C++ compiler `{compiler}` here\n{HINT}");
    let boost = "#include <boost/multi_index_container.hpp>\n";
    let preprocess = ["-E", "-x", "c++", "-"];
    ensure!(answers(Command::new(&compiler).args(preprocess), boost), "no headers of Boost here\n{HINT}");
    Ok(())
}

fn answers(command: &mut Command, input: &str) -> bool {
    let quiet = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = quiet.spawn() else { return false };
    // A program that reads nothing may be gone before all is written.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    child.wait().is_ok_and(|status| status.success())
}

/// Builds the program and returns where it lies.
///
/// # Errors
/// When the build fails.
pub fn build() -> Result<PathBuf> {
    println!("== building Core's kernel: minutes, or half an hour on a busy machine; once");
    let target = target_folder();
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked"])
        .current_dir(source_folder())
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the kernel's program does not build ({status})\n{HINT}");
    Ok(target.join("release").join("kernel-fixtures").with_extension(env::consts::EXE_EXTENSION))
}

/// Lets the program write into a folder: seed, blocks, blocks of bulk.
///
/// # Errors
/// When it fails; it says why itself.
pub fn run(program: &Path, folder: &Path, numbers: [u64; 3]) -> Result<()> {
    let status = Command::new(program).arg(folder).args(numbers.map(|number| number.to_string())).status();
    let status = status.with_context(|| format!("cannot start `{}`", program.display()))?;
    ensure!(status.success(), "the kernel's program failed ({status})");
    Ok(())
}
