//! What the report's words mean, in plain words: rules, ends, limits. No verdicts.

use coinhound_model::Terminal;

use super::document::Kind;

/// What the parts of a trail are called on a ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nouns {
    /// What a seed is.
    pub seed: &'static str,
    /// What stolen value goes through.
    pub step: &'static str,
    /// Where it lies.
    pub holding: &'static str,
    /// What poison reached and is still there.
    pub reached: &'static str,
}

impl Nouns {
    /// The words for a kind of ledger.
    #[must_use]
    pub fn of(kind: Kind) -> &'static Self {
        match kind {
            Kind::Coins => {
                &Self { seed: "coin", step: "transaction", holding: "coin", reached: "coins reached and unspent" }
            }
            Kind::Accounts => &Self {
                seed: "transfer",
                step: "movement",
                holding: "balance",
                reached: "balances reached and not known to be empty",
            },
        }
    }
}

/// What a finding rests on: blocks that were checked, or rows that somebody supplied.
#[must_use]
pub fn evidence(is_supplied: bool) -> &'static str {
    if is_supplied { SUPPLIED } else { "blocks of the chain" }
}

/// What stands on everything that supplied rows say.
pub const SUPPLIED: &str = "supplied, not verified against a chain";

/// `1 coin`, `2 coins`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", crate::text::grouped(count), if count == 1 { "" } else { "s" })
}

/// A rule's name in full.
#[must_use]
pub fn rule_title(name: &str) -> &'static str {
    match name {
        "fifo" => "first in, first out",
        "lifo" => "last in, first out",
        "haircut" => "proportional",
        "tiho" => "taint in, highest out",
        "libr" => "lowest intermediate balance",
        "poison" => "whatever was touched, an upper bound",
        _ => "unknown",
    }
}

/// One rule in a sentence a judge can apply by hand.
#[must_use]
pub fn rule(kind: Kind, name: &str) -> &'static str {
    match kind {
        Kind::Coins => rule_on_coins(name),
        Kind::Accounts => rule_on_accounts(name),
    }
}

fn rule_on_accounts(name: &str) -> &'static str {
    match name {
        "fifo" => {
            "A balance is a queue: what came in first leaves first. English courts used this presumption for mixed bank \
             accounts (Clayton's Case, 1816). What was in the account before counts as its oldest part; where that is not \
             known, the least that the movements need is taken for it."
        }
        "lifo" => "A balance is a stack: what came in last leaves first.",
        "haircut" => {
            "Whatever leaves a balance takes the same share of the stolen value as it takes of the whole balance, to a whole \
             unit, the unit left over going to where the remainder is larger. The parts add up to the whole exactly."
        }
        "libr" => {
            "What is not stolen leaves first. So the stolen value in a balance is never more than the lowest point that the \
             balance has since passed through, and later money does not restore it (the lowest intermediate balance rule \
             of trust law)."
        }
        "poison" => {
            "Whatever an account with stolen value sends counts in full, until the account is known to be empty. This bounds \
             how far the loot can have gone; it gives no amounts, and adding the figures up means nothing."
        }
        _ => "A rule that is not defined on accounts.",
    }
}

fn rule_on_coins(name: &str) -> &'static str {
    match name {
        "fifo" => {
            "The inputs of a transaction are laid end to end in their order, each coin's \
             contents in the order they came into it. The outputs cut pieces off the front, in their order; the fee \
             takes what is left. English courts used this presumption for mixed bank accounts (Clayton's Case, 1816). \
             The order of inputs and outputs is chosen by the sender's wallet, so this is a convention, not an observation."
        }
        "lifo" => {
            "The inputs are laid end to end as under first in, first out, but the outputs cut \
             pieces off the end, the last input first, in the order of the outputs; the fee takes what is left. Each \
             output keeps its pieces in the order taken."
        }
        "haircut" => {
            "Each output and the fee take the same share of the stolen value as they take of all value \
             in the transaction, rounded down to a whole unit; the units left over go one each to those with the largest \
             remainders, on a tie to the lowest index. The parts add up to the whole exactly."
        }
        "tiho" => {
            "The stolen value fills the outputs from the largest to the smallest, on a tie the \
             lowest index first; the fee comes last whatever its size."
        }
        "poison" => {
            "Whatever a stolen coin touches counts in full. This bounds how far the loot can have gone; it gives no amounts: \
             the figures are the whole values of the coins reached, and adding them up means nothing."
        }
        _ => "A rule that this build does not know.",
    }
}

/// What an end means.
#[must_use]
pub fn end(kind: Kind, terminal: Terminal) -> &'static str {
    match (kind, terminal) {
        (Kind::Accounts, Terminal::AtRest) => "Lies in the account at the end of what this report covers.",
        (Kind::Accounts, Terminal::AtService(_)) => {
            "Arrived at an account tagged as a service. Services keep their customers' value together, so the trail ends \
             here: only the service's own records can tell whose it was; a message may tell whom it was meant for."
        }
        (Kind::Accounts, Terminal::Burned) => "Destroyed. On Ethereum a part of what every transaction pays is.",
        (Kind::Accounts, Terminal::Fee) => "Paid as fees to whoever made the blocks.",
        (Kind::Accounts, Terminal::Converted) => {
            "Exchanged for another asset in one transaction by whoever held it: the way goes on in the part of this report \
             that follows that asset."
        }
        (Kind::Accounts, Terminal::Unresolved(_)) => "Cannot be followed with what was read.",
        _ => end_of_coins(terminal),
    }
}

fn end_of_coins(terminal: Terminal) -> &'static str {
    match terminal {
        Terminal::AtRest => "Lies unspent at the height this report holds at.",
        Terminal::AtService(_) => {
            "Arrived at an address tagged as a service. Services pool their customers' coins, so the trail ends here: only \
             the service's own records can tell whose account was credited."
        }
        Terminal::Mixed => {
            "Went into a collaborative transaction, or into a pool whose inside the chain does not show (a peg-in to \
             Litecoin's extension block). What came out are candidates, not links, so the trail ends here."
        }
        Terminal::Burned => "Sent where nobody can spend it.",
        Terminal::Frozen => "Frozen by the asset's issuer.",
        Terminal::Fee => "Paid to the miners of the blocks as transaction fees.",
        Terminal::Lost => "Not claimed by the miner who could have.",
        Terminal::Converted => "Exchanged for another asset.",
        Terminal::Returned => "Came back to where it was stolen from and was taken again: a later seed counts it.",
        Terminal::Pruned(_) => "Not followed further because a parameter of this trace says so.",
        Terminal::Unresolved(_) => "Cannot be followed with the blocks that were ingested.",
    }
}

/// What the whole report is and is not.
pub const STANDING: &str = "This report follows value by an accounting rule through the ledger named below. It says where value \
    came to rest by that rule. It does not say who controls an address, and it is no statement about any person: \
    a label is quoted from its source and is only as good as that source.";

/// What no report can know, whatever its input.
#[must_use]
pub fn unknowns(kind: Kind, is_supplied: bool) -> Vec<&'static str> {
    let order = match kind {
        Kind::Coins => {
            "Whether the order of inputs and outputs was chosen to steer a rule. Compare the rules side by side: what stands under all of them does not depend on that order."
        }
        Kind::Accounts => {
            "Whether payments were ordered to steer a rule. Compare the rules side by side: what stands under all of them does not depend on the choice."
        }
    };
    let clock = if is_supplied {
        "When a transfer was really made. Times are those that were supplied, as precise as each says; transfers that the table does not order stand in the order of its rows."
    } else {
        "When a transaction was really made. Times are those of blocks, which their makers set; a block's time may be off by up to about two hours."
    };
    let mut unknowns = vec![
        "Who controls an address. Labels come from the sources listed; addresses without a label are without a known owner, not without an owner.",
        "What happens inside a service or off the chain: internal transfers, trades, payment channels, keys that change hands.",
        order,
        clock,
    ];
    if is_supplied {
        unknowns.push("Whether the supplied rows are true and complete: no block, signature or hash stands behind them. A transfer that nobody supplied is not in this report, and a balance it went out of looks as if it were still there.");
    }
    unknowns
}
