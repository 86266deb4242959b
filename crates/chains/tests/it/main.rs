//! What `chains` promises, on real blocks, on made ones, and on damaged ones.

mod address;
mod damage;
mod differential;
mod evm;
mod files;
mod headers;
mod litecoin;
mod made;
mod nem;
mod real;
mod rpc;
mod table;
mod undo;
mod undo_siblings;
