//! The chain in the making: accounts with keys, transactions that their payers can afford, blocks.

use std::collections::BTreeSet;

use coinhound_chains::nem::tx::Message;
use coinhound_chains::nem::{Address, Block, Body, Hash, Network, SignedTransaction};

use crate::nem::body;
use crate::nem::coincheck::control::{Control, Lots, Prefer, UNSOLD};
use crate::nem::coincheck::plan::unix;
use crate::nem::coincheck::truth::{DepositTruth, EndKind, Owner, Parcel, Price, Purpose, Role, Seed, TxTruth, Use};
use crate::nem::fees::paid;
use crate::nem::keys::KeyPair;
use crate::nem::ledger::Ledger;
use crate::nem::writer::{TXS_MAX, Writer};
use crate::rng::Rng;

/// The network of every made story: a private one. Its addresses begin with M, so no account, signature or block of a
/// story can be taken for one of the main network or of the public test network; and on it every rule of the chain
/// holds from the first block, as they held on the main network in 2018.
pub(crate) const NETWORK: Network = Network::Mijin;

/// An account's number.
pub(crate) type Id = usize;

/// An account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) key: KeyPair,
    pub(crate) address: Address,
    pub(crate) owner: u32,
    pub(crate) usage: Use,
    /// Who signs for it, first who asks; empty for an account of one key.
    pub(crate) signers: Vec<Id>,
}

/// XEM from one account to another.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) from: Id,
    pub(crate) to: Id,
    pub(crate) units: u64,
    pub(crate) message: Option<Message>,
    /// As the mosaic `nem:xem` with a factor, which moves the same.
    pub(crate) as_mosaic: bool,
    pub(crate) prefer: Prefer,
    pub(crate) purpose: Purpose,
    /// Who is credited where a service is paid.
    pub(crate) customer: Option<usize>,
    /// What a sale was paid with.
    pub(crate) price: Option<Price>,
}

impl Payment {
    /// A payment of one's own XEM without a message.
    pub(crate) fn new(from: Id, to: Id, units: u64, purpose: Purpose) -> Self {
        let (message, customer, price) = (None, None, None);
        Self { from, to, units, message, as_mosaic: false, prefer: Prefer::Clean, purpose, customer, price }
    }

    fn body(&self, recipient: Address) -> Body {
        let message = self.message.clone();
        if !self.as_mosaic {
            return body::transfer(recipient, self.units, message);
        }
        // Half the quantity, twice: a reader who takes the amount for what moves is off by far.
        let (factor, quantity) =
            if self.units.is_multiple_of(2) { (2_000_000, self.units / 2) } else { (1_000_000, self.units) };
        let xem = coinhound_chains::nem::tx::Mosaic { id: body::mosaic_id("nem:xem"), quantity };
        body::transfer_of_mosaics(recipient, factor, message, vec![xem])
    }
}

/// XEM that went from one account to another in the block in the making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    pub(crate) from: Id,
    pub(crate) to: Id,
    pub(crate) units: u64,
}

/// The state of the story.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) rng: Rng,
    pub(crate) writer: Writer,
    pub(crate) ledger: Ledger,
    pub(crate) owners: Vec<Owner>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) control: Control,
    pub(crate) blocks: Vec<Block>,
    pub(crate) transactions: Vec<TxTruth>,
    pub(crate) seeds: Vec<Seed>,
    pub(crate) deposits: Vec<DepositTruth>,
    /// What was paid since the last block, for whoever watches.
    pub(crate) flows: Vec<Flow>,
    seed: u64,
    /// When transactions are made at the moment.
    pub(crate) now: u32,
    pending: Vec<(SignedTransaction, TxTruth)>,
    hashes: BTreeSet<Hash>,
}

impl Town {
    pub(crate) fn new(seed: u64, now: u32) -> Self {
        Self {
            rng: Rng::new(seed),
            writer: Writer::new(NETWORK),
            ledger: Ledger::new(NETWORK),
            owners: vec![],
            accounts: vec![],
            control: Control::default(),
            blocks: vec![],
            transactions: vec![],
            seeds: vec![],
            deposits: vec![],
            flows: vec![],
            seed,
            now,
            pending: vec![],
            hashes: BTreeSet::new(),
        }
    }

    /// A new party.
    pub(crate) fn join(&mut self, name: impl Into<String>, role: Role) -> u32 {
        self.owners.push(Owner { name: name.into(), role });
        number(self.owners.len() - 1)
    }

    /// A new account of a party.
    pub(crate) fn open(&mut self, owner: u32, usage: Use) -> Id {
        let key = KeyPair::derive(self.seed, number(self.accounts.len()));
        let address = key.address(NETWORK);
        self.accounts.push(Account { key, address, owner, usage, signers: vec![] });
        self.accounts.len() - 1
    }

    pub(crate) fn address(&self, id: Id) -> Address {
        self.accounts[id].address
    }

    /// What an account has, in millionths of a XEM.
    pub(crate) fn xem(&self, id: Id) -> u64 {
        self.ledger.xem(&self.address(id))
    }

    pub(crate) fn role(&self, id: Id) -> Role {
        self.owners[self.accounts[id].owner as usize].role
    }

    /// Pays, if the payer has enough; says how the transaction is called.
    pub(crate) fn pay(&mut self, payment: &Payment) -> Option<Hash> {
        let body = payment.body(self.address(payment.to));
        let balance = self.xem(payment.from);
        let (hash, fee) = self.submit(payment.from, Some(payment.to), body, payment.purpose)?;
        let drawn = self.control.draw(payment.from, balance, payment.units, payment.prefer);
        let fees = self.control.draw(payment.from, balance - payment.units, fee, payment.prefer);
        self.control.end(fees, EndKind::Fee, None, None);
        self.note_deposit(payment, hash, &drawn);
        self.deliver(payment, hash, drawn);
        self.flows.push(Flow { from: payment.from, to: payment.to, units: payment.units });
        Some(hash)
    }

    /// Anything but XEM: its fee and what it costs come out of the account's own means first.
    pub(crate) fn ask(&mut self, from: Id, to: Option<Id>, body: Body, purpose: Purpose) -> Option<Hash> {
        let balance = self.xem(from);
        let (hash, _) = self.submit(from, to, body, purpose)?;
        let fees = self.control.draw(from, balance, balance - self.xem(from), Prefer::Clean);
        self.control.end(fees, EndKind::Fee, None, None);
        Some(hash)
    }

    /// Signs and books a transaction. Returns its hash and all its fees; nothing if it cannot be paid.
    fn submit(&mut self, from: Id, to: Option<Id>, body: Body, purpose: Purpose) -> Option<(Hash, u64)> {
        // The chain takes no transaction twice; who asks for the same again in one second says he asked earlier.
        let earlier = (0..).map(|secs| self.sign(from, body.clone(), self.now - secs));
        let fresh = earlier.into_iter().find(|signed| !self.hashes.contains(&signed.hash()));
        self.book(fresh.expect("few ask for the same"), from, to, purpose)
    }

    /// Books a signed transaction for the block in the making.
    pub(crate) fn book(
        &mut self,
        signed: SignedTransaction,
        from: Id,
        to: Option<Id>,
        purpose: Purpose,
    ) -> Option<(Hash, u64)> {
        let paid_to = to.filter(|to| *to != from);
        let before = paid_to.map_or(0, |to| self.xem(to));
        self.ledger.transaction(&signed, self.writer.next_height()).ok()?;
        let units = paid_to.map_or(0, |to| self.xem(to)) - before;
        let (hash, fee) = (signed.hash(), paid(&signed.transaction));
        self.hashes.insert(hash);
        let (from, to) = (number(from), to.map(number));
        let truth = TxTruth { hash: hash.to_string(), height: 0, time: 0, purpose, from, to, units };
        self.pending.push((signed, truth));
        Some((hash, fee))
    }

    fn sign(&self, from: Id, body: Body, timestamp: u32) -> SignedTransaction {
        let account = &self.accounts[from];
        let [by, others @ ..] = account.signers.as_slice() else {
            return self.writer.signed(&account.key, timestamp, body);
        };
        let others: Vec<_> = others.iter().map(|id| (&self.accounts[*id].key, timestamp)).collect();
        self.writer.multisig(&account.key, &self.accounts[*by].key, timestamp, body, &others)
    }

    /// Where the loot in a payment is afterwards.
    fn deliver(&mut self, payment: &Payment, hash: Hash, drawn: Lots) {
        let (from, to) = (&self.accounts[payment.from], &self.accounts[payment.to]);
        let same_owner = from.owner == to.owner;
        match payment.purpose {
            Purpose::TheftTest | Purpose::TheftDrain => self.steal(payment, hash),
            Purpose::LootSale => self.sell(payment, hash, drawn),
            _ if same_owner => self.control.put(payment.to, drawn),
            _ if self.role(payment.to).is_service() => {
                self.control.end(drawn, EndKind::AtService, Some(payment.to), payment.customer);
            }
            _ => self.control.end(drawn, EndKind::Given, Some(payment.to), None),
        }
    }

    fn steal(&mut self, payment: &Payment, hash: Hash) {
        self.control.put(payment.to, Lots::from([(UNSOLD, payment.units)]));
        let recipient = self.address(payment.to).to_string();
        self.seeds.push(Seed { hash: hash.to_string(), height: 0, recipient, units: payment.units });
        if self.control.parcels.is_empty() {
            let holder = self.accounts[payment.to].owner;
            self.control.parcels.push(Parcel { holder, hash: hash.to_string(), units: 0, price: None });
        }
        self.control.parcels[0].units += payment.units;
    }

    /// The loot in a sale becomes a parcel of the buyer.
    fn sell(&mut self, payment: &Payment, hash: Hash, drawn: Lots) {
        let units = drawn.values().sum();
        let parcel = number(self.control.parcels.len());
        let holder = self.accounts[payment.to].owner;
        self.control.parcels.push(Parcel { holder, hash: hash.to_string(), units, price: payment.price });
        self.control.end(drawn, EndKind::Sold, Some(payment.to), None);
        self.control.put(payment.to, Lots::from([(parcel, units)]));
    }

    fn note_deposit(&mut self, payment: &Payment, hash: Hash, drawn: &Lots) {
        let Some(customer) = payment.customer else { return };
        let encrypted = coinhound_chains::nem::tx::MessageKind::Encrypted;
        self.deposits.push(DepositTruth {
            hash: hash.to_string(),
            customer: number(customer),
            payer: self.accounts[payment.from].owner,
            encrypted: payment.message.as_ref().is_some_and(|message| message.kind == encrypted),
            units: payment.units,
            loot: drawn.values().sum(),
        });
    }

    /// Makes the block in the making; what does not fit waits for the next.
    pub(crate) fn close_block(&mut self, harvester: Id, timestamp: u32) {
        let first = self.writer.next_height() == 1;
        let count = if first { self.pending.len() } else { self.pending.len().min(TXS_MAX) };
        let (height, time) = (self.writer.next_height(), unix(timestamp));
        let mut signed = vec![];
        for (transaction, truth) in self.pending.drain(..count) {
            signed.push(transaction);
            self.transactions.push(TxTruth { height, time, ..truth });
        }
        let block = self.writer.block(&self.accounts[harvester].key, timestamp, signed);
        self.ledger.harvest(&block);
        self.blocks.push(block);
    }

    /// Whether transactions wait for a block.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }
}

/// The number of a thing in a list of the truth.
pub(crate) fn number(at: usize) -> u32 {
    u32::try_from(at).expect("a story is small")
}
