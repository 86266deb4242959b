//! Reading one block's undo data.

use coinhound_model::Height;
use coinhound_model::block::SpentCoin;

use crate::bitcoin::decode::{Cursor, DecodeError, Fault, Field};
use crate::bitcoin::params::{Network, Params};
use crate::bitcoin::undo::compress::{decompress_amount, take_number, take_script};

/// The shortest spent coin: height and kind, value, script size, script.
const COIN_LEN_MIN: usize = 3;

/// Undo data that does not read, and where.
pub type UndoDecodeError = DecodeError;

/// Set in the code of a coin that came out of Litecoin's extension block; no height reaches it.
const PEG_OUT: u64 = 1 << 31;

/// Reads the coins that each transaction but the first spent, in input order.
///
/// A height of zero means that the node did not store it: versions before 0.15 wrote the height of a
/// transaction's outputs only with the last of them to be spent.
///
/// # Errors
/// Names the byte and the field that is not as it should be.
pub fn decode(bytes: &[u8]) -> Result<Vec<Vec<SpentCoin>>, UndoDecodeError> {
    decode_with(bytes, Network::Main.params())
}

/// Reads the coins as [`decode`] does, from undo data of any network: behind them, Litecoin keeps what takes
/// back its extension block, which is passed over.
///
/// # Errors
/// Names the byte and the field that is not as it should be.
pub fn decode_with(bytes: &[u8], params: &Params) -> Result<Vec<Vec<SpentCoin>>, UndoDecodeError> {
    let mut cursor = Cursor::new(bytes);
    let txs = cursor.count(1 + COIN_LEN_MIN, Field::UndoTxCount)?;
    let flag = if params.mweb.is_some() { PEG_OUT } else { 0 };
    let txs = (0..txs).map(|_| take_tx(&mut cursor, flag)).collect::<Result<_, _>>()?;
    if params.mweb.is_none() {
        cursor.end()?;
    }
    Ok(txs)
}

/// How many transactions a record covers, from its first bytes.
pub(super) fn tx_count(start: &[u8]) -> Option<u64> {
    Cursor::new(start).compact(Field::UndoTxCount).ok()
}

fn take_tx(cursor: &mut Cursor<'_>, flag: u64) -> Result<Vec<SpentCoin>, DecodeError> {
    let coins = cursor.count(COIN_LEN_MIN, Field::UndoCoinCount)?;
    (0..coins).map(|_| take_coin(cursor, flag)).collect()
}

/// Reads a coin, leaving the bits of `flag` out of its code.
fn take_coin(cursor: &mut Cursor<'_>, flag: u64) -> Result<SpentCoin, DecodeError> {
    let start = cursor.offset();
    let code = take_number(cursor, Field::UndoCode)? & !flag;
    let height = u32::try_from(code / 2).map_err(|_| cursor.error_at(start, Field::UndoCode, Fault::NotAllowed))?;
    if height > 0 {
        // Old versions wrote the version of the transaction that made the coin; newer ones a zero.
        take_number(cursor, Field::UndoVersion)?;
    }
    let at = cursor.offset();
    let value = decompress_amount(take_number(cursor, Field::UndoValue)?);
    let value = value.ok_or_else(|| cursor.error_at(at, Field::UndoValue, Fault::NotAllowed))?;
    let lock = take_script(cursor)?;
    Ok(SpentCoin { value, kind: lock.kind, payload: lock.payload, height: Height(height), coinbase: code % 2 == 1 })
}
