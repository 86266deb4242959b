//! A theft as from Bybit (February 2025), played on a node's chain: the owners of a wallet sign what looks like a transfer
//! and is another code for their wallet; the loot is fanned out, swapped, wrapped, bridged, and paid to an exchange.

use std::cell::RefCell;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::token::WRAPPED_ETHER;
use coinhound_model::Terminal;
use coinhound_sim::evm::keys::EvmKey;
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::model::{Asset, Event};
use crate::evm::abi::{Arg, call};
use crate::evm::anvil::Anvil;
use crate::evm::multisig::{Multisig, Operation};
use crate::evm::stage::{ETHER, Stage};
use crate::evm::{address, amount};

use Arg::{Account, List, Number};
use Asset::{Ether, Token};

/// Wei that the wallet held.
pub const HELD: u128 = 4_000 * ETHER;
/// Units of each token that it held.
pub const HELD_TOKENS: [u128; 2] = [50_000_000, 20_000_000];
/// Wei and tokens that the pool begins with.
const POOL: [u128; 2] = [500 * ETHER, 100_000_000];

/// What was played.
pub struct Theft {
    pub multisig: Multisig,
    /// The code that took its code's place.
    pub drain: Address,
    pub thief: Address,
    /// The transactions that took ether and both tokens.
    pub takings: Vec<String>,
    /// A token of its time, and one that counts shares as staked ether does.
    pub tokens: [Address; 2],
    /// A bridge, and an exchange's deposit address.
    pub services: [Address; 2],
    /// What exchanges assets: the pool.
    pub pool: Address,
    pub events: Vec<Event>,
}

/// The chain, and a record of what was sent on it.
struct Scene<'a> {
    stage: Stage<'a>,
    events: RefCell<Vec<Event>>,
}

/// The 40 wallets.
fn wallet(at: u64) -> EvmKey {
    EvmKey::of(1_000 + at)
}

/// Plays it.
pub fn play(anvil: &Anvil) -> Theft {
    anvil.plant("WrappedEther", &WRAPPED_ETHER.to_string());
    let scene = Scene { stage: Stage { anvil }, events: RefCell::default() };
    let stage = &scene.stage;
    let (maker, thief, bystander) =
        (stage.funded(100, 6_000 * ETHER), stage.funded(111, 10 * ETHER), stage.funded(122, 100 * ETHER));
    let tokens = ["Token", "Rebasing"].map(|name| {
        let fee = (name == "Token").then_some(Number(0));
        let args: Vec<_> = std::iter::once(Number(1_000_000_000)).chain(fee).collect();
        stage.deploy(&maker, name, 0, &args)
    });
    let pool = stage.deploy(&maker, "EtherPool", POOL[0], &[Account(tokens[0])]);
    stage.transfer(&maker, tokens[0], pool, POOL[1]);
    let bridge = stage.deploy(&maker, "Bridge", 0, &[]);
    let disperser = stage.deploy(&maker, "Disperser", 0, &[]);
    let multisig = Multisig::make(stage, &maker, (101..106).map(EvmKey::of).collect(), 3);
    stage.pay(&maker, multisig.address, HELD);
    for (token, units) in tokens.iter().zip(HELD_TOKENS) {
        stage.transfer(&maker, *token, multisig.address, units);
    }
    let drain = scene.overwrite(&multisig, &thief);
    let takings = scene.take(&multisig, &thief, tokens);
    scene.fan_out(&thief, disperser);
    scene.swap(&thief, tokens[0], pool);
    let exchange = EvmKey::of(150).address();
    scene.move_on(&bystander, [pool, bridge, exchange], tokens[0]);
    scene.transfer(&thief, tokens[1], wallet(5).address(), 5_000_000);
    let (thief, services) = (thief.address(), [bridge, exchange]);
    Theft { multisig, drain, thief, takings, tokens, services, pool, events: scene.events.into_inner() }
}

impl Scene<'_> {
    fn note(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }

    /// What a transaction cost who sent it.
    fn cost(&self, who: &EvmKey, receipt: &Value) {
        let [gas, price] = ["gasUsed", "effectiveGasPrice"].map(|field| amount(&receipt[field]));
        let block = self.stage.anvil.ask("eth_getBlockByNumber", json!([receipt["blockNumber"], false]));
        let base = amount(&block["baseFeePerGas"]);
        for (price, how) in [(base, Terminal::Burned), (price - base, Terminal::Fee)] {
            self.note(Event::Gone { who: who.address(), units: gas * price, how });
        }
    }

    fn pay(&self, from: &EvmKey, to: Address, wei: u128) {
        let receipt = self.stage.send(from, to, wei, Vec::new());
        self.note(Event::Paid { asset: Ether, from: from.address(), to, units: U256::from(wei) });
        self.cost(from, &receipt);
    }

    fn transfer(&self, from: &EvmKey, token: Address, to: Address, units: u128) {
        let receipt = self.stage.transfer(from, token, to, units);
        self.note(Event::Paid { asset: Token(token), from: from.address(), to, units: U256::from(units) });
        self.cost(from, &receipt);
    }

    /// A call that moves nothing but its price, whether it fails or not.
    fn call_for_nothing(&self, from: &EvmKey, to: Address, function: &str, args: &[Arg]) {
        let receipt = self.stage.try_send(from, Stage::draft(Some(to), 0, call(function, args)));
        self.cost(from, &receipt);
    }

    /// Three owners sign a delegated call of what looks like a transfer of nothing to the new code.
    fn overwrite(&self, multisig: &Multisig, thief: &EvmKey) -> Address {
        let stage = &self.stage;
        let overwriter = stage.deploy(thief, "Overwriter", 0, &[]);
        let drain = stage.deploy(thief, "Drain", 0, &[]);
        let transfer = call("transfer(address,uint256)", &[Account(drain), Number(0)]);
        multisig.execute(stage, thief, overwriter, (0, transfer), Operation::Delegate);
        let slot = stage.anvil.ask("eth_getStorageAt", json!([multisig.address.to_string(), "0x0", "latest"]));
        assert_eq!(address(&slot.as_str().expect("a word")[26..]), drain, "the wallet runs the thief's code");
        drain
    }

    fn take(&self, multisig: &Multisig, thief: &EvmKey, tokens: [Address; 2]) -> Vec<String> {
        let who = thief.address();
        let had = amount(&self.stage.anvil.ask("eth_getBalance", json!([who.to_string(), "latest"])));
        self.note(Event::Clean { asset: Ether, who, units: had });
        let mut takings = Vec::new();
        let mut take = |asset, units: u128, function: &str, args: &[Arg]| {
            let receipt = self.stage.call(thief, multisig.address, 0, function, args);
            self.note(Event::Taken { asset, thief: who, units: U256::from(units) });
            self.cost(thief, &receipt);
            takings.push(receipt["transactionHash"].as_str().expect("a hash").to_owned());
        };
        take(Ether, HELD, "sweepETH(address)", &[Account(who)]);
        for (token, units) in tokens.into_iter().zip(HELD_TOKENS) {
            take(Token(token), units, "sweepERC20(address,address)", &[Account(token), Account(who)]);
        }
        takings
    }

    /// Half of the wallets one by one, half by a contract that gives back what is over.
    fn fan_out(&self, thief: &EvmKey, disperser: Address) {
        (0..20).for_each(|at| self.pay(thief, wallet(at).address(), 90 * ETHER));
        let many = List((20..40).map(|at| Account(wallet(at).address())).collect());
        let each = 80 * ETHER;
        let args = [many, Number(each)];
        let receipt = self.stage.call(thief, disperser, 1_700 * ETHER, "disperse(address[],uint256)", &args);
        let paid = |from, to, wei: u128| self.note(Event::Paid { asset: Ether, from, to, units: U256::from(wei) });
        paid(thief.address(), disperser, 1_700 * ETHER);
        (20..40).for_each(|at| paid(disperser, wallet(at).address(), each));
        paid(disperser, thief.address(), 100 * ETHER);
        self.cost(thief, &receipt);
    }

    /// The thief sells tokens, at first in vain; one wallet buys some, pays too much and gets the rest back.
    fn swap(&self, thief: &EvmKey, token: Address, pool: Address) {
        let units = 30_000_000_u128;
        self.call_for_nothing(thief, pool, "sell(uint256)", &[Number(units)]);
        self.call_for_nothing(thief, token, "approve(address,uint256)", &[Account(pool), Number(units)]);
        let receipt = self.stage.call(thief, pool, 0, "sell(uint256)", &[Number(units)]);
        let [wei, tokens] = POOL.map(U256::from);
        let (given, got) = (U256::from(units), wei * U256::from(units) / (tokens + U256::from(units)));
        let (who, none) = (thief.address(), U256::ZERO);
        let sold = (Token(token), Ether);
        self.note(Event::Swapped { who, given: sold.0, debits: given, refunds: none, received: sold.1, credits: got });
        self.cost(thief, &receipt);

        let buyer = wallet(0);
        let (out, sent) = (U256::from(1_000_000), U256::from(12 * ETHER));
        let receipt = self.stage.call(&buyer, pool, 12 * ETHER, "buyExactly(uint256)", &[Number(1_000_000)]);
        let cost = (wei - got) * out / (tokens + given - out) + U256::ONE;
        let (who, refunds) = (buyer.address(), sent - cost);
        self.note(Event::Swapped { who, given: Ether, debits: sent, refunds, received: Token(token), credits: out });
        self.cost(&buyer, &receipt);
    }

    /// Wraps, unwraps, bridges, pays an exchange, mixes with money of somebody else, and passes on.
    fn move_on(&self, bystander: &EvmKey, [pool, bridge, exchange]: [Address; 3], token: Address) {
        let weth = Token(WRAPPED_ETHER);
        let swap = |who: &EvmKey, given, received, units: u128, receipt: &Value| {
            let (debits, refunds, who_is) = (U256::from(units), U256::ZERO, who.address());
            self.note(Event::Swapped { who: who_is, given, debits, refunds, received, credits: debits });
            self.cost(who, receipt);
        };
        let (wrapper, holder) = (wallet(1), wallet(2));
        let receipt = self.stage.call(&wrapper, WRAPPED_ETHER, 20 * ETHER, "deposit()", &[]);
        swap(&wrapper, Ether, weth, 20 * ETHER, &receipt);
        self.transfer(&wrapper, WRAPPED_ETHER, holder.address(), 12 * ETHER);
        let receipt = self.stage.call(&holder, WRAPPED_ETHER, 0, "withdraw(uint256)", &[Number(5 * ETHER)]);
        swap(&holder, weth, Ether, 5 * ETHER, &receipt);

        let receipt = self.stage.call(&wallet(3), bridge, 30 * ETHER, "lock(bytes32)", &[Arg::Word([9; 32])]);
        let units = U256::from(30 * ETHER);
        self.note(Event::Paid { asset: Ether, from: wallet(3).address(), to: bridge, units });
        self.cost(&wallet(3), &receipt);
        self.pay(&wallet(4), exchange, 40 * ETHER);

        let (mixed, last) = (wallet(6), wallet(7));
        self.stage.pay(bystander, mixed.address(), 50 * ETHER);
        self.note(Event::Clean { asset: Ether, who: mixed.address(), units: U256::from(50 * ETHER) });
        self.pay(&mixed, last.address(), 60 * ETHER);
        self.pay(&mixed, exchange, 20 * ETHER);
        self.pay(&last, exchange, 100 * ETHER);
        // Nothing that was stolen is touched by what the pool does with others.
        self.stage.call(bystander, pool, ETHER, "buy()", &[]);
        self.stage.transfer(bystander, token, bystander.address(), 1);
    }
}
