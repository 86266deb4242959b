//! A block in the making, and a finished one.

use coinhound_chains::bitcoin::Header;
use coinhound_chains::bitcoin::encode::{
    OutPoint, Tx, TxIn, TxOut, commitment_script, merkle_root, put_size, witness_commitment,
};
use coinhound_chains::bitcoin::hash::double_sha256;
use coinhound_chains::bitcoin::undo;
use coinhound_model::block::SpentCoin;
use coinhound_model::{BlockHash, Hash256, Height, TxHash};

use crate::keys::push;
use crate::regtest::{BITS, genesis_coinbase, genesis_header, grind, params};

/// Room that [`Draft::weight`] counts for the header, the count and the coinbase.
const OVERHEAD_WEIGHT: usize = 1_200;

/// A block under construction on a known parent.
#[derive(Clone, Debug)]
pub struct Draft {
    prev: BlockHash,
    height: Height,
    time: u32,
    /// All transactions but the coinbase, encoded one after another.
    body: Vec<u8>,
    scratch: Vec<u8>,
    /// What each of them spends, where that was given.
    spent: Vec<Vec<SpentCoin>>,
    rows: Vec<DraftTx>,
    weight: usize,
}

/// One transaction of a draft.
#[derive(Clone, Copy, Debug)]
struct DraftTx {
    txid: TxHash,
    wtxid: TxHash,
    weight: usize,
    fee: u64,
    body_end: usize,
}

/// Who mined a block and what they wrote into it.
#[derive(Clone, Copy, Debug)]
pub struct Miner<'a> {
    /// The locking script that subsidy and fees are paid to.
    pub lock: &'a [u8],
    /// Written into the coinbase after the height; at most 80 bytes.
    pub message: &'a [u8],
}

/// A finished block: its bytes, and what a node would have noted beside them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The block's name.
    pub hash: BlockHash,
    /// Its parent.
    pub prev: BlockHash,
    /// Its distance from the genesis block.
    pub height: Height,
    /// Seconds since 1970 as its header claims.
    pub time: u32,
    /// The whole block.
    pub bytes: Vec<u8>,
    /// The body of its undo record, where every spent coin was given; a node keeps none for the
    /// genesis block and for blocks that never were part of its best chain.
    pub undo: Option<Vec<u8>>,
    /// Names of its transactions, the coinbase first.
    pub txids: Vec<TxHash>,
    /// What the coinbase pays, subsidy and fees, in satoshi.
    pub reward: u64,
}

impl Draft {
    /// An empty block on `prev`.
    #[must_use]
    pub fn new(prev: BlockHash, height: Height, time: u32) -> Self {
        Self { prev, height, time, body: vec![], scratch: vec![], spent: vec![], rows: vec![], weight: OVERHEAD_WEIGHT }
    }

    /// Height the block will have.
    #[must_use]
    pub fn height(&self) -> Height {
        self.height
    }

    /// Time its header will claim.
    #[must_use]
    pub fn time(&self) -> u32 {
        self.time
    }

    /// The parent.
    #[must_use]
    pub fn prev(&self) -> BlockHash {
        self.prev
    }

    /// Transactions so far, the coinbase not counted.
    #[must_use]
    pub fn tx_count(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of the transactions so far, the coinbase not counted.
    #[must_use]
    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// Weight so far, with room for the coinbase.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Adds a transaction whose inputs are worth `input_value` in all; the rest is the miner's fee.
    ///
    /// # Panics
    /// When the outputs are worth more than the inputs: coins from nothing are a bug of the caller.
    pub fn add(&mut self, tx: &Tx, input_value: u64) -> TxHash {
        let paid: u64 = tx.outputs.iter().map(|output| output.value).sum();
        let fee = input_value.checked_sub(paid).expect("a transaction pays out at most what it takes in");
        let start = self.body.len();
        tx.put(&mut self.body);
        let size = self.body.len() - start;
        let wtxid = double_sha256(&self.body[start..]);
        let (txid, stripped) = if tx.has_witness() { self.stripped(tx) } else { (wtxid, size) };
        let weight = 3 * stripped + size;
        self.weight += weight;
        self.rows.push(DraftTx { txid, wtxid, weight, fee, body_end: self.body.len() });
        txid
    }

    /// Adds a transaction together with the coins it spends, in input order; of a block either all or none.
    ///
    /// # Panics
    /// When the counts differ, when an earlier transaction came without its coins, or as [`Draft::add`].
    pub fn add_with_undo(&mut self, tx: &Tx, spent: Vec<SpentCoin>) -> TxHash {
        assert_eq!(tx.inputs.len(), spent.len(), "each input spends one coin");
        assert_eq!(self.rows.len(), self.spent.len(), "every transaction before came with its coins");
        let txid = self.add(tx, spent.iter().map(|coin| coin.value).sum());
        self.spent.push(spent);
        txid
    }

    /// The same block with only its first `count` transactions: what a slower miner might have found.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let rows = self.rows[..count.min(self.rows.len())].to_vec();
        let body = self.body[..rows.last().map_or(0, |row| row.body_end)].to_vec();
        let spent = self.spent.iter().take(rows.len()).cloned().collect();
        let weight = OVERHEAD_WEIGHT + rows.iter().map(|row| row.weight).sum::<usize>();
        Self { body, spent, rows, weight, scratch: vec![], ..*self }
    }

    /// Adds the coinbase, commits to everything and finds a nonce.
    #[must_use]
    pub fn seal(self, miner: Miner<'_>) -> Sealed {
        let reward = params().subsidy(self.height) + self.rows.iter().map(|row| row.fee).sum::<u64>();
        let coinbase = self.coinbase(miner, reward);
        let txids: Vec<_> = std::iter::once(coinbase.txid()).chain(self.rows.iter().map(|row| row.txid)).collect();
        let merkle_root = merkle_root(txids.clone());
        // Version 0x20000000: version bits, none signalled (BIP 9).
        let mut header =
            Header { version: 0x2000_0000, prev: self.prev, merkle_root, time: self.time, bits: BITS, nonce: 0 };
        let hash = grind(&mut header);
        let mut bytes = Vec::with_capacity(Header::LEN + 512 + self.body.len());
        bytes.extend_from_slice(&header.to_bytes());
        put_size(&mut bytes, txids.len());
        coinbase.put(&mut bytes);
        bytes.extend_from_slice(&self.body);
        let undo = self.undo_record();
        Sealed { hash, prev: self.prev, height: self.height, time: self.time, bytes, undo, txids, reward }
    }

    fn stripped(&mut self, tx: &Tx) -> (TxHash, usize) {
        self.scratch.clear();
        tx.put_stripped(&mut self.scratch);
        (double_sha256(&self.scratch), self.scratch.len())
    }

    fn coinbase(&self, miner: Miner<'_>, reward: u64) -> Tx {
        let mut tx = Tx {
            version: 2,
            inputs: vec![TxIn {
                prev: OutPoint::NULL,
                script_sig: coinbase_script(self.height, miner.message),
                sequence: u32::MAX,
                witness: vec![],
            }],
            outputs: vec![TxOut { value: reward, script: miner.lock.to_vec() }],
            lock_time: 0,
        };
        if self.rows.iter().any(|row| row.txid != row.wtxid) {
            self.commit_to_witness(&mut tx);
        }
        tx
    }

    /// BIP 141: the coinbase counts as zero in the witness tree, its witness is the reserved value.
    fn commit_to_witness(&self, coinbase: &mut Tx) {
        let reserved = [0; 32];
        let leaves = std::iter::once(Hash256::ZERO).chain(self.rows.iter().map(|row| row.wtxid)).collect();
        let commitment = witness_commitment(merkle_root(leaves), reserved);
        coinbase.outputs.push(TxOut { value: 0, script: commitment_script(commitment) });
        coinbase.inputs[0].witness = vec![reserved.to_vec()];
    }

    fn undo_record(&self) -> Option<Vec<u8>> {
        (self.spent.len() == self.rows.len()).then(|| undo::encode(&self.spent))
    }
}

impl Sealed {
    /// The network's first block.
    #[must_use]
    pub fn genesis() -> Self {
        let header = genesis_header();
        let coinbase = genesis_coinbase();
        let mut bytes = header.to_bytes().to_vec();
        put_size(&mut bytes, 1);
        coinbase.put(&mut bytes);
        Self {
            hash: header.hash(),
            prev: header.prev,
            height: Height(0),
            time: header.time,
            bytes,
            undo: None,
            txids: vec![coinbase.txid()],
            reward: params().subsidy(Height(0)),
        }
    }

    /// The coinbase's first output.
    #[must_use]
    pub fn reward_outpoint(&self) -> OutPoint {
        OutPoint { txid: self.txids[0], index: 0 }
    }
}

/// BIP 34: the height first, then whatever the miner likes.
fn coinbase_script(height: Height, message: &[u8]) -> Vec<u8> {
    let mut script = Vec::with_capacity(8 + message.len());
    push_height(&mut script, height);
    push(&mut script, message);
    script
}

/// Appends a height as script numbers are written: `OP_0` to `OP_16`, else the fewest bytes with a clear top bit.
fn push_height(script: &mut Vec<u8>, height: Height) {
    match u8::try_from(height.0) {
        Ok(0) => script.push(0),
        Ok(small @ 1..=16) => script.push(0x50 + small),
        _ => {
            let mut bytes = height.0.to_le_bytes().to_vec();
            bytes.push(0);
            while bytes.len() > 1 && bytes[bytes.len() - 1] == 0 && bytes[bytes.len() - 2] < 0x80 {
                bytes.pop();
            }
            push(script, &bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_script_numbers() {
        for (height, want) in [
            (0, vec![0x00]),
            (16, vec![0x60]),
            (17, vec![1, 17]),
            (127, vec![1, 127]),
            (128, vec![2, 128, 0]),
            (32_767, vec![2, 0xff, 0x7f]),
            (32_768, vec![3, 0, 0x80, 0]),
            (840_000, vec![3, 0x40, 0xd1, 0x0c]),
        ] {
            let mut script = Vec::new();
            push_height(&mut script, Height(height));
            assert_eq!(script, want, "height {height}");
        }
    }

    #[test]
    #[should_panic(expected = "at most what it takes in")]
    fn coins_from_nothing_are_refused() {
        let tx = Tx { version: 2, inputs: vec![], outputs: vec![TxOut { value: 2, script: vec![] }], lock_time: 0 };
        Draft::new(Hash256::ZERO, Height(1), 0).add(&tx, 1);
    }
}
