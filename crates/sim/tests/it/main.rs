//! What simulated chains promise, with the `bitcoin` crate as referee.

mod referee;
mod theft;
