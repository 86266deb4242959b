//! The manifest: one spelling, every fault with its own words.

use coinhound_model::ChainId;
use coinhound_store::campaign::story::advance;
use coinhound_store::digest::Digest;
use coinhound_store::manifest::{MANIFEST, Manifest, ManifestError};
use coinhound_store::storage::{SimDisk, Storage};
use expect_test::{Expect, expect};

fn store() -> (SimDisk, Manifest) {
    let disk = SimDisk::new();
    let manifest = advance(&disk, 2).expect("nothing fails");
    (disk, manifest)
}

/// A manifest with other lines and a checksum that fits them.
fn forged(first: &str, body: &str) -> Vec<u8> {
    let text = format!("{first}\n{body}\n");
    format!("{text}blake3 {}\n", Digest::of(text.as_bytes())).into_bytes()
}

fn body() -> String {
    let bytes = store().1.to_bytes();
    String::from_utf8(bytes).expect("text").lines().nth(1).expect("three lines").to_owned()
}

fn refused(bytes: &[u8], words: &Expect) -> ManifestError {
    let error = Manifest::parse(bytes, "s/MANIFEST").expect_err("not a manifest that is written");
    words.assert_eq(&error.to_string());
    error
}

#[test]
fn a_manifest_is_these_lines() {
    let (disk, manifest) = store();
    let text = String::from_utf8(disk.read(MANIFEST).expect("published").to_vec()).expect("text");
    assert_eq!(Manifest::read(&disk).expect("whole"), manifest);
    expect![[r#"
        coinhound store 1
        {"chain":"bip122:0f9188f13cb7b2c71f2a335e3a4fc328","counts":{"blocks":2},"files":[{"length":4304,"role":"facts/001-001","root":"1785bdd4fbd557f01671d08cdcbc34dedc9bb7f810410342d784c1ad75bbd558"},{"length":2352,"role":"facts/002-002","root":"3b93b46dc428f3428fc47a51155cd792e7c1dc90bf616babadbbb51184ca6fb1"},{"length":4624,"role":"overlay/last","root":"c9efb8ff3c72913f7d989ad17d3ac937e54bebd46e346c8e339e03c492d14602"}],"first":0,"params":{"family":"coins","fold":16,"levels":[1,4],"veto":"none"},"tip":{"hash":"3bb5620e1619e845bc2b85337cf1f5992e91654aec4d77fdcb21d1796ff83bf0","height":2}}
        blake3 e253d1f0644bb7294cd143f5d05d9df4ce48a888d0fc2e6f7da42d4e05d28e7e
    "#]]
    .assert_eq(&text);
    assert!(text.ends_with(&format!("blake3 {}\n", manifest.digest())));
}

#[test]
fn an_empty_folder_or_a_strangers_file_is_not_a_store() {
    let error = Manifest::read(&SimDisk::new()).expect_err("nothing there");
    assert_eq!(error.to_string(), "`MANIFEST` is not the manifest of a store");
    for bytes in [&b""[..], b"\0", b"hello\n", b"{}", &[0xff; 100]] {
        let error = Manifest::parse(bytes, "MANIFEST").expect_err("no manifest");
        assert!(matches!(error, ManifestError::NotAStore { .. }), "{error}");
    }
}

#[test]
fn a_newer_format_is_told_with_both_versions_whatever_it_holds() {
    let words = expect!["store at `s/MANIFEST` has format 7, this build reads 1 to 1"];
    let error = refused(&forged("coinhound store 7", "anything at all"), &words);
    assert!(matches!(error, ManifestError::OtherFormat { found: 7, newest: 1, .. }));
}

#[test]
fn another_chain_is_told_with_both_names() {
    let (disk, manifest) = store();
    assert!(Manifest::read_for(&disk, &manifest.chain).is_ok());
    let error = Manifest::read_for(&disk, &ChainId("bip122:other".to_owned())).expect_err("another chain");
    let words = "the store at `MANIFEST` holds chain bip122:0f9188f13cb7b2c71f2a335e3a4fc328, not bip122:other";
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_damaged_manifest_is_told_with_both_digests() {
    let mut bytes = store().1.to_bytes();
    bytes[40] ^= 1;
    let error = Manifest::parse(&bytes, "s/MANIFEST").expect_err("damaged");
    let ManifestError::Damaged { got, want, .. } = error else { panic!("{error}") };
    assert_eq!(want, store().1.digest().to_string());
    assert_ne!(got.to_string(), want);
}

#[test]
fn any_other_spelling_is_refused_even_with_a_fitting_checksum() {
    let body = body();
    let first = "coinhound store 1";
    assert!(Manifest::parse(&forged(first, &body), "m").is_ok());
    let spellings = [
        (first, body.replace(':', ": ")),
        (first, body.replace("\"first\":0", "\"first\":0.0")),
        (first, body.replace("\"first\":0", "\"first\":0,\"first\":0")),
        (first, body.replace("\"blocks\":2", "\"blocks\":1,\"blocks\":2")),
        (first, body.replace("\"first\":0", "\"extra\":0,\"first\":0")),
        (first, body.replace("\"first\":0,", "")),
        (first, body.replace("overlay/last", "overlay\\/last")),
        (first, format!("{body}\n")),
        (first, format!(" {body}")),
        ("coinhound store 01", body.clone()),
        ("coinhound store +1", body.clone()),
        ("coinhound store 1 ", body.clone()),
        ("coinhound store", body.clone()),
    ];
    for (first, spelling) in spellings {
        assert!(Manifest::parse(&forged(first, &spelling), "m").is_err(), "{first}: {spelling}");
    }
}

#[test]
fn values_that_no_store_has_are_refused() {
    let values = [
        (
            "overlay/last",
            "../last",
            expect!["the manifest `s/MANIFEST` is malformed: `../last` is not a role: expected `folder/label`"],
        ),
        (
            "overlay/last",
            "a/b/c",
            expect!["the manifest `s/MANIFEST` is malformed: `a/b/c` is not a role: expected `folder/label`"],
        ),
        (
            "overlay/last",
            "local/last",
            expect!["the manifest `s/MANIFEST` is malformed: `local/last` is not a role: expected `folder/label`"],
        ),
        (
            "overlay/last",
            "facts/001-001",
            expect!["the manifest `s/MANIFEST` is malformed: files are not in ascending order of role"],
        ),
        (
            "\"fold\":16",
            "\"fold\":18",
            expect![
                "the manifest `s/MANIFEST` is malformed: fold of 18 blocks must be a positive multiple of the largest level, 4"
            ],
        ),
        (
            "\"levels\":[1,4]",
            "\"levels\":[4]",
            expect![
                "the manifest `s/MANIFEST` is malformed: segment levels [4] must ascend from 1, each a multiple of the one before"
            ],
        ),
        (
            "\"first\":0",
            "\"first\":3",
            expect!["the manifest `s/MANIFEST` is malformed: first height 3 lies above the tip 2"],
        ),
        (
            "bip122:",
            "bip 122:",
            expect!["the manifest `s/MANIFEST` is malformed: the chain's name is not a CAIP-2 name"],
        ),
    ];
    for (from, to, words) in values {
        let body = body();
        assert!(body.contains(from), "{from}");
        refused(&forged("coinhound store 1", &body.replacen(from, to, 1)), &words);
    }
}
