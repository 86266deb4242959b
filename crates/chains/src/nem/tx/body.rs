//! What transactions ask for, one body per type.
//!
//! Amounts are as written: `amount` and fees in millionths of a XEM, quantities in the smallest unit of their
//! mosaic, supply changes in whole units.

use crate::nem::address::Address;
use crate::nem::bytes::{Hash, PublicKey};
use crate::nem::tx::code::{ChangeKind, LevyKind, LinkMode, MessageKind, SupplyDirection};
use crate::nem::tx::{SignedCosignature, Transaction};

/// What a transaction asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// Type 257: XEM, mosaics or a message to an account.
    Transfer(Transfer),
    /// Type 2049: an account that harvests for the signer.
    RemoteLink(RemoteLink),
    /// Type 4097: who may sign for the account.
    Modification(Modification),
    /// Type 4098: agreement to the inner transaction of a multisig transaction.
    Cosignature(Cosignature),
    /// Type 4100: a transaction of a multisig account, brought by one of its signers.
    Multisig(Multisig),
    /// Type 8193: a namespace is rented.
    Namespace(Namespace),
    /// Type 16385: a mosaic is made or made anew.
    MosaicDefinition(MosaicDefinition),
    /// Type 16386: the supply of a mosaic changes.
    SupplyChange(SupplyChange),
}

/// The numbers of the types.
pub(in crate::nem) mod kind {
    pub const TRANSFER: u32 = 0x0101;
    pub const REMOTE_LINK: u32 = 0x0801;
    pub const MODIFICATION: u32 = 0x1001;
    pub const COSIGNATURE: u32 = 0x1002;
    pub const MULTISIG: u32 = 0x1004;
    pub const NAMESPACE: u32 = 0x2001;
    pub const MOSAIC_DEFINITION: u32 = 0x4001;
    pub const SUPPLY_CHANGE: u32 = 0x4002;
}

impl Body {
    /// The number of its type.
    #[must_use]
    pub const fn kind(&self) -> u32 {
        match self {
            Self::Transfer(_) => kind::TRANSFER,
            Self::RemoteLink(_) => kind::REMOTE_LINK,
            Self::Modification(_) => kind::MODIFICATION,
            Self::Cosignature(_) => kind::COSIGNATURE,
            Self::Multisig(_) => kind::MULTISIG,
            Self::Namespace(_) => kind::NAMESPACE,
            Self::MosaicDefinition(_) => kind::MOSAIC_DEFINITION,
            Self::SupplyChange(_) => kind::SUPPLY_CHANGE,
        }
    }

    /// The version it is written in.
    #[must_use]
    pub const fn version(&self) -> u8 {
        match self {
            Self::Transfer(Transfer { mosaics: Some(_), .. })
            | Self::Modification(Modification { minimum: Some(_), .. }) => 2,
            _ => 1,
        }
    }
}

/// The versions that transactions of a type have; none for a type that does not occur.
pub(in crate::nem) const fn versions(kind: u32) -> &'static [u8] {
    match kind {
        kind::TRANSFER | kind::MODIFICATION => &[1, 2],
        kind::REMOTE_LINK
        | kind::COSIGNATURE
        | kind::MULTISIG
        | kind::NAMESPACE
        | kind::MOSAIC_DEFINITION
        | kind::SUPPLY_CHANGE => &[1],
        _ => &[],
    }
}

/// Whether a multisig transaction may hold this type: else transactions could nest without end.
pub(in crate::nem) fn fits_inside(kind: u32) -> bool {
    kind != kind::MULTISIG && kind != kind::COSIGNATURE
}

/// XEM, mosaics or a message to an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// To whom.
    pub recipient: Address,
    /// Millionths of a XEM; when `mosaics` holds any, only the factor of their quantities, in millionths.
    pub amount: u64,
    /// What it says. An exchange tells its customers apart by this.
    pub message: Option<Message>,
    /// What is attached. None in version 1, which cannot attach.
    pub mosaics: Option<Vec<Mosaic>>,
}

/// What a transfer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// How it is written.
    pub kind: MessageKind,
    /// Its bytes.
    pub payload: Vec<u8>,
}

/// The name of a mosaic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MosaicId {
    /// Its namespace: `nem`.
    pub namespace: String,
    /// Its name there: `xem`.
    pub name: String,
}

/// So much of a mosaic, before the transfer's factor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mosaic {
    /// Of which.
    pub id: MosaicId,
    /// How much.
    pub quantity: u64,
}

/// An account that harvests for the signer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteLink {
    /// From now on, or no longer.
    pub mode: LinkMode,
    /// The account that harvests.
    pub remote: PublicKey,
}

/// Who may sign for the account. Nodes write the changes sorted by kind, then address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Modification {
    /// Who is added or deleted, in the order written.
    pub changes: Vec<CosignatoryChange>,
    /// None in version 1, which has no such field; in version 2, by how much the number of signatures
    /// needed changes, if that is told.
    pub minimum: Option<Option<i32>>,
}

/// Who is added or deleted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CosignatoryChange {
    /// Which of both.
    pub kind: ChangeKind,
    /// Who.
    pub cosignatory: PublicKey,
}

/// Agreement to the inner transaction of a multisig transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosignature {
    /// The hash of the inner transaction.
    pub inner_hash: Hash,
    /// The multisig account.
    pub account: Address,
}

/// A transaction of a multisig account, brought by one of its signers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Multisig {
    /// What is asked for; its signer is the multisig account. Never itself a multisig transaction.
    pub inner: Box<Transaction>,
    /// Who else agreed. No part of the hash, and absent from the form without signature.
    pub cosignatures: Vec<SignedCosignature>,
}

/// A namespace is rented.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Namespace {
    /// Who gets the rent.
    pub sink: Address,
    /// The rent in millionths of a XEM.
    pub rent: u64,
    /// The new part of the name.
    pub part: String,
    /// The namespace it is part of; none for a root.
    pub parent: Option<String>,
}

/// A mosaic is made or made anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MosaicDefinition {
    /// Who makes it.
    pub creator: PublicKey,
    /// Its name.
    pub id: MosaicId,
    /// What it says of itself.
    pub description: String,
    /// Names and values as written: `divisibility`, `initialSupply`, `supplyMutable`, `transferable`.
    pub properties: Vec<(String, String)>,
    /// What each transfer of it costs besides.
    pub levy: Option<Levy>,
    /// Who gets the fee for making it.
    pub sink: Address,
    /// That fee in millionths of a XEM.
    pub creation_fee: u64,
}

/// What each transfer of a mosaic costs its sender besides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Levy {
    /// How it is counted.
    pub kind: LevyKind,
    /// Who gets it.
    pub recipient: Address,
    /// In which mosaic.
    pub id: MosaicId,
    /// How much, in the unit of `kind`.
    pub fee: u64,
}

/// The supply of a mosaic changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplyChange {
    /// Of which.
    pub id: MosaicId,
    /// Which way.
    pub direction: SupplyDirection,
    /// By how many whole units.
    pub delta: u64,
}
