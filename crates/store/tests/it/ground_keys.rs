//! Keys that somebody ground to look alike: short prefixes are never trusted.

use coinhound_model::{Height, Ledger, MovementId, TxHash};
use coinhound_store::Family;
use coinhound_store::View;
use coinhound_store::campaign::rig::{commit, writer};
use coinhound_store::campaign::toy::ToyChain;
use coinhound_store::storage::{Dice, SimDisk};

/// A transaction hash that differs from others of its kind only in the last bytes.
fn ground(tx: u32) -> TxHash {
    let mut hash = TxHash::default();
    hash.0[28..].copy_from_slice(&tx.to_be_bytes());
    hash
}

#[test]
fn e24_transactions_that_share_their_first_28_bytes_are_never_confused() {
    let mut facts = ToyChain::random(0, 40, &mut Dice::new(24)).facts();
    for (row, number) in facts.txs.iter_mut().zip(0..) {
        row.txid = ground(number);
    }
    let disk = SimDisk::new();
    commit(&mut writer(Family::Coins, &disk), None, &facts);
    let view = View::open(&disk).expect("opens");
    let count = u32::try_from(facts.txs.len()).expect("a short chain");
    assert!(count > 60, "one bucket of the base and many overlays hold them: {count}");
    for number in 0..count {
        assert_eq!(view.find(&ground(number)), [MovementId(u64::from(number))]);
    }
    assert_eq!(view.find(&ground(count)), []);
    let below = view.at(Height(20)).expect("ingested");
    let last = below.movements().end;
    assert_eq!(below.find(&ground(u32::try_from(last).expect("a short chain"))), [], "not yet at that height");
    view.health().expect("nothing is damaged");
}
