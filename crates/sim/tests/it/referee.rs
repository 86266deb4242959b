//! Reads simulated blocks with another's decoder and checks what a node would.

use std::collections::HashMap;

use bitcoin::consensus::deserialize;
use bitcoin::hashes::Hash;
use bitcoin::{Amount, Block, OutPoint, TxOut};
use coinhound_sim::Sealed;
use coinhound_sim::regtest::{MATURITY, WEIGHT_MAX, params};

/// A chain as another's code understands it.
#[derive(Default)]
pub struct Referee {
    /// Unspent outputs, with the height that made them and whether a coinbase did.
    pub unspent: HashMap<OutPoint, (TxOut, u32, bool)>,
    /// Blocks seen on the best chain.
    pub blocks: u32,
    /// Transactions seen on it.
    pub txs: u32,
    /// Fees seen on it.
    pub fees: u64,
}

impl Referee {
    /// Checks one block by itself, returns it decoded.
    pub fn decode(sealed: &Sealed) -> Block {
        let block: Block = deserialize(&sealed.bytes).expect("the referee decodes every byte");
        assert_eq!(block.block_hash().to_byte_array(), sealed.hash.0);
        assert_eq!(block.header.prev_blockhash.to_byte_array(), sealed.prev.0);
        assert!(block.check_merkle_root() && block.check_witness_commitment());
        let work = block.header.validate_pow(block.header.target());
        assert!(work.is_ok() && block.header.target() <= bitcoin::Target::MAX_ATTAINABLE_REGTEST);
        assert!(block.weight().to_wu() <= u64::from(WEIGHT_MAX));
        let txids: Vec<_> = block.txdata.iter().map(|tx| tx.compute_txid().to_byte_array()).collect();
        assert_eq!(txids, sealed.txids.iter().map(|txid| txid.0).collect::<Vec<_>>());
        if sealed.height.0 > 16 {
            // The referee reads no heights written as OP_1 to OP_16.
            assert_eq!(block.bip34_block_height().ok(), Some(u64::from(sealed.height.0)));
        }
        block
    }

    /// Connects the chain's next block: each input resolves, nothing is made from nothing.
    pub fn connect(&mut self, sealed: &Sealed) {
        let block = Self::decode(sealed);
        assert_eq!(sealed.height.0, self.blocks, "blocks of the best chain come in order");
        let fees = block.txdata.iter().map(|tx| self.connect_tx(tx, sealed.height.0)).sum::<u64>();
        let claimed: Amount = block.txdata[0].output.iter().map(|output| output.value).sum();
        assert_eq!(claimed.to_sat(), params().subsidy(sealed.height) + fees);
        self.blocks += 1;
        self.fees += fees;
    }

    /// Returns the fee.
    fn connect_tx(&mut self, tx: &bitcoin::Transaction, height: u32) -> u64 {
        self.txs += 1;
        let paid: u64 = tx.output.iter().map(|output| output.value.to_sat()).sum();
        let fee = if tx.is_coinbase() { 0 } else { self.spend(tx, height) - paid };
        let txid = tx.compute_txid();
        for (vout, output) in (0..).zip(&tx.output).filter(|(_, output)| !output.script_pubkey.is_op_return()) {
            self.unspent.insert(OutPoint { txid, vout }, (output.clone(), height, tx.is_coinbase()));
        }
        fee
    }

    fn spend(&mut self, tx: &bitcoin::Transaction, height: u32) -> u64 {
        let mut sum = 0;
        for input in &tx.input {
            let (output, made, coinbase) = self.unspent.remove(&input.previous_output).expect("every input resolves");
            assert!(!coinbase || made + MATURITY <= height, "coinbases mature first");
            sum += output.value.to_sat();
        }
        sum
    }
}
