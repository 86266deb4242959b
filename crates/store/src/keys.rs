//! The key that a lock is known to use: what tier T0 joins by (see the ADR on tiers).

use coinhound_model::{KeyHash, Lock, LockKind};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// The key of a lock that says it; `None` where only a spender can reveal one, or several share it.
#[must_use]
pub fn key_of_lock(lock: Lock<'_>) -> Option<KeyHash> {
    match lock.kind {
        LockKind::PubKey => Some(hash160(lock.payload)),
        LockKind::PubKeyHash | LockKind::WitnessPubKeyHash => lock.payload.try_into().ok().map(KeyHash),
        LockKind::Taproot => Some(x_only(lock.payload)),
        _ => None,
    }
}

/// HASH160 of a public key's bytes.
#[must_use]
pub fn hash160(key: &[u8]) -> KeyHash {
    KeyHash(Ripemd160::digest(Sha256::digest(key)).into())
}

/// The first 20 bytes of SHA-256 of an x-only key: never the HASH160 of another form.
fn x_only(key: &[u8]) -> KeyHash {
    let hash: [u8; 32] = Sha256::digest(key).into();
    KeyHash(*hash.first_chunk().expect("32 bytes hold 20"))
}

/// Whether the key index lists addresses of this kind. P2PKH and P2WPKH are not in it: their lock
/// is found from the key itself, through the index of locks.
pub(crate) fn is_indexed(kind: LockKind) -> bool {
    matches!(kind, LockKind::PubKey | LockKind::Taproot)
}
