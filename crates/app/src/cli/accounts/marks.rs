//! `tag from-mosaic`: mosaics that were sent to accounts as marks become tags, each with its sender as source.
//!
//! Anybody can make a mosaic and send it to anybody. So the tag says who sent what and when, has a low confidence and no
//! category: it is shown beside an account and never ends a trail.

use std::collections::BTreeSet;

use coinhound_chains::nem::ledger::mosaics_sent_in;
use coinhound_model::{AccountLedger, AddressId};

use super::chain::{Accounts, Naming};
use crate::case::Case;
use crate::cli::context::{Context, case_failure};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;
use crate::report::html::utc;
use crate::tags::{Confidence, Pack, Subject, Tag, TagNetwork};
use crate::text::{clean, cut};

/// A mark as a tag tells it.
pub struct Mark {
    /// The account.
    pub subject: String,
    /// What was sent.
    pub label: String,
    /// Who sent it, in which transaction.
    pub source: String,
}

/// Looks for marks and puts them into the case in hand.
pub fn run(mosaics: &[String], ledger: &Accounts, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    let found = import(mosaics, &mut case, ledger, context)?;
    let mut sheet = Sheet::new(&["account/subject", "label", "source"]);
    found.iter().for_each(|mark| sheet.push([&mark.subject, &mark.label, &mark.source]));
    let facts = Facts::new()
        .with("mosaics", Cell::words(mosaics, "none"))
        .with("tags", Cell::number(u64::try_from(found.len()).unwrap_or(u64::MAX)));
    context.print_with_facts(&facts, "marked", &sheet)?;
    Ok(Exit::Success)
}

/// Imports the marks that a ledger holds as a pack of their own. One mark stands for all of the same by the same sender.
///
/// # Errors
/// When the ledger is not NEM, or holds none of these mosaics.
pub fn import(mosaics: &[String], case: &mut Case, ledger: &Accounts, context: &Context) -> Outcome<Vec<Mark>> {
    let Naming::Nem(_) = ledger.naming else {
        return Err(Failure::new(Exit::Input, "mosaics are NEM's: this store is of another ledger"));
    };
    let names: Vec<&str> = mosaics.iter().map(String::as_str).collect();
    let sent = mosaics_sent_in(&ledger.view, &names);
    ledger.healthy()?;
    let network = TagNetwork::named(&ledger.view.as_of().chain.0);
    let mut seen: BTreeSet<(AddressId, AddressId, String)> = BTreeSet::new();
    let (mut tags, mut marks) = (Vec::new(), Vec::new());
    for (_, sent) in sent {
        if !seen.insert((sent.recipient, sent.sender, sent.mosaic.clone())) {
            continue;
        }
        let (subject, sender) = (ledger.address(sent.recipient), ledger.address(sent.sender));
        let mosaic = cut(&clean(&sent.mosaic), 200);
        let label = format!("marked with \"{mosaic}\"");
        let (tx, height, time) = (sent.tx, sent.height, utc(sent.time));
        let source = format!("{sender}, by sending it in transaction {tx}, height {height}, {time} UTC");
        tags.push(tag(&network, &subject, &label, &source, utc(sent.time), u32::try_from(tags.len()).unwrap_or(0) + 1));
        marks.push(Mark { subject, label, source });
    }
    if tags.is_empty() {
        let message = format!("none of these mosaics was sent to anybody: {}", names.join(", "));
        return Err(Failure::new(Exit::NotFound, message).hint("a mosaic is named `namespace:name`"));
    }
    keep(tags, &names, case, ledger, context)?;
    Ok(marks)
}

fn tag(network: &TagNetwork, subject: &str, label: &str, source: &str, time: String, line: u32) -> Tag {
    Tag {
        line,
        subject: Subject::Address(subject.to_owned()),
        label: label.to_owned(),
        source: source.to_owned(),
        confidence: Confidence::parse("untrusted_transaction").expect("it is on the scale"),
        currency: "XEM".to_owned(),
        network: network.clone(),
        lastmod: Some(time[..10].to_owned()),
        category: None,
        abuse: None,
        concepts: Vec::new(),
        actor: None,
        context: None,
        is_cluster_definer: false,
    }
}

fn keep(tags: Vec<Tag>, names: &[&str], case: &mut Case, ledger: &Accounts, context: &Context) -> Outcome<()> {
    let as_of = ledger.view.as_of();
    let pack = Pack {
        title: format!("Marks on the chain as of height {}", as_of.height),
        creator: "senders of mosaics, each named by its tag".to_owned(),
        description: None,
        tags,
        warnings: Vec::new(),
        skipped: Vec::new(),
    };
    let from = format!("{} as of block {}: {}", as_of.chain, as_of.block, names.join(", "));
    let digest = blake3::hash(from.as_bytes()).to_hex().to_string();
    case.import_pack(&pack, &from, &digest, &context.stamp()).map(|_| ()).map_err(|error| case_failure(&error))
}
