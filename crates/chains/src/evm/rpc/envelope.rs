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
    matches!(code, -32_601 | -32_004)
        || ["does not exist", "not supported", "method not found"]
            .iter()
            .any(|words| said.to_ascii_lowercase().contains(words))
}

/// Whether an error says that the node is asked too often (EIP-1474's number for it, and HTTP's).
pub(super) fn is_busy(code: i64) -> bool {
    matches!(code, -32_005 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;

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
