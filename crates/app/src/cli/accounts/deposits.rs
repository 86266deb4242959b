//! Deposit addresses in `cluster`: whoever paid to the same one is a customer of one exchange. Candidates for common
//! control, no cluster: brokers and payment services deposit for many.

use std::collections::BTreeMap;

use coinhound_analysis::contracts::contract_addresses;
use coinhound_analysis::deposits::{
    DepositCustomer, DepositError, DepositParameters, DepositStanding, Known, LOSS_MAX_WEI, deposit_standing,
};
use coinhound_analysis::trace::ServiceTable;
use coinhound_model::AddressId;
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::chain::{Accounts, Naming};
use super::{stops, warnings};
use crate::case::Case;
use crate::cli::chain::DAMAGED;
use crate::cli::context::case_failure;
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::money::AssetLine;
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;
use crate::tags::Subject;
use crate::tags::stops::StopSet;
use crate::text::{clean, cut};

/// Least confidence of a tag that says an address is a service's.
const SERVICE_LEVEL: u8 = 50;

/// The category of the tags whose addresses collect deposits.
const EXCHANGE: &str = "exchange";

/// What deposit addresses say of one address.
pub struct Deposits {
    standing: DepositStanding<U256>,
    /// The exchanges, by their number.
    exchanges: Vec<String>,
}

/// Why there is no answer.
pub enum Silence {
    /// The ledger has no such addresses.
    NotHere,
    /// Nobody tagged an exchange, or there is too much to look at.
    Because(String),
}

/// Asks about an address, with the exchanges that the case's tags name.
///
/// # Errors
/// What case and store meet.
pub fn ask(address: AddressId, ledger: &Accounts, case: Option<&Case>) -> Outcome<Result<Deposits, Silence>> {
    let Naming::Evm(_) = ledger.naming else { return Ok(Err(Silence::NotHere)) };
    let silent = |why: &str| Ok(Err(Silence::Because(why.to_owned())));
    let Some(native) = warnings::native(ledger) else { return Ok(Err(Silence::NotHere)) };
    let Some(case) = case else { return silent("no case is in hand, so no exchange is known by a tag") };
    let services = Services::of(case, ledger)?;
    if services.exchanges.is_empty() {
        return silent("no tag of the case names an address of an exchange that this store knows");
    }
    let contracts = contract_addresses(&ledger.view).or_hint(Exit::Store, DAMAGED)?;
    let parameters = DepositParameters::new(services.exchange_addresses, native, U256::from(LOSS_MAX_WEI));
    let known = Known { services: &services.all, contracts: &contracts };
    match deposit_standing(&ledger.view, address, parameters, known) {
        Ok(standing) => Ok(Ok(Deposits { standing, exchanges: services.exchanges })),
        Err(error @ (DepositError::TooMany { .. } | DepositError::TooFar { .. })) => silent(&error.to_string()),
        Err(error) => Err(Failure::because(Exit::Store, &error).hint(DAMAGED)),
    }
}

/// The addresses that the case's tags call services.
struct Services {
    all: ServiceTable,
    /// What exchanges are called, by their number.
    exchanges: Vec<String>,
    exchange_addresses: Vec<(AddressId, u32)>,
}

impl Services {
    fn of(case: &Case, ledger: &Accounts) -> Outcome<Self> {
        let tags = case.tags().map_err(|error| case_failure(&error))?;
        let (mut numbers, mut all, mut exchange_addresses) = (BTreeMap::<String, u32>::new(), Vec::new(), Vec::new());
        for stored in &tags {
            let tag = &stored.tag;
            if !stops::speaks_of(tag, ledger) || !StopSet::Services.takes(tag, SERVICE_LEVEL) {
                continue;
            }
            let Subject::Address(text) = &tag.subject else { continue };
            let Some(address) = stops::find(ledger, text) else { continue };
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(tag.label.clone()).or_insert(next);
            all.push((address, number));
            if tag.category.as_deref() == Some(EXCHANGE) {
                exchange_addresses.push((address, number));
            }
        }
        let mut names = vec![String::new(); numbers.len()];
        numbers.into_iter().for_each(|(name, number)| names[number as usize] = name);
        if exchange_addresses.is_empty() {
            names.clear();
        }
        exchange_addresses.sort_unstable();
        exchange_addresses.dedup_by_key(|(address, _)| *address);
        Ok(Self { all: ServiceTable::new(all), exchanges: names, exchange_addresses })
    }
}

impl Deposits {
    /// What the rule says of the address that was asked about.
    #[must_use]
    pub fn facts(&self, facts: Facts, ledger: &Accounts) -> Facts {
        let standing = &self.standing;
        let role = match (&standing.refused, standing.customers.is_empty()) {
            (None, _) => "a deposit address: what arrives here is sent on to the exchange".to_owned(),
            (Some(_), false) => "a user of deposit addresses".to_owned(),
            (Some(refused), true) => format!("no deposit address: {}", refused.why.name()),
        };
        let busy = if standing.is_busy { "; pays to so many that it is taken for a service" } else { "" };
        let refused = standing.refused.as_ref().map(|refused| {
            json!({ "why": refused.why.name(), "movement": refused.movement.map(|at| ledger.movement_name(at)) })
        });
        facts
            .with("deposit addresses/deposit role", Cell::new(format!("{role}{busy}"), role.as_str()))
            .with("/deposit refused", Cell::new("", refused))
            .with("/deposit busy", Cell::new("", standing.is_busy))
            .with("deposit rule", self.rule(ledger))
            .with(
                "what deposits rest on/deposit grounds",
                "whoever paid to one deposit address is one customer of the exchange, which is not the same person: candidates, no cluster; as of this height, for a later payment may show that it was none",
            )
            .with("deposit error rate", Cell::none("not measured; the confidence orders matches and is no probability"))
    }

    fn rule(&self, ledger: &Accounts) -> Cell {
        let (rule, parameters) = (self.standing.rule, &self.standing.parameters);
        let native = ledger.asset(parameters.native);
        let shown = format!(
            "{} {}: at most {} lost, {} blocks, {} users of an address, {} addresses of a user; {} addresses of exchanges by tags",
            rule.name,
            rule.version,
            native.amount(parameters.loss_max),
            parameters.blocks_max,
            parameters.users_max,
            parameters.addresses_per_user_max,
            parameters.exchanges.len()
        );
        let value = json!({
            "name": rule.name, "version": rule.version, "loss_max": parameters.loss_max.to_string(),
            "blocks_max": parameters.blocks_max, "users_max": parameters.users_max,
            "addresses_per_user_max": parameters.addresses_per_user_max, "movements_max": parameters.movements_max,
            "exchange_addresses": parameters.exchanges.len(),
        });
        Cell::new(shown, value)
    }

    /// One row for each deposit that joins somebody to a customer, and how many were left out.
    #[must_use]
    pub fn sheet(&self, ledger: &Accounts, limit: usize) -> (Sheet, usize) {
        let columns = [
            "exchange",
            "user",
            "deposit address/address",
            ">deposited",
            ">sent on/forwarded",
            "asset",
            ">blocks",
            ">confidence",
            "deposit",
            "forward",
        ];
        let mut sheet = Sheet::new(&columns);
        let rows: usize = self.standing.customers.iter().map(|customer| customer.evidence.len()).sum();
        for customer in &self.standing.customers {
            for row in customer.evidence.iter().take(limit.saturating_sub(sheet.len())) {
                let asset = ledger.asset(row.asset);
                sheet.push([
                    Cell::from(self.exchange(customer)),
                    Cell::from(ledger.address(row.user)),
                    Cell::from(ledger.address(row.address)),
                    amount(&asset, row.deposited),
                    amount(&asset, row.forwarded),
                    Cell::new(asset.narrow(), asset.json()),
                    Cell::number(row.blocks.into()),
                    confidence(row.confidence_permille),
                    Cell::from(ledger.movement_name(row.deposit)),
                    Cell::from(ledger.movement_name(row.forward)),
                ]);
            }
        }
        let left = rows - sheet.len();
        (sheet, left)
    }

    /// Who is joined, customer by customer.
    #[must_use]
    pub fn customers(&self, ledger: &Accounts) -> Sheet {
        let mut sheet = Sheet::new(&["customer of/exchange", "users", "deposit addresses/addresses", ">confidence"]);
        for customer in &self.standing.customers {
            let users: Vec<String> = customer.users.iter().map(|&user| ledger.address(user)).collect();
            let addresses: Vec<Value> = customer
                .addresses
                .iter()
                .map(|row| json!({ "address": ledger.address(row.address), "unsigned": row.unsigned }))
                .collect();
            let told: Vec<String> = customer.addresses.iter().map(|row| ledger.address(row.address)).collect();
            sheet.push([
                Cell::from(self.exchange(customer)),
                Cell::words(&users, "nobody"),
                Cell::new(told.join(", "), addresses),
                confidence(customer.confidence_permille()),
            ]);
        }
        sheet
    }

    fn exchange(&self, customer: &DepositCustomer<U256>) -> String {
        cut(&clean(&self.exchanges[customer.exchange as usize]), 40)
    }
}

fn amount(asset: &AssetLine, units: U256) -> Cell {
    Cell::money_units(asset.amount(units))
}

/// In thousandths, as a fraction to people.
fn confidence(permille: u32) -> Cell {
    Cell::new(format!("{}.{:03}", permille / 1_000, permille % 1_000), permille)
}
