//! The deposit-address rule written down a second time, as sentences over the list of all movements.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_analysis::deposits::{DepositCustomers, DepositParameters, Refusal};
use coinhound_analysis::trace::{ServiceTable, Services};
use coinhound_model::{AccountLedger, AddressId, MoveKind, MovementId};
use coinhound_testkit::accounts::MemoryAccounts;

/// Exchange, deposit addresses, users, (deposit, forward) pairs.
type Customer = (u32, Vec<AddressId>, Vec<AddressId>, Vec<(MovementId, MovementId)>);

/// An answer in a form that two readings can be compared by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slow {
    /// In the order of the first pair.
    customers: Vec<Customer>,
    refused: Vec<(Refusal, u64)>,
    busy: Vec<AddressId>,
}

impl Slow {
    /// The rule's own answer in that form.
    pub fn of(found: &DepositCustomers<u64>) -> Self {
        let customers = found.customers.iter().map(|customer| {
            let addresses = customer.addresses.iter().map(|known| known.address).collect();
            let pairs = customer.evidence.iter().map(|pair| (pair.deposit, pair.forward)).collect();
            (customer.exchange, addresses, customer.users.clone(), pairs)
        });
        Self { customers: customers.collect(), refused: found.refused.clone(), busy: found.busy.clone() }
    }
}

/// A movement, spelled out.
#[derive(Clone, Copy)]
struct Row {
    at: MovementId,
    height: u32,
    kind: MoveKind,
    from: Option<AddressId>,
    to: Option<AddressId>,
    asset: u32,
    units: u64,
    /// Who paid the fee of its transaction.
    payer: Option<AddressId>,
}

impl Row {
    /// Value that its owner sends to somebody else in a transaction of his own.
    fn is_signed_payment(&self) -> bool {
        let is_transfer = self.kind == MoveKind::Transfer || self.kind == MoveKind::Internal;
        is_transfer && self.units > 0 && self.from != self.to && self.from == self.payer && self.payer.is_some()
    }

    fn touches(&self, address: AddressId) -> bool {
        self.from == Some(address) || self.to == Some(address)
    }
}

fn rows(ledger: &MemoryAccounts<u64>) -> Vec<Row> {
    let row = |at: u64| {
        let step = ledger.movement(MovementId(at));
        let owner = |side: Option<_>| side.map(|side| ledger.owner(side));
        let asset = step.from.or(step.to).map(|side| ledger.asset(side)).expect("every movement has a side");
        let tx = ledger.siblings(MovementId(at)).map(|at| ledger.movement(MovementId(at)));
        let tx: Vec<_> = tx.filter(|step| step.kind != MoveKind::Reward).collect();
        let last = tx.last().filter(|last| {
            let of_ether = last.from.is_some_and(|side| ledger.asset(side) == 0);
            last.kind == MoveKind::Fee || last.kind == MoveKind::Burn && of_ether
        });
        let payer = owner(last.and_then(|last| last.from));
        let (height, units) = (ledger.height(MovementId(at)).0, step.units);
        Row {
            at: MovementId(at),
            height,
            kind: step.kind,
            from: owner(step.from),
            to: owner(step.to),
            asset,
            units,
            payer,
        }
    };
    ledger.movements().map(row).collect()
}

/// A deposit address: its exchange, and (user, deposit, forward) for each match.
type Deposit = (u32, Vec<(AddressId, MovementId, MovementId)>);

struct Reader<'a> {
    rows: Vec<Row>,
    parameters: &'a DepositParameters<u64>,
    services: &'a ServiceTable,
    contracts: &'a BTreeSet<AddressId>,
}

impl Reader<'_> {
    fn exchange(&self, address: Option<AddressId>) -> Option<u32> {
        self.parameters.exchanges.iter().find(|known| Some(known.0) == address).map(|known| known.1)
    }

    fn is_service(&self, address: AddressId) -> bool {
        self.exchange(Some(address)).is_some() || self.services.service(address).is_some()
    }

    fn is_busy(&self, address: AddressId) -> bool {
        self.rows.iter().filter(|row| row.touches(address)).count() as u64 > self.parameters.movements_max
    }

    fn verdict(&self, address: AddressId) -> Result<Deposit, Refusal> {
        let own: Vec<_> = self.rows.iter().filter(|row| row.touches(address)).collect();
        let signed_to_exchange =
            |row: &&&Row| row.from == Some(address) && row.is_signed_payment() && self.exchange(row.to).is_some();
        let first = own.iter().find(signed_to_exchange);
        let exchange = first.and_then(|row| self.exchange(row.to));
        let sent_on: BTreeSet<_> = own.iter().filter(signed_to_exchange).map(|row| row.asset).collect();
        let leaves_elsewhere = |row: &&&Row| {
            let is_fee = row.kind == MoveKind::Fee || row.kind == MoveKind::Burn && row.asset == 0;
            let counts = row.payer == Some(address) || row.asset == 0 || sent_on.contains(&row.asset);
            let leaves = row.from == Some(address) && row.to != Some(address) && row.units > 0;
            leaves && counts && !is_fee && (row.to.is_none() || self.exchange(row.to) != exchange)
        };
        if self.is_service(address) {
            return Err(Refusal::Service);
        }
        if self.contracts.contains(&address) {
            return Err(Refusal::Contract);
        }
        if self.is_busy(address) {
            return Err(Refusal::Busy);
        }
        let pays_it = |row: &&Row| matches!(row.kind, MoveKind::Reward | MoveKind::Withdrawal);
        if own.iter().any(|row| pays_it(row) && row.to == Some(address)) {
            return Err(Refusal::MakesBlocks);
        }
        let exchange = exchange.ok_or(Refusal::SignsNothing)?;
        if own.iter().any(|row| leaves_elsewhere(&row)) {
            return Err(Refusal::PaysElsewhere);
        }
        let matches = self.matches(address);
        let users: BTreeSet<_> = matches.iter().map(|found| found.0).collect();
        if matches.is_empty() {
            return Err(Refusal::NoMatch);
        }
        if users.len() as u64 > u64::from(self.parameters.users_max) {
            return Err(Refusal::TooManyUsers);
        }
        Ok((exchange, matches))
    }

    fn matches(&self, address: AddressId) -> Vec<(AddressId, MovementId, MovementId)> {
        let mut used = BTreeSet::new();
        let mut matches = Vec::new();
        for on in self.rows.iter().filter(|row| row.from == Some(address) && row.is_signed_payment()) {
            let alpha = if on.asset == 0 { self.parameters.loss_max } else { 0 };
            let fits = |row: &&Row| {
                let user = row.from.filter(|_| row.to == Some(address) && row.is_signed_payment());
                let is_user = user.is_some_and(|user| {
                    !self.is_service(user) && !self.contracts.contains(&user) && !self.is_busy(user)
                });
                is_user
                    && row.at < on.at
                    && row.asset == on.asset
                    && (on.units..=on.units + alpha).contains(&row.units)
                    && on.height - row.height <= self.parameters.blocks_max
                    && !used.contains(&row.at)
            };
            let best = self.rows.iter().filter(fits).min_by_key(|row| (row.units - on.units, u64::MAX - row.at.0));
            if let Some(best) = best {
                used.insert(best.at);
                matches.push((best.from.expect("a payment has a sender"), best.at, on.at));
            }
        }
        matches
    }
}

/// The rule, read slowly. Ether is asset 0.
pub fn slow_customers(
    ledger: &MemoryAccounts<u64>,
    parameters: &DepositParameters<u64>,
    services: &ServiceTable,
    contracts: &BTreeSet<AddressId>,
) -> Slow {
    let reader = Reader { rows: rows(ledger), parameters, services, contracts };
    let paid = reader.rows.iter().filter(|row| row.from != row.to && reader.exchange(row.to).is_some());
    let payers: BTreeSet<_> = paid.filter_map(|row| row.from).collect();
    let mut refused: BTreeMap<Refusal, u64> = BTreeMap::new();
    let mut deposits: BTreeMap<AddressId, Deposit> = BTreeMap::new();
    for address in payers {
        match reader.verdict(address) {
            Ok(deposit) => drop(deposits.insert(address, deposit)),
            Err(why) => *refused.entry(why).or_default() += 1,
        }
    }
    let used = |user| deposits.values().filter(|deposit| deposit.1.iter().any(|found| found.0 == user)).count() as u64;
    let everybody: BTreeSet<_> = deposits.values().flat_map(|deposit| deposit.1.iter().map(|found| found.0)).collect();
    let most = u64::from(parameters.addresses_per_user_max);
    let busy: Vec<_> = everybody.into_iter().filter(|&user| used(user) > most).collect();
    deposits.values_mut().for_each(|deposit| deposit.1.retain(|found| !busy.contains(&found.0)));
    let before = deposits.len();
    deposits.retain(|_, deposit| !deposit.1.is_empty());
    if deposits.len() < before {
        *refused.entry(Refusal::NoMatch).or_default() += (before - deposits.len()) as u64;
    }
    Slow { customers: customers(&deposits), refused: refused.into_iter().collect(), busy }
}

/// Joins what shares a user until nothing more does.
fn customers(deposits: &BTreeMap<AddressId, Deposit>) -> Vec<Customer> {
    let mut groups: Vec<BTreeSet<AddressId>> = deposits.keys().map(|&address| BTreeSet::from([address])).collect();
    let users = |group: &BTreeSet<AddressId>| -> BTreeSet<(u32, AddressId)> {
        let of = |address: &AddressId| -> Vec<_> {
            let (exchange, matches) = &deposits[address];
            matches.iter().map(|found| (*exchange, found.0)).collect()
        };
        group.iter().flat_map(of).collect()
    };
    let shares = |groups: &[BTreeSet<AddressId>]| {
        let pairs = (0..groups.len()).flat_map(|one| (one + 1..groups.len()).map(move |other| (one, other)));
        pairs.into_iter().find(|&(one, other)| !users(&groups[one]).is_disjoint(&users(&groups[other])))
    };
    while let Some((one, other)) = shares(&groups) {
        let joined = groups.remove(other);
        groups[one].extend(joined);
    }
    let row = |group: &BTreeSet<AddressId>| {
        let mut pairs: Vec<_> = group.iter().flat_map(|address| &deposits[address].1).collect();
        pairs.sort_by_key(|pair| pair.2);
        let exchange = deposits[group.first().expect("a group has a member")].0;
        let users = users(group).into_iter().map(|user| user.1).collect();
        let pairs: Vec<_> = pairs.into_iter().map(|pair| (pair.1, pair.2)).collect();
        (exchange, group.iter().copied().collect(), users, pairs)
    };
    let mut rows: Vec<_> = groups.iter().map(row).collect();
    rows.sort_by_key(|row: &Customer| row.3[0].1);
    rows
}
