//! The report as JSON: the same facts, amounts as decimal text of the smallest unit, hashes as chains print them.

use serde_json::{Value, json};

use super::document::{
    Document, EndLine, HopPart, HopSide, Link, Place, SCHEMA_VERSION, SeedLine, SensitivityPart, TagLine, TheftPart,
    TrailPart, TxRef,
};

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
        "parameters": doc.parameters,
        "parameters_digest": doc.parameters.digest(),
        "error_rate": "not measured",
        "tags": doc.tags.iter().map(tag).collect::<Vec<_>>(),
        "thefts": doc.thefts.iter().map(theft).collect::<Vec<_>>(),
        "contested": doc.contested.iter().map(|row| json!({
            "rule": row.rule, "coin": place(&row.place), "value": row.value.to_string(), "is_end": row.is_end,
            "claims": row.claims.iter().map(|(name, units)| json!({ "theft": name, "units": units.to_string() })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn tag(tag: &TagLine) -> Value {
    json!({
        "subject": tag.subject, "label": tag.label, "source": tag.source, "confidence": tag.confidence, "category": tag.category,
        "abuse": tag.abuse, "pack": tag.pack, "lastmod": tag.lastmod,
    })
}

fn place(place: &Place) -> Value {
    json!({ "outpoint": place.outpoint, "address": place.address, "tags": place.tags })
}

fn tx(tx: &TxRef) -> Value {
    if tx.height == u32::MAX {
        return json!({ "txid": tx.txid, "before_ingested_range": true });
    }
    json!({ "txid": tx.txid, "height": tx.height, "block": tx.block, "block_time": tx.time })
}

fn theft(theft: &TheftPart) -> Value {
    json!({
        "name": theft.name,
        "stolen": theft.stolen.to_string(),
        "seeds_digest": theft.digest,
        "seeds": theft.seeds.iter().map(seed).collect::<Vec<_>>(),
        "trails": theft.trails.iter().map(trail).collect::<Vec<_>>(),
        "sensitivity": sensitivity(&theft.sensitivity),
    })
}

fn seed(seed: &SeedLine) -> Value {
    json!({
        "coin": place(&seed.place), "made_by": tx(&seed.tx), "value": seed.value.to_string(), "stolen": seed.stolen.to_string(),
        "position": seed.position, "given": seed.given,
    })
}

fn trail(trail: &TrailPart) -> Value {
    let mut told = json!({
        "rule": trail.rule,
        "rule_version": trail.version,
        "amounts_are": if trail.conserves { "exact" } else { "upper bounds, not to be added up" },
        "stolen": trail.stolen.to_string(),
        "totals": trail.totals.iter().map(|total| json!({
            "end": total.kind, "units": total.units.to_string(), "places": total.ends,
        })).collect::<Vec<_>>(),
        "ends": trail.ends.iter().map(end).collect::<Vec<_>>(),
        "hops": trail.hops.iter().map(hop).collect::<Vec<_>>(),
    });
    // A bound of reach says nothing of what lies beside the loot.
    if trail.conserves {
        told["unknown_beside"] = trail.unknown.to_string().into();
        told["rest_is_clean"] = trail.rest_is_clean.into();
    }
    told
}

fn end(end: &EndLine) -> Value {
    json!({
        "end": end.kind, "units": end.units.to_string(), "value": end.value.to_string(), "coin": end.place.as_ref().map(place),
        "transaction": tx(&end.tx), "steps": end.depth, "finding": end.finding.id, "claim": end.finding.claim,
    })
}

fn hop(hop: &HopPart) -> Value {
    json!({
        "number": hop.number, "transaction": tx(&hop.tx), "tags": hop.tags, "steps": hop.depth,
        "value_in": hop.value_in.to_string(), "stolen_in": hop.stolen_in.to_string(),
        "inputs": hop.ins.iter().map(side).collect::<Vec<_>>(),
        "outputs": hop.outs.iter().map(side).collect::<Vec<_>>(),
        "fee": hop.fee.to_string(), "fee_stolen": hop.fee_stolen.to_string(),
    })
}

fn side(side: &HopSide) -> Value {
    let lots: Vec<Value> =
        side.lots.iter().map(|lot| json!({ "stolen": lot.stolen, "units": lot.units.to_string() })).collect();
    let link = match &side.link {
        Link::None => Value::Null,
        Link::Seed => json!({ "seed": true }),
        Link::Hop(number) => json!({ "hop": number }),
        Link::End(_, kind) => json!({ "end": kind }),
    };
    json!({
        "index": side.index, "coin": place(&side.place), "value": side.value.to_string(), "stolen": side.stolen.to_string(),
        "lots": lots, "link": link,
    })
}

fn sensitivity(part: &SensitivityPart) -> Value {
    let rows: Vec<Value> = part
        .rows
        .iter()
        .map(|row| {
            json!({
                "end": row.kind, "coin": row.place.as_ref().map(place),
                "units": row.units.iter().map(u64::to_string).collect::<Vec<_>>(),
                "under_every_rule": row.min.to_string(), "at_most": row.max.to_string(),
            })
        })
        .collect();
    json!({ "rules": part.rules, "rows": rows })
}
