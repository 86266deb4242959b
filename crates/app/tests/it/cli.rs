//! What a person meets: the manual, the errors with their hints, the exit codes.

use expect_test::expect;

use crate::run::Home;

/// Every manual as a file of its own, so that a change of wording shows in review.
const MANUALS: [(&str, &str); 22] = [
    ("", "coinhound"),
    ("demo", "demo"),
    ("ingest", "ingest"),
    ("status", "status"),
    ("show", "show"),
    ("store", "store"),
    ("cluster", "cluster"),
    ("balances", "balances"),
    ("tokens", "tokens"),
    ("why", "why"),
    ("case", "case"),
    ("seed", "seed"),
    ("seed add", "seed-add"),
    ("tag", "tag"),
    ("tag import", "tag-import"),
    ("trace", "trace"),
    ("source", "source"),
    ("report", "report"),
    ("register", "register"),
    ("register list", "register-list"),
    ("register show", "register-show"),
    ("man", "man"),
];

#[test]
fn the_manuals_are_as_written_down() {
    let home = Home::new();
    for (verb, file) in MANUALS {
        let path = format!("{}/tests/it/manual/{file}.txt", env!("CARGO_MANIFEST_DIR"));
        expect_test::expect_file![path].assert_eq(&home.ok(&format!("{verb} --help")));
    }
}

#[test]
fn every_manual_shows_examples_before_options() {
    let home = Home::new();
    for (verb, _) in MANUALS.iter().filter(|(verb, _)| !verb.contains(' ')) {
        let manual = home.ok(&format!("{verb} --help"));
        let (examples, usage) = (manual.find("Examples:"), manual.find("Usage:"));
        assert!(examples.is_some() && examples < usage, "{verb}: {manual}");
    }
}

#[test]
fn errors_name_what_is_wrong_and_what_to_do() {
    let home = Home::new();
    expect![[r#"
        error: no store at `HOME/coinhound/stores/main`

        hint: make one with `coinhound ingest --blocks DIR`, or name one with --store
    "#]]
    .assert_eq(&home.fails("status", 4));
    expect![[r#"
        error: no case is in hand

        hint: create one with `coinhound case new NAME`, or name one with --case
    "#]]
    .assert_eq(&home.fails("seed list", 4));
    expect![[r#"
        error: no case at `HOME/coinhound/cases/nowhere.case`

        hint: create it with `coinhound case new NAME`; `coinhound case list` shows those there are
    "#]]
    .assert_eq(&home.fails("--case nowhere seed list", 4));
    expect![[r#"
        error: cannot read `nowhere`
          caused by: No such file or directory (os error 2)

        hint: check the path and that you may read it: it is the node's `blocks` folder
    "#]]
    .assert_eq(&home.fails("ingest --blocks nowhere", 6));
    std::fs::create_dir(home.path().join("blocks")).expect("writable");
    expect![[r#"
        error: no block files in `blocks`

        hint: name the node's `blocks` folder, the one with blk00000.dat or later
    "#]]
    .assert_eq(&home.fails("ingest --blocks blocks", 6));
}

#[test]
fn a_wrong_command_line_is_told_apart_from_a_failure() {
    let home = Home::new();
    for line in [
        "",
        "frobnicate",
        "trace --stop everywhere",
        "ingest",
        "ingest --blocks x --network dogecoin",
        "--json --format csv status",
    ] {
        assert_eq!(home.run(line).exit, 2, "{line}");
    }
    assert_eq!(home.run("--version").exit, 0);
}

#[test]
fn cases_are_created_listed_chosen_and_logged() {
    let home = Home::new();
    home.ok("case new heist");
    home.ok("case new other");
    expect![[r#"
        case,seeds,packs,runs,file,state
        heist,0,0,0,HOME/coinhound/cases/heist.case,sound
        other,0,0,0,HOME/coinhound/cases/other.case,sound
    "#]]
    .assert_eq(&home.ok("case list --format csv").replace('\r', ""));
    assert!(home.fails("case new heist", 6).contains("a case already exists at `HOME/coinhound/cases/heist.case`"));
    home.ok("case use heist");
    expect![[r#"
        case       heist
        file       HOME/coinhound/cases/heist.case
        seeds      0
        tag packs  0
        runs       none
        audit log  intact: every line fits the one before

        LINE  AT                    WHO      WHAT         DETAIL
           1  2026-01-01T00:00:00Z  analyst  create case  {"name":"heist","program":"coinhound 0.1.0"}
    "#]]
    .assert_eq(&home.ok("case show"));
}

#[test]
fn a_pack_of_another_network_is_told_with_the_option_that_reads_it() {
    let home = Home::new();
    home.ok("case new heist");
    let pack = "title: T\ncreator: C\nsource: s\ncurrency: BTC\nlabel: L\nconfidence: forensic\ntags:\n- address: bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku\n";
    std::fs::write(home.path().join("pack.yaml"), pack).expect("writable");
    let told = home.fails("tag import pack.yaml", 6);
    assert!(told.ends_with("hint: if the pack speaks of regtest, import it with --network regtest\n"), "{told}");
    home.ok("tag import pack.yaml --network regtest");
}

#[test]
fn a_pack_is_refused_whole_and_imported_knowingly() {
    let home = Home::new();
    home.ok("case new heist");
    let pack = "title: T\ncreator: C\nsource: https://s.example\ncurrency: BTC\nlabel: \"\\e[31mRed\"\ntags:\n- address: 1BoatSLRHtKNngkdXEeobR76b53LETtpyT\n- address: 12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJY\n  confidence: forensic\n- address: bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku\n  confidence: forensic\n- address: '0xFA8E3920daF271daB92Be9B87d9998DDd94FEF08'\n  currency: ETH\n  confidence: forensic\n";
    std::fs::write(home.path().join("pack.yaml"), pack).expect("writable");
    expect![[r#"
        error: `pack.yaml`: 3 of the pack's tags or header fields break its rules; nothing was imported
          line 7: the tag has no `confidence`, and the header has none to inherit
          line 8: `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJY` is mistyped: its checksum does not match (did you mean `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX`? character 34 is `Y`, it should be `X`)
          line 10: `bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku` is an address of regtest, not of main

        hint: ask the pack's author; or vouch for it yourself with --confidence ID, or leave such tags out with --skip-invalid
    "#]].assert_eq(&home.fails("tag import pack.yaml", 6));
    assert!(home.ok("tag list").contains("none"), "nothing is half imported");
    let ran = home.run("tag import pack.yaml --skip-invalid --confidence heuristic");
    assert_eq!(ran.exit, 3, "{}", ran.err);
    expect![[r#"
        NETWORK  TAGS  ADDRESSES
        BTC         1  checked
        ETH         1  checked
    "#]]
    .assert_eq(&ran.out);
    expect![[r#"
        skipped: line 8: `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJY` is mistyped: its checksum does not match (did you mean `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX`? character 34 is `Y`, it should be `X`)
        skipped: line 10: `bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku` is an address of regtest, not of main
    "#]].assert_eq(&ran.err);
    expect![[r#"
        packs  1: T by C (2 tags)

        PACK  SUBJECT                                     NETWORK  LABEL          CATEGORY  CONFIDENCE             SOURCE
           1  1BoatSLRHtKNngkdXEeobR76b53LETtpyT          BTC      \u{1b}[31mRed            heuristic (10 of 100)  https://s.example
           1  0xFA8E3920daF271daB92Be9B87d9998DDd94FEF08  ETH      \u{1b}[31mRed            forensic (50 of 100)   https://s.example
    "#]].assert_eq(&home.ok("tag list"));
    assert!(
        home.fails("tag import pack.yaml --skip-invalid --confidence heuristic", 6)
            .contains("already imported, as pack 1")
    );
    home.ok("tag export --out again.yaml");
    home.ok("tag revoke 1");
    home.ok("tag import again.yaml");
    assert!(home.fails("tag import again.yaml --confidence sure", 2).contains("hint: known: override"));
}

#[test]
fn completions_and_manual_pages_are_written() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(home.ok(&format!("completions {shell}")).contains("ingest"), "{shell}");
    }
    home.ok("man --out man");
    let page = std::fs::read_to_string(home.path().join("man/coinhound-seed-add.1")).expect("a page for each verb");
    assert!(page.contains("position"));
}

#[test]
fn one_crate_of_the_tree_speaks_to_a_node_over_plain_http_and_no_other_does_networking() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"))
        .expect("the lock file is there");
    for name in
        ["tokio", "hyper", "reqwest", "rustls", "openssl", "native-tls", "curl", "socket2", "mio", "async-std", "smol"]
    {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name} is in the tree");
    }
    assert!(lock.contains("name = \"ureq\""), "this test looks for names that are there");
}
