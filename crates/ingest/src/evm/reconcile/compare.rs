//! The questions: what each holding has by the node's word.

use std::collections::BTreeMap;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::rows::ether;
use coinhound_chains::evm::rpc::{EvmError, EvmNode, Place};
use coinhound_model::{AccountLedger, Height, HoldingId};
use coinhound_store::AccountView;
use ruint::aliases::U256;

use crate::evm::reconcile::account::{Sums, sums};
use crate::evm::reconcile::choice::{Chosen, Picked};
use crate::evm::reconcile::error::ReconcileError;
use crate::evm::reconcile::result::{
    Cause, Compared, Difference, ReconcileProgress, Reconciled, Standing, TokenStanding,
};
use crate::options::Control;

/// What holdings are a balance in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ether,
    Token(Address),
    /// Neither: nothing that a node could be asked.
    Other,
}

/// A comparison under way.
pub(super) struct Comparison<'a, 'p> {
    pub(super) view: &'a AccountView,
    pub(super) node: &'a mut EvmNode<'p>,
    /// The height below the ledger's first block, where what was owned then must be asked for.
    pub(super) since: Option<Height>,
    native: Compared,
    tokens: BTreeMap<u32, Tally>,
    differences: Vec<Difference>,
    kinds: BTreeMap<u32, Kind>,
    stopped: bool,
}

/// What was seen of a token.
struct Tally {
    contract: Address,
    compared: Compared,
    /// Holdings of which its contract said nothing.
    silent: u64,
    /// Holdings that differ, the first few.
    differ: Vec<(Address, HoldingId)>,
}

/// How many holdings that differ are kept to find out why.
const SUSPECTS_MAX: usize = 8;

impl<'a, 'p> Comparison<'a, 'p> {
    pub fn new(view: &'a AccountView, node: &'a mut EvmNode<'p>) -> Self {
        let first = view.as_of().first;
        let since = (!view.is_complete()).then(|| first.0.checked_sub(1).map(Height)).flatten();
        let (native, tokens, differences) = (Compared::default(), BTreeMap::new(), Vec::new());
        Self { view, node, since, native, tokens, differences, kinds: BTreeMap::new(), stopped: false }
    }

    pub fn run(
        &mut self,
        picked: &Picked,
        watch: &mut dyn FnMut(ReconcileProgress) -> Control,
    ) -> Result<(), ReconcileError> {
        let total = u64::try_from(picked.chosen.len()).expect("a length fits 64 bits");
        for (chosen, done) in picked.chosen.iter().zip(0..) {
            if watch(ReconcileProgress { done, total }) == Control::Stop {
                self.stopped = true;
                return Ok(());
            }
            self.compare(chosen)?;
        }
        Ok(())
    }

    /// Looks for the causes of what differs, and sums up.
    pub fn finish(mut self, holdings: u64) -> Result<Reconciled, ReconcileError> {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for (asset, tally) in std::mem::take(&mut self.tokens) {
            let Tally { contract, compared, silent, differ } = tally;
            let standing = match compared {
                Compared { differ: 0, .. } => Standing::FollowsLogs,
                Compared { holdings, .. } if holdings == silent => Standing::NoAnswer,
                // Who wished to stop is not kept waiting.
                _ if self.stopped => Standing::DoesNot(Cause::NotShown),
                _ => Standing::DoesNot(self.cause(contract, &differ)?),
            };
            tokens.push(TokenStanding { asset, contract, compared, standing });
        }
        let as_of = self.view.as_of();
        let (since, native, differences, stopped) = (self.since, self.native, self.differences, self.stopped);
        let (height, block) = (as_of.height, as_of.block);
        Ok(Reconciled { height, block, since, holdings, native, tokens, differences, stopped })
    }

    fn compare(&mut self, chosen: &Chosen) -> Result<(), ReconcileError> {
        let asset = chosen.holding.map(|holding| self.view.asset(holding));
        let sums = chosen.holding.map(|holding| sums(self.view, holding)).unwrap_or_default();
        match asset.map_or(Kind::Ether, |asset| self.kind(asset)) {
            Kind::Ether => self.compare_ether(chosen.account, &sums),
            Kind::Token(contract) => {
                let holding = chosen.holding.expect("ether alone is asked for without a holding");
                self.compare_token(chosen.account, holding, contract, &sums)
            }
            Kind::Other => Ok(()),
        }
    }

    fn compare_ether(&mut self, account: Address, sums: &Sums) -> Result<(), ReconcileError> {
        let before = match self.since {
            Some(since) => self.node.balance(account, place(since)).map_err(|source| self.before(source))?,
            None => U256::ZERO,
        };
        let theirs = Some(self.node.balance(account, place(self.view.as_of().height))?);
        let ours = sums.balance(before);
        let is_same = ours.is_some() && ours == theirs;
        self.native.count(is_same);
        if !is_same {
            self.differences.push(Difference { account, token: None, ours, theirs });
        }
        Ok(())
    }

    fn compare_token(
        &mut self,
        account: Address,
        holding: HoldingId,
        contract: Address,
        sums: &Sums,
    ) -> Result<(), ReconcileError> {
        let before = self.token_before(contract, account)?;
        let theirs = self.node.balance_of(contract, account, place(self.view.as_of().height))?;
        let ours = sums.balance(before);
        let new = || Tally { contract, compared: Compared::default(), silent: 0, differ: Vec::new() };
        let tally = self.tokens.entry(self.view.asset(holding)).or_insert_with(new);
        let is_same = ours.is_some() && ours == theirs;
        tally.compared.count(is_same);
        tally.silent += u64::from(theirs.is_none());
        if !is_same {
            if tally.differ.len() < SUSPECTS_MAX {
                tally.differ.push((account, holding));
            }
            self.differences.push(Difference { account, token: Some(contract), ours, theirs });
        }
        Ok(())
    }

    /// What an account had of a token where the ledger begins: nothing where the token was not there yet.
    pub(super) fn token_before(&mut self, contract: Address, account: Address) -> Result<U256, ReconcileError> {
        let Some(since) = self.since else { return Ok(U256::ZERO) };
        let told = self.node.balance_of(contract, account, place(since)).map_err(|source| self.before(source))?;
        Ok(told.unwrap_or(U256::ZERO))
    }

    fn before(&self, source: EvmError) -> ReconcileError {
        match source {
            EvmError::StateGone { .. } => ReconcileError::Before { first: self.view.as_of().first, source },
            other => ReconcileError::Node(other),
        }
    }

    fn kind(&mut self, asset: u32) -> Kind {
        let view = self.view;
        *self.kinds.entry(asset).or_insert_with(|| {
            let id = view.token(asset).id;
            if id == ether().id { Kind::Ether } else { contract_of(&id).map_or(Kind::Other, Kind::Token) }
        })
    }
}

impl Compared {
    fn count(&mut self, is_same: bool) {
        self.holdings += 1;
        self.differ += u64::from(!is_same);
    }
}

/// After the block at a height.
pub(super) fn place(height: Height) -> Place {
    Place::Number(u64::from(height.0))
}

/// The contract in a token's name.
fn contract_of(id: &str) -> Option<Address> {
    let digits = id.strip_prefix("erc20:0x").filter(|digits| digits.len() == 40 && digits.is_ascii())?;
    let mut address = Address::ZERO;
    for (byte, at) in address.0.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use coinhound_chains::evm::rows::token;

    #[test]
    fn a_token_s_name_holds_its_contract() {
        let address = Address(std::array::from_fn(|at| u8::try_from(at * 11).expect("small")));
        assert_eq!(contract_of(&token(&address).id), Some(address));
        for other in ["erc20:0x", "slip44:60", "erc20:0xzz", &format!("erc20:0x{}", "é".repeat(20))] {
            assert_eq!(contract_of(other), None, "{other}");
        }
    }
}
