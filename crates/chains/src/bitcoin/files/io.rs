//! Files of a blocks folder: finding them, and reading uncovered bytes at an offset.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::bitcoin::files::BlockDir;
use crate::bitcoin::files::error::{BlockFileError, Kind};
use crate::bitcoin::xor::XorKey;

/// The numbers of a folder's files of one kind, ascending; whatever else lies there is ignored.
pub(crate) fn list(folder: &Path, kind: Kind) -> Result<Vec<u32>, BlockFileError> {
    let refused = |source| BlockFileError::Read { path: folder.to_owned(), source };
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let number = entry.file_name().to_str().and_then(|name| number_of(name, kind));
        if let Some(number) = number.filter(|_| entry.path().is_file()) {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn number_of(name: &str, kind: Kind) -> Option<u32> {
    let digits = name.strip_prefix(kind.prefix())?.strip_suffix(".dat")?;
    let number: u32 = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    // `blk000000.dat` beside `blk00000.dat` is a stranger.
    (kind.file_name(number) == name).then_some(number)
}

/// One file, uncovered while it is read.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    file: File,
    key: XorKey,
}

impl Source {
    pub(crate) fn open(dir: &BlockDir, kind: Kind, number: u32) -> Result<Self, BlockFileError> {
        let path = dir.folder.join(kind.file_name(number));
        match File::open(&path) {
            Ok(file) => Ok(Self { path, file, key: dir.key }),
            Err(source) => Err(BlockFileError::Read { path, source }),
        }
    }

    /// Length of the file now; it may grow.
    pub(crate) fn len(&self) -> Result<u64, BlockFileError> {
        self.file.metadata().map(|meta| meta.len()).map_err(|source| self.refused(source))
    }

    /// Fills `buffer` from `offset` as far as the file reaches; returns how many bytes it had.
    pub(crate) fn read_up_to(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize, BlockFileError> {
        let got = read_at(&mut self.file, buffer, offset).map_err(|source| self.refused(source))?;
        self.key.apply(&mut buffer[..got], offset);
        Ok(got)
    }

    /// Fills `buffer` from `offset`.
    pub(crate) fn read_exact(&mut self, buffer: &mut [u8], offset: u64) -> Result<(), BlockFileError> {
        let got = self.read_up_to(buffer, offset)?;
        if got < buffer.len() && !cfg!(feature = "plant-short-read") {
            let (got, want) = (got as u64, buffer.len() as u64);
            return Err(BlockFileError::Truncated { path: self.path.clone(), offset, got, want });
        }
        Ok(())
    }

    /// The bytes before the key was applied, for telling what is wrong with a key.
    pub(crate) fn covered(&self, mut bytes: [u8; 4], offset: u64) -> [u8; 4] {
        self.key.apply(&mut bytes, offset);
        bytes
    }

    /// Whether these uncovered bytes, read at `offset`, are space that was set aside and not written.
    ///
    /// Core sets space aside as plain zeros whatever the key, so uncovered they look like the key.
    pub(crate) fn is_blank(&self, bytes: &[u8], offset: u64) -> bool {
        self.first_written(bytes, offset).is_none()
    }

    /// The first of these bytes that is not blank.
    pub(crate) fn first_written(&self, bytes: &[u8], offset: u64) -> Option<usize> {
        let start = usize::try_from(offset % 8).expect("below 8");
        let keys = self.key.0.iter().cycle().skip(start);
        bytes.iter().zip(keys).position(|(byte, key)| *byte != 0 && byte != key)
    }

    fn refused(&self, source: io::Error) -> BlockFileError {
        BlockFileError::Read { path: self.path.clone(), source }
    }
}

/// Reads until the buffer is full or the file ends: one call may return less than there is.
fn read_at(file: &mut (impl Read + Seek), buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek(SeekFrom::Start(offset))?;
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(read) => got += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if cfg!(feature = "plant-short-read") {
            break;
        }
    }
    Ok(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most three bytes a call, and is interrupted before each.
    struct Reluctant {
        inner: io::Cursor<Vec<u8>>,
        interrupt: bool,
    }

    impl Read for Reluctant {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupt = !self.interrupt;
            if self.interrupt {
                return Err(ErrorKind::Interrupted.into());
            }
            let len = buffer.len().min(3);
            self.inner.read(&mut buffer[..len])
        }
    }

    impl Seek for Reluctant {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.inner.seek(to)
        }
    }

    #[test]
    fn a_short_read_is_not_the_end() {
        let mut file = Reluctant { inner: io::Cursor::new((0..50).collect()), interrupt: false };
        let mut buffer = [0; 20];
        assert_eq!(read_at(&mut file, &mut buffer, 10).expect("readable"), 20);
        assert!(buffer.iter().copied().eq(10..30));
        assert_eq!(read_at(&mut file, &mut buffer, 40).expect("readable"), 10);
    }

    #[test]
    fn strangers_are_told_from_block_files() {
        let of = |name| number_of(name, Kind::Blocks);
        assert_eq!(of("blk00000.dat"), Some(0));
        assert_eq!(of("blk100000.dat"), Some(100_000));
        for name in [
            "blk0000.dat",
            "blk000001.dat",
            "blk00000.dat.bak",
            "._blk00000.dat",
            "rev00000.dat",
            "blk+0001.dat",
            "xor.dat",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
