//! Whom statements name. What an actor is also called, and whom it is said to belong to, are statements too.

use serde::Deserialize;

use super::moment::Moment;
use super::source::Citation;

/// What sort of actor it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A state.
    State,
    /// A group that investigators gave a name, or that gave itself one.
    Group,
    /// Named persons.
    People,
    /// A description where there is no name.
    Unknown,
}

/// One actor.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// What statements call it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What sort it is.
    pub kind: ActorKind,
    /// Whom it is said to belong to.
    pub under: Option<Under>,
    /// What others call it.
    #[serde(default)]
    pub aliases: Vec<Alias>,
}

/// A statement that an actor belongs to another.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Under {
    /// The other's id.
    pub actor: String,
    /// Who says so.
    pub by: String,
    /// When.
    pub when: Option<Moment>,
    /// Where it was read.
    pub sources: Vec<Citation>,
}

/// A statement that two names mean the same actor.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The other name.
    pub name: String,
    /// Who says so.
    pub by: String,
    /// When.
    pub when: Option<Moment>,
    /// Where it was read.
    pub sources: Vec<Citation>,
}
