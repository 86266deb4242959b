//! Settings: option over environment over file over default, each with its origin, and nothing wrong passes.

use expect_test::expect;
use serde_json::Value;

use crate::run::{Home, demo};

#[test]
fn a_setting_is_taken_from_the_option_else_the_environment_else_the_file() {
    let (store, _) = demo();
    let home = Home::new();
    let folder = store.path().join("demo/store");
    assert!(home.fails("status", 4).contains("no store at `HOME/coinhound/stores/main`"));
    home.configure(&format!("store = \"{}\"\nformat = \"json\"\n", folder.display()));
    let from_file: Value = serde_json::from_str(&home.ok("status")).expect("the file asks for JSON");
    assert_eq!(from_file["store"], folder.display().to_string());
    let ran = home.run_with(&[("COINHOUND_STORE", "elsewhere"), ("COINHOUND_FORMAT", "csv")], "status");
    assert!(ran.exit == 4 && ran.err.contains("no store at `elsewhere`"), "{}", ran.err);
    let ran = home.run_with(&[("COINHOUND_FORMAT", "csv")], "status");
    assert!(ran.out.starts_with("rows,count\r\n"), "{}", ran.out);
    assert!(home.ok("--format table status").starts_with("store "), "an option outranks both");
}

#[test]
fn a_setting_of_a_verb_is_that_verbs_default() {
    let (store, _) = demo();
    let home = Home::new();
    home.configure("[trace]\nrule = [\"fifo\", \"haircut\"]\nstop = [\"services\"]\nstop_confidence = 60\n");
    let at = format!("--store {}/demo/store --json", store.path().display());
    let seeds = home.ok(&format!("{at} --case {}/demo/demo.case seed list", store.path().display()));
    let seeds: Value = serde_json::from_str(&seeds).expect("JSON");
    home.ok("case new heist");
    home.ok(&format!("{at} seed add {}", seeds[1]["coin"].as_str().expect("text")));
    let answer = |line: &str| -> Value { serde_json::from_str(&home.ok(&format!("{at} {line}"))).expect("JSON") };
    let parameters = answer("trace")["parameters"].clone();
    assert_eq!(parameters["rules"], serde_json::json!(["fifo", "haircut"]));
    assert_eq!(
        (&parameters["stop_sets"], &parameters["stop_confidence"]),
        (&serde_json::json!(["services"]), &60.into())
    );
    assert_eq!(answer("trace --rule lifo")["parameters"]["rules"], serde_json::json!(["lifo"]));
}

#[test]
fn every_setting_is_listed_with_its_origin() {
    let home = Home::new();
    home.configure("case = \"heist\"\n\n[ingest]\nblocks = \"blocks\"\n");
    let ran = home.run_with(&[("COINHOUND_RPC", "http://me:secret@127.0.0.1:8332")], "config show --origin");
    let shown = ran.out.replace(&home.path().display().to_string(), "HOME");
    expect![[r#"
        file  HOME/config/coinhound/config.toml

        SETTING                VALUE                                  VARIABLE                   ORIGIN
        store                  -                                      COINHOUND_STORE            default
        case                   heist                                  COINHOUND_CASE             HOME/config/coinhound/config.toml line 1
        format                 table                                  COINHOUND_FORMAT           default
        network                main                                   COINHOUND_NETWORK          default
        ingest.blocks          HOME/config/coinhound/blocks           COINHOUND_BLOCKS           HOME/config/coinhound/config.toml line 4
        ingest.rpc             http://***@127.0.0.1:8332              COINHOUND_RPC              variable COINHOUND_RPC
        ingest.rpc_user        -                                      COINHOUND_RPC_USER         default
        ingest.rpc_cookie      -                                      COINHOUND_RPC_COOKIE       default
        ingest.poll            1                                      COINHOUND_POLL             default
        trace.rule             all                                    COINHOUND_RULE             default
        trace.stop             services,mixers                        COINHOUND_STOP             default
        trace.stop_confidence  50                                     COINHOUND_STOP_CONFIDENCE  default
        trace.dust             -                                      COINHOUND_DUST             default
        trace.threads          2                                      COINHOUND_THREADS          default
    "#]]
    .assert_eq(&squeezed(&shown));
    assert!(!ran.out.contains("secret"));
    let bare = home.run_with(&[("COINHOUND_RPC", "me:secret@127.0.0.1:8332")], "config show");
    assert!(bare.out.contains("***@127.0.0.1:8332") && !bare.out.contains("secret"), "{}", bare.out);
}

/// The third column as wide as if paths were short: the home's own path has another length on every machine.
fn squeezed(table: &str) -> String {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        match cells[..] {
            [setting, value, variable, origin] => format!("{setting:<21}  {value:<37}  {variable:<25}  {origin}"),
            _ => line.to_owned(),
        }
    };
    table.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn a_wrong_configuration_stops_every_verb_and_check_names_it_all() {
    let home = Home::new();
    let file = "stroe = \"x\"\nformat = \"xml\"\n[ingest]\nrpc_password = \"p\"\nrpc = \"http://a:b@h:1\"\n[trace]\nstop_confidence = 101\n";
    home.configure(file);
    expect![[r#"
        error: `HOME/config/coinhound/config.toml` line 1: `stroe` is not a setting; `coinhound config check` names 4 more

        hint: did you mean `store`?
    "#]]
    .assert_eq(&home.fails("status", 6));
    let ran = home.run("--format csv config check");
    assert_eq!(ran.exit, 6, "{}", ran.err);
    expect![[r#"
        where,line,problem,hint
        HOME/config/coinhound/config.toml,1,`stroe` is not a setting,did you mean `store`?
        HOME/config/coinhound/config.toml,4,`ingest.rpc_password` is not a setting,"a password is kept in no file of ours: set COINHOUND_RPC_PASSWORD, or use the node's cookie"
        HOME/config/coinhound/config.toml,2,`format`: `xml` is not taken,"it takes table, json, csv"
        HOME/config/coinhound/config.toml,5,`ingest.rpc` holds a name and password,"a password is kept in no file of ours: set COINHOUND_RPC_PASSWORD, or use the node's cookie"
        HOME/config/coinhound/config.toml,7,`trace.stop_confidence`: `101` is not taken,101 is not in 0..=100
    "#]]
    .assert_eq(&ran.out.replace(&home.path().display().to_string(), "HOME").replace('\r', ""));
    home.ok("--help");
    home.configure("store = [1]\n");
    assert!(home.fails("status", 6).contains("line 1: `store` is a list of other things"));
    home.configure("store = \"unfinished\n");
    assert!(home.fails("status", 6).contains("line 1: not TOML: "));
    home.configure("");
    assert!(home.ok("config check").contains("sound"));
    let ran = home.run_with(&[("COINHOUND_POLL", "0")], "config check");
    assert!(ran.exit == 6 && ran.out.contains("`COINHOUND_POLL`: `0` is not taken"), "{}", ran.out);
    let ran = home.run_with(&[("COINHOUND_CONFIG", "nowhere.toml")], "status");
    assert!(ran.exit == 6 && ran.err.contains("`nowhere.toml`: it cannot be read"), "{}", ran.err);
}

#[test]
fn the_network_in_the_configuration_names_the_store_that_is_asked() {
    let home = Home::new();
    home.configure("network = \"litecoin\"\n");
    assert!(home.fails("status", 4).contains("no store at `HOME/coinhound/stores/litecoin`"));
}

#[test]
fn the_feed_named_on_the_command_line_outranks_the_one_in_the_configuration() {
    let home = Home::new();
    home.configure("[ingest]\nrpc = \"http://127.0.0.1:1\"\nrpc_cookie = \"cookie\"\n");
    assert!(home.fails("ingest --blocks nowhere", 6).contains("cannot read `nowhere`"));
    assert!(home.fails("ingest --rpc-user me", 2).contains("COINHOUND_RPC_PASSWORD"));
    home.configure("[ingest]\nrpc = \"http://127.0.0.1:1\"\nblocks = \"blocks\"\n");
    assert!(home.fails("ingest", 2).contains("names both a folder of blocks and a node"));
}
