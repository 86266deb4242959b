//! A transaction's fields back into its envelope.

use serde::Deserialize;

use super::fields::{Data, Quantity};
use super::{JsonError, must_be};
use crate::evm::hash::{Address, Hash};
use crate::evm::rlp::Writer;
use crate::evm::tx::Transaction;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TxText {
    hash: Hash,
    from: Address,
    #[serde(rename = "type", default)]
    kind: Quantity,
    chain_id: Option<Quantity>,
    nonce: Quantity,
    gas_price: Option<Quantity>,
    max_fee_per_gas: Option<Quantity>,
    max_priority_fee_per_gas: Option<Quantity>,
    gas: Quantity,
    to: Option<Address>,
    value: Quantity,
    input: Data,
    access_list: Option<Vec<AccessText>>,
    max_fee_per_blob_gas: Option<Quantity>,
    blob_versioned_hashes: Option<Vec<Hash>>,
    authorization_list: Option<Vec<AuthorizationText>>,
    v: Quantity,
    r: Quantity,
    s: Quantity,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessText {
    address: Address,
    storage_keys: Vec<Hash>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationText {
    chain_id: Quantity,
    address: Address,
    nonce: Quantity,
    y_parity: Quantity,
    r: Quantity,
    s: Quantity,
}

impl TxText {
    /// Its envelope.
    pub(super) fn encode(&self, index: usize) -> Result<Vec<u8>, JsonError> {
        let kind = u8::try_from(self.kind.0).unwrap_or(u8::MAX);
        let need = |field, value: Option<Quantity>| value.ok_or(JsonError::Missing { index, field, kind });
        let mut list = Writer::new();
        if kind > 0 {
            list.uint(need("chainId", self.chain_id)?.0);
        }
        list.uint(self.nonce.0);
        if kind < 2 {
            list.uint(need("gasPrice", self.gas_price)?.0);
        } else {
            list.uint(need("maxPriorityFeePerGas", self.max_priority_fee_per_gas)?.0);
            list.uint(need("maxFeePerGas", self.max_fee_per_gas)?.0);
        }
        list.uint(self.gas.0);
        list.bytes(self.to.as_ref().map_or(&[], |to| &to.0));
        list.uint(self.value.0);
        list.bytes(&self.input.0);
        if kind > 0 {
            list.raw(&access_list(self.access_list.as_deref().unwrap_or_default()));
        }
        if kind == 3 {
            list.uint(need("maxFeePerBlobGas", self.max_fee_per_blob_gas)?.0);
            let mut hashes = Writer::new();
            self.blob_versioned_hashes.iter().flatten().for_each(|hash| hashes.bytes(&hash.0));
            list.raw(&hashes.into_list());
        }
        if kind == 4 {
            let mut authorizations = Writer::new();
            self.authorization_list.iter().flatten().for_each(|item| authorizations.raw(&item.encode()));
            list.raw(&authorizations.into_list());
        }
        [self.v, self.r, self.s].iter().for_each(|part| list.uint(part.0));
        Ok((kind != 0).then_some(kind).into_iter().chain(list.into_list()).collect())
    }

    /// Holds the told hash and sender against the transaction that its fields make.
    pub(super) fn compare(&self, tx: &Transaction) -> Result<(), JsonError> {
        must_be("transaction hash", self.hash, tx.hash)?;
        must_be("sender", self.from, tx.from)
    }
}

fn access_list(entries: &[AccessText]) -> Vec<u8> {
    let mut list = Writer::new();
    for entry in entries {
        let mut keys = Writer::new();
        entry.storage_keys.iter().for_each(|key| keys.bytes(&key.0));
        let mut item = Writer::new();
        item.bytes(&entry.address.0);
        item.raw(&keys.into_list());
        list.raw(&item.into_list());
    }
    list.into_list()
}

impl AuthorizationText {
    fn encode(&self) -> Vec<u8> {
        let mut list = Writer::new();
        list.uint(self.chain_id.0);
        list.bytes(&self.address.0);
        [self.nonce, self.y_parity, self.r, self.s].iter().for_each(|number| list.uint(number.0));
        list.into_list()
    }
}
