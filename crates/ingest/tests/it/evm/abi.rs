//! How arguments stand in a transaction's input: words, and behind them what has no fixed length.

use coinhound_chains::evm::Address;
use coinhound_chains::evm::hash::keccak256;

/// An argument.
pub enum Arg {
    /// A number.
    Number(u128),
    /// An account.
    Account(Address),
    /// 32 bytes as they are.
    Word([u8; 32]),
    /// Several numbers or accounts.
    List(Vec<Arg>),
    /// Bytes of any length.
    Bytes(Vec<u8>),
}

use Arg::{Account, Bytes, List, Number, Word};

impl Arg {
    /// What stands in its place: itself, or where it is found.
    fn head(&self, offset: usize) -> [u8; 32] {
        match self {
            Number(number) => word(*number),
            Account(address) => {
                let mut word = [0; 32];
                word[12..].copy_from_slice(&address.0);
                word
            }
            Word(word) => *word,
            List(_) | Bytes(_) => word(offset as u128),
        }
    }

    /// What stands behind all places.
    fn tail(&self) -> Vec<u8> {
        match self {
            Number(_) | Account(_) | Word(_) => Vec::new(),
            List(items) => [word(items.len() as u128).to_vec(), arguments(items)].concat(),
            Bytes(bytes) => {
                let mut tail = [&word(bytes.len() as u128)[..], bytes].concat();
                tail.resize(32 + bytes.len().div_ceil(32) * 32, 0);
                tail
            }
        }
    }
}

/// Arguments one after another.
pub fn arguments(args: &[Arg]) -> Vec<u8> {
    let (mut heads, mut tails) = (Vec::new(), Vec::new());
    for arg in args {
        heads.extend(arg.head(32 * args.len() + tails.len()));
        tails.extend(arg.tail());
    }
    [heads, tails].concat()
}

/// A call of a function by its signature.
pub fn call(signature: &str, args: &[Arg]) -> Vec<u8> {
    [keccak256(signature.as_bytes()).0[..4].to_vec(), arguments(args)].concat()
}

fn word(number: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}

#[test]
fn arguments_stand_as_solidity_reads_them() {
    let input = call("f(uint256,bytes,address[])", &[Number(7), Bytes(vec![1, 2]), List(vec![Number(9)])]);
    let words: Vec<u128> =
        input[4..].chunks(32).map(|word| u128::from_be_bytes(word[16..].try_into().expect("16"))).collect();
    assert_eq!((&words[..4], &words[5..]), (&[7, 96, 160, 2][..], &[1, 9][..]));
    assert_eq!(input[4 + 128..][..3], [1, 2, 0]);
}
