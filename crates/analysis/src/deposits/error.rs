//! Why there is no answer about deposit addresses.

use coinhound_model::{AddressId, LedgerError};

use crate::trace::accounts::AccountFault;

/// Why there is no answer about deposit addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DepositError {
    /// More payments to an exchange than the parameters allow.
    #[error("address {} of the ledger, an exchange's, received more than {limit} payments", address.0)]
    TooMany {
        /// Which.
        address: AddressId,
        /// The limit.
        limit: u64,
    },
    /// More addresses to look at than the parameters allow.
    #[error("what is joined with address {} of the ledger leads to more than {limit} addresses", address.0)]
    TooFar {
        /// Which was asked about.
        address: AddressId,
        /// The limit.
        limit: u64,
    },
    /// The ledger contradicts itself.
    #[error(transparent)]
    Fault(#[from] AccountFault),
    /// The ledger is damaged; no result may be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
