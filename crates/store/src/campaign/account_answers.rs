//! Every query of an account view at every height, against linear scans over the toy ledger's blocks.
//!
//! Numbers are given here a second time, by searching: nothing is shared with the scribe or the code under test.

use coinhound_model::{
    Account, AccountBlock, AccountLedger, AccountTx, AddressId, Height, HoldingId, Lock, LockKind, Move, MoveKind,
    MovementFact, MovementId, NoteKind, Token,
};
use ruint::aliases::U256;

use super::accounts::{ToyAccounts, header};
use super::answers::AnswersReport;
use super::rig::{above, commit, writer};
use crate::derive::Tier;
use crate::layout::Span;
use crate::manifest::Family;
use crate::storage::{Dice, SimDisk};
use crate::view::AccountView;

/// Compares every answer at every height of random ledgers.
///
/// # Panics
/// When an answer differs.
#[must_use]
pub fn all(seed: u64, ledgers: u64, blocks: u32) -> AnswersReport {
    let mut report = AnswersReport::default();
    for number in 0..ledgers {
        let mut dice = Dice::new(seed.wrapping_add(number));
        let first = u32::try_from(number % 3 * 7).expect("small");
        let ledger = ToyAccounts::random(first, blocks, &mut dice);
        let facts = ledger.facts();
        let disk = SimDisk::new();
        let mut writer = writer(Family::Accounts, &disk);
        let half = Height(first + blocks / 2);
        commit(&mut writer, None, &facts.slice(Span { start: first, end: half.0 + 1 }));
        commit(&mut writer, Some(half), &above(&facts, half));
        let tip = AccountView::open(&disk).expect("just written");
        let base = tip.manifest().params.layout().layout(Height(first), ledger.tip()).base;
        for height in first..first + blocks {
            let view = tip.at(Height(height)).expect("inside the range");
            report.below_base += u64::from(base.is_some_and(|base| height + 1 < base.0));
            let naive = Naive::of(&ledger.up_to(Height(height)));
            Case { view: &view, naive: &naive, report: &mut report }.compare();
            report.views += 1;
        }
        assert!(tip.at(Height(first + blocks)).is_err(), "above the tip");
    }
    report
}

/// A movement and where it stands.
struct Stood {
    row: Move<U256>,
    block: usize,
    tx: usize,
}

/// A ledger in lists that are searched from the front.
struct Naive {
    first: u32,
    blocks: Vec<AccountBlock>,
    /// With the number of their block.
    txs: Vec<(usize, AccountTx)>,
    moves: Vec<Stood>,
    addresses: Vec<Account>,
    tokens: Vec<Token>,
    holdings: Vec<(usize, usize)>,
    labels: Vec<usize>,
    merges: Vec<(usize, usize, usize)>,
}

/// Where a thing stands in a list, at its end if it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    list.iter().position(|known| *known == thing).unwrap_or_else(|| {
        list.push(thing);
        list.len() - 1
    })
}

impl Naive {
    fn of(ledger: &ToyAccounts) -> Self {
        let mut naive = Self {
            first: ledger.first,
            blocks: ledger.blocks.clone(),
            txs: Vec::new(),
            moves: Vec::new(),
            addresses: Vec::new(),
            tokens: Vec::new(),
            holdings: Vec::new(),
            labels: Vec::new(),
            merges: Vec::new(),
        };
        for (number, block) in ledger.blocks.iter().enumerate() {
            block.txs.iter().for_each(|tx| naive.tx(number, tx));
        }
        naive
    }

    fn tx(&mut self, block: usize, tx: &AccountTx) {
        for row in &tx.moves {
            let mut side = |account: &Option<Account>| {
                let holding = (self.address(account.as_ref()?), place(&mut self.tokens, row.token.clone()));
                Some(HoldingId(place(&mut self.holdings, holding) as u64))
            };
            let (from, to) = (side(&row.from), side(&row.to));
            let row = Move { kind: row.kind, from, to, units: row.units };
            self.moves.push(Stood { row, block, tx: self.txs.len() });
        }
        for link in &tx.links {
            let (a, b) = (self.address(&link.account), self.address(&link.controller));
            let (x, y) = (self.labels[a].max(self.labels[b]), self.labels[a].min(self.labels[b]));
            if x != y {
                self.labels.iter_mut().filter(|label| **label == x).for_each(|label| *label = y);
                self.merges.push((self.txs.len(), a.min(b), a.max(b)));
            }
        }
        self.txs.push((block, tx.clone()));
    }

    fn address(&mut self, account: &Account) -> usize {
        let at = place(&mut self.addresses, account.clone());
        if at == self.labels.len() {
            self.labels.push(at);
        }
        at
    }

    fn touches(&self, movement: usize, holding: HoldingId) -> bool {
        let row = self.moves[movement].row;
        row.from == Some(holding) || row.to == Some(holding)
    }

    /// The movements of a transaction.
    fn of_tx(&self, tx: usize) -> std::ops::Range<u64> {
        let before = self.moves.iter().filter(|stood| stood.tx < tx).count() as u64;
        before..before + self.moves.iter().filter(|stood| stood.tx == tx).count() as u64
    }
}

struct Case<'a> {
    view: &'a AccountView,
    naive: &'a Naive,
    report: &'a mut AnswersReport,
}

impl Case<'_> {
    fn compare(&mut self) {
        self.blocks();
        self.moves();
        self.txs();
        self.notes();
        self.holdings();
        self.addresses();
        self.tokens();
        assert_eq!(self.view.health(), Ok(()), "all of that was there");
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, got: T, want: T) {
        assert_eq!(got, want, "as of height {}", self.view.as_of().height);
        self.report.answers += 1;
    }

    fn height(&self, block: usize) -> Height {
        Height(self.naive.first + u32::try_from(block).expect("small"))
    }

    fn blocks(&mut self) {
        let (naive, view) = (self.naive, self.view);
        self.same((view.is_complete(), view.is_supplied()), (naive.first == 0, false));
        let tip = &naive.blocks[naive.blocks.len() - 1];
        self.same((view.as_of().first, view.as_of().height, view.as_of().block), {
            (Height(naive.first), tip.height, tip.hash)
        });
        for (at, block) in naive.blocks.iter().enumerate() {
            let row = view.block(self.height(at)).expect("inside the range");
            self.same((row.header, row.hash, row.size), (header(block), block.hash, block.size));
            self.same(row.prev(), block.prev);
            self.same(view.find_block(&block.hash), Some(self.height(at)));
            let before = naive.txs.iter().filter(|(block, _)| *block < at).count() as u64;
            let txs = view.block_txs(self.height(at)).expect("inside the range");
            self.same(txs, before..before + block.txs.len() as u64);
            let before = naive.moves.iter().filter(|stood| stood.block < at).count() as u64;
            let moves = block.txs.iter().map(|tx| tx.moves.len() as u64).sum::<u64>();
            self.same(view.block_moves(self.height(at)).expect("inside the range"), before..before + moves);
        }
        self.same(view.block(tip.height.next()).is_err(), true);
    }

    fn moves(&mut self) {
        let (naive, view) = (self.naive, self.view);
        self.same(view.movements(), 0..naive.moves.len() as u64);
        for (at, stood) in naive.moves.iter().enumerate() {
            let id = MovementId(at as u64);
            let (block, tx) = (&naive.blocks[stood.block], &naive.txs[stood.tx].1);
            self.same(view.movement(id), stood.row);
            self.same((view.height(id), view.time(id)), (self.height(stood.block), block.time));
            let before = naive.txs.iter().filter(|(number, _)| *number < stood.block).count();
            let position = u32::try_from(stood.tx - before).expect("small");
            let (height, hash) = (self.height(stood.block), block.hash);
            self.same(view.fact(id), MovementFact { height, block: hash, position, tx: tx.hash, time: block.time });
            self.same(view.siblings(id), naive.of_tx(stood.tx));
            self.same(view.notes(id), tx.notes.clone());
            self.same(view.tx_of(id), Some(MovementId(stood.tx as u64)));
        }
    }

    fn txs(&mut self) {
        let (naive, view) = (self.naive, self.view);
        for (rank, (_, tx)) in naive.txs.iter().enumerate() {
            let id = MovementId(rank as u64);
            self.same((view.txid(id), view.tx_notes(id)), (Some(tx.hash), tx.notes.clone()));
            self.same(view.tx_moves(id), naive.of_tx(rank));
            let named: Vec<_> = (0..naive.txs.len()).filter(|&other| naive.txs[other].1.hash == tx.hash).collect();
            self.report.duplicates += u64::from(named.len() > 1);
            self.same(view.find_txs(&tx.hash), named.iter().map(|&tx| MovementId(tx as u64)).collect());
            let moves = named.iter().map(|&tx| naive.of_tx(tx)).filter(|moves| !moves.is_empty());
            self.same(view.find(&tx.hash), moves.collect());
        }
        self.same(view.find(&coinhound_model::Hash256([7; 32])), Vec::new());
    }

    /// What came with transactions, kind by kind, also with those that move nothing.
    fn notes(&mut self) {
        let (naive, view) = (self.naive, self.view);
        for kind in NoteKind::ALL {
            let mut got = Vec::new();
            view.each_note(kind, &mut |place, bytes| got.push((place, bytes.to_vec())));
            let mut want = Vec::new();
            for (rank, (number, tx)) in naive.txs.iter().enumerate() {
                let before = naive.txs.iter().filter(|(other, _)| other < number).count();
                let position = u32::try_from(rank - before).expect("small");
                let block = &naive.blocks[*number];
                let (height, block, time) = (self.height(*number), block.hash, block.time);
                let place = MovementFact { height, block, position, tx: tx.hash, time };
                let notes = tx.notes.iter().filter(|note| note.kind == kind);
                want.extend(notes.map(|note| (place.clone(), note.bytes.clone())));
            }
            self.same(got, want);
        }
    }

    fn holdings(&mut self) {
        let (naive, view) = (self.naive, self.view);
        for (at, &(address, asset)) in naive.holdings.iter().enumerate() {
            let (holding, owner) = (HoldingId(at as u64), AddressId(address as u64));
            let number = u32::try_from(asset).expect("small");
            self.same((view.owner(holding), view.asset(holding)), (owner, number));
            self.same(view.holding_of(owner, number), Some(holding));
            for from in 0..=naive.moves.len() {
                let next = (from..naive.moves.len()).find(|&movement| naive.touches(movement, holding));
                let next = next.map(|movement| MovementId(movement as u64));
                self.same(view.next(holding, MovementId(from as u64)), next);
            }
        }
        self.same(view.counts().holdings, naive.holdings.len() as u64);
    }

    fn addresses(&mut self) {
        let (naive, view) = (self.naive, self.view);
        self.same(view.addresses(), naive.addresses.len() as u64);
        let mut holdings = Vec::new();
        for (at, account) in naive.addresses.iter().enumerate() {
            let id = AddressId(at as u64);
            let lock = Lock { kind: LockKind::Account, payload: &account.0 };
            self.same((view.lock(id), view.address_of(lock)), (Some(lock), Some(id)));
            self.same((view.account(id), view.find_account(account)), (Some(account.clone()), Some(id)));
            view.holdings(id, &mut holdings);
            let owned = (0..naive.holdings.len()).filter(|&holding| naive.holdings[holding].0 == at);
            self.same(holdings.clone(), owned.map(|holding| HoldingId(holding as u64)).collect());
            let appears = |block: &AccountBlock| block.txs.iter().any(|tx| names(tx, account));
            self.same(view.first_seen(id), naive.blocks.iter().position(appears).map(|block| self.height(block)));
            let label = naive.labels[at];
            self.same(view.root(Tier::T0, id), Some(AddressId(label as u64)));
            self.same(view.root(Tier::T1, id), Some(id));
            let cluster = (0..naive.labels.len()).filter(|&other| naive.labels[other] == label);
            let cluster: Vec<AddressId> = cluster.map(|other| AddressId(other as u64)).collect();
            self.report.clusters += u64::from(cluster.len() > 1);
            self.same(view.members(Tier::T0, id), cluster);
            self.same(view.members(Tier::T1, id), vec![id]);
        }
        let absent = Lock { kind: LockKind::Account, payload: &[1; 99] };
        self.same((view.address_of(absent), view.find_account(&Account(vec![1; 99]))), (None, None));
        self.same(view.merge_count(Tier::T0), naive.merges.len() as u64);
        let merges = view.merges(Tier::T0, 0..u64::MAX).map(|row| (row.tx.index(), row.a.index(), row.b.index()));
        self.same(merges.collect::<Vec<_>>(), naive.merges.clone());
    }

    fn tokens(&mut self) {
        let (naive, view) = (self.naive, self.view);
        self.same(u64::from(view.assets()), naive.tokens.len() as u64);
        for (number, token) in (0..).zip(&naive.tokens) {
            self.same(view.token(number), token.clone());
            self.same(view.asset_of(&token.id), Some(number));
        }
        self.same(view.asset_of("no such asset"), None);
        let seen = |kind: MoveKind| naive.moves.iter().any(|stood| stood.row.kind == kind);
        self.report.kinds = self.report.kinds.max(MoveKind::ALL.into_iter().filter(|&kind| seen(kind)).count() as u64);
    }
}

/// Whether a transaction names an account.
fn names(tx: &AccountTx, account: &Account) -> bool {
    let moved = tx.moves.iter().any(|row| row.from.as_ref() == Some(account) || row.to.as_ref() == Some(account));
    moved || tx.links.iter().any(|link| link.account == *account || link.controller == *account)
}
