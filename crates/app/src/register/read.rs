//! Reading the register's files: strict, so that a slip of the pen is an error and not a missing fact.

use serde::Deserialize;

use super::Register;
use super::actor::Actor;
use super::choose::rank;
use super::incident::{Incident, Lost};
use super::source::{Citation, Source};
use super::statement::Attribution;

/// Why files are not a register.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Not TOML of a register's form: an unknown key, a wrong word, a missing field.
    #[error("`{file}` is not a file of the register")]
    Form {
        /// Which file.
        file: String,
        /// Line, column and what was expected.
        source: toml::de::Error,
    },
    /// A value that cannot stand.
    #[error("`{file}`, {place}: {what}")]
    Value {
        /// Which file.
        file: String,
        /// Which entry.
        place: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What one file may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    source: Vec<Source>,
    #[serde(default)]
    actor: Vec<Actor>,
    #[serde(default)]
    incident: Vec<Incident>,
    /// The incident that the file's statements are about.
    of: Option<String>,
    #[serde(default)]
    attribution: Vec<Attribution>,
}

impl Register {
    /// Reads files, each given as its name and its text, in any order.
    ///
    /// # Errors
    /// The first file or entry that is wrong, by name: an unknown key, an id that is missing or stands twice, a citation
    /// of a source that is not there, a range whose ends are exchanged.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, RegisterError> {
        let mut register = Self::default();
        let mut statements = Vec::new();
        let mut origins = Vec::new();
        for (name, text) in files {
            let file: File = toml::from_str(text).map_err(|source| form(name, source))?;
            register.take_lists(name, file.source, file.actor)?;
            origins.extend(file.incident.iter().map(|incident| (incident.id.clone(), (*name).to_owned())));
            register.incidents.extend(file.incident);
            if let Some(id) = file.of {
                statements.push((*name, id, file.attribution));
            }
        }
        for (name, id, attributions) in statements {
            let incident = register.incidents.iter_mut().find(|incident| incident.id == id);
            incident.ok_or_else(|| value(name, &id, "there is no such incident"))?.attributions.extend(attributions);
        }
        for (id, file) in &origins {
            let same = origins.iter().filter(|(other, _)| other == id).count();
            if same > 1 {
                return Err(value(file, id, "the id stands twice"));
            }
            let incident = register.find(id).expect("its id was noted when it was added");
            register.check(incident).map_err(|what| value(file, id, &what))?;
        }
        register.check_actors()?;
        for incident in &mut register.incidents {
            incident.attributions.sort_by_key(|said| (said.when.is_none(), said.when.map(|when| when.first())));
        }
        register.incidents.sort_by_cached_key(rank);
        Ok(register)
    }

    fn take_lists(&mut self, file: &str, sources: Vec<Source>, actors: Vec<Actor>) -> Result<(), RegisterError> {
        for source in sources {
            let id = source.id.clone();
            if self.sources.insert(id.clone(), source).is_some() {
                return Err(value(file, &id, "the source's id stands twice"));
            }
        }
        for actor in actors {
            let id = actor.id.clone();
            if self.actors.insert(id.clone(), actor).is_some() {
                return Err(value(file, &id, "the actor's id stands twice"));
            }
        }
        Ok(())
    }

    /// Whether every citation leads to a source.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check_citations<'a>(&self, citations: impl IntoIterator<Item = &'a Citation>) -> Result<(), String> {
        match citations.into_iter().find(|citation| !self.sources.contains_key(&citation.source)) {
            Some(lost) => Err(format!("it cites `{lost}`, and there is no such source")),
            None => Ok(()),
        }
    }

    fn check(&self, incident: &Incident) -> Result<(), String> {
        if incident.sources.is_empty() {
            return Err("it has no `sources`".into());
        }
        if incident.until.is_some_and(|until| until.last() < incident.date.first()) {
            return Err("it ends before it begins".into());
        }
        incident.lost.iter().try_for_each(check_units)?;
        if let Some(money) = incident.money.iter().find(|money| money.amount.low > money.amount.high) {
            return Err(format!("the range {} to {} is upside down", money.amount.low, money.amount.high));
        }
        if let Some(anchor) = incident.anchors.iter().find(|anchor| anchor.address.is_some() == anchor.tx.is_some()) {
            return Err(format!("the anchor `{}` needs an address or a transaction, one of them", anchor.role));
        }
        let stranger = incident.attributions.iter().find(|said| !self.actors.contains_key(&said.actor));
        if let Some(said) = stranger {
            return Err(format!("`{}` is no actor of the register", said.actor));
        }
        self.check_citations(citations(incident))
    }

    fn check_actors(&self) -> Result<(), RegisterError> {
        for actor in self.actors.values() {
            let wrong = |what: String| value("register/actors.toml", &actor.id, &what);
            let cited = actor.aliases.iter().flat_map(|alias| &alias.sources);
            self.check_citations(cited.chain(actor.under.iter().flat_map(|under| &under.sources))).map_err(wrong)?;
            if self.line(&actor.id).is_none() {
                return Err(wrong("whom it is under is unknown, or is under it".into()));
            }
        }
        Ok(())
    }

    /// The actor and those it is said to belong to, the nearest first; nothing where one is missing or they run in a
    /// circle.
    pub(super) fn line(&self, id: &str) -> Option<Vec<&Actor>> {
        let mut line: Vec<&Actor> = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let actor = self.actors.get(id)?;
            if line.iter().any(|earlier| earlier.id == actor.id) {
                return None;
            }
            line.push(actor);
            next = actor.under.as_ref().map(|under| under.actor.as_str());
        }
        Some(line)
    }
}

fn form(file: &str, source: toml::de::Error) -> RegisterError {
    RegisterError::Form { file: file.to_owned(), source }
}

fn value(file: &str, place: &str, what: &str) -> RegisterError {
    RegisterError::Value { file: file.to_owned(), place: format!("`{place}`"), what: what.to_owned() }
}

/// Digits, with a point between digits where there is a fraction.
fn check_units(lost: &Lost) -> Result<(), String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = match lost.units.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(&lost.units),
    };
    if sound { Ok(()) } else { Err(format!("`{}` is no amount of {}: expected digits", lost.units, lost.asset)) }
}

/// Every citation of an incident: of the whole and of each value.
pub fn citations(incident: &Incident) -> impl Iterator<Item = &Citation> {
    let claims = incident.customers.iter().chain(&incident.claims).flat_map(|claim| &claim.sources);
    let sums = incident.lost.iter().flat_map(|lost| &lost.sources);
    let money = incident.money.iter().flat_map(|money| &money.sources);
    let said = incident.attributions.iter().flat_map(|said| &said.sources);
    let anchors = incident.anchors.iter().flat_map(|anchor| &anchor.sources);
    let more = incident.more.iter().flat_map(|more| &more.sources);
    incident.sources.iter().chain(claims).chain(sums).chain(money).chain(said).chain(anchors).chain(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: &str = "[[source]]\nid = \"s\"\nkind = \"press\"\nname = \"S\"\nat = \"s.example\"\n";

    fn incident(more: &str) -> String {
        format!(
            "[[incident]]\nid = \"a-2020\"\ndate = \"2020\"\nvictim = \"A\"\nkind = \"exchange\"\nchains = []\nassets = []\nsources = [\"s\"]\n{more}"
        )
    }

    fn told(text: &str) -> String {
        use std::error::Error;
        let error = Register::read(&[("s.toml", SOURCES), ("a.toml", text)]).expect_err("it is wrong");
        format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default())
    }

    #[test]
    fn a_sound_incident_is_read() {
        let register = Register::read(&[("a.toml", &incident("")), ("s.toml", SOURCES)]);
        assert_eq!(register.expect("sound").incidents[0].id, "a-2020");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file_and_entry() {
        for (text, part) in [
            (incident("colour = \"red\""), "unknown field `colour`"),
            (incident("until = \"2019\""), "`a.toml`, `a-2020`: it ends before it begins"),
            (incident("until = \"later\""), "is no time"),
            (incident("lost = [{ asset = \"BTC\", units = \"1,000\" }]"), "`1,000` is no amount of BTC"),
            (incident("lost = [{ asset = \"BTC\", units = 1000.5 }]"), "invalid type"),
            (incident("money = [{ amount = [2, 1] }]"), "upside down"),
            (incident("money = [{ amount = 1.5 }]"), "did not match"),
            (incident("[[incident.anchor]]\nchain = \"bitcoin\"\nrole = \"x\""), "needs an address or a transaction"),
            (incident("notes = []\ndoubts = []\nmore = [{ what = \"x\", sources = [\"t\"] }]"), "it cites `t`"),
            (incident("[[incident.attribution]]\nactor = \"x\"\nfirmly = \"claimed\"\nby = \"y\""), "`x` is no actor"),
            (incident("[[incident.attribution]]\nactor = \"x\"\nfirmly = \"proven\"\nby = \"y\""), "unknown variant `proven`"),
            (incident("").replace("[\"s\"]", "[]"), "it has no `sources`"),
            (incident(&incident("")), "the id stands twice"),
            ("of = \"b-2020\"".to_owned(), "there is no such incident"),
            ("[[actor]]\nid = \"x\"\nname = \"X\"\nkind = \"group\"\nunder = { actor = \"x\", by = \"y\", sources = [] }".to_owned(), "is under it"),
        ] {
            let told = told(&text);
            assert!(told.contains(part), "{told}\ndoes not say: {part}");
        }
    }
}
