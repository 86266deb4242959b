//! What is said about an incident, one line for each value, with the marks of contradiction.

use super::Register;
use super::incident::{Claim, Incident, Lost, Money};
use super::moment::Moment;
use super::source::Citation;
use crate::text::grouped;

/// One value that somebody gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said<'a> {
    /// The question: `taken, BTC`, `worth at the time, USD`, `start of the theft`.
    pub about: String,
    /// The answer as people write it.
    pub value: String,
    /// Who gives it, where it is not the source itself.
    pub by: Option<&'a str>,
    /// When.
    pub when: Option<Moment>,
    /// What it rests on.
    pub citations: &'a [Citation],
    /// Its number among the different answers to the same question, from 1, and how many there are. One answer: (1, 1).
    pub answer: (usize, usize),
}

impl Said<'_> {
    /// Whether another line gives another answer to the same question.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        self.answer.1 > 1
    }
}

/// Every value that is given for an incident: amounts, money, customers, then the rest, answers to one question side by
/// side in the order of the file.
#[must_use]
pub fn said(incident: &Incident) -> Vec<Said<'_>> {
    let lines = incident.lost.iter().map(|lost| of_lost(incident, lost));
    let lines = lines.chain(incident.money.iter().map(|money| of_money(incident, money)));
    let claims = incident.customers.iter().chain(&incident.claims);
    let lines: Vec<Said<'_>> = lines.chain(claims.map(|claim| of_claim(incident, claim))).collect();
    side_by_side(lines)
}

/// Brings answers to one question together and numbers the different ones.
fn side_by_side(lines: Vec<Said<'_>>) -> Vec<Said<'_>> {
    let mut groups: Vec<Vec<Said<'_>>> = Vec::new();
    for line in lines {
        match groups.iter_mut().find(|group| group[0].about == line.about) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups.iter_mut().for_each(|group| number(group));
    groups.into_iter().flatten().collect()
}

fn number(group: &mut [Said<'_>]) {
    let mut answers: Vec<String> = Vec::new();
    for line in group.iter_mut() {
        let known = answers.iter().position(|answer| *answer == line.value);
        let at = known.unwrap_or_else(|| {
            answers.push(line.value.clone());
            answers.len() - 1
        });
        line.answer.0 = at + 1;
    }
    group.iter_mut().for_each(|line| line.answer.1 = answers.len());
}

fn of_lost<'a>(incident: &'a Incident, lost: &'a Lost) -> Said<'a> {
    let (whole, fraction) = match lost.units.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (lost.units.as_str(), String::new()),
    };
    Said {
        about: format!("{}, {}", lost.of.as_deref().unwrap_or("taken"), lost.asset),
        value: with_form(lost.form.as_deref(), format!("{}{fraction}", grouped(whole))),
        by: lost.by.as_deref(),
        when: lost.when,
        citations: Register::citations(incident, &lost.sources),
        answer: (1, 1),
    }
}

fn of_money<'a>(incident: &'a Incident, money: &'a Money) -> Said<'a> {
    let (low, high) = (grouped(money.amount.low), grouped(money.amount.high));
    let value = if low == high { low } else { format!("{low} to {high}") };
    Said {
        about: format!("{}, {}", money.of.as_deref().unwrap_or("worth at the time"), money.currency),
        value: with_form(money.form.as_deref(), value),
        by: money.by.as_deref(),
        when: money.when,
        citations: Register::citations(incident, &money.sources),
        answer: (1, 1),
    }
}

fn with_form(form: Option<&str>, value: String) -> String {
    form.map_or(value.clone(), |form| format!("{form} {value}"))
}

fn of_claim<'a>(incident: &'a Incident, claim: &'a Claim) -> Said<'a> {
    Said {
        about: claim.about.clone(),
        value: claim.value.clone(),
        by: claim.by.as_deref(),
        when: claim.when,
        citations: Register::citations(incident, &claim.sources),
        answer: (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_contradict_each_other_stand_side_by_side() {
        let case = Register::shipped().find("coincheck-2018").expect("it ships");
        let lines = said(case);
        let taken: Vec<_> = lines.iter().filter(|line| line.about == "taken, XEM").collect();
        let shown: Vec<_> = taken.iter().map(|line| (line.value.as_str(), line.answer)).collect();
        assert_eq!(shown, [("526,300,010", (1, 3)), ("523,000,000", (2, 3)), ("about 520,000,000", (3, 3))]);
        let customers = lines.iter().find(|line| line.about == "customers").expect("it is told");
        assert!(!customers.is_disputed(), "one answer is no contradiction");
    }

    #[test]
    fn a_fraction_keeps_its_digits() {
        let case = Register::shipped().find("nobitex-2025").expect("it ships");
        assert_eq!(said(case)[0].value, "18.4716");
    }
}
