//! One TOML file read to keys and values with the lines they stand on.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A longer file is no configuration of ours.
pub const LENGTH_MAX: u64 = 1 << 20;

/// A key with its value as the command line would have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Tables joined with dots: `ingest.rpc`.
    pub key: String,
    /// The text, the digits, or the words of a list with commas between.
    pub value: String,
    /// From one.
    pub line: usize,
}

/// One mistake of the configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file; none for a variable of the environment.
    pub file: Option<PathBuf>,
    /// Line in the file, from one.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A mistake in a file.
    #[must_use]
    pub fn at(file: &Path, line: usize, what: String) -> Self {
        Self { file: Some(file.to_owned()), line: Some(line), what, hint: None }
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("`{}` line {line}", file.display()),
            (Some(file), None) => format!("`{}`", file.display()),
            (None, _) => "the environment".to_owned(),
        }
    }
}

/// The entries of a file in its order, and what is wrong with it.
#[must_use]
pub fn entries(file: &Path, text: &str) -> (Vec<Entry>, Vec<Problem>) {
    let line = |offset: usize| 1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|&&b| b == b'\n').count();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    match DeTable::parse(text) {
        Ok(table) => collect(table.get_ref(), "", &mut |key, value, offset| match value {
            Ok(value) => found.push(Entry { key, value, line: line(offset) }),
            Err(got) => {
                let what = format!("`{key}` is {got}: expected text, a whole number or a list of words");
                problems.push(Problem::at(file, line(offset), what));
            }
        }),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            problems.push(Problem::at(file, line(offset), format!("not TOML: {}", error.message())));
        }
    }
    found.sort_by_key(|entry| entry.line);
    (found, problems)
}

/// Walks a table; tables below it lengthen the key.
fn collect<'t>(table: &DeTable<'t>, prefix: &str, each: &mut impl FnMut(String, Result<String, &'static str>, usize)) {
    for (name, value) in table.iter() {
        let key = format!("{prefix}{}", name.get_ref());
        match value.get_ref() {
            DeValue::Table(below) => collect(below, &format!("{key}."), each),
            _ => each(key, plain(value), name.span().start),
        }
    }
}

/// A value as the command line would have it, or what it is instead.
fn plain(value: &Spanned<DeValue<'_>>) -> Result<String, &'static str> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Array(words) => {
            let words: Result<Vec<String>, _> = words
                .iter()
                .map(|word| word.get_ref().as_str().map(str::to_owned).ok_or("a list of other things"))
                .collect();
            Ok(words?.join(","))
        }
        other => Err(other.type_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_and_lines_are_read() {
        let text = "store = \"/s\"\n\n[trace]\nrule = [\"fifo\", \"lifo\"]\nstop_confidence = 60\n";
        let (found, problems) = entries(Path::new("c.toml"), text);
        let told: Vec<_> = found.iter().map(|entry| (entry.key.as_str(), entry.value.as_str(), entry.line)).collect();
        assert_eq!(told, [("store", "/s", 1), ("trace.rule", "fifo,lifo", 4), ("trace.stop_confidence", "60", 5)]);
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn what_is_no_configuration_is_named_by_its_line() {
        let told = |text| {
            let (_, problems) = entries(Path::new("c.toml"), text);
            problems.into_iter().map(|problem| (problem.line, problem.what)).collect::<Vec<_>>()
        };
        assert_eq!(
            told("a = 1\nstore = 1.5\n"),
            [(Some(2), "`store` is float: expected text, a whole number or a list of words".to_owned())]
        );
        assert!(
            told("store = \"x\nb = 1")
                .first()
                .is_some_and(|(line, what)| *line == Some(1) && what.starts_with("not TOML: "))
        );
        assert!(told(&"[".repeat(100_000)).len() == 1, "nesting ends in an error");
    }
}
