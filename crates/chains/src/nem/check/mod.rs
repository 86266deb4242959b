//! Whether a block that a stranger told is one that can stand on its parent.
//!
//! Everything that follows from the block and its parent alone is held against it: height, the parent's hash, time,
//! the network in every version, all signatures, and those rules of the chain whose height is certain. NIS enforces
//! more; what is not looked at here is what only a node with the whole state can know:
//!
//! - **whether the harvester could harvest**. That depends on the importance of all accounts, and so does a chain's
//!   score. Anybody can sign a block that passes here; it moves nothing that its transactions' signers did not sign.
//! - **whether senders had what they sent.** In a ledger from the first block a holding below zero shows it, to whoever
//!   adds up that holding: a trace does so for those that it reaches, and nobody for all of them.
//! - **who may sign for a multisig account**, what a mosaic's levy is, and for whom the harvester harvests:
//!   [`crate::nem::ledger`] knows what its chain told so far, and says where it begins too late to know.
//! - **minimum fees, rented names, sinks, expiry.** They are in what their sender signed, or change no balance.
//! - **the future**: a block's time is its harvester's claim; no clock is asked.

mod fault;
mod parent;

use std::collections::{BTreeMap, BTreeSet};

pub use fault::BlockFault;
pub use parent::Parent;

use crate::nem::block::{Block, BlockKind};
use crate::nem::bytes::{Hash, PublicKey};
use crate::nem::fork;
use crate::nem::network::Network;
use crate::nem::tx::{Body, ChangeKind, Head, Modification, Multisig, SignedTransaction, Transaction, Transfer};

/// The most transactions of a block, those inside multisig transactions not counted.
pub const TRANSACTIONS_MAX: usize = 120;

/// The most mosaics that a transfer lists.
pub const MOSAICS_MAX: usize = 10;

/// The most accounts that sign for another: as many cosignatures, added and deleted cosignatories a transaction may hold.
pub const COSIGNATORIES_MAX: usize = 32;

/// A transaction is good for a day at most, in seconds.
const DEADLINE_SECS_MAX: u32 = 24 * 60 * 60;

/// Holds a block against its parent and against the rules that it alone can be held to.
///
/// The first block of a chain is exempt from the rules on transactions, as it is on every node: it is what it is.
///
/// # Errors
/// The first fault, with where it is, what was expected and what is there.
pub fn check_block(block: &Block, parent: &Parent) -> Result<(), BlockFault> {
    check_place(block, parent)?;
    check_networks(block, parent.network())?;
    if block.kind == BlockKind::Regular {
        check_count(block)?;
        check_transactions(block)?;
        check_distinct(block)?;
    }
    block.verify().map_err(|source| BlockFault::Signature { height: block.height, source })
}

/// The part that does not depend on what is in the block.
pub(in crate::nem) fn check_place(block: &Block, parent: &Parent) -> Result<(), BlockFault> {
    let (height, expected) = (block.height, parent.height_next());
    if height != expected {
        return Err(BlockFault::Height { expected, got: height });
    }
    let kind = if height == 1 { BlockKind::Nemesis } else { BlockKind::Regular };
    if block.kind != kind {
        return Err(BlockFault::Kind { height, expected: kind, got: block.kind });
    }
    if let Some(expected) = parent.hash().filter(|hash| *hash != block.previous) {
        return Err(BlockFault::Previous { height, expected, got: block.previous });
    }
    if kind == BlockKind::Regular && block.previous == Hash::ZERO {
        return Err(BlockFault::NoPrevious { height });
    }
    if let Some(parent) = parent.timestamp().filter(|timestamp| *timestamp > block.timestamp) {
        return Err(BlockFault::Timestamp { height, parent, got: block.timestamp });
    }
    check_nemesis(block, parent)
}

/// Whoever tells another first block tells another chain.
fn check_nemesis(block: &Block, parent: &Parent) -> Result<(), BlockFault> {
    let Parent::Nemesis { hash: Some(expected), .. } = parent else { return Ok(()) };
    match block.hash() {
        got if got == *expected => Ok(()),
        got => Err(BlockFault::Nemesis { expected: *expected, got }),
    }
}

fn check_networks(block: &Block, expected: Network) -> Result<(), BlockFault> {
    let refuse = |index, got| BlockFault::Network { height: block.height, index, expected, got };
    if block.network != expected {
        return Err(refuse(None, block.network));
    }
    for (index, signed) in block.transactions.iter().enumerate() {
        let stranger = heads(&signed.transaction).find(|head| head.network != expected);
        stranger.map_or(Ok(()), |head| Err(refuse(Some(index), head.network)))?;
    }
    Ok(())
}

/// All heads of a transaction: its own, that of the one inside it, those of its cosignatures.
fn heads(transaction: &Transaction) -> impl Iterator<Item = &Head> {
    let multisig = match &transaction.body {
        Body::Multisig(multisig) => Some(multisig),
        _ => None,
    };
    let inside = multisig.into_iter().flat_map(|multisig| {
        std::iter::once(&multisig.inner.head).chain(multisig.cosignatures.iter().map(|signed| &signed.head))
    });
    std::iter::once(&transaction.head).chain(inside)
}

fn check_count(block: &Block) -> Result<(), BlockFault> {
    match block.transactions.len() {
        got if got > TRANSACTIONS_MAX => Err(BlockFault::Transactions { height: block.height, got }),
        _ => Ok(()),
    }
}

fn check_transactions(block: &Block) -> Result<(), BlockFault> {
    for (index, signed) in block.transactions.iter().enumerate() {
        let rules = Rules { block, index };
        rules.times(&signed.transaction)?;
        rules.signer(&signed.transaction.head)?;
        rules.body(&signed.transaction)?;
    }
    Ok(())
}

/// The rules on one transaction of a block.
struct Rules<'a> {
    block: &'a Block,
    index: usize,
}

impl Rules<'_> {
    fn times(&self, transaction: &Transaction) -> Result<(), BlockFault> {
        let (height, index) = (self.block.height, self.index);
        for Head { timestamp, deadline, .. } in heads(transaction) {
            let (timestamp, deadline) = (*timestamp, *deadline);
            if deadline <= timestamp || deadline - timestamp > DEADLINE_SECS_MAX {
                return Err(BlockFault::Deadline { height, index, timestamp, deadline });
            }
        }
        match transaction.head.deadline {
            deadline if deadline < self.block.timestamp => {
                Err(BlockFault::Late { height, index, deadline, got: self.block.timestamp })
            }
            _ => Ok(()),
        }
    }

    /// Nobody harvests his own transactions.
    fn signer(&self, head: &Head) -> Result<(), BlockFault> {
        match head.signer {
            signer if signer == self.block.harvester => {
                Err(BlockFault::OwnTransaction { height: self.block.height, index: self.index, signer })
            }
            _ => Ok(()),
        }
    }

    fn body(&self, transaction: &Transaction) -> Result<(), BlockFault> {
        match &transaction.body {
            Body::Multisig(multisig) => {
                self.cosigners(&transaction.head, multisig)?;
                self.body(&multisig.inner)
            }
            Body::Transfer(transfer) => self.transfer(transfer),
            Body::Modification(modification) => self.modification(modification),
            Body::MosaicDefinition(definition) => self.creator(definition.creator, transaction.head.signer),
            _ => Ok(()),
        }
    }

    /// A cosignature counts once, and its fee is paid once.
    fn cosigners(&self, head: &Head, multisig: &Multisig) -> Result<(), BlockFault> {
        self.at_most("cosignatures", COSIGNATORIES_MAX, multisig.cosignatures.len())?;
        let mut seen = BTreeSet::from([head.signer]);
        for signed in &multisig.cosignatures {
            let signer = signed.head.signer;
            if !seen.insert(signer) {
                return Err(BlockFault::Cosigner { height: self.block.height, index: self.index, signer });
            }
        }
        Ok(())
    }

    fn transfer(&self, transfer: &Transfer) -> Result<(), BlockFault> {
        self.message(transfer.message.as_ref().map_or(0, |message| message.payload.len()))?;
        self.at_most("mosaics", MOSAICS_MAX, transfer.mosaics.as_ref().map_or(0, Vec::len))
    }

    /// Whoever had one cosignatory can delete it and add as many as there may be.
    fn modification(&self, modification: &Modification) -> Result<(), BlockFault> {
        let count = |kind| modification.changes.iter().filter(|change| change.kind == kind).count();
        self.at_most("added cosignatories", COSIGNATORIES_MAX, count(ChangeKind::Add))?;
        self.at_most("deleted cosignatories", COSIGNATORIES_MAX, count(ChangeKind::Delete))
    }

    fn at_most(&self, what: &'static str, most: usize, got: usize) -> Result<(), BlockFault> {
        if got > most {
            return Err(BlockFault::TooMany { height: self.block.height, index: self.index, what, most, got });
        }
        Ok(())
    }

    fn message(&self, got: usize) -> Result<(), BlockFault> {
        let most = fork::message_len_max(self.block.network, self.block.height);
        if got > most {
            return Err(BlockFault::Message { height: self.block.height, index: self.index, most, got });
        }
        Ok(())
    }

    fn creator(&self, creator: PublicKey, signer: PublicKey) -> Result<(), BlockFault> {
        if creator != signer {
            return Err(BlockFault::Creator {
                height: self.block.height,
                index: self.index,
                expected: signer,
                got: creator,
            });
        }
        Ok(())
    }
}

/// No transaction stands twice in a block, neither alone nor inside a multisig transaction.
fn check_distinct(block: &Block) -> Result<(), BlockFault> {
    let mut seen: BTreeMap<Hash, usize> = BTreeMap::new();
    for (index, signed) in block.transactions.iter().enumerate() {
        for hash in hashes(signed) {
            if let Some(first) = seen.insert(hash, index) {
                return Err(BlockFault::Duplicate { height: block.height, index, first, hash });
            }
        }
    }
    Ok(())
}

fn hashes(signed: &SignedTransaction) -> impl Iterator<Item = Hash> {
    std::iter::once(signed.hash()).chain(signed.inner_hash())
}
