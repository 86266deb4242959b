//! The trails of a made chain held against what really happened on it: how much of the loot each rule puts where it is.

use std::collections::BTreeMap;

use coinhound_sim::nem::coincheck::{EndKind, Story};
use ruint::aliases::U256;

use crate::money::share;
use crate::report::Document;
use crate::report::document::{AnnexPart, EndLine, TrailPart};
use crate::text::Said;

/// Loot by where it is: at an account, or paid in fees.
type Places = BTreeMap<Option<String>, U256>;

/// The comparison as a table of the report.
pub fn annex(story: &Story, doc: &Document) -> AnnexPart {
    AnnexPart {
        title: "Held against the truth of the made chain".into(),
        intro: "Only the maker of a chain knows whose units were whose: the thief and the buyers of this one kept books. For each rule, how much of the loot it puts into the account where it really is. On a real chain nobody can compute this, and the rules' conventions are not estimates of it.".into(),
        columns: ["Rule", "In the right account", "Share %", "Elsewhere"].map(Into::into).to_vec(),
        rows: rows(story, doc).into_iter().map(|row| row.map(Said::from).to_vec()).collect(),
    }
}

/// The same in a few lines.
pub fn lines(story: &Story, doc: &Document) -> String {
    let mut out = String::from(
        "\nheld against the truth of the made chain: loot that a rule puts into the account where it really is\n",
    );
    for [rule, right, percent, _] in rows(story, doc) {
        out.push_str(&format!("  {rule:<8}  {right}, {percent} %\n"));
    }
    out
}

fn rows(story: &Story, doc: &Document) -> Vec<[String; 4]> {
    let Some(theft) = doc.thefts.first() else { return Vec::new() };
    let truth = truth(story);
    let row = |trail: &TrailPart| {
        let found = found(trail);
        let right: U256 =
            found.iter().map(|(place, &units)| units.min(truth.get(place).copied().unwrap_or_default())).sum();
        let elsewhere = theft.stolen.saturating_sub(right);
        let amount = |units| theft.asset.amount(units).to_string();
        [trail.rule.clone(), amount(right), share(right, theft.stolen), amount(elsewhere)]
    };
    theft.trails.iter().filter(|trail| trail.conserves).map(row).collect()
}

/// Where the loot really is: what was sold goes on as its buyers' parcels.
fn truth(story: &Story) -> Places {
    let mut places = Places::new();
    for end in story.truth.theft.ends.iter().filter(|end| end.kind != EndKind::Sold) {
        let account = end.account.map(|account| story.truth.accounts[account as usize].address.clone());
        *places.entry(account).or_default() += U256::from(end.units);
    }
    places
}

fn found(trail: &TrailPart) -> Places {
    let mut places = Places::new();
    let place = |end: &EndLine| end.place.as_ref().map(|place| place.address.0.clone());
    for end in &trail.ends {
        *places.entry(place(end)).or_default() += end.units;
    }
    places
}
