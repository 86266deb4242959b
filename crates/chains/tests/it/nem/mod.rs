//! NEM: real blocks and transactions, made ones of every type, and damaged ones.

mod addresses;
mod check;
mod damage;
mod examples;
mod http;
mod ledger;
mod made;
mod nemesis;
mod sdks;
mod vectors;
