//! The store's suites at everyday size; `cargo xtask` runs the same functions with more cases.

mod answers;
mod bit_flip;
mod crash;
mod damage;
mod commit;
mod local;
mod manifest;
mod power_loss;
mod table;
mod identity;
