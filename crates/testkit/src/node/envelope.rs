//! Lies about a batch: true answers come in, and the JSON that is said goes out.

use serde_json::{Map, Value, json};

use crate::node::lie::Lie;
use crate::node::truth::{Asked, Outcome};

/// How deep a lie nests.
const DEPTH: usize = 100_000;

/// The answers to a batch, told truly or not.
pub(crate) fn envelope(lie: Option<Lie>, asked: &[Asked], outcomes: Vec<Outcome>) -> String {
    let mut answers: Vec<Value> = asked.iter().zip(outcomes).map(|(asked, outcome)| answer(asked, outcome)).collect();
    let last = answers.len() - 1;
    match lie {
        Some(Lie::MissingAnswer) => drop(answers.pop()),
        Some(Lie::ExtraAnswer) => answers.push(answers[last].clone()),
        Some(Lie::SameId) if last == 0 => answers.push(answers[0].clone()),
        Some(Lie::SameId) => answers[last]["id"] = answers[0]["id"].clone(),
        Some(Lie::ForeignId) => answers[last]["id"] = json!(answers[last]["id"].as_u64().unwrap_or(0) + 1_000_000),
        Some(Lie::NoId) => drop(object(&mut answers[last]).remove("id")),
        Some(Lie::TextId) => answers[last]["id"] = json!(answers[last]["id"].to_string()),
        Some(Lie::NoList) => return answers[0].to_string(),
        Some(Lie::ErrorWithoutCode) => {
            answers[last] = json!({ "id": answers[last]["id"], "error": { "message": "no" } })
        }
        Some(Lie::NullResult) => answers[last]["result"] = Value::Null,
        Some(Lie::NumberResult) => answers[last]["result"] = json!(7),
        Some(Lie::DeepResult) => return deep_result(&answers),
        Some(Lie::DeepAnswer) => return "[".repeat(DEPTH) + &"]".repeat(DEPTH),
        Some(Lie::TwoResults) => {
            return Value::Array(answers).to_string().replacen(r#""result":"#, r#""result":null,"result":"#, 1);
        }
        _ => {}
    }
    Value::Array(answers).to_string()
}

fn answer(asked: &Asked, outcome: Outcome) -> Value {
    match outcome {
        Ok(result) => json!({ "result": result, "error": null, "id": asked.id }),
        Err((code, message)) => {
            json!({ "result": null, "error": { "code": code, "message": message }, "id": asked.id })
        }
    }
}

fn object(answer: &mut Value) -> &mut Map<String, Value> {
    answer.as_object_mut().expect("every answer is an object")
}

fn deep_result(answers: &[Value]) -> String {
    let (open, close) = ("[".repeat(DEPTH), "]".repeat(DEPTH));
    let texts = answers.iter().map(|answer| format!(r#"{{"id":{},"result":{open}{close}}}"#, answer["id"]));
    format!("[{}]", texts.take(1).chain(answers.iter().skip(1).map(Value::to_string)).collect::<Vec<_>>().join(","))
}
