//! Edges between addresses, and the few of them that joined two clusters.

use coinhound_model::{AddressId, InputId, MovementId};

/// An edge between two addresses: a transaction shows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Merge {
    /// The transaction that shows it.
    pub tx: MovementId,
    /// T1: the later input of the pair. T0: zero.
    pub input: InputId,
    /// T1: the address of the transaction's first input. T0: the oldest address known to use the key.
    pub a: AddressId,
    /// The address that joins.
    pub b: AddressId,
}

/// The edges of one transaction that no veto forbids: the first input's address to each later one's, in input order.
///
/// `owners` are its inputs' addresses in order, `first` the id of the first. Inputs of unknown owner give no
/// edge; when the first is unknown, there is none. An address that stands twice gives an edge to itself, which joins nothing.
pub fn co_spend_edges(tx: MovementId, first: InputId, owners: &[AddressId]) -> impl Iterator<Item = Merge> + '_ {
    let anchor = owners.first().copied().filter(|owner| owner.is_some());
    let later = owners.iter().zip(first.0..).skip(1).filter(|(owner, _)| owner.is_some());
    anchor
        .into_iter()
        .flat_map(move |a| later.clone().map(move |(b, input)| Merge { tx, input: InputId(input), a, b: *b }))
}
