//! Customers of a service whose deposit address is shared: told apart by the message that comes with a deposit.
//!
//! Where an exchange gives all its customers one address, each is told a message to send along, and the customer is
//! (address, message). Who sends with one message is a *candidate* for common control and no more: anybody can send to
//! anybody's message, and people share accounts, so nothing here enters a tier or a merge log. Messages are compared byte for
//! byte as their senders wrote them; what only the parties can read is counted apart.

use std::collections::BTreeMap;

use coinhound_model::{AccountLedger, AddressId, AsOf, LedgerError, MoveKind, MovementId, NoteKind, Units};

use crate::trace::Services;
use crate::trace::accounts::AccountFault;
use crate::trace::accounts::list;

/// What customers were looked for with; part of the result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemoParameters {
    /// Deposit addresses that customers share, ascending, each once.
    pub addresses: Vec<AddressId>,
    /// Deposits to one address beyond which nothing is said about any.
    pub deposits_max: u64,
    /// Longer messages name no customer.
    pub message_bytes_max: usize,
}

impl MemoParameters {
    /// These addresses, at most ten million deposits to each, and messages as long as NEM allows.
    #[must_use]
    pub fn new(addresses: impl IntoIterator<Item = AddressId>) -> Self {
        let mut addresses: Vec<_> = addresses.into_iter().collect();
        addresses.sort_unstable();
        addresses.dedup();
        Self { addresses, deposits_max: 10_000_000, message_bytes_max: 1024 }
    }
}

/// The customers of shared deposit addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memos<U> {
    /// What they hold as of.
    pub as_of: AsOf,
    /// What they were looked for with.
    pub parameters: MemoParameters,
    /// One for each address of the parameters, in their order.
    pub addresses: Vec<SharedAddress<U>>,
}

/// What was deposited at one shared address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedAddress<U> {
    /// Which.
    pub address: AddressId,
    /// Its customers, ascending by message.
    pub customers: Vec<Customer<U>>,
    /// Deposits whose message only the parties can read.
    pub unreadable: Deposits<U>,
    /// Deposits without a message, or with an empty one.
    pub without: Deposits<U>,
    /// Deposits with a message longer than the parameters allow.
    pub too_long: Deposits<U>,
}

/// Somebody who was told to send this message along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Customer<U> {
    /// The message, as it stands. Hostile input.
    pub message: Vec<u8>,
    /// What came with it.
    pub deposits: Deposits<U>,
}

/// Deposits of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deposits<U> {
    /// How many transactions.
    pub number: u64,
    /// How much, by asset as the ledger numbers it, ascending.
    pub sums: Vec<(u32, U)>,
    /// The first movement of them; none when there were none.
    pub first: Option<MovementId>,
    /// The last movement of them.
    pub last: Option<MovementId>,
    /// Who sent them, ascending by address. Of one customer: candidates for common control.
    pub senders: Vec<Sender>,
}

/// Who sent deposits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sender {
    /// Which address.
    pub address: AddressId,
    /// How many transactions.
    pub number: u64,
    /// The service it belongs to, an index into the caller's list: a withdrawal from there, and no candidate.
    pub service: Option<u32>,
}

impl<U> Customer<U> {
    /// The senders that may be under common control: those that belong to no service.
    pub fn candidates(&self) -> impl Iterator<Item = AddressId> + '_ {
        self.deposits.senders.iter().filter(|sender| sender.service.is_none()).map(|sender| sender.address)
    }
}

/// Why customers could not be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoError {
    /// More deposits than the parameters allow.
    #[error("address {} of the ledger received more than {limit} deposits", address.0)]
    TooMany {
        /// Which.
        address: AddressId,
        /// The limit.
        limit: u64,
    },
    /// The deposits of one kind add up to more than an amount can hold.
    #[error("deposits to address {} of the ledger add up to more than an amount can hold", address.0)]
    TooMuch {
        /// Which.
        address: AddressId,
    },
    /// The ledger contradicts itself.
    #[error(transparent)]
    Fault(#[from] AccountFault),
    /// The ledger is damaged; no result may be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Tells the customers of shared deposit addresses apart, by the messages of what was transferred there. What an address pays itself,
/// transfers of nothing and whatever is no transfer (rewards, openings) are no deposits.
///
/// # Errors
/// [`MemoError`] when there is more than the parameters allow, or the ledger is damaged or contradicts itself.
pub fn memo_customers<L: AccountLedger, S: Services>(
    ledger: &L,
    parameters: MemoParameters,
    services: &S,
) -> Result<Memos<L::Units>, MemoError> {
    let found = parameters.addresses.iter().map(|&address| shared_address(ledger, address, &parameters, services));
    let found: Result<Vec<_>, _> = found.collect();
    ledger.health()?;
    Ok(Memos { as_of: ledger.as_of().clone(), addresses: found?, parameters })
}

fn shared_address<L: AccountLedger, S: Services>(
    ledger: &L,
    address: AddressId,
    parameters: &MemoParameters,
    services: &S,
) -> Result<SharedAddress<L::Units>, MemoError> {
    let credits = credits(ledger, address, parameters.deposits_max)?;
    let mut customers: BTreeMap<Vec<u8>, Gathered<L::Units>> = BTreeMap::new();
    let [mut unreadable, mut without, mut too_long] = [(); 3].map(|()| Gathered::default());
    for deposit in credits.chunk_by(|one, other| one.tx == other.tx) {
        let gathered = match memo(ledger, deposit[0].movement) {
            Memo::Readable(message) if message.len() > parameters.message_bytes_max => &mut too_long,
            Memo::Readable(message) => customers.entry(message).or_default(),
            Memo::Unreadable => &mut unreadable,
            Memo::None => &mut without,
        };
        gathered.add(deposit).ok_or(MemoError::TooMuch { address })?;
    }
    let customers = customers.into_iter();
    Ok(SharedAddress {
        address,
        customers: customers.map(|(message, all)| Customer { message, deposits: all.finish(services) }).collect(),
        unreadable: unreadable.finish(services),
        without: without.finish(services),
        too_long: too_long.finish(services),
    })
}

/// One movement of a deposit.
#[derive(Clone, Copy)]
struct Credit<U> {
    movement: MovementId,
    /// The first movement of its transaction.
    tx: u64,
    asset: u32,
    units: U,
    from: AddressId,
}

/// What was transferred to an address, ascending by movement.
fn credits<L: AccountLedger>(ledger: &L, address: AddressId, limit: u64) -> Result<Vec<Credit<L::Units>>, MemoError> {
    let mut holdings = Vec::new();
    ledger.holdings(address, &mut holdings);
    let start = MovementId(ledger.movements().start);
    let mut credits = Vec::new();
    for holding in holdings {
        let asset = ledger.asset(holding);
        for item in list(ledger, holding, start) {
            let (movement, step) = item?;
            let Some(from) = step.from.filter(|&from| Some(from) != step.to && step.to == Some(holding)) else {
                continue;
            };
            if step.units.is_zero() || !matches!(step.kind, MoveKind::Transfer | MoveKind::Internal) {
                continue;
            }
            if credits.len() as u64 == limit {
                return Err(MemoError::TooMany { address, limit });
            }
            let (tx, from) = (ledger.siblings(movement).start, ledger.owner(from));
            credits.push(Credit { movement, tx, asset, units: step.units, from });
        }
    }
    credits.sort_unstable_by_key(|credit| credit.movement);
    Ok(credits)
}

enum Memo {
    Readable(Vec<u8>),
    Unreadable,
    None,
}

/// The first message of a movement's transaction that says anything.
fn memo<L: AccountLedger>(ledger: &L, movement: MovementId) -> Memo {
    for note in ledger.notes(movement) {
        match note.kind {
            NoteKind::Message if !note.bytes.is_empty() => return Memo::Readable(note.bytes),
            NoteKind::Encrypted => return Memo::Unreadable,
            _ => {}
        }
    }
    Memo::None
}

/// Deposits while they are added up.
struct Gathered<U> {
    number: u64,
    sums: BTreeMap<u32, U>,
    first: Option<MovementId>,
    last: Option<MovementId>,
    senders: BTreeMap<AddressId, u64>,
}

impl<U> Default for Gathered<U> {
    fn default() -> Self {
        Self { number: 0, sums: BTreeMap::new(), first: None, last: None, senders: BTreeMap::new() }
    }
}

impl<U: Units> Gathered<U> {
    /// Adds the movements of one transaction; `None` past the largest amount.
    fn add(&mut self, deposit: &[Credit<U>]) -> Option<()> {
        self.number += 1;
        let mut senders: Vec<_> = deposit.iter().map(|credit| credit.from).collect();
        senders.sort_unstable();
        senders.dedup();
        senders.into_iter().for_each(|sender| *self.senders.entry(sender).or_default() += 1);
        for credit in deposit {
            let sum = self.sums.entry(credit.asset).or_default();
            *sum = sum.checked_add(credit.units)?;
            self.first = self.first.or(Some(credit.movement));
            self.last = Some(credit.movement);
        }
        Some(())
    }

    fn finish<S: Services>(self, services: &S) -> Deposits<U> {
        let sender = |(address, number)| Sender { address, number, service: services.service(address) };
        Deposits {
            number: self.number,
            sums: self.sums.into_iter().collect(),
            first: self.first,
            last: self.last,
            senders: self.senders.into_iter().map(sender).collect(),
        }
    }
}
