//! Which network a tag speaks of: a ticker is what people write, a CAIP-2 name is what a case keeps.

use coinhound_model::ChainId;

/// A network as a tag names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagNetwork {
    /// As the pack writes it, upper case: `BTC`.
    pub name: String,
    /// Its CAIP-2 name where the ticker names one chain. USDT does not: it lives on several.
    pub chain: Option<ChainId>,
}

/// Tickers and names that stand for exactly one chain.
const KNOWN: [(&str, &str); 16] = [
    ("BTC", "bip122:000000000019d6689c085ae165831e93"),
    ("BITCOIN", "bip122:000000000019d6689c085ae165831e93"),
    ("TESTNET3", "bip122:000000000933ea01ad0ee984209779ba"),
    ("TESTNET4", "bip122:00000000da84f2bafbbc53dee25a72ae"),
    ("SIGNET", "bip122:00000008819873e925422c1ff0f99f7c"),
    ("REGTEST", "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"),
    ("LTC", "bip122:12a765e31ffd4059bada1e25190f6e98"),
    ("LITECOIN", "bip122:12a765e31ffd4059bada1e25190f6e98"),
    ("LITECOIN-REGTEST", "bip122:530827f38f93b43ed12af0b3ad25a288"),
    ("ETH", "eip155:1"),
    ("ETHEREUM", "eip155:1"),
    ("ETC", "eip155:61"),
    ("NEM", "nem:104"),
    ("XEM", "nem:104"),
    ("NEM-TESTNET", "nem:152"),
    ("NEM-MIJIN", "nem:96"),
];

impl TagNetwork {
    /// The network that a pack's `network` or `currency` means: a ticker or a CAIP-2 name.
    #[must_use]
    pub fn named(text: &str) -> Self {
        let text = text.trim();
        if let Some((name, chain)) = KNOWN.iter().find(|(_, chain)| *chain == text.to_ascii_lowercase()) {
            return Self { name: (*name).to_owned(), chain: Some(ChainId((*chain).to_owned())) };
        }
        let name = text.to_ascii_uppercase();
        // A chain of Ethereum's kind by its number.
        let number = text.to_ascii_lowercase().strip_prefix("eip155:").and_then(|number| number.parse::<u64>().ok());
        if let Some(number) = number {
            return Self { name, chain: Some(ChainId(format!("eip155:{number}"))) };
        }
        let chain = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, chain)| ChainId((*chain).to_owned()));
        Self { name, chain }
    }
}

#[cfg(test)]
mod tests {
    use coinhound_chains::bitcoin::Network;

    use super::*;

    #[test]
    fn litecoin_is_known_by_ticker_name_and_caip_2() {
        let litecoin = Network::LitecoinMain.params().chain_id();
        for text in ["LTC", "litecoin", &litecoin.0] {
            assert_eq!(TagNetwork::named(text).chain.as_ref(), Some(&litecoin), "{text}");
        }
        let regtest = Network::LitecoinRegtest.params().chain_id();
        assert_eq!(TagNetwork::named("litecoin-regtest").chain, Some(regtest));
    }

    #[test]
    fn a_chain_of_ethereums_kind_is_known_by_its_number() {
        assert_eq!(TagNetwork::named("ethereum").chain, TagNetwork::named("EIP155:1").chain);
        assert_eq!(TagNetwork::named("eip155:31337").chain, Some(ChainId("eip155:31337".into())));
        assert_eq!(TagNetwork::named("eip155:x").chain, None);
    }

    #[test]
    fn a_ticker_is_not_always_a_chain() {
        assert_eq!(
            TagNetwork::named(" btc ").chain,
            TagNetwork::named("bip122:000000000019d6689c085ae165831e93").chain
        );
        assert!(TagNetwork::named("BTC").chain.is_some());
        assert_eq!(TagNetwork::named("usdt"), TagNetwork { name: "USDT".into(), chain: None });
    }
}
