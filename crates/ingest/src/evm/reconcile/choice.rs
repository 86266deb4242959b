//! Which holdings are compared.

use std::collections::{BTreeSet, BinaryHeap};

use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::rows::ether;
use coinhound_chains::evm::{Address, Hash};
use coinhound_model::{AccountLedger, HoldingId, Lock, LockKind};
use coinhound_store::AccountView;

/// Which holdings are compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The first ones, in the order in which the ledger met them.
    First {
        /// At most so many.
        holdings_max: u64,
    },
    /// A sample that nobody picked: the ones whose owner and asset have the lowest hashes. The same ledger gives the
    /// same sample, a higher number a larger one that holds the smaller.
    Sample {
        /// At most so many.
        holdings_max: u64,
    },
    /// All that these accounts hold; their ether also where the ledger knows of none.
    Accounts(Vec<Address>),
}

/// A holding to compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chosen {
    pub account: Address,
    /// None for ether of which the ledger knows nothing.
    pub holding: Option<HoldingId>,
}

/// What was chosen, and from how many.
pub(super) struct Picked {
    pub chosen: Vec<Chosen>,
    pub of: u64,
}

impl Choice {
    pub(super) fn pick(&self, view: &AccountView) -> Picked {
        let of = view.counts().holdings;
        let chosen = match self {
            Self::First { holdings_max } => {
                (0..of.min(*holdings_max)).filter_map(|holding| chosen(view, HoldingId(holding))).collect()
            }
            Self::Sample { holdings_max } => sample(view, of, *holdings_max),
            Self::Accounts(accounts) => {
                let once: BTreeSet<&Address> = accounts.iter().collect();
                once.into_iter().flat_map(|account| held_by(view, *account)).collect()
            }
        };
        Picked { chosen, of }
    }
}

fn chosen(view: &AccountView, holding: HoldingId) -> Option<Chosen> {
    let lock = view.lock(view.owner(holding))?;
    Some(Chosen { account: Address(lock.payload.try_into().ok()?), holding: Some(holding) })
}

fn sample(view: &AccountView, of: u64, holdings_max: u64) -> Vec<Chosen> {
    let most = usize::try_from(holdings_max.min(of)).unwrap_or(usize::MAX);
    let mut lowest = BinaryHeap::<(Hash, u64)>::new();
    for holding in 0..of {
        let Some(hash) = rank(view, HoldingId(holding)) else { continue };
        lowest.push((hash, holding));
        if lowest.len() > most {
            lowest.pop();
        }
    }
    let lowest = lowest.into_sorted_vec();
    lowest.into_iter().filter_map(|(_, holding)| chosen(view, HoldingId(holding))).collect()
}

/// By what a holding is, and not by the number it happens to have.
fn rank(view: &AccountView, holding: HoldingId) -> Option<Hash> {
    let lock = view.lock(view.owner(holding))?;
    let token = view.token(view.asset(holding)).id;
    Some(keccak256(&[lock.payload, token.as_bytes()].concat()))
}

fn held_by(view: &AccountView, account: Address) -> Vec<Chosen> {
    let mut holdings = Vec::new();
    if let Some(owner) = view.address_of(Lock { kind: LockKind::Account, payload: &account.0 }) {
        view.holdings(owner, &mut holdings);
    }
    let ether = ether().id;
    let knows_ether = holdings.iter().any(|&holding| view.token(view.asset(holding)).id == ether);
    let unknown = (!knows_ether).then_some(Chosen { account, holding: None });
    unknown.into_iter().chain(holdings.into_iter().map(|holding| Chosen { account, holding: Some(holding) })).collect()
}
