//! NEM: real blocks and transactions, made ones of every type, and damaged ones.

mod addresses;
mod damage;
mod examples;
mod ledger;
mod http;
mod made;
mod nemesis;
mod vectors;
