//! A block file of 64 KiB cut at every length and with flipped bits: the store holds the blocks before the damage,
//! or everything, and what was lost is told with its place. Never anything else.

use std::collections::BTreeMap;

use coinhound_chains::bitcoin::files::Notice;
use coinhound_chains::bitcoin::{Header, Network};
use coinhound_ingest::Outcome;
use coinhound_sim::Sealed;

use crate::forks::Branch;
use crate::support::{Content, Site, assert_same, count, framed, fresh};

const FILE: &str = "blk00000.dat";
const LEN: usize = 64 << 10;
const FRAME_LEN: usize = 8;

/// A file of at least 64 KiB, the blocks in it, and the store of every number of them.
struct Sound {
    bytes: Vec<u8>,
    blocks: Vec<Sealed>,
    /// Where each frame begins, and the end.
    starts: Vec<usize>,
    prefixes: Vec<Content>,
}

impl Sound {
    fn new() -> Self {
        let mut branch = Branch::new(400);
        let mut starts = vec![0, framed(&branch.blocks).len()];
        while starts[branch.blocks.len()] < LEN {
            branch.grow(&[]);
            starts.push(starts[branch.blocks.len() - 1] + FRAME_LEN + branch.blocks[branch.tip()].bytes.len());
        }
        let blocks = branch.blocks;
        let prefixes = (0..=blocks.len()).map(|count| if count == 0 { nothing() } else { fresh(&blocks[..count]) });
        Self { bytes: framed(&blocks), starts, prefixes: prefixes.collect(), blocks }
    }

    /// Which block a byte of the file belongs to.
    fn block_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }
}

/// What a store holds before its first commit.
fn nothing() -> Content {
    Content::new()
}

/// Loads these bytes as the only file.
fn load(bytes: &[u8]) -> (Site, Outcome) {
    let mut site = Site::new();
    site.put_bytes(FILE, bytes);
    let outcome = site.load();
    (site, outcome)
}

/// Whether something is told about this place of the file, or one within `block`.
fn is_told(outcome: &Outcome, within: std::ops::RangeInclusive<usize>) -> bool {
    let unusable = outcome.unusable.iter().map(|block| (block.file, block.offset));
    let mut places = unusable.chain(outcome.notices.iter().filter_map(Notice::place));
    places.any(|(file, offset)| file == 0 && within.contains(&usize::try_from(offset).expect("a small file")))
}

/// Every length or, everyday, a part of them that meets each frame's first bytes and last.
fn lengths(sound: &Sound) -> Vec<usize> {
    let step = usize::try_from(count(173, 1)).expect("small");
    let mut lengths: Vec<usize> = (0..sound.bytes.len()).step_by(step).collect();
    let edges = [0, 1, 3, 4, 8, 87, 88, 89].map(|after| sound.starts.iter().map(move |start| start + after));
    lengths.extend(edges.into_iter().flatten().chain(sound.starts.iter().skip(1).map(|end| end - 1)));
    lengths.retain(|length| *length <= sound.bytes.len());
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

#[test]
fn a_file_cut_anywhere_gives_the_store_of_its_whole_blocks() {
    let sound = Sound::new();
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for length in lengths(&sound) {
        let (site, outcome) = load(&sound.bytes[..length]);
        let whole = sound.starts.partition_point(|start| *start <= length) - 1;
        assert_same(&site.content(), &sound.prefixes[whole], &format!("cut at {length}"));
        assert_eq!(outcome.range.map_or(0, |(_, tip, _)| tip.0 as usize + 1), whole);
        let start = sound.starts[whole];
        let class = if start == length { "at a block's end" } else { "not yet" };
        let not_yet = matches!(outcome.notices[..], [Notice::NotYet { .. }]) && is_told(&outcome, start..=start);
        assert!(if start == length { outcome.notices.is_empty() } else { not_yet }, "cut at {length}: {outcome:?}");
        *told.entry(class).or_default() += 1;
    }
    eprintln!("truncations of {} bytes: {told:?}", sound.bytes.len());
    assert!(told["not yet"] > 300 && told["at a block's end"] > 30, "{told:?}");
}

/// Which bits to flip: every `step`-th.
fn bits(sound: &Sound) -> impl Iterator<Item = usize> {
    let step = usize::try_from(count(521, 3)).expect("small");
    let headers = sound.starts.iter().take(sound.blocks.len()).skip(1).step_by(4);
    let of_headers: Vec<usize> = headers.flat_map(|start| (start * 8..(start + 88) * 8).step_by(29)).collect();
    (0..sound.bytes.len() * 8).step_by(step).chain(of_headers)
}

/// The middle one of the times of the newest eleven blocks.
fn median_time(blocks: &[Sealed]) -> u32 {
    let mut times: Vec<u32> = blocks.iter().rev().take(11).map(|block| block.time).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The block whose header the flip changed so that it still is one: regtest asks for almost no work.
fn another_block(sound: &Sound, block: usize, bytes: &[u8], byte: usize) -> Option<Vec<Sealed>> {
    let start = sound.starts[block] + FRAME_LEN;
    let header = Header::from_bytes(bytes[start..].first_chunk()?);
    let same_place = (start..start + 80).contains(&byte) && header.prev == sound.blocks[block].prev;
    let same_body = header.merkle_root == Header::from_bytes(sound.blocks[block].bytes.first_chunk()?).merkle_root;
    let worked = header.check_work(header.hash(), Network::Regtest.params()).is_ok();
    if !(same_place && same_body && worked) || block == 0 || header.time <= median_time(&sound.blocks[..block]) {
        return None;
    }
    let mut blocks = sound.blocks[..block].to_vec();
    let bytes = bytes[start..sound.starts[block + 1]].to_vec();
    blocks.push(Sealed { hash: header.hash(), bytes, ..sound.blocks[block].clone() });
    Some(blocks)
}

/// What a flip did, or a panic when it did what it must not.
fn classify(sound: &Sound, bit: usize) -> &'static str {
    let mut bytes = sound.bytes.clone();
    let byte = bit / 8;
    bytes[byte] ^= 1 << (bit % 8);
    let block = sound.block_at(byte);
    let about = format!("bit {bit}, byte {} of block {block}", byte - sound.starts[block]);
    let mut site = Site::new();
    site.put_bytes(FILE, &bytes);
    let outcome = match site.try_load() {
        Ok(outcome) => outcome,
        Err(error) => {
            // Without its genesis block nothing tells the chain's beginning, or its first bytes its network.
            assert!(block == 0 || byte < 4, "{about}: {error}");
            assert_same(&site.content(), &nothing(), &about);
            return "refused";
        }
    };
    let content = site.content();
    if let Some(blocks) = another_block(sound, block, &bytes, byte) {
        assert_same(&content, &fresh(&blocks), &about);
        let waiting = u32::try_from(sound.blocks.len() - block - 1).expect("few");
        assert_eq!(outcome.gaps.iter().map(|gap| gap.waiting).sum::<u32>(), waiting, "{about}: {outcome:?}");
        return "another block with its own proof of work";
    }
    let (start, end) = (sound.starts[block], sound.starts[block + 1]);
    // A header that names another parent, or claims another target, hangs on nothing or is refused.
    let gap = outcome.gaps.first().map(|gap| gap.from.0 as usize);
    let no_place = !outcome.refused.is_empty() || gap.is_some_and(|from| from == block || from + 1 == block);
    assert!(is_told(&outcome, start..=end) || no_place, "{about}: {outcome:?}");
    if block == 0 {
        // The rest stands on its own: a range that begins at height 1 and says so.
        let first = outcome.range.map(|(first, ..)| first.0);
        assert!(first.is_none_or(|first| first == 1), "{about}: {outcome:?}");
        return "a range without its first block";
    }
    assert_same(&content, &sound.prefixes[block], &about);
    let last = block + 1 == sound.blocks.len();
    assert!(last || !outcome.gaps.is_empty(), "{about}: {outcome:?}");
    if last { "told at the end" } else { "a gap" }
}

#[test]
fn a_flipped_bit_anywhere_is_told_with_its_place() {
    let sound = Sound::new();
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for bit in bits(&sound) {
        *told.entry(classify(&sound, bit)).or_default() += 1;
    }
    eprintln!("flips in {} bytes: {told:?}", sound.bytes.len());
    assert!(told["a gap"] > 500, "{told:?}");
}
