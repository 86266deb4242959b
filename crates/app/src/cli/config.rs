//! `config`: what is set, where it is from, and what is wrong with it; and settings put in place of defaults.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ErrorKind};
use serde_json::{Value, json};

use super::args::Cli;
use super::context::Context;
use super::options::{ConfigAction, ConfigArgs};
use crate::config::file::Problem;
use crate::config::settings::{ALL, Chosen};
use crate::config::{Origin, Setting, Settings};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Facts, Sheet};

/// Runs the action.
pub fn run(args: &ConfigArgs, settings: &Settings, context: &Context) -> Outcome<Exit> {
    match &args.action {
        ConfigAction::Show { origin } => show(*origin, settings, context),
        ConfigAction::Check => check(settings, context),
    }
}

/// Every setting, the value that counts, and where it is from.
fn show(with_origin: bool, settings: &Settings, context: &Context) -> Outcome<Exit> {
    let origin_column = if with_origin { "origin" } else { "/origin" };
    let mut sheet = Sheet::new(&["setting", "value", "variable", origin_column]);
    for setting in ALL {
        let chosen = settings.get(setting.key);
        let value = chosen.map(public).or_else(|| default(setting));
        let value = Cell::maybe(value.as_deref(), "-");
        sheet.push([setting.key.into(), value, setting.variable.into(), origin(chosen)]);
    }
    context.print_with_facts(&file_facts(settings), "settings", &sheet)?;
    Ok(Exit::Success)
}

fn file_facts(settings: &Settings) -> Facts {
    let file = settings.file.as_ref().map(|file| file.display().to_string());
    let told = match &file {
        None => "none: no home is known".to_owned(),
        Some(file) if settings.exists => file.clone(),
        Some(file) => format!("{file} (not there)"),
    };
    let value = file.map_or(Value::Null, Value::from);
    Facts::new().with("file", Cell::new(told, value)).with("/exists", Cell::new("", settings.exists))
}

fn origin(chosen: Option<&Chosen>) -> Cell {
    match chosen.map_or(&Origin::Default, |chosen| &chosen.origin) {
        Origin::Default => Cell::new("default", json!({ "kind": "default", "file": null, "line": null })),
        Origin::File { path, line } => {
            let path = path.display().to_string();
            let value = json!({ "kind": "file", "file": path, "line": line });
            Cell::new(format!("{path} line {line}"), value)
        }
        Origin::Environment(name) => {
            Cell::new(format!("variable {name}"), json!({ "kind": "environment", "file": null, "line": null }))
        }
    }
}

/// A value without the secret that it may hold: a node's address may, also one that lacks its scheme.
fn public(chosen: &Chosen) -> String {
    const SCHEME: &str = "http://";
    let text = chosen.value.to_string_lossy();
    match text.rfind('@') {
        Some(at) if chosen.setting.key == "ingest.rpc" => {
            let scheme = if text.starts_with(SCHEME) { SCHEME } else { "" };
            format!("{scheme}***{}", &text[at..])
        }
        _ => text.into_owned(),
    }
}

/// What the option says when nobody says anything.
fn default(setting: Setting) -> Option<String> {
    let command = Cli::command();
    let verb = match setting.verbs.first() {
        None => &command,
        Some(verb) => command.find_subcommand(verb)?,
    };
    let option = verb.get_arguments().find(|option| option.get_id() == setting.option)?;
    let values: Vec<String> = option.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn check(settings: &Settings, context: &Context) -> Outcome<Exit> {
    let mut sheet = Sheet::new(&["where", ">line", "problem", "hint"]);
    for problem in &settings.problems {
        let place =
            problem.file.as_ref().map_or_else(|| Cell::none("environment"), |file| file.display().to_string().into());
        let line = problem.line.map(|line| u64::try_from(line).unwrap_or(u64::MAX));
        let hint = Cell::maybe(problem.hint.as_deref(), "");
        sheet.push([place, Cell::maybe_number(line, "-"), (&problem.what).into(), hint]);
    }
    let sound = settings.problems.is_empty();
    let verdict = if sound { "sound".to_owned() } else { format!("{} problems", settings.problems.len()) };
    let facts = file_facts(settings).with("verdict/sound", Cell::new(verdict, sound));
    context.print_with_facts(&facts, "problems", &sheet)?;
    Ok(if sound { Exit::Success } else { Exit::Input })
}

/// Checks each value by the option it stands for, and takes those out that it does not take.
pub fn check_values(settings: &mut Settings) {
    let (good, bad): (Vec<_>, Vec<_>) = std::mem::take(&mut settings.chosen)
        .into_iter()
        .map(|chosen| (problem(&chosen), chosen))
        .partition(|(problem, _)| problem.is_none());
    settings.chosen = good.into_iter().map(|(_, chosen)| chosen).collect();
    settings.problems.extend(bad.into_iter().filter_map(|(problem, _)| problem));
}

fn problem(chosen: &Chosen) -> Option<Problem> {
    let (file, line, name) = match &chosen.origin {
        Origin::File { path, line } => (Some(path.clone()), Some(*line), chosen.setting.key),
        Origin::Environment(name) => (None, None, *name),
        Origin::Default => return None,
    };
    if file.is_some() && chosen.setting.key == "ingest.rpc" && public(chosen) != chosen.value.to_string_lossy() {
        let what = "`ingest.rpc` holds a name and password".to_owned();
        let hint = "a password is kept in no file of ours: set COINHOUND_RPC_PASSWORD, or use the node's cookie";
        return Some(Problem { file, line, what, hint: Some(hint.to_owned()) });
    }
    let (what, hint) = refusal(chosen)?;
    Some(Problem { file, line, what: format!("`{name}`: {what}"), hint })
}

/// What the option itself says against a value: the words of the command line, without its usage.
fn refusal(chosen: &Chosen) -> Option<(String, Option<String>)> {
    let mut option = OsString::from(format!("--{}=", chosen.setting.option.replace('_', "-")));
    option.push(&chosen.value);
    let verb = chosen.setting.verbs.first().map(OsString::from);
    let line = std::iter::once(OsString::from("coinhound")).chain(verb).chain([option]);
    let error = Cli::command().try_get_matches_from(line).err()?;
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return None;
    }
    let value = |kind| error.get(kind).map(ToString::to_string);
    let what = format!("`{}` is not taken", value(ContextKind::InvalidValue).unwrap_or_default());
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    let hint = value(ContextKind::ValidValue).map(|values| format!("it takes {values}")).or(cause);
    Some((what, hint))
}

/// The command line with the settings in place of its defaults.
#[must_use]
pub fn with_defaults(mut command: clap::Command, settings: &Settings) -> clap::Command {
    for chosen in &settings.chosen {
        let set = |option: clap::Arg| option.default_value(chosen.value.clone());
        let id = chosen.setting.option;
        command = match chosen.setting.verbs {
            [] => command.mut_arg(id, set),
            verbs => {
                verbs.iter().fold(command, |command, verb| command.mut_subcommand(verb, |verb| verb.mut_arg(id, set)))
            }
        };
    }
    command
}

/// Refuses to work with a configuration that is wrong.
///
/// # Errors
/// The first problem, and how many there are.
pub fn require_sound(settings: &Settings) -> Outcome<()> {
    let Some(first) = settings.problems.first() else { return Ok(()) };
    let more = match settings.problems.len() {
        1 => String::new(),
        all => format!("; `coinhound config check` names {} more", all - 1),
    };
    let failure = Failure::new(Exit::Input, format!("{}: {}{more}", first.place(), first.what));
    Err(match &first.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    })
}
