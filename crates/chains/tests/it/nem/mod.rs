//! NEM: real blocks and transactions, made ones of every type, and damaged ones.

mod addresses;
mod damage;
mod examples;
mod made;
mod nemesis;
mod vectors;
