//! Where things lie when nobody says otherwise: the XDG folders.

use std::path::{Path, PathBuf};

use coinhound_chains::bitcoin::Network;
use coinhound_model::ChainId;

/// Folders of one user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    data: PathBuf,
    config: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Folders {
    /// The folders by the XDG base directory rules: `XDG_DATA_HOME`, else `~/.local/share`; `XDG_CONFIG_HOME`, else
    /// `~/.config`.
    ///
    /// Without a home, the temporary folder stands in for the data; there is no configuration then.
    #[must_use]
    pub fn from_env() -> Self {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let below = |path: &str| home.as_ref().map(|home| home.join(path));
        let data = absolute("XDG_DATA_HOME").or_else(|| below(".local/share")).unwrap_or_else(std::env::temp_dir);
        let config = absolute("XDG_CONFIG_HOME").or_else(|| below(".config"));
        Self {
            data: data.join("coinhound"),
            config: config.map(|config| config.join("coinhound").join("config.toml")),
            home,
        }
    }

    /// The store of a network.
    #[must_use]
    pub fn store(&self, network: Network) -> PathBuf {
        self.stores().join(network.name())
    }

    /// Where stores lie that nobody put elsewhere.
    #[must_use]
    pub fn stores(&self) -> PathBuf {
        self.data.join("stores")
    }

    /// The store of an account ledger: named by its chain, `nem-104` or `table-coincheck`.
    #[must_use]
    pub fn ledger(&self, chain: &ChainId) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        let name: String = chain.0.chars().map(plain).collect();
        self.stores().join(name.trim_start_matches('.'))
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

    /// The configuration file; none without a home.
    #[must_use]
    pub fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// The user's home, where the system tells one.
    #[must_use]
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Where the demo lies.
    #[must_use]
    pub fn demo(&self) -> PathBuf {
        self.data.join("demo")
    }
}
