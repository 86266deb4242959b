//! The facts of one segment on disk: written whole, read by row.
//!
//! Counts and ids are stored as they are, cumulative from the first ingested block, so cutting and
//! joining segments copies values. Packed columns store only what neighbours differ by.

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

/// The columns of a segment's facts.
pub static FACTS: Schema = Schema {
    kind: "facts",
    columns: &[
        Column::fixed::<u32>("start"),
        Column::fixed::<[u8; COUNTS_LEN]>("base"),
        Column::fixed::<[u8; 80]>("block_header"),
        Column::fixed::<[u8; 32]>("block_hash"),
        Column::fixed::<u32>("block_size"),
        Column::fixed::<[u8; COUNTS_LEN]>("block_ends"),
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
