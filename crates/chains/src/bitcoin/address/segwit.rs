//! Addresses of witness programs: bech32 for version 0 (BIP 173), bech32m for all others (BIP 350).

use bech32::primitives::decode::{CheckedHrpstring, UncheckedHrpstring};
use bech32::{Bech32, Bech32m, Fe32, Hrp};
use coinhound_model::LockKind;

use crate::bitcoin::address::error::AddressError;
use crate::bitcoin::address::slip::{correct, read_look_alikes};
use crate::bitcoin::params::{Network, Params};
use crate::bitcoin::script::{OwnedLock, classify_into};

const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// What a correction may put anywhere: the alphabet, the separator, the letters of human-readable parts.
const CORRECTIONS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l1b";
/// Characters behind the human-readable part of the shortest segwit address, one forgotten.
const TEXT_LEN_MIN: usize = 10;
/// Longest segwit address (BIP 173).
const TEXT_LEN_MAX: usize = 90;
/// Witness versions go up to this (BIP 141).
const VERSION_MAX: u8 = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bech32,
    Bech32m,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Bech32 => "bech32",
            Self::Bech32m => "bech32m",
        }
    }
}

/// The address of a program; `version` is at most 16 and the program 2 to 40 bytes long.
pub(super) fn encode(hrp: &str, version: u8, program: &[u8]) -> String {
    let hrp = Hrp::parse_unchecked(hrp);
    let version = Fe32::try_from(version.min(VERSION_MAX)).expect("at most 16 is below 32");
    let mut text = String::new();
    bech32::segwit::encode_lower_to_fmt_unchecked(&mut text, hrp, version, program)
        .expect("writing to a string cannot fail");
    text
}

/// Whether a text is to be read as segwit: by a known beginning, or by a sound checksum.
pub(super) fn looks_like_it(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let known = |network: Network| lower.strip_prefix(network.params().hrp).is_some_and(|rest| rest.starts_with('1'));
    Network::ALL.into_iter().any(known) || form_of(&lower).is_some()
}

/// Whether a text begins like an address inside an extension block of some network.
pub(super) fn is_inside_extension(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut hrps = Network::ALL.into_iter().filter_map(|network| network.params().mweb).map(|mweb| mweb.hrp);
    hrps.any(|hrp| lower.strip_prefix(hrp).is_some_and(|rest| rest.starts_with('1')))
}

pub(super) fn parse(text: &str, params: &Params) -> Result<OwnedLock, AddressError> {
    let owned = || text.to_owned();
    let lower = text.to_ascii_lowercase();
    if lower != text && text.to_ascii_uppercase() != text {
        return Err(AddressError::MixedCase { text: owned() });
    }
    let hrp = lower.rsplit_once('1').map_or("", |(hrp, _)| hrp);
    if let Some(error) = stranger(text, &lower, params) {
        return Err(error);
    }
    let Some(form) = form_of(&lower).filter(|_| lower.len() <= TEXT_LEN_MAX) else {
        let meant = correct(&lower, CORRECTIONS, &|candidate| is_address(candidate, params));
        return Err(AddressError::Checksum { text: owned(), meant });
    };
    if hrp != params.hrp {
        return Err(foreign(text, hrp, params));
    }
    program(&lower, form).map_err(|problem| match problem {
        Problem::Variant { version, needed } => {
            AddressError::Variant { text: owned(), version, used: form.name(), needed: needed.name() }
        }
        Problem::Other(problem) => AddressError::Program { text: owned(), problem },
    })
}

/// The error for a text that is one slip in its beginning away from a segwit address.
pub(super) fn meant(text: &str, params: &Params) -> Option<AddressError> {
    let lower = text.to_ascii_lowercase();
    let near = lower.len().abs_diff(params.hrp.len()) >= TEXT_LEN_MIN && lower.starts_with(&params.hrp[..1]);
    let found = near.then(|| correct(&lower, CORRECTIONS, &|candidate| is_address(candidate, params))).flatten()?;
    Some(AddressError::Checksum { text: text.to_owned(), meant: Some(found) })
}

fn foreign(text: &str, hrp: &str, params: &Params) -> AddressError {
    let found: Vec<Network> = Network::ALL.into_iter().filter(|network| network.params().hrp == hrp).collect();
    let text = text.to_owned();
    if found.is_empty() {
        let prefix = match hrp {
            "tltc" => format!("`{hrp}`, which Litecoin's test network uses"),
            _ => format!("`{hrp}`"),
        };
        return AddressError::Prefix { text, prefix };
    }
    AddressError::WrongNetwork { text, found, expected: params.network }
}

enum Problem {
    Variant { version: u8, needed: Form },
    Other(String),
}

/// The lock of a text with a sound checksum.
fn program(lower: &str, form: Form) -> Result<OwnedLock, Problem> {
    let mut checked = match form {
        Form::Bech32 => CheckedHrpstring::new::<Bech32>(lower),
        Form::Bech32m => CheckedHrpstring::new::<Bech32m>(lower),
    }
    .map_err(|error| Problem::Other(error.to_string()))?;
    let version = checked.remove_witness_version().map(Fe32::to_u8);
    let version = version.ok_or_else(|| Problem::Other("there is no witness version".to_owned()))?;
    if version > VERSION_MAX {
        return Err(Problem::Other(format!("witness version {version} does not exist: they end at {VERSION_MAX}")));
    }
    let needed = if version == 0 { Form::Bech32 } else { Form::Bech32m };
    if needed != form {
        return Err(Problem::Variant { version, needed });
    }
    checked
        .validate_segwit_padding()
        .map_err(|_| Problem::Other("its last character carries stray bits".to_owned()))?;
    let program: Vec<u8> = checked.byte_iter().collect();
    match (version, program.len()) {
        (0, 20 | 32) | (1.., 2..=40) => Ok(lock(version, &program)),
        (0, len) => Err(Problem::Other(format!("a version 0 program has 20 or 32 bytes, not {len}"))),
        (_, len) => Err(Problem::Other(format!("a witness program has 2 to 40 bytes, not {len}"))),
    }
}

fn lock(version: u8, program: &[u8]) -> OwnedLock {
    let opcode = if version == 0 { 0 } else { 0x50 + version };
    let len = u8::try_from(program.len()).expect("at most 40");
    let mut payload = Vec::new();
    let kind = classify_into(&[&[opcode, len], program].concat(), &mut payload);
    debug_assert_ne!(kind, LockKind::NonStandard);
    OwnedLock { kind, payload }
}

/// Which of the two checksums matches, if one does.
fn form_of(lower: &str) -> Option<Form> {
    let text = UncheckedHrpstring::new(lower).ok()?;
    if text.has_valid_checksum::<Bech32>() {
        Some(Form::Bech32)
    } else if text.has_valid_checksum::<Bech32m>() {
        Some(Form::Bech32m)
    } else {
        None
    }
}

fn is_address(lower: &str, params: &Params) -> bool {
    let ours = lower.strip_prefix(params.hrp).is_some_and(|rest| rest.starts_with('1'));
    ours && form_of(lower).is_some_and(|form| program(lower, form).is_ok())
}

/// A character that the data part lacks, with what it may have been.
fn stranger(text: &str, lower: &str, params: &Params) -> Option<AddressError> {
    // The separator is the last `1`, but a `1` typed for an `l` must not hide the true one.
    let known = Network::ALL.into_iter().map(|network| network.params().hrp);
    let hrp = known
        .filter(|hrp| lower.strip_prefix(*hrp).is_some_and(|rest| rest.starts_with('1')))
        .max_by_key(|hrp| hrp.len())?;
    let start = hrp.len() + 1;
    let strange = |(_, character): &(usize, char)| !ALPHABET.contains(*character);
    let (at, _) = lower[start..].chars().enumerate().find(strange)?;
    let sound = |data: &str| is_address(&format!("{hrp}1{data}"), params);
    let mut meant = read_look_alikes(&lower[start..], ALPHABET, &sound);
    if let Some(meant) = &mut meant {
        meant.text = format!("{hrp}1{}", meant.text);
        meant.slip.shift(start);
    }
    let meant = meant.or_else(|| correct(lower, CORRECTIONS, &|candidate| is_address(candidate, params)));
    let character = text.chars().nth(start + at)?;
    Some(AddressError::Character { text: text.to_owned(), character, position: start + at + 1, form: "segwit", meant })
}
