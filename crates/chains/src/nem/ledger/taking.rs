//! One block while its rows are written.

use coinhound_model::{AccountTx, MoveKind, NoteKind};
use ruint::aliases::U256;

use crate::nem::address::Address;
use crate::nem::block::{Block, BlockKind};
use crate::nem::bytes::Hash;
use crate::nem::ledger::LedgerError;
use crate::nem::ledger::booking::Booking;
use crate::nem::ledger::names::{row_hash, xem};
use crate::nem::ledger::state::{Change, State};
use crate::nem::network::Network;
use crate::nem::tx::{
    Body, Message, MessageKind, Multisig, Namespace, RemoteLink, SignedTransaction, Transaction, Transfer,
};

/// One block while its rows are written: where it stands, and what it changes.
pub(super) struct Taking<'a> {
    pub(super) state: &'a mut State,
    pub(super) changes: Vec<Change>,
    pub(super) network: Network,
    pub(super) height: u64,
    /// The transaction at work, counted from zero.
    pub(super) index: usize,
    /// Whether the transaction at work is the one inside a multisig transaction.
    pub(super) is_inner: bool,
    /// Whether nothing of the chain is unknown.
    pub(super) is_complete: bool,
}

impl<'a> Taking<'a> {
    pub(super) fn new(state: &'a mut State, block: &Block, is_complete: bool) -> Self {
        let Block { network, height, .. } = *block;
        Self { state, changes: Vec::new(), network, height, index: 0, is_inner: false, is_complete }
    }

    /// What it takes to undo the block.
    pub(super) fn changes(self) -> Vec<Change> {
        self.changes
    }

    /// All transactions of the block, and what the block itself does.
    pub(super) fn transactions(&mut self, block: &Block, hash: Hash) -> Result<Vec<AccountTx>, LedgerError> {
        let mut txs = Vec::with_capacity(block.transactions.len() + 1);
        for (index, signed) in block.transactions.iter().enumerate() {
            self.index = index;
            let mut booking = Booking::default();
            if index == 0 && block.kind == BlockKind::Nemesis {
                supply(block, &mut booking);
            }
            self.signed(signed, &mut booking)?;
            txs.push(booking.into_tx(row_hash(&signed.hash())));
        }
        txs.extend(self.reward(block, hash));
        Ok(txs)
    }

    fn signed(&mut self, signed: &SignedTransaction, booking: &mut Booking) -> Result<(), LedgerError> {
        let Transaction { head, body } = &signed.transaction;
        self.is_inner = matches!(body, Body::Multisig(_));
        match body {
            Body::Multisig(multisig) => {
                self.cosigned(head, multisig, booking)?;
                self.body(&multisig.inner, booking)?;
            }
            _ => {
                self.alone(&head.sender())?;
                self.body(&signed.transaction, booking)?;
            }
        }
        let (payer, fee) = fee(&signed.transaction);
        booking.spends(MoveKind::Fee, xem(), &payer, fee);
        Ok(())
    }

    /// What one transaction asks for, that inside a multisig transaction like any other.
    fn body(&mut self, transaction: &Transaction, booking: &mut Booking) -> Result<(), LedgerError> {
        let sender = transaction.head.sender();
        match &transaction.body {
            Body::Transfer(transfer) => self.transfer(&sender, transfer, booking),
            Body::RemoteLink(link) => {
                self.remote(&sender, link, booking);
                Ok(())
            }
            Body::Modification(modification) => self.modification(&sender, modification, booking),
            Body::Namespace(Namespace { sink, rent, .. }) => {
                booking.pays(MoveKind::Rental, xem(), (&sender, sink), U256::from(*rent));
                Ok(())
            }
            Body::MosaicDefinition(definition) => self.definition(&sender, definition, booking),
            Body::SupplyChange(change) => self.supply_change(&sender, change, booking),
            // No block holds them here: a cosignature stands in its multisig transaction, and that in no other.
            Body::Cosignature(_) | Body::Multisig(_) => Ok(()),
        }
    }

    fn transfer(&mut self, sender: &Address, transfer: &Transfer, booking: &mut Booking) -> Result<(), LedgerError> {
        if let Some(Message { kind, payload }) = transfer.message.as_ref().filter(|m| !m.payload.is_empty()) {
            let kind = match kind {
                MessageKind::Plain => NoteKind::Message,
                MessageKind::Encrypted => NoteKind::Encrypted,
            };
            booking.note(kind, payload);
        }
        self.sends(sender, transfer, booking)
    }

    fn remote(&mut self, lessor: &Address, link: &RemoteLink, booking: &mut Booking) {
        let remote = Address::of_key(&link.remote, self.network);
        self.harvests_for(remote, *lessor, link.mode, booking);
    }
}

/// Who pays for a transaction, and how much in all: for a multisig transaction its account, for everything in it.
pub(super) fn fee(transaction: &Transaction) -> (Address, U256) {
    let Transaction { head, body } = transaction;
    match body {
        Body::Multisig(Multisig { inner, cosignatures }) => {
            let cosigned = cosignatures.iter().map(|signed| signed.head.fee);
            let fees = [head.fee, inner.head.fee].into_iter().chain(cosigned);
            (inner.head.sender(), fees.map(U256::from).fold(U256::ZERO, |sum, fee| sum + fee))
        }
        _ => (head.sender(), U256::from(head.fee)),
    }
}

/// What the chain gives the maker of its first block: exactly what he pays in it.
fn supply(block: &Block, booking: &mut Booking) {
    let maker = block.harvested_by();
    let paid = block.transactions.iter().map(|signed| paid_by(&maker, &signed.transaction));
    let units = paid.fold(U256::ZERO, |sum, units| sum + units);
    booking.gains(MoveKind::Mint, xem(), &maker, units);
    booking.flag(
        "the first movement is no part of this transaction: the chain gives the first block's maker what he pays in it",
    );
}

/// XEM that an account pays in a transaction of the first block, where there are no mosaics yet.
fn paid_by(payer: &Address, transaction: &Transaction) -> U256 {
    let (fee_payer, fee) = fee(transaction);
    let (sender, body) = match &transaction.body {
        Body::Multisig(multisig) => (multisig.inner.head.sender(), &multisig.inner.body),
        body => (transaction.head.sender(), body),
    };
    let sent = match body {
        Body::Transfer(transfer) => crate::nem::ledger::transfer::xem_units(transfer),
        Body::Namespace(namespace) => U256::from(namespace.rent),
        Body::MosaicDefinition(definition) => U256::from(definition.creation_fee),
        _ => U256::ZERO,
    };
    let count = |who: &Address, units| if who == payer { units } else { U256::ZERO };
    count(&fee_payer, fee) + count(&sender, sent)
}
