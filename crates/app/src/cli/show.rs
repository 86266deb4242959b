//! `show`: one block, transaction or address, as the store knows it.

use coinhound_analysis::trace::Outpoint;
use coinhound_model::{AddressId, Entry, Hash256, Height, HoldingId, Ledger, LockKind, MovementId, MovementMarks};
use serde_json::{Value, json};

use super::chain::{Chain, asset};
use super::context::Context;
use super::ledger::Opened;
use super::options::ShowArgs;
use super::seed::outpoint;
use super::{Format, accounts};
use crate::exit::{Exit, Outcome};
use crate::out::{Cell, Facts, Sheet, json as print_json};
use crate::report::Names;
use crate::report::html::utc;
use crate::text;

/// Shows whatever the text names.
pub fn run(args: &ShowArgs, context: &Context) -> Outcome<Exit> {
    let what = args.what.trim();
    let chain = match context.ledger()? {
        Opened::Coins(chain) => *chain,
        Opened::Accounts(ledger) => return accounts::show::run(what, args.limit, &ledger, context),
    };
    let show = Show { chain: &chain, context, limit: args.limit };
    if let Ok(height) = what.parse() {
        return show.block(Height(height));
    }
    if let Ok(hash) = what.parse::<Hash256>() {
        return match chain.view.find_block(&hash) {
            Some(height) => show.block(height),
            None => show.txs(&chain.find_tx(&hash)?),
        };
    }
    if let Some((txid, _)) = outpoint(what) {
        return show.txs(&chain.find_tx(&txid)?);
    }
    show.address(chain.find_address(what)?)
}

struct Show<'a> {
    chain: &'a Chain,
    context: &'a Context,
    limit: usize,
}

impl Show<'_> {
    fn print(&self, answer: &Answer) -> Outcome<Exit> {
        self.chain.healthy()?;
        let facts = answer.facts.clone().with("/left out", Cell::number(answer.left));
        self.context.print_with_facts(&facts, answer.rows, &answer.sheet)?;
        if answer.left > 0 {
            super::tell(&format!("{} more rows; print them with --limit", answer.left));
        }
        Ok(Exit::Success)
    }

    /// The fields that every answer ends with: units, and the block it holds at.
    fn grounds(&self, facts: Facts) -> Facts {
        let as_of = self.chain.view.as_of();
        facts
            .with("/asset", Cell::new("", asset(self.chain.params().asset)))
            .with("/as of", Cell::as_of(as_of.height, as_of.block))
    }

    fn confirmations(&self, height: Height) -> Cell {
        Cell::number(u64::from(self.chain.view.as_of().height.0 - height.0) + 1)
    }

    fn block(&self, height: Height) -> Outcome<Exit> {
        let view = &self.chain.view;
        let row = view.block(height).map_err(|error| self.chain.failure(&error))?;
        let txs = view.block_txs(height).map_err(|error| self.chain.failure(&error))?;
        let mut sheet = Sheet::new(&["transaction", ">inputs", ">outputs", ">value out"]);
        let shown = txs.clone().take(self.limit).map(MovementId);
        shown.for_each(|tx| {
            let (_, outputs) = self.entries(tx);
            let (inputs, out) = (view.inputs(tx), outputs.iter().map(|entry| entry.units).sum());
            sheet.push([
                Cell::from(view.fact(tx).tx.to_string()),
                Cell::number(inputs.end - inputs.start),
                Cell::number(count(outputs.len())),
                Cell::units(self.chain.amount(out)),
            ]);
        });
        let time = txs.clone().next().map_or(0, |tx| view.time(MovementId(tx)));
        let facts = Facts::new()
            .with("/what", "block")
            .with("height", Cell::number(height.0.into()))
            .with("block", row.hash.to_string())
            .with("time", Cell::time(time))
            .with("size/bytes", Cell::new(format!("{} bytes", row.size), row.size))
            .with("transactions", Cell::number(txs.end - txs.start))
            .with("confirmations", self.confirmations(height));
        let left = (txs.end - txs.start).saturating_sub(count(sheet.len()));
        self.print(&Answer { facts: self.grounds(facts), rows: "transaction_list", sheet, left })
    }

    fn entries(&self, tx: MovementId) -> (Vec<coinhound_model::Entry<u64>>, Vec<coinhound_model::Entry<u64>>) {
        let (mut debits, mut credits) = (Vec::new(), Vec::new());
        self.chain.view.debits(tx, &mut debits);
        self.chain.view.credits(tx, &mut credits);
        (debits, credits)
    }

    /// One transaction; two for a coinbase that was made twice, which is said.
    fn txs(&self, found: &[MovementId]) -> Outcome<Exit> {
        if let [one] = found {
            return self.print(&self.tx(*one));
        }
        super::tell("this hash names several transactions (duplicate coinbases of 2010); each is shown");
        if self.context.format == Format::Json {
            let each: Vec<Value> = found.iter().map(|&tx| self.tx(tx).json()).collect();
            self.chain.healthy()?;
            super::emit(&print_json::pretty(&json!({ "what": "transactions", "transactions": each })))?;
            return Ok(Exit::Success);
        }
        found.iter().try_fold(Exit::Success, |_, &tx| self.print(&self.tx(tx)))
    }

    fn tx(&self, tx: MovementId) -> Answer {
        let view = &self.chain.view;
        let (fact, marks) = (view.fact(tx), view.marks(tx));
        let (debits, credits) = self.entries(tx);
        let collab: Vec<&str> = view.collab(tx).iter_names().map(|(name, _)| name).collect();
        let block = format!("{}, height {}, position {}", fact.block, fact.height, fact.position);
        let place = json!({ "hash": fact.block.to_string(), "height": fact.height.0, "position": fact.position });
        let facts = Facts::new()
            .with("/what", "transaction")
            .with("transaction", fact.tx.to_string())
            .with("block", Cell::new(block, place))
            .with("time", Cell::time(fact.time))
            .with("confirmations", self.confirmations(fact.height))
            .with("value out", Cell::amount(self.chain.amount(sum(&credits))))
            .with("fee", self.fee(marks, &debits, &credits))
            .with("/makes new coins", Cell::new("", marks.contains(MovementMarks::ISSUES)))
            .with("settles a pool", Cell::new(pool_told(marks), marks.contains(MovementMarks::POOL)))
            .with("looks like a mix to/mix predicates", Cell::words(&collab, "no predicate"))
            .with("data carried", self.carried(tx));
        let (inputs, outputs) = (count(debits.len()), count(credits.len()));
        let facts = facts.with("/inputs", Cell::number(inputs)).with("/outputs", Cell::number(outputs));
        let sheet = self.sides(tx, &debits, &credits);
        let left = (inputs + outputs).saturating_sub(count(sheet.len()));
        Answer { facts: self.grounds(facts), rows: "entries", sheet, left }
    }

    fn sides(&self, tx: MovementId, debits: &[Entry<u64>], credits: &[Entry<u64>]) -> Sheet {
        let mut sheet = Sheet::new(&["side", ">number/index", ">value", "address", "coin", "spent by"]);
        let this = Cell::new("this", self.chain.view.fact(tx).tx.to_string());
        for (index, entry) in debits.iter().enumerate().take(self.limit) {
            sheet.push(self.side("in", index, entry, this.clone()));
        }
        for (index, entry) in credits.iter().enumerate().take(self.limit) {
            let spender = self.chain.view.next(entry.holding, tx);
            sheet.push(self.side("out", index, entry, self.spent_by(spender)));
        }
        sheet
    }

    fn side(&self, side: &str, index: usize, entry: &Entry<u64>, spent_by: Cell) -> [Cell; 6] {
        [
            side.into(),
            Cell::number(count(index)),
            Cell::units(self.chain.amount(entry.units)),
            if entry.owner.is_some() { self.chain.address(entry.owner).into() } else { Cell::none("-") },
            self.outpoint(entry.holding).into(),
            spent_by,
        ]
    }

    fn spent_by(&self, spender: Option<MovementId>) -> Cell {
        spender.map_or_else(|| Cell::none("unspent"), |by| self.chain.view.fact(by).tx.to_string().into())
    }

    fn fee(&self, marks: MovementMarks, debits: &[Entry<u64>], credits: &[Entry<u64>]) -> Cell {
        if marks.contains(MovementMarks::ISSUES) {
            return Cell::none("none: it makes new coins");
        }
        if marks.contains(MovementMarks::AMOUNT_UNKNOWN) {
            return Cell::none("not known: an input was made before the blocks read");
        }
        Cell::amount(self.chain.amount(sum(debits).saturating_sub(sum(credits))))
    }

    /// Data-carrying scripts as text, quoted and never believed; to programs as their bytes.
    fn carried(&self, tx: MovementId) -> Cell {
        let scripts = self.chain.view.scripts(tx);
        let told: Vec<String> =
            scripts.iter().map(|(_, kind, bytes)| format!("{}: {}", kind.name(), text::bytes(bytes))).collect();
        let each = |(_, kind, bytes): &(HoldingId, LockKind, &[u8])| json!({ "kind": kind.name(), "hex": hex(bytes) });
        let shown = if told.is_empty() { "none".to_owned() } else { told.join(" | ") };
        Cell::new(shown, scripts.iter().map(each).collect::<Vec<_>>())
    }

    fn outpoint(&self, coin: HoldingId) -> String {
        Outpoint::of(&self.chain.view, coin).to_string()
    }

    fn address(&self, address: AddressId) -> Outcome<Exit> {
        let view = &self.chain.view;
        let mut coins = Vec::new();
        view.holdings(address, &mut coins);
        let (mut received, mut held, mut unspent) = (0u64, 0u64, 0u64);
        let mut sheet = Sheet::new(&["coin", ">value", ">height", "time utc/time", "spent by"]);
        for &coin in &coins {
            let (units, spender) = (view.entry(coin).units, view.spender(coin));
            received += units;
            if spender.is_none() {
                held += units;
                unspent += 1;
            }
            if sheet.len() < self.limit {
                sheet.push(self.coin_row(coin, units, spender));
            }
        }
        let total = |units, coins: u64, tail: &str| {
            let amount = self.chain.amount(units);
            let value = json!({ "units": units.to_string(), "coins": coins });
            Cell::new(format!("{amount} in {coins} coins{tail}"), value)
        };
        let seen = view.first_seen(address);
        let as_of = format!(", as of height {}", view.as_of().height);
        let facts = Facts::new()
            .with("/what", "address")
            .with("address", self.chain.address(address))
            .with("kind", self.chain.kind(address))
            .with("first seen", seen.map_or_else(|| Cell::none(""), |at| Cell::new(format!("height {at}"), at.0)))
            .with("received", total(received, count(coins.len()), ""))
            .with("holds", total(held, unspent, &as_of));
        let left = count(coins.len() - sheet.len());
        self.print(&Answer { facts: self.grounds(facts), rows: "coins", sheet, left })
    }

    fn coin_row(&self, coin: HoldingId, units: u64, spender: Option<MovementId>) -> [Cell; 5] {
        let view = &self.chain.view;
        let (height, time) = match view.origin(coin) {
            None => (Cell::none("-"), Cell::none("before the blocks read")),
            Some((tx, _)) => (Cell::number(view.height(tx).0.into()), Cell::new(utc(view.time(tx)), view.time(tx))),
        };
        let value = Cell::units(self.chain.amount(units));
        [self.outpoint(coin).into(), value, height, time, self.spent_by(spender)]
    }
}

/// What is shown: facts, rows under their JSON field, and how many rows were left out.
struct Answer {
    facts: Facts,
    rows: &'static str,
    sheet: Sheet,
    left: u64,
}

impl Answer {
    fn json(&self) -> Value {
        let mut fields = self.facts.fields();
        fields.insert(self.rows.to_owned(), self.sheet.json());
        fields.insert("left_out".to_owned(), self.left.into());
        Value::Object(fields)
    }
}

fn sum(entries: &[Entry<u64>]) -> u64 {
    entries.iter().map(|entry| entry.units).sum()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a transaction settles an extension block, and what that means.
fn pool_told(marks: MovementMarks) -> &'static str {
    if marks.contains(MovementMarks::POOL) {
        "yes: what it takes is mixed, what it pays is of unknown origin (HogEx)"
    } else {
        "no"
    }
}
