//! Blocks to serve: every type of transaction, each signed by its own key, linked and in order.
//!
//! The keys are public: each is made from a number.

use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::encode;
use coinhound_chains::nem::tx::{
    ChangeKind, CosignatoryChange, Cosignature, Head, Levy, LevyKind, LinkMode, Message, MessageKind, Modification,
    Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace, RemoteLink, SignedCosignature, SupplyChange,
    SupplyDirection, Transfer,
};
use coinhound_chains::nem::{
    Address, Block, Body, Hash, Network, PublicKey, Signature, SignedTransaction, Transaction,
};
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use sha3::{Digest, Keccak512};

/// Blocks after which what happens repeats, by other accounts.
const ROUND: u64 = 16;
/// Seconds between two blocks.
const SPACING: u32 = 60;
/// The number of the key that signs on the main way; other ways add their own number.
const HARVESTERS: u64 = 1_000_000;

/// A pair of keys, made from a number.
pub struct Key {
    secret: ExpandedSecretKey,
    public: VerifyingKey,
}

impl Key {
    /// The key of a number.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let mut seed = [0x11; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let secret = ExpandedSecretKey::from_bytes(&Keccak512::digest(seed).into());
        let public = VerifyingKey::from(&secret);
        Self { secret, public }
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.public.to_bytes())
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(raw_sign::<Keccak512>(&self.secret, message, &self.public).to_bytes())
    }

    /// Signs a transaction, which must name it as its signer.
    #[must_use]
    pub fn sign_tx(&self, transaction: Transaction) -> SignedTransaction {
        let signature = self.sign(&encode::unsigned(&transaction));
        SignedTransaction { transaction, signature }
    }

    /// Makes a block its own, and signs it.
    #[must_use]
    pub fn sign_block(&self, mut block: Block) -> Block {
        block.harvester = self.public();
        block.signature = self.sign(&encode::unsigned_block(&block));
        block
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.public()).finish()
    }
}

/// The accounts of one round.
struct Cast {
    network: Network,
    /// The number of the first key.
    first: u64,
    time: u32,
}

impl Cast {
    fn key(&self, nth: u64) -> Key {
        Key::of(self.first + nth)
    }

    fn address(&self, nth: u64) -> Address {
        Address::of_key(&self.key(nth).public(), self.network)
    }

    fn head(&self, by: u64, fee: u64) -> Head {
        let (network, timestamp, signer) = (self.network, self.time, self.key(by).public());
        Head { network, timestamp, signer, fee, deadline: self.time + 3_600 }
    }

    fn sign(&self, by: u64, fee: u64, body: Body) -> SignedTransaction {
        self.key(by).sign_tx(Transaction { head: self.head(by, fee), body })
    }

    fn namespace(&self) -> String {
        format!("n{}", self.first)
    }

    fn coin(&self, name: &str) -> MosaicId {
        MosaicId { namespace: self.namespace(), name: name.into() }
    }

    /// XEM from one to another, with a message.
    fn pay(&self, from: u64, to: u64, amount: u64, message: Option<Message>) -> SignedTransaction {
        self.sign(
            from,
            100_000,
            Body::Transfer(Transfer { recipient: self.address(to), amount, message, mosaics: None }),
        )
    }

    fn send(&self, from: u64, to: u64, factor: u64, mosaics: Vec<Mosaic>) -> SignedTransaction {
        self.sign(
            from,
            300_000,
            Body::Transfer(Transfer {
                recipient: self.address(to),
                amount: factor,
                message: None,
                mosaics: Some(mosaics),
            }),
        )
    }

    fn define(&self, name: &str, levy: Option<Levy>) -> SignedTransaction {
        let properties =
            [("divisibility", "2"), ("initialSupply", "1000000"), ("supplyMutable", "true"), ("transferable", "true")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        self.sign(
            1,
            150_000,
            Body::MosaicDefinition(MosaicDefinition {
                creator: self.key(1).public(),
                id: self.coin(name),
                description: "a made coin: 盗難".into(),
                properties,
                levy,
                sink: self.creation_sink(),
                creation_fee: 10_000_000,
            }),
        )
    }

    /// The account that gets the fee for a mosaic's definition.
    fn creation_sink(&self) -> Address {
        let key = "53e140b5947f104cabc2d6fe8baedbc30ef9a0609c717d9613de593ec2a266d3";
        Address::of_key(&key.parse().expect("64 digits"), self.network)
    }

    /// The account that gets the rent of namespaces.
    fn rental_sink(&self) -> Address {
        let key = "3e82e1c1e4a75adaa3cba8c101c3cd31d9817a2eb966eb3b511fb2ed45b8e262";
        Address::of_key(&key.parse().expect("64 digits"), self.network)
    }

    /// A transaction of the multisig account `of`, brought by `by` and cosigned by `others`.
    fn multisig(&self, of: u64, by: u64, others: &[u64], body: Body) -> SignedTransaction {
        let inner = Transaction { head: self.head(of, 200_000), body };
        let (inner_hash, account) = (inner.hash(), self.address(of));
        let cosign = |&by: &u64| {
            let (head, cosignature) = (self.head(by, 150_000), Cosignature { inner_hash, account });
            let mut signed = SignedCosignature { head, cosignature, signature: Signature([0; 64]) };
            signed.signature = self.key(by).sign(&encode::unsigned_cosignature(&signed));
            signed
        };
        let cosignatures = others.iter().map(cosign).collect();
        self.sign(by, 150_000, Body::Multisig(Multisig { inner: Box::new(inner), cosignatures }))
    }

    fn transfer_body(&self, to: u64, amount: u64) -> Body {
        Body::Transfer(Transfer { recipient: self.address(to), amount, message: None, mosaics: None })
    }

    /// Makes `of` an account of which two of `cosignatories` must sign.
    fn convert(&self, of: u64, cosignatories: &[u64]) -> SignedTransaction {
        let mut keys: Vec<PublicKey> = cosignatories.iter().map(|&nth| self.key(nth).public()).collect();
        // As nodes write them: by kind, then by address.
        keys.sort_by_key(|key| Address::of_key(key, self.network));
        let changes = keys.into_iter().map(|cosignatory| CosignatoryChange { kind: ChangeKind::Add, cosignatory });
        self.sign(of, 500_000, Body::Modification(Modification { changes: changes.collect(), minimum: Some(Some(2)) }))
    }

    /// What happens in a round's block.
    fn scene(&self, nth: u64) -> Vec<SignedTransaction> {
        let plain = |text: &str| Some(Message { kind: MessageKind::Plain, payload: text.as_bytes().to_vec() });
        let secret = Some(Message { kind: MessageKind::Encrypted, payload: vec![0xa5; 48] });
        let xem = |quantity| Mosaic { id: MosaicId { namespace: "nem".into(), name: "xem".into() }, quantity };
        let coin = |name, quantity| Mosaic { id: self.coin(name), quantity };
        let levy = |kind, id, fee| Some(Levy { kind, recipient: self.address(2), id, fee });
        let xem_id = xem(0).id;
        match nth {
            1 => vec![self.pay(0, 1, 900_000_000_000, plain("deposit 17")), self.pay(0, 2, 50_000_000_000, secret)],
            2 => vec![self.send(1, 3, 5_000_000, vec![]), self.pay(1, 1, 1_000_000, None), self.pay(1, 4, 0, None)],
            3 => vec![self.sign(
                1,
                150_000,
                Body::Namespace(Namespace {
                    sink: self.rental_sink(),
                    rent: 100_000_000,
                    part: self.namespace(),
                    parent: None,
                }),
            )],
            4 => vec![self.define("plain", None), self.define("flat", levy(LevyKind::Absolute, xem_id, 30))],
            5 => vec![self.define("share", levy(LevyKind::Percentile, self.coin("plain"), 125))],
            6 => vec![
                self.send(1, 3, 1_000_000, vec![coin("plain", 12_345), xem(7_000_000)]),
                self.send(1, 3, 2_500_000, vec![coin("flat", 1_000), coin("share", 40_000)]),
            ],
            7 => vec![self.supply(SupplyDirection::Increase, 500), self.supply(SupplyDirection::Decrease, 20)],
            8 => vec![self.sign(
                1,
                150_000,
                Body::RemoteLink(RemoteLink { mode: LinkMode::Link, remote: self.key(9).public() }),
            )],
            9 => vec![self.convert(2, &[3, 4, 5])],
            10 => vec![
                self.multisig(2, 3, &[4], self.transfer_body(6, 77_000_000)),
                self.multisig(2, 4, &[3, 5], self.transfer_body(7, 1_000_000)),
            ],
            11 => vec![self.multisig(
                2,
                3,
                &[5],
                Body::Namespace(Namespace {
                    sink: self.rental_sink(),
                    rent: 100_000_000,
                    part: format!("m{}", self.first),
                    parent: None,
                }),
            )],
            12 => vec![
                self.sign(
                    1,
                    150_000,
                    Body::Namespace(Namespace {
                        sink: self.rental_sink(),
                        rent: 10_000_000,
                        part: "sub".into(),
                        parent: Some(self.namespace()),
                    }),
                ),
                self.pay(6, 0, 3_000_000, plain("back")),
            ],
            13 => {
                (0..5).map(|nth| self.pay(0, 6 + nth % 3, 1_000_000 + nth, plain(&format!("customer {nth}")))).collect()
            }
            _ => vec![],
        }
    }

    fn supply(&self, direction: SupplyDirection, delta: u64) -> SignedTransaction {
        self.sign(1, 150_000, Body::SupplyChange(SupplyChange { id: self.coin("plain"), direction, delta }))
    }
}

/// Where a chain goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stem {
    /// The network.
    pub network: Network,
    /// The height of the next block.
    pub height: u64,
    /// The block below it.
    pub previous: Hash,
    /// Seconds of the chain's clock at that block.
    pub time: u32,
}

impl Stem {
    /// In the middle of a chain, above a block that nobody has.
    #[must_use]
    pub fn at(network: Network, height: u64) -> Self {
        Self { network, height, previous: Hash([0x77; 32]), time: 89_000_000 }
    }

    /// Right above a block.
    #[must_use]
    pub fn above(block: &Block) -> Self {
        let (network, height) = (block.network, block.height + 1);
        Self { network, height, previous: block.hash(), time: block.timestamp }
    }
}

/// So many blocks from there on. Different ways give different blocks with other accounts.
#[must_use]
pub fn grow(mut stem: Stem, count: usize, way: u64) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(count);
    for _ in 0..count {
        let block = next(stem, way);
        stem = Stem::above(&block);
        blocks.push(block);
    }
    blocks
}

/// A chain of so many blocks that begins in the middle of a longer one.
#[must_use]
pub fn chain(network: Network, first: u64, count: usize) -> Vec<Block> {
    grow(Stem::at(network, first), count, 0)
}

/// Keeps the first `keep` blocks and puts others on top.
#[must_use]
pub fn fork(chain: &[Block], keep: usize, count: usize, way: u64) -> Vec<Block> {
    let stem = Stem::above(&chain[keep - 1]);
    chain[..keep].iter().cloned().chain(grow(stem, count, way)).collect()
}

fn next(stem: Stem, way: u64) -> Block {
    let (round, nth) = (stem.height / ROUND, stem.height % ROUND);
    let time = stem.time + SPACING;
    let cast = Cast { network: stem.network, first: 100 * round + 10_000_000 * way, time };
    let block = Block {
        kind: BlockKind::Regular,
        network: stem.network,
        timestamp: time,
        harvester: PublicKey([0; 32]),
        signature: Signature([0; 64]),
        previous: stem.previous,
        height: stem.height,
        transactions: cast.scene(nth),
    };
    let harvester = HARVESTERS + stem.height % 5 + 10_000_000 * way;
    Key::of(harvester).sign_block(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nis::json;
    use coinhound_chains::nem::{decode_block, parse_block, parse_explorer_block};

    #[test]
    fn every_made_block_is_signed_and_reads_back_from_each_form() {
        let made = chain(Network::Main, 1_475_000, 40);
        let kinds: std::collections::BTreeSet<u32> =
            made.iter().flat_map(|block| &block.transactions).map(|signed| signed.transaction.body.kind()).collect();
        assert_eq!(kinds.len(), 7, "every type that blocks hold: {kinds:?}");
        let mut previous = Hash([0x77; 32]);
        for block in &made {
            block.verify().expect("signed");
            assert_eq!(block.previous, previous);
            previous = block.hash();
            assert_eq!(&decode_block(&encode::block(block)).expect("binary"), block);
            assert_eq!(&parse_block(&json::public(block).to_string()).expect("public"), block);
            assert_eq!(&parse_explorer_block(&json::explorer(block).to_string()).expect("local").block, block);
        }
        let other = fork(&made, 30, 10, 1);
        assert!(other[29] == made[29] && other[30] != made[30] && other[30].previous == made[29].hash());
    }
}
