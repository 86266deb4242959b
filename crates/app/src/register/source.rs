//! Where a value of the register is from.

use std::fmt;

use serde::Deserialize;

/// What sort of source it is. Ordered as a reader would weigh them; the program does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// An authority's own text, or a copy of it.
    Official,
    /// A court's or a party's paper in court.
    Court,
    /// A company on its own affairs.
    Company,
    /// A newspaper or an agency.
    Press,
    /// An investigator with a name.
    Research,
    /// A blog.
    Blog,
    /// Labels of addresses.
    Labels,
    /// A program's text.
    Code,
    /// Somebody's collection of the above.
    Compilation,
}

impl SourceKind {
    /// The word for it in files and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Court => "court",
            Self::Company => "company",
            Self::Press => "press",
            Self::Research => "research",
            Self::Blog => "blog",
            Self::Labels => "labels",
            Self::Code => "code",
            Self::Compilation => "compilation",
        }
    }
}

/// One publication.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What citations call it.
    pub id: String,
    /// What sort it is.
    pub kind: SourceKind,
    /// Who, what, when.
    pub name: String,
    /// Where to look it up; says so where the place was not kept.
    pub at: String,
}

/// A reference to a source: its id, and the place within it where one is given (`tayvano: hacks-and-thefts/gate.md`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(from = "String")]
pub struct Citation {
    /// The source's id.
    pub source: String,
    /// The place within it.
    pub place: Option<String>,
}

impl From<String> for Citation {
    fn from(text: String) -> Self {
        match text.split_once(": ") {
            Some((source, place)) => Self { source: source.to_owned(), place: Some(place.to_owned()) },
            None => Self { source: text, place: None },
        }
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{}: {place}", self.source),
            None => f.write_str(&self.source),
        }
    }
}
