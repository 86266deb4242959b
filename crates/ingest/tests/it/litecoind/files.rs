//! The node's own `blk` and `rev` files.

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::block::parse_block;
use coinhound_chains::bitcoin::files::BlockDir;
use coinhound_chains::bitcoin::undo::UndoFile;
use coinhound_model::block::SpentCoin;
use coinhound_model::{Height, HoldingId, InputId, Ledger, LockKind, MovementId, MovementMarks, TxHash};
use coinhound_store::view::View;
use coinhound_testkit::litecoind::payments::{Landmarks, Payments, pay_every_kind};
use coinhound_testkit::litecoind::{FIRST_MWEB_HEIGHT, Litecoind, start};

use crate::litecoind::{Fed, assert_agrees};
use crate::support::assert_same;

#[test]
fn a_real_nodes_files_give_the_coins_that_it_holds_itself_and_tell_what_its_blocks_spend() {
    let Some(node) = start("a_real_nodes_files_..", &[]) else { return };
    let marks = pay_every_kind(&node);
    let (fed, asked) = (Fed::new(), Fed::new());
    fed.read_files(&node);
    asked.read_rpc(&node);
    let view = fed.view();
    assert_agrees(&view, &node, "every kind of payment");
    assert_same(&asked.content(), &fed.content(), "asked for over RPC");
    assert_locks(&view, &marks);
    assert_undo(&view, &node);

    // The whole pool is taken back, down to before there was any.
    Payments::new(&node).displace(node.height() - FIRST_MWEB_HEIGHT + 3);
    fed.read_files(&node);
    asked.read_rpc(&node);
    assert_agrees(&fed.view(), &node, "without the first pool");
    assert_same(&asked.content(), &fed.content(), "asked for over RPC, without the first pool");
}

/// Each landmark spends or pays to the lock that it is named for.
fn assert_locks(view: &View, marks: &Landmarks) {
    let spends = [
        ("spends P2PKH", LockKind::PubKeyHash),
        ("spends uncompressed P2PKH", LockKind::PubKeyHash),
        ("spends nested P2WPKH", LockKind::ScriptHash),
        ("spends P2WPKH", LockKind::WitnessPubKeyHash),
        ("spends P2SH multisig", LockKind::ScriptHash),
        ("spends nested P2WSH multisig", LockKind::ScriptHash),
        ("spends P2WSH multisig", LockKind::WitnessScriptHash),
        ("spends P2PK", LockKind::PubKey),
        ("spends uncompressed P2PK", LockKind::PubKey),
        ("spends bare multisig", LockKind::Multisig),
    ];
    for (name, kind) in spends {
        let mut taken = Vec::new();
        view.debits(movement(view, marks[name]), &mut taken);
        let kinds: Vec<_> = taken.iter().map(|entry| view.lock(entry.owner).expect("an owner").kind).collect();
        assert_eq!(kinds, [kind], "{name}");
    }
    let mut taken = Vec::new();
    view.debits(movement(view, marks["spends 64 inputs"]), &mut taken);
    assert_eq!(taken.len(), 64);
    let data = view.scripts(movement(view, marks["carries data"]));
    assert!(matches!(data[..], [(_, LockKind::DataCarrier, bytes)] if bytes.len() > 80), "{data:?}");
}

fn movement(view: &View, txid: TxHash) -> MovementId {
    let found = view.find(&txid);
    assert_eq!(found.len(), 1, "{txid} is confirmed once");
    found[0]
}

/// Every coin that a block spends is in the node's undo data as the store knows it: amount, lock, age, origin.
fn assert_undo(view: &View, node: &Litecoind) {
    let params = Network::LitecoinRegtest.params();
    let dir = BlockDir::open(&node.blocks(), params).expect("the node's folder");
    let scan = dir.scan(&mut |_| {}).expect("the node's files");
    let mut undo = UndoFile::open(&dir, 0).expect("it reads").expect("a node that is not pruned has it");
    let mut spent = 0;
    for record in &scan.records {
        let block = parse_block(&dir.read(record).expect("it is there"), params).expect("a real block");
        let height = view.find_block(&block.hash).expect("the chain has no forks yet");
        let told = undo.coins(&block).unwrap_or_else(|error| panic!("block {}: {error}", height.0));
        let known: Vec<SpentCoin> = spent_by(view, height);
        assert_eq!(told, known, "block {}", height.0);
        spent += told.len();
    }
    assert!(spent > 90, "only {spent} coins are spent");
}

fn spent_by(view: &View, height: Height) -> Vec<SpentCoin> {
    let txs = view.block_txs(height).expect("a block of the view").map(MovementId);
    let coins = txs.flat_map(|tx| view.inputs(tx)).map(|input| {
        let (_, row) = view.input(InputId(input)).expect("an input of the view");
        row.coin()
    });
    coins.map(|coin| spent_coin(view, coin)).collect()
}

fn spent_coin(view: &View, coin: HoldingId) -> SpentCoin {
    let entry = view.entry(coin);
    let lock = view.lock(entry.owner).expect("what was spent has an owner");
    let (maker, _) = view.origin(coin).expect("a coin of the range");
    SpentCoin {
        value: entry.units,
        kind: lock.kind,
        payload: lock.payload.to_vec(),
        height: view.height(maker),
        coinbase: view.marks(maker).contains(MovementMarks::ISSUES),
    }
}
