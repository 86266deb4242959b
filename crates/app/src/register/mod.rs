//! The register: thefts and other illicit income of public record, as data that the program ships.
//!
//! It says what sources say, and nothing else: figures that contradict each other stand side by side, nobody is
//! declared guilty, and every value rests on a citation. In reading order: how precise a time is ([`moment`]), where a
//! value is from ([`source`]), whom statements name ([`actor`]) and what they say ([`statement`]), an incident
//! ([`incident`]) and what is claimed about it, line by line ([`said`]), how the files are read ([`read`]), how
//! incidents are ordered and chosen ([`choose`]), and the founding case in full ([`coincheck`]) with its [`timeline`].
//! docs/register.md describes the files.

pub mod actor;
pub mod choose;
pub mod coincheck;
pub mod incident;
pub mod moment;
pub mod read;
pub mod said;
pub mod source;
pub mod statement;
pub mod timeline;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use actor::Actor;
pub use choose::Choice;
pub use incident::{Anchor, Incident, Kind};
pub use moment::Moment;
pub use read::RegisterError;
pub use said::Said;
pub use source::{Citation, Source};
pub use statement::{Attribution, Firmly, Part};

/// Every file that ships, by the name it is known by in errors.
const FILES: [(&str, &str); 12] = [
    ("register/sources.toml", include_str!("../../data/register/sources.toml")),
    ("register/actors.toml", include_str!("../../data/register/actors.toml")),
    ("register/2011-2016.toml", include_str!("../../data/register/2011-2016.toml")),
    ("register/2017.toml", include_str!("../../data/register/2017.toml")),
    ("register/2018.toml", include_str!("../../data/register/2018.toml")),
    ("register/2019-2020.toml", include_str!("../../data/register/2019-2020.toml")),
    ("register/2021.toml", include_str!("../../data/register/2021.toml")),
    ("register/2022.toml", include_str!("../../data/register/2022.toml")),
    ("register/2023.toml", include_str!("../../data/register/2023.toml")),
    ("register/2024.toml", include_str!("../../data/register/2024.toml")),
    ("register/2025-2026.toml", include_str!("../../data/register/2025-2026.toml")),
    ("coincheck/statements.toml", include_str!("../../data/coincheck/statements.toml")),
];

/// Incidents with what they rest on.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Register {
    /// In the order of [`choose::rank`]: largest first.
    pub incidents: Vec<Incident>,
    /// By id.
    pub sources: BTreeMap<String, Source>,
    /// By id.
    pub actors: BTreeMap<String, Actor>,
}

impl Register {
    /// The register that ships with the program, read once.
    ///
    /// # Panics
    /// When the shipped files are wrong: a test reads them all.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Register> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::read(&FILES).expect("a test reads every file that ships"))
    }

    /// The incident with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Incident> {
        self.incidents.iter().find(|incident| incident.id == id)
    }

    /// An actor's name; its id where the register has no such actor, which [`Register::read`] excludes.
    #[must_use]
    pub fn actor_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.actors.get(id).map_or(id, |actor| &actor.name)
    }

    /// The citations that a value rests on: its own, else those of the incident as a whole.
    #[must_use]
    pub fn citations<'a>(incident: &'a Incident, own: &'a [Citation]) -> &'a [Citation] {
        if own.is_empty() { &incident.sources } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_ships_is_read_and_rests_on_its_sources() {
        let register = Register::read(&FILES).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(register.incidents.len(), 79);
        let case = register.find("coincheck-2018").expect("the founding case");
        assert!(case.attributions.len() >= 6, "its statements are read into it");
    }
}
