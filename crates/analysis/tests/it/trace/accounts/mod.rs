//! Tracing on accounts: the rules' vectors, what was there before, stops, refusals, and random ledgers.

mod before;
mod graphs;
mod refusals;
mod stops;
mod story;
mod together;
mod vectors;
