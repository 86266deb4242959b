//! Everyday life from a seed: payments of every type, tokens, contracts that pass ether on, failures, withdrawals.

use std::sync::Arc;

use coinhound_chains::evm::tx::created_by;
use coinhound_chains::evm::{Address, Hash, Log, TxType};
use ruint::aliases::U256;

use crate::evm::draft::Draft;
use crate::evm::effect::{Call, CallKind, Effect, Said, event};
use crate::evm::header::{CANCUN, Era, MERGE, PRAGUE, SHANGHAI};
use crate::evm::keys::EvmKey;
use crate::evm::ledger::EvmLedger;
use crate::evm::writer::{EvmBlock, EvmWriter};
use crate::rng::Rng;

/// How many people there are.
const PEOPLE: u64 = 10;
/// What each of them owns before the first block, in wei: a thousand ether.
const PURSE: u128 = 1_000_000_000_000_000_000_000;
/// How many blocks of a mainnet story lie between two forks.
const BLOCKS_PER_ERA: u64 = 4;

/// The first height of stories on mainnet: four blocks of miners, then the merge.
pub const FIRST: u64 = MERGE - BLOCKS_PER_ERA;

/// A story that goes on for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traffic {
    writer: EvmWriter,
    rng: Rng,
    people: Vec<EvmKey>,
    tokens: Vec<Address>,
    wallets: Vec<Address>,
    /// The most transactions of a block.
    txs_max: u64,
}

impl Traffic {
    /// The story of a seed that begins a few blocks before the merge and then passes a fork every four blocks.
    #[must_use]
    pub fn mainnet(seed: u64) -> Self {
        Self::new(seed, coinhound_chains::evm::MAINNET, FIRST, 1_663_223_900)
    }

    /// The story of a seed on another chain, from block 0 on, by the newest rules.
    #[must_use]
    pub fn elsewhere(seed: u64, chain: u64) -> Self {
        Self::new(seed, chain, 0, PRAGUE + 1_000)
    }

    /// The story of a seed on a chain, from a height and a time on.
    #[must_use]
    pub fn new(seed: u64, chain: u64, first: u64, time: u64) -> Self {
        let people: Vec<_> = (0..PEOPLE).map(EvmKey::of).collect();
        let mut writer = EvmWriter::new(chain, first, time, people[0].address());
        people.iter().for_each(|key| writer.endow(key.address(), U256::from(PURSE)));
        Self { writer, rng: Rng::new(seed), people, tokens: Vec::new(), wallets: Vec::new(), txs_max: 5 }
    }

    /// The same story with so many transactions in its fullest blocks.
    #[must_use]
    pub fn with_txs_max(self, txs_max: u64) -> Self {
        Self { txs_max, ..self }
    }

    /// Goes on differently from here.
    pub fn reseed(&mut self, seed: u64) {
        self.rng = Rng::new(seed);
    }

    /// What everybody owns now; before the first block, what they own at the beginning.
    #[must_use]
    pub fn ledger(&self) -> &EvmLedger {
        self.writer.ledger()
    }

    /// The next blocks.
    pub fn blocks(&mut self, count: usize) -> Vec<Arc<EvmBlock>> {
        (0..count).map(|_| self.block()).collect()
    }

    /// The next block.
    pub fn block(&mut self) -> Arc<EvmBlock> {
        let maker = EvmKey::of(100 + self.rng.below(3)).address();
        self.writer.set_slot(self.time(), maker);
        // The first block of a chain holds nothing.
        let txs = if self.writer.number() == 0 { 0 } else { self.rng.below(self.txs_max + 1) };
        (0..txs).for_each(|_| self.deed());
        let era = self.writer.era();
        // Every other block of miners names one, some more by chance.
        if era == Era::London && (self.rng.chance(500) || self.writer.number() % 2 == 1) {
            self.writer.name_uncle(EvmKey::of(200).address());
        }
        if era >= Era::Shanghai && self.writer.number() > 0 {
            for _ in 0..self.rng.below(4) {
                let (to, gwei) = (self.somebody().address(), self.rng.range(1, 32_000_000_000));
                self.writer.withdraw(to, gwei);
            }
        }
        self.writer.seal()
    }

    /// A slot later, or the time of the next fork where it is due.
    fn time(&self) -> u64 {
        let time = self.writer.time();
        let forks = [(1, SHANGHAI), (2, CANCUN), (3, PRAGUE)];
        let due = forks.iter().filter(|(nth, _)| self.writer.number() >= MERGE + nth * BLOCKS_PER_ERA);
        due.map(|(_, fork)| *fork).max().map_or(time, |fork| time.max(fork))
    }

    fn somebody(&mut self) -> EvmKey {
        *self.rng.pick(&self.people)
    }

    /// One transaction.
    fn deed(&mut self) {
        match self.rng.below(14) {
            0 | 1 if self.tokens.len() < 3 => self.issue(),
            2 if self.wallets.len() < 2 => self.found(),
            0..=2 => self.collect(),
            3..=5 => self.transfer(),
            6 => self.burn(),
            7 => self.fail(),
            8 => self.deposit(),
            9 | 10 => self.sweep(),
            11 => self.end(),
            _ => self.pay(),
        }
    }

    /// A draft of a type that the block's rules know.
    fn draft(&mut self, to: Option<Address>, value: U256) -> Draft {
        let mut kinds = vec![TxType::Legacy, TxType::AccessList, TxType::FeeMarket, TxType::FeeMarket];
        let era = self.writer.era();
        let calls = to.is_some();
        let is_mainnet_with_blobs = calls && matches!(era, Era::Cancun | Era::Prague) && self.writer.number() >= FIRST;
        kinds.extend(is_mainnet_with_blobs.then_some(TxType::Blob));
        kinds.extend((calls && era >= Era::Prague).then_some(TxType::SetCode));
        let mut draft = Draft::pay(*self.rng.pick(&kinds), to, value, self.writer.base_fee());
        draft.names_chain = draft.kind != TxType::Legacy || self.rng.chance(700);
        match draft.kind {
            TxType::AccessList => {
                draft.access = vec![(self.somebody().address(), vec![Hash([7; 32]), Hash::default()])];
            }
            TxType::Blob => draft.blobs = vec![blob(self.rng.next_u64())],
            TxType::SetCode => {
                let code = self.somebody().address();
                draft.delegations = vec![(self.somebody(), code, self.rng.below(3))];
            }
            _ => {}
        }
        draft
    }

    fn gas(&mut self, most: u64) -> u64 {
        let left = self.writer.gas_left();
        self.rng.range(21_000, most).min(left)
    }

    fn push(&mut self, key: &EvmKey, mut draft: Draft, effect: Effect) {
        draft.gas_limit = effect.gas + 10_000;
        self.writer.push(key, draft, effect);
    }

    /// Some of what an account owns, at most a hundredth.
    fn part(&mut self, asset: Option<Address>, account: Address) -> U256 {
        let most = self.ledger().balance(asset, account) / U256::from(100);
        most * U256::from(self.rng.range(1, 1_000)) / U256::from(1_000)
    }

    fn pay(&mut self) {
        let (from, to) = (self.somebody(), self.somebody().address());
        let value = self.part(None, from.address());
        let (draft, gas) = (self.draft(Some(to), value), self.gas(21_000));
        self.push(&from, draft, Effect::plain(gas));
    }

    /// A contract is made whose tokens its maker owns, some with more units than 64 bits hold.
    fn issue(&mut self) {
        let from = self.somebody();
        let token = created_by(&from.address(), self.writer.nonce(from.address()));
        let units = U256::from(self.rng.next_u64()) << usize::try_from(self.rng.below(150)).expect("small");
        let said = vec![Said::Fungible { token, from: None, to: Some(from.address()), units }];
        let mut draft = self.draft(None, U256::ZERO);
        draft.input = vec![0x60; 90];
        let effect = Effect { gas: self.gas(900_000), said, ..Effect::default() };
        self.push(&from, draft, effect);
        self.tokens.push(token);
    }

    /// A wallet is made, with a little ether in it.
    fn found(&mut self) {
        let from = self.somebody();
        self.wallets.push(created_by(&from.address(), self.writer.nonce(from.address())));
        let value = self.part(None, from.address());
        let (mut draft, gas) = (self.draft(None, value), self.gas(400_000));
        draft.input = vec![0x5b; 40];
        self.push(&from, draft, Effect::plain(gas));
    }

    fn transfer(&mut self) {
        let Some(&token) = self.tokens.get(self.rng.index(3)) else { return self.pay() };
        let (from, to) = (self.somebody(), self.somebody().address());
        let units = self.part(Some(token), from.address());
        let said = Said::Fungible { token, from: Some(from.address()), to: Some(to), units };
        self.say(&from, token, vec![said]);
    }

    fn burn(&mut self) {
        let Some(&token) = self.tokens.first() else { return self.pay() };
        let from = self.somebody();
        let units = self.part(Some(token), from.address());
        self.say(&from, token, vec![Said::Fungible { token, from: Some(from.address()), to: None, units }]);
    }

    /// What moves no amount: one of a kind, some of several kinds, and something that nobody knows.
    fn collect(&mut self) {
        let (key, to) = (self.somebody(), self.somebody().address());
        let (from, token) = (key.address(), EvmKey::of(300).address());
        let (id, units) = (U256::from(self.rng.next_u64()), U256::from(self.rng.below(9)));
        let shout = Log { address: token, topics: vec![event("Shout(bytes)")], data: vec![1; 45] };
        let said = vec![
            Said::Unique { token, from, to, id },
            Said::Multiple { token, from, to, id, units },
            Said::Other(shout),
        ];
        self.say(&key, token, said);
    }

    fn say(&mut self, from: &EvmKey, token: Address, said: Vec<Said>) {
        let (draft, gas) = (self.draft(Some(token), U256::ZERO), self.gas(1_500_000));
        self.push(from, Draft { input: vec![0xa9; 68], ..draft }, Effect { gas, said, ..Effect::default() });
    }

    /// A transaction that is undone, after it had paid somebody.
    fn fail(&mut self) {
        let (from, to) = (self.somebody(), self.somebody().address());
        let value = self.part(None, from.address());
        let calls = vec![Call::pays(to, from.address(), value)];
        let (draft, gas) = (self.draft(Some(to), value), self.gas(300_000));
        self.push(&from, draft, Effect { failed: true, gas, calls, said: Vec::new() });
    }

    fn deposit(&mut self) {
        let Some(&wallet) = self.wallets.last() else { return self.pay() };
        let from = self.somebody();
        let value = self.part(None, from.address());
        let (draft, gas) = (self.draft(Some(wallet), value), self.gas(40_000));
        self.push(&from, draft, Effect::plain(gas));
    }

    /// A wallet pays two by code that it runs from elsewhere, and a third whose call is undone; no log tells of it.
    fn sweep(&mut self) {
        let Some(&wallet) = self.wallets.last() else { return self.pay() };
        let (key, one, other) = (self.somebody(), self.somebody().address(), self.somebody().address());
        let code = EvmKey::of(301).address();
        let (much, less) = (self.part(None, wallet), self.part(None, wallet));
        let pays = vec![
            Call::pays(wallet, one, much),
            Call::pays(wallet, code, less).with(vec![Call::pays(code, one, less)]).undone(),
            Call::pays(wallet, other, less),
            Call::pays(wallet, code, U256::ZERO).of(CallKind::StaticCall),
        ];
        let calls = vec![Call::pays(wallet, code, U256::ZERO).of(CallKind::DelegateCall).with(pays)];
        let (draft, gas) = (self.draft(Some(wallet), U256::ZERO), self.gas(2_500_000));
        self.push(&key, draft, Effect { gas, calls, ..Effect::default() });
    }

    /// A wallet makes a contract with some ether, which ends in favour of somebody.
    fn end(&mut self) {
        let Some(&wallet) = self.wallets.last() else { return self.pay() };
        let (key, heir) = (self.somebody(), self.somebody().address());
        let value = self.part(None, wallet);
        let made = created_by(&wallet, self.writer.number() * 100 + self.rng.below(100));
        let kind = if self.rng.chance(500) { CallKind::Create } else { CallKind::Create2 };
        let calls = vec![
            Call::pays(wallet, made, value).of(kind),
            Call::pays(wallet, made, U256::ZERO).with(vec![Call::pays(made, heir, value).of(CallKind::SelfDestruct)]),
        ];
        let (draft, gas) = (self.draft(Some(wallet), U256::ZERO), self.gas(700_000));
        self.push(&key, draft, Effect { gas, calls, ..Effect::default() });
    }
}

/// The name of a blob: one byte for its kind of proof, and 31 of a hash.
fn blob(number: u64) -> Hash {
    let mut name = coinhound_chains::evm::hash::keccak256(&number.to_be_bytes());
    name.0[0] = 1;
    name
}
