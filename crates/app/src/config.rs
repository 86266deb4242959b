//! Where things lie when nobody says otherwise: the XDG folders, and four environment variables.

use std::path::{Path, PathBuf};

use coinhound_chains::bitcoin::Network;

/// The variables that stand in for options.
pub const ENVIRONMENT: &str = "\
Environment:
  COINHOUND_STORE    folder of the store, like --store
  COINHOUND_CASE     name or file of the case, like --case
  SOURCE_DATE_EPOCH  seconds since 1970 to use as the present time in the audit log
  XDG_DATA_HOME      where cases, stores and demos lie, in `coinhound/`";

/// Folders of one user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    data: PathBuf,
}

impl Folders {
    /// The folders by the XDG base directory rules: `XDG_DATA_HOME`, else `~/.local/share`.
    ///
    /// Without a home, the temporary folder stands in.
    #[must_use]
    pub fn from_env() -> Self {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || absolute("HOME").map(|home| home.join(".local/share"));
        let base = absolute("XDG_DATA_HOME").or_else(home).unwrap_or_else(std::env::temp_dir);
        Self { data: base.join("coinhound") }
    }

    /// The store of a network.
    #[must_use]
    pub fn store(&self, network: Network) -> PathBuf {
        self.data.join("stores").join(network.name())
    }

    /// A case by name or file: a text with a path separator or the ending `.case` is a file.
    #[must_use]
    pub fn case(&self, name: &str) -> PathBuf {
        let is_file = name.contains(std::path::is_separator)
            || Path::new(name).extension().is_some_and(|ending| ending == "case");
        if is_file { PathBuf::from(name) } else { self.cases().join(format!("{name}.case")) }
    }

    /// Where named cases lie.
    #[must_use]
    pub fn cases(&self) -> PathBuf {
        self.data.join("cases")
    }

    /// The file that names the case in hand: the one last created or chosen.
    #[must_use]
    pub fn current_case(&self) -> PathBuf {
        self.cases().join("current")
    }

    /// Where the demo lies.
    #[must_use]
    pub fn demo(&self) -> PathBuf {
        self.data.join("demo")
    }
}
