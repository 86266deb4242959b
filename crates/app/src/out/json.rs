//! JSON whose text is exact and still safe to print: hidden characters are written as `\uXXXX`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::text;

/// Writes as the printer within does, hidden characters escaped.
struct Safe<F>(F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut units = [0; 2];
        for c in fragment.chars() {
            if text::is_hidden(c) {
                c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            } else {
                write!(out, "{c}")?;
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }
    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }
    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// The value as indented JSON with a line break at its end.
///
/// # Panics
/// When a map's key is not text: a bug of the type's author.
pub fn pretty<T: Serialize + ?Sized>(value: &T) -> String {
    print(value, PrettyFormatter::new())
}

/// The value as JSON on one line: one event of a stream.
///
/// # Panics
/// When a map's key is not text: a bug of the type's author.
pub fn line<T: Serialize + ?Sized>(value: &T) -> String {
    print(value, CompactFormatter)
}

fn print<T: Serialize + ?Sized>(value: &T, form: impl Formatter) -> String {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, Safe(form));
    value.serialize(&mut writer).expect("our types have text keys, and memory takes every byte");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("serde_json writes UTF-8")
}

/// The value as canonical JSON: keys sorted, no spaces. What a finding's id is the hash of.
///
/// # Panics
/// When a map's key is not text: a bug of the type's author.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = String::new();
    write_canonical(&serde_json::to_value(value).expect("our types have text keys"), &mut out);
    out
}

/// Sorts keys itself: whether serde_json's map is sorted depends on a feature any crate may turn on.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => delimited('[', ']', items.iter(), out, write_canonical),
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            delimited('{', '}', sorted.into_iter(), out, |(key, item), out| {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(item, out);
            });
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn delimited<T>(
    open: char,
    close: char,
    items: impl Iterator<Item = T>,
    out: &mut String,
    write: impl Fn(T, &mut String),
) {
    out.push(open);
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_exactly_and_prints_safely() {
        let hostile = "\u{1b}[31m\u{202e}\u{9b}\u{e0041}\"\\é";
        let json = pretty(&serde_json::json!({ "label": hostile }));
        assert!(json.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{json:?}");
        let back: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(back["label"], hostile);
    }

    #[test]
    fn canonical_json_sorts_keys() {
        #[derive(Serialize)]
        struct Claim {
            z: u8,
            a: &'static str,
        }
        assert_eq!(canonical(&Claim { z: 1, a: "x" }), r#"{"a":"x","z":1}"#);
    }
}
