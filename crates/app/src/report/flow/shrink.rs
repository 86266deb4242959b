//! A trail can have thousands of transactions; a picture that a judge can read has a few dozen boxes.
//!
//! Three steps, each keeping every amount: transactions in a row become one box; neighbouring columns are drawn as one;
//! the small boxes of a column become "+N more".

use coinhound_model::Terminal;
use ruint::aliases::U256;

use super::graph::{Graph, Kind, Node};

/// At most this many columns of transactions.
const COLUMNS_MAX: usize = 6;

/// At most this many boxes of transactions in a column.
const HOPS_MAX: usize = 5;

/// At most this many ends.
const ENDS_MAX: usize = 14;

/// The graph small enough to draw.
pub(super) fn shrink(graph: Graph) -> Graph {
    let mut graph = graph;
    if hop_columns(&graph) > COLUMNS_MAX {
        graph = join_rows(&graph);
        graph.set_columns();
    }
    if hop_columns(&graph) > COLUMNS_MAX {
        graph = bucket_columns(&graph);
    }
    graph = cap_hops(&graph);
    cap_ends(&graph)
}

fn hop_columns(graph: &Graph) -> usize {
    graph.nodes.iter().filter(|node| !node.is_end()).map(|node| node.column).max().unwrap_or(0)
}

/// Joins each transaction with the one before where the trail only passes through: all its loot comes from that
/// one, and that one passes loot on to no other transaction. The first transaction stays by itself.
fn join_rows(graph: &Graph) -> Graph {
    let hops = |node: usize| !graph.nodes[node].hops().is_empty();
    let mut before = vec![Neighbours::None; graph.nodes.len()];
    let mut after = before.clone();
    for edge in &graph.edges {
        before[edge.to].add(edge.from);
        if hops(edge.to) {
            after[edge.from].add(edge.to);
        }
    }
    let mut group: Vec<usize> = (0..graph.nodes.len()).collect();
    for node in (0..graph.nodes.len()).filter(|&node| hops(node)) {
        if let Neighbours::One(only) = before[node]
            && hops(only)
            && after[only] == Neighbours::One(node)
        {
            group[node] = group[only];
        }
    }
    graph.merged(&group, join)
}

/// How many nodes are next to one, and which when it is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Neighbours {
    None,
    One(usize),
    Many,
}

impl Neighbours {
    fn add(&mut self, node: usize) {
        *self = if *self == Self::None { Self::One(node) } else { Self::Many };
    }
}

/// Draws neighbouring columns as one: boxes joined inside such a column become one box.
fn bucket_columns(graph: &Graph) -> Graph {
    let columns = hop_columns(graph);
    let bucket = |column: usize| if column == 0 { 0 } else { 1 + (column - 1) * COLUMNS_MAX / columns };
    let mut bucketed = graph.clone();
    for node in &mut bucketed.nodes {
        node.column = if node.is_end() { COLUMNS_MAX + 1 } else { bucket(node.column) };
    }
    let mut group: Vec<usize> = (0..bucketed.nodes.len()).collect();
    for edge in bucketed.edges.iter().filter(|edge| bucketed.nodes[edge.from].column == bucketed.nodes[edge.to].column)
    {
        let (a, b) = (first_of(&mut group, edge.from), first_of(&mut group, edge.to));
        group[a.max(b)] = a.min(b);
    }
    let group: Vec<usize> = (0..group.len()).map(|node| first_of(&mut group, node)).collect();
    bucketed.merged(&group, join)
}

/// The least node joined with this one; shortens the way for the next question.
fn first_of(group: &mut [usize], mut node: usize) -> usize {
    while group[node] != node {
        group[node] = group[group[node]];
        node = group[node];
    }
    node
}

/// Keeps the largest boxes of each column of transactions and joins the others.
fn cap_hops(graph: &Graph) -> Graph {
    let units = graph.units();
    let mut group: Vec<usize> = (0..graph.nodes.len()).collect();
    for column in 1..=hop_columns(graph) {
        let in_column = |node: &Node| node.column == column && !node.is_end();
        let mut nodes: Vec<usize> = (0..graph.nodes.len()).filter(|&node| in_column(&graph.nodes[node])).collect();
        if nodes.len() > HOPS_MAX {
            nodes.sort_by_key(|&node| std::cmp::Reverse(units[node]));
            join_all(&mut group, nodes.split_off(HOPS_MAX - 1));
        }
    }
    graph.merged(&group, join)
}

/// Keeps the largest ends and joins the others of each kind of terminal.
fn cap_ends(graph: &Graph) -> Graph {
    let ends = graph.nodes.iter().filter(|node| node.is_end()).count();
    if ends <= ENDS_MAX {
        return graph.clone();
    }
    let mut group: Vec<usize> = (0..graph.nodes.len()).collect();
    let units = graph.units();
    let keep = keep_limit(graph, &units);
    let mut kinds: Vec<Terminal> = graph.nodes.iter().filter_map(terminal).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let small = |node: usize| terminal(&graph.nodes[node]) == Some(kind) && units[node] < keep;
        join_all(&mut group, (0..graph.nodes.len()).filter(|&node| small(node)).collect());
    }
    graph.merged(&group, join)
}

/// The value of the smallest end that is still drawn by itself.
fn keep_limit(graph: &Graph, units: &[U256]) -> U256 {
    let mut values: Vec<U256> =
        (0..graph.nodes.len()).filter(|&node| graph.nodes[node].is_end()).map(|node| units[node]).collect();
    values.sort_unstable_by(|a, b| b.cmp(a));
    values.get(ENDS_MAX - 5).copied().unwrap_or(U256::ZERO).saturating_add(U256::from(1u64))
}

fn terminal(node: &Node) -> Option<Terminal> {
    match node.kind {
        // One colour, one "+N more": services differ by number only.
        Kind::End { terminal: Terminal::AtService(_), .. } => Some(Terminal::AtService(0)),
        Kind::End { terminal, .. } => Some(terminal),
        _ => None,
    }
}

fn join_all(group: &mut [usize], mut nodes: Vec<usize>) {
    nodes.sort_unstable();
    if let Some(&first) = nodes.first() {
        nodes.iter().for_each(|&node| group[node] = first);
    }
}

/// What several boxes are as one.
fn join(parts: &[&Node]) -> Kind {
    let Kind::End { terminal, name, .. } = &parts[0].kind else {
        let mut numbers: Vec<usize> = parts.iter().flat_map(|part| part.hops().iter().copied()).collect();
        numbers.sort_unstable();
        return match parts[0].kind {
            Kind::Accounts { .. } => Kind::Accounts { numbers, name: None },
            _ => Kind::Hops(numbers),
        };
    };
    let count = |part: &&Node| if let Kind::End { places, .. } = part.kind { places } else { 0 };
    let name = if let Terminal::AtService(_) = terminal { "at other services".into() } else { name.clone() };
    Kind::End { terminal: *terminal, name, address: None, places: parts.iter().map(count).sum() }
}
