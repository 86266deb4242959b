//! A trail over accounts as nodes and edges: the theft, each account that passed loot on, each place where it ended.
//!
//! Accounts pay each other in circles, and a picture runs from left to right: where value comes back to an account that
//! stands further left, the account stands again further right, and what it still held moves there with it.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::Terminal;
use ruint::aliases::U256;

use super::graph::{Builder, Graph, Kind, Node};
use crate::money::AssetLine;
use crate::report::document::{EndLine, HopPart, Link, Place, TheftPart, TrailPart};
use crate::text::Said;

/// What names a balance.
type Key = (String, String);

fn key(place: &Place) -> Key {
    (place.address.0.clone(), place.outpoint.clone())
}

/// The whole trail: node 0 is the theft, then accounts and ends as value reaches them.
pub(super) fn of(theft: &TheftPart, trail: &TrailPart) -> Graph {
    let pays = trail.hops.iter().flat_map(|hop| &hop.ins).filter(|side| !side.stolen.is_zero());
    let mut resting: BTreeMap<Key, Vec<&EndLine>> = BTreeMap::new();
    for end in trail.ends.iter().filter(|end| end.is_in_place()) {
        if let Some(place) = &end.place {
            resting.entry(key(place)).or_default().push(end);
        }
    }
    let several = resting.iter().filter(|(_, ends)| ends.len() > 1).map(|(key, _)| key.clone());
    let mut walk = Walk {
        builder: Builder::new(trail, std::iter::empty()),
        payers: pays.map(|side| key(&side.place)).chain(several).collect(),
        resting,
        stand: BTreeMap::new(),
    };
    for seed in &theft.seeds {
        walk.credit(0, &seed.place, seed.stolen);
    }
    let origins = walk.origins(theft, trail);
    for (line, from) in trail.openings.iter().zip(origins) {
        walk.credit(from, &line.place, line.opened);
    }
    trail.hops.iter().for_each(|hop| walk.hop(hop));
    walk.rest();
    walk.builder.finish()
}

struct Walk<'a> {
    builder: Builder,
    /// The balances that passed something on, or where value ended in several ways: the others are drawn as ends alone.
    payers: BTreeSet<Key>,
    /// What ended in a balance without a movement of its own.
    resting: BTreeMap<Key, Vec<&'a EndLine>>,
    /// Where each payer stands, and what it holds there.
    stand: BTreeMap<Key, (usize, U256)>,
}

impl Walk<'_> {
    fn node(&mut self, place: &Place) -> usize {
        let numbers = vec![self.builder.graph.nodes.len()];
        let kind = Kind::Accounts { numbers, name: Some(place.address.clone()) };
        self.builder.graph.nodes.push(Node { kind, column: 0 });
        self.builder.graph.nodes.len() - 1
    }

    /// For each opening the box that it comes from: one for each asset that was given. Where nothing was stolen in this
    /// asset the first of them stands in the theft's place.
    fn origins(&mut self, theft: &TheftPart, trail: &TrailPart) -> Vec<usize> {
        let mut boxes: Vec<&AssetLine> = Vec::new();
        for line in &trail.openings {
            if !boxes.contains(&&line.given_asset) {
                boxes.push(&line.given_asset);
            }
        }
        let first = self.builder.graph.nodes.len();
        let shift = usize::from(!theft.is_own);
        for (at, asset) in boxes.iter().enumerate() {
            let kind = Kind::Opened(asset.name().into());
            match at {
                0 if !theft.is_own => self.builder.graph.nodes[0].kind = kind,
                _ => self.builder.graph.nodes.push(Node { kind, column: 0 }),
            }
        }
        let place = |asset: &AssetLine| {
            let at = boxes.iter().position(|known| *known == asset).expect("every given asset has a box");
            if at < shift { 0 } else { first + at - shift }
        };
        trail.openings.iter().map(|line| place(&line.given_asset)).collect()
    }

    fn hop(&mut self, hop: &HopPart) {
        let Some(side) = hop.ins.first().filter(|side| !side.stolen.is_zero()) else { return };
        let Some(&(from, _)) = self.stand.get(&key(&side.place)) else { return };
        let mut paid = side.stolen;
        match hop.outs.first() {
            Some(out) => match &out.link {
                Link::End(terminal, name) => {
                    let end = self.builder.end(*terminal, name.clone(), Some(out.place.address.clone()));
                    self.builder.edge(from, end, out.stolen);
                }
                _ => self.credit(from, &out.place, out.stolen),
            },
            None if self.builder.draw_fees => {
                let end = self.builder.end(Terminal::Fee, "fees".into(), None);
                self.builder.edge(from, end, paid);
            }
            None => paid = side.stolen,
        }
        if let Some((_, left)) = self.stand.get_mut(&key(&side.place)) {
            *left = left.saturating_sub(paid);
        }
    }

    fn credit(&mut self, from: usize, place: &Place, units: U256) {
        let key = key(place);
        if !self.payers.contains(&key) {
            return self.end(from, &key, units);
        }
        let (node, left) = match self.stand.get(&key).copied() {
            None => (self.node(place), U256::ZERO),
            Some((node, left)) if node <= from => {
                let again = self.node(place);
                if !left.is_zero() {
                    self.builder.edge(node, again, left);
                }
                (again, left)
            }
            Some(stand) => stand,
        };
        self.builder.edge(from, node, units);
        self.stand.insert(key, (node, left.saturating_add(units)));
    }

    /// Value that stays where it is.
    fn end(&mut self, from: usize, at: &Key, units: U256) {
        let (terminal, name): (Terminal, Said) = match self.resting.get(at).and_then(|ends| ends.first()) {
            Some(end) => (end.terminal, end.kind.clone()),
            None => (Terminal::AtRest, Terminal::AtRest.name().into()),
        };
        self.end_as(from, at, terminal, name, units);
    }

    fn end_as(&mut self, from: usize, at: &Key, terminal: Terminal, name: Said, units: U256) {
        let end = self.builder.end(terminal, name, Some(at.0.clone().into()));
        self.builder.edge(from, end, units);
    }

    fn rest(&mut self) {
        let stands: Vec<(Key, usize)> = self.stand.iter().map(|(key, (node, _))| (key.clone(), *node)).collect();
        for (key, node) in stands {
            for end in self.resting.get(&key).cloned().unwrap_or_default() {
                self.end_as(node, &key, end.terminal, end.kind.clone(), end.units);
            }
        }
    }
}
