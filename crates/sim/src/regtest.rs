//! The rules of the network that simulated chains live on: Bitcoin's regtest, where half of all
//! nonces are good enough.

use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxIn, TxOut};
use coinhound_chains::bitcoin::{Header, Network, Params};
use coinhound_model::Hash256;

use crate::rng::Quantiles;

/// The target of every block, in compact form: the network never retargets.
pub const BITS: u32 = 0x207f_ffff;

/// Blocks between a coinbase and its first possible spender.
pub const MATURITY: u32 = 100;

/// The largest weight of a block.
pub const WEIGHT_MAX: u32 = 4_000_000;

const GENESIS_MESSAGE: &[u8] = b"The Times 03/Jan/2009 Chancellor on brink of second bailout for banks";
const GENESIS_KEY: &str = "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6\
                           49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f";

/// Seconds between two blocks: exponential with a mean of about ten minutes.
pub const INTERVAL_SECS: Quantiles =
    Quantiles(&[(0, 20), (100, 65), (250, 175), (500, 415), (750, 830), (900, 1_380), (990, 2_700), (1000, 3_600)]);

/// The network's constants.
#[must_use]
pub fn params() -> &'static Params {
    Network::Regtest.params()
}

/// Counts the nonce up until the header's hash meets the target.
pub fn grind(header: &mut Header) -> Hash256 {
    loop {
        let hash = header.hash();
        if header.check_work(hash, params()).is_ok() {
            return hash;
        }
        header.nonce += 1;
    }
}

/// The genesis block's header.
#[must_use]
pub fn genesis_header() -> Header {
    let merkle_root = genesis_coinbase().txid();
    Header { version: 1, prev: Hash256::ZERO, merkle_root, time: 1_296_688_602, bits: BITS, nonce: 2 }
}

/// The genesis block's only transaction, the same on all of Bitcoin's networks.
#[must_use]
pub fn genesis_coinbase() -> Tx {
    let message = [&[4, 0xff, 0xff, 0, 0x1d, 1, 4, 69], GENESIS_MESSAGE].concat();
    let key: Vec<u8> = (0..GENESIS_KEY.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&GENESIS_KEY[at..at + 2], 16).expect("a constant of hexadecimal digits"))
        .collect();
    Tx {
        version: 1,
        inputs: vec![TxIn { prev: OutPoint::NULL, script_sig: message, sequence: u32::MAX, witness: vec![] }],
        outputs: vec![TxOut { value: 5_000_000_000, script: [&[65], key.as_slice(), &[0xac]].concat() }],
        lock_time: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_genesis_block_has_its_name_and_its_work() {
        let hash = genesis_header().hash();
        assert_eq!(hash, params().genesis);
        assert_eq!(genesis_header().check_work(hash, params()), Ok(()));
    }
}
