//! Every commitment of real mainnet blocks, on both sides of each fork.

use coinhound_chains::evm::rows::rows;
use coinhound_chains::evm::{Address, Block, Hash, MAINNET, Receipt, TxType, json};
use coinhound_model::MoveKind;
use coinhound_testkit::tables;
use ruint::aliases::U256;

use super::{paths, recorded};

const TRANSFER: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

#[test]
fn every_commitment_of_the_blocks_with_receipts_recomputes() {
    let (mut transactions, mut logs, mut blocks) = (0, 0, 0);
    for recorded in recorded("every_commitment_of_the_blocks_with_receipts_recomputes") {
        let block = recorded.block();
        block.check_receipts(&recorded.receipts).expect("its own receipts");
        for receipt in &recorded.receipts {
            assert_eq!(Receipt::decode(&receipt.encode()).as_ref(), Ok(receipt));
        }
        blocks += 1;
        transactions += block.transactions.len();
        logs += recorded.receipts.iter().map(|receipt| receipt.logs.len()).sum::<usize>();
    }
    assert!(blocks == 0 || (blocks, transactions, logs) == (13, 1_686, 14_736), "{blocks} {transactions} {logs}");
}

#[test]
fn base_fees_follow_from_the_block_before() {
    let headers: Vec<_> =
        recorded("base_fees_follow_from_the_block_before").iter().map(|one| one.block().header).collect();
    let pairs: Vec<_> = headers.windows(2).filter(|pair| pair[0].number + 1 == pair[1].number).collect();
    for pair in &pairs {
        pair[1].check_parent(&pair[0]).expect("it follows");
        assert!(pair[0].check_parent(&pair[1]).is_err(), "and not the other way round");
    }
    assert!(headers.is_empty() || pairs.len() == 4);
}

#[test]
fn what_nodes_answer_in_json_is_encoded_back_to_the_bytes_that_were_hashed() {
    let Some(data) = tables::data_folder("what_nodes_answer_in_json_is_encoded_back_to_the_bytes_that_were_hashed")
    else {
        return;
    };
    let mut kinds = std::collections::BTreeMap::<TxType, usize>::new();
    for folder in paths(&data.join("ethereum/blocks")) {
        let text = std::fs::read_to_string(folder.join("block.json")).expect("readable");
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a height").to_owned();
        let block = json::parse_block(&text, Vec::new(), MAINNET).expect("a real block");
        assert_eq!(block.header.number.to_string(), name);
        block.transactions.iter().for_each(|tx| *kinds.entry(tx.kind).or_default() += 1);
    }
    let count = |kind| kinds.get(&kind).copied().unwrap_or(0);
    assert!(count(TxType::Legacy) > 0 && count(TxType::AccessList) > 0, "{kinds:?}");
    assert!(count(TxType::FeeMarket) > 0 && count(TxType::Blob) > 0, "{kinds:?}");
}

#[test]
fn the_first_transaction_of_all_is_read_with_its_sender() {
    let Some(data) = tables::data_folder("the_first_transaction_of_all_is_read_with_its_sender") else { return };
    let text = std::fs::read_to_string(data.join("ethereum/blocks/46147/block.json")).expect("readable");
    let block = json::parse_block(&text, Vec::new(), MAINNET).expect("a real block");
    let tx = &block.transactions[0];
    assert_eq!(tx.hash.to_string(), "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060");
    assert_eq!(tx.from.to_string().to_lowercase(), "0xa1e4380a3b1f749673e270229993ee55f35663b4");
    assert_eq!(
        tx.to.map(|to| to.to_string().to_lowercase()),
        Some("0x5df9b87991262f6ba471f09758cde1c0fc1de734".to_owned())
    );
    assert_eq!((tx.value.to_string(), tx.chain), ("31337".to_owned(), None));
}

#[test]
fn all_types_of_transactions_occur_and_all_senders_are_found() {
    let blocks: Vec<Block> =
        recorded("all_types_of_transactions_occur_and_all_senders_are_found").iter().map(|one| one.block()).collect();
    let kinds: std::collections::BTreeSet<_> =
        blocks.iter().flat_map(|block| &block.transactions).map(|tx| tx.kind).collect();
    assert!(blocks.is_empty() || kinds.len() == 5, "{kinds:?}");
    let nobody = blocks
        .iter()
        .flat_map(|block| &block.transactions)
        .filter(|tx| tx.from == Address::ZERO || tx.hash == Hash::default());
    assert_eq!(nobody.count(), 0);
}

#[test]
fn token_transfers_of_the_blocks_with_receipts_are_recognised() {
    let blocks = recorded("token_transfers_of_the_blocks_with_receipts_are_recognised");
    let (mut fungible, mut unique) = (0, 0);
    let (mut made, mut destroyed) = (0, 0);
    for recorded in &blocks {
        let rows = rows(&recorded.block(), &recorded.receipts, None).expect("a real block has rows");
        let logs = recorded.receipts.iter().flat_map(|receipt| &receipt.logs);
        let transfers = logs.filter(|log| log.topics.first().is_some_and(|name| name.to_string() == TRANSFER));
        let (three, four): (Vec<_>, Vec<_>) = transfers.partition(|log| log.topics.len() == 3);
        fungible += three.len();
        unique += four.len();
        assert_eq!(rows.tokens.unique, four.len() as u64);
        let moves = rows.block.txs.iter().flat_map(|tx| &tx.moves);
        let of_tokens: Vec<_> = moves.filter(|row| row.token.id.starts_with("erc20:")).collect();
        assert_eq!(of_tokens.len() as u64, rows.tokens.fungible);
        made += of_tokens.iter().filter(|row| row.kind == MoveKind::Mint).count();
        destroyed += of_tokens.iter().filter(|row| row.kind == MoveKind::Burn).count();
    }
    assert!(blocks.is_empty() || (fungible, unique) == (2_008, 10_332), "{fungible} {unique}");
    assert!(blocks.is_empty() || made > 0 && destroyed > 0, "{made} {destroyed}");
}

#[test]
fn what_a_block_pays_is_what_its_gas_costs() {
    for recorded in recorded("what_a_block_pays_is_what_its_gas_costs") {
        let block = recorded.block();
        let rows = rows(&block, &recorded.receipts, None).expect("a real block has rows");
        let of = |kind| {
            let moves = rows.block.txs.iter().flat_map(|tx| &tx.moves);
            let moves = moves.filter(|row| row.kind == kind && row.token.id == "slip44:60");
            moves.fold(U256::ZERO, |sum, row| sum + row.units)
        };
        let burnt = block.header.base_fee.unwrap_or(U256::ZERO) * U256::from(block.header.gas_used);
        if block.header.blob_gas_used.unwrap_or(0) == 0 {
            assert_eq!(of(MoveKind::Burn), burnt, "block {}", recorded.number);
        } else {
            assert!(of(MoveKind::Burn) > burnt, "block {} burns for blobs too", recorded.number);
        }
        // 14764013 has an uncle right beside its parent: seven eighths to it, a thirty-second more to the maker.
        let minted: u64 = match (recorded.number, block.header.difficulty.is_zero()) {
            (14_764_013, _) => 3_812_500_000_000_000_000,
            (_, false) => 2_000_000_000_000_000_000,
            (_, true) => 0,
        };
        assert_eq!(of(MoveKind::Reward), of(MoveKind::Fee) + U256::from(minted), "block {}", recorded.number);
        let withdrawn: u64 = block.withdrawals.iter().map(|one| one.gwei).sum();
        assert_eq!(of(MoveKind::Withdrawal), U256::from(withdrawn) * U256::from(1_000_000_000));
    }
}
