//! Addresses in base58 with a checksum: P2PKH and P2SH.

use coinhound_model::LockKind;

use crate::bitcoin::address::error::AddressError;
use crate::bitcoin::address::slip::{correct, read_look_alikes};
use crate::bitcoin::hash::double_sha256;
use crate::bitcoin::params::{Network, Params};
use crate::bitcoin::script::OwnedLock;

const ALPHABET: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// A prefix, a hash, a checksum.
const ADDRESS_LEN: usize = 1 + 20 + 4;
/// Lengths that texts of such bytes have, one slip more or less included.
const TEXT_LEN: std::ops::RangeInclusive<usize> = 25..=36;
/// Texts longer than this are not even decoded.
const DECODED_LEN_MAX: usize = 128;

pub(super) fn encode(prefix: u8, payload: &[u8]) -> String {
    let mut bytes = [&[prefix], payload].concat();
    let sum = double_sha256(&bytes);
    bytes.extend_from_slice(&sum.0[..4]);
    bs58::encode(bytes).into_string()
}

pub(super) fn parse(text: &str, params: &Params) -> Result<OwnedLock, AddressError> {
    if let Some(error) = stranger(text) {
        return Err(error);
    }
    let owned = || text.to_owned();
    let Some(body) = checked(text) else {
        let length = text.chars().count();
        if !TEXT_LEN.contains(&length) {
            return Err(AddressError::Length { text: owned(), length });
        }
        return Err(AddressError::Checksum { text: owned(), meant: correct(text, ALPHABET, &is_address) });
    };
    let [prefix, payload @ ..] = body.as_slice() else { return Err(AddressError::Empty) };
    if payload.len() != 20 {
        return Err(AddressError::Prefix { text: owned(), prefix: what_else(*prefix, payload.len()) });
    }
    let payload = payload.to_vec();
    match *prefix {
        prefix if prefix == params.pubkey_prefix => Ok(OwnedLock { kind: LockKind::PubKeyHash, payload }),
        prefix if is_script_prefix(prefix, params) => Ok(OwnedLock { kind: LockKind::ScriptHash, payload }),
        prefix => Err(foreign(text, prefix, params)),
    }
}

fn foreign(text: &str, prefix: u8, params: &Params) -> AddressError {
    let uses = |network: &Network| {
        let params = network.params();
        prefix == params.pubkey_prefix || is_script_prefix(prefix, params)
    };
    let found: Vec<Network> = Network::ALL.into_iter().filter(uses).collect();
    let text = text.to_owned();
    if found.is_empty() {
        return AddressError::Prefix { text, prefix: what_else(prefix, 20) };
    }
    AddressError::WrongNetwork { text, found, expected: params.network }
}

fn is_script_prefix(prefix: u8, params: &Params) -> bool {
    prefix == params.script_prefix || Some(prefix) == params.old_script_prefix
}

/// What a sound text is when it is no Bitcoin address.
fn what_else(prefix: u8, payload_len: usize) -> String {
    match (prefix, payload_len) {
        (30 | 22, 20) => format!("{prefix}, which Dogecoin uses"),
        (128 | 239, 32 | 33) => {
            format!("{prefix}, which private keys use: whoever sees it can spend, keep it out of reports")
        }
        (4, 77) => "that of an extended key".to_owned(),
        _ => prefix.to_string(),
    }
}

/// A character that base58 lacks, with what it may have been.
fn stranger(text: &str) -> Option<AddressError> {
    let (at, character) = text.chars().enumerate().find(|(_, character)| !ALPHABET.contains(*character))?;
    let short = text.len() <= DECODED_LEN_MAX;
    let meant = if short { read_look_alikes(text, ALPHABET, &is_address) } else { None };
    // A stranger may also be a slip like any other.
    let meant = meant.or_else(|| TEXT_LEN.contains(&text.len()).then(|| correct(text, ALPHABET, &is_address))?);
    Some(AddressError::Character { text: text.to_owned(), character, position: at + 1, form: "base58", meant })
}

/// The bytes before a checksum that matches.
fn checked(text: &str) -> Option<Vec<u8>> {
    if text.len() > DECODED_LEN_MAX {
        return None;
    }
    let mut bytes = bs58::decode(text).into_vec().ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let matches = double_sha256(body).0.starts_with(sum);
    let len = body.len();
    bytes.truncate(len);
    matches.then_some(bytes)
}

fn is_address(text: &str) -> bool {
    checked(text).is_some_and(|body| body.len() + 4 == ADDRESS_LEN)
}
