//! Changed files: whatever was changed, no panic, and what is stored is the beginning of the true chain.

use coinhound_model::Height;
use coinhound_sim::evm::{EvmBlock, Traffic, json};
use coinhound_sim::rng::Rng;
use coinhound_store::AccountView;
use serde_json::Value;

use super::{Chain, Rig, as_rows, fresh, rlp, rlp_receipts};
use crate::support::count;

/// What differs from the truth is the highest block alone, which has another name then: no block above it says its true
/// one, because that is damaged too.
fn assert_other_name(rig: &Rig, chain: &Chain, round: u64) {
    let view = AccountView::open(&rig.disk).expect("a healthy store");
    let name = |block: &EvmBlock| {
        let height = Height(u32::try_from(block.header.number).expect("small"));
        view.block(height).expect("a stored block").hash == block.hash.row()
    };
    let (last, below) = chain.split_last().expect("something is stored");
    assert!(below.iter().all(|block| name(block)) && !name(last), "round {round}");
}

/// Changes a few bytes, or leaves some out, or repeats some.
fn change(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..=rng.index(3) {
        let at = rng.index(bytes.len());
        match rng.index(4) {
            0 => bytes[at] ^= 1 << rng.index(8),
            1 => bytes[at] = b"0123456789abcdef\"{}[],:"[rng.index(23)],
            2 => drop(bytes.drain(at..(at + 1 + rng.index(40)).min(bytes.len() - 1).max(at))),
            _ => {
                let again = bytes[at..(at + rng.index(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
}

#[test]
fn changed_files_leave_the_beginning_of_the_true_chain_or_nothing() {
    let mut chain = Traffic::mainnet(20).blocks(7);
    // The last one is never changed: that the highest block of all is the one it seems to be, nothing in the files shows.
    let last = chain.pop().expect("seven");
    // Traces are a node's word: they are left out here, for a changed one cannot be told.
    let all = [chain.clone(), vec![last.clone()]].concat();
    let beginnings: Vec<_> = (0..=all.len())
        .map(|end| fresh(&all[..end].iter().map(|block| as_rows(block, false)).collect::<Vec<_>>()))
        .collect();
    let whole = |block: &_| serde_json::json!({ "block": json::block(block), "receipts": json::receipts(block) });
    let lines: Vec<u8> = chain.iter().flat_map(|block| format!("{}\n", whole(block)).into_bytes()).collect();
    let array = Value::Array(chain.iter().map(|block| whole(block)).collect()).to_string().into_bytes();
    let blocks: Vec<u8> = chain.iter().flat_map(|block| rlp(block)).collect();
    let receipts: Vec<u8> = chain.iter().flat_map(|block| rlp_receipts(&block.receipts)).collect();
    let uncles: String =
        chain.iter().flat_map(|block| &block.uncles).map(|one| json::header(one).to_string()).collect();
    let mut rng = Rng::new(1);
    let mut damaged = 0;
    for round in 0..count(300, 10_000) {
        let mut rig = Rig::new();
        rig.options.start = Some(Height(u32::try_from(chain[0].header.number).expect("small")));
        let mut changed = [
            ("a.jsonl", lines.clone()),
            ("a.json", array.clone()),
            ("b.rlp", blocks.clone()),
            ("b.receipts.rlp", receipts.clone()),
        ];
        let which = rng.index(changed.len());
        change(&mut rng, &mut changed[which].1);
        let partner = match which {
            2 => Some(3),
            3 => Some(2),
            _ => None,
        };
        for at in [Some(which), partner].into_iter().flatten() {
            rig.put(changed[at].0, &changed[at].1);
        }
        rig.put("uncles.json", &uncles);
        rig.put("last.json", whole(&last).to_string());
        let outcome = rig.try_load();
        let got = rig.content();
        let stored = outcome.as_ref().ok().and_then(|outcome| outcome.accounts.range);
        if let Some((first, tip, _)) = stored {
            let end = usize::try_from(tip.0 - first.0 + 1).expect("small");
            if got != beginnings[end] {
                assert_other_name(&rig, &all[..end], round);
            }
            damaged += u64::from(end < all.len());
        } else {
            assert!(got.is_empty() || beginnings.contains(&got), "round {round}: {outcome:?}");
            damaged += 1;
        }
    }
    assert!(damaged > 0, "some changes matter");
}
