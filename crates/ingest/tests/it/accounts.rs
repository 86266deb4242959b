//! Account blocks into a store: the same bytes for any batches, restarts and reorganisations, and the right answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use coinhound_ingest::accounts::{ACCOUNT_BYTES_MAX, AccountError, AccountOptions, AccountSession};
use coinhound_model::{
    Account, AccountBlock, AccountLedger, AccountMove, AccountTx, AddressId, ChainId, Hash256, Height, Link, Lock,
    LockKind, MoveKind, MovementId, Note, NoteKind, Token,
};
use coinhound_sim::Rng;
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::SimDisk;
use coinhound_store::{AccountView, Tier};
use ruint::aliases::U256;

use crate::support::{Content, assert_same, content};

fn options() -> AccountOptions {
    AccountOptions { layout: LayoutParams::tiny(), threads: 1, ..AccountOptions::new(0) }
}

fn open(disk: &SimDisk, options: &AccountOptions) -> AccountSession {
    let chain = ChainId("nem:152".to_owned());
    AccountSession::open(Arc::new(disk.clone()), chain, options.clone()).expect("a healthy store opens")
}

fn view(disk: &SimDisk) -> AccountView {
    AccountView::open(disk).expect("a healthy store opens")
}

fn account(rng: &mut Rng, new: &mut u64) -> Account {
    if rng.chance(60) {
        *new += 1;
        return Account(format!("newcomer {new}").into_bytes());
    }
    Account(format!("account {}", rng.index(12)).into_bytes())
}

fn movement(rng: &mut Rng, new: &mut u64) -> AccountMove {
    let kind = MoveKind::ALL[rng.index(MoveKind::ALL.len())];
    let number = rng.index(5);
    let decimals = u8::try_from(number).ok().filter(|number| *number > 0);
    let token = Token { id: format!("asset:{number}"), ticker: format!("T{number}"), decimals };
    let units = U256::from_limbs([rng.range(0, u64::MAX - 1), rng.range(0, 2), 0, 0]) >> rng.index(100);
    let from = kind.takes().then(|| account(rng, new));
    let to = kind.gives().then(|| account(rng, new));
    AccountMove { kind, token, from, to, units }
}

fn tx(rng: &mut Rng, new: &mut u64, hash: Hash256) -> AccountTx {
    let moves = (0..rng.index(4)).map(|_| movement(rng, new)).collect();
    let kind = |rng: &mut Rng| NoteKind::ALL[rng.index(NoteKind::ALL.len())];
    let notes = (0..rng.index(3)).map(|_| Note { kind: kind(rng), bytes: vec![7; rng.index(40)] }).collect();
    let count = if rng.chance(300) { 1 + rng.index(2) } else { 0 };
    let links = (0..count).map(|_| Link { account: account(rng, new), controller: account(rng, new) }).collect();
    AccountTx { hash, moves, notes, links }
}

/// `count` blocks on top of others.
fn grown(below: &[AccountBlock], seed: u64, count: usize) -> Vec<AccountBlock> {
    let mut rng = Rng::new(seed);
    let name = |rng: &mut Rng| Hash256(std::array::from_fn(|_| u8::try_from(rng.index(256)).expect("a byte")));
    let mut blocks = below.to_vec();
    let mut new = seed * 1_000;
    for _ in 0..count {
        let (height, prev) = blocks.last().map_or((Height(7), Hash256::ZERO), |tip| (tip.height.next(), tip.hash));
        let hash = name(&mut rng);
        let txs = (0..rng.index(4)).map(|_| name(&mut rng)).collect::<Vec<_>>();
        let txs = txs.into_iter().map(|hash| tx(&mut rng, &mut new, hash)).collect();
        let (time, size) = (1_000 + height.0 * 60, 100);
        blocks.push(AccountBlock { height, hash, prev, time, size, maker: [9; 32], txs });
    }
    blocks
}

fn push(session: &mut AccountSession, blocks: &[AccountBlock]) {
    for block in blocks {
        session.push(block).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The store that one session with one commit leaves.
fn fresh(blocks: &[AccountBlock]) -> Content {
    let disk = SimDisk::new();
    let mut session = open(&disk, &options());
    push(&mut session, blocks);
    let outcome = session.finish().expect("commits");
    assert_eq!((outcome.added, outcome.removed), (blocks.len() as u64, 0));
    content(&disk)
}

#[test]
fn batches_of_any_size_leave_the_same_bytes() {
    let blocks = grown(&[], 1, 70);
    let want = fresh(&blocks);
    for (batch_rows, session_rows) in [(1, usize::MAX), (40, usize::MAX), (1, 0), (25, 60)] {
        let disk = SimDisk::new();
        let mut session = open(&disk, &AccountOptions { batch_rows, session_rows, ..options() });
        let commits = blocks.iter().filter(|block| session.push(block).expect("sound").is_some()).count();
        session.finish().expect("commits");
        assert!(commits > 5, "{commits} commits");
        assert_same(&content(&disk), &want, &format!("batches of {batch_rows}"));
    }
}

#[test]
fn sessions_that_go_on_leave_the_same_bytes() {
    let blocks = grown(&[], 2, 70);
    let want = fresh(&blocks);
    let (disk, mut rng, mut done, mut sessions) = (SimDisk::new(), Rng::new(3), 0, 0);
    while done < blocks.len() {
        let mut session = open(&disk, &options());
        let more = done + 1 + rng.index(6);
        push(&mut session, &blocks[done..more.min(blocks.len())]);
        if rng.chance(700) {
            session.finish().expect("commits");
            done = more.min(blocks.len());
        }
        // Otherwise the session is dropped, and with it what no commit holds.
        sessions += 1;
    }
    assert!(sessions > 20);
    assert_same(&content(&disk), &want, "many sessions");
}

#[test]
fn reorganisations_of_any_depth_leave_the_same_bytes() {
    let base = grown(&[], 4, 60);
    let mut rng = Rng::new(5);
    for round in 0..12 {
        let kept = 1 + rng.index(59);
        let branch = grown(&base[..kept], 100 + round, 10 + rng.index(60));
        let disk = SimDisk::new();
        // Some of the base is committed when the fork comes, some is not.
        let committed = rng.index(61);
        let mut session = open(&disk, &AccountOptions { batch_rows: 60, ..options() });
        push(&mut session, &base[..committed]);
        session.commit().expect("commits");
        push(&mut session, &base[committed..]);
        session.fork(branch[kept - 1].height).expect("in the ledger");
        assert_eq!(
            session.range().map(|(_, tip, hash)| (tip, hash)),
            Some((branch[kept - 1].height, branch[kept - 1].hash))
        );
        push(&mut session, &branch[kept..]);
        session.finish().expect("commits");
        assert_same(&content(&disk), &fresh(&branch), &format!("round {round}: {committed} committed, {kept} kept"));
    }
}

#[test]
fn what_a_fork_displaces_stays_until_the_commit() {
    let blocks = grown(&[], 6, 40);
    let disk = SimDisk::new();
    let mut session = open(&disk, &options());
    push(&mut session, &blocks);
    session.finish().expect("commits");
    let mut session = open(&disk, &options());
    session.fork(blocks[9].height).expect("in the ledger");
    drop(session);
    assert_same(&content(&disk), &fresh(&blocks), "dropped");
    let mut session = open(&disk, &options());
    session.fork(blocks[9].height).expect("in the ledger");
    let outcome = session.finish().expect("commits");
    assert_eq!((outcome.removed, outcome.added), (30, 0));
    assert_same(&content(&disk), &fresh(&blocks[..10]), "finished");
}

#[test]
fn a_session_knows_its_blocks_wherever_they_are() {
    let blocks = grown(&[], 7, 30);
    let disk = SimDisk::new();
    let mut session = open(&disk, &options());
    assert!(matches!(session.block(Height(7)), Err(AccountError::Empty)));
    assert!(matches!(session.fork(Height(7)), Err(AccountError::Empty)));
    push(&mut session, &blocks[..20]);
    session.commit().expect("commits");
    push(&mut session, &blocks[20..]);
    assert_eq!(session.range(), Some((Height(7), blocks[29].height, blocks[29].hash)));
    for block in &blocks {
        let stored = session.block(block.height).expect("in the ledger");
        assert_eq!((stored.hash, stored.prev, stored.time), (block.hash, block.prev, block.time));
    }
    for asked in [Height(6), Height(37)] {
        assert!(matches!(session.block(asked), Err(AccountError::OutOfRange { .. })));
        assert!(matches!(session.fork(asked), Err(AccountError::OutOfRange { .. })));
    }
    session.finish().expect("commits");
    let session = open(&disk, &options());
    let known = (0..5).filter_map(|number| session.token(&format!("asset:{number}"))).count();
    assert!(known > 3 && session.token("asset:9").is_none());
    assert!(session.commit_nothing());
}

/// A session with nothing to do commits nothing.
trait Idle {
    fn commit_nothing(self) -> bool;
}

impl Idle for AccountSession {
    fn commit_nothing(mut self) -> bool {
        let committed = self.commit().expect("nothing to do");
        let outcome = self.finish().expect("nothing to do");
        committed.is_none() && outcome.last.is_none() && (outcome.added, outcome.removed) == (0, 0)
    }
}

#[test]
fn a_refused_block_leaves_no_trace() {
    let blocks = grown(&[], 8, 30);
    let disk = SimDisk::new();
    let mut session = open(&disk, &options());
    push(&mut session, &blocks[..20]);
    let mut one_sided = blocks[20].clone();
    let mut newcomer = movement(&mut Rng::new(1), &mut 77);
    (newcomer.kind, newcomer.from, newcomer.to) = (MoveKind::Fee, None, Some(Account(b"somebody".to_vec())));
    one_sided.txs.push(AccountTx { hash: Hash256::ZERO, moves: vec![newcomer.clone()], notes: vec![], links: vec![] });
    let refused = session.push(&one_sided);
    let Err(error @ AccountError::Sides { kind: MoveKind::Fee, from: false, to: true, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        error
            .to_string()
            .ends_with("is a fee: it takes from somebody and gives to nobody, and names nobody and somebody")
    );
    let far = AccountBlock { height: Height(99), ..blocks[20].clone() };
    assert!(matches!(session.push(&far), Err(AccountError::OtherHeight { expected: Height(27), .. })));
    let stranger = AccountBlock { prev: blocks[3].hash, ..blocks[20].clone() };
    assert!(matches!(session.push(&stranger), Err(AccountError::NotNext { .. })));
    let mut large = blocks[20].clone();
    (newcomer.kind, newcomer.to) = (MoveKind::Mint, Some(Account(vec![1; ACCOUNT_BYTES_MAX + 1])));
    large.txs.push(AccountTx { hash: Hash256::ZERO, moves: vec![newcomer], notes: vec![], links: vec![] });
    assert!(matches!(session.push(&large), Err(AccountError::TooLarge { .. })));
    push(&mut session, &blocks[20..]);
    session.finish().expect("commits");
    assert_same(&content(&disk), &fresh(&blocks), "after four refusals");
}

#[test]
fn an_asset_that_comes_with_other_decimals_is_refused_wherever_it_appeared_before() {
    let token = |number: u8, decimals| Token { id: format!("asset:{number}"), ticker: "T".into(), decimals };
    let mint = |token| {
        let to = Some(Account(b"somebody".to_vec()));
        AccountMove { kind: MoveKind::Mint, token, from: None, to, units: U256::from(1_u8) }
    };
    let block = |below: &[AccountBlock], tokens: Vec<Token>| {
        let moves = tokens.into_iter().map(mint).collect();
        let tx = AccountTx { hash: Hash256([9; 32]), moves, notes: vec![], links: vec![] };
        AccountBlock { txs: vec![tx], ..grown(below, 1, 1).pop().expect("one at least") }
    };
    let first = block(&[], vec![token(1, None), token(2, Some(3))]);
    for is_stored in [false, true] {
        let disk = SimDisk::new();
        let mut session = open(&disk, &options());
        push(&mut session, std::slice::from_ref(&first));
        if is_stored {
            session.finish().expect("commits");
            session = open(&disk, &options());
        }
        let mut refused = |tokens| {
            let block = block(std::slice::from_ref(&first), tokens);
            let Err(AccountError::OtherDecimals { height, asset, expected, got, .. }) = session.push(&block) else {
                panic!("other decimals are refused")
            };
            assert_eq!(height, first.height.next());
            (asset, expected, got)
        };
        assert_eq!(refused(vec![token(2, Some(3)), token(1, Some(6))]), ("asset:1".into(), None, Some(6)));
        assert_eq!(refused(vec![token(2, None)]), ("asset:2".into(), Some(3), None));
        assert_eq!(refused(vec![token(3, Some(1)), token(3, Some(2))]), ("asset:3".into(), Some(1), Some(2)));
        push(&mut session, &[block(std::slice::from_ref(&first), vec![token(3, Some(2))])]);
        assert_eq!(session.token("asset:3"), Some(token(3, Some(2))), "a refused block leaves no trace");
    }
}

#[test]
fn a_store_of_another_chain_is_left_alone() {
    let disk = SimDisk::new();
    let mut session = open(&disk, &options());
    push(&mut session, &grown(&[], 9, 3));
    session.finish().expect("commits");
    let other = AccountSession::open(Arc::new(disk), ChainId("nem:104".to_owned()), options());
    assert!(matches!(other, Err(AccountError::Store(_))));
}

/// Names in the order of first appearance.
struct Ranks<T: Ord>(BTreeMap<T, u64>);

impl<T: Ord> Ranks<T> {
    fn rank(&mut self, name: T) -> u64 {
        let next = self.0.len() as u64;
        *self.0.entry(name).or_insert(next)
    }
}

#[test]
fn ids_are_ranks_of_first_appearance() {
    let blocks = grown(&[], 10, 50);
    let disk = SimDisk::new();
    let mut session = open(&disk, &AccountOptions { batch_rows: 30, session_rows: 90, ..options() });
    push(&mut session, &blocks);
    session.finish().expect("commits");
    let view = view(&disk);
    assert!(view.is_complete(), "the first block names no parent");
    let (mut people, mut assets) = (Ranks(BTreeMap::new()), Ranks(BTreeMap::new()));
    let mut holdings = Ranks(BTreeMap::new());
    let mut id = 0;
    for tx in blocks.iter().flat_map(|block| &block.txs) {
        let first = id;
        for one in &tx.moves {
            let asset = assets.rank(one.token.id.clone());
            let mut side = |account: &Option<Account>| {
                let person = people.rank(account.clone()?);
                Some(holdings.rank((person, asset)))
            };
            let (from, to) = (side(&one.from), side(&one.to));
            let got = view.movement(MovementId(id));
            assert_eq!((got.kind, got.units), (one.kind, one.units));
            assert_eq!((got.from.map(|id| id.0), got.to.map(|id| id.0)), (from, to));
            assert_eq!(view.notes(MovementId(id)), tx.notes);
            assert_eq!(view.fact(MovementId(id)).tx, tx.hash);
            id += 1;
        }
        if !tx.moves.is_empty() {
            let found = view.find(&tx.hash);
            assert_eq!((found.len(), found.first()), (1, Some(&(first..id))));
        }
        for link in &tx.links {
            people.rank(link.account.clone());
            people.rank(link.controller.clone());
        }
    }
    assert_eq!(
        (view.movements(), view.addresses(), u64::from(view.assets())),
        (0..id, people.0.len() as u64, assets.0.len() as u64)
    );
    for ((person, asset), holding) in holdings.0 {
        let holding = coinhound_model::HoldingId(holding);
        assert_eq!((view.owner(holding).0, u64::from(view.asset(holding))), (person, asset));
    }
    for (Account(name), person) in people.0 {
        assert_eq!(view.address_of(Lock { kind: LockKind::Account, payload: &name }), Some(AddressId(person)));
    }
    view.health().expect("sound");
}

#[test]
fn links_join_clusters_and_the_log_is_their_forest() {
    let blocks = grown(&[], 11, 60);
    let disk = SimDisk::new();
    let mut session = open(&disk, &AccountOptions { batch_rows: 20, session_rows: 50, ..options() });
    push(&mut session, &blocks);
    session.finish().expect("commits");
    let view = view(&disk);
    let id = |Account(name): &Account| {
        view.address_of(Lock { kind: LockKind::Account, payload: name }).expect("it was linked").0
    };
    let mut labels: Vec<u64> = (0..view.addresses()).collect();
    let (mut forest, mut rank) = (Vec::new(), 0);
    for tx in blocks.iter().flat_map(|block| &block.txs) {
        for link in &tx.links {
            let (a, b) = (id(&link.account), id(&link.controller));
            let at = |id: u64| usize::try_from(id).expect("few");
            let (x, y) = (labels[at(a)], labels[at(b)]);
            if x != y {
                forest.push((rank, a.min(b), a.max(b)));
                labels.iter_mut().filter(|label| **label == x.max(y)).for_each(|label| *label = x.min(y));
            }
        }
        rank += 1;
    }
    let log: Vec<_> =
        view.merges(Tier::T0, 0..view.merge_count(Tier::T0)).map(|row| (row.tx.0, row.a.0, row.b.0)).collect();
    assert!(log.len() > 10, "{} merges", log.len());
    assert_eq!(log, forest);
    for (address, label) in (0_u64..).zip(&labels) {
        assert_eq!(view.root(Tier::T0, AddressId(address)), Some(AddressId(*label)));
    }
    assert!(labels.iter().collect::<BTreeSet<_>>().len() > 1 && view.merge_count(Tier::T1) == 0);
}
