//! Our own reader of cells against the field's, sums against plain arithmetic, and bytes that are no table at all.

use std::collections::BTreeMap;
use std::fmt::Write;

use coinhound_chains::table::{Cells, Records, Start, Table, ready};
use coinhound_model::{Account, MoveKind};
use proptest::prelude::*;
use ruint::aliases::U256;

use super::file;

fn ours(bytes: &[u8]) -> Vec<Vec<String>> {
    let (mut records, mut cells, mut rows) = (Records::new(bytes, b','), Cells::default(), Vec::new());
    while let Some((_, read)) = records.read(&mut cells) {
        read.expect("what a writer wrote can be read");
        rows.push((0..cells.len()).map(|at| cells.get(at).expect("counted").to_owned()).collect());
    }
    rows
}

proptest! {
    #[test]
    fn we_read_what_the_fields_writer_writes(rows in prop::collection::vec(prop::collection::vec("[a-c\",\r\n é]{0,6}", 2..5), 0..12)) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).expect("a vector grows"));
        prop_assert_eq!(ours(&writer.into_inner().expect("a vector")), rows);
    }

    #[test]
    fn what_we_take_the_fields_reader_takes_alike(bytes in prop::collection::vec(prop::sample::select(b"ab,\"\r\n".to_vec()), 0..40)) {
        let (mut records, mut cells) = (Records::new(&bytes, b','), Cells::default());
        let (mut rows, mut all_sound) = (Vec::new(), true);
        while let Some((_, read)) = records.read(&mut cells) {
            all_sound &= read.is_ok();
            rows.push((0..cells.len()).map(|at| cells.get(at).expect("counted").to_owned()).collect::<Vec<_>>());
        }
        if all_sound {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
            let theirs: Vec<Vec<String>> =
                reader.records().map(|row| row.expect("ASCII").iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(rows, theirs);
        }
    }

    #[test]
    fn no_bytes_make_a_table_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), skip in any::<bool>()) {
        let map = ready("transfers").expect("brought along").text;
        let with_header = [b"time,from,to,asset,amount\n2018-01-26,a,b,X,1\n".as_slice(), &bytes].concat();
        for text in [bytes, with_header] {
            if let Ok(table) = Table::read(vec![file("a.csv", map, text)], None, skip) {
                prop_assert!(table.blocks(Start::Ledger).count() > 0);
            }
        }
    }

    #[test]
    fn sums_are_those_of_plain_arithmetic(rows in prop::collection::vec((0_u32..40, 0..6_u8, 0..6_u8, any::<u64>(), 0_u32..5_000), 1..80)) {
        let mut text = "time,from,to,asset,amount,tx\n".to_owned();
        let mut want: BTreeMap<String, i128> = BTreeMap::new();
        for (at, (hour, from, to, units, tx)) in rows.iter().enumerate() {
            let (whole, fraction) = (units / 1_000_000, units % 1_000_000);
            // Some rows share a transaction: those of one hour and one number.
            let name = if tx % 3 == 0 { String::new() } else { format!("{:064x}", hour * 10_000 + tx % 7 + 1) };
            let time = format!("2018-01-{:02} {:02}:00:00", 1 + hour / 24, hour % 24);
            writeln!(text, "{time},account {from},account {to},XEM,{whole}.{fraction:06},{name}").expect("a string grows");
            *want.entry(format!("account {from}")).or_default() -= i128::from(*units);
            *want.entry(format!("account {to}")).or_default() += i128::from(*units);
            prop_assert!(at < 80);
        }
        let map = ready("transfers").expect("brought along").text;
        let table = Table::read(vec![file("a.csv", map, text)], None, false).expect("sound");
        let mut got: BTreeMap<String, i128> = BTreeMap::new();
        let (mut moves, mut last) = (0, 0);
        for block in table.blocks(Start::Ledger) {
            prop_assert!(block.time > last);
            last = block.time;
            for one in block.txs.iter().flat_map(|tx| &tx.moves) {
                prop_assert_eq!(one.kind, MoveKind::Transfer);
                let units = i128::try_from(one.units).expect("64 bits");
                let name = |side: &Option<Account>| String::from_utf8(side.clone().expect("both").0).expect("ASCII");
                *got.entry(name(&one.from)).or_default() -= units;
                *got.entry(name(&one.to)).or_default() += units;
                moves += 1;
            }
        }
        prop_assert_eq!((moves, got), (rows.len(), want));
    }

    #[test]
    fn amounts_print_and_read_alike(limbs in any::<[u64; 4]>(), decimals in 0_u8..=77) {
        let units = U256::from_limbs(limbs);
        let digits = format!("{units:0>width$}", width = usize::from(decimals) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
        let text = if decimals == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") };
        let notation = coinhound_chains::table::Notation::PLAIN;
        prop_assert_eq!(coinhound_chains::table::parse_whole(&text, decimals, notation), Ok(units));
    }
}
