//! Tracing on accounts: the rules' vectors, what was there before, stops, refusals, and random ledgers.

mod before;
mod cost;
mod graphs;
mod refusals;
mod returned;
mod stops;
mod story;
mod together;
mod vectors;
