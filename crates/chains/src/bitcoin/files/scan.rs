//! The first pass: frames and headers of every file, damage stepped over.
//!
//! As long as one frame ends where the next begins, only 88 bytes a block are read. Where it does not,
//! the block before is checked whole: if it is sound, what follows is a gap; if not, its length cannot be
//! trusted, and the next frame is looked for inside it. So a wrong length never swallows a good block.

use std::collections::HashMap;

use coinhound_model::BlockHash;

use crate::bitcoin::block::parse_block;
use crate::bitcoin::files::error::{BlockFileError, Kind, Notice};
use crate::bitcoin::files::io::{Source, list};
use crate::bitcoin::files::search::{FRAME_HEADER_LEN, FRAME_LEN, first_written, frame, next_frame};
use crate::bitcoin::files::{BlockDir, Record};

/// How far a file was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileMark {
    /// Number of the blk file.
    pub file: u32,
    /// Where the next frame is expected.
    pub next: u64,
}

/// What a scan found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scan {
    /// Every block, in the order found: earlier scans first, then by file and offset.
    pub records: Vec<Record>,
    /// What should be told, earlier scans' gaps and damage included.
    pub notices: Vec<Notice>,
    /// How far each file was read, by number.
    pub marks: Vec<FileMark>,
    /// How many of `records` earlier scans had found.
    pub known: usize,
}

/// How far a scan has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScanProgress {
    /// Files done.
    pub files: usize,
    /// Files to do.
    pub files_total: usize,
    /// Blocks found so far.
    pub blocks: usize,
}

pub(super) fn rescan(
    dir: &BlockDir,
    known: Scan,
    progress: &mut dyn FnMut(ScanProgress),
) -> Result<Scan, BlockFileError> {
    let files = list(&dir.folder, Kind::Blocks)?;
    let mut scan = drop_changed(dir, known, &files)?;
    if let Some(first) = files.first().copied().filter(|first| *first > 0) {
        scan.notices.push(Notice::StartsLate { first });
    }
    for (done, &file) in files.iter().enumerate() {
        progress(ScanProgress { files: done, files_total: files.len(), blocks: scan.records.len() });
        let from = scan.marks.iter().find(|mark| mark.file == file).map_or(0, |mark| mark.next);
        let next = FileScan::new(dir, file, from, &mut scan)?.run()?;
        scan.marks.retain(|mark| mark.file != file);
        scan.marks.push(FileMark { file, next });
    }
    progress(ScanProgress { files: files.len(), files_total: files.len(), blocks: scan.records.len() });
    scan.marks.sort_unstable_by_key(|mark| mark.file);
    Ok(scan)
}

/// The sound blocks of one blk file, by offset; none when there is no such file.
pub(crate) fn blocks_of_file(dir: &BlockDir, file: u32) -> Result<Vec<Record>, BlockFileError> {
    if list(&dir.folder, Kind::Blocks)?.binary_search(&file).is_err() {
        return Ok(Vec::new());
    }
    let mut scan = Scan::default();
    FileScan::new(dir, file, 0, &mut scan)?.run()?;
    Ok(scan.records)
}

/// Forgets what an earlier scan said of files that are gone or are not what they were.
fn drop_changed(dir: &BlockDir, mut known: Scan, files: &[u32]) -> Result<Scan, BlockFileError> {
    known.notices.retain(|notice| matches!(notice, Notice::Gap { .. } | Notice::Damaged { .. }));
    let last: HashMap<u32, Record> = known.records.iter().map(|record| (record.file, *record)).collect();
    let mut dropped = Vec::new();
    for mark in &known.marks {
        let notice = if files.binary_search(&mark.file).is_err() {
            Notice::Gone { file: mark.file }
        } else if is_rewritten(dir, last.get(&mark.file), *mark)? {
            Notice::Rewritten { file: mark.file }
        } else {
            continue;
        };
        dropped.push((mark.file, notice));
    }
    for (file, notice) in dropped {
        known.marks.retain(|mark| mark.file != file);
        known.records.retain(|record| record.file != file);
        known.notices.retain(
            |notice| !matches!(notice, Notice::Gap { file: f, .. } | Notice::Damaged { file: f, .. } if *f == file),
        );
        known.notices.push(notice);
    }
    known.known = known.records.len();
    Ok(known)
}

/// Whether a file no longer holds the last block that was found in it.
fn is_rewritten(dir: &BlockDir, last: Option<&Record>, mark: FileMark) -> Result<bool, BlockFileError> {
    let mut source = Source::open(dir, Kind::Blocks, mark.file)?;
    let Some(last) = last else {
        return Ok(source.len()? < mark.next);
    };
    let mut header = [0; 80];
    let got = source.read_up_to(&mut header, last.offset)?;
    Ok(got < header.len() || header != last.header.to_bytes() || source.len()? < mark.next)
}

/// One file being read.
struct FileScan<'d, 's> {
    dir: &'d BlockDir,
    file: u32,
    source: Source,
    len: u64,
    at: u64,
    scan: &'s mut Scan,
    /// Whether the last record belongs to this pass and ends at `at`.
    unproven: bool,
}

impl<'d, 's> FileScan<'d, 's> {
    fn new(dir: &'d BlockDir, file: u32, from: u64, scan: &'s mut Scan) -> Result<Self, BlockFileError> {
        let source = Source::open(dir, Kind::Blocks, file)?;
        let len = source.len()?;
        // What lies from here on is read again, and told again if it still is so.
        scan.notices.retain(|notice| notice.place().is_none_or(|(at_file, at)| at_file != file || at < from));
        Ok(Self { dir, file, source, len, at: from, scan, unproven: false })
    }

    /// Reads to the end of the file; returns where the next frame is expected.
    fn run(mut self) -> Result<u64, BlockFileError> {
        while self.at < self.len {
            if !self.step()? {
                break;
            }
        }
        Ok(self.at)
    }

    /// Reads one frame, or steps over what is none; false at the end.
    fn step(&mut self) -> Result<bool, BlockFileError> {
        let mut head = [0; FRAME_HEADER_LEN];
        let got = self.source.read_up_to(&mut head, self.at)?;
        let record = frame(&head, self.file, self.at, &self.dir.params, false);
        if let Some(record) = record.filter(|_| got == head.len()) {
            return self.framed(record);
        }
        if self.source.is_blank(&head[..got], self.at) {
            return self.blank();
        }
        if self.begins_frame(&head[..got]) {
            return Ok(self.not_yet(got as u64, FRAME_HEADER_LEN as u64));
        }
        self.resync()
    }

    /// Whether a frame was begun here and the file ends before its header does.
    fn begins_frame(&self, head: &[u8]) -> bool {
        let magic = self.dir.params.magic;
        let shared = head.len().min(magic.len());
        head.len() < FRAME_HEADER_LEN && head[..shared] == magic[..shared]
    }

    fn framed(&mut self, record: Record) -> Result<bool, BlockFileError> {
        let end = record.offset + u64::from(record.len);
        if end > self.len {
            return self.overrun(record, end);
        }
        self.scan.records.push(record);
        self.at = end;
        self.unproven = true;
        Ok(true)
    }

    /// A frame that reaches past the end: unfinished, unless whole blocks begin inside it.
    fn overrun(&mut self, record: Record, end: u64) -> Result<bool, BlockFileError> {
        match self.search(record.offset)? {
            None => Ok(self.not_yet(self.len - self.at, end - self.at)),
            Some(next) => {
                let reason = format!("it would reach {} bytes past the end of the file", end - self.len);
                self.damaged(record, reason);
                self.step_over(next);
                Ok(true)
            }
        }
    }

    /// Space set aside: the end, unless something was written behind it.
    fn blank(&mut self) -> Result<bool, BlockFileError> {
        if let Some((record, reason)) = self.disprove_last()? {
            // Its frame is there and its body is not: written later, or never.
            let found = self.search(record.offset)?;
            self.unwind(record);
            if found.is_none() {
                return Ok(self.not_yet(FRAME_HEADER_LEN as u64, FRAME_LEN + u64::from(record.len)));
            }
            self.damaged(record, reason);
            return Ok(self.step_over_or_end(found));
        }
        let Some(written) = first_written(&mut self.source, self.at)? else { return Ok(false) };
        // A magic's first bytes may look blank by chance: search from where it could begin.
        let found = self.search(written.saturating_sub(3).max(self.at))?;
        Ok(self.step_over_or_end(found))
    }

    /// Neither a frame nor blank: finds the next frame, inside the block before if that is unsound.
    fn resync(&mut self) -> Result<bool, BlockFileError> {
        let disproved = self.disprove_last()?;
        let from = disproved.as_ref().map_or(self.at, |(record, _)| record.offset);
        let found = self.search(from)?;
        if let Some((record, reason)) = disproved {
            self.unwind(record);
            self.damaged(record, reason);
        }
        Ok(self.step_over_or_end(found))
    }

    /// The last block of this pass with what is wrong with it, when it is not sound.
    fn disprove_last(&mut self) -> Result<Option<(Record, String)>, BlockFileError> {
        let Some(record) = self.scan.records.last().copied().filter(|_| self.unproven) else { return Ok(None) };
        let mut bytes = vec![0; record.len as usize];
        self.source.read_exact(&mut bytes, record.offset)?;
        self.unproven = false;
        Ok(parse_block(&bytes, &self.dir.params).err().map(|reason| (record, reason.to_string())))
    }

    fn search(&mut self, from: u64) -> Result<Option<u64>, BlockFileError> {
        next_frame(&mut self.source, self.file, from, self.len, &self.dir.params)
    }

    fn unwind(&mut self, record: Record) {
        self.scan.records.pop();
        self.at = record.offset - FRAME_LEN;
        self.unproven = false;
    }

    fn damaged(&mut self, record: Record, reason: String) {
        let Record { file, offset, hash, .. } = record;
        self.scan.notices.push(Notice::Damaged { file, offset, hash, reason });
    }

    fn step_over(&mut self, next: u64) {
        self.scan.notices.push(Notice::Gap { file: self.file, offset: self.at, len: next - self.at });
        self.at = next;
        self.unproven = false;
    }

    /// Goes on at the next frame; without one, ends here and tries again on the next run.
    fn step_over_or_end(&mut self, next: Option<u64>) -> bool {
        let Some(next) = next else {
            let len = self.len - self.at;
            self.scan.notices.push(Notice::Gap { file: self.file, offset: self.at, len });
            return false;
        };
        self.step_over(next);
        true
    }

    fn not_yet(&mut self, got: u64, want: u64) -> bool {
        self.scan.notices.push(Notice::NotYet { file: self.file, offset: self.at, got, want });
        false
    }
}

impl Scan {
    /// The hashes of blocks whose bodies were found damaged.
    pub fn damaged(&self) -> impl Iterator<Item = BlockHash> + '_ {
        self.notices.iter().filter_map(|notice| match notice {
            Notice::Damaged { hash, .. } => Some(*hash),
            _ => None,
        })
    }
}
