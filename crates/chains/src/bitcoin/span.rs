//! Where the parts of a transaction lie in the bytes given, and what of them is hashed and weighed.

use coinhound_model::Hash256;

use crate::bitcoin::hash::double_sha256_of;

/// The flag that announces a witness (BIP 144).
pub(super) const WITNESS_FLAG: u8 = 1;
/// The flag that announces what Litecoin adds to a transaction (LIP 3). In a block that is nothing but one
/// byte, which marks the transaction that settles the extension block.
pub(super) const MWEB_FLAG: u8 = 8;

/// Where a transaction's parts lie in the bytes given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    pub(crate) start: usize,
    /// Behind the last output.
    pub(super) body_end: usize,
    pub(crate) end: usize,
    /// Zero where neither marker nor flags stand.
    pub(super) flags: u8,
}

impl Span {
    /// Whether the flags announce a witness.
    pub(crate) fn has_witness(self) -> bool {
        self.flags & WITNESS_FLAG != 0
    }

    /// Whether the transaction settles the extension block.
    pub(crate) fn settles_pool(self) -> bool {
        self.flags & MWEB_FLAG != 0
    }

    /// Whether its name is the hash of its bytes as they stand.
    pub(super) fn is_plain(self) -> bool {
        self.flags == 0
    }

    /// Of the input count.
    pub(super) fn body(self) -> usize {
        self.start + 4 + if self.is_plain() { 0 } else { 2 }
    }

    /// Behind the last witness.
    fn witness_end(self) -> usize {
        self.end - 4 - usize::from(self.settles_pool())
    }

    /// Length without marker, flags and witness.
    pub(crate) fn stripped_len(self) -> usize {
        4 + (self.body_end - self.body()) + 4
    }

    /// Length with the witness and its marker and flag, without what Litecoin adds.
    pub(super) fn whole_len(self) -> usize {
        if self.has_witness() { self.end - self.start - usize::from(self.settles_pool()) } else { self.stripped_len() }
    }

    /// The witnesses of all inputs.
    pub(crate) fn witness(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.body_end..self.witness_end()]
    }

    pub(super) fn weight(self) -> usize {
        3 * self.stripped_len() + self.whole_len()
    }

    /// The hash with the witness, when what Litecoin adds must be left out of it for that.
    pub(crate) fn settling_wtxid(self, bytes: &[u8]) -> Hash256 {
        let flags = [0, WITNESS_FLAG];
        let start = &bytes[self.start..self.start + 4];
        let rest = &bytes[self.body()..self.witness_end()];
        double_sha256_of(&[start, &flags, rest, &bytes[self.end - 4..self.end]])
    }
}
