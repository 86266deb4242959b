//! `case`: create, list, choose and show.

use super::args::Format;
use super::context::{Context, case_failure};
use super::options::{CaseAction, CaseArgs};
use crate::case::Case;
use crate::exit::{Attempt, Exit, OrName, Outcome};
use crate::out::Sheet;
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
    super::tell(&format!("case `{stem}` created at {}; it is now the one in hand", path.display()));
    Ok(Exit::Success)
}

fn choose(name: &str, context: &Context) -> Outcome<Exit> {
    let path = context.folders.case(name);
    let case = Case::open(&path).map_err(|error| case_failure(&error))?;
    context.take_in_hand(case.path())?;
    super::tell(&format!("the case in hand is {}", path.display()));
    Ok(Exit::Success)
}

/// Cases in the user's folder. One that does not open is listed with the reason.
fn list(context: &Context) -> Outcome<Exit> {
    let mut sheet = Sheet::new(&["case", ">seeds", ">packs", ">runs", "file", "state"]);
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
            .and_then(|case| Ok((case.name()?, case.seeds()?.len(), case.packs()?.len(), case.runs()?.len())));
        let shown = file.display().to_string();
        match counted {
            Ok((name, seeds, packs, runs)) => {
                sheet.push([name, seeds.to_string(), packs.to_string(), runs.to_string(), shown, "sound".into()])
            }
            Err(error) => sheet.push(["-".to_owned(), "-".into(), "-".into(), "-".into(), shown, error.to_string()]),
        }
    }
    context.print(&sheet)?;
    Ok(Exit::Success)
}

fn show(context: &Context) -> Outcome<Exit> {
    let case = context.open_case()?;
    let wrap = |error| case_failure(&error);
    let mut sheet = Sheet::new(&[">line", "at", "who", "what", "detail"]);
    for entry in case.audit().map_err(wrap)? {
        let detail = if context.format == Format::Table { cut(&entry.detail, DETAIL_CHARS) } else { entry.detail };
        sheet.push([entry.seq.to_string(), entry.stamp.at, entry.stamp.who, entry.action, detail]);
    }
    let runs = case.runs().map_err(wrap)?;
    let told: Vec<String> =
        runs.iter().map(|(id, run)| format!("{id} (height {}, {} findings)", run.height, run.findings.len())).collect();
    let facts = [
        ("case", case.name().map_err(wrap)?),
        ("file", case.path().display().to_string()),
        ("seeds", case.seeds().map_err(wrap)?.len().to_string()),
        ("tag packs", case.packs().map_err(wrap)?.len().to_string()),
        ("runs", if told.is_empty() { "none".to_owned() } else { told.join(", ") }),
        ("audit log", "intact: every line fits the one before".to_owned()),
    ];
    context.print_with_facts(&facts, "audit", &sheet)?;
    Ok(Exit::Success)
}
