//! `tokens`: what a store's tokens are called and how their amounts are written, and by whose word.

use std::path::Path;

use coinhound_chains::evm::rpc::{EvmError, EvmErrorKind, EvmNode, Place};
use coinhound_chains::evm::{Address, ChainRules};
use coinhound_model::AccountLedger;

use super::accounts::Accounts;
use super::accounts::chain::Naming;
use super::context::Context;
use super::ingest::evm as ingest_evm;
use super::ledger::Opened;
use super::options::TokensArgs;
use super::progress::Progress;
use super::{interrupt, tell};
use crate::ethereum::parse_evm;
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::money::ToldBy;
use crate::notes;
use crate::out::{Cell, Facts, Sheet};
use crate::text::Said;
use crate::tokens::{Told, ToldTokens};

/// After so many tokens what was learnt is kept.
const KEEP_EVERY: usize = 200;

/// Asks a node where one was named, and lists the tokens.
pub fn run(args: &TokensArgs, context: &Context) -> Outcome<Exit> {
    let ledger = of_ethereum(context, "tokens")?;
    let wanted = wanted(args, &ledger)?;
    let stopped = match &args.evm {
        Some(url) => ask(url, &wanted, args.again, &ledger, context)?,
        None => false,
    };
    // What was learnt is in the book of a store that is opened anew.
    let ledger = of_ethereum(context, "tokens")?;
    print(args, &wanted, &ledger, stopped, context)
}

/// The store, if it is of Ethereum or a chain of its kind.
///
/// # Errors
/// What is wrong with the store, or that the verb is not defined on its ledger.
pub fn of_ethereum(context: &Context, verb: &str) -> Outcome<Accounts> {
    match context.ledger()? {
        Opened::Accounts(ledger) if matches!(ledger.naming, Naming::Evm(_)) => Ok(*ledger),
        _ => Err(Failure::new(Exit::Input, format!("`{verb}` is asked of stores of Ethereum"))
            .hint("name one with --store eip155-1")),
    }
}

/// The rules of a store's chain.
#[must_use]
pub fn rules(ledger: &Accounts) -> ChainRules {
    match ledger.naming {
        Naming::Evm(chain_id) => ChainRules { chain_id },
        _ => ChainRules::default(),
    }
}

/// A token of the store.
struct Wanted {
    asset: u32,
    id: String,
    contract: Address,
}

fn wanted(args: &TokensArgs, ledger: &Accounts) -> Outcome<Vec<Wanted>> {
    let named = args
        .token
        .iter()
        .map(|text| parse_evm(text).map_err(|error| Failure::because(Exit::Input, &error).hint(error.hint())));
    let named: Vec<Address> = named.collect::<Outcome<_>>()?;
    let all = (0..ledger.view.assets()).filter_map(|asset| {
        let id = ledger.view.token(asset).id;
        let contract = parse_evm(id.strip_prefix("erc20:")?).ok()?;
        (named.is_empty() || named.contains(&contract)).then_some(Wanted { asset, id, contract })
    });
    let all: Vec<Wanted> = all.collect();
    ledger.healthy()?;
    if let Some(missing) = named.iter().find(|contract| all.iter().all(|token| token.contract != **contract)) {
        return Err(Failure::new(Exit::NotFound, format!("no token of {missing} moved in this store")));
    }
    Ok(all)
}

/// Asks a node for symbols and decimals that nobody told yet; says whether it was stopped.
fn ask(url: &str, wanted: &[Wanted], again: bool, ledger: &Accounts, context: &Context) -> Outcome<bool> {
    interrupt::heed()?;
    let mut node = ingest_evm::open(url, rules(ledger))?;
    let (secret, shown) = (node.url().to_owned(), ingest_evm::public(node.url()));
    let failed = |error: &EvmError| ingest_evm::without(failure(error), &secret, &shown);
    node.check_chain().map_err(|error| failed(&error))?;
    let store = context.store_path();
    let mut height = u64::from(ledger.view.as_of().height.0);
    let mut told = ToldTokens::read(&store);
    let is_due = |id: &str| !ledger.tokens.is_well_known(id) && (again || !ledger.tokens.was_asked(id));
    let unknown: Vec<&Wanted> = wanted.iter().filter(|token| is_due(&token.id)).collect();
    let mut progress = Progress::new();
    let (mut stopped, mut ended) = (false, Ok(()));
    for (token, done) in unknown.iter().zip(1..) {
        stopped = interrupt::asked();
        if stopped {
            break;
        }
        match word(&mut node, token.contract, &mut height) {
            Ok(word) => told.tokens.insert(token.id.clone(), word),
            Err(error) => {
                ended = Err(failed(&error));
                break;
            }
        };
        let total = u64::try_from(unknown.len()).unwrap_or(u64::MAX);
        progress.counted("asking tokens", "tokens", u64::try_from(done).unwrap_or(u64::MAX), total);
        if done % KEEP_EVERY == 0 {
            keep(&told, &store)?;
        }
    }
    progress.finish();
    keep(&told, &store)?;
    ended.map(|()| stopped)
}

fn keep(told: &ToldTokens, store: &Path) -> Outcome<()> {
    told.write(store).or_name(Exit::Store, Attempt::Write, store)
}

/// What a token says of itself after a block; where the node keeps no states of that block, after the newest one, which
/// takes its place from then on.
fn word(node: &mut EvmNode<'_>, contract: Address, height: &mut u64) -> Result<Told, EvmError> {
    match word_at(node, contract, *height) {
        Err(EvmError::StateGone { .. }) => {
            *height = node.header(Place::Latest)?.number;
            word_at(node, contract, *height)
        }
        said => said,
    }
}

fn word_at(node: &mut EvmNode<'_>, contract: Address, height: u64) -> Result<Told, EvmError> {
    let at = Place::Number(height);
    let symbol = node.symbol(contract, at)?.map(|bytes| Said(notes::readable(&bytes)));
    Ok(Told { symbol, decimals: node.decimals(contract, at)?, height })
}

fn failure(error: &EvmError) -> Failure {
    let exit = if error.kind() == EvmErrorKind::Transient { Exit::Node } else { Exit::Input };
    let failure = Failure::because(exit, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn print(args: &TokensArgs, wanted: &[Wanted], ledger: &Accounts, stopped: bool, context: &Context) -> Outcome<Exit> {
    let mut sheet = Sheet::new(&["token/id", "symbol", ">decimals", "told by", "warning"]);
    let mut named = 0_u64;
    for token in wanted.iter() {
        let line = ledger.asset(token.asset);
        let is_named = line.told_by != ToldBy::Ledger;
        named += u64::from(is_named);
        if sheet.len() == args.limit {
            continue;
        }
        let symbol = if is_named { Cell::new(line.name(), line.ticker.as_str()) } else { Cell::none("-") };
        let by = match is_named {
            true => Cell::from(line.told_by.name()),
            false if ledger.tokens.was_asked(&token.id) => Cell::none("nobody: its contract does not say"),
            false => Cell::none("nobody: no node was asked"),
        };
        let warning = ledger.tokens.warning(&token.id, &line.ticker, is_named);
        let decimals = Cell::maybe_number(line.decimals.map(u64::from), "-");
        sheet.push([Cell::from(&token.id), symbol, decimals, by, Cell::maybe(warning.as_deref(), "")]);
    }
    let all = wanted.len();
    let left = all - sheet.len();
    let facts = Facts::new()
        .with("tokens", Cell::number(u64::try_from(all).unwrap_or(u64::MAX)))
        .with("named by somebody/named", Cell::number(named))
        .with("as of", ledger.as_of_cell())
        .with("/stopped", Cell::new("", stopped))
        .with("/left out", Cell::new("", left));
    context.print_with_facts(&facts, "token_list", &sheet)?;
    if left > 0 {
        tell(&format!("{left} more tokens; print them with --limit"));
    }
    if stopped {
        tell("stopped: what was learnt is kept; run the same command again to go on from there");
    }
    Ok(if stopped { Exit::Partial } else { Exit::Success })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use coinhound_sim::evm::keys::EvmKey;
    use coinhound_sim::evm::writer::EvmWriter;
    use coinhound_testkit::evm::ScriptedEvm;

    use super::*;

    #[test]
    fn what_a_token_says_bears_the_height_after_which_it_was_asked() {
        let mut writer = EvmWriter::new(1, 21_000_000, 1_730_000_000, EvmKey::of(0).address());
        let chain = [writer.seal(), writer.seal(), writer.seal()];
        let [stored, newest] = [&chain[0], &chain[2]].map(|block| block.header.number);
        let scripted = ScriptedEvm::start(&chain);
        let (mut node, token) = (scripted.client(Duration::from_secs(10)), EvmKey::of(1).address());
        let mut height = stored;
        let mut asked = || word(&mut node, token, &mut height).expect("it answers").height;
        assert_eq!(asked(), stored);

        let mut is_gone = true;
        scripted.garble(move |told| {
            let text = String::from_utf8(told).expect("text");
            if !text.contains("execution reverted") || !std::mem::take(&mut is_gone) {
                return text.into_bytes();
            }
            text.replace("\"code\":3", "\"code\":-32000")
                .replace("execution reverted", "missing trie node")
                .into_bytes()
        });
        assert_eq!([asked(), asked()], [newest; 2]);
        assert_eq!(scripted.questions("eth_getBlockByNumber"), 1, "it is told once");
    }
}
