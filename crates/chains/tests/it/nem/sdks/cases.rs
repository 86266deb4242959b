//! Random transactions of every type that an SDK can write, each with the key that signs it.

use coinhound_chains::nem::tx::{
    ChangeKind, CosignatoryChange, Cosignature, Head, Levy, LevyKind, LinkMode, Message, MessageKind, Modification,
    Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace, RemoteLink, SignedCosignature, SupplyChange,
    SupplyDirection, Transfer,
};
use coinhound_chains::nem::{Address, Body, Network, PublicKey, Signature, SignedTransaction, Transaction, encode};
use coinhound_testkit::nis::json;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use serde_json::Value;
use sha3::{Digest, Keccak512};

use crate::nem::ledger::Dice;

/// `nem-sdk` counts in floating point: amounts stay below 2^53.
const AMOUNT_END: u64 = 1 << 53;

/// A key that is written as NEM writes it: its bytes stand in reverse.
struct Key {
    secret: [u8; 32],
    expanded: ExpandedSecretKey,
    public: VerifyingKey,
}

impl Key {
    fn of(number: u64) -> Self {
        let mut dice = Dice(number);
        let secret: [u8; 32] = std::array::from_fn(|_| dice.byte());
        let mut seed = secret;
        seed.reverse();
        let expanded = ExpandedSecretKey::from_bytes(&Keccak512::digest(seed).into());
        let public = VerifyingKey::from(&expanded);
        Self { secret, expanded, public }
    }

    fn public(&self) -> PublicKey {
        PublicKey(self.public.to_bytes())
    }

    fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(raw_sign::<Keccak512>(&self.expanded, bytes, &self.public).to_bytes())
    }
}

/// A signed transaction.
pub struct Case {
    pub network: Network,
    key: Key,
    pub signed: SignedTransaction,
}

impl Case {
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    pub fn secret_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.key.secret)
    }

    /// As a node tells it.
    pub fn json(&self) -> Value {
        json::transaction(&self.signed)
    }
}

/// So many cases, always the same.
pub fn made(count: usize) -> Vec<Case> {
    (0..u64::try_from(count).expect("short")).map(|number| Maker::of(number).case()).collect()
}

struct Maker {
    dice: Dice,
    network: Network,
    number: u64,
}

impl Maker {
    fn of(number: u64) -> Self {
        let mut dice = Dice(number.wrapping_mul(0x1_0000_0001));
        let network = if dice.below(2) == 0 { Network::Main } else { Network::Test };
        Self { dice, network, number }
    }

    fn case(mut self) -> Case {
        let key = Key::of(self.number);
        let head = self.head(key.public());
        let body = match self.dice.below(4) {
            0 => self.multisig(),
            _ => self.body(key.public(), 7),
        };
        let transaction = Transaction { head, body };
        let signature = key.sign(&encode::unsigned(&transaction));
        Case { network: self.network, key, signed: SignedTransaction { transaction, signature } }
    }

    fn head(&mut self, signer: PublicKey) -> Head {
        let number = |dice: &mut Dice| u32::try_from(dice.below(1 << 32)).expect("32 bits");
        let (timestamp, fee, deadline) = (number(&mut self.dice), self.amount(), number(&mut self.dice));
        Head { network: self.network, timestamp, signer, fee, deadline }
    }

    /// All bodies but that of a multisig transaction; a cosignature is the last.
    fn body(&mut self, signer: PublicKey, kinds: u64) -> Body {
        match self.dice.below(kinds) {
            0 => self.transfer(),
            1 => {
                let mode = self.one_of(&[LinkMode::Link, LinkMode::Unlink]);
                Body::RemoteLink(RemoteLink { mode, remote: self.key() })
            }
            2 => self.modification(),
            3 => self.namespace(),
            4 => self.definition(signer),
            5 => {
                let direction = self.one_of(&[SupplyDirection::Increase, SupplyDirection::Decrease]);
                Body::SupplyChange(SupplyChange { id: self.id(), direction, delta: self.amount() })
            }
            _ => Body::Cosignature(Cosignature {
                inner_hash: coinhound_chains::nem::hash::keccak256(&signer.0),
                account: self.address(),
            }),
        }
    }

    fn multisig(&mut self) -> Body {
        let account = Key::of(self.number + 1_000_000).public();
        let head = self.head(account);
        let inner = Transaction { head, body: self.body(account, 6) };
        let (inner_hash, account) = (inner.hash(), inner.head.sender());
        let cosign = |maker: &mut Self, nth: u64| {
            let key = Key::of(maker.number + 2_000_000 + nth);
            let head = maker.head(key.public());
            let cosignature = Cosignature { inner_hash, account };
            let mut signed = SignedCosignature { head, cosignature, signature: Signature([0; 64]) };
            signed.signature = key.sign(&encode::unsigned_cosignature(&signed));
            signed
        };
        let cosignatures = (0..self.dice.below(3)).map(|nth| cosign(self, nth)).collect();
        Body::Multisig(Multisig { inner: Box::new(inner), cosignatures })
    }

    fn transfer(&mut self) -> Body {
        let message = match self.dice.below(3) {
            0 => None,
            _ => {
                let kind = self.one_of(&[MessageKind::Plain, MessageKind::Encrypted]);
                let payload = (0..1 + self.dice.below(80)).map(|_| self.dice.byte()).collect();
                Some(Message { kind, payload })
            }
        };
        let mosaics = (self.dice.below(2) == 0).then(|| self.mosaics());
        Body::Transfer(Transfer { recipient: self.address(), amount: self.amount(), message, mosaics })
    }

    /// In the order in which nodes write them.
    fn mosaics(&mut self) -> Vec<Mosaic> {
        let names = ["dim:coin", "nem:xem", "nextem:nex", "ts:warning_dont_accept_stolen_funds"];
        let listed: Vec<&str> = names.into_iter().filter(|_| self.dice.below(3) == 0).collect();
        let mosaic = |(namespace, name): (&str, &str), quantity| Mosaic {
            id: MosaicId { namespace: namespace.into(), name: name.into() },
            quantity,
        };
        let split = |text: &'static str| text.split_once(':').expect("namespace:name");
        listed.into_iter().map(|text| mosaic(split(text), self.amount())).collect()
    }

    /// Changes sorted by kind, then by address, none twice. Nodes compare addresses as text, `symbol-sdk` as bytes, and
    /// it refuses what is in another order than its own; base32 has its digits last and ASCII first, so the two differ
    /// for some. Here stand only changes that both sort alike.
    fn modification(&mut self) -> Body {
        let network = self.network;
        let address = |change: &CosignatoryChange| Address::of_key(&change.cosignatory, network);
        let text = |change: &CosignatoryChange| (change.kind, address(change).to_string());
        let changes = loop {
            let mut changes = self.changes();
            changes.sort_by_key(|change| (change.kind, address(change)));
            if changes.windows(2).all(|pair| text(&pair[0]) < text(&pair[1])) {
                break changes;
            }
        };
        // `nem-sdk` writes a change of more than nine wrong: its hexadecimal digits, read as a decimal number.
        let relative = i32::try_from(self.dice.below(19)).expect("small") - 9;
        let minimum = (self.dice.below(2) == 0).then_some(Some(relative));
        Body::Modification(Modification { changes, minimum })
    }

    fn changes(&mut self) -> Vec<CosignatoryChange> {
        let kinds = [ChangeKind::Add, ChangeKind::Delete];
        let change = |maker: &mut Self| CosignatoryChange { kind: maker.one_of(&kinds), cosignatory: maker.key() };
        (0..1 + self.dice.below(4)).map(|_| change(self)).collect()
    }

    fn namespace(&mut self) -> Body {
        let parent = (self.dice.below(2) == 0).then(|| self.word());
        Body::Namespace(Namespace { sink: self.address(), rent: self.amount(), part: self.word(), parent })
    }

    fn definition(&mut self, creator: PublicKey) -> Body {
        let levy = (self.dice.below(2) == 0).then(|| Levy {
            kind: self.one_of(&[LevyKind::Absolute, LevyKind::Percentile]),
            recipient: self.address(),
            id: self.id(),
            fee: self.amount(),
        });
        let flag = |dice: &mut Dice| (dice.below(2) == 0).to_string();
        let properties = vec![
            ("divisibility".into(), self.dice.below(7).to_string()),
            ("initialSupply".into(), self.dice.below(9_000_000_000).to_string()),
            ("supplyMutable".into(), flag(&mut self.dice)),
            ("transferable".into(), flag(&mut self.dice)),
        ];
        let description = self.one_of(&["a coin", "盗難", "Ünique \"quoted\" words"]).to_owned();
        let (id, sink, creation_fee) = (self.id(), self.address(), self.amount());
        Body::MosaicDefinition(MosaicDefinition { creator, id, description, properties, levy, sink, creation_fee })
    }

    fn id(&mut self) -> MosaicId {
        MosaicId { namespace: self.word(), name: self.word() }
    }

    fn word(&mut self) -> String {
        (0..1 + self.dice.below(16)).map(|_| char::from(self.one_of(b"abcdefghijklmnopqrstuvwxyz0123456789"))).collect()
    }

    fn amount(&mut self) -> u64 {
        let bits = self.dice.below(54);
        self.dice.below(AMOUNT_END.min(1 << bits))
    }

    fn key(&mut self) -> PublicKey {
        Key::of(3_000_000 + self.dice.below(1_000)).public()
    }

    fn address(&mut self) -> Address {
        Address::of_key(&PublicKey(std::array::from_fn(|_| self.dice.byte())), self.network)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let count = u64::try_from(all.len()).expect("short");
        all[usize::try_from(self.dice.below(count)).expect("short")]
    }
}
