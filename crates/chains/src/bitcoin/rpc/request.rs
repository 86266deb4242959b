//! The calls that are made, as the node reads them.

use std::fmt::Write as _;

use coinhound_model::{BlockHash, TxHash};

use crate::bitcoin::rpc::call::Subject;

/// One call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// The hash of the block at a height.
    HashAt(u32),
    /// A header's 80 bytes.
    Header(BlockHash),
    /// What the node thinks of a header.
    Standing(BlockHash),
    /// A block's bytes.
    Block(BlockHash),
    /// A transaction's bytes.
    Tx(TxHash),
    /// Where a transaction stands.
    Home(TxHash),
    /// The state of the node's chain.
    ChainInfo,
    /// The state of the node's connections.
    NetworkInfo,
}

impl Request {
    /// The node's method.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::HashAt(_) => "getblockhash",
            Self::Header(_) | Self::Standing(_) => "getblockheader",
            Self::Block(_) => "getblock",
            Self::Tx(_) | Self::Home(_) => "getrawtransaction",
            Self::ChainInfo => "getblockchaininfo",
            Self::NetworkInfo => "getnetworkinfo",
        }
    }

    /// What a batch of `count` calls that begins with this one is about.
    pub(crate) fn subject(self, count: usize) -> Subject {
        match self {
            Self::HashAt(first) => Subject::Height { first, count },
            Self::Header(first) | Self::Standing(first) | Self::Block(first) => Subject::Block { first, count },
            Self::Tx(first) | Self::Home(first) => Subject::Tx { first, count },
            Self::ChainInfo | Self::NetworkInfo => Subject::Node,
        }
    }

    fn put(self, id: u64, text: &mut String) {
        let method = self.method();
        // Numbers and hashes need no escaping. Old nodes take `verbose` as a number or a truth value
        // depending on the method; these forms are understood by all since 2018.
        let params = match self {
            Self::HashAt(height) => height.to_string(),
            Self::Header(hash) => format!("\"{hash}\",false"),
            Self::Standing(hash) => format!("\"{hash}\",true"),
            Self::Block(hash) => format!("\"{hash}\",0"),
            Self::Tx(txid) => format!("\"{txid}\",false"),
            Self::Home(txid) => format!("\"{txid}\",true"),
            Self::ChainInfo | Self::NetworkInfo => String::new(),
        };
        write!(text, r#"{{"jsonrpc":"1.0","id":{id},"method":"{method}","params":[{params}]}}"#)
            .expect("text takes everything");
    }
}

/// A batch whose calls are numbered from `first_id`.
pub(crate) fn batch_text(requests: &[Request], first_id: u64) -> String {
    let mut text = String::with_capacity(160 * requests.len() + 2);
    text.push('[');
    for (request, id) in requests.iter().zip(first_id..) {
        if id > first_id {
            text.push(',');
        }
        request.put(id, &mut text);
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_numbers_its_calls() {
        let text = batch_text(&[Request::HashAt(5), Request::ChainInfo, Request::Block(BlockHash::ZERO)], 7);
        let zeros = "0".repeat(64);
        assert_eq!(
            text,
            [
                r#"[{"jsonrpc":"1.0","id":7,"method":"getblockhash","params":[5]},"#,
                r#"{"jsonrpc":"1.0","id":8,"method":"getblockchaininfo","params":[]},"#,
                &format!(r#"{{"jsonrpc":"1.0","id":9,"method":"getblock","params":["{zeros}",0]}}]"#),
            ]
            .concat()
        );
    }
}
