//! `register`: incidents of public record, as sources tell them.

mod list;
mod show;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::args::MANUAL;
use super::context::Context;
use crate::config::settings::distance;
use crate::exit::{Exit, Failure, Outcome};
use crate::register::{Choice, Kind, Register};

/// What the manual says under the sentence about `register`.
pub const EXAMPLES: &str = "\
Examples:
  coinhound register list
  coinhound register list --kind ransom,cryptojacking,phishing
  coinhound register list --actor lazarus --from 2018-01-01 --to 2018-12-31
  coinhound register show coincheck-2018

What it prints is what others said: every value has its source, and figures that contradict
each other stand side by side. Nobody is declared guilty here.\n\n";

const LIST_EXAMPLES: &str = "\
Examples:
  coinhound register list
  coinhound register list --actor dprk --chain bitcoin
  coinhound register list --kind bridge --from 2022-01-01
  coinhound register list guilty plea
  coinhound --format csv register list > register.csv

Largest first: by the lowest loss in US dollars that anybody gives for the time itself, among
equals by the highest; where nobody gives one, last, by date. Sums for another time, such as a
refund's, or of something else, such as coins made without backing, do not count.

An actor stands for those said to belong to it: --actor dprk finds statements about the Lazarus
Group, too. A date that is not precise counts as any day it may be.\n\n";

const SHOW_EXAMPLES: &str = "\
Examples:
  coinhound register show coincheck-2018
  coinhound --json register show mtgox-2014

A value beside `1 of 3` has two others that contradict it. Statements about who it was stand in
time order, each with how firmly it was made:
  denied      that it was not this actor
  suspected   that it may have been
  claimed     outright, outside any proceeding
  accused     police or prosecutors proceed against a named person
  alleged     by a prosecutor, in a court paper that charges nobody
  indicted    charged with a crime, not tried
  sanctioned  put on a sanctions list for it
  confessed   by the actor itself
  convicted   by a court\n\n";

/// Options of `register`.
#[derive(Args, Debug)]
pub struct RegisterArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: RegisterAction,
}

/// What to do with the register.
#[derive(Subcommand, Debug)]
pub enum RegisterAction {
    /// Lists incidents, the largest first
    #[command(help_template = MANUAL, before_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Shows one incident with all that is said of it
    #[command(help_template = MANUAL, before_help = SHOW_EXAMPLES)]
    Show {
        /// Its id, as `register list` prints it
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Options of `register list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Words that all stand in the entry
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// Only of these kinds
    #[arg(long, value_enum, value_delimiter = ',')]
    pub kind: Vec<Kind>,
    /// Only where a statement names this actor: an id, or part of a name
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
    /// Not over before this day
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// Not begun after this day
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
    /// Only where this chain is concerned: bitcoin, ethereum, nem
    #[arg(long, value_name = "NAME")]
    pub chain: Option<String>,
}

/// Runs the action.
pub fn run(args: &RegisterArgs, context: &Context) -> Outcome<Exit> {
    let register = Register::shipped();
    match &args.action {
        RegisterAction::List(args) => {
            let choice = Choice {
                kinds: args.kind.clone(),
                actor: args.actor.clone(),
                from: args.from,
                to: args.to,
                chain: args.chain.clone(),
                words: args.words.clone(),
            };
            list::list(register, &choice, context)
        }
        RegisterAction::Show { id } => match register.find(id.trim()) {
            Some(incident) => show::show(register, incident, context),
            None => Err(missing(register, id.trim())),
        },
    }
}

/// No such id; which one may be meant.
fn missing(register: &Register, id: &str) -> Failure {
    let asked = id.to_lowercase();
    let ids = || register.incidents.iter().map(|incident| incident.id.as_str());
    let near = ids().map(|known| (distance(&asked, known), known)).min();
    let close = near.filter(|(letters, known)| *letters <= 2 || *letters * 3 <= known.len());
    let with: Vec<String> =
        ids().filter(|known| asked.len() >= 3 && known.contains(&asked)).map(|known| format!("`{known}`")).collect();
    let hint = match (close, with.is_empty()) {
        (_, false) => format!("did you mean {}?", with.join(" or ")),
        (Some((_, known)), true) => format!("did you mean `{known}`?"),
        (None, true) => "`coinhound register list` prints the ids".to_owned(),
    };
    Failure::new(Exit::NotFound, format!("no incident `{id}` is in the register")).hint(hint)
}
