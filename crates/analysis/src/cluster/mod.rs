//! Clusters: addresses with common control, by named tiers of evidence, and why.
//!
//! T0 joins addresses that use one key, T1 addresses spent from in one transaction that no [`VetoSet`](crate::patterns::VetoSet)
//! forbids. Each tier is a [`UnionFind`] of its own with a log of the edges that joined ([`Forest`], [`Clusters::replay`]);
//! a cluster's name is its smallest address. What a case holds against that is an overlay ([`rebuild`]), never stored.
//! [`walk`] and [`why`] read the evidence itself off a ledger, over any tiers. [`memo_customers`] tells the customers of
//! a shared deposit address apart; what it offers are candidates, in no tier.

mod clusters;
mod evidence;
mod flow;
mod forest;
mod grounds;
mod memo;
mod merge;
mod of_ledger;
mod overlay;
mod same_key;
mod union;
mod walk;
mod why;
mod workload;

pub use clusters::{Clusters, Statistics};
pub use forest::Forest;
pub use grounds::{Grounds, Tiers};
pub use memo::{Customer, Deposits, MemoError, MemoParameters, Memos, Sender, SharedAddress, memo_customers};
pub use merge::{Merge, co_spend_edges};
pub use of_ledger::co_spend_forest;
pub use overlay::{CannotLink, Rebuilt, Refused, rebuild};
pub use same_key::{KeyTable, same_key_edge};
pub use union::UnionFind;
pub use walk::{Walk, walk};
pub use why::{CHAINS_MAX, Chain, Link, Linked, Strength, Why, why};
pub use workload::{join_all, random_edges};
