//! Turns a node's files into Coinhound's blocks.
