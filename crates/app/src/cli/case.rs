//! `case`: create, list, choose and show.

use serde_json::{Value, json};

use super::args::Format;
use super::context::{Context, case_failure};
use super::options::{CaseAction, CaseArgs};
use crate::case::{Case, Run};
use crate::exit::{Attempt, Exit, OrName, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::text::cut;

/// Most characters of an audit line's detail to print in a table; the other forms hold all of it.
const DETAIL_CHARS: usize = 100;

/// Runs the action.
pub fn run(args: &CaseArgs, context: &Context) -> Outcome<Exit> {
    match &args.action {
        CaseAction::New { name } => new(name, context),
        CaseAction::List => list(context),
        CaseAction::Use { name } => choose(name, context),
        CaseAction::Show => show(context),
    }
}

fn new(name: &str, context: &Context) -> Outcome<Exit> {
    let path = context.folders.case(name);
    let stem = path.file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
    Case::create(&path, &stem, &context.stamp()).map_err(|error| case_failure(&error))?;
    context.take_in_hand(&path)?;
    let facts = Facts::new().with("case", &stem).with("file", path.display().to_string());
    context.done(&format!("case `{stem}` created at {}; it is now the one in hand", path.display()), &facts)
}

fn choose(name: &str, context: &Context) -> Outcome<Exit> {
    let path = context.folders.case(name);
    let case = Case::open(&path).map_err(|error| case_failure(&error))?;
    context.take_in_hand(case.path())?;
    let name = case.name().map_err(|error| case_failure(&error))?;
    let facts = Facts::new().with("case", name).with("file", path.display().to_string());
    context.done(&format!("the case in hand is {}", path.display()), &facts)
}

/// Cases in the user's folder. One that does not open is listed with the reason.
fn list(context: &Context) -> Outcome<Exit> {
    let mut sheet = Sheet::new(&["case", ">seeds", ">packs", ">runs", "file", "state/problem"]);
    let folder = context.folders.cases();
    let mut files: Vec<_> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).or_name(Exit::Failure, Attempt::Read, &folder),
    };
    files.retain(|file| file.extension().is_some_and(|ending| ending == "case"));
    files.sort();
    for file in files {
        let counted = Case::open(&file)
            .and_then(|case| Ok((case.name()?, [case.seeds()?.len(), case.packs()?.len(), case.runs()?.len()])));
        let shown = file.display().to_string();
        sheet.push(match counted {
            Ok((name, counts)) => {
                let [seeds, packs, runs] = counts.map(|count| Cell::number(u64::try_from(count).unwrap_or(u64::MAX)));
                [name.into(), seeds, packs, runs, shown.into(), Cell::none("sound")]
            }
            Err(error) => {
                let [name, seeds, packs, runs] = [(); 4].map(|()| Cell::none("-"));
                [name, seeds, packs, runs, shown.into(), error.to_string().into()]
            }
        });
    }
    context.print(&sheet)?;
    Ok(Exit::Success)
}

fn show(context: &Context) -> Outcome<Exit> {
    let case = context.open_case()?;
    let wrap = |error| case_failure(&error);
    let mut sheet = Sheet::new(&[">line", "at", "who", "what", "detail"]);
    for entry in case.audit().map_err(wrap)? {
        let shown =
            if context.format == Format::Table { cut(&entry.detail, DETAIL_CHARS) } else { entry.detail.clone() };
        let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_else(|_| Value::from(entry.detail.as_str()));
        let line = Cell::number(u64::try_from(entry.seq).unwrap_or_default());
        let [at, who, what] = [entry.stamp.at, entry.stamp.who, entry.action].map(Cell::from);
        sheet.push([line, at, who, what, Cell::new(shown, detail)]);
    }
    let count = |length: usize| Cell::number(u64::try_from(length).unwrap_or(u64::MAX));
    let facts = Facts::new()
        .with("case", case.name().map_err(wrap)?)
        .with("file", case.path().display().to_string())
        .with("seeds", count(case.seeds().map_err(wrap)?.len()))
        .with("tag packs", count(case.packs().map_err(wrap)?.len()))
        .with("runs", runs(&case.runs().map_err(wrap)?))
        .with("audit log/audit intact", Cell::new("intact: every line fits the one before", true));
    context.print_with_facts(&facts, "audit", &sheet)?;
    Ok(Exit::Success)
}

fn runs(runs: &[(i64, Run)]) -> Cell {
    let told: Vec<String> =
        runs.iter().map(|(id, run)| format!("{id} (height {}, {} findings)", run.height, run.findings.len())).collect();
    let each = |(id, run): &(i64, Run)| {
        json!({
            "run": id, "chain": run.chain.0, "height": run.height.0, "block": run.block.to_string(),
            "findings": run.findings.len(),
        })
    };
    let shown = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
    Cell::new(shown, runs.iter().map(each).collect::<Vec<_>>())
}
