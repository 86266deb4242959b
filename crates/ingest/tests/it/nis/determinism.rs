//! The same bytes, however the blocks came: batches, restarts, stops, power cuts, and a memory that was lost.

use coinhound_ingest::{Control, NisProgress};
use coinhound_store::storage::{Failure, Storage};

use super::{Rig, chain, fork, fresh};
use crate::support::{assert_same, count};

/// The file beside the store with what rows depend on.
fn memory_of(rig: &Rig) -> String {
    let local = rig.disk.list("local").expect("there is one");
    let mut names = local.into_iter().map(|item| item.name).filter(|name| name.starts_with("nem-ledger."));
    let name = names.next().expect("it is kept");
    assert_eq!(names.next(), None, "one alone");
    format!("local/{name}")
}

#[test]
fn the_bytes_do_not_depend_on_the_size_of_batches() {
    let whole = chain(60);
    let want = fresh(&whole);
    for batch_rows in [1, 3, 10, 37, usize::MAX] {
        let mut rig = Rig::new(&whole);
        rig.options.accounts.batch_rows = batch_rows;
        rig.load();
        assert_same(&rig.content(), &want, &format!("batches of {batch_rows} rows"));
    }
}

#[test]
fn the_bytes_do_not_depend_on_restarts() {
    let whole = chain(60);
    let want = fresh(&whole);
    for step in [1, 4, 7, 16] {
        let mut rig = Rig::new(&whole[..1]);
        for end in (1..60).step_by(step).chain([60]) {
            rig.node().set_chain(&whole[..end]);
            rig.load();
        }
        memory_of(&rig);
        assert_same(&rig.content(), &want, &format!("restarted every {step} blocks"));
    }
}

#[test]
fn a_stop_after_any_block_keeps_what_was_taken() {
    let whole = chain(40);
    for stop in (1..40).step_by(3) {
        let mut rig = Rig::new(&whole);
        let mut taken = 0;
        let outcome = rig.try_load_watched(&mut |progress| {
            taken += u32::from(matches!(progress, NisProgress::Block { .. }));
            if taken == stop { Control::Stop } else { Control::Go }
        });
        let outcome = outcome.expect("a stop is no error");
        assert!(outcome.stopped && outcome.accounts.added == u64::from(stop), "{outcome:?}");
        assert_same(&rig.content(), &fresh(&whole[..stop as usize]), "stopped");
        rig.load();
        assert_same(&rig.content(), &fresh(&whole), "and gone on");
    }
}

#[test]
fn without_its_memory_a_store_reads_its_blocks_again_and_goes_on_the_same() {
    let whole = chain(60);
    let (want, other) = (fresh(&whole), fork(&whole, 33, 20, 2));
    for damage in ["removed", "one bit", "cut"] {
        let mut rig = Rig::loaded(&whole[..40]);
        let file = memory_of(&rig);
        match damage {
            "removed" => rig.disk.remove(&file).expect("it is there"),
            "one bit" => rig.disk.corrupt(&file, |bytes| bytes[200] ^= 1).expect("it is there"),
            _ => rig.disk.corrupt(&file, |bytes| bytes.truncate(17)).expect("it is there"),
        }
        let copy = rig.disk.copy();
        let mut reread = 0;
        rig.node().set_chain(&whole);
        rig.try_load_watched(&mut |progress| {
            reread += u32::from(matches!(progress, NisProgress::Reread { .. }));
            Control::Go
        })
        .expect("an honest node");
        assert_eq!(reread, 40, "{damage}");
        assert_same(&rig.content(), &want, damage);
        memory_of(&rig);
        rig.disk = copy;
        rig.node().set_chain(&other);
        rig.load();
        assert_same(&rig.content(), &fresh(&other), &format!("{damage}, and another branch"));
    }
}

#[test]
fn the_memory_of_a_store_that_begins_elsewhere_is_not_believed() {
    let whole = chain(60);
    for (own, other) in [(12, 0), (0, 12)] {
        let mut rig = Rig::loaded(&whole[own..40]);
        let stranger = Rig::loaded(&whole[other..40]);
        let (file, bytes) = (memory_of(&rig), stranger.disk.read(&memory_of(&stranger)).expect("it is there"));
        assert_eq!(file, memory_of(&stranger), "both are at the same tip");
        rig.disk.corrupt(&file, |kept| *kept = bytes.to_vec()).expect("it is there");
        let mut reread = 0;
        rig.node().set_chain(&whole);
        rig.try_load_watched(&mut |progress| {
            reread += usize::from(matches!(progress, NisProgress::Reread { .. }));
            Control::Go
        })
        .expect("an honest node");
        assert_eq!(reread, 40 - own, "begins {own} blocks above, its memory {other}");
        assert_same(&rig.content(), &fresh(&whole[own..]), "with the memory of another store");
    }
}

#[test]
fn a_power_cut_at_any_moment_leaves_a_beginning_and_the_rest_follows() {
    let whole = chain(24);
    let want = fresh(&whole);
    let beginnings: Vec<_> =
        (0..=24).map(|end| if end == 0 { Default::default() } else { fresh(&whole[..end]) }).collect();
    let ops = {
        let mut rig = Rig::new(&whole);
        rig.options.accounts.batch_rows = 20;
        rig.load();
        rig.disk.ops()
    };
    let step = usize::try_from(ops / count(60, 2_000)).expect("small").max(1);
    let mut cut_short = 0;
    for op in (0..ops).step_by(step) {
        let mut rig = Rig::new(&whole);
        rig.options.accounts.batch_rows = 20;
        rig.disk.fail_at(op, Failure::Power);
        cut_short += u32::from(rig.try_load().is_err());
        rig.disk = rig.disk.crash(op);
        rig.load();
        assert_same(&rig.content(), &want, &format!("a power cut at operation {op}"));
    }
    assert!(cut_short > 20, "{cut_short} of {ops}");
    assert_eq!(beginnings.last(), Some(&want));
}
