//! A transaction of any type, and its envelope once it is signed.

use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::rlp::Writer;
use coinhound_chains::evm::{Address, Hash, TxType};
use ruint::aliases::U256;

use crate::evm::keys::{EvmKey, EvmSignature};

/// What is to be signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// Its envelope.
    pub kind: TxType,
    /// Whether it names its chain; all types but the first always do.
    pub names_chain: bool,
    /// Whom it calls; none where it creates a contract.
    pub to: Option<Address>,
    /// In wei.
    pub value: U256,
    /// What it hands over.
    pub input: Vec<u8>,
    /// How much gas it may use.
    pub gas_limit: u64,
    /// What a unit of gas may cost at most, in wei.
    pub price_max: U256,
    /// What of it the block's maker may get at most, in wei; types 0 and 1 do not say it.
    pub tip_max: U256,
    /// Accounts and slots that it announces (types 1 and up).
    pub access: Vec<(Address, Vec<Hash>)>,
    /// Names of its blobs (type 3).
    pub blobs: Vec<Hash>,
    /// Accounts that take code from another, each with who signed for it and its nonce (type 4).
    pub delegations: Vec<(EvmKey, Address, u64)>,
}

/// What it pays at most for a unit of blob gas, in wei.
pub const BLOB_PRICE_MAX: u64 = 1_000_000_000;

/// A transaction that was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// What was signed.
    pub draft: Draft,
    /// The chain it is for.
    pub chain: u64,
    /// How many its sender had made before.
    pub nonce: u64,
    /// Who signed.
    pub from: Address,
    /// The signature.
    pub signature: EvmSignature,
    /// As it stands under the transactions' root.
    pub envelope: Vec<u8>,
    /// Its name.
    pub hash: Hash,
}

impl Draft {
    /// Ether to somebody, with the two prices that fit a base fee.
    #[must_use]
    pub fn pay(kind: TxType, to: Option<Address>, value: U256, base_fee: U256) -> Self {
        let tip_max = U256::from(1_500_000_000_u64);
        let price_max = base_fee * U256::from(2) + tip_max;
        let (input, access, blobs, delegations) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (names_chain, gas_limit) = (true, 500_000);
        Self { kind, names_chain, to, value, input, gas_limit, price_max, tip_max, access, blobs, delegations }
    }

    /// Signs it.
    #[must_use]
    pub fn sign(self, key: &EvmKey, chain: u64, nonce: u64) -> Signed {
        let mut preimage = self.items(chain, nonce);
        if self.kind == TxType::Legacy && self.names_chain {
            preimage.uint(U256::from(chain));
            preimage.raw(&[0x80, 0x80]);
        }
        let signature = key.sign(&keccak256(&self.wrapped(preimage)));
        let mut items = self.items(chain, nonce);
        items.uint(U256::from(self.v(chain, signature.is_odd)));
        items.uint(signature.r);
        items.uint(signature.s);
        let envelope = self.wrapped(items);
        let hash = keccak256(&envelope);
        Signed { draft: self, chain, nonce, from: key.address(), signature, envelope, hash }
    }

    /// The first of the three items of a signature.
    #[must_use]
    pub fn v(&self, chain: u64, is_odd: bool) -> u64 {
        match (self.kind, self.names_chain) {
            (TxType::Legacy, false) => 27 + u64::from(is_odd),
            (TxType::Legacy, true) => 35 + 2 * chain + u64::from(is_odd),
            _ => u64::from(is_odd),
        }
    }

    fn wrapped(&self, items: Writer) -> Vec<u8> {
        let kind = (self.kind != TxType::Legacy).then_some(self.kind as u8);
        kind.into_iter().chain(items.into_list()).collect()
    }

    fn items(&self, chain: u64, nonce: u64) -> Writer {
        let mut items = Writer::new();
        if self.kind != TxType::Legacy {
            items.uint(U256::from(chain));
        }
        items.uint(U256::from(nonce));
        if self.kind >= TxType::FeeMarket {
            items.uint(self.tip_max);
        }
        items.uint(self.price_max);
        items.uint(U256::from(self.gas_limit));
        items.bytes(self.to.as_ref().map_or(&[], |to| &to.0));
        items.uint(self.value);
        items.bytes(&self.input);
        if self.kind != TxType::Legacy {
            items.raw(&self.access_list());
        }
        if self.kind == TxType::Blob {
            items.uint(U256::from(BLOB_PRICE_MAX));
            items.raw(&list(self.blobs.iter().map(|hash| string(&hash.0))));
        }
        if self.kind == TxType::SetCode {
            let signed = self.delegations.iter().map(|(key, code, nonce)| delegation(key, chain, code, *nonce));
            items.raw(&list(signed));
        }
        items
    }

    fn access_list(&self) -> Vec<u8> {
        list(self.access.iter().map(|(account, slots)| {
            list([string(&account.0), list(slots.iter().map(|slot| string(&slot.0)))].into_iter())
        }))
    }
}

/// Who signs for it lets its account take another's code (EIP-7702).
fn delegation(key: &EvmKey, chain: u64, code: &Address, nonce: u64) -> Vec<u8> {
    let mut items = Writer::new();
    items.raw(&delegation_items(chain, code, nonce));
    let EvmSignature { is_odd, r, s } = sign_delegation(key, chain, code, nonce);
    [U256::from(u64::from(is_odd)), r, s].into_iter().for_each(|part| items.uint(part));
    items.into_list()
}

/// The signature under a delegation.
#[must_use]
pub fn sign_delegation(key: &EvmKey, chain: u64, code: &Address, nonce: u64) -> EvmSignature {
    const MAGIC: u8 = 5;
    let mut items = Writer::new();
    items.raw(&delegation_items(chain, code, nonce));
    let preimage: Vec<u8> = std::iter::once(MAGIC).chain(items.into_list()).collect();
    key.sign(&keccak256(&preimage))
}

fn delegation_items(chain: u64, code: &Address, nonce: u64) -> Vec<u8> {
    let mut items = Writer::new();
    items.uint(U256::from(chain));
    items.bytes(&code.0);
    items.uint(U256::from(nonce));
    items.into_bytes()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.bytes(bytes);
    writer.into_bytes()
}

/// A list of items that are encoded already.
pub(super) fn list(items: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut writer = Writer::new();
    items.for_each(|item| writer.raw(&item));
    writer.into_list()
}
