//! Which ledger is meant where `--network` names one: a network of coins, or Ethereum.

use std::fmt;
use std::str::FromStr;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::evm::{ChainRules, MAINNET};
use coinhound_ingest::evm::evm_chain;
use coinhound_model::ChainId;

/// What a chain of Ethereum's kind that tests play on is called, before its number.
const TEST: &str = "evm-test:";

/// Chains of Ethereum's kind that people use and that have rules of their own, which are not known here.
const OTHERS: [(u64, &str); 12] = [
    (10, "OP Mainnet"),
    (56, "BNB Smart Chain"),
    (61, "Ethereum Classic"),
    (100, "Gnosis"),
    (137, "Polygon"),
    (250, "Fantom"),
    (324, "ZKsync Era"),
    (8_453, "Base"),
    (42_161, "Arbitrum One"),
    (43_114, "Avalanche C-Chain"),
    (59_144, "Linea"),
    (81_457, "Blast"),
];

/// A ledger that `--network` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    /// A network of coins.
    Coins(Network),
    /// Ethereum, or a chain of its kind that tests play on.
    Ethereum(ChainRules),
}

/// Why a text names no ledger.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing of that name is known.
    #[error(
        "`{given}` is no network: expected main, testnet3, testnet4, signet, regtest, litecoin, litecoin-regtest, or ethereum"
    )]
    Unknown {
        /// What was given.
        given: String,
    },
    /// Ethereum under the name of a test chain.
    #[error("`{TEST}1` is Ethereum's own chain and no test: say `ethereum`")]
    NoTest,
    /// A chain with rules of its own.
    #[error(
        "chain {number} is {name}, which is not read yet: of the chains of Ethereum's kind only Ethereum itself is"
    )]
    NotYet {
        /// Its number.
        number: u64,
        /// What it is called.
        name: &'static str,
    },
}

/// What people call a chain of Ethereum's kind that is not read.
#[must_use]
pub fn other_chain(number: u64) -> Option<&'static str> {
    OTHERS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

impl Named {
    /// The chain's identity, where it is an account ledger; coin stores are named by their network.
    #[must_use]
    pub fn account_chain(self) -> Option<ChainId> {
        match self {
            Self::Coins(_) => None,
            Self::Ethereum(rules) => Some(evm_chain(rules)),
        }
    }
}

impl FromStr for Named {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "ethereum" {
            return Ok(Self::Ethereum(ChainRules::default()));
        }
        let unknown = || NameError::Unknown { given: text.to_owned() };
        let Some(number) = text.strip_prefix(TEST) else {
            return text.parse().map(Self::Coins).map_err(|_| unknown());
        };
        let number: u64 = number.parse().map_err(|_| unknown())?;
        match other_chain(number) {
            _ if number == MAINNET => Err(NameError::NoTest),
            Some(name) => Err(NameError::NotYet { number, name }),
            None => Ok(Self::Ethereum(ChainRules { chain_id: number })),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coins(network) => f.write_str(network.name()),
            Self::Ethereum(rules) if rules.is_mainnet() => f.write_str("ethereum"),
            Self::Ethereum(rules) => write!(f, "{TEST}{}", rules.chain_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_named_and_told_by_the_same_word() {
        for word in ["main", "litecoin", "ethereum", "evm-test:31337"] {
            assert_eq!(word.parse::<Named>().map(|named| named.to_string()).as_deref(), Ok(word));
        }
    }

    #[test]
    fn chains_with_rules_of_their_own_are_refused_by_name() {
        let refused = |text: &str| text.parse::<Named>().expect_err(text).to_string();
        assert!(refused("evm-test:56").contains("BNB Smart Chain"));
        assert!(refused("evm-test:1").contains("no test"));
        assert!(refused("etherum").contains("or ethereum"));
    }
}
