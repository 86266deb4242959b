//! Blocks, and their hashes.

use crate::nem::address::Address;
use crate::nem::bytes::{Hash, PublicKey, Signature};
use crate::nem::encode;
use crate::nem::hash::keccak256;
use crate::nem::network::Network;
use crate::nem::sign::{VerifyError, verify};
use crate::nem::tx::SignedTransaction;

/// Which of the two types a block has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    /// The first of a chain: type -1.
    Nemesis,
    /// Any other: type 1.
    Regular,
}

impl BlockKind {
    /// As it is written: the bits of a signed number.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::Nemesis => u32::MAX,
            Self::Regular => 1,
        }
    }

    /// What a number stands for.
    #[must_use]
    pub const fn of_code(code: u32) -> Option<Self> {
        match code {
            u32::MAX => Some(Self::Nemesis),
            1 => Some(Self::Regular),
            _ => None,
        }
    }
}

/// A block with its transactions, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Which type.
    pub kind: BlockKind,
    /// The network its version names. The version itself is always 1.
    pub network: Network,
    /// When it was harvested, in seconds since the chain's own epoch.
    pub timestamp: u32,
    /// Who harvested it; for another account, if that is linked to it.
    pub harvester: PublicKey,
    /// By `harvester`.
    pub signature: Signature,
    /// The block before it.
    pub previous: Hash,
    /// From one.
    pub height: u64,
    /// At most 120, but for the first block.
    pub transactions: Vec<SignedTransaction>,
}

impl Block {
    /// The name of the block: over all of it but its own signature.
    #[must_use]
    pub fn hash(&self) -> Hash {
        keccak256(&encode::unsigned_block(self))
    }

    /// The address of who harvested it.
    #[must_use]
    pub fn harvested_by(&self) -> Address {
        Address::of_key(&self.harvester, self.network)
    }

    /// Checks the block's signature and those of all its transactions.
    ///
    /// # Errors
    /// Names the first signature that does not hold.
    pub fn verify(&self) -> Result<(), VerifyError> {
        verify(&self.harvester, &encode::unsigned_block(self), &self.signature)?;
        for (index, signed) in self.transactions.iter().enumerate() {
            let inside = |error| VerifyError::Transaction { index, source: Box::new(error) };
            signed.verify().map_err(inside)?;
        }
        Ok(())
    }
}
