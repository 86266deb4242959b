//! What goes into a column comes out, and nothing in a file can make a reader panic.

use proptest::prelude::*;

use super::*;
use crate::error::Health;
use crate::page::{PageWriter, Sealed};
use crate::storage::{SimDisk, Storage};

fn packed_bytes(values: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PackedEncoder::new();
    values.iter().for_each(|value| encoder.push(*value, &mut bytes));
    encoder.finish(&mut bytes);
    bytes
}

fn fixed_bytes<T: Element>(values: &[T::Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert!(values.iter().all(|value| T::write(*value, &mut bytes)));
    bytes
}

/// A file whose data are `lead` bytes, the column's, and a few more.
fn file_of(column: &[u8], lead: usize) -> (SimDisk, Sealed) {
    let disk = SimDisk::new();
    let mut writer = PageWriter::new(disk.create("f").expect("empty disk"));
    let data = [&vec![0xee; lead], column, &[0xee; 9]].concat();
    writer.write(&data).expect("empty disk");
    (disk, writer.finish().expect("empty disk"))
}

/// A column as opening a table finds it: from an aligned place on.
fn span(column: &[u8], lead: usize, rows: usize) -> Span {
    let lead = lead.next_multiple_of(index(COLUMN_ALIGN));
    let (disk, sealed) = file_of(column, lead);
    let file = PageFile::open(&disk, "f", sealed, &Health::new()).expect("just written");
    let rows = u64::try_from(rows).expect("64-bit targets");
    Span { file: Arc::new(file), name: "c", start: lead, len: column.len(), rows }
}

fn packed(values: &[u64], lead: usize) -> Packed {
    Packed::new(span(&packed_bytes(values), lead, values.len()))
}

fn health(span: &Span) -> Result<(), DamageError> {
    span.file.health().check()
}

/// Integers of every size, in runs of like size as in real columns.
fn values() -> impl Strategy<Value = Vec<u64>> {
    let run = (0_u32..=64, any::<u64>(), prop::collection::vec(any::<u64>(), 0..300));
    let shape = |(bits, least, values): (u32, u64, Vec<u64>)| -> Vec<u64> {
        let narrow = |value: u64| value.checked_shr(64 - bits).unwrap_or(0);
        values.into_iter().map(|value| least.saturating_add(narrow(value))).collect()
    };
    prop::collection::vec(run.prop_map(shape), 0..4).prop_map(|runs| runs.concat())
}

proptest! {
    #[test]
    fn packed_values_come_back_by_row_range_and_order(values in values(), lead in 0_usize..8200, cut in any::<(u16, u16)>()) {
        let column = packed(&values, lead);
        prop_assert_eq!(column.len(), values.len() as u64);
        for (row, value) in values.iter().enumerate() {
            prop_assert_eq!(column.get(row as u64), *value);
        }
        let end = usize::from(cut.0) % (values.len() + 1);
        let start = usize::from(cut.1) % (end + 1);
        let mut decoded = vec![9];
        column.decode(start as u64..end as u64, &mut decoded);
        prop_assert_eq!(&decoded[1..], &values[start..end]);
        prop_assert!(column.iter(start as u64..end as u64).eq(values[start..end].iter().copied()));
        prop_assert_eq!(health(&column.span), Ok(()));
    }

    #[test]
    fn packed_bytes_are_no_more_than_the_spread_needs(values in values()) {
        let bytes = packed_bytes(&values).len();
        prop_assert!(bytes <= values.len() * 8 + values.len().div_ceil(128) * 32);
        prop_assert_eq!(packed_bytes(&values), packed_bytes(&values));
    }

    #[test]
    fn the_owner_of_a_thing_is_found_in_prefix_sums(counts in prop::collection::vec(0_u64..5, 0..600), thing in 0_u64..2000) {
        let sums: Vec<u64> = counts.iter().scan(0, |sum, count| { *sum += count; Some(*sum) }).collect();
        let column = packed(&sums, 64);
        prop_assert_eq!(column.upper_bound(thing), sums.partition_point(|sum| *sum <= thing) as u64);
        prop_assert_eq!(health(&column.span), Ok(()));
    }

    #[test]
    fn fixed_values_come_back(values in prop::collection::vec(0_u64..1 << 40, 0..3000), lead in 0_usize..5000) {
        let column = Fixed::<U40>::new(span(&fixed_bytes::<U40>(&values), lead, values.len()));
        let rows = column.len();
        prop_assert!(column.iter(0..rows).eq(values.iter().copied()));
        prop_assert_eq!(column.iter(0..rows).len(), values.len());
        prop_assert!((0..rows).map(|row| column.get(row)).eq(values.iter().copied()));
        prop_assert_eq!(column.slice(rows / 2..rows).len(), (values.len() - values.len() / 2) * 5);
        prop_assert_eq!(health(&column.span), Ok(()));
    }

    #[test]
    fn no_bytes_make_a_packed_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), rows in 0_usize..400, row in any::<u64>()) {
        let needed = entries_needed(rows);
        let bytes = &bytes[..bytes.len() / 16 * 16];
        prop_assume!(needed <= bytes.len());
        let column = Packed::new(span(bytes, 3, rows));
        let _ = (column.get(row), column.get(row % 400), column.upper_bound(row));
        prop_assert_eq!(column.iter(0..column.len()).count(), rows);
        let mut decoded = Vec::new();
        column.decode(0..column.len(), &mut decoded);
        prop_assert_eq!(decoded.len(), rows);
    }
}

fn entries_needed(rows: usize) -> usize {
    rows.div_ceil(128) * 16
}

#[test]
fn the_bytes_of_a_packed_column_are_these() {
    // Least 10, spread 5: three bits each, 0 1 2 5 -> 101 010 001 000; then the entry.
    let bytes = packed_bytes(&[10, 11, 12, 15]);
    let mut expected = vec![0b1000_1000, 0b1010];
    expected.resize(16, 0);
    expected.extend_from_slice(&[10, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes, expected);
    assert_eq!(packed_bytes(&[7; 300]).len(), 3 * 16, "equal values need no bits");
    assert!(packed_bytes(&[]).is_empty());
}

#[test]
fn integers_of_each_width_are_little_endian() {
    assert_eq!(fixed_bytes::<u16>(&[0x0102]), [2, 1]);
    assert_eq!(fixed_bytes::<U40>(&[0x01_0203_0405]), [5, 4, 3, 2, 1]);
    assert_eq!(fixed_bytes::<[u8; 3]>(&[[1, 2, 3]]), [1, 2, 3]);
    assert!(!U40::write(1 << 40, &mut Vec::new()), "41 bits do not fit");
    assert_eq!([u8::WIDTH, u32::WIDTH, u64::WIDTH, <[u8; 80]>::WIDTH], [1, 4, 8, 80]);
}

#[test]
fn byte_strings_are_slices_of_the_file() {
    let keys: Vec<[u8; 32]> = (0..500_u16).map(|i| std::array::from_fn(|_| i.to_le_bytes()[0])).collect();
    let column = Fixed::<[u8; 32]>::new(span(&fixed_bytes::<[u8; 32]>(&keys), 64, keys.len()));
    assert_eq!(column.arrays(0..500), keys);
    assert_eq!(column.arrays(499..500), &keys[499..]);
    assert_eq!(column.get(77), keys[77]);
    assert_eq!(column.partition_point(0..256, |key| key[0] < 9), 9);
}

#[test]
fn rows_that_are_not_there_are_damage_and_read_as_zeros() {
    let numbers = || Fixed::<u32>::new(span(&fixed_bytes::<u32>(&[1, 2]), 0, 2));
    let told = |column: &Fixed<u32>| health(&column.span).expect_err("asked for too much").to_string();
    let column = numbers();
    assert_eq!(column.get(2), 0);
    assert_eq!(told(&column), "column c of `f` was asked for row 2 of 2");
    let column = numbers();
    assert_eq!(column.slice(1..4), [0_u8; 0]);
    assert_eq!(told(&column), "column c of `f` was asked for row 4 of 2");
    let column = numbers();
    assert_eq!(column.iter(1..u64::MAX).collect::<Vec<_>>(), [2]);
    assert!(health(&column.span).is_err());
    let column = Bytes::new(span(b"abc", 5, 3));
    assert_eq!(column.slice(1..3), b"bc");
    assert_eq!(column.slice(1..4), b"");
    let column = packed(&[4], 0);
    assert_eq!((column.get(0), column.get(1)), (4, 0));
    assert!(health(&column.span).is_err());
}

#[test]
fn a_damaged_page_reads_as_zeros_and_keeps_the_count() {
    let values: Vec<u32> = (1..=5000).collect();
    let (disk, sealed) = file_of(&fixed_bytes::<u32>(&values), 0);
    disk.corrupt("f", |bytes| bytes[6000] ^= 1).expect("exists");
    let file = Arc::new(PageFile::open(&disk, "f", sealed, &Health::new()).expect("checksums are whole"));
    let column = Fixed::<u32>::new(Span { file, name: "c", start: 0, len: 20_000, rows: 5000 });
    let read: Vec<u32> = column.iter(0..5000).collect();
    assert_eq!(read[..1024], values[..1024]);
    assert!(read[1024..2048].iter().all(|value| *value == 0));
    assert_eq!(read[2048..], values[2048..]);
    assert!(matches!(health(&column.span), Err(DamageError::Page { offset: 4096, .. })));
}
