//! A scan as bytes, so that the next run need not read old headers again.
//!
//! Little-endian: `CHSCAN01`; counts of records, marks, notices (u32 each); records of file u32, offset
//! u64, length u32, header 80 bytes; marks of file u32, next u64; notices of kind u8 (0 gap, 1 damaged),
//! file u32, offset u64, length u64, hash 32, reason length u16, reason; the double SHA-256 of all before.

use coinhound_model::Hash256;

use crate::bitcoin::files::Record;
use crate::bitcoin::files::error::Notice;
use crate::bitcoin::files::scan::{FileMark, Scan};
use crate::bitcoin::hash::double_sha256;
use crate::bitcoin::header::Header;

const MAGIC: &[u8; 8] = b"CHSCAN01";
const REASON_LEN_MAX: usize = 1_000;

/// Bytes that are not a saved scan; scanning anew replaces them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the saved scan of block files is damaged or of another version: the folder must be scanned anew")]
pub struct IndexError;

impl Scan {
    /// The scan as bytes for [`Scan::from_bytes`]. Of the notices, gaps and damage are kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let kept: Vec<&Notice> =
            self.notices.iter().filter(|n| matches!(n, Notice::Gap { .. } | Notice::Damaged { .. })).collect();
        let mut out = MAGIC.to_vec();
        for count in [self.records.len(), self.marks.len(), kept.len()] {
            out.extend(u32::try_from(count).expect("fewer than 2^32 blocks").to_le_bytes());
        }
        for record in &self.records {
            out.extend(record.file.to_le_bytes());
            out.extend(record.offset.to_le_bytes());
            out.extend(record.len.to_le_bytes());
            out.extend(record.header.to_bytes());
        }
        for mark in &self.marks {
            out.extend(mark.file.to_le_bytes());
            out.extend(mark.next.to_le_bytes());
        }
        kept.into_iter().for_each(|notice| put_notice(&mut out, notice));
        let sum = double_sha256(&out);
        out.extend(sum.0);
        out
    }

    /// Reads what [`Scan::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`IndexError`] on any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IndexError> {
        let (body, sum) = bytes.split_last_chunk::<32>().ok_or(IndexError)?;
        if double_sha256(body) != Hash256(*sum) {
            return Err(IndexError);
        }
        let mut rest = Reader(body.strip_prefix(MAGIC).ok_or(IndexError)?);
        let [records, marks, notices] = [rest.u32()?, rest.u32()?, rest.u32()?];
        let records: Vec<Record> = (0..records).map(|_| rest.record()).collect::<Result<_, _>>()?;
        let marks =
            (0..marks).map(|_| Ok(FileMark { file: rest.u32()?, next: rest.u64()? })).collect::<Result<_, _>>()?;
        let notices = (0..notices).map(|_| rest.notice()).collect::<Result<_, _>>()?;
        let known = records.len();
        if rest.0.is_empty() { Ok(Self { records, notices, marks, known }) } else { Err(IndexError) }
    }
}

fn put_notice(out: &mut Vec<u8>, notice: &Notice) {
    let (kind, file, offset, len, hash, reason) = match notice {
        Notice::Gap { file, offset, len } => (0, file, offset, *len, Hash256::ZERO, ""),
        Notice::Damaged { file, offset, hash, reason } => (1, file, offset, 0, *hash, reason.as_str()),
        _ => return,
    };
    let mut cut = reason.len().min(REASON_LEN_MAX);
    while !reason.is_char_boundary(cut) {
        cut -= 1;
    }
    out.push(kind);
    out.extend(file.to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend(len.to_le_bytes());
    out.extend(hash.0);
    out.extend(u16::try_from(cut).expect("at most 1,000").to_le_bytes());
    out.extend(&reason.as_bytes()[..cut]);
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], IndexError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(IndexError)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, IndexError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, IndexError> {
        self.array().map(u64::from_le_bytes)
    }

    fn record(&mut self) -> Result<Record, IndexError> {
        let (file, offset, len) = (self.u32()?, self.u64()?, self.u32()?);
        let header = Header::from_bytes(&self.array()?);
        Ok(Record { file, offset, len, header, hash: header.hash() })
    }

    fn notice(&mut self) -> Result<Notice, IndexError> {
        let [kind] = self.array()?;
        let (file, offset, len, hash) = (self.u32()?, self.u64()?, self.u64()?, Hash256(self.array()?));
        let reason_len = usize::from(u16::from_le_bytes(self.array()?));
        let (reason, rest) = self.0.split_at_checked(reason_len).ok_or(IndexError)?;
        self.0 = rest;
        match kind {
            0 => Ok(Notice::Gap { file, offset, len }),
            1 => Ok(Notice::Damaged { file, offset, hash, reason: String::from_utf8_lossy(reason).into_owned() }),
            _ => Err(IndexError),
        }
    }
}
