//! The program's own tests: cases, tag packs, reports, and the binary itself.

mod case;
mod hostile;
mod report;
mod story;
mod tagpack;
