//! `cluster` and `why`: which addresses one hand controls, by which evidence.

use coinhound_analysis::cluster::{Grounds, Link, Linked, Strength, Tiers, Why, walk, why as ask};
use coinhound_analysis::patterns::VetoSet;
use coinhound_model::{AddressId, Ledger};
use serde_json::json;

use super::accounts;
use super::chain::{Chain, asset};
use super::context::Context;
use super::ledger::Opened;
use super::options::{ClusterArgs, CustomersArgs, Tier, WhyArgs};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;

/// The evidence that the store's own clusters rest on, cut down to the tiers asked for.
fn grounds(chain: &Chain, tiers: &[Tier]) -> Outcome<Grounds> {
    let name = &chain.view.manifest().params.veto;
    let unknown =
        || Failure::new(Exit::Store, format!("the store uses the veto set `{name}`, which this build does not know"));
    let tiers = tiers.iter().fold(Tiers::empty(), |all, tier| match tier {
        Tier::SameKey => all | Tiers::SAME_KEY,
        Tier::CoSpend => all | Tiers::CO_SPEND,
    });
    Ok(Grounds::new(VetoSet::named(name).ok_or_else(unknown)?).only(tiers))
}

fn tier_names(tiers: Tiers) -> Cell {
    let names = [(Tiers::SAME_KEY, "same key"), (Tiers::CO_SPEND, "co-spend")];
    let named = names.iter().filter(|(tier, _)| tiers.contains(*tier)).map(|(_, name)| *name);
    Cell::words(&named.collect::<Vec<_>>(), "none")
}

/// What every answer about common control rests on, and how wrong such answers were found to be.
fn grounded(facts: Facts, grounds: &Grounds, chain: &Chain) -> Facts {
    let as_of = chain.view.as_of();
    facts
        .with("evidence", tier_names(grounds.tiers))
        .with("veto set", grounds.vetoes.name)
        .with("as of", Cell::as_of(as_of.height, as_of.block))
        .with("measured error rate/error rate", Cell::none("not measured"))
}

/// Lists an address's cluster.
pub fn cluster(args: &ClusterArgs, context: &Context) -> Outcome<Exit> {
    let chain = match context.ledger()? {
        Opened::Coins(chain) => chain,
        Opened::Accounts(ledger) => return accounts::cluster::run(args, &ledger, context),
    };
    let address = chain.find_address(&args.address)?;
    let grounds = grounds(&chain, &args.tier)?;
    let found = walk(&chain.view, &grounds, address, args.budget).or_exit(Exit::Store)?;
    let name = found.members.first().map_or_else(String::new, |&first| chain.address(first));
    let sheet = members(&chain, &found.members[..found.members.len().min(args.limit)]);
    chain.healthy()?;
    let total = u64::try_from(found.members.len()).unwrap_or(u64::MAX);
    let shown = if found.complete { total.to_string() } else { format!("at least {total}: the budget is spent") };
    let left = found.members.len() - sheet.len();
    let facts = Facts::new()
        .with("cluster of", name)
        .with("addresses", Cell::new(shown, total))
        .with("/complete", Cell::new("", found.complete));
    let facts = grounded(facts, &grounds, &chain)
        .with("/asset", Cell::new("", asset(chain.params().asset)))
        .with("/left out", Cell::new("", left));
    context.print_with_facts(&facts, "members", &sheet)?;
    if left > 0 {
        super::tell(&format!("{left} more addresses; print them with --limit"));
    }
    Ok(if found.complete { Exit::Success } else { Exit::Partial })
}

/// Addresses with what they hold as of the view's height.
fn members(chain: &Chain, members: &[AddressId]) -> Sheet {
    let mut sheet = Sheet::new(&["address", "kind", ">first seen", ">coins", ">holds"]);
    let mut coins = Vec::new();
    for &member in members {
        chain.view.holdings(member, &mut coins);
        let unspent = coins.iter().filter(|&&coin| chain.view.spender(coin).is_none());
        let held: u64 = unspent.map(|&coin| chain.view.entry(coin).units).sum();
        let seen = chain.view.first_seen(member).map(|height| u64::from(height.0));
        sheet.push([
            Cell::from(chain.address(member)),
            Cell::from(chain.kind(member)),
            Cell::maybe_number(seen, ""),
            Cell::number(u64::try_from(coins.len()).unwrap_or(u64::MAX)),
            Cell::units(chain.amount(held)),
        ]);
    }
    sheet
}

/// Lists the customers of a shared address.
pub fn customers(args: &CustomersArgs, context: &Context) -> Outcome<Exit> {
    match context.ledger()? {
        Opened::Accounts(ledger) => accounts::customers::run(args, &ledger, context),
        Opened::Coins(_) => Err(Failure::new(
            Exit::Input,
            "`customers` is not defined on coins: there each customer has an address of his own",
        )
        .hint("`coinhound cluster` lists what one hand controls")),
    }
}

/// Shows why two addresses belong together.
pub fn why(args: &WhyArgs, context: &Context) -> Outcome<Exit> {
    let chain = context.coins("why")?;
    let (a, b) = (chain.find_address(&args.a)?, chain.find_address(&args.b)?);
    let grounds = grounds(&chain, &args.tier)?;
    let answer = ask(&chain.view, &grounds, a, b, args.budget).or_exit(Exit::Store)?;
    let (verdict, rests_on, spent, sheet) = match &answer {
        Why::Same => (Cell::new("they are one address", "same address"), Cell::none("-"), 0, links(&chain, &[])),
        Why::Linked(linked) => ("linked".into(), strength(linked), linked.spent, links(&chain, &linked.shortest)),
        Why::NotLinked { spent } => {
            (Cell::new("not linked by this evidence", "not linked"), Cell::none("-"), *spent, links(&chain, &[]))
        }
        Why::NotDecided { spent } => {
            let shown = "not decided: the budget is spent";
            (Cell::new(shown, "not decided"), Cell::none("-"), *spent, links(&chain, &[]))
        }
    };
    chain.healthy()?;
    let facts = Facts::new().with("answer", verdict).with("rests on", rests_on);
    let facts = grounded(facts, &grounds, &chain).with("look-ups/look_ups", Cell::number(spent));
    context.print_with_facts(&facts, "shortest_chain", &sheet)?;
    Ok(if matches!(answer, Why::NotDecided { .. }) { Exit::Partial } else { Exit::Success })
}

fn strength(linked: &Linked) -> Cell {
    let on = |chains: usize, at_least: bool| json!({ "kind": "chains", "chains": chains, "at_least": at_least });
    match linked.strength {
        Strength::SameKey => {
            let value = json!({ "kind": "same key", "chains": null, "at_least": null });
            Cell::new("a shared key: no transaction is needed", value)
        }
        Strength::Exactly(1) => Cell::new("one chain: it falls with a single transaction", on(1, false)),
        Strength::Exactly(chains) => Cell::new(format!("{chains} chains that share no transaction"), on(chains, false)),
        Strength::AtLeast(chains) => {
            Cell::new(format!("at least {chains} chains that share no transaction"), on(chains, true))
        }
    }
}

fn links(chain: &Chain, links: &[Link]) -> Sheet {
    let mut sheet = Sheet::new(&["from", "to", "by", "transaction", "inputs"]);
    for link in links {
        sheet.push(match *link {
            Link::SameKey { from, to } => [
                chain.address(from).into(),
                chain.address(to).into(),
                "same key".into(),
                Cell::none("-"),
                Cell::none("-"),
            ],
            Link::CoSpend { movement, from_input, from, to_input, to } => [
                chain.address(from).into(),
                chain.address(to).into(),
                Cell::new("spent together", "co-spend"),
                chain.view.fact(movement).tx.to_string().into(),
                Cell::new(format!("{from_input} and {to_input}"), vec![from_input, to_input]),
            ],
        });
    }
    sheet
}
