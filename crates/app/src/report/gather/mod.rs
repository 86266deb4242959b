//! From trails of dense ids to a document of hashes, addresses and exact amounts.

mod accounts;
mod clerk;
mod hops;
mod tag_book;

use std::cmp::Reverse;

use coinhound_analysis::trace::{
    Contested, End, Outpoint, Sensitivity, SensitivityRow, Total, Traced, Trail, TrailCoin, contested, sensitivity,
};
use coinhound_model::{AddressId, Asset, HoldingId, Ledger, MovementId, Token};
use ruint::aliases::U256;
use serde_json::json;

pub use self::accounts::{Beside, gather_accounts};
use self::clerk::Clerk;
use super::document::{
    AsOfLine, ContestedLine, Document, EndLine, Kind, Place, SeedLine, SensitivityLine, SensitivityPart, TagLine,
    TheftPart, TotalLine, TrailPart, TxRef,
};
use super::finding::Finding;
use super::parameters::Parameters;
use crate::case::{Position, Seed};
use crate::gaps::Gaps;
use crate::money::AssetLine;
use crate::out::json::canonical;
use crate::text::Said;

/// What a ledger's addresses are called.
pub trait Names {
    /// The address as people write it, or a description of a script that has no address form.
    fn address(&self, id: AddressId) -> String;

    /// What amounts of a token are counted in, as far as anybody told.
    fn asset(&self, token: Token) -> AssetLine {
        token.into()
    }
}

/// What was asked, beside the trails that answer it.
pub struct Question<'a> {
    /// The case's name.
    pub case: &'a str,
    /// The network as people call it.
    pub network: &'a str,
    /// The holes that the store's last load met; `None` when they are not known.
    pub gaps: Option<&'a Gaps>,
    /// What shaped the trails.
    pub parameters: &'a Parameters,
    /// The thefts' names, in the order traced, with their seeds in the order given.
    pub thefts: &'a [(String, Vec<Seed>)],
    /// Every tag of the case that speaks of this chain, with its pack's name.
    pub tags: &'a [TagLine],
}

/// Program and version.
const PROGRAM: &str = concat!("coinhound ", env!("CARGO_PKG_VERSION"));

/// Writes trails of coins down as a document.
#[must_use]
pub fn gather<L: Ledger<Units = u64>>(
    ledger: &L,
    names: &impl Names,
    asset: Asset,
    question: &Question<'_>,
    traced: &Traced<u64>,
) -> Document {
    let mut gatherer = Gatherer { ledger, names, asset: asset.into(), question, clerk: Clerk::new(question) };
    let thefts = (0..question.thefts.len()).map(|theft| gatherer.theft(theft, traced)).collect();
    let contested = contested(&traced.trails).iter().map(|row| gatherer.contested(row)).collect();
    let as_of = gatherer.as_of();
    Document {
        case: question.case.into(),
        program: PROGRAM.to_owned(),
        kind: Kind::Coins,
        asset: gatherer.asset,
        supplied: None,
        as_of,
        gaps: question.gaps.cloned(),
        parameters: question.parameters.clone(),
        tags: gatherer.clerk.tags.shown,
        thefts,
        contested,
        warnings: Vec::new(),
        untraced: None,
        annex: Vec::new(),
        notice: None,
    }
}

struct Gatherer<'a, L, N> {
    ledger: &'a L,
    names: &'a N,
    asset: AssetLine,
    question: &'a Question<'a>,
    clerk: Clerk<'a>,
}

impl<L: Ledger<Units = u64>, N: Names> Gatherer<'_, L, N> {
    fn as_of(&self) -> AsOfLine {
        let movements = self.ledger.movements();
        // The last movement lies in the tip block, because every block has a coinbase.
        let time = if movements.is_empty() { 0 } else { self.ledger.time(MovementId(movements.end - 1)) };
        self.clerk.as_of(self.ledger.as_of(), time)
    }

    fn tx(&self, movement: MovementId) -> TxRef {
        let fact = self.ledger.fact(movement);
        TxRef {
            txid: fact.tx.to_string(),
            height: fact.height.0,
            block: fact.block.to_string(),
            time: fact.time,
            ..TxRef::default()
        }
    }

    fn place(&mut self, holding: HoldingId, owner: AddressId) -> Place {
        let outpoint = Outpoint::of(self.ledger, holding).to_string();
        let address =
            if owner.is_some() { self.names.address(owner) } else { "no address: nobody can spend it".to_owned() };
        let tags = self.clerk.tags.on(&address);
        Place { outpoint, address: Said(address), tags }
    }

    fn coin_place(&mut self, coin: &TrailCoin<u64>) -> Place {
        self.place(coin.holding, self.ledger.entry(coin.holding).owner)
    }

    fn theft(&mut self, theft: usize, traced: &Traced<u64>) -> TheftPart {
        let (name, seeds) = &self.question.thefts[theft];
        let number = u32::try_from(theft).expect("a case holds fewer than 2^32 thefts");
        let seeds: Vec<SeedLine> = seeds.iter().map(|seed| self.seed(seed)).collect();
        let trails =
            traced.trails.iter().filter(|trail| trail.theft == number).map(|trail| self.trail(trail)).collect();
        TheftPart {
            number: theft,
            name: name.as_str().into(),
            is_own: true,
            asset: self.asset.clone(),
            stolen: seeds.iter().map(|seed| seed.stolen).sum(),
            digest: seeds_digest(&self.question.thefts[theft].1),
            seeds,
            trails,
            sensitivity: self.sensitivity(&sensitivity(&traced.trails, number)),
        }
    }

    fn seed(&mut self, seed: &Seed) -> SeedLine {
        let time = self.ledger.find(&seed.txid).first().map_or(0, |&movement| self.ledger.time(movement));
        let address = seed.address.clone().unwrap_or_default();
        let tags = self.clerk.tags.on(&address);
        SeedLine {
            place: Place { outpoint: seed.outpoint(), address: Said(address), tags },
            from: None,
            tx: TxRef {
                txid: seed.txid.to_string(),
                height: seed.height.0,
                block: seed.block.to_string(),
                time,
                ..TxRef::default()
            },
            value: seed.coin_units,
            stolen: seed.stolen_units,
            position: seed.position.map(Position::name),
            given: seed.given.as_str().into(),
        }
    }

    fn trail(&mut self, trail: &Trail<u64>) -> TrailPart {
        let mut ends: Vec<EndLine> = trail.ends.iter().map(|end| self.end(trail, end)).collect();
        // Largest first, so that a reader sees what matters; the ledger's order breaks ties (the sort is stable).
        ends.sort_by_key(|end| (end.place.is_none(), Reverse(end.units)));
        // Poison reaches far and its hops carry no amounts: they are written down only when it is what was asked.
        let told = trail.rule.conserves() || trail.rule.name() == self.question.parameters.declared;
        let hops = trail.hops.iter().filter(|_| told).enumerate().map(|(at, hop)| self.hop(trail, at, hop)).collect();
        TrailPart {
            rule: trail.rule.name().to_owned(),
            version: trail.rule.version(),
            conserves: trail.rule.conserves(),
            stolen: U256::from(trail.stolen),
            opened: U256::ZERO,
            entered: U256::from(trail.stolen),
            openings: Vec::new(),
            conversions: Vec::new(),
            declined: Vec::new(),
            ends,
            totals: trail.totals.iter().map(|total| self.total(total)).collect(),
            hops,
            unknown: U256::from(trail.unknown),
            rest_is_clean: trail.rest_is_clean,
            assumed: Vec::new(),
        }
    }

    fn total(&self, total: &Total<u64>) -> TotalLine {
        let (kind, units) = (self.clerk.kind(total.terminal), U256::from(total.units));
        TotalLine { kind, terminal: total.terminal, units, ends: total.ends }
    }

    fn end(&mut self, trail: &Trail<u64>, end: &End<u64>) -> EndLine {
        let coin = trail.coin(end).copied();
        let place = coin.map(|coin| self.coin_place(&coin));
        let made = coin.and_then(|coin| self.ledger.origin(coin.holding)).map(|(movement, _)| movement);
        let tx = made.or(end.movement).map_or_else(|| unknown_tx(place.as_ref()), |movement| self.tx(movement));
        let value = match (coin, end.movement) {
            (Some(coin), _) => coin.value,
            (None, Some(movement)) => whole_fee(trail, movement).unwrap_or(end.units),
            (None, None) => end.units,
        };
        let kind = self.clerk.kind(end.terminal);
        self.clerk.cite_cluster(end.terminal);
        let finding = self.finding(trail, end, &kind, place.as_ref(), &tx);
        let (value, units) = (U256::from(value), U256::from(end.units));
        let (terminal, depth, movements) = (end.terminal, end.depth, Vec::new());
        EndLine { terminal, kind, place, tx, value, units, movements, into: None, depth, finding }
    }

    /// The claim of an end: facts, rule, parameters and the block it holds at, and nothing about who ran it.
    fn finding(&self, trail: &Trail<u64>, end: &End<u64>, kind: &Said, place: Option<&Place>, tx: &TxRef) -> Finding {
        let as_of = self.ledger.as_of();
        Finding::of(json!({
            "kind": if trail.rule.conserves() { "stolen value ended" } else { "coin reached, upper bound" },
            "end": kind.0,
            "chain": as_of.chain.0,
            "transaction": tx.txid,
            "block": tx.block,
            "coin": place.map(|place| &place.outpoint),
            "units": end.units.to_string(),
            "stolen": trail.stolen.to_string(),
            "seeds": seeds_digest(&self.question.thefts[trail.theft as usize].1),
            "rule": trail.rule.name(),
            "rule_version": trail.rule.version().to_string(),
            "parameters": self.question.parameters.digest(),
            "as_of": { "height": as_of.height.0.to_string(), "block": as_of.block.to_string() },
        }))
    }
}

fn unknown_tx(place: Option<&Place>) -> TxRef {
    let txid = place.and_then(|place| place.outpoint.split(':').next()).unwrap_or_default().to_owned();
    TxRef { txid, height: u32::MAX, ..TxRef::default() }
}

/// A hash of a theft's seeds by what outlives any store, in their order.
fn seeds_digest(seeds: &[Seed]) -> String {
    let claims: Vec<_> = seeds.iter().map(seed_claim).collect();
    let mut hasher = blake3::Hasher::new_derive_key("coinhound 2026 seeds v1");
    hasher.update(canonical(&claims).as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// A seed by what outlives any store.
fn seed_claim(seed: &Seed) -> serde_json::Value {
    json!({
        "coin": seed.outpoint(),
        "block": seed.block.to_string(),
        "units": seed.stolen_units.to_string(),
        "position": seed.position.map(Position::name),
    })
}

impl<L: Ledger<Units = u64>, N: Names> Gatherer<'_, L, N> {
    fn sensitivity(&mut self, table: &Sensitivity<u64>) -> SensitivityPart {
        let mut rows: Vec<SensitivityLine> = table.rows.iter().map(|row| self.sensitivity_line(row)).collect();
        rows.sort_by_key(|row| (row.place.is_none(), Reverse(row.min), Reverse(row.max)));
        SensitivityPart { rules: table.rules.iter().map(|rule| rule.name().to_owned()).collect(), rows }
    }

    fn sensitivity_line(&mut self, row: &SensitivityRow<u64>) -> SensitivityLine {
        let place = row.holding.map(|holding| self.place(holding, self.ledger.entry(holding).owner));
        let (terminal, kind) = (row.terminal, self.clerk.kind(row.terminal));
        let units = row.units.iter().copied().map(U256::from).collect();
        SensitivityLine { terminal, kind, place, units, min: U256::from(row.min), max: U256::from(row.max) }
    }

    fn contested(&mut self, row: &Contested<u64>) -> ContestedLine {
        let name = |theft: u32| Said(self.question.thefts[theft as usize].0.clone());
        ContestedLine {
            rule: row.rule.name().to_owned(),
            claims: row.claims.iter().map(|claim| (name(claim.theft), U256::from(claim.units))).collect(),
            place: self.place(row.holding, self.ledger.entry(row.holding).owner),
            movement: None,
            asset: self.asset.clone(),
            value: U256::from(row.value),
            is_end: row.is_end,
        }
    }
}

/// The fee of a hop, stolen or not.
fn whole_fee(trail: &Trail<u64>, movement: MovementId) -> Option<u64> {
    // Hops ascend in the ledger's order.
    let at = trail.hops.binary_search_by_key(&movement, |hop| hop.movement).ok()?;
    Some(trail.hops[at].fee)
}
