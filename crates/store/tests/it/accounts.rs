//! What a store of accounts takes, keeps and refuses.

use std::sync::Arc;

use coinhound_model::{
    Account, AccountBlock, AccountLedger, AccountMove, AccountTx, AddressId, ChainId, Hash256, Height, HoldingId,
    Ledger, MoveKind, MovementId, Token,
};
use coinhound_store::campaign::accounts::ToyAccounts;
use coinhound_store::campaign::ledger::ToyLedger;
use coinhound_store::campaign::rig::{assert_same, commit, files, fresh, tiny_params, writer};
use coinhound_store::check::check;
use coinhound_store::facts::{Facts, MoveRow, OutputRow};
use coinhound_store::layout::Span;
use coinhound_store::storage::{Dice, SimDisk};
use coinhound_store::{AccountView, Family, Note, View, Writer};
use ruint::aliases::U256;

fn toy(family: Family, blocks: u32) -> Facts {
    ToyLedger::random(family, 0, blocks, &mut Dice::new(11)).facts()
}

/// A ledger of one transaction.
fn single(moves: Vec<AccountMove>) -> ToyAccounts {
    let tx = AccountTx { hash: Hash256([5; 32]), moves, notes: Vec::new(), links: Vec::new() };
    let block = AccountBlock {
        height: Height(0),
        hash: Hash256([6; 32]),
        prev: Hash256::ZERO,
        time: 1_516_909_260,
        size: 100,
        maker: [0; 32],
        txs: vec![tx],
    };
    ToyAccounts { first: 0, blocks: vec![block] }
}

fn transfer(units: U256) -> AccountMove {
    AccountMove {
        kind: MoveKind::Transfer,
        token: Token { id: "nem:xem".to_owned(), ticker: "XEM".to_owned(), decimals: Some(6) },
        from: Some(Account(vec![1; 25])),
        to: Some(Account(vec![2; 25])),
        units,
    }
}

#[test]
fn a_store_of_one_family_is_not_opened_as_the_other() {
    let (coins, accounts) = (SimDisk::new(), SimDisk::new());
    commit(&mut writer(Family::Coins, &coins), None, &toy(Family::Coins, 5));
    commit(&mut writer(Family::Accounts, &accounts), None, &toy(Family::Accounts, 5));
    let told = AccountView::open(&coins).expect_err("coins").to_string();
    assert_eq!(told, "the store at `MANIFEST` holds coins, not accounts");
    let told = View::open(&accounts).expect_err("accounts").to_string();
    assert_eq!(told, "the store at `MANIFEST` holds accounts, not coins");
    let open = |disk: &SimDisk, family| {
        let chain = ChainId("toy:1".to_owned());
        let writer = Writer::open_or_create(Arc::new(disk.clone()), chain, tiny_params(family)).map(drop);
        writer.expect_err("the other family").to_string()
    };
    assert_eq!(open(&coins, Family::Accounts), "the store at `MANIFEST` holds coins, not accounts");
    assert_eq!(open(&accounts, Family::Coins), "the store at `MANIFEST` holds accounts, not coins");
}

#[test]
fn facts_of_one_family_do_not_enter_a_store_of_the_other() {
    for (store, facts, told) in [
        (Family::Coins, Family::Accounts, "the facts to store are those of accounts, the store holds coins"),
        (Family::Accounts, Family::Coins, "the facts to store are those of coins, the store holds accounts"),
    ] {
        let disk = SimDisk::new();
        let error =
            writer(store, &disk).commit(None, &toy(facts, 5), Note::default()).expect_err("of the other family");
        assert_eq!(error.to_string(), told);
    }
}

/// A change that makes sound facts of accounts contradict themselves.
type Change = fn(&mut Facts);

const CONTRADICTIONS: [(&str, Change); 13] = [
    ("a transaction of accounts says what only those of coins do", |facts| facts.txs[1].weight = 4),
    ("a movement has other sides than its kind", |facts| {
        let row = facts.moves[0];
        facts.moves[0] = MoveRow::new(MoveKind::Fee, row.from(), Some(HoldingId(0)), row.units());
    }),
    ("a holding is not numbered by appearance", |facts| {
        facts.moves[0] = MoveRow::new(MoveKind::Burn, Some(HoldingId(3)), None, U256::ONE);
    }),
    ("a movement's sides are of two assets", |facts| {
        let both = facts.moves.iter().find_map(|row| row.from().zip(row.to()).filter(|(from, to)| from != to));
        let (_, to) = both.expect("somebody pays somebody else");
        facts.holdings[to.index()].asset ^= 1;
    }),
    ("a holding's address is not known yet", |facts| facts.holdings[2].address = AddressId(1 << 30)),
    ("an asset is not numbered by appearance", |facts| facts.holdings.iter_mut().for_each(|row| row.asset += 1)),
    ("not every transaction lists its movements", |facts| {
        facts.tx_moves.pop();
    }),
    ("a transaction's movements leave its block", |facts| facts.tx_moves[1] = 1 << 40),
    ("an asset's text is not UTF-8", |facts| facts.asset_bytes[0] = 0xff),
    ("a note is out of order", |facts| facts.notes[0].tx = MovementId(1 << 30)),
    ("a note leaves its block", |facts| facts.notes[0].end = 1 << 40),
    ("a column is not as long as the counts say", |facts| {
        facts.moves.pop();
    }),
    ("an account ledger has coins", |facts| {
        facts.blocks.iter_mut().for_each(|block| block.ends.outputs = 1);
        facts.txs.iter_mut().for_each(|tx| tx.output_end = 1);
        facts.outputs.push(OutputRow::new(1, AddressId(0)));
    }),
];

#[test]
fn account_facts_that_contradict_themselves_are_refused() {
    for (what, change) in CONTRADICTIONS {
        let mut facts = toy(Family::Accounts, 14);
        change(&mut facts);
        let error = writer(Family::Accounts, &SimDisk::new()).commit(None, &facts, Note::default());
        let error = error.expect_err(what);
        let told = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        assert!(told.contains(what), "{what}: {told}");
    }
}

#[test]
fn amounts_of_every_width_come_back() {
    let widths = (0..256).map(|bit| U256::ONE << bit).flat_map(|power| [power, power - U256::ONE]);
    let units: Vec<U256> = widths.chain([U256::MAX]).collect();
    let ledger = single(units.iter().copied().map(transfer).collect());
    let disk = SimDisk::new();
    commit(&mut writer(Family::Accounts, &disk), None, &ledger.facts());
    let view = AccountView::open(&disk).expect("just written");
    let got: Vec<U256> = view.movements().map(|id| view.movement(MovementId(id)).units).collect();
    assert_eq!(got, units);
    assert_eq!(view.health(), Ok(()));
    let bytes = units.iter().map(|units| units.byte_len() as u64).sum::<u64>();
    let (_, _, rows, cost) = view.column_costs().into_iter().find(|row| row.1 == "move_unit").expect("there is one");
    assert_eq!((rows, cost), (bytes, bytes), "a row costs the bytes it needs");
}

#[test]
fn a_ledger_says_whether_it_begins_at_zero_and_who_made_it() {
    for (first, chain, complete, supplied) in
        [(0, "nem:104", true, false), (7, "nem:104", false, false), (0, "table:case-1", true, true)]
    {
        let disk = SimDisk::new();
        let facts = ToyAccounts::random(first, 3, &mut Dice::new(1)).facts();
        let (chain, params) = (ChainId(chain.to_owned()), tiny_params(Family::Accounts));
        let mut writer = Writer::open_or_create(Arc::new(disk.clone()), chain, params).expect("an empty disk");
        commit(&mut writer, None, &facts);
        let view = AccountView::open(&disk).expect("just written");
        assert_eq!((view.is_complete(), view.is_supplied()), (complete, supplied), "from {first}");
        let later = view.at(Height(first + 1)).expect("inside");
        assert_eq!((later.is_complete(), later.is_supplied()), (complete, supplied));
    }
}

#[test]
fn blocks_without_transactions_are_a_ledger_of_either_family() {
    for family in Family::ALL {
        let mut ledger = single(Vec::new());
        ledger.blocks[0].txs.clear();
        let disk = SimDisk::new();
        commit(&mut writer(family, &disk), None, &ledger.facts());
        match family {
            Family::Coins => assert!(View::open(&disk).expect("just written").movements().is_empty()),
            Family::Accounts => assert!(AccountView::open(&disk).expect("just written").movements().is_empty()),
        }
        assert!(check(&disk, &mut |_| {}).expect("has a manifest").findings.is_empty());
    }
}

#[test]
fn blocks_of_accounts_can_be_taken_away_and_given_back() {
    let long = toy(Family::Accounts, 40);
    let part = |start, end| long.slice(Span { start, end });
    let disk = SimDisk::new();
    let mut writer = writer(Family::Accounts, &disk);
    commit(&mut writer, None, &long);
    let done = commit(&mut writer, Some(Height(17)), &part(18, 18));
    assert_eq!((done.tip, done.tally.filtered), (Height(17), 1));
    assert_same(&files(&disk), &fresh(Family::Accounts, &part(0, 18)), "taken away");
    commit(&mut writer, Some(Height(17)), &part(18, 40));
    assert_same(&files(&disk), &fresh(Family::Accounts, &long), "given back");
}

/// What a check finds in a store of these facts.
fn found(facts: &Facts) -> String {
    let disk = SimDisk::new();
    commit(&mut writer(Family::Accounts, &disk), None, facts);
    let findings = check(&disk, &mut |_| {}).expect("has a manifest").findings;
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_check_finds_a_holding_that_is_there_twice() {
    let mut facts = toy(Family::Accounts, 30);
    assert_eq!(found(&facts), "");
    let first = facts.holdings[0];
    let late = facts.holdings.iter().rposition(|row| row.asset == first.asset).expect("the first at least");
    facts.holdings[late] = first;
    assert!(found(&facts).contains(&format!("an address has two holdings of one asset, row {late}")));
}

#[test]
fn a_check_finds_an_asset_that_is_there_twice() {
    let mut facts = toy(Family::Accounts, 30);
    let place = |name: &[u8]| facts.asset_bytes.windows(name.len()).position(|text| text == name).expect("is there");
    let (real, fake) = (place(b"dim:coin"), place(b"fake:xem"));
    facts.asset_bytes.copy_within(real..real + 8, fake);
    let told = found(&facts);
    assert!(told.contains("an asset has two numbers, row"), "{told}");
}

#[test]
fn a_question_about_accounts_that_a_view_does_not_hold_sticks_to_that_view_alone() {
    let disk = SimDisk::new();
    commit(&mut writer(Family::Accounts, &disk), None, &toy(Family::Accounts, 20));
    let tip = AccountView::open(&disk).expect("just written");
    let asked: [fn(&AccountView, &AccountView) -> bool; 4] = [
        |early, tip| early.movement(MovementId(tip.movements().end - 1)).units == U256::ZERO,
        |early, tip| !early.owner(HoldingId(tip.counts().holdings - 1)).is_some(),
        |early, tip| early.next(HoldingId(tip.counts().holdings - 1), MovementId(0)).is_none(),
        |early, _| early.token(1 << 20).id.is_empty(),
    ];
    for nothing in asked {
        let early = tip.at(Height(2)).expect("inside");
        assert!(nothing(&early, &tip));
        let told = early.health().expect_err("asked beyond its height").message;
        assert!(told.contains("at height 2` was asked for row"), "{told}");
    }
    assert_eq!(tip.health(), Ok(()));
}
