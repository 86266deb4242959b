//! The program's own tests: cases, tag packs, reports, and the binary itself.

mod account_report;
mod accounts;
mod case;
mod cli;
mod cluster_stops;
mod config;
mod demo;
mod ethereum;
mod field;
mod folders;
mod follower;
mod foreign;
mod gaps;
mod hostile;
mod interrupt;
mod json;
mod litecoind;
mod node;
mod real;
mod register;
mod report;
mod run;
mod source;
mod story;
mod tagpack;
