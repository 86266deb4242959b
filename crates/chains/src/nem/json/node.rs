//! What a node answers about itself.

use crate::nem::json::at::At;
use crate::nem::json::{JsonError, value};

/// Reads the height of the newest block, as `/chain/height` answers.
///
/// # Errors
/// Says which field is wrong.
pub fn parse_height(text: &str) -> Result<u64, JsonError> {
    let value = value(text)?;
    let at = At::root(&value);
    let height = at.get("height")?;
    match height.u64()? {
        0 => Err(height.refuse("a height, counted from one")),
        height => Ok(height),
    }
}

/// Reads the number of the network, as `/node/info` answers: a byte, which Java tells with a sign.
///
/// # Errors
/// Says which field is wrong.
pub fn parse_network_number(text: &str) -> Result<i64, JsonError> {
    let value = value(text)?;
    let at = At::root(&value);
    let data = at.get("metaData")?;
    data.get("networkId")?.i32().map(i64::from)
}
