//! What transactions ask for, ready to be signed: one function per type.

use coinhound_chains::nem::tx::{
    ChangeKind, CosignatoryChange, Levy, LinkMode, Message, MessageKind, Modification, Mosaic, MosaicDefinition,
    MosaicId, Namespace, RemoteLink, SupplyChange, SupplyDirection, Transfer,
};
use coinhound_chains::nem::{Address, Body, Network, PublicKey};

use crate::nem::fees::{MOSAIC_CREATION, ROOT_RENT, SUB_RENT};

/// Who gets the rent of namespaces, on every network.
pub const NAMESPACE_SINK: &str = "3e82e1c1e4a75adaa3cba8c101c3cd31d9817a2eb966eb3b511fb2ed45b8e262";
/// Who gets the fees for making mosaics, on every network.
pub const MOSAIC_SINK: &str = "53e140b5947f104cabc2d6fe8baedbc30ef9a0609c717d9613de593ec2a266d3";

/// The account of one of the two sinks.
#[must_use]
pub fn sink(key: &str, network: Network) -> Address {
    let key: PublicKey = key.parse().expect("64 hexadecimal digits, written above");
    Address::of_key(&key, network)
}

/// The name of a mosaic from `namespace:name`.
///
/// # Panics
/// Without a colon.
#[must_use]
pub fn mosaic_id(text: &str) -> MosaicId {
    let (namespace, name) = text.split_once(':').expect("a namespace, a colon and a name");
    MosaicId { namespace: namespace.to_owned(), name: name.to_owned() }
}

/// A message for all to read.
#[must_use]
pub fn plain(text: impl AsRef<[u8]>) -> Message {
    Message { kind: MessageKind::Plain, payload: text.as_ref().to_vec() }
}

/// XEM, in millionths, in the first version of transfers.
#[must_use]
pub fn transfer(recipient: Address, micro_xem: u64, message: Option<Message>) -> Body {
    Body::Transfer(Transfer { recipient, amount: micro_xem, message, mosaics: None })
}

/// Mosaics, each times `factor` millionths; with none, `factor` millionths of a XEM.
#[must_use]
pub fn transfer_of_mosaics(recipient: Address, factor: u64, message: Option<Message>, mosaics: Vec<Mosaic>) -> Body {
    Body::Transfer(Transfer { recipient, amount: factor, message, mosaics: Some(mosaics) })
}

/// An account that harvests for the signer, or no longer does.
#[must_use]
pub fn remote_link(mode: LinkMode, remote: PublicKey) -> Body {
    Body::RemoteLink(RemoteLink { mode, remote })
}

/// Makes the signer a multisig account, or changes it: added and deleted cosignatories, and by how much the number of
/// needed signatures changes.
#[must_use]
pub fn modification(network: Network, added: &[PublicKey], deleted: &[PublicKey], minimum: Option<i32>) -> Body {
    let change = |kind| move |key: &PublicKey| CosignatoryChange { kind, cosignatory: *key };
    let added = added.iter().map(change(ChangeKind::Add));
    let mut changes: Vec<_> = added.chain(deleted.iter().map(change(ChangeKind::Delete))).collect();
    // Nodes write them in this order, which is hashed.
    changes.sort_by_key(|change| (change.kind, Address::of_key(&change.cosignatory, network)));
    Body::Modification(Modification { changes, minimum: Some(minimum) })
}

/// Rents a namespace: a root, or a part below `parent`.
#[must_use]
pub fn namespace(network: Network, part: &str, parent: Option<&str>) -> Body {
    Body::Namespace(Namespace {
        sink: sink(NAMESPACE_SINK, network),
        rent: if parent.is_none() { ROOT_RENT } else { SUB_RENT },
        part: part.to_owned(),
        parent: parent.map(str::to_owned),
    })
}

/// What a new mosaic is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issued {
    /// Its name.
    pub id: MosaicId,
    /// What it says of itself.
    pub description: String,
    /// Decimal places.
    pub divisibility: u8,
    /// Whole units that its maker gets.
    pub supply: u64,
    /// Whether its maker may change the supply.
    pub mutable: bool,
    /// Whether others than its maker may pass it on.
    pub transferable: bool,
    /// What each transfer of it costs besides.
    pub levy: Option<Levy>,
}

/// Makes a mosaic.
#[must_use]
pub fn definition(network: Network, creator: PublicKey, issued: &Issued) -> Body {
    let properties = [
        ("divisibility", issued.divisibility.to_string()),
        ("initialSupply", issued.supply.to_string()),
        ("supplyMutable", issued.mutable.to_string()),
        ("transferable", issued.transferable.to_string()),
    ];
    Body::MosaicDefinition(MosaicDefinition {
        creator,
        id: issued.id.clone(),
        description: issued.description.clone(),
        properties: properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        levy: issued.levy.clone(),
        sink: sink(MOSAIC_SINK, network),
        creation_fee: MOSAIC_CREATION,
    })
}

/// Changes the supply of a mosaic by whole units.
#[must_use]
pub fn supply_change(id: MosaicId, direction: SupplyDirection, delta: u64) -> Body {
    Body::SupplyChange(SupplyChange { id, direction, delta })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sinks_have_the_addresses_that_everybody_knows() {
        let namespace = sink(NAMESPACE_SINK, Network::Main).to_string();
        let mosaic = sink(MOSAIC_SINK, Network::Main).to_string();
        assert!(namespace.starts_with("NAMESPACE") && mosaic.starts_with("NBMOSAIC"), "{namespace} {mosaic}");
    }
}
