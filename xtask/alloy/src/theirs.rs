//! Alloy's reading of a block and its receipts, with the checks that we make.

use alloy_consensus::proofs::{
    calculate_ommers_root, calculate_receipt_root, calculate_transaction_root, calculate_withdrawals_root,
};
use alloy_consensus::transaction::{Recovered, SignerRecoverable};
use alloy_consensus::{Block, EthereumTxEnvelope, Header, ReceiptEnvelope, TxEip4844, TxEnvelope, TxReceipt};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bloom, Log, keccak256, logs_bloom};
use alloy_rlp::Decodable;
use alloy_rpc_types_eth as rpc;
use anyhow::{Result, ensure};

use crate::data::Recorded;
use crate::same;

/// A transaction as blocks hold it.
type Tx = EthereumTxEnvelope<TxEip4844>;

/// A block whose checks were made.
pub struct Checked<T> {
    /// Its name.
    pub hash: B256,
    /// The block.
    pub block: Block<T>,
    /// Who signed each transaction.
    pub senders: Vec<Address>,
    /// Each transaction's name.
    pub hashes: Vec<B256>,
    /// The receipts.
    pub receipts: Vec<ReceiptEnvelope>,
}

/// From what a node answers.
///
/// # Errors
/// When something does not hold.
pub fn json(recorded: &Recorded) -> Result<Checked<TxEnvelope>> {
    let told: rpc::Block = serde_json::from_str(&recorded.json)?;
    let receipts: Vec<rpc::TransactionReceipt> = serde_json::from_str(&recorded.receipts_json)?;
    let receipts = receipts.into_iter().map(|receipt| receipt.into_primitives_receipt().inner).collect();
    let hash = told.header.hash;
    let told_senders: Vec<_> = told.transactions.txns().map(|tx| tx.inner.signer()).collect();
    let mut block = told.into_consensus().map_transactions(|tx| tx.inner.into_inner());
    block.body.ommers = uncles(recorded)?;
    let checked = check(block, receipts)?;
    same("block hash", &checked.hash, &hash)?;
    same("senders", &checked.senders, &told_senders)?;
    let told_hashes: Vec<_> = checked.block.body.transactions.iter().map(|tx| *tx.tx_hash()).collect();
    same("transactions' hashes", &checked.hashes, &told_hashes)?;
    Ok(checked)
}

/// From RLP.
///
/// # Errors
/// When something does not hold.
pub fn rlp(recorded: &Recorded) -> Result<Checked<Tx>> {
    let block = Block::<Tx>::decode(&mut &recorded.rlp[..])?;
    let receipts = recorded.receipts.iter().map(|bytes| ReceiptEnvelope::decode_2718(&mut &bytes[..]));
    check(block, receipts.collect::<Result<_, _>>()?)
}

fn uncles(recorded: &Recorded) -> Result<Vec<Header>> {
    Ok(recorded.uncles.iter().map(|bytes| Header::decode(&mut &bytes[..])).collect::<Result<_, _>>()?)
}

fn check<T>(block: Block<T>, receipts: Vec<ReceiptEnvelope>) -> Result<Checked<T>>
where
    T: Encodable2718 + SignerRecoverable,
{
    let (header, body) = (&block.header, &block.body);
    same("transactions' root", &calculate_transaction_root(&body.transactions), &header.transactions_root)?;
    same("uncles' hash", &calculate_ommers_root(&body.ommers), &header.ommers_hash)?;
    let withdrawals = body.withdrawals.as_ref().map(|list| calculate_withdrawals_root(list));
    same("withdrawals' root", &withdrawals, &header.withdrawals_root)?;
    let senders = body.transactions.iter().map(SignerRecoverable::recover_signer_unchecked);
    let senders = senders.collect::<Result<_, _>>()?;
    let hashes = body.transactions.iter().map(|tx| keccak256(tx.encoded_2718())).collect();
    same("receipts' root", &calculate_receipt_root(&receipts), &header.receipts_root)?;
    let mut bloom = Bloom::ZERO;
    for receipt in &receipts {
        let own = logs_bloom(receipt.logs());
        same("receipt's bloom", &own, receipt.logs_bloom())?;
        bloom |= own;
    }
    same("bloom", &bloom, &header.logs_bloom)?;
    let used = receipts.last().map_or(0, TxReceipt::cumulative_gas_used);
    ensure!(used == header.gas_used, "gas used");
    Ok(Checked { hash: header.hash_slow(), senders, hashes, receipts, block })
}

/// A block as a node tells it.
///
/// # Errors
/// When it cannot be read.
pub fn as_json(bytes: &[u8]) -> Result<String> {
    let Block { header, body } = Block::<TxEnvelope>::decode(&mut &bytes[..])?;
    let (hash, number, base_fee) = (header.hash_slow(), header.number, header.base_fee_per_gas);
    let transactions = body.transactions.into_iter().zip(0..).map(|(tx, index)| {
        let signer = tx.recover_signer_unchecked()?;
        let price = alloy_consensus::Transaction::effective_gas_price(&tx, base_fee);
        Ok(rpc::Transaction {
            inner: Recovered::new_unchecked(tx, signer),
            block_hash: Some(hash),
            block_number: Some(number),
            transaction_index: Some(index),
            effective_gas_price: Some(price),
        })
    });
    let told = rpc::Block {
        header: rpc::Header::new(header),
        uncles: body.ommers.iter().map(Header::hash_slow).collect(),
        transactions: rpc::BlockTransactions::Full(transactions.collect::<Result<_>>()?),
        withdrawals: body.withdrawals,
    };
    Ok(serde_json::to_string(&told)?)
}

/// The logs of a receipt.
pub fn logs(receipt: &ReceiptEnvelope) -> &[Log] {
    receipt.logs()
}
