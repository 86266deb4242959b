//! The envelope of JSON-RPC: what a node answers, or why it does not.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The number of every question: one stands on a connection.
pub(super) const ID: u64 = 1;

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<ErrorText>,
}

#[derive(Deserialize)]
struct ErrorText {
    code: i64,
    #[serde(default)]
    message: String,
}

/// What an envelope holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<'a> {
    /// The JSON that was asked for.
    Result(&'a str),
    /// `null`.
    Nothing,
    /// An error.
    Error {
        /// Its number.
        code: i64,
        /// What it says, as it stands.
        said: String,
    },
}

/// What is sent.
pub(super) fn request(method: &str, parameters: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{ID},"method":"{method}","params":{parameters}}}"#)
}

/// Opens an answer; what is wrong with it, in words.
pub(super) fn open(text: &str) -> Result<Answer<'_>, String> {
    let Envelope { id, result, error } = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match (result, error) {
        (_, Some(ErrorText { code, message })) => Ok(Answer::Error { code, said: message }),
        _ if id != Some(ID) => Err("it answers another question".to_owned()),
        (Some(result), None) => Ok(Answer::Result(result.get())),
        (None, None) => Ok(Answer::Nothing),
    }
}

/// Whether an error says that the node does not offer the method: by its number, or where the number only says that
/// something went wrong, by its words.
pub(super) fn is_not_offered(code: i64, said: &str) -> bool {
    matches!(code, -32_601 | -32_004) || names_one_of(said, &["does not exist", "not supported", "method not found"])
}

/// Whether an error says that a contract failed, and not the node: by its number, or by the words of the machine that ran it.
pub(super) fn is_of_the_contract(code: i64, said: &str) -> bool {
    matches!(code, 3 | -32_015) || names_one_of(said, &CONTRACT_FAILED)
}

/// Whether an error says that the node threw the state away that it was asked for.
pub(super) fn is_state_gone(said: &str) -> bool {
    names_one_of(said, &STATE_GONE)
}

/// What nodes say where a contract failed; the number is -32000 there, like that of everything else.
const CONTRACT_FAILED: [&str; 9] = [
    "revert",
    "invalid opcode",
    "out of gas",
    "stack underflow",
    "stack limit",
    "invalid jump",
    "write protection",
    "evm error",
    "vm execution error",
];

/// What nodes say of states that they do not keep; the last one is Anvil's.
const STATE_GONE: [&str; 9] = [
    "missing trie node",
    "historical state",
    "state unavailable",
    "state is not available",
    "state not available",
    "no state available",
    "prun",
    "archive",
    "blockoutofrange",
];

fn names_one_of(said: &str, words: &[&str]) -> bool {
    let said = said.to_ascii_lowercase();
    words.iter().any(|words| said.contains(words))
}

/// Whether an error says that the node is asked too often (EIP-1474's number for it, and HTTP's).
pub(super) fn is_busy(code: i64) -> bool {
    matches!(code, -32_005 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_that_fails_a_state_that_is_gone_and_a_broken_node_are_told_apart() {
        for (code, said) in [
            (3, "execution reverted: no"),
            (-32_000, "execution reverted"),
            (-32_000, "invalid opcode: INVALID"),
            (-32_015, "VM execution error."),
            (-32_000, "EVM error InvalidFEOpcode"),
        ] {
            assert!(is_of_the_contract(code, said) && !is_state_gone(said), "{said}");
        }
        for said in [
            "missing trie node 00ab (path ) <nil>",
            "required historical state unavailable (reexec=128)",
            "historical state 0xab is not available",
            "state at block #5 is pruned",
            "No state available for block 5",
            "World state unavailable",
            "old data not available due to pruning",
            "this needs an archive node",
        ] {
            assert!(is_state_gone(said) && !is_of_the_contract(-32_000, said), "{said}");
        }
        let broken = "database is closed";
        assert!(!is_state_gone(broken) && !is_of_the_contract(-32_000, broken));
    }

    #[test]
    fn an_answer_is_a_result_nothing_or_an_error() {
        assert_eq!(open(r#"{"jsonrpc":"2.0","id":1,"result":{"a":[1]}}"#), Ok(Answer::Result(r#"{"a":[1]}"#)));
        assert_eq!(open(r#"{"id":1,"result":null}"#), Ok(Answer::Nothing));
        let refused = open(r#"{"id":null,"error":{"code":-32601,"message":"no"}}"#);
        assert_eq!(refused, Ok(Answer::Error { code: -32_601, said: "no".to_owned() }));
        for text in ["", "null", "[]", r#"{"id":2,"result":1}"#, r#"{"id":1,"result":1,"result":2}"#, r#"{"result":1}"#]
        {
            assert!(open(text).is_err(), "{text}");
        }
    }
}
