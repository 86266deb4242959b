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

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator of the curve as a compressed key; its hash is that of the address of private key 1.
    const KEY: [u8; 33] = [
        0x02, 0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0, 0x62, 0x95, 0xce, 0x87, 0x0b, 0x07, 0x02,
        0x9b, 0xfc, 0xdb, 0x2d, 0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98,
    ];

    #[test]
    fn a_key_and_the_hashes_of_it_are_one_key_and_its_x_alone_is_another() {
        let hash = KeyHash([
            0x75, 0x1e, 0x76, 0xe8, 0x19, 0x91, 0x96, 0xd4, 0x54, 0x94, 0x1c, 0x45, 0xd1, 0xb3, 0xa3, 0x23, 0xf1, 0x43,
            0x3b, 0xd6,
        ]);
        let key_of = |kind, payload| key_of_lock(Lock { kind, payload });
        assert_eq!(key_of(LockKind::PubKey, &KEY), Some(hash));
        assert_eq!(key_of(LockKind::PubKeyHash, &hash.0), Some(hash));
        assert_eq!(key_of(LockKind::WitnessPubKeyHash, &hash.0), Some(hash));
        assert_ne!(key_of(LockKind::Taproot, &KEY[1..]), Some(hash));
        assert_eq!(key_of(LockKind::ScriptHash, &hash.0), None);
        assert_eq!(key_of(LockKind::Multisig, &KEY), None);
    }
}
