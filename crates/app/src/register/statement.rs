//! Who said who it was, when, and how firmly. The register repeats it and takes no side.

use serde::Deserialize;

use super::moment::Moment;
use super::source::Citation;

/// How firmly a statement names its actor: what was said, never how true it is. docs/register.md defines each word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Firmly {
    /// Says that it was not this actor.
    Denied,
    /// Says that it may have been.
    Suspected,
    /// Says outright that it was, outside any proceeding.
    Claimed,
    /// Police or prosecutors proceed against a named person: an arrest, a public accusation.
    Accused,
    /// A prosecutor says so in a court paper that charges nobody, such as a complaint for forfeiture.
    Alleged,
    /// Charged with a crime, by indictment or complaint; not tried.
    Indicted,
    /// Put on a sanctions list for it, an administrative act.
    Sanctioned,
    /// The actor itself says so.
    Confessed,
    /// A court found so or sentenced for it.
    Convicted,
}

impl Firmly {
    /// The word for it in files and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Suspected => "suspected",
            Self::Claimed => "claimed",
            Self::Accused => "accused",
            Self::Alleged => "alleged",
            Self::Indicted => "indicted",
            Self::Sanctioned => "sanctioned",
            Self::Confessed => "confessed",
            Self::Convicted => "convicted",
        }
    }
}

/// What the actor is said to have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Carried it out.
    #[default]
    Did,
    /// Moved or sold what came of it.
    Laundered,
}

impl Part {
    /// The word for it in files and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Did => "did",
            Self::Laundered => "laundered",
        }
    }
}

/// One statement about who it was.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// The actor's id.
    pub actor: String,
    /// How firmly.
    pub firmly: Firmly,
    /// What the actor is said to have done.
    #[serde(default)]
    pub part: Part,
    /// Who says so.
    pub by: String,
    /// When; not known where nothing stands.
    pub when: Option<Moment>,
    /// What it rests on, as far as that was told.
    pub basis: Option<String>,
    /// Why it cannot be right, where that is plain.
    pub refuted: Option<String>,
    /// Why it should be read with care.
    pub doubt: Option<String>,
    /// Where it was read; the incident's sources where nothing stands.
    #[serde(default)]
    pub sources: Vec<Citation>,
}
