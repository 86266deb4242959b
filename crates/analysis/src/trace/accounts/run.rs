//! Entry of a trace of accounts: every theft by every rule, each alone, shared out over threads.

use coinhound_model::AccountLedger;

use crate::taint::Rule;
use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::ground::Ground;
use crate::trace::accounts::history::Histories;
use crate::trace::accounts::lane::Lane;
use crate::trace::accounts::seeds::{Sown, sow};
use crate::trace::accounts::theft::AccountTheft;
use crate::trace::accounts::trail::{AccountTraced, AccountTrail};
use crate::trace::error::TraceError;
use crate::trace::stops::{Services, Stops};
use crate::trace::threads::share;

/// Follows every theft by every rule through the accounts of a ledger. Each is traced alone; `threads` (at least 1) never
/// shows in the result. [`Stops::collaborative`] means nothing here.
///
/// # Errors
/// [`TraceError`] for seeds that name nothing, too much, several assets, for a rule that is not
/// defined on accounts, and for a ledger that is damaged or contradicts itself in a holding that was reached. One theft in
/// error fails the whole trace: a report never shows a part as the whole.
///
/// # Panics
/// When a trail's ends do not sum to what was stolen: a bug.
pub fn trace_accounts<L: AccountLedger, S: Services>(
    ledger: &L,
    thefts: &[AccountTheft<L::Units>],
    rules: &[Rule],
    stops: &Stops<L::Units, S>,
    threads: usize,
) -> Result<AccountTraced<L::Units>, TraceError> {
    if let Some(&rule) = rules.iter().find(|rule| !rule.on_accounts()) {
        return Err(TraceError::NotDefined { rule, question: "a trace of accounts" });
    }
    let ground = Ground { ledger, stops };
    let traced = trace_sound(&ground, thefts, rules, threads);
    ledger.health()?;
    Ok(AccountTraced { as_of: ledger.as_of().clone(), trails: traced? })
}

fn trace_sound<L: AccountLedger, S: Services>(
    ground: &Ground<'_, L, S>,
    thefts: &[AccountTheft<L::Units>],
    rules: &[Rule],
    threads: usize,
) -> Result<Vec<AccountTrail<L::Units>>, TraceError> {
    let sown = (0..).zip(thefts).map(|(number, theft)| Ok((number, sow(ground.ledger, number, theft)?)));
    let sown: Vec<(u32, Sown<L::Units>)> = sown.collect::<Result<_, TraceError>>()?;
    let jobs: Vec<_> = sown.iter().flat_map(|theft| rules.iter().map(move |&rule| (theft, rule))).collect();
    let trails = share(&jobs, threads, || {
        let mut histories = Histories::new();
        move |&((theft, sown), rule)| Lane::new(ground, &mut histories, sown, *theft, rule).run()
    });
    let trails = trails.into_iter().collect::<Result<Vec<_>, AccountFault>>()?;
    Ok(trails.into_iter().flatten().collect())
}
