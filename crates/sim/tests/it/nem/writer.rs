//! What the writer of NIS1 blocks promises, with the decoders of `chains` as referee.

use coinhound_chains::nem::tx::{Levy, LevyKind, LinkMode, MessageKind, Mosaic, SupplyDirection};
use coinhound_chains::nem::{
    Block, Hash, Network, SignedTransaction, decode_block, encode, parse_block, parse_explorer_block, parse_pair,
    parse_transaction,
};
use coinhound_sim::nem::{KeyPair, Writer, body, json};

fn key(number: u32) -> KeyPair {
    KeyPair::derive(1, number)
}

fn levied(network: Network) -> body::Issued {
    let recipient = key(0).address(network);
    let levy = Levy { kind: LevyKind::Percentile, recipient, id: body::mosaic_id("nem:xem"), fee: 150 };
    body::Issued {
        id: body::mosaic_id("larch.street:point"),
        description: "a point".to_owned(),
        divisibility: 2,
        supply: 1_000_000,
        mutable: true,
        transferable: true,
        levy: Some(levy),
    }
}

/// One transaction of every type and version that is written today.
fn of_every_type(writer: &Writer) -> Vec<SignedTransaction> {
    let network = writer.network();
    let (alice, bob) = (key(1), key(2));
    let to = bob.address(network);
    let id = body::mosaic_id("larch.street:point");
    let encrypted = coinhound_chains::nem::tx::Message { kind: MessageKind::Encrypted, payload: vec![9; 64] };
    let bodies = vec![
        body::transfer(to, 1, None),
        body::transfer(to, 2, Some(body::plain("customer 7"))),
        body::transfer(to, 3, Some(encrypted)),
        body::transfer_of_mosaics(to, 4, None, vec![]),
        body::transfer_of_mosaics(to, 5, None, vec![Mosaic { id: id.clone(), quantity: 6 }]),
        body::remote_link(LinkMode::Link, bob.public()),
        body::modification(network, &[bob.public(), key(3).public()], &[key(4).public()], Some(2)),
        body::modification(network, &[], &[key(3).public()], None),
        body::namespace(network, "larch", None),
        body::namespace(network, "street", Some("larch")),
        body::definition(network, alice.public(), &levied(network)),
        body::definition(network, alice.public(), &body::Issued { levy: None, ..levied(network) }),
        body::supply_change(id, SupplyDirection::Decrease, 12),
    ];
    let others = [(&bob, 11), (&key(3), 12)];
    let joint = |body: &coinhound_chains::nem::Body| writer.multisig(&alice, &key(4), 10, body.clone(), &others);
    let multisig: Vec<_> = bodies.iter().map(joint).collect();
    bodies.into_iter().map(|body| writer.signed(&alice, 9, body)).chain(multisig).collect()
}

fn chain(network: Network) -> Vec<Block> {
    let mut writer = Writer::new(network);
    let first = writer.block(&key(0), 5, vec![]);
    let all = of_every_type(&writer);
    vec![first, writer.block(&key(5), 60, all), writer.block(&key(5), 61, vec![])]
}

#[test]
fn blocks_link_and_every_signature_holds() {
    for network in Network::ALL {
        let blocks = chain(network);
        let mut previous = Hash::ZERO;
        for (height, block) in (1..).zip(&blocks) {
            block.verify().unwrap_or_else(|error| panic!("block {height}: {error}"));
            assert_eq!((block.previous, block.height), (previous, height));
            previous = block.hash();
        }
        assert_eq!(blocks[1].transactions.len(), 26);
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let bytes = |blocks: Vec<Block>| blocks.iter().flat_map(encode::block).collect::<Vec<_>>();
    assert_eq!(bytes(chain(Network::Mijin)), bytes(chain(Network::Mijin)));
}

#[test]
fn both_forms_read_back_to_the_block_that_was_written() {
    for network in Network::ALL {
        for block in chain(network) {
            assert_eq!(decode_block(&encode::block(&block)).as_ref(), Ok(&block));
            assert_eq!(parse_block(&json::block(&block).to_string()).expect("sound"), block);
            let told = json::explorer_block(&block, 50, &block.harvested_by()).to_string();
            let told = parse_explorer_block(&told).expect("hashes that agree");
            assert_eq!((told.block, told.difficulty), (block.clone(), 50));
            assert_eq!((told.total_fee, told.beneficiary), (json::total_fee(&block), block.harvested_by()));
            for signed in &block.transactions {
                let alone = json::transaction(signed).to_string();
                assert_eq!(parse_transaction(&alone).expect("sound"), *signed);
                let pair = parse_pair(&json::pair(signed, 7, 8).to_string()).expect("hashes that agree");
                assert_eq!((pair.signed, pair.height, pair.id), (signed.clone(), Some(7), Some(8)));
            }
        }
    }
}

#[test]
fn a_chain_may_go_on_after_any_block() {
    let before = Hash([7; 32]);
    let mut writer = Writer::after(Network::Test, 1_474_999, before);
    let block = writer.block(&key(0), 89_304_900, vec![]);
    assert_eq!((block.height, block.previous), (1_475_000, before));
    block.verify().expect("signed");
}
