//! One tag read under its header: every rule applied, every breach collected.

use super::confidence::Confidence;
use super::fields::{At, Fields};
use super::network::TagNetwork;
use super::pack::{CheckAddress, Problem, Reading, Subject, Tag};

/// One tag under its header, or everything that is wrong with it.
pub(super) fn read_tag(item: &At<Fields>, header: &Fields, reading: &Reading<'_>) -> Result<Tag, Vec<Problem>> {
    let mut reader = TagReader { tag: &item.value, header, line: item.line, problems: Vec::new() };
    let confidence = reader.confidence(reading.confidence);
    let (currency, network) = reader.network();
    let subject = reader.subject(&network, reading.check_address);
    let label = reader.required("label");
    let source = reader.required("source");
    let lastmod = reader.date("lastmod");
    let is_cluster_definer = reader.flag("is_cluster_definer");
    if let Some(tags) = &item.value.tags {
        reader.refuse(item.line, format!("a tag cannot hold tags, this one holds {}", tags.len()));
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    let missing = "absence is a problem, and there was none";
    Ok(Tag {
        line: item.line,
        subject: subject.expect(missing),
        label: label.expect(missing),
        source: source.expect(missing),
        confidence: confidence.expect(missing),
        currency,
        network,
        lastmod,
        category: reader.text("category"),
        abuse: reader.text("abuse"),
        concepts: reader.concepts(),
        actor: reader.text("actor"),
        context: reader.context(),
        is_cluster_definer,
    })
}

/// Reads one tag's fields, the header's where the tag has none.
struct TagReader<'a> {
    tag: &'a Fields,
    header: &'a Fields,
    line: u32,
    problems: Vec<Problem>,
}

impl<'a> TagReader<'a> {
    fn refuse(&mut self, line: u32, what: String) {
        self.problems.push(Problem { line, what });
    }

    fn get(&self, name: &str) -> Option<&'a At<String>> {
        self.tag.get(name).or_else(|| self.header.get(name))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|at| at.value.trim().to_owned())
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let found = self.text(name);
        if found.is_none() {
            self.refuse(self.line, format!("the tag has no `{name}`, and the header has none to inherit"));
        }
        found
    }

    fn confidence(&mut self, given: Option<Confidence>) -> Option<Confidence> {
        let Some(at) = self.get("confidence") else {
            if given.is_none() {
                self.refuse(self.line, "the tag has no `confidence`, and the header has none to inherit".into());
            }
            return given;
        };
        let known = Confidence::parse(at.value.trim());
        if known.is_none() {
            self.refuse(at.line, format!("`{}` is not a confidence; known: {}", at.value, Confidence::choices()));
        }
        known
    }

    fn network(&mut self) -> (String, TagNetwork) {
        let (currency, network) = (self.text("currency"), self.text("network"));
        match network.as_ref().or(currency.as_ref()) {
            Some(name) => (currency.as_ref().unwrap_or(name).to_ascii_uppercase(), TagNetwork::named(name)),
            None => {
                self.refuse(self.line, "the tag has neither `currency` nor `network`".into());
                (String::new(), TagNetwork { name: String::new(), chain: None })
            }
        }
    }

    fn subject(&mut self, network: &TagNetwork, check: CheckAddress<'_>) -> Option<Subject> {
        let (tag, line) = (self.tag, self.line);
        match (tag.get("address"), tag.get("tx_hash")) {
            (Some(at), None) => match check(network, at.value.trim()) {
                Ok(canonical) => Some(Subject::Address(canonical)),
                Err(reason) => self.no_subject(at.line, reason),
            },
            (None, Some(at)) => self.tx_hash(at),
            (Some(_), Some(_)) => {
                self.no_subject(line, "a tag has either `address` or `tx_hash`, this one has both".into())
            }
            (None, None) => self.no_subject(line, "the tag has neither `address` nor `tx_hash`".into()),
        }
    }

    fn no_subject(&mut self, line: u32, what: String) -> Option<Subject> {
        self.refuse(line, what);
        None
    }

    fn tx_hash(&mut self, at: &At<String>) -> Option<Subject> {
        let hash = at.value.trim().trim_start_matches("0x").to_ascii_lowercase();
        if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Some(Subject::Tx(hash));
        }
        self.no_subject(at.line, format!("`{}` is not a transaction hash: expected 64 hexadecimal digits", at.value))
    }

    /// A day, or a moment: `2021-11-12`, `2021-11-12T10:00:00Z`.
    fn date(&mut self, name: &str) -> Option<String> {
        let at = self.get(name)?;
        let day = at.value.trim().get(..10).unwrap_or_default();
        if day.parse::<jiff::civil::Date>().is_err() {
            self.refuse(at.line, format!("`{name}: {}` is not a date: expected YYYY-MM-DD", at.value));
            return None;
        }
        Some(at.value.trim().to_owned())
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.get(name).map(|at| (at.line, at.value.trim().to_ascii_lowercase())) {
            None => false,
            Some((_, word)) if matches!(word.as_str(), "true" | "yes" | "on") => true,
            Some((_, word)) if matches!(word.as_str(), "false" | "no" | "off") => false,
            Some((line, word)) => {
                self.refuse(line, format!("`{name}: {word}` is neither true nor false"));
                false
            }
        }
    }

    fn concepts(&self) -> Vec<String> {
        self.tag.concepts.clone().or_else(|| self.header.concepts.clone()).unwrap_or_default()
    }

    fn context(&self) -> Option<String> {
        let value = &self.tag.context.as_ref().or(self.header.context.as_ref())?.value;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}
