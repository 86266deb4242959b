//! The report as JSON: the same facts, amounts as decimal text of the smallest unit, hashes as chains print them.

use coinhound_model::Terminal;
use serde_json::{Value, json};

use super::document::{
    Document, EndLine, HopPart, HopSide, Link, Place, SCHEMA_VERSION, SeedLine, SensitivityLine, SensitivityPart,
    TagLine, TheftPart, TrailPart, TxRef,
};
use super::parameters::Parameters;
use crate::gaps::Gaps;
use crate::out::Sheet;

/// The document as one JSON value.
#[must_use]
pub fn value(doc: &Document) -> Value {
    json!({
        "schema": "coinhound report",
        "schema_version": SCHEMA_VERSION,
        "program": doc.program,
        "case": doc.case,
        "asset": { "ticker": doc.asset.ticker, "decimals": doc.asset.decimals },
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
        "thefts": doc.thefts.iter().map(|part| theft(part, &doc.parameters)).collect::<Vec<_>>(),
        "contested": doc.contested.iter().map(|row| json!({
            "rule": row.rule, "coin": place(&row.place), "value": row.value.to_string(), "is_end": row.is_end,
            "claims": row.claims.iter().map(|(name, units)| json!({ "theft": name, "units": units.to_string() })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn holes(gaps: Option<&Gaps>, list: fn(&Gaps) -> Sheet) -> Value {
    gaps.map_or(Value::Null, |gaps| list(gaps).json())
}

/// An end by its kind, with the service where it is one, and the tagged address whose cluster that service is.
fn kind(terminal: Terminal, parameters: &Parameters) -> [Value; 3] {
    let service = match terminal {
        Terminal::AtService(number) => parameters.service(number),
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

fn place(place: &Place) -> Value {
    json!({ "outpoint": place.outpoint, "address": place.address, "tags": place.tags })
}

fn tx(tx: &TxRef) -> Value {
    let known = tx.height != u32::MAX;
    json!({
        "txid": tx.txid, "height": known.then_some(tx.height), "block": known.then_some(&tx.block),
        "block_time": known.then_some(tx.time),
    })
}

fn theft(theft: &TheftPart, parameters: &Parameters) -> Value {
    json!({
        "name": theft.name,
        "stolen": theft.stolen.to_string(),
        "seeds_digest": theft.digest,
        "seeds": theft.seeds.iter().map(seed).collect::<Vec<_>>(),
        "trails": theft.trails.iter().map(|part| trail(part, parameters)).collect::<Vec<_>>(),
        "sensitivity": sensitivity(&theft.sensitivity, parameters),
    })
}

fn seed(seed: &SeedLine) -> Value {
    json!({
        "coin": place(&seed.place), "made_by": tx(&seed.tx), "value": seed.value.to_string(), "stolen": seed.stolen.to_string(),
        "position": seed.position, "given": seed.given,
    })
}

fn trail(trail: &TrailPart, parameters: &Parameters) -> Value {
    let mut told = json!({
        "rule": trail.rule,
        "rule_version": trail.version,
        "amounts_are": if trail.conserves { "exact" } else { "upper bound" },
        "stolen": trail.stolen.to_string(),
        "totals": trail.totals.iter().map(|total| {
            let [end, service, cluster_of] = kind(total.terminal, parameters);
            json!({
                "end": end, "service": service, "cluster_of": cluster_of, "units": total.units.to_string(),
                "places": total.ends,
            })
        }).collect::<Vec<_>>(),
        "ends": trail.ends.iter().map(|line| end(line, parameters)).collect::<Vec<_>>(),
        "hops": trail.hops.iter().map(|part| hop(part, parameters)).collect::<Vec<_>>(),
    });
    // A bound of reach says nothing of what lies beside the loot.
    if trail.conserves {
        told["unknown_beside"] = trail.unknown.to_string().into();
        told["rest_is_clean"] = trail.rest_is_clean.into();
    }
    told
}

fn end(end: &EndLine, parameters: &Parameters) -> Value {
    let [kind, service, cluster_of] = kind(end.terminal, parameters);
    json!({
        "end": kind, "service": service, "cluster_of": cluster_of, "units": end.units.to_string(), "value": end.value.to_string(), "coin": end.place.as_ref().map(place),
        "transaction": tx(&end.tx), "steps": end.depth, "finding": end.finding.id, "claim": end.finding.claim,
    })
}

fn hop(hop: &HopPart, parameters: &Parameters) -> Value {
    json!({
        "number": hop.number, "transaction": tx(&hop.tx), "tags": hop.tags, "steps": hop.depth,
        "value_in": hop.value_in.to_string(), "stolen_in": hop.stolen_in.to_string(),
        "inputs": hop.ins.iter().map(|part| side(part, parameters)).collect::<Vec<_>>(),
        "outputs": hop.outs.iter().map(|part| side(part, parameters)).collect::<Vec<_>>(),
        "fee": hop.fee.to_string(), "fee_stolen": hop.fee_stolen.to_string(),
    })
}

fn side(side: &HopSide, parameters: &Parameters) -> Value {
    let lots: Vec<Value> =
        side.lots.iter().map(|lot| json!({ "stolen": lot.stolen, "units": lot.units.to_string() })).collect();
    let link = match &side.link {
        Link::None => Value::Null,
        Link::Seed => json!({ "to": "seed" }),
        Link::Hop(number) => json!({ "to": "hop", "hop": number }),
        Link::End(terminal, _) => {
            let [end, service, cluster_of] = kind(*terminal, parameters);
            json!({ "to": "end", "end": end, "service": service, "cluster_of": cluster_of })
        }
    };
    json!({
        "index": side.index, "coin": place(&side.place), "value": side.value.to_string(), "stolen": side.stolen.to_string(),
        "lots": lots, "link": link,
    })
}

fn sensitivity(part: &SensitivityPart, parameters: &Parameters) -> Value {
    let row = |row: &SensitivityLine| {
        let [end, service, cluster_of] = kind(row.terminal, parameters);
        json!({
            "end": end, "service": service, "cluster_of": cluster_of, "coin": row.place.as_ref().map(place),
            "units": row.units.iter().map(u64::to_string).collect::<Vec<_>>(),
            "under_every_rule": row.min.to_string(), "at_most": row.max.to_string(),
        })
    };
    let rows: Vec<Value> = part.rows.iter().map(row).collect();
    json!({ "rules": part.rules, "rows": rows })
}
