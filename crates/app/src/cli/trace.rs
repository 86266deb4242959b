//! `trace`: follows the case's stolen coins and keeps the run.

use super::chain::Chain;
use super::context::{Context, case_failure};
use super::options::TraceArgs;
use super::{result, tracing};
use crate::case::{Case, FindingLine, Run};
use crate::exit::{Exit, Outcome};
use crate::out::json;
use crate::report::Document;
use coinhound_model::Ledger;

/// Traces, prints and keeps the run.
pub fn run(args: &TraceArgs, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    let chain = context.chain()?;
    let (document, id) = trace(args, &mut case, &chain, context)?;
    result::print(&document, context)?;
    super::tell(&format!("\nkept as run {id}; write it down with `coinhound report`"));
    Ok(Exit::Success)
}

/// Traces and keeps the run.
pub(super) fn trace(args: &TraceArgs, case: &mut Case, chain: &Chain, context: &Context) -> Outcome<(Document, i64)> {
    let parameters = tracing::parameters(args, case, chain)?;
    let (_, document) = tracing::Inquiry::of(case, chain)?.answer(&parameters, args.threads)?;
    let id = case.record_run(&run_of(&document, chain), &context.stamp()).map_err(|error| case_failure(&error))?;
    Ok((document, id))
}

fn run_of(document: &Document, chain: &Chain) -> Run {
    let as_of = chain.view.as_of();
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
