//! Receipts as `eth_getBlockReceipts` answers them.

use serde::Deserialize;

use super::JsonError;
use super::fields::{Data, Quantity};
use crate::evm::hash::{Address, Hash};
use crate::evm::receipt::{Ending, Log, Receipt};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptText {
    #[serde(rename = "type", default)]
    kind: Quantity,
    status: Option<Quantity>,
    root: Option<Hash>,
    cumulative_gas_used: Quantity,
    logs: Vec<LogText>,
}

#[derive(Deserialize)]
struct LogText {
    address: Address,
    topics: Vec<Hash>,
    data: Data,
}

/// Reads a list of receipts. Whether they are a block's is for [`crate::evm::Block::check_receipts`] to say; what the
/// answer adds to them (positions, hashes, blooms) is not used.
///
/// # Errors
/// [`JsonError::Malformed`].
pub fn parse_receipts(text: &str) -> Result<Vec<Receipt>, JsonError> {
    let told: Vec<ReceiptText> = serde_json::from_str(text)?;
    told.into_iter().map(ReceiptText::read).collect()
}

impl ReceiptText {
    fn read(self) -> Result<Receipt, JsonError> {
        let refuse = |what: &str| JsonError::Malformed(serde::de::Error::custom(what));
        let ending = match (self.status, self.root) {
            (Some(status), _) if status.0.is_zero() => Ending::Failed,
            (Some(_), _) => Ending::Succeeded,
            (None, Some(root)) => Ending::NotTold(root),
            (None, None) => return Err(refuse("a receipt has neither `status` nor `root`")),
        };
        let kind = u8::try_from(self.kind.0).map_err(|_| refuse("a receipt's type has one byte"))?;
        let gas = u64::try_from(self.cumulative_gas_used.0).map_err(|_| refuse("gas has at most 64 bits"))?;
        let logs = self.logs.into_iter().map(|log| Log { address: log.address, topics: log.topics, data: log.data.0 });
        Ok(Receipt { kind, ending, gas_used_so_far: gas, logs: logs.collect() })
    }
}
