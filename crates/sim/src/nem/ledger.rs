//! What blocks of NIS1 do to balances, written down once more and on its own: the writer's stories are kept solvent by
//! it, and what `chains` says of the same blocks can be held against it.
//!
//! Knows transfers of both versions, levies, fees of every kind, rents, the making and supply of mosaics, multisig
//! accounts and harvesting for another account. Not expiry, importance or redefinition: no story here has them.

use std::collections::BTreeMap;

use coinhound_chains::nem::tx::{
    Levy, LevyKind, LinkMode, MosaicDefinition, MosaicId, RemoteLink, SupplyDirection, Transfer,
};
use coinhound_chains::nem::{Address, Block, Body, Network, SignedTransaction, Transaction};

use crate::nem::body::mosaic_id;
use crate::nem::{fees, json};

/// XEM's number among the assets of a ledger.
const XEM: usize = 0;
/// So many blocks after it is linked, or unlinked, a remote account harvests for another, or no longer.
pub const LINK_DELAY_BLOCKS: u64 = 360;

/// Why a block cannot be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// More leaves an account than it has.
    #[error("{account} has {held} of {asset} and would pay {asked}")]
    Overdrawn {
        /// Whose.
        account: Address,
        /// Which, as `namespace:name`.
        asset: String,
        /// What it has, in smallest units.
        held: u64,
        /// What would leave, in smallest units.
        asked: u64,
    },
    /// A mosaic that was never made.
    #[error("{asset} was never made")]
    Unknown {
        /// Which, as `namespace:name`.
        asset: String,
    },
    /// A quantity that no mosaic can have.
    #[error("{asset}: a quantity beyond 64 bits")]
    Overflow {
        /// Which, as `namespace:name`.
        asset: String,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Asset {
    id: MosaicId,
    divisibility: u32,
    levy: Option<Levy>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Link {
    lessor: Address,
    since: u64,
    until: Option<u64>,
}

struct Move {
    from: Option<Address>,
    to: Option<Address>,
    asset: usize,
    units: u64,
}

/// Balances of all accounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ledger {
    network: Network,
    assets: Vec<Asset>,
    balances: BTreeMap<(Address, usize), u64>,
    remotes: BTreeMap<Address, Link>,
}

impl Ledger {
    /// A ledger in which nobody has anything.
    #[must_use]
    pub fn new(network: Network) -> Self {
        let xem = Asset { id: mosaic_id("nem:xem"), divisibility: 6, levy: None };
        Self { network, assets: vec![xem], balances: BTreeMap::new(), remotes: BTreeMap::new() }
    }

    /// Gives an account XEM out of nothing, in millionths: what it had before the first block.
    pub fn endow(&mut self, account: Address, micro_xem: u64) {
        *self.balances.entry((account, XEM)).or_default() += micro_xem;
    }

    /// What an account has in XEM, in millionths.
    #[must_use]
    pub fn xem(&self, account: &Address) -> u64 {
        self.balances.get(&(*account, XEM)).copied().unwrap_or_default()
    }

    /// What an account has of a mosaic, in its smallest unit.
    #[must_use]
    pub fn balance(&self, account: &Address, id: &MosaicId) -> u64 {
        let asset = self.assets.iter().position(|asset| asset.id == *id);
        asset.and_then(|asset| self.balances.get(&(*account, asset))).copied().unwrap_or_default()
    }

    /// What all accounts together have of a mosaic, in its smallest unit.
    #[must_use]
    pub fn total(&self, id: &MosaicId) -> u64 {
        let asset = self.assets.iter().position(|asset| asset.id == *id);
        let of_asset = |(&(_, each), units): (&(Address, usize), &u64)| (Some(each) == asset).then_some(*units);
        self.balances.iter().filter_map(of_asset).sum()
    }

    /// Takes a block, and says who got its fees.
    ///
    /// # Errors
    /// The first transaction that cannot be; then nothing is to be made of the ledger.
    pub fn block(&mut self, block: &Block) -> Result<Address, LedgerError> {
        for signed in &block.transactions {
            self.transaction(signed, block.height)?;
        }
        Ok(self.harvest(block))
    }

    /// Takes one transaction, all of it or nothing. Its fees leave its payer and reach nobody before
    /// [`Ledger::harvest`].
    ///
    /// # Errors
    /// When its payer has too little, or with a mosaic that is unknown.
    pub fn transaction(&mut self, signed: &SignedTransaction, height: u64) -> Result<(), LedgerError> {
        let transaction = match &signed.transaction.body {
            Body::Multisig(multisig) => multisig.inner.as_ref(),
            _ => &signed.transaction,
        };
        let made = self.make(transaction);
        let moves = self.moves(transaction, fees::paid(&signed.transaction));
        let done = moves.and_then(|moves| self.apply(&moves));
        match (&done, made) {
            (Ok(()), _) => self.link(transaction, height),
            (Err(_), true) => drop(self.assets.pop()),
            (Err(_), false) => {}
        }
        done
    }

    /// Gives a block's fees to its harvester, or to the account that it harvests for, and says to whom.
    pub fn harvest(&mut self, block: &Block) -> Address {
        let beneficiary = self.beneficiary(&block.harvested_by(), block.height);
        self.endow(beneficiary, json::total_fee(block));
        beneficiary
    }

    /// Who gets the fees of a block of this height that this account harvests.
    #[must_use]
    pub fn beneficiary(&self, harvester: &Address, height: u64) -> Address {
        let active = |link: &&Link| {
            let begun = height >= link.since + LINK_DELAY_BLOCKS;
            begun && link.until.is_none_or(|until| height < until + LINK_DELAY_BLOCKS)
        };
        self.remotes.get(harvester).filter(active).map_or(*harvester, |link| link.lessor)
    }

    /// A mosaic that is made exists before its maker is given all of it.
    fn make(&mut self, transaction: &Transaction) -> bool {
        let Body::MosaicDefinition(definition) = &transaction.body else { return false };
        let divisibility = property(definition, "divisibility");
        let divisibility = u32::try_from(divisibility).expect("six at most");
        self.assets.push(Asset { id: definition.id.clone(), divisibility, levy: definition.levy.clone() });
        true
    }

    fn link(&mut self, transaction: &Transaction, height: u64) {
        let Body::RemoteLink(RemoteLink { mode, remote }) = &transaction.body else { return };
        let (lessor, remote) = (transaction.head.sender(), Address::of_key(remote, self.network));
        match mode {
            LinkMode::Link => drop(self.remotes.insert(remote, Link { lessor, since: height, until: None })),
            LinkMode::Unlink => {
                self.remotes.entry(remote).and_modify(|link| link.until = Some(height));
            }
        }
    }

    fn number(&self, id: &MosaicId) -> Result<usize, LedgerError> {
        let known = self.assets.iter().position(|asset| asset.id == *id);
        known.ok_or_else(|| LedgerError::Unknown { asset: text(id) })
    }

    fn moves(&self, transaction: &Transaction, fee: u64) -> Result<Vec<Move>, LedgerError> {
        let payer = transaction.head.sender();
        let pays = |to: Option<Address>, asset, units| Move { from: Some(payer), to, asset, units };
        let mut moves = match &transaction.body {
            Body::Transfer(transfer) => self.transfer(payer, transfer)?,
            Body::Namespace(namespace) => vec![pays(Some(namespace.sink), XEM, namespace.rent)],
            Body::MosaicDefinition(definition) => {
                let asset = self.number(&definition.id)?;
                let units = self.whole(asset, property(definition, "initialSupply"))?;
                let mint = Move { from: None, to: Some(payer), asset, units };
                vec![pays(Some(definition.sink), XEM, definition.creation_fee), mint]
            }
            Body::SupplyChange(change) => {
                let asset = self.number(&change.id)?;
                let units = self.whole(asset, change.delta)?;
                vec![match change.direction {
                    SupplyDirection::Increase => Move { from: None, to: Some(payer), asset, units },
                    SupplyDirection::Decrease => pays(None, asset, units),
                }]
            }
            _ => vec![],
        };
        moves.push(pays(None, XEM, fee));
        Ok(moves)
    }

    fn whole(&self, asset: usize, whole: u64) -> Result<u64, LedgerError> {
        let Asset { id, divisibility, .. } = &self.assets[asset];
        whole.checked_mul(10_u64.pow(*divisibility)).ok_or_else(|| LedgerError::Overflow { asset: text(id) })
    }

    /// XEM, or mosaics each followed by its levy.
    fn transfer(&self, payer: Address, transfer: &Transfer) -> Result<Vec<Move>, LedgerError> {
        let pays = |to, asset, units| Move { from: Some(payer), to: Some(to), asset, units };
        let mosaics = transfer.mosaics.as_deref().unwrap_or_default();
        if mosaics.is_empty() {
            return Ok(vec![pays(transfer.recipient, XEM, transfer.amount)]);
        }
        let mut moves = vec![];
        for mosaic in mosaics {
            let asset = self.number(&mosaic.id)?;
            let units = u128::from(transfer.amount) * u128::from(mosaic.quantity) / 1_000_000;
            let overflow = |_| LedgerError::Overflow { asset: text(&mosaic.id) };
            let units = u64::try_from(units).map_err(overflow)?;
            moves.push(pays(transfer.recipient, asset, units));
            if let Some(levy) = &self.assets[asset].levy {
                moves.push(pays(levy.recipient, self.number(&levy.id)?, levied(levy, units)));
            }
        }
        Ok(moves)
    }

    fn apply(&mut self, moves: &[Move]) -> Result<(), LedgerError> {
        for (done, each) in moves.iter().enumerate() {
            if let Err(error) = self.take(each) {
                moves[..done].iter().rev().for_each(|each| self.undo(each));
                return Err(error);
            }
            if let Some(to) = each.to {
                *self.balances.entry((to, each.asset)).or_default() += each.units;
            }
        }
        Ok(())
    }

    fn take(&mut self, each: &Move) -> Result<(), LedgerError> {
        let Some(account) = each.from else { return Ok(()) };
        let held = self.balances.entry((account, each.asset)).or_default();
        match held.checked_sub(each.units) {
            Some(left) => *held = left,
            None => {
                let asset = text(&self.assets[each.asset].id);
                return Err(LedgerError::Overdrawn { account, asset, held: *held, asked: each.units });
            }
        }
        Ok(())
    }

    fn undo(&mut self, each: &Move) {
        if let Some(to) = each.to {
            *self.balances.entry((to, each.asset)).or_default() -= each.units;
        }
        if let Some(from) = each.from {
            *self.balances.entry((from, each.asset)).or_default() += each.units;
        }
    }
}

fn levied(levy: &Levy, units: u64) -> u64 {
    match levy.kind {
        LevyKind::Absolute => levy.fee,
        LevyKind::Percentile => {
            let part = u128::from(units) * u128::from(levy.fee) / 10_000;
            u64::try_from(part).unwrap_or(u64::MAX)
        }
    }
}

fn property(definition: &MosaicDefinition, name: &str) -> u64 {
    let value = definition.properties.iter().find(|(each, _)| each == name);
    value.and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
}

fn text(id: &MosaicId) -> String {
    format!("{}:{}", id.namespace, id.name)
}
