//! Which incidents, and in what order.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::incident::{Incident, Kind, Range};
use super::moment::Moment;
use super::{Register, said};

/// What the place of an incident in the register depends on: see [`rank`].
pub type Rank = (Reverse<Option<(u64, u64)>>, Moment, String);

/// The place of an incident: the lowest loss in US dollars that anybody gives for the time itself, largest first; among
/// equals the highest such figure; where nobody gives one, last, by date.
///
/// Sums for another time (`of`: at a refund, at discovery) or of something else (made without backing) do not count.
#[must_use]
pub fn rank(incident: &Incident) -> Rank {
    let worth = worth(incident).map(|range| (range.low, range.high));
    (Reverse(worth), incident.date, incident.id.clone())
}

/// The lowest and the highest figure in US dollars for the loss at the time.
#[must_use]
pub fn worth(incident: &Incident) -> Option<Range> {
    let counts = incident.money.iter().filter(|money| money.currency == "USD" && money.of.is_none());
    let amounts: Vec<Range> = counts.map(|money| money.amount).collect();
    let low = amounts.iter().map(|range| range.low).min()?;
    let high = amounts.iter().map(|range| range.high).max()?;
    Some(Range { low, high })
}

/// What is asked for. Nothing asked is everything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// An actor named in a statement: its id, or a part of its name or of an alias; with those said to belong to it.
    pub actor: Option<String>,
    /// Not over before this day.
    pub from: Option<Date>,
    /// Not begun after this day.
    pub to: Option<Date>,
    /// A chain concerned, by its plain name.
    pub chain: Option<String>,
    /// Words that all stand somewhere in the entry, in any case.
    pub words: Vec<String>,
}

impl Register {
    /// The incidents that are asked for, largest first.
    #[must_use]
    pub fn choose(&self, choice: &Choice) -> Vec<&Incident> {
        self.incidents.iter().filter(|incident| self.fits(incident, choice)).collect()
    }

    fn fits(&self, incident: &Incident, choice: &Choice) -> bool {
        let begins = incident.date.first().date();
        let ends = incident.until.unwrap_or(incident.date).last().date();
        (choice.kinds.is_empty() || choice.kinds.contains(&incident.kind))
            && choice.from.is_none_or(|from| ends >= from)
            && choice.to.is_none_or(|to| begins <= to)
            && choice.chain.as_ref().is_none_or(|chain| on_chain(incident, chain))
            && choice.actor.as_ref().is_none_or(|actor| self.names(incident, actor))
            && self.holds(incident, &choice.words)
    }

    /// Whether a statement of the incident names this actor or one under it.
    fn names(&self, incident: &Incident, asked: &str) -> bool {
        let asked = asked.to_lowercase();
        let is = |actor: &super::Actor| {
            let names = actor.aliases.iter().map(|alias| &alias.name).chain([&actor.name]);
            actor.id == asked || names.into_iter().any(|name| name.to_lowercase().contains(&asked))
        };
        let line = |id: &str| self.line(id).unwrap_or_default();
        incident.attributions.iter().any(|said| line(&said.actor).into_iter().any(is))
    }

    fn holds(&self, incident: &Incident, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let text = self.text(incident).to_lowercase();
        words.iter().all(|word| text.contains(&word.to_lowercase()))
    }

    /// Everything of an entry that a person may look for.
    fn text(&self, incident: &Incident) -> String {
        let mut text = vec![incident.id.clone(), incident.victim.clone(), incident.kind.word().to_owned()];
        text.extend([&incident.technique, &incident.victim_doubt].into_iter().flatten().cloned());
        for list in [&incident.chains, &incident.assets, &incident.notes, &incident.doubts] {
            text.extend(list.iter().cloned());
        }
        for line in said::said(incident) {
            text.extend([line.about, line.value]);
            text.extend(line.by.map(str::to_owned));
        }
        for said in &incident.attributions {
            text.extend([self.actor_name(&said.actor).to_owned(), said.firmly.word().to_owned(), said.by.clone()]);
            text.extend(said.basis.clone());
        }
        for anchor in &incident.anchors {
            text.extend([anchor.text().to_owned(), anchor.role.clone()]);
        }
        text.join("\n")
    }
}

fn on_chain(incident: &Incident, chain: &str) -> bool {
    let same = |name: &String| name.eq_ignore_ascii_case(chain);
    incident.chains.iter().any(same) || incident.anchors.iter().any(|anchor| same(&anchor.chain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(choice: &Choice) -> Vec<&'static str> {
        Register::shipped().choose(choice).into_iter().map(|incident| incident.id.as_str()).collect()
    }

    #[test]
    fn the_largest_comes_first_and_the_unknown_last() {
        let all = ids(&Choice::default());
        assert_eq!(all[..5], ["bybit-2025", "poly-2021", "ronin-2022", "coincheck-2018", "mtgox-2014"]);
        let priced = Register::shipped().incidents.iter().take_while(|incident| worth(incident).is_some()).count();
        assert!(Register::shipped().incidents[priced..].iter().all(|incident| worth(incident).is_none()));
        assert_eq!(all[priced..], ["mtgox-2011-03", "mtgox-2011-06", "bitcoinica-2012", "bithumb-2017"]);
    }

    #[test]
    fn sums_for_another_time_do_not_count() {
        let find = |id| worth(Register::shipped().find(id).expect("it ships")).expect("it has a price");
        assert_eq!(find("coincheck-2018").low, 530_000_000, "400 million is the refund's price");
        assert_eq!(find("bnbbridge-2022"), Range { low: 100_000_000, high: 110_000_000 }, "most never left the chain");
    }

    #[test]
    fn a_group_stands_for_those_said_to_belong_to_it() {
        let of = |actor: &str| ids(&Choice { actor: Some(actor.into()), ..Choice::default() });
        assert!(of("dprk").contains(&"bybit-2025"), "TraderTraitor is said to be under North Korea");
        assert!(of("lazarus").contains(&"andariel-xmr-2017"));
        assert!(!of("andariel").contains(&"coincheck-2018"));
        assert_eq!(of("jade sleet"), of("tradertraitor"), "an alias is as good as the name");
    }

    #[test]
    fn filters_narrow() {
        let day = |text: &str| Some(text.parse().expect("a day"));
        let kinds = vec![Kind::Ransom, Kind::Cryptojacking, Kind::Phishing];
        assert_eq!(ids(&Choice { kinds, ..Choice::default() }), ["wannacry-2017", "andariel-xmr-2017", "bithumb-2017"]);
        let january = Choice { from: day("2018-01-01"), to: day("2018-01-31"), ..Choice::default() };
        assert_eq!(ids(&january), ["coincheck-2018"]);
        let whole_year = Choice { from: day("2012-12-31"), to: day("2012-12-31"), ..Choice::default() };
        assert_eq!(ids(&whole_year), ["mtgox-2014", "bitcoinica-2012"], "an imprecise date may be that day");
        assert_eq!(ids(&Choice { chain: Some("NEM".into()), ..Choice::default() }), ["coincheck-2018"]);
        let words = vec!["mokes".to_owned(), "XEM".to_owned()];
        assert_eq!(ids(&Choice { words, ..Choice::default() }), ["coincheck-2018"]);
    }
}
