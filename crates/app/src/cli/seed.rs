//! `seed`: what was stolen. An address is never a seed: it is expanded to coins, listed and confirmed.

use coinhound_analysis::trace::expand_address;
use coinhound_chains::bitcoin::Network;
use coinhound_model::{AddressId, Amount, Asset, ChainId, Hash256, Height, HoldingId, Ledger, TxHash};
use ruint::aliases::U256;

use super::accounts;
use super::chain::Chain;
use super::context::{Context, case_failure};
use super::ledger::Opened;
use super::options::{SeedAction, SeedAddArgs, SeedArgs};
use crate::case::{Case, Position, Seed};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::money::AssetLine;
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;

/// Runs the action.
pub fn run(args: &SeedArgs, context: &Context) -> Outcome<Exit> {
    match &args.action {
        SeedAction::Add(args) => add(args, context),
        SeedAction::List => list(context),
        SeedAction::Remove { coin, theft } => remove(coin, theft, context),
    }
}

fn add(args: &SeedAddArgs, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    let chain = match context.ledger()? {
        Opened::Coins(chain) => *chain,
        Opened::Accounts(ledger) => return add_named(&accounts::seed::named(args, &ledger, context)?, args, context),
    };
    let as_of = chain.view.as_of().height;
    let seeds = match outpoint(&args.what) {
        Some((txid, vout)) => vec![from_outpoint(&chain, txid, vout, args)?],
        None => {
            // A coin made before the range is known by its spender, which may come after the height asked for.
            let tip = Chain { view: chain.tip()?, ..chain };
            let seeds = from_address(&tip, as_of, args)?;
            if !args.yes {
                context.print(&sheet(&seeds))?;
                super::tell(
                    "nothing was added: these are the coins the address held; run it again with --yes to add them",
                );
                return Ok(Exit::Partial);
            }
            seeds
        }
    };
    keep(&mut case, &seeds, context)
}

fn keep(case: &mut Case, seeds: &[Seed], context: &Context) -> Outcome<Exit> {
    case.add_seeds(seeds, &context.stamp()).map_err(|error| case_failure(&error))?;
    context.print(&sheet(seeds))?;
    Ok(Exit::Success)
}

/// Credits that were given one by one are added; those of an account are listed until somebody confirms them.
fn add_named((seeds, one_by_one): &(Vec<Seed>, bool), args: &SeedAddArgs, context: &Context) -> Outcome<Exit> {
    let mut case = context.open_case()?;
    if *one_by_one || args.yes {
        return keep(&mut case, seeds, context);
    }
    context.print(&sheet(seeds))?;
    super::tell(
        "nothing was added: this is what the account was credited with; run it again with --yes to add all of it, or add movements one by one",
    );
    Ok(Exit::Partial)
}

/// `txid:vout`, if the text is one.
pub(super) fn outpoint(text: &str) -> Option<(TxHash, u32)> {
    let (txid, vout) = text.trim().split_once(':')?;
    Some((crate::ethereum::parse_hash(txid)?, vout.parse().ok()?))
}

/// Adds whole coins by outpoint to a case.
pub(super) fn add_coins(
    case: &mut Case,
    chain: &Chain,
    coins: impl Iterator<Item = String>,
    context: &Context,
) -> Outcome<()> {
    let mut seeds = Vec::new();
    for text in coins {
        let unreadable = || Failure::new(Exit::Input, format!("`{text}` is not a coin: expected TXID:VOUT"));
        let (txid, vout) = outpoint(&text).ok_or_else(unreadable)?;
        seeds.push(seed_of(chain, find(chain, &txid, vout)?, "theft", "outpoint".to_owned()));
    }
    case.add_seeds(&seeds, &context.stamp()).map_err(|error| case_failure(&error))
}

pub(super) fn from_outpoint(chain: &Chain, txid: TxHash, vout: u32, args: &SeedAddArgs) -> Outcome<Seed> {
    let coin = find(chain, &txid, vout)?;
    let seed = seed_of(chain, coin, &args.theft, "outpoint".to_owned());
    chain.healthy()?;
    if seed.coin_units.is_zero() && coin.foreign_rank().is_some() {
        let message = format!("how much {} holds is not known: it was made before the blocks read", seed.outpoint());
        return Err(Failure::new(Exit::Input, message).hint("read the blocks together with the node's rev*.dat files"));
    }
    let Some(text) = &args.amount else { return whole(seed, args.position) };
    part(seed, text, args.position, chain)
}

/// The coin of an outpoint: made in the blocks read, or before them and spent in them.
fn find(chain: &Chain, txid: &TxHash, vout: u32) -> Outcome<HoldingId> {
    match chain.view.find(txid).last() {
        Some(&made) => chain.coin(made, vout),
        None => match chain.foreign_coin(txid, vout)? {
            Some(coin) => Ok(coin),
            None => Err(chain.find_tx(txid).expect_err("it was not found")),
        },
    }
}

fn whole(seed: Seed, position: Option<Position>) -> Outcome<Seed> {
    match position {
        None => Ok(seed),
        Some(_) => Err(Failure::new(Exit::Usage, "--position says where a part lies; the whole coin has no position")
            .hint("add --amount, or leave --position out")),
    }
}

fn part(seed: Seed, text: &str, position: Option<Position>, chain: &Chain) -> Outcome<Seed> {
    let asset = AssetLine::from(chain.params().asset);
    let stolen = U256::from(Amount::parse(text, chain.params().asset).or_exit(Exit::Usage)?.units);
    let coin = asset.amount(seed.coin_units);
    if stolen.is_zero() || stolen > seed.coin_units {
        let message = format!("the coin holds {coin}; {} cannot be stolen from it", asset.amount(stolen));
        return Err(Failure::new(Exit::Input, message));
    }
    if stolen == seed.coin_units {
        return whole(Seed { stolen_units: stolen, ..seed }, None);
    }
    let unsaid = || {
        let message = format!("{} of {coin} was stolen: say where in the coin it lies", asset.amount(stolen));
        Failure::new(Exit::Usage, message).hint("add --position front or --position back; the report shows the choice, and first in, first out depends on it")
    };
    Ok(Seed { stolen_units: stolen, position: Some(position.ok_or_else(unsaid)?), ..seed })
}

/// Every coin that the address held at the height asked for.
fn from_address(chain: &Chain, as_of: Height, args: &SeedAddArgs) -> Outcome<Vec<Seed>> {
    if args.amount.is_some() || args.position.is_some() {
        return Err(Failure::new(Exit::Usage, "--amount and --position go with one coin, not with an address"));
    }
    let address: AddressId = chain.find_address(&args.what)?;
    let given = format!("address {} as of height {}", chain.address(address), as_of);
    let coins = expand_address(&chain.view, address, as_of);
    let seeds: Vec<Seed> =
        coins.iter().map(|entry| seed_of(chain, entry.holding, &args.theft, given.clone())).collect();
    chain.healthy()?;
    if seeds.is_empty() {
        return Err(Failure::new(Exit::NotFound, format!("the address held no coin at height {as_of}"))
            .hint("ask as of the height before the theft with --as-of"));
    }
    Ok(seeds)
}

/// A coin as a seed. Of one made before the blocks read, the block is not known and stands as zeros.
fn seed_of(chain: &Chain, coin: HoldingId, theft: &str, given: String) -> Seed {
    let (view, entry) = (&chain.view, chain.view.entry(coin));
    let (txid, vout) = view.outpoint(coin);
    let fact = view.origin(coin).map(|(made, _)| view.fact(made));
    let before = || view.foreign(coin).map_or(Height(Seed::HEIGHT_UNKNOWN), |row| Height(row.height));
    Seed {
        theft: theft.to_owned(),
        chain: view.as_of().chain.clone(),
        txid,
        vout,
        height: fact.as_ref().map_or_else(before, |fact| fact.height),
        block: fact.map_or(Hash256::ZERO, |fact| fact.block),
        coin_units: U256::from(entry.units),
        stolen_units: U256::from(entry.units),
        position: None,
        address: entry.owner.is_some().then(|| chain.address(entry.owner)),
        given,
        asset: None,
    }
}

/// Seeds as a table; each is counted in its own asset, of a coin chain in the chain's.
pub(super) fn sheet(seeds: &[Seed]) -> Sheet {
    let columns = [
        "theft",
        "coin",
        ">holds",
        ">stolen",
        "position",
        "address",
        ">height",
        "given as",
        "/chain",
        "/decimals",
        "/asset",
    ];
    let mut sheet = Sheet::new(&columns);
    for seed in seeds {
        let asset = seed.asset_or(asset_of(&seed.chain));
        let known = Some(seed.height.0).filter(|&height| height != Seed::HEIGHT_UNKNOWN);
        sheet.push([
            Cell::from(&seed.theft),
            Cell::from(seed.outpoint()),
            Cell::money_units(asset.amount(seed.coin_units)),
            Cell::money_units(asset.amount(seed.stolen_units)),
            Cell::from(seed.position.map_or("whole", Position::name)),
            Cell::maybe(seed.address.as_deref(), "-"),
            Cell::maybe_number(known.map(u64::from), "-"),
            Cell::from(&seed.given),
            Cell::from(seed.chain.0.as_str()),
            Cell::maybe_number(asset.decimals.map(u64::from), ""),
            Cell::new("", asset.json()),
        ]);
    }
    sheet
}

fn list(context: &Context) -> Outcome<Exit> {
    let seeds = context.open_case()?.seeds().map_err(|error| case_failure(&error))?;
    context.print(&sheet(&seeds))?;
    Ok(Exit::Success)
}

/// What a chain counts in. A chain of no known network counts in bitcoin's places, as all of the family do.
fn asset_of(chain: &ChainId) -> Asset {
    let known = Network::ALL.into_iter().map(Network::params).find(|params| params.chain_id() == *chain);
    known.map_or(Asset::BTC, |params| params.asset)
}

fn remove(coin: &str, theft: &str, context: &Context) -> Outcome<Exit> {
    let unreadable = || Failure::new(Exit::Usage, format!("`{coin}` is not a coin: expected TXID:VOUT"));
    let (txid, vout) = outpoint(coin).ok_or_else(unreadable)?;
    let mut case = context.open_case()?;
    case.remove_seed(theft, &txid, vout, &context.stamp()).map_err(|error| case_failure(&error))?;
    let facts = Facts::new().with("coin", coin).with("theft", theft);
    context.done(&format!("{coin} is no seed of theft `{theft}` any more; the log keeps both decisions"), &facts)
}
