//! A toy ledger of either family: what the suites over whole stores are run with.

use coinhound_model::{AccountLedger, Height, Ledger};

use super::accounts::ToyAccounts;
use super::toy::ToyChain;
use crate::digest::Digest;
use crate::error::Health;
use crate::facts::Facts;
use crate::failure::StoreError;
use crate::manifest::Family;
use crate::storage::{Dice, Storage};
use crate::view::{AccountView, View};

/// A random ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToyLedger {
    /// Of coins.
    Coins(ToyChain),
    /// Of accounts.
    Accounts(ToyAccounts),
}

impl ToyLedger {
    /// A ledger of `blocks` random blocks.
    #[must_use]
    pub fn random(family: Family, first: u32, blocks: u32, dice: &mut Dice) -> Self {
        match family {
            Family::Coins => Self::Coins(ToyChain::random(first, blocks, dice)),
            Family::Accounts => Self::Accounts(ToyAccounts::random(first, blocks, dice)),
        }
    }

    /// Which family it is of.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Coins(_) => Family::Coins,
            Self::Accounts(_) => Family::Accounts,
        }
    }

    /// Height of the last block.
    #[must_use]
    pub fn tip(&self) -> Height {
        match self {
            Self::Coins(chain) => chain.tip(),
            Self::Accounts(ledger) => ledger.tip(),
        }
    }

    /// The same ledger up to and including `tip`.
    #[must_use]
    pub fn up_to(&self, tip: Height) -> Self {
        match self {
            Self::Coins(chain) => Self::Coins(chain.up_to(tip)),
            Self::Accounts(ledger) => Self::Accounts(ledger.up_to(tip)),
        }
    }

    /// Another branch: the last `depth` blocks replaced by `blocks` others, some of their transactions kept.
    #[must_use]
    pub fn reorganised(&self, depth: u32, blocks: u32, dice: &mut Dice) -> Self {
        match self {
            Self::Coins(chain) => Self::Coins(chain.reorganised(depth, blocks, dice)),
            Self::Accounts(ledger) => Self::Accounts(ledger.reorganised(depth, blocks, dice)),
        }
    }

    /// Adds random blocks.
    pub fn grow(&mut self, blocks: u32, dice: &mut Dice) {
        match self {
            Self::Coins(chain) => chain.grow(blocks, &[], dice),
            Self::Accounts(ledger) => ledger.grow(blocks, &[], dice),
        }
    }

    /// The facts of the whole ledger.
    #[must_use]
    pub fn facts(&self) -> Facts {
        match self {
            Self::Coins(chain) => chain.facts(),
            Self::Accounts(ledger) => ledger.facts(),
        }
    }
}

/// A reader of either family.
#[derive(Debug)]
pub(super) enum Reader {
    Coins(View),
    Accounts(AccountView),
}

impl Reader {
    /// Opens a store with health cells of the caller's making.
    pub(super) fn open(storage: &dyn Storage, family: Family, health: fn() -> Health) -> Result<Self, StoreError> {
        match family {
            Family::Coins => View::open_with(storage, health).map(Self::Coins),
            Family::Accounts => AccountView::open_with(storage, health).map(Self::Accounts),
        }
    }

    /// The same store as of a lower height.
    pub(super) fn at(&self, height: Height) -> Result<Self, StoreError> {
        match self {
            Self::Coins(view) => view.at(height).map(Self::Coins),
            Self::Accounts(view) => view.at(height).map(Self::Accounts),
        }
    }

    /// The digest of the manifest it was opened with.
    pub(super) fn digest(&self) -> Digest {
        match self {
            Self::Coins(view) => view.manifest().digest(),
            Self::Accounts(view) => view.manifest().digest(),
        }
    }

    /// Whether everything answered so far was verified.
    pub(super) fn health(&self) -> Result<(), String> {
        let health = match self {
            Self::Coins(view) => view.health(),
            Self::Accounts(view) => view.health(),
        };
        health.map_err(|error| error.to_string())
    }
}
