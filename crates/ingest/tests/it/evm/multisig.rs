//! A wallet of several owners, in the manner of Safe.

use std::cell::Cell;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::hash::keccak256;
use coinhound_sim::evm::keys::EvmKey;
use serde_json::Value;

use super::abi::{Arg, arguments, call};
use super::address;
use super::stage::Stage;

/// How a wallet does what its owners signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It calls somebody.
    Call = 0,
    /// It runs somebody's code on its own storage.
    Delegate = 1,
}

/// A wallet on a chain.
pub struct Multisig {
    pub address: Address,
    /// The contract whose code it runs.
    pub code: Address,
    /// Ascending by address, as their signatures must stand.
    pub owners: Vec<EvmKey>,
    pub threshold: usize,
    done: Cell<u128>,
}

impl Multisig {
    pub fn make(stage: &Stage<'_>, maker: &EvmKey, mut owners: Vec<EvmKey>, threshold: usize) -> Self {
        let code = stage.deploy(maker, "Multisig", 0, &[]);
        let factory = stage.deploy(maker, "MultisigFactory", 0, &[]);
        let accounts = owners.iter().map(|owner| Arg::Account(owner.address())).collect();
        let setup = call("setup(address[],uint256)", &[Arg::List(accounts), Arg::Number(threshold as u128)]);
        let made = stage.call(maker, factory, 0, "create(address,bytes)", &[Arg::Account(code), Arg::Bytes(setup)]);
        let logs = made["logs"].as_array().expect("a receipt has logs");
        let topic = logs.last().expect("it says what it made")["topics"][1].as_str().expect("a topic");
        owners.sort_by_key(EvmKey::address);
        Self { address: address(&topic[26..]), code, owners, threshold, done: Cell::new(0) }
    }

    /// The wallet does what the first owners signed, in a transaction of anybody's.
    pub fn execute(
        &self,
        stage: &Stage<'_>,
        sender: &EvmKey,
        to: Address,
        what: (u128, Vec<u8>),
        how: Operation,
    ) -> Value {
        let (wei, data) = what;
        let operation = Arg::Number(how as u128);
        let told = [Arg::Account(self.address), Arg::Account(to), Arg::Number(wei), Arg::Word(keccak256(&data).0)];
        let told = [arguments(&told), arguments(&[operation, Arg::Number(self.done.get())])].concat();
        let hash = keccak256(&told);
        let signed = self.owners[..self.threshold].iter().flat_map(|owner| {
            let signature = owner.sign(&hash);
            let (r, s) = (signature.r.to_be_bytes::<32>(), signature.s.to_be_bytes::<32>());
            [&r[..], &s, &[27 + u8::from(signature.is_odd)]].concat()
        });
        let args = [
            Arg::Account(to),
            Arg::Number(wei),
            Arg::Bytes(data),
            Arg::Number(how as u128),
            Arg::Bytes(signed.collect()),
        ];
        self.done.set(self.done.get() + 1);
        let done = stage.call(sender, self.address, 0, "execTransaction(address,uint256,bytes,uint8,bytes)", &args);
        let name =
            format!("0x{}", keccak256(b"ExecutionSuccess(bytes32,uint256)").to_string().trim_start_matches("0x"));
        let logs = done["logs"].as_array().expect("a receipt has logs");
        assert!(logs.iter().any(|log| log["topics"][0] == name.as_str()), "{done}");
        done
    }
}
