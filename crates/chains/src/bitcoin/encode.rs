//! The write side of the wire format: transactions, headers, blocks and block-file frames as bytes.
//!
//! Used by whatever makes chains (simulator, tests, benchmarks). Nothing here judges what it
//! encodes: an invalid transaction is written as faithfully as a valid one.

use coinhound_model::{Hash256, TxHash};

use crate::bitcoin::hash::{double_sha256, double_sha256_of};

/// Names one output: the transaction that made it and which of its outputs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OutPoint {
    /// The transaction that made the coin.
    pub txid: TxHash,
    /// Which of its outputs, from zero.
    pub index: u32,
}

impl OutPoint {
    /// What the only input of a coinbase names.
    pub const NULL: Self = Self { txid: Hash256::ZERO, index: u32::MAX };
}

/// One input as it stands on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TxIn {
    /// The coin it spends.
    pub prev: OutPoint,
    /// The signature script.
    pub script_sig: Vec<u8>,
    /// `nSequence`.
    pub sequence: u32,
    /// The witness stack, empty for none.
    pub witness: Vec<Vec<u8>>,
}

/// One output as it stands on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TxOut {
    /// In satoshi.
    pub value: u64,
    /// The locking script.
    pub script: Vec<u8>,
}

/// One transaction as it stands on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tx {
    /// `nVersion`.
    pub version: u32,
    /// In order.
    pub inputs: Vec<TxIn>,
    /// In order.
    pub outputs: Vec<TxOut>,
    /// `nLockTime`.
    pub lock_time: u32,
}

impl Tx {
    /// Whether any input carries a witness.
    #[must_use]
    pub fn has_witness(&self) -> bool {
        self.inputs.iter().any(|input| !input.witness.is_empty())
    }

    /// Appends the transaction, with its witness where it has one.
    pub fn put(&self, out: &mut Vec<u8>) {
        if !self.has_witness() {
            return self.put_stripped(out);
        }
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&[0, 1]); // BIP144: marker and flag
        self.put_body(out);
        for input in &self.inputs {
            put_size(out, input.witness.len());
            input.witness.iter().for_each(|item| put_bytes(out, item));
        }
        out.extend_from_slice(&self.lock_time.to_le_bytes());
    }

    /// Appends the transaction without its witness: the bytes that its txid hashes.
    pub fn put_stripped(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.version.to_le_bytes());
        self.put_body(out);
        out.extend_from_slice(&self.lock_time.to_le_bytes());
    }

    /// The transaction's name: the hash of its bytes without the witness.
    #[must_use]
    pub fn txid(&self) -> TxHash {
        let mut bytes = Vec::with_capacity(self.stripped_size_hint());
        self.put_stripped(&mut bytes);
        double_sha256(&bytes)
    }

    /// The hash of the transaction with its witness; equals the txid where there is none.
    #[must_use]
    pub fn wtxid(&self) -> TxHash {
        let mut bytes = Vec::with_capacity(2 * self.stripped_size_hint());
        self.put(&mut bytes);
        double_sha256(&bytes)
    }

    /// Bytes on the wire, witness included.
    #[must_use]
    pub fn size(&self) -> usize {
        let mut bytes = Vec::with_capacity(2 * self.stripped_size_hint());
        self.put(&mut bytes);
        bytes.len()
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        put_size(out, self.inputs.len());
        self.inputs.iter().for_each(|input| input.put(out));
        put_size(out, self.outputs.len());
        self.outputs.iter().for_each(|output| output.put(out));
    }

    fn stripped_size_hint(&self) -> usize {
        64 + self.inputs.len() * 160 + self.outputs.len() * 44
    }
}

impl TxIn {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.prev.txid.0);
        out.extend_from_slice(&self.prev.index.to_le_bytes());
        put_bytes(out, &self.script_sig);
        out.extend_from_slice(&self.sequence.to_le_bytes());
    }
}

impl TxOut {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.value.to_le_bytes());
        put_bytes(out, &self.script);
    }
}

/// Appends a length in Bitcoin's compact form: 1, 3, 5 or 9 bytes, always the shortest.
pub fn put_size(out: &mut Vec<u8>, size: usize) {
    let size = size as u64;
    match (u8::try_from(size), u16::try_from(size), u32::try_from(size)) {
        (Ok(byte @ ..=0xfc), ..) => out.push(byte),
        (_, Ok(short), _) => {
            out.push(0xfd);
            out.extend_from_slice(&short.to_le_bytes());
        }
        (_, _, Ok(word)) => {
            out.push(0xfe);
            out.extend_from_slice(&word.to_le_bytes());
        }
        _ => {
            out.push(0xff);
            out.extend_from_slice(&size.to_le_bytes());
        }
    }
}

/// Appends a length and the bytes.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_size(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// The root of the hash tree over `leaves`; an odd level repeats its last hash. Zero for no leaves.
#[must_use]
pub fn merkle_root(mut leaves: Vec<Hash256>) -> Hash256 {
    while leaves.len() > 1 {
        let pair = |at: usize| double_sha256_of(&[&leaves[at].0, &leaves.get(at + 1).unwrap_or(&leaves[at]).0]);
        leaves = (0..leaves.len()).step_by(2).map(pair).collect();
    }
    leaves.first().copied().unwrap_or(Hash256::ZERO)
}

/// What a coinbase commits to (BIP 141): the witness tree's root together with the reserved value
/// that stands in the coinbase's witness.
#[must_use]
pub fn witness_commitment(witness_root: Hash256, reserved: [u8; 32]) -> Hash256 {
    double_sha256_of(&[&witness_root.0, &reserved])
}

/// The output script that carries a witness commitment.
#[must_use]
pub fn commitment_script(commitment: Hash256) -> Vec<u8> {
    [&[0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed], commitment.0.as_slice()].concat()
}

/// Appends a block as block files hold it: the network's magic, the length, the bytes.
///
/// # Panics
/// When the block is 4 GiB or longer, which no network accepts.
pub fn put_frame(out: &mut Vec<u8>, magic: [u8; 4], block: &[u8]) {
    let len = u32::try_from(block.len()).expect("a block is far below 4 GiB");
    out.extend_from_slice(&magic);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_the_shortest_form() {
        for (size, want) in [
            (0, vec![0]),
            (0xfc, vec![0xfc]),
            (0xfd, vec![0xfd, 0xfd, 0]),
            (0xffff, vec![0xfd, 0xff, 0xff]),
            (0x1_0000, vec![0xfe, 0, 0, 1, 0]),
            (0x1_0000_0000, vec![0xff, 0, 0, 0, 0, 1, 0, 0, 0]),
        ] {
            let mut out = Vec::new();
            put_size(&mut out, size);
            assert_eq!(out, want);
        }
    }

    #[test]
    fn an_odd_level_repeats_its_last_hash() {
        let [a, b, c] = [1, 2, 3].map(|byte| Hash256([byte; 32]));
        assert_eq!(merkle_root(vec![a, b, c]), merkle_root(vec![a, b, c, c]));
        assert_eq!(merkle_root(vec![a]), a);
        assert_eq!(merkle_root(vec![]), Hash256::ZERO);
    }
}
