//! Mosaics sent as marks of stolen coins.

use coinhound_chains::nem::Network;
use coinhound_chains::nem::ledger::{address, mosaics_sent};

use crate::nem::ledger::chain::{Chain, listed};

const MARK: &str = "ts:warning_dont_accept_stolen_funds";

#[test]
fn a_mark_is_what_its_sender_said_of_its_recipient_and_of_nobody_else() {
    let mut chain = Chain::whole(Network::Mijin);
    let definition = chain.define('a', MARK, &[("transferable", "false"), ("initialSupply", "9")], None);
    let other = chain.define('b', "b:warning_dont_accept_stolen_funds", &[], None);
    let rows = chain.rows(vec![('a', 0, definition), ('b', 0, other)]);
    assert_eq!(mosaics_sent(&rows, &[MARK]), [], "made, and sent to nobody");
    let bodies = vec![
        ('a', 1, chain.send('c', 1_000_000, Some(listed(&[(MARK, 1), ("nem:xem", 5)])))),
        ('b', 1, chain.send('d', 1_000_000, Some(listed(&[("b:warning_dont_accept_stolen_funds", 1)])))),
        ('a', 1, chain.send('d', 0, Some(listed(&[(MARK, 1)])))),
        ('c', 1, chain.pay('e', 500)),
    ];
    let rows = chain.rows(bodies);
    let [said] = &mosaics_sent(&rows, &[MARK, "no:such"])[..] else { panic!("one statement") };
    assert_eq!(
        (said.mosaic.as_str(), said.height, said.time, said.tx),
        (MARK, rows.height, rows.time, rows.txs[0].hash)
    );
    let (sender, recipient) = (chain.address('a'), chain.address('c'));
    assert_eq!((address(&said.sender), address(&said.recipient)), (Some(sender), Some(recipient)));
    assert_eq!(said.units.to_string(), "1");
}
