//! Which key opens which coin, as the writer of the chain knows it.

use std::collections::BTreeMap;

use bitcoin::hashes::{Hash, hash160, sha256};
use coinhound_model::{KeyHash, LockKind, TxHash};

use crate::kernel::listing::{Listing, Output};

/// The outputs that a single key opens, by outpoint.
pub struct KnownKeys<'a> {
    outputs: BTreeMap<(TxHash, u32), &'a Output>,
}

impl KnownKeys<'_> {
    /// Of every stored block, lost branches included.
    pub fn of(listing: &Listing) -> KnownKeys<'_> {
        let txs = listing.blocks.iter().flat_map(|block| &block.txs);
        let outputs = txs.flat_map(|tx| tx.outputs.iter().zip(0..).map(|(output, at)| ((tx.txid, at), output)));
        KnownKeys { outputs: outputs.filter(|(_, output)| output.key.is_some()).collect() }
    }

    /// The key that spending a coin shows although its lock does not: of a nested P2WPKH.
    pub fn nested(&self, coin: &(TxHash, u32)) -> Option<KeyHash> {
        let output = self.outputs.get(coin)?;
        let key = output.key.as_ref().filter(|_| is_script_hash(&output.script))?;
        Some(key_of(LockKind::ScriptHash, key))
    }
}

/// `OP_HASH160 <20 bytes> OP_EQUAL`.
pub fn is_script_hash(script: &[u8]) -> bool {
    matches!(script, [0xa9, 20, .., 0x87] if script.len() == 23)
}

/// The key table's entry for a key (see the ADR on tiers), computed by another library.
pub fn key_of(kind: LockKind, key: &[u8]) -> KeyHash {
    if kind == LockKind::Taproot {
        let hash = sha256::Hash::hash(key).to_byte_array();
        return KeyHash(*hash.first_chunk().expect("32 bytes hold 20"));
    }
    KeyHash(hash160::Hash::hash(key).to_byte_array())
}
