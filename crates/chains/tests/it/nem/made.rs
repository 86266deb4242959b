//! Made transactions and blocks of every type, whatever the chain would say to them.

use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::tx::{
    ChangeKind, CosignatoryChange, Cosignature, Head, Levy, LevyKind, LinkMode, Message, MessageKind, Modification,
    Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace, RemoteLink, SignedCosignature, SupplyChange,
    SupplyDirection, Transfer,
};
use coinhound_chains::nem::{
    Address, Block, Body, Hash, Network, PublicKey, Signature, SignedTransaction, Transaction, decode_block,
    decode_transaction, decode_unsigned, encode,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn key() -> impl Strategy<Value = PublicKey> {
    any::<[u8; 32]>().prop_map(PublicKey)
}

fn signature() -> impl Strategy<Value = Signature> {
    (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(r, s)| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&r);
        bytes[32..].copy_from_slice(&s);
        Signature(bytes)
    })
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        (key(), select(&Network::ALL[..])).prop_map(|(key, network)| Address::of_key(&key, network)),
        proptest::array::uniform25(any::<u8>()).prop_map(Address),
    ]
}

fn id() -> impl Strategy<Value = MosaicId> {
    ("[a-z.]{0,12}", "\\PC{0,12}").prop_map(|(namespace, name)| MosaicId { namespace, name })
}

fn head() -> impl Strategy<Value = Head> {
    (select(&Network::ALL[..]), any::<u32>(), key(), any::<u64>(), any::<u32>())
        .prop_map(|(network, timestamp, signer, fee, deadline)| Head { network, timestamp, signer, fee, deadline })
}

fn transfer() -> impl Strategy<Value = Body> {
    let kind = select(vec![MessageKind::Plain, MessageKind::Encrypted]);
    let message = (kind, vec(any::<u8>(), 0..40)).prop_map(|(kind, payload)| Message { kind, payload });
    let mosaic = (id(), any::<u64>()).prop_map(|(id, quantity)| Mosaic { id, quantity });
    (address(), any::<u64>(), option::of(message), option::of(vec(mosaic, 0..4))).prop_map(
        |(recipient, amount, message, mosaics)| Body::Transfer(Transfer { recipient, amount, message, mosaics }),
    )
}

fn remote_link() -> impl Strategy<Value = Body> {
    let mode = select(vec![LinkMode::Link, LinkMode::Unlink]);
    (mode, key()).prop_map(|(mode, remote)| Body::RemoteLink(RemoteLink { mode, remote }))
}

fn modification() -> impl Strategy<Value = Body> {
    let kind = select(vec![ChangeKind::Add, ChangeKind::Delete]);
    let change = (kind, key()).prop_map(|(kind, cosignatory)| CosignatoryChange { kind, cosignatory });
    let minimum = option::of(option::of(any::<i32>()));
    (vec(change, 0..5), minimum).prop_map(|(changes, minimum)| Body::Modification(Modification { changes, minimum }))
}

fn cosignature() -> impl Strategy<Value = Cosignature> {
    (hash(), address()).prop_map(|(inner_hash, account)| Cosignature { inner_hash, account })
}

fn namespace() -> impl Strategy<Value = Body> {
    (address(), any::<u64>(), "[a-z0-9]{0,16}", option::of("[a-z.]{0,40}"))
        .prop_map(|(sink, rent, part, parent)| Body::Namespace(Namespace { sink, rent, part, parent }))
}

fn definition() -> impl Strategy<Value = Body> {
    let kind = select(vec![LevyKind::Absolute, LevyKind::Percentile]);
    let levy = (kind, address(), id(), any::<u64>());
    let levy = levy.prop_map(|(kind, recipient, id, fee)| Levy { kind, recipient, id, fee });
    let properties = vec(("[a-zA-Z]{0,13}", "\\PC{0,8}"), 0..5);
    let inside = (key(), id(), "\\PC{0,60}", properties, option::of(levy));
    (inside, address(), any::<u64>()).prop_map(|(inside, sink, creation_fee)| {
        let (creator, id, description, properties, levy) = inside;
        Body::MosaicDefinition(MosaicDefinition { creator, id, description, properties, levy, sink, creation_fee })
    })
}

fn supply_change() -> impl Strategy<Value = Body> {
    let direction = select(vec![SupplyDirection::Increase, SupplyDirection::Decrease]);
    (id(), direction, any::<u64>())
        .prop_map(|(id, direction, delta)| Body::SupplyChange(SupplyChange { id, direction, delta }))
}

fn inner() -> impl Strategy<Value = Transaction> {
    let body = prop_oneof![transfer(), remote_link(), modification(), namespace(), definition(), supply_change()];
    (head(), body).prop_map(|(head, body)| Transaction { head, body })
}

fn multisig() -> impl Strategy<Value = Transaction> {
    let cosigned = (head(), cosignature(), signature());
    let cosigned =
        cosigned.prop_map(|(head, cosignature, signature)| SignedCosignature { head, cosignature, signature });
    (head(), inner(), vec(cosigned, 0..3)).prop_map(|(head, inner, cosignatures)| Transaction {
        head,
        body: Body::Multisig(Multisig { inner: Box::new(inner), cosignatures }),
    })
}

/// What a block may hold.
fn in_block() -> impl Strategy<Value = SignedTransaction> {
    let transaction = prop_oneof![6 => inner(), 2 => multisig()];
    (transaction, signature()).prop_map(|(transaction, signature)| SignedTransaction { transaction, signature })
}

/// A transaction of any type.
pub fn signed() -> impl Strategy<Value = SignedTransaction> {
    let alone = (head(), cosignature(), signature()).prop_map(|(head, cosignature, signature)| SignedTransaction {
        transaction: Transaction { head, body: Body::Cosignature(cosignature) },
        signature,
    });
    prop_oneof![8 => in_block(), 1 => alone]
}

/// A block with a few transactions.
pub fn block() -> impl Strategy<Value = Block> {
    let kind = select(vec![BlockKind::Nemesis, BlockKind::Regular]);
    let fields = (kind, select(&Network::ALL[..]), any::<u32>(), key(), signature(), hash(), any::<u64>());
    (fields, vec(in_block(), 0..4)).prop_map(|(fields, transactions)| {
        let (kind, network, timestamp, harvester, signature, previous, height) = fields;
        Block { kind, network, timestamp, harvester, signature, previous, height, transactions }
    })
}

/// Without what the form without signature leaves out.
fn bare(mut transaction: Transaction) -> Transaction {
    if let Body::Multisig(multisig) = &mut transaction.body {
        multisig.cosignatures.clear();
    }
    transaction
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_written_reads_back(signed in signed()) {
        prop_assert_eq!(decode_transaction(&encode::signed(&signed)), Ok(signed.clone()));
        let hashed = encode::unsigned(&signed.transaction);
        prop_assert_eq!(decode_unsigned(&hashed), Ok(bare(signed.transaction)));
    }

    #[test]
    fn a_block_that_is_written_reads_back(block in block()) {
        prop_assert_eq!(decode_block(&encode::block(&block)), Ok(block));
    }
}

#[test]
fn the_largest_message_and_the_longest_list_are_read() {
    let plain = |len| Message { kind: MessageKind::Plain, payload: vec![b'x'; len] };
    let mosaic = Mosaic { id: MosaicId { namespace: "nem".into(), name: "xem".into() }, quantity: u64::MAX };
    let transfer = Transfer {
        recipient: Address([0x68; 25]),
        amount: u64::MAX,
        message: Some(plain(1 << 20)),
        mosaics: Some(vec![mosaic; 1_000]),
    };
    let network = Network::Main;
    let head = Head { network, timestamp: u32::MAX, signer: PublicKey([1; 32]), fee: u64::MAX, deadline: u32::MAX };
    let transaction = Transaction { head, body: Body::Transfer(transfer) };
    let signed = SignedTransaction { transaction, signature: Signature([2; 64]) };
    let block = Block {
        kind: BlockKind::Regular,
        network,
        timestamp: u32::MAX,
        harvester: PublicKey([3; 32]),
        signature: Signature([4; 64]),
        previous: Hash([5; 32]),
        height: u64::MAX,
        transactions: vec![signed; 10],
    };
    assert!(decode_block(&encode::block(&block)) == Ok(block), "ten million bytes read back");
}
