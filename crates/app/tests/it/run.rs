//! Runs the real binary in a home of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A home with nothing in it.
pub struct Home(tempfile::TempDir);

/// How a run ended and what it wrote.
pub struct Ran {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs `coinhound` with these arguments, split at spaces.
    pub fn run(&self, line: &str) -> Ran {
        self.run_with(&[], line)
    }

    /// The same with these variables in the environment.
    pub fn run_with(&self, variables: &[(&str, &str)], line: &str) -> Ran {
        let output = self.command(line).envs(variables.iter().copied()).output();
        let output = output.expect("the binary was built with the tests");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Ran {
            exit: output.status.code().expect("no signal ends it"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The program in this home, not started yet. Nothing of the machine's environment reaches it.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coinhound"));
        command.args(line.split_whitespace()).current_dir(self.path()).env_clear();
        command.env("XDG_DATA_HOME", self.path()).env("XDG_CONFIG_HOME", self.path().join("config"));
        command.env("USER", "analyst").env("SOURCE_DATE_EPOCH", "1767225600");
        command
    }

    /// Writes the configuration file.
    pub fn configure(&self, text: &str) {
        let folder = self.path().join("config/coinhound");
        std::fs::create_dir_all(&folder).expect("writable");
        std::fs::write(folder.join("config.toml"), text).expect("writable");
    }

    /// What a run printed, with the home's path as `HOME`; panics unless it ended well.
    pub fn ok(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!(ran.exit, 0, "{line}: {}", ran.err);
        self.shown(&ran.out)
    }

    /// Standard error of a run that must end with this status.
    pub fn fails(&self, line: &str, exit: i32) -> String {
        let ran = self.run(line);
        assert_eq!(ran.exit, exit, "{line}: {}{}", ran.out, ran.err);
        self.shown(&ran.err)
    }

    fn shown(&self, text: &str) -> String {
        text.replace(&self.path().display().to_string(), "HOME")
    }
}

/// A finished demo and what it printed, made once for all tests that only read it.
pub fn demo() -> &'static (Home, String) {
    static DEMO: OnceLock<(Home, String)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let home = Home::new();
        let out = home.ok("demo --story bitcoin --out demo");
        (home, out)
    })
}

/// The demo of the Coincheck story and what it printed, made once for all tests that only read it.
pub fn coincheck() -> &'static (Home, String) {
    static DEMO: OnceLock<(Home, String)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let home = Home::new();
        let out = home.ok("demo --out demo");
        (home, out)
    })
}

/// The shared data, if it is there.
pub fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("COINHOUND_DATA")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").into(), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("NOT RUN: `{}` is not there; set COINHOUND_DATA", found.display());
    None
}
