//! Turns a node's files into Coinhound's blocks.

pub mod bitcoin;
