//! Keys, locks and unlocking scripts of simulated wallets.
//!
//! A key is a pure function of the seed, its owner and an index, so nothing needs storing. The keys
//! are random bytes in the form of keys and need not lie on the curve; the signatures have the
//! lengths and encodings of real ones and **prove nothing**. A simulated chain serves parsers,
//! stores, clustering and tracing; a node that checks scripts would refuse it.

use coinhound_chains::bitcoin::encode::{OutPoint, TxIn};
use coinhound_chains::bitcoin::hash::{hash160, sha256};

use crate::rng::{Rng, mix};

/// The shape of a wallet's locks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Style {
    /// P2PK, compressed: early miners.
    PubKey,
    /// P2PKH with a compressed key.
    PubKeyHash,
    /// P2PKH with an uncompressed key: old wallets.
    OldPubKeyHash,
    /// P2SH holding a 2-of-3 multisig.
    Multisig,
    /// P2SH holding a P2WPKH program.
    Nested,
    /// P2SH holding a P2WSH program with a 2-of-3 multisig.
    NestedMultisig,
    /// P2WPKH.
    Witness,
    /// P2WSH with a 2-of-3 multisig.
    WitnessMultisig,
    /// P2TR, spent by its key.
    Taproot,
    /// A bare 1-of-2 multisig.
    BareMultisig,
}

impl Style {
    /// Virtual bytes of an input that spends such a coin.
    #[must_use]
    pub fn input_vbytes(self) -> u64 {
        match self {
            Self::PubKey | Self::BareMultisig => 114,
            Self::PubKeyHash => 148,
            Self::OldPubKeyHash => 180,
            Self::Multisig => 297,
            Self::Nested => 91,
            Self::NestedMultisig => 140,
            Self::Witness => 68,
            Self::WitnessMultisig => 105,
            Self::Taproot => 58,
        }
    }
}

/// One address of one owner. Equal owner and index mean equal keys, whatever the style.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slot {
    /// The lock's shape.
    pub style: Style,
    /// Whose.
    pub owner: u32,
    /// Which of the owner's keys.
    pub index: u32,
}

/// All keys of a simulation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keys {
    seed: u64,
}

impl Keys {
    /// The keys of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The locking script of an address.
    #[must_use]
    pub fn lock(&self, slot: Slot) -> Vec<u8> {
        match slot.style {
            Style::PubKey => [&[33], self.key(slot, 0).as_slice(), &[0xac]].concat(),
            Style::PubKeyHash => key_hash_lock(&self.key(slot, 0)),
            Style::OldPubKeyHash => key_hash_lock(&self.long_key(slot)),
            Style::Multisig => script_hash_lock(&self.two_of_three(slot)),
            Style::Nested => script_hash_lock(&self.lock(Slot { style: Style::Witness, ..slot })),
            Style::NestedMultisig => script_hash_lock(&self.lock(Slot { style: Style::WitnessMultisig, ..slot })),
            Style::Witness => [&[0, 20], hash160(&self.key(slot, 0)).0.as_slice()].concat(),
            Style::WitnessMultisig => [&[0, 32], sha256(&self.two_of_three(slot)).as_slice()].concat(),
            Style::Taproot => [&[0x51, 32], &self.key(slot, 0)[1..]].concat(),
            Style::BareMultisig => self.one_of_two(slot),
        }
    }

    /// An input that spends a coin locked by `slot`. Signatures are drawn from `rng`; with `low_r`
    /// as wallets make them that grind for short ones.
    pub fn spend(&self, slot: Slot, prev: OutPoint, low_r: bool, rng: &mut Rng) -> TxIn {
        let mut sign = || der_signature(low_r, rng);
        let (script_sig, witness) = match slot.style {
            Style::PubKey => (pushes(&[&sign()]), vec![]),
            Style::PubKeyHash => (pushes(&[&sign(), &self.key(slot, 0)]), vec![]),
            Style::OldPubKeyHash => (pushes(&[&sign(), &self.long_key(slot)]), vec![]),
            Style::Multisig => (pushes(&[&[], &sign(), &sign(), &self.two_of_three(slot)]), vec![]),
            Style::BareMultisig => (pushes(&[&[], &sign()]), vec![]),
            Style::Nested => {
                let program = self.lock(Slot { style: Style::Witness, ..slot });
                (pushes(&[&program]), vec![sign(), self.key(slot, 0).to_vec()])
            }
            Style::NestedMultisig => {
                let program = self.lock(Slot { style: Style::WitnessMultisig, ..slot });
                (pushes(&[&program]), vec![vec![], sign(), sign(), self.two_of_three(slot)])
            }
            Style::Witness => (vec![], vec![sign(), self.key(slot, 0).to_vec()]),
            Style::WitnessMultisig => (vec![], vec![vec![], sign(), sign(), self.two_of_three(slot)]),
            Style::Taproot => (vec![], vec![schnorr_signature(rng)]),
        };
        TxIn { prev, script_sig, sequence: u32::MAX, witness }
    }

    /// The `nth` compressed key of an address; single-key locks use the first.
    fn key(&self, slot: Slot, nth: u64) -> [u8; 33] {
        let place = u64::from(slot.owner) << 32 | u64::from(slot.index);
        let mut key = [0; 33];
        Rng::new(mix(self.seed.wrapping_add(nth)) ^ place).fill(&mut key);
        key[0] = 2 | key[0] & 1;
        key
    }

    fn long_key(&self, slot: Slot) -> Vec<u8> {
        let mut key = [self.key(slot, 0).as_slice(), &self.key(slot, 1)[1..]].concat();
        key[0] = 4;
        key
    }

    fn two_of_three(&self, slot: Slot) -> Vec<u8> {
        multisig(2, &[self.key(slot, 0), self.key(slot, 1), self.key(slot, 2)])
    }

    fn one_of_two(&self, slot: Slot) -> Vec<u8> {
        multisig(1, &[self.key(slot, 0), self.key(slot, 1)])
    }
}

fn key_hash_lock(key: &[u8]) -> Vec<u8> {
    [&[0x76, 0xa9, 20], hash160(key).0.as_slice(), &[0x88, 0xac]].concat()
}

fn script_hash_lock(script: &[u8]) -> Vec<u8> {
    [&[0xa9, 20], hash160(script).0.as_slice(), &[0x87]].concat()
}

fn multisig(required: u8, keys: &[[u8; 33]]) -> Vec<u8> {
    let total = u8::try_from(keys.len()).expect("at most three keys");
    let mut script = vec![0x50 + required];
    keys.iter().for_each(|key| push(&mut script, key));
    script.extend_from_slice(&[0x50 + total, 0xae]);
    script
}

/// A script that only pushes `items`.
fn pushes(items: &[&[u8]]) -> Vec<u8> {
    let mut script = Vec::with_capacity(items.iter().map(|item| item.len() + 2).sum());
    items.iter().for_each(|item| push(&mut script, item));
    script
}

/// Appends one push of at most 255 bytes.
///
/// # Panics
/// When the item is longer.
pub fn push(script: &mut Vec<u8>, item: &[u8]) {
    let len = u8::try_from(item.len()).expect("simulated pushes are short");
    if len > 75 {
        script.push(0x4c); // OP_PUSHDATA1
    }
    script.push(len);
    script.extend_from_slice(item);
}

/// DER as wallets write it: low s, and r of 33 bytes half the time unless ground low; then SIGHASH_ALL.
fn der_signature(low_r: bool, rng: &mut Rng) -> Vec<u8> {
    let mut numbers = [0; 64];
    rng.fill(&mut numbers);
    let long_r = !low_r && numbers[0] >= 0x80;
    numbers[0] = numbers[0] & 0x7f | 1; // neither negative nor padded needlessly
    numbers[32] = numbers[32] & 0x7f | 1;
    let mut der = Vec::with_capacity(72);
    der.extend_from_slice(&[0x30, 68 + u8::from(long_r), 2, 32 + u8::from(long_r)]);
    if long_r {
        der.push(0);
        numbers[0] |= 0x80;
    }
    der.extend_from_slice(&numbers[..32]);
    der.extend_from_slice(&[2, 32]);
    der.extend_from_slice(&numbers[32..]);
    der.push(1);
    der
}

fn schnorr_signature(rng: &mut Rng) -> Vec<u8> {
    let mut signature = vec![0; 64];
    rng.fill(&mut signature);
    signature
}
