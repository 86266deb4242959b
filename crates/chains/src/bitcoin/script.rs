//! Locking scripts: which shape they have, and back.
//!
//! Shapes are told apart as Bitcoin Core's `Solver` does (`script/solver.cpp`), in its order. Two
//! things differ, and only in the name given: everything that starts with `OP_RETURN` is a data
//! carrier, whatever follows; a script no one may run because of its length has a kind of its own.

use coinhound_model::{Lock, LockKind};

use crate::bitcoin::params::Params;

const OP_PUSHDATA1: u8 = 0x4c;
const OP_PUSHDATA2: u8 = 0x4d;
const OP_PUSHDATA4: u8 = 0x4e;
const OP_1: u8 = 0x51;
const OP_16: u8 = 0x60;
const OP_RETURN: u8 = 0x6a;
const OP_CHECKSIG: u8 = 0xac;
const OP_CHECKMULTISIG: u8 = 0xae;

/// Scripts longer than this cannot be run, hence never spent.
pub const SCRIPT_LEN_MAX: usize = 10_000;
/// Most keys a multisig script may name.
const MULTISIG_KEYS_MAX: u32 = 20;

/// A locking script, classified, with a payload of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OwnedLock {
    /// What shape it has.
    pub kind: LockKind,
    /// What the shape leaves open; see [`LockKind`].
    pub payload: Vec<u8>,
}

impl OwnedLock {
    /// Classifies a locking script.
    #[must_use]
    pub fn of_script(script: &[u8]) -> Self {
        let mut payload = Vec::new();
        let kind = classify_into(script, &mut payload);
        Self { kind, payload }
    }

    /// The same lock, borrowed.
    #[must_use]
    pub fn as_lock(&self) -> Lock<'_> {
        Lock { kind: self.kind, payload: &self.payload }
    }
}

impl From<Lock<'_>> for OwnedLock {
    fn from(lock: Lock<'_>) -> Self {
        Self { kind: lock.kind, payload: lock.payload.to_vec() }
    }
}

/// Classifies a locking script and appends its payload to `payloads`.
#[inline]
pub fn classify_into(script: &[u8], payloads: &mut Vec<u8>) -> LockKind {
    let (kind, payload) = match script {
        [0x76, 0xa9, 20, hash @ .., 0x88, OP_CHECKSIG] if hash.len() == 20 => (LockKind::PubKeyHash, hash),
        [0xa9, 20, hash @ .., 0x87] if hash.len() == 20 => (LockKind::ScriptHash, hash),
        [0, 20, program @ ..] if program.len() == 20 => (LockKind::WitnessPubKeyHash, program),
        [0, 32, program @ ..] if program.len() == 32 => (LockKind::WitnessScriptHash, program),
        [OP_1, 32, program @ ..] if program.len() == 32 => (LockKind::Taproot, program),
        [version @ OP_1..=OP_16, len @ 2..=40, program @ ..] if program.len() == usize::from(*len) => {
            payloads.push(version - OP_1 + 1);
            (LockKind::Witness, program)
        }
        [OP_RETURN, ..] => (LockKind::DataCarrier, script),
        _ => classify_long(script),
    };
    payloads.extend_from_slice(payload);
    kind
}

fn classify_long(script: &[u8]) -> (LockKind, &[u8]) {
    match script {
        [33, key @ .., OP_CHECKSIG] if key.len() == 33 && is_key(key) => (LockKind::PubKey, key),
        [65, key @ .., OP_CHECKSIG] if key.len() == 65 && is_key(key) => (LockKind::PubKey, key),
        [.., OP_CHECKMULTISIG] if is_multisig(script) => (LockKind::Multisig, script),
        _ if script.len() > SCRIPT_LEN_MAX => (LockKind::Oversized, script),
        _ => (LockKind::NonStandard, script),
    }
}

/// Whether first byte and length are those of a public key: compressed, plain or hybrid.
#[must_use]
pub fn is_key(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(2 | 3) => bytes.len() == 33,
        Some(4 | 6 | 7) => bytes.len() == 65,
        _ => false,
    }
}

/// `m <key>.. n OP_CHECKMULTISIG`, as Core's `MatchMultisig` reads it.
#[must_use]
pub fn is_multisig(script: &[u8]) -> bool {
    let mut ops = Ops::new(script);
    let Some(required) = ops.next().and_then(|op| op.number()).filter(|m| (1..=MULTISIG_KEYS_MAX).contains(m)) else {
        return false;
    };
    for (keys, op) in ops.by_ref().enumerate() {
        if !op.data.is_some_and(is_key) {
            let announced = op.number().filter(|n| (required..=MULTISIG_KEYS_MAX).contains(n));
            return announced.is_some_and(|n| n as usize == keys) && ops.rest == [OP_CHECKMULTISIG];
        }
    }
    false
}

/// One operation of a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Op<'a> {
    pub(crate) code: u8,
    /// What it pushes, for operations that push bytes (an empty push included).
    pub(crate) data: Option<&'a [u8]>,
}

/// The operations of a script, up to the first that is cut short.
#[derive(Clone, Debug)]
pub(crate) struct Ops<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Ops<'a> {
    pub(crate) fn new(script: &'a [u8]) -> Self {
        Self { rest: script }
    }

    fn push(&mut self, code: u8, len: usize, len_bytes: usize) -> Option<Op<'a>> {
        let data = self.rest.get(len_bytes..)?.get(..len)?;
        self.rest = &self.rest[len_bytes + len..];
        Some(Op { code, data: Some(data) })
    }
}

impl<'a> Iterator for Ops<'a> {
    type Item = Op<'a>;

    #[inline]
    fn next(&mut self) -> Option<Op<'a>> {
        let (&code, rest) = self.rest.split_first()?;
        self.rest = rest;
        match code {
            0..OP_PUSHDATA1 => self.push(code, usize::from(code), 0),
            OP_PUSHDATA1 => self.push(code, usize::from(*rest.first()?), 1),
            OP_PUSHDATA2 => self.push(code, usize::from(u16::from_le_bytes(*rest.first_chunk()?)), 2),
            OP_PUSHDATA4 => self.push(code, usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?, 4),
            _ => Some(Op { code, data: None }),
        }
    }
}

impl Op<'_> {
    /// A number of 1 to 20 as multisig scripts write it: small ones as their own operation, others as
    /// the shortest push.
    fn number(&self) -> Option<u32> {
        match (self.code, self.data) {
            (OP_1..=OP_16, _) => Some(u32::from(self.code - OP_1) + 1),
            (1, Some(&[byte @ 17..=0x7f])) => Some(u32::from(byte)),
            _ => None,
        }
    }
}

/// The locking script of a lock: the inverse of classifying.
#[must_use]
pub fn lock_script(lock: Lock<'_>) -> Vec<u8> {
    let payload = lock.payload;
    match lock.kind {
        LockKind::PubKey => [&[u8::try_from(payload.len()).unwrap_or(0)], payload, &[OP_CHECKSIG]].concat(),
        LockKind::PubKeyHash => [&[0x76, 0xa9, 20], payload, &[0x88, OP_CHECKSIG]].concat(),
        LockKind::ScriptHash => [&[0xa9, 20], payload, &[0x87]].concat(),
        LockKind::WitnessPubKeyHash => [&[0, 20], payload].concat(),
        LockKind::WitnessScriptHash => [&[0, 32], payload].concat(),
        LockKind::Taproot => [&[OP_1, 32], payload].concat(),
        LockKind::Witness => witness_script(payload),
        LockKind::Multisig
        | LockKind::NonStandard
        | LockKind::DataCarrier
        | LockKind::Oversized
        | LockKind::Account => payload.to_vec(),
    }
}

/// What Litecoin means by a witness program of 32 bytes and one of two versions (LIP 2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MwebLock {
    /// Version 8: the balance of the extension block; the program is the hash of its header.
    Balance,
    /// Version 9: a coin on its way into the extension block; the program names the kernel that takes it.
    PegIn,
}

impl MwebLock {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Balance => "MWEB balance",
            Self::PegIn => "MWEB peg-in",
        }
    }
}

/// What a lock means on a network with an extension block, if it is one of its locks; and its program.
#[must_use]
pub fn mweb_lock(lock: Lock<'_>) -> Option<(MwebLock, &[u8; 32])> {
    let (version, program) = lock.payload.split_first()?;
    let program = program.try_into().ok().filter(|_| lock.kind == LockKind::Witness)?;
    match version {
        8 => Some((MwebLock::Balance, program)),
        9 => Some((MwebLock::PegIn, program)),
        _ => None,
    }
}

/// The name of a lock's kind on a network.
#[must_use]
pub fn lock_name(lock: Lock<'_>, params: &Params) -> &'static str {
    let special = params.mweb.and_then(|_| mweb_lock(lock));
    special.map_or_else(|| lock.kind.name(), |(kind, _)| kind.name())
}

fn witness_script(payload: &[u8]) -> Vec<u8> {
    let Some((&version, program)) = payload.split_first() else { return Vec::new() };
    let opcode = if version == 0 { 0 } else { OP_1 - 1 + version.min(16) };
    [&[opcode, u8::try_from(program.len()).unwrap_or(0)], program].concat()
}

/// The height that a coinbase's signature script begins with, as BIP 34 writes it.
#[must_use]
pub fn bip34_height(coinbase_script: &[u8]) -> Option<u32> {
    let (&first, rest) = coinbase_script.split_first()?;
    match first {
        0 => Some(0),
        OP_1..=OP_16 => Some(u32::from(first - OP_1) + 1),
        1..=4 => shortest_number(rest.get(..usize::from(first))?),
        _ => None,
    }
}

fn shortest_number(bytes: &[u8]) -> Option<u32> {
    let (&last, lower) = bytes.split_last()?;
    let negative = last & 0x80 != 0;
    // A zero byte on top is allowed only where the byte below would read as a sign.
    let padded = last == 0 && lower.last().is_none_or(|below| below & 0x80 == 0);
    if negative || padded {
        return None;
    }
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(script: &[u8]) -> LockKind {
        let lock = OwnedLock::of_script(script);
        assert_eq!(lock_script(lock.as_lock()), script, "classifying loses nothing");
        lock.kind
    }

    fn key(first: u8, len: usize) -> Vec<u8> {
        let mut key = vec![7; len];
        key[0] = first;
        key
    }

    fn p2pk(key: &[u8]) -> Vec<u8> {
        [&[u8::try_from(key.len()).expect("short")], key, &[OP_CHECKSIG]].concat()
    }

    fn multisig(required: &[u8], keys: &[Vec<u8>], announced: &[u8]) -> Vec<u8> {
        let pushed: Vec<u8> =
            keys.iter().flat_map(|k| [&[u8::try_from(k.len()).expect("short")], &k[..]].concat()).collect();
        [required, &pushed, announced, &[OP_CHECKMULTISIG]].concat()
    }

    #[test]
    fn a_key_counts_by_its_first_byte_and_length_hybrids_too() {
        for (first, len) in [(2, 33), (3, 33), (4, 65), (6, 65), (7, 65)] {
            assert_eq!(kind_of(&p2pk(&key(first, len))), LockKind::PubKey);
        }
        for (first, len) in [(4, 33), (5, 65), (2, 65), (1, 33)] {
            assert_eq!(kind_of(&p2pk(&key(first, len))), LockKind::NonStandard);
        }
    }

    #[test]
    fn witness_programs_of_every_version_and_length_are_told_apart() {
        for version in 0..=16u8 {
            for len in 1..=41u8 {
                let opcode = if version == 0 { 0 } else { OP_1 - 1 + version };
                let script = [vec![opcode, len], vec![9; usize::from(len)]].concat();
                let expected = match (version, len) {
                    (0, 20) => LockKind::WitnessPubKeyHash,
                    (0, 32) => LockKind::WitnessScriptHash,
                    (0, _) | (_, 1 | 41) => LockKind::NonStandard,
                    (1, 32) => LockKind::Taproot,
                    _ => LockKind::Witness,
                };
                assert_eq!(kind_of(&script), expected, "v{version} of {len} bytes");
            }
        }
    }

    #[test]
    fn multisig_is_what_core_matches() {
        let (a, b) = (key(2, 33), key(4, 65));
        let two = [a.clone(), b.clone()];
        assert_eq!(kind_of(&multisig(&[OP_1], &two, &[OP_1 + 1])), LockKind::Multisig);
        assert_eq!(kind_of(&multisig(&[OP_1 + 1], &two, &[OP_1 + 1])), LockKind::Multisig);
        let many = vec![a.clone(); 17];
        assert_eq!(kind_of(&multisig(&[OP_1], &many, &[1, 17])), LockKind::Multisig, "17 is a push of one byte");
        let pushed_long = [&[OP_1, OP_PUSHDATA1, 33], &a[..], &[OP_1, OP_CHECKMULTISIG]].concat();
        assert_eq!(kind_of(&pushed_long), LockKind::Multisig, "keys may be pushed the long way");
        for refused in [
            multisig(&[OP_1 + 2], &two, &[OP_1 + 1]),
            multisig(&[OP_1], &two, &[OP_1 + 2]),
            multisig(&[0], &two, &[OP_1 + 1]),
            multisig(&[1, 1], &two, &[OP_1 + 1]),
            multisig(&[OP_1], &[], &[OP_1]),
            multisig(&[OP_1], &vec![a.clone(); 21], &[1, 21]),
            multisig(&[OP_1], &[key(5, 33)], &[OP_1]),
            [&multisig(&[OP_1], &two, &[OP_1 + 1])[..], &[OP_CHECKMULTISIG]].concat(),
            vec![OP_CHECKMULTISIG],
        ] {
            assert_eq!(kind_of(&refused), LockKind::NonStandard, "{refused:02x?}");
        }
    }

    #[test]
    fn what_cannot_be_spent_is_no_address() {
        assert_eq!(kind_of(&[OP_RETURN]), LockKind::DataCarrier);
        assert_eq!(kind_of(&[OP_RETURN, 0xff, 0xff]), LockKind::DataCarrier);
        assert_eq!(kind_of(&vec![0x61; SCRIPT_LEN_MAX]), LockKind::NonStandard);
        assert_eq!(kind_of(&vec![0x61; SCRIPT_LEN_MAX + 1]), LockKind::Oversized);
        assert_eq!(kind_of(&[]), LockKind::NonStandard);
    }

    #[test]
    fn a_coinbase_tells_its_height() {
        assert_eq!(bip34_height(&[3, 0x5b, 0x7a, 0x03, 0x04]), Some(227_931));
        assert_eq!(bip34_height(&[OP_1 + 15]), Some(16));
        assert_eq!(bip34_height(&[2, 0x80, 0x00]), Some(128));
        for none in [&[][..], &[3, 1, 2], &[2, 1, 0], &[1, 0x80], &[75; 76]] {
            assert_eq!(bip34_height(none), None, "{none:02x?}");
        }
    }
}
