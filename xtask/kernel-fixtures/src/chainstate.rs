//! Core's own unspent set, read from its database: the kernel's library has no call for it.
//!
//! The database is LevelDB; a coin's key is `C`, the transaction's hash and the output's number, its value is
//! covered with a key of its own and holds height and kind, amount and script in Core's short forms
//! (`coins.h`, `compressor.h`). Written here a second time on purpose: it shares no line with the reader under test.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{OutPoint, Txid};
use rusty_leveldb::{DB, LdbIterator, Options};

/// A coin that lies unspent at the tip.
pub struct Unspent {
    pub outpoint: OutPoint,
    pub satoshi: u64,
    pub height: u32,
    pub coinbase: bool,
    pub script: Vec<u8>,
}

const COVER_KEY: &[u8] = b"\x0e\x00obfuscate_key";
const COIN: u8 = b'C';
/// Scripts of Core's six short forms have these numbers; longer ones their length and six more.
const SHORT_FORMS: u64 = 6;

/// The coins of a database that no other program has open, in order of their keys.
pub fn unspent(folder: &Path) -> Result<Vec<Unspent>> {
    let options = Options { create_if_missing: false, ..Options::default() };
    let mut db = DB::open(folder, options).with_context(|| format!("cannot open `{}`", folder.display()))?;
    let cover = cover(db.get(COVER_KEY).as_deref())?;
    let mut rows = db.new_iter().context("cannot read the database")?;
    let mut coins = Vec::new();
    while let Some((key, value)) = rows.next() {
        if key.first() == Some(&COIN) {
            let plain: Vec<u8> = value.iter().zip(cover.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            coins.push(coin(&key[1..], &plain)?);
        }
    }
    Ok(coins)
}

/// The key that covers values, stored as a vector with its length before it.
fn cover(stored: Option<&[u8]>) -> Result<Vec<u8>> {
    match stored {
        None => Ok(vec![0]),
        Some([8, key @ ..]) if key.len() == 8 => Ok(key.to_vec()),
        Some(other) => bail!("the database's own key has {} bytes", other.len()),
    }
}

fn coin(key: &[u8], value: &[u8]) -> Result<Unspent> {
    let (txid, mut rest) = key.split_first_chunk::<32>().context("a coin's key is too short")?;
    let vout = u32::try_from(number(&mut rest)?)?;
    let mut value = value;
    let code = number(&mut value)?;
    let satoshi = amount(number(&mut value)?);
    let script = script(&mut value)?;
    ensure!(rest.is_empty() && value.is_empty(), "bytes are left behind a coin");
    let outpoint = OutPoint::new(Txid::from_byte_array(*txid), vout);
    Ok(Unspent { outpoint, satoshi, height: u32::try_from(code >> 1)?, coinbase: code & 1 == 1, script })
}

/// Core's `VARINT`: seven bits a byte, the highest first, each further byte adding one.
fn number(rest: &mut &[u8]) -> Result<u64> {
    let mut value: u64 = 0;
    loop {
        let (byte, left) = rest.split_first().context("a number is cut short")?;
        *rest = left;
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
        value += 1;
    }
}

/// Core's `DecompressAmount`.
fn amount(short: u64) -> u64 {
    let Some(short) = short.checked_sub(1) else { return 0 };
    let (zeros, rest) = (u32::try_from(short % 10).expect("below ten"), short / 10);
    let digits = if zeros < 9 { rest / 9 * 10 + rest % 9 + 1 } else { rest + 1 };
    digits * 10_u64.pow(zeros)
}

/// Core's `DecompressScript`.
fn script(rest: &mut &[u8]) -> Result<Vec<u8>> {
    let form = number(rest)?;
    let mut take = |len: u64| -> Result<Vec<u8>> {
        let (taken, left) = rest.split_at_checked(usize::try_from(len)?).context("a script is cut short")?;
        *rest = left;
        Ok(taken.to_vec())
    };
    Ok(match form {
        0 => [&[0x76, 0xa9, 20], &*take(20)?, &[0x88, 0xac]].concat(),
        1 => [&[0xa9, 20], &*take(20)?, &[0x87]].concat(),
        2 | 3 => [&[33, u8::try_from(form)?], &*take(32)?, &[0xac]].concat(),
        4 | 5 => {
            let x = [&[u8::try_from(form)? - 2], &*take(32)?].concat();
            let point = PublicKey::from_slice(&x).context("a key that was on the curve")?;
            [&[65], &point.serialize_uncompressed()[..], &[0xac]].concat()
        }
        _ => take(form - SHORT_FORMS)?,
    })
}
