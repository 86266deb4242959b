//! Small chains of Bitcoin's regtest, made on the spot: every block a coinbase and two payments, one of
//! them with a witness, so that every lie about a block has something to lie about.

use coinhound_chains::bitcoin::encode::{
    OutPoint, Tx, TxIn, TxOut, commitment_script, merkle_root, put_size, witness_commitment,
};
use coinhound_chains::bitcoin::hash::double_sha256;
use coinhound_chains::bitcoin::{Checks, Header, Network, Params, parse_block_with};
use coinhound_model::{BlockHash, Hash256, Height, TxHash};

/// Regtest's first block, 285 bytes, as every node of it has it built in.
const GENESIS: &str = "\
0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f\
617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f20020000000101000000010000000000000000000000000000000000\
000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368\
616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2\
052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504\
e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";

/// The time the second block claims, in seconds since 1970; blocks are ten minutes apart.
const START: u32 = 1_600_000_000;
/// Regtest's target in short form.
const BITS: u32 = 0x207f_ffff;
/// What each payment leaves to the miner, who does not take it; less where there is less, as regtest's subsidy
/// soon ends.
const FEE: u64 = 1_000;

fn params() -> &'static Params {
    Network::Regtest.params()
}

/// The first block and `blocks` more.
#[must_use]
pub fn chain(blocks: u32) -> Vec<Vec<u8>> {
    fork(&[genesis()], 0, blocks, 0)
}

/// The blocks of `base` up to and with `height`, and `blocks` others on top. Forks with other numbers
/// have other blocks.
///
/// # Panics
/// When `base` does not reach `height`.
#[must_use]
pub fn fork(base: &[Vec<u8>], height: u32, blocks: u32, number: u8) -> Vec<Vec<u8>> {
    let mut chain = base[..=height as usize].to_vec();
    for height in height + 1..=height + blocks {
        chain.push(next(chain.last().expect("a chain has a first block"), height, number));
    }
    chain
}

/// Regtest's first block.
#[must_use]
pub fn genesis() -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&GENESIS[at..at + 2], 16).expect("a constant of hexadecimal digits");
    (0..GENESIS.len()).step_by(2).map(digit).collect()
}

/// A block's name.
///
/// # Panics
/// When there are fewer than 80 bytes.
#[must_use]
pub fn name(block: &[u8]) -> BlockHash {
    double_sha256(&block[..Header::LEN])
}

/// Varies a header until its name reaches its target.
pub(crate) fn grind(header: &mut Header, params: &Params) {
    while header.check_work(header.hash(), params).is_err() {
        header.nonce = header.nonce.wrapping_add(1);
    }
}

fn next(prev: &[u8], height: u32, number: u8) -> Vec<u8> {
    let prev_coinbase = parse_block_with(prev, params(), Checks { work: false, witness: false }).expect("a block");
    let (earned, value) = (prev_coinbase.txs[0].txid, prev_coinbase.outputs[0].value);
    let split = payment(earned, 0, Vec::new(), [value / 3, (value - value / 3).saturating_sub(FEE)], [1, number]);
    let witness = vec![vec![0x30; 71], [&[2], [number; 32].as_slice()].concat()];
    let onward =
        payment(split.txid(), 0, witness, [(value / 3).saturating_sub(FEE + 1), 1.min(value / 3)], [2, number]);
    let mut txs = vec![coinbase(height, number), split, onward];
    commit(&mut txs);
    seal(name(prev), START + 600 * height + u32::from(number), &txs)
}

/// Pays two outputs to keys that nobody has.
fn payment(from: TxHash, index: u32, witness: Vec<Vec<u8>>, values: [u64; 2], owner: [u8; 2]) -> Tx {
    let input = TxIn { prev: OutPoint { txid: from, index }, script_sig: Vec::new(), sequence: u32::MAX, witness };
    let output = |(value, nth): (u64, u8)| TxOut { value, script: witness_key_script([owner[0], owner[1], nth]) };
    let outputs = values.into_iter().zip(0..).map(output).collect();
    Tx { version: 2, inputs: vec![input], outputs, lock_time: 0 }
}

/// Pays to the hash of a key (BIP 141).
fn witness_key_script(seed: [u8; 3]) -> Vec<u8> {
    let hash = double_sha256(&seed).0;
    [&[0, 20], &hash[..20]].concat()
}

fn coinbase(height: u32, number: u8) -> Tx {
    let input = TxIn {
        prev: OutPoint::NULL,
        script_sig: height_script(height),
        sequence: u32::MAX,
        witness: vec![vec![0; 32]],
    };
    let value = params().subsidy(Height(height));
    let output = TxOut { value, script: witness_key_script([0, number, u8::try_from(height % 200).expect("small")]) };
    Tx { version: 2, inputs: vec![input], outputs: vec![output], lock_time: 0 }
}

/// The height, pushed as BIP 34 has it, and a byte that makes two of them a script.
fn height_script(height: u32) -> Vec<u8> {
    let mut number: Vec<u8> = height.to_le_bytes().into_iter().collect();
    while number.last() == Some(&0) {
        number.pop();
    }
    if number.last().is_some_and(|last| last & 0x80 != 0) {
        number.push(0);
    }
    match (height, number.as_slice()) {
        (1..=16, &[small]) => vec![0x50 + small, 0],
        _ => [&[u8::try_from(number.len()).expect("at most five bytes")], number.as_slice()].concat(),
    }
}

/// Adds the commitment to the witnesses.
fn commit(txs: &mut [Tx]) {
    let mut leaves: Vec<Hash256> = txs.iter().map(Tx::wtxid).collect();
    leaves[0] = Hash256::ZERO;
    let commitment = witness_commitment(merkle_root(leaves), [0; 32]);
    txs[0].outputs.push(TxOut { value: 0, script: commitment_script(commitment) });
}

fn seal(prev: BlockHash, time: u32, txs: &[Tx]) -> Vec<u8> {
    let merkle_root = merkle_root(txs.iter().map(Tx::txid).collect());
    let mut header = Header { version: 0x2000_0000, prev, merkle_root, time, bits: BITS, nonce: 0 };
    grind(&mut header, params());
    let mut bytes = header.to_bytes().to_vec();
    put_size(&mut bytes, txs.len());
    txs.iter().for_each(|tx| tx.put(&mut bytes));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use coinhound_chains::bitcoin::parse_block;

    #[test]
    fn a_made_chain_is_sound_and_its_forks_differ() {
        let chain = chain(20);
        assert_eq!(name(&chain[0]), params().genesis);
        for (below, block) in chain.iter().zip(&chain[1..]) {
            let parsed = parse_block(block, params()).expect("sound");
            assert_eq!((parsed.prev, parsed.txs.len()), (name(below), 3));
        }
        let (one, two) = (fork(&chain, 15, 6, 1), fork(&chain, 15, 6, 2));
        assert_eq!(one[..=15], chain[..=15]);
        assert_eq!((one.len(), two.len()), (22, 22));
        assert!(one[16] != two[16] && one[16] != chain[16]);
    }
}
