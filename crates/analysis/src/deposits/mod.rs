//! Deposit addresses of exchanges, and which addresses used one: the same customer of an exchange, which is not the same
//! person.
//!
//! An exchange on Ethereum gives each customer an address of his own, and what arrives there is soon sent on to the
//! exchange. Who paid to one such address is a customer there, or pays for one; who paid to two joins them. The rule
//! is Friedhelm Victor's ("Address Clustering Heuristics for Ethereum", Financial Cryptography 2020, the deposit address
//! heuristic), in whole units of the ledger, with the confidence of the Tutela paper (arXiv 2201.06811) and limits of our own:
//! [`DepositParameters`] says which is whose, and [`Refusal`] every clause by which an address is none.
//!
//! What it finds are *candidates* for common control, like the customers of [`crate::cluster::memo_customers`]: they are in no
//! tier and in no merge log. Brokers, payment services and exchanges inside exchanges deposit for many people at
//! one address. The rule also looks forward: an address that one day pays somebody else was never a deposit address, so an
//! answer holds as of its height and no later.
//!
//! [`deposit_customers`] looks at everybody who ever paid an exchange; [`deposit_standing`] at one address and what is
//! joined with it. Both give the same customers.

mod confidence;
mod customers;
mod error;
mod examine;
mod found;
mod pair;
mod parameters;
mod standing;

pub use customers::deposit_customers;
pub use error::DepositError;
pub use found::{DepositAddress, DepositCustomer, DepositCustomers, DepositMatch, DepositStanding, Refusal, Refused};
pub use parameters::{BLOCKS_MAX, DepositParameters, Known, LOSS_MAX_WEI, RULE};
pub use standing::deposit_standing;
