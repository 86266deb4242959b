//! The facts of one segment on disk: written whole, read by row.
//!
//! Counts and ids are stored as they are, cumulative from the first ingested block, so cutting and
//! joining segments copies values. Packed columns store only what neighbours differ by.

mod accounts;
mod read;
mod rows;
mod write;

pub use read::Segment;
pub(crate) use write::write;

use crate::column::U40;
use crate::facts::Counts;
use crate::layout::Span;
use crate::table::{Column, Schema};

/// The folder that facts lie in.
pub const FACTS_DIR: &str = "facts";

/// Bytes of [`Counts`] on disk: seventeen little-endian integers of 64 bits.
pub(crate) const COUNTS_LEN: usize = Counts::FIELDS * 8;

/// The columns of the counts after each block, in the order of [`Counts::NAMES`].
pub(crate) const BLOCK_COUNTS: [&str; Counts::FIELDS] = [
    "block_txs",
    "block_inputs",
    "block_outputs",
    "block_addresses",
    "block_address_bytes",
    "block_foreign",
    "block_scripts",
    "block_script_bytes",
    "block_reveals",
    "block_t0",
    "block_t1",
    "block_moves",
    "block_holdings",
    "block_assets",
    "block_asset_bytes",
    "block_notes",
    "block_note_bytes",
];

/// What stands for unknown decimals.
pub(crate) const NO_DECIMALS: u16 = u16::MAX;

/// The columns of a segment's facts.
pub static FACTS: Schema = Schema {
    kind: "facts",
    columns: &[
        Column::fixed::<u32>("start"),
        Column::fixed::<[u8; COUNTS_LEN]>("base"),
        Column::fixed::<[u8; COUNTS_LEN]>("ends"),
        Column::fixed::<[u8; 80]>("block_header"),
        Column::fixed::<[u8; 32]>("block_hash"),
        Column::fixed::<u32>("block_size"),
        Column::packed(BLOCK_COUNTS[0]),
        Column::packed(BLOCK_COUNTS[1]),
        Column::packed(BLOCK_COUNTS[2]),
        Column::packed(BLOCK_COUNTS[3]),
        Column::packed(BLOCK_COUNTS[4]),
        Column::packed(BLOCK_COUNTS[5]),
        Column::packed(BLOCK_COUNTS[6]),
        Column::packed(BLOCK_COUNTS[7]),
        Column::packed(BLOCK_COUNTS[8]),
        Column::packed(BLOCK_COUNTS[9]),
        Column::packed(BLOCK_COUNTS[10]),
        Column::packed(BLOCK_COUNTS[11]),
        Column::packed(BLOCK_COUNTS[12]),
        Column::packed(BLOCK_COUNTS[13]),
        Column::packed(BLOCK_COUNTS[14]),
        Column::packed(BLOCK_COUNTS[15]),
        Column::packed(BLOCK_COUNTS[16]),
        Column::fixed::<[u8; 32]>("tx_id"),
        Column::packed("tx_input_end"),
        Column::packed("tx_output_end"),
        Column::packed("tx_weight"),
        Column::fixed::<u16>("tx_print"),
        Column::fixed::<u16>("tx_collab"),
        Column::fixed::<U40>("input_coin"),
        Column::fixed::<u16>("input_print"),
        Column::packed("output_value"),
        Column::fixed::<u32>("output_address"),
        Column::fixed::<u8>("address_kind"),
        Column::packed("address_payload_end"),
        Column::bytes("address_payload"),
        Column::fixed::<[u8; 32]>("foreign_txid"),
        Column::fixed::<u32>("foreign_index"),
        Column::packed("foreign_spender"),
        Column::fixed::<u64>("foreign_value"),
        Column::fixed::<u32>("foreign_address"),
        Column::fixed::<u32>("foreign_height"),
        Column::fixed::<u8>("foreign_coinbase"),
        Column::packed("script_output"),
        Column::fixed::<u8>("script_kind"),
        Column::packed("script_end"),
        Column::bytes("script_bytes"),
        Column::packed("reveal_tx"),
        Column::fixed::<u32>("reveal_address"),
        Column::fixed::<[u8; 20]>("reveal_key"),
        Column::packed("t0_tx"),
        Column::fixed::<u32>("t0_a"),
        Column::fixed::<u32>("t0_b"),
        Column::packed("t1_tx"),
        Column::packed("t1_input"),
        Column::fixed::<u32>("t1_a"),
        Column::fixed::<u32>("t1_b"),
        Column::packed("tx_move_end"),
        Column::fixed::<u8>("move_kind"),
        Column::fixed::<u32>("move_from"),
        Column::fixed::<u32>("move_to"),
        Column::packed("move_unit_end"),
        Column::bytes("move_unit"),
        Column::fixed::<u32>("holding_address"),
        Column::fixed::<u32>("holding_asset"),
        Column::packed("asset_id_end"),
        Column::packed("asset_ticker_end"),
        Column::fixed::<u16>("asset_decimals"),
        Column::bytes("asset_text"),
        Column::packed("note_tx"),
        Column::fixed::<u8>("note_kind"),
        Column::packed("note_end"),
        Column::bytes("note_text"),
    ],
};

/// The role of a segment's facts: `facts/0000016384-0000018432`, first height and the height after the last.
#[must_use]
pub fn facts_role(span: Span) -> String {
    format!("{FACTS_DIR}/{:010}-{:010}", span.start, span.end)
}

/// Counts as they lie on disk.
pub(crate) fn counts_bytes(counts: Counts) -> [u8; COUNTS_LEN] {
    let mut bytes = [0; COUNTS_LEN];
    for (slot, count) in bytes.chunks_exact_mut(8).zip(counts.to_array()) {
        slot.copy_from_slice(&count.to_le_bytes());
    }
    bytes
}

/// The inverse of [`counts_bytes`].
pub(crate) fn counts_from(bytes: &[u8; COUNTS_LEN]) -> Counts {
    let mut counts = [0; Counts::FIELDS];
    for (count, slot) in counts.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *count = u64::from_le_bytes(*slot);
    }
    Counts::from_array(counts)
}
