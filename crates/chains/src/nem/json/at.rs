//! A place in JSON that a stranger wrote, which knows the way to itself.

use std::fmt;

use serde_json::Value;

use crate::nem::address::Address;
use crate::nem::bytes::{Hash, PublicKey, any, fixed};
use crate::nem::json::JsonError;
use crate::nem::network::Network;

/// So much of a wrong value is repeated in an error.
const SHOWN_MAX: usize = 80;

#[derive(Clone, Copy)]
enum Key<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

/// A value, and how it is reached.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    value: &'a Value,
    key: Key<'a>,
    up: Option<&'a At<'a>>,
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            up.fmt(f)?;
        }
        match self.key {
            Key::Root => f.write_str("$"),
            Key::Name(name) => write!(f, ".{name}"),
            Key::Index(index) => write!(f, "[{index}]"),
        }
    }
}

type Read<T> = Result<T, JsonError>;

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, key: Key::Root, up: None }
    }

    /// An error about the value here.
    pub(super) fn refuse(&self, expected: &'static str) -> JsonError {
        let got: String = self.value.to_string().chars().take(SHOWN_MAX).collect();
        JsonError::Field { path: self.to_string(), expected, got }
    }

    /// A field that must be there.
    pub(super) fn get(&'a self, name: &'static str) -> Read<At<'a>> {
        self.maybe(name).ok_or_else(|| JsonError::Missing { path: format!("{self}.{name}") })
    }

    /// A field that may be absent or null.
    pub(super) fn maybe(&'a self, name: &'static str) -> Option<At<'a>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(At { value, key: Key::Name(name), up: Some(self) })
    }

    /// A field that may be absent, null or `{}`, by which nodes say the same.
    pub(super) fn maybe_object(&'a self, name: &'static str) -> Option<At<'a>> {
        self.maybe(name).filter(|at| at.value.as_object().is_none_or(|fields| !fields.is_empty()))
    }

    /// What `read` makes of each element here.
    pub(super) fn list<T>(&self, read: impl Fn(&At<'_>) -> Read<T>) -> Read<Vec<T>> {
        let items = self.value.as_array().ok_or_else(|| self.refuse("a list"))?;
        let at = |(index, value)| At { value, key: Key::Index(index), up: Some(self) };
        items.iter().enumerate().map(at).map(|at| read(&at)).collect()
    }

    pub(super) fn u64(&self) -> Read<u64> {
        self.value.as_u64().ok_or_else(|| self.refuse("a number of 64 bits, not negative"))
    }

    pub(super) fn u32(&self) -> Read<u32> {
        let number = self.value.as_u64().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| self.refuse("a number of 32 bits, not negative"))
    }

    pub(super) fn i32(&self) -> Read<i32> {
        let number = self.value.as_i64().and_then(|number| i32::try_from(number).ok());
        number.ok_or_else(|| self.refuse("a number of 32 bits, with sign"))
    }

    /// A number out of a few.
    pub(super) fn code<T>(&self, expected: &'static str, of_code: impl Fn(u32) -> Option<T>) -> Read<T> {
        of_code(self.u32()?).ok_or_else(|| self.refuse(expected))
    }

    /// A version: the network in its highest byte, which makes it negative on the test network.
    pub(super) fn version(&self) -> Read<(u8, Network)> {
        let bytes = self.i32()?.to_le_bytes();
        match (bytes, Network::of_byte(bytes[3])) {
            ([version, 0, 0, _], Some(network)) => Ok((version, network)),
            _ => Err(self.refuse("a version with the byte of a network")),
        }
    }

    fn str(&self) -> Read<&'a str> {
        self.value.as_str().ok_or_else(|| self.refuse("text"))
    }

    pub(super) fn text(&self) -> Read<String> {
        self.str().map(str::to_owned)
    }

    /// Bytes of a known length in hexadecimal.
    pub(super) fn fixed<const N: usize>(&self, expected: &'static str) -> Read<[u8; N]> {
        fixed(self.str()?).ok_or_else(|| self.refuse(expected))
    }

    /// Bytes in hexadecimal.
    pub(super) fn bytes(&self) -> Read<Vec<u8>> {
        any(self.str()?).ok_or_else(|| self.refuse("bytes in hexadecimal"))
    }

    pub(super) fn key(&self) -> Read<PublicKey> {
        self.fixed("a public key of 64 hexadecimal digits").map(PublicKey)
    }

    /// A hash, bare or as `{"data": ..}`.
    pub(super) fn hash(&self) -> Read<Hash> {
        const EXPECTED: &str = "a hash of 64 hexadecimal digits";
        match self.maybe("data") {
            Some(data) => data.fixed(EXPECTED).map(Hash),
            None => self.fixed(EXPECTED).map(Hash),
        }
    }

    pub(super) fn address(&self) -> Read<Address> {
        Address::of_ascii(self.str()?.as_bytes()).ok_or_else(|| self.refuse("an address of 40 characters"))
    }

    /// An address, or the public key that older nodes tell in its place.
    pub(super) fn address_or_key(&self, network: Network) -> Read<Address> {
        match fixed(self.str()?) {
            Some(key) => Ok(Address::of_key(&PublicKey(key), network)),
            None => self.address(),
        }
    }
}
