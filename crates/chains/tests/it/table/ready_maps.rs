//! The maps that are brought along, on tables with the headers of the exports they read. The rows are made up.

use coinhound_chains::table::{Table, TableFile, ready};
use coinhound_model::{MoveKind, NoteKind};
use expect_test::expect;

use super::{blocks, file, hash, notes, told};

fn with(map: &str, text: String) -> TableFile {
    file(&format!("{map}.csv"), ready(map).expect("brought along").text, text)
}

fn read(files: Vec<TableFile>) -> Table {
    Table::read(files, None, false).unwrap_or_else(|error| panic!("{error}"))
}

const ALICE: &str = "0xAAaAaaaaaaaaaAaAAaaaaAaaaaaAaaAaaAaaAaAA";
const BOB: &str = "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const TOKEN: &str = "0xcccccccccccccccccccccccccccccccccccccccc";

#[test]
fn the_three_exports_of_etherscan_are_one_ledger() {
    let (one, two, three) = (format!("0x{}", hash('1')), format!("0x{}", hash('2')), format!("0x{}", hash('3')));
    let normal = format!(
        "\"Transaction Hash\",\"Blockno\",\"UnixTimestamp\",\"DateTime (UTC)\",\"From\",\"To\",\"ContractAddress\",\"Value_IN(ETH)\",\
         \"Value_OUT(ETH)\",\"CurrentValue @ $1642.27/Eth\",\"TxnFee(ETH)\",\"TxnFee(USD)\",\"Historical $Price/Eth\",\"Status\",\
         \"ErrCode\",\"Method\"\n\
         \"{one}\",\"15000000\",\"1655778535\",\"2022-06-21 02:28:55\",\"{ALICE}\",\"{BOB}\",\"\",\"0\",\"1.000000000000000001\",\
         \"$1642.27\",\"0.00042\",\"0.7\",\"1125\",\"\",\"\",\"Transfer\"\n\
         \"{two}\",\"15000001\",\"1655778540\",\"2022-06-21 02:29:00\",\"{ALICE}\",\"{BOB}\",\"\",\"0\",\"5\",\"$0\",\"0.001\",\"1\",\
         \"1125\",\"Error(0)\",\"out of gas\",\"Swap\"\n\
         \"{three}\",\"15000002\",\"1655778550\",\"2022-06-21 02:29:10\",\"{ALICE}\",\"\",\"{TOKEN}\",\"0\",\"2\",\"$0\",\"0\",\"0\",\
         \"1125\",\"\",\"\",\"0x60806040\"\n"
    );
    let internal = format!(
        "\"Transaction Hash\",\"Blockno\",\"UnixTimestamp\",\"DateTime (UTC)\",\"ParentTxFrom\",\"ParentTxTo\",\"ParentTxETH_Value\",\
         \"From\",\"TxTo\",\"ContractAddress\",\"Value_IN(ETH)\",\"Value_OUT(ETH)\",\"CurrentValue @ $1642.27/Eth\",\
         \"Historical $Price/Eth\",\"Status\",\"ErrCode\",\"Type\"\n\
         \"{one}\",\"15000000\",\"1655778535\",\"2022-06-21 02:28:55\",\"{ALICE}\",\"{BOB}\",\"1\",\"{BOB}\",\"{ALICE}\",\"\",\"0.25\",\
         \"0\",\"$0\",\"1125\",\"0\",\"\",\"call\"\n"
    );
    let erc20 = format!(
        "\"Txhash\",\"UnixTimestamp\",\"DateTime\",\"From\",\"To\",\"Value\",\"ContractAddress\",\"TokenName\",\"TokenSymbol\"\n\
         \"{one}\",\"1655778535\",\"2022-06-21 02:28:55\",\"{BOB}\",\"{ALICE}\",\"1,234,567.5\",\"{TOKEN}\",\"A, \"\"B\"\"\",\"TKN\"\n\
         \"{two}\",\"1655778540\",\"2022-06-21 02:29:00\",\"0x{zero}\",\"{ALICE}\",\"1\",\"{TOKEN}\",\"A\",\"TKN\"\n",
        zero = "0".repeat(40)
    );
    let table =
        read(vec![with("etherscan", normal), with("etherscan-internal", internal), with("etherscan-erc20", erc20)]);
    let ledger = blocks(&table);
    let short = |text: &str| {
        let names = [(ALICE.to_ascii_lowercase(), "alice"), (BOB.to_owned(), "bob"), (TOKEN.to_owned(), "token")];
        names.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    expect![[r#"
        block 0 at 1655778535
          tx 11111111
            transfer 1000000000000000001 ETH alice -> bob
            internal 250000000000000000 ETH bob -> alice
            transfer 1234567500000000000000000 token bob -> alice
            fee 420000000000000 ETH alice -> -
        block 1 at 1655778540
          tx 22222222
            mint 1000000000000000000 token - -> alice
            fee 1000000000000000 ETH alice -> -
        block 2 at 1655778550
          tx 33333333
            transfer 2000000000000000000 ETH alice -> token
    "#]]
    .assert_eq(&short(&told(&ledger)));
    assert!(notes(&ledger[1], NoteKind::Flag)[0].contains("Error(0)"));
    assert!(notes(&ledger[0], NoteKind::Label).contains(&"token=A, \"B\"".to_owned()));
    assert_eq!(ledger[0].txs[0].moves[2].token.ticker, "TKN");
}

#[test]
fn a_history_of_the_esplora_api_is_a_statement() {
    let rows = format!(
        "\"txid\",\"block_height\",\"block_time\",\"address\",\"received_sat\",\"sent_sat\"\n\
         \"{}\",500000,1513622125,\"bc1qexample\",1000,0\n\"{}\",500001,1513622999,\"bc1qexample\",300,1000\n",
        hash('1'),
        hash('2')
    );
    let text = told(&blocks(&read(vec![with("esplora-address", rows)])));
    assert!(text.contains(&format!("transfer 1000 BTC unnamed side of {} -> bc1qexample", hash('1'))), "{text}");
    assert!(text.contains(&format!("transfer 700 BTC bc1qexample -> unnamed side of {}", hash('2'))), "{text}");
}

#[test]
fn a_plain_list_needs_no_hashes_and_no_times_of_day() {
    let rows =
        "time,from,to,asset,amount\n2018-01-26 00:02:13,victim,thief,XEM,10\n2018-01-26,victim,thief,XEM,0.000001\n";
    let ledger = blocks(&read(vec![with("transfers", rows.to_owned())]));
    assert!(ledger.iter().all(|block| notes(block, NoteKind::NoHash).len() == 1));
    assert_eq!(
        ledger.iter().map(|block| block.txs[0].moves[0].units.to_string()).collect::<Vec<_>>(),
        ["1", "10000000"]
    );
    assert!(ledger.iter().flat_map(|block| &block.txs).all(|tx| tx.moves[0].kind == MoveKind::Transfer));
}

#[test]
fn a_statement_needs_no_counterparty() {
    let rows = "time,account,asset,in,out,fee\n2018-01-26 00:02,me,BTC,,1,0.001\n2018-01-27,me,BTC,0.5,,\n";
    let text = told(&blocks(&read(vec![with("wallet-statement", rows.to_owned())])));
    assert!(text.contains("transfer 100000000 BTC me -> unnamed") && text.contains("fee 100000 BTC me -> -"), "{text}");
}

#[test]
fn the_map_that_the_manual_explains_can_be_used() {
    let manual = include_str!("../../../../../docs/tables.md");
    let examples: Vec<&str> = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [transfers, statement] = examples[..] else { panic!("{} examples", examples.len()) };
    let (before, after) =
        (transfers.find("[transfer]").expect("a section"), transfers.find("[fee]").expect("a section"));
    let other = format!("{}{statement}{}", &transfers[..before], &transfers[after..]);
    for map in [transfers, &other] {
        let read = coinhound_chains::table::TableMap::parse(map);
        assert!(read.is_ok(), "{:?}", read.err());
    }
    for map in coinhound_chains::table::READY {
        assert!(manual.contains(&format!("| `{}` |", map.name)), "the manual does not name `{}`", map.name);
    }
}
