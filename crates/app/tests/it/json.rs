//! Every verb's JSON against docs/json.md: what is printed is documented with its type, what is documented is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::nem;
use coinhound_testkit::nis::{self, ScriptedNis};
use coinhound_testkit::node::{ScriptedNode, made};
use serde_json::Value;

use crate::ethereum;
use crate::run::{Home, coincheck, demo};

/// A documented field: its type, whether it may be null, and the words it may be.
struct Field {
    kind: String,
    or_null: bool,
    words: Vec<String>,
}

/// The tables of the document, by the heading they stand under.
fn documented() -> BTreeMap<String, BTreeMap<String, Field>> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/json.md")).expect("it is there");
    let mut verbs: BTreeMap<String, BTreeMap<String, Field>> = BTreeMap::new();
    let mut verb = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            verb = heading.to_owned();
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let is_row = line.starts_with('|') && cells.len() >= 3 && cells[0] != "field" && !cells[0].starts_with("---");
        if is_row && verb != "Types" {
            let words = cells[2].split(';').next().unwrap_or_default().split(", ").map(str::to_owned);
            let field = Field {
                kind: cells[1].trim_end_matches('?').to_owned(),
                or_null: cells[1].ends_with('?'),
                words: words.collect(),
            };
            let twice = verbs.entry(verb.clone()).or_default().insert(cells[0].to_owned(), field);
            assert!(twice.is_none(), "`{}` of `{verb}` stands twice", cells[0]);
        }
    }
    verbs
}

impl Field {
    fn takes(&self, value: &Value) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = |text: &str| text.strip_prefix("0x").unwrap_or(text).to_owned();
        let hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = |text: &str| hash(&plain(text));
        let coin = |text: &str| text.split_once(':').is_some_and(|(txid, vout)| hash(txid) && digits(vout));
        let text = value.as_str();
        match self.kind.as_str() {
            _ if value.is_null() => self.or_null,
            "text" => text.is_some(),
            "word" => text.is_some_and(|text| self.words.iter().any(|word| word == text)),
            "hash" => text.is_some_and(hash),
            "coin" => text.is_some_and(coin),
            "units" => text.is_some_and(digits),
            "count" => value.is_u64() || text.is_some_and(digits),
            "time" | "height" => value.is_u64(),
            "flag" => value.is_boolean(),
            "list" => value.is_array(),
            "object" => value.is_object(),
            "any" => value.is_object() || value.is_array(),
            other => panic!("docs/json.md names the type `{other}`, which it does not define"),
        }
    }
}

/// What was met of one verb's fields, and what was not documented.
struct Walk<'a> {
    verb: &'a str,
    fields: &'a BTreeMap<String, Field>,
    met: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Walk<'_> {
    fn value(&mut self, path: &str, value: &Value) {
        if let Some(field) = self.fields.get(path) {
            self.met.insert(path.to_owned());
            if !field.takes(value) {
                self.wrong.push(format!("{}: `{path}` is {value}, documented as {}", self.verb, field.kind));
            }
            if field.kind == "any" {
                return;
            }
        }
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                self.value(&path, value);
            }),
            Value::Array(items) => items.iter().for_each(|item| self.value(&format!("{path}[]"), item)),
            _ if self.fields.contains_key(path) => {}
            _ => self.wrong.push(format!("{}: `{path}` is {value}, and is not documented", self.verb)),
        }
    }
}

/// What of these answers is not as the document says under a heading.
pub fn undocumented(verb: &str, answers: &[Value]) -> Vec<String> {
    let fields = &documented()[verb];
    let mut walk = Walk { verb, fields, met: BTreeSet::new(), wrong: Vec::new() };
    answers.iter().for_each(|value| walk.value("", value));
    walk.wrong
}

/// Every verb's answers, under the heading that documents them.
struct Answers(BTreeMap<&'static str, Vec<Value>>);

impl Answers {
    fn ask(&mut self, heading: &'static str, home: &Home, line: &str) -> Value {
        let ran = home.run(&format!("--json {line}"));
        let value: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{line}: {}{}", ran.out, ran.err));
        self.0.entry(heading).or_default().push(value.clone());
        value
    }

    /// A chain with a gap, a damaged block, and a node that is read, lags and fails.
    fn feeds(&mut self) {
        let home = Home::new();
        home.ok("demo --story bitcoin --out demo");
        let file = home.path().join("demo/blocks/blk00000.dat");
        let mut bytes = fs::read(&file).expect("block files are plain");
        let length = bytes.len();
        bytes[length / 2] ^= 1;
        fs::write(&file, bytes).expect("writable");
        self.ask("ingest", &home, "ingest --blocks demo/blocks --network regtest --store holey");
        self.ask("status", &home, "--store holey status");
        let first = self.ask("show BLOCK", &home, "--store holey show 1")["transaction_list"][0]["transaction"].clone();
        home.ok("case new holey");
        home.ok(&format!("--store holey seed add {}:0", first.as_str().expect("text")));
        self.ask("trace", &home, "--store holey trace");
        let facts = fs::read_dir(home.path().join("holey/facts")).expect("a folder").next().expect("facts");
        let mut bytes = fs::read(facts.as_ref().expect("readable").path()).expect("readable");
        bytes.iter_mut().for_each(|byte| *byte ^= 1);
        fs::write(facts.expect("readable").path(), bytes).expect("writable");
        self.ask("store check", &home, "--store holey store check");

        let chain = made::chain(6);
        let node = ScriptedNode::start(Network::Regtest.params(), &chain);
        let line = format!("ingest --rpc {} --network regtest --store node", node.url());
        self.ask("ingest", &home, &line);
        node.set_catching_up(true, 3);
        node.set_pruned(Some(2));
        node.set_warnings(&["a warning"]);
        self.ask("ingest", &home, &line);
        self.ask("status", &home, "--store node status");
        drop(node);
        home.run(&line);
        self.ask("status", &home, "--store node status");
    }

    /// A small table with a bad row, NEM as the demo leaves it, and a node on loopback.
    fn accounts(&mut self) {
        let (demo, _) = coincheck();
        let nem = "--store demo/reconstruction/store --case demo/reconstruction/reconstruction.case";
        for part in ["coincheck", "reconstruction"] {
            let report = fs::read_to_string(demo.path().join("demo").join(part).join("report/report.json"));
            let report: Value = serde_json::from_str(&report.expect("written")).expect("JSON");
            self.0.entry("trace (accounts)").or_default().push(report);
        }
        let truth = fs::read_to_string(demo.path().join("demo/reconstruction/truth.json")).expect("written");
        let truth: Value = serde_json::from_str(&truth).expect("JSON");
        let usage = |usage: &str| {
            let account =
                truth["accounts"].as_array().expect("a list").iter().find(|account| account["usage"] == usage);
            account.expect("the story has one")["address"].as_str().expect("text").to_owned()
        };
        let seeds = self.ask("seed list", demo, &format!("{nem} seed list"));
        let (tx, thief) = (seeds[0]["coin"].as_str().expect("text"), seeds[0]["address"].as_str().expect("text"));
        self.ask("status (accounts)", demo, &format!("{nem} status"));
        for height in [1, 24, 300, 400] {
            self.ask("show BLOCK (accounts)", demo, &format!("{nem} show {height}"));
        }
        self.ask("show TRANSACTION (accounts)", demo, &format!("{nem} show {tx}"));
        for deposit in truth["deposits"].as_array().expect("a list").iter().take(3) {
            let line = format!("{nem} show {}", deposit["hash"].as_str().expect("text"));
            self.ask("show TRANSACTION (accounts)", demo, &line);
        }
        for account in [thief, &usage("deposit")] {
            self.ask("show ACCOUNT", demo, &format!("{nem} show {account}"));
        }
        self.ask("cluster (accounts)", demo, &format!("{nem} cluster {}", usage("multisig")));
        self.ask("customers", demo, &format!("{nem} customers {}", usage("deposit")));

        let home = Home::new();
        home.ok("case new marks");
        let store = demo.path().join("demo/reconstruction/store").display().to_string();
        let mosaic = truth["tags"][0]["mosaic"].as_str().expect("text");
        self.ask("tag from-mosaic", &home, &format!("--store {store} tag from-mosaic {mosaic}"));
        self.table(&home);
        let node = ScriptedNis::start(&nis::made::chain(nem::Network::Test, 100, 3));
        let line = format!("ingest --nis {} --nem-network nem-testnet --start 100", node.url());
        self.ask("ingest --nis", &home, &line);
        self.ask("status (accounts)", &home, "--store nem-152 status");
    }

    /// A made-up theft on Ethereum: by a node, by files of which one is damaged, and without traces.
    fn ethereum(&mut self) {
        let world = ethereum::World::new();
        let (home, node, at) = (Home::new(), world.node(), "--store eip155-1");
        self.ask("ingest --evm", &home, &ethereum::ingest(&node));
        let ask_all = |answers: &mut Self, home: &Home| {
            answers.ask("status (accounts)", home, &format!("{at} status"));
            answers.ask("show BLOCK (accounts)", home, &format!("{at} show {}", ethereum::BELOW + 2));
            answers.ask("show TRANSACTION (accounts)", home, &format!("{at} show {}", world.theft));
            for account in [world.thief, world.safe] {
                answers.ask("show ACCOUNT", home, &format!("{at} show {account}"));
            }
            answers.ask("show CONTRACT", home, &format!("{at} show {}", world.proxy));
            world.tags(home);
            home.ok("case new heist");
            home.ok("tag import tags.yaml");
            for account in [world.deposit, world.pool] {
                answers.ask("cluster (accounts)", home, &format!("{at} cluster {account}"));
            }
            answers.ask("seed add", home, &format!("{at} seed add {}", world.theft));
            let swap = world.blocks[3].txs[0].signed.hash;
            answers.ask("show TRANSACTION (accounts)", home, &format!("{at} show {swap}"));
            for conversions in ["known", "follow"] {
                let line = format!("{at} trace --rule all --declare lifo --conversions {conversions}");
                answers.ask("trace (accounts)", home, &line);
            }
            answers.ask("balances", home, &format!("{at} balances --evm {}", node.url()));
        };
        ask_all(self, &home);
        self.ask("tokens", &home, &format!("{at} tokens --evm {}", node.url()));
        node.hide(&["debug_traceBlockByNumber", "trace_block"]);
        let untraced = Home::new();
        self.ask("ingest --evm", &untraced, &ethereum::ingest(&node));
        ask_all(self, &untraced);
        let files = Home::new();
        world.write(&files.path().join("blocks"));
        fs::write(files.path().join(format!("blocks/{}.json", ethereum::BELOW + 4)), "{\"number\":").expect("writable");
        let line = format!("ingest --blocks blocks --network ethereum --start {}", ethereum::BELOW + 1);
        self.ask("ingest --blocks (Ethereum)", &files, &line);
        let line = ethereum::ingest(&node);
        drop(node);
        home.run(&line);
        self.ask("status (accounts)", &home, &format!("{at} status"));
    }

    fn table(&mut self, home: &Home) {
        let rows = "time,tx,from,to,asset,amount\n2018-01-01 00:00:00,t1,victim,thief,XEM,100\n2018-01-01 01:00:00,t2,thief,mule,XEM,60\n2018-01-01 02:00:00,t3,mule,exchange,XEM,bad\n";
        let map = "format = 1\nledger = \"small\"\n[time]\ncolumn = \"time\"\nformat = \"iso\"\nzone = \"UTC\"\n[transaction]\ncolumn = \"tx\"\nnames = \"text\"\n[asset]\nid = \"asset\"\namounts = \"smallest\"\n[transfer]\nfrom = \"from\"\nto = \"to\"\namount = \"amount\"\n";
        fs::write(home.path().join("small.csv"), rows).expect("writable");
        fs::write(home.path().join("small.toml"), map).expect("writable");
        self.ask("ingest --table", home, "ingest --table small.csv --map small.toml --skip-bad");
        let at = "--store table-small";
        self.ask("status (accounts)", home, &format!("{at} status"));
        let block = self.ask("show BLOCK (accounts)", home, &format!("{at} show 0"));
        let tx = block["transaction_list"][0]["transaction"].as_str().expect("text");
        self.ask("show TRANSACTION (accounts)", home, &format!("{at} show {tx}"));
        self.ask("show ACCOUNT", home, &format!("{at} show thief"));
        for theft in ["theft", "other"] {
            self.ask("seed add", home, &format!("{at} seed add thief --yes --theft {theft}"));
        }
        self.ask("trace (accounts)", home, &format!("{at} trace"));
    }

    fn looks(&mut self, home: &Home, at: &str) {
        let seeds = self.ask("seed list", home, &format!("{at} seed list"));
        let (coin, address) = (seeds[1]["coin"].as_str().expect("text"), seeds[1]["address"].as_str().expect("text"));
        let txid = coin.split(':').next().expect("txid:vout");
        self.ask("status", home, &format!("{at} status"));
        self.ask("show BLOCK", home, &format!("{at} show 1"));
        let tx = self.ask("show TRANSACTION", home, &format!("{at} show {txid}"));
        let block = self.ask("show BLOCK", home, &format!("{at} show {}", tx["block"]["height"]));
        for row in block["transaction_list"].as_array().expect("rows") {
            let line = format!("{at} show {}", row["transaction"].as_str().expect("text"));
            self.ask("show TRANSACTION", home, &line);
        }
        self.ask("show ADDRESS", home, &format!("{at} show {address}"));
        self.ask("store check", home, &format!("{at} store check"));
        self.ask("cluster", home, &format!("{at} cluster {address}"));
        self.ask("source", home, &format!("{at} source {coin}"));
        self.ask("source", home, &format!("{at} source {coin} --amount 0.5 --position back"));
        self.ask("tag list", home, &format!("{at} tag list"));
        self.ask("case show", home, &format!("{at} case show"));
    }

    /// The mix that some of the loot went into.
    fn mix(&mut self, home: &Home, at: &str, report: &Value) {
        let ends = report["thefts"][0]["trails"][0]["ends"].as_array().expect("a list");
        let mixed = ends.iter().find(|end| end["end"] == "mixed").expect("the thief mixes some of it");
        let (txid, vout) = mixed["coin"]["outpoint"].as_str().expect("text").split_once(':').expect("txid:vout");
        let made = self.ask("show TRANSACTION", home, &format!("{at} show {txid} --limit 1000"));
        let sides = made["entries"].as_array().expect("rows");
        let vout: u64 = vout.parse().expect("a number");
        let coin = sides.iter().find(|side| side["side"] == "out" && side["index"] == vout);
        let mix = coin.expect("it was made there")["spent_by"].as_str().expect("the mix spends it");
        self.ask("show TRANSACTION", home, &format!("{at} show {mix}"));
    }

    /// Why two addresses of an exchange belong together; gives the second.
    fn links(&mut self, home: &Home, at: &str) -> String {
        let tags = self.ask("tag list", home, &format!("{at} tag list --category exchange --limit 400"));
        let subjects = tags["tags"].as_array().expect("rows").iter().map(|tag| tag["subject"].as_str().expect("text"));
        let cluster = subjects.map(|address| self.ask("cluster", home, &format!("{at} cluster {address}")));
        let cluster =
            cluster.into_iter().find(|found| found["addresses"].as_u64() > Some(1)).expect("an exchange sweeps");
        let member = |number: usize| cluster["members"][number]["address"].as_str().expect("text").to_owned();
        self.ask("why", home, &format!("{at} why {} {}", member(0), member(1)));
        self.ask("why", home, &format!("{at} why {0} {0}", member(0)));
        member(1)
    }

    /// Every entry of the register.
    fn register(&mut self, home: &Home) {
        let list = self.ask("register list", home, "register list");
        for row in list.as_array().expect("rows") {
            let line = format!("register show {}", row["id"].as_str().expect("text"));
            self.ask("register show", home, &line);
        }
    }

    /// A case of one's own, from its creation to its report.
    fn case(&mut self, home: &Home, store: &str, coins: &[String]) {
        self.ask("case new", home, "case new heist");
        self.ask("case use", home, "case use heist");
        fs::write(home.path().join("cases/broken.case"), "x").unwrap_or_default();
        for coin in coins {
            self.ask("seed add", home, &format!("{store} seed add {coin}"));
        }
        self.ask(
            "seed add",
            home,
            &format!("{store} seed add {} --amount 0.5 --position front --theft other", coins[1]),
        );
        let pack = "title: T\ncreator: C\nsource: https://s.example\nconfidence: forensic\ncurrency: ETH\nlabel: L\ntags:\n- {address: '0xFA8E3920daF271daB92Be9B87d9998DDd94FEF08', abuse: scam, category: exchange}\n";
        fs::write(home.path().join("pack.yaml"), pack).expect("writable");
        self.ask("tag import", home, "tag import pack.yaml");
        self.ask("tag export", home, "tag export --out out.yaml");
        self.ask("tag revoke", home, "tag revoke 1");
        self.ask("trace", home, &format!("{store} trace --hops 4 --stop-exact"));
        self.ask("trace", home, &format!("{store} trace --until-height 100000 --until-time 2100-01-01 --dust 0.0001"));
        self.ask("report", home, &format!("{store} report --out r"));
        self.ask("seed remove", home, &format!("seed remove {}", coins[0]));
        self.ask("case list", home, "case list");
    }
}

#[test]
fn what_every_verb_prints_as_json_is_what_the_document_says() {
    let (store, _) = demo();
    let at = format!("--store {0}/demo/store --case {0}/demo/demo.case", store.path().display());
    let here = format!("--store {}/demo/store", store.path().display());
    let mut answers = Answers(BTreeMap::new());
    answers.feeds();
    let home = Home::new();
    answers.looks(&home, &at);
    let seeds = answers.ask("seed list", &home, &format!("{at} seed list"));
    let coins: Vec<String> =
        seeds.as_array().expect("rows").iter().map(|row| row["coin"].as_str().expect("text").to_owned()).collect();
    answers.case(&home, &here, &coins);
    let report = fs::read_to_string(store.path().join("demo/report/report.json")).expect("written");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    answers.mix(&home, &at, &report);
    let rival = answers.links(&home, &at);
    let definers = fs::read_to_string(store.path().join("demo/services.yaml")).expect("written");
    let definers = definers.replace("is_public: true", "is_public: true\nis_cluster_definer: true");
    let theft = &report["thefts"][0];
    let rivals = format!(
        "title: R\ncreator: C\nsource: s\ncurrency: BTC\nnetwork: regtest\nconfidence: ownership\ntags:\n\
         - {{address: {rival}, label: Rival, category: exchange}}\n- {{address: {}, label: Seed}}\n- {{tx_hash: {}, label: Hop}}\n",
        theft["seeds"][1]["coin"]["address"].as_str().expect("text"),
        theft["trails"][0]["hops"][0]["transaction"]["txid"].as_str().expect("text"),
    );
    for (name, pack) in [("definers.yaml", definers), ("rivals.yaml", rivals)] {
        fs::write(home.path().join(name), pack).expect("writable");
        answers.ask("tag import", &home, &format!("tag import {name}"));
    }
    answers.ask("trace", &home, &format!("{here} trace --rule fifo"));
    answers.accounts();
    answers.ethereum();
    answers.register(&home);
    answers.ask("config show", &home, "config show");
    home.configure("stroe = 1\ncase = \"heist\"\n");
    answers.ask("config show", &home, "config show");
    answers.ask("config check", &home, "config check");
    let made = Home::new();
    answers.ask("trace", &made, "demo --story bitcoin --out demo");
    // The overlay of the first segment, which a store of this length has.
    answers.ask("store rebuild", &made, "--store demo/store store rebuild overlay/0000000000-0000000256");

    let documented = documented();
    let mut wrong = Vec::new();
    for (verb, fields) in documented.iter().filter(|(verb, _)| *verb != "ingest --follow") {
        let mut walk = Walk { verb, fields, met: BTreeSet::new(), wrong: Vec::new() };
        let said = answers.0.get(verb.as_str()).unwrap_or_else(|| panic!("`{verb}` is documented and was not asked"));
        said.iter().for_each(|value| walk.value("", value));
        wrong.extend(walk.wrong);
        let never = fields.keys().filter(|path| !walk.met.contains(*path));
        wrong.extend(never.map(|path| format!("{verb}: `{path}` is documented and never printed")));
    }
    let unknown = answers.0.keys().filter(|verb| !documented.contains_key(**verb));
    wrong.extend(unknown.map(|verb| format!("`{verb}` is not documented")));
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
