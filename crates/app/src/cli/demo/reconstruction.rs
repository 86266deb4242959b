//! A made NIS1 chain that goes on where sources end: read, checked block by block, marked, traced by every rule, and held
//! against the truth that its maker wrote beside it.

use std::path::Path;
use std::sync::Arc;

use coinhound_chains::nem::{NemLedger, check_block};
use coinhound_ingest::accounts::{AccountOptions, AccountSession};
use coinhound_model::ChainId;
use coinhound_sim::nem::coincheck::{NOTICE, Role, Size, Story, Use, story};
use coinhound_store::storage::DiskStorage;

use super::{Told, create, defaults, open, swaps, truth};
use crate::case::{Case, Seed};
use crate::cli::accounts::{Accounts, customers, marks, seed};
use crate::cli::args::Format;
use crate::cli::context::{Context, case_failure};
use crate::cli::ledger::Opened;
use crate::cli::{emit, report, result, tag, tell, trace};
use crate::exit::{Exit, OrFail, Outcome};
use crate::report::document::AnnexPart;

/// Customers to print of each shared address.
const CUSTOMERS_SHOWN: usize = 8;

/// Makes, reads, traces and reports the chain, and says where the report lies.
pub fn run(number: u64, folder: &Path, context: &Context) -> Outcome<Told> {
    tell(
        "\n\n2. RECONSTRUCTION, a made chain: how it could have gone on. Accounts, names, messages and hashes are invented\n",
    );
    create(folder)?;
    let story = story(number, Size::Small);
    let files = story.write(folder).or_exit(Exit::Failure)?;
    let store = folder.join("store");
    read(&story, &store, context.now)?;
    let ledger = Accounts::open(&store, None)?;
    let mut case = open(&folder.join("reconstruction.case"), "Reconstruction (made chain)", context)?;
    tag::import_into(&mut case, &files.tag_pack, &tag::Choices::default(), context)?;
    let marked = mark(&story, &mut case, &ledger, context)?;
    case.add_seeds(&seeds(&story, &ledger)?, &context.stamp()).map_err(|error| case_failure(&error))?;
    let shared = shared(&story, &ledger, &case)?;
    let opened = Opened::Accounts(Box::new(ledger));
    let (mut document, _) = trace::trace(&defaults(), &mut case, &opened, context)?;
    document.notice = Some(format!("RECONSTRUCTION. {NOTICE}").into());
    let annexes = vec![swaps::annex(&story, &document), marked, shared, truth::annex(&story, &document)];
    document.annex = annexes;
    report::write(&document, &folder.join("report"))?;
    if context.format == Format::Table {
        result::print(&document, context)?;
        emit(&truth::lines(&story, &document))?;
        emit(&swaps::lines(&story, &document))?;
    }
    Ok(Told { document, page: folder.join("report").join(report::FILES[0]) })
}

/// The blocks through the NEM reader, every one checked, into a store.
fn read(story: &Story, store: &Path, now: i64) -> Outcome<()> {
    let first = story.blocks.first().expect("a story begins with a block");
    let network = first.network;
    let mut ledger = NemLedger::from_own_nemesis(network, story.first_hash());
    let storage = DiskStorage::new(store);
    storage.create_root().or_exit(Exit::Failure)?;
    let chain = ChainId(format!("nem:{}", network.byte()));
    let options = AccountOptions::new(u64::try_from(now).unwrap_or(0));
    let mut session = AccountSession::open(Arc::new(storage), chain, options).or_exit(Exit::Failure)?;
    for block in &story.blocks {
        check_block(block, &ledger.parent()).or_exit(Exit::Failure)?;
        session.push(&ledger.take(block).or_exit(Exit::Failure)?).or_exit(Exit::Failure)?;
    }
    session.finish().or_exit(Exit::Failure).map(|_| ())
}

fn seeds(story: &Story, ledger: &Accounts) -> Outcome<Vec<Seed>> {
    let seed = |stolen: &coinhound_sim::nem::coincheck::Seed| {
        let hash = stolen.hash.parse().or_exit(Exit::Failure)?;
        let movement = seed::find(ledger, hash, None, None)?;
        seed::of(ledger, movement, "theft", "one of the eleven transfers, made again")
    };
    story.seeds.iter().map(seed).collect()
}

/// Marks become tags with their sender as source.
fn mark(story: &Story, case: &mut Case, ledger: &Accounts, context: &Context) -> Outcome<AnnexPart> {
    let mut mosaics: Vec<String> = story.truth.tags.iter().map(|tag| tag.mosaic.clone()).collect();
    mosaics.sort();
    mosaics.dedup();
    let found = marks::import(&mosaics, case, ledger, context)?;
    let rows = found
        .iter()
        .map(|mark| vec![mark.subject.clone().into(), mark.label.clone().into(), mark.source.clone().into()]);
    Ok(AnnexPart {
        title: "Accounts that were marked with mosaics".into(),
        intro: "What accounts say of other accounts by sending them a mosaic: claims, taken as tags of low confidence, never as truth. A mark comes after the coins, says nothing of amounts, and stops no trail.".into(),
        columns: ["Account", "What is said", "Who says so"].map(Into::into).to_vec(),
        rows: rows.collect(),
    })
}

fn shared(story: &Story, ledger: &Accounts, case: &Case) -> Outcome<AnnexPart> {
    let truth = &story.truth;
    let deposits = truth.accounts.iter().filter(|account| account.usage == Use::Deposit);
    let services = deposits.filter(|account| truth.owners[account.owner as usize].role != Role::Merchant);
    let addresses: Vec<String> = services.map(|account| account.address.clone()).collect();
    let mut part = customers::annex(&addresses, CUSTOMERS_SHOWN, ledger, Some(case))?;
    part.title = "Customers at shared deposit addresses, by message".into();
    Ok(part)
}
