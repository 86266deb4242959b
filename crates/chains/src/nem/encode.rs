//! The binary form: what is hashed and signed, and what nodes send each other.
//!
//! Little-endian. Bytes stand behind their length, objects behind their size, lists behind their count, each
//! 32 bits wide; an absent object has size 0, absent text the length 0xffffffff. Reading back what is written
//! here gives the same object: see [`crate::nem::decode`].
//!
//! Nothing that was decoded can reach the 4 GiB that a length can tell; a larger object made by hand panics.

use crate::nem::address::Address;
use crate::nem::block::Block;
use crate::nem::bytes::Signature;
use crate::nem::network::Network;
use crate::nem::tx::{
    Body, Cosignature, Head, Levy, Message, Modification, Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace,
    RemoteLink, SignedCosignature, SignedTransaction, SupplyChange, Transaction, Transfer,
};

/// The length that stands for absent text.
pub(super) const ABSENT: u32 = u32::MAX;

/// A transaction without its signature, and without cosignatures: what its hash covers.
#[must_use]
pub fn unsigned(transaction: &Transaction) -> Vec<u8> {
    Writer::filled(|out| put_transaction(out, transaction, None))
}

/// A transaction with its signature and cosignatures.
#[must_use]
pub fn signed(signed: &SignedTransaction) -> Vec<u8> {
    Writer::filled(|out| put_transaction(out, &signed.transaction, Some(&signed.signature)))
}

/// A cosignature without its signature: what that covers.
#[must_use]
pub fn unsigned_cosignature(signed: &SignedCosignature) -> Vec<u8> {
    Writer::filled(|out| put_cosignature_entity(out, signed, None))
}

/// A block without its own signature, with those of its transactions: what its hash covers.
#[must_use]
pub fn unsigned_block(block: &Block) -> Vec<u8> {
    Writer::filled(|out| put_block(out, block, None))
}

/// A whole block.
#[must_use]
pub fn block(block: &Block) -> Vec<u8> {
    Writer::filled(|out| put_block(out, block, Some(&block.signature)))
}

struct Writer(Vec<u8>);

impl Writer {
    fn filled(fill: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut out = Self(Vec::new());
        fill(&mut out);
        out.0
    }

    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn len(&mut self, len: usize) {
        self.u32(u32::try_from(len).expect("decoded objects are far below 4 GiB"));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.0.extend(bytes);
    }

    fn address(&mut self, address: &Address) {
        self.bytes(address.to_string().as_bytes());
    }

    /// What `fill` writes, behind its size.
    fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.u32(0);
        fill(self);
        let size = self.0.len() - start - 4;
        let size = u32::try_from(size).expect("decoded objects are far below 4 GiB");
        self.0[start..start + 4].copy_from_slice(&size.to_le_bytes());
    }

    fn list<T>(&mut self, items: &[T], put: impl Fn(&mut Self, &T)) {
        self.len(items.len());
        for item in items {
            self.object(|out| put(out, item));
        }
    }
}

fn put_version(out: &mut Writer, version: u8, network: Network) {
    out.u32(u32::from_le_bytes([version, 0, 0, network.byte()]));
}

fn put_head(out: &mut Writer, kind: u32, version: u8, head: &Head, signature: Option<&Signature>) {
    out.u32(kind);
    put_version(out, version, head.network);
    out.u32(head.timestamp);
    out.bytes(&head.signer.0);
    if let Some(signature) = signature {
        out.bytes(&signature.0);
    }
    out.u64(head.fee);
    out.u32(head.deadline);
}

fn put_transaction(out: &mut Writer, transaction: &Transaction, signature: Option<&Signature>) {
    let Transaction { head, body } = transaction;
    put_head(out, body.kind(), body.version(), head, signature);
    match body {
        Body::Transfer(body) => put_transfer(out, body),
        Body::RemoteLink(body) => put_remote_link(out, body),
        Body::Modification(body) => put_modification(out, body),
        Body::Cosignature(body) => put_cosignature(out, body),
        Body::Multisig(body) => put_multisig(out, body, signature.is_some()),
        Body::Namespace(body) => put_namespace(out, body),
        Body::MosaicDefinition(body) => put_definition(out, body),
        Body::SupplyChange(body) => put_supply_change(out, body),
    }
}

fn put_transfer(out: &mut Writer, transfer: &Transfer) {
    out.address(&transfer.recipient);
    out.u64(transfer.amount);
    match &transfer.message {
        Some(message) => out.object(|out| put_message(out, message)),
        None => out.u32(0),
    }
    if let Some(mosaics) = &transfer.mosaics {
        out.list(mosaics, put_mosaic);
    }
}

fn put_message(out: &mut Writer, message: &Message) {
    out.u32(message.kind.code());
    out.bytes(&message.payload);
}

fn put_mosaic(out: &mut Writer, mosaic: &Mosaic) {
    put_mosaic_id(out, &mosaic.id);
    out.u64(mosaic.quantity);
}

fn put_mosaic_id(out: &mut Writer, id: &MosaicId) {
    out.object(|out| {
        out.bytes(id.namespace.as_bytes());
        out.bytes(id.name.as_bytes());
    });
}

fn put_remote_link(out: &mut Writer, link: &RemoteLink) {
    out.u32(link.mode.code());
    out.bytes(&link.remote.0);
}

fn put_modification(out: &mut Writer, modification: &Modification) {
    out.list(&modification.changes, |out, change| {
        out.u32(change.kind.code());
        out.bytes(&change.cosignatory.0);
    });
    match modification.minimum {
        Some(Some(change)) => out.object(|out| out.0.extend(change.to_le_bytes())),
        Some(None) => out.u32(0),
        None => {}
    }
}

fn put_cosignature(out: &mut Writer, cosignature: &Cosignature) {
    out.object(|out| out.bytes(&cosignature.inner_hash.0));
    out.address(&cosignature.account);
}

fn put_cosignature_entity(out: &mut Writer, signed: &SignedCosignature, signature: Option<&Signature>) {
    let kind = crate::nem::tx::kind::COSIGNATURE;
    put_head(out, kind, 1, &signed.head, signature);
    put_cosignature(out, &signed.cosignature);
}

fn put_multisig(out: &mut Writer, multisig: &Multisig, with_cosignatures: bool) {
    out.object(|out| put_transaction(out, &multisig.inner, None));
    if with_cosignatures {
        let put = |out: &mut Writer, signed: &SignedCosignature| {
            put_cosignature_entity(out, signed, Some(&signed.signature));
        };
        out.list(&multisig.cosignatures, put);
    }
}

fn put_namespace(out: &mut Writer, namespace: &Namespace) {
    out.address(&namespace.sink);
    out.u64(namespace.rent);
    out.bytes(namespace.part.as_bytes());
    match &namespace.parent {
        Some(parent) => out.bytes(parent.as_bytes()),
        None => out.u32(ABSENT),
    }
}

fn put_definition(out: &mut Writer, definition: &MosaicDefinition) {
    out.object(|out| {
        out.bytes(&definition.creator.0);
        put_mosaic_id(out, &definition.id);
        out.bytes(definition.description.as_bytes());
        out.list(&definition.properties, |out, (name, value)| {
            out.bytes(name.as_bytes());
            out.bytes(value.as_bytes());
        });
        match &definition.levy {
            Some(levy) => out.object(|out| put_levy(out, levy)),
            None => out.u32(0),
        }
    });
    out.address(&definition.sink);
    out.u64(definition.creation_fee);
}

fn put_levy(out: &mut Writer, levy: &Levy) {
    out.u32(levy.kind.code());
    out.address(&levy.recipient);
    put_mosaic_id(out, &levy.id);
    out.u64(levy.fee);
}

fn put_supply_change(out: &mut Writer, change: &SupplyChange) {
    put_mosaic_id(out, &change.id);
    out.u32(change.direction.code());
    out.u64(change.delta);
}

fn put_block(out: &mut Writer, block: &Block, signature: Option<&Signature>) {
    out.u32(block.kind.code());
    put_version(out, 1, block.network);
    out.u32(block.timestamp);
    out.bytes(&block.harvester.0);
    if let Some(signature) = signature {
        out.bytes(&signature.0);
    }
    out.object(|out| out.bytes(&block.previous.0));
    out.u64(block.height);
    out.list(&block.transactions, |out, signed| {
        put_transaction(out, &signed.transaction, Some(&signed.signature));
    });
}
