//! Keys made of a seed, the scripts of their locks, and the signatures that open them.

use std::collections::BTreeMap;

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::key::{TapTweak, TweakedPublicKey, XOnlyPublicKey};
use bitcoin::script::{Builder, ScriptBuf};
use bitcoin::secp256k1::{All, Keypair, Message, Secp256k1, SecretKey};
use bitcoin::sighash::{Annex, EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::taproot::{LeafVersion, TapLeafHash};
use bitcoin::{OutPoint, Transaction, TxOut, WPubkeyHash, Witness};

use crate::lock::{Form, Lock, Open, key_bytes, key_script, multisig_script, open_script, push, taproot_script};
use crate::rng::Rng;

const KEYS: usize = 120;

/// What an ECDSA signature may cover.
const ECDSA_TYPES: &[EcdsaSighashType] = &[
    EcdsaSighashType::All,
    EcdsaSighashType::All,
    EcdsaSighashType::All,
    EcdsaSighashType::None,
    EcdsaSighashType::Single,
    EcdsaSighashType::AllPlusAnyoneCanPay,
    EcdsaSighashType::SinglePlusAnyoneCanPay,
];

/// What a Schnorr signature may cover.
const SCHNORR_TYPES: &[TapSighashType] = &[
    TapSighashType::Default,
    TapSighashType::Default,
    TapSighashType::All,
    TapSighashType::None,
    TapSighashType::AllPlusAnyoneCanPay,
];

/// A coin that the wallet can spend.
#[derive(Clone, Debug)]
pub struct Coin {
    pub outpoint: OutPoint,
    pub output: TxOut,
    pub lock: Lock,
    /// The first of its keys.
    pub key: usize,
    /// Lowest height of a block that may spend it.
    pub from_height: u32,
}

/// Keys, and which script stands for which of them.
pub struct Wallet {
    secp: Secp256k1<All>,
    keys: Vec<Keypair>,
    /// Every script it made: how it is opened, by which key.
    pub locks: BTreeMap<ScriptBuf, (Lock, usize)>,
    /// The bytes of the key that alone opens a script, where there is one.
    pub known: BTreeMap<ScriptBuf, Vec<u8>>,
}

/// One input being signed.
struct Place<'a> {
    tx: &'a Transaction,
    coins: &'a [Coin],
    index: usize,
    annex: Option<&'a [u8]>,
}

impl Wallet {
    pub fn new(rng: &mut Rng) -> Self {
        let secp = Secp256k1::new();
        let keys = (0..KEYS).map(|_| {
            let secret = SecretKey::from_slice(&rng.bytes::<32>()).expect("not one in 2^127 is no key");
            Keypair::from_secret_key(&secp, &secret)
        });
        Self { keys: keys.collect(), secp, locks: BTreeMap::new(), known: BTreeMap::new() }
    }

    pub fn key_by_chance(rng: &mut Rng) -> usize {
        rng.index(KEYS)
    }

    /// The script of a lock; remembers how it is opened.
    pub fn script(&mut self, lock: Lock, key: usize) -> ScriptBuf {
        let (script, shown) = self.make_script(lock, key);
        self.locks.insert(script.clone(), (lock, key));
        if let Some(shown) = shown {
            self.known.insert(script.clone(), shown);
        }
        script
    }

    fn make_script(&self, lock: Lock, key: usize) -> (ScriptBuf, Option<Vec<u8>>) {
        let public = self.keys[key].public_key();
        let compressed = key_bytes(&public, Form::Compressed);
        let program = || ScriptBuf::new_p2wpkh(&WPubkeyHash::hash(&compressed));
        match lock {
            Lock::PubKey(form) => (key_script(&key_bytes(&public, form)), Some(key_bytes(&public, form))),
            Lock::PubKeyHash(form) => {
                let bytes = key_bytes(&public, form);
                (ScriptBuf::new_p2pkh(&bitcoin::PubkeyHash::hash(&bytes)), Some(bytes))
            }
            Lock::WitnessPubKeyHash => (program(), Some(compressed)),
            Lock::NestedPubKeyHash => (program().to_p2sh(), Some(compressed)),
            Lock::Multisig => (self.multisig(key, true), None),
            Lock::ScriptMultisig => (self.multisig(key, true).to_p2sh(), None),
            Lock::WitnessMultisig => (self.multisig(key, false).to_p2wsh(), None),
            Lock::NestedMultisig => (self.multisig(key, false).to_p2wsh().to_p2sh(), None),
            Lock::Taproot => {
                let output = self.keys[key].tap_tweak(&self.secp, None).to_keypair().x_only_public_key().0;
                (ScriptBuf::new_p2tr_tweaked(TweakedPublicKey::dangerous_assume_tweaked(output)), Some(x(output)))
            }
            Lock::TaprootScript => {
                let (info, _) = taproot_script(&self.secp, self.x_only(key));
                let output = info.output_key();
                (ScriptBuf::new_p2tr_tweaked(output), Some(x(output.to_x_only_public_key())))
            }
            Lock::Open(open) => (open_script(open), None),
        }
    }

    fn multisig(&self, key: usize, mixed: bool) -> ScriptBuf {
        let keys = [0, 1, 2].map(|next| self.keys[(key + next) % KEYS].public_key());
        multisig_script([&keys[0], &keys[1], &keys[2]], mixed)
    }

    fn x_only(&self, key: usize) -> XOnlyPublicKey {
        self.keys[key].x_only_public_key().0
    }

    /// Opens every input of a transaction; `annex` goes to the first one, which must be taproot.
    pub fn sign(&self, tx: &mut Transaction, coins: &[Coin], annex: Option<&[u8]>, rng: &mut Rng) {
        for index in 0..coins.len() {
            let annex = annex.filter(|_| index == 0);
            let (script_sig, witness) = self.unlock(&Place { tx, coins, index, annex }, rng);
            tx.input[index].script_sig = script_sig;
            tx.input[index].witness = witness;
        }
    }

    fn unlock(&self, place: &Place<'_>, rng: &mut Rng) -> (ScriptBuf, Witness) {
        let coin = &place.coins[place.index];
        let public = self.keys[coin.key].public_key();
        let script = &coin.output.script_pubkey;
        let none = || (ScriptBuf::new(), Witness::new());
        match coin.lock {
            Lock::PubKey(_) => (pushes(&[self.legacy(place, script, coin.key, rng)]), Witness::new()),
            Lock::PubKeyHash(form) => {
                let signature = self.legacy(place, script, coin.key, rng);
                (pushes(&[signature, key_bytes(&public, form)]), Witness::new())
            }
            Lock::WitnessPubKeyHash => (ScriptBuf::new(), self.witness_key(place, script, rng)),
            Lock::NestedPubKeyHash => {
                let program = ScriptBuf::new_p2wpkh(&WPubkeyHash::hash(&public.serialize()));
                (pushes(&[program.to_bytes()]), self.witness_key(place, &program, rng))
            }
            Lock::Multisig => (pushes(&self.two_legacy(place, script, rng)), Witness::new()),
            Lock::ScriptMultisig => {
                let redeem = self.multisig(coin.key, true);
                let mut items = self.two_legacy(place, &redeem, rng);
                items.push(redeem.into_bytes());
                (pushes(&items), Witness::new())
            }
            Lock::WitnessMultisig => (ScriptBuf::new(), self.witness_multisig(place, rng)),
            Lock::NestedMultisig => {
                let program = self.multisig(coin.key, false).to_p2wsh();
                (pushes(&[program.into_bytes()]), self.witness_multisig(place, rng))
            }
            Lock::Taproot => (ScriptBuf::new(), self.taproot_key(place, rng)),
            Lock::TaprootScript => (ScriptBuf::new(), self.taproot_leaf(place, rng)),
            Lock::Open(Open::Empty) => (Builder::new().push_int(1).into_script(), Witness::new()),
            Lock::Open(Open::ScriptHashTrue) => (pushes(&[open_script(Open::True).into_bytes()]), Witness::new()),
            Lock::Open(_) => none(),
        }
    }

    fn legacy(&self, place: &Place<'_>, script: &ScriptBuf, key: usize, rng: &mut Rng) -> Vec<u8> {
        let kind = ecdsa_type(place, rng);
        let cache = SighashCache::new(place.tx);
        let hash = cache.legacy_signature_hash(place.index, script, kind.to_u32()).expect("the input is there");
        self.ecdsa(hash.to_byte_array(), key, kind, rng)
    }

    /// The empty item that multisig asks for, and two signatures in the order of their keys.
    fn two_legacy(&self, place: &Place<'_>, script: &ScriptBuf, rng: &mut Rng) -> Vec<Vec<u8>> {
        let key = place.coins[place.index].key;
        let last = (key + if rng.percent(50) { 1 } else { 2 }) % KEYS;
        vec![Vec::new(), self.legacy(place, script, key, rng), self.legacy(place, script, last, rng)]
    }

    fn witness_key(&self, place: &Place<'_>, program: &ScriptBuf, rng: &mut Rng) -> Witness {
        let coin = &place.coins[place.index];
        let kind = ecdsa_type(place, rng);
        let mut cache = SighashCache::new(place.tx);
        let hash = cache.p2wpkh_signature_hash(place.index, program, coin.output.value, kind).expect("a key's hash");
        let signature = self.ecdsa(hash.to_byte_array(), coin.key, kind, rng);
        Witness::from_slice(&[signature, self.keys[coin.key].public_key().serialize().to_vec()])
    }

    fn witness_multisig(&self, place: &Place<'_>, rng: &mut Rng) -> Witness {
        let coin = &place.coins[place.index];
        let script = self.multisig(coin.key, false);
        let mut items = vec![Vec::new()];
        for key in [coin.key, (coin.key + 2) % KEYS] {
            let kind = ecdsa_type(place, rng);
            let mut cache = SighashCache::new(place.tx);
            let hash = cache.p2wsh_signature_hash(place.index, &script, coin.output.value, kind);
            items.push(self.ecdsa(hash.expect("the input is there").to_byte_array(), key, kind, rng));
        }
        items.push(script.into_bytes());
        Witness::from_slice(&items)
    }

    fn taproot_key(&self, place: &Place<'_>, rng: &mut Rng) -> Witness {
        let key = self.keys[place.coins[place.index].key].tap_tweak(&self.secp, None).to_keypair();
        let mut witness = Witness::new();
        witness.push(self.schnorr(place, &key, None, rng));
        if let Some(annex) = place.annex {
            witness.push(annex);
        }
        witness
    }

    fn taproot_leaf(&self, place: &Place<'_>, rng: &mut Rng) -> Witness {
        let key = place.coins[place.index].key;
        let (info, script) = taproot_script(&self.secp, self.x_only(key));
        let leaf = TapLeafHash::from_script(&script, LeafVersion::TapScript);
        let control = info.control_block(&(script.clone(), LeafVersion::TapScript)).expect("the leaf is there");
        let signature = self.schnorr(place, &self.keys[key], Some(leaf), rng);
        Witness::from_slice(&[signature, script.into_bytes(), control.serialize()])
    }

    fn schnorr(&self, place: &Place<'_>, key: &Keypair, leaf: Option<TapLeafHash>, rng: &mut Rng) -> Vec<u8> {
        let kind = *rng.pick(SCHNORR_TYPES);
        let outputs: Vec<&TxOut> = place.coins.iter().map(|coin| &coin.output).collect();
        let annex = place.annex.map(|annex| Annex::new(annex).expect("it begins with 0x50"));
        let mut cache = SighashCache::new(place.tx);
        let leaf = leaf.map(|leaf| (leaf, u32::MAX));
        let hash = cache.taproot_signature_hash(place.index, &Prevouts::All(&outputs), annex, leaf, kind);
        let message = Message::from_digest(hash.expect("every input has its coin").to_byte_array());
        let signature = self.secp.sign_schnorr_with_aux_rand(&message, key, &rng.bytes::<32>());
        bitcoin::taproot::Signature { signature, sighash_type: kind }.to_vec()
    }

    /// With a low or any R, as wallets differ in that.
    fn ecdsa(&self, hash: [u8; 32], key: usize, kind: EcdsaSighashType, rng: &mut Rng) -> Vec<u8> {
        let (message, secret) = (Message::from_digest(hash), self.keys[key].secret_key());
        let signature = if rng.percent(50) {
            self.secp.sign_ecdsa_low_r(&message, &secret)
        } else {
            self.secp.sign_ecdsa(&message, &secret)
        };
        bitcoin::ecdsa::Signature { signature, sighash_type: kind }.to_vec()
    }
}

/// A type by chance; one that covers the output beside it only where there is one.
fn ecdsa_type(place: &Place<'_>, rng: &mut Rng) -> EcdsaSighashType {
    let kind = *rng.pick(ECDSA_TYPES);
    let single = matches!(kind, EcdsaSighashType::Single | EcdsaSighashType::SinglePlusAnyoneCanPay);
    if single && place.index >= place.tx.output.len() { EcdsaSighashType::All } else { kind }
}

fn pushes(items: &[Vec<u8>]) -> ScriptBuf {
    items.iter().fold(Builder::new(), |script, item| script.push_slice(push(item))).into_script()
}

fn x(key: XOnlyPublicKey) -> Vec<u8> {
    key.serialize().to_vec()
}

/// No lock time, or one that has just passed.
pub fn lock_time(height: u32, rng: &mut Rng) -> LockTime {
    match rng.below(4) {
        0 => LockTime::from_height(height.saturating_sub(1)).expect("far below 500,000,000"),
        1 => LockTime::from_time(1_296_000_000).expect("a time"),
        _ => LockTime::ZERO,
    }
}
