//! Chains that can fork anywhere: every block pays between few owners, so that coins, addresses, keys and
//! clusters of two branches overlap in every way.

use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxIn, TxOut, merkle_root, put_size};
use coinhound_chains::bitcoin::{Header, OwnedLock};
use coinhound_model::block::SpentCoin;
use coinhound_model::{BlockHash, Height};
use coinhound_sim::regtest::{BITS, grind};
use coinhound_sim::{Draft, Keys, Miner, Rng, Sealed, Slot, Style};

const KEYS_SEED: u64 = 11;
const BEGIN: u32 = 1_640_995_200;
const BLOCK_SECS: u32 = 600;
const STYLES: [Style; 10] = [
    Style::PubKey,
    Style::PubKeyHash,
    Style::OldPubKeyHash,
    Style::Multisig,
    Style::Nested,
    Style::NestedMultisig,
    Style::Witness,
    Style::WitnessMultisig,
    Style::Taproot,
    Style::BareMultisig,
];

/// A coin that can be spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coin {
    pub outpoint: OutPoint,
    pub value: u64,
    pub slot: Slot,
    pub height: Height,
    pub coinbase: bool,
}

/// A transaction with the coins it takes and makes.
#[derive(Clone, Debug)]
pub struct Payment {
    pub tx: Tx,
    taken: Vec<Coin>,
    made: Vec<Coin>,
}

/// A chain that grows by random blocks and can be taken back to any height.
#[derive(Clone)]
pub struct Branch {
    pub blocks: Vec<Sealed>,
    /// The payments of each block.
    pub payments: Vec<Vec<Payment>>,
    /// The coins after each block.
    coins: Vec<Vec<Coin>>,
    rng: Rng,
}

impl Branch {
    /// A chain of the genesis block alone.
    pub fn new(seed: u64) -> Self {
        Self { blocks: vec![Sealed::genesis()], payments: vec![vec![]], coins: vec![vec![]], rng: Rng::new(seed) }
    }

    /// A random chain of that many blocks above the genesis block.
    pub fn random(seed: u64, blocks: usize) -> Self {
        let mut branch = Self::new(seed);
        (0..blocks).for_each(|_| branch.grow(&[]));
        branch
    }

    /// The height of the tip.
    pub fn tip(&self) -> usize {
        self.blocks.len() - 1
    }

    /// The same chain up to `height`, going on as another would.
    pub fn fork(&self, height: usize, seed: u64) -> Self {
        let end = height + 1;
        let (blocks, payments) = (self.blocks[..end].to_vec(), self.payments[..end].to_vec());
        Self { blocks, payments, coins: self.coins[..end].to_vec(), rng: Rng::new(seed) }
    }

    /// Adds a block of up to four random payments, and of those of `others` that fit about every other.
    pub fn grow(&mut self, others: &[Payment]) {
        let mut block = self.begin();
        for payment in others {
            if self.rng.chance(500) {
                block.replay(payment);
            }
        }
        for _ in 0..self.rng.below(5) {
            block.pay_randomly(&mut self.rng);
        }
        self.close(block);
    }

    /// Adds a block of exactly these payments, each of which must fit.
    pub fn grow_exactly(&mut self, payments: &[Payment]) {
        let mut block = self.begin();
        payments.iter().for_each(|payment| assert!(block.replay(payment), "the payment's coins are there"));
        self.close(block);
    }

    /// A payment of the whole of `coins`, less a fee, to one owner; not part of any block yet.
    pub fn payment(&mut self, coins: &[Coin], to: Slot) -> Payment {
        let value = coins.iter().map(|coin| coin.value).sum::<u64>() - 1_000;
        payment(coins.to_vec(), &[(to, value)], false, &mut self.rng)
    }

    /// The coins that lie unspent at the tip.
    pub fn unspent(&self) -> Vec<Coin> {
        self.coins[self.tip()].clone()
    }

    /// The `count` newest mined coins that lie unspent at the tip.
    pub fn mined(&self, count: usize) -> Vec<Coin> {
        let mut mined: Vec<Coin> = self.unspent().into_iter().filter(|coin| coin.coinbase).collect();
        mined.sort_by_key(|coin| coin.height);
        mined.split_off(mined.len().checked_sub(count).expect("the chain mined that many and more"))
    }

    fn begin(&self) -> Block {
        let tip = self.blocks.last().expect("a branch has its genesis block");
        let height = tip.height.next();
        let draft = Draft::new(tip.hash, height, BEGIN + BLOCK_SECS * height.0);
        Block { draft, height, coins: self.coins.last().expect("as many as blocks").clone(), payments: vec![] }
    }

    fn close(&mut self, block: Block) {
        let Block { draft, height, mut coins, payments } = block;
        let slot = random_slot(&mut self.rng);
        let message = self.rng.next_u64().to_le_bytes();
        let sealed = draft.seal(Miner { lock: &keys().lock(slot), message: &message });
        coins.push(Coin { outpoint: sealed.reward_outpoint(), value: sealed.reward, slot, height, coinbase: true });
        self.blocks.push(sealed);
        self.coins.push(coins);
        self.payments.push(payments);
    }
}

/// A block being filled.
struct Block {
    draft: Draft,
    height: Height,
    coins: Vec<Coin>,
    payments: Vec<Payment>,
}

impl Block {
    /// Adds a payment if its coins are there; returns whether.
    fn replay(&mut self, payment: &Payment) -> bool {
        // The same coin may have been confirmed at another height on this branch.
        let find = |taken: &Coin| self.coins.iter().position(|coin| coin.outpoint == taken.outpoint);
        let Some(places) = payment.taken.iter().map(find).collect::<Option<Vec<_>>>() else { return false };
        let taken: Vec<Coin> = places.iter().map(|at| self.coins[*at].clone()).collect();
        self.coins.retain(|coin| !taken.contains(coin));
        self.draft.add_with_undo(&payment.tx, taken.iter().map(spent).collect());
        self.coins.extend(payment.made.iter().map(|coin| Coin { height: self.height, ..coin.clone() }));
        self.payments.push(payment.clone());
        true
    }

    fn pay_randomly(&mut self, rng: &mut Rng) {
        let count = 1 + rng.index(3).min(self.coins.len().saturating_sub(1));
        if self.coins.len() < count {
            return;
        }
        let mut left = self.coins.clone();
        let taken: Vec<Coin> = (0..count).map(|_| left.swap_remove(rng.index(left.len()))).collect();
        let value: u64 = taken.iter().map(|coin| coin.value).sum();
        let Some(mut left) = value.checked_sub(rng.below(5_000)).filter(|left| *left > 10) else { return };
        let mut outputs = Vec::new();
        for _ in 0..rng.below(3) {
            let part = rng.below(left);
            left -= part;
            outputs.push((random_slot(rng), part));
        }
        outputs.push((random_slot(rng), left));
        let note = rng.chance(200);
        self.replay(&payment(taken, &outputs, note, rng));
    }
}

fn payment(taken: Vec<Coin>, outputs: &[(Slot, u64)], note: bool, rng: &mut Rng) -> Payment {
    let inputs = taken.iter().map(|coin| keys().spend(coin.slot, coin.outpoint, true, rng)).collect();
    let paid = outputs.iter().map(|(slot, value)| TxOut { value: *value, script: keys().lock(*slot) });
    let mut tx = Tx { version: 2, inputs, outputs: paid.collect(), lock_time: 0 };
    if note {
        tx.outputs.push(TxOut { value: 0, script: [&[0x6a, 8], rng.next_u64().to_le_bytes().as_slice()].concat() });
    }
    let txid = tx.txid();
    let made = outputs.iter().zip(0..).map(|((slot, value), index)| Coin {
        outpoint: OutPoint { txid, index },
        value: *value,
        slot: *slot,
        height: Height(0),
        coinbase: false,
    });
    Payment { made: made.collect(), tx, taken }
}

/// An address of one of a dozen owners.
pub fn slot(style: Style, owner: u32) -> Slot {
    Slot { style, owner, index: 0 }
}

fn random_slot(rng: &mut Rng) -> Slot {
    let style = *rng.pick(&STYLES);
    let small = |rng: &mut Rng, end| u32::try_from(rng.below(end)).expect("small");
    Slot { style, owner: small(rng, 12), index: small(rng, 2) }
}

/// The keys of every chain here.
pub fn keys() -> Keys {
    Keys::new(KEYS_SEED)
}

fn spent(coin: &Coin) -> SpentCoin {
    let lock = OwnedLock::of_script(&keys().lock(coin.slot));
    SpentCoin {
        value: coin.value,
        kind: lock.kind,
        payload: lock.payload,
        height: coin.height,
        coinbase: coin.coinbase,
    }
}

/// What a raw block's header says.
#[derive(Clone, Copy)]
pub struct Raw {
    pub version: i32,
    pub prev: BlockHash,
    pub height: Height,
    pub time: u32,
}

impl Raw {
    /// The header that follows `parent`.
    pub fn on(parent: &Sealed) -> Self {
        let height = parent.height.next();
        Self { version: 1, prev: parent.hash, height, time: BEGIN + BLOCK_SECS * height.0 }
    }

    /// A block of exactly these transactions, whatever the rules say of them. None may have a witness.
    pub fn seal(self, txs: &[Tx]) -> Sealed {
        let Self { version, prev, height, time } = self;
        let txids: Vec<_> = txs.iter().map(Tx::txid).collect();
        let mut header = Header { version, prev, merkle_root: merkle_root(txids.clone()), time, bits: BITS, nonce: 0 };
        let hash = grind(&mut header);
        let mut bytes = header.to_bytes().to_vec();
        put_size(&mut bytes, txs.len());
        txs.iter().for_each(|tx| tx.put(&mut bytes));
        let reward = txs[0].outputs.iter().map(|output| output.value).sum();
        Sealed { hash, prev, height, time, bytes, undo: None, txids, reward }
    }
}

/// A coinbase with this message that pays `value` to an owner.
pub fn coinbase(message: &[u8], value: u64, to: Slot) -> Tx {
    let input = TxIn { prev: OutPoint::NULL, script_sig: message.to_vec(), sequence: u32::MAX, witness: vec![] };
    let outputs = vec![TxOut { value, script: keys().lock(to) }];
    Tx { version: 1, inputs: vec![input], outputs, lock_time: 0 }
}
