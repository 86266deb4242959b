//! What was measured in mainnet blocks: heights 540,107 and 574,200 for 2018, 702,861 and 739,990 for 2022.
//!
//! Some figures exist for one of the two, or for another block of about that time, and are said so.

use coinhound_model::LockKind;

use crate::world::Era;
use crate::world::shape::Shape;
use crate::world::shape::table::{Row, Table};

/// Anchors of one era, in thousandths unless the field says otherwise.
struct Anchors {
    inputs_per_1000: &'static [u64],
    outputs_per_1000: &'static [u64],
    one_to_two: &'static [u64],
    one_to_one: &'static [u64],
    wide: &'static [u64],
    wide_outputs: &'static [u64],
    deep: &'static [u64],
    deep_inputs: &'static [u64],
    locked: &'static [u64],
    replaceable: &'static [u64],
    version_2: &'static [u64],
    self_change: &'static [u64],
    two_types: &'static [u64],
    outputs: &'static [(&'static str, LockKind, &'static [u64])],
    inputs: &'static [(&'static str, LockKind, &'static [u64])],
    /// Satoshi per virtual byte.
    fee_rate: &'static [&'static [(u64, u64)]],
    /// Blocks.
    age: &'static [&'static [(u64, u64)]],
    /// Satoshi.
    value: &'static [&'static [(u64, u64)]],
}

/// Block 540,107 has 30.7 inputs a transaction because of a few huge ones, so 574,200 stands alone there.
/// No block of 2018 was measured for self-change (2015 and 2022 here), fee rates, ages and values (2021 and 2022).
const Y2018: Anchors = Anchors {
    inputs_per_1000: &[1_530],
    outputs_per_1000: &[2_050, 2_460],
    one_to_two: &[490, 560],
    one_to_one: &[70, 230],
    wide: &[18],
    wide_outputs: &[140],
    deep: &[9],
    deep_inputs: &[150],
    locked: &[240, 280],
    replaceable: &[50, 60],
    version_2: &[220, 300],
    self_change: &[180, 320],
    two_types: &[510],
    outputs: &[
        ("outputs P2PKH", LockKind::PubKeyHash, &[500, 570]),
        ("outputs P2SH", LockKind::ScriptHash, &[320, 370]),
        ("outputs P2WPKH", LockKind::WitnessPubKeyHash, &[30, 50]),
        ("outputs OP_RETURN", LockKind::DataCarrier, &[20, 120]),
    ],
    inputs: &[],
    fee_rate: Y2022.fee_rate,
    age: Y2022.age,
    value: Y2022.value,
};

const Y2022: Anchors = Anchors {
    inputs_per_1000: &[2_610, 3_370],
    outputs_per_1000: &[2_410, 2_920],
    one_to_two: &[520, 620],
    one_to_one: &[110, 180],
    wide: &[14, 30],
    wide_outputs: &[220, 360],
    deep: &[14, 19],
    deep_inputs: &[440, 530],
    locked: &[200, 330],
    replaceable: &[140, 330],
    version_2: &[580, 710],
    self_change: &[180],
    two_types: &[750],
    outputs: &[
        ("outputs P2PKH", LockKind::PubKeyHash, &[180, 280]),
        ("outputs P2SH", LockKind::ScriptHash, &[300, 430]),
        ("outputs P2WPKH", LockKind::WitnessPubKeyHash, &[350, 400]),
        ("outputs P2WSH", LockKind::WitnessScriptHash, &[20, 40]),
        ("outputs P2TR", LockKind::Taproot, &[0, 4]),
    ],
    inputs: &[
        ("inputs P2PKH", LockKind::PubKeyHash, &[100]),
        ("inputs P2SH", LockKind::ScriptHash, &[613]),
        ("inputs P2WPKH", LockKind::WitnessPubKeyHash, &[260]),
        ("inputs P2WSH", LockKind::WitnessScriptHash, &[12]),
    ],
    fee_rate: &[&[(100, 2), (500, 6), (900, 18)]],
    age: &[&[(100, 1), (500, 28), (900, 419)]],
    value: &[&[(50, 7_600), (500, 328_000), (950, 38_900_000)], &[(50, 16_500), (500, 380_000), (950, 212_000_000)]],
};

/// The table of a shape beside its era's anchors.
pub(super) fn table(shape: &Shape, era: Era) -> Table {
    let anchors = match era {
        Era::Y2018 => &Y2018,
        Era::Y2022 => &Y2022,
    };
    let mut rows = counts(shape, anchors);
    rows.extend(habits(shape, anchors));
    let kind = |(name, kind, anchors): &(&'static str, LockKind, &[u64]), by: &[u64; 16], all: u64| {
        Row::number(name, of(by[*kind as usize], all), anchors)
    };
    rows.extend(anchors.outputs.iter().map(|one| kind(one, &shape.outputs_by_kind, shape.outputs)));
    rows.extend(anchors.inputs.iter().map(|one| kind(one, &shape.inputs_by_kind, shape.inputs)));
    rows.push(Row::distribution("fee rate, sat/vB, p10/50/90", &shape.fee_rates, anchors.fee_rate));
    rows.push(Row::distribution("spent coin's age, blocks, p10/50/90", &shape.ages, anchors.age));
    rows.push(Row::distribution("output value, sat, p5/50/95", &shape.values, anchors.value));
    Table { rows }
}

fn counts(shape: &Shape, anchors: &Anchors) -> Vec<Row> {
    let txs = shape.txs;
    vec![
        Row::number("inputs per 1,000 transactions", of(shape.inputs, txs), anchors.inputs_per_1000),
        Row::number("outputs per 1,000 transactions", of(shape.outputs, txs), anchors.outputs_per_1000),
        Row::number("one input, two outputs", of(shape.one_to_two, txs), anchors.one_to_two),
        Row::number("one input, one output", of(shape.one_to_one, txs), anchors.one_to_one),
        Row::number("ten outputs or more", of(shape.wide.0, txs), anchors.wide),
        Row::number("  their share of outputs", of(shape.wide.1, shape.outputs), anchors.wide_outputs),
        Row::number("ten inputs or more, consolidating", of(shape.deep.0, txs), anchors.deep),
        Row::number("  their share of inputs", of(shape.deep.1, shape.inputs), anchors.deep_inputs),
    ]
}

fn habits(shape: &Shape, anchors: &Anchors) -> Vec<Row> {
    let txs = shape.txs;
    vec![
        Row::number("locktime above zero", of(shape.locked, txs), anchors.locked),
        Row::number("replaceable", of(shape.replaceable, txs), anchors.replaceable),
        Row::number("version 2", of(shape.version_2, txs), anchors.version_2),
        Row::number("change to an input's address", of(shape.self_change, txs), anchors.self_change),
        Row::number("inputs of several types", of(shape.mixed_inputs, txs), &[23]),
        Row::number("two outputs of two types", of(shape.two_types, shape.two_outputs), anchors.two_types),
        Row::number("inputs made in the same block", of(shape.same_block, shape.inputs), &[20, 190]),
    ]
}

/// A share in thousandths.
fn of(part: u64, whole: u64) -> u64 {
    part * 1000 / whole.max(1)
}
