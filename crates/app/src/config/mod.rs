//! Configuration: folders, and settings from one TOML file and the environment, each with its origin.
//!
//! An option on the command line beats the environment, which beats the file, which beats the default.

pub mod file;
pub mod folders;
pub mod settings;

pub use folders::Folders;
pub use settings::{Origin, Setting, Settings};

/// What `--help` says of the environment and the file.
pub const ENVIRONMENT: &str = "\
Configuration: options, else the environment, else the file ~/.config/coinhound/config.toml (TOML).
`coinhound config show --origin` lists every setting, its variable and where its value is from.

Environment:
  COINHOUND_CONFIG        another configuration file
  COINHOUND_STORE         folder of the store, like --store
  COINHOUND_CASE          name or file of the case, like --case
  COINHOUND_RPC_PASSWORD  the node's password for `ingest --rpc-user`; kept nowhere
  SOURCE_DATE_EPOCH       seconds since 1970 to use as the present time in the audit log
  XDG_DATA_HOME           where cases, stores and demos lie, in `coinhound/`
  XDG_CONFIG_HOME         where the configuration file lies, in `coinhound/`";
