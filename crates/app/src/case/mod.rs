//! A case: the seeds, tags, runs and decisions of one investigation, in one SQLite file.
//!
//! Nothing in it is a position in some store: chains by CAIP-2 name, coins by transaction and index, blocks
//! by height and hash. Every change is one transaction together with its line in the audit log, so an
//! interruption loses nothing and nothing changes unlogged.

pub mod audit;
pub mod file;
pub mod runs;
pub mod seeds;
pub mod tags;

pub use audit::{AuditEntry, Stamp};
pub use file::{Case, CaseError};
pub use runs::{FindingLine, Run};
pub use seeds::{Position, Seed};
pub use tags::{PackLine, StoredTag};
