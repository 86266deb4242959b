//! `show` over accounts: one block, transaction or account, as the store knows it.

use coinhound_model::{Account, AccountLedger, AddressId, Height, HoldingId, MoveKind, MovementId, NoteKind};
use coinhound_store::Tier;
use serde_json::json;

use super::balance::{Balance, movements};
use super::chain::Accounts;
use super::contract::Contract;
use super::warnings;
use crate::cli::context::Context;
use crate::ethereum;
use crate::exit::{Exit, Failure, Outcome};
use crate::money::AssetLine;
use crate::out::{Cell, Facts, Sheet};
use crate::report::Names;
use crate::report::document::NoteLine;
use crate::report::html::utc;
use crate::report::words;
use crate::text;

/// Most characters of a transaction's notes in a table's cell; `show` of the transaction has all.
const NOTES_MAX: usize = 70;

/// Shows whatever the text names.
pub fn run(what: &str, limit: usize, ledger: &Accounts, context: &Context) -> Outcome<Exit> {
    let show = Show { ledger, context, limit };
    if let Some(account) = show.exact_account(what) {
        return show.account(account);
    }
    if let Ok(height) = what.parse() {
        return show.block(Height(height));
    }
    let tx = what.split_once(':').map_or(what, |(tx, _)| tx);
    if let Some(hash) = ethereum::parse_hash(tx) {
        return match ledger.view.find_block(&hash) {
            Some(height) if ledger.view.find_txs(&hash).is_empty() => show.block(height),
            _ => show.txs(&ledger.find_txs(&hash)?),
        };
    }
    match ledger.find_account(what) {
        // A contract may hold nothing and be spoken of.
        Err(failure) if failure.exit == Exit::NotFound => show.contract_alone(what, failure),
        found => show.account(found?),
    }
}

struct Show<'a> {
    ledger: &'a Accounts,
    context: &'a Context,
    limit: usize,
}

impl Show<'_> {
    /// An account of a table may be called `170`, or look like a hash: what is written exactly so comes first.
    fn exact_account(&self, what: &str) -> Option<AddressId> {
        self.ledger.view.is_supplied().then(|| self.ledger.look_up(what.trim().as_bytes()))?
    }

    fn print(&self, facts: Facts, rows: (&str, &Sheet), more: &[(&str, &Sheet)], left: u64) -> Outcome<Exit> {
        self.ledger.healthy()?;
        let facts = facts
            .with("evidence", words::evidence(self.ledger.view.is_supplied()))
            .with("/as of", self.ledger.as_of_cell())
            .with("/left out", Cell::number(left));
        let facts = self.ledger.and_missing(facts);
        self.context.print_with_tables(&facts, rows, more)?;
        if left > 0 {
            crate::cli::tell(&format!("{left} more rows; print them with --limit"));
        }
        Ok(Exit::Success)
    }

    fn confirmations(&self, height: Height) -> Cell {
        Cell::number(u64::from(self.ledger.view.as_of().height.0 - height.0) + 1)
    }

    fn block(&self, height: Height) -> Outcome<Exit> {
        let (ledger, view) = (self.ledger, &self.ledger.view);
        let row = view.block(height).map_err(|error| ledger.failure(&error))?;
        let txs = view.block_txs(height).map_err(|error| ledger.failure(&error))?;
        let mut sheet = Sheet::new(&["transaction", ">movements", "notes", "/hash_known"]);
        for rank in txs.clone().take(self.limit).map(MovementId) {
            let moves = view.tx_moves(rank);
            sheet.push([
                Cell::from(view.txid(rank).map(|txid| ledger.hash(&txid)).unwrap_or_default()),
                Cell::number(moves.end - moves.start),
                notes_cell(&ledger.notes(rank)),
                Cell::new("", !ledger.has_no_hash(rank)),
            ]);
        }
        let time = u32::from_le_bytes(row.header[68..72].try_into().expect("4 bytes are 4 bytes"));
        let facts = Facts::new()
            .with("/what", "block")
            .with(
                &format!("{}/height", if ledger.view.is_supplied() { "moment" } else { "height" }),
                Cell::number(height.0.into()),
            )
            .with("block", ledger.hash(&row.hash))
            .with("time", self.time(time))
            .with("maker", Cell::maybe(ledger.maker(&row.header).as_deref(), "nobody"))
            .with("size/bytes", Cell::new(format!("{} bytes", row.size), row.size))
            .with("transactions", Cell::number(txs.end - txs.start))
            .with("confirmations", self.confirmations(height));
        let left = (txs.end - txs.start).saturating_sub(count(sheet.len()));
        self.print(facts, ("transaction_list", &sheet), &[], left)
    }

    /// A block's time is its maker's claim; a row's is what was supplied.
    fn time(&self, seconds: u32) -> Cell {
        let whose = if self.ledger.view.is_supplied() { "as supplied" } else { "by the maker's clock" };
        Cell::new(format!("{} UTC, {whose}", utc(seconds)), seconds)
    }

    /// One transaction; a table may have several rows of one hash, and each is shown.
    fn txs(&self, found: &[MovementId]) -> Outcome<Exit> {
        if found.len() > 1 {
            crate::cli::tell(
                "this hash names several transactions; the first is shown, the others stand in their blocks",
            );
        }
        self.tx(found[0])
    }

    fn tx(&self, rank: MovementId) -> Outcome<Exit> {
        let (ledger, view) = (self.ledger, &self.ledger.view);
        let moves = view.tx_moves(rank);
        let mut sheet = Sheet::new(&[">number/movement", "kind", "from", "to", ">amount/units", "asset"]);
        for movement in moves.clone().take(self.limit).map(MovementId) {
            sheet.push(self.move_row(movement));
        }
        let hash = view.txid(rank).map(|txid| ledger.hash(&txid)).unwrap_or_default();
        let name = if ledger.has_no_hash(rank) {
            Cell::new(format!("{hash} (a name made from its row: its hash is not known)"), hash)
        } else {
            hash.into()
        };
        let notes = ledger.notes(rank);
        let told: Vec<String> = notes.iter().map(NoteLine::told).collect();
        let shown = if told.is_empty() { "nothing".to_owned() } else { told.join(" | ") };
        let mut facts = Facts::new()
            .with("/what", "transaction")
            .with("transaction", name)
            .with("/hash known", Cell::new("", !ledger.has_no_hash(rank)));
        if !moves.is_empty() {
            let fact = view.fact(MovementId(moves.start));
            let block = ledger.hash(&fact.block);
            let place = json!({ "hash": block, "height": fact.height.0, "position": fact.position });
            let word = ledger.block_word();
            facts = facts
                .with(
                    &format!("{word}/block"),
                    Cell::new(format!("{block}, height {}, position {}", fact.height, fact.position), place),
                )
                .with("time", self.time(fact.time))
                .with("confirmations", self.confirmations(fact.height));
        }
        let facts = facts
            .with("came with it/notes", Cell::new(shown, notes.iter().map(NoteLine::json).collect::<Vec<_>>()))
            .with("/movements", Cell::number(moves.end - moves.start));
        let left = (moves.end - moves.start).saturating_sub(count(sheet.len()));
        self.print(facts, ("moves", &sheet), &[], left)
    }

    fn move_row(&self, movement: MovementId) -> [Cell; 6] {
        let (ledger, moved) = (self.ledger, self.ledger.view.movement(movement));
        let side = |holding: Option<HoldingId>| match holding {
            Some(_) => Cell::from(ledger.owner(holding)),
            None => Cell::none("-"),
        };
        let asset = moved.from.or(moved.to).map(|holding| ledger.asset_of(holding));
        let amount =
            asset.as_ref().map_or_else(|| Cell::none("-"), |asset| Cell::money_units(asset.amount(moved.units)));
        [
            Cell::number(ledger.index(movement).into()),
            moved.kind.name().into(),
            side(moved.from),
            side(moved.to),
            amount,
            asset.as_ref().map_or_else(|| Cell::none("-"), asset_cell),
        ]
    }

    fn account(&self, account: AddressId) -> Outcome<Exit> {
        let (ledger, view) = (self.ledger, &self.ledger.view);
        let mut holdings = Vec::new();
        view.holdings(account, &mut holdings);
        let mut balances = Sheet::new(&[
            "asset",
            ">received",
            ">sent",
            ">before the ledger begins/opening",
            "known/opening_known",
            ">holds",
            ">movements",
        ]);
        let mut all: Vec<(MovementId, HoldingId)> = Vec::new();
        for &holding in &holdings {
            balances.push(self.balance_row(holding));
            all.extend(movements(view, holding).map(|movement| (movement, holding)));
        }
        all.sort_unstable();
        let columns =
            ["movement", ">height", "time utc/time", "kind", "way", "other side", ">amount/units", "asset", "notes"];
        let mut sheet = Sheet::new(&columns);
        for &(movement, holding) in all.iter().take(self.limit) {
            sheet.push(self.history_row(movement, holding));
        }
        let seen = view.first_seen(account);
        let cluster = view.members(Tier::T0, account).len();
        let facts = Facts::new()
            .with("/what", "account")
            .with("account", ledger.address(account))
            .with(
                "first seen",
                seen.map_or_else(|| Cell::none(""), |at| Cell::new(format!("{} {at}", ledger.block_word()), at.0)),
            )
            .with("accounts under the same control/same_control", Cell::new(same_control(cluster), cluster));
        let odd = warnings::odd_tokens(&holdings, ledger);
        let facts = match odd.is_empty() {
            true => facts,
            false => facts.with("ODD TOKENS/odd tokens", Cell::words(&odd, "")),
        };
        let left = count(all.len() - sheet.len());
        let (contract, warned) = (Contract::of(account, ledger)?, warnings::of(account, ledger)?);
        let facts = contract.iter().fold(facts, |facts, contract| contract.facts(facts, ledger));
        let facts = warned.iter().fold(facts, |facts, warned| warnings::facts(warned, facts));
        let said = contract.map(|contract| contract.sheet(ledger, self.limit));
        let warned = warned.map(|warned| warnings::sheet(&warned, ledger, self.limit));
        let mut tables = vec![("history", &sheet)];
        tables.extend(said.as_ref().map(|said| ("contract_facts", said)));
        tables.extend(warned.as_ref().map(|warned| ("warnings", warned)));
        self.print(facts, ("balances", &balances), &tables, left)
    }

    /// A contract that never held anything.
    fn contract_alone(&self, what: &str, unknown: Failure) -> Outcome<Exit> {
        let ledger = self.ledger;
        let bytes = ledger.naming.read(what)?;
        let name = ledger.naming.write(&bytes);
        let Some(contract) = Contract::named(Account(bytes), ledger)? else { return Err(unknown) };
        let facts = Facts::new()
            .with("/what", "contract")
            .with("contract", name)
            .with("balances", Cell::none("none: nothing that it held moved in these blocks"));
        let facts = contract.facts(facts, ledger);
        let said = contract.sheet(ledger, self.limit);
        self.print(facts, ("contract_facts", &said), &[], 0)
    }

    fn balance_row(&self, holding: HoldingId) -> [Cell; 7] {
        let asset = self.ledger.asset_of(holding);
        let balance = Balance::of(&self.ledger.view, holding);
        let at_least = |units, is_known: bool| {
            let money = asset.amount(units);
            let shown = if is_known { money.number() } else { format!("at least {}", money.number()) };
            Cell::new(shown, money.units.to_string())
        };
        [
            asset_cell(&asset),
            Cell::money_units(asset.amount(balance.received)),
            Cell::money_units(asset.amount(balance.sent)),
            at_least(balance.opening, balance.is_known),
            Cell::new(if balance.is_known { "yes" } else { "no" }, balance.is_known),
            at_least(balance.held, balance.is_known),
            Cell::number(balance.movements),
        ]
    }

    fn history_row(&self, movement: MovementId, holding: HoldingId) -> [Cell; 9] {
        let (ledger, view) = (self.ledger, &self.ledger.view);
        let (moved, fact, asset) = (view.movement(movement), view.fact(movement), ledger.asset_of(holding));
        let (way, other) = match (moved.from == Some(holding), moved.to == Some(holding)) {
            (true, true) => ("to itself", moved.to),
            (true, false) => ("out", moved.to),
            _ => ("in", moved.from),
        };
        let other = match other {
            Some(_) => Cell::from(ledger.owner(other)),
            None => Cell::none(nobody(moved.kind)),
        };
        let notes = view.tx_of(movement).map(|rank| ledger.notes(rank)).unwrap_or_default();
        [
            Cell::from(ledger.movement_name(movement)),
            Cell::number(fact.height.0.into()),
            Cell::new(utc(fact.time), fact.time),
            moved.kind.name().into(),
            way.into(),
            other,
            Cell::money_units(asset.amount(moved.units)),
            asset_cell(&asset),
            notes_cell(&notes),
        ]
    }
}

/// What stands where a movement has no other side.
fn nobody(kind: MoveKind) -> &'static str {
    match kind {
        MoveKind::Fee => "the block's maker",
        MoveKind::Burn => "nobody: destroyed",
        MoveKind::Opening => "held before",
        MoveKind::Reward => "the block",
        _ => "new",
    }
}

fn same_control(accounts: usize) -> String {
    match accounts {
        0 | 1 => "none known".to_owned(),
        accounts => format!("{accounts} by the chain's own rules (`coinhound cluster` lists them)"),
    }
}

/// An asset as people read it, and as every JSON answer names it.
fn asset_cell(asset: &AssetLine) -> Cell {
    Cell::new(asset.narrow(), asset.json())
}

/// Messages and remarks as one short cell to people, every note to programs.
fn notes_cell(notes: &[NoteLine]) -> Cell {
    let short = |note: &&NoteLine| !matches!(note.kind, NoteKind::Row | NoteKind::Source | NoteKind::Label);
    let told: Vec<String> = notes.iter().filter(short).map(NoteLine::told).collect();
    let shown = if told.is_empty() { "-".to_owned() } else { text::cut(&told.join(" | "), NOTES_MAX) };
    Cell::new(shown, notes.iter().map(NoteLine::json).collect::<Vec<_>>())
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
