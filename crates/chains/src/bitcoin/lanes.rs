//! Hashing many messages at once, two side by side.
//!
//! One SHA-256 stream leaves most of a processor idle: each round waits for the one before. Feeding
//! the blocks of two unrelated messages in turn lets it overlap them, by out-of-order execution alone:
//! 25.6 against 35.5 ns per 64-byte block on a Zen 4 core (a third and fourth stream gain nothing more).

use coinhound_model::Hash256;
use sha2::block_api::compress256;

/// SHA-256's state before the first block (FIPS 180-4, 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
const BLOCK: usize = 64;

/// Hashes each message twice with SHA-256 and hands each hash over with its message's index.
pub fn double_sha256_each<'a>(messages: impl Iterator<Item = &'a [u8]>, mut put: impl FnMut(usize, Hash256)) {
    let mut waiting = messages.enumerate();
    let mut left = waiting.next().map(Lane::new);
    let mut right = waiting.next().map(Lane::new);
    while let (Some(a), Some(b)) = (&mut left, &mut right) {
        let (a_done, b_done) = (a.step(), b.step());
        if a_done {
            put(a.index, a.digest());
            left = waiting.next().map(Lane::new);
        }
        if b_done {
            put(b.index, b.digest());
            right = waiting.next().map(Lane::new);
        }
    }
    for mut lane in left.into_iter().chain(right) {
        while !lane.step() {}
        put(lane.index, lane.digest());
    }
}

/// One message on its way through both rounds of hashing.
struct Lane<'a> {
    index: usize,
    state: [u32; 8],
    /// Whole blocks not hashed yet.
    body: &'a [[u8; BLOCK]],
    /// What follows them: the message's last bytes, padded, right-aligned.
    tail: [[u8; BLOCK]; 2],
    /// Blocks of `tail` hashed already.
    tail_at: usize,
    second_round: bool,
}

impl<'a> Lane<'a> {
    #[inline]
    fn new((index, message): (usize, &'a [u8])) -> Self {
        let (body, rest) = message.as_chunks();
        let mut tail = [[0; BLOCK]; 2];
        let tail_at = pad(rest, message.len(), &mut tail);
        Self { index, state: START, body, tail, tail_at, second_round: false }
    }

    /// Hashes one block; true when the digest is ready.
    #[inline]
    fn step(&mut self) -> bool {
        if let Some((block, rest)) = self.body.split_first() {
            compress256(&mut self.state, std::slice::from_ref(block));
            self.body = rest;
            return false;
        }
        compress256(&mut self.state, std::slice::from_ref(&self.tail[self.tail_at]));
        self.tail_at += 1;
        if self.tail_at < self.tail.len() {
            return false;
        }
        if self.second_round {
            return true;
        }
        let first = self.digest();
        self.tail_at = pad(&first.0, first.0.len(), &mut self.tail);
        self.state = START;
        self.second_round = true;
        false
    }

    #[inline]
    fn digest(&self) -> Hash256 {
        let mut bytes = [0; 32];
        for (four, word) in bytes.as_chunks_mut().0.iter_mut().zip(self.state) {
            *four = word.to_be_bytes();
        }
        Hash256(bytes)
    }
}

/// Writes the padded end of a message of `len` bytes right-aligned into `tail`: `rest`, a one bit,
/// zeros, the length in bits. Returns the index of its first block.
#[inline]
fn pad(rest: &[u8], len: usize, tail: &mut [[u8; BLOCK]; 2]) -> usize {
    let first = usize::from(rest.len() + 9 <= BLOCK);
    let flat = tail[first..].as_flattened_mut();
    flat.fill(0);
    flat[..rest.len()].copy_from_slice(rest);
    flat[rest.len()] = 0x80;
    let end = flat.len() - 8;
    flat[end..].copy_from_slice(&(len as u64 * 8).to_be_bytes());
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitcoin::hash::double_sha256;

    #[test]
    fn every_length_and_mix_of_lengths_hashes_as_one_by_one() {
        let bytes: Vec<u8> = (0..=255).cycle().take(700).collect();
        let messages: Vec<&[u8]> = (0..=300).map(|n| &bytes[n % 3..n % 3 + (n * 37) % 301]).collect();
        for count in [0, 1, 2, 3, 301] {
            let mut seen = vec![Hash256::ZERO; count];
            double_sha256_each(messages[..count].iter().copied(), |index, hash| seen[index] = hash);
            let one_by_one: Vec<Hash256> = messages[..count].iter().map(|m| double_sha256(m)).collect();
            assert_eq!(seen, one_by_one);
        }
    }
}
