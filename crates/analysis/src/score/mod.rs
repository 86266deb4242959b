//! How right an answer was, where the truth is known: partitions, yes-or-no findings, traced amounts.
//!
//! Everything is counted in integers and ends in a [`Share`], rounded down: the same on every machine, and never better
//! than it was. What cannot be said (nothing was found, nothing was there) is `None`, not zero and not one.
//!
//! Formulas: BCubed after Bagga and Baldwin (1998), ARI after Hubert and Arabie (1985), V-measure after Rosenberg and
//! Hirschberg (2007).

mod amounts;
mod confusion;
mod contingency;
mod interval;
mod partition;
mod share;

pub use amounts::{AmountScore, Amounts};
pub use confusion::Confusion;
pub use contingency::{Cell, Contingency, Labelled};
pub use interval::{Interval, bootstrap};
pub use partition::{EntityScore, PartitionScore};
pub use share::Share;
