//! The truth of balances: what everybody owns, counted from what transactions were decreed to do.
//!
//! It knows nothing of how blocks are read: tests hold what was read against it.

use std::collections::BTreeMap;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::Hash;
use coinhound_chains::evm::hash::keccak256;
use ruint::aliases::U256;

use crate::evm::effect::{Call, CallKind, Effect, Said};

/// An asset: ether, or a contract's tokens.
pub type Asset = Option<Address>;

/// What everybody owns.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EvmLedger(BTreeMap<(Asset, Address), U256>);

impl EvmLedger {
    /// What an account owns.
    #[must_use]
    pub fn balance(&self, asset: Asset, account: Address) -> U256 {
        self.0.get(&(asset, account)).copied().unwrap_or(U256::ZERO)
    }

    /// All balances above zero, by asset and account.
    pub fn iter(&self) -> impl Iterator<Item = (Asset, Address, U256)> + '_ {
        self.0.iter().filter(|(_, units)| !units.is_zero()).map(|(&(asset, account), &units)| (asset, account, units))
    }

    /// Adds to a balance.
    pub fn give(&mut self, asset: Asset, account: Address, units: U256) {
        *self.0.entry((asset, account)).or_default() += units;
    }

    /// Takes from a balance.
    ///
    /// # Panics
    /// When it does not hold so much: the story is wrong.
    pub fn take(&mut self, asset: Asset, account: Address, units: U256) {
        let balance = self.0.entry((asset, account)).or_default();
        *balance = balance.checked_sub(units).unwrap_or_else(|| panic!("{account} has {balance} and pays {units}"));
    }

    /// What a transaction does beside its own value and what it pays for gas.
    pub fn happen(&mut self, effect: &Effect) {
        if effect.failed {
            return;
        }
        effect.calls.iter().for_each(|call| self.call(call));
        for said in &effect.said {
            if let Said::Fungible { token, from, to, units } = said {
                from.iter().for_each(|from| self.take(Some(*token), *from, *units));
                to.iter().for_each(|to| self.give(Some(*token), *to, *units));
            }
        }
    }

    fn call(&mut self, call: &Call) {
        if call.failed {
            return;
        }
        if !matches!(call.kind, CallKind::DelegateCall | CallKind::StaticCall) {
            self.take(None, call.from, call.value);
            self.give(None, call.to, call.value);
        }
        call.calls.iter().for_each(|call| self.call(call));
    }

    /// A name for this state: stands where Ethereum has the root of its state, which nothing here recomputes.
    #[must_use]
    pub fn digest(&self) -> Hash {
        let mut text = Vec::new();
        for (asset, account, units) in self.iter() {
            text.extend(asset.unwrap_or(Address::ZERO).0);
            text.extend(account.0);
            text.extend(units.to_be_bytes::<32>());
        }
        keccak256(&text)
    }
}
