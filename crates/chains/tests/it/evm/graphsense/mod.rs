//! Another tool's tables of real blocks: its 782 addresses, 2,454 relations and 143 transfers of one token follow from what
//! is read here, by its own definitions where they differ.
//!
//! The set holds 332 transactions, but the traces and logs of 1,092, without receipts and signatures: roots cannot be
//! recomputed from it. So traces are put into the form in which nodes tell them and logs into ours; both are then read by
//! the code that reads blocks. Definitions of that tool that are not ours, each found by trying and true of every row:
//!
//! - Every successful trace counts as a transaction between two addresses, also calls that move nothing and calls that run
//!   another's code in one's own account (`delegatecall`): these repeat the value of the call above them, and count it
//!   again. Here they move nothing.
//! - Of tokens, WETH, USDC and USDT alone are known; a `Transfer` counts as one transaction. WETH's deposits and withdrawals
//!   are not counted; here they are movements.
//! - Fees are not part of what an address spent. What it received includes mining rewards and the first block's balances.
//! - Amounts and neighbours are those of all traces; numbers of transactions, and who has a row at all, those of the traces
//!   whose transaction is in the set. Numbers of relations are those of the set's traces, and of all token transfers.
//! - The number of neighbours who sent a zero value is 0 or 1: whether there was one.

pub mod set;

use std::collections::{BTreeMap, BTreeSet};

use coinhound_chains::evm::{Address, Hash};
use ruint::aliases::U256;
use serde_json::Value;

use set::{Row, Set, TOKENS, base64, number, set};

fn count(told: &Value) -> usize {
    usize::try_from(told.as_u64().expect("a number")).expect("small")
}

#[test]
fn the_143_transfers_of_usdt_are_those_of_the_table() {
    let Some(set) = set("the_143_transfers_of_usdt_are_those_of_the_table") else { return };
    let got = set.transfers.iter().filter(|one| one.token == "USDT");
    let mut got: Vec<_> =
        got.map(|one| (one.block, one.log_index, one.tx_index, one.tx, one.from, one.to, one.units)).collect();
    got.sort_unstable();
    let field = |row: &Value, name: &str| row[name].as_u64().expect("a number");
    let want = |row: &Value| {
        let [from, to] = ["from", "to"].map(|side| Address(base64(&row[side])));
        let tx = Hash(base64(&row["txHash"]));
        (
            field(row, "blockId"),
            field(row, "logIndex"),
            field(row, "transactionIndex"),
            tx,
            from,
            to,
            number(&row["value"]),
        )
    };
    let mut want: Vec<_> = set.usdt.iter().map(want).collect();
    want.sort_unstable();
    assert_eq!(got.len(), 143);
    assert_eq!(got, want);
}

#[test]
fn traces_of_real_transactions_are_read_as_the_table_says() {
    let Some(set) = set("traces_of_real_transactions_are_read_as_the_table_says") else { return };
    let read = set.read();
    assert_eq!(read.len(), 1_092);
    let inside =
        |row: &&Row| row.tx.is_some() && row.is_ok && !row.path.is_empty() && matches!(&*row.call, "call" | "");
    let want: Vec<_> = set.rows.iter().filter(inside).filter(|row| !row.units.is_zero()).collect();
    let got: usize = read.values().map(|(trace, _)| trace.internals.len()).sum();
    assert_eq!(got, want.len());
    for (hash, tx) in &set.txs {
        let Some((trace, moves)) = read.get(hash) else { continue };
        let own = (tx.from, tx.to.unwrap_or_default(), tx.units);
        assert!(trace.failed || tx.units.is_zero() || moves.contains(&own), "{hash}: its own value");
    }
    let made: usize = read.values().map(|(trace, _)| trace.made.len()).sum();
    let contracts = set.addresses.iter().filter(|row| row["isContract"] == true);
    assert_eq!((made, contracts.count()), (3, 3));
    let made: BTreeSet<_> = read.values().flat_map(|(trace, _)| &trace.made).map(|made| made.contract).collect();
    let said = set.addresses.iter().filter(|row| row["isContract"] == true).map(|row| Address(base64(&row["address"])));
    assert_eq!(made, said.collect());
}

/// What the table counts of one address.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
struct Side {
    /// Value of all traces.
    value: U256,
    /// Value that really moved, as we read traces.
    moved: U256,
    /// Value of calls that run another's code, which repeat the value of the call above them.
    repeated: U256,
    txs: usize,
    zero_txs: usize,
    neighbours: BTreeSet<Address>,
    zero_neighbours: BTreeSet<Address>,
    tokens: BTreeMap<&'static str, U256>,
}

#[derive(Default, Clone)]
struct Seen {
    is_in: bool,
    first: Option<u64>,
    last: Option<u64>,
    received: Side,
    spent: Side,
}

impl Seen {
    fn at(&mut self, id: u64) {
        self.is_in = true;
        self.first = Some(self.first.map_or(id, |first| first.min(id)));
        self.last = self.last.max(Some(id));
    }
}

fn seen(set: &Set) -> BTreeMap<Address, Seen> {
    let mut all = BTreeMap::<Address, Seen>::new();
    for row in set.rows.iter().filter(|row| row.is_ok && row.tx.is_none()) {
        let side = &mut all.entry(row.to).or_default().received;
        (side.value, side.moved) = (side.value + row.units, side.moved + row.units);
    }
    for (row, from, tx) in set.done() {
        let is_repeated = row.call == "delegatecall";
        let id = set.txs.get(&tx).map(|tx| tx.id);
        for (who, other, is_in) in [(row.to, from, true), (from, row.to, false)] {
            let seen = all.entry(who).or_default();
            id.into_iter().for_each(|id| seen.at(id));
            let side = if is_in { &mut seen.received } else { &mut seen.spent };
            side.value += row.units;
            side.repeated += if is_repeated { row.units } else { U256::ZERO };
            side.neighbours.insert(other);
            side.txs += usize::from(id.is_some());
            if row.units.is_zero() {
                side.zero_txs += usize::from(id.is_some());
                side.zero_neighbours.insert(other);
            }
        }
    }
    for (_, (_, moves)) in set.read() {
        for (from, to, units) in moves {
            all.entry(from).or_default().spent.moved += units;
            all.entry(to).or_default().received.moved += units;
        }
    }
    for one in &set.transfers {
        let id = set.txs.get(&one.tx).map(|tx| tx.id);
        for (who, other, is_in) in [(one.to, one.from, true), (one.from, one.to, false)] {
            let seen = all.entry(who).or_default();
            id.into_iter().for_each(|id| seen.at(id));
            let side = if is_in { &mut seen.received } else { &mut seen.spent };
            *side.tokens.entry(one.token).or_default() += one.units;
            side.neighbours.insert(other);
            side.txs += usize::from(id.is_some());
        }
    }
    all
}

fn id(told: &Value) -> Option<u64> {
    u64::try_from(number(told)).ok()
}

fn tokens(told: &Value) -> BTreeMap<&'static str, U256> {
    let of = |(token, _): &(&'static str, &str)| Some((*token, number(&told.get(token)?["value"])));
    TOKENS.iter().filter_map(of).collect()
}

#[test]
fn the_782_addresses_have_the_rows_of_the_table() {
    let Some(set) = set("the_782_addresses_have_the_rows_of_the_table") else { return };
    let seen = seen(&set);
    let got: BTreeSet<_> = seen.iter().filter(|(_, seen)| seen.is_in).map(|(address, _)| *address).collect();
    let want: BTreeSet<_> = set.addresses.iter().map(|row| Address(base64(&row["address"]))).collect();
    assert_eq!(got, want, "who has a row");
    let (mut same, mut repeated) = (0, U256::ZERO);
    for row in &set.addresses {
        let address = Address(base64(&row["address"]));
        let Seen { first, last, received, spent, .. } = &seen[&address];
        assert_eq!((*first, *last), (id(&row["firstTxId"]), id(&row["lastTxId"])), "{address}");
        assert_eq!(
            (received.value, spent.value),
            (number(&row["totalReceived"]["value"]), number(&row["totalSpent"]["value"])),
            "{address}"
        );
        // Ours differ by what calls that run another's code repeat, and by nothing else.
        assert_eq!(
            (received.moved + received.repeated, spent.moved + spent.repeated),
            (received.value, spent.value),
            "{address}"
        );
        same += usize::from(received.moved == received.value && spent.moved == spent.value);
        repeated += received.repeated;
        let (none, told) = (Value::Null, |field: &str| row.get(field).cloned());
        assert_eq!(received.tokens, tokens(&told("totalTokensReceived").unwrap_or(none.clone())), "{address}");
        assert_eq!(spent.tokens, tokens(&told("totalTokensSpent").unwrap_or(none)), "{address}");
        assert_eq!(
            (received.txs, spent.txs),
            (count(&row["noIncomingTxs"]), count(&row["noOutgoingTxs"])),
            "{address}"
        );
        let zero = (count(&row["noIncomingTxsZeroValue"]), count(&row["noOutgoingTxsZeroValue"]));
        assert_eq!((received.zero_txs, spent.zero_txs), zero, "{address}");
        let degrees = (count(&row["inDegree"]), count(&row["outDegree"]));
        assert_eq!((received.neighbours.len(), spent.neighbours.len()), degrees, "{address}");
        let degrees = (count(&row["inDegreeZeroValue"]), count(&row["outDegreeZeroValue"]));
        assert_eq!((received.zero_neighbours.len().min(1), spent.zero_neighbours.len()), degrees, "{address}");
    }
    assert!(same > 700 && !repeated.is_zero(), "{same} have our amounts too");
}

/// From whom, to whom (by the table's numbers, where it has them), how often, how much ether, how much of each token.
type Relation = (Option<u64>, Option<u64>, usize, U256, BTreeMap<&'static str, U256>);

#[test]
fn the_2_454_relations_are_those_of_the_table() {
    let Some(set) = set("the_2_454_relations_are_those_of_the_table") else { return };
    let number_of = |row: &Value| (Address(base64(&row["address"])), row["addressId"].as_u64().expect("a number"));
    let numbers: BTreeMap<_, _> = set.addresses.iter().map(number_of).collect();
    let known: BTreeSet<_> = numbers.values().copied().collect();
    let mut relations = BTreeMap::<(Address, Address), (usize, U256, BTreeMap<&'static str, U256>)>::new();
    for (row, from, tx) in set.done() {
        let relation = relations.entry((from, row.to)).or_default();
        relation.0 += usize::from(set.is_in(Some(tx)));
        relation.1 += row.units;
    }
    for one in &set.transfers {
        let relation = relations.entry((one.from, one.to)).or_default();
        relation.0 += 1;
        *relation.2.entry(one.token).or_default() += one.units;
    }
    let name = |address: &Address| numbers.get(address).copied();
    let mut got: Vec<Relation> = relations
        .iter()
        .map(|((from, to), (count, units, tokens))| (name(from), name(to), *count, *units, tokens.clone()))
        .collect();
    let id = |row: &Value, field: &str| row[field].as_u64().filter(|id| known.contains(id));
    let want = |row: &Value| -> Relation {
        let (from, to) = (id(row, "srcAddressId"), id(row, "dstAddressId"));
        let tokens = row.get("tokenValues").map(tokens).unwrap_or_default();
        (from, to, count(&row["noTransactions"]), number(&row["value"]["value"]), tokens)
    };
    let mut want: Vec<Relation> = set.relations.iter().map(want).collect();
    got.sort_unstable();
    want.sort_unstable();
    assert_eq!(got.len(), 2_454);
    assert_eq!(got, want);
    let between_known = want.iter().filter(|relation| relation.0.is_some() && relation.1.is_some()).count();
    assert_eq!(between_known, 1_306, "both sides compared by name; of the others the sides that have a row");
}
