//! Follows stolen value through accounts: holdings that many movements touch and that keep what they are left.
//!
//! [`trace_accounts`] returns one [`AccountTrail`] for each theft and rule. The rules' names, the stops, the terminals
//! and the sums are those of coins; the walk is not: a holding on the trail waits for each of its movements in turn, and
//! a movement draws from the lots of one holding and gives them to one other. What the stops mean on accounts:
//! value credited to a service is at its end, a seed excepted. Dust and hops are looked at when stolen value
//! would move on to another holding, whether or not a seed lies there: fees and burnt value end as such whatever
//! the limits. Beyond the limit of height or time a holding that pays is cut with all the stolen value in it. What was cut
//! counts as not stolen from there on. What a seed's movement carries ends as returned before it is followed. Collaborative transactions there are none.

mod contested;
mod convert;
mod converted;
mod exchange;
mod fault;
mod ground;
mod history;
mod lane;
mod parts;
mod run;
mod seeds;
mod sensitivity;
mod theft;
mod trail;

pub use contested::{AccountContested, ContestedPlace, contested_accounts};
pub use converted::{Converted, Declined, Opened};
pub use fault::AccountFault;
pub(crate) use history::list;
pub use run::trace_accounts;
pub use sensitivity::{AssetSensitivity, sensitivity_accounts};
pub use theft::{AccountCredit, AccountSeed, AccountTheft, Step, expand_account};
pub use trail::{AccountEnd, AccountHop, AccountTraced, AccountTrail, PlantedSeed, Reached};
