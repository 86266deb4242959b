//! What a real node pegs into its extension block (MWEB) and out of it, as the store and the engine tell it.

use coinhound_analysis::cluster::{Grounds, Why, why};
use coinhound_analysis::patterns::VetoSet;
use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{BackStops, Effort, Seed, SourceKind, Stops, Theft, Trail, backward, trace};
use coinhound_chains::bitcoin::{MwebLock, mweb_lock};
use coinhound_model::print::CollabPrint;
use coinhound_model::{Entry, HoldingId, Ledger, MovementId, MovementMarks, Terminal};
use coinhound_store::Tier;
use coinhound_store::view::View;
use coinhound_testkit::litecoind::payments::{Landmarks, pay_every_kind};
use coinhound_testkit::litecoind::{FIRST_MWEB_HEIGHT, start};

use crate::litecoind::Fed;

#[test]
fn a_real_nodes_pool_mixes_what_goes_in_and_tells_nothing_of_what_comes_out() {
    let Some(node) = start("a_real_nodes_pool_mixes_..", &[]) else { return };
    let marks = pay_every_kind(&node);
    let fed = Fed::new();
    fed.read_files(&node);
    let view = fed.view();
    assert_one_a_block(&view);
    assert_mixed(&view, &marks);
    assert_unknown(&view, &marks);
    assert_no_owner_in_common(&view, &marks);
    view.health().expect("nothing is damaged");
}

fn movement(view: &View, marks: &Landmarks, name: &str) -> MovementId {
    view.find(&marks[name])[0]
}

fn credits(view: &View, movement: MovementId) -> Vec<Entry<u64>> {
    let mut credits = Vec::new();
    view.credits(movement, &mut credits);
    credits
}

fn pegged(view: &View, coin: &Entry<u64>) -> Option<MwebLock> {
    mweb_lock(view.lock(coin.owner)?).map(|(kind, _)| kind)
}

/// From the first on, each block's last transaction settles the pool, and no other does.
fn assert_one_a_block(view: &View) {
    assert!(view.has_pools());
    let before = coinhound_model::Height(FIRST_MWEB_HEIGHT - 1);
    assert!(!view.at(before).expect("a height of the range").has_pools());
    for height in 0..=view.as_of().height.0 {
        let txs = view.block_txs(coinhound_model::Height(height)).expect("a block of the range");
        let settles = |tx: &u64| view.marks(MovementId(*tx)).contains(MovementMarks::POOL);
        let found: Vec<u64> = txs.clone().filter(settles).collect();
        let expected = if height < FIRST_MWEB_HEIGHT { vec![] } else { vec![txs.end - 1] };
        assert_eq!(found, expected, "block {height}");
        for tx in found.into_iter().map(MovementId) {
            assert_eq!(view.collab(tx), CollabPrint::empty());
            assert_eq!(pegged(view, &credits(view, tx)[0]), Some(MwebLock::Balance), "block {height}");
        }
    }
}

/// A theft that is pegged in ends there, by every rule, in the coin that went in.
fn assert_mixed(view: &View, marks: &Landmarks) {
    let mut stolen = Vec::new();
    view.debits(movement(view, marks, "pegs in"), &mut stolen);
    let seeds = stolen.iter().map(|coin| Seed::whole(coin.holding)).collect();
    let rules: Vec<Rule> = Rule::CONSERVING.into_iter().chain([Rule::Poison]).collect();
    let traced = trace(view, &[Theft { seeds }], &rules, &Stops::none(), &Effort::default()).expect("it is sound");
    for trail in &traced.trails {
        let pegged_in = credits(view, movement(view, marks, "pegs in"));
        let pegged_in: Vec<_> = pegged_in.iter().filter(|coin| pegged(view, coin) == Some(MwebLock::PegIn)).collect();
        assert_eq!(pegged_in.len(), 1);
        assert_eq!(trail.total(Terminal::Mixed), pegged_in[0].units, "{}", trail.rule);
        assert!(!trail.rest_is_clean && !came_out(view, trail), "{}", trail.rule);
    }
}

/// Whether the trail reached anything that a pool paid.
fn came_out(view: &View, trail: &Trail<u64>) -> bool {
    let made_by_pool =
        |coin: HoldingId| view.origin(coin).is_some_and(|(maker, _)| view.marks(maker).contains(MovementMarks::POOL));
    trail.coins.iter().any(|coin| made_by_pool(coin.holding))
}

/// What was paid out of the pool starts there.
fn assert_unknown(view: &View, marks: &Landmarks) {
    let spent = credits(view, movement(view, marks, "spends a peg-out"));
    for rule in [Rule::Fifo, Rule::Lifo, Rule::Haircut] {
        let found = backward(view, rule, &Seed::whole(spent[0].holding), &BackStops::none()).expect("it is sound");
        assert_eq!(found.total(SourceKind::OutOfPool), spent[0].units, "{rule}");
        assert_eq!(found.hops.len(), 1, "{rule}");
    }
    let out = credits(view, movement(view, marks, "hogex that pegs out and in"));
    assert_eq!(out.len(), 3, "the balance and two peg-outs");
    assert_eq!(out[1..].iter().map(|coin| pegged(view, coin)).collect::<Vec<_>>(), [None, None]);
}

/// Nothing that settles a pool joined two addresses, and nobody asks it why.
fn assert_no_owner_in_common(view: &View, marks: &Landmarks) {
    for tier in [Tier::T0, Tier::T1] {
        let mut merges = view.merges(tier, 0..view.merge_count(tier));
        assert!(merges.all(|merge| !view.marks(merge.tx).contains(MovementMarks::POOL)));
    }
    let mut taken = Vec::new();
    view.debits(movement(view, marks, "hogex that pegs out and in"), &mut taken);
    assert!(taken.len() >= 2, "the balance and a peg-in");
    for vetoes in VetoSet::ALL {
        let told = why(view, &Grounds::new(vetoes), taken[0].owner, taken[1].owner, 10_000).expect("no damage");
        assert!(matches!(told, Why::NotLinked { .. }), "{}: {told:?}", vetoes.name);
    }
}
