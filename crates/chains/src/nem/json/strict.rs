//! JSON in which no key stands twice in one object: else two readers of one text could read two things.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a text; as deep as `serde_json` goes, which is 128.
pub(super) fn value(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((key, Strict(value))) = object.next_entry::<String, Strict>()? {
            if fields.contains_key(&key) {
                let key: String = key.escape_debug().take(40).collect();
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice in one object")));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_serde_json_reads() {
        for text in [
            r#"{"a":[1,-2,1.5,true,null,"x\n",{}],"b":{"a":18446744073709551615},"c":18446744073709551616}"#,
            "[]",
            " 7 ",
        ] {
            assert_eq!(value(text).expect("JSON"), serde_json::from_str::<Value>(text).expect("JSON"));
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_named_and_deep_nesting_is_refused() {
        let error = value(r#"{"data":[{"amount":1,"fee":2,"amount":1}]}"#).expect_err("twice");
        assert!(error.to_string().starts_with("the key `amount` stands twice in one object"), "{error}");
        assert!(value(r#"{"a":1,"\u0061":2}"#).is_err(), "the same key, written otherwise");
        assert!(value(&"[".repeat(100_000)).is_err());
        assert!(value("{} {}").is_err() && value("").is_err());
    }
}
