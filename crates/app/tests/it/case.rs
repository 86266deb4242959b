//! A case file: nothing is lost, nothing changes unlogged, nothing foreign is opened.

use std::path::PathBuf;

use coinhound_app::case::{Case, CaseError, FindingLine, Position, Run, Seed, Stamp};
use coinhound_app::tags::Pack;
use coinhound_app::tags::pack::Reading;
use coinhound_model::{ChainId, Hash256, Height};
use ruint::aliases::U256;

fn stamp(at: &str) -> Stamp {
    Stamp { at: at.to_owned(), who: "analyst".into() }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("deep/heist.case")
    }

    fn case(&self) -> Case {
        Case::create(&self.file(), "heist", &stamp("2026-01-01T00:00:00Z")).expect("nothing is in the way")
    }
}

fn seed(byte: u8) -> Seed {
    Seed {
        theft: "theft".into(),
        chain: ChainId("bip122:000000000019d6689c085ae165831e93".into()),
        txid: Hash256([byte; 32]),
        vout: 1,
        height: Height(9),
        block: Hash256([7; 32]),
        coin_units: U256::from(5_000_000_000_u64),
        stolen_units: U256::from(3_000_000_000_u64),
        position: Some(Position::Back),
        address: Some("1Victim".into()),
        given: "outpoint".into(),
        asset: None,
    }
}

fn pack() -> Pack {
    let text = "title: T\ncreator: C\ntags:\n- {address: a, label: L, source: s, currency: BTC, confidence: forensic, concepts: [exchange], context: {k: 1}}\n- {tx_hash: ".to_owned()
        + &"ab".repeat(32)
        + ", label: M, source: s, currency: BTC, confidence: heuristic}\n";
    let reading = Reading { check_address: &|_, text| Ok(text.to_owned()), confidence: None, skip_invalid: false };
    Pack::read(text.as_bytes(), &reading).expect("sound")
}

#[test]
fn what_goes_in_comes_out_after_reopening() {
    let folder = Folder::new();
    let mut case = folder.case();
    case.add_seeds(&[seed(1), seed(2)], &stamp("2026-01-02T00:00:00Z")).expect("new seeds");
    let id = case.import_pack(&pack(), "pack.yaml", "digest", &stamp("2026-01-03T00:00:00Z")).expect("a new pack");
    let run = Run {
        chain: seed(1).chain,
        height: Height(4312),
        block: Hash256([3; 32]),
        parameters: "{}".into(),
        findings: vec![FindingLine { id: "f".repeat(64), rule: "fifo".into(), claim: "{}".into() }],
    };
    case.record_run(&run, &stamp("2026-01-04T00:00:00Z")).expect("a run");
    drop(case);

    let case = Case::open(&folder.file()).expect("it is a case");
    assert_eq!(case.name().expect("a name"), "heist");
    assert_eq!(case.seeds().expect("seeds"), [seed(1), seed(2)]);
    assert_eq!(
        case.tags().expect("tags").into_iter().map(|stored| (stored.pack, stored.tag)).collect::<Vec<_>>(),
        pack().tags.into_iter().map(|tag| (id, tag)).collect::<Vec<_>>()
    );
    assert_eq!(case.runs().expect("runs"), [(1, run)]);
    let actions: Vec<_> = case
        .audit()
        .expect("an intact log")
        .into_iter()
        .map(|entry| (entry.seq, entry.action, entry.stamp.at))
        .collect();
    let expected = [
        (1, "create case", "2026-01-01"),
        (2, "add seeds", "2026-01-02"),
        (3, "import tags", "2026-01-03"),
        (4, "trace", "2026-01-04"),
    ];
    assert_eq!(
        actions,
        expected.map(|(seq, action, day)| (seq, action.to_owned(), format!("{day}T00:00:00Z"))).to_vec()
    );
}

#[test]
fn a_seed_is_a_seed_once_and_a_refusal_changes_nothing() {
    let folder = Folder::new();
    let mut case = folder.case();
    case.add_seeds(&[seed(1)], &stamp("t")).expect("new");
    let refused = case.add_seeds(&[seed(2), seed(1)], &stamp("t"));
    assert!(matches!(refused, Err(CaseError::Refused { .. })));
    assert_eq!(case.seeds().expect("seeds").len(), 1);
    assert_eq!(case.audit().expect("log").len(), 2);
    case.add_seeds(&[Seed { theft: "another".into(), ..seed(1) }], &stamp("t")).expect("another theft's seed");
    case.remove_seed("theft", &seed(1).txid, 1, &stamp("t")).expect("it is one");
    assert!(matches!(case.remove_seed("theft", &seed(1).txid, 1, &stamp("t")), Err(CaseError::Refused { .. })));
    assert_eq!(case.seeds().expect("seeds").len(), 1);
}

#[test]
fn a_revoked_pack_leaves_no_tags_and_its_line_in_the_log() {
    let folder = Folder::new();
    let mut case = folder.case();
    let id = case.import_pack(&pack(), "pack.yaml", "digest", &stamp("t")).expect("new");
    assert!(matches!(case.import_pack(&pack(), "copy.yaml", "digest", &stamp("t")), Err(CaseError::Refused { .. })));
    assert_eq!(case.revoke_pack(id, &stamp("t")).expect("it is there").tags, 2);
    assert!(case.tags().expect("tags").is_empty() && case.packs().expect("packs").is_empty());
    assert_eq!(case.audit().expect("log").last().map(|entry| entry.action.clone()), Some("revoke tags".into()));
}

#[test]
fn the_log_cannot_be_edited_through_sqlite_and_shows_when_it_was() {
    let folder = Folder::new();
    drop(folder.case());
    let db = rusqlite::Connection::open(folder.file()).expect("SQLite opens it");
    assert!(db.execute("UPDATE audit SET who = 'nobody'", []).is_err());
    assert!(db.execute("DELETE FROM audit", []).is_err());
    db.execute_batch("DROP TRIGGER audit_keeps_lines; UPDATE audit SET who = 'nobody'")
        .expect("an attacker can drop the trigger");
    let error = Case::open(&folder.file()).expect("still SQLite").audit().expect_err("the chain is broken");
    assert!(error.to_string().contains("line 1 of the audit log"), "{error}");
}

#[test]
fn what_is_not_a_case_of_this_format_is_refused_by_name() {
    let folder = Folder::new();
    let file = folder.file();
    assert!(matches!(Case::open(&file), Err(CaseError::Missing { .. })));
    drop(folder.case());
    assert!(matches!(Case::create(&file, "again", &stamp("t")), Err(CaseError::Exists { .. })));
    let db = rusqlite::Connection::open(&file).expect("SQLite opens it");
    db.pragma_update(None, "user_version", 3).expect("writable");
    drop(db);
    assert_eq!(
        Case::open(&file).expect_err("newer").to_string(),
        format!("the case at `{}` has format 3, this build reads format 2", file.display())
    );
    for other in
        [&b"not a database at all, only text that is long enough"[..], b"", b"SQLite format 3\0 and then nothing"]
    {
        std::fs::write(&file, other).expect("writable");
        assert!(matches!(Case::open(&file), Err(CaseError::NotACase { .. } | CaseError::Damaged { .. })), "{other:?}");
    }
}

/// A case as the releases before account ledgers wrote it: no column says what a seed is counted in.
#[test]
fn a_case_of_the_format_before_is_brought_up_and_loses_nothing() {
    let folder = Folder::new();
    let mut case = folder.case();
    case.add_seeds(&[seed(1)], &stamp("t")).expect("added");
    let audit = case.audit().expect("sound");
    drop(case);
    let db = rusqlite::Connection::open(folder.file()).expect("SQLite opens it");
    db.execute_batch("ALTER TABLE seeds DROP COLUMN asset; PRAGMA user_version = 1").expect("an older form");
    drop(db);
    let mut case = Case::open(&folder.file()).expect("brought up");
    assert_eq!(case.seeds().expect("read"), [seed(1)]);
    assert_eq!(case.audit().expect("sound"), audit);
    case.add_seeds(&[seed(2)], &stamp("t")).expect("written on");
    drop(case);
    assert_eq!(Case::open(&folder.file()).expect("opened").seeds().expect("read").len(), 2);
}

#[test]
fn a_second_writer_is_told_so_and_a_reader_sees_whole_changes() {
    let folder = Folder::new();
    let mut case = folder.case();
    let other = rusqlite::Connection::open(folder.file()).expect("SQLite opens it");
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO seeds VALUES (9,'t','c','x',0,0,'b','1','1',NULL,NULL,'g',1,NULL)")
        .expect("it can write");
    assert!(case.seeds().expect("readable meanwhile").is_empty());
    assert!(matches!(case.add_seeds(&[seed(1)], &stamp("t")), Err(CaseError::Busy { .. })));
    drop(other);
    case.add_seeds(&[seed(1)], &stamp("t")).expect("free again; the interrupted change left nothing");
    assert_eq!(case.seeds().expect("seeds"), [seed(1)]);
}

#[cfg(unix)]
#[test]
fn a_case_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    drop(folder.case());
    let mode = std::fs::metadata(folder.file()).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
