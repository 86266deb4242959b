//! Transactions of all types from their binary form.

use crate::nem::bytes::{Hash, PublicKey, Signature};
use crate::nem::decode::cursor::{Cursor, DecodeError, Fault, Mark};
use crate::nem::network::Network;
use crate::nem::tx::{
    Body, ChangeKind, CosignatoryChange, Cosignature, Head, Levy, LevyKind, LinkMode, Message, MessageKind,
    Modification, Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace, RemoteLink, SignedCosignature,
    SignedTransaction, SupplyChange, SupplyDirection, Transaction, Transfer, fits_inside, kind, versions,
};

type Read<T> = Result<T, DecodeError>;

/// A transaction with its signature.
pub(super) fn signed(cursor: &mut Cursor<'_>) -> Read<SignedTransaction> {
    let opening = Opening::read(cursor)?;
    let (head, signature) = head_with_signature(cursor, &opening)?;
    let body = match opening.kind {
        kind::MULTISIG => {
            Body::Multisig(Multisig { inner: inner(cursor)?, cosignatures: cursor.list("cosignatures", cosigned)? })
        }
        _ => body(cursor, &opening)?,
    };
    Ok(SignedTransaction { transaction: Transaction { head, body }, signature })
}

/// A transaction without its signature.
pub(super) fn unsigned(cursor: &mut Cursor<'_>) -> Read<Transaction> {
    let opening = Opening::read(cursor)?;
    let head = head(cursor, &opening)?;
    let body = match opening.kind {
        kind::MULTISIG => Body::Multisig(Multisig { inner: inner(cursor)?, cosignatures: Vec::new() }),
        _ => body(cursor, &opening)?,
    };
    Ok(Transaction { head, body })
}

/// What a multisig transaction holds.
fn inner(cursor: &mut Cursor<'_>) -> Read<Box<Transaction>> {
    cursor.object("inner transaction", |inside| {
        let opening = Opening::read(inside)?;
        if !fits_inside(opening.kind) {
            return Err(opening.stranger());
        }
        let head = head(inside, &opening)?;
        Ok(Box::new(Transaction { head, body: body(inside, &opening)? }))
    })
}

fn cosigned(cursor: &mut Cursor<'_>) -> Read<SignedCosignature> {
    let opening = Opening::read(cursor)?;
    if opening.kind != kind::COSIGNATURE {
        return Err(opening.stranger());
    }
    let (head, signature) = head_with_signature(cursor, &opening)?;
    Ok(SignedCosignature { head, cosignature: cosignature(cursor)?, signature })
}

/// The first fields, by which the others are read.
struct Opening {
    start: Mark,
    kind: u32,
    version: u8,
    network: Network,
}

impl Opening {
    fn read(cursor: &mut Cursor<'_>) -> Read<Self> {
        let start = cursor.mark();
        let kind = cursor.u32("transaction type")?;
        let (version, network) = cursor.version()?;
        let opening = Self { start, kind, version, network };
        match versions(kind) {
            [] => Err(opening.stranger()),
            versions if versions.contains(&version) => Ok(opening),
            _ => Err(start.error("transaction version", Fault::Value { got: version.into() })),
        }
    }

    /// Its type does not occur here.
    fn stranger(&self) -> DecodeError {
        self.start.error("transaction type", Fault::Value { got: self.kind.into() })
    }
}

fn head(cursor: &mut Cursor<'_>, opening: &Opening) -> Read<Head> {
    Ok(Head {
        network: opening.network,
        timestamp: cursor.u32("timestamp")?,
        signer: PublicKey(cursor.fixed("signer")?),
        fee: cursor.u64("fee")?,
        deadline: cursor.u32("deadline")?,
    })
}

fn head_with_signature(cursor: &mut Cursor<'_>, opening: &Opening) -> Read<(Head, Signature)> {
    let timestamp = cursor.u32("timestamp")?;
    let signer = PublicKey(cursor.fixed("signer")?);
    let signature = Signature(cursor.fixed("signature")?);
    let (fee, deadline) = (cursor.u64("fee")?, cursor.u32("deadline")?);
    Ok((Head { network: opening.network, timestamp, signer, fee, deadline }, signature))
}

/// All bodies but that of a multisig transaction.
fn body(cursor: &mut Cursor<'_>, opening: &Opening) -> Read<Body> {
    let version = opening.version;
    match opening.kind {
        kind::TRANSFER => transfer(cursor, version).map(Body::Transfer),
        kind::REMOTE_LINK => remote_link(cursor).map(Body::RemoteLink),
        kind::MODIFICATION => modification(cursor, version).map(Body::Modification),
        kind::COSIGNATURE => cosignature(cursor).map(Body::Cosignature),
        kind::NAMESPACE => namespace(cursor).map(Body::Namespace),
        kind::MOSAIC_DEFINITION => definition(cursor).map(Body::MosaicDefinition),
        kind::SUPPLY_CHANGE => supply_change(cursor).map(Body::SupplyChange),
        _ => Err(opening.stranger()),
    }
}

fn transfer(cursor: &mut Cursor<'_>, version: u8) -> Read<Transfer> {
    Ok(Transfer {
        recipient: cursor.address("recipient")?,
        amount: cursor.u64("amount")?,
        message: cursor.optional_object("message", message)?,
        mosaics: if version == 2 { Some(cursor.list("mosaics", mosaic)?) } else { None },
    })
}

fn message(cursor: &mut Cursor<'_>) -> Read<Message> {
    let kind = cursor.code("message type", MessageKind::of_code)?;
    Ok(Message { kind, payload: cursor.sized("message payload")?.to_vec() })
}

fn mosaic(cursor: &mut Cursor<'_>) -> Read<Mosaic> {
    Ok(Mosaic { id: mosaic_id(cursor)?, quantity: cursor.u64("mosaic quantity")? })
}

fn mosaic_id(cursor: &mut Cursor<'_>) -> Read<MosaicId> {
    cursor.object("mosaic id", |inside| {
        Ok(MosaicId { namespace: inside.text("mosaic namespace")?, name: inside.text("mosaic name")? })
    })
}

fn remote_link(cursor: &mut Cursor<'_>) -> Read<RemoteLink> {
    let mode = cursor.code("link mode", LinkMode::of_code)?;
    Ok(RemoteLink { mode, remote: PublicKey(cursor.fixed("remote account")?) })
}

fn modification(cursor: &mut Cursor<'_>, version: u8) -> Read<Modification> {
    let changes = cursor.list("modifications", cosignatory_change)?;
    let read_minimum = |inside: &mut Cursor<'_>| inside.i32("change of the minimum");
    let minimum =
        if version == 2 { Some(cursor.optional_object("change of the minimum", read_minimum)?) } else { None };
    Ok(Modification { changes, minimum })
}

fn cosignatory_change(cursor: &mut Cursor<'_>) -> Read<CosignatoryChange> {
    let kind = cursor.code("modification type", ChangeKind::of_code)?;
    Ok(CosignatoryChange { kind, cosignatory: PublicKey(cursor.fixed("cosignatory")?) })
}

fn cosignature(cursor: &mut Cursor<'_>) -> Read<Cosignature> {
    let inner_hash = cursor.object("inner hash", |inside| inside.fixed("inner hash").map(Hash))?;
    Ok(Cosignature { inner_hash, account: cursor.address("multisig account")? })
}

fn namespace(cursor: &mut Cursor<'_>) -> Read<Namespace> {
    Ok(Namespace {
        sink: cursor.address("rental fee sink")?,
        rent: cursor.u64("rental fee")?,
        part: cursor.text("namespace part")?,
        parent: cursor.optional_text("parent namespace")?,
    })
}

fn definition(cursor: &mut Cursor<'_>) -> Read<MosaicDefinition> {
    let (creator, id, description, properties, levy) = cursor.object("mosaic definition", |inside| {
        let creator = PublicKey(inside.fixed("mosaic creator")?);
        let id = mosaic_id(inside)?;
        let description = inside.text("mosaic description")?;
        let properties = inside.list("mosaic properties", property)?;
        Ok((creator, id, description, properties, inside.optional_object("levy", levy)?))
    })?;
    let sink = cursor.address("creation fee sink")?;
    let creation_fee = cursor.u64("creation fee")?;
    Ok(MosaicDefinition { creator, id, description, properties, levy, sink, creation_fee })
}

fn property(cursor: &mut Cursor<'_>) -> Read<(String, String)> {
    Ok((cursor.text("property name")?, cursor.text("property value")?))
}

fn levy(cursor: &mut Cursor<'_>) -> Read<Levy> {
    Ok(Levy {
        kind: cursor.code("levy type", LevyKind::of_code)?,
        recipient: cursor.address("levy recipient")?,
        id: mosaic_id(cursor)?,
        fee: cursor.u64("levy fee")?,
    })
}

fn supply_change(cursor: &mut Cursor<'_>) -> Read<SupplyChange> {
    Ok(SupplyChange {
        id: mosaic_id(cursor)?,
        direction: cursor.code("supply type", SupplyDirection::of_code)?,
        delta: cursor.u64("supply change")?,
    })
}
