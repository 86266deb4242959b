//! Failures that come from block files.

use std::fs;

use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxIn, TxOut, put_frame};
use coinhound_chains::bitcoin::files::{BlockFileError, Notice};
use coinhound_chains::bitcoin::headers::GapCause;
use coinhound_chains::bitcoin::xor::XorKey;
use coinhound_chains::bitcoin::{Network, OwnedLock};
use coinhound_ingest::LoadError;
use coinhound_model::{Height, HoldingId, Ledger, LockKind, MovementId, MovementMarks};
use coinhound_sim::regtest::params;
use coinhound_sim::{BlockWriter, Draft, Layout, Miner, Sealed, Style};
use coinhound_store::failure::StoreError;

use crate::forks::{Branch, Raw, coinbase, keys, slot};
use crate::support::{Site, assert_same, framed, fresh};

const BTC: u64 = 100_000_000;

fn file_error(site: &mut Site) -> BlockFileError {
    match site.try_load() {
        Err(LoadError::Files(error)) => error,
        other => panic!("expected an error of the files, got {other:?}"),
    }
}

#[test]
fn e07_a_key_short_absent_or_wrong_is_named_and_a_zero_key_is_fine() {
    let blocks = Branch::random(500, 30).blocks;
    let layout = Layout { xor_key: Some(XorKey([9, 8, 7, 6, 5, 4, 3, 2])), ..Layout::default() };
    let mut site = Site::new();
    let mut writer = BlockWriter::create(site.blocks(), layout).expect("an empty folder");
    blocks.iter().for_each(|block| writer.write(block.clone()).expect("writable"));
    writer.finish().expect("writable");
    site.put_bytes("xor.dat", &[9, 8, 7]);
    assert!(matches!(file_error(&mut site), BlockFileError::KeyLength { at_least: 3, .. }));
    site.put_bytes("xor.dat", &[1; 8]);
    assert!(matches!(file_error(&mut site), BlockFileError::Unrecognised { with_key: true, .. }));
    fs::remove_file(site.blocks().join("xor.dat")).expect("removable");
    let error = file_error(&mut site);
    assert!(matches!(error, BlockFileError::Unrecognised { with_key: false, .. }));
    assert!(error.hint().is_some_and(|hint| hint.contains("xor.dat")), "{error}");
    assert!(site.content().is_empty(), "nothing was committed");
    site.put_bytes("xor.dat", &[9, 8, 7, 6, 5, 4, 3, 2]);
    site.load_clean();
    assert_same(&site.content(), &fresh(&blocks), "the right key");

    let mut plain = Site::of(&blocks);
    plain.put_bytes("xor.dat", &[5; 8]);
    assert!(matches!(file_error(&mut plain), BlockFileError::KeyNotUsed { .. }));
    plain.put_bytes("xor.dat", &[0; 8]);
    plain.load_clean();
    assert_same(&plain.content(), &fresh(&blocks), "a key of zeros");
}

#[test]
fn files_of_another_network_are_refused_by_both_names() {
    let mut site = Site::of(&Branch::random(501, 5).blocks);
    site.network = Network::Main;
    let error = file_error(&mut site);
    let regtest =
        matches!(error, BlockFileError::WrongNetwork { found: Network::Regtest, expected: Network::Main, .. });
    assert!(regtest, "{error}");
    assert!(site.content().is_empty());
}

#[test]
fn e08_magic_and_size_without_a_body_cost_one_block_and_are_a_gap() {
    let blocks = Branch::random(502, 30).blocks;
    let (mut site, start) = (Site::new(), framed(&blocks[..10]).len());
    for garbage in [0x00, 0xa5] {
        let mut bytes = framed(&blocks);
        bytes[start + 8..start + 8 + blocks[10].bytes.len()].fill(garbage);
        site.put_bytes("blk00000.dat", &bytes);
        let outcome = site.load();
        assert_eq!((outcome.gaps[0].from, outcome.gaps[0].waiting), (Height(10), 20), "{outcome:?}");
        let places: Vec<_> = outcome.notices.iter().filter_map(Notice::place).collect();
        assert!(places.contains(&(0, start as u64)), "{outcome:?}");
        assert_same(&site.content(), &fresh(&blocks[..10]), "up to the hole");
    }
    site.put(1, &blocks[10..11]);
    assert!(site.load().gaps.is_empty());
    assert_same(&site.content(), &fresh(&blocks), "the body came later");
}

#[test]
fn e09_a_growing_tail_is_not_yet_and_is_tried_again() {
    let blocks = Branch::random(503, 12).blocks;
    let (whole, start) = (framed(&blocks), framed(&blocks[..12]).len());
    let mut site = Site::new();
    for end in (start..whole.len()).step_by(37) {
        site.put_bytes("blk00000.dat", &whole[..end]);
        let outcome = site.load();
        assert!(end == start || matches!(outcome.notices[..], [Notice::NotYet { file: 0, .. }]), "{outcome:?}");
        assert_eq!(outcome.range.map(|(_, tip, _)| tip), Some(Height(11)));
    }
    site.put_bytes("blk00000.dat", &whole);
    assert_eq!(site.load_clean().added, 1);
}

/// A chain whose last block spends one coin with this witness.
fn with_witness(witness: Vec<Vec<u8>>) -> Vec<Sealed> {
    let mut blocks = Branch::random(504, 5).blocks;
    let parent = &blocks[5];
    let input = TxIn { prev: parent.reward_outpoint(), script_sig: vec![], sequence: 0, witness };
    let outputs = vec![TxOut { value: parent.reward, script: keys().lock(slot(Style::Witness, 1)) }];
    let mut draft = Draft::new(parent.hash, Height(6), parent.time + 600);
    draft.add(&Tx { version: 2, inputs: vec![input], outputs, lock_time: 0 }, parent.reward);
    blocks.push(draft.seal(Miner { lock: &keys().lock(slot(Style::Witness, 2)), message: b"large" }));
    blocks
}

#[test]
fn e10_the_largest_valid_witness_is_taken() {
    let one_item = with_witness(vec![vec![7; 3_998_700]]);
    let many_items = with_witness(vec![vec![]; 3_998_700]);
    for blocks in [one_item, many_items] {
        assert!(blocks[6].bytes.len() > 3_998_700 && blocks[6].bytes.len() < 3_999_300);
        let mut site = Site::of(&blocks);
        site.load_clean();
        assert_eq!(site.view().as_of().height, Height(6));
    }
}

#[test]
fn e12_blocks_out_of_order_load_and_a_hole_is_a_named_gap_that_no_answer_crosses() {
    let blocks = Branch::random(505, 40).blocks;
    let mut site = Site::of(&blocks[30..]);
    site.put(1, &blocks[..12]);
    let outcome = site.load();
    let gap = outcome.gaps[0];
    assert_eq!((gap.from, gap.missing, gap.waiting, gap.cause), (Height(12), Some(18), 11, GapCause::Absent));
    assert_same(&site.content(), &fresh(&blocks[..12]), "below the hole");
    let view = site.view();
    for beyond in [12, 35] {
        let error = view.block(Height(beyond)).expect_err("not ingested");
        assert!(matches!(error, StoreError::OutOfRange { tip: Height(11), .. }), "{error}");
    }
    assert!(view.find_block(&blocks[35].hash).is_none());
    let mut middle = blocks[12..30].to_vec();
    middle.reverse();
    site.put(2, &middle);
    site.load_clean();
    assert_same(&site.content(), &fresh(&blocks), "the hole is closed");
}

#[test]
fn e12_blocks_on_an_absent_rival_of_the_tip_are_a_gap() {
    let blocks = Branch::random(506, 30);
    let mut stale = blocks.fork(19, 1);
    stale.grow(&[]);
    let mut site = Site::of(&stale.blocks);
    site.put(1, &blocks.blocks[21..]);
    let gaps = site.load().gaps;
    assert_eq!((gaps.len(), gaps[0].from, gaps[0].missing, gaps[0].waiting), (1, Height(20), Some(1), 10));
    site.put(2, &blocks.blocks[20..21]);
    site.load_clean();
    assert_same(&site.content(), &fresh(&blocks.blocks), "the absent block came");
}

#[test]
fn e13_strangers_in_the_folder_are_left_alone() {
    let blocks = Branch::random(507, 20).blocks;
    let mut site = Site::of(&blocks);
    for name in ["blk00001.dat.bak", "._blk00001.dat", "blk1.dat", "CURRENT.bak", "rev00009.dat", "readme.txt", ".lock"]
    {
        site.put_bytes(name, b"not a block");
    }
    fs::create_dir(site.blocks().join("index")).expect("writable");
    fs::create_dir(site.blocks().join("blk00007.dat")).expect("writable");
    site.load_clean();
    assert_same(&site.content(), &fresh(&blocks), "strangers beside");
}

#[test]
fn e14_a_pruned_start_is_told_and_the_range_says_where_it_begins() {
    let blocks = Branch::random(508, 60).blocks;
    let mut site = Site::new();
    site.put(3, &blocks[22..40]);
    site.put(4, &blocks[40..]);
    let outcome = site.load();
    assert_eq!(outcome.notices, [Notice::StartsLate { first: 3 }]);
    assert_eq!(outcome.range.map(|(first, last, _)| (first, last)), Some((Height(22), Height(60))));
    assert_eq!(site.view().as_of().first, Height(22));
    let content = site.content();
    fs::remove_file(site.blocks().join("blk00003.dat")).expect("removable");
    assert_eq!(site.load().added, 0, "pruned later than it was loaded");
    assert_same(&site.content(), &content, "what was loaded stays");
}

#[test]
fn e15_undo_data_missing_or_mismatched_is_told_and_own_coins_are_known_without_it() {
    let blocks = Branch::random(509, 60).blocks;
    let mut site = Site::new();
    let mut writer = BlockWriter::create(site.blocks(), Layout::default()).expect("an empty folder");
    blocks[20..].iter().for_each(|block| writer.write(block.clone()).expect("writable"));
    writer.finish().expect("writable");
    let path = site.blocks().join("rev00000.dat");
    let mut undo = fs::read(&path).expect("written just now");
    let len = undo.len();
    undo[30] ^= 1; // inside the first record, whose block spends older coins
    undo.truncate(len - 1); // the last record's hash is cut, and its block's coins lie in the range
    fs::write(&path, &undo).expect("writable");
    let outcome = site.load();
    assert_eq!(outcome.undo_missing.blocks, 2, "{:?}", outcome.undo_missing);
    assert!(outcome.undo_missing.reasons.iter().all(|reason| reason.contains("rev00000.dat")), "{outcome:?}");
    assert_eq!(outcome.range.map(|(_, tip, _)| tip), Some(Height(60)), "the blocks are taken all the same");
    let view = site.view();
    let mut unknown = 0;
    for input in view.movements().flat_map(|movement| view.inputs(MovementId(movement))) {
        let (movement, row) = view.input(coinhound_model::InputId(input)).expect("a row");
        let missing = view.foreign(row.coin()).is_some_and(|coin| coin.value == u64::MAX);
        unknown += u32::from(missing);
        assert!(!missing || view.marks(movement).contains(MovementMarks::AMOUNT_UNKNOWN));
    }
    let foreign = view.counts().foreign;
    assert!(unknown > 0 && u64::from(unknown) < foreign, "{unknown} of {foreign} are not told");
}

#[test]
fn e16_an_unknown_witness_version_is_an_address_like_any_other() {
    let mut blocks = Branch::random(510, 3).blocks;
    let scripts: Vec<Vec<u8>> =
        (2..=16).map(|version| [&[0x50 + version, 32], [version; 32].as_slice()].concat()).collect();
    for script in &scripts {
        let parent = blocks.last().expect("four and more").clone();
        let draft = Draft::new(parent.hash, parent.height.next(), parent.time + 600);
        blocks.push(draft.seal(Miner { lock: script, message: b"future" }));
    }
    let mut site = Site::of(&blocks);
    site.load_clean();
    let view = site.view();
    for script in &scripts {
        let lock = OwnedLock::of_script(script);
        assert_eq!(lock.kind, LockKind::Witness);
        let address = view.address_of(lock.as_lock()).expect("never dropped");
        let mut coins = Vec::new();
        view.holdings(address, &mut coins);
        assert_eq!(coins.iter().map(|coin| view.entry(*coin).units).collect::<Vec<_>>(), [50 * BTC]);
    }
}

#[test]
fn e18_supply_is_checked_at_every_height() {
    let blocks = Branch::random(511, 50).blocks;
    for height in [1, 2, 17, 50] {
        let allowed = blocks[height].reward;
        let raw = Raw { version: 2, ..Raw::on(&blocks[height - 1]) };
        let claim = |value| coinbase(&[1, u8::try_from(height).expect("small")], value, slot(Style::PubKey, 1));
        // Alone in its block a coinbase may claim the subsidy, whatever the block it replaces earned.
        let subsidy = params().subsidy(Height(u32::try_from(height).expect("small")));
        assert!(allowed >= subsidy);
        for (value, good) in [(subsidy, true), (subsidy + 1, false)] {
            let mut site = Site::of(&blocks[..height]);
            site.put(1, &[raw.seal(&[claim(value)])]);
            let outcome = site.load();
            let tip = if good { height } else { height - 1 };
            assert_eq!(outcome.range.map(|(_, tip, _)| tip.0 as usize), Some(tip), "{outcome:?}");
            assert_eq!(outcome.unusable.iter().map(|bad| (bad.file, bad.offset)).next(), (!good).then_some((1, 8)));
        }
    }
}

#[test]
fn e18_what_lies_unspent_is_the_subsidies_so_far_at_every_height() {
    let blocks = Branch::random(512, 60).blocks;
    let mut site = Site::of(&blocks);
    site.load_clean();
    let (view, mut supply) = (site.view(), 0);
    for height in (0..=60).map(Height) {
        supply += params().subsidy(height);
        let at = view.at(height).expect("inside the range");
        let coins = (0..at.counts().outputs).map(HoldingId);
        let unspent: u64 = coins.filter(|coin| at.spender(*coin).is_none()).map(|coin| at.entry(coin).units).sum();
        assert_eq!(unspent, supply, "height {height}");
    }
}

/// Blocks 5 and 9 hold the same coinbase, and block 12 spends it.
fn twins() -> (Vec<Sealed>, Tx) {
    let mut blocks = vec![Sealed::genesis()];
    let twin = coinbase(b"\x04twin", 50 * BTC, slot(Style::PubKey, 1));
    for height in 1_u8..12 {
        let own = coinbase(&[1, height, 0, 0], 50 * BTC, slot(Style::PubKey, 2));
        let here = if matches!(height, 5 | 9) { twin.clone() } else { own };
        blocks.push(Raw::on(&blocks[usize::from(height) - 1]).seal(&[here]));
    }
    let prev = OutPoint { txid: twin.txid(), index: 0 };
    let input = TxIn { prev, script_sig: vec![], sequence: 0, witness: vec![] };
    let outputs = vec![TxOut { value: 49 * BTC, script: keys().lock(slot(Style::PubKey, 3)) }];
    let spend = Tx { version: 1, inputs: vec![input], outputs, lock_time: 0 };
    blocks.push(Raw::on(&blocks[11]).seal(&[coinbase(b"\x04last", BTC, slot(Style::PubKey, 2)), spend]));
    (blocks, twin)
}

#[test]
fn e23_bip30_duplicate_coinbases_are_two_transactions_and_the_first_is_never_spent() {
    let (blocks, twin) = twins();
    let mut site = Site::of(&blocks);
    site.load_clean();
    let view = site.view();
    let found = view.find(&twin.txid());
    assert_eq!(found.iter().map(|tx| view.height(*tx).0).collect::<Vec<_>>(), [5, 9]);
    let coin = |tx: MovementId| HoldingId(view.outputs(tx).start);
    assert_eq!(view.spender(coin(found[0])), None, "the second overwrote it: 50 coins are lost");
    assert!(view.spender(coin(found[1])).is_some());
    let facts: Vec<_> = found.iter().map(|tx| view.fact(*tx).block).collect();
    assert_eq!(facts, [blocks[5].hash, blocks[9].hash], "told apart by block");
    let one_by_one = {
        let mut site = Site::new();
        let mut bytes = Vec::new();
        for block in &blocks {
            put_frame(&mut bytes, params().magic, &block.bytes);
            site.put_bytes("blk00000.dat", &bytes);
            site.load_clean();
        }
        site.content()
    };
    assert_same(&one_by_one, &site.content(), "twins in different sessions");
}
