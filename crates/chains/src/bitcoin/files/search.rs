//! Finding blocks in bytes that are not in frames: after damage, or with an unknown key.

use std::ops::Range;

use crate::bitcoin::files::error::{BlockFileError, Kind};
use crate::bitcoin::files::io::{Source, list};
use crate::bitcoin::files::{BlockDir, Record};
use crate::bitcoin::header::Header;
use crate::bitcoin::params::{Network, Params};
use crate::bitcoin::tx::TX_LEN_MIN;

/// Magic and length before each block.
pub(crate) const FRAME_LEN: u64 = 8;
/// A frame with its block's header.
pub(crate) const FRAME_HEADER_LEN: usize = 88;
/// Length of the shortest block: a header, a count, one transaction.
const BLOCK_LEN_MIN: usize = Header::LEN + 1 + TX_LEN_MIN;
/// How much is read at a time.
const CHUNK_LEN: usize = 1 << 20;
/// How far into a file a first block is looked for when its first bytes are none.
const PROBE_LEN: u64 = 8_000_000;
/// How many files are probed that way.
const PROBE_FILES: usize = 3;

/// The record whose frame these bytes are, if magic, length and target say so.
///
/// `work` asks for the work too, as the place of a frame that is searched for needs it. Where a frame is
/// expected, work that takes long is left to the header tree, which checks every header anyway.
pub(crate) fn frame(bytes: &[u8; FRAME_HEADER_LEN], file: u32, at: u64, params: &Params, work: bool) -> Option<Record> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (len, header) = rest.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len);
    if *magic != params.magic || !(BLOCK_LEN_MIN..=params.block_len_max()).contains(&(len as usize)) {
        return None;
    }
    let header = Header::from_bytes(header.first_chunk()?);
    let hash = header.hash();
    if work || !params.pow.is_slow() {
        header.check_work(hash, params).ok()?;
    } else {
        header.check_target(hash, params).ok()?;
    }
    Some(Record { file, offset: at + FRAME_LEN, len, header, hash })
}

/// Where the next frame begins, at `from` or later and before `to`.
pub(crate) fn next_frame(
    source: &mut Source,
    file: u32,
    from: u64,
    to: u64,
    params: &Params,
) -> Result<Option<u64>, BlockFileError> {
    next_magic(source, params.magic, from..to, &mut |source, start| {
        let mut head = [0; FRAME_HEADER_LEN];
        let got = source.read_up_to(&mut head, start)?;
        Ok(got == head.len() && frame(&head, file, start, params, true).is_some())
    })
}

/// The first place in a range where the magic stands and `accept` agrees.
pub(crate) fn next_magic(
    source: &mut Source,
    magic: [u8; 4],
    range: Range<u64>,
    accept: &mut dyn FnMut(&mut Source, u64) -> Result<bool, BlockFileError>,
) -> Result<Option<u64>, BlockFileError> {
    let mut buffer = vec![0; CHUNK_LEN];
    let mut at = range.start;
    while at < range.end {
        let want = usize::try_from(range.end - at).map_or(CHUNK_LEN, |left| left.min(CHUNK_LEN));
        let got = source.read_up_to(&mut buffer[..want], at)?;
        for start in magics(&buffer[..got], magic) {
            if accept(source, at + start as u64)? {
                return Ok(Some(at + start as u64));
            }
        }
        if got < magic.len() {
            break;
        }
        // The last three bytes may begin a magic that the next chunk ends.
        at += (got - 3) as u64;
    }
    Ok(None)
}

fn magics(bytes: &[u8], magic: [u8; 4]) -> impl Iterator<Item = usize> + '_ {
    bytes.windows(4).enumerate().filter(move |(_, window)| **window == magic).map(|(at, _)| at)
}

/// The first byte at `from` or later that was written.
pub(crate) fn first_written(source: &mut Source, from: u64) -> Result<Option<u64>, BlockFileError> {
    let mut buffer = vec![0; CHUNK_LEN];
    let mut at = from;
    loop {
        let got = source.read_up_to(&mut buffer, at)?;
        if let Some(found) = source.first_written(&buffer[..got], at) {
            return Ok(Some(at + found as u64));
        }
        if got < buffer.len() {
            return Ok(None);
        }
        at += got as u64;
    }
}

/// Refuses a folder whose files are not this network's under this key.
pub(crate) fn probe(dir: &BlockDir, with_key: bool) -> Result<(), BlockFileError> {
    let files = list(&dir.folder, Kind::Blocks)?;
    if files.is_empty() {
        return Err(BlockFileError::NoBlockFiles { path: dir.folder.clone() });
    }
    let mut unrecognised = None;
    for file in files {
        let mut source = Source::open(dir, Kind::Blocks, file)?;
        match first_magic(&mut source)? {
            None => {}
            Some(magic) if magic == dir.params.magic => return Ok(()),
            Some(magic) => {
                unrecognised.get_or_insert_with(Vec::new).push((file, source, magic));
            }
        }
        if unrecognised.as_ref().is_some_and(|seen: &Vec<_>| seen.len() >= PROBE_FILES) {
            break;
        }
    }
    unrecognised.map_or(Ok(()), |seen| probe_deeper(dir, with_key, seen))
}

/// The first four bytes of a file that has any block in it: not empty, not all zero.
fn first_magic(source: &mut Source) -> Result<Option<[u8; 4]>, BlockFileError> {
    let mut magic = [0; 4];
    let got = source.read_up_to(&mut magic, 0)?;
    Ok((got == magic.len() && !source.is_blank(&magic, 0)).then_some(magic))
}

/// Tells why no file begins with the magic, unless a block is found further in.
fn probe_deeper(dir: &BlockDir, with_key: bool, seen: Vec<(u32, Source, [u8; 4])>) -> Result<(), BlockFileError> {
    let expected = dir.params.network;
    let mut first_error = None;
    for (file, mut source, magic) in seen {
        let path = source.path.clone();
        let error = if let Some(found) = Network::of_magic(magic) {
            BlockFileError::WrongNetwork { path, found, expected }
        } else if Network::of_magic(source.covered(magic, 0)).is_some() {
            BlockFileError::KeyNotUsed { path }
        } else if next_frame(&mut source, file, 0, PROBE_LEN, &dir.params)?.is_some() {
            return Ok(());
        } else {
            BlockFileError::Unrecognised { path, expected, with_key }
        };
        first_error.get_or_insert(error);
    }
    first_error.map_or(Ok(()), Err)
}
