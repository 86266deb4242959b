//! How many chains of evidence share no transaction: unit flow through transactions, grown one path at a time.
//!
//! Addresses and key links carry any number of chains, a transaction one. By Menger's theorem the largest number of
//! chains that share no transaction is the smallest number of transactions without which there is none.

use std::collections::BTreeMap;

use coinhound_model::{AddressId, MovementId};

/// What links addresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Via {
    /// Spent from in one transaction.
    Tx(MovementId),
    /// The same key, the smaller address first.
    Key(AddressId, AddressId),
}

/// A node of the network. A [`Via`] is two, so that it can be full.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Node {
    At(AddressId),
    Into(Via),
    OutOf(Via),
}

/// A flow from one address to another.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Units by (to, from), never zero.
    arcs: BTreeMap<(Node, Node), u32>,
}

impl Flow {
    /// Whether another chain can go through.
    pub fn has_room(&self, via: Via) -> bool {
        matches!(via, Via::Key(..)) || !self.arcs.contains_key(&(Node::OutOf(via), Node::Into(via)))
    }

    /// Where flow into `node` comes from, ascending: an augmenting path may go back there.
    pub fn sources(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        let start = (node, Node::At(AddressId(0)));
        self.arcs.range(start..).map(|(arc, _)| *arc).take_while(move |(to, _)| *to == node).map(|(_, from)| from)
    }

    /// Sends one more unit along a path of the residual network.
    pub fn augment(&mut self, path: &[Node]) {
        for step in path.windows(2) {
            let (from, to) = (step[0], step[1]);
            if !self.take((from, to)) {
                *self.arcs.entry((to, from)).or_default() += 1;
            }
        }
    }

    /// Splits the flow into paths from `source` to `sink` that share no transaction, without loops.
    pub fn into_paths(mut self, source: AddressId, sink: AddressId) -> Vec<Vec<Node>> {
        let mut paths = Vec::new();
        while let Some(path) = self.take_path(Node::At(source), Node::At(sink)) {
            paths.push(path);
        }
        paths
    }

    /// Follows one unit backward from the sink.
    fn take_path(&mut self, source: Node, sink: Node) -> Option<Vec<Node>> {
        let mut path = vec![sink];
        let mut at = sink;
        while at != source {
            let from = self.sources(at).next()?;
            self.take((at, from));
            if let Some(before) = path.iter().position(|node| *node == from) {
                path.truncate(before);
            }
            path.push(from);
            at = from;
        }
        path.reverse();
        Some(path)
    }

    /// Removes a unit from an arc, if one is there.
    fn take(&mut self, arc: (Node, Node)) -> bool {
        let Some(units) = self.arcs.get_mut(&arc) else {
            return false;
        };
        *units -= 1;
        if *units == 0 {
            self.arcs.remove(&arc);
        }
        true
    }
}
