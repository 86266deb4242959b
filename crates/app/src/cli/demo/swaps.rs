//! Deposits at a swap service held against the payouts that it published: a match by amount and time, said to be one.

use coinhound_sim::nem::coincheck::{Payout, Rate, Role, Story};
use ruint::aliases::U256;

use crate::report::Document;
use crate::report::document::{AnnexPart, HopPart};
use crate::report::html::utc;
use crate::text::Said;

/// How much earlier than its deposit's block a payout may be: blocks of this chain stand hours apart, and a service
/// pays when it sees a deposit.
const BEFORE_SECS: u64 = 3 * 60 * 60;

/// How much later.
const AFTER_SECS: u64 = 60 * 60;

/// How far from the expected amount it may be, in hundredths of a percent.
const OFF_MAX: u64 = 100;

/// A deposit of loot with the payouts that may answer it, the nearest first.
struct Match<'a> {
    hop: &'a HopPart,
    candidates: Vec<Candidate<'a>>,
}

/// A payout that fits.
struct Candidate<'a> {
    payout: &'a Payout,
    number: usize,
    /// Minutes from the block's time, and whether it is later.
    minutes: u64,
    is_later: bool,
    off: u64,
}

/// The matches as a table of the report.
pub fn annex(story: &Story, doc: &Document) -> AnnexPart {
    let rows = matches(story, doc).into_iter().map(|found| {
        let hop = found.hop;
        let name = format!("{}:{}", hop.tx.txid, hop.tx.movement.unwrap_or_default());
        let xem = doc.asset.amount(hop.value_in);
        let deposit = format!("{xem} on {} UTC, {name}", utc(hop.tx.time));
        let candidates = found.candidates.iter().map(|candidate| {
            let Payout { txid, sat, .. } = candidate.payout;
            let (minutes, off) = (candidate.minutes, candidate.off);
            let side = if candidate.is_later { "after" } else { "before" };
            format!("{sat} satoshi, {minutes} min {side} the block, off by {}.{:02} %: {txid}", off / 100, off % 100)
        });
        let told: Vec<String> = candidates.collect();
        let score = match told.len() {
            0 => "none fits".to_owned(),
            1 => "the only one that fits".to_owned(),
            many => format!("{many} fit: not decided"),
        };
        [deposit, told.join(" | "), score].map(Said::from).to_vec()
    });
    AnnexPart {
        title: "Swapped to Bitcoin: matches, not links".into(),
        intro: format!("Value that crosses a swap service leaves this chain, and nothing on it says where to. For each deposit of loot there, these payouts of the service's published records fit: rule “amount and time”, from {} minutes before the deposit's block to {} after it, within {}.{:02} % of the amount by the service's rate of that hour. A match is a lead for asking the service, not a link, and no amount is traced through it.", BEFORE_SECS / 60, AFTER_SECS / 60, OFF_MAX / 100, OFF_MAX % 100).into(),
        columns: ["Deposit with loot", "Payouts that fit", "Score"].map(Into::into).to_vec(),
        rows: rows.collect(),
    }
}

/// How good the matches are, held against the truth that only the maker of the chain has.
pub fn lines(story: &Story, doc: &Document) -> String {
    let all = matches(story, doc);
    let (mut alone, mut right, mut among) = (0, 0, 0);
    for found in &all {
        let truth =
            story.truth.swaps.iter().find(|swap| swap.deposit == found.hop.tx.txid).map(|swap| swap.payout as usize);
        let holds = |candidate: &Candidate<'_>| Some(candidate.number) == truth;
        alone += usize::from(found.candidates.len() == 1);
        right += usize::from(found.candidates.len() == 1 && holds(&found.candidates[0]));
        among += usize::from(found.candidates.iter().any(holds));
    }
    format!(
        "\nswap to Bitcoin, matched by amount and time, not linked: {} deposits of loot; {alone} with one payout that fits ({right} of them the true one); the true one is among those that fit for {among}\n",
        all.len()
    )
}

fn matches<'a>(story: &'a Story, doc: &'a Document) -> Vec<Match<'a>> {
    let truth = &story.truth;
    let is_swap = |address: &str| {
        let account = truth.accounts.iter().find(|account| account.address == address);
        account.is_some_and(|account| truth.owners[account.owner as usize].role == Role::Swap)
    };
    let trail = doc.thefts.first().and_then(|theft| theft.declared(&doc.parameters));
    let hops = trail.map_or(&[][..], |trail| &trail.hops);
    let arrived = hops.iter().filter(|hop| hop.outs.first().is_some_and(|out| is_swap(&out.place.address.0)));
    arrived.map(|hop| Match { hop, candidates: candidates(hop, story) }).collect()
}

fn candidates<'a>(hop: &HopPart, story: &'a Story) -> Vec<Candidate<'a>> {
    let time = u64::from(hop.tx.time);
    let rate = story.swaps.rates.iter().take_while(|rate| rate.time <= time).last();
    let Some(expected) = rate.and_then(|rate| expected_sat(hop.value_in, rate)).filter(|&sat| sat > 0) else {
        return Vec::new();
    };
    let near = |(number, payout): (usize, &'a Payout)| {
        let (is_later, secs) = (payout.time >= time, payout.time.abs_diff(time));
        let is_near = secs <= if is_later { AFTER_SECS } else { BEFORE_SECS };
        let off = u64::try_from(u128::from(payout.sat.abs_diff(expected)) * 10_000 / u128::from(expected)).ok()?;
        (is_near && off <= OFF_MAX).then_some(Candidate { payout, number, minutes: secs / 60, is_later, off })
    };
    let mut found: Vec<Candidate<'a>> = story.swaps.payouts.iter().enumerate().filter_map(near).collect();
    found.sort_by_key(|candidate| (candidate.off, candidate.minutes, candidate.number));
    found
}

/// What the service pays for so many millionths of a XEM, in satoshi.
fn expected_sat(micro_xem: U256, rate: &Rate) -> Option<u64> {
    let millisat = micro_xem.checked_mul(U256::from(rate.millisat_per_xem))? / U256::from(1_000_000_u64);
    u64::try_from(millisat / U256::from(1_000_u64)).ok()
}
