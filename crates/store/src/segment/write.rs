//! Facts to columns.

use coinhound_model::{AddressId, HoldingId};

use super::{BLOCK_COUNTS, COUNTS_LEN, FACTS, NO_DECIMALS, counts_bytes, facts_role};
use crate::column::U40;
use crate::cut::FactsSlice;
use crate::derive::narrow;
use crate::facts::{MergeRow, NO_HOLDING};
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
    moves(&mut table, facts)?;
    holdings(&mut table, facts)?;
    notes(&mut table, facts)?;
    table.finish()
}

fn blocks(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<u32>("start").all([facts.start.0])?;
    table.fixed::<[u8; COUNTS_LEN]>("base").all([counts_bytes(facts.base)])?;
    table.fixed::<[u8; COUNTS_LEN]>("ends").all([counts_bytes(facts.ends())])?;
    table.fixed::<[u8; 80]>("block_header").all(facts.blocks.iter().map(|block| block.header))?;
    table.fixed::<[u8; 32]>("block_hash").all(facts.blocks.iter().map(|block| block.hash.0))?;
    table.fixed::<u32>("block_size").all(facts.blocks.iter().map(|block| block.size))?;
    for (place, name) in BLOCK_COUNTS.into_iter().enumerate() {
        table.packed(name).all(facts.blocks.iter().map(|block| block.ends.to_array()[place]))?;
    }
    Ok(())
}

fn txs(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<[u8; 32]>("tx_id").all(facts.txs.iter().map(|tx| tx.txid.0))?;
    // The rest is said of coins alone.
    let coins = if facts.tx_moves.is_empty() { facts.txs } else { &[] };
    table.packed("tx_input_end").all(coins.iter().map(|tx| tx.input_end))?;
    table.packed("tx_output_end").all(coins.iter().map(|tx| tx.output_end))?;
    table.packed("tx_weight").all(coins.iter().map(|tx| u64::from(tx.weight)))?;
    table.fixed::<u16>("tx_print").all(coins.iter().map(|tx| tx.print.bits()))?;
    table.fixed::<u16>("tx_collab").all(coins.iter().map(|tx| tx.collab.bits()))
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

fn moves(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.packed("tx_move_end").all(facts.tx_moves.iter().copied())?;
    table.fixed::<u8>("move_kind").all(facts.moves.iter().map(|row| row.kind() as u8))?;
    table.fixed::<u32>("move_from").all(facts.moves.iter().map(|row| holding(row.from())))?;
    table.fixed::<u32>("move_to").all(facts.moves.iter().map(|row| holding(row.to())))?;
    let ends = facts.moves.iter().scan(0, |end, row| {
        *end += row.unit_bytes().len() as u64;
        Some(*end)
    });
    table.packed("move_unit_end").all(ends)?;
    let units: Vec<u8> = facts.moves.iter().flat_map(|row| row.unit_bytes()).copied().collect();
    table.bytes("move_unit").all(&units)
}

fn holdings(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.fixed::<u32>("holding_address").all(facts.holdings.iter().map(|row| narrow(row.address.0)))?;
    table.fixed::<u32>("holding_asset").all(facts.holdings.iter().map(|row| row.asset))?;
    table.packed("asset_id_end").all(facts.assets.iter().map(|row| row.id_end))?;
    table.packed("asset_ticker_end").all(facts.assets.iter().map(|row| row.ticker_end))?;
    let decimals = facts.assets.iter().map(|row| row.decimals.map_or(NO_DECIMALS, u16::from));
    table.fixed::<u16>("asset_decimals").all(decimals)?;
    table.bytes("asset_text").all(facts.asset_bytes)
}

fn notes(table: &mut TableWriter<'_>, facts: FactsSlice<'_>) -> Written {
    table.packed("note_tx").all(facts.notes.iter().map(|row| row.tx.0))?;
    table.fixed::<u8>("note_kind").all(facts.notes.iter().map(|row| row.kind as u8))?;
    table.packed("note_end").all(facts.notes.iter().map(|row| row.end))?;
    table.bytes("note_text").all(facts.note_bytes)
}

/// One side of a movement on disk: no holding is the largest number.
fn holding(side: Option<HoldingId>) -> u32 {
    side.map_or(NO_HOLDING, |holding| narrow(holding.0))
}

/// An owner on disk: no address is the largest number.
fn address(id: AddressId) -> u32 {
    if id.is_some() { narrow(id.0) } else { u32::MAX }
}
