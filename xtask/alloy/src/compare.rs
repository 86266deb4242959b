//! Every field that we keep of a block beside alloy's.

use std::path::Path;

use alloy_consensus::{Header as TheirHeader, ReceiptEnvelope, TxEnvelope, Typed2718};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address as TheirAddress, B256, keccak256};
use anyhow::{Context, Result};
use coinhound_chains::evm::json::parse_block;
use coinhound_chains::evm::{Address, Block, Ending, Hash, Header, MAINNET, Receipt, Transaction, TxType};
use ruint::aliases::U256;

use crate::data::Recorded;
use crate::{ours, same, theirs};

/// Counts comparisons.
struct Fields(u64);

impl Fields {
    fn eq<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: &T, theirs: &T) -> Result<()> {
        self.0 += 1;
        same(what, ours, theirs)
    }
}

/// Every block, from JSON and from RLP; how many fields.
///
/// # Errors
/// The first that differs.
pub fn all(blocks: &[Recorded]) -> Result<u64> {
    let mut fields = Fields(0);
    for recorded in blocks {
        let (told, checked) = (ours::json(recorded)?, ours::rlp(recorded)?);
        same("block from JSON and from RLP", &told, &checked)?;
        let their = theirs::rlp(recorded)?;
        block(&mut fields, &checked.0, &their.block, &their.senders)?;
        for (ours, theirs) in checked.1.iter().zip(&their.receipts) {
            receipt(&mut fields, ours, theirs)?;
        }
        let their = theirs::json(recorded)?;
        block(&mut fields, &told.0, &their.block, &their.senders)?;
    }
    Ok(fields.0)
}

/// The blocks that nodes told in JSON, without receipts, back to 2015; how many fields.
///
/// # Errors
/// The first that differs.
pub fn json_blocks(folder: &Path) -> Result<u64> {
    let mut fields = Fields(0);
    let mut folders: Vec<_> =
        std::fs::read_dir(folder.join("blocks"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.sort();
    for folder in folders {
        let text = std::fs::read_to_string(folder.join("block.json"))?;
        let about = || format!("`{}`", folder.display());
        let ours = parse_block(&text, Vec::new(), MAINNET).with_context(about)?;
        let told: alloy_rpc_types_eth::Block = serde_json::from_str(&text).with_context(about)?;
        let senders: Vec<_> = told.transactions.txns().map(|tx| tx.inner.signer()).collect();
        let their = told.into_consensus().map_transactions(|tx| tx.inner.into_inner());
        block::<TxEnvelope>(&mut fields, &ours, &their, &senders).with_context(about)?;
    }
    Ok(fields.0)
}

fn hash(hash: &Hash) -> B256 {
    B256::from(hash.0)
}

fn address(address: &Address) -> TheirAddress {
    TheirAddress::from(address.0)
}

/// A number that alloy keeps in 128 bits.
fn wide(number: u128) -> U256 {
    U256::from(number)
}

fn block<T>(
    fields: &mut Fields,
    ours: &Block,
    theirs: &alloy_consensus::Block<T>,
    senders: &[TheirAddress],
) -> Result<()>
where
    T: alloy_consensus::Transaction + Encodable2718 + Typed2718,
{
    header(fields, &ours.header, &theirs.header)?;
    fields.eq("number of transactions", &ours.transactions.len(), &theirs.body.transactions.len())?;
    for ((ours, theirs), sender) in ours.transactions.iter().zip(&theirs.body.transactions).zip(senders) {
        transaction(fields, ours, theirs, sender).with_context(|| format!("transaction {}", ours.hash))?;
    }
    for (ours, theirs) in ours.uncles.iter().zip(&theirs.body.ommers) {
        header(fields, ours, theirs)?;
    }
    let theirs = theirs.body.withdrawals.clone().unwrap_or_default();
    fields.eq("number of withdrawals", &ours.withdrawals.len(), &theirs.len())?;
    for (ours, theirs) in ours.withdrawals.iter().zip(theirs.iter()) {
        fields.eq(
            "withdrawal",
            &(ours.index, ours.validator, address(&ours.address), ours.gwei),
            &(theirs.index, theirs.validator_index, theirs.address, theirs.amount),
        )?;
    }
    Ok(())
}

fn header(fields: &mut Fields, ours: &Header, theirs: &TheirHeader) -> Result<()> {
    fields.eq("block hash", &hash(&ours.hash), &theirs.hash_slow())?;
    fields.eq("parent", &hash(&ours.parent), &theirs.parent_hash)?;
    fields.eq("uncles' hash", &hash(&ours.uncles_hash), &theirs.ommers_hash)?;
    fields.eq("beneficiary", &address(&ours.beneficiary), &theirs.beneficiary)?;
    fields.eq("state root", &hash(&ours.state_root), &theirs.state_root)?;
    fields.eq("transactions' root", &hash(&ours.transactions_root), &theirs.transactions_root)?;
    fields.eq("receipts' root", &hash(&ours.receipts_root), &theirs.receipts_root)?;
    fields.eq("bloom", &ours.bloom, &theirs.logs_bloom.into_array())?;
    fields.eq("difficulty", &ours.difficulty, &U256::from_limbs(theirs.difficulty.into_limbs()))?;
    fields.eq("height", &ours.number, &theirs.number)?;
    fields.eq("gas limit", &ours.gas_limit, &theirs.gas_limit)?;
    fields.eq("gas used", &ours.gas_used, &theirs.gas_used)?;
    fields.eq("time", &ours.time, &theirs.timestamp)?;
    fields.eq("base fee", &ours.base_fee, &theirs.base_fee_per_gas.map(U256::from))?;
    fields.eq("next base fee", &ours.next_base_fee(), &next_base_fee(theirs))?;
    fields.eq("withdrawals' root", &ours.withdrawals_root.as_ref().map(hash), &theirs.withdrawals_root)?;
    fields.eq("blob gas", &ours.blob_gas_used, &theirs.blob_gas_used)?;
    fields.eq("excess blob gas", &ours.excess_blob_gas, &theirs.excess_blob_gas)
}

fn next_base_fee(header: &TheirHeader) -> Option<U256> {
    header.next_block_base_fee(alloy_eips::eip1559::BaseFeeParams::ethereum()).map(U256::from)
}

fn transaction<T>(fields: &mut Fields, ours: &Transaction, theirs: &T, sender: &TheirAddress) -> Result<()>
where
    T: alloy_consensus::Transaction + Encodable2718 + Typed2718,
{
    fields.eq("hash", &hash(&ours.hash), &keccak256(theirs.encoded_2718()))?;
    fields.eq("type", &(ours.kind as u8), &theirs.ty())?;
    fields.eq("sender", &address(&ours.from), sender)?;
    fields.eq("receiver", &ours.to.as_ref().map(address), &theirs.to())?;
    fields.eq(
        "created",
        &ours.created().as_ref().map(address),
        &theirs.to().is_none().then(|| sender.create(theirs.nonce())),
    )?;
    fields.eq("nonce", &ours.nonce, &theirs.nonce())?;
    fields.eq("value", &ours.value, &U256::from_limbs(theirs.value().into_limbs()))?;
    fields.eq("gas limit", &ours.gas_limit, &theirs.gas_limit())?;
    fields.eq("price at most", &ours.price.max, &wide(theirs.max_fee_per_gas()))?;
    let tip = theirs.max_priority_fee_per_gas().unwrap_or_else(|| theirs.max_fee_per_gas());
    fields.eq("tip at most", &ours.price.tip_max, &wide(tip))?;
    fields.eq("chain", &ours.chain, &theirs.chain_id())?;
    fields.eq("input", &ours.input, &theirs.input().to_vec())?;
    fields.eq("blobs", &(ours.blobs as usize), &theirs.blob_versioned_hashes().map_or(0, <[B256]>::len))?;
    let price = theirs.max_fee_per_blob_gas().map_or(U256::ZERO, wide);
    fields.eq("blob price at most", &ours.blob_price_max, &price)?;
    let is_set_code = theirs.authorization_list().is_some();
    fields.eq("takes code", &(ours.kind == TxType::SetCode), &is_set_code)
}

fn receipt(fields: &mut Fields, ours: &Receipt, theirs: &ReceiptEnvelope) -> Result<()> {
    fields.eq("receipt's type", &ours.kind, &(theirs.tx_type() as u8))?;
    fields.eq("status", &(ours.ending == Ending::Succeeded), &theirs.status())?;
    fields.eq("gas so far", &ours.gas_used_so_far, &theirs.cumulative_gas_used())?;
    fields.eq("bloom", &ours.bloom(), &theirs.logs_bloom().into_array())?;
    fields.eq("number of logs", &ours.logs.len(), &theirs::logs(theirs).len())?;
    for (ours, theirs) in ours.logs.iter().zip(theirs::logs(theirs)) {
        fields.eq("contract", &address(&ours.address), &theirs.address)?;
        fields.eq("topics", &ours.topics.iter().map(hash).collect::<Vec<_>>(), &theirs.topics().to_vec())?;
        fields.eq("data", &ours.data, &theirs.data.data.to_vec())?;
    }
    Ok(())
}
