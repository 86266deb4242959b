//! Which chain's rules hold.

use crate::evm::MAINNET;
use crate::evm::block::Block;
use crate::evm::tx::TxType;

/// The rules of one chain; Ethereum's own unless told.
///
/// What other chains pay their miners, and what blobs cost there, is not known: their blocks are refused where that
/// would matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainRules {
    /// The number that its transactions are signed for.
    pub chain_id: u64,
}

/// A block for which another chain's rules would be needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {number} needs {what}, known here for Ethereum alone and not for chain {chain_id}")]
pub struct UnknownRules {
    /// The height.
    pub number: u64,
    /// Which rules.
    pub what: &'static str,
    /// The chain.
    pub chain_id: u64,
}

impl Default for ChainRules {
    fn default() -> Self {
        Self { chain_id: MAINNET }
    }
}

impl ChainRules {
    /// Whether these are Ethereum's own.
    #[must_use]
    pub fn is_mainnet(&self) -> bool {
        self.chain_id == MAINNET
    }

    /// Checks that nothing in a block needs rules that are not known.
    ///
    /// # Errors
    /// [`UnknownRules`].
    pub fn check(&self, block: &Block) -> Result<(), UnknownRules> {
        let refuse = |what| UnknownRules { number: block.header.number, what, chain_id: self.chain_id };
        if self.is_mainnet() {
            return Ok(());
        }
        if !block.header.difficulty.is_zero() {
            return Err(refuse("the reward of miners"));
        }
        let has_blobs = block.transactions.iter().any(|tx| tx.kind == TxType::Blob);
        if has_blobs { Err(refuse("the price of blobs")) } else { Ok(()) }
    }
}
