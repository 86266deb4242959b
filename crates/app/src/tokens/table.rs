//! The table of well-known tokens, each with its source: shipped with the program, and no ledger's word.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::ethereum::parse_evm;

/// The file of Ethereum's own chain.
const MAINNET: &str = include_str!("../../data/tokens/mainnet.toml");

/// What a token's contract can do that its transfers do not show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
pub enum Behaviour {
    /// Balances change without any transfer.
    #[serde(rename = "rebasing")]
    Rebasing,
    /// Part of a transfer may go to somebody else than its receiver.
    #[serde(rename = "may charge a fee")]
    MayChargeFee,
    /// The issuer can forbid an address to move what it holds.
    #[serde(rename = "freezable")]
    Freezable,
    /// The issuer can take or destroy what an address holds.
    #[serde(rename = "seizable")]
    Seizable,
    /// The issuer can destroy what an address holds, and no transfer tells of it.
    #[serde(rename = "destroyed unlogged")]
    DestroyedUnlogged,
}

impl Behaviour {
    /// The words that tables and JSON show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rebasing => "balances change without transfers",
            Self::MayChargeFee => "transfers may cost a fee",
            Self::Freezable => "the issuer can freeze an address",
            Self::Seizable => "the issuer can take what an address holds",
            Self::DestroyedUnlogged => "the issuer can destroy what an address holds, and no transfer tells",
        }
    }
}

/// What is known of a token's contract, and from where.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownBehaviour {
    /// What it can do.
    pub is: Behaviour,
    /// Who says so: a source's id, or `id: place within`.
    pub source: String,
}

/// A well-known token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableRow {
    /// Which chain it is on.
    pub chain: String,
    /// Its contract, with the capitals of its checksum.
    pub contract: String,
    /// Its symbol.
    pub symbol: String,
    /// What it is called.
    pub name: String,
    /// Decimal places.
    pub decimals: u8,
    /// Who says so: a source's id, or `id: place within`.
    pub source: String,
    /// What its contract can do that transfers do not show. None known does not mean none.
    pub behaviour: Vec<KnownBehaviour>,
    /// The day on which the sources were read.
    pub checked: String,
}

/// Where something is said.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSource {
    /// By which citations name it.
    pub id: String,
    /// What it is.
    pub name: String,
    /// Where it is.
    pub at: String,
}

/// Why a text is no table of tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Not TOML of a table's form: an unknown key, a wrong word, a missing field.
    #[error("not a table of tokens")]
    Form(#[from] toml::de::Error),
    /// A row that cannot stand.
    #[error("token `{token}`: {what}")]
    Row {
        /// Its contract as written.
        token: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What a file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    chain: String,
    checked: String,
    source: Vec<TableSource>,
    token: Vec<Written>,
}

/// A row as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    contract: String,
    symbol: String,
    name: String,
    decimals: u8,
    source: String,
    #[serde(default)]
    behaviour: Vec<KnownBehaviour>,
}

impl TableRow {
    /// What the ledger calls it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("erc20:{}", self.contract)
    }
}

/// Every row.
#[must_use]
pub fn table() -> &'static [TableRow] {
    &shipped().0
}

/// What the table cites.
#[must_use]
pub fn sources() -> &'static [TableSource] {
    &shipped().1
}

type Table = (Vec<TableRow>, Vec<TableSource>);

fn shipped() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| read(MAINNET).expect("the shipped table is read by a test"))
}

/// Reads a table.
fn read(text: &str) -> Result<Table, TableError> {
    let file: File = toml::from_str(text)?;
    let mut rows: Vec<TableRow> = Vec::new();
    for token in &file.token {
        let wrong = |what: String| TableError::Row { token: token.contract.clone(), what };
        let contract = parse_evm(&token.contract).map_err(|error| wrong(error.to_string()))?.to_string();
        if contract != token.contract {
            return Err(wrong(format!("written without its checksum: {contract}")));
        }
        if rows.iter().any(|row| row.contract == contract) {
            return Err(wrong("stands twice".to_owned()));
        }
        let cited = std::iter::once(&token.source).chain(token.behaviour.iter().map(|known| &known.source));
        for citation in cited {
            let id = citation.split(':').next().unwrap_or_default();
            if !file.source.iter().any(|source| source.id == id) {
                return Err(wrong(format!("cites `{id}`, which is no source")));
            }
        }
        rows.push(TableRow {
            chain: file.chain.clone(),
            contract,
            symbol: token.symbol.clone(),
            name: token.name.clone(),
            decimals: token.decimals,
            source: token.source.clone(),
            behaviour: token.behaviour.clone(),
            checked: file.checked.clone(),
        });
    }
    Ok((rows, file.source))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use coinhound_analysis::flags::same_symbol;
    use coinhound_chains::evm::token::WRAPPED_ETHER;

    use super::*;

    fn row(symbol: &str) -> &'static TableRow {
        table().iter().find(|row| row.symbol == symbol).unwrap_or_else(|| panic!("no {symbol}"))
    }

    #[test]
    fn every_row_has_a_right_checksum_a_source_and_a_name_of_its_own() {
        assert!(table().len() >= 40);
        for (at, one) in table().iter().enumerate() {
            assert!(one.decimals <= 18 && !one.name.is_empty() && one.symbol.is_ascii(), "{one:?}");
            assert_eq!((one.chain.as_str(), one.checked.len()), ("eip155:1", 10));
            for other in &table()[..at] {
                assert!(!same_symbol(&one.symbol, &other.symbol), "{} reads like {}", one.symbol, other.symbol);
            }
        }
        let cited = |id: &str| {
            let cites = |citation: &str| citation.split(':').next() == Some(id);
            table().iter().any(|row| cites(&row.source) || row.behaviour.iter().any(|known| cites(&known.source)))
        };
        assert!(sources().iter().all(|source| cited(&source.id)), "a source is cited, or it is none");
    }

    #[test]
    fn rows_are_named_as_the_ledger_names_them() {
        assert_eq!(row("WETH").contract, WRAPPED_ETHER.to_string());
        assert_eq!(row("USDT").id(), "erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7");
        assert_eq!((row("USDT").decimals, row("WBTC").decimals, row("DAI").decimals), (6, 8, 18));
        let usdt: Vec<_> = row("USDT").behaviour.iter().map(|known| known.is).collect();
        assert_eq!(usdt, [Behaviour::Freezable, Behaviour::DestroyedUnlogged, Behaviour::MayChargeFee]);
        assert_eq!(row("stETH").behaviour[0].is, Behaviour::Rebasing);
    }

    #[test]
    fn a_table_with_a_slip_is_refused_by_name() {
        let swap = |from: &str, to: &str| read(&MAINNET.replacen(from, to, 1)).map(|_| ()).expect_err("refused");
        for (from, to, want) in [
            ("0xdAC17", "0xdac17", "checksum"),
            ("0xdAC17F", "0xdAC18F", "checksum"),
            ("0x6B175474E89094C44Da98b954EedeAC495271d0F", "0x6b175474e89094c44da98b954eedeac495271d0f", "checksum"),
            ("source = \"uniswap\"", "source = \"nobody: page 3\"", "cites `nobody`"),
            ("0x6B175474E89094C44Da98b954EedeAC495271d0F", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "twice"),
        ] {
            let error = swap(from, to).to_string();
            assert!(error.contains(want), "{error}");
        }
        assert!(matches!(swap("decimals = 18", "digits = 18"), TableError::Form(_)));
        assert!(matches!(swap("is = \"rebasing\"", "is = \"elastic\""), TableError::Form(_)));
    }

    /// In five real blocks every one of these contracts speaks as a fungible token does, or not at all.
    #[test]
    fn well_known_tokens_speak_as_fungible_tokens_in_real_blocks() {
        const TRANSFER: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
        let test = "well_known_tokens_speak_as_fungible_tokens_in_real_blocks";
        let Some(folder) = coinhound_testkit::tables::data_folder(test) else { return };
        let text = std::fs::read_to_string(folder.join("ethereum/graphsense-tokens/logs.json")).expect("readable");
        let mut spoke: BTreeMap<&str, u64> = BTreeMap::new();
        for line in text.lines() {
            let log: serde_json::Value = serde_json::from_str(line).expect("a log a line");
            let address = log["address"].as_str().expect("an address");
            let Some(row) = table().iter().find(|row| row.contract.eq_ignore_ascii_case(address)) else { continue };
            if log["topics"][0].as_str() == Some(TRANSFER) {
                let topics = log["topics"].as_array().map(Vec::len);
                let data = log["data"].as_str().map(str::len);
                assert_eq!((topics, data), (Some(3), Some(66)), "{}", row.symbol);
                *spoke.entry(row.symbol.as_str()).or_default() += 1;
            }
        }
        assert_eq!((spoke.get("USDT"), spoke.len()), (Some(&143), 16), "{spoke:?}");
    }
}
