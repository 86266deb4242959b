//! The page: one file, no scripts, nothing loaded from anywhere, printable.

use std::borrow::Borrow;

use askama::Template;
use coinhound_model::{NoteKind, Terminal};
use ruint::aliases::U256;

use super::document::{AssumedLine, Document, EndLine, Kind, NoteLine, Place, TheftPart, TrailPart, TxRef};
use super::parameters::{StopCluster, StopTag};
use super::words::Nouns;
use super::{flow, words};
use crate::money::{AssetLine, share};
use crate::text;
use crate::untraced::Untraced;

mod account_rows;
mod hop_rows;
mod style;

pub use account_rows::AccountRow;
pub use hop_rows::{HopRows, SideRow};

/// Most hops a page shows; the others are in the CSV file.
pub const HOPS_SHOWN: usize = 250;

/// Most ends a page shows; the others are in the CSV file.
pub const ENDS_SHOWN: usize = 400;

/// Confirmations below which a reorganisation is a practical worry.
const DEEP_ENOUGH: u32 = 6;

/// The same on NEM, whose nodes may exchange so many blocks.
const DEEP_ENOUGH_NEM: u32 = 360;

/// The page of a document. Same document, same bytes.
///
/// # Panics
/// Never: the template writes to memory and its values cannot fail.
#[must_use]
pub fn page(document: &Document) -> String {
    let view = Page { doc: document, style: style::CSS, style_hash: style::csp_hash() };
    view.render().expect("the template writes to memory only")
}

/// Text as it may stand in a page or an SVG element: hidden characters shown, markup escaped.
#[must_use]
pub fn escaped(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    for c in text::clean(content).chars() {
        match c {
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            '&' => out.push_str("&#38;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A moment as the report prints it.
#[must_use]
pub fn utc(seconds: u32) -> String {
    let moment = jiff::Timestamp::from_second(i64::from(seconds)).expect("32 bits of seconds lie within jiff's range");
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    doc: &'a Document,
    style: &'static str,
    style_hash: String,
}

impl Page<'_> {
    fn is_accounts(&self) -> bool {
        self.doc.kind == Kind::Accounts
    }

    /// Whether amounts have so many decimal places that tables of the usual letters would not fit.
    fn is_fine(&self) -> bool {
        self.doc.thefts.iter().any(|theft| theft.asset.decimals.is_none_or(|places| places > 8))
    }

    fn amount(&self, asset: &AssetLine, units: impl Borrow<U256>) -> String {
        asset.amount(*units.borrow()).number()
    }

    fn time(&self, tx: &TxRef) -> String {
        if tx.height == u32::MAX { "before the ingested range".to_owned() } else { utc(tx.time) }
    }

    fn as_of_time(&self) -> String {
        utc(self.doc.as_of.time)
    }

    fn height(&self, tx: &TxRef) -> String {
        if tx.height == u32::MAX { "-".to_owned() } else { tx.height.to_string() }
    }

    /// The share of the loot in percent, to two places, rounded down.
    fn share(&self, units: impl Borrow<U256>, stolen: impl Borrow<U256>) -> String {
        share(*units.borrow(), *stolen.borrow())
    }

    /// `1 stolen + 2 opened by conversions`: what the ends add up to.
    fn began(&self, theft: &TheftPart, trail: &TrailPart) -> String {
        let amount = |units: U256| self.amount(&theft.asset, units);
        match (theft.is_own, trail.openings.is_empty()) {
            (true, true) => amount(trail.stolen),
            (true, false) => {
                format!("{} stolen + {} opened by conversions", amount(trail.stolen), amount(trail.opened))
            }
            (false, _) => format!("{} opened by conversions", amount(trail.opened)),
        }
    }

    /// What a part is called beside the others: nothing where it is the only one.
    fn title(&self, theft: &TheftPart) -> String {
        if self.doc.thefts.len() > 1 { format!(": {}", theft.title()) } else { String::new() }
    }

    fn incomplete(&self) -> Option<String> {
        self.doc.untraced.as_ref().and_then(Untraced::told_of_a_trail)
    }

    fn declared<'d>(&self, theft: &'d TheftPart) -> Option<&'d TrailPart> {
        theft.declared(&self.doc.parameters)
    }

    fn picture(&self, theft: &TheftPart, trail: &TrailPart) -> String {
        flow::picture(self.doc.kind, theft, trail).unwrap_or_default()
    }

    fn class(&self, terminal: &Terminal) -> &'static str {
        flow::terminal_class(*terminal)
    }

    fn end_word(&self, terminal: &Terminal) -> &'static str {
        words::end(self.doc.kind, *terminal)
    }

    fn rule_title(&self, rule: &str) -> &'static str {
        words::rule_title(rule)
    }

    fn rule_word(&self, rule: &str) -> &'static str {
        words::rule(self.doc.kind, rule)
    }

    /// The ends that lie in coins or balances; fees stand in one row of their own.
    fn ends<'d>(&self, trail: &'d TrailPart) -> Vec<&'d EndLine> {
        trail.ends.iter().filter(|end| end.place.is_some()).take(ENDS_SHOWN).collect()
    }

    fn ends_left(&self, trail: &TrailPart) -> usize {
        trail.ends.iter().filter(|end| end.place.is_some()).count().saturating_sub(ENDS_SHOWN)
    }

    /// Fees: how much, in how many transactions.
    fn fees(&self, trail: &TrailPart) -> (U256, usize) {
        let fees = || trail.ends.iter().filter(|end| end.place.is_none());
        let paid = fees().map(|end| end.movements.len().max(1)).sum();
        (fees().map(|end| end.units).sum(), paid)
    }

    /// What stands in the ends beyond those shown.
    fn units_left(&self, trail: &TrailPart) -> U256 {
        trail.ends.iter().filter(|end| end.place.is_some()).skip(ENDS_SHOWN).map(|end| end.units).sum()
    }

    fn hops<'d>(&self, theft: &TheftPart, trail: &'d TrailPart) -> Vec<HopRows<'d>> {
        trail.hops.iter().take(HOPS_SHOWN).map(|hop| HopRows::of(hop, self.doc, &theft.asset)).collect()
    }

    fn hops_left(&self, trail: &TrailPart) -> usize {
        trail.hops.len().saturating_sub(HOPS_SHOWN)
    }

    /// The ends of a poison trail that lie unspent.
    fn reached(&self, trail: &TrailPart) -> u32 {
        trail.totals.iter().filter(|total| total.terminal == Terminal::AtRest).map(|total| total.ends).sum()
    }

    /// `1 + 2 + 3`, the sum a reader can add up.
    fn addition(&self, theft: &TheftPart, trail: &TrailPart) -> String {
        let parts: Vec<String> = trail.totals.iter().map(|total| self.amount(&theft.asset, total.units)).collect();
        parts.join(" + ")
    }

    fn sum(&self, trail: &TrailPart) -> U256 {
        trail.totals.iter().map(|total| total.units).sum()
    }

    fn labels(&self, place: &Place) -> Vec<String> {
        let label = |&number: &usize| format!("{} [{}]", self.doc.tags[number].label, number + 1);
        place.tags.iter().map(label).collect()
    }

    /// What parameters cut off, what could not be followed, and what a later seed counts.
    fn cut<'d>(&self, trail: &'d TrailPart) -> Vec<&'d super::document::TotalLine> {
        let cut = |terminal| {
            use Terminal::{AtService, Mixed, Pruned, Returned, Unresolved};
            matches!(terminal, Pruned(_) | Unresolved(_) | Mixed | AtService(_) | Returned)
        };
        trail.totals.iter().filter(|total| cut(total.terminal)).collect()
    }

    /// The fewest blocks on top of any transaction of the trail, its own included.
    fn confirmations(&self, trail: &TrailPart) -> Option<u32> {
        if self.doc.supplied.is_some() {
            return None;
        }
        let newest = trail.hops.iter().map(|hop| hop.tx.height).max()?;
        Some(self.doc.as_of.height.saturating_sub(newest) + 1)
    }

    fn near_tip(&self, confirmations: &u32) -> bool {
        let deep = if self.doc.as_of.chain.starts_with("nem:") { DEEP_ENOUGH_NEM } else { DEEP_ENOUGH };
        *confirmations < deep
    }

    fn has_gaps(&self) -> bool {
        self.doc.gaps.as_ref().is_some_and(|gaps| !gaps.holes.is_empty())
    }

    /// The holes that the store's last load met, and how many blocks it could not use.
    fn gaps(&self) -> String {
        let Some(gaps) = &self.doc.gaps else { return "not known".to_owned() };
        match gaps.unusable.len() {
            0 => gaps.summary(),
            1 => format!("{}; 1 block cannot be used", gaps.summary()),
            blocks => format!("{}; {blocks} blocks cannot be used", gaps.summary()),
        }
    }

    /// The stops that hold for a whole cluster.
    fn widened(&self) -> Vec<(&StopTag, &StopCluster)> {
        let stops = self.doc.parameters.stops.iter();
        stops.filter_map(|stop| Some((stop, stop.cluster.as_ref()?))).collect()
    }

    fn standing(&self) -> &'static str {
        words::STANDING
    }

    fn unknowns(&self) -> Vec<&'static str> {
        words::unknowns(self.doc.kind, self.doc.supplied.is_some())
    }

    fn nouns(&self) -> &'static Nouns {
        Nouns::of(self.doc.kind)
    }

    fn counted(&self, count: impl Borrow<usize>, noun: &str) -> String {
        words::counted(*count.borrow(), noun)
    }

    /// What names a holding: of a balance the id that somebody gave an asset.
    fn shown(&self, name: &str) -> String {
        text::clean(name)
    }

    fn evidence(&self) -> &'static str {
        words::evidence(self.doc.supplied.is_some())
    }

    /// A transaction, of an account ledger one movement of it.
    fn tx_name(&self, tx: &TxRef) -> String {
        tx.movement.map_or_else(|| tx.txid.clone(), |movement| format!("{}:{movement}", tx.txid))
    }

    fn notes(&self, tx: &TxRef) -> Vec<String> {
        tx.notes.iter().map(|note| self.row_named(note).unwrap_or_else(|| note.told())).collect()
    }

    /// A supplied row by its file's name, where that is known.
    fn row_named(&self, note: &NoteLine) -> Option<String> {
        let (digest, line) = note.text.0.split_once(':').filter(|_| note.kind == NoteKind::Row)?;
        let file = self.doc.supplied.as_ref()?.files.iter().find(|file| file.digest == digest)?;
        Some(format!("{}, line {}", text::clean(&file.name.0), text::clean(line)))
    }

    /// What each account received and passed on of the loot.
    fn accounts(&self, theft: &TheftPart, trail: &TrailPart) -> Vec<AccountRow> {
        account_rows::of(theft, trail)
    }

    /// The balances that were taken to have held something before, and how many were taken to have held nothing.
    fn assumed<'d>(&self, trail: &'d TrailPart) -> (Vec<&'d AssumedLine>, usize) {
        let (some, none): (Vec<_>, Vec<_>) = trail.assumed.iter().partition(|line| !line.units.is_zero());
        (some, none.len())
    }

    fn survives(&self, theft: &TheftPart) -> U256 {
        theft.sensitivity.rows.iter().map(|row| row.min).sum()
    }

    fn limit(&self, limit: &Option<u32>) -> String {
        limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
    }

    fn time_limit(&self) -> String {
        self.doc.parameters.time_max.map_or_else(|| "none".to_owned(), |time| format!("{} UTC", utc(time)))
    }

    fn dust(&self) -> String {
        let units = self.doc.parameters.dust_below.parse().unwrap_or(U256::ZERO);
        if units.is_zero() { "none".to_owned() } else { self.doc.asset.amount(units).to_string() }
    }
}
