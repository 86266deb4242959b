//! What deposit addresses were looked for with; part of every result.

use std::collections::BTreeSet;

use coinhound_model::AddressId;

use crate::rule::RuleId;

/// The rule that finds deposit addresses.
pub const RULE: RuleId = RuleId { name: "deposit-address-reuse", version: 1 };

/// Victor's bound on what a deposit may lose on its way to the exchange, in wei: a hundredth of an ether.
pub const LOSS_MAX_WEI: u64 = 10_000_000_000_000_000;

/// Victor's bound on how many blocks a deposit may lie, as the Tutela paper gives it: about eleven hours.
pub const BLOCKS_MAX: u32 = 3_200;

/// What deposit addresses were looked for with; part of the result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepositParameters<U> {
    /// Addresses of exchanges, ascending, each once, and whose each is: an index into the caller's list of services.
    pub exchanges: Vec<(AddressId, u32)>,
    /// The asset that fees are paid in, as the ledger numbers it.
    pub native: u32,
    /// The most that a deposit in the native asset may lose on its way to the exchange (alpha), in its smallest unit:
    /// there the fee is paid out of the deposit. Other assets arrive whole, or they do not match.
    pub loss_max: U,
    /// The most blocks between a deposit and what sends it on (tau).
    pub blocks_max: u32,
    /// An address that more users paid to is no customer's: the exchange may collect there. Our own bound.
    pub users_max: u32,
    /// Who paid to more deposit addresses is no customer of each: a service that nobody named. Our own bound.
    pub addresses_per_user_max: u32,
    /// An address that more movements touch is neither a deposit address nor a user. Our own bound.
    pub movements_max: u64,
    /// More payments to one exchange address than this, and there is no answer for all of them.
    pub payments_max: u64,
    /// More addresses than this to look at for one address, and there is no answer about it.
    pub looks_max: u64,
}

impl<U> DepositParameters<U> {
    /// These addresses of exchanges, [`BLOCKS_MAX`] blocks, at most a hundred users of an address and sixteen addresses
    /// of a user. Of an address that is listed twice the first listing stays.
    #[must_use]
    pub fn new(exchanges: impl IntoIterator<Item = (AddressId, u32)>, native: u32, loss_max: U) -> Self {
        let mut exchanges: Vec<_> = exchanges.into_iter().collect();
        exchanges.sort_by_key(|exchange| exchange.0);
        exchanges.dedup_by_key(|exchange| exchange.0);
        Self {
            exchanges,
            native,
            loss_max,
            blocks_max: BLOCKS_MAX,
            users_max: 100,
            addresses_per_user_max: 16,
            movements_max: 100_000,
            payments_max: 10_000_000,
            looks_max: 100_000,
        }
    }

    /// Whose an exchange's address is; `None` where it is no exchange's.
    #[must_use]
    pub fn exchange(&self, address: AddressId) -> Option<u32> {
        let at = self.exchanges.binary_search_by_key(&address, |exchange| exchange.0).ok()?;
        Some(self.exchanges[at].1)
    }
}

/// What is known of addresses beside what moves.
#[derive(Debug)]
pub struct Known<'a, S> {
    /// Which belong to services of any kind, exchanges among them.
    pub services: &'a S,
    /// Which are contracts: [`crate::contracts::contract_addresses`].
    pub contracts: &'a BTreeSet<AddressId>,
}
