//! Tracing on accounts: the rules' vectors, what was there before, stops, refusals, and random ledgers.

mod before;
mod conversions;
mod cost;
mod graphs;
mod refusals;
mod returned;
mod stops;
mod story;
mod together;
mod vectors;
