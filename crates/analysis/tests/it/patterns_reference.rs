//! The sources' predicates written down once more, as slowly and literally as they stand: hash maps, floats and all.
//!
//! `shape` in, one boolean a predicate out; no code shared with the crate but the input type. First-seen order breaks ties, as
//! in Python's `Counter.most_common`.

use std::collections::{BTreeSet, HashMap};

use coinhound_analysis::patterns::{Eras, TxShape};
use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, LockKind};

/// Values with how often each stands, in the order of first appearance.
fn counter(values: &[u64]) -> Vec<(u64, usize)> {
    let mut at = HashMap::new();
    let mut counts: Vec<(u64, usize)> = Vec::new();
    for value in values {
        let slot = *at.entry(*value).or_insert_with(|| {
            counts.push((*value, 0));
            counts.len() - 1
        });
        counts[slot].1 += 1;
    }
    counts
}

fn most_common(values: &[u64]) -> Option<(u64, usize)> {
    counter(values).into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })
}

fn distinct(owners: &[AddressId]) -> usize {
    owners.iter().collect::<BTreeSet<_>>().len()
}

/// A transaction as the sources' programs hold it.
struct Tx {
    inputs: Vec<(Option<u64>, AddressId, Option<LockKind>)>,
    scripts_known: bool,
    scripts_in: usize,
    top_share: f64,
    all: Vec<u64>,
    kinds: Vec<LockKind>,
    paid: Vec<u64>,
    scripts_out: usize,
    carriers: usize,
}

impl Tx {
    fn new(shape: &TxShape<'_>) -> Self {
        let owners: Vec<_> = shape.inputs.iter().map(|input| input.owner).collect();
        let to: Vec<_> = shape.outputs.iter().filter(|output| output.owner.is_some()).collect();
        let top = owners.iter().map(|one| owners.iter().filter(|other| one == *other).count()).max().unwrap_or(0);
        Self {
            inputs: shape.inputs.iter().map(|input| (input.value, input.owner, input.kind)).collect(),
            scripts_known: owners.iter().all(|owner| owner.is_some()),
            scripts_in: distinct(&owners),
            top_share: top as f64 / owners.len() as f64,
            all: shape.outputs.iter().map(|output| output.value).collect(),
            kinds: shape.outputs.iter().map(|output| output.kind).collect(),
            paid: to.iter().map(|output| output.value).collect(),
            scripts_out: distinct(&to.iter().map(|output| output.owner).collect::<Vec<_>>()),
            carriers: shape.outputs.iter().filter(|output| output.kind == LockKind::DataCarrier).count(),
        }
    }

    fn values_in(&self) -> Option<Vec<u64>> {
        self.inputs.iter().map(|input| input.0).collect()
    }
}

/// Every predicate of a shape.
pub fn collab(shape: &TxShape<'_>, eras: &Eras) -> CollabPrint {
    let tx = Tx::new(shape);
    if tx.inputs.is_empty() {
        return CollabPrint::empty();
    }
    let wasabi2 = shape.height >= eras.wasabi2 && dumplings_wasabi2(&tx);
    let wasabi1 = !wasabi2 && shape.height >= eras.wasabi1 && dumplings_wasabi1(&tx, shape, eras);
    let other = !wasabi2 && !wasabi1 && shape.height >= eras.joinmarket && dumplings_other(&tx);
    let bits = [
        (blocksci(&tx), CollabPrint::BLOCKSCI_GENERIC),
        (joinmarket(&tx), CollabPrint::GRAPHSENSE_JOINMARKET),
        (other, CollabPrint::DUMPLINGS_OTHER),
        (wasabi1, CollabPrint::DUMPLINGS_WASABI1),
        (wasabi10(&tx) || wasabi11(&tx), CollabPrint::GRAPHSENSE_WASABI1),
        (wasabi2, CollabPrint::DUMPLINGS_WASABI2),
        (wasabi20(&tx), CollabPrint::GRAPHSENSE_WASABI2),
        (whirlpool(&tx), CollabPrint::GRAPHSENSE_WHIRLPOOL),
        (tx0(&tx), CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0),
        (stonewall(&tx), CollabPrint::GRAPHSENSE_STONEWALL),
    ];
    bits.into_iter().filter(|(holds, _)| *holds).map(|(_, bit)| bit).collect()
}

fn blocksci(tx: &Tx) -> bool {
    let (inputs, outputs) = (tx.inputs.len(), tx.all.len());
    let participants = outputs / 2 + outputs % 2;
    inputs >= 2
        && outputs >= 3
        && participants <= inputs
        && tx.scripts_known
        && participants <= tx.scripts_in
        && most_common(&tx.all).is_some_and(|(value, count)| count == participants && value != 546 && value != 2_730)
}

fn joinmarket(tx: &Tx) -> bool {
    let above: Vec<u64> = tx.paid.iter().copied().filter(|value| *value > 2_730).collect();
    let Some((d, n)) = most_common(&above) else { return false };
    let (inputs, outputs) = (tx.inputs.len() as f64, tx.paid.len() as f64);
    n as f64 >= outputs / 2.0
        && tx.scripts_known
        && 3 <= n
        && n <= tx.scripts_in
        && tx.scripts_out == tx.paid.len()
        && tx.paid.iter().any(|value| *value != d)
        && (inputs < 50.0 || inputs / n as f64 <= 20.0 && outputs / n as f64 >= 1.7)
}

fn dumplings_other(tx: &Tx) -> bool {
    let repeated: Vec<_> = counter(&tx.all).into_iter().filter(|(_, count)| *count > 1).collect();
    let ([(d, n)], true, Some(values)) = (&repeated[..], tx.scripts_known, tx.values_in()) else { return false };
    let (d, n, outputs) = (*d, *n, tx.all.len());
    let Some(largest_other) = tx.all.iter().filter(|value| **value != d).max() else { return false };
    let scripts = tx.scripts_out + outputs - tx.paid.len();
    let largest_in = i128::from(*values.iter().max().expect("there are inputs"));
    (n == outputs - n || n == outputs - n + 1)
        && scripts >= n
        && tx.scripts_in >= n
        && largest_in <= i128::from(d) + i128::from(*largest_other) - 10_000
}

fn dumplings_wasabi1(tx: &Tx, shape: &TxShape<'_>, eras: &Eras) -> bool {
    let counts = counter(&tx.all);
    if shape.height < eras.wasabi1_by_form {
        return shape.pays_wasabi1_coordinator && counts.iter().any(|(_, count)| *count > 2);
    }
    let Some((d, n)) = most_common(&tx.all).filter(|(_, count)| *count > 1) else { return false };
    let p2wpkh = LockKind::WitnessPubKeyHash;
    tx.inputs.iter().all(|input| input.2 == Some(p2wpkh))
        && tx.kinds.iter().all(|kind| *kind == p2wpkh)
        && n >= 10
        && tx.inputs.len() >= n
        && (i128::from(d) - 10_000_000).abs() <= 2_000_000
        && counts.iter().filter(|(_, count)| *count == 1).count() >= 2
}

fn small_split(tx: &Tx) -> bool {
    if tx.inputs.len() >= 20 {
        return false;
    }
    let total: u64 = tx.paid.iter().sum();
    let Some((frequent, _)) = most_common(&tx.paid) else { return false };
    if total == 0 || frequent == 0 {
        return false;
    }
    let parts = (total as f64 / frequent as f64).round();
    parts > 0.0 && (total as f64 - parts * frequent as f64).abs() / total as f64 <= 0.0001
}

fn wasabi1_gates(tx: &Tx) -> bool {
    tx.inputs.len() >= 10
        && tx.scripts_known
        && tx.top_share <= 0.1
        && tx.scripts_out == tx.paid.len()
        && !small_split(tx)
}

fn wasabi10(tx: &Tx) -> bool {
    let near: Vec<u64> = tx.paid.iter().copied().filter(|value| value.abs_diff(10_000_000) <= 500_000).collect();
    let Some((_, n)) = most_common(&near) else { return false };
    wasabi1_gates(tx)
        && n >= 3
        && n as f64 >= (tx.paid.len() as f64 - 1.0) / 2.0
        && n <= tx.scripts_in
        && tx.scripts_in <= 7 * n
}

fn wasabi11(tx: &Tx) -> bool {
    let Some(largest) = tx.paid.iter().max() else { return false };
    let mut levels = Vec::new();
    for i in 0..40 {
        let scale = 1_u64 << i;
        if scale * 10_000_000 > *largest {
            break;
        }
        let count = tx.paid.iter().filter(|value| value.abs_diff(scale * 10_000_000) <= scale * 500_000).count();
        if count >= 2 {
            levels.push(count);
        }
    }
    let Some(n) = levels.iter().copied().max() else { return false };
    let total: usize = levels.iter().sum();
    let majority = total as f64 >= (tx.paid.len() as f64 - 1.0) / 2.0;
    let sum = total as i64 >= tx.paid.len() as i64 - tx.scripts_in as i64 - 1;
    wasabi1_gates(tx) && n >= 3 && n <= tx.scripts_in && tx.scripts_in <= 7 * n && (majority || sum)
}

fn dumplings_wasabi2(tx: &Tx) -> bool {
    let Some(values) = tx.values_in() else { return false };
    let mut denominations = BTreeSet::new();
    for (factor, base) in [(1_u64, 2_u64), (1, 3), (2, 3), (1, 10), (2, 10), (5, 10)] {
        let mut value = factor;
        while value <= 134_375_000_000 {
            denominations.extend((value >= 5_000).then_some(value));
            value *= base;
        }
    }
    let descending = |values: &[u64]| {
        let mut sorted = values.to_vec();
        sorted.sort_by(|a, b| b.cmp(a));
        sorted == values
    };
    counter(&tx.all).iter().any(|(_, count)| *count > 1)
        && tx.inputs.iter().all(|i| i.2 == Some(LockKind::WitnessPubKeyHash) || i.2 == Some(LockKind::Taproot))
        && values.len() >= 15
        && descending(&values)
        && descending(&tx.all)
        && tx.all.iter().filter(|value| denominations.contains(value)).count() as f64 > tx.all.len() as f64 * 0.8
}

fn wasabi20(tx: &Tx) -> bool {
    let repeated: Vec<_> = counter(&tx.paid).into_iter().filter(|(_, count)| *count >= 2).collect();
    let in_set: usize = repeated.iter().map(|(_, count)| count).sum();
    tx.inputs.len() >= 20
        && tx.scripts_known
        && tx.top_share <= 0.1
        && !tx.paid.is_empty()
        && tx.paid.iter().all(|value| *value >= 5_000)
        && tx.scripts_out == tx.paid.len()
        && in_set as f64 >= (tx.paid.len() as f64 - 1.0) / 2.0
        && in_set != tx.paid.len()
        && repeated.len() >= 3
}

const POOLS: [(u64, u64); 4] = [(100_000, 5_000), (1_000_000, 50_000), (5_000_000, 175_000), (50_000_000, 1_750_000)];

fn whirlpool(tx: &Tx) -> bool {
    let n = tx.inputs.len();
    let Some(values) = tx.values_in() else { return false };
    let distinct = tx.scripts_known && tx.scripts_in == n && tx.scripts_out == n;
    distinct
        && (5..=8).contains(&n)
        && tx.paid.len() == n
        && POOLS.iter().any(|(d, _)| {
            let extras: Vec<u64> = values.iter().filter(|value| *value > d).map(|value| value - d).collect();
            tx.paid.iter().all(|value| value == d)
                && values.iter().all(|value| value >= d)
                && extras.iter().all(|extra| (100..=110_000).contains(extra))
                && (1..=4).contains(&extras.len())
        })
}

fn tx0(tx: &Tx) -> bool {
    let per_pool = |(d, fee): &(u64, u64)| {
        let premix: Vec<u64> = tx.paid.iter().copied().filter(|v| (d + 100..=d + 110_000).contains(v)).collect();
        let Some((_, n)) = counter(&premix).into_iter().map(|(v, c)| (c, v)).max().map(|(c, v)| (v, c)) else {
            return false;
        };
        let fees = tx.paid.iter().filter(|v| 0.5 * *fee as f64 <= **v as f64 && **v <= 3 * fee).count();
        (1..=70).contains(&n) && n as i64 >= tx.paid.len() as i64 - 2 && fees == 1
    };
    tx.carriers == 1 && tx.paid.len() >= 2 && POOLS.iter().any(per_pool)
}

fn stonewall(tx: &Tx) -> bool {
    let pairs: Vec<u64> =
        counter(&tx.paid).into_iter().filter(|(_, count)| *count == 2).map(|(value, _)| value).collect();
    let [d] = pairs[..] else { return false };
    let rest: Vec<u64> = tx.paid.iter().copied().filter(|value| *value != d).collect();
    (tx.paid.len() == 3 || tx.paid.len() == 4)
        && tx.inputs.len() >= 2
        && tx.scripts_out == tx.paid.len()
        && d >= 5_000
        && (tx.paid.len() == 3 || rest[0] != rest[1])
}
