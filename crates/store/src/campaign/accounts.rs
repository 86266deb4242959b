//! Random small account ledgers: several assets, every kind of movement and note, blocks without transactions,
//! transactions without movements, and two transactions of one name.
//!
//! Balances are not kept: a store asks nothing of them.

use coinhound_model::{
    Account, AccountBlock, AccountMove, AccountTx, Hash256, Height, Link, MoveKind, Note, NoteKind, Token, TxHash,
};
use ruint::aliases::U256;

use super::account_scribe::AccountScribe;
use crate::facts::Facts;
use crate::storage::Dice;

/// Adjacent blocks from a first height on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToyAccounts {
    /// Height of the first block.
    pub first: u32,
    /// By height.
    pub blocks: Vec<AccountBlock>,
}

impl ToyAccounts {
    /// A ledger of `blocks` random blocks.
    #[must_use]
    pub fn random(first: u32, blocks: u32, dice: &mut Dice) -> Self {
        let mut ledger = Self { first, blocks: Vec::new() };
        ledger.grow(blocks, &[], dice);
        ledger
    }

    /// Height of the last block.
    #[must_use]
    pub fn tip(&self) -> Height {
        Height(self.first + u32::try_from(self.blocks.len()).expect("toy ledgers are short") - 1)
    }

    /// The same ledger up to and including `tip`.
    #[must_use]
    pub fn up_to(&self, tip: Height) -> Self {
        Self { first: self.first, blocks: self.blocks[..=(tip.0 - self.first) as usize].to_vec() }
    }

    /// Another branch: the last `depth` blocks replaced by `blocks` others, some of their transactions kept.
    #[must_use]
    pub fn reorganised(&self, depth: u32, blocks: u32, dice: &mut Dice) -> Self {
        let keep = self.blocks.len() - depth as usize;
        let mut other = Self { first: self.first, blocks: self.blocks[..keep].to_vec() };
        let orphaned: Vec<AccountTx> = self.blocks[keep..].iter().flat_map(|block| block.txs.clone()).collect();
        other.grow(blocks, &orphaned, dice);
        other
    }

    /// Adds random blocks, with some transactions of `pool`.
    pub fn grow(&mut self, blocks: u32, pool: &[AccountTx], dice: &mut Dice) {
        for _ in 0..blocks {
            let block = self.next(pool, dice);
            self.blocks.push(block);
        }
    }

    /// The facts of the whole ledger.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut scribe = AccountScribe::new(self.first);
        self.blocks.iter().for_each(|block| scribe.block(block));
        scribe.facts
    }

    fn next(&self, pool: &[AccountTx], dice: &mut Dice) -> AccountBlock {
        // A ledger that begins above its first block has a parent that nobody stored.
        let below = if self.first == 0 { Hash256::ZERO } else { Hash256([1; 32]) };
        let mut block = AccountBlock {
            height: Height(self.first + u32::try_from(self.blocks.len()).expect("toy ledgers are short")),
            hash: Hash256::ZERO,
            prev: self.blocks.last().map_or(below, |last| last.hash),
            time: u32::try_from(dice.below(1 << 32)).expect("below 2^32"),
            size: u32::try_from(dice.below(1 << 20)).expect("below 2^32"),
            maker: random_hash(dice).0,
            txs: Vec::new(),
        };
        block.hash = Hash256(*blake3::hash(&header(&block)).as_bytes());
        block.txs = (0..dice.below(4)).map(|_| self.tx(pool, dice)).collect();
        if dice.chance(1, 2) {
            block.txs.push(reward(block.hash, dice));
        }
        block
    }

    fn tx(&self, pool: &[AccountTx], dice: &mut Dice) -> AccountTx {
        if let Some(tx) = pool.get(dice.index(pool.len() * 2 + 1)) {
            return tx.clone();
        }
        let moves = if dice.chance(1, 10) { 0 } else { 1 + dice.below(4) };
        let older = self.blocks.iter().rev().find_map(|block| block.txs.first()).filter(|_| dice.chance(1, 20));
        AccountTx {
            hash: older.map_or_else(|| random_hash(dice), |older| older.hash),
            moves: (0..moves).map(|_| movement(dice)).collect(),
            notes: (0..dice.below(3)).map(|_| note(dice)).collect(),
            links: if dice.chance(1, 4) { vec![link(dice)] } else { Vec::new() },
        }
    }
}

/// The bytes that name an account block in a store.
pub(super) fn header(block: &AccountBlock) -> [u8; 80] {
    let mut header = [0; 80];
    header[4..36].copy_from_slice(&block.prev.0);
    header[36..68].copy_from_slice(&block.maker);
    header[68..72].copy_from_slice(&block.time.to_le_bytes());
    header
}

/// What the block itself does.
fn reward(hash: TxHash, dice: &mut Dice) -> AccountTx {
    let kind = if dice.chance(1, 3) { MoveKind::Withdrawal } else { MoveKind::Reward };
    AccountTx { hash, moves: vec![of_kind(kind, dice)], notes: Vec::new(), links: Vec::new() }
}

fn movement(dice: &mut Dice) -> AccountMove {
    let any = MoveKind::ALL[dice.index(MoveKind::ALL.len())];
    of_kind(if dice.chance(1, 2) { MoveKind::Transfer } else { any }, dice)
}

fn of_kind(kind: MoveKind, dice: &mut Dice) -> AccountMove {
    AccountMove {
        kind,
        token: token(dice),
        from: kind.takes().then(|| account(dice)),
        to: kind.gives().then(|| account(dice)),
        units: units(dice),
    }
}

/// Zero, small, or of any width up to 256 bits.
fn units(dice: &mut Dice) -> U256 {
    let wide = random_hash(dice).0;
    let bits = dice.index(257);
    U256::from_le_bytes(wide) >> (256 - bits)
}

/// One of seven assets: one ticker twice, texts empty and not ASCII, decimals unknown and of every size.
fn token(dice: &mut Dice) -> Token {
    const TOKENS: [(&str, &str, Option<u8>); 7] = [
        ("nem:xem", "XEM", Some(6)),
        ("dim:coin", "DIM", Some(6)),
        ("fake:xem", "XEM", Some(0)),
        ("0xdac17f958d2ee523a2206206994597c13d831ec7", "USDT", Some(18)),
        ("zero", "", None),
        ("\u{6d41}\u{51fa}:\u{901a}\u{8ca8}", "\u{901a}\u{8ca8}", Some(255)),
        ("", "none", None),
    ];
    let choice = if dice.chance(1, 2) { 2 } else { TOKENS.len() };
    let (id, ticker, decimals) = TOKENS[dice.index(choice)];
    Token { id: id.to_owned(), ticker: ticker.to_owned(), decimals }
}

/// One of some twenty accounts, of several lengths.
fn account(dice: &mut Dice) -> Account {
    let who = u8::try_from(dice.below(20)).expect("below 20");
    let len = [25, 20, 3, 40][usize::from(who) % 4];
    Account(vec![who; len])
}

fn link(dice: &mut Dice) -> Link {
    Link { account: account(dice), controller: account(dice) }
}

fn note(dice: &mut Dice) -> Note {
    let kind = NoteKind::ALL[dice.index(NoteKind::ALL.len())];
    let longest = if dice.chance(1, 15) { 20_000 } else { 40 };
    let len = dice.below(longest);
    Note { kind, bytes: (0..len).map(|_| random_byte(dice)).collect() }
}

fn random_byte(dice: &mut Dice) -> u8 {
    u8::try_from(dice.below(256)).expect("below 256")
}

fn random_hash(dice: &mut Dice) -> Hash256 {
    let mut bytes = [0; 32];
    bytes.iter_mut().for_each(|byte| *byte = random_byte(dice));
    Hash256(bytes)
}
