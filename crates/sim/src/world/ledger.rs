//! All wallets, the block in the making, and the one function that moves coins: [`Ledger::spend`].
//! It writes the transaction and tells the truth about it in the same breath.

use std::collections::VecDeque;

use coinhound_chains::bitcoin::OwnedLock;
use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxOut};
use coinhound_model::block::SpentCoin;
use coinhound_model::{Height, TxHash};

use crate::block::{Draft, Miner, Sealed};
use crate::keys::{Keys, Slot, Style};
use crate::regtest::{MATURITY, WEIGHT_MAX};
use crate::rng::{Quantiles, Rng};
use crate::software::{Order, data_script};
use crate::world::habits::Rate;
use crate::world::loot::LootBooks;
use crate::world::truth::OutputTruth;
use crate::world::truth::{Kind, OwnerRow, Page, Part, Participant, Purpose, ScriptRow, ServiceRow, TxRow};
use crate::world::wallet::{Coin, Origin, Wallet};

/// No block grows beyond this weight, so that one more transaction always fits.
const WEIGHT_FULL: usize = 3_500_000;
/// No output is worth less, in satoshi.
pub(crate) const DUST: u64 = 546;

/// Where an output pays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    Slot(Slot),
    Data(Vec<u8>),
}

/// What a service's books will say about an output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Note {
    pub(crate) service: u32,
    pub(crate) customer: u32,
    pub(crate) withdrawal: bool,
}

/// An output to be.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) to: Target,
    pub(crate) value: u64,
    /// The party that puts it in.
    pub(crate) by: u32,
    pub(crate) change: bool,
    pub(crate) note: Option<Note>,
}

/// A transaction to be. What its outputs leave is the fee.
#[derive(Clone, Debug)]
pub(crate) struct Spend {
    /// The wallet whose software writes it.
    pub(crate) writer: u32,
    /// Another order than that software's.
    pub(crate) order: Option<Order>,
    pub(crate) purpose: Purpose,
    pub(crate) coins: Vec<Coin>,
    pub(crate) outputs: Vec<Output>,
    /// The theft whose loot the carriers' outputs are: this is the stealing itself.
    pub(crate) steals: Option<u32>,
    /// Changes the signed inputs, in their final order, before the transaction is final.
    pub(crate) finish: Option<fn(&mut Tx, &mut Rng)>,
}

/// A written transaction.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The first input's address.
    pub(crate) from: Slot,
}

/// What everybody acts on.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) rng: Rng,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) page: Page,
    pub(crate) books: LootBooks,
    pub(crate) tells: bool,
    parties: u32,
    keys: Keys,
    draft: Draft,
    immature: VecDeque<Coin>,
    fee_rate: Quantiles,
}

impl Output {
    /// A payment out of `by`'s coins.
    pub(crate) fn pay(by: u32, slot: Slot, value: u64) -> Self {
        Self { to: Target::Slot(slot), value, by, change: false, note: None }
    }

    /// Change of `by`.
    pub(crate) fn change(by: u32, slot: Slot, value: u64) -> Self {
        Self { change: true, ..Self::pay(by, slot, value) }
    }

    /// Bytes that belong to nobody.
    pub(crate) fn data(by: u32, data: Vec<u8>) -> Self {
        Self { to: Target::Data(data), value: 0, by, change: false, note: None }
    }

    fn script(&self, keys: Keys) -> Vec<u8> {
        match &self.to {
            Target::Slot(slot) => keys.lock(*slot),
            Target::Data(data) => data_script(data),
        }
    }
}

impl Spend {
    /// A plain transaction of one wallet's software.
    pub(crate) fn new(writer: u32, purpose: Purpose, coins: Vec<Coin>, outputs: Vec<Output>) -> Self {
        Self { writer, order: None, purpose, coins, outputs, steals: None, finish: None }
    }
}

impl Ledger {
    /// No parties, and a first block after genesis that claims `time`.
    pub(crate) fn new(seed: u64, time: u32, fee_rate: Quantiles, tells: bool) -> Self {
        Self {
            rng: Rng::new(seed),
            wallets: vec![],
            page: Page::default(),
            books: LootBooks::default(),
            tells,
            parties: 0,
            keys: Keys::new(seed),
            draft: Draft::new(Sealed::genesis().hash, Height(1), time),
            immature: VecDeque::new(),
            fee_rate,
        }
    }

    /// Adds a party and returns its number.
    pub(crate) fn join(&mut self, kind: Kind, name: impl FnOnce() -> String) -> u32 {
        let number = self.parties;
        self.parties += 1;
        if self.tells {
            self.page.owners.push(OwnerRow { number, kind, name: name() });
        }
        number
    }

    /// Opens a wallet of a party and returns the wallet's number.
    pub(crate) fn open(&mut self, party: u32, habits: u8, part: Part) -> u32 {
        let number = u32::try_from(self.wallets.len()).expect("fewer than four billion wallets");
        self.wallets.push(Wallet { coins: vec![], party, next_key: 0, main: None, habits, part });
        number
    }

    pub(crate) fn wallet(&mut self, number: u32) -> &mut Wallet {
        &mut self.wallets[number as usize]
    }

    /// The party that a wallet belongs to.
    pub(crate) fn party(&self, wallet: u32) -> u32 {
        self.wallets[wallet as usize].party
    }

    /// How many parties there are.
    pub(crate) fn parties(&self) -> u32 {
        self.parties
    }

    /// Sum of a wallet's coins, in satoshi.
    pub(crate) fn balance(&self, wallet: u32) -> u64 {
        self.wallets[wallet as usize].balance()
    }

    /// Height of the block in the making.
    pub(crate) fn height(&self) -> u32 {
        self.draft.height().0
    }

    /// Whether the block takes no more.
    pub(crate) fn is_full(&self) -> bool {
        self.draft.weight() > WEIGHT_FULL
    }

    /// A new address, for what the wallet is for.
    pub(crate) fn fresh(&mut self, wallet: u32) -> Slot {
        let part = self.wallet(wallet).part;
        self.issue(wallet, part, None)
    }

    /// A new address for change.
    pub(crate) fn fresh_change(&mut self, wallet: u32, style: Option<Style>) -> Slot {
        let part = match self.wallet(wallet).part {
            Part::Receive => Part::Change,
            other => other,
        };
        self.issue(wallet, part, style)
    }

    /// The address that a wallet shows to everybody.
    pub(crate) fn main(&mut self, wallet: u32) -> Slot {
        if let Some(slot) = self.wallet(wallet).main {
            return slot;
        }
        let slot = self.fresh(wallet);
        self.wallet(wallet).main = Some(slot);
        slot
    }

    /// The address that a wallet gives its next payer.
    pub(crate) fn receiving(&mut self, wallet: u32) -> Slot {
        let reuse = self.wallet(wallet).habits().reuse;
        if self.rng.chance(reuse) { self.main(wallet) } else { self.fresh(wallet) }
    }

    /// A new address of another style than the wallet's own.
    pub(crate) fn fresh_as(&mut self, wallet: u32, style: Style) -> Slot {
        let part = self.wallet(wallet).part;
        self.issue(wallet, part, Some(style))
    }

    fn issue(&mut self, wallet: u32, part: Part, style: Option<Style>) -> Slot {
        let one = self.wallet(wallet);
        let (own_style, index) = one.habits().key(one.next_key);
        one.next_key += 1;
        let owner = one.party;
        let slot = Slot { style: style.unwrap_or(own_style), owner: wallet, index };
        if self.tells {
            self.page.scripts.push(ScriptRow { script: self.keys.lock(slot), owner, part });
        }
        slot
    }

    /// A fee rate as a wallet's software finds it, in satoshi per virtual byte.
    pub(crate) fn rate(&mut self, wallet: u32) -> u64 {
        let market = self.rng.draw(self.fee_rate);
        match self.wallet(wallet).habits().rate {
            Rate::Market => market,
            Rate::Hasty => market * 3 / 2,
            Rate::Fixed(rate) => rate,
        }
    }

    /// A fee for these coins and this many outputs, in satoshi.
    pub(crate) fn fee(&mut self, wallet: u32, coins: &[Coin], outputs: usize) -> u64 {
        let vbytes: u64 = coins.iter().map(|coin| coin.slot.style.input_vbytes()).sum();
        self.rate(wallet) * (11 + vbytes + 33 * outputs as u64)
    }

    /// Gives coins back that were taken and not spent.
    pub(crate) fn give_back(&mut self, coins: Vec<Coin>) {
        for coin in coins {
            self.wallet(coin.slot.owner).coins.push(coin);
        }
    }

    /// Writes a transaction into the block and tells what it is.
    ///
    /// # Panics
    /// When an agent plans what no owner could do: spends nothing, pays from nothing, calls a stranger's output change.
    pub(crate) fn spend(&mut self, spend: Spend) -> Sent {
        let Spend { writer, order, purpose, mut coins, mut outputs, steals, finish } = spend;
        let software = self.wallet(writer).habits().software;
        let keys = self.keys;
        order.unwrap_or(software.order).arrange(
            &mut self.rng,
            (&mut coins, |coin: &Coin| (coin.outpoint, coin.value)),
            (&mut outputs, |output: &Output| (output.value, output.script(keys))),
        );
        let written = outputs.iter().map(|output| TxOut { value: output.value, script: output.script(keys) }).collect();
        let inputs = coins.iter().map(|coin| (coin.slot, coin.outpoint));
        let mut tx = software.sign(keys, self.height(), inputs, written, &mut self.rng);
        if let Some(finish) = finish {
            finish(&mut tx, &mut self.rng);
        }
        let txid = self.draft.add_with_undo(&tx, coins.iter().map(|coin| self.spent(coin)).collect());
        self.tell(txid, purpose, &coins, &outputs, steals);
        self.credit(txid, &coins, &outputs);
        Sent { from: coins[0].slot }
    }

    /// Whose output this is; `None` for data.
    fn owner(&self, output: &Output) -> Option<u32> {
        match output.to {
            Target::Slot(slot) => Some(self.party(slot.owner)),
            Target::Data(_) => None,
        }
    }

    fn tell(&mut self, txid: TxHash, purpose: Purpose, coins: &[Coin], outputs: &[Output], steals: Option<u32>) {
        let inputs: Vec<_> = coins.iter().map(|coin| self.party(coin.slot.owner)).collect();
        let owners: Vec<_> = outputs.iter().map(|output| self.owner(output)).collect();
        for (output, owner) in outputs.iter().zip(&owners) {
            let own = owner.is_some_and(|owner| owner == output.by && inputs.contains(&owner));
            assert!(own || !output.change, "change returns to a payer: {purpose} at height {}", self.height());
        }
        let movement = crate::world::loot::Movement { txid, coins, inputs: &inputs, outputs, owners: &owners, steals };
        let rows = self.books.record(&movement);
        if !self.tells {
            return;
        }
        self.page.loot.extend(rows);
        self.page.services.extend(service_rows(txid, outputs));
        let row = TxRow {
            height: self.height(),
            position: u32::try_from(self.draft.tx_count()).expect("blocks hold thousands"),
            txid,
            purpose,
            participants: if purpose.is_common() { participants(coins, &inputs, outputs) } else { vec![] },
            inputs,
            outputs: outputs
                .iter()
                .zip(owners)
                .map(|(output, owner)| OutputTruth { owner, by: output.by, change: output.change })
                .collect(),
        };
        self.page.transactions.push(row);
    }

    fn credit(&mut self, txid: TxHash, coins: &[Coin], outputs: &[Output]) {
        let height = self.height();
        for (index, output) in (0..).zip(outputs) {
            let Target::Slot(slot) = output.to else { continue };
            let own = coins.iter().all(|coin| coin.slot.owner == slot.owner);
            let origin = if own { Origin::Own } else { Origin::Received };
            let coin = Coin { value: output.value, outpoint: OutPoint { txid, index }, slot, height, origin };
            self.wallet(slot.owner).coins.push(coin);
        }
    }

    fn spent(&self, coin: &Coin) -> SpentCoin {
        let OwnedLock { kind, payload } = OwnedLock::of_script(&self.keys.lock(coin.slot));
        let coinbase = coin.origin == Origin::Mined;
        SpentCoin { value: coin.value, kind, payload, height: Height(coin.height), coinbase }
    }

    /// Finishes the block, mined to `to`, and opens the next one, which claims `next_time`.
    ///
    /// # Panics
    /// When the block is heavier than the network allows, which is a bug.
    pub(crate) fn close_block(&mut self, to: Slot, message: &str, next_time: u32) -> Sealed {
        let height = self.draft.height();
        let next = Draft::new(self.draft.prev(), height.next(), next_time);
        let draft = std::mem::replace(&mut self.draft, next);
        assert!(draft.weight() <= WEIGHT_MAX as usize, "agents look whether there is room");
        let block = draft.seal(Miner { lock: &self.keys.lock(to), message: message.as_bytes() });
        self.draft = Draft::new(block.hash, height.next(), next_time);
        if block.reward > 0 {
            let coin = Coin {
                value: block.reward,
                outpoint: block.reward_outpoint(),
                slot: to,
                height: height.0,
                origin: Origin::Mined,
            };
            self.immature.push_back(coin);
        }
        self.mature();
        block
    }

    fn mature(&mut self) {
        let height = self.height();
        while self.immature.front().is_some_and(|coin| coin.height + MATURITY <= height) {
            let coin = self.immature.pop_front().expect("just seen");
            self.wallet(coin.slot.owner).coins.push(coin);
        }
    }

    /// What each party owns, mined coins that wait included, by number, in satoshi.
    pub(crate) fn balances(&self) -> Vec<u64> {
        let mut sums = vec![0; self.parties as usize];
        let coins = self.wallets.iter().flat_map(|wallet| &wallet.coins).chain(&self.immature);
        coins.for_each(|coin| sums[self.party(coin.slot.owner) as usize] += coin.value);
        sums
    }

    /// How many coins are unspent.
    pub(crate) fn coin_count(&self) -> usize {
        self.immature.len() + self.wallets.iter().map(|wallet| wallet.coins.len()).sum::<usize>()
    }

    /// Bytes of memory that coins and wallets take, unused room of their lists included.
    pub(crate) fn state_bytes(&self) -> usize {
        let lists: usize = self.wallets.iter().map(|wallet| wallet.coins.capacity()).sum();
        (lists + self.immature.capacity()) * size_of::<Coin>() + self.wallets.capacity() * size_of::<Wallet>()
    }
}

fn service_rows(txid: TxHash, outputs: &[Output]) -> impl Iterator<Item = ServiceRow> {
    (0..).zip(outputs).filter_map(move |(vout, output)| {
        let Note { service, customer, withdrawal } = output.note?;
        Some(ServiceRow { txid, vout, service, customer, withdrawal, value: output.value })
    })
}

/// What each party brought and asked for, by number; those who only ask (coordinators) are among them.
pub(crate) fn participants(coins: &[Coin], inputs: &[u32], outputs: &[Output]) -> Vec<Participant> {
    let mut sums = std::collections::BTreeMap::<u32, (u64, u64)>::new();
    for (party, coin) in inputs.iter().zip(coins) {
        sums.entry(*party).or_default().0 += coin.value;
    }
    for output in outputs {
        sums.entry(output.by).or_default().1 += output.value;
    }
    sums.into_iter().map(|(party, (paid_in, asked_out))| Participant { party, paid_in, asked_out }).collect()
}
