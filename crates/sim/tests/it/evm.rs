//! Stories of Ethereum: what they write recomputes, and the movements that are read are what they decreed.

use std::collections::BTreeMap;
use std::sync::Arc;

use coinhound_chains::evm::json::{parse_block, parse_receipts};
use coinhound_chains::evm::rows::rows;
use coinhound_chains::evm::trace::{parse_call_tracer, parse_trace_block};
use coinhound_chains::evm::{Address, Block, TxType};
use coinhound_sim::evm::{EvmBlock, EvmLedger, Traffic, json};
use ruint::aliases::U256;

/// What everybody owns, by the name of the asset and the account.
type Balances = BTreeMap<(String, Vec<u8>), U256>;

fn of(ledger: &EvmLedger) -> Balances {
    let name = |asset: Option<Address>| asset.map_or("slip44:60".to_owned(), |token| format!("erc20:{token}"));
    ledger.iter().map(|(asset, account, units)| ((name(asset), account.0.to_vec()), units)).collect()
}

/// Reads a block as a client does, and moves what it says was moved.
fn read(block: &EvmBlock, below: Option<&Block>, balances: &mut Balances) -> Block {
    let text = json::block(block).to_string();
    let read = parse_block(&text, block.parts.uncles.clone(), block.chain).expect("a whole block");
    assert_eq!(read, Block::check(&block.parts, block.chain).expect("the same from its parts"));
    let receipts = parse_receipts(&json::receipts(block).to_string()).expect("receipts");
    read.check_receipts(&receipts).expect("its own receipts");
    below.inspect(|below| read.header.check_parent(&below.header).expect("it follows"));
    let nested = parse_call_tracer(&json::call_tracer(block).to_string()).expect("traces");
    let flat = parse_trace_block(&json::trace_block(block).to_string(), read.transactions.len()).expect("traces");
    assert_eq!(nested, flat, "both forms tell the same");
    let rows = rows(&read, &receipts, Some(&nested)).expect("a block has rows").block;
    for row in rows.txs.iter().flat_map(|tx| &tx.moves) {
        let of = |account: &coinhound_model::Account| (row.token.id.clone(), account.0.clone());
        if let Some(from) = &row.from {
            let balance = balances.entry(of(from)).or_default();
            *balance = balance.checked_sub(row.units).expect("nobody pays what is not there");
        }
        if let Some(to) = &row.to {
            *balances.entry(of(to)).or_default() += row.units;
        }
    }
    balances.retain(|_, units| !units.is_zero());
    read
}

fn follow(mut story: Traffic, count: usize) -> Vec<Arc<EvmBlock>> {
    let (mut balances, mut below) = (of(story.ledger()), None);
    let blocks = story.blocks(count);
    for block in &blocks {
        below = Some(read(block, below.as_ref(), &mut balances));
        assert_eq!(balances, of(&block.after), "after block {}", block.header.number);
    }
    blocks
}

#[test]
fn what_is_read_is_what_was_decreed_across_all_forks() {
    let blocks: Vec<_> = (0..6).flat_map(|seed| follow(Traffic::mainnet(seed), 40)).collect();
    let txs = || blocks.iter().flat_map(|block| &block.txs);
    for kind in [TxType::Legacy, TxType::AccessList, TxType::FeeMarket, TxType::Blob, TxType::SetCode] {
        assert!(txs().any(|tx| tx.signed.draft.kind == kind), "{kind:?}");
    }
    assert!(txs().any(|tx| tx.effect.failed) && txs().any(|tx| !tx.signed.draft.names_chain));
    assert!(blocks.iter().any(|block| !block.uncles.is_empty()), "an uncle");
    assert!(blocks.iter().any(|block| !block.withdrawals.is_empty()), "a withdrawal");
    let above = U256::from(u64::MAX);
    assert!(
        blocks.last().expect("there are some").after.iter().any(|(asset, _, units)| asset.is_some() && units > above)
    );
}

#[test]
fn another_chain_begins_with_block_0() {
    let blocks = follow(Traffic::elsewhere(1, 31_337), 30);
    assert_eq!((blocks[0].header.number, blocks[0].txs.len()), (0, 0));
}

#[test]
fn a_seed_gives_the_same_blocks_and_branches_part() {
    let blocks = Traffic::mainnet(3).blocks(20);
    assert_eq!(blocks, Traffic::mainnet(3).blocks(20));
    let mut branch = Traffic::mainnet(3);
    assert_eq!(branch.blocks(12), blocks[..12]);
    branch.reseed(4);
    let other = branch.block();
    assert_eq!(other.header.parent, blocks[11].hash);
    assert_ne!(other.hash, blocks[12].hash);
}
