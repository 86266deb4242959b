//! What the ten real transactions of `mainnet.json` move.

use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::json::Pair;
use coinhound_chains::nem::ledger::address;
use coinhound_chains::nem::{Block, Hash, NemLedger, Network, PublicKey, Signature, parse_pairs};
use coinhound_model::{Account, AccountTx, NoteKind};
use expect_test::expect;

/// A transaction at its height, alone in a block; the block itself is made up.
fn booked(pair: &Pair) -> AccountTx {
    let (signed, height) = (pair.signed.clone(), pair.height.expect("in a block"));
    let block = Block {
        kind: BlockKind::Regular,
        network: Network::Main,
        timestamp: signed.transaction.head.timestamp,
        harvester: PublicKey([9; 32]),
        signature: Signature([9; 64]),
        previous: Hash([9; 32]),
        height,
        transactions: vec![signed],
    };
    let rows = NemLedger::partial(Network::Main, height).take(&block).expect("bookable");
    rows.txs.into_iter().next().expect("one")
}

fn line(tx: &AccountTx) -> String {
    let short = |side: &Option<Account>| {
        let text = side.as_ref().map(|account| address(account).expect("of NEM").to_string());
        text.map_or("-".to_owned(), |text| text[..6].to_owned())
    };
    let moved = |m: &coinhound_model::AccountMove| {
        format!("{} {} {} > {}", m.kind, m.units, m.token.id, [short(&m.from), short(&m.to)].join(" > "))
    };
    let moves: Vec<String> = tx.moves.iter().map(moved).collect();
    let says = tx.notes.iter().filter(|note| note.kind != NoteKind::Flag);
    let says: Vec<_> = says.map(|note| format!("{:?} {}", note.kind, String::from_utf8_lossy(&note.bytes))).collect();
    format!("{} {} {}", &tx.hash.to_string()[..8], moves.join(", "), says.join(", ")).trim_end().to_owned()
}

#[test]
fn ten_real_transactions_move_what_explorers_show() {
    let pairs = parse_pairs(include_str!("../mainnet.json")).expect("sound");
    let all: Vec<String> = pairs.iter().map(|pair| line(&booked(pair))).collect();
    expect![[r#"
        86a1a104 transfer 1001000000 nem:xem > NBGMQE > NC2KPE, fee 50000 nem:xem > NBGMQE > -
        d64bc539 transfer 4060230000 nem:xem > NCB46T > NBA7SF, fee 100000 nem:xem > NCB46T > - Message 438496
        ef59aea3 transfer 2000000000 nem:xem > NB5XYI > NA366X, fee 50000 nem:xem > NB5XYI > -
        ef33af9b transfer 2000000 nem:xem > NDLHY5 > NDY4RH, transfer 2 nextem:nex > NDLHY5 > NDY4RH, fee 2000000 nem:xem > NDLHY5 > -
        da210ebf transfer 0 nem:xem > NDLHY5 > NDY4RH, fee 1000000 nem:xem > NDLHY5 > -
        3eef4c05 transfer 868000000 nem:xem > NAGJG3 > NC64UF, fee 1100000 nem:xem > NAGJG3 > - Message 100918823
        96f8d047 transfer 100000000 nem:xem > NDZZFL > NAMOAV, fee 14000000 nem:xem > NDZZFL > -
        1ba14816 transfer 5123456 nem:xem > NB24NH > NDSMUV, fee 350000 nem:xem > NB24NH > -
        169082bb transfer 10000 nem:xem > NDWWWD > NDKIDQ, fee 250000 nem:xem > NDWWWD > - Message 643b77ec223a4a1e
        ac0184ee transfer 0 nem:xem > NCM77S > NDIGV7, fee 250000 nem:xem > NCM77S > - Message wHjQCWpl"#]].assert_eq(&all.join("\n"));
}

#[test]
fn a_multisig_transaction_takes_from_the_account_and_not_from_who_brought_it() {
    let pairs = parse_pairs(include_str!("../mainnet.json")).expect("sound");
    let mut seen = 0;
    for pair in &pairs {
        let coinhound_chains::nem::Body::Multisig(multisig) = &pair.signed.transaction.body else { continue };
        let (inner, outer) = (multisig.inner.head.sender(), pair.signed.transaction.head.sender());
        let tx = booked(pair);
        for moved in &tx.moves {
            let from = address(moved.from.as_ref().expect("no mint here")).expect("of NEM");
            assert_eq!(from, inner);
            assert_ne!(from, outer);
        }
        let cosigned: u64 = multisig.cosignatures.iter().map(|signed| signed.head.fee).sum();
        let fees = pair.signed.transaction.head.fee + multisig.inner.head.fee + cosigned;
        assert_eq!(tx.moves.last().expect("a fee").units, ruint::aliases::U256::from(fees));
        seen += 1;
    }
    assert_eq!(seen, 5);
}
