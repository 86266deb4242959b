//! Who plays on a node's chain: accounts with keys of ours, what they sign, and the contracts that they put there.

use coinhound_chains::evm::{Address, TxType};
use coinhound_sim::evm::draft::{Draft, Signed};
use coinhound_sim::evm::keys::EvmKey;
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::abi::{Arg, arguments, call};
use super::anvil::{Anvil, number};
use super::{address, hex};

/// Wei in one ether.
pub const ETHER: u128 = 1_000_000_000_000_000_000;

/// A chain on which our accounts act.
pub struct Stage<'a> {
    pub anvil: &'a Anvil,
}

impl Stage<'_> {
    /// Account number so and so, with this much ether from the node's richest accounts.
    pub fn funded(&self, number: u64, wei: u128) -> EvmKey {
        let key = EvmKey::of(number);
        let rich = self.anvil.accounts();
        let rich = &rich[usize::try_from(number).expect("small") % rich.len()];
        let tx = json!({ "from": rich, "to": key.address().to_string(), "value": format!("0x{wei:x}") });
        let receipt = self.anvil.receipt(&self.anvil.ask("eth_sendTransaction", json!([tx])));
        assert_eq!(receipt["status"], "0x1");
        key
    }

    /// A transaction of the usual type.
    pub fn draft(to: Option<Address>, wei: u128, input: Vec<u8>) -> Draft {
        let (value, gas_limit) = (U256::from(wei), 4_000_000);
        let draft = Draft::pay(TxType::FeeMarket, to, value, U256::from(2_000_000_000_u64));
        Draft { input, gas_limit, ..draft }
    }

    pub fn sign(&self, key: &EvmKey, draft: Draft) -> Signed {
        let nonce = number(&self.anvil.ask("eth_getTransactionCount", json!([key.address().to_string(), "pending"])));
        draft.sign(key, self.anvil.rules.chain_id, nonce)
    }

    /// Sends what was signed; its hash.
    pub fn submit(&self, envelope: &[u8]) -> Value {
        self.anvil.ask("eth_sendRawTransaction", json!([hex(envelope)]))
    }

    /// Sends a transaction, which makes a block of its own; its receipt.
    pub fn try_send(&self, key: &EvmKey, draft: Draft) -> Value {
        self.anvil.receipt(&self.submit(&self.sign(key, draft).envelope))
    }

    /// The same, which must not fail.
    pub fn send(&self, key: &EvmKey, to: Address, wei: u128, input: Vec<u8>) -> Value {
        let receipt = self.try_send(key, Self::draft(Some(to), wei, input));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    pub fn pay(&self, key: &EvmKey, to: Address, wei: u128) {
        self.send(key, to, wei, Vec::new());
    }

    /// Calls a function, which must not fail; the receipt.
    pub fn call(&self, key: &EvmKey, to: Address, wei: u128, function: &str, args: &[Arg]) -> Value {
        self.send(key, to, wei, call(function, args))
    }

    /// Calls a function, which must fail.
    pub fn call_in_vain(&self, key: &EvmKey, to: Address, wei: u128, function: &str, args: &[Arg]) {
        let receipt = self.try_send(key, Self::draft(Some(to), wei, call(function, args)));
        assert_eq!(receipt["status"], "0x0", "{receipt}");
    }

    /// Puts a contract on the chain.
    pub fn deploy(&self, key: &EvmKey, name: &str, wei: u128, args: &[Arg]) -> Address {
        let input = [self.anvil.code(name), arguments(args)].concat();
        let receipt = self.try_send(key, Self::draft(None, wei, input));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        address(receipt["contractAddress"].as_str().expect("it was created"))
    }

    /// Moves tokens.
    pub fn transfer(&self, key: &EvmKey, token: Address, to: Address, units: u128) -> Value {
        self.call(key, token, 0, "transfer(address,uint256)", &[Arg::Account(to), Arg::Number(units)])
    }
}
