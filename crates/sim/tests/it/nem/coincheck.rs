//! The reconstruction: its blocks hold before `chains`, its books balance, its truth is what its blocks say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use coinhound_chains::nem::check::{Parent, check_block};
use coinhound_chains::nem::{Address, Body, NemLedger, Network, encode};
use coinhound_model::NoteKind;
use coinhound_sim::nem::Ledger;
use coinhound_sim::nem::body::mosaic_id;
use coinhound_sim::nem::coincheck::{Account, EndKind, Purpose, Role, Size, Story, Use, story};

const XEM: u64 = 1_000_000;

fn small() -> Story {
    story(1, Size::Small)
}

#[test]
fn every_block_stands_on_the_one_before() {
    let story = small();
    let mut parent = Parent::Nemesis { network: Network::Mijin, hash: None };
    for block in &story.blocks {
        check_block(block, &parent).unwrap_or_else(|fault| panic!("{fault}"));
        parent = Parent::of(block);
    }
    let tip = story.blocks.last().expect("not empty");
    assert_eq!((tip.height, tip.hash().to_string()), (story.truth.tip_height, story.truth.tip_hash));
}

#[test]
fn no_balance_falls_below_zero_and_the_supply_stays() {
    for (seed, size) in [(1, Size::Small), (2, Size::Small), (3, Size::Small), (1, Size::Full)] {
        let story = story(seed, size);
        let xem = mosaic_id("nem:xem");
        let mut ledger = Ledger::new(Network::Mijin);
        ledger.endow(story.blocks[0].harvested_by(), story.truth.supply);
        for block in &story.blocks {
            ledger.block(block).unwrap_or_else(|error| panic!("block {}: {error}", block.height));
            assert_eq!(ledger.total(&xem), story.truth.supply, "after block {}", block.height);
        }
        for account in &story.truth.accounts {
            let address = Address::parse(&account.address, Network::Mijin).expect("sound");
            assert_eq!(ledger.xem(&address), account.balance, "{}", account.address);
        }
    }
}

/// The balances of all holdings as the rows of a ledger of `chains` make them.
fn apply(balances: &mut BTreeMap<(Vec<u8>, String), u64>, moves: &[coinhound_model::AccountMove]) {
    for each in moves {
        let units = u64::try_from(each.units).expect("no mosaic has more");
        if let Some(from) = &each.from {
            let held = balances.entry((from.0.clone(), each.token.id.clone())).or_default();
            *held = held.checked_sub(units).expect("nobody pays what he has not");
        }
        if let Some(to) = &each.to {
            *balances.entry((to.0.clone(), each.token.id.clone())).or_default() += units;
        }
    }
}

#[test]
fn chains_books_the_same_balances_after_every_block() {
    for (seed, size) in [(1, Size::Small), (2, Size::Small), (1, Size::Full)] {
        let story = story(seed, size);
        let mut theirs = NemLedger::from_own_nemesis(Network::Mijin, story.first_hash());
        let mut ours = Ledger::new(Network::Mijin);
        ours.endow(story.blocks[0].harvested_by(), story.truth.supply);
        let mut balances = BTreeMap::new();
        for block in &story.blocks {
            let rows = theirs.take(block).unwrap_or_else(|error| panic!("block {}: {error}", block.height));
            rows.txs.iter().for_each(|tx| apply(&mut balances, &tx.moves));
            ours.block(block).expect("solvent");
            let notes = rows.txs.iter().flat_map(|tx| &tx.notes).filter(|note| note.kind == NoteKind::Flag);
            let open = notes.map(|note| String::from_utf8_lossy(&note.bytes)).find(|text| is_open(text));
            assert_eq!(open, None, "a ledger from the first block on knows everything");
            let touched: BTreeSet<_> = rows.txs.iter().flat_map(|tx| &tx.moves).flat_map(holdings).collect();
            for (account, asset) in touched {
                let address = Address(account.as_slice().try_into().expect("25 bytes"));
                let ours = ours.balance(&address, &mosaic_id(&asset));
                assert_eq!(balances[&(account, asset.clone())], ours, "{address} {asset} at {}", block.height);
            }
        }
    }
}

fn is_open(flag: &str) -> bool {
    flag.starts_with("unknown") || flag.starts_with("not booked")
}

fn holdings(each: &coinhound_model::AccountMove) -> Vec<(Vec<u8>, String)> {
    let sides = each.from.iter().chain(&each.to);
    sides.map(|account| (account.0.clone(), each.token.id.clone())).collect()
}

#[test]
fn every_account_of_the_chain_has_an_owner() {
    let story = story(1, Size::Full);
    let owned: BTreeMap<_, _> =
        story.truth.accounts.iter().map(|account| (account.address.as_str(), account)).collect();
    let mut ledger = NemLedger::from_own_nemesis(Network::Mijin, story.first_hash());
    let mut received: BTreeMap<String, u64> = BTreeMap::new();
    for block in &story.blocks {
        for tx in ledger.take(block).expect("sound").txs {
            for (account, asset) in tx.moves.iter().flat_map(holdings) {
                let address = Address(account.try_into().expect("25 bytes")).to_string();
                assert!(owned.contains_key(address.as_str()), "{address} of {asset}");
            }
            let reached = tx.moves.iter().filter(|each| each.token.id == "nem:xem" && each.from != each.to);
            let reached = reached.filter(|each| each.from.is_some());
            for (to, units) in reached.filter_map(|each| Some((each.to.as_ref()?, each.units))) {
                let to = Address(to.0.as_slice().try_into().expect("25 bytes"));
                *received.entry(format!("{} {to}", tx.hash)).or_default() += u64::try_from(units).expect("fits");
            }
        }
    }
    for tx in &story.truth.transactions {
        let Some(to) = tx.to else { continue };
        let key = format!("{} {}", tx.hash, story.truth.accounts[to as usize].address);
        assert_eq!(received.get(&key).copied().unwrap_or_default(), tx.units, "{key} {:?}", tx.purpose);
    }
}

#[test]
fn any_seed_tells_a_story() {
    let tips: BTreeSet<_> = (100..124).map(|seed| story(seed, Size::Small).truth.tip_hash).collect();
    assert_eq!(tips.len(), 24);
    for seed in [0, u64::MAX] {
        let theft = story(seed, Size::Full).truth.theft;
        assert_eq!(theft.stolen, 526_300_010 * XEM, "seed {seed}");
    }
}

#[test]
fn a_story_is_written_for_whoever_investigates_and_whoever_judges() {
    let story = small();
    let folder = tempfile::tempdir().expect("a folder");
    let files = story.write(&folder.path().join("made")).expect("written");
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("text");
    assert_eq!(read(&files.tag_pack), story.tag_pack);
    let truth: serde_json::Value = serde_json::from_str(&read(&files.truth)).expect("JSON");
    assert_eq!(truth["theft"]["stolen"], 526_300_010 * XEM);
    assert!(read(&files.swaps).contains("Made by coinhound-sim"));
}

#[test]
fn same_seed_same_bytes_and_another_seed_others() {
    let bytes = |story: &Story| story.blocks.iter().flat_map(encode::block).collect::<Vec<_>>();
    let (first, again, other) = (small(), small(), story(2, Size::Small));
    assert_eq!(bytes(&first), bytes(&again));
    assert_eq!(first, again);
    assert_ne!(bytes(&first), bytes(&other));
}

#[test]
fn the_theft_is_the_published_one() {
    let story = small();
    let units: Vec<_> = story.seeds.iter().map(|seed| seed.units / XEM).collect();
    let hundred = 100_000_000;
    let published =
        [10, hundred, hundred, hundred, hundred, hundred, 20_000_000, 3_000_000, 1_500_000, 1_000_000, 800_000];
    assert_eq!(units, published);
    assert_eq!(story.truth.theft.stolen, 526_300_010 * XEM);
    let made: Vec<_> = story.seeds.iter().map(|seed| made_at(&story, &seed.hash)).collect();
    assert_eq!((made[0], made[10]), (89_304_935, 89_335_175));
}

/// When a transaction was made, on NEM's clock.
fn made_at(story: &Story, hash: &str) -> u32 {
    let all = story.blocks.iter().flat_map(|block| &block.transactions);
    let made = all.clone().find(|signed| signed.hash().to_string() == hash);
    made.expect("in a block").transaction.head.timestamp
}

#[test]
fn every_stolen_unit_is_somewhere() {
    for (seed, size) in [(1, Size::Small), (2, Size::Small), (3, Size::Small), (1, Size::Full)] {
        let story = story(seed, size);
        let theft = &story.truth.theft;
        for (number, parcel) in (0..).zip(&theft.parcels) {
            let ends = theft.ends.iter().filter(|end| end.parcel == number);
            assert_eq!(ends.map(|end| end.units).sum::<u64>(), parcel.units, "parcel {number}");
        }
        let sold: u64 = theft.parcels[1..].iter().map(|parcel| parcel.units).sum();
        let ended = |kind| theft.ends.iter().filter(move |end| end.kind == kind).map(|end| end.units).sum::<u64>();
        assert_eq!(theft.parcels[0].units, theft.stolen);
        assert_eq!(ended(EndKind::Sold), sold);
        let final_ends = [EndKind::AtRest, EndKind::AtService, EndKind::Given, EndKind::Fee];
        assert_eq!(final_ends.map(ended).iter().sum::<u64>(), theft.stolen);
        let whole = |units: u64| units / XEM;
        println!("{size:?} {seed}: sold {}, {:?}", whole(sold), final_ends.map(ended).map(whole));
        assert!(ended(EndKind::AtService) > theft.stolen / 10 * 8, "most of it is cashed");
        assert!(ended(EndKind::AtRest) > 4_000_000 * XEM, "some of it rests");
    }
}

#[test]
fn what_rests_is_there() {
    let story = small();
    let mut rests: BTreeMap<u32, u64> = BTreeMap::new();
    for end in story.truth.theft.ends.iter().filter(|end| end.kind == EndKind::AtRest) {
        let account = end.account.expect("somewhere");
        let role = story.truth.owners[story.truth.accounts[account as usize].owner as usize].role;
        assert!(matches!(role, Role::Thief | Role::Buyer), "{role:?}");
        *rests.entry(account).or_default() += end.units;
    }
    for (account, units) in rests {
        assert!(story.truth.accounts[account as usize].balance >= units);
    }
}

#[test]
fn the_truth_lists_the_transactions_of_the_blocks_in_their_order() {
    let story = small();
    let in_blocks = story
        .blocks
        .iter()
        .flat_map(|block| block.transactions.iter().map(move |signed| (block.height, signed.hash().to_string())));
    let told = story.truth.transactions.iter().map(|tx| (tx.height, tx.hash.clone()));
    assert!(in_blocks.eq(told));
    let hashes: BTreeSet<_> = story.truth.transactions.iter().map(|tx| tx.hash.as_str()).collect();
    assert_eq!(hashes.len(), story.truth.transactions.len(), "no hash stands twice");
    let named = story.truth.deposits.iter().map(|deposit| &deposit.hash);
    let named = named.chain(story.truth.tags.iter().map(|tag| &tag.hash));
    let named = named.chain(story.truth.swaps.iter().map(|swap| &swap.deposit));
    assert!(named.chain(story.seeds.iter().map(|seed| &seed.hash)).all(|hash| hashes.contains(hash.as_str())));
}

#[test]
fn the_fees_of_leased_blocks_go_to_the_lessor() {
    let story = small();
    let lessor = &story.truth.lessor;
    assert!(lessor.heights.len() > 5, "{:?}", lessor.heights);
    let address = |account: u32| story.truth.accounts[account as usize].address.clone();
    let mut ledger = Ledger::new(Network::Mijin);
    ledger.endow(story.blocks[0].harvested_by(), story.truth.supply);
    for block in &story.blocks {
        let leased = lessor.heights.contains(&block.height);
        let paid = ledger.block(block).expect("solvent").to_string();
        assert_eq!(block.harvested_by().to_string() == address(lessor.remote), leased);
        assert_eq!(paid == address(lessor.lessor), leased);
    }
}

#[test]
fn customers_are_shared_and_messages_hide_some() {
    let story = small();
    let truth = &story.truth;
    let is_buyer = |owner: u32| truth.owners[owner as usize].role == Role::Buyer;
    let mut payers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for deposit in truth.deposits.iter().filter(|deposit| is_buyer(deposit.payer)) {
        payers.entry(deposit.customer).or_default().insert(deposit.payer);
    }
    assert!(payers.values().any(|payers| payers.len() > 1), "several buyers, one customer");
    let mut customers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (customer, payers) in &payers {
        let service = truth.customers[*customer as usize].service;
        let exchange = truth.owners[service as usize].role == Role::Exchange;
        for payer in payers.iter().filter(|_| exchange) {
            customers.entry(*payer).or_default().insert(*customer);
        }
    }
    assert!(customers.values().any(|customers| customers.len() > 1), "one buyer, two customers");
    assert!(truth.deposits.iter().any(|deposit| deposit.encrypted));
    assert!(
        truth.deposits.iter().any(|deposit| deposit.loot > 0 && deposit.loot < deposit.units),
        "mixed in one deposit"
    );
}

#[test]
fn readable_messages_name_the_customer() {
    let story = small();
    let all = story.blocks.iter().flat_map(|block| &block.transactions);
    let by_hash: BTreeMap<_, _> = all.map(|signed| (signed.hash().to_string(), signed)).collect();
    for deposit in story.truth.deposits.iter().filter(|deposit| !deposit.encrypted) {
        let body = match &by_hash[&deposit.hash].transaction.body {
            Body::Multisig(multisig) => &multisig.inner.body,
            body => body,
        };
        let Body::Transfer(transfer) = body else { panic!("deposits are transfers") };
        let message = transfer.message.as_ref().expect("a number").payload.clone();
        let customer = &story.truth.customers[deposit.customer as usize];
        assert_eq!(String::from_utf8(message).expect("text"), customer.id);
    }
}

#[test]
fn marks_are_late_incomplete_and_stop() {
    let story = story(1, Size::Full);
    let truth = &story.truth;
    let tagged: BTreeSet<_> = truth.tags.iter().map(|tag| tag.account).collect();
    let innocent = truth.tags.iter().filter(|tag| tag.innocent).count();
    println!("{} accounts marked, {innocent} marks on the innocent", tagged.len());
    assert!(innocent > 5, "poison by account reaches strangers");
    let untagged = |(number, account): (u32, &Account)| {
        truth.owners[account.owner as usize].role == Role::Thief
            && account.usage == Use::Stash
            && !tagged.contains(&number)
    };
    assert!((0..).zip(&truth.accounts).any(untagged), "accounts opened after the marking stopped, or missed");
    let last = truth.transactions.iter().rfind(|tx| tx.purpose == Purpose::Tag).expect("marks");
    assert!(last.time < 1_521_298_800 + 7_200, "after 18 March in Japan");
    assert!(truth.transactions.iter().any(|tx| tx.purpose == Purpose::TagReturn));
}

#[test]
fn a_payout_in_bitcoin_is_worth_its_deposit_within_minutes() {
    let story = small();
    let all: BTreeMap<_, _> = story.truth.transactions.iter().map(|tx| (tx.hash.as_str(), tx)).collect();
    assert!(story.truth.swaps.len() >= 3);
    for swap in &story.truth.swaps {
        let (deposit, payout) = (all[swap.deposit.as_str()], &story.swaps.payouts[swap.payout as usize]);
        let rate = story.swaps.rates.iter().rfind(|rate| rate.time <= payout.time).expect("an hour");
        let worth = u128::from(deposit.units) * u128::from(rate.millisat_per_xem) / 1_000_000_000;
        let worth = u64::try_from(worth).expect("fits");
        assert!(payout.sat <= worth && payout.sat + 40_000 >= worth / 1000 * 995, "{payout:?} of {worth}");
    }
    assert!(story.swaps.payouts.len() > story.truth.swaps.len(), "some payouts answer other coins");
}

#[test]
fn no_address_of_a_story_is_one_of_the_main_network() {
    let story = small();
    assert!(story.truth.accounts.iter().all(|account| account.address.starts_with('M')));
    assert!(story.tag_pack.contains("made") && !story.tag_pack.contains("thief"));
    assert!(story.truth.notice.contains("reconstruction"));
}

#[test]
fn sizes_and_times() {
    for size in [Size::Small, Size::Full] {
        let began = Instant::now();
        let story = story(1, size);
        let took = began.elapsed();
        let mut purposes: BTreeMap<Purpose, usize> = BTreeMap::new();
        story.truth.transactions.iter().for_each(|tx| *purposes.entry(tx.purpose).or_default() += 1);
        let (blocks, txs) = (story.blocks.len(), story.truth.transactions.len());
        println!("{size:?}: {blocks} blocks, {txs} transactions, {} accounts, {took:?}", story.truth.accounts.len());
        println!("{purposes:?}");
        let most = story.blocks.iter().skip(1).map(|block| block.transactions.len()).max();
        println!(
            "most in a block: {most:?}; parcels {}, swaps {}",
            story.truth.theft.parcels.len(),
            story.swaps.payouts.len()
        );
    }
}
