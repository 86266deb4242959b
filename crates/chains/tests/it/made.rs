//! Blocks made for tests: mined on the spot at regtest's target.

use coinhound_chains::bitcoin::encode::{
    OutPoint, Tx, TxIn, TxOut, commitment_script, merkle_root, put_size, witness_commitment,
};
use coinhound_chains::bitcoin::{Header, Network, Params};
use coinhound_model::{BlockHash, Hash256, TxHash};

/// Regtest's target in short form.
pub const EASY: u32 = 0x207f_ffff;

pub fn regtest() -> &'static Params {
    Network::Regtest.params()
}

/// A coinbase that tells its height and pays one script.
pub fn coinbase(height: u32, script: Vec<u8>) -> Tx {
    let height_bytes: Vec<u8> = {
        let mut bytes = height.to_le_bytes().to_vec();
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        if bytes.last().is_some_and(|last| last & 0x80 != 0) {
            bytes.push(0);
        }
        bytes
    };
    let script_sig = match height {
        0 => vec![0, 0],
        1..=16 => vec![0x50 + u8::try_from(height).expect("small"), 0],
        _ => [&[u8::try_from(height_bytes.len()).expect("short")], height_bytes.as_slice()].concat(),
    };
    let input = TxIn {
        prev: OutPoint { txid: Hash256::ZERO, index: u32::MAX },
        script_sig,
        sequence: u32::MAX,
        witness: Vec::new(),
    };
    Tx { version: 1, inputs: vec![input], outputs: vec![TxOut { value: 5_000_000_000, script }], lock_time: 0 }
}

/// A transaction with one input and one output.
pub fn spend(prev: TxHash, witness: Vec<Vec<u8>>, script: Vec<u8>) -> Tx {
    let prev = OutPoint { txid: prev, index: 0 };
    let input = TxIn { prev, script_sig: Vec::new(), sequence: u32::MAX, witness };
    Tx { version: 2, inputs: vec![input], outputs: vec![TxOut { value: 1_000, script }], lock_time: 0 }
}

/// Adds the commitment that a block with witnesses needs.
pub fn commit(txs: &mut [Tx]) {
    let mut leaves: Vec<Hash256> = txs.iter().map(Tx::wtxid).collect();
    leaves[0] = Hash256::ZERO;
    let commitment = witness_commitment(merkle_root(leaves), [0; 32]);
    txs[0].outputs.push(TxOut { value: 0, script: commitment_script(commitment) });
    txs[0].inputs[0].witness = vec![vec![0; 32]];
}

/// Mines a block over these transactions.
pub fn block(prev: BlockHash, time: u32, txs: &[Tx]) -> Vec<u8> {
    mine(header(prev, time, merkle_root(txs.iter().map(Tx::txid).collect())), txs)
}

pub fn header(prev: BlockHash, time: u32, merkle_root: Hash256) -> Header {
    Header { version: 4, prev, merkle_root, time, bits: EASY, nonce: 0 }
}

pub fn mine(mut header: Header, txs: &[Tx]) -> Vec<u8> {
    while header.hash().0[31] > 0x7f {
        header.nonce += 1;
    }
    let mut bytes = header.to_bytes().to_vec();
    put_size(&mut bytes, txs.len());
    txs.iter().for_each(|tx| tx.put(&mut bytes));
    bytes
}

/// A chain of `count` small blocks on `prev`, the first at height `first`.
pub fn chain(prev: BlockHash, first: u32, count: u32, branch: u8) -> Vec<Vec<u8>> {
    let mut prev = prev;
    (first..first + count)
        .map(|height| {
            let bytes = block(prev, 1_600_000_000 + 600 * height, &[coinbase(height, vec![0x51, branch])]);
            prev = hash_of(&bytes);
            bytes
        })
        .collect()
}

pub fn hash_of(block: &[u8]) -> BlockHash {
    coinhound_chains::bitcoin::hash::double_sha256(&block[..80])
}
