//! What a log says of tokens: by the names of events, which anybody may use.
//!
//! A contract can say what it likes: a log is proven to have been said, not to be true. ERC-20 and ERC-721 share one event;
//! they differ in whether the third argument is indexed.

use ruint::aliases::U256;

use crate::evm::hash::{Address, Hash, short, word};
use crate::evm::receipt::Log;

/// `Transfer(address,address,uint256)`.
const TRANSFER: Hash = word("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// `TransferSingle(address,address,address,uint256,uint256)`.
const TRANSFER_SINGLE: Hash = word("c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62");
/// `TransferBatch(address,address,address,uint256[],uint256[])`.
const TRANSFER_BATCH: Hash = word("4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb");
/// `Deposit(address,uint256)`.
const DEPOSIT: Hash = word("e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c");
/// `Withdrawal(address,uint256)`.
const WITHDRAWAL: Hash = word("7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65");

/// Wrapped ether (WETH9): a deposit or withdrawal there makes or destroys tokens and says no `Transfer`.
pub const WRAPPED_ETHER: Address = Address(short("c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"));

/// What a log says of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenEvent {
    /// Fungible tokens moved, from or to nobody where they were made or destroyed.
    Fungible {
        /// Who had them; none where they were made.
        from: Option<Address>,
        /// Who has them; none where they were destroyed.
        to: Option<Address>,
        /// How many, in the token's smallest unit.
        units: U256,
    },
    /// One token that is like no other moved (ERC-721): no amount.
    Unique {
        /// Who had it.
        from: Address,
        /// Who has it.
        to: Address,
        /// Which.
        id: U256,
    },
    /// Tokens of several kinds of one contract moved (ERC-1155): no amount of one asset.
    Multiple {
        /// Who had them.
        from: Address,
        /// Who has them.
        to: Address,
    },
}

impl TokenEvent {
    /// What a log says of a token; `None` where it says nothing that is known here.
    #[must_use]
    pub fn of(log: &Log) -> Option<Self> {
        let (name, arguments) = log.topics.split_first()?;
        let address = |at: usize| arguments.get(at).and_then(address_in);
        match (*name, arguments.len()) {
            (TRANSFER, 2) => fungible(address(0)?, address(1)?, word_of(&log.data)?),
            (TRANSFER, 3) if log.data.is_empty() => {
                let id = U256::from_be_bytes(arguments[2].0);
                Some(Self::Unique { from: address(0)?, to: address(1)?, id })
            }
            (TRANSFER_SINGLE | TRANSFER_BATCH, 3) => Some(Self::Multiple { from: address(1)?, to: address(2)? }),
            (DEPOSIT, 1) if log.address == WRAPPED_ETHER => fungible(Address::ZERO, address(0)?, word_of(&log.data)?),
            (WITHDRAWAL, 1) if log.address == WRAPPED_ETHER => {
                fungible(address(0)?, Address::ZERO, word_of(&log.data)?)
            }
            _ => None,
        }
    }
}

/// By convention tokens come from the zero address when they are made and go there when they are destroyed.
fn fungible(from: Address, to: Address, units: U256) -> Option<TokenEvent> {
    let known = |address| (address != Address::ZERO).then_some(address);
    let (from, to) = (known(from), known(to));
    (from.is_some() || to.is_some()).then_some(TokenEvent::Fungible { from, to, units })
}

/// The address in a topic whose other bytes are zero.
pub(super) fn address_in(topic: &Hash) -> Option<Address> {
    topic.0[..12].iter().all(|&byte| byte == 0).then(|| Address::of_word(&topic.0))
}

fn word_of(data: &[u8]) -> Option<U256> {
    <[u8; 32]>::try_from(data).ok().map(U256::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::hash::keccak256;

    #[test]
    fn names_are_hashes_of_their_signatures() {
        for (name, signature) in [
            (TRANSFER, "Transfer(address,address,uint256)"),
            (TRANSFER_SINGLE, "TransferSingle(address,address,address,uint256,uint256)"),
            (TRANSFER_BATCH, "TransferBatch(address,address,address,uint256[],uint256[])"),
            (DEPOSIT, "Deposit(address,uint256)"),
            (WITHDRAWAL, "Withdrawal(address,uint256)"),
        ] {
            assert_eq!(name, keccak256(signature.as_bytes()), "{signature}");
        }
    }

    #[test]
    fn a_log_of_another_shape_says_nothing() {
        let topics = vec![TRANSFER, Hash([0; 32]), Hash([1; 32])];
        let log = |topics: Vec<Hash>, data: usize| Log { address: WRAPPED_ETHER, topics, data: vec![0; data] };
        assert_eq!(TokenEvent::of(&log(topics.clone(), 32)), None, "a topic that is no address");
        assert_eq!(TokenEvent::of(&log(vec![TRANSFER, Hash([0; 32]), Hash([0; 32])], 31)), None, "a short amount");
        assert_eq!(TokenEvent::of(&log(vec![TRANSFER, Hash([0; 32]), Hash([0; 32])], 32)), None, "nobody to nobody");
        assert_eq!(TokenEvent::of(&log(Vec::new(), 0)), None);
    }
}
