//! SipHash-2-4 (Aumasson and Bernstein, 2012): spreads locks over the buckets of their index.
//!
//! A payload is whatever somebody put on the chain, so its own first bytes would let anyone fill one
//! bucket for the price of the outputs. Under any good hash that takes 2^k tries for each address in a bucket
//! named by k bits; the key can be public because every store must agree on the bytes. A wider hash would make it
//! no dearer and takes a fifth of a load's time. Nothing is ever trusted to be equal because this is.

/// The hash of `message` under the 128-bit key `(k0, k1)`.
pub(crate) fn hash(k0: u64, k1: u64, message: &[u8]) -> u64 {
    let mut state = State([
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = message.as_chunks::<8>();
    words.iter().for_each(|word| state.absorb(u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = message.len().to_le_bytes()[0];
    state.absorb(u64::from_le_bytes(last));
    state.finish()
}

struct State([u64; 4]);

impl State {
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }

    fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        (0..4).for_each(|_| self.round());
        self.0.into_iter().fold(0, |all, word| all ^ word)
    }

    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        c = c.wrapping_add(d);
        b = b.rotate_left(13) ^ a;
        d = d.rotate_left(16) ^ c;
        a = a.rotate_left(32).wrapping_add(d);
        c = c.wrapping_add(b);
        d = d.rotate_left(21) ^ a;
        b = b.rotate_left(17) ^ c;
        self.0 = [a, b, c.rotate_left(32), d];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_function() {
        let message: Vec<u8> = (0..15).collect();
        let (k0, k1) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        assert_eq!(hash(k0, k1, &message), 0xa129_ca61_49be_45e5, "appendix A of the paper");
        assert_eq!(hash(k0, k1, &[]), 0x726f_db47_dd0e_0e31);
    }

    #[test]
    #[expect(deprecated, reason = "std keeps SipHash-2-4 under a deprecated name: a referee")]
    fn it_equals_the_standard_library_at_every_length() {
        use std::hash::{Hasher, SipHasher};
        let message: Vec<u8> = (0..200).collect();
        for len in 0..message.len() {
            let mut referee = SipHasher::new_with_keys(3, 0);
            referee.write(&message[..len]);
            assert_eq!(hash(3, 0, &message[..len]), referee.finish(), "{len}");
        }
    }
}
