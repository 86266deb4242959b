//! Transactions of all types from JSON.

use crate::nem::bytes::Signature;
use crate::nem::json::JsonError;
use crate::nem::json::at::At;
use crate::nem::network::Network;
use crate::nem::tx::{
    Body, ChangeKind, CosignatoryChange, Cosignature, Head, Levy, LevyKind, LinkMode, Message, MessageKind,
    Modification, Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace, RemoteLink, SignedCosignature,
    SignedTransaction, SupplyChange, SupplyDirection, Transaction, Transfer, fits_inside, kind, versions,
};

type Read<T> = Result<T, JsonError>;

/// A transaction with its signature.
pub(super) fn signed(at: &At<'_>) -> Read<SignedTransaction> {
    let opening = Opening::read(at)?;
    let body = match opening.kind {
        kind::MULTISIG => Body::Multisig(multisig(at)?),
        _ => body(at, &opening)?,
    };
    let transaction = Transaction { head: head(at, &opening)?, body };
    Ok(SignedTransaction { transaction, signature: signature(at)? })
}

/// A transaction as it stands in a block: no cosignature.
pub(super) fn signed_in_block(at: &At<'_>) -> Read<SignedTransaction> {
    let signed = signed(at)?;
    match signed.transaction.body {
        Body::Cosignature(_) => Err(at.get("type")?.refuse("a type that blocks hold")),
        _ => Ok(signed),
    }
}

pub(super) fn signature(at: &At<'_>) -> Read<Signature> {
    at.get("signature")?.fixed("a signature of 128 hexadecimal digits").map(Signature)
}

/// The fields by which the others are read.
struct Opening {
    kind: u32,
    version: u8,
    network: Network,
}

impl Opening {
    fn read(at: &At<'_>) -> Read<Self> {
        let kind = at.get("type")?.u32()?;
        let (version, network) = at.get("version")?.version()?;
        match versions(kind) {
            [] => Err(at.get("type")?.refuse("a type of transaction")),
            versions if versions.contains(&version) => Ok(Self { kind, version, network }),
            _ => Err(at.get("version")?.refuse("a version that this type has")),
        }
    }
}

fn head(at: &At<'_>, opening: &Opening) -> Read<Head> {
    Ok(Head {
        network: opening.network,
        timestamp: at.get("timeStamp")?.u32()?,
        signer: at.get("signer")?.key()?,
        fee: at.get("fee")?.u64()?,
        deadline: at.get("deadline")?.u32()?,
    })
}

fn multisig(at: &At<'_>) -> Read<Multisig> {
    Ok(Multisig {
        inner: Box::new(inner(&at.get("otherTrans")?)?),
        cosignatures: at.get("signatures")?.list(cosigned)?,
    })
}

fn inner(at: &At<'_>) -> Read<Transaction> {
    let opening = Opening::read(at)?;
    if !fits_inside(opening.kind) {
        return Err(at.get("type")?.refuse("a type that multisig transactions hold"));
    }
    Ok(Transaction { head: head(at, &opening)?, body: body(at, &opening)? })
}

fn cosigned(at: &At<'_>) -> Read<SignedCosignature> {
    let opening = Opening::read(at)?;
    if opening.kind != kind::COSIGNATURE {
        return Err(at.get("type")?.refuse("the type of a cosignature"));
    }
    Ok(SignedCosignature { head: head(at, &opening)?, cosignature: cosignature(at)?, signature: signature(at)? })
}

/// All bodies but that of a multisig transaction.
fn body(at: &At<'_>, opening: &Opening) -> Read<Body> {
    match opening.kind {
        kind::TRANSFER => transfer(at, opening.version).map(Body::Transfer),
        kind::REMOTE_LINK => remote_link(at).map(Body::RemoteLink),
        kind::MODIFICATION => modification(at, opening.version).map(Body::Modification),
        kind::COSIGNATURE => cosignature(at).map(Body::Cosignature),
        kind::NAMESPACE => namespace(at, opening.network).map(Body::Namespace),
        kind::MOSAIC_DEFINITION => definition(at, opening.network).map(Body::MosaicDefinition),
        kind::SUPPLY_CHANGE => supply_change(at).map(Body::SupplyChange),
        _ => Err(at.get("type")?.refuse("a type of transaction")),
    }
}

fn transfer(at: &At<'_>, version: u8) -> Read<Transfer> {
    let message = at.maybe_object("message").map(|at| message(&at)).transpose()?;
    Ok(Transfer {
        recipient: at.get("recipient")?.address()?,
        amount: at.get("amount")?.u64()?,
        // A node takes a message of no bytes for none, and hashes it so.
        message: message.filter(|message| !message.payload.is_empty()),
        mosaics: if version == 2 { Some(at.get("mosaics")?.list(mosaic)?) } else { None },
    })
}

fn message(at: &At<'_>) -> Read<Message> {
    let kind = at.get("type")?.code("a type of message: 1 or 2", MessageKind::of_code)?;
    Ok(Message { kind, payload: at.get("payload")?.bytes()? })
}

fn mosaic(at: &At<'_>) -> Read<Mosaic> {
    Ok(Mosaic { id: mosaic_id(&at.get("mosaicId")?)?, quantity: at.get("quantity")?.u64()? })
}

fn mosaic_id(at: &At<'_>) -> Read<MosaicId> {
    Ok(MosaicId { namespace: at.get("namespaceId")?.text()?, name: at.get("name")?.text()? })
}

fn remote_link(at: &At<'_>) -> Read<RemoteLink> {
    let mode = at.get("mode")?.code("a mode: 1 or 2", LinkMode::of_code)?;
    Ok(RemoteLink { mode, remote: at.get("remoteAccount")?.key()? })
}

fn modification(at: &At<'_>, version: u8) -> Read<Modification> {
    let changes = at.get("modifications")?.list(cosignatory_change)?;
    let minimum = at.maybe_object("minCosignatories");
    let minimum = minimum.map(|at| at.get("relativeChange")?.i32()).transpose()?;
    Ok(Modification { changes, minimum: (version == 2).then_some(minimum) })
}

fn cosignatory_change(at: &At<'_>) -> Read<CosignatoryChange> {
    let kind = at.get("modificationType")?.code("a type of modification: 1 or 2", ChangeKind::of_code)?;
    Ok(CosignatoryChange { kind, cosignatory: at.get("cosignatoryAccount")?.key()? })
}

fn cosignature(at: &At<'_>) -> Read<Cosignature> {
    Ok(Cosignature { inner_hash: at.get("otherHash")?.hash()?, account: at.get("otherAccount")?.address()? })
}

fn namespace(at: &At<'_>, network: Network) -> Read<Namespace> {
    Ok(Namespace {
        sink: at.get("rentalFeeSink")?.address_or_key(network)?,
        rent: at.get("rentalFee")?.u64()?,
        part: at.get("newPart")?.text()?,
        parent: at.maybe("parent").map(|at| at.text()).transpose()?,
    })
}

fn definition(at: &At<'_>, network: Network) -> Read<MosaicDefinition> {
    let inside = at.get("mosaicDefinition")?;
    let levy = inside.maybe_object("levy").map(|at| levy(&at)).transpose()?;
    Ok(MosaicDefinition {
        creator: inside.get("creator")?.key()?,
        id: mosaic_id(&inside.get("id")?)?,
        description: inside.get("description")?.text()?,
        properties: inside.get("properties")?.list(property)?,
        levy,
        sink: at.get("creationFeeSink")?.address_or_key(network)?,
        creation_fee: at.get("creationFee")?.u64()?,
    })
}

fn property(at: &At<'_>) -> Read<(String, String)> {
    Ok((at.get("name")?.text()?, at.get("value")?.text()?))
}

fn levy(at: &At<'_>) -> Read<Levy> {
    Ok(Levy {
        kind: at.get("type")?.code("a type of levy: 1 or 2", LevyKind::of_code)?,
        recipient: at.get("recipient")?.address()?,
        id: mosaic_id(&at.get("mosaicId")?)?,
        fee: at.get("fee")?.u64()?,
    })
}

fn supply_change(at: &At<'_>) -> Read<SupplyChange> {
    Ok(SupplyChange {
        id: mosaic_id(&at.get("mosaicId")?)?,
        direction: at.get("supplyType")?.code("a type of supply change: 1 or 2", SupplyDirection::of_code)?,
        delta: at.get("delta")?.u64()?,
    })
}
