//! Core's compact forms for undo data: numbers, amounts and scripts (`serialize.h`, `compressor.cpp`).

use coinhound_model::LockKind;

use crate::bitcoin::curve::uncompressed_key;
use crate::bitcoin::decode::{Cursor, DecodeError, Fault, Field};
use crate::bitcoin::script::{OwnedLock, SCRIPT_LEN_MAX, classify_into, lock_script};

/// Script sizes below this are kinds of their own.
const SPECIAL: u64 = 6;

/// Reads Core's `VARINT`: seven bits a byte, most significant first, each continued byte counting one more.
pub(crate) fn take_number(cursor: &mut Cursor<'_>, field: Field) -> Result<u64, DecodeError> {
    let start = cursor.offset();
    let mut number = 0_u64;
    loop {
        let byte = cursor.byte(field)?;
        if number > u64::MAX >> 7 {
            return Err(cursor.error_at(start, field, Fault::NotAllowed));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
        number = number.checked_add(1).ok_or_else(|| cursor.error_at(start, field, Fault::NotAllowed))?;
    }
}

/// Appends a number as [`take_number`] reads it.
pub(super) fn put_number(out: &mut Vec<u8>, number: u64) {
    let mut bytes = vec![low_bits(number)];
    let mut rest = number;
    while rest > 0x7f {
        rest = (rest >> 7) - 1;
        bytes.push(low_bits(rest) | 0x80);
    }
    out.extend(bytes.iter().rev());
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).expect("seven bits")
}

/// An amount in its compact form: trailing decimal zeros as an exponent.
pub(super) fn compress_amount(amount: u64) -> u64 {
    if amount == 0 {
        return 0;
    }
    let (mut rest, mut exponent) = (amount, 0);
    while rest.is_multiple_of(10) && exponent < 9 {
        rest /= 10;
        exponent += 1;
    }
    if exponent < 9 { 1 + (rest / 10 * 9 + rest % 10 - 1) * 10 + exponent } else { 1 + (rest - 1) * 10 + 9 }
}

/// The amount of a compact form; `None` above 64 bits.
pub(super) fn decompress_amount(compact: u64) -> Option<u64> {
    let Some(rest) = compact.checked_sub(1) else { return Some(0) };
    let (rest, exponent) = (rest / 10, u32::try_from(rest % 10).expect("a digit"));
    let whole =
        if exponent < 9 { (rest / 9).checked_mul(10)?.checked_add(rest % 9 + 1)? } else { rest.checked_add(1)? };
    whole.checked_mul(10_u64.pow(exponent))
}

/// Reads a script in its compact form, classified.
pub(super) fn take_script(cursor: &mut Cursor<'_>) -> Result<OwnedLock, DecodeError> {
    let start = cursor.offset();
    let size = take_number(cursor, Field::UndoScriptLen)?;
    let of = |kind, payload: &[u8]| OwnedLock { kind, payload: payload.to_vec() };
    Ok(match size {
        0 => of(LockKind::PubKeyHash, cursor.take(20, Field::UndoScript)?),
        1 => of(LockKind::ScriptHash, cursor.take(20, Field::UndoScript)?),
        first @ (2 | 3) => {
            let x = cursor.take(32, Field::UndoKey)?;
            let first = u8::try_from(first).expect("2 or 3");
            OwnedLock { kind: LockKind::PubKey, payload: [&[first], x].concat() }
        }
        parity @ (4 | 5) => {
            let x = cursor.array(Field::UndoKey)?;
            let key = uncompressed_key(x, parity == 5);
            of(LockKind::PubKey, &key.ok_or_else(|| cursor.error_at(start, Field::UndoKey, Fault::NotAllowed))?)
        }
        size => take_whole(cursor, start, size - SPECIAL)?,
    })
}

fn take_whole(cursor: &mut Cursor<'_>, start: usize, len: u64) -> Result<OwnedLock, DecodeError> {
    let too_many = |cursor: &Cursor<'_>| cursor.error_at(start, Field::UndoScriptLen, Fault::TooMany);
    let len = usize::try_from(len).map_err(|_| too_many(cursor))?;
    if len > cursor.left() {
        return Err(too_many(cursor));
    }
    let mut payload = Vec::new();
    let kind = classify_into(cursor.take(len, Field::UndoScript)?, &mut payload);
    Ok(OwnedLock { kind, payload })
}

/// Appends a lock's script as [`take_script`] reads it.
pub(super) fn put_script(out: &mut Vec<u8>, lock: &OwnedLock) {
    let payload = lock.payload.as_slice();
    match (lock.kind, payload) {
        (LockKind::PubKeyHash, _) => put_special(out, 0, payload),
        (LockKind::ScriptHash, _) => put_special(out, 1, payload),
        (LockKind::PubKey, [first @ (2 | 3), x @ ..]) => put_special(out, *first, x),
        (LockKind::PubKey, [4, rest @ ..]) if is_point(payload) => put_special(out, 4 | payload[64] & 1, &rest[..32]),
        _ => {
            let script = lock_script(lock.as_lock());
            debug_assert!(script.len() <= SCRIPT_LEN_MAX, "longer scripts are never spent");
            put_number(out, script.len() as u64 + SPECIAL);
            out.extend(script);
        }
    }
}

fn put_special(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend(bytes);
}

/// Whether an uncompressed key is a point: only then may its second half be left out.
fn is_point(key: &[u8]) -> bool {
    let x = key[1..].first_chunk().expect("an uncompressed key has 65 bytes");
    uncompressed_key(x, key[64] & 1 == 1).is_some_and(|whole| whole == *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_cores_form() {
        // Vectors of Core's serialize_tests.cpp.
        let vectors: [(u64, &[u8]); 8] = [
            (0, &[0x00]),
            (0x7f, &[0x7f]),
            (0x80, &[0x80, 0x00]),
            (0x1234, &[0xa3, 0x34]),
            (0xffff, &[0x82, 0xfe, 0x7f]),
            (0x12_3456, &[0xc7, 0xe7, 0x56]),
            (0xffff_ffff, &[0x8e, 0xfe, 0xfe, 0xfe, 0x7f]),
            (u64::MAX, &[0x80, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0x7f]),
        ];
        for (number, bytes) in vectors {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(out, bytes);
            assert_eq!(take_number(&mut Cursor::new(bytes), Field::UndoCode), Ok(number));
        }
        let above = [0x80, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xff, 0x00];
        assert!(take_number(&mut Cursor::new(&above), Field::UndoCode).is_err());
        assert!(take_number(&mut Cursor::new(&[0xff; 20]), Field::UndoCode).is_err());
    }

    #[test]
    fn amounts_take_cores_form() {
        // Vectors of Core's compress_tests.cpp.
        for (amount, compact) in
            [(0, 0), (1, 1), (1_000_000, 7), (100_000_000, 9), (5_000_000_000, 50), (2_100_000_000_000_000, 21_000_000)]
        {
            assert_eq!(compress_amount(amount), compact);
            assert_eq!(decompress_amount(compact), Some(amount));
        }
        for amount in (0..100_000).chain((0..64).map(|bit| 1_u64 << bit).filter(|amount| *amount < 1 << 60)) {
            assert_eq!(decompress_amount(compress_amount(amount)), Some(amount));
        }
        assert_eq!(decompress_amount(u64::MAX), None);
    }
}
