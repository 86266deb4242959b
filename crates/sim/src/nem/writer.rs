//! Writes signed transactions and linked, signed blocks of NIS1.

use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::tx::{Cosignature, Head, MosaicId, Multisig, SignedCosignature};
use coinhound_chains::nem::{Block, Body, Hash, Network, Signature, SignedTransaction, Transaction, encode};

use crate::nem::fees::{self, Issue};
use crate::nem::keys::KeyPair;

/// So long a transaction may wait for a block, in seconds.
pub const PATIENCE_SECS: u32 = 24 * 3600;
/// The most transactions of a block that is not the first.
pub const TXS_MAX: usize = 120;

/// A chain in the making: one network, block upon block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Writer {
    network: Network,
    next_height: u64,
    previous: Hash,
    last_timestamp: u32,
    issues: Vec<(MosaicId, Issue)>,
}

impl Writer {
    /// A chain whose next block is its first.
    #[must_use]
    pub fn new(network: Network) -> Self {
        Self::after(network, 0, Hash::ZERO)
    }

    /// A chain that goes on after the block of this height and hash; 0 and zeros for none.
    #[must_use]
    pub fn after(network: Network, height: u64, hash: Hash) -> Self {
        let xem = (crate::nem::body::mosaic_id("nem:xem"), fees::XEM);
        Self { network, next_height: height + 1, previous: hash, last_timestamp: 0, issues: vec![xem] }
    }

    /// The chain's network.
    #[must_use]
    pub fn network(&self) -> Network {
        self.network
    }

    /// The height of the next block.
    #[must_use]
    pub fn next_height(&self) -> u64 {
        self.next_height
    }

    /// The hash of the last block; zeros before the first.
    #[must_use]
    pub fn tip(&self) -> Hash {
        self.previous
    }

    /// Tells what fees need to know of a mosaic. One told again replaces what was told before.
    pub fn issue(&mut self, id: MosaicId, issue: Issue) {
        self.issues.retain(|(known, _)| *known != id);
        self.issues.push((id, issue));
    }

    /// The least fee of this body, in millionths of a XEM.
    #[must_use]
    pub fn fee(&self, body: &Body) -> u64 {
        fees::least(body, &|id| self.issues.iter().find(|(known, _)| known == id).map(|(_, issue)| *issue))
    }

    /// What every transaction of this key made at this time begins with.
    #[must_use]
    pub fn head(&self, key: &KeyPair, timestamp: u32, fee: u64) -> Head {
        Head { network: self.network, timestamp, signer: key.public(), fee, deadline: timestamp + PATIENCE_SECS }
    }

    /// A transaction without a signature, at its least fee: what multisig accounts ask for.
    #[must_use]
    pub fn unsigned(&self, key: &KeyPair, timestamp: u32, body: Body) -> Transaction {
        Transaction { head: self.head(key, timestamp, self.fee(&body)), body }
    }

    /// A signed transaction at its least fee.
    #[must_use]
    pub fn signed(&self, key: &KeyPair, timestamp: u32, body: Body) -> SignedTransaction {
        sign(key, self.unsigned(key, timestamp, body))
    }

    /// A transaction of a multisig account, brought by one cosignatory and agreed to by others, each at its own time.
    ///
    /// `account` is the multisig account's own key, whose public half its transactions name and which signs nothing.
    #[must_use]
    pub fn multisig(
        &self,
        account: &KeyPair,
        by: &KeyPair,
        timestamp: u32,
        body: Body,
        others: &[(&KeyPair, u32)],
    ) -> SignedTransaction {
        let inner = self.unsigned(account, timestamp, body);
        let agreed = Cosignature { inner_hash: inner.hash(), account: account.address(self.network) };
        let agree = |(key, at): &(&KeyPair, u32)| self.cosign(key, *at, agreed.clone());
        let cosignatures = others.iter().map(agree).collect();
        self.signed(by, timestamp, Body::Multisig(Multisig { inner: Box::new(inner), cosignatures }))
    }

    fn cosign(&self, key: &KeyPair, timestamp: u32, cosignature: Cosignature) -> SignedCosignature {
        let fee = self.fee(&Body::Cosignature(cosignature.clone()));
        let head = self.head(key, timestamp, fee);
        let mut signed = SignedCosignature { head, cosignature, signature: Signature([0; 64]) };
        signed.signature = key.sign(&encode::unsigned_cosignature(&signed));
        signed
    }

    /// The next block, harvested with this key.
    ///
    /// # Panics
    /// When time does not advance, or with more transactions than a block has.
    pub fn block(&mut self, harvester: &KeyPair, timestamp: u32, transactions: Vec<SignedTransaction>) -> Block {
        let first = self.next_height == 1;
        assert!(first || timestamp > self.last_timestamp, "{timestamp} is not after {}", self.last_timestamp);
        assert!(first || transactions.len() <= TXS_MAX, "{} transactions", transactions.len());
        let mut block = Block {
            kind: if first { BlockKind::Nemesis } else { BlockKind::Regular },
            network: self.network,
            timestamp,
            harvester: harvester.public(),
            signature: Signature([0; 64]),
            previous: self.previous,
            height: self.next_height,
            transactions,
        };
        let bytes = encode::unsigned_block(&block);
        block.signature = harvester.sign(&bytes);
        self.previous = coinhound_chains::nem::hash::keccak256(&bytes);
        self.next_height += 1;
        self.last_timestamp = timestamp;
        block
    }
}

/// A transaction with the signature of its signer, at whatever fee it has.
#[must_use]
pub fn sign(key: &KeyPair, transaction: Transaction) -> SignedTransaction {
    let signature = key.sign(&encode::unsigned(&transaction));
    SignedTransaction { transaction, signature }
}
