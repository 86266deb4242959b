//! Transactions as they are written, and their hashes.
//!
//! A hash is taken over the form without signature; that of a multisig transaction covers the inner one but
//! no cosignature. Versions are not kept: each body is written in exactly one.

mod body;
mod code;

pub use body::{
    Body, CosignatoryChange, Cosignature, Levy, Message, Modification, Mosaic, MosaicDefinition, MosaicId, Multisig,
    Namespace, RemoteLink, SupplyChange, Transfer,
};
pub(super) use body::{fits_inside, kind, versions};
pub use code::{ChangeKind, LevyKind, LinkMode, MessageKind, SupplyDirection};

use crate::nem::address::Address;
use crate::nem::bytes::{Hash, PublicKey, Signature};
use crate::nem::encode;
use crate::nem::hash::keccak256;
use crate::nem::network::Network;
use crate::nem::sign::{VerifyError, verify};

/// What every transaction begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// The network its version names.
    pub network: Network,
    /// When it was made, by its maker, in seconds since the chain's own epoch.
    pub timestamp: u32,
    /// Who signed it.
    pub signer: PublicKey,
    /// The fee in millionths of a XEM.
    pub fee: u64,
    /// Until when it may enter a block, in seconds since the chain's own epoch.
    pub deadline: u32,
}

impl Head {
    /// The address of who signed.
    #[must_use]
    pub fn sender(&self) -> Address {
        Address::of_key(&self.signer, self.network)
    }
}

/// A transaction without its signature: what is hashed and signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// What every transaction begins with.
    pub head: Head,
    /// What it asks for.
    pub body: Body,
}

impl Transaction {
    /// The name of the transaction.
    #[must_use]
    pub fn hash(&self) -> Hash {
        keccak256(&encode::unsigned(self))
    }
}

/// A transaction with its signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedTransaction {
    /// What is signed.
    pub transaction: Transaction,
    /// By `transaction.head.signer`.
    pub signature: Signature,
}

impl SignedTransaction {
    /// The name of the transaction, which its signature does not change.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.transaction.hash()
    }

    /// The name of the transaction inside a multisig transaction, to which cosignatures point.
    #[must_use]
    pub fn inner_hash(&self) -> Option<Hash> {
        match &self.transaction.body {
            Body::Multisig(multisig) => Some(multisig.inner.hash()),
            _ => None,
        }
    }

    /// Checks the signature, and every cosignature with what it points to.
    ///
    /// Whether the signers may sign for the account is the ledger's matter, not this check's.
    ///
    /// # Errors
    /// Names the first signature that does not hold.
    pub fn verify(&self) -> Result<(), VerifyError> {
        let Transaction { head, body } = &self.transaction;
        verify(&head.signer, &encode::unsigned(&self.transaction), &self.signature)?;
        match body {
            Body::Multisig(multisig) => verify_cosignatures(multisig),
            _ => Ok(()),
        }
    }
}

/// A cosignature as it stands in a multisig transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedCosignature {
    /// What every transaction begins with.
    pub head: Head,
    /// What it agrees to.
    pub cosignature: Cosignature,
    /// By `head.signer`.
    pub signature: Signature,
}

fn verify_cosignatures(multisig: &Multisig) -> Result<(), VerifyError> {
    let (hash, account) = (multisig.inner.hash(), multisig.inner.head.sender());
    for (index, signed) in multisig.cosignatures.iter().enumerate() {
        if signed.cosignature.inner_hash != hash {
            return Err(VerifyError::Misplaced { index, of: "transaction" });
        }
        if signed.cosignature.account != account {
            return Err(VerifyError::Misplaced { index, of: "account" });
        }
        let refused = |_| VerifyError::Cosignature { index, signer: signed.head.signer };
        verify(&signed.head.signer, &encode::unsigned_cosignature(signed), &signed.signature).map_err(refused)?;
    }
    Ok(())
}
