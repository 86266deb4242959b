//! Who made a signature: the key, and so the account, follows from what was signed.

use ruint::aliases::U256;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, SECP256K1};

use crate::evm::hash::{Address, Hash, keccak256};

/// A signature that no key can have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key signs so: {part} is out of range")]
pub struct RecoverError {
    /// The part at fault.
    pub part: &'static str,
}

/// The account whose key signed `hash`; `is_odd` is the parity of the nonce point.
///
/// # Errors
/// [`RecoverError`].
pub(super) fn recover(hash: &Hash, r: U256, s: U256, is_odd: bool) -> Result<Address, RecoverError> {
    let mut compact = [0; 64];
    compact[..32].copy_from_slice(&r.to_be_bytes::<32>());
    compact[32..].copy_from_slice(&s.to_be_bytes::<32>());
    let parity = RecoveryId::from_i32(i32::from(is_odd)).expect("zero and one are parities");
    let signature =
        RecoverableSignature::from_compact(&compact, parity).map_err(|_| RecoverError { part: "r or s" })?;
    let key = SECP256K1.recover_ecdsa(&Message::from_digest(hash.0), &signature);
    let point = key.map_err(|_| RecoverError { part: "r" })?.serialize_uncompressed();
    Ok(Address::of_word(&keccak256(&point[1..]).0))
}
