//! How a node is shown who asks: a name with its password, or the cookie that the node writes when it starts.
//!
//! Secrets are read where they lie and kept nowhere: not in the store, the configuration, a message or the log.

use std::path::{Path, PathBuf};

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, EndpointError};

use crate::cli::options::IngestArgs;
use crate::config::Folders;
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};

/// The variable that holds a node's password.
const PASSWORD: &str = "COINHOUND_RPC_PASSWORD";

/// A node's address with what to show it.
///
/// # Errors
/// An address that is none, a name without a password, a file that cannot be read.
pub fn endpoint(url: &str, network: Network, args: &IngestArgs, folders: &Folders) -> Outcome<Endpoint> {
    if let Some(name) = &args.rpc_user {
        let auth = Auth::User { name: name.clone(), password: password(args.rpc_password_file.as_deref())? };
        return parse(url, auth);
    }
    if args.rpc_password_file.is_some() {
        return Err(Failure::new(Exit::Usage, "--rpc-password-file goes with --rpc-user NAME"));
    }
    if let Some(cookie) = &args.rpc_cookie {
        return parse(url, Auth::Cookie(cookie.clone()));
    }
    let bare = parse(url, Auth::None)?;
    // A cookie of this machine is no other machine's business.
    if *bare.auth() != Auth::None || !bare.is_loopback() {
        return Ok(bare);
    }
    match cookies(network, folders).into_iter().find(|cookie| cookie.is_file()) {
        Some(cookie) => parse(url, Auth::Cookie(cookie)),
        None => Ok(bare),
    }
}

fn parse(url: &str, auth: Auth) -> Outcome<Endpoint> {
    Endpoint::parse(url, auth).map_err(|error: EndpointError| {
        let failure = Failure::because(Exit::Usage, &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

/// The password from a file's first line, else from the environment.
fn password(file: Option<&Path>) -> Outcome<String> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).or_name(Exit::Input, Attempt::Read, file)?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    std::env::var(PASSWORD).map_err(|_| {
        Failure::new(Exit::Usage, "--rpc-user needs the node's password")
            .hint(format!("set {PASSWORD}, or name a file that holds it with --rpc-password-file"))
    })
}

/// Where the nodes of a network usually write their cookie.
fn cookies(network: Network, folders: &Folders) -> Vec<PathBuf> {
    let (unix, other, below) = match network {
        Network::Main => (".bitcoin", "Bitcoin", ""),
        Network::Testnet3 => (".bitcoin", "Bitcoin", "testnet3"),
        Network::Testnet4 => (".bitcoin", "Bitcoin", "testnet4"),
        Network::Signet => (".bitcoin", "Bitcoin", "signet"),
        Network::Regtest => (".bitcoin", "Bitcoin", "regtest"),
        Network::LitecoinMain => (".litecoin", "Litecoin", ""),
        Network::LitecoinRegtest => (".litecoin", "Litecoin", "regtest"),
    };
    let home = folders.home();
    let bases = [
        home.map(|home| home.join(unix)),
        home.map(|home| home.join("Library/Application Support").join(other)),
        std::env::var_os("APPDATA").map(|data| PathBuf::from(data).join(other)),
    ];
    bases.into_iter().flatten().map(|base| base.join(below).join(".cookie")).collect()
}
