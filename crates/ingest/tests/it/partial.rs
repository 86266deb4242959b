//! Ranges that do not begin at the genesis block: coins from below it are foreign, and known by undo files
//! or not at all.

use std::fs;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Effort, Seed, Stops, Theft, trace};
use coinhound_chains::bitcoin::block::parse_block;
use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::headers::HeaderError;
use coinhound_chains::bitcoin::{Network, Params, undo};
use coinhound_ingest::LoadError;
use coinhound_model::{Entry, Height, HoldingId, Ledger, MovementId, MovementMarks, Terminal, Unresolved};
use coinhound_sim::{BlockWriter, Layout, Sealed, Style};
use coinhound_store::facts::ForeignRow;
use coinhound_store::view::View;
use coinhound_testkit::floresta;

use crate::forks::{Branch, Raw, coinbase, slot};
use crate::support::{Site, assert_same, real_data};

fn sum(entries: &[Entry<u64>]) -> u64 {
    entries.iter().map(|entry| entry.units).sum()
}

/// What all movements but the coinbases pay to miners.
fn fees(view: &View) -> u64 {
    let (mut taken, mut paid, mut fees) = (Vec::new(), Vec::new(), 0);
    for movement in view.movements().map(MovementId) {
        if view.marks(movement).contains(MovementMarks::ISSUES) {
            continue;
        }
        view.debits(movement, &mut taken);
        view.credits(movement, &mut paid);
        fees += sum(&taken) - sum(&paid);
    }
    fees
}

#[test]
fn single_real_blocks_pay_their_known_fees_with_foreign_coins() {
    let Some(data) = real_data("single_real_blocks_pay_their_known_fees_with_foreign_coins") else { return };
    let params: &Params = Network::Main.params();
    for (height, known_fees) in floresta::BLOCKS {
        let bytes = floresta::block(&data, height);
        let block = parse_block(&bytes, params).expect("a real block");
        let mut spent = floresta::spent_coins(&data, height).into_iter();
        let mut start = 0;
        let by_tx = block.txs.iter().skip(1).map(|tx| {
            let count = (tx.input_end - start) as usize;
            start = tx.input_end;
            spent.by_ref().take(count).collect::<Vec<_>>()
        });
        let (mut frame, mut record) = (Vec::new(), Vec::new());
        let made_inside = |view: &View| view.counts().inputs - view.counts().foreign;
        undo::put_record(&mut record, params.magic, block.prev, &undo::encode(&by_tx.collect::<Vec<_>>()));
        put_frame(&mut frame, params.magic, &bytes);

        let mut site = Site::new();
        site.network = Network::Main;
        site.put_bytes("blk00000.dat", &frame);
        site.put_bytes("rev00000.dat", &record);
        let outcome = site.load_clean();
        let view = site.view();
        assert_eq!(outcome.range, Some((Height(height), Height(height), block.hash)), "the height is BIP 34's");
        assert_eq!(fees(&view), known_fees, "block {height}");
        assert!(view.counts().foreign > 1_000 && made_inside(&view) > 0, "{:?}", view.counts());
        let marked = view.movements().filter(|at| view.marks(MovementId(*at)).contains(MovementMarks::AMOUNT_UNKNOWN));
        assert_eq!(marked.count(), 0);
        let foreign = (0..view.counts().foreign).map(|rank| view.foreign(HoldingId::foreign(rank)).expect("a row"));
        assert!(foreign.clone().all(|coin| coin.height < height && coin.value != ForeignRow::UNKNOWN));
        view.health().expect("nothing is damaged");
    }
}

const FIRST: usize = 25;

/// The upper part of a chain, loaded with or without undo files; the whole chain beside it.
fn upper_part(with_undo: bool) -> (Site, Branch) {
    let branch = Branch::random(200, 80);
    let mut site = Site::new();
    let layout = Layout { undo: with_undo, file_bytes_max: 9_000, ..Layout::default() };
    let mut writer = BlockWriter::create(site.blocks(), layout).expect("an empty folder");
    branch.blocks[FIRST..].iter().for_each(|block| writer.write(block.clone()).expect("writable"));
    writer.finish().expect("writable");
    let outcome = site.load();
    assert_eq!(outcome.range.map(|(first, ..)| first.0 as usize), Some(FIRST));
    let untold =
        outcome.undo_missing.reasons.iter().filter(|reason| reason.contains("no rev*.dat tells of them")).count();
    assert_eq!(untold == 0, with_undo, "blocks whose spent coins nobody tells are named: {:?}", outcome.undo_missing);
    (site, branch)
}

/// The coins that the whole chain's movements take, beside those of the range's.
fn for_each_movement(branch: &Branch, part: &View, mut check: impl FnMut(&View, MovementId, MovementId)) {
    let mut whole = Site::of(&branch.blocks);
    whole.load_clean();
    let whole = whole.view();
    for movement in part.movements().map(MovementId) {
        let same = whole.find(&part.fact(movement).tx)[0];
        check(&whole, same, movement);
    }
}

#[test]
fn a_range_with_undo_files_knows_what_the_whole_chain_knows_of_its_movements() {
    let (site, branch) = upper_part(true);
    let part = site.view();
    assert!(part.counts().foreign > 20 && site.total.folded > 0, "{:?}", part.counts());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for_each_movement(&branch, &part, |whole, there, here| {
        part.debits(here, &mut ours);
        whole.debits(there, &mut theirs);
        assert_eq!(ours.len(), theirs.len());
        for (our, their) in ours.iter().zip(&theirs) {
            assert_eq!(our.units, their.units);
            assert_eq!(part.outpoint(our.holding), whole.outpoint(their.holding));
            assert_eq!(part.lock(our.owner), whole.lock(their.owner));
            if let Some(foreign) = part.foreign(our.holding) {
                let (maker, _) = whole.origin(their.holding).expect("made on the whole chain");
                assert_eq!(foreign.height, whole.height(maker).0);
                assert!((foreign.height as usize) < FIRST);
                assert_eq!(foreign.coinbase, whole.marks(maker).contains(MovementMarks::ISSUES));
            }
        }
    });
    part.health().expect("nothing is damaged");
}

#[test]
fn a_range_without_undo_files_marks_amounts_it_does_not_know_and_trails_end_there() {
    let (site, branch) = upper_part(false);
    let part = site.view();
    let (mut ours, mut unknown, mut trails) = (Vec::new(), 0, 0);
    for_each_movement(&branch, &part, |_, _, here| {
        part.debits(here, &mut ours);
        let foreign = ours.iter().filter(|debit| part.foreign(debit.holding).is_some()).count();
        let marked = part.marks(here).contains(MovementMarks::AMOUNT_UNKNOWN);
        assert_eq!(marked, foreign > 0, "unknown is never counted as nothing");
        unknown += u32::from(marked);
        let Some(known) = ours.iter().find(|debit| part.foreign(debit.holding).is_none() && marked) else { return };
        let theft = Theft { seeds: vec![Seed::whole(known.holding)] };
        let traced = trace(&part, &[theft], &[Rule::Fifo], &Stops::none(), &Effort::default()).expect("a sound seed");
        let trail = traced.trail(0, Rule::Fifo).expect("asked for");
        assert_eq!(trail.total(Terminal::Unresolved(Unresolved::AmountUnknown)), known.units, "the trail says so");
        trails += 1;
    });
    assert!(unknown > 10 && trails > 3, "{unknown} {trails}");
}

#[test]
fn a_range_in_parts_holds_what_it_holds_in_one_go() {
    let (whole, branch) = upper_part(true);
    let mut site = Site::new();
    for end in [40, 41, 60, 81] {
        for entry in fs::read_dir(site.blocks()).expect("a folder") {
            fs::remove_file(entry.expect("an entry").path()).expect("removable");
        }
        let mut writer = BlockWriter::create(site.blocks(), Layout::default()).expect("an empty folder");
        branch.blocks[FIRST..end].iter().for_each(|block| writer.write(block.clone()).expect("writable"));
        writer.finish().expect("writable");
        site.load_clean();
    }
    assert_same(&site.content(), &whole.content(), "a range that grew");
}

/// Blocks of version 1, which tell no height, on a parent that is not at hand.
fn silent_blocks(count: usize) -> Vec<Sealed> {
    let mut blocks = vec![Branch::random(210, 9).blocks.pop().expect("ten blocks")];
    for number in 0..count {
        let message = [4, u8::try_from(number).expect("few"), 1, 2, 3];
        let next = Raw::on(blocks.last().expect("one")).seal(&[coinbase(&message, 50, slot(Style::PubKey, 1))]);
        blocks.push(next);
    }
    blocks.split_off(1)
}

#[test]
fn a_range_that_tells_no_height_must_be_given_one() {
    let mut site = Site::of(&silent_blocks(12));
    let error = site.try_load().expect_err("nothing tells the height");
    assert!(matches!(error, LoadError::Headers(HeaderError::Unanchored { .. })), "{error}");
    assert!(site.content().is_empty(), "nothing was committed");
    site.options.start = Some(Height(10));
    let outcome = site.load_clean();
    assert_eq!(outcome.range.map(|(first, last, _)| (first.0, last.0)), Some((10, 21)));
    site.options.start = None;
    assert_eq!(site.load_clean().added, 0, "the store knows where it begins");
}

#[test]
fn a_start_that_contradicts_the_blocks_is_refused_with_both_heights() {
    let branch = Branch::random(220, 30);
    let mut site = Site::of(&branch.blocks[10..]);
    site.options.start = Some(Height(11));
    let error = site.try_load().expect_err("BIP 34 tells 10").to_string();
    assert!(error.contains("11") && error.contains("10") && error.contains("BIP 34"), "{error}");
    let mut site = Site::of(&branch.blocks);
    site.options.start = Some(Height(5));
    let error = site.try_load().expect_err("the genesis block is there").to_string();
    assert!(error.contains("genesis"), "{error}");
    assert!(site.content().is_empty(), "nothing was committed");
}

#[test]
fn a_start_other_than_the_stores_own_is_refused() {
    let branch = Branch::random(221, 30);
    let mut site = Site::of(&branch.blocks[10..]);
    site.load();
    site.options.start = Some(Height(10));
    site.try_load().expect("the store's own");
    site.options.start = Some(Height(12));
    let error = site.try_load().expect_err("the store begins at 10").to_string();
    assert!(error.contains("begins at height 10, not at 12"), "{error}");
}
