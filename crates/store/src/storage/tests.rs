//! Both disks keep the same promises; the simulated one forgets as real ones do.

use std::collections::BTreeSet;

use super::direct::CHUNK;
use super::*;

fn put(storage: &dyn Storage, path: &str, bytes: &[u8]) {
    let mut file = storage.create(path).expect("the folder exists");
    file.write_all(bytes).expect("there is space");
    file.sync().expect("nothing fails");
}

fn names(storage: &dyn Storage, dir: &str) -> Vec<String> {
    storage.list(dir).expect("the folder exists").into_iter().map(|item| item.name).collect()
}

fn on_both_disks(claim: impl Fn(&dyn Storage)) {
    claim(&SimDisk::new());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = DiskStorage::new(folder.path().join("a/b"));
    disk.create_root().expect("a temporary folder");
    claim(&disk);
}

#[test]
fn files_are_written_renamed_listed_and_removed() {
    on_both_disks(|storage| {
        storage.create_dir("d").expect("new");
        storage.create_dir("d").expect("one that exists is fine");
        put(storage, "d/x", b"one");
        put(storage, "d/x", b"two");
        put(storage, "d/empty", b"");
        assert_eq!(&*storage.read("d/x").expect("exists"), b"two");
        assert_eq!(&*storage.read("d/empty").expect("exists"), b"");
        storage.append("d/x").expect("exists").write_all(b"+").expect("there is space");
        storage.append("d/y").expect("new").write_all(b"new").expect("there is space");
        assert_eq!(storage.length("d/x").expect("exists"), 4);
        assert_eq!(names(storage, "d"), ["empty", "x", "y"]);
        assert_eq!(storage.list("").expect("top"), [Item { name: "d".to_owned(), is_dir: true }]);
        storage.rename("d/x", "d/y").expect("same folder");
        assert_eq!(&*storage.read("d/y").expect("exists"), b"two+");
        storage.remove("d/empty").expect("exists");
        assert_eq!(names(storage, "d"), ["y"]);
        storage.sync_dir("d").and_then(|()| storage.sync_dir("")).expect("nothing fails");
    });
}

#[test]
fn files_of_any_length_are_whole_whatever_pieces_they_are_written_in() {
    let bytes: Vec<u8> = (0..=250).cycle().take(3 * CHUNK + 5_000).collect();
    for (length, piece) in
        [(0, 1), (1, 1), (CHUNK - 1, 65_536), (CHUNK, 4_097), (CHUNK + 1, CHUNK), (bytes.len(), 77_777)]
    {
        on_both_disks(|storage| {
            let mut file = storage.create("x").expect("the folder exists");
            bytes[..length].chunks(piece).for_each(|piece| file.write_all(piece).expect("there is space"));
            file.sync().expect("nothing fails");
            assert!(*storage.read("x").expect("exists") == bytes[..length], "{length} bytes in pieces of {piece}");
        });
    }
}

#[test]
fn a_large_file_goes_on_after_it_was_synced() {
    on_both_disks(|storage| {
        let mut file = storage.create("x").expect("the folder exists");
        let piece = vec![7; CHUNK + 100];
        for _ in 0..3 {
            file.write_all(&piece).expect("there is space");
            file.sync().expect("nothing fails");
        }
        assert!(*storage.read("x").expect("exists") == [7].repeat(3 * piece.len()));
    });
}

#[test]
fn what_is_missing_is_told_as_missing() {
    on_both_disks(|storage| {
        assert!(storage.read("x").expect_err("nothing there").is_not_found());
        assert!(storage.length("x").expect_err("nothing there").is_not_found());
        assert!(storage.list("x").expect_err("nothing there").is_not_found());
        assert!(storage.create("x/y").err().expect("no folder").is_not_found());
        assert!(storage.rename("x", "y").expect_err("nothing there").is_not_found());
        assert!(storage.remove("x").expect_err("nothing there").is_not_found());
        assert!(storage.sync_dir("x").expect_err("nothing there").is_not_found());
        storage.create_dir("d").expect("new");
        assert!(storage.read("d").is_err());
    });
}

#[test]
fn no_operation_leaves_the_tree() {
    on_both_disks(|storage| {
        for path in ["../x", "/etc/passwd", "d/../../x", ""] {
            assert!(matches!(storage.read(path), Err(StorageError::BadPath { .. })), "{path}");
            assert!(matches!(storage.create(path).err(), Some(StorageError::BadPath { .. })), "{path}");
            assert!(matches!(storage.remove(path), Err(StorageError::BadPath { .. })), "{path}");
            assert!(matches!(storage.rename("x", path), Err(StorageError::BadPath { .. })), "{path}");
        }
        assert!(matches!(storage.list(".."), Err(StorageError::BadPath { .. })));
    });
}

#[test]
fn what_was_read_stays_when_the_file_is_replaced_or_removed() {
    on_both_disks(|storage| {
        put(storage, "x", &[7; 10_000]);
        put(storage, "y", &[8; 10_000]);
        let (x, y) = (storage.read("x").expect("exists"), storage.read("y").expect("exists"));
        storage.rename("y", "x").expect("same folder");
        storage.remove("x").expect("exists");
        assert!(x.iter().all(|byte| *byte == 7) && y.iter().all(|byte| *byte == 8));
    });
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    on_both_disks(|storage| {
        let first = storage.lock("LOCK").expect("nobody holds it");
        let refused = storage.lock("LOCK").expect_err("held");
        assert!(matches!(refused, StorageError::Locked { .. }));
        assert!(refused.to_string().contains("another process is writing this store"));
        drop(first);
        storage.lock("LOCK").expect("released");
    });
}

#[test]
fn what_was_synced_outlives_power_loss() {
    let disk = SimDisk::new();
    disk.create_dir("d").expect("new");
    put(&disk, "d/x", &[5; 9_000]);
    disk.sync_dir("d").and_then(|()| disk.sync_dir("")).expect("nothing fails");
    assert_eq!(disk.unsynced(), 0);
    for seed in 0..200 {
        assert_eq!(&*disk.crash(seed).read("d/x").expect("synced"), &[5; 9_000]);
    }
}

/// What is found at a path after each of many power losses.
fn found(disk: &SimDisk, path: &str) -> BTreeSet<Option<Vec<u8>>> {
    (0..2_000).map(|seed| disk.crash(seed).read(path).ok().map(|blob| blob.to_vec())).collect()
}

#[test]
fn unsynced_bytes_are_lost_torn_reordered_or_zeros() {
    let disk = SimDisk::new();
    put(&disk, "x", &[1; 100]);
    disk.sync_dir("").expect("nothing fails");
    disk.append("x").expect("exists").write_all(&[2; 2_000]).expect("there is space");
    let found = found(&disk, "x");
    let any = |claim: &dyn Fn(&[u8]) -> bool| found.iter().flatten().any(|bytes| claim(bytes));
    assert!(found.iter().flatten().all(|bytes| bytes[..100] == [1; 100]), "synced bytes never change");
    assert!(found.iter().flatten().all(|bytes| bytes.len() <= 2_100));
    assert!(any(&|bytes| bytes.len() == 100), "all growth lost");
    assert!(any(&|bytes| bytes.len() == 2_100 && bytes[100..] == [2; 2_000]), "all growth kept");
    assert!(
        any(&|bytes| bytes.len() > 1_024 && bytes[511] == 0 && bytes[512] == 2),
        "a later sector without an earlier"
    );
    assert!(any(&|bytes| bytes.len() > 600 && bytes[100..].iter().all(|byte| *byte == 0)), "growth without bytes");
}

#[test]
fn unsynced_names_are_lost_or_kept_each_on_its_own() {
    let disk = SimDisk::new();
    put(&disk, "old", b"old");
    put(&disk, "gone", b"gone");
    disk.sync_dir("").expect("nothing fails");
    put(&disk, "new", b"new");
    disk.rename("new", "old").expect("same folder");
    disk.remove("gone").expect("exists");
    let value = |text: &str| Some(text.as_bytes().to_vec());
    assert_eq!(found(&disk, "old"), BTreeSet::from([value("old"), value("new")]));
    assert_eq!(found(&disk, "gone"), BTreeSet::from([None, value("gone")]));
    assert_eq!(found(&disk, "new"), BTreeSet::from([None, value("new")]));
}

#[test]
fn a_lost_folder_takes_its_files_along() {
    let disk = SimDisk::new();
    disk.create_dir("d").expect("new");
    put(&disk, "d/x", b"x");
    disk.sync_dir("d").expect("nothing fails");
    assert_eq!(found(&disk, "d/x"), BTreeSet::from([None, Some(b"x".to_vec())]));
}

#[test]
fn each_subset_of_changes_can_be_chosen() {
    let disk = SimDisk::new();
    let mut file = disk.create("x").expect("new");
    file.write_all(b"ab").and_then(|()| file.write_all(b"cd")).expect("there is space");
    assert_eq!(disk.unsynced(), 3);
    let read = |kept| disk.crash_keeping(kept).read("x").ok().map(|blob| blob.to_vec());
    assert_eq!([read(0b000), read(0b110)], [None, None]);
    assert_eq!(read(0b001), Some(b"".to_vec()));
    assert_eq!(read(0b011), Some(b"ab".to_vec()));
    assert_eq!(read(0b101), Some(b"\0\0cd".to_vec()));
    assert_eq!(read(0b111), Some(b"abcd".to_vec()));
}

#[test]
fn a_failed_sync_loses_the_bytes_even_if_tried_again() {
    let disk = SimDisk::new();
    let mut file = disk.create("x").expect("new");
    disk.sync_dir("").expect("nothing fails");
    file.write_all(b"lost").expect("there is space");
    disk.fail_at(disk.ops(), Failure::Io);
    file.sync().expect_err("planned");
    file.sync().expect("the kernel has forgotten the failure");
    assert_eq!(found(&disk, "x"), BTreeSet::from([Some(Vec::new())]));
}

#[test]
fn failures_come_at_the_operation_asked_for() {
    let disk = SimDisk::new();
    let mut file = disk.create("x").expect("new");
    disk.fail_at(1, Failure::ShortWrite);
    assert!(file.write_all(b"abcd").expect_err("planned").is_full());
    assert_eq!(&*disk.read("x").expect("exists"), b"ab");
    disk.fill_from(2);
    assert!(file.write_all(b"abcd").expect_err("planned").is_full());
    file.sync().expect("syncing needs no space");
    disk.heal();
    disk.fail_at(disk.ops(), Failure::Power);
    file.write_all(b"abcd").expect_err("planned");
    disk.read("x").expect_err("no power");
    disk.sync_dir("").expect_err("still no power");
    let actions: Vec<_> = disk.log().iter().map(|op| op.action).collect();
    assert_eq!(actions, [Action::Create, Action::Write, Action::Write, Action::Sync, Action::Write]);
}

#[test]
fn paths_are_short_plain_names() {
    for good in ["MANIFEST", "facts/0-15.3fa0", "a/b_c/D-1"] {
        assert!(check_path(good).is_ok(), "{good}");
    }
    for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "a/./b", "a\\b", "a b", "C:x", "ä"] {
        assert!(check_path(bad).is_err(), "{bad}");
    }
}
