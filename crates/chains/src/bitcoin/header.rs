//! A block header: its 80 bytes, its name, and the work it claims.

use coinhound_model::{BlockHash, Hash256};
use ruint::aliases::U256;

use crate::bitcoin::decode::{Cursor, DecodeError, Field};
use crate::bitcoin::hash::double_sha256;
use crate::bitcoin::params::Params;

/// The fields of a block header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Version and signalling bits.
    pub version: i32,
    /// The parent's hash.
    pub prev: BlockHash,
    /// Root of the tree over the transactions' hashes.
    pub merkle_root: Hash256,
    /// Seconds since 1970 as the miner claims.
    pub time: u32,
    /// The target in its short form.
    pub bits: u32,
    /// What the miner varied.
    pub nonce: u32,
}

/// Why a header proves no work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkError {
    /// Zero, negative, overflowing or easier than the network allows.
    #[error("block {hash} claims target {bits:08x}, which is not a target of this network")]
    Target {
        /// The block.
        hash: BlockHash,
        /// Its target in short form.
        bits: u32,
    },
    /// The hash is above the target.
    #[error("block {hash} does not reach its own target {bits:08x}")]
    NotReached {
        /// The block.
        hash: BlockHash,
        /// Its target in short form.
        bits: u32,
    },
}

/// Reads the first 80 bytes as a header; more may follow.
///
/// # Errors
/// When there are fewer than 80 bytes.
pub fn parse_header(bytes: &[u8]) -> Result<Header, DecodeError> {
    Cursor::new(bytes).array(Field::Header).map(Header::from_bytes)
}

impl Header {
    /// Length of a header on the wire.
    pub const LEN: usize = 80;

    /// The fields of these 80 bytes; every 80 bytes are a header.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let hash =
            |at: usize| Hash256(*bytes[at..].first_chunk().expect("a header has two hashes inside its 80 bytes"));
        Self {
            version: word(0).cast_signed(),
            prev: hash(4),
            merkle_root: hash(36),
            time: word(68),
            bits: word(72),
            nonce: word(76),
        }
    }

    /// The 80 bytes that are hashed.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..4].copy_from_slice(&self.version.to_le_bytes());
        bytes[4..36].copy_from_slice(&self.prev.0);
        bytes[36..68].copy_from_slice(&self.merkle_root.0);
        bytes[68..72].copy_from_slice(&self.time.to_le_bytes());
        bytes[72..76].copy_from_slice(&self.bits.to_le_bytes());
        bytes[76..].copy_from_slice(&self.nonce.to_le_bytes());
        bytes
    }

    /// The block's name.
    #[must_use]
    pub fn hash(&self) -> BlockHash {
        double_sha256(&self.to_bytes())
    }

    /// Checks that the header reaches its target by the network's hash, and that the target is one the
    /// network allows. `hash` is the header's own name.
    ///
    /// # Errors
    /// [`WorkError`], with the block and its target.
    pub fn check_work(&self, hash: BlockHash, params: &Params) -> Result<(), WorkError> {
        let target = self.check_target(hash, params)?;
        if hash_number(params.pow.of(&self.to_bytes(), hash)) > target {
            return Err(WorkError::NotReached { hash, bits: self.bits });
        }
        Ok(())
    }

    /// The header's target, when it is one the network allows: the part of [`Header::check_work`] that
    /// costs nothing.
    ///
    /// # Errors
    /// [`WorkError::Target`].
    pub(crate) fn check_target(&self, hash: BlockHash, params: &Params) -> Result<U256, WorkError> {
        let target = target_of(self.bits).filter(|target| *target <= params.pow_limit);
        target.ok_or(WorkError::Target { hash, bits: self.bits })
    }
}

/// A hash as the number that is compared with targets, and the order in which hashes print.
#[must_use]
pub fn hash_number(hash: BlockHash) -> U256 {
    U256::from_le_bytes(hash.0)
}

/// The target that a short form stands for; `None` when it is zero, negative or above 256 bits.
#[must_use]
pub fn target_of(bits: u32) -> Option<U256> {
    let size = bits >> 24;
    let mantissa = bits & 0x007f_ffff;
    let negative = bits & 0x0080_0000 != 0;
    let overflow = size > 34 || (mantissa > 0xff && size > 33) || (mantissa > 0xffff && size > 32);
    let target = if size <= 3 {
        U256::from(mantissa >> (8 * (3 - size)))
    } else {
        U256::from(mantissa) << usize::try_from(8 * (size - 3)).expect("a shift below 2,048")
    };
    let refused = mantissa != 0 && (negative || overflow) || target == U256::ZERO;
    (!refused).then_some(target)
}

/// The short form of a target: three leading bytes and a length, rounded down.
#[must_use]
pub fn bits_of(target: U256) -> u32 {
    let size = target.bit_len().div_ceil(8);
    let leading = if size <= 3 { target << (8 * (3 - size)) } else { target >> (8 * (size - 3)) };
    let mantissa = u32::try_from(leading).expect("three bytes are left");
    let size = u32::try_from(size).expect("at most 32");
    // The top bit is a sign: a mantissa that would set it moves down a byte.
    if mantissa & 0x0080_0000 == 0 { size << 24 | mantissa } else { (size + 1) << 24 | mantissa >> 8 }
}

/// The number of hashes a target takes on average: 2^256 / (target + 1), without leaving 256 bits.
#[must_use]
pub fn work_of(target: U256) -> U256 {
    target.checked_add(U256::ONE).map_or(U256::ONE, |above| !target / above + U256::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_targets_read_as_core_reads_them() {
        // Vectors of Core's arith_uint256_tests.cpp.
        for bits in
            [0, 0x0012_3456, 0x0100_3456, 0x0200_0056, 0x0300_0000, 0x0400_0000, 0x0092_3456, 0x0180_3456, 0x0480_0000]
        {
            assert_eq!(target_of(bits), None, "{bits:08x}");
        }
        let both = [
            (0x0112_3456, 0x12, 0x0112_0000),
            (0x0212_3456, 0x1234, 0x0212_3400),
            (0x0312_3456, 0x0012_3456, 0x0312_3456),
        ];
        for (bits, value, back) in both {
            assert_eq!(target_of(bits), Some(U256::from(value)));
            assert_eq!(bits_of(U256::from(value)), back);
        }
        assert_eq!(target_of(0x0412_3456), Some(U256::from(0x1234_5600)));
        assert_eq!(target_of(0x0492_3456), None, "negative");
        assert_eq!(target_of(0xff12_3456), None, "overflow");
        assert_eq!(target_of(0x2012_3456).map(bits_of), Some(0x2012_3456));
        assert_eq!(bits_of(U256::from(0x80)), 0x0200_8000);
    }

    #[test]
    fn work_at_the_easiest_target_of_main_is_2_to_the_32() {
        assert_eq!(target_of(0x1d00_ffff).map(work_of), Some(U256::from(0x1_0001_0001_u64)));
        assert_eq!(work_of(U256::MAX), U256::ONE);
        assert_eq!(target_of(0x207f_ffff).map(work_of), Some(U256::from(2)));
    }
}
