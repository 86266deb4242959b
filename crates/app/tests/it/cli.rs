//! What a person meets: the manual, the errors with their hints, the exit codes.

use expect_test::expect;

use crate::run::Home;

#[test]
fn the_manual_shows_examples_first() {
    let home = Home::new();
    expect![[r#"
        Follows stolen coins through real chain data and says where they came to rest, by which rule

        Examples:
          coinhound demo                               a made-up theft, traced and reported
          coinhound ingest --blocks ~/.bitcoin/blocks  read a node's block files
          coinhound show 1BoatSLRHtKNngkdXEeobR76b53LETtpyT

          coinhound case new heist                     an investigation
          coinhound seed add TXID:0                    what was stolen
          coinhound tag import exchanges.yaml          who says which address is whose
          coinhound trace --rule all --stop services,mixers
          coinhound report --out heist-report

        Usage: coinhound [OPTIONS] <COMMAND>

        Commands:
          demo         Traces a theft on a chain that the program writes itself
          ingest       Reads a node's block files into the store
          status       Says what the store holds
          show         Shows a block, a transaction or an address
          store        Checks the store's checksums, or makes a derived table anew
          cluster      Lists the addresses that the same hand controls, by the evidence asked for
          why          Shows why two addresses are said to have the same owner
          case         Creates, lists, chooses or shows cases
          seed         Says what was stolen
          tag          Imports and lists tags: who says what about which address
          trace        Follows the case's stolen coins
          report       Writes the last trace down: a page for people, JSON and CSV for programs
          completions  Prints completions for a shell
          man          Writes the manual pages
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        For every verb:
              --store <DIR>
                  Folder of the store

              --case <NAME|FILE>
                  Case to work on, by name or file; else the one last created or chosen

              --as-of <HEIGHT>
                  Answer as of this height instead of the tip

              --format <FORM>
                  How to print the answer

                  Possible values:
                  - table: Aligned text for people
                  - json:  JSON for programs; amounts are text, exact
                  - csv:   CSV for spreadsheets; no cell is a formula
          
                  [default: table]

              --json
                  The same as --format json

        Exit codes:
          0  done
          1  failed
          2  wrong command line
          3  done in part: a gap in the blocks, skipped rows, a spent budget
          4  not found in the store or the case
          5  store or case damaged, of a newer format, or in use by another writer
          6  input refused: a wrong address, an incomplete tag pack

        Environment:
          COINHOUND_STORE    folder of the store, like --store
          COINHOUND_CASE     name or file of the case, like --case
          SOURCE_DATE_EPOCH  seconds since 1970 to use as the present time in the audit log
          XDG_DATA_HOME      where cases, stores and demos lie, in `coinhound/`
    "#]]
    .assert_eq(&home.ok("--help"));
    expect![[r#"
        Adds a stolen coin, or every coin an address holds

        Usage: coinhound seed add [OPTIONS] <TXID:VOUT|ADDRESS>

        Arguments:
          <TXID:VOUT|ADDRESS>
                  The coin, or an address whose coins as of --as-of are meant

        Options:
              --amount <AMOUNT>
                  Stolen part of the coin, in whole units: 2.5

              --position <POSITION>
                  Where that part lies in the coin; needed when it is not the whole

                  Possible values:
                  - front: Its first units
                  - back:  Its last units

              --theft <THEFT>
                  Which theft it belongs to; each is traced alone
          
                  [default: theft]

              --yes
                  Add the listed coins of an address

          -h, --help
                  Print help (see a summary with '-h')

        For every verb:
              --store <DIR>
                  Folder of the store

              --case <NAME|FILE>
                  Case to work on, by name or file; else the one last created or chosen

              --as-of <HEIGHT>
                  Answer as of this height instead of the tip

              --format <FORM>
                  How to print the answer

                  Possible values:
                  - table: Aligned text for people
                  - json:  JSON for programs; amounts are text, exact
                  - csv:   CSV for spreadsheets; no cell is a formula
          
                  [default: table]

              --json
                  The same as --format json
    "#]]
    .assert_eq(&home.ok("seed add --help"));
    for verb in [
        "demo",
        "ingest",
        "status",
        "show",
        "store",
        "cluster",
        "why",
        "case",
        "seed",
        "tag",
        "trace",
        "report",
        "completions",
        "man",
    ] {
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
fn a_pack_is_refused_whole_and_imported_knowingly() {
    let home = Home::new();
    home.ok("case new heist");
    let pack = "title: T\ncreator: C\nsource: https://s.example\ncurrency: BTC\nlabel: \"\\e[31mRed\"\ntags:\n- address: 1BoatSLRHtKNngkdXEeobR76b53LETtpyT\n- address: 12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJY\n  confidence: forensic\n- address: bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku\n  confidence: forensic\n- address: '0xFA8E3920daF271daB92Be9B87d9998DDd94FEF08'\n  currency: ETH\n  confidence: forensic\n";
    std::fs::write(home.path().join("pack.yaml"), pack).expect("writable");
    expect![[r#"
        error: `pack.yaml`: 3 of the pack's tags or header fields break its rules; nothing was imported
          line 7: the tag has no `confidence`, and the header has none to inherit
          line 8: `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJY` is mistyped: its checksum does not match (did you mean `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX`? character 34 is `Y`, it should be `X`)
          line 10: `bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku` is an address of regtest, not of main (ask for the network regtest)

        hint: ask the pack's author; or vouch for it yourself with --confidence ID, or leave such tags out with --skip-invalid
    "#]].assert_eq(&home.fails("tag import pack.yaml", 6));
    assert!(home.ok("tag list").contains("none"), "nothing is half imported");
    let ran = home.run("tag import pack.yaml --skip-invalid --confidence heuristic");
    assert_eq!(ran.exit, 3, "{}", ran.err);
    expect![[r#"
        NETWORK  TAGS  ADDRESSES
        BTC         1  checked
        ETH         1  kept as written: not a network of this build
    "#]]
    .assert_eq(&ran.out);
    expect![[r#"
        skipped: line 8: `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJY` is mistyped: its checksum does not match (did you mean `12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX`? character 34 is `Y`, it should be `X`)
        skipped: line 10: `bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mku` is an address of regtest, not of main (ask for the network regtest)
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
fn no_crate_of_the_tree_does_networking() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"))
        .expect("the lock file is there");
    for name in [
        "tokio",
        "hyper",
        "reqwest",
        "ureq",
        "rustls",
        "openssl",
        "native-tls",
        "curl",
        "socket2",
        "mio",
        "async-std",
        "smol",
    ] {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name} is in the tree");
    }
}
