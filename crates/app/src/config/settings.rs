//! The settings there are, and where the value of each is from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::file::{self, Entry, Problem};
use super::folders::Folders;

/// What may be set, and for which option it then stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its key in the file: `ingest.rpc`.
    pub key: &'static str,
    /// Its variable in the environment.
    pub variable: &'static str,
    /// The verbs whose option it is; none for an option of every verb.
    pub verbs: &'static [&'static str],
    /// The option.
    pub option: &'static str,
    /// Whether its value is a path: one in the file is taken relative to the file, `~/` is the user's home.
    pub is_path: bool,
}

const fn setting(key: &'static str, variable: &'static str, verbs: &'static [&'static str]) -> Setting {
    // The option is called as the last part of the key is.
    let bytes = key.as_bytes();
    let mut from = bytes.len();
    while from > 0 && bytes[from - 1] != b'.' {
        from -= 1;
    }
    let (_, option) = key.split_at(from);
    Setting { key, variable, verbs, option, is_path: false }
}

const fn path(setting: Setting) -> Setting {
    Setting { is_path: true, ..setting }
}

/// Every setting.
pub const ALL: [Setting; 14] = [
    path(setting("store", "COINHOUND_STORE", &[])),
    setting("case", "COINHOUND_CASE", &[]),
    setting("format", "COINHOUND_FORMAT", &[]),
    setting("network", "COINHOUND_NETWORK", &["ingest"]),
    path(setting("ingest.blocks", "COINHOUND_BLOCKS", &["ingest"])),
    setting("ingest.rpc", "COINHOUND_RPC", &["ingest"]),
    setting("ingest.rpc_user", "COINHOUND_RPC_USER", &["ingest"]),
    path(setting("ingest.rpc_cookie", "COINHOUND_RPC_COOKIE", &["ingest"])),
    setting("ingest.poll", "COINHOUND_POLL", &["ingest"]),
    setting("trace.rule", "COINHOUND_RULE", &["trace"]),
    setting("trace.stop", "COINHOUND_STOP", &["trace", "source"]),
    setting("trace.stop_confidence", "COINHOUND_STOP_CONFIDENCE", &["trace", "source"]),
    setting("trace.dust", "COINHOUND_DUST", &["trace", "source"]),
    setting("trace.threads", "COINHOUND_THREADS", &["trace"]),
];

/// Where a value is from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File {
        /// Which.
        path: PathBuf,
        /// From one.
        line: usize,
    },
    /// A variable of the environment.
    Environment(&'static str),
}

/// A setting that somebody set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// Which setting.
    pub setting: Setting,
    /// Its value as the command line would have it.
    pub value: OsString,
    /// Where it is from.
    pub origin: Origin,
}

/// What file and environment say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// The configuration file, where there is one or could be one.
    pub file: Option<PathBuf>,
    /// Whether it exists.
    pub exists: bool,
    /// What is set, in the order of [`ALL`].
    pub chosen: Vec<Chosen>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Settings {
    /// Reads the configuration file and the environment.
    #[must_use]
    pub fn read(folders: &Folders) -> Self {
        let named = variable("COINHOUND_CONFIG").map(PathBuf::from);
        let must_exist = named.is_some();
        let file = named.or_else(|| folders.config().map(Path::to_owned));
        let (text, problem) = file.as_deref().map_or((None, None), |file| read(file, must_exist));
        let mut settings = Self { exists: text.is_some(), file, ..Self::default() };
        settings.problems.extend(problem);
        let entries = settings.entries(text.as_deref().unwrap_or_default());
        settings.chosen = ALL.iter().filter_map(|setting| settings.choose(*setting, &entries, folders)).collect();
        settings
    }

    /// The file's entries that are settings; the others are problems.
    fn entries(&mut self, text: &str) -> Vec<Entry> {
        let Some(path) = self.file.clone() else { return Vec::new() };
        let (entries, problems) = file::entries(&path, text);
        self.problems.extend(problems);
        let known = |entry: &Entry| ALL.iter().any(|setting| setting.key == entry.key);
        self.problems.extend(entries.iter().filter(|entry| !known(entry)).map(|entry| unknown(&path, entry)));
        entries.into_iter().filter(known).collect()
    }

    /// The value that counts: of the environment, else of the file.
    fn choose(&self, setting: Setting, entries: &[Entry], folders: &Folders) -> Option<Chosen> {
        if let Some(value) = variable(setting.variable) {
            return Some(Chosen { setting, value, origin: Origin::Environment(setting.variable) });
        }
        let entry = entries.iter().find(|entry| entry.key == setting.key)?;
        let path = self.file.clone()?;
        let value = if setting.is_path { whole_path(&entry.value, &path, folders) } else { entry.value.clone().into() };
        Some(Chosen { setting, value, origin: Origin::File { path, line: entry.line } })
    }

    /// What is set for a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Chosen> {
        self.chosen.iter().find(|chosen| chosen.setting.key == key)
    }
}

/// A variable that says something.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The file's text, none where there is no file and need not be one.
fn read(file: &Path, must_exist: bool) -> (Option<String>, Option<Problem>) {
    let problem = |what: String| Some(Problem { file: Some(file.to_owned()), line: None, what, hint: None });
    let length = std::fs::metadata(file).map(|data| data.len());
    if let Ok(length) = length
        && length > file::LENGTH_MAX
    {
        return (None, problem(format!("it has {length} bytes, a configuration at most {}", file::LENGTH_MAX)));
    }
    match std::fs::read_to_string(file) {
        Ok(text) => (Some(text), None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => (None, None),
        Err(error) => (None, problem(format!("it cannot be read: {error}"))),
    }
}

fn whole_path(value: &str, file: &Path, folders: &Folders) -> OsString {
    if let Some((home, rest)) = folders.home().zip(value.strip_prefix("~/")) {
        return home.join(rest).into();
    }
    file.parent().unwrap_or(Path::new("")).join(value).into()
}

fn unknown(file: &Path, entry: &Entry) -> Problem {
    let problem = Problem::at(file, entry.line, format!("`{}` is not a setting", entry.key));
    if entry.key.to_ascii_lowercase().contains("password") {
        let hint = "a password is kept in no file of ours: set COINHOUND_RPC_PASSWORD, or use the node's cookie";
        return Problem { hint: Some(hint.to_owned()), ..problem };
    }
    let near = ALL.iter().map(|setting| (distance(&entry.key, setting.key), setting.key)).min();
    let hint = near.filter(|(distance, _)| *distance <= 2).map(|(_, key)| format!("did you mean `{key}`?"));
    Problem { hint: hint.or_else(|| Some("`coinhound config show` lists the settings".to_owned())), ..problem }
}

/// How many letters must be added, taken away or changed to make one word of another.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().take(64).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (to, other) in b.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[to + 1];
            row[to + 1] = changed.min(corner + 1).min(row[to] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_called_as_the_last_part_of_its_key() {
        let option = |key: &str| ALL.iter().find(|setting| setting.key == key).map(|setting| setting.option);
        assert_eq!(option("store"), Some("store"));
        assert_eq!(option("ingest.rpc_cookie"), Some("rpc_cookie"));
    }

    #[test]
    fn a_mistyped_key_is_told_what_was_meant() {
        let hint = |key: &str| {
            let entry = Entry { key: key.to_owned(), value: String::new(), line: 1 };
            unknown(Path::new("c.toml"), &entry).hint.unwrap_or_default()
        };
        assert_eq!(hint("stroe"), "did you mean `store`?");
        assert_eq!(hint("ingest.rcp"), "did you mean `ingest.rpc`?");
        assert!(hint("ingest.rpc_password").contains("COINHOUND_RPC_PASSWORD"));
        assert!(hint("colour").contains("config show"));
    }

    #[test]
    fn distances_count_letters() {
        assert_eq!(
            [distance("abc", "abc"), distance("abc", "abd"), distance("ab", "abc"), distance("", "abc")],
            [0, 1, 1, 3]
        );
    }
}
