//! `cluster` over accounts: who controls one by the chain's own rules, multisig and remote keys (tier T0).

use std::collections::BTreeSet;

use coinhound_model::{AccountLedger, AddressId, MovementId};
use coinhound_store::Tier;

use super::chain::{Accounts, Naming};
use super::deposits::{self, Silence};
use crate::cli::context::Context;
use crate::cli::options::{ClusterArgs, Tier as Asked};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;

/// Lists an account's cluster and the transactions that it rests on.
pub fn run(args: &ClusterArgs, ledger: &Accounts, context: &Context) -> Outcome<Exit> {
    if !args.tier.contains(&Asked::SameKey) {
        return Err(Failure::new(Exit::Input, "co-spending is not defined on accounts: nobody spends together there")
            .hint("leave --tier out: the chain's own rules of control are what there is"));
    }
    let (view, account) = (&ledger.view, ledger.find_account(&args.address)?);
    let members = view.members(Tier::T0, account);
    let name = members.first().map_or_else(String::new, |&first| ledger.address(first));
    let sheet = sheet(ledger, &members[..members.len().min(args.limit)]);
    let evidence = evidence(ledger, &members, args.limit);
    let case = if context.has_case() { Some(context.open_case()?) } else { None };
    let deposits = deposits::ask(account, ledger, case.as_ref())?;
    ledger.healthy()?;
    let left = members.len() - sheet.len();
    let facts = Facts::new()
        .with("cluster of", name)
        .with("accounts/addresses", Cell::number(u64::try_from(members.len()).unwrap_or(u64::MAX)))
        .with("/complete", Cell::new("", true))
        .with("evidence", Cell::words(evidence_of(ledger), "none: the chain's rules show no common control"))
        .with("as of", ledger.as_of_cell())
        .with(
            "measured error rate/error rate",
            Cell::none(match ledger.naming {
                Naming::Evm(_) => "not measured",
                _ => "not measured: the chain itself enforces it",
            }),
        )
        .with("/left out", Cell::new("", left));
    let facts = ledger.and_missing(facts);
    let deposits = match deposits {
        Ok(deposits) => deposits,
        Err(silence) => {
            let facts = match silence {
                Silence::NotHere => facts,
                Silence::Because(why) => {
                    facts.with("deposit addresses/deposit role", Cell::none(format!("not looked for: {why}")))
                }
            };
            context.print_with_tables(&facts, ("members", &sheet), &[("links", &evidence)])?;
            return Ok(tell_left(left));
        }
    };
    let (matches, more) = deposits.sheet(ledger, args.limit);
    let facts = deposits.facts(facts, ledger).with("/deposits left out", Cell::new("", more));
    let customers = deposits.customers(ledger);
    let tables = [("links", &evidence), ("customers", &customers), ("deposits", &matches)];
    context.print_with_tables(&facts, ("members", &sheet), &tables)?;
    Ok(tell_left(left + more))
}

fn tell_left(left: usize) -> Exit {
    if left > 0 {
        crate::cli::tell(&format!("{left} more rows; print them with --limit"));
    }
    Exit::Success
}

/// What clusters of a ledger rest on.
fn evidence_of(ledger: &Accounts) -> &'static [&'static str] {
    match ledger.naming {
        Naming::Evm(_) => &[],
        _ => &["multisig and remote keys, by the chain's own rules"],
    }
}

fn sheet(ledger: &Accounts, members: &[AddressId]) -> Sheet {
    let mut sheet = Sheet::new(&["account/address", ">first seen", ">balances"]);
    let mut holdings = Vec::new();
    for &member in members {
        ledger.view.holdings(member, &mut holdings);
        let seen = ledger.view.first_seen(member).map(|height| u64::from(height.0));
        let count = u64::try_from(holdings.len()).unwrap_or(u64::MAX);
        sheet.push([Cell::from(ledger.address(member)), Cell::maybe_number(seen, ""), Cell::number(count)]);
    }
    sheet
}

/// The transactions that join the cluster: each joins two accounts that nothing before it did.
fn evidence(ledger: &Accounts, members: &[AddressId], limit: usize) -> Sheet {
    let mut sheet = Sheet::new(&["account", "controlled by or with/with", "transaction"]);
    let members: BTreeSet<AddressId> = members.iter().copied().collect();
    let all = 0..ledger.view.merge_count(Tier::T0);
    let merges = ledger.view.merges(Tier::T0, all).filter(|merge| members.contains(&merge.a));
    for merge in merges.take(limit) {
        let tx = ledger.view.txid(MovementId(merge.tx.0)).map(|txid| ledger.hash(&txid)).unwrap_or_default();
        sheet.push([ledger.address(merge.a), ledger.address(merge.b), tx]);
    }
    sheet
}
