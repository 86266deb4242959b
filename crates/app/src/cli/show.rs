//! `show`: one block, transaction or address, as the store knows it.

use coinhound_analysis::trace::Outpoint;
use coinhound_model::{AddressId, Hash256, Height, HoldingId, Ledger, MovementId, MovementMarks};

use super::chain::Chain;
use super::context::Context;
use super::options::ShowArgs;
use super::seed::outpoint;
use crate::exit::{Exit, Outcome};
use crate::out::Sheet;
use crate::report::Names;
use crate::report::html::utc;
use crate::text;

/// Shows whatever the text names.
pub fn run(args: &ShowArgs, context: &Context) -> Outcome<Exit> {
    let chain = context.chain()?;
    let what = args.what.trim();
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
    fn print(&self, facts: &[(&str, String)], rows: &str, sheet: &Sheet, left: usize) -> Outcome<Exit> {
        self.chain.healthy()?;
        self.context.print_with_facts(facts, rows, sheet)?;
        if left > 0 {
            super::tell(&format!("{left} more rows; print them with --limit"));
        }
        Ok(Exit::Success)
    }

    fn block(&self, height: Height) -> Outcome<Exit> {
        let view = &self.chain.view;
        let row = view.block(height).map_err(|error| self.chain.failure(&error))?;
        let txs = view.block_txs(height).map_err(|error| self.chain.failure(&error))?;
        let mut sheet = Sheet::new(&["transaction", ">inputs", ">outputs", ">value out"]);
        let shown = txs.clone().take(self.limit).map(MovementId);
        shown.for_each(|tx| {
            let (_, outputs) = self.entries(tx);
            let out: u64 = outputs.iter().map(|entry| entry.units).sum();
            let inputs = view.inputs(tx);
            let count = inputs.end - inputs.start;
            sheet.push([
                view.fact(tx).tx.to_string(),
                count.to_string(),
                outputs.len().to_string(),
                self.chain.amount(out).number(),
            ]);
        });
        let time = txs.clone().next().map_or(0, |tx| view.time(MovementId(tx)));
        let facts = [
            ("height", height.to_string()),
            ("block", row.hash.to_string()),
            ("time", format!("{} UTC, by the miner's clock", utc(time))),
            ("size", format!("{} bytes", row.size)),
            ("transactions", (txs.end - txs.start).to_string()),
            ("confirmations", (view.as_of().height.0 - height.0 + 1).to_string()),
        ];
        let left = usize::try_from(txs.end - txs.start).unwrap_or(usize::MAX).saturating_sub(sheet.len());
        self.print(&facts, "transactions_list", &sheet, left)
    }

    fn entries(&self, tx: MovementId) -> (Vec<coinhound_model::Entry<u64>>, Vec<coinhound_model::Entry<u64>>) {
        let (mut debits, mut credits) = (Vec::new(), Vec::new());
        self.chain.view.debits(tx, &mut debits);
        self.chain.view.credits(tx, &mut credits);
        (debits, credits)
    }

    /// One transaction; two for a coinbase that was made twice, which is said.
    fn txs(&self, found: &[MovementId]) -> Outcome<Exit> {
        if found.len() > 1 {
            super::tell("this hash names several transactions (duplicate coinbases of 2010); each is shown");
        }
        found.iter().try_fold(Exit::Success, |_, &tx| self.tx(tx))
    }

    fn tx(&self, tx: MovementId) -> Outcome<Exit> {
        let view = &self.chain.view;
        let (fact, marks) = (view.fact(tx), view.marks(tx));
        let (debits, credits) = self.entries(tx);
        let mut sheet = Sheet::new(&["side", ">value", "address", "coin", "spent by"]);
        for (index, entry) in debits.iter().enumerate().take(self.limit) {
            sheet.push([
                format!("in {index}"),
                self.chain.amount(entry.units).number(),
                self.chain.owner(entry.owner),
                self.outpoint(entry.holding),
                "this".to_owned(),
            ]);
        }
        for (index, entry) in credits.iter().enumerate().take(self.limit) {
            let spent =
                view.next(entry.holding, tx).map_or_else(|| "unspent".to_owned(), |by| view.fact(by).tx.to_string());
            sheet.push([
                format!("out {index}"),
                self.chain.amount(entry.units).number(),
                self.chain.owner(entry.owner),
                self.outpoint(entry.holding),
                spent,
            ]);
        }
        let sum = |entries: &[coinhound_model::Entry<u64>]| -> u64 { entries.iter().map(|entry| entry.units).sum() };
        let fee = match marks {
            marks if marks.contains(MovementMarks::ISSUES) => "none: it makes new coins".to_owned(),
            marks if marks.contains(MovementMarks::AMOUNT_UNKNOWN) => {
                "not known: an input was made before the blocks read".to_owned()
            }
            _ => self.chain.amount(sum(&debits).saturating_sub(sum(&credits))).to_string(),
        };
        let collab: Vec<&str> = view.collab(tx).iter_names().map(|(name, _)| name).collect();
        let data = self.carried(tx);
        let facts = [
            ("transaction", fact.tx.to_string()),
            ("block", format!("{}, height {}, position {}", fact.block, fact.height, fact.position)),
            ("time", format!("{} UTC, by the miner's clock", utc(fact.time))),
            ("confirmations", (view.as_of().height.0 - fact.height.0 + 1).to_string()),
            ("value out", self.chain.amount(sum(&credits)).to_string()),
            ("fee", fee),
            ("looks like a mix to", if collab.is_empty() { "no predicate".to_owned() } else { collab.join(", ") }),
            ("data carried", if data.is_empty() { "none".to_owned() } else { data.join(" | ") }),
        ];
        let left = debits.len().saturating_sub(self.limit) + credits.len().saturating_sub(self.limit);
        self.print(&facts, "entries", &sheet, left)
    }

    /// Data-carrying scripts as text, quoted and never believed.
    fn carried(&self, tx: MovementId) -> Vec<String> {
        self.chain
            .view
            .scripts(tx)
            .iter()
            .map(|(_, kind, bytes)| format!("{}: {}", kind.name(), text::bytes(bytes)))
            .collect()
    }

    fn outpoint(&self, coin: HoldingId) -> String {
        Outpoint::of(&self.chain.view, coin).to_string()
    }

    fn address(&self, address: AddressId) -> Outcome<Exit> {
        let view = &self.chain.view;
        let mut coins = Vec::new();
        view.holdings(address, &mut coins);
        let (mut received, mut held, mut unspent) = (0u64, 0u64, 0u64);
        let mut sheet = Sheet::new(&["coin", ">value", ">height", "time utc", "spent by"]);
        for &coin in &coins {
            let units = view.entry(coin).units;
            let made = view.origin(coin).map(|(tx, _)| tx);
            let spender = view.spender(coin);
            received += units;
            if spender.is_none() {
                held += units;
                unspent += 1;
            }
            if sheet.len() < self.limit {
                let (height, time) = made.map_or_else(
                    || ("-".to_owned(), "before the blocks read".to_owned()),
                    |tx| (view.height(tx).to_string(), utc(view.time(tx))),
                );
                let spent = spender.map_or_else(|| "unspent".to_owned(), |by| view.fact(by).tx.to_string());
                sheet.push([self.outpoint(coin), self.chain.amount(units).number(), height, time, spent]);
            }
        }
        let facts = [
            ("address", self.chain.address(address)),
            ("kind", self.chain.kind(address).to_owned()),
            ("first seen", view.first_seen(address).map_or_else(String::new, |height| format!("height {height}"))),
            ("received", format!("{} in {} coins", self.chain.amount(received), coins.len())),
            ("holds", format!("{} in {unspent} coins, as of height {}", self.chain.amount(held), view.as_of().height)),
        ];
        let left = coins.len().saturating_sub(sheet.len());
        self.print(&facts, "coins", &sheet, left)
    }
}
