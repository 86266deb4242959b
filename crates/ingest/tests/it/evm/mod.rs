//! Ethereum into a store, from a real node: every balance at every block is the node's, also after a reorganisation.

mod abi;
mod anvil;
mod following;
mod history;
mod multisig;
mod reconciling;
mod stage;
mod theft;

use std::collections::BTreeMap;
use std::sync::Arc;

use coinhound_chains::evm::rpc::{EvmError, Place};
use coinhound_chains::evm::{Address, ChainRules};
use coinhound_ingest::Control;
use coinhound_ingest::accounts::AccountOptions;
use coinhound_ingest::evm::{EvmLoadError, EvmOptions, EvmOutcome, Opening, load_evm};
use coinhound_model::{AccountLedger, Height, HoldingId, MoveKind, MovementId};
use coinhound_store::AccountView;
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::SimDisk;
use coinhound_testkit::evm::Curtain;
use ruint::aliases::U256;
use serde_json::{Value, json};

use crate::support::{assert_same, content};
use abi::{Arg, call};
use anvil::{Anvil, CHAIN, Setup, node_at, word, word_of};

const ETHER: u64 = 1_000_000_000_000_000_000;

fn options(openings: Option<Vec<Opening>>) -> EvmOptions {
    let accounts = AccountOptions { layout: LayoutParams::tiny(), threads: 1, ..AccountOptions::new(0) };
    EvmOptions { until: Place::Latest, openings, accounts, ..EvmOptions::new(0) }
}

fn address(text: &str) -> Address {
    let digits = text.trim_start_matches("0x");
    Address(std::array::from_fn(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("hexadecimal")))
}

fn amount(told: &Value) -> U256 {
    let digits = told.as_str().and_then(|text| text.strip_prefix("0x")).expect("a number");
    U256::from_str_radix(digits, 16).expect("a number")
}

/// What the node says its accounts owned in block 0.
fn openings(anvil: &Anvil) -> Vec<Opening> {
    let of = |account: String| {
        let wei = amount(&anvil.ask("eth_getBalance", json!([account, "0x0"])));
        Opening { account: address(&account), wei }
    };
    anvil.accounts().into_iter().map(of).collect()
}

fn load(anvil: &Anvil, disk: &SimDisk, options: &EvmOptions) -> Result<EvmOutcome, EvmLoadError> {
    load_evm(&mut anvil.node(), Arc::new(disk.clone()), options, &mut |_| Control::Go)
}

/// Lower-case digits behind `0x`.
fn hex(bytes: &[u8]) -> String {
    format!("0x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Whose holding it is.
fn owner(view: &AccountView, holding: HoldingId) -> Address {
    Address(view.lock(view.owner(holding)).expect("an owner").payload.try_into().expect("20 bytes"))
}

/// The contract of a token that moved; none for ether.
fn contract(view: &AccountView, holding: HoldingId) -> Option<Address> {
    view.token(view.asset(holding)).id.strip_prefix("erc20:").map(address)
}

/// What a node says of these holdings after a block, all asked at once.
fn told(anvil: &Anvil, view: &AccountView, holdings: &[HoldingId], height: Height) -> Vec<U256> {
    let place = format!("0x{:x}", height.0);
    let question = |&holding: &HoldingId| {
        let owner = owner(view, holding);
        let Some(contract) = contract(view, holding) else {
            return ("eth_getBalance", json!([owner.to_string(), place]));
        };
        let data = hex(&call("balanceOf(address)", &[Arg::Account(owner)]));
        ("eth_call", json!([{ "to": contract.to_string(), "data": data }, place]))
    };
    anvil.ask_all(&holdings.iter().map(question).collect::<Vec<_>>()).iter().map(amount).collect()
}

/// Holds every balance after every block against the node's, but for tokens that are no balances; how many there were.
fn compare(anvil: &Anvil, disk: &SimDisk, but: &[Address]) -> usize {
    let view = AccountView::open(disk).expect("a healthy store");
    assert!(view.is_complete(), "it begins with block 0 and what was owned then");
    let (mut balances, mut compared) = (BTreeMap::<HoldingId, U256>::new(), 0);
    for height in (0..=view.as_of().height.0).map(Height) {
        for movement in view.block_moves(height).expect("a stored height").map(MovementId) {
            let row = view.movement(movement);
            let counts = |holding: &HoldingId| !contract(&view, *holding).is_some_and(|token| but.contains(&token));
            if let Some(from) = row.from.filter(counts) {
                let balance = balances.entry(from).or_default();
                *balance =
                    balance.checked_sub(row.units).unwrap_or_else(|| panic!("{movement:?} takes what is not there"));
            }
            if let Some(to) = row.to.filter(counts) {
                *balances.entry(to).or_default() += row.units;
            }
        }
        let holdings: Vec<_> = balances.keys().copied().collect();
        for (theirs, (holding, ours)) in told(anvil, &view, &holdings, height).iter().zip(&balances) {
            let (owner, token) = (owner(&view, *holding), view.token(view.asset(*holding)).id);
            assert_eq!(ours, theirs, "{token} of {owner} after block {}", height.0);
            compared += 1;
        }
    }
    compared
}

/// A token, one with a fee, a wallet that sweeps without a log, one that reverts, one that ends.
fn play(anvil: &Anvil) {
    let accounts = anvil.accounts();
    let [alice, bob, carol, ..] = accounts.as_slice() else { panic!("anvil has ten accounts") };
    let heir = "0x00000000000000000000000000000000000d0e01";
    let token = anvil.deploy(alice, "Token", &[1_000_000, 0]);
    let taxed = anvil.deploy(bob, "Token", &[5_000_000, 3]);
    let wallet = anvil.deploy(carol, "HotWallet", &[]);
    let transfer = |to: &str, value| anvil.call("Token", "transfer(address,uint256)", &[word_of(to), word(value)]);
    let on_wallet = |function: &str, words: &[&str]| {
        anvil.call("HotWallet", function, &words.iter().map(|address| word_of(address)).collect::<Vec<_>>())
    };
    anvil.send(alice, Some(bob), 3 * ETHER, "");
    anvil.send(alice, Some(&token), 0, &transfer(bob, 400_000));
    anvil.send(bob, Some(&token), 0, &transfer(carol, 399_999));
    anvil.send(bob, Some(&taxed), 0, &transfer(alice, 1_000_001));
    anvil.send(alice, Some(&taxed), 0, &transfer(heir, 50));
    anvil.send(alice, Some(&token), 0, &anvil.call("Token", "burn(uint256)", &[word(1_000)]));
    let refused = anvil.send(carol, Some(&token), 0, &transfer(alice, 400_000));
    assert_eq!(refused["status"], "0x0", "nobody pays what he has not");
    anvil.send(bob, Some(&wallet), 10 * ETHER, "");
    let swept = anvil.send(carol, Some(&wallet), 0, &on_wallet("sweep(address,address)", &[alice, heir]));
    assert_eq!((&swept["status"], swept["logs"].as_array().map(Vec::len)), (&json!("0x1"), Some(0)));
    assert_eq!(anvil.send(bob, Some(&wallet), ETHER, &on_wallet("regret(address)", &[heir]))["status"], "0x0");
    assert_eq!(anvil.send(bob, Some(&wallet), ETHER, &on_wallet("half(address)", &[heir]))["status"], "0x1");
    assert_eq!(anvil.send(bob, Some(&wallet), 0, &on_wallet("end(address)", &[alice]))["status"], "0x1");
    anvil.ask("anvil_mine", json!(["0x3"]));
    anvil.send(alice, Some(carol), 7, "");
}

#[test]
fn every_balance_at_every_block_is_the_node_s_also_after_reorganisations() {
    let test = "every_balance_at_every_block_is_the_node_s_also_after_reorganisations";
    let Some(anvil) = Anvil::start_as(test, &Setup::MAINNET) else { return };
    let options = options(Some(openings(&anvil)));
    let world = history::play(&anvil);
    let odd = [world.taxed, world.rebasing, world.boaster];
    let disk = SimDisk::new();
    let outcome = load(&anvil, &disk, &options).expect("an honest node");
    assert_eq!((outcome.accounts.added, outcome.report.untraced_blocks), (anvil.height() + 1, 0));
    let compared = compare(&anvil, &disk, &odd);
    assert!(compared > 4_000, "{compared}");

    assert_eq!(load(&anvil, &disk, &options).expect("an honest node").accounts.added, 0, "there is nothing new");
    for depth in [1, 4, 19] {
        anvil.reorg(depth);
        let accounts = anvil.accounts();
        anvil.send(&accounts[5], Some(&accounts[6]), 5 * ETHER, "");
        let turned = load(&anvil, &disk, &options).expect("an honest node");
        assert_eq!((turned.accounts.removed, turned.accounts.added), (depth, depth + 1));
        compare(&anvil, &disk, &odd);
    }
    let fresh = SimDisk::new();
    load(&anvil, &fresh, &options).expect("an honest node");
    assert_same(&content(&fresh), &content(&disk), "a chain that was reorganised, and one that was read once");
}

#[test]
fn a_load_that_is_stopped_at_any_block_goes_on_to_the_same_bytes() {
    let Some(anvil) = Anvil::start("a_load_that_is_stopped_at_any_block_goes_on_to_the_same_bytes") else { return };
    let options = options(Some(openings(&anvil)));
    play(&anvil);
    let whole = SimDisk::new();
    load(&anvil, &whole, &options).expect("an honest node");
    let disk = SimDisk::new();
    for _ in 0..=anvil.height() {
        let storage = Arc::new(disk.clone());
        let outcome = load_evm(&mut anvil.node(), storage, &options, &mut |progress| match progress {
            coinhound_ingest::EvmProgress::Block { .. } => Control::Stop,
            _ => Control::Go,
        });
        assert_eq!(outcome.expect("an honest node").accounts.added, 1);
    }
    assert_same(&content(&whole), &content(&disk), "one commit for each block");
}

#[test]
fn another_chain_and_senders_who_did_not_sign_are_refused() {
    let Some(anvil) = Anvil::start("another_chain_and_senders_who_did_not_sign_are_refused") else { return };
    let disk = SimDisk::new();
    let plain = options(None);
    let mainnet =
        load_evm(&mut anvil.node_of(ChainRules::default()), Arc::new(disk.clone()), &plain, &mut |_| Control::Go);
    assert!(matches!(mainnet, Err(EvmLoadError::Node(EvmError::OtherChain { want: 1, .. }))), "{mainnet:?}");
    let start = EvmOptions { start: Some(Height(0)), ..plain.clone() };
    assert!(matches!(load(&anvil, &disk, &start), Err(EvmLoadError::NoOpenings)));
    let accounts = anvil.accounts();
    anvil.send(&accounts[0], Some(&accounts[1]), 1, "");
    let poor = "0x00000000000000000000000000000000000bad01";
    anvil.ask("anvil_setBalance", json!([poor, "0xde0b6b3a7640000"]));
    anvil.ask("anvil_impersonateAccount", json!([poor]));
    anvil.send(poor, Some(&accounts[1]), 1, "");
    anvil.ask("anvil_mine", json!(["0x1"]));
    let refused = load(&anvil, &disk, &plain);
    assert!(matches!(refused, Err(EvmLoadError::Node(EvmError::Json { .. }))), "{refused:?}");
    let view = AccountView::open(&disk).expect("block 1 is stored");
    assert_eq!(view.as_of().height, Height(1), "what was recomputed before stays, what nobody signed is not stored");
    assert!(!view.is_complete(), "nobody supplied what was owned before");
}

#[test]
fn a_node_that_offers_less_gives_the_same_bytes_or_what_is_missing_is_said() {
    let test = "a_node_that_offers_less_gives_the_same_bytes_or_what_is_missing_is_said";
    let Some(anvil) = Anvil::start_as(test, &Setup::MAINNET) else { return };
    let options = options(Some(openings(&anvil)));
    history::play(&anvil);
    let whole = SimDisk::new();
    load(&anvil, &whole, &options).expect("an honest node");
    let curtain = Curtain::before(anvil.port);
    let read = |hidden: &[&'static str]| {
        curtain.hide(hidden);
        let disk = SimDisk::new();
        let storage = Arc::new(disk.clone());
        let outcome = load_evm(&mut node_at(curtain.port(), anvil.rules), storage, &options, &mut |_| Control::Go);
        (disk, outcome.expect("an honest node").report.untraced_blocks)
    };
    let (disk, untraced) = read(&["debug_traceBlockByNumber", "eth_getBlockReceipts"]);
    assert_same(&content(&disk), &content(&whole), "the other form of traces, and receipts one by one");
    assert_eq!(untraced, 0);
    let (disk, untraced) = read(&["debug_traceBlockByNumber", "trace_block"]);
    assert!(untraced > 60, "{untraced}");
    let view = AccountView::open(&disk).expect("a healthy store");
    let is_said = |movement: MovementId| {
        let notes = view.notes(movement);
        notes.iter().any(|note| note.bytes == coinhound_chains::evm::rows::NO_TRACES.as_bytes())
    };
    let transfers = view.movements().map(MovementId).filter(|one| view.movement(*one).kind == MoveKind::Transfer);
    let (said, unsaid): (Vec<_>, Vec<_>) = transfers.partition(|one| is_said(*one));
    assert!(!said.is_empty() && unsaid.is_empty(), "{unsaid:?}");
}
