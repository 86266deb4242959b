//! Tables: what is written is read, by the same bytes each time, and other formats are told by name.

use coinhound_store::column::{Codec, U40};
use coinhound_store::commit::create_dirs;
use coinhound_store::error::{DamageError, Health};
use coinhound_store::manifest::{FORMAT, FileEntry};
use coinhound_store::page::PageWriter;
use coinhound_store::storage::{DiskStorage, SimDisk, Storage};
use coinhound_store::table::{Column, OpenTableError, Schema, TableFile, TableWriter, WriteTableError};

const SCHEMA: Schema = Schema {
    kind: "test",
    columns: &[
        Column::fixed::<u32>("time"),
        Column::packed("value"),
        Column::fixed::<U40>("coin"),
        Column::fixed::<[u8; 32]>("txid"),
        Column::bytes("script"),
    ],
};

const ROWS: u32 = 3000;

fn write(storage: &dyn Storage, rows: u32) -> FileEntry {
    create_dirs(storage, &["t"]).expect("nothing fails");
    let mut table = TableWriter::create(storage, "t/test-0", &SCHEMA).expect("nothing fails");
    table.fixed::<u32>("time").all(0..rows).expect("nothing fails");
    let mut values = table.packed("value");
    (0..rows).try_for_each(|row| values.push(u64::from(row) << 7)).expect("nothing fails");
    values.end().expect("nothing fails");
    table.fixed::<U40>("coin").all((0..rows).map(|row| u64::from(row) << 20)).expect("40 bits");
    table.fixed::<[u8; 32]>("txid").all((0..rows).map(|row| [row.to_le_bytes()[0]; 32])).expect("nothing fails");
    table.bytes("script").all(b"OP_RETURN").expect("nothing fails");
    table.finish().expect("nothing fails")
}

fn check_content(storage: &dyn Storage, entry: &FileEntry) {
    let health = Health::new();
    let table = TableFile::open(storage, entry, &SCHEMA, &health).expect("just written");
    let (time, value) = (table.fixed::<u32>("time"), table.packed("value"));
    let (coin, txid) = (table.fixed::<U40>("coin"), table.fixed::<[u8; 32]>("txid"));
    for row in 0..u64::from(ROWS) {
        assert_eq!((u64::from(time.get(row)), value.get(row), coin.get(row)), (row, row << 7, row << 20));
        assert_eq!(txid.get(row), [row.to_le_bytes()[0]; 32]);
    }
    assert_eq!(table.bytes("script").slice(3..9), b"RETURN");
    assert_eq!(table.file().verify_all(&mut |damage| panic!("{damage}")), 0);
    assert_eq!(health.check(), Ok(()));
}

#[test]
fn a_table_comes_back_from_a_real_and_a_simulated_disk() {
    let sim = SimDisk::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let real = DiskStorage::new(folder.path());
    let entry = write(&sim, ROWS);
    assert_eq!(write(&real, ROWS), entry, "the same bytes on both");
    assert_eq!(sim.read(&entry.path()).expect("written")[..], real.read(&entry.path()).expect("written")[..]);
    check_content(&sim, &entry);
    check_content(&real, &entry);
}

#[test]
fn a_table_is_named_by_its_content_and_leaves_no_other_file() {
    let disk = SimDisk::new();
    let (empty, full) = (write(&disk, 0), write(&disk, ROWS));
    assert_eq!(write(&disk, ROWS), full);
    let mut names = [empty.path(), full.path()];
    names.sort();
    let listed: Vec<_> = disk.list("t").expect("made").into_iter().map(|item| format!("t/{}", item.name)).collect();
    assert_eq!(listed, names);
    assert_eq!(full.path(), format!("t/test-0.{}", &full.root.to_string()[..32]));
}

#[test]
fn a_value_too_wide_for_its_column_is_refused() {
    let disk = SimDisk::new();
    create_dirs(&disk, &["t"]).expect("nothing fails");
    let mut table = TableWriter::create(&disk, "t/x", &SCHEMA).expect("nothing fails");
    table.fixed::<u32>("time").all([]).expect("nothing fails");
    table.packed("value").all([u64::MAX, 0]).expect("nothing fails");
    let error = table.fixed::<U40>("coin").all([1, 1 << 40]).expect_err("41 bits");
    assert!(matches!(error, WriteTableError::TooWide { row: 1, width: 5, .. }));
    assert_eq!(error.to_string(), "column coin of table `t/x` cannot hold 1099511627776 in 5 bytes (row 1)");
}

/// A page file of these data with whole checksums: what a faulty or hostile program could write.
fn forge(disk: &SimDisk, data: &[u8]) -> FileEntry {
    let mut pages = PageWriter::new(disk.create("t/forged").expect("the folder exists"));
    pages.write(data).expect("nothing fails");
    let sealed = pages.finish().expect("nothing fails");
    let entry = FileEntry { length: sealed.length, role: "t/test-0".to_owned(), root: sealed.root };
    disk.rename("t/forged", &entry.path()).expect("same folder");
    entry
}

fn data_of(disk: &SimDisk, entry: &FileEntry) -> Vec<u8> {
    let blob = disk.read(&entry.path()).expect("written");
    let at = blob.len() - 40;
    let len = u64::from_le_bytes(blob[at..at + 8].try_into().expect("eight bytes"));
    blob[..usize::try_from(len).expect("64-bit targets")].to_vec()
}

#[test]
fn a_newer_format_is_told_with_both_versions() {
    let disk = SimDisk::new();
    let mut data = data_of(&disk, &write(&disk, 3));
    data[8] += 1;
    let entry = forge(&disk, &data);
    let error = TableFile::open(&disk, &entry, &SCHEMA, &Health::new()).expect_err("newer");
    assert!(matches!(error, OpenTableError::Newer { found, reads: FORMAT, .. } if found == FORMAT + 1));
    let (path, newer) = (entry.path(), FORMAT + 1);
    assert_eq!(error.to_string(), format!("table `{path}` has format {newer}, this build reads {FORMAT}"));
}

#[test]
fn a_table_of_another_kind_is_refused() {
    const OTHER: Schema = Schema { kind: "other", columns: SCHEMA.columns };
    const FEWER: Schema = Schema { kind: "test", columns: &[Column::fixed::<u32>("time")] };
    const WIDER: Schema = Schema { kind: "test", columns: &[Column { name: "time", codec: Codec::Fixed(5) }] };
    let disk = SimDisk::new();
    let entry = write(&disk, 3);
    for schema in [&OTHER, &FEWER, &WIDER] {
        let error = TableFile::open(&disk, &entry, schema, &Health::new()).expect_err("another kind");
        assert!(matches!(error, OpenTableError::Damage(DamageError::Shape { .. })), "{error}");
    }
}

#[test]
fn no_header_or_directory_with_whole_checksums_but_the_one_that_is_written_is_read() {
    let disk = SimDisk::new();
    let data = data_of(&disk, &write(&disk, 3));
    let directory = data.len() - 8 - SCHEMA.columns.len() * 64;
    // A packed column of 3 rows takes as many bytes as one of 2: that number alone can be another one.
    let packed_rows = directory + 64 + 40;
    for at in (0..64).chain(directory..data.len()).filter(|at| *at != packed_rows) {
        for flip in [1, 0x80] {
            let mut forged = data.clone();
            forged[at] ^= flip;
            let entry = forge(&disk, &forged);
            let opened = TableFile::open(&disk, &entry, &SCHEMA, &Health::new());
            assert!(opened.is_err(), "byte {at} ^ {flip}");
        }
    }
    for len in 0..data.len() {
        let entry = forge(&disk, &data[..len]);
        assert!(TableFile::open(&disk, &entry, &SCHEMA, &Health::new()).is_err(), "{len} bytes");
    }
}
