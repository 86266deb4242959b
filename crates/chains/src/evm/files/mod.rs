//! Blocks of Ethereum in files, without a node.
//!
//! What a file holds is told by its content; its name matters only where this says so:
//!
//! - **JSON**: one value after the other, with or without line breaks between them. Each is a block with its whole
//!   transactions (`eth_getBlockByNumber` with `true`), a block's receipts (`eth_getBlockReceipts`), a block's traces
//!   (`debug_traceBlockByNumber` with `callTracer`, or `trace_block`), the header of an uncle
//!   (`eth_getUncleByBlockHashAndIndex`), an object `{"block", "receipts", "traces", "uncles"}` of these, an array of any
//!   of these, or a node's whole answer around one of them. Files named `.jsonl` or `.ndjson` hold one value a line: there
//!   a damaged line costs that line only. What belongs to a block may stand in the same file or in any other; by
//!   convention beside it, as `<name>.json`, `<name>.receipts.json`, `<name>.traces.json`. Receipts are found by the
//!   `blockHash` that they say, traces by the transactions, uncles by their hash; what a header commits to is recomputed.
//! - **RLP**: blocks one after the other, as `geth export` writes them. Receipts stand beside the file: to `<name>.rlp` (or
//!   `<name>`) belongs `<name>.receipts.rlp`, which holds for each block of it, in the same order, the list of its
//!   receipts as they stand under the receipts' root or without blooms, as nodes hand them on since `eth/69`.
//!
//! Packed files are refused by name. In a folder, files are read whose names end in `.json`, `.jsonl`, `.ndjson` or `.rlp`;
//! others are told and left alone.

mod error;
mod frame;
mod read;
mod scan;
mod sort;

pub use error::{EvmFileFault, EvmFilesError, ReadFault};
pub use read::ReadError;
pub use scan::{EvmFiles, FoundBlock, ScanStep};
