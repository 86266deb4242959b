//! Addresses as text, both ways.
//!
//! Locks with an address of their own print in the field's forms (base58check, bech32, bech32m). The
//! others must not borrow one: a P2PK output shown as the P2PKH address of its key would make two
//! different locks look like one. They print as `pk:<key>` and `script:<locking script>`, in hexadecimal,
//! and read back to the same lock.

mod base58;
mod error;
mod segwit;
pub(crate) mod slip;

use coinhound_model::{Lock, LockKind};

pub use crate::bitcoin::address::error::AddressError;
pub use crate::bitcoin::address::slip::{Correction, Slip};

use crate::bitcoin::params::Params;
use crate::bitcoin::script::{OwnedLock, is_key, lock_script};

const KEY_FORM: &str = "pk:";
const SCRIPT_FORM: &str = "script:";
/// No address of any network is longer, in characters.
const LENGTH_MAX: usize = 120;
/// So much of an address inside an extension block is enough to tell which is meant.
const EXTENSION_SHOWN: usize = 20;

/// The text of a lock on a network.
#[must_use]
pub fn address_text(lock: Lock<'_>, params: &Params) -> String {
    let payload = lock.payload;
    match lock.kind {
        LockKind::PubKeyHash => base58::encode(params.pubkey_prefix, payload),
        LockKind::ScriptHash => base58::encode(params.script_prefix, payload),
        LockKind::WitnessPubKeyHash | LockKind::WitnessScriptHash => segwit::encode(params.hrp, 0, payload),
        LockKind::Taproot => segwit::encode(params.hrp, 1, payload),
        LockKind::Witness => match payload.split_first() {
            Some((version, program)) => segwit::encode(params.hrp, *version, program),
            None => SCRIPT_FORM.to_owned(),
        },
        LockKind::PubKey => format!("{KEY_FORM}{}", hex(payload)),
        LockKind::Multisig
        | LockKind::NonStandard
        | LockKind::DataCarrier
        | LockKind::Oversized
        | LockKind::Account => {
            format!("{SCRIPT_FORM}{}", hex(&lock_script(lock)))
        }
    }
}

/// Reads an address of a network; space around it is ignored.
///
/// # Errors
/// Says what is wrong with the text, and often what was meant: see [`AddressError::hint`].
pub fn parse_address(text: &str, params: &Params) -> Result<OwnedLock, AddressError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some(digits) = text.strip_prefix(KEY_FORM) {
        return parse_key(digits);
    }
    if let Some(digits) = text.strip_prefix(SCRIPT_FORM) {
        return unhex(digits)
            .map(|script| OwnedLock::of_script(&script))
            .ok_or(AddressError::Hex { form: SCRIPT_FORM });
    }
    if segwit::is_inside_extension(text) {
        return Err(AddressError::Extension { text: shortened(text, EXTENSION_SHOWN) });
    }
    let length = text.chars().count();
    if length > LENGTH_MAX {
        return Err(AddressError::Length { text: shortened(text, LENGTH_MAX), length });
    }
    if segwit::looks_like_it(text) {
        return segwit::parse(text, params);
    }
    base58::parse(text, params).map_err(|error| segwit::meant(text, params).unwrap_or(error))
}

/// The first characters of a text, and that there are more.
fn shortened(text: &str, shown: usize) -> String {
    text.chars().take(shown).collect::<String>() + ".."
}

fn parse_key(digits: &str) -> Result<OwnedLock, AddressError> {
    let payload = unhex(digits).ok_or(AddressError::Hex { form: KEY_FORM })?;
    if is_key(&payload) { Ok(OwnedLock { kind: LockKind::PubKey, payload }) } else { Err(AddressError::Key) }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}
