//! Tracing on accounts: the rules' vectors, what was there before, stops, refusals, and random ledgers.

mod graphs;
