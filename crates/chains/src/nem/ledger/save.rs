//! A ledger as bytes, for a restart.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::nem::address::Address;
use crate::nem::bytes::Hash;
use crate::nem::ledger::{NemLedger, SaveError};
use crate::nem::network::Network;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 2;

#[derive(Deserialize)]
struct Opening {
    format: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved<T> {
    format: u32,
    ledger: T,
}

impl NemLedger {
    /// Everything it knows: JSON, equal for equal ledgers.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&Saved { format: FORMAT, ledger: self }).expect("maps have text as keys")
    }

    /// A ledger that was saved. That it is the one of a chain is believed: keep the bytes where the store is kept.
    ///
    /// # Errors
    /// The bytes are damaged, of another format, or of a ledger that no blocks lead to.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SaveError> {
        let Opening { format } = serde_json::from_slice(bytes).map_err(SaveError::Damaged)?;
        if format != FORMAT {
            return Err(SaveError::Format { expected: FORMAT, got: format });
        }
        let saved: Saved<Self> = serde_json::from_slice(bytes).map_err(SaveError::Damaged)?;
        saved.ledger.check().map_err(SaveError::Impossible)?;
        Ok(saved.ledger)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::of_ascii(text.as_bytes()).ok_or_else(|| D::Error::custom("expected an address of 40 characters"))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let found = Self::ALL.into_iter().find(|network| network.name() == text);
        found.ok_or_else(|| D::Error::custom("expected a network of NIS1"))
    }
}
