//! The kinds of locks that the chain uses, and those that nobody can open.

use bitcoin::script::{Builder, PushBytesBuf, ScriptBuf};
use bitcoin::secp256k1::{PublicKey, Secp256k1};
use bitcoin::taproot::{LeafVersion, TaprootBuilder, TaprootSpendInfo};
use bitcoin::{XOnlyPublicKey, opcodes};

use crate::rng::Rng;

/// How the bytes of a public key stand on the chain.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Compressed,
    Uncompressed,
    /// Both the whole point and the sign of its y: valid by consensus, used by nobody.
    Hybrid,
}

/// A lock that the wallet can open.
#[derive(Clone, Copy, Debug)]
pub enum Lock {
    PubKey(Form),
    PubKeyHash(Form),
    WitnessPubKeyHash,
    NestedPubKeyHash,
    Multisig,
    ScriptMultisig,
    WitnessMultisig,
    NestedMultisig,
    /// Spent by its key.
    Taproot,
    /// Spent by the one script it commits to.
    TaprootScript,
    /// Spent by anyone.
    Open(Open),
}

/// Locks that ask for no signature.
#[derive(Clone, Copy, Debug)]
pub enum Open {
    True,
    Empty,
    ScriptHashTrue,
    FutureWitness,
    Anchor,
}

/// Each kind as often as it should come.
pub const MENU: &[Lock] = &[
    Lock::PubKeyHash(Form::Compressed),
    Lock::PubKeyHash(Form::Compressed),
    Lock::PubKeyHash(Form::Uncompressed),
    Lock::PubKeyHash(Form::Hybrid),
    Lock::WitnessPubKeyHash,
    Lock::WitnessPubKeyHash,
    Lock::WitnessPubKeyHash,
    Lock::NestedPubKeyHash,
    Lock::NestedPubKeyHash,
    Lock::ScriptMultisig,
    Lock::Multisig,
    Lock::WitnessMultisig,
    Lock::NestedMultisig,
    Lock::Taproot,
    Lock::Taproot,
    Lock::Taproot,
    Lock::TaprootScript,
    Lock::PubKey(Form::Compressed),
    Lock::PubKey(Form::Uncompressed),
    Lock::PubKey(Form::Hybrid),
    Lock::Open(Open::True),
    Lock::Open(Open::Empty),
    Lock::Open(Open::ScriptHashTrue),
    Lock::Open(Open::FutureWitness),
    Lock::Open(Open::Anchor),
];

/// The bytes of a key in a form.
pub fn key_bytes(key: &PublicKey, form: Form) -> Vec<u8> {
    match form {
        Form::Compressed => key.serialize().to_vec(),
        Form::Uncompressed => key.serialize_uncompressed().to_vec(),
        Form::Hybrid => {
            let mut bytes = key.serialize_uncompressed();
            bytes[0] = 6 + (bytes[64] & 1);
            bytes.to_vec()
        }
    }
}

/// A push of at most 520 bytes.
pub fn push(bytes: &[u8]) -> PushBytesBuf {
    PushBytesBuf::try_from(bytes.to_vec()).expect("far below 4 GB")
}

/// `<key> OP_CHECKSIG`.
pub fn key_script(key: &[u8]) -> ScriptBuf {
    Builder::new().push_slice(push(key)).push_opcode(opcodes::all::OP_CHECKSIG).into_script()
}

/// Two of three, the second key uncompressed where the script's place allows it.
pub fn multisig_script(keys: [&PublicKey; 3], mixed: bool) -> ScriptBuf {
    let forms = [Form::Compressed, if mixed { Form::Uncompressed } else { Form::Compressed }, Form::Compressed];
    let mut script = Builder::new().push_int(2);
    for (key, form) in keys.into_iter().zip(forms) {
        script = script.push_slice(push(&key_bytes(key, form)));
    }
    script.push_int(3).push_opcode(opcodes::all::OP_CHECKMULTISIG).into_script()
}

/// An output key that commits to one script, which the same key opens.
pub fn taproot_script<C: bitcoin::secp256k1::Verification>(
    secp: &Secp256k1<C>,
    key: XOnlyPublicKey,
) -> (TaprootSpendInfo, ScriptBuf) {
    let script = key_script(&key.serialize());
    let tree = TaprootBuilder::new().add_leaf_with_ver(0, script.clone(), LeafVersion::TapScript);
    let info = tree.expect("one leaf").finalize(secp, key).expect("a whole tree");
    (info, script)
}

/// The script of a lock that asks for no signature.
pub fn open_script(open: Open) -> ScriptBuf {
    let truth = Builder::new().push_opcode(opcodes::OP_TRUE).into_script();
    match open {
        Open::True => truth,
        Open::Empty => ScriptBuf::new(),
        Open::ScriptHashTrue => truth.to_p2sh(),
        Open::FutureWitness => ScriptBuf::from_bytes([&[0x52, 4][..], &[0xca, 0xfe, 0xba, 0xbe]].concat()),
        Open::Anchor => ScriptBuf::from_bytes(vec![0x51, 2, 0x4e, 0x73]),
    }
}

/// The script of a lock that nobody opens: data, one that is too long to be run, keys that are on no curve.
pub fn dead_script(rng: &mut Rng) -> ScriptBuf {
    let script = match rng.below(7) {
        0 => vec![0x6a],
        1 => [&[0x6a, 20][..], &rng.bytes::<20>()].concat(),
        2 => [&[0x6a, 0x4c, 80][..], &rng.bytes::<80>()].concat(),
        // Not even a push: it ends inside what it announces.
        3 => [&[0x6a, 0x4d, 0xff, 0xff][..], &rng.bytes::<9>()].concat(),
        4 => [&[33, 2][..], &[0xff; 32], &[0xac]].concat(),
        5 => [&[65, 4][..], &rng.bytes::<64>(), &[0xac]].concat(),
        _ => vec![0x51; 10_001],
    };
    ScriptBuf::from_bytes(script)
}
