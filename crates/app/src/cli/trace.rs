//! `trace`: follows the case's stolen coins and keeps the run.

use super::context::{Context, case_failure};
use super::ledger::{By, Opened};
use super::options::TraceArgs;
use super::result;
use crate::case::{Case, FindingLine, Run};
use crate::exit::{Exit, Outcome};
use crate::out::json;
use crate::report::Document;

/// Traces, prints and keeps the run.
pub fn run(args: &TraceArgs, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    let ledger = context.ledger()?;
    let (document, id) = trace(args, &mut case, &ledger, context)?;
    result::print(&document, context)?;
    super::tell(&format!("\nkept as run {id}; write it down with `coinhound report`"));
    Ok(Exit::Success)
}

/// Traces and keeps the run.
pub(super) fn trace(args: &TraceArgs, case: &mut Case, ledger: &Opened, context: &Context) -> Outcome<(Document, i64)> {
    let document = ledger.trace(case, By::Options(args), args.threads)?;
    let id = case.record_run(&run_of(&document, ledger), &context.stamp()).map_err(|error| case_failure(&error))?;
    Ok((document, id))
}

fn run_of(document: &Document, ledger: &Opened) -> Run {
    let as_of = ledger.as_of();
    let trails = document.thefts.iter().flat_map(|theft| &theft.trails);
    let findings = trails.flat_map(|trail| trail.ends.iter().map(|end| (&trail.rule, &end.finding)));
    Run {
        chain: as_of.chain.clone(),
        height: as_of.height,
        block: as_of.block,
        parameters: json::canonical(&document.parameters),
        findings: findings
            .map(|(rule, finding)| FindingLine {
                id: finding.id.clone(),
                rule: rule.clone(),
                claim: json::canonical(&finding.claim),
            })
            .collect(),
    }
}
