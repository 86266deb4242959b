//! `cluster` and `why`: which addresses one hand controls, by which evidence.

use coinhound_analysis::cluster::{Grounds, Link, Linked, Strength, Tiers, Why, walk, why as ask};
use coinhound_analysis::patterns::VetoSet;
use coinhound_model::Ledger;

use super::chain::Chain;
use super::context::Context;
use super::options::{ClusterArgs, Tier, WhyArgs};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::out::Sheet;
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

fn tier_names(tiers: Tiers) -> String {
    let names = [(Tiers::SAME_KEY, "same key"), (Tiers::CO_SPEND, "co-spend")];
    names.iter().filter(|(tier, _)| tiers.contains(*tier)).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

/// Lists an address's cluster.
pub fn cluster(args: &ClusterArgs, context: &Context) -> Outcome<Exit> {
    let chain = context.chain()?;
    let address = chain.find_address(&args.address)?;
    let grounds = grounds(&chain, &args.tier)?;
    let found = walk(&chain.view, &grounds, address, args.budget).or_exit(Exit::Store)?;
    let mut sheet = Sheet::new(&["address", "kind", ">first seen", ">coins", ">holds"]);
    let mut coins = Vec::new();
    for &member in found.members.iter().take(args.limit) {
        chain.view.holdings(member, &mut coins);
        let held: u64 = coins
            .iter()
            .filter(|&&coin| chain.view.spender(coin).is_none())
            .map(|&coin| chain.view.entry(coin).units)
            .sum();
        let seen = chain.view.first_seen(member).map_or_else(String::new, |height| height.to_string());
        sheet.push([
            chain.address(member),
            chain.kind(member).to_owned(),
            seen,
            coins.len().to_string(),
            chain.amount(held).number(),
        ]);
    }
    chain.healthy()?;
    let as_of = chain.view.as_of();
    let name = found.members.first().map_or_else(String::new, |&first| chain.address(first));
    let facts = [
        ("cluster of", name),
        (
            "addresses",
            if found.complete {
                found.members.len().to_string()
            } else {
                format!("at least {}: the budget is spent", found.members.len())
            },
        ),
        ("evidence", tier_names(grounds.tiers)),
        ("veto set", grounds.vetoes.name.to_owned()),
        ("as of", format!("height {}, block {}", as_of.height, as_of.block)),
        ("measured error rate", "not measured".to_owned()),
    ];
    context.print_with_facts(&facts, "members", &sheet)?;
    if found.members.len() > sheet.len() {
        super::tell(&format!("{} more addresses; print them with --limit", found.members.len() - sheet.len()));
    }
    Ok(if found.complete { Exit::Success } else { Exit::Partial })
}

/// Shows why two addresses belong together.
pub fn why(args: &WhyArgs, context: &Context) -> Outcome<Exit> {
    let chain = context.chain()?;
    let (a, b) = (chain.find_address(&args.a)?, chain.find_address(&args.b)?);
    let grounds = grounds(&chain, &args.tier)?;
    let answer = ask(&chain.view, &grounds, a, b, args.budget).or_exit(Exit::Store)?;
    let (verdict, rests_on, spent, sheet) = match &answer {
        Why::Same => ("they are one address", "-".to_owned(), 0, links(&chain, &[])),
        Why::Linked(linked) => ("linked", strength(linked), linked.spent, links(&chain, &linked.shortest)),
        Why::NotLinked { spent } => ("not linked by this evidence", "-".to_owned(), *spent, links(&chain, &[])),
        Why::NotDecided { spent } => ("not decided: the budget is spent", "-".to_owned(), *spent, links(&chain, &[])),
    };
    chain.healthy()?;
    let as_of = chain.view.as_of();
    let facts = [
        ("answer", verdict.to_owned()),
        ("rests on", rests_on),
        ("evidence", tier_names(grounds.tiers)),
        ("veto set", grounds.vetoes.name.to_owned()),
        ("as of", format!("height {}, block {}", as_of.height, as_of.block)),
        ("look-ups", spent.to_string()),
        ("measured error rate", "not measured".to_owned()),
    ];
    context.print_with_facts(&facts, "shortest_chain", &sheet)?;
    Ok(if matches!(answer, Why::NotDecided { .. }) { Exit::Partial } else { Exit::Success })
}

fn strength(linked: &Linked) -> String {
    match linked.strength {
        Strength::SameKey => "a shared key: no transaction is needed".to_owned(),
        Strength::Exactly(1) => "one chain: it falls with a single transaction".to_owned(),
        Strength::Exactly(chains) => format!("{chains} chains that share no transaction"),
        Strength::AtLeast(chains) => format!("at least {chains} chains that share no transaction"),
    }
}

fn links(chain: &Chain, links: &[Link]) -> Sheet {
    let mut sheet = Sheet::new(&["from", "to", "by", "transaction", "inputs"]);
    for link in links {
        match *link {
            Link::SameKey { from, to } => {
                sheet.push([chain.address(from), chain.address(to), "same key".into(), "-".into(), "-".into()])
            }
            Link::CoSpend { movement, from_input, from, to_input, to } => sheet.push([
                chain.address(from),
                chain.address(to),
                "spent together".to_owned(),
                chain.view.fact(movement).tx.to_string(),
                format!("{from_input} and {to_input}"),
            ]),
        }
    }
    sheet
}
