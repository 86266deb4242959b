//! The key that covers a node's block files since Core 28: `xor.dat`, eight bytes.
//!
//! Byte `n` of each blk and rev file is combined with byte `n % 8` of the key. The key may be all zeros,
//! and the file may be absent: both mean that nothing is covered.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::bitcoin::files::BlockFileError;

/// Name of the key file inside a blocks folder.
pub const KEY_FILE: &str = "xor.dat";

/// The eight bytes that cover a folder's files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct XorKey(pub [u8; 8]);

impl XorKey {
    /// Reads the key of a blocks folder; none when there is no `xor.dat`.
    ///
    /// # Errors
    /// [`BlockFileError::KeyLength`] when the file is not eight bytes long, or the error of reading it.
    pub fn of_folder(folder: &Path) -> Result<Option<Self>, BlockFileError> {
        let path = folder.join(KEY_FILE);
        let mut bytes = Vec::with_capacity(9);
        match File::open(&path).and_then(|file| file.take(9).read_to_end(&mut bytes)) {
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BlockFileError::Read { path, source }),
            Ok(_) => {}
        }
        match <[u8; 8]>::try_from(bytes.as_slice()) {
            Ok(key) => Ok(Some(Self(key))),
            Err(_) => Err(BlockFileError::KeyLength { path, at_least: bytes.len() }),
        }
    }

    /// Covers or uncovers bytes that stand at `offset` of their file.
    pub fn apply(self, bytes: &mut [u8], offset: u64) {
        if self == Self::default() {
            return;
        }
        let bits = u32::try_from(offset % 8 * 8).expect("below 64");
        let turned = u64::from_le_bytes(self.0).rotate_right(bits);
        let (eights, rest) = bytes.as_chunks_mut::<8>();
        for eight in eights {
            *eight = (u64::from_le_bytes(*eight) ^ turned).to_le_bytes();
        }
        rest.iter_mut().zip(turned.to_le_bytes()).for_each(|(byte, key)| *byte ^= key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_n_is_covered_by_byte_n_mod_8_of_the_key() {
        let key = XorKey([1, 2, 3, 4, 5, 6, 7, 8]);
        for offset in 0..20 {
            for len in 0..30 {
                let mut bytes = vec![0; len];
                key.apply(&mut bytes, offset);
                let expected = (0..len as u64).map(|n| key.0[usize::try_from((offset + n) % 8).expect("small")]);
                assert!(bytes.iter().copied().eq(expected), "{offset} {len}");
                key.apply(&mut bytes, offset);
                assert_eq!(bytes, vec![0; len]);
            }
        }
    }

    #[test]
    fn a_short_or_long_key_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(XorKey::of_folder(folder.path()).expect("absent is fine"), None);
        for (len, good) in [(0, false), (7, false), (8, true), (9, false), (100, false)] {
            std::fs::write(folder.path().join(KEY_FILE), vec![5; len]).expect("writable");
            let read = XorKey::of_folder(folder.path());
            assert_eq!(read.is_ok(), good);
            assert!(good || matches!(read, Err(BlockFileError::KeyLength { at_least, .. }) if at_least == len.min(9)));
        }
    }
}
