//! A rich history on a node's chain: every kind of transaction, contract and token that balances have to survive.

use coinhound_chains::evm::token::WRAPPED_ETHER;
use coinhound_chains::evm::{Address, Hash, TxType};
use coinhound_sim::evm::draft::Draft;
use coinhound_sim::evm::keys::EvmKey;
use serde_json::{Value, json};

use super::abi::{Arg, call};
use super::anvil::Anvil;
use super::multisig::{Multisig, Operation};
use super::stage::{ETHER, Stage};

use Arg::{Account, List, Number};

/// What happened that tests ask for.
pub struct World {
    pub people: [EvmKey; 4],
    /// Tokens whose balances are those of their logs.
    pub honest: Vec<Address>,
    /// Takes a fee on transfer and does not say so.
    pub taxed: Address,
    /// Balances change without a log.
    pub rebasing: Address,
    /// Says things, and knows no balances.
    pub boaster: Address,
}

/// Plays it.
pub fn play(anvil: &Anvil) -> World {
    anvil.plant("WrappedEther", &WRAPPED_ETHER.to_string());
    let stage = Stage { anvil };
    let people = [1, 2, 3, 4].map(|number| stage.funded(number, 500 * ETHER));
    let mut honest = tokens(&stage, &people);
    honest.push(proxy(&stage, &people));
    let [taxed, rebasing, boaster] = odd_tokens(&stage, &people);
    payments_inside(&stage, &people);
    endings(&stage, &people);
    multisig(&stage, &people, honest[0]);
    pools(&stage, &people, honest[0], honest[1]);
    wrapped(&stage, &people);
    honest.push(WRAPPED_ETHER);
    collectibles(&stage, &people);
    types(&stage, &people);
    crowd(&stage, &people, honest[0]);
    World { people, honest, taxed, rebasing, boaster }
}

/// Two that say all, one of which says its fee too, and one that returns nothing.
fn tokens(stage: &Stage<'_>, [alice, bob, carol, _]: &[EvmKey; 4]) -> Vec<Address> {
    let plain = stage.deploy(alice, "Token", 0, &[Number(1_000_000_000), Number(0)]);
    let other = stage.deploy(alice, "Token", 0, &[Number(2_000_000_000), Number(0)]);
    let told = stage.deploy(bob, "Token", 0, &[Number(5_000_000), Number(3)]);
    let quiet = stage.deploy(carol, "Quiet", 0, &[Number(77_777)]);
    stage.transfer(alice, plain, bob.address(), 400_000);
    stage.transfer(bob, plain, carol.address(), 399_999);
    stage.transfer(bob, plain, bob.address(), 1);
    stage.transfer(bob, plain, alice.address(), 0);
    stage.transfer(bob, told, alice.address(), 1_000_001);
    stage.transfer(alice, told, carol.address(), 50);
    stage.transfer(carol, quiet, alice.address(), 70_000);
    stage.transfer(alice, quiet, bob.address(), 69_999);
    stage.call(alice, plain, 0, "burn(uint256)", &[Number(1_000)]);
    stage.call_in_vain(bob, plain, 0, "transfer(address,uint256)", &[Account(alice.address()), Number(1 << 60)]);
    stage.call(alice, plain, 0, "approve(address,uint256)", &[Account(bob.address()), Number(5_000)]);
    let from = [Account(alice.address()), Account(carol.address()), Number(4_321)];
    stage.call(bob, plain, 0, "transferFrom(address,address,uint256)", &from);
    vec![plain, other, told, quiet]
}

fn proxy(stage: &Stage<'_>, [alice, bob, carol, _]: &[EvmKey; 4]) -> Address {
    let [first, second] = ["Minted", "Seizing"].map(|name| stage.deploy(alice, name, 0, &[]));
    let proxy = stage.deploy(alice, "Proxy", 0, &[Account(first)]);
    stage.call(bob, proxy, 0, "mint(address,uint256)", &[Account(bob.address()), Number(1_000)]);
    stage.transfer(bob, proxy, carol.address(), 300);
    stage.call(alice, proxy, 0, "upgradeTo(address)", &[Account(second)]);
    stage.call(alice, proxy, 0, "seize(address,address)", &[Account(carol.address()), Account(alice.address())]);
    proxy
}

fn odd_tokens(stage: &Stage<'_>, [alice, bob, carol, dave]: &[EvmKey; 4]) -> [Address; 3] {
    let taxed = stage.deploy(alice, "Taxed", 0, &[Number(1_000_000)]);
    let rebasing = stage.deploy(alice, "Rebasing", 0, &[Number(1_000_000)]);
    let boaster = stage.deploy(alice, "Boaster", 0, &[]);
    stage.transfer(alice, taxed, bob.address(), 100_000);
    stage.transfer(bob, taxed, carol.address(), 40_000);
    stage.transfer(carol, taxed, dave.address(), 10_000);
    stage.transfer(alice, rebasing, bob.address(), 100_000);
    stage.call(dave, rebasing, 0, "rebase(uint256)", &[Number(105)]);
    stage.transfer(bob, rebasing, carol.address(), 104_000);
    stage.call(dave, boaster, 0, "boast(address)", &[Account(carol.address())]);
    [taxed, rebasing, boaster]
}

/// Ether that contracts pass on without a log, keep, give back, or lose again.
fn payments_inside(stage: &Stage<'_>, [alice, bob, carol, dave]: &[EvmKey; 4]) {
    let wallet = stage.deploy(carol, "HotWallet", 0, &[]);
    let (one, heir) = (Account(alice.address()), EvmKey::of(90).address());
    stage.pay(bob, wallet, 10 * ETHER);
    let swept = stage.call(carol, wallet, 0, "sweep(address,address)", &[one, Account(heir)]);
    assert_eq!(swept["logs"].as_array().map(Vec::len), Some(0));
    stage.call_in_vain(bob, wallet, ETHER, "regret(address)", &[Account(heir)]);
    stage.call(bob, wallet, ETHER, "half(address)", &[Account(heir)]);
    let disperser = stage.deploy(dave, "Disperser", 0, &[]);
    let many = List((200..220).map(|number| Account(EvmKey::of(number).address())).collect());
    stage.call(dave, disperser, 7 * ETHER, "disperse(address[],uint256)", &[many, Number(ETHER / 4)]);
    let too_many = List((200..220).map(|number| Account(EvmKey::of(number).address())).collect());
    stage.call_in_vain(dave, disperser, ETHER, "disperse(address[],uint256)", &[too_many, Number(ETHER / 4)]);
    let bridge = stage.deploy(dave, "Bridge", 0, &[]);
    stage.call(dave, bridge, 3 * ETHER, "lock(bytes32)", &[Arg::Word([7; 32])]);
    stage.call(bob, wallet, 0, "end(address)", &[Account(alice.address())]);
}

/// Contracts that end: in the transaction that makes them, and later; for an heir, and for themselves.
fn endings(stage: &Stage<'_>, [alice, bob, ..]: &[EvmKey; 4]) {
    let maker = stage.deploy(alice, "BriefMaker", 0, &[]);
    stage.call(alice, maker, ETHER, "inherit(address)", &[Account(bob.address())]);
    stage.call(alice, maker, 2 * ETHER, "destroy()", &[]);
    stage.call(bob, maker, ETHER, "keep()", &[]);
    let lasting = stage.deploy(bob, "Brief", 3 * ETHER, &[]);
    stage.call(bob, lasting, 0, "endForItself()", &[]);
    assert_eq!(stage.anvil.ask("eth_getBalance", json!([lasting.to_string(), "latest"])), format!("0x{:x}", 3 * ETHER));
    stage.call(bob, lasting, 0, "end(address)", &[Account(alice.address())]);
}

fn multisig(stage: &Stage<'_>, [alice, bob, carol, dave]: &[EvmKey; 4], token: Address) {
    let owners = (20..25).map(EvmKey::of).collect();
    let wallet = Multisig::make(stage, alice, owners, 3);
    stage.pay(bob, wallet.address, 20 * ETHER);
    stage.transfer(alice, token, wallet.address, 9_000);
    wallet.execute(stage, dave, carol.address(), (4 * ETHER, Vec::new()), Operation::Call);
    let pay = call("transfer(address,uint256)", &[Account(carol.address()), Number(2_000)]);
    wallet.execute(stage, dave, token, (0, pay), Operation::Call);
    let add = call("addOwnerWithThreshold(address,uint256)", &[Account(dave.address()), Number(4)]);
    wallet.execute(stage, dave, wallet.address, (0, add), Operation::Call);
    let few = [Account(dave.address()), Number(1), Arg::Bytes(Vec::new()), Number(0), Arg::Bytes(vec![0; 65])];
    stage.call_in_vain(dave, wallet.address, 0, "execTransaction(address,uint256,bytes,uint8,bytes)", &few);
}

fn pools(stage: &Stage<'_>, [alice, bob, carol, _]: &[EvmKey; 4], one: Address, other: Address) {
    let pool = stage.deploy(alice, "EtherPool", 50 * ETHER, &[Account(one)]);
    stage.transfer(alice, one, pool, 100_000_000);
    stage.call(bob, pool, ETHER, "buy()", &[]);
    stage.call(carol, pool, 2 * ETHER, "buyExactly(uint256)", &[Number(1_000_000)]);
    stage.call_in_vain(carol, pool, ETHER / 100, "buyExactly(uint256)", &[Number(9_000_000)]);
    stage.call(bob, one, 0, "approve(address,uint256)", &[Account(pool), Number(500_000)]);
    stage.call(bob, pool, 0, "sell(uint256)", &[Number(500_000)]);
    let pair = stage.deploy(alice, "PairPool", 0, &[Account(one), Account(other)]);
    let router = stage.deploy(alice, "Router", 0, &[]);
    stage.transfer(alice, one, pair, 50_000_000);
    stage.transfer(alice, other, pair, 150_000_000);
    stage.call(carol, one, 0, "approve(address,uint256)", &[Account(router), Number(600_000)]);
    let swap = |value| [Account(pair), Number(1), Number(value)];
    stage.call(carol, router, 0, "swap(address,bool,uint256)", &swap(600_000));
    stage.call_in_vain(carol, router, 0, "swap(address,bool,uint256)", &swap(1));
}

fn wrapped(stage: &Stage<'_>, [alice, bob, ..]: &[EvmKey; 4]) {
    stage.call(alice, WRAPPED_ETHER, 5 * ETHER, "deposit()", &[]);
    stage.pay(bob, WRAPPED_ETHER, ETHER);
    stage.transfer(alice, WRAPPED_ETHER, bob.address(), 2 * ETHER);
    stage.call(bob, WRAPPED_ETHER, 0, "withdraw(uint256)", &[Number(ETHER / 2)]);
    stage.call_in_vain(bob, WRAPPED_ETHER, 0, "withdraw(uint256)", &[Number(1_000 * ETHER)]);
}

fn collectibles(stage: &Stage<'_>, [alice, bob, ..]: &[EvmKey; 4]) {
    let unique = stage.deploy(alice, "Unique", 0, &[]);
    let multiple = stage.deploy(alice, "Multiple", 0, &[]);
    stage.call(alice, unique, 0, "mint(uint256)", &[Number(7)]);
    let given = [Account(alice.address()), Account(bob.address()), Number(7)];
    stage.call(alice, unique, 0, "transferFrom(address,address,uint256)", &given);
    stage.call(alice, multiple, 0, "mint(uint256,uint256)", &[Number(1), Number(10)]);
    let lists = [Account(bob.address()), List(vec![Number(1)]), List(vec![Number(4)])];
    stage.call(alice, multiple, 0, "give(address,uint256[],uint256[])", &lists);
}

/// One of each type but the one with blobs, the first also in its oldest form. Anvil 1.7 puts the blobs themselves under the
/// root of a block's transactions, where Ethereum has their names alone: no block of its with blobs is one of Ethereum.
fn types(stage: &Stage<'_>, [alice, bob, carol, dave]: &[EvmKey; 4]) {
    let to = Some(bob.address());
    let draft = |kind| Draft { kind, ..Stage::draft(to, ETHER / 8, Vec::new()) };
    let told = |receipt: &Value| receipt["type"].as_str().expect("a type").to_owned();
    let access = vec![(carol.address(), vec![Hash([1; 32])])];
    let old = stage.try_send(alice, Draft { names_chain: false, ..draft(TxType::Legacy) });
    let legacy = stage.try_send(alice, draft(TxType::Legacy));
    let listed = stage.try_send(alice, Draft { access: access.clone(), ..draft(TxType::AccessList) });
    let market = stage.try_send(alice, Draft { access, ..draft(TxType::FeeMarket) });
    let wallet = stage.deploy(carol, "HotWallet", 0, &[]);
    let lent = stage.funded(30, 9 * ETHER);
    let delegations = vec![(lent, wallet, 0)];
    let set = stage.try_send(dave, Draft { delegations, ..draft(TxType::SetCode) });
    let types = [old, legacy, listed, market, set].map(|receipt| told(&receipt));
    assert_eq!(types, ["0x0", "0x0", "0x1", "0x2", "0x4"]);
    // An account with a key runs a contract's code now: what it had goes without its own transaction.
    let heirs = [Account(alice.address()), Account(EvmKey::of(91).address())];
    stage.call(dave, lent.address(), 0, "sweep(address,address)", &heirs);
    assert_eq!(stage.anvil.ask("eth_getBalance", json!([lent.address().to_string(), "latest"])), "0x0");
}

/// Many transactions in one block: what one receives the next one passes on.
fn crowd(stage: &Stage<'_>, [alice, bob, carol, dave]: &[EvmKey; 4], token: Address) {
    stage.anvil.ask("evm_setAutomine", json!([false]));
    let send = |key: &EvmKey, to: Address, wei: u128, input: Vec<u8>| {
        stage.submit(&stage.sign(key, Stage::draft(Some(to), wei, input)).envelope)
    };
    let pay = |to: &EvmKey, units| call("transfer(address,uint256)", &[Account(to.address()), Number(units)]);
    let mut sent = vec![
        send(alice, bob.address(), ETHER, Vec::new()),
        send(bob, carol.address(), 2 * ETHER, Vec::new()),
        send(alice, token, 0, pay(bob, 11)),
        send(bob, token, 0, pay(carol, 1 << 70)),
        send(bob, token, 0, pay(dave, 10)),
    ];
    sent.push(send(dave, token, 0, pay(alice, 9)));
    stage.anvil.ask("evm_mine", json!([]));
    stage.anvil.ask("evm_setAutomine", json!([true]));
    let places: Vec<_> = sent.iter().map(|hash| stage.anvil.receipt(hash)["blockNumber"].clone()).collect();
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
}
