//! Follows stolen coins: one walk for every rule, its stops, its sums, and what several trails say together.
//!
//! [`trace`] runs forward from thefts and returns one [`Trail`] for each theft and rule; [`backward`] asks where a coin's
//! value came from. [`contested`] and [`sensitivity`] compare trails. [`accounts`] does the same where value lies in
//! accounts.

pub mod accounts;
mod agenda;
mod backward;
mod contested;
mod error;
mod ground;
mod hop;
mod lane;
mod moving;
mod pass;
mod provenance;
mod run;
mod sensitivity;
mod stops;
mod theft;
mod threads;
mod timing;
mod trail;

pub use backward::{BackStops, backward};
pub use contested::{Claim, Contested, contested};
pub use error::TraceError;
pub use provenance::{BackHop, Backward, Demand, Source, SourceKind, SourceTotal, Span};
pub use run::{Effort, Plan, Traced, Walk, trace};
pub use sensitivity::{Sensitivity, SensitivityRow, sensitivity};
pub use stops::{AddressSet, Conversions, ServiceTable, Services, Stops};
pub use theft::{Outpoint, Part, Seed, Theft, expand_address};
pub use timing::{Timing, measure};
pub use trail::{End, Fate, Hop, Total, Trail, TrailCoin};
