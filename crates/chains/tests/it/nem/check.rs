//! Blocks against their parents: a sound one passes, and each way to bend it is named.

use std::collections::BTreeMap;

use coinhound_chains::nem::Parent;
use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::tx::{
    ChangeKind, CosignatoryChange, Cosignature, Head, Message, MessageKind, Modification, Mosaic, MosaicDefinition,
    MosaicId, Multisig, SignedCosignature, Transfer,
};
use coinhound_chains::nem::{
    Address, Block, BlockFault, Body, Hash, LedgerError, NemLedger, Network, PublicKey, Signature, SignedTransaction,
    Transaction, check_block, encode,
};
use coinhound_testkit::nis::made::{self, Key};
use expect_test::expect;

const HEIGHT: u64 = 1_475_000;
const TIME: u32 = 89_304_935;
const PARENT: Parent =
    Parent::Block { network: Network::Main, height: HEIGHT - 1, hash: Hash([7; 32]), timestamp: TIME - 60 };

fn key(number: u64) -> PublicKey {
    Key::of(number).public()
}

fn head(by: u64) -> Head {
    Head { network: Network::Main, timestamp: TIME - 30, signer: key(by), fee: 50_000, deadline: TIME + 3_570 }
}

fn unsigned(by: u64, body: Body) -> SignedTransaction {
    SignedTransaction { transaction: Transaction { head: head(by), body }, signature: Signature([1; 64]) }
}

fn transfer(message: usize) -> Body {
    let message = Some(Message { kind: MessageKind::Plain, payload: vec![b'x'; message] });
    let recipient = Address::of_key(&key(9), Network::Main);
    Body::Transfer(Transfer { recipient, amount: 5, message, mosaics: None })
}

/// A transfer that lists so many mosaics.
fn mosaics(count: u64) -> Body {
    let Body::Transfer(transfer) = transfer(10) else { panic!("a transfer") };
    let mosaic = |nth| Mosaic { id: MosaicId { namespace: "dim".into(), name: format!("coin{nth}") }, quantity: 1 };
    Body::Transfer(Transfer { mosaics: Some((0..count).map(mosaic).collect()), ..transfer })
}

/// So many cosignatories added or deleted.
fn modification(kind: ChangeKind, count: u64) -> Body {
    let changes = (10..10 + count).map(|by| CosignatoryChange { kind, cosignatory: key(by) }).collect();
    Body::Modification(Modification { changes, minimum: None })
}

/// So many cosignatures instead of those that are there.
fn cosign(multisig: &mut Multisig, count: u64) {
    let one = multisig.cosignatures[0].clone();
    multisig.cosignatures = (10..10 + count).map(|by| SignedCosignature { head: head(by), ..one.clone() }).collect();
}

fn multisig() -> Body {
    let inner = Transaction { head: head(3), body: transfer(10) };
    let cosignature = Cosignature { inner_hash: inner.hash(), account: Address::of_key(&key(3), Network::Main) };
    let cosign =
        |by| SignedCosignature { head: head(by), cosignature: cosignature.clone(), signature: Signature([1; 64]) };
    Body::Multisig(Multisig { inner: Box::new(inner), cosignatures: vec![cosign(5), cosign(6)] })
}

fn definition() -> Body {
    Body::MosaicDefinition(MosaicDefinition {
        creator: key(7),
        id: MosaicId { namespace: "dim".into(), name: "coin".into() },
        description: "a coin".into(),
        properties: Vec::new(),
        levy: None,
        sink: Address::of_key(&key(8), Network::Main),
        creation_fee: 10_000_000,
    })
}

fn draft() -> Block {
    Block {
        kind: BlockKind::Regular,
        network: Network::Main,
        timestamp: TIME,
        harvester: key(1),
        signature: Signature([1; 64]),
        previous: Hash([7; 32]),
        height: HEIGHT,
        transactions: vec![unsigned(2, transfer(1_024)), unsigned(4, multisig()), unsigned(7, definition())],
    }
}

/// Everything in a block signed anew by whom it names.
fn sign(mut block: Block) -> Block {
    let keys: BTreeMap<PublicKey, Key> = (1..200).map(|number| (key(number), Key::of(number))).collect();
    for signed in &mut block.transactions {
        let bytes = encode::unsigned(&signed.transaction);
        signed.signature = keys[&signed.transaction.head.signer].sign(&bytes);
        let Body::Multisig(multisig) = &mut signed.transaction.body else { continue };
        for cosigned in &mut multisig.cosignatures {
            cosigned.signature = keys[&cosigned.head.signer].sign(&encode::unsigned_cosignature(cosigned));
        }
    }
    let harvester = &keys[&block.harvester];
    harvester.sign_block(block)
}

fn refused(bend: fn(&mut Block)) -> BlockFault {
    let mut block = draft();
    bend(&mut block);
    check_block(&sign(block), &PARENT).expect_err("bent")
}

fn cosigned(block: &mut Block) -> &mut Multisig {
    match &mut block.transactions[1].transaction.body {
        Body::Multisig(multisig) => multisig,
        _ => panic!("the second is a multisig transaction"),
    }
}

#[test]
fn a_sound_block_passes_and_so_does_a_chain_with_every_type() {
    check_block(&sign(draft()), &PARENT).expect("sound");
    let unknown = Parent::Unknown { network: Network::Main, height_next: HEIGHT };
    check_block(&sign(draft()), &unknown).expect("sound, whatever it stands on");
    let chain = made::chain(Network::Main, HEIGHT, 40);
    let mut parent = unknown;
    for block in &chain {
        check_block(block, &parent).unwrap_or_else(|error| panic!("{error}"));
        parent = Parent::of(block);
    }
}

#[test]
fn each_way_to_bend_a_block_is_named() {
    let bends: [fn(&mut Block); 25] = [
        |block| block.height += 1,
        |block| block.kind = BlockKind::Nemesis,
        |block| block.previous.0[0] ^= 1,
        |block| block.timestamp = TIME - 61,
        |block| block.network = Network::Test,
        |block| block.transactions[0].transaction.head.network = Network::Test,
        |block| cosigned(block).inner.head.network = Network::Test,
        |block| cosigned(block).cosignatures[1].head.network = Network::Mijin,
        |block| block.transactions = (2..123).map(|by| unsigned(by, transfer(0))).collect(),
        |block| block.transactions.push(block.transactions[0].clone()),
        |block| {
            let mut other = block.transactions[1].clone();
            other.transaction.head.fee += 1;
            block.transactions.push(other);
        },
        |block| block.transactions[2].transaction.head.deadline = TIME - 30,
        |block| block.transactions[2].transaction.head.deadline = TIME - 30 + 86_401,
        |block| cosigned(block).cosignatures[0].head.deadline = 0,
        |block| block.transactions[0].transaction.head.deadline = TIME - 1,
        |block| block.transactions[0].transaction.body = transfer(1_025),
        |block| cosigned(block).inner.body = transfer(1_025),
        |block| {
            let again = cosigned(block).cosignatures[0].clone();
            cosigned(block).cosignatures.push(again);
        },
        |block| block.transactions[2].transaction.head.signer = key(1),
        |block| block.transactions[2].transaction.head.signer = key(2),
        |block| block.transactions[0].transaction.body = mosaics(11),
        |block| cosigned(block).inner.body = mosaics(11),
        |block| cosign(cosigned(block), 33),
        |block| block.transactions[0].transaction.body = modification(ChangeKind::Add, 33),
        |block| cosigned(block).inner.body = modification(ChangeKind::Delete, 33),
    ];
    let said: Vec<String> = bends.into_iter().map(|bend| without_hex(&refused(bend).to_string())).collect();
    expect![[r#"
        the block's height is 1475001, expected 1475000
        block 1475000 is of the type -1, expected 1
        block 1475000 stands on HEX expected HEX
        block 1475000 is of the time 89304874, expected 89304875 or later
        block 1475000: the version is of nem-testnet, expected nem
        block 1475000, transaction 0: the version is of nem-testnet, expected nem
        block 1475000, transaction 1: the version is of nem-testnet, expected nem
        block 1475000, transaction 1: the version is of nem-mijin, expected nem
        block 1475000 holds 121 transactions, expected 120 at most
        block 1475000, transaction 3: HEX stood in transaction 0 already
        block 1475000, transaction 3: HEX stood in transaction 1 already
        block 1475000, transaction 2: made at 89304905, good until 89304905, expected within a day after
        block 1475000, transaction 2: made at 89304905, good until 89391306, expected within a day after
        block 1475000, transaction 1: made at 89304905, good until 0, expected within a day after
        block 1475000, transaction 0: good until 89304934, but the block is of the time 89304935
        block 1475000, transaction 0: a message of 1025 bytes, expected 1024 at most
        block 1475000, transaction 1: a message of 1025 bytes, expected 1024 at most
        block 1475000, transaction 1: HEX signs twice
        block 1475000, transaction 2: signed by the block's own harvester HEX
        block 1475000, transaction 2: the mosaic is made by HEX expected HEX who signs
        block 1475000, transaction 0: 11 mosaics, expected 10 at most
        block 1475000, transaction 1: 11 mosaics, expected 10 at most
        block 1475000, transaction 1: 33 cosignatures, expected 32 at most
        block 1475000, transaction 0: 33 added cosignatories, expected 32 at most
        block 1475000, transaction 1: 33 deleted cosignatories, expected 32 at most"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn as_many_mosaics_and_cosignatories_as_nodes_take_pass() {
    let mut block = draft();
    block.transactions[0].transaction.body = mosaics(10);
    cosign(cosigned(&mut block), 32);
    let Body::Modification(mut changes) = modification(ChangeKind::Delete, 32) else { panic!("a modification") };
    let Body::Modification(added) = modification(ChangeKind::Add, 32) else { panic!("a modification") };
    changes.changes.extend(added.changes);
    let multisig = cosigned(&mut block);
    multisig.inner.body = Body::Modification(changes);
    let inner_hash = multisig.inner.hash();
    multisig.cosignatures.iter_mut().for_each(|signed| signed.cosignature.inner_hash = inner_hash);
    check_block(&sign(block), &PARENT).expect("as many as there may be");
}

#[test]
fn a_block_on_nothing_is_refused_wherever_a_ledger_begins_but_at_the_first_block() {
    let mut block = draft();
    block.previous = Hash::ZERO;
    let unknown = Parent::Unknown { network: Network::Main, height_next: HEIGHT };
    let fault = check_block(&sign(block.clone()), &unknown).expect_err("it stands on nothing");
    assert_eq!(fault, BlockFault::NoPrevious { height: HEIGHT });
    let error = NemLedger::partial(Network::Main, HEIGHT).take(&block).expect_err("it stands on nothing");
    assert_eq!(error, LedgerError::NotNext(fault));
}

/// Hashes and keys cut short.
fn without_hex(text: &str) -> String {
    let words = text.split(' ').map(|word| if word.len() >= 64 { "HEX" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn no_bit_of_any_signature_can_be_flipped() {
    let sound = sign(draft());
    let bends: [fn(&mut Block, u8); 3] = [
        |block, bit| block.signature.0[usize::from(bit / 8)] ^= 1 << (bit % 8),
        |block, bit| block.transactions[0].signature.0[usize::from(bit / 8)] ^= 1 << (bit % 8),
        |block, bit| cosigned(block).cosignatures[1].signature.0[usize::from(bit / 8)] ^= 1 << (bit % 8),
    ];
    for (at, bend) in bends.into_iter().enumerate() {
        for bit in (0..=255).step_by(17) {
            let mut block = sound.clone();
            bend(&mut block, bit);
            let block = if at == 0 { block } else { Key::of(1).sign_block(block) };
            let fault = check_block(&block, &PARENT).expect_err("a forged signature");
            assert!(matches!(fault, BlockFault::Signature { height: HEIGHT, .. }), "{fault}");
        }
    }
}

#[test]
fn messages_grew_at_two_heights() {
    let at = |network, height: u64, len: usize| {
        let mut block = draft();
        (block.network, block.height) = (network, height);
        block.transactions = vec![unsigned(2, transfer(len))];
        block.transactions[0].transaction.head.network = network;
        let parent = Parent::Unknown { network, height_next: height };
        check_block(&sign(block), &parent).is_ok()
    };
    for (network, fork, shorter, longer) in [
        (Network::Main, 199_800, 96, 160),
        (Network::Main, 1_025_000, 160, 1_024),
        (Network::Test, 90_000, 96, 160),
        (Network::Test, 830_000, 160, 1_024),
    ] {
        assert!(at(network, fork - 1, shorter) && !at(network, fork - 1, shorter + 1));
        assert!(at(network, fork, longer) && !at(network, fork, longer + 1));
    }
    assert!(at(Network::Mijin, 2, 1_024));
}
