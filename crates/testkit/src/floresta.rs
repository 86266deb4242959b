//! Two real mainnet blocks with every coin they spend: `bitcoin/full-prevout` of the shared data.
//!
//! A block is its raw bytes under zstd. Its spent coins are JSON under zstd, in input order:
//! `[{"txout": {"value": sat, "script_pubkey": hex}, "is_coinbase": bool, "creation_height": n, "creation_time": t}]`.

use std::path::Path;

use coinhound_chains::bitcoin::OwnedLock;
use coinhound_model::Height;
use coinhound_model::block::SpentCoin;
use serde_json::Value;

/// The heights of the blocks, with the fees their transactions pay.
pub const BLOCKS: [(u32, u64); 2] = [(367_891, 14_001_930), (866_342, 5_026_183)];

/// The raw block of this height.
///
/// # Panics
/// When the file is not there or does not unpack.
#[must_use]
pub fn block(data: &Path, height: u32) -> Vec<u8> {
    unpack(&data.join(format!("bitcoin/full-prevout/{height}.raw.zst")))
}

/// The coins the block of this height spends, in input order.
///
/// # Panics
/// When the file is not there or is not of the form above.
#[must_use]
pub fn spent_coins(data: &Path, height: u32) -> Vec<SpentCoin> {
    let json = unpack(&data.join(format!("bitcoin/full-prevout/{height}.spent_utxos.zst")));
    let rows: Vec<Value> = serde_json::from_slice(&json).expect("spent coins are a JSON list");
    rows.iter().map(|row| spent_coin(row).expect("a spent coin has value, script, height and kind")).collect()
}

fn spent_coin(row: &Value) -> Option<SpentCoin> {
    let lock = OwnedLock::of_script(&unhex(row["txout"]["script_pubkey"].as_str()?)?);
    Some(SpentCoin {
        value: row["txout"]["value"].as_u64()?,
        kind: lock.kind,
        payload: lock.payload,
        height: Height(u32::try_from(row["creation_height"].as_u64()?).ok()?),
        coinbase: row["is_coinbase"].as_bool()?,
    })
}

fn unpack(path: &Path) -> Vec<u8> {
    let packed = std::fs::read(path).unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
    zstd::decode_all(packed.as_slice()).unwrap_or_else(|error| panic!("cannot unpack `{}`: {error}", path.display()))
}

/// The bytes of hexadecimal digits.
#[must_use]
pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..digits.len()).step_by(2).map(byte).collect()
}
