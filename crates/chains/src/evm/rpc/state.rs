//! What accounts own by a node's word: asked to be compared with what was read from blocks, never stored.
//!
//! Nothing here is proven: a balance is the node's word, and what a contract answers is its own besides.

use ruint::aliases::U256;
use serde::de::DeserializeOwned;

use crate::evm::hash::Address;
use crate::evm::json::fields::{Data, Quantity};
use crate::evm::rpc::call::{Getter, Place, Question};
use crate::evm::rpc::error::EvmError;
use crate::evm::rpc::node::EvmNode;
use crate::http::HttpError;

/// The most bytes kept of what a contract calls its tokens; those in use have a dozen.
pub const SYMBOL_LEN_MAX: usize = 64;

impl EvmNode<'_> {
    /// How much ether an account has after a block, in wei.
    ///
    /// # Errors
    /// [`EvmError::StateGone`] where the node does not keep the state of so old a block, or the error of asking.
    pub fn balance(&mut self, account: Address, at: Place) -> Result<U256, EvmError> {
        let question = Question::Balance { account, at };
        let text = self.ask(question)?;
        self.value::<Quantity>(question, &text).map(|told| told.0)
    }

    /// How many of a contract's tokens an account has after a block, as the contract says; `None` where nothing is
    /// there, where it fails, and where it answers no number.
    ///
    /// # Errors
    /// As [`EvmNode::balance`].
    pub fn balance_of(&mut self, contract: Address, account: Address, at: Place) -> Result<Option<U256>, EvmError> {
        Ok(self.read(contract, Getter::BalanceOf(account), at)?.and_then(|told| number(&told)))
    }

    /// What a contract calls its tokens: at most the first [`SYMBOL_LEN_MAX`] bytes, as they stand. Hostile: anybody
    /// can call a token what another is called. `None` where it does not say.
    ///
    /// # Errors
    /// As [`EvmNode::balance`].
    pub fn symbol(&mut self, contract: Address, at: Place) -> Result<Option<Vec<u8>>, EvmError> {
        Ok(self.read(contract, Getter::Symbol, at)?.and_then(|told| text(&told)))
    }

    /// With how many decimal places a contract wants its amounts printed; `None` where it does not say, or says more
    /// than 255.
    ///
    /// # Errors
    /// As [`EvmNode::balance`].
    pub fn decimals(&mut self, contract: Address, at: Place) -> Result<Option<u8>, EvmError> {
        let told = self.read(contract, Getter::Decimals, at)?.and_then(|told| number(&told));
        Ok(told.and_then(|told| u8::try_from(told).ok()))
    }

    /// What a contract answers; none where it fails, or answers without end.
    fn read(&mut self, contract: Address, getter: Getter, at: Place) -> Result<Option<Vec<u8>>, EvmError> {
        let question = Question::Read { contract, getter, at };
        match self.ask(question) {
            Ok(text) => self.value::<Data>(question, &text).map(|told| Some(told.0)),
            Err(EvmError::Reverted { .. } | EvmError::Http { source: HttpError::TooLong { .. }, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn value<T: DeserializeOwned>(&self, question: Question, text: &str) -> Result<T, EvmError> {
        serde_json::from_str(text).map_err(|source| EvmError::Value { call: self.call(question), source })
    }
}

/// The number in an answer of at least one word: more behind it is what Solidity's readers ignore too.
fn number(told: &[u8]) -> Option<U256> {
    told.first_chunk::<32>().map(|word| U256::from_be_bytes(*word))
}

/// The text in an answer: a string as Solidity passes it, or a single word filled up with zeros, as tokens of the first
/// years answer.
fn text(told: &[u8]) -> Option<Vec<u8>> {
    let text = match told.len() {
        ..32 => return None,
        32 => told.split(|&byte| byte == 0).next().unwrap_or_default(),
        _ => {
            let offset = usize::try_from(number(told)?).ok()?;
            let (len, text) = told.get(offset..)?.split_first_chunk::<32>()?;
            let len = usize::try_from(U256::from_be_bytes(*len)).ok()?;
            text.get(..len)?
        }
    };
    (!text.is_empty()).then(|| text[..text.len().min(SYMBOL_LEN_MAX)].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(offset: usize, len: usize, text: &[u8]) -> Vec<u8> {
        let word = |number: usize| U256::from(number).to_be_bytes::<32>();
        [&word(offset)[..], &word(len), text].concat()
    }

    #[test]
    fn symbols_are_strings_or_words_and_nothing_hostile_is_believed() {
        let mut padded = b"USDT".to_vec();
        padded.resize(32, 0);
        assert_eq!(text(&string(32, 4, &padded)).as_deref(), Some(&b"USDT"[..]));
        assert_eq!(text(&padded).as_deref(), Some(&b"USDT"[..]), "a word of 32 bytes");
        assert_eq!(text(&[b'a'; 32]).as_deref(), Some(&[b'a'; 32][..]));
        assert_eq!(text(&string(32, 200, &[b'x'; 224])).map(|text| text.len()), Some(SYMBOL_LEN_MAX));
        for hostile in [
            Vec::new(),
            vec![0; 32],
            vec![0xff; 31],
            vec![0xff; 64],
            string(32, 0, &[]),
            string(32, 33, &padded),
            string(usize::MAX, 4, &padded),
            string(32, usize::MAX, &padded),
        ] {
            assert_eq!(text(&hostile), None, "{hostile:?}");
        }
    }

    #[test]
    fn a_number_is_a_whole_word() {
        assert_eq!(number(&[0; 31]), None);
        assert_eq!(number(&string(7, 9, &[])), Some(U256::from(7)));
    }
}
