//! Writing undo data as a node does, for the simulator and for round trips.

use coinhound_model::BlockHash;
use coinhound_model::block::SpentCoin;

use crate::bitcoin::encode::put_size;
use crate::bitcoin::hash::double_sha256_of;
use crate::bitcoin::script::OwnedLock;
use crate::bitcoin::undo::compress::{compress_amount, put_number, put_script};

/// One block's undo data: the coins each transaction but the coinbase spent, in input order.
///
/// Values must be below 2^60, as all amounts that exist are.
#[must_use]
pub fn encode(txs: &[Vec<SpentCoin>]) -> Vec<u8> {
    let mut out = Vec::new();
    put_size(&mut out, txs.len());
    for coins in txs {
        put_size(&mut out, coins.len());
        coins.iter().for_each(|coin| put_coin(&mut out, coin));
    }
    out
}

fn put_coin(out: &mut Vec<u8>, coin: &SpentCoin) {
    put_number(out, u64::from(coin.height.0) * 2 + u64::from(coin.coinbase));
    if coin.height.0 > 0 {
        out.push(0); // where old versions had the transaction's version
    }
    put_number(out, compress_amount(coin.value));
    put_script(out, &OwnedLock { kind: coin.kind, payload: coin.payload.clone() });
}

/// Appends a record as `rev` files hold it: magic, length, undo data, and the hash that ties it to the
/// block whose parent is `prev`.
///
/// # Panics
/// When the data is 4 GiB or longer.
pub fn put_record(out: &mut Vec<u8>, magic: [u8; 4], prev: BlockHash, undo: &[u8]) {
    out.extend(magic);
    out.extend(u32::try_from(undo.len()).expect("a block's undo data is far below 4 GiB").to_le_bytes());
    out.extend(undo);
    out.extend(double_sha256_of(&[&prev.0, undo]).0);
}
