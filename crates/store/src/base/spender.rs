//! Coin to spender: the one array that tracing lives on.

use super::{Step, UNSPENT};
use crate::column::index;
use crate::derive::{Want, narrow, spends};
use crate::failure::StoreError;

pub(super) fn derive(step: &Step<'_>) -> Result<Vec<u32>, StoreError> {
    let limit = if step.skip_unwind { UNSPENT } else { narrow(step.kept_counts.txs) };
    let mut spenders = Vec::with_capacity(index(step.ends.outputs));
    if let Some(old) = step.kept_base() {
        let kept = old.spender.iter(0..step.kept_counts.outputs);
        spenders.extend(kept.map(|spender| if spender < limit { spender } else { UNSPENT }));
    }
    spenders.resize(index(step.ends.outputs), UNSPENT);
    step.history.each(step.kept, Want::TXS | Want::INPUTS, &mut |facts| {
        for spend in spends(facts) {
            spenders[index(spend.coin.get())] = spend.tx;
        }
    })?;
    Ok(spenders)
}
