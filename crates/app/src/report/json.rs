//! The report as JSON: the same facts, amounts as decimal text of the smallest unit, hashes as chains print them.

use coinhound_model::Terminal;
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::document::{
    AssumedLine, ConversionLine, DeclinedLine, Document, EndLine, HopPart, HopSide, Kind, Link, NoteLine, Place,
    SCHEMA_VERSION, SeedLine, SensitivityLine, SensitivityPart, SuppliedPart, TagLine, TheftPart, TrailPart, TxRef,
    WarningLine,
};
use super::words;
use crate::gaps::Gaps;
use crate::money::AssetLine;
use crate::out::Sheet;
use crate::untraced::Untraced;

/// The document as one JSON value.
#[must_use]
pub fn value(doc: &Document) -> Value {
    let mut told = json!({
        "schema": "coinhound report",
        "schema_version": SCHEMA_VERSION,
        "program": doc.program,
        "case": doc.case,
        "ledger": match doc.kind { Kind::Coins => "coins", Kind::Accounts => "accounts" },
        "evidence": words::evidence(doc.supplied.is_some()),
        "supplied": doc.supplied.as_ref().map(supplied),
        "asset": doc.asset.json(),
        "as_of": {
            "chain": doc.as_of.chain, "network": doc.as_of.network, "first_height": doc.as_of.first,
            "height": doc.as_of.height, "block": doc.as_of.block, "block_time": doc.as_of.time,
        },
        "gaps": holes(doc.gaps.as_ref(), Gaps::sheet),
        "unusable_blocks": holes(doc.gaps.as_ref(), Gaps::unusable_sheet),
        "parameters": doc.parameters,
        "parameters_digest": doc.parameters.digest(),
        "error_rate": null,
        "tags": doc.tags.iter().map(tag).collect::<Vec<_>>(),
        "thefts": doc.thefts.chunk_by(|a, b| a.number == b.number).map(|parts| theft(parts, doc)).collect::<Vec<_>>(),
        "notice": doc.notice,
        "annex": doc.annex.iter().map(|part| json!({
            "title": part.title, "intro": part.intro, "columns": part.columns, "rows": part.rows,
        })).collect::<Vec<_>>(),
        "contested": doc.contested.iter().map(|row| json!({
            "rule": row.rule, holding(doc): place(&row.place, doc), "movement": row.movement, "asset": row.asset.json(), "value": row.value.to_string(), "is_end": row.is_end,
            "claims": row.claims.iter().map(|(name, units)| json!({ "theft": name, "units": units.to_string() })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    if doc.kind == Kind::Accounts {
        told["untraced"] = doc.untraced.as_ref().map_or(Value::Null, Untraced::json);
        told["warnings"] = doc.warnings.iter().map(warning).collect();
    }
    told
}

fn warning(line: &WarningLine) -> Value {
    json!({
        "part": line.part, "kind": line.kind, "about": line.about, "movement": line.movement, "times": line.times,
    })
}

fn holes(gaps: Option<&Gaps>, list: fn(&Gaps) -> Sheet) -> Value {
    gaps.map_or(Value::Null, |gaps| list(gaps).json())
}

/// An end by its kind, with the service where it is one, and the tagged address whose cluster that service is.
fn kind(terminal: Terminal, doc: &Document) -> [Value; 3] {
    let service = match terminal {
        Terminal::AtService(number) => doc.parameters.service(number),
        _ => None,
    };
    let label = service.map(|service| json!(service.label)).unwrap_or_default();
    [terminal.name().into(), label, service.and_then(|service| service.cluster_of).into()]
}

fn tag(tag: &TagLine) -> Value {
    json!({
        "subject": tag.subject, "label": tag.label, "source": tag.source, "confidence": tag.confidence.json(), "category": tag.category,
        "abuse": tag.abuse, "pack": tag.pack, "lastmod": tag.lastmod,
    })
}

/// What a holding is called: a field of its own for each kind of ledger.
fn holding(doc: &Document) -> &'static str {
    match doc.kind {
        Kind::Coins => "coin",
        Kind::Accounts => "balance",
    }
}

fn place(place: &Place, doc: &Document) -> Value {
    match doc.kind {
        Kind::Coins => json!({ "outpoint": place.outpoint, "address": place.address, "tags": place.tags }),
        Kind::Accounts => json!({ "account": place.address, "asset": place.outpoint, "tags": place.tags }),
    }
}

fn tx(tx: &TxRef) -> Value {
    let known = tx.height != u32::MAX;
    let mut told = json!({
        "txid": tx.txid, "height": known.then_some(tx.height), "block": known.then_some(&tx.block),
        "block_time": known.then_some(tx.time),
    });
    if let Some(movement) = tx.movement {
        told["movement"] = movement.into();
        told["hash_known"] = (!tx.no_hash).into();
        told["notes"] = tx.notes.iter().map(NoteLine::json).collect();
    }
    told
}

fn supplied(part: &SuppliedPart) -> Value {
    json!({
        "files": part.files.iter().map(|file| json!({ "name": file.name, "digest": file.digest, "rows": file.rows })).collect::<Vec<_>>(),
        "left_out": part.left_out,
        "skipped": part.skipped.iter().map(|row| json!({ "file": row.file, "line": row.line, "reason": row.reason })).collect::<Vec<_>>(),
    })
}

/// A theft with its parts, the one in the stolen asset first.
fn theft(parts: &[TheftPart], doc: &Document) -> Value {
    let theft = &parts[0];
    let trails = parts.iter().flat_map(|part| part.trails.iter().map(move |line| trail(part, line, doc)));
    let mut told = json!({
        "name": theft.name,
        "asset": theft.asset.json(),
        "stolen": theft.stolen.to_string(),
        "seeds_digest": theft.digest,
        "seeds": theft.seeds.iter().map(|line| seed(line, doc)).collect::<Vec<_>>(),
        "trails": trails.collect::<Vec<_>>(),
        "sensitivity": sensitivity(&theft.sensitivity, doc),
    });
    if doc.kind == Kind::Accounts {
        let others = parts[1..].iter().map(|part| {
            let mut table = sensitivity(&part.sensitivity, doc);
            table["asset"] = part.asset.json();
            table
        });
        told["sensitivity_converted"] = others.collect();
    }
    told
}

/// A conversion, told with the asset that was given (`taken` is there) or with the one that was received.
fn conversion(line: &ConversionLine, doc: &Document) -> Value {
    let mut told = json!({
        "transaction": tx(&line.tx), "balance": place(&line.place, doc),
        "given": { "asset": line.given_asset.json(), "units": line.given.to_string() },
        "received": { "asset": line.received_asset.json(), "units": line.received.to_string() },
        "converted": line.converted.to_string(), "opened": line.opened.to_string(),
    });
    if let Some(taken) = &line.taken {
        told["debits"] = taken.debits.to_string().into();
        told["refunds"] = taken.refunds.to_string().into();
        told["drawn"] = taken.drawn.to_string().into();
    }
    told
}

fn seed(seed: &SeedLine, doc: &Document) -> Value {
    let mut told = json!({
        holding(doc): place(&seed.place, doc), "made_by": tx(&seed.tx), "value": seed.value.to_string(), "stolen": seed.stolen.to_string(),
        "position": seed.position, "given": seed.given,
    });
    if doc.kind == Kind::Accounts {
        told["from"] = seed.from.as_ref().map_or(Value::Null, |from| place(from, doc));
    }
    told
}

fn declined(line: &DeclinedLine, doc: &Document) -> Value {
    json!({
        "transaction": tx(&line.tx), "balance": place(&line.place, doc), "given": line.given.to_string(),
        "received": { "asset": line.received_asset.json(), "units": line.received.to_string() },
        "gainer": line.gainer.address, "gainer_tags": line.gainer.tags,
    })
}

fn trail(part: &TheftPart, trail: &TrailPart, doc: &Document) -> Value {
    let mut told = json!({
        "rule": trail.rule,
        "rule_version": trail.version,
        "amounts_are": if trail.conserves { "exact" } else { "upper bound" },
        "stolen": trail.stolen.to_string(),
        "totals": trail.totals.iter().map(|total| {
            let [end, service, cluster_of] = kind(total.terminal, doc);
            json!({
                "end": end, "service": service, "cluster_of": cluster_of, "units": total.units.to_string(),
                "places": total.ends,
            })
        }).collect::<Vec<_>>(),
        "ends": trail.ends.iter().map(|line| end(line, doc)).collect::<Vec<_>>(),
        "hops": trail.hops.iter().map(|part| hop(part, doc)).collect::<Vec<_>>(),
    });
    // A bound of reach says nothing of what lies beside the loot.
    if trail.conserves {
        told["unknown_beside"] = trail.unknown.to_string().into();
        told["rest_is_clean"] = trail.rest_is_clean.into();
    }
    if doc.kind == Kind::Accounts {
        let line = |line: &AssumedLine| json!({ "balance": place(&line.place, doc), "units": line.units.to_string() });
        told["asset"] = part.asset.json();
        told["opened"] = trail.opened.to_string().into();
        told["entered"] = trail.entered.to_string().into();
        told["opened_by"] = trail.openings.iter().map(|line| conversion(line, doc)).collect();
        told["conversions"] = trail.conversions.iter().map(|line| conversion(line, doc)).collect();
        told["declined"] = trail.declined.iter().map(|line| declined(line, doc)).collect();
        told["openings_assumed"] = trail.assumed.iter().map(line).collect();
    }
    told
}

fn end(end: &EndLine, doc: &Document) -> Value {
    let [kind, service, cluster_of] = kind(end.terminal, doc);
    let mut told = json!({
        "end": kind, "service": service, "cluster_of": cluster_of, "units": end.units.to_string(), "value": end.value.to_string(),
        holding(doc): end.place.as_ref().map(|at| place(at, doc)),
        "transaction": tx(&end.tx), "steps": end.depth, "finding": end.finding.id, "claim": end.finding.claim,
    });
    if doc.kind == Kind::Accounts {
        told["movements"] = json!(end.movements);
        told["into"] = end.into.as_ref().map_or(Value::Null, AssetLine::json);
    }
    told
}

fn hop(hop: &HopPart, doc: &Document) -> Value {
    let mut told = json!({
        "number": hop.number, "transaction": tx(&hop.tx), "tags": hop.tags, "steps": hop.depth,
        "value_in": hop.value_in.to_string(), "stolen_in": hop.stolen_in.to_string(),
        "inputs": hop.ins.iter().map(|part| side(part, doc)).collect::<Vec<_>>(),
        "outputs": hop.outs.iter().map(|part| side(part, doc)).collect::<Vec<_>>(),
        "fee": hop.fee.to_string(), "fee_stolen": hop.fee_stolen.to_string(),
    });
    if let Some(why) = hop.why {
        told["kind"] = why.name().into();
    }
    told
}

fn side(side: &HopSide, doc: &Document) -> Value {
    let lots: Vec<Value> =
        side.lots.iter().map(|lot| json!({ "stolen": lot.stolen, "units": lot.units.to_string() })).collect();
    let link = match &side.link {
        Link::None => Value::Null,
        Link::Seed => json!({ "to": "seed" }),
        Link::Hop(number) => json!({ "to": "hop", "hop": number }),
        Link::End(terminal, _) => {
            let [end, service, cluster_of] = kind(*terminal, doc);
            json!({ "to": "end", "end": end, "service": service, "cluster_of": cluster_of })
        }
    };
    json!({
        "index": side.index, holding(doc): place(&side.place, doc), "value": side.value.to_string(), "stolen": side.stolen.to_string(),
        "lots": lots, "link": link,
    })
}

fn sensitivity(part: &SensitivityPart, doc: &Document) -> Value {
    let row = |row: &SensitivityLine| {
        let [end, service, cluster_of] = kind(row.terminal, doc);
        json!({
            "end": end, "service": service, "cluster_of": cluster_of,
            holding(doc): row.place.as_ref().map(|at| place(at, doc)),
            "units": row.units.iter().map(U256::to_string).collect::<Vec<_>>(),
            "under_every_rule": row.min.to_string(), "at_most": row.max.to_string(),
        })
    };
    let rows: Vec<Value> = part.rows.iter().map(row).collect();
    json!({ "rules": part.rules, "rows": rows })
}
