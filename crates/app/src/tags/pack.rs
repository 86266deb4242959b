//! A tag pack read by its rules: source and confidence on every tag, header fields inherited, every
//! mistake named by its line. A pack is taken whole or not at all.

use std::collections::BTreeSet;
use std::fmt;

use super::confidence::Confidence;
use super::fields::{At, Fields, MAX_BYTES, limits};
use super::network::TagNetwork;
use super::reader::read_tag;

/// What a tag is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// An address, in its network's canonical form where we know the network.
    Address(String),
    /// A transaction's hash.
    Tx(String),
}

impl Subject {
    /// The address or hash.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Address(text) | Self::Tx(text) => text,
        }
    }
}

/// One sourced label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// The line of the pack it begins on.
    pub line: u32,
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub label: String,
    /// Who says so: a place where a reader can look it up.
    pub source: String,
    /// How far the pack's author trusts it.
    pub confidence: Confidence,
    /// Ticker as written.
    pub currency: String,
    /// Where the subject lives.
    pub network: TagNetwork,
    /// Day of the last change, as written.
    pub lastmod: Option<String>,
    /// One word of the field's taxonomy: `exchange`, `mixing_service`.
    pub category: Option<String>,
    /// Kind of abuse the subject is tagged for, if any.
    pub abuse: Option<String>,
    /// Ids of taxonomy concepts.
    pub concepts: Vec<String>,
    /// Id in an actor pack.
    pub actor: Option<String>,
    /// Free context, as JSON.
    pub context: Option<String>,
    /// Whether the author says it holds for the subject's whole cluster.
    pub is_cluster_definer: bool,
}

/// A pack whose every tag keeps the rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pack {
    /// What the pack calls itself.
    pub title: String,
    /// Who made it.
    pub creator: String,
    /// What it is about.
    pub description: Option<String>,
    /// In the order written.
    pub tags: Vec<Tag>,
    /// What was odd but no reason to refuse: unknown fields, repeated tags.
    pub warnings: Vec<Problem>,
    /// Tags left out on the caller's wish, with the reason. Empty unless [`Reading::skip_invalid`].
    pub skipped: Vec<Problem>,
}

/// One mistake and where it stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// Line of the pack, from one; zero for the pack as a whole.
    pub line: u32,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

/// Why a pack was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// Too many bytes to look at.
    #[error("the pack has {got} bytes; at most {MAX_BYTES} are read")]
    TooLarge {
        /// Its size.
        got: u64,
    },
    /// Not UTF-8.
    #[error("the pack is not UTF-8 text: byte {offset} does not fit")]
    NotText {
        /// The first byte that does not fit.
        offset: usize,
    },
    /// Not YAML of a pack's shape, or past a limit.
    #[error("line {line}, column {column}: {what}")]
    Yaml {
        /// From one.
        line: u64,
        /// From one.
        column: u64,
        /// What the parser says.
        what: String,
    },
    /// Some tags break the rules; none was taken.
    #[error("{} of the pack's tags or header fields break its rules; nothing was imported", problems.len())]
    Refused {
        /// Every mistake, by line.
        problems: Vec<Problem>,
    },
}

/// How to check a subject: network and text in, canonical text or the reason out.
pub type CheckAddress<'a> = &'a dyn Fn(&TagNetwork, &str) -> Result<String, String>;

/// What the importer adds or allows.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Checks addresses of networks we know; others are kept as written.
    pub check_address: CheckAddress<'a>,
    /// Used where neither tag nor header has a confidence: the importer's own judgement.
    pub confidence: Option<Confidence>,
    /// Leave invalid tags out instead of refusing the pack.
    pub skip_invalid: bool,
}

impl Pack {
    /// Reads a pack from its bytes.
    ///
    /// Bounded in time and memory whatever the bytes: size, nodes, nesting and aliases have limits.
    ///
    /// # Errors
    /// [`PackError::Refused`] lists every tag that breaks a rule; the others name the first place where the
    /// bytes are no pack.
    pub fn read(bytes: &[u8], reading: &Reading<'_>) -> Result<Self, PackError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > MAX_BYTES {
            return Err(PackError::TooLarge { got: size });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| PackError::NotText { offset: error.valid_up_to() })?;
        let header: Fields = serde_saphyr::from_str_with_options(text, limits()).map_err(|error| yaml(&error))?;
        assemble(header, reading)
    }
}

fn yaml(error: &serde_saphyr::Error) -> PackError {
    let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
    let text = error.to_string();
    let first = text.lines().next().unwrap_or("not YAML").trim_start_matches("error: ");
    let bare = first.strip_suffix(&format!(" at line {line}, column {column}")).unwrap_or(first);
    // What follows advises programmers, not the author of the pack.
    let what = [", set DuplicateKeyPolicy", "; use from_str_multiple", "; use Option"]
        .iter()
        .fold(bare, |what, advice| what.split(advice).next().unwrap_or(what));
    PackError::Yaml { line, column, what: what.to_owned() }
}

/// Applies the rules and collects every breach.
fn assemble(mut header: Fields, reading: &Reading<'_>) -> Result<Pack, PackError> {
    let mut problems = header_problems(&header);
    let mut skipped = Vec::new();
    let mut tags = Vec::new();
    let raw = header.tags.take().unwrap_or_default();
    let mut warnings = unknown_fields(&header);
    for item in &raw {
        warnings.extend(unknown_fields(&item.value));
        match read_tag(item, &header, reading) {
            Ok(tag) => tags.push(tag),
            Err(reasons) if reading.skip_invalid => skipped.extend(reasons),
            Err(reasons) => problems.extend(reasons),
        }
    }
    if !problems.is_empty() {
        problems.sort();
        return Err(PackError::Refused { problems });
    }
    warnings.extend(drop_repeated(&mut tags));
    let text = |name: &str| header.get(name).map(|at| at.value.trim().to_owned());
    Ok(Pack {
        title: text("title").unwrap_or_default(),
        creator: text("creator").unwrap_or_default(),
        description: text("description"),
        tags,
        warnings,
        skipped,
    })
}

fn header_problems(header: &Fields) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in ["title", "creator"] {
        if header.get(name).is_none() {
            problems.push(Problem { line: 0, what: format!("the header has no `{name}`") });
        }
    }
    match &header.tags {
        None => problems.push(Problem { line: 0, what: no_tags(header) }),
        Some(tags) if tags.is_empty() => problems.push(Problem { line: 0, what: "the pack's `tags` are empty".into() }),
        Some(_) => {}
    }
    for name in ["address", "tx_hash"] {
        if let Some(at) = header.get(name) {
            problems.push(Problem { line: at.line, what: format!("`{name}` belongs in a tag, not in the header") });
        }
    }
    problems
}

fn no_tags(header: &Fields) -> String {
    let is_actor_pack = header.unknown.iter().any(|at| at.value == "actors");
    if is_actor_pack { "this is an actor pack: it has `actors`, no `tags`" } else { "the pack has no `tags`" }
        .to_owned()
}

fn unknown_fields(fields: &Fields) -> Vec<Problem> {
    let tell = |at: &At<String>| {
        let include = if at.value == "header" { " (`!include` is not followed)" } else { "" };
        Problem { line: at.line, what: format!("unknown field `{}` is ignored{include}", at.value) }
    };
    fields.unknown.iter().map(tell).collect()
}

/// Removes tags that say exactly what an earlier one says.
fn drop_repeated(tags: &mut Vec<Tag>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut warnings = Vec::new();
    tags.retain(|tag| {
        let new = seen.insert((tag.subject.clone(), tag.network.name.clone(), tag.label.clone(), tag.source.clone()));
        if !new {
            warnings
                .push(Problem { line: tag.line, what: format!("`{}` is tagged the same twice", tag.subject.text()) });
        }
        new
    });
    warnings
}
