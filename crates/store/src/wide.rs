//! A wide number among narrow ones.

/// A number of 64 bits that lies as two of 32: beside an id a row then has twelve bytes and not sixteen, and a commit
/// sorts millions of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wide([u32; 2]);

impl Wide {
    /// The number.
    #[inline]
    pub fn get(self) -> u64 {
        u64::from(self.0[1]) << 32 | u64::from(self.0[0])
    }
}

impl From<u64> for Wide {
    #[inline]
    fn from(number: u64) -> Self {
        let bytes = number.to_le_bytes();
        let (halves, _) = bytes.as_chunks::<4>();
        Self([u32::from_le_bytes(halves[0]), u32::from_le_bytes(halves[1])])
    }
}
