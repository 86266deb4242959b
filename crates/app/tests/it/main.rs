//! The program's own tests: cases, tag packs, reports, and the binary itself.

mod case;
mod cli;
mod demo;
mod folders;
mod foreign;
mod gaps;
mod hostile;
mod interrupt;
mod real;
mod report;
mod run;
mod source;
mod story;
mod tagpack;
