//! From trails over accounts to the same document: movements instead of transactions, balances instead of coins.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use coinhound_analysis::trace::accounts::{
    AccountContested, AccountEnd, AccountHop, AccountTraced, AccountTrail, AssetSensitivity, ContestedPlace, Converted,
    Declined, Opened, Reached, contested_accounts, sensitivity_accounts,
};
use coinhound_analysis::trace::{Sensitivity, SensitivityRow};
use coinhound_model::{AccountLedger, Hash256, HoldingId, MoveKind, MovementId, NoteKind, Terminal};
use ruint::aliases::U256;
use serde_json::json;

use super::clerk::Clerk;
use super::{Names, PROGRAM, Question, seeds_digest};
use crate::case::{Position, Seed};
use crate::ethereum;
use crate::money::AssetLine;
use crate::notes;
use crate::report::document::{
    AsOfLine, AssumedLine, ContestedLine, ConversionLine, DeclinedLine, Document, EndLine, HopPart, HopSide, Kind,
    Link, Place, SeedLine, SensitivityLine, SensitivityPart, SuppliedPart, TakenLine, TheftPart, TotalLine, TrailPart,
    TxRef,
};
use crate::report::finding::Finding;
use crate::report::words;
use crate::text::Said;
use crate::untraced::Untraced;

/// Where destroyed value is said to be.
const NOBODY: &str = "nobody: destroyed";

/// What is known of a ledger of accounts beside its rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The files that the rows stand in, where somebody supplied them.
    pub supplied: Option<&'a SuppliedPart>,
    /// Where nobody told what contracts passed on.
    pub untraced: Option<&'a Untraced>,
}

/// Writes trails over accounts down as a document.
#[must_use]
pub fn gather_accounts<L: AccountLedger<Units = U256>>(
    ledger: &L,
    names: &impl Names,
    beside: Beside<'_>,
    question: &Question<'_>,
    traced: &AccountTraced<U256>,
) -> Document {
    let mut gatherer = Gatherer { ledger, names, question, clerk: Clerk::new(question) };
    let thefts: Vec<TheftPart> = (0..question.thefts.len()).flat_map(|theft| gatherer.theft(theft, traced)).collect();
    let contested = contested_accounts(&traced.trails).iter().map(|row| gatherer.contested(row)).collect();
    let supplied = ledger.is_supplied().then(|| beside.supplied.cloned().unwrap_or_default());
    Document {
        case: question.case.into(),
        program: PROGRAM.to_owned(),
        kind: Kind::Accounts,
        asset: thefts.first().map_or_else(|| names.asset(ledger.token(0)), |theft| theft.asset.clone()),
        supplied,
        as_of: gatherer.as_of(),
        gaps: question.gaps.cloned(),
        parameters: question.parameters.clone(),
        tags: gatherer.clerk.tags.shown,
        thefts,
        contested,
        warnings: Vec::new(),
        untraced: beside.untraced.cloned(),
        annex: Vec::new(),
        notice: None,
    }
}

struct Gatherer<'a, L, N> {
    ledger: &'a L,
    names: &'a N,
    question: &'a Question<'a>,
    clerk: Clerk<'a>,
}

impl<L: AccountLedger<Units = U256>, N: Names> Gatherer<'_, L, N> {
    fn as_of(&self) -> AsOfLine {
        let movements = self.ledger.movements();
        let time = if movements.is_empty() { 0 } else { self.ledger.time(MovementId(movements.end - 1)) };
        self.clerk.as_of(self.ledger.as_of(), time)
    }

    fn tx(&self, movement: MovementId) -> TxRef {
        let fact = self.ledger.fact(movement);
        let notes = self.ledger.notes(movement);
        TxRef {
            txid: self.hash(&fact.tx),
            movement: Some(self.index(movement)),
            no_hash: notes.iter().any(|note| note.kind == NoteKind::NoHash),
            notes: notes.iter().filter_map(notes::line).collect(),
            height: fact.height.0,
            block: self.hash(&fact.block),
            time: fact.time,
        }
    }

    /// A movement's place among those of its transaction.
    fn index(&self, movement: MovementId) -> u32 {
        u32::try_from(movement.0 - self.ledger.siblings(movement).start).unwrap_or(u32::MAX)
    }

    fn name(&self, movement: MovementId) -> String {
        format!("{}:{}", self.hash(&self.ledger.fact(movement).tx), self.index(movement))
    }

    fn hash(&self, hash: &Hash256) -> String {
        ethereum::hash(&self.ledger.as_of().chain, hash)
    }

    fn asset(&self, asset: u32) -> AssetLine {
        self.names.asset(self.ledger.token(asset))
    }

    fn place(&mut self, holding: HoldingId) -> Place {
        let address = self.names.address(self.ledger.owner(holding));
        let tags = self.clerk.tags.on(&address);
        Place { outpoint: self.ledger.token(self.ledger.asset(holding)).id, address: Said(address), tags }
    }

    /// A theft's parts: in the asset that was stolen, then in those that conversions led into.
    fn theft(&mut self, theft: usize, traced: &AccountTraced<U256>) -> Vec<TheftPart> {
        let number = u32::try_from(theft).expect("a case holds fewer than 2^32 thefts");
        let tables = sensitivity_accounts(&traced.trails, number);
        let of_theft: Vec<&AccountTrail<U256>> = traced.trails.iter().filter(|trail| trail.theft == number).collect();
        let mut assets: Vec<u32> = Vec::new();
        let own = of_theft.iter().filter(|trail| trail.is_own());
        let others = of_theft.iter().filter(|trail| !trail.is_own());
        for trail in own.chain(others) {
            if !assets.contains(&trail.asset) {
                assets.push(trail.asset);
            }
        }
        let parts = assets.into_iter().map(|asset| {
            let trails = of_theft.iter().copied().filter(|trail| trail.asset == asset).collect::<Vec<_>>();
            self.part(theft, asset, &trails, &tables)
        });
        parts.collect()
    }

    fn part(
        &mut self,
        theft: usize,
        asset: u32,
        trails: &[&AccountTrail<U256>],
        tables: &[AssetSensitivity<U256>],
    ) -> TheftPart {
        let (name, seeds) = &self.question.thefts[theft];
        let is_own = trails.iter().any(|trail| trail.is_own());
        let seeds: &[Seed] = if is_own { seeds } else { &[] };
        let table = tables.iter().find(|table| table.asset == asset);
        TheftPart {
            number: theft,
            name: name.as_str().into(),
            is_own,
            asset: self.asset(asset),
            stolen: seeds.iter().map(|seed| seed.stolen_units).sum(),
            digest: seeds_digest(&self.question.thefts[theft].1),
            seeds: seeds.iter().map(|seed| self.seed(seed)).collect(),
            trails: trails.iter().map(|trail| self.trail(trail)).collect(),
            sensitivity: table.map(|table| self.sensitivity(&table.table)).unwrap_or_default(),
        }
    }

    fn seed(&mut self, seed: &Seed) -> SeedLine {
        let found = self.ledger.find(&seed.txid);
        let moves = found.into_iter().find(|moves| self.ledger.fact(MovementId(moves.start)).block == seed.block);
        let movement = moves.map(|moves| MovementId(moves.start + u64::from(seed.vout)));
        let (from, to) =
            movement.map(|movement| self.ledger.movement(movement)).map_or((None, None), |m| (m.from, m.to));
        let address = seed.address.clone().unwrap_or_default();
        let given = Place { outpoint: String::new(), tags: self.clerk.tags.on(&address), address: Said(address) };
        SeedLine {
            place: to.map_or(given, |to| self.place(to)),
            from: from.map(|from| self.place(from)),
            tx: movement.map(|movement| self.tx(movement)).unwrap_or_default(),
            value: seed.coin_units,
            stolen: seed.stolen_units,
            position: seed.position.map(Position::name),
            given: seed.given.as_str().into(),
        }
    }

    fn trail(&mut self, trail: &AccountTrail<U256>) -> TrailPart {
        let mut ends = self.ends(trail);
        ends.sort_by_key(|end| (end.terminal == Terminal::Fee, Reverse(end.units)));
        let told = trail.rule.conserves() || trail.rule.name() == self.question.parameters.declared;
        let hops: Vec<HopPart> =
            trail.hops.iter().filter(|_| told).zip(1..).map(|(hop, number)| self.hop(trail, hop, number)).collect();
        TrailPart {
            rule: trail.rule.name().to_owned(),
            version: trail.rule.version(),
            conserves: trail.rule.conserves(),
            stolen: trail.stolen,
            opened: trail.entered.saturating_sub(trail.stolen),
            entered: trail.entered,
            openings: trail.opened.iter().map(|row| self.opening(trail, row)).collect(),
            conversions: trail.conversions.iter().map(|row| self.conversion(trail, row)).collect(),
            declined: trail.declined.iter().map(|row| self.declined(trail, row)).collect(),
            totals: totals(&ends),
            ends,
            hops,
            unknown: added(trail.reached.iter().filter_map(|reached| reached.assumed.as_ref())),
            rest_is_clean: trail.is_complete,
            assumed: trail.reached.iter().filter_map(|reached| self.assumed(reached)).collect(),
        }
    }

    /// A conversion as the trail in the given asset tells it.
    fn conversion(&mut self, trail: &AccountTrail<U256>, row: &Converted<U256>) -> ConversionLine {
        ConversionLine {
            tx: self.tx(row.movement),
            place: self.place(trail.reached[row.reached as usize].holding),
            given_asset: self.asset(trail.asset),
            given: row.debits.saturating_sub(row.refunds),
            taken: Some(TakenLine { debits: row.debits, refunds: row.refunds, drawn: row.drawn }),
            converted: row.converted,
            received_asset: self.asset(row.into),
            received: row.received,
            opened: row.opened,
        }
    }

    fn declined(&mut self, trail: &AccountTrail<U256>, row: &Declined<U256>) -> DeclinedLine {
        let gainer = self.names.address(row.gainer);
        let tags = self.clerk.tags.on(&gainer);
        DeclinedLine {
            tx: self.tx(row.movement),
            place: self.place(trail.reached[row.reached as usize].holding),
            given: row.given,
            received_asset: self.asset(row.into),
            received: row.received,
            gainer: Place { outpoint: String::new(), address: Said(gainer), tags },
        }
    }

    /// The same as the trail in the received asset tells it.
    fn opening(&mut self, trail: &AccountTrail<U256>, row: &Opened<U256>) -> ConversionLine {
        ConversionLine {
            tx: self.tx(row.movement),
            place: self.place(trail.reached[row.reached as usize].holding),
            given_asset: self.asset(row.from),
            given: row.given,
            taken: None,
            converted: row.converted,
            received_asset: self.asset(trail.asset),
            received: row.received,
            opened: row.units,
        }
    }

    fn assumed(&mut self, reached: &Reached<U256>) -> Option<AssumedLine> {
        let units = reached.assumed?;
        Some(AssumedLine { place: self.place(reached.holding), units })
    }

    /// What ended in one balance in one way is one end, however many movements brought it there; what was converted
    /// is told apart by the asset it went on in.
    fn ends(&mut self, trail: &AccountTrail<U256>) -> Vec<EndLine> {
        type Key = (Terminal, Option<u32>, Option<u32>);
        let into: BTreeMap<u32, u32> = trail.conversions.iter().map(|row| (row.end, row.into)).collect();
        let mut order: Vec<Key> = Vec::new();
        let mut groups: BTreeMap<Key, Vec<&AccountEnd<U256>>> = BTreeMap::new();
        for (end, number) in trail.ends.iter().zip(0..) {
            let into = into.get(&number).copied().filter(|_| end.terminal == Terminal::Converted);
            let key = (end.terminal, end.reached, into);
            groups.entry(key).or_insert_with(|| {
                order.push(key);
                Vec::new()
            });
            groups.get_mut(&key).expect("it was put in").push(end);
        }
        order.into_iter().map(|key| self.end(trail, &groups[&key], key.2)).collect()
    }

    fn end(&mut self, trail: &AccountTrail<U256>, parts: &[&AccountEnd<U256>], into: Option<u32>) -> EndLine {
        let first = parts[0];
        let units: U256 = parts.iter().map(|end| end.units).sum();
        let reached = trail.reached(first).copied();
        let place = match (reached, first.terminal) {
            (Some(reached), _) => Some(self.place(reached.holding)),
            (None, Terminal::Burned) => Some(self.nobody(trail.asset)),
            (None, _) => None,
        };
        let movements: Vec<MovementId> = parts.iter().filter_map(|end| end.movement).collect();
        let moved: Vec<U256> = movements.iter().map(|&movement| self.ledger.movement(movement).units).collect();
        let value = match (first.terminal, reached) {
            (Terminal::AtRest, Some(reached)) => reached.balance,
            // Its movement received another asset; what was given stands with the conversion.
            (Terminal::Converted, _) => units,
            _ => added(moved.iter()),
        };
        let tx = movements.first().copied().or(reached.map(|reached| reached.first));
        let tx = tx.map(|movement| self.tx(movement)).unwrap_or_default();
        let into = into.map(|asset| self.asset(asset));
        let kind = match &into {
            Some(asset) => format!("converted into {}", asset.name()).into(),
            None => self.clerk.kind(first.terminal),
        };
        self.clerk.cite_cluster(first.terminal);
        let movements: Vec<String> = movements.into_iter().map(|movement| self.name(movement)).collect();
        let finding = self.finding(trail, &kind, into.as_ref(), place.as_ref(), units, &movements);
        let depth = parts.iter().map(|end| end.depth).min().unwrap_or(0);
        EndLine { terminal: first.terminal, kind, place, tx, value, units, movements, into, depth, finding }
    }

    fn nobody(&self, asset: u32) -> Place {
        Place { outpoint: self.ledger.token(asset).id, address: NOBODY.into(), tags: Vec::new() }
    }

    /// The claim of an end: facts, rule, parameters and the block it holds at, and nothing about who ran it.
    fn finding(
        &self,
        trail: &AccountTrail<U256>,
        kind: &Said,
        into: Option<&AssetLine>,
        place: Option<&Place>,
        units: U256,
        movements: &[String],
    ) -> Finding {
        let as_of = self.ledger.as_of();
        let mut claim = json!({
            "kind": if trail.rule.conserves() { "stolen value ended" } else { "balance reached, upper bound" },
            "end": kind.0,
            "evidence": words::evidence(self.ledger.is_supplied()),
            "chain": as_of.chain.0,
            "account": place.map(|place| &place.address.0),
            "asset": self.ledger.token(trail.asset).id,
            "movements": movements,
            "units": units.to_string(),
            "stolen": trail.stolen.to_string(),
            "seeds": seeds_digest(&self.question.thefts[trail.theft as usize].1),
            "rule": trail.rule.name(),
            "rule_version": trail.rule.version().to_string(),
            "parameters": self.question.parameters.digest(),
            "as_of": { "height": as_of.height.0.to_string(), "block": self.hash(&as_of.block) },
        });
        if !trail.opened.is_empty() {
            claim["opened"] = trail.entered.saturating_sub(trail.stolen).to_string().into();
        }
        if let Some(asset) = into {
            claim["into"] = asset.id.as_str().into();
        }
        Finding::of(claim)
    }

    fn hop(&mut self, trail: &AccountTrail<U256>, hop: &AccountHop<U256>, number: usize) -> HopPart {
        let (tx, movement) = (self.tx(hop.movement), self.ledger.movement(hop.movement));
        let from = self.place(trail.reached[hop.from as usize].holding);
        let is_fee = movement.kind == MoveKind::Fee;
        let link = hop.end.map_or(Link::None, |end| {
            let terminal = trail.ends[end as usize].terminal;
            Link::End(terminal, self.clerk.kind(terminal))
        });
        let to = match movement.to {
            Some(to) => Some(self.place(to)),
            None => (!is_fee).then(|| self.nobody(trail.asset)),
        };
        let side =
            |place, link| HopSide { index: 0, place, value: hop.moved, stolen: hop.stolen, lots: Vec::new(), link };
        let fee = |units: U256| if is_fee { units } else { U256::ZERO };
        HopPart {
            number,
            tags: self.clerk.tags.on(&tx.txid),
            tx,
            why: Some(movement.kind),
            depth: hop.depth,
            ins: vec![side(from, Link::None)],
            outs: to.map(|to| side(to, link)).into_iter().collect(),
            fee: fee(hop.moved),
            fee_stolen: fee(hop.stolen),
            value_in: hop.moved,
            stolen_in: hop.stolen,
        }
    }

    fn sensitivity(&mut self, table: &Sensitivity<U256>) -> SensitivityPart {
        let mut rows: Vec<SensitivityLine> = table.rows.iter().map(|row| self.sensitivity_line(row)).collect();
        rows.sort_by_key(|row| (row.place.is_none(), Reverse(row.min), Reverse(row.max)));
        SensitivityPart { rules: table.rules.iter().map(|rule| rule.name().to_owned()).collect(), rows }
    }

    fn sensitivity_line(&mut self, row: &SensitivityRow<U256>) -> SensitivityLine {
        SensitivityLine {
            terminal: row.terminal,
            kind: self.clerk.kind(row.terminal),
            place: row.holding.map(|holding| self.place(holding)),
            units: row.units.clone(),
            min: row.min,
            max: row.max,
        }
    }

    fn contested(&mut self, row: &AccountContested<U256>) -> ContestedLine {
        let name = |theft: u32| Said(self.question.thefts[theft as usize].0.clone());
        let claims = row.claims.iter().map(|claim| (name(claim.theft), claim.units)).collect();
        let (holding, movement) = match row.place {
            ContestedPlace::Rests(holding) => (Some(holding), None),
            ContestedPlace::Converts(holding, movement) => (Some(holding), Some(movement)),
            ContestedPlace::Moves(movement) => {
                let moved = self.ledger.movement(movement);
                (moved.to.or(moved.from), Some(movement))
            }
        };
        let asset = holding.map_or(0, |holding| self.ledger.asset(holding));
        let place = match holding {
            Some(holding) => self.place(holding),
            None => self.nobody(asset),
        };
        ContestedLine {
            rule: row.rule.name().to_owned(),
            claims,
            place,
            movement: movement.map(|movement| self.name(movement)),
            asset: self.asset(asset),
            value: row.value,
            is_end: row.is_end,
        }
    }
}

/// A sum that stays at the largest amount there is, where hostile rows go beyond it: told, never followed.
fn added<'a>(units: impl Iterator<Item = &'a U256>) -> U256 {
    units.fold(U256::ZERO, |sum, &units| sum.saturating_add(units))
}

/// Ends added up by kind, in the order of the kinds.
fn totals(ends: &[EndLine]) -> Vec<TotalLine> {
    let mut totals: BTreeMap<Terminal, TotalLine> = BTreeMap::new();
    for end in ends {
        let total = totals.entry(end.terminal).or_insert_with(|| TotalLine {
            // What it was converted into is told apart end by end.
            kind: if end.into.is_some() { end.terminal.name().into() } else { end.kind.clone() },
            terminal: end.terminal,
            units: U256::ZERO,
            ends: 0,
        });
        total.units += end.units;
        total.ends += 1;
    }
    totals.into_values().collect()
}
