//! The hash that a header's work is measured by: the block's own name, or scrypt.

use coinhound_model::{BlockHash, Hash256};
use scrypt::Params as ScryptParams;

/// Which hash of a header must reach its target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PowHash {
    /// SHA-256 twice: the block's name itself.
    DoubleSha256,
    /// scrypt with N = 1,024, r = 1, p = 1, the header being password and salt: Litecoin.
    Scrypt,
}

impl PowHash {
    /// Whether a check takes so long (a third of a millisecond) that it is worth making only once.
    #[must_use]
    pub fn is_slow(self) -> bool {
        self == Self::Scrypt
    }

    /// The hash to compare with the target of a header of these 80 bytes, whose name is `name`.
    #[must_use]
    pub(crate) fn of(self, header: &[u8; 80], name: BlockHash) -> Hash256 {
        match self {
            Self::DoubleSha256 => name,
            Self::Scrypt => scrypt_of(header),
        }
    }
}

fn scrypt_of(header: &[u8; 80]) -> Hash256 {
    let params = ScryptParams::new(10, 1, 1).expect("N = 2^10, r = 1, p = 1 are within scrypt's bounds");
    let mut hash = Hash256::ZERO;
    scrypt::scrypt(header, header, &params, &mut hash.0).expect("32 bytes are a length scrypt can give");
    hash
}
