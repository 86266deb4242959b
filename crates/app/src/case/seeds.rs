//! Seeds: the coins that were stolen, each a decision somebody made and the log remembers.

use coinhound_model::{Asset, BlockHash, ChainId, Height, TxHash};
use ruint::aliases::U256;
use rusqlite::Row;

use super::audit::Stamp;
use super::file::{Case, CaseError};
use crate::ethereum;
use crate::money::AssetLine;
use crate::out::json;

/// Where in a coin the stolen part lies, when only part of it was stolen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// Its first units.
    Front,
    /// Its last units.
    Back,
}

impl Position {
    /// The word that is stored and printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Front, Self::Back].into_iter().find(|position| position.name() == name)
    }
}

/// One stolen coin, or one credit to an account, by what outlives any store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seed {
    /// Which theft it belongs to: each is traced alone.
    pub theft: String,
    /// On which chain.
    pub chain: ChainId,
    /// The transaction that made the coin, or that credited the account.
    pub txid: TxHash,
    /// Which of its outputs; of an account ledger, which of its movements.
    pub vout: u32,
    /// Height of that transaction's block.
    pub height: Height,
    /// That block: tells the duplicate coinbases of 2010 apart. Zeros where it was not among the blocks read.
    pub block: BlockHash,
    /// The whole coin, or the whole credit.
    pub coin_units: U256,
    /// The stolen part of it.
    pub stolen_units: U256,
    /// Where that part lies; `None` when the whole coin was stolen.
    pub position: Option<Position>,
    /// The coin's address, if it has one.
    pub address: Option<String>,
    /// How the seed was given: an outpoint, or an address as of a height.
    pub given: String,
    /// What an account ledger's amounts count; `None` on a coin ledger, whose chain says it.
    pub asset: Option<AssetLine>,
}

impl Seed {
    /// What its amounts count, where the chain is known to count in `chain_asset`.
    #[must_use]
    pub fn asset_or(&self, chain_asset: Asset) -> AssetLine {
        self.asset.clone().unwrap_or_else(|| chain_asset.into())
    }

    /// Stands for the height of a coin that was made before the blocks read, where they do not tell it.
    pub const HEIGHT_UNKNOWN: u32 = u32::MAX;

    /// `txid:vout`, or a transaction and the number of its movement.
    #[must_use]
    pub fn outpoint(&self) -> String {
        format!("{}:{}", ethereum::hash(&self.chain, &self.txid), self.vout)
    }
}

const COLUMNS: &str =
    "theft, chain, txid, vout, height, block, coin_units, stolen_units, position, address, given, asset";

impl Case {
    /// Adds seeds, all or none.
    ///
    /// # Errors
    /// [`CaseError::Refused`] when one of them is a seed of the same theft already.
    pub fn add_seeds(&mut self, seeds: &[Seed], stamp: &Stamp) -> Result<(), CaseError> {
        let known = self.seeds()?;
        let same = |a: &Seed, b: &Seed| {
            (&a.theft, &a.chain, a.txid, a.vout, a.block) == (&b.theft, &b.chain, b.txid, b.vout, b.block)
        };
        if let Some(twice) = seeds.iter().find(|seed| known.iter().any(|old| same(old, seed))) {
            let what = format!("{} is already a seed of theft `{}`", twice.outpoint(), twice.theft);
            return Err(CaseError::Refused { what });
        }
        self.change(stamp, "add seeds", |tx, seq| {
            let sql = format!(
                "INSERT INTO seeds ({COLUMNS}, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            );
            let mut insert = tx.prepare(&sql)?;
            for seed in seeds {
                insert.execute(rusqlite::params![
                    seed.theft,
                    seed.chain.0,
                    seed.txid.to_string(),
                    seed.vout,
                    seed.height.0,
                    seed.block.to_string(),
                    seed.coin_units.to_string(),
                    seed.stolen_units.to_string(),
                    seed.position.map(Position::name),
                    seed.address,
                    seed.given,
                    seed.asset.as_ref().map(json::canonical),
                    seq,
                ])?;
            }
            Ok(((), serde_json::Value::from(seeds.iter().map(told).collect::<Vec<_>>())))
        })
    }

    /// Takes a coin out of the seeds again; the log keeps both decisions.
    ///
    /// # Errors
    /// [`CaseError::Refused`] when it is no seed of that theft.
    pub fn remove_seed(&mut self, theft: &str, txid: &TxHash, vout: u32, stamp: &Stamp) -> Result<(), CaseError> {
        let found =
            self.seeds()?.into_iter().find(|seed| seed.theft == theft && seed.txid == *txid && seed.vout == vout);
        let Some(seed) = found else {
            return Err(CaseError::Refused { what: format!("{txid}:{vout} is not a seed of theft `{theft}`") });
        };
        self.change(stamp, "remove seed", |tx, _| {
            let key = (theft, txid.to_string(), vout);
            tx.execute("DELETE FROM seeds WHERE theft = ?1 AND txid = ?2 AND vout = ?3", key)?;
            Ok(((), told(&seed)))
        })
    }

    /// Every seed in the order added: the order that labels follow.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] when a row does not read back.
    pub fn seeds(&self) -> Result<Vec<Seed>, CaseError> {
        self.ask(|db| {
            let mut rows = db.prepare(&format!("SELECT {COLUMNS} FROM seeds ORDER BY id"))?;
            rows.query_map([], read)?.collect()
        })
    }
}

/// A seed as the audit log tells it.
fn told(seed: &Seed) -> serde_json::Value {
    let mut told = serde_json::json!({
        "theft": seed.theft,
        "outpoint": seed.outpoint(),
        "block": seed.block.to_string(),
        "stolen": seed.stolen_units.to_string(),
        "of": seed.coin_units.to_string(),
        "position": seed.position.map(Position::name),
        "given": seed.given,
    });
    if let Some(asset) = &seed.asset {
        told["asset"] = serde_json::json!(asset);
    }
    told
}

fn read(row: &Row<'_>) -> rusqlite::Result<Seed> {
    Ok(Seed {
        theft: row.get(0)?,
        chain: ChainId(row.get(1)?),
        txid: parsed(row, 2)?,
        vout: row.get(3)?,
        height: Height(row.get(4)?),
        block: parsed(row, 5)?,
        coin_units: units(row, 6)?,
        stolen_units: units(row, 7)?,
        position: row.get::<_, Option<String>>(8)?.and_then(|name| Position::parse(&name)),
        address: row.get(9)?,
        given: row.get(10)?,
        asset: asset(row, 11)?,
    })
}

fn units(row: &Row<'_>, at: usize) -> rusqlite::Result<U256> {
    let text: String = row.get(at)?;
    U256::from_str_radix(&text, 10).map_err(|_| {
        let what = format!("`{text}` is no amount");
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, what.into())
    })
}

fn asset(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<AssetLine>> {
    let text: Option<String> = row.get(at)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error)))
}

/// A text column read as what it stands for.
pub(super) fn parsed<T>(row: &Row<'_>, at: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(at)?;
    text.parse()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error)))
}
