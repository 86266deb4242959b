//! A batch's answers as JSON: taken apart without recursion, matched to their calls by id.
//!
//! Results stay text until they are wanted, so that nothing is built of what nobody asked for: however
//! deep or long a lie is nested, reading it takes its length in time and no memory.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) result: Option<&'a RawValue>,
    pub(crate) error: Option<&'a RawValue>,
}

/// What an answer to a batch can be.
#[derive(Debug)]
pub(crate) enum Reply<'a> {
    /// One answer for each call, it should be.
    Batch {
        /// The answers, at most one more than the calls.
        answers: Vec<Answer<'a>>,
    },
    /// One answer for the whole.
    Single(Answer<'a>),
}

/// What a node says of a call that failed.
#[derive(Debug, Deserialize)]
pub(crate) struct NodeError<'a> {
    pub(crate) code: i64,
    #[serde(default, borrow)]
    pub(crate) message: Option<Cow<'a, str>>,
}

impl<'a> Reply<'a> {
    /// Takes apart an answer to `calls` calls.
    pub(crate) fn parse(text: &'a [u8], calls: usize) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let reply = json.deserialize_any(ReplyVisitor { calls })?;
        json.end()?;
        Ok(reply)
    }
}

struct ReplyVisitor {
    calls: usize,
}

impl<'de> Visitor<'de> for ReplyVisitor {
    type Value = Reply<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of answers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut answers = Vec::with_capacity(self.calls);
        while answers.len() <= self.calls {
            match list.next_element()? {
                Some(answer) => answers.push(answer),
                None => return Ok(Reply::Batch { answers }),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Reply::Batch { answers })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        AnswerVisitor.visit_map(map).map(Reply::Single)
    }
}

impl<'de> Deserialize<'de> for Answer<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(AnswerVisitor)
    }
}

struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = Answer<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer with `id` and `result` or `error`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // `None` where the key has not been met, `Some(None)` where it says `null`.
        let [mut id, mut result, mut error] = [None; 3];
        while let Some(key) = map.next_key::<Key>()? {
            let slot = match key {
                Key::Id => &mut id,
                Key::Result => &mut result,
                Key::Error => &mut error,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if slot.replace(map.next_value::<Option<&RawValue>>()?).is_some() {
                return Err(serde::de::Error::custom("a key stands twice in one answer"));
            }
        }
        Ok(Answer { id: id.flatten(), result: result.flatten(), error: error.flatten() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    Id,
    Result,
    Error,
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stay_text_until_wanted() {
        let text = br#"[{"result":"ab","error":null,"id":1},{"jsonrpc":"2.0","error":{"code":-5},"id":0}]"#;
        let Ok(Reply::Batch { answers }) = Reply::parse(text, 2) else { panic!("a list") };
        assert_eq!(answers[0].result.map(RawValue::get), Some("\"ab\""));
        assert!(answers[0].error.is_none() && answers[1].result.is_none());
        assert_eq!(answers[1].error.map(RawValue::get), Some(r#"{"code":-5}"#));
    }

    #[test]
    fn a_list_keeps_one_answer_more_than_calls() {
        let text = format!("[{}{{}}]", "{},".repeat(100_000));
        let Ok(Reply::Batch { answers }) = Reply::parse(text.as_bytes(), 3) else { panic!("a list") };
        assert_eq!(answers.len(), 4);
    }

    #[test]
    fn deep_nesting_neither_recurses_nor_passes() {
        for (open, close) in [("[", "]"), (r#"[{"result":"#, ""), (r#"{"x":"#, ""), ("[[{", "")] {
            let text = open.repeat(100_000) + &close.repeat(100_000);
            assert!(Reply::parse(text.as_bytes(), 1).is_err(), "{open}");
        }
        let deep = format!(r#"[{{"id":0,"result":{}{}}}]"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(Reply::parse(deep.as_bytes(), 1).is_ok(), "kept as text");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for text in [
            "",
            "null",
            "7",
            "\"x\"",
            "[1]",
            "[[1,2,3]]",
            "[{}",
            "[{}]x",
            r#"[{"id":1,"id":2}]"#,
            r#"[{"result":null,"result":7}]"#,
            "{\"\":}",
        ] {
            assert!(Reply::parse(text.as_bytes(), 1).is_err(), "{text}");
        }
        assert!(matches!(Reply::parse(br#"{"error":{"code":1}}"#, 1), Ok(Reply::Single(_))));
    }
}
