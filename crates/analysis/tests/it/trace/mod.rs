//! Tracing: the rules' vectors, the walk's stops and sums, and what several trails say together.

mod accounts;
mod back;
mod graphs;
mod lies;
mod pools;
mod real;
mod stops;
mod story;
mod together;
mod vectors;
