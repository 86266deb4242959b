//! Facts to columns.

use coinhound_model::AddressId;

use super::{COUNTS_LEN, FACTS, counts_bytes, facts_role};
use crate::column::U40;
use crate::cut::FactsSlice;
use crate::derive::narrow;
use crate::facts::MergeRow;
use crate::manifest::FileEntry;
use crate::storage::Storage;
use crate::table::{TableWriter, WriteTableError};

type Written = Result<(), WriteTableError>;

/// Writes the facts of one segment; its folder exists.
pub(crate) fn write(storage: &dyn Storage, facts: FactsSlice<'_>) -> Result<FileEntry, WriteTableError> {
    let mut table = TableWriter::create(storage, &facts_role(facts.span()), &FACTS)?;
    blocks(&mut table, facts)?;
    txs(&mut table, facts)?;
    rows(&mut table, facts)?;
    addresses(&mut table, facts)?;
    foreign(&mut table, facts)?;
    scripts(&mut table, facts)?;
    reveals(&mut table, facts)?;
    merges(&mut table, ["t0_tx", "t0_a", "t0_b"], None, facts.t0)?;
    merges(&mut table, ["t1_tx", "t1_a", "t1_b"], Some("t1_input"), facts.t1)?;
    table.finish()
}

fn blocks(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<u32>("start").all([facts.start.0])?;
    table.fixed::<[u8; COUNTS_LEN]>("base").all([counts_bytes(facts.base)])?;
    table.fixed::<[u8; 80]>("block_header").all(facts.blocks.iter().map(|block| block.header))?;
    table.fixed::<[u8; 32]>("block_hash").all(facts.blocks.iter().map(|block| block.hash.0))?;
    table.fixed::<u32>("block_size").all(facts.blocks.iter().map(|block| block.size))?;
    table.fixed::<[u8; COUNTS_LEN]>("block_ends").all(facts.blocks.iter().map(|block| counts_bytes(block.ends)))
}

fn txs(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<[u8; 32]>("tx_id").all(facts.txs.iter().map(|tx| tx.txid.0))?;
    table.packed("tx_input_end").all(facts.txs.iter().map(|tx| tx.input_end))?;
    table.packed("tx_output_end").all(facts.txs.iter().map(|tx| tx.output_end))?;
    table.packed("tx_weight").all(facts.txs.iter().map(|tx| u64::from(tx.weight)))?;
    table.fixed::<u16>("tx_print").all(facts.txs.iter().map(|tx| tx.print.bits()))?;
    table.fixed::<u16>("tx_collab").all(facts.txs.iter().map(|tx| tx.collab.bits()))
}

fn rows(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<U40>("input_coin").all(facts.inputs.iter().map(|input| input.coin().0))?;
    table.fixed::<u16>("input_print").all(facts.inputs.iter().map(|input| input.print().bits()))?;
    table.packed("output_value").all(facts.outputs.iter().map(|output| output.value()))?;
    table.fixed::<u32>("output_address").all(facts.outputs.iter().map(|output| address(output.address())))
}

fn addresses(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<u8>("address_kind").all(facts.addresses.iter().map(|row| row.kind() as u8))?;
    table.packed("address_payload_end").all(facts.addresses.iter().map(|row| row.payload_end()))?;
    table.bytes("address_payload").all(facts.address_bytes)
}

fn foreign(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<[u8; 32]>("foreign_txid").all(facts.foreign.iter().map(|row| row.txid.0))?;
    table.fixed::<u32>("foreign_index").all(facts.foreign.iter().map(|row| row.index))?;
    table.packed("foreign_spender").all(facts.foreign.iter().map(|row| row.spender.0))?;
    table.fixed::<u64>("foreign_value").all(facts.foreign.iter().map(|row| row.value))?;
    table.fixed::<u32>("foreign_address").all(facts.foreign.iter().map(|row| address(row.address)))?;
    table.fixed::<u32>("foreign_height").all(facts.foreign.iter().map(|row| row.height))?;
    table.fixed::<u8>("foreign_coinbase").all(facts.foreign.iter().map(|row| u8::from(row.coinbase)))
}

fn scripts(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.packed("script_output").all(facts.scripts.iter().map(|row| row.output.0))?;
    table.fixed::<u8>("script_kind").all(facts.scripts.iter().map(|row| row.kind as u8))?;
    table.packed("script_end").all(facts.scripts.iter().map(|row| row.end))?;
    table.bytes("script_bytes").all(facts.script_bytes)
}

fn reveals(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.packed("reveal_tx").all(facts.reveals.iter().map(|row| row.tx.0))?;
    table.fixed::<u32>("reveal_address").all(facts.reveals.iter().map(|row| narrow(row.address.0)))?;
    table.fixed::<[u8; 20]>("reveal_key").all(facts.reveals.iter().map(|row| row.key.0))
}

fn merges(table: &mut TableWriter<'_>, [tx, a, b]: [&str; 3], input: Option<&str>, log: &[MergeRow]) -> Written {
    table.packed(tx).all(log.iter().map(|row| row.tx.0))?;
    if let Some(input) = input {
        table.packed(input).all(log.iter().map(|row| row.input.0))?;
    }
    table.fixed::<u32>(a).all(log.iter().map(|row| narrow(row.a.0)))?;
    table.fixed::<u32>(b).all(log.iter().map(|row| narrow(row.b.0)))
}

/// An owner on disk: no address is the largest number.
fn address(id: AddressId) -> u32 {
    if id.is_some() { narrow(id.0) } else { u32::MAX }
}
