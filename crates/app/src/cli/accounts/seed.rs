//! `seed add` over accounts: a theft is known by the credits that it made. An account is never a seed: it is expanded to
//! what it was credited with, listed and confirmed.

use coinhound_analysis::trace::accounts::expand_account;
use coinhound_model::{AccountLedger, Hash256, Height, MoveKind, MovementId};
use ruint::aliases::U256;

use super::chain::Accounts;
use crate::case::{Position, Seed};
use crate::cli::context::Context;
use crate::cli::options::SeedAddArgs;
use crate::ethereum::parse_hash;
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::report::Names;

/// Seeds that a text names, and whether they were given one by one: others are listed first and confirmed.
///
/// # Errors
/// What is wrong with the text, or that the ledger has no such transaction, movement or account.
pub fn named(args: &SeedAddArgs, ledger: &Accounts, context: &Context) -> Outcome<(Vec<Seed>, bool)> {
    let what = args.what.trim();
    // What a table calls an account may look like anything: exactly so written comes first.
    let is_account = ledger.view.is_supplied() && ledger.look_up(what.as_bytes()).is_some();
    let seeds = match transaction(what).filter(|_| !is_account) {
        Some((tx, movement)) => vec![one(ledger, tx, movement, args)?],
        None => return Ok((credited(ledger, args, context)?, false)),
    };
    ledger.healthy()?;
    Ok((seeds, true))
}

/// `tx` or `tx:movement`.
fn transaction(text: &str) -> Option<(Hash256, Option<u32>)> {
    match text.split_once(':') {
        Some((tx, movement)) => Some((parse_hash(tx)?, Some(movement.parse().ok()?))),
        None => Some((parse_hash(text)?, None)),
    }
}

fn one(ledger: &Accounts, tx: Hash256, number: Option<u32>, args: &SeedAddArgs) -> Outcome<Seed> {
    let movement = find(ledger, tx, number, None)?;
    let seed = of(ledger, movement, &args.theft, "movement")?;
    let Some(text) = &args.amount else {
        return match args.position {
            None => Ok(seed),
            Some(_) => {
                Err(Failure::new(Exit::Usage, "--position says where a part lies; the whole credit has no position")
                    .hint("add --amount, or leave --position out"))
            }
        };
    };
    part(seed, text, args.position)
}

/// A movement of a transaction: the one with this number, or the only one that credits somebody. A table may hold
/// several transactions of one name; then the block tells them apart.
///
/// # Errors
/// When there is none, or more than one could be meant.
pub fn find(ledger: &Accounts, tx: Hash256, number: Option<u32>, block: Option<Hash256>) -> Outcome<MovementId> {
    let ranks = ledger.find_txs(&tx)?;
    let name = ledger.hash(&tx);
    let moves = ranks.into_iter().map(|rank| ledger.view.tx_moves(rank)).filter(|moves| !moves.is_empty());
    let moves: Vec<_> = moves
        .filter(|moves| block.is_none_or(|block| ledger.view.fact(MovementId(moves.start)).block == block))
        .collect();
    let Some(moves) = moves.first() else {
        let told =
            block.map_or_else(String::new, |block| format!(" in {} {}", ledger.block_word(), ledger.hash(&block)));
        return Err(Failure::new(Exit::NotFound, format!("transaction {name}{told} moves nothing")));
    };
    if let Some(number) = number {
        let movement = moves.start.saturating_add(number.into());
        return moves.contains(&movement).then_some(MovementId(movement)).ok_or_else(|| {
            let message = format!(
                "transaction {name} has {} movements, numbered from 0; there is no {number}",
                moves.end - moves.start
            );
            Failure::new(Exit::NotFound, message)
        });
    }
    // What its fee brings the block's maker is nobody's loot.
    let credits = moves.clone().filter(|&movement| {
        let moved = ledger.view.movement(MovementId(movement));
        moved.to.is_some() && moved.kind != MoveKind::Reward
    });
    let credits: Vec<u64> = credits.collect();
    match credits[..] {
        [only] => Ok(MovementId(only)),
        _ => Err(Failure::new(
            Exit::Usage,
            format!("transaction {name} has {} movements that credit somebody", credits.len()),
        )
        .hint(format!("say which: {name}:0, ...; `coinhound show {name}` lists them"))),
    }
}

/// A movement as a seed: the whole of what it credits.
///
/// # Errors
/// When it credits nobody.
pub fn of(ledger: &Accounts, movement: MovementId, theft: &str, given: &str) -> Outcome<Seed> {
    let (view, moved) = (&ledger.view, ledger.view.movement(movement));
    let Some(to) = moved.to else {
        let message = format!("{} is a {}: it credits nobody", ledger.movement_name(movement), moved.kind);
        return Err(Failure::new(Exit::Input, message).hint("name a movement that brought the thief something"));
    };
    let fact = view.fact(movement);
    Ok(Seed {
        theft: theft.to_owned(),
        chain: view.as_of().chain.clone(),
        txid: fact.tx,
        vout: ledger.index(movement),
        height: fact.height,
        block: fact.block,
        coin_units: moved.units,
        stolen_units: moved.units,
        position: None,
        address: Some(ledger.address(view.owner(to))),
        given: given.to_owned(),
        asset: Some(ledger.asset_of(to)),
    })
}

fn part(seed: Seed, text: &str, position: Option<Position>) -> Outcome<Seed> {
    let asset = seed.asset.clone().expect("a seed of an account ledger says its asset");
    let stolen: U256 = asset.parse(text).or_exit(Exit::Usage)?;
    if stolen.is_zero() || stolen > seed.coin_units {
        let (whole, asked) = (asset.amount(seed.coin_units), asset.amount(stolen));
        return Err(Failure::new(
            Exit::Input,
            format!("the movement credits {whole}; {asked} cannot be stolen with it"),
        ));
    }
    if stolen == seed.coin_units {
        return Ok(Seed { stolen_units: stolen, ..seed });
    }
    let unsaid = || {
        let message = format!(
            "{} of {} was stolen: say where in the credit it lies",
            asset.amount(stolen),
            asset.amount(seed.coin_units)
        );
        Failure::new(Exit::Usage, message).hint(
            "add --position front or --position back; the report shows the choice, and first in, first out depends on it",
        )
    };
    Ok(Seed { stolen_units: stolen, position: Some(position.ok_or_else(unsaid)?), ..seed })
}

/// Everything the account was credited with up to the height asked for.
fn credited(ledger: &Accounts, args: &SeedAddArgs, context: &Context) -> Outcome<Vec<Seed>> {
    if args.amount.is_some() || args.position.is_some() {
        return Err(Failure::new(Exit::Usage, "--amount and --position go with one movement, not with an account"));
    }
    let account = ledger.find_account(&args.what)?;
    let height: Height = context.as_of.unwrap_or(ledger.view.as_of().height);
    let given = format!("account {} as of height {height}", ledger.address(account));
    let credits = expand_account(&ledger.view, account, height).or_exit(Exit::Store)?;
    let seeds: Outcome<Vec<Seed>> =
        credits.iter().map(|credit| of(ledger, credit.movement, &args.theft, &given)).collect();
    ledger.healthy()?;
    let seeds = seeds?;
    if seeds.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            format!("the account was credited with nothing up to height {height}"),
        )
        .hint("ask as of a later height with --as-of"));
    }
    Ok(seeds)
}
