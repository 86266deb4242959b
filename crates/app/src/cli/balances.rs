//! `balances`: what the store's rows lead to, held against what a node says that accounts have.

use coinhound_chains::evm::Address;
use coinhound_ingest::Control;
use coinhound_ingest::evm::reconcile::{
    Cause, Choice, Compared, Difference, ReconcileError, Reconciled, Standing, TokenStanding, reconcile,
};
use coinhound_model::AccountLedger;
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::accounts::Accounts;
use super::context::Context;
use super::ingest::evm as ingest_evm;
use super::options::BalancesArgs;
use super::progress::Progress;
use super::tokens::{of_ethereum, rules};
use super::{interrupt, tell};
use crate::ethereum::parse_evm;
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::tokens::{Odd, OddTokens};

/// Compares, prints, and keeps which tokens do not follow their logs.
pub fn run(args: &BalancesArgs, context: &Context) -> Outcome<Exit> {
    interrupt::heed()?;
    let ledger = of_ethereum(context, "balances")?;
    let choice = choice(args)?;
    let mut node = ingest_evm::open(&args.evm, rules(&ledger))?;
    let (secret, shown) = (node.url().to_owned(), ingest_evm::public(node.url()));
    let mut progress = Progress::new();
    let compared = reconcile(&ledger.view, &mut node, &choice, &mut |step| {
        progress.counted("comparing balances", "balances", step.done, step.total);
        if interrupt::asked() { Control::Stop } else { Control::Go }
    });
    progress.finish();
    let compared = compared.map_err(|error| ingest_evm::without(failure(&error), &secret, &shown))?;
    note(&compared, &ledger, context)?;
    print(&compared, &shown, args.limit, &ledger, context)
}

fn choice(args: &BalancesArgs) -> Outcome<Choice> {
    if args.address.is_empty() {
        return Ok(Choice::Sample { holdings_max: args.sample });
    }
    let read =
        |text: &String| parse_evm(text).map_err(|error| Failure::because(Exit::Input, &error).hint(error.hint()));
    Ok(Choice::Accounts(args.address.iter().map(read).collect::<Outcome<Vec<Address>>>()?))
}

fn failure(error: &ReconcileError) -> Failure {
    let exit = match error {
        ReconcileError::Node(error) if error.is_transient() => Exit::Node,
        ReconcileError::Ledger(_) => Exit::Store,
        _ => Exit::Input,
    };
    let failure = Failure::because(exit, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Keeps beside the store which tokens do not follow their logs. A later sample that finds nothing takes nothing back.
fn note(compared: &Reconciled, ledger: &Accounts, context: &Context) -> Outcome<()> {
    let store = context.store_path();
    let mut known = OddTokens::read(&store);
    let odd = compared.tokens.iter().filter(|token| token.standing != Standing::FollowsLogs);
    for token in odd {
        let Compared { holdings, differ, .. } = token.compared;
        let odd = Odd { why: why(token, ledger), holdings, differ, height: compared.height.0 };
        known.tokens.insert(ledger.view.token(token.asset).id, odd);
    }
    ledger.healthy()?;
    known.write(&store).or_name(Exit::Store, Attempt::Write, &store)
}

/// Why a token's balances are not what its logs lead to, as far as it shows.
fn why(token: &TokenStanding, ledger: &Accounts) -> String {
    let asset = ledger.asset(token.asset);
    let cause = match token.standing {
        Standing::FollowsLogs => return "nothing differs".to_owned(),
        Standing::NoAnswer => return "its contract tells no balance".to_owned(),
        Standing::DoesNot(cause) => cause,
        _ => return "not known".to_owned(),
    };
    match cause {
        Cause::FeeOnTransfer { movement, lost, arrived, .. } => format!(
            "it seems to keep a fee: in {} the sender lost {} and the receiver got {}",
            ledger.movement_name(movement),
            asset.amount(lost),
            asset.amount(arrived)
        ),
        Cause::MovesSilently { account, by, ours, theirs, .. } => format!(
            "its balances move without a log: {account} had {} after block {by}, and its logs lead to {}",
            asset.amount(theirs),
            asset.amount(ours)
        ),
        Cause::NoOldStates => "the node keeps no old states that would show why".to_owned(),
        _ => "no single place in the ledger shows why".to_owned(),
    }
}

fn print(compared: &Reconciled, url: &str, limit: usize, ledger: &Accounts, context: &Context) -> Outcome<Exit> {
    let tokens = tokens(compared, ledger);
    let differences = differences(compared, limit, ledger);
    ledger.healthy()?;
    let done = compared.native.holdings + compared.tokens.iter().map(|token| token.compared.holdings).sum::<u64>();
    let left = compared.differences.len().saturating_sub(limit);
    let height = compared.height.0;
    let block = ledger.hash(&compared.block);
    let begins = compared.since.map_or_else(
        || Cell::none("balances as they are"),
        |since| Cell::new(format!("what changed since block {since}"), since.0),
    );
    let facts = Facts::new()
        .with("node", url)
        .with(
            "after block/as of",
            Cell::new(format!("height {height}, block {block}"), json!({ "height": height, "block": block })),
        )
        .with("compared is/since", begins)
        .with("balances in the store/holdings", Cell::number(compared.holdings))
        .with("compared", Cell::number(done))
        .with("ether/native", sums(&compared.native))
        .with("differ", Cell::number(u64::try_from(compared.differences.len()).unwrap_or(u64::MAX)))
        .with("/stopped", Cell::new("", compared.stopped))
        .with("/left out", Cell::new("", left));
    let facts = ledger.and_missing(facts);
    context.print_with_tables(&facts, ("tokens", &tokens), &[("differences", &differences)])?;
    if left > 0 {
        tell(&format!("{left} more differences; print them with --limit"));
    }
    if compared.native.differ > 0 && ledger.untraced.as_ref().is_some_and(|untraced| untraced.blocks() > 0) {
        tell(
            "hint: without traces ether that contracts passed on is in no row: differences in ether are to be expected",
        );
    }
    let equal = compared.differences.is_empty() && !compared.stopped;
    Ok(if equal { Exit::Success } else { Exit::Partial })
}

fn sums(compared: &Compared) -> Cell {
    let told = match compared.differ {
        0 => format!("{} compared, all equal", compared.holdings),
        differ => format!("{} compared, {differ} DIFFER", compared.holdings),
    };
    Cell::new(told, json!({ "compared": compared.holdings, "differ": compared.differ }))
}

fn tokens(compared: &Reconciled, ledger: &Accounts) -> Sheet {
    let mut sheet = Sheet::new(&["token/asset", ">compared", ">differ", "standing"]);
    for token in &compared.tokens {
        let asset = ledger.asset(token.asset);
        let (kind, told) = match token.standing {
            Standing::FollowsLogs => ("follows its logs", "follows its logs".to_owned()),
            Standing::NoAnswer => ("no answer", why(token, ledger)),
            _ => ("does not follow its logs", format!("DOES NOT FOLLOW its logs: {}", why(token, ledger))),
        };
        let value = json!({ "kind": kind, "why": (kind != "follows its logs").then(|| why(token, ledger)) });
        sheet.push([
            Cell::new(asset.told(), asset.json()),
            Cell::number(token.compared.holdings),
            Cell::number(token.compared.differ),
            Cell::new(told, value),
        ]);
    }
    sheet
}

fn differences(compared: &Reconciled, limit: usize, ledger: &Accounts) -> Sheet {
    let mut sheet = Sheet::new(&["account", "asset", ">by the rows/ours", ">by the node/theirs"]);
    let native = (0..ledger.view.assets()).find(|asset| ledger.view.token(*asset).id == "slip44:60");
    for Difference { account, token, ours, theirs, .. } in compared.differences.iter().take(limit) {
        let of_token = token.and_then(|contract| compared.tokens.iter().find(|token| token.contract == contract));
        let asset = of_token.map(|token| token.asset).or(native).map(|number| ledger.asset(number));
        let amount = |units: &Option<U256>, none: &str| match (units, &asset) {
            (Some(units), Some(asset)) => Cell::money_units(asset.amount(*units)),
            (Some(units), None) => Cell::new(units.to_string(), units.to_string()),
            (None, _) => Cell::none(none),
        };
        sheet.push([
            Cell::from(account.to_string()),
            asset.as_ref().map_or_else(|| Cell::new("ETH", Value::Null), |asset| Cell::new(asset.told(), asset.json())),
            amount(ours, "impossible"),
            amount(theirs, "no answer"),
        ]);
    }
    sheet
}
