//! Blocks of regtest: a coinbase that claims what it may, the witness commitment, and the work.

use bitcoin::absolute::LockTime;
use bitcoin::block::{Header, Version};
use bitcoin::hashes::Hash;
use bitcoin::script::Builder;
use bitcoin::{
    Amount, Block, BlockHash, CompactTarget, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxMerkleNode, TxOut,
    Witness, transaction,
};

/// Every block's target: half of all nonces reach it.
const BITS: u32 = 0x207f_ffff;
/// Blocks between two halvings.
const HALVING: u32 = 150;
/// The item in a coinbase's witness that its commitment covers.
const RESERVED: [u8; 32] = [0; 32];

/// What a coinbase may claim beside fees, in satoshi.
pub fn subsidy(height: u32) -> u64 {
    5_000_000_000 >> (height / HALVING).min(63)
}

/// A coinbase with its outputs; `extra` makes it unlike any other of its height.
pub fn coinbase(height: u32, extra: u64, outputs: Vec<(u64, ScriptBuf)>) -> Transaction {
    let script_sig = Builder::new().push_int(i64::from(height)).push_slice(extra.to_le_bytes()).into_script();
    let input = TxIn {
        previous_output: OutPoint::null(),
        script_sig,
        sequence: Sequence::MAX,
        witness: Witness::from_slice(&[RESERVED]),
    };
    let output =
        outputs.into_iter().map(|(value, script_pubkey)| TxOut { value: Amount::from_sat(value), script_pubkey });
    Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![input],
        output: output.collect(),
    }
}

/// A block whose coinbase, its first transaction, still lacks the commitment; proves its work.
pub fn block(prev: BlockHash, time: u32, mut txdata: Vec<Transaction>) -> Block {
    let hashes = std::iter::once([0; 32]).chain(txdata[1..].iter().map(|tx| tx.compute_wtxid().to_byte_array()));
    let root = bitcoin::merkle_tree::calculate_root(hashes.map(bitcoin::WitnessMerkleNode::from_byte_array));
    let commitment = Block::compute_witness_commitment(&root.expect("a coinbase at least"), &RESERVED);
    let script = [&[0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed][..], commitment.as_byte_array()].concat();
    txdata[0].output.push(TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::from_bytes(script) });
    let header = Header {
        version: Version::from_consensus(0x2000_0000),
        prev_blockhash: prev,
        merkle_root: TxMerkleNode::all_zeros(),
        time,
        bits: CompactTarget::from_consensus(BITS),
        nonce: 0,
    };
    let mut block = Block { header, txdata };
    block.header.merkle_root = block.compute_merkle_root().expect("a coinbase at least");
    grind(&mut block.header);
    block
}

/// Counts the nonce up until the header's hash reaches its target.
pub fn grind(header: &mut Header) {
    while !header.target().is_met_by(header.block_hash()) {
        header.nonce += 1;
    }
}
