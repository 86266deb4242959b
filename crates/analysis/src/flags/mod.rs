//! Warnings: what others can do to an account's history to mislead who reads it.
//!
//! Anybody can send to anybody, and a token's contract can say what it likes of anybody. So transfers of nothing, dust,
//! tokens under a known name, and addresses made to look like one that is known stand in the history of people who asked for
//! none of it. A warning names the movements that show it and accuses nobody: not who received, not even who sent, for the
//! sender may be as invented as the rest.
//!
//! [`account_warnings`] looks at the history of one account, [`trail_warnings`] at what a trace of stolen value reached. No
//! warning changes a trail: a movement of nothing carries nothing under any rule, and a token is followed by the contract
//! that it is of, whatever it calls itself.

mod account;
mod alike;
mod fold;
mod parameters;
mod trail;
mod warning;

pub use account::account_warnings;
pub use alike::{Alike, alike};
pub use fold::same_symbol;
pub use parameters::{FlagParameters, RULE, WellKnown};
pub use trail::trail_warnings;
pub use warning::{FlagError, Warning, WarningKind, Warnings};
