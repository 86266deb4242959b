//! From a case and a store of accounts to trails: seeds found again, tags turned into stops, trails into a document.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Part;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, trace_accounts};
use coinhound_model::AccountLedger;
use ruint::aliases::U256;

use super::chain::Accounts;
use super::{seed, stops, warnings};
use crate::case::{Case, Position, Seed};
use crate::cli::context::case_failure;
use crate::cli::options::{OnConversion, TraceArgs};
use crate::cli::tracing::{Thefts, moment, thefts, trace_failure};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::report::document::TagLine;
use crate::report::gather::{Beside, gather_accounts};
use crate::report::{Document, Parameters, Question};

/// A case's question, ready to be asked of a ledger of accounts.
pub struct Inquiry<'a> {
    ledger: &'a Accounts,
    case: String,
    thefts: Thefts,
    tags: Vec<TagLine>,
}

impl<'a> Inquiry<'a> {
    /// Reads seeds and tags of this ledger from a case.
    ///
    /// # Errors
    /// When the case holds no seed on this ledger.
    pub fn of(case: &Case, ledger: &'a Accounts) -> Outcome<Self> {
        let thefts = thefts(case, &ledger.view.as_of().chain)?;
        let tags = crate::cli::tracing::tag_lines(case, |tag| stops::speaks_of(tag, ledger))?;
        Ok(Self { ledger, case: case.name().map_err(|error| case_failure(&error))?, thefts, tags })
    }

    /// The parameters that options and the case's tags make together.
    ///
    /// # Errors
    /// Options that mean nothing: an unknown rule, an unreadable amount or time; and a rule that is not defined here.
    pub fn parameters(&self, args: &TraceArgs, case: &Case) -> Outcome<Parameters> {
        let rules = rules(&args.rule)?;
        let declared = match &args.declare {
            None => rules[0],
            Some(text) => rule(text)?,
        };
        if !rules.contains(&declared) {
            return Err(Failure::new(Exit::Usage, format!("--declare {declared} is not among the rules to apply"))
                .hint("add it to --rule"));
        }
        let asset = self.thefts[0].1[0].asset.clone().expect("a seed of an account ledger says its asset");
        // What a token's amounts are counted in may have been learnt since.
        let asset = self.ledger.tokens.known(&asset.id).unwrap_or(asset);
        let rules = rules.iter().map(|rule| rule.name().to_owned()).collect();
        Ok(Parameters {
            height_max: args.until_height,
            time_max: args.until_time.as_deref().map(moment).transpose()?,
            conversions: Some(args.conversions.choice().name().to_owned()),
            exchangers: match args.conversions {
                OnConversion::Known => stops::exchangers(args, case, self.ledger)?,
                _ => Vec::new(),
            },
            ..stops::parameters(&args.stops, rules, declared.name(), case, self.ledger, &asset)?
        })
    }

    /// Traces by these parameters and writes the result down.
    ///
    /// # Errors
    /// When a seed is not in this ledger, and whatever the trace refuses.
    pub fn answer(&self, parameters: &Parameters, threads: usize) -> Outcome<Document> {
        let ledger = self.ledger;
        let theft = |seeds: &Vec<Seed>| {
            Ok(AccountTheft { seeds: seeds.iter().map(|seed| start(ledger, seed)).collect::<Outcome<_>>()? })
        };
        let thefts: Vec<AccountTheft<U256>> =
            self.thefts.iter().map(|(_, seeds)| theft(seeds)).collect::<Outcome<_>>()?;
        let rules: Vec<Rule> = parameters.rules.iter().map(|text| rule(text)).collect::<Outcome<_>>()?;
        let traced =
            trace_accounts(&ledger.view, &thefts, &rules, &stops::forward(ledger, parameters)?, threads.max(1))
                .map_err(|error| trace_failure(&error))?;
        let question = Question {
            case: &self.case,
            network: &ledger.network(),
            gaps: None,
            parameters,
            thefts: &self.thefts,
            tags: &self.tags,
        };
        let supplied = ledger.supply.as_ref().map(crate::supply::Supply::part);
        let beside = Beside { supplied: supplied.as_ref(), untraced: ledger.untraced.as_ref() };
        let mut document = gather_accounts(&ledger.view, ledger, beside, &question, &traced);
        document.warnings = warnings::of_trails(&document, &traced, ledger)?;
        ledger.healthy()?;
        Ok(document)
    }
}

/// A seed found again in this store, by block as well as by hash.
fn start(ledger: &Accounts, seed: &Seed) -> Outcome<AccountSeed<U256>> {
    let movement = seed::find(ledger, seed.txid, Some(seed.vout), Some(seed.block)).map_err(|failure| {
        let message = format!("seed {} is not in this store's ledger: {}", seed.outpoint(), failure.message);
        Failure::new(Exit::NotFound, message)
            .hint("the ledger changed since the seed was added: remove the seed and add it again")
    })?;
    let part = match seed.position {
        None => Part::Whole,
        Some(Position::Front) => Part::Front(seed.stolen_units),
        Some(Position::Back) => Part::Back(seed.stolen_units),
    };
    Ok(AccountSeed { movement, part })
}

/// A rule that is defined on accounts.
fn rule(text: &str) -> Outcome<Rule> {
    let choices = || Rule::ACCOUNTS.map(Rule::name).join(", ");
    let rule: Rule = text.parse().or_hint(Exit::Usage, &format!("on accounts these are rules: {}", choices()))?;
    if rule.on_accounts() {
        return Ok(rule);
    }
    Err(Failure::new(Exit::Input, format!("{rule} is not defined on accounts: no number would be an answer"))
        .hint(format!("defined on accounts: {}; `all` stands for all of them", choices())))
}

fn rules(names: &[String]) -> Outcome<Vec<Rule>> {
    if names.iter().any(|name| name == "all") {
        return Ok(Rule::ACCOUNTS.to_vec());
    }
    let mut rules: Vec<Rule> = Vec::new();
    for name in names {
        let rule = rule(name)?;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    Ok(rules)
}
