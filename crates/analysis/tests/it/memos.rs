//! Customers of shared deposit addresses: who is told apart by a message, and what stays uncounted.

use coinhound_analysis::cluster::{Deposits, MemoError, MemoParameters, Memos, Sender, memo_customers};
use coinhound_analysis::trace::ServiceTable;
use coinhound_model::{AddressId, Height, LedgerError, MoveKind, Note, NoteKind};
use coinhound_testkit::accounts::bank::token;
use coinhound_testkit::accounts::{Bank, MemoryAccounts, bank};
use coinhound_testkit::town::made_up_hash;

const XEM: &str = "XEM";

/// Deposits at an exchange: two customers, one of them from two accounts, and what names nobody.
fn story() -> Bank {
    let deposit = |bank: Bank, from: &str, units, message: &[u8]| {
        bank.pay(from, "exchange", units, XEM).note(NoteKind::Message, message)
    };
    let bank = bank().mint("thief", 100, XEM).mint("mule", 100, XEM).mint("rival", 900, XEM).mint("mule", 5, "DIM");
    let bank = deposit(bank, "thief", 10, b"4711").called("first");
    let bank = deposit(bank, "mule", 20, b"4711").block();
    let bank = deposit(bank, "rival", 50, b"4711").called("last");
    let bank = deposit(bank, "mule", 7, b"4712").block();
    let bank = bank.pay("mule", "exchange", 5, "DIM").note(NoteKind::Message, b"4711 ").called("spaced");
    bank.pay("thief", "exchange", 3, XEM)
        .note(NoteKind::Encrypted, &[7; 48])
        .pay("thief", "exchange", 2, XEM)
        .pay("thief", "exchange", 1, XEM)
        .note(NoteKind::Message, b"")
        .pay("thief", "exchange", 0, XEM)
        .note(NoteKind::Message, b"4711")
        .pay("exchange", "exchange", 9, XEM)
        .note(NoteKind::Message, b"4711")
        .reward("exchange", 8, XEM)
        .note(NoteKind::Message, b"4711")
        .pay("exchange", "thief", 4, XEM)
        .note(NoteKind::Message, b"4711")
}

fn ask(bank: &Bank, parameters: MemoParameters) -> Result<Memos<u64>, MemoError> {
    memo_customers(bank.ledger(), parameters, &ServiceTable::new([(bank.address("rival"), 3)]))
}

fn brief(deposits: &Deposits<u64>) -> (u64, &[(u32, u64)]) {
    (deposits.number, &deposits.sums)
}

#[test]
fn a_customer_is_a_shared_address_and_a_message_byte_for_byte() {
    let bank = story();
    let memos = ask(&bank, MemoParameters::new([bank.address("exchange")])).expect("the ledger is sound");
    let shared = &memos.addresses[0];
    let messages: Vec<_> = shared.customers.iter().map(|customer| &customer.message[..]).collect();
    assert_eq!(messages, [&b"4711"[..], b"4711 ", b"4712"]);
    let customer = &shared.customers[0];
    assert_eq!(brief(&customer.deposits), (3, &[(0, 80)][..]));
    let between = (Some(bank.movement("first")), Some(bank.movement("last")));
    assert_eq!((customer.deposits.first, customer.deposits.last), between);
    let sender = |who, service| Sender { address: bank.address(who), number: 1, service };
    assert_eq!(customer.deposits.senders, [sender("thief", None), sender("mule", None), sender("rival", Some(3))]);
    assert_eq!(customer.candidates().collect::<Vec<_>>(), [bank.address("thief"), bank.address("mule")]);
    assert_eq!(brief(&shared.customers[1].deposits), (1, &[(1, 5)][..]));
}

#[test]
fn what_names_no_customer_is_counted_apart() {
    let bank = story();
    let parameters = MemoParameters { message_bytes_max: 4, ..MemoParameters::new([bank.address("exchange")]) };
    let memos = ask(&bank, parameters.clone()).expect("the ledger is sound");
    let shared = &memos.addresses[0];
    assert_eq!(brief(&shared.unreadable), (1, &[(0, 3)][..]));
    assert_eq!(brief(&shared.without), (2, &[(0, 3)][..]));
    assert_eq!(brief(&shared.too_long), (1, &[(1, 5)][..]));
    assert_eq!(shared.customers.len(), 2);
    assert_eq!((memos.parameters, memos.as_of), (parameters, bank_as_of(&bank)));
}

fn bank_as_of(bank: &Bank) -> coinhound_model::AsOf {
    coinhound_model::AccountLedger::as_of(bank.ledger()).clone()
}

#[test]
fn addresses_are_asked_once_each_in_their_own_order() {
    let bank = story();
    let [exchange, thief, mule] = ["exchange", "thief", "mule"].map(|who| bank.address(who));
    let memos = ask(&bank, MemoParameters::new([exchange, mule, exchange, thief])).expect("the ledger is sound");
    let found: Vec<_> = memos.addresses.iter().map(|shared| (shared.address, shared.customers.len())).collect();
    assert_eq!(found, [(thief, 1), (mule, 0), (exchange, 3)]);
    assert_eq!(memos.addresses[1].without.first, None);
}

#[test]
fn transfers_of_one_transaction_are_one_deposit() {
    let mut ledger = MemoryAccounts::new(true);
    let assets = ["XEM", "DIM"].map(|ticker| ledger.asset_of(&token(ticker)));
    ledger.begin(made_up_hash(0), Height(1), 0);
    for asset in assets {
        ledger.push(MoveKind::Transfer, Some(AddressId(1)), Some(AddressId(0)), asset, 5u64);
    }
    ledger.push(MoveKind::Fee, Some(AddressId(1)), None, 0, 1);
    ledger.push_note(Note { kind: NoteKind::Message, bytes: b"me".to_vec() });
    let memos = memo_customers(&ledger, MemoParameters::new([AddressId(0)]), &ServiceTable::default());
    let deposits = memos.expect("the ledger is sound").addresses.remove(0).customers.remove(0).deposits;
    assert_eq!(brief(&deposits), (1, &[(0, 5), (1, 5)][..]));
    assert_eq!(deposits.senders, [Sender { address: AddressId(1), number: 1, service: None }]);
}

#[test]
fn beyond_its_limits_and_on_a_damaged_ledger_nothing_is_said() {
    let mut bank = story();
    let address = bank.address("exchange");
    let parameters = MemoParameters { deposits_max: 7, ..MemoParameters::new([address]) };
    assert_eq!(ask(&bank, parameters.clone()), Err(MemoError::TooMany { address, limit: 7 }));
    assert!(ask(&bank, MemoParameters { deposits_max: 8, ..parameters.clone() }).is_ok());
    bank.ledger_mut().set_damage("page 1 of `notes` does not match its checksum");
    assert!(matches!(ask(&bank, parameters), Err(MemoError::Ledger(LedgerError { .. }))));
}

/// Many deposits at address 0, with `customers` messages from `senders` accounts.
fn crowd(deposits: u64, customers: u64, senders: u64) -> MemoryAccounts<u64> {
    let mut ledger = MemoryAccounts::new(false);
    let asset = ledger.asset_of(&token(XEM));
    for number in 0..deposits {
        ledger.begin(made_up_hash(number), Height(1), 0);
        // Neighbours share neither customer nor sender.
        let (from, customer) = (number * 7919 % senders, number * 104_729 % customers);
        ledger.push(MoveKind::Transfer, Some(AddressId(1 + from)), Some(AddressId(0)), asset, 1);
        ledger.push_note(Note { kind: NoteKind::Message, bytes: customer.to_string().into_bytes() });
    }
    ledger
}

#[test]
fn a_million_messages_are_told_apart() {
    let ledger = crowd(1_000_000, 400_000, 1_000);
    let memos = memo_customers(&ledger, MemoParameters::new([AddressId(0)]), &ServiceTable::default());
    let shared = memos.expect("the ledger is sound").addresses.remove(0);
    assert_eq!(shared.customers.len(), 400_000);
    assert_eq!(shared.customers.iter().map(|customer| customer.deposits.number).sum::<u64>(), 1_000_000);
    assert!(shared.customers.is_sorted_by(|one, other| one.message < other.message));
}

#[test]
fn one_message_from_everybody_is_one_customer_with_as_many_candidates() {
    let ledger = crowd(100_000, 1, 50_000);
    let memos = memo_customers(&ledger, MemoParameters::new([AddressId(0)]), &ServiceTable::default());
    let customer = memos.expect("the ledger is sound").addresses.remove(0).customers.remove(0);
    assert_eq!(brief(&customer.deposits), (100_000, &[(0, 100_000)][..]));
    assert_eq!(customer.candidates().count(), 50_000);
}
