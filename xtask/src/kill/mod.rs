//! Kills on the real disk: `kill -9` in every stage of a load, until all of it is there.
//!
//! A process loads a synthetic chain from block files or from a node and says each step before it takes it; this process kills it
//! at a step chosen by seed, looks at what is left, and starts it again. Whatever was killed, a reader finds the
//! last acknowledged commit or a later one, `store check` finds nothing, and when the load is through, the
//! store's files are those of a load that nobody killed. In reading order: the stages ([`stage`]), the load
//! that is killed ([`mod@child`], with [`feed`], [`voice`] and [`announced`]), what it loads ([`story`]), one run of it ([`run`]),
//! what must hold afterwards ([`left`]), and the campaign ([`rig`]).

mod announced;
mod child;
mod feed;
mod left;
mod rig;
mod run;
mod stage;
mod story;
mod voice;

pub use child::{ChildArgs, run as child};
pub use feed::{client, options};
pub use left::{content, same};
pub use rig::{campaign, overwritten_manifest_shows, remove};
