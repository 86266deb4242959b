//! Why two addresses belong together: the shortest chain of evidence, and how many transactions it rests on.
//!
//! The search is breadth-first over co-spends and key links as the ledger shows them, not over stored merges, which
//! are few of them. It stops at a budget and then says so: "not decided" is not "not linked".

use coinhound_model::{AddressId, Ledger, LedgerError, MovementId};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::cluster::evidence::{Evidence, Spent};
use crate::cluster::flow::{Flow, Node, Via};
use crate::cluster::grounds::Grounds;

/// Chains are counted no further than this: two of three hold when one falls.
pub const CHAINS_MAX: usize = 3;

/// One link of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Link {
    /// Both addresses are spent from in one transaction.
    CoSpend {
        /// The transaction.
        movement: MovementId,
        /// The first input of `from`, by its position in the transaction.
        from_input: u32,
        /// The address on the asker's side.
        from: AddressId,
        /// The first input of `to`.
        to_input: u32,
        /// The address on the other side.
        to: AddressId,
    },
    /// Both addresses use the same key.
    SameKey {
        /// The address on the asker's side.
        from: AddressId,
        /// The address on the other side.
        to: AddressId,
    },
}

/// Links from one address to another, each starting where the one before ends.
pub type Chain = Vec<Link>;

/// How much a link between two addresses rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strength {
    /// On keys alone: no transaction's evidence is needed.
    SameKey,
    /// On exactly this many chains that share no transaction; 1 means that it falls with a single transaction.
    Exactly(usize),
    /// On at least this many: counting stopped at [`CHAINS_MAX`] or at the budget.
    AtLeast(usize),
}

/// Two addresses belong together, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Linked {
    /// A chain with as few links as possible.
    pub shortest: Chain,
    /// Chains that share no transaction, as many as were counted. The shortest need not be one of them.
    pub disjoint: Vec<Chain>,
    /// What it rests on.
    pub strength: Strength,
    /// Ledger look-ups made.
    pub spent: u64,
}

/// The answer to "why do these two belong together?".
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// They are one address.
    Same,
    /// They do, and why.
    Linked(Linked),
    /// All evidence was read, and they do not.
    NotLinked {
        /// Ledger look-ups made.
        spent: u64,
    },
    /// The budget ended before either was known.
    NotDecided {
        /// Ledger look-ups made.
        spent: u64,
    },
}

/// Why `from` and `to` belong together on these grounds.
///
/// `budget` bounds the ledger look-ups: one for each coin asked for its spender, each movement read, each key asked.
/// The same question always gets the same chains.
///
/// # Errors
/// The ledger's damage, if it met any.
pub fn why<L: Ledger>(
    ledger: &L,
    grounds: &Grounds,
    from: AddressId,
    to: AddressId,
    budget: u64,
) -> Result<Why, LedgerError> {
    if from == to {
        return Ok(Why::Same);
    }
    let mut search = Search { evidence: Evidence::new(ledger, grounds, budget), flow: Flow::default(), from, to };
    let answer = search.answer();
    ledger.health()?;
    Ok(answer)
}

struct Search<'a, L: Ledger> {
    evidence: Evidence<'a, L>,
    flow: Flow,
    from: AddressId,
    to: AddressId,
}

/// Every node reached, with the one it was reached from.
#[derive(Default)]
struct Reached {
    from: HashMap<Node, Node, FixedState>,
    agenda: std::collections::VecDeque<Node>,
}

impl Reached {
    fn add(&mut self, node: Node, from: Node) {
        if !self.from.contains_key(&node) {
            self.from.insert(node, from);
            self.agenda.push_back(node);
        }
    }
}

impl<L: Ledger> Search<'_, L> {
    fn answer(&mut self) -> Why {
        let path = match self.path() {
            Ok(Some(path)) => path,
            Ok(None) => return Why::NotLinked { spent: self.evidence.spent() },
            Err(Spent) => return Why::NotDecided { spent: self.evidence.spent() },
        };
        let shortest = self.chain(&path);
        let strength = self.count(path);
        let flow = std::mem::take(&mut self.flow);
        let paths = flow.into_paths(self.from, self.to);
        let disjoint = paths.iter().map(|path| self.chain(path)).collect();
        Why::Linked(Linked { shortest, disjoint, strength, spent: self.evidence.spent() })
    }

    /// Augments by the first path and as many more as there are, up to [`CHAINS_MAX`].
    fn count(&mut self, first: Vec<Node>) -> Strength {
        let mut path = first;
        for chains in 1.. {
            let keys_alone = !path.iter().any(|node| matches!(node, Node::Into(Via::Tx(_))));
            self.flow.augment(&path);
            if keys_alone {
                return Strength::SameKey;
            }
            if chains == CHAINS_MAX {
                break;
            }
            path = match self.path() {
                Ok(Some(path)) => path,
                Ok(None) => return Strength::Exactly(chains),
                Err(Spent) => return Strength::AtLeast(chains),
            };
        }
        Strength::AtLeast(CHAINS_MAX)
    }

    /// A shortest path of the residual network, or `None` when there is none.
    fn path(&mut self) -> Result<Option<Vec<Node>>, Spent> {
        let (start, end) = (Node::At(self.from), Node::At(self.to));
        let mut reached = Reached::default();
        reached.add(start, start);
        while let Some(node) = reached.agenda.pop_front() {
            if node == end {
                return Ok(Some(trace_back(&reached, start, end)));
            }
            match node {
                Node::At(address) => self.leave_address(address, &mut reached)?,
                Node::Into(via) if self.flow.has_room(via) => reached.add(Node::OutOf(via), node),
                Node::Into(_) => {}
                Node::OutOf(via) => self.leave_via(via, &mut reached)?,
            }
            self.flow.sources(node).for_each(|source| reached.add(source, node));
        }
        Ok(None)
    }

    fn leave_address(&mut self, address: AddressId, reached: &mut Reached) -> Result<(), Spent> {
        let node = Node::At(address);
        for link in self.evidence.links(address)? {
            reached.add(Node::Into(Via::Key(address.min(*link), address.max(*link))), node);
        }
        for movement in self.evidence.movements(address)? {
            reached.add(Node::Into(Via::Tx(*movement)), node);
        }
        Ok(())
    }

    fn leave_via(&mut self, via: Via, reached: &mut Reached) -> Result<(), Spent> {
        let node = Node::OutOf(via);
        match via {
            Via::Key(a, b) => [a, b].into_iter().for_each(|address| reached.add(Node::At(address), node)),
            Via::Tx(movement) => {
                for spender in self.evidence.spenders(movement)? {
                    reached.add(Node::At(spender.owner), node);
                }
            }
        }
        Ok(())
    }

    /// The links of a path: each goes from an address into and out of what links it to the next.
    fn chain(&mut self, path: &[Node]) -> Chain {
        let mut chain = Chain::new();
        let mut at = self.from;
        let mut via = None;
        for node in &path[1..] {
            match (*node, via) {
                (Node::At(to), Some(last)) => {
                    chain.extend((to != at).then(|| self.link(last, at, to)));
                    at = to;
                }
                (Node::OutOf(last), _) => via = Some(last),
                _ => {}
            }
        }
        chain
    }

    fn link(&mut self, via: Via, from: AddressId, to: AddressId) -> Link {
        let Via::Tx(movement) = via else {
            return Link::SameKey { from, to };
        };
        let spenders = self.evidence.spenders(movement).expect("the search read it, and nothing is read twice");
        let input = |owner| {
            let spender = spenders.iter().find(|spender| spender.owner == owner);
            spender.expect("the search came through this owner").input
        };
        Link::CoSpend { movement, from_input: input(from), from, to_input: input(to), to }
    }
}

fn trace_back(reached: &Reached, start: Node, end: Node) -> Vec<Node> {
    let mut path = vec![end];
    let mut at = end;
    while at != start {
        at = reached.from[&at];
        path.push(at);
    }
    path.reverse();
    path
}
