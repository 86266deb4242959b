//! What is known of tokens beside what the ledger says: a contract's symbol and decimals are in no block.
//!
//! Three tellers, the better known first: the table that this program brings along, with a source for each row; a node that
//! was asked, whose answer is kept beside the store; nobody. What was found of tokens whose balances do not follow their
//! logs is kept there too.

use std::collections::BTreeMap;
use std::path::Path;

use coinhound_analysis::flags::{WellKnown, same_symbol};
use coinhound_model::{ChainId, Token};
use serde::{Deserialize, Serialize};

use crate::contact::{read_note, write_note};
use crate::money::{AssetLine, ToldBy};
use crate::text::Said;

mod table;

pub use table::{Behaviour, KnownBehaviour, TableRow, TableSource, sources, table};

const TOLD: &str = "tokens.json";
const ODD: &str = "odd_tokens.json";

/// The form of the notes that this build writes and reads.
const FORMAT: u32 = 1;

/// What a node said of a token: its word alone, and the contract's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// What the contract calls its tokens. Hostile.
    pub symbol: Option<Said>,
    /// Decimal places.
    pub decimals: Option<u8>,
    /// After which block it was asked: the store's newest, or the node's where it keeps no states of that one.
    pub height: u64,
}

/// What nodes said of a store's tokens, by the token's id.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ToldTokens {
    format: u32,
    /// By id.
    pub tokens: BTreeMap<String, Told>,
}

/// A token whose balances are not what its logs lead to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Odd {
    /// Why, as far as it shows.
    pub why: String,
    /// Holdings compared.
    pub holdings: u64,
    /// Holdings that differ.
    pub differ: u64,
    /// After which block they were compared.
    pub height: u32,
}

/// The tokens of a store that do not follow their logs, by id.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OddTokens {
    format: u32,
    /// By id.
    pub tokens: BTreeMap<String, Odd>,
}

impl ToldTokens {
    /// What is kept beside a store.
    #[must_use]
    pub fn read(store: &Path) -> Self {
        read_note(store, TOLD).filter(|note: &Self| note.format == FORMAT).unwrap_or_default()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, store: &Path) -> std::io::Result<()> {
        write_note(store, TOLD, &Self { format: FORMAT, ..self.clone() })
    }
}

impl OddTokens {
    /// What is kept beside a store.
    #[must_use]
    pub fn read(store: &Path) -> Self {
        read_note(store, ODD).filter(|note: &Self| note.format == FORMAT).unwrap_or_default()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, store: &Path) -> std::io::Result<()> {
        write_note(store, ODD, &Self { format: FORMAT, ..self.clone() })
    }
}

/// Everything that is known of a store's tokens.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenBook {
    /// The rows of the table that speak of this chain, by id.
    table: BTreeMap<String, &'static TableRow>,
    told: ToldTokens,
    odd: OddTokens,
}

impl TokenBook {
    /// Of a store of this chain; empty where the chain has no such tokens.
    #[must_use]
    pub fn read(chain: &ChainId, store: &Path) -> Self {
        if !crate::ethereum::is_evm(chain) {
            return Self::default();
        }
        let here = table().iter().filter(|row| row.chain == chain.0);
        Self {
            table: here.map(|row| (row.id(), row)).collect(),
            told: ToldTokens::read(store),
            odd: OddTokens::read(store),
        }
    }

    /// What amounts of a token are counted in.
    #[must_use]
    pub fn line(&self, token: Token) -> AssetLine {
        self.known(&token.id).unwrap_or_else(|| token.into())
    }

    /// What amounts of a token are counted in, where somebody beside the ledger told.
    #[must_use]
    pub fn known(&self, id: &str) -> Option<AssetLine> {
        let line =
            |ticker: &str, decimals| AssetLine::from(Token { id: id.to_owned(), ticker: ticker.to_owned(), decimals });
        if let Some(row) = self.table.get(id) {
            let line = line(&row.symbol, Some(row.decimals));
            return Some(AssetLine { is_claimed: false, told_by: ToldBy::Table, ..line });
        }
        let told = self.told.tokens.get(id).filter(|told| told.symbol.is_some() || told.decimals.is_some())?;
        let symbol = told.symbol.as_ref().filter(|symbol| !symbol.0.is_empty());
        let line = line(symbol.map_or(id, |symbol| &symbol.0), told.decimals);
        Some(AssetLine { is_claimed: true, told_by: ToldBy::Node, ..line })
    }

    /// Whether a node was asked about a token, whatever it said.
    #[must_use]
    pub fn was_asked(&self, id: &str) -> bool {
        self.told.tokens.contains_key(id)
    }

    /// What is known of what a well-known token's contract can do, each with its source: freezes, fees, changes of balances
    /// that no transfer tells.
    #[must_use]
    pub fn behaviour(&self, id: &str) -> &'static [KnownBehaviour] {
        self.table.get(id).map_or(&[], |row| row.behaviour.as_slice())
    }

    /// The contracts of well-known tokens.
    pub fn contracts(&self) -> impl Iterator<Item = String> + '_ {
        self.table.values().map(|row| row.contract.clone())
    }

    /// Whether a token is one that people know.
    #[must_use]
    pub fn is_well_known(&self, id: &str) -> bool {
        self.table.contains_key(id)
    }

    /// What a token calls itself, where a node was asked.
    #[must_use]
    pub fn symbol(&self, id: &str) -> Option<&str> {
        self.told.tokens.get(id)?.symbol.as_ref().map(|symbol| symbol.0.as_str())
    }

    /// The tokens that people know.
    #[must_use]
    pub fn well_known(&self) -> Vec<WellKnown> {
        self.table.iter().map(|(id, row)| WellKnown { id: id.clone(), symbol: row.symbol.clone() }).collect()
    }

    /// What must be said of a token: that it bears a well-known name without being it, or does not follow its logs.
    #[must_use]
    pub fn warning(&self, id: &str, symbol: &str, is_named: bool) -> Option<String> {
        let fake = || {
            let row = self.table.values().find(|row| same_symbol(&row.symbol, symbol))?;
            Some(format!(
                "bears the name of {} and is another contract: {} is {}",
                row.symbol, row.symbol, row.contract
            ))
        };
        let fake = (is_named && !self.table.contains_key(id)).then(fake).flatten();
        let odd = self.odd(id).map(Odd::told);
        let told: Vec<String> = fake.into_iter().chain(odd).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// What was found of a token whose balances do not follow its logs.
    #[must_use]
    pub fn odd(&self, id: &str) -> Option<&Odd> {
        self.odd.tokens.get(id)
    }
}

impl Odd {
    /// `3 of 20 balances compared after block 12 were not what its logs lead to: it takes a fee`.
    #[must_use]
    pub fn told(&self) -> String {
        format!(
            "amounts are those of its logs, and {} of {} balances compared after block {} were not what they lead to: {}",
            self.differ, self.holdings, self.height, self.why
        )
    }
}
