//! Mosaics sent as marks: who sent which to whom, and where that stands.
//!
//! Marks of stolen coins were such mosaics (`ts:warning_dont_accept_stolen_funds`). Anybody can make a mosaic and send
//! it to anybody: that it was sent is a fact, what it is meant to say is its sender's claim, and it came late and not
//! to all. So nothing here says that an account holds stolen coins; it says who said so, and when.

use std::collections::BTreeSet;

use coinhound_model::{
    Account, AccountBlock, AccountLedger, AddressId, Height, MoveKind, MovementFact, MovementId, TxHash,
};
use ruint::aliases::U256;

use crate::nem::ledger::names::mosaic_name;

/// An account sent a mosaic to another: a statement, not its truth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MosaicSent<A, U> {
    /// The mosaic's name: `namespace:name`.
    pub mosaic: String,
    /// Who sent it, and so says what it says.
    pub sender: A,
    /// Of whom.
    pub recipient: A,
    /// How much of it, in its smallest unit.
    pub units: U,
    /// The height of the block.
    pub height: Height,
    /// Its time, seconds since 1970.
    pub time: u32,
    /// The transaction.
    pub tx: TxHash,
}

/// The transfers of some mosaics in a block, in order; transfers of nothing are none.
#[must_use]
pub fn mosaics_sent(block: &AccountBlock, mosaics: &[&str]) -> Vec<MosaicSent<Account, U256>> {
    let moves = block.txs.iter().flat_map(|tx| tx.moves.iter().map(|moved| (tx.hash, moved)));
    let found = moves.filter_map(|(tx, moved)| {
        let mosaic = mosaic_name(&moved.token.id);
        if moved.kind != MoveKind::Transfer || moved.units.is_zero() || !mosaics.contains(&mosaic) {
            return None;
        }
        let (sender, recipient) = (moved.from.clone()?, moved.to.clone()?);
        let (height, time, units) = (block.height, block.time, moved.units);
        Some(MosaicSent { mosaic: mosaic.to_owned(), sender, recipient, units, height, time, tx })
    });
    found.collect()
}

/// The same in a stored ledger: one pass over all its movements.
#[must_use]
pub fn mosaics_sent_in<L: AccountLedger>(
    ledger: &L,
    mosaics: &[&str],
) -> Vec<(MovementId, MosaicSent<AddressId, L::Units>)> {
    let named = |asset: &u32| mosaics.contains(&mosaic_name(&ledger.token(*asset).id));
    let assets: BTreeSet<u32> = (0..ledger.assets()).filter(named).collect();
    if assets.is_empty() {
        return Vec::new();
    }
    ledger.movements().map(MovementId).filter_map(|id| Some((id, sent_in(ledger, &assets, id)?))).collect()
}

fn sent_in<L: AccountLedger>(
    ledger: &L,
    assets: &BTreeSet<u32>,
    id: MovementId,
) -> Option<MosaicSent<AddressId, L::Units>> {
    use coinhound_model::Units;
    let moved = ledger.movement(id);
    let (from, to) = (moved.from?, moved.to?);
    let asset = ledger.asset(from);
    if moved.kind != MoveKind::Transfer || moved.units.is_zero() || !assets.contains(&asset) {
        return None;
    }
    let MovementFact { height, time, tx, .. } = ledger.fact(id);
    let mosaic = mosaic_name(&ledger.token(asset).id).to_owned();
    let (sender, recipient) = (ledger.owner(from), ledger.owner(to));
    Some(MosaicSent { mosaic, sender, recipient, units: moved.units, height, time, tx })
}
