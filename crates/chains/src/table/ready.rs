//! Maps that the program brings along.

/// A map that the program brings along.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadyMap {
    /// What it is asked for by.
    pub name: &'static str,
    /// What it reads.
    pub about: &'static str,
    /// The map itself.
    pub text: &'static str,
}

/// Every map that the program brings along.
pub const READY: [ReadyMap; 6] = [
    ReadyMap {
        name: "transfers",
        about: "a plain list: time,from,to,asset,amount and, where known, tx",
        text: include_str!("maps/transfers.toml"),
    },
    ReadyMap {
        name: "etherscan",
        about: "Etherscan's export of an address's transactions",
        text: include_str!("maps/etherscan.toml"),
    },
    ReadyMap {
        name: "etherscan-internal",
        about: "Etherscan's export of an address's internal transactions",
        text: include_str!("maps/etherscan-internal.toml"),
    },
    ReadyMap {
        name: "etherscan-erc20",
        about: "Etherscan's export of an address's ERC-20 transfers",
        text: include_str!("maps/etherscan-erc20.toml"),
    },
    ReadyMap {
        name: "esplora-address",
        about: "an address's history from the API of mempool.space or another Esplora, made a table",
        text: include_str!("maps/esplora-address.toml"),
    },
    ReadyMap {
        name: "wallet-statement",
        about: "one account's statement: time,account,asset,in,out,fee and, where known, counterparty and tx",
        text: include_str!("maps/wallet-statement.toml"),
    },
];

/// The map with this name.
#[must_use]
pub fn ready(name: &str) -> Option<ReadyMap> {
    READY.into_iter().find(|map| map.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TableMap;

    #[test]
    fn every_map_that_is_brought_along_can_be_used() {
        for map in READY {
            let read = TableMap::parse(map.text);
            assert!(read.is_ok(), "{}: {:?}", map.name, read.err());
            assert_eq!(ready(map.name), Some(map));
        }
        assert_eq!(ready("no such map"), None);
    }
}
