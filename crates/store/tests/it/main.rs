//! The store's suites at everyday size; `cargo xtask` runs the same functions with more cases.

mod bit_flip;
mod power_loss;
