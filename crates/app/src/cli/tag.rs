//! `tag`: import, list, revoke and export tags.

use std::collections::BTreeMap;
use std::path::Path;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::address::{AddressError, address_text, parse_address};
use serde_json::json;

use super::accounts;
use super::accounts::chain::Naming;
use super::chain::Chain;
use super::context::{Context, case_failure};
use super::ledger::Opened;
use super::options::{TagAction, TagArgs};
use crate::case::{Case, PackLine, StoredTag};
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::tags::pack::Reading;
use crate::tags::{Confidence, Pack, PackError, Tag, TagNetwork, export, fields};

/// Most problems of a refused pack to print one by one.
const PROBLEMS_MAX: usize = 50;

/// Runs the action.
pub fn run(args: &TagArgs, context: &Context) -> Outcome<Exit> {
    match &args.action {
        TagAction::Import { pack, confidence, skip_invalid, network } => {
            let choices = Choices { confidence: confidence.as_deref(), skip_invalid: *skip_invalid, network: *network };
            import(pack, &choices, context)
        }
        TagAction::List { category, subject, limit } => list(category.as_deref(), subject.as_deref(), *limit, context),
        TagAction::FromMosaic { mosaics } => match context.ledger()? {
            Opened::Accounts(ledger) => accounts::marks::run(mosaics, &ledger, context),
            Opened::Coins(_) => Err(Failure::new(Exit::Input, "mosaics are NEM's: this store is of another chain")),
        },
        TagAction::Revoke { pack } => revoke(*pack, context),
        TagAction::Export { out } => export_to(out, context),
    }
}

/// What the importer decides.
#[derive(Clone, Copy, Default)]
pub(super) struct Choices<'a> {
    pub confidence: Option<&'a str>,
    pub skip_invalid: bool,
    pub network: Option<Network>,
}

fn import(file: &Path, choices: &Choices<'_>, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    let (number, pack) = import_into(&mut case, file, choices, context)?;
    let mut networks: BTreeMap<&str, (u64, bool)> = BTreeMap::new();
    for tag in &pack.tags {
        let row = networks
            .entry(&tag.network.name)
            .or_insert((0, known(&tag.network).is_some() || naming(&tag.network).is_some()));
        row.0 += 1;
    }
    let mut sheet = Sheet::new(&["network", ">tags", "addresses/checked"]);
    for (name, (tags, checked)) in networks {
        let shown = if checked { "checked" } else { "kept as written: not a network of this build" };
        sheet.push([name.into(), Cell::number(tags), Cell::new(shown, checked)]);
    }
    let facts = Facts::new()
        .with("/pack", Cell::new("", number))
        .with("/title", &pack.title)
        .with("/creator", &pack.creator)
        .with("/tags", Cell::new("", pack.tags.len()))
        .with("/skipped", Cell::new("", pack.skipped.len()))
        .with("/warnings", Cell::new("", pack.warnings.len()));
    context.print_with_facts(&facts, "networks", &sheet)?;
    Ok(if pack.skipped.is_empty() { Exit::Success } else { Exit::Partial })
}

/// Reads a pack and puts it into a case, telling what was odd.
/// Gives its number in the case.
pub(super) fn import_into(
    case: &mut Case,
    file: &Path,
    choices: &Choices<'_>,
    context: &Context,
) -> Outcome<(i64, Pack)> {
    let confidence = choices.confidence.map(confidence).transpose()?;
    let bytes = read(file)?;
    let elsewhere = std::cell::Cell::new(None);
    let check = |network: &TagNetwork, text: &str| {
        if let Some(naming) = naming(network) {
            return naming.read(text).map(|bytes| naming.write(&bytes)).map_err(|failure| with_hint(&failure));
        }
        let checked = check_address(network, text, choices.network);
        checked.map_err(|error| {
            if let AddressError::WrongNetwork { found, expected: Network::Main, .. } = &error {
                elsewhere.set(elsewhere.get().or_else(|| likely(found, case, context)));
            }
            told(&error)
        })
    };
    let reading = Reading { check_address: &check, confidence, skip_invalid: choices.skip_invalid };
    let mut pack = Pack::read(&bytes, &reading).map_err(|error| match elsewhere.get() {
        Some(network) if only_elsewhere(&error) => pack_failure(file, &error)
            .hint(format!("if the pack speaks of {network}, import it with --network {network}")),
        _ => pack_failure(file, &error),
    })?;
    if let Some(network) = choices.network {
        pack.tags.iter_mut().for_each(|tag| rename(tag, network));
    }
    let told = pack
        .warnings
        .iter()
        .map(|problem| ("warning", problem))
        .chain(pack.skipped.iter().map(|problem| ("skipped", problem)));
    told.take(PROBLEMS_MAX).for_each(|(word, problem)| super::tell(&format!("{word}: {problem}")));
    let digest = blake3::hash(&bytes).to_hex().to_string();
    let number = case
        .import_pack(&pack, &file.display().to_string(), &digest, &context.stamp())
        .map_err(|error| case_failure(&error))?;
    Ok((number, pack))
}

fn rename(tag: &mut Tag, network: Network) {
    if known(&tag.network) == Some(Network::Main) {
        tag.network =
            TagNetwork { name: network.name().to_ascii_uppercase(), chain: Some(network.params().chain_id()) };
    }
}

/// The pack's bytes; a file past the limit is not read.
fn read(file: &Path) -> Outcome<Vec<u8>> {
    let length = std::fs::metadata(file).or_name(Exit::Input, Attempt::Read, file)?.len();
    if length > fields::MAX_BYTES {
        return Err(pack_failure(file, &PackError::TooLarge { got: length }));
    }
    std::fs::read(file).or_name(Exit::Input, Attempt::Read, file)
}

fn confidence(id: &str) -> Outcome<Confidence> {
    let unknown = || {
        Failure::new(Exit::Usage, format!("`{id}` is not a confidence"))
            .hint(format!("known: {}", Confidence::choices()))
    };
    Confidence::parse(id).ok_or_else(unknown)
}

/// How accounts are written, where a tag speaks of a ledger of accounts.
fn naming(network: &TagNetwork) -> Option<Naming> {
    network.chain.as_ref().and_then(Naming::of).filter(|naming| *naming != Naming::Text)
}

fn with_hint(failure: &Failure) -> String {
    match &failure.hint {
        Some(hint) => format!("{} ({hint})", failure.message),
        None => failure.message.clone(),
    }
}

/// The network of this build that a tag means.
fn known(network: &TagNetwork) -> Option<Network> {
    let chain = network.chain.as_ref()?;
    Network::ALL.into_iter().find(|known| known.params().chain_id() == *chain)
}

/// An address in its canonical text, or why it is none. Addresses of other networks are kept as written.
fn check_address(network: &TagNetwork, text: &str, instead: Option<Network>) -> Result<String, AddressError> {
    let Some(network) = known(network) else { return Ok(text.to_owned()) };
    let network = if network == Network::Main { instead.unwrap_or(network) } else { network };
    parse_address(text, network.params()).map(|lock| address_text(lock.as_lock(), network.params()))
}

fn told(error: &AddressError) -> String {
    match error.hint().filter(|_| !matches!(error, AddressError::WrongNetwork { .. })) {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

/// Whether addresses of another network are all that is wrong with a pack.
fn only_elsewhere(error: &PackError) -> bool {
    match error {
        PackError::Refused { problems } => problems.iter().all(|problem| problem.what.contains(" is an address of ")),
        _ => false,
    }
}

/// Which of the networks that share an address's form is meant: the one of the store or the seeds at hand, if it is
/// among them.
fn likely(found: &[Network], case: &Case, context: &Context) -> Option<Network> {
    let store = context.store.as_ref().and_then(|folder| Chain::open(folder, None).ok()).map(|chain| chain.network);
    let seeds = || {
        let seeds = case.seeds().unwrap_or_default();
        Network::ALL.into_iter().find(|network| seeds.iter().any(|seed| seed.chain == network.params().chain_id()))
    };
    store.or_else(seeds).filter(|network| found.contains(network)).or(found.first().copied())
}

fn pack_failure(file: &Path, error: &PackError) -> Failure {
    let mut message = format!("`{}`: {error}", file.display());
    let failure = |message, hint: &str| Failure::new(Exit::Input, message).hint(hint);
    let PackError::Refused { problems } = error else {
        return failure(
            message,
            "a tag pack is one YAML document; includes, merge keys and duplicate keys are not taken",
        );
    };
    for problem in problems.iter().take(PROBLEMS_MAX) {
        message.push_str(&format!("\n  {problem}"));
    }
    if problems.len() > PROBLEMS_MAX {
        message.push_str(&format!("\n  and {} more", problems.len() - PROBLEMS_MAX));
    }
    let no_confidence = problems.iter().any(|problem| problem.what.contains("no `confidence`"));
    let hint = if no_confidence {
        "ask the pack's author; or vouch for it yourself with --confidence ID, or leave such tags out with --skip-invalid"
    } else {
        "correct the pack, or leave such tags out with --skip-invalid"
    };
    failure(message, hint)
}

fn list(category: Option<&str>, subject: Option<&str>, limit: usize, context: &Context) -> Outcome<Exit> {
    let case = context.open_case()?;
    let wrap = |error| case_failure(&error);
    let packs = packs(&case.packs().map_err(wrap)?);
    let stored = case.tags().map_err(wrap)?;
    let wanted = stored.iter().filter(|stored| {
        let tag = &stored.tag;
        category.is_none_or(|category| tag.category.as_deref() == Some(category))
            && subject.is_none_or(|subject| tag.subject.text() == subject)
    });
    let mut sheet = Sheet::new(&[
        ">pack",
        "subject",
        "network",
        "label",
        "category",
        "confidence",
        "source",
        "/is_cluster_definer",
    ]);
    let mut left = 0;
    for stored in wanted {
        if sheet.len() == limit {
            left += 1;
            continue;
        }
        sheet.push(row(stored));
    }
    let facts = Facts::new().with("packs", packs).with("/left out", Cell::new("", left));
    context.print_with_facts(&facts, "tags", &sheet)?;
    if left > 0 {
        super::tell(&format!("{left} more tags; print them with --limit"));
    }
    Ok(Exit::Success)
}

fn packs(packs: &[PackLine]) -> Cell {
    let told: Vec<String> = packs
        .iter()
        .map(|pack| format!("{}: {} by {} ({} tags)", pack.id, pack.title, pack.creator, pack.tags))
        .collect();
    let each = |pack: &PackLine| {
        json!({
            "pack": pack.id, "title": pack.title, "creator": pack.creator, "tags": pack.tags, "file": pack.file,
            "blake3": pack.digest,
        })
    };
    let shown = if told.is_empty() { "none".to_owned() } else { told.join("; ") };
    Cell::new(shown, packs.iter().map(each).collect::<Vec<_>>())
}

fn row(stored: &StoredTag) -> [Cell; 8] {
    let tag = &stored.tag;
    [
        Cell::new(stored.pack.to_string(), stored.pack),
        tag.subject.text().into(),
        (&tag.network.name).into(),
        (&tag.label).into(),
        Cell::maybe(tag.category.as_deref(), ""),
        Cell::new(tag.confidence.to_string(), tag.confidence.json()),
        (&tag.source).into(),
        Cell::new("", tag.is_cluster_definer),
    ]
}

fn revoke(pack: i64, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    let gone = case.revoke_pack(pack, &context.stamp()).map_err(|error| case_failure(&error))?;
    let facts =
        Facts::new().with("pack", Cell::new("", pack)).with("title", &gone.title).with("tags", Cell::number(gone.tags));
    let told = format!(
        "pack {pack} (`{}`) and its {} tags are out of the case; earlier runs keep the tags they used",
        gone.title, gone.tags
    );
    context.done(&told, &facts)
}

fn export_to(out: &Path, context: &Context) -> Outcome<Exit> {
    let case = context.open_case()?;
    let wrap = |error| case_failure(&error);
    let tags: Vec<Tag> = case.tags().map_err(wrap)?.into_iter().map(|stored| stored.tag).collect();
    let yaml = export::to_yaml(&format!("Tags of case {}", case.name().map_err(wrap)?), "coinhound", &tags);
    std::fs::write(out, yaml).or_name(Exit::Failure, Attempt::Write, out)?;
    let facts = Facts::new().with("tags", Cell::new("", tags.len())).with("file", out.display().to_string());
    context.done(&format!("{} tags written to {}", tags.len(), out.display()), &facts)
}
