//! A trail as nodes and edges: the theft, each transaction, each place where value ended.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::Terminal;
use ruint::aliases::U256;

use crate::report::document::{EndLine, HopPart, Link, TrailPart};
use crate::text::Said;

/// What a node stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The stolen coins.
    Theft,
    /// What conversions of this asset brought.
    Opened(Said),
    /// Transactions of the hop table, by number.
    Hops(Vec<usize>),
    /// Accounts that passed value on, by number in the order in which it reached them.
    Accounts {
        /// Which.
        numbers: Vec<usize>,
        /// The account, where it is one.
        name: Option<Said>,
    },
    /// Where value ended: how, and at which address; none where several are drawn as one.
    End {
        /// Decides the colour.
        terminal: Terminal,
        /// In words.
        name: Said,
        /// Where, if it is one place.
        address: Option<Said>,
        /// How many places.
        places: usize,
    },
}

/// One box of the picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// Distance from the left, in columns.
    pub column: usize,
}

/// One ribbon of the picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub units: U256,
}

/// Nodes, and edges that always lead to a higher column.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

impl Graph {
    /// The value through each node.
    pub fn units(&self) -> Vec<U256> {
        let mut sides = vec![(U256::ZERO, U256::ZERO); self.nodes.len()];
        for edge in &self.edges {
            sides[edge.from].1 += edge.units;
            sides[edge.to].0 += edge.units;
        }
        sides.into_iter().map(|(into, out): (U256, U256)| into.max(out)).collect()
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.nodes.iter().map(|node| node.column + 1).max().unwrap_or(0)
    }

    /// Gives every node the length of the longest way to it; ends stand together in the last column.
    pub fn set_columns(&mut self) {
        for node in &mut self.nodes {
            node.column = 0;
        }
        // Nodes are in topological order, so one pass over edges sorted by source is enough.
        let mut edges = self.edges.clone();
        edges.sort_by_key(|edge| edge.from);
        for edge in &edges {
            let least = self.nodes[edge.from].column + 1;
            let to = &mut self.nodes[edge.to];
            to.column = to.column.max(least);
        }
        let last = self.nodes.iter().filter(|node| !node.is_end()).map(|node| node.column + 1).max().unwrap_or(1);
        self.nodes.iter_mut().filter(|node| node.is_end()).for_each(|node| node.column = last);
    }

    /// The graph in which nodes of one group are one node and parallel edges one edge. `group[n]` is the least node of
    /// the group of `n`; columns are kept.
    pub fn merged(&self, group: &[usize], join: impl Fn(&[&Node]) -> Kind) -> Self {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (node, &first) in group.iter().enumerate() {
            members.entry(first).or_default().push(node);
        }
        let mut renamed = vec![0; self.nodes.len()];
        let mut nodes = Vec::new();
        for nodes_of_group in members.values() {
            nodes_of_group.iter().for_each(|&node| renamed[node] = nodes.len());
            let parts: Vec<&Node> = nodes_of_group.iter().map(|&node| &self.nodes[node]).collect();
            let kind = if parts.len() == 1 { parts[0].kind.clone() } else { join(&parts) };
            nodes.push(Node { kind, column: parts[0].column });
        }
        let mut sums: BTreeMap<(usize, usize), U256> = BTreeMap::new();
        for edge in &self.edges {
            let (from, to) = (renamed[edge.from], renamed[edge.to]);
            if from != to {
                *sums.entry((from, to)).or_default() += edge.units;
            }
        }
        let edges = sums.into_iter().map(|((from, to), units)| Edge { from, to, units }).collect();
        Self { nodes, edges }
    }
}

impl Node {
    pub fn is_end(&self) -> bool {
        matches!(self.kind, Kind::End { .. })
    }

    pub fn hops(&self) -> &[usize] {
        match &self.kind {
            Kind::Hops(numbers) | Kind::Accounts { numbers, .. } => numbers,
            _ => &[],
        }
    }
}

/// The whole trail: node 0 is the theft, node `n` the hop with that number, then the ends.
pub(super) fn of(trail: &TrailPart) -> Graph {
    let hops = trail.hops.iter().map(|hop| Node { kind: Kind::Hops(vec![hop.number]), column: 0 });
    let mut builder = Builder::new(trail, hops);
    trail.hops.iter().for_each(|hop| builder.hop(hop));
    let still = trail.ends.iter().filter(|end| end.depth == 0 && end.place.is_some());
    still.for_each(|end| builder.unmoved(end));
    builder.finish()
}

/// A graph being made: nodes, and the ends that there are nodes for.
pub(super) struct Builder {
    pub(super) draw_fees: bool,
    /// Addresses counted as places of an end.
    addresses: BTreeSet<(usize, Said)>,
    pub(super) graph: Graph,
    ends: BTreeMap<(Terminal, Said, Option<Said>), usize>,
}

impl Builder {
    /// The theft, then these.
    pub(super) fn new(trail: &TrailPart, steps: impl Iterator<Item = Node>) -> Self {
        let theft = Node { kind: Kind::Theft, column: 0 };
        let fees: U256 = trail.hops.iter().map(|hop| hop.fee_stolen).sum();
        // A hundred hair-thin ribbons of fees say nothing; the tables hold every one.
        let draw_fees = !fees.is_zero() && fees.saturating_mul(U256::from(100u64)) >= trail.entered;
        let graph = Graph { nodes: std::iter::once(theft).chain(steps).collect(), edges: Vec::new() };
        Self { draw_fees, addresses: BTreeSet::new(), graph, ends: BTreeMap::new() }
    }

    /// The graph with parallel edges added up and every node in its column.
    pub(super) fn finish(self) -> Graph {
        let alone: Vec<usize> = (0..self.graph.nodes.len()).collect();
        let mut graph = self.graph.merged(&alone, |parts| parts[0].kind.clone());
        graph.set_columns();
        graph
    }

    fn hop(&mut self, hop: &HopPart) {
        for side in hop.ins.iter().filter(|side| !side.stolen.is_zero()) {
            let from = if let Link::Hop(number) = side.link { number } else { 0 };
            self.edge(from, hop.number, side.stolen);
        }
        for side in hop.outs.iter().filter(|side| !side.stolen.is_zero()) {
            if let Link::End(terminal, name) = &side.link {
                let end = self.end(*terminal, name.clone(), Some(side.place.address.clone()));
                self.edge(hop.number, end, side.stolen);
            }
        }
        if !hop.fee_stolen.is_zero() && self.draw_fees {
            let end = self.end(Terminal::Fee, "fees to miners".into(), None);
            self.edge(hop.number, end, hop.fee_stolen);
        }
    }

    /// A seed that never moved, or was not followed.
    fn unmoved(&mut self, end: &EndLine) {
        let address = end.place.as_ref().map(|place| place.address.clone());
        let node = self.end(end.terminal, end.kind.clone(), address);
        self.edge(0, node, end.units);
    }

    /// The node of an end: one for each address, but one for each service whatever its addresses.
    pub(super) fn end(&mut self, terminal: Terminal, name: Said, address: Option<Said>) -> usize {
        let shown = address.clone().filter(|_| !matches!(terminal, Terminal::AtService(_)));
        let next = self.graph.nodes.len();
        let node = *self.ends.entry((terminal, name.clone(), shown.clone())).or_insert(next);
        if node == next {
            self.graph.nodes.push(Node { kind: Kind::End { terminal, name, address: shown, places: 0 }, column: 0 });
        }
        let new = self.addresses.insert((node, address.unwrap_or_default()));
        if let Kind::End { places, .. } = &mut self.graph.nodes[node].kind
            && new
        {
            *places += 1;
        }
        node
    }

    pub(super) fn edge(&mut self, from: usize, to: usize, units: U256) {
        self.graph.edges.push(Edge { from, to, units });
    }
}
