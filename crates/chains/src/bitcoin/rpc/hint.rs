//! What to do about an error of a node, in one sentence.

use std::io;

use crate::bitcoin::rpc::call::Shown;
use crate::bitcoin::rpc::error::{RpcError, RpcErrorKind};

/// The code for a method that a node does not have.
const METHOD_NOT_FOUND: i64 = -32_601;

impl RpcError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unreachable { .. } => {
                "is the node running, with `server=1` in its configuration, and is this its `rpcport`?".into()
            }
            Self::Cookie { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "the node writes the file when it starts and removes it when it stops: is it running, and is this its data folder?".into()
            }
            Self::Cookie { .. } => {
                "run as the node's user, or start the node with `rpccookieperms=group`, or use a name and password".into()
            }
            Self::CookieForm { .. } => "name the file `.cookie` in the node's data folder of this network".into(),
            Self::Unauthorised { with: Shown::Nothing, .. } => {
                "name the node's cookie file, or its name and password (`rpcauth`)".into()
            }
            Self::Unauthorised { with: Shown::User { .. }, .. } => {
                "compare with `rpcauth`, or `rpcuser` and `rpcpassword`, in the node's configuration".into()
            }
            Self::Unauthorised { with: Shown::Cookie { .. }, .. } => {
                "the file may be of another node or network: name the one this node writes".into()
            }
            Self::Forbidden { .. } => {
                "allow this machine with `rpcallowip` and this method with `rpcwhitelist` in the node's configuration".into()
            }
            Self::Redirect { .. } => "a node does not redirect: name its own address, not a website's".into(),
            Self::Status { .. } | Self::NotHttp { .. } | Self::NotJson { .. } => {
                "is this the address of the node's RPC server (`rpcport`), not of its peers or of another program?".into()
            }
            Self::Refused { code: METHOD_NOT_FOUND, .. } => {
                "this node lacks the method: it must be of the Bitcoin family, such as Bitcoin Core or Litecoin Core".into()
            }
            Self::OtherNetwork { .. } => "name the node's network, or the address of a node of the network".into(),
            Self::Pruned { .. } => {
                "begin at a height the node still has (`--start-height`), load older blocks from files first, or use a node that keeps all blocks".into()
            }
            Self::NoSuchHeight { .. } | Self::UnknownBlock { .. } => {
                "the node's chain changed while it was read: run again".into()
            }
            Self::Timeout { .. } | Self::TooSlow { .. } => {
                "the node or the way to it is overloaded; smaller batches take less time each".into()
            }
            Self::Busy { .. } => "raise `rpcworkqueue` in the node's configuration, or ask at a quieter time".into(),
            _ if self.kind() == RpcErrorKind::Untrue => {
                "an honest node does not answer so: a program in between, a damaged disk, or a node that is not to be believed; nothing of it was used".into()
            }
            _ => return None,
        })
    }
}
