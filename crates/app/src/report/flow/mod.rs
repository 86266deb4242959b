//! The flow picture: where the loot went, left to right, as wide as it was much.
//!
//! One `graph` of the theft, its transactions and its ends; made small enough to read (`shrink`); given places
//! (`layout`); drawn as SVG (`svg`). Floating point is used for places on the page, never for amounts.

mod accounts;
mod graph;
mod layout;
mod shrink;
mod svg;

pub(crate) use svg::terminal_class;

use super::document::{Kind, TheftPart, TrailPart};

/// The picture of a trail as an SVG element for a page, or `None` where there is nothing to draw.
#[must_use]
pub fn picture(kind: Kind, theft: &TheftPart, trail: &TrailPart) -> Option<String> {
    if !trail.conserves || trail.entered.is_zero() {
        return None;
    }
    let graph = shrink::shrink(match kind {
        Kind::Coins => graph::of(trail),
        Kind::Accounts => accounts::of(theft, trail),
    });
    Some(svg::draw(&layout::place(&graph), &graph, &theft.asset))
}
