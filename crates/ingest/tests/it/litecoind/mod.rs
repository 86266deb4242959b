//! A store beside a real node: Debian's `litecoind` mines and pays, and both must hold the same coins.

mod files;
mod follow;
mod pool;
mod reorganisation;
mod setup;

use std::sync::Arc;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, Limits, NodeRpc};
use coinhound_chains::bitcoin::script::lock_script;
use coinhound_ingest::{Control, LoadError, Options, Outcome, load_node};
use coinhound_model::{HoldingId, Ledger, MovementMarks};
use coinhound_store::manifest::MANIFEST;
use coinhound_store::storage::{SimDisk, Storage};
use coinhound_store::view::View;
use coinhound_testkit::litecoind::Litecoind;
use coinhound_testkit::litecoind::unspent::{Coin, Unspent, total};

use crate::support::{Content, assert_clean, content, load, tiny};

/// What a view holds unspent, as a node counts it: genesis and what nobody can spend left out.
fn unspent(view: &View) -> Unspent {
    let coins = (0..view.counts().outputs).map(HoldingId).filter(|coin| view.spender(*coin).is_none());
    let coins = coins.filter_map(|coin| {
        let owner = view.entry(coin);
        let lock = owner.owner.is_some().then(|| view.lock(owner.owner).expect("an owner has a lock"))?;
        let (maker, _) = view.origin(coin).expect("a coin of the range");
        let height = view.height(maker).0;
        let coinbase = view.marks(maker).contains(MovementMarks::ISSUES);
        Some((view.outpoint(coin), Coin { value: owner.units, script: lock_script(lock), height, coinbase }))
    });
    coins.filter(|(_, coin)| coin.height > 0).collect()
}

/// Fails where view and node differ: their tips, a coin, its script, its amount, its age, or the sum.
fn assert_agrees(view: &View, node: &Litecoind, about: &str) {
    assert_eq!((view.as_of().height.0, view.as_of().block.to_string()), (node.height(), node.tip()), "{about}");
    let (ours, theirs) = (unspent(view), node.unspent());
    let missing = theirs.iter().find(|(place, coin)| ours.get(*place) != Some(*coin));
    assert!(missing.is_none(), "{about}: the node holds {missing:?}, we {:?}", missing.map(|(at, _)| ours.get(at)));
    let odd = ours.iter().find(|(place, _)| !theirs.contains_key(*place));
    assert!(odd.is_none(), "{about}: the node does not hold {odd:?}");
    assert_eq!(total(&ours), total(&theirs), "{about}");
    view.health().expect("nothing is damaged");
}

/// The node as the product asks it, shown its cookie.
fn rpc(node: &Litecoind) -> NodeRpc<'static> {
    rpc_of(node, Network::LitecoinRegtest, Limits::default())
}

/// The node as the product asks it, taken for one of that network.
fn rpc_of(node: &Litecoind, network: Network, limits: Limits) -> NodeRpc<'static> {
    let endpoint = Endpoint::parse(&node.url(), Auth::Cookie(node.cookie())).expect("a loopback address");
    NodeRpc::new(endpoint, network.params(), limits)
}

/// A store that is fed from a node.
struct Fed {
    disk: SimDisk,
    options: Options,
}

impl Fed {
    fn new() -> Self {
        Self { disk: SimDisk::new(), options: tiny() }
    }

    /// Brings it up to date from the node's block files.
    fn read_files(&self, node: &Litecoind) -> Outcome {
        let disk = Arc::new(self.disk.clone());
        let outcome = load(Network::LitecoinRegtest, &node.blocks(), disk, &self.options);
        let outcome = outcome.expect("the node's files load");
        assert_clean(&outcome);
        outcome
    }

    /// Brings it up to date from the running node.
    fn read_rpc(&self, node: &Litecoind) -> Outcome {
        let outcome = self.try_rpc(&mut rpc(node)).expect("the node is read");
        assert_clean(&outcome);
        outcome
    }

    fn try_rpc(&self, rpc: &mut NodeRpc<'_>) -> Result<Outcome, LoadError> {
        load_node(rpc, Arc::new(self.disk.clone()), &self.options, &mut |_| Control::Go)
    }

    fn has_manifest(&self) -> bool {
        self.disk.length(MANIFEST).is_ok()
    }

    fn view(&self) -> View {
        View::open(&self.disk).expect("a healthy store opens")
    }

    fn content(&self) -> Content {
        content(&self.disk)
    }
}
