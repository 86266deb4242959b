//! `store`: check and rebuild.

use super::args::{StoreAction, StoreArgs};
use super::context::Context;
use crate::exit::{Exit, Failure, Outcome};

/// Runs the action.
pub fn run(args: &StoreArgs, context: &Context) -> Outcome<Exit> {
    let _ = (&args.action, context, StoreAction::Check);
    Err(Failure::new(Exit::Failure, "not wired"))
}
