//! Commits on a real folder: what is published, what is swept, who is refused, who races whom.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use coinhound_store::campaign::story::{Content, StoryError, advance, inspect, tables};
use coinhound_store::commit::{LOCK, PublishError, lock, open_consistent, publish, sweep};
use coinhound_store::error::Health;
use coinhound_store::local;
use coinhound_store::manifest::{MANIFEST, MANIFEST_TMP, Manifest};
use coinhound_store::storage::{DiskStorage, SimDisk, Storage, StorageError};

fn disk() -> (tempfile::TempDir, DiskStorage) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = DiskStorage::new(folder.path().join("store"));
    disk.create_root().expect("a temporary folder");
    (folder, disk)
}

fn put(storage: &dyn Storage, path: &str) {
    storage.create(path).expect("the folder exists").write_all(b"x").expect("there is space");
}

#[test]
fn a_real_folder_holds_the_bytes_that_a_simulated_disk_holds() {
    let (_folder, real) = disk();
    let sim = SimDisk::new();
    for version in 1..=9 {
        let manifest = advance(&real, version).expect("nothing fails");
        assert_eq!(advance(&sim, version).expect("nothing fails"), manifest);
        assert_eq!(inspect(&real), Ok(version));
    }
    let bytes = |storage: &dyn Storage| storage.read(MANIFEST).expect("published").to_vec();
    assert_eq!(bytes(&real), bytes(&sim));
}

#[test]
fn a_second_writer_is_refused_and_the_store_stands() {
    let (_folder, disk) = disk();
    advance(&disk, 1).expect("nothing fails");
    let _first = lock(&disk).expect("nobody holds it");
    let error = advance(&disk, 2).expect_err("locked");
    assert!(matches!(error, StoryError::Storage(StorageError::Locked { .. })));
    assert!(error.to_string().contains(LOCK), "{error}");
    assert_eq!(inspect(&disk), Ok(1));
}

/// Set for the process that [`a_killed_writer_leaves_no_lock`] kills: the folder to lock.
const HOLD: &str = "COINHOUND_TEST_HOLD_LOCK";

/// The other process's side: takes the lock and waits to be killed.
fn hold_for_ever(folder: &std::ffi::OsStr) {
    let _held = lock(&DiskStorage::new(folder)).expect("nobody holds it");
    println!("held");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn a_killed_writer_leaves_no_lock() {
    if let Some(folder) = std::env::var_os(HOLD) {
        return hold_for_ever(&folder);
    }
    let (_folder, disk) = disk();
    let mut other = Command::new(std::env::current_exe().expect("this is a program"))
        .args(["--exact", "commit::a_killed_writer_leaves_no_lock", "--nocapture"])
        .env(HOLD, disk.root())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program runs");
    let out = BufReader::new(other.stdout.take().expect("piped"));
    assert!(out.lines().map_while(Result::ok).any(|line| line.contains("held")), "the other process has the lock");
    assert!(matches!(advance(&disk, 1), Err(StoryError::Storage(StorageError::Locked { .. }))));
    other.kill().and_then(|()| other.wait()).expect("it waits to be killed");
    advance(&disk, 1).expect("the system released the lock");
}

#[test]
fn a_sweep_takes_tables_that_no_manifest_names_and_nothing_else() {
    let (_folder, disk) = disk();
    let manifest = advance(&disk, 5).expect("nothing fails");
    let stray = format!("facts/old.{}", "0".repeat(32));
    for path in [stray.as_str(), "base/all.unfinished", MANIFEST_TMP] {
        put(&disk, path);
    }
    let strangers = ["notes.txt", "facts/notes.txt", "facts/a.0123", "local/x.unfinished"];
    strangers.iter().for_each(|path| put(&disk, path));
    let mut removed = sweep(&disk, Some(&manifest)).expect("nothing fails");
    removed.sort();
    assert_eq!(removed, [MANIFEST_TMP, "base/all.unfinished", stray.as_str()]);
    strangers.iter().for_each(|path| assert!(disk.read(path).is_ok(), "{path}"));
    assert_eq!(inspect(&disk), Ok(5));
}

#[test]
fn a_manifest_that_names_what_is_not_there_is_not_published() {
    let (_folder, disk) = disk();
    let manifest = advance(&disk, 5).expect("nothing fails");
    let mut longer = manifest.clone();
    longer.files[0].length += 1;
    let error = publish(&disk, &longer).expect_err("not as long");
    assert!(matches!(error, PublishError::FileMissing { got: Some(_), .. }), "{error}");
    let mut other = manifest.clone();
    other.files[0].root.0[0] ^= 1;
    let error = publish(&disk, &other).expect_err("not there");
    assert!(matches!(error, PublishError::FileMissing { got: None, .. }), "{error}");
    let mut unsorted = manifest;
    unsorted.files.reverse();
    assert!(matches!(publish(&disk, &unsorted), Err(PublishError::Malformed { .. })));
    assert_eq!(inspect(&disk), Ok(5));
}

/// Opens a version through the race-proof door and checks that it is one version whole.
fn read_whole(disk: &dyn Storage) -> Result<u32, StoryError> {
    open_consistent(disk, |manifest: &Manifest| {
        let version = manifest.tip.height;
        for file in &manifest.files {
            let content = Content::read(disk, file, &Health::new())?;
            assert!(content == Content::of(&tables(version)[&file.role]), "a mix at version {version}");
        }
        Ok(version)
    })
}

#[test]
fn readers_beside_a_writer_see_one_version_or_another_never_a_mix() {
    let (_folder, disk) = disk();
    advance(&disk, 1).expect("nothing fails");
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = vec![0];
            while !done.load(Ordering::Relaxed) {
                seen.push(read_whole(&disk).expect("a reader never fails beside a writer"));
            }
            seen.push(read_whole(&disk).expect("a reader never fails beside a writer"));
            seen
        });
        (2..=80).for_each(|version| drop(advance(&disk, version).expect("nothing fails")));
        done.store(true, Ordering::Relaxed);
        reader.join().expect("the reader checked everything it read")
    });
    assert!(seen.is_sorted(), "versions only rise");
    assert_eq!(seen.last(), Some(&80));
}

#[test]
fn a_reader_that_finds_a_file_gone_reads_the_newer_manifest() {
    let (_folder, disk) = disk();
    advance(&disk, 1).expect("nothing fails");
    let mut versions = Vec::new();
    let opened = open_consistent(&disk, |manifest: &Manifest| -> Result<u32, StoryError> {
        versions.push(manifest.tip.height);
        if versions.len() == 1 {
            advance(&disk, 2)?; // the writer retires `overlay/last` just now
        }
        manifest.files.iter().try_for_each(|file| Content::read(&disk, file, &Health::new()).map(drop))?;
        Ok(manifest.tip.height)
    });
    assert_eq!(opened.expect("the second try"), 2);
    assert_eq!(versions, [1, 2]);
}

#[test]
fn a_file_that_is_really_missing_is_told() {
    let (_folder, disk) = disk();
    let manifest = advance(&disk, 1).expect("nothing fails");
    disk.remove(&manifest.files[0].path()).expect("exists");
    let error = read_whole(&disk).expect_err("missing");
    assert!(error.to_string().contains(&manifest.files[0].path()), "{error}");
}

#[test]
fn a_reader_keeps_its_version_when_the_writer_moves_on() {
    let (_folder, disk) = disk();
    let first = advance(&disk, 1).expect("nothing fails");
    let health = Health::new();
    let open = |file| {
        coinhound_store::table::TableFile::open(&disk, file, &coinhound_store::campaign::story::STORY_TABLE, &health)
    };
    let overlay = open(first.file("overlay/last").expect("every version has it")).expect("whole");
    advance(&disk, 2).expect("nothing fails");
    assert!(disk.read(&first.file("overlay/last").expect("every version has it").path()).is_err());
    let numbers = overlay.fixed::<u32>("number");
    assert!(numbers.iter(0..numbers.len()).eq(Content::of("overlay 1").numbers));
    assert_eq!(health.check(), Ok(()));
}

#[test]
fn the_history_of_commits_counts_them_and_belongs_to_no_manifest() {
    let (_folder, disk) = disk();
    let manifests: Vec<_> = (1..=3).map(|version| advance(&disk, version).expect("nothing fails")).collect();
    let history = local::commits(&disk).expect("readable");
    let told: Vec<_> = history.iter().map(|commit| (commit.generation, commit.manifest)).collect();
    assert_eq!(told, [(1, manifests[0].digest()), (2, manifests[1].digest()), (3, manifests[2].digest())]);
}
