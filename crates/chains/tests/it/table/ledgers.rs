//! What rows become: transactions, blocks, openings, fees, statements, notes.

use coinhound_chains::table::{Start, Table, TableFile, before};
use coinhound_model::{Hash256, Height, NoteKind};
use expect_test::expect;

use super::{HEADER, USUAL, blocks, file, hash, notes, told, transfers, usual};

fn read(files: Vec<TableFile>) -> Table {
    Table::read(files, None, false).unwrap_or_else(|error| panic!("{error}"))
}

fn statement(more: &str) -> String {
    format!(
        "format = 1\nledger = \"town\"\n{USUAL}\
         [statement]\naccount = {{ constant = \"me\" }}\n{more}\n"
    )
}

#[test]
fn rows_of_a_moment_are_a_block_and_rows_of_a_hash_a_transaction() {
    let (one, two) = (hash('1'), hash('2'));
    let rows = format!(
        "2018-01-27,{two},c,d,3\n2018-01-26,{one},a,b,1\n2018-01-26,{two2},x,y,0.5\n2018-01-26,0x{one},b,c,1.25\n",
        two2 = hash('3')
    );
    let table = usual(&rows).expect("sound");
    assert_eq!((table.rows(), table.report().files[0].unsorted), (4, 3));
    assert_eq!(table.chain().0, "table:town");
    let blocks = blocks(&table);
    expect![[r#"
        block 0 at 1516924800
          tx 11111111
            transfer 100 COIN a -> b
            transfer 125 COIN b -> c
          tx 33333333
            transfer 50 COIN x -> y
        block 1 at 1517011200
          tx 22222222
            transfer 300 COIN c -> d
    "#]]
    .assert_eq(&told(&blocks));
    assert_eq!((blocks[0].prev, blocks[1].prev), (before(false), blocks[0].hash));
    assert_ne!(blocks[0].prev, Hash256::ZERO, "balances before the first row are not known");
}

#[test]
fn every_transaction_says_which_lines_it_is_made_of_and_how_fine_its_time_is() {
    let map = transfers(&format!("source = {{ constant = \"the police\" }}\n{USUAL}[labels]\nwhose = \"from\"\n"));
    let rows = format!("{HEADER}2018-01-26 00:02,,a,b,1\n2018-01-26 00:02:00,{},c,d,1\n", hash('1'));
    let table = read(vec![file("a.csv", &map, rows)]);
    let (digest, blocks) = (table.report().files[0].digest, blocks(&table));
    let of = |kind| notes(&blocks[0], kind);
    assert_eq!(of(NoteKind::Row), [format!("{digest}:2"), format!("{digest}:3")]);
    let times = [
        "minute 2018-01-26T00:02:00Z/2018-01-26T00:02:59Z; supplied: 2018-01-26 00:02; zone: UTC",
        "second 2018-01-26T00:02:00Z; supplied: 2018-01-26 00:02:00; zone: UTC",
    ];
    assert_eq!(of(NoteKind::Time), times);
    assert_eq!(
        (of(NoteKind::NoHash), of(NoteKind::Label)),
        (vec![String::new()], vec!["whose=a".into(), "whose=c".into()])
    );
    assert_eq!(of(NoteKind::Source), ["the police", "the police"]);
}

#[test]
fn a_row_may_say_its_precision_or_that_it_was_between_two_times() {
    let time = |more: &str| USUAL.replace("zone = \"UTC\"\n", &format!("zone = \"UTC\"\n{more}\n"));
    let each = transfers(&time("precision = { column = \"fine\" }"));
    let rows = "time,tx,from,to,amount,fine\n2018-01-26 00:02:13,,a,b,1,hour\n2018-01-26 01:00:00,,a,b,1,second\n";
    let hour = blocks(&read(vec![file("a.csv", &each, rows)]));
    let said = "hour 2018-01-26T00:00:00Z/2018-01-26T00:59:59Z; supplied: 2018-01-26 00:02:13; zone: UTC";
    assert_eq!(notes(&hour[0], NoteKind::Time), [said]);
    let range = transfers(&time("until = \"until\""));
    let rows = "time,until,tx,from,to,amount\n2018-01-26 00:02,2018-01-26 08:26,,a,b,1\n";
    let between = blocks(&read(vec![file("a.csv", &range, rows)]));
    let said =
        "range 2018-01-26T00:02:00Z/2018-01-26T08:26:59Z; supplied: 2018-01-26 00:02 to 2018-01-26 08:26; zone: UTC";
    assert_eq!((between[0].time, notes(&between[0], NoteKind::Time)), (1_516_924_920, vec![said.to_owned()]));
    let backwards = "time,until,tx,from,to,amount\n2018-01-26,2018-01-25,,a,b,1\n";
    assert!(Table::read(vec![file("a.csv", &range, backwards)], None, false).is_err());
}

#[test]
fn a_block_is_named_by_all_that_it_brings() {
    let name = |rows: &str| usual(rows).expect("sound").blocks(Start::Ledger).last().expect("a block").hash;
    let row = "2018-01-26,,a,b,1\n";
    let names = [
        name(row),
        name("2018-01-26,,a,b,1.00\n"),
        name("2018-01-26,,b,a,1\n"),
        name("2018-01-26 00,,a,b,1\n"),
        name(&format!("2018-01-25,,a,b,1\n{row}")),
    ];
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert_eq!(name(row), names[0]);
    let elsewhere = Start::After { height: Height(6), hash: names[1] };
    let behind = usual(row).expect("sound").blocks(elsewhere).next().expect("a block");
    assert_eq!((behind.height, behind.prev), (Height(7), names[1]));
    assert_ne!(behind.hash, names[0]);
}

#[test]
fn a_ledger_begins_with_what_its_map_supplies() {
    let opening = "[[opening]]\naccount = \"a\"\nasset = \"COIN\"\namount = \"7.5\"\nsource = \"audit of 2017\"\n";
    let rows = format!("{HEADER}2018-01-26,,a,b,1\n");
    let opened = blocks(&read(vec![file("a.csv", &transfers(&format!("{USUAL}{opening}")), &rows)]));
    assert!(told(&opened).contains("opening 750 COIN - -> a\n") && opened[0].txs.len() == 2);
    assert_eq!(notes(&opened[0], NoteKind::Source), ["audit of 2017"]);
    let empty = blocks(&read(vec![file("a.csv", &transfers(&format!("begins_empty = true\n{USUAL}")), &rows)]));
    assert_eq!(empty[0].prev, Hash256::ZERO);
}

#[test]
fn fees_come_last_and_failed_rows_only_pay() {
    let more = format!("{USUAL}[fee]\namount = \"fee\"\n[status]\ncolumn = \"status\"\nok = [\"\", \"ok\"]\n");
    let rows = format!(
        "time,tx,from,to,amount,fee,status\n2018-01-26,{one},a,b,1,0.1,ok\n2018-01-26,{one},a,c,1,0.2,\n\
         2018-01-26,{two},a,b,9,0.3,Error(0)\n2018-01-26,{three},a,b,1,,\n",
        one = hash('1'),
        two = hash('2'),
        three = hash('3')
    );
    let ledger = blocks(&read(vec![file("a.csv", &transfers(&more), &rows)]));
    expect![[r#"
        block 0 at 1516924800
          tx 11111111
            transfer 100 COIN a -> b
            transfer 100 COIN a -> c
            fee 10 COIN a -> -
            fee 20 COIN a -> -
          tx 22222222
            fee 30 COIN a -> -
          tx 33333333
            transfer 100 COIN a -> b
    "#]]
    .assert_eq(&told(&ledger));
    let flags = notes(&ledger[0], NoteKind::Flag);
    assert_eq!(flags, ["failed by its own table, so it only pays its fee: status `Error(0)`"]);
    let repeated = more.replace("amount = \"fee\"", "amount = \"fee\"\nrows = \"repeat\"");
    let differs = Table::read(vec![file("a.csv", &transfers(&repeated), &rows)], None, false);
    assert!(differs.is_err_and(|error| error.to_string().contains("a.csv:3: expected the fee of line 2")));
    let once = blocks(&read(vec![file("a.csv", &transfers(&repeated), rows.replace("0.2", "0.1"))]));
    assert_eq!(told(&once).matches("fee 10 COIN").count(), 1);
}

#[test]
fn a_statement_says_in_which_direction_value_went() {
    let map = statement("in = \"from\"\nout = \"to\"\ncounterparty = { optional = \"other\" }");
    let rows = format!(
        "time,tx,from,to,other\n2018-01-26,{one},5,,bank\n2018-01-26,{two},0,2,\n2018-01-26,{three},4,6.5,shop\n2018-01-26,,1,1,x\n",
        one = hash('1'),
        two = hash('2'),
        three = hash('3')
    );
    let ledger = blocks(&read(vec![file("a.csv", &map, rows)]));
    let nobody = format!("unnamed side of {}", hash('2'));
    let text = told(&ledger);
    for want in [
        "transfer 500 COIN bank -> me\n".to_owned(),
        format!("transfer 200 COIN me -> {nobody}\n"),
        "transfer 250 COIN me -> shop\n".to_owned(),
    ] {
        assert!(text.contains(&want), "{want}{text}");
    }
    assert_eq!((ledger[0].txs.len(), text.matches("transfer").count()), (4, 3), "{text}");
    let signed = statement("signed = \"from\"\ncounterparty = \"to\"");
    let rows = "time,tx,from,to\n2018-01-26,,-5,shop\n2018-01-26,,+2,job\n2018-01-26,,0,x\n";
    let text = told(&blocks(&read(vec![file("a.csv", &signed, rows)])));
    assert!(text.contains("500 COIN me -> shop") && text.contains("200 COIN job -> me"), "{text}");
}

#[test]
fn from_nobody_is_new_and_to_nobody_is_destroyed() {
    let map = transfers(&format!("{USUAL}[accounts]\nlowercase = true\nnobody = [\"0X0\"]\n"));
    let rows = format!("{HEADER}2018-01-26,,0x0,Bank,1\n2018-01-26,,bank,0x0,0.5\n");
    let text = told(&blocks(&read(vec![file("a.csv", &map, rows)])));
    assert!(text.contains("mint 100 COIN - -> bank") && text.contains("burn 50 COIN bank -> -"), "{text}");
    let both = Table::read(vec![file("a.csv", &map, format!("{HEADER}2018-01-26,,0x0,0x0,1\n"))], None, false);
    assert!(both.is_err());
}

#[test]
fn what_two_exports_say_of_one_transaction_counts_once() {
    let (one, two) = (hash('1'), hash('2'));
    let first = format!("{HEADER}2018-01-26,{one},a,b,1\n2018-01-26,{one},a,b,1\n2018-01-26,{two},a,c,1\n");
    let second =
        format!("time,tx,from,to,amount,more\n2018-01-26,{one},a,b,1,\n2018-01-26,{one},b,a,1,\n2018-01-26,,a,b,1,\n");
    let table = read(vec![file("a.csv", &transfers(USUAL), first), file("b.csv", &transfers(USUAL), second)]);
    let mut each = table.blocks(Start::Ledger);
    let block = each.next().expect("a block");
    assert_eq!((each.repeated(), each.rows(), each.next()), (1, 6, None));
    let text = told(std::slice::from_ref(&block));
    assert_eq!(text.matches("transfer 100 COIN a -> b").count(), 3, "twice by the first, once without a hash: {text}");
    assert_eq!(text.matches("transfer 100 COIN b -> a").count(), 1);
    assert_eq!(notes(&block, NoteKind::Row).len(), 6, "every row stays named");
}

#[test]
fn a_transfer_counts_once_whatever_its_exports_say_of_the_fee() {
    let map = transfers(&format!("{USUAL}[fee]\namount = \"fee\"\n"));
    let export = |name: &str, fees: &[&str]| {
        let row = |fee: &&str| format!("2018-01-26,{},alice,bob,1,{fee},{name}\n", hash('1'));
        file(name, &map, format!("time,tx,from,to,amount,fee,of\n{}", fees.iter().map(row).collect::<String>()))
    };
    for (sender, receiver, transfers, fees, repeated) in [
        (&["0.03"][..], &[""][..], 1, vec!["3"], 1),
        (&["0.03"], &["0.03"], 1, vec!["3"], 1),
        (&["0.03"], &["0.05"], 1, vec!["3", "5"], 1),
        (&["0.03", "0.03"], &["", ""], 2, vec!["3", "3"], 2),
        (&["0.03", ""], &["0.03", "0.03", ""], 3, vec!["3", "3"], 2),
    ] {
        for both in [[("a.csv", sender), ("b.csv", receiver)], [("b.csv", receiver), ("a.csv", sender)]] {
            let table = read(both.iter().map(|(name, fees)| export(name, fees)).collect());
            let mut each = table.blocks(Start::Ledger);
            let text = told(&[each.next().expect("a block")]);
            assert_eq!(text.matches("transfer 100 COIN alice -> bob").count(), transfers, "{both:?}: {text}");
            let mut paid: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("fee ")).collect();
            paid.sort_unstable();
            let want: Vec<String> = fees.iter().map(|fee| format!("{fee} COIN alice -> -")).collect();
            assert_eq!((paid, each.repeated()), (want.iter().map(String::as_str).collect(), repeated), "{both:?}");
        }
    }
}

#[test]
fn a_statement_of_the_receiver_adds_its_own_fee_and_no_second_transfer() {
    let flow = "counterparty = \"of\"\nin = \"in\"\nout = \"out\"\n[fee]\namount = \"fee\"\n";
    let of = |who: &str, row: &str| {
        let text = format!("time,tx,of,in,out,fee\n2018-01-26,{},{row}\n", hash('1'));
        file(who, &statement(flow).replace("\"me\"", &format!("\"{who}\"")), text)
    };
    let table = read(vec![of("alice", "bob,,1,0.03"), of("bob", "alice,1,,0.02")]);
    expect![[r#"
        block 0 at 1516924800
          tx 11111111
            transfer 100 COIN alice -> bob
            fee 3 COIN alice -> -
            fee 2 COIN bob -> -
    "#]]
    .assert_eq(&told(&blocks(&table)));
}

#[test]
fn a_fee_that_one_export_repeats_counts_as_often_as_another_says_it() {
    let each = transfers(&format!("{USUAL}[fee]\namount = \"fee\"\n"));
    let repeat = each.replace("amount = \"fee\"", "amount = \"fee\"\nrows = \"repeat\"");
    let rows = |sides: [&str; 2]| {
        let row = |side| format!("2018-01-26,{},{side},1,0.03\n", hash('1'));
        format!("time,tx,from,to,amount,fee\n{}", sides.map(row).concat())
    };
    let (one, other) = (rows(["a,b", "a,c"]), rows(["a,d", "a,e"]));
    for (maps, fees) in [([&repeat, &repeat], 1), ([&repeat, &each], 2), ([&each, &repeat], 2)] {
        let table = read(vec![file("a.csv", maps[0], &one), file("b.csv", maps[1], &other)]);
        let text = told(&blocks(&table));
        assert_eq!((text.matches("transfer").count(), text.matches("fee 3 COIN a -> -").count()), (4, fees), "{text}");
    }
}

#[test]
fn a_hash_at_several_moments_is_refused_unless_the_map_says_each() {
    let rows = format!("2018-01-26,{0},a,b,1\n2018-01-27,{0},a,c,1\n", hash('1'));
    assert!(usual(&rows).is_err());
    let each = transfers(&USUAL.replace("column = \"tx\"", "column = \"tx\"\ntimes = \"each\""));
    let ledger = blocks(&read(vec![file("a.csv", &each, format!("{HEADER}{rows}"))]));
    assert_eq!((ledger.len(), ledger[0].txs[0].hash), (2, ledger[1].txs[0].hash));
}

#[test]
fn transactions_may_be_named_by_a_text() {
    let map = transfers(&USUAL.replace("column = \"tx\"", "column = \"tx\"\nnames = \"text\""));
    let rows = format!("{HEADER}2018-01-26,W-17,a,b,1\n2018-01-26,W-17,a,c,1\n2018-01-26,W-18,a,d,1\n");
    let ledger = blocks(&read(vec![file("a.csv", &map, rows)]));
    assert_eq!((ledger[0].txs.len(), notes(&ledger[0], NoteKind::NoHash)), (2, vec!["W-17".into(), "W-18".into()]));
}

#[test]
fn other_delimiters_signs_and_tables_without_header_can_be_read() {
    let map = "format = 1\nledger = \"town\"\n[file]\ndelimiter = \"\\t\"\nheader = false\n\
         [numbers]\ndecimal = \",\"\nthousands = \".\"\n[time]\ncolumn = 1\nformat = \"%d.%m.%Y %H:%M\"\nzone = \"Europe/Berlin\"\n\
         [asset]\nid = { constant = \"EUR\" }\ndecimals = 2\n[[filter]]\ncolumn = 5\nis_not = [\"pending\"]\n\
         [transfer]\nfrom = 2\nto = 3\namount = 4\n";
    let rows = "26.01.2018 00:02\ta\tb\t1.234,5\tdone\n26.01.2018 00:03\ta\tb\t1\tpending\n";
    let table = read(vec![file("a.tsv", map, rows)]);
    assert_eq!((table.rows(), table.report().files[0].filtered), (1, 1));
    expect![[r#"
        block 0 at 1516921320
          tx d5a4c8a4
            transfer 123450 EUR a -> b
    "#]]
    .assert_eq(&told(&blocks(&table)));
}
