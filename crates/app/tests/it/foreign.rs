//! Coins made before the blocks read: the blocks that spend them know enough to trace them.

use coinhound_sim::theft::{Options, heist};
use coinhound_sim::{BlockWriter, Layout};

use crate::run::Home;

fn json(home: &Home, line: &str) -> serde_json::Value {
    serde_json::from_str(&home.ok(&format!("--store whole-store --json {line}"))).expect("it is JSON")
}

#[test]
fn a_coin_made_before_the_blocks_read_is_found_expanded_and_traced() {
    let home = Home::new();
    let blocks = heist(&Options { stale_every: 0, ..Options::default() }).blocks;
    for (folder, first) in [("whole", 0), ("late", 150)] {
        let mut writer = BlockWriter::create(&home.path().join(folder), Layout::default()).expect("writable");
        let kept = blocks.iter().filter(|block| block.height.0 >= first).cloned();
        kept.for_each(|block| writer.write(block).expect("writable"));
        writer.finish().expect("writable");
        let store = format!("--store {folder}-store --network regtest");
        home.ok(&format!("ingest --blocks {folder} {store}"));
    }
    // A coinbase from below the range that the range spends.
    home.ok("case new late");
    let spent = blocks[..150].iter().rev().find_map(|block| {
        let coin = format!("{}:0", block.reward_outpoint().txid);
        let ran = home.run(&format!("--store late-store seed add {coin}"));
        (ran.exit == 0).then_some((coin, block.height))
    });
    let (coin, height) = spent.expect("some coinbase is spent above height 150");
    let listed = home.ok("--format csv seed list");
    let row: Vec<&str> = listed.lines().nth(1).expect("one seed").split(',').collect();
    assert_eq!((row[1], row[6]), (coin.as_str(), height.to_string().as_str()), "{listed}");

    let late = home.ok("--store late-store trace --rule fifo,lifo,haircut --stop none --format csv");
    home.ok("--store late-store report --out late-report");
    let page = std::fs::read_to_string(home.path().join("late-report/report.html")).expect("written");
    assert!(page.contains("before the blocks read") && !page.contains("1970-01-01"), "no time is made up");
    home.ok("case new whole");
    home.ok(&format!("--store whole-store seed add {coin}"));
    let whole = home.ok("--store whole-store trace --rule fifo,lifo,haircut --stop none --format csv");
    let sums = |csv: &str| -> u64 {
        let fifo = csv.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|row| row[2] == "fifo");
        fifo.map(|row| row[10].replace('.', "").parse::<u64>().expect("an amount")).sum()
    };
    assert_eq!(sums(&late), sums(&whole), "both add up to the coin");
    // The seed of the whole store is found in the partial one too, and the other way round.
    home.ok("--store late-store trace --stop none");
    home.ok("--store whole-store --case late trace --stop none");

    // The height before the first spend: the address held the coin, which only later blocks tell.
    let spent_by = json(&home, &format!("show {coin}"));
    let spent_by = spent_by["entries"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["side"] == "out" && row["index"] == 0));
    let spender = json(&home, &format!("show {}", spent_by.expect("an output")["spent_by"].as_str().expect("text")));
    let height = spender["block"]["height"].as_u64().expect("a number");
    assert!(height > 150, "the range begins below the spend");
    let before = format!("--store late-store --as-of {} seed add {} --theft address", height - 1, row[5]);
    let expanded = home.run(&before);
    assert!(expanded.exit == 3 && expanded.out.contains(&coin), "{}{}", expanded.out, expanded.err);
    let source = home.ok(&format!("--store late-store source {coin}"));
    assert!(source.contains("unknown: before the ingested range"), "{source}");
}
