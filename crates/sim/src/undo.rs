//! The write side of undo files (`rev*.dat`): what each block spent, in Bitcoin Core's own packing.

use coinhound_chains::bitcoin::encode::put_size;
use coinhound_chains::bitcoin::hash::double_sha256_of;
use coinhound_model::{BlockHash, Hash256};

/// An output at the moment it is spent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpentOutput {
    /// In satoshi.
    pub value: u64,
    /// Its locking script.
    pub lock: Vec<u8>,
    /// Height of the block that made it.
    pub height: u32,
    /// Whether a coinbase made it.
    pub coinbase: bool,
}

/// Scripts of no special form carry their length plus this.
const SPECIAL_FORMS: u64 = 6;

/// Appends one transaction's undo record: the outputs it spends, in input order.
pub fn put_tx_undo(out: &mut Vec<u8>, spent: &[SpentOutput]) {
    put_size(out, spent.len());
    spent.iter().for_each(|output| put_spent(out, output));
}

/// What stands after a block's undo record: a hash over its parent's name and the record.
#[must_use]
pub fn checksum(prev: BlockHash, record: &[u8]) -> Hash256 {
    double_sha256_of(&[&prev.0, record])
}

fn put_spent(out: &mut Vec<u8>, output: &SpentOutput) {
    put_varint(out, u64::from(output.height) * 2 + u64::from(output.coinbase));
    if output.height > 0 {
        out.push(0); // once the spent transaction's version, kept by Core for old readers
    }
    put_varint(out, compress_amount(output.value));
    put_script(out, &output.lock);
}

/// Core's own variable-length integer: seven bits a byte, high bytes first, each step biased by one.
fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    let mut bytes = Vec::with_capacity(10);
    loop {
        let more = if bytes.is_empty() { 0 } else { 0x80 };
        bytes.push(more | u8::try_from(value & 0x7f).expect("seven bits"));
        if value <= 0x7f {
            break;
        }
        value = (value >> 7) - 1;
    }
    out.extend(bytes.iter().rev());
}

/// Core's amount packing: trailing decimal zeros become an exponent.
fn compress_amount(mut satoshi: u64) -> u64 {
    if satoshi == 0 {
        return 0;
    }
    let mut exponent = 0;
    while satoshi.is_multiple_of(10) && exponent < 9 {
        satoshi /= 10;
        exponent += 1;
    }
    if exponent == 9 {
        return 1 + (satoshi - 1) * 10 + 9;
    }
    let (rest, digit) = (satoshi / 10, satoshi % 10);
    1 + (rest * 9 + digit - 1) * 10 + exponent
}

/// Core's script packing. Uncompressed keys are written out in full, which readers accept as well.
fn put_script(out: &mut Vec<u8>, lock: &[u8]) {
    match lock {
        [0x76, 0xa9, 20, hash @ .., 0x88, 0xac] if hash.len() == 20 => put_form(out, 0, hash),
        [0xa9, 20, hash @ .., 0x87] if hash.len() == 20 => put_form(out, 1, hash),
        [33, sign @ (2 | 3), x @ .., 0xac] if x.len() == 32 => put_form(out, *sign, x),
        _ => {
            put_varint(out, lock.len() as u64 + SPECIAL_FORMS);
            out.extend_from_slice(lock);
        }
    }
}

fn put_form(out: &mut Vec<u8>, form: u8, payload: &[u8]) {
    out.push(form);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_pack_as_in_cores_own_tests() {
        for (value, want) in [
            (0, "00"),
            (0x7f, "7f"),
            (0x80, "8000"),
            (0x1234, "a334"),
            (0xffff, "82fe7f"),
            (0x12_3456, "c7e756"),
            (0x8012_3456, "86ffc7e756"),
            (0xffff_ffff, "8efefefe7f"),
        ] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            let text: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text, want);
        }
    }

    #[test]
    fn amounts_pack_as_in_cores_own_tests() {
        for (satoshi, want) in
            [(0, 0), (1, 1), (1_000_000, 7), (100_000_000, 9), (5_000_000_000, 50), (2_100_000_000_000_000, 21_000_000)]
        {
            assert_eq!(compress_amount(satoshi), want);
        }
    }
}
