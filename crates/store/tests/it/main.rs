//! The store's suites at everyday size; `cargo xtask` runs the same functions with more cases.

mod accounts;
mod answers;
mod bit_flip;
mod commit;
mod crash;
mod damage;
mod format;
mod ground_keys;
mod identity;
mod local;
mod manifest;
mod power_loss;
mod refusals;
mod table;
