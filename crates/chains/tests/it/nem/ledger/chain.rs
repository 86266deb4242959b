//! A chain made by hand, its rows as lines of text: accounts are letters, signatures are not looked at.

use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::ledger::{account, address};
use coinhound_chains::nem::tx::{
    ChangeKind, CosignatoryChange, Cosignature, Head, Levy, LevyKind, LinkMode, Message, MessageKind, Modification,
    Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace, RemoteLink, SignedCosignature, SupplyChange,
    SupplyDirection, Transfer,
};
use coinhound_chains::nem::{
    Address, Block, Body, Hash, LedgerError, NemLedger, Network, PublicKey, Signature, SignedTransaction, Transaction,
};
use coinhound_model::{Account, AccountBlock, NoteKind};

use crate::nem::ledger::Balances;

/// The key of a letter.
pub fn key(letter: char) -> PublicKey {
    PublicKey([u8::try_from(letter).expect("ASCII"); 32])
}

pub fn mosaic_id(text: &str) -> MosaicId {
    let (namespace, name) = text.split_once(':').expect("namespace:name");
    MosaicId { namespace: namespace.into(), name: name.into() }
}

pub fn listed(mosaics: &[(&str, u64)]) -> Vec<Mosaic> {
    mosaics.iter().map(|(id, quantity)| Mosaic { id: mosaic_id(id), quantity: *quantity }).collect()
}

/// A chain, what it booked, and what everybody has by it.
pub struct Chain {
    pub ledger: NemLedger,
    pub balances: Balances,
    pub network: Network,
    harvester: char,
}

impl Chain {
    /// From a first block that gives `a` to `g` a thousand XEM each.
    pub fn whole(network: Network) -> Self {
        let body = |to| {
            Body::Transfer(Transfer {
                recipient: Address::of_key(&key(to), network),
                amount: 1_000_000_000,
                message: None,
                mosaics: None,
            })
        };
        let paid = ('a'..='g').map(|to| signed(head(network, 0, 'z', 0), body(to))).collect();
        let nemesis = block_on(Hash::ZERO, network, 1, 'z', paid);
        let ledger = NemLedger::from_own_nemesis(network, nemesis.hash());
        let mut chain = Self { ledger, balances: Balances::default(), network, harvester: 'h' };
        chain.take(&nemesis).expect("the first block");
        chain
    }

    /// From some height on.
    pub fn partial(network: Network, first: u64) -> Self {
        let ledger = NemLedger::partial(network, first);
        Self { ledger, balances: Balances::default(), network, harvester: 'h' }
    }

    /// Who makes the blocks from now on.
    pub fn harvested_by(&mut self, letter: char) -> &mut Self {
        self.harvester = letter;
        self
    }

    pub fn address(&self, letter: char) -> Address {
        Address::of_key(&key(letter), self.network)
    }

    pub fn head(&self, by: char, fee: u64) -> Head {
        head(self.network, self.ledger.parent().height_next(), by, fee)
    }

    /// The next block, with these transactions.
    pub fn next(&self, bodies: Vec<(char, u64, Body)>) -> Block {
        let txs = bodies.into_iter().map(|(by, fee, body)| signed(self.head(by, fee), body)).collect();
        let parent = self.ledger.parent();
        block_on(parent.hash().unwrap_or(Hash([7; 32])), self.network, parent.height_next(), self.harvester, txs)
    }

    fn take(&mut self, block: &Block) -> Result<AccountBlock, LedgerError> {
        let rows = self.ledger.take(block)?;
        if self.ledger.is_complete() {
            self.balances.book(&rows).unwrap_or_else(|why| panic!("below zero: {why}"));
        }
        Ok(rows)
    }

    /// The rows of the next block.
    pub fn rows(&mut self, bodies: Vec<(char, u64, Body)>) -> AccountBlock {
        let block = self.next(bodies);
        self.take(&block).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The rows of the next block as lines.
    pub fn book(&mut self, bodies: Vec<(char, u64, Body)>) -> String {
        lines(&self.rows(bodies))
    }

    /// Why the next block is refused; the ledger must not have changed.
    pub fn refused(&mut self, bodies: Vec<(char, u64, Body)>) -> String {
        let (before, block) = (self.ledger.clone(), self.next(bodies));
        let error = self.ledger.take(&block).expect_err("refused");
        assert!(self.ledger == before, "a refused block leaves no trace");
        named_letters(&error.to_string())
    }

    /// Empty blocks.
    pub fn wait(&mut self, blocks: u64) {
        for _ in 0..blocks {
            assert_eq!(self.book(Vec::new()), "", "a block without fees moves nothing");
        }
    }

    pub fn has(&self, letter: char, asset: &str) -> String {
        self.balances.of(&account(&self.address(letter)), asset).to_string()
    }

    pub fn pay(&self, to: char, amount: u64) -> Body {
        self.send(to, amount, None)
    }

    pub fn send(&self, to: char, amount: u64, mosaics: Option<Vec<Mosaic>>) -> Body {
        Body::Transfer(Transfer { recipient: self.address(to), amount, message: None, mosaics })
    }

    pub fn say(&self, to: char, kind: MessageKind, text: &str) -> Body {
        let message = Some(Message { kind, payload: text.as_bytes().to_vec() });
        Body::Transfer(Transfer { recipient: self.address(to), amount: 0, message, mosaics: None })
    }

    pub fn namespace(&self, name: &str, rent: u64) -> Body {
        Body::Namespace(Namespace { sink: self.address('s'), rent, part: name.into(), parent: None })
    }

    pub fn define(&self, by: char, id: &str, properties: &[(&str, &str)], levy: Option<Levy>) -> Body {
        let properties = properties.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Body::MosaicDefinition(MosaicDefinition {
            creator: key(by),
            id: mosaic_id(id),
            description: format!("made at {}", self.ledger.parent().height_next()),
            properties,
            levy,
            sink: self.address('s'),
            creation_fee: 10,
        })
    }

    pub fn levy(&self, kind: LevyKind, to: char, id: &str, fee: u64) -> Option<Levy> {
        Some(Levy { kind, recipient: self.address(to), id: mosaic_id(id), fee })
    }

    /// What signers `by[0]` and, with signatures of their own, the others bring for an account.
    pub fn multisig(&self, account: char, inner_fee: u64, inner: Body, cosigners: &[(char, u64)]) -> Body {
        let inner = Transaction { head: self.head(account, inner_fee), body: inner };
        let (inner_hash, account) = (inner.hash(), self.address(account));
        let cosign = |(by, fee): &(char, u64)| SignedCosignature {
            head: self.head(*by, *fee),
            cosignature: Cosignature { inner_hash, account },
            signature: Signature([1; 64]),
        };
        Body::Multisig(Multisig { inner: Box::new(inner), cosignatures: cosigners.iter().map(cosign).collect() })
    }
}

pub fn supply(id: &str, direction: SupplyDirection, delta: u64) -> Body {
    Body::SupplyChange(SupplyChange { id: mosaic_id(id), direction, delta })
}

pub fn modify(added: &str, deleted: &str, minimum: Option<i32>) -> Body {
    let change = |kind| move |letter| CosignatoryChange { kind, cosignatory: key(letter) };
    let changes = added.chars().map(change(ChangeKind::Add)).chain(deleted.chars().map(change(ChangeKind::Delete)));
    Body::Modification(Modification { changes: changes.collect(), minimum: minimum.map(Some) })
}

pub fn remote(mode: LinkMode, letter: char) -> Body {
    Body::RemoteLink(RemoteLink { mode, remote: key(letter) })
}

fn head(network: Network, height: u64, by: char, fee: u64) -> Head {
    let timestamp = u32::try_from(height).expect("short") * 60;
    Head { network, timestamp, signer: key(by), fee, deadline: timestamp + 3_600 }
}

fn signed(head: Head, body: Body) -> SignedTransaction {
    SignedTransaction { transaction: Transaction { head, body }, signature: Signature([1; 64]) }
}

fn block_on(previous: Hash, network: Network, height: u64, by: char, transactions: Vec<SignedTransaction>) -> Block {
    let kind = if height == 1 { BlockKind::Nemesis } else { BlockKind::Regular };
    let timestamp = u32::try_from(height).expect("short") * 60;
    let (harvester, signature) = (key(by), Signature([1; 64]));
    Block { kind, network, timestamp, harvester, signature, previous, height, transactions }
}

/// Addresses in a text as their letters.
fn named_letters(text: &str) -> String {
    let letters = ('a'..='z').flat_map(|letter| {
        Network::ALL.map(|network| (Address::of_key(&key(letter), network).to_string(), letter.to_string()))
    });
    letters.fold(text.to_owned(), |text, (address, letter)| text.replace(&address, &letter))
}

fn name(account: &Account) -> String {
    named_letters(&address(account).expect("of NEM").to_string())
}

/// Rows as lines: one for each movement, note and link, transactions apart by a line of their number.
pub fn lines(rows: &AccountBlock) -> String {
    let mut lines = Vec::new();
    for (index, tx) in rows.txs.iter().enumerate() {
        let is_block = tx.hash == rows.hash;
        lines.push(if is_block { "the block:".to_owned() } else { format!("{index}:") });
        let side = |side: &Option<Account>| side.as_ref().map_or("-".to_owned(), name);
        for moved in &tx.moves {
            let (from, to) = (side(&moved.from), side(&moved.to));
            let decimals = moved.token.decimals.map_or("?".to_owned(), |decimals| decimals.to_string());
            lines.push(format!("  {} {from} > {to} {} {}/{decimals}", moved.kind, moved.units, moved.token.id));
        }
        for note in &tx.notes {
            let text = String::from_utf8_lossy(&note.bytes).into_owned();
            let text = if note.kind == NoteKind::Flag { without_hashes(&named_letters(&text)) } else { text };
            lines.push(format!("  {:?} {text}", note.kind));
        }
        for link in &tx.links {
            lines.push(format!("  {} is controlled by {}", name(&link.account), name(&link.controller)));
        }
    }
    lines.join("\n")
}

fn without_hashes(text: &str) -> String {
    let words = text.split(' ').map(|word| if word.len() == 64 { "HASH" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
