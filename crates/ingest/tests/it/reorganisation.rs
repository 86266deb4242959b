//! After a reorganisation the store holds, to the byte, what a fresh load of the winning branch holds.

use coinhound_chains::bitcoin::encode::OutPoint;
use coinhound_chains::bitcoin::headers::GapCause;
use coinhound_ingest::Control;
use coinhound_model::{Entry, HoldingId, Ledger, MovementId};
use coinhound_sim::{Rng, Sealed, Style};
use coinhound_store::Tier;
use coinhound_store::view::View;
use coinhound_store::writer::Tally;

use crate::forks::{Branch, Coin, Raw, coinbase, keys, slot};
use crate::support::{Site, assert_clean, assert_same, count, fresh};

/// What a campaign did.
#[derive(Debug, Default)]
struct Report {
    pairs: u64,
    /// Of these: the fork lies below the base.
    below_fold: u64,
    /// Of these: a transaction is on both sides of the fork.
    same_tx: u64,
    /// Of these: clusters of the old branch came apart.
    unmerged: u64,
    /// Of these: the old branch then won again.
    returned: u64,
    total: Tally,
}

/// Chains of every height up to `heights`, reorganised by a random depth each, until `pairs` pairs were tried.
fn campaign(seed: u64, heights: usize, pairs: u64) -> Report {
    let mut report = Report::default();
    for round in 0.. {
        let whole = Branch::random(seed + round, heights + 2);
        let mut rng = Rng::new(seed ^ round << 32);
        for height in 1..=heights {
            if report.pairs == pairs {
                return report;
            }
            pair(&whole, height, 1 + rng.index(height), &mut rng, &mut report);
        }
    }
    report
}

/// Displaces the `depth` blocks below `height` by one more block of another branch.
fn pair(whole: &Branch, height: usize, depth: usize, rng: &mut Rng, report: &mut Report) {
    let about = format!("height {height}, depth {depth}, pair {}", report.pairs);
    let fork = height - depth;
    let mut site = Site::of(&whole.blocks[..=height]);
    // Some blocks at a time, so that the old branch lies in several files.
    let step = rng.below(400);
    site.try_load_watched(&mut |_| if rng.chance(step) { Control::Commit } else { Control::Go }).expect("loads");
    let merges = site.view().merge_count(Tier::T1);

    let other = rival(whole, fork, depth + 1, rng);
    site.put(1, &other.blocks[fork + 1..]);
    site.total = Tally::default();
    let outcome = site.load_clean();
    assert_eq!((outcome.added, outcome.removed), (depth as u64 + 1, depth as u64), "{about}");
    assert_same(&site.content(), &fresh(&other.blocks), &about);

    report.pairs += 1;
    report.below_fold += u64::from(site.total.filtered > 0);
    report.same_tx += u64::from(shares_tx(whole, &other, fork, height));
    report.unmerged += u64::from(site.view().merge_count(Tier::T1) < merges);
    report.total += site.total;
    if report.pairs.is_multiple_of(4) {
        site.put(2, &whole.blocks[height + 1..=height + 2]);
        assert_eq!(site.load_clean().removed, depth as u64 + 1, "{about}");
        assert_same(&site.content(), &fresh(&whole.blocks[..=height + 2]), &format!("{about}, and back"));
        report.returned += 1;
    }
}

/// Another branch from `fork` on, with some of the transactions of the first.
fn rival(whole: &Branch, fork: usize, blocks: usize, rng: &mut Rng) -> Branch {
    let mut other = whole.fork(fork, rng.next_u64());
    for block in 0..blocks {
        // Confirmed again in the block of the same height, or in a later one.
        let from = (fork + 1 + block).saturating_sub(rng.index(2)).max(fork + 1);
        let shared = whole.payments.get(from).cloned().unwrap_or_default();
        other.grow(&shared);
    }
    other
}

fn shares_tx(one: &Branch, other: &Branch, fork: usize, height: usize) -> bool {
    let txids = |branch: &Branch, end: usize| -> Vec<_> {
        branch.payments[fork + 1..=end].iter().flatten().map(|payment| payment.tx.txid()).collect()
    };
    let there = txids(other, other.tip());
    txids(one, height).iter().any(|txid| there.contains(txid))
}

#[test]
fn any_depth_at_any_height_leaves_what_a_fresh_load_leaves() {
    let wanted = count(300, 2_000);
    let report = campaign(1, 70, wanted);
    eprintln!("reorganisations: {report:?}");
    assert_eq!(report.pairs, wanted);
    let many = wanted / 10;
    assert!(report.below_fold > many && report.same_tx > many && report.unmerged > many, "{report:?}");
    assert!(report.returned == wanted / 4 && report.total.cut > 0 && report.total.folded > 0, "{report:?}");
}

/// Sum of the coins of an address that lie unspent, and how many there ever were.
fn balance(view: &View, style: Style, owner: u32) -> (u64, usize) {
    let lock = coinhound_chains::bitcoin::OwnedLock::of_script(&keys().lock(slot(style, owner)));
    let Some(address) = view.address_of(lock.as_lock()) else { return (0, 0) };
    let mut coins = Vec::new();
    view.holdings(address, &mut coins);
    let unspent = coins.iter().filter(|coin| view.spender(**coin).is_none());
    (unspent.map(|coin| view.entry(*coin).units).sum(), coins.len())
}

fn coin_of(view: &View, outpoint: OutPoint) -> HoldingId {
    let maker = view.find(&outpoint.txid)[0];
    HoldingId(view.outputs(maker).start + u64::from(outpoint.index))
}

const PAYEE: u32 = 900;
const STYLE: Style = Style::Witness;

#[test]
fn each_side_of_a_fork_keeps_its_own_payments_spenders_and_clusters() {
    let base = Branch::random(5, 30);
    let [a, b, c]: [Coin; 3] = base.mined(3).try_into().expect("three");
    let mut old = base.fork(30, 1);
    let joint = old.payment(&[a.clone(), b.clone()], slot(STYLE, PAYEE));
    let shared = old.payment(std::slice::from_ref(&c), slot(STYLE, PAYEE + 1));
    old.grow_exactly(&[joint.clone(), shared.clone()]);
    let mut new = base.fork(30, 2);
    let alone = new.payment(std::slice::from_ref(&b), slot(STYLE, PAYEE + 2));
    new.grow_exactly(std::slice::from_ref(&alone));
    new.grow_exactly(std::slice::from_ref(&shared));

    let mut site = Site::of(&old.blocks);
    site.load_clean();
    let before = site.view();
    site.put(1, &new.blocks[31..]);
    site.load_clean();
    let after = site.view();

    let (joint, shared, alone) = (joint.tx.txid(), shared.tx.txid(), alone.tx.txid());
    assert_eq!((before.find(&joint).len(), before.find(&shared).len(), before.find(&alone).len()), (1, 1, 0));
    assert_eq!((after.find(&joint).len(), after.find(&shared).len(), after.find(&alone).len()), (0, 1, 1));
    assert_eq!(after.height(after.find(&shared)[0]).0, 32, "confirmed again one block later");
    assert_eq!(before.spender(coin_of(&before, b.outpoint)), Some(before.find(&joint)[0]));
    assert_eq!(after.spender(coin_of(&after, b.outpoint)), Some(after.find(&alone)[0]));
    assert_eq!(after.spender(coin_of(&after, a.outpoint)), None, "only the old branch spent it");
    let root = |view: &View, outpoint| view.root(Tier::T1, view.entry(coin_of(view, outpoint)).owner);
    assert_eq!(root(&before, a.outpoint), root(&before, b.outpoint), "spent together on the old branch");
    let parted = fresh_view(&new.blocks);
    assert_eq!(root(&after, a.outpoint), root(&parted, a.outpoint));
    assert_eq!(root(&after, b.outpoint), root(&parted, b.outpoint));
    assert_eq!(balance(&after, STYLE, PAYEE), (0, 0), "an address of the old branch alone is unknown");
    assert_eq!(balance(&after, STYLE, PAYEE + 1), (c.value - 1_000, 1));
    assert_same(&site.content(), &fresh(&new.blocks), "the winning branch");
}

fn fresh_view(blocks: &[Sealed]) -> View {
    let mut site = Site::of(blocks);
    site.load_clean();
    site.view()
}

#[test]
fn addresses_spent_together_on_the_losing_branch_alone_come_apart() {
    let mut base = Branch::new(50);
    let (left, right) = (slot(Style::PubKeyHash, 901), slot(Style::PubKeyHash, 902));
    (0..20).for_each(|_| base.grow_exactly(&[]));
    let coins = base.mined(2);
    let first = base.payment(&coins[..1], left);
    let second = base.payment(&coins[1..], right);
    base.grow_exactly(&[first, second]);
    let outputs: Vec<_> = base.unspent().into_iter().filter(|coin| [left, right].contains(&coin.slot)).collect();
    let mut old = base.fork(21, 1);
    let joint = old.payment(&outputs, slot(STYLE, PAYEE));
    old.grow_exactly(&[joint]);
    let mut new = base.fork(21, 2);
    (0..2).for_each(|_| new.grow_exactly(&[]));

    let mut site = Site::of(&old.blocks);
    site.load_clean();
    let roots = |view: &View| {
        outputs
            .iter()
            .map(|coin| view.root(Tier::T1, view.entry(coin_of(view, coin.outpoint)).owner))
            .collect::<Vec<_>>()
    };
    let joined = roots(&site.view());
    assert_eq!(joined[0], joined[1]);
    site.put(1, &new.blocks[22..]);
    site.load_clean();
    let parted = roots(&site.view());
    assert_ne!(parted[0], parted[1]);
}

/// One of the five reorganisations that a reviewer of mempool/electrs #112 tried on a balance: a payment is
/// confirmed by the old branch, and `place` tells in which of the new branch's blocks, and after how many others.
fn balance_survives(depth: usize, place: Option<(usize, usize)>) {
    let base = Branch::random(70, 40);
    let mined = base.mined(8);
    let mut old = base.fork(40, 1);
    let paid = old.payment(&mined[..1], slot(STYLE, PAYEE));
    let fillers: Vec<_> =
        mined[1..].iter().map(|coin| old.payment(std::slice::from_ref(coin), slot(STYLE, PAYEE + 9))).collect();
    old.grow_exactly(&[fillers[0].clone(), paid.clone()]);
    (1..depth).for_each(|_| old.grow_exactly(&[]));
    let mut new = base.fork(40, 2);
    for block in 0..=depth {
        let here = place
            .filter(|(at, _)| *at == block)
            .map(|(_, before)| [&fillers[..before], std::slice::from_ref(&paid)].concat());
        new.grow_exactly(&here.unwrap_or_default());
    }
    let mut site = Site::of(&old.blocks);
    site.load_clean();
    assert_eq!(balance(&site.view(), STYLE, PAYEE), (mined[0].value - 1_000, 1));
    site.put(1, &new.blocks[41..]);
    assert_eq!(site.load_clean().removed, depth as u64);
    let want = if place.is_some() { (mined[0].value - 1_000, 1) } else { (0, 0) };
    assert_eq!(balance(&site.view(), STYLE, PAYEE), want, "depth {depth}, {place:?}");
    assert_eq!(site.view().find(&paid.tx.txid()).len(), usize::from(place.is_some()), "counted once");
    assert_same(&site.content(), &fresh(&new.blocks), "the winning branch");
}

#[test]
fn e21_a_short_reorganisation_takes_the_payment_back() {
    balance_survives(1, None);
}

#[test]
fn e21_a_payment_at_the_same_height_and_index_counts_once() {
    balance_survives(1, Some((0, 1)));
}

#[test]
fn e21_a_payment_at_the_same_height_and_another_index_counts_once() {
    balance_survives(1, Some((0, 3)));
}

#[test]
fn e21_a_payment_in_a_later_block_counts_once() {
    balance_survives(2, Some((2, 0)));
}

#[test]
fn e21_ten_blocks_deep_the_payment_counts_once() {
    balance_survives(10, Some((5, 2)));
}

#[test]
fn e22_a_reorganisation_down_to_the_genesis_block_has_no_limit() {
    let old = Branch::random(80, 100);
    let mut new = old.fork(0, 81);
    (0..101).for_each(|_| new.grow(&[]));
    let mut site = Site::of(&old.blocks);
    site.load_clean();
    site.put(1, &new.blocks[1..]);
    assert_eq!(site.load_clean().removed, 100);
    assert!(site.total.filtered > 0, "it went below the base: {:?}", site.total);
    assert_same(&site.content(), &fresh(&new.blocks), "another chain from genesis on");
}

#[test]
fn of_two_tips_with_equal_work_the_lower_hash_wins_in_any_order_and_both_are_told() {
    let base = Branch::random(90, 20);
    let tips: Vec<Branch> = (1..=2)
        .map(|seed| {
            let mut branch = base.fork(20, seed);
            (0..3).for_each(|_| branch.grow(&[]));
            branch
        })
        .collect();
    let name = |branch: &Branch| branch.blocks[branch.tip()].hash.to_string();
    let (low, high) = if name(&tips[0]) < name(&tips[1]) { (&tips[0], &tips[1]) } else { (&tips[1], &tips[0]) };
    for (first, second) in [(low, high), (high, low)] {
        let mut site = Site::of(&first.blocks);
        assert!(site.load_clean().rivals.is_empty());
        site.put(1, &second.blocks[21..]);
        let outcome = site.load_clean();
        let rivals: Vec<_> = outcome.rivals.iter().map(|tip| tip.hash.to_string()).collect();
        assert_eq!(outcome.range.map(|(.., tip)| tip.to_string()), Some(name(low)));
        assert_eq!(rivals, [name(high)]);
        assert_same(&site.content(), &fresh(&low.blocks), "the lower hash");
    }
}

/// Offers a longer branch of which `spoil` made the block at height 31 unusable; the stored chain must stand.
fn stored_chain_stands(spoil: impl Fn(&mut Vec<Sealed>)) -> Site {
    let old = Branch::random(95, 33);
    let mut new = old.fork(28, 96);
    (0..8).for_each(|_| new.grow(&[]));
    let mut site = Site::of(&old.blocks);
    site.load_clean();
    let want = site.content();
    let mut offered = new.blocks[29..].to_vec();
    spoil(&mut offered);
    site.put(1, &offered);
    let outcome = site.load();
    assert_eq!((outcome.added, outcome.removed), (0, 0), "{outcome:?}");
    assert_eq!(outcome.range.map(|(.., tip)| tip), Some(old.blocks[33].hash));
    assert_eq!((outcome.unusable.len(), outcome.unusable[0].file), (1, 1), "{outcome:?}");
    assert!(matches!(outcome.gaps[0].cause, GapCause::Damaged(_)) && outcome.gaps[0].from.0 == 31, "{outcome:?}");
    assert_same(&site.content(), &want, "the stored chain");

    site.put(2, &new.blocks[31..32]);
    if outcome.unusable[0].hash == new.blocks[31].hash {
        assert_eq!(site.load().removed, 5, "a good copy lets the branch win");
        assert_same(&site.content(), &fresh(&new.blocks), "the whole branch");
    }
    site
}

#[test]
fn a_branch_with_a_damaged_block_does_not_displace_the_stored_chain() {
    stored_chain_stands(|blocks| {
        let end = blocks[2].bytes.len();
        blocks[2].bytes[end - 9] ^= 1;
    });
}

#[test]
fn a_branch_that_creates_coins_from_nothing_does_not_displace_the_stored_chain() {
    stored_chain_stands(|blocks| {
        let raw = Raw::on(&blocks[1]);
        let greedy = raw.seal(&[coinbase(b"\x01\x1fgreedy", 5_000_000_001, slot(STYLE, 1))]);
        let mut tip = greedy;
        blocks.truncate(2);
        for _ in 0..5 {
            let next = Raw::on(&tip).seal(&[coinbase(b"\x01\x20honest", 1, slot(STYLE, 1))]);
            blocks.push(std::mem::replace(&mut tip, next));
        }
    });
}

/// A branch of more headers than the other, of which the block at `bad` cannot be used, and what then is the chain of
/// sound blocks with most work.
fn damaged_branch(seed: u64, bad: usize) -> (Vec<Sealed>, Vec<Sealed>, Vec<Sealed>) {
    let sound = Branch::random(seed, 33);
    let mut longer = sound.fork(28, seed + 1);
    (0..9).for_each(|_| longer.grow(&[]));
    let mut offered = longer.blocks[29..].to_vec();
    let last = offered[bad - 29].bytes.len() - 9;
    offered[bad - 29].bytes[last] ^= 1;
    let readable = longer.blocks[..bad].to_vec();
    let rank = |blocks: &[Sealed]| (blocks.len(), std::cmp::Reverse(blocks[blocks.len() - 1].hash.to_string()));
    let best = if rank(&readable) > rank(&sound.blocks) { readable } else { sound.blocks.clone() };
    (sound.blocks, offered, best)
}

#[test]
fn a_damaged_longer_branch_leaves_the_same_store_whichever_branch_came_first() {
    for (seed, bad) in [(900, 30), (902, 33), (904, 34), (906, 34), (908, 34), (910, 34), (912, 35), (914, 37)] {
        let (sound, offered, best) = damaged_branch(seed, bad);
        let want = fresh(&best);
        let (base, shorter) = sound.split_at(29);
        for parts in [[base, shorter, &offered], [base, &offered, shorter]] {
            for together in [false, true] {
                let mut site = Site::new();
                for (file, part) in (0..).zip(parts) {
                    site.put(file, part);
                    if !together {
                        site.load();
                    }
                }
                let outcome = site.load();
                let about = format!("block {bad} is damaged, {together}: {outcome:?}");
                assert_same(&site.content(), &want, &about);
                let cut_off = |gap: &coinhound_chains::bitcoin::headers::Gap| {
                    gap.cause == GapCause::Damaged(offered[bad - 29].hash) && gap.from.0 as usize == bad
                };
                assert!(outcome.gaps.iter().any(cut_off), "{about}");
                assert_eq!(outcome.rivals.len(), usize::from(bad == 34), "{about}");
            }
        }
    }
}

#[test]
fn a_stop_inside_a_reorganisation_leaves_the_old_chain_whole() {
    let old = Branch::random(97, 40);
    let mut new = old.fork(30, 98);
    (0..12).for_each(|_| new.grow(&[]));
    let mut site = Site::of(&old.blocks);
    site.load_clean();
    site.put(1, &new.blocks[31..]);
    let mut blocks = 0;
    let outcome = site.try_load_watched(&mut |progress| {
        blocks += u32::from(matches!(progress, coinhound_ingest::Progress::Block { .. }));
        if blocks > 5 { Control::Stop } else { Control::Commit }
    });
    let outcome = outcome.expect("a stop is no error");
    assert!(outcome.stopped && outcome.added == 0 && outcome.removed == 0, "{outcome:?}");
    assert_same(&site.content(), &fresh(&old.blocks), "the old branch");
    assert_clean(&site.load());
    assert_same(&site.content(), &fresh(&new.blocks), "the new branch");
}

#[test]
fn what_every_movement_takes_and_pays_is_conserved_on_the_new_branch() {
    let old = Branch::random(99, 50);
    let mut new = old.fork(20, 100);
    (0..40).for_each(|_| new.grow(&[]));
    let mut site = Site::of(&old.blocks);
    site.load_clean();
    site.put(1, &new.blocks[21..]);
    site.load_clean();
    let view = site.view();
    let (mut taken, mut paid) = (Vec::<Entry<u64>>::new(), Vec::<Entry<u64>>::new());
    let (mut minted, mut fees) = (0, 0);
    for movement in view.movements().map(MovementId) {
        view.debits(movement, &mut taken);
        view.credits(movement, &mut paid);
        let sum = |entries: &[Entry<u64>]| entries.iter().map(|entry| entry.units).sum::<u64>();
        if taken.is_empty() { minted += sum(&paid) } else { fees += sum(&taken) - sum(&paid) }
    }
    let coins = (0..view.counts().outputs).map(HoldingId);
    let unspent: u64 = coins.filter(|coin| view.spender(*coin).is_none()).map(|coin| view.entry(coin).units).sum();
    assert_eq!(minted - fees, unspent);
    assert_eq!(minted, new.blocks.iter().map(|block| block.reward).sum::<u64>());
    view.health().expect("nothing is damaged");
}
