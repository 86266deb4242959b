//! The parser against the `bitcoin` crate: the same on what both accept, and no laxer.

use bitcoin::consensus::{deserialize, serialize};
use bitcoin::hashes::Hash;
use coinhound_chains::bitcoin::block::BLOCK_WEIGHT_MAX;
use coinhound_chains::bitcoin::decode::Fault;
use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxIn, TxOut};
use coinhound_chains::bitcoin::header::bits_of;
use coinhound_chains::bitcoin::script::is_key;
use coinhound_chains::bitcoin::{
    BlockError, Network, OwnedLock, Params, ParsedTx, address_text, lock_script, parse_address, parse_block, parse_tx,
};
use coinhound_model::block::CoinBlock;
use coinhound_model::print::TxPrint;
use coinhound_model::{BlockHash, Hash256, LockKind};
use coinhound_testkit::{floresta, tables};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::made::{block, coinbase, commit, header, mine, regtest, spend};

fn main_net() -> &'static Params {
    Network::Main.params()
}

fn script() -> impl Strategy<Value = Vec<u8>> {
    let hash20 = || proptest::array::uniform20(any::<u8>());
    let hash32 = || proptest::array::uniform32(any::<u8>());
    prop_oneof![
        vec(any::<u8>(), 0..60),
        hash20().prop_map(|h| [&[0x76, 0xa9, 20], &h[..], &[0x88, 0xac]].concat()),
        hash20().prop_map(|h| [&[0xa9, 20], &h[..], &[0x87]].concat()),
        hash20().prop_map(|h| [&[0, 20], &h[..]].concat()),
        hash32().prop_map(|h| [&[0, 32], &h[..]].concat()),
        hash32().prop_map(|h| [&[0x51, 32], &h[..]].concat()),
        hash32().prop_map(|h| [&[33, 2 + (h[0] & 1)], &h[..], &[0xac]].concat()),
        (0x51..=0x60_u8, vec(any::<u8>(), 1..42)).prop_map(|(v, p)| [
            &[v, u8::try_from(p.len()).expect("small")],
            &p[..]
        ]
        .concat()),
        vec(any::<u8>(), 0..80).prop_map(|d| [&[0x6a][..], &d].concat()),
        (1..4_u8, vec(hash32(), 1..4), 1..4_u8).prop_map(|(m, keys, n)| {
            let pushed: Vec<u8> = keys.iter().flat_map(|key| [&[33, 2], &key[..]].concat()).collect();
            [&[0x50 + m][..], &pushed, &[0x50 + n, 0xae]].concat()
        }),
    ]
}

fn input() -> impl Strategy<Value = TxIn> {
    let items = prop_oneof![3 => Just(Vec::new()), 2 => vec(vec(any::<u8>(), 0..80), 1..4)];
    (proptest::array::uniform32(any::<u8>()), any::<u32>(), vec(any::<u8>(), 0..120), any::<u32>(), items).prop_map(
        |(txid, index, script_sig, sequence, witness)| TxIn {
            prev: OutPoint { txid: Hash256(txid), index },
            script_sig,
            sequence,
            witness,
        },
    )
}

fn tx() -> impl Strategy<Value = Tx> {
    let outputs = vec((0..1_000_000_000_u64, script()).prop_map(|(value, script)| TxOut { value, script }), 1..5);
    (any::<u32>(), vec(input(), 1..5), outputs, any::<u32>()).prop_map(|(version, inputs, outputs, lock_time)| Tx {
        version,
        inputs,
        outputs,
        lock_time,
    })
}

fn bytes_of(tx: &Tx) -> Vec<u8> {
    let mut bytes = Vec::new();
    tx.put(&mut bytes);
    bytes
}

/// Checks rows `nth` of ours against theirs.
fn same(ours: &CoinBlock, nth: usize, theirs: &bitcoin::Transaction) {
    let row = ours.txs[nth];
    assert_eq!(row.txid.0, theirs.compute_txid().to_byte_array());
    assert_eq!(u64::from(row.weight), theirs.weight().to_wu());
    assert_eq!(row.lock_time, theirs.lock_time.to_consensus_u32());
    assert_eq!(row.print.contains(TxPrint::COINBASE), theirs.is_coinbase());
    if !theirs.is_coinbase() {
        assert_eq!(row.print.contains(TxPrint::REPLACEABLE), theirs.is_explicitly_rbf());
        assert_eq!(row.print.contains(TxPrint::WITNESS), theirs.input.iter().any(|input| !input.witness.is_empty()));
    }
    let (first_in, first_out) =
        nth.checked_sub(1).map_or((0, 0), |before| (ours.txs[before].input_end, ours.txs[before].output_end));
    let range = |from: u32, to: u32| from as usize..to as usize;
    let inputs = &ours.inputs[range(first_in, row.input_end)];
    let spending = theirs.input.iter().filter(|_| !theirs.is_coinbase());
    assert!(
        inputs
            .iter()
            .map(|i| (i.prev_txid.0, i.prev_index))
            .eq(spending.map(|i| (i.previous_output.txid.to_byte_array(), i.previous_output.vout)))
    );
    let outputs = range(first_out, row.output_end).map(|at| (ours.outputs[at].value, lock_script(ours.lock(at))));
    assert!(outputs.eq(theirs.output.iter().map(|o| (o.value.to_sat(), o.script_pubkey.to_bytes()))));
}

fn compare(bytes: &[u8]) -> Result<(), TestCaseError> {
    let ours = parse_tx(bytes, main_net());
    let theirs = deserialize::<bitcoin::Transaction>(bytes);
    match (ours, theirs) {
        (Ok(ParsedTx { rows, wtxid }), Ok(theirs)) => {
            same(&rows, 0, &theirs);
            prop_assert_eq!(wtxid.0, theirs.compute_wtxid().to_byte_array());
        }
        (Ok(_), Err(error)) => prop_assert!(false, "we accept what they refuse: {error}"),
        // Rules of consensus that the crate leaves to others: amounts, coinbase scripts, empty transactions.
        (Err(ours), Ok(_)) => prop_assert!(matches!(ours.fault, Fault::NotAllowed | Fault::Zero), "{}", ours),
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

/// Where the crate knows a script's kind, ours is the same.
fn compare_script(bytes: &[u8]) -> Result<(), TestCaseError> {
    let theirs = bitcoin::Script::from_bytes(bytes);
    let kind = OwnedLock::of_script(bytes).kind;
    for (is, expected) in [
        (theirs.is_p2pkh(), LockKind::PubKeyHash),
        (theirs.is_p2sh(), LockKind::ScriptHash),
        (theirs.is_p2wpkh(), LockKind::WitnessPubKeyHash),
        (theirs.is_p2wsh(), LockKind::WitnessScriptHash),
        (theirs.is_p2tr(), LockKind::Taproot),
        (theirs.is_op_return(), LockKind::DataCarrier),
    ] {
        prop_assert_eq!(is, kind == expected, "{:?}", expected);
    }
    // The crate's P2PK asks for the key's length alone, Core for its first byte too.
    prop_assert!(!theirs.is_p2pk() || (kind == LockKind::PubKey) == is_key(&bytes[1..bytes.len() - 1]));
    prop_assert!(kind != LockKind::Multisig || theirs.is_multisig());
    prop_assert!(kind != LockKind::Witness || theirs.is_witness_program());
    for network in Network::ALL {
        let Some(known) = theirs_of(network) else { continue };
        let text = address_text(OwnedLock::of_script(bytes).as_lock(), network.params());
        if let Ok(address) = bitcoin::Address::from_script(theirs, known) {
            prop_assert_eq!(&text, &address.to_string());
            let read = parse_address(&text, network.params()).map(|lock| lock_script(lock.as_lock()));
            prop_assert_eq!(read, Ok(bytes.to_vec()));
        }
    }
    Ok(())
}

/// The crate knows the networks of Bitcoin alone.
fn theirs_of(network: Network) -> Option<bitcoin::Network> {
    match network {
        Network::Main => Some(bitcoin::Network::Bitcoin),
        Network::Testnet3 => Some(bitcoin::Network::Testnet),
        Network::Testnet4 => Some(bitcoin::Network::Testnet4),
        Network::Signet => Some(bitcoin::Network::Signet),
        Network::Regtest => Some(bitcoin::Network::Regtest),
        Network::LitecoinMain | Network::LitecoinRegtest => None,
    }
}

#[test]
fn parameters_agree_with_the_crates() {
    for network in Network::ALL {
        let Some(theirs) = theirs_of(network) else { continue };
        let ours = network.params();
        assert_eq!(ours.magic, theirs.magic().to_bytes());
        let genesis = bitcoin::blockdata::constants::genesis_block(theirs);
        assert_eq!(ours.genesis.0, genesis.block_hash().to_byte_array());
        // The crate keeps the limit rounded to its short form.
        let limit = theirs.params().max_attainable_target.to_compact_lossy().to_consensus();
        assert_eq!(bits_of(ours.pow_limit), limit, "{network}");
        assert_eq!(!ours.difficulty.retargets, theirs.params().no_pow_retargeting);
        assert_eq!(ours.difficulty.easy_after_secs.is_some(), theirs.params().allow_min_difficulty_blocks);
        let parsed = parse_block(&serialize(&genesis), ours).expect("a genesis block is a block");
        assert_eq!(parsed.hash, ours.genesis);
    }
}

#[test]
fn real_blocks_parse_as_the_crate_parses_them() {
    let Some(data) = tables::data_folder("real_blocks_parse_as_the_crate_parses_them") else { return };
    let mut blocks: Vec<Vec<u8>> = floresta::BLOCKS.iter().map(|(height, _)| floresta::block(&data, *height)).collect();
    blocks.push(std::fs::read(data.join("bitcoin/block300025.raw")).expect("readable"));
    for bytes in blocks {
        let theirs: bitcoin::Block = deserialize(&bytes).expect("a real block");
        let ours = parse_block(&bytes, main_net()).expect("a real block");
        assert_eq!(ours.hash.0, theirs.block_hash().to_byte_array());
        assert_eq!(ours.txs.len(), theirs.txdata.len());
        for (nth, tx) in theirs.txdata.iter().enumerate() {
            same(&ours, nth, tx);
            for output in &tx.output {
                compare_script(output.script_pubkey.as_bytes()).expect("the same kind and address");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn transactions_parse_as_the_crate_parses_them(tx in tx()) {
        let bytes = bytes_of(&tx);
        compare(&bytes)?;
        prop_assert!(parse_tx(&bytes, main_net()).is_ok());
    }

    #[test]
    fn altered_transactions_are_no_more_accepted_than_by_the_crate(
        tx in tx(), edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>(), extra in 0..3_usize,
    ) {
        let mut bytes = bytes_of(&tx);
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        compare(&bytes)?;
        compare(&[bytes.clone(), vec![0; extra]].concat())?;
        bytes.truncate(cut.index(bytes.len()));
        compare(&bytes)?;
    }

    #[test]
    fn scripts_classify_and_print_as_the_crate_says(script in script(), edit in any::<(prop::sample::Index, u8)>()) {
        compare_script(&script)?;
        let mut altered = script;
        if !altered.is_empty() {
            let at = edit.0.index(altered.len());
            altered[at] = edit.1;
        }
        compare_script(&altered)?;
    }

    #[test]
    fn blocks_with_witnesses_hold_their_commitment(txs in vec(tx(), 1..6)) {
        let mut txs: Vec<Tx> = std::iter::once(coinbase(7, vec![0x51])).chain(txs).collect();
        commit(&mut txs);
        let bytes = block(BlockHash::default(), 1, &txs);
        let theirs: bitcoin::Block = deserialize(&bytes).expect("a block");
        prop_assert!(theirs.check_merkle_root() && theirs.check_witness_commitment());
        prop_assert_eq!(parse_block(&bytes, regtest()).map(|block| block.txs.len()), Ok(txs.len()));
    }
}

#[test]
fn the_largest_witness_is_accepted_issue_e10() {
    // 500,003 items, as in mainnet block 774628's kind: each empty item is one byte, and no cap counts them.
    let items = vec![Vec::new(); 500_003];
    let mut txs = vec![coinbase(7, vec![0x51]), spend(Hash256([1; 32]), items, vec![0x51])];
    commit(&mut txs);
    let bytes = block(BlockHash::default(), 1, &txs);
    assert_eq!(parse_block(&bytes, regtest()).map(|block| block.txs.len()), Ok(2));
    // One item that fills the block to the last weight unit.
    let full = |len: usize| {
        let mut txs = vec![coinbase(7, vec![0x51]), spend(Hash256([1; 32]), vec![vec![7; len]], vec![0x51])];
        commit(&mut txs);
        block(BlockHash::default(), 1, &txs)
    };
    let weight = deserialize::<bitcoin::Block>(&full(100_000)).expect("a block").weight().to_wu();
    let room = BLOCK_WEIGHT_MAX - usize::try_from(weight).expect("small") + 100_000;
    assert!(parse_block(&full(room), regtest()).is_ok());
    assert!(
        matches!(parse_block(&full(room + 1), regtest()), Err(BlockError::Overweight { weight }) if weight > 4_000_000)
    );
}

#[test]
fn a_block_that_breaks_a_rule_says_which() {
    let base = coinbase(7, vec![0x51]);
    let pay = spend(Hash256([1; 32]), Vec::new(), vec![0x51]);
    let with = |txs: &[Tx]| parse_block(&block(BlockHash::default(), 1, txs), regtest());
    assert!(with(&[base.clone(), pay.clone()]).is_ok());
    assert!(matches!(with(&[pay.clone(), base.clone()]), Err(BlockError::NoCoinbase { offset: 81 })));
    assert!(matches!(with(&[base.clone(), base.clone()]), Err(BlockError::SecondCoinbase { index: 1, .. })));
    assert!(matches!(with(&[base.clone(), pay.clone(), pay.clone(), pay.clone()]), Err(BlockError::Repeated(_))));
    let three = [base.clone(), pay.clone(), spend(Hash256([2; 32]), Vec::new(), vec![0x51])];
    let root = coinhound_chains::bitcoin::encode::merkle_root(three.iter().map(Tx::txid).collect());
    let longer = mine(header(BlockHash::default(), 1, root), &[&three[..], &three[2..]].concat());
    assert!(
        matches!(parse_block(&longer, regtest()), Err(BlockError::Repeated(_))),
        "CVE-2012-2459: the root is the same"
    );
    let wrong_root = mine(header(BlockHash::default(), 1, Hash256([1; 32])), &three);
    assert!(matches!(parse_block(&wrong_root, regtest()), Err(BlockError::MerkleRoot { .. })));
    let mut rich = base.clone();
    rich.outputs[0].value = regtest().money_max + 1;
    let error = with(&[rich]).expect_err("more than all money");
    assert_eq!(error.to_string(), "byte 130: expected output value, but its value is not allowed");
    let mut bytes = block(BlockHash::default(), 1, &[base]);
    bytes.push(0);
    assert!(parse_block(&bytes, regtest()).expect_err("a byte too many").to_string().contains("bytes follow"));
}

#[test]
fn witnesses_must_be_the_ones_committed_to() {
    let signed = spend(Hash256([1; 32]), vec![vec![1, 2, 3]], vec![0x51]);
    let bare = [coinbase(7, vec![0x51]), signed.clone()];
    let parse = |txs: &[Tx]| parse_block(&block(BlockHash::default(), 1, txs), regtest());
    assert!(matches!(parse(&bare), Err(BlockError::UnexpectedWitness { index: 1, .. })));
    let mut committed = bare.to_vec();
    commit(&mut committed);
    assert!(parse(&committed).is_ok());
    let mut altered = committed.clone();
    altered[1].inputs[0].witness[0][0] ^= 1;
    assert!(matches!(parse(&altered), Err(BlockError::WitnessCommitment { .. })));
    let mut no_nonce = committed.clone();
    no_nonce[0].inputs[0].witness.clear();
    assert_eq!(parse(&no_nonce), Err(BlockError::WitnessNonce));
    let mut stripped = no_nonce;
    stripped[1].inputs[0].witness.clear();
    assert_eq!(
        parse(&stripped),
        Err(BlockError::WitnessNonce),
        "stored without witnesses, but segwit binds at its height"
    );
}

#[test]
fn bip30_twins_are_two_blocks_with_one_transaction_issue_e23() {
    // Heights 91722/91880 and 91812/91842 of main hold the same coinbase; before BIP 34 nothing forbade it.
    let twin = Tx {
        inputs: vec![TxIn { script_sig: vec![4, 1, 2, 3, 4], ..coinbase(1, vec![]).inputs[0].clone() }],
        ..coinbase(1, vec![0x51])
    };
    let first = block(BlockHash::default(), 1, std::slice::from_ref(&twin));
    let second = block(crate::made::hash_of(&first), 2, &[twin]);
    let parsed = [first, second].map(|bytes| parse_block(&bytes, regtest()).expect("a block"));
    assert_eq!(parsed[0].txs[0].txid, parsed[1].txs[0].txid);
    assert_ne!(parsed[0].hash, parsed[1].hash);
}
