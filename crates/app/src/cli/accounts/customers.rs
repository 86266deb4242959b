//! `customers`: who pays in at a service's shared address, told apart by message. Candidates for common control, no more.

use coinhound_analysis::cluster::{Deposits, MemoParameters, Memos, SharedAddress, memo_customers};
use coinhound_analysis::trace::ServiceTable;
use coinhound_model::AddressId;
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::chain::Accounts;
use super::stops;
use crate::case::Case;
use crate::cli::context::{Context, case_failure};
use crate::cli::options::CustomersArgs;
use crate::exit::{Exit, OrFail, Outcome};
use crate::notes::readable;
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;
use crate::report::document::AnnexPart;
use crate::tags::Subject;
use crate::tags::stops::StopSet;
use crate::text::{Said, clean, cut};

/// Most characters of a message that a table shows.
const MESSAGE_MAX: usize = 60;

/// Least confidence of a tag that says a sender is a service.
const SERVICE_LEVEL: u8 = 50;

/// Lists the customers of an address.
pub fn run(args: &CustomersArgs, ledger: &Accounts, context: &Context) -> Outcome<Exit> {
    let address = ledger.find_account(&args.address)?;
    let case = if context.has_case() { Some(context.open_case()?) } else { None };
    let found = ask(&[address], ledger, case.as_ref())?;
    let shared = &found.addresses[0];
    let columns = ["customer's message/message", ">deposits", "sums", ">senders", "candidates"];
    let mut sheet = Sheet::new(&columns);
    for customer in shared.customers.iter().take(args.limit) {
        let candidates: Vec<String> = customer.candidates().map(|sender| ledger.address(sender)).collect();
        let message = readable(&customer.message);
        sheet.push([
            Cell::new(format!("\"{}\"", cut(&clean(&message), MESSAGE_MAX)), message),
            Cell::number(customer.deposits.number),
            sums(ledger, &customer.deposits),
            Cell::number(u64::try_from(customer.deposits.senders.len()).unwrap_or(u64::MAX)),
            Cell::words(&candidates, "services alone"),
        ]);
    }
    let left = shared.customers.len() - sheet.len();
    let facts = Facts::new()
        .with("shared address", ledger.address(address))
        .with("customers", Cell::number(u64::try_from(shared.customers.len()).unwrap_or(u64::MAX)))
        .with("messages nobody else can read/unreadable", other(ledger, &shared.unreadable))
        .with("without a message/without", other(ledger, &shared.without))
        .with("too long to name a customer/too long", other(ledger, &shared.too_long))
        .with(
            "what it rests on/grounds",
            "the same message to the same address; anybody can send to anybody's message: candidates, no cluster",
        )
        .with("as of", ledger.as_of_cell())
        .with("measured error rate/error rate", Cell::none("not measured"))
        .with("/left out", Cell::new("", left));
    let facts = ledger.and_missing(facts);
    context.print_with_facts(&facts, "customer_list", &sheet)?;
    if left > 0 {
        crate::cli::tell(&format!("{left} more customers; print them with --limit"));
    }
    Ok(Exit::Success)
}

fn ask(addresses: &[AddressId], ledger: &Accounts, case: Option<&Case>) -> Outcome<Memos<U256>> {
    let services = case.map(|case| services(case, ledger)).transpose()?.unwrap_or_default();
    memo_customers(&ledger.view, MemoParameters::new(addresses.iter().copied()), &services).or_exit(Exit::Store)
}

/// The accounts that the case's tags call services: what they send is a withdrawal, and no candidate.
fn services(case: &Case, ledger: &Accounts) -> Outcome<ServiceTable> {
    let tags = case.tags().map_err(|error| case_failure(&error))?;
    let tagged = tags
        .iter()
        .filter(|stored| stops::speaks_of(&stored.tag, ledger) && StopSet::Services.takes(&stored.tag, SERVICE_LEVEL));
    let found = tagged.filter_map(|stored| match &stored.tag.subject {
        Subject::Address(address) => stops::find(ledger, address),
        Subject::Tx(_) => None,
    });
    Ok(ServiceTable::new(found.zip(0..)))
}

fn sums(ledger: &Accounts, deposits: &Deposits<U256>) -> Cell {
    let asset = |number: u32| ledger.asset(number);
    let told: Vec<String> =
        deposits.sums.iter().map(|&(number, units)| asset(number).amount(units).to_string()).collect();
    let json: Vec<Value> = deposits
        .sums
        .iter()
        .map(|&(number, units)| json!({ "units": units.to_string(), "asset": asset(number).json() }))
        .collect();
    Cell::new(if told.is_empty() { "-".to_owned() } else { told.join(", ") }, json)
}

fn other(ledger: &Accounts, deposits: &Deposits<U256>) -> Cell {
    let sums = sums(ledger, deposits);
    let value = json!({ "deposits": deposits.number, "sums": sums.value() });
    Cell::new(format!("{} deposits, {}", deposits.number, sums.shown()), value)
}

/// The largest customers of several shared addresses as a table of a report.
///
/// # Errors
/// When the store meets damage.
pub fn annex(addresses: &[String], most: usize, ledger: &Accounts, case: Option<&Case>) -> Outcome<AnnexPart> {
    let ids: Vec<AddressId> = addresses.iter().filter_map(|address| stops::find(ledger, address)).collect();
    let found = ask(&ids, ledger, case)?;
    let mut rows = Vec::new();
    for shared in &found.addresses {
        rows.extend(customer_rows(shared, most, ledger));
    }
    Ok(AnnexPart {
        title: Said::default(),
        intro: "An exchange that gives all customers one address tells them apart by a message. Who sends with one message is a candidate for common control and no more: anybody can send to anybody's message, and only the exchange's books say whose it is.".into(),
        columns: ["Shared address", "Message", "Deposits", "Sums", "Senders that are no services"].map(Into::into).to_vec(),
        rows,
    })
}

fn customer_rows(shared: &SharedAddress<U256>, most: usize, ledger: &Accounts) -> Vec<Vec<Said>> {
    let mut customers: Vec<_> = shared.customers.iter().collect();
    customers.sort_by_key(|customer| std::cmp::Reverse((customer.deposits.number, customer.deposits.sums.clone())));
    let address = ledger.address(shared.address);
    let row = |message: String, deposits: &Deposits<U256>, candidates: String| {
        let cells = [
            address.clone(),
            message,
            deposits.number.to_string(),
            sums(ledger, deposits).shown().to_owned(),
            candidates,
        ];
        cells.map(Said::from).to_vec()
    };
    let mut rows: Vec<Vec<Said>> = customers
        .iter()
        .take(most)
        .map(|customer| {
            let senders: Vec<String> = customer.candidates().map(|sender| ledger.address(sender)).collect();
            row(
                format!("\"{}\"", cut(&readable(&customer.message), MESSAGE_MAX)),
                &customer.deposits,
                senders.join(" "),
            )
        })
        .collect();
    if customers.len() > most {
        rows.push(
            [
                address.clone(),
                format!("+{} more customers", customers.len() - most),
                String::new(),
                String::new(),
                String::new(),
            ]
            .map(Said::from)
            .to_vec(),
        );
    }
    if shared.unreadable.number > 0 {
        rows.push(row("encrypted: readable by its parties alone".to_owned(), &shared.unreadable, String::new()));
    }
    if shared.without.number > 0 {
        rows.push(row("no message".to_owned(), &shared.without, String::new()));
    }
    rows
}
