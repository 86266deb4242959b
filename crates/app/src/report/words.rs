//! What the report's words mean, in plain words: rules, ends, limits. No verdicts.

use coinhound_model::Terminal;

/// A rule's name in full.
#[must_use]
pub fn rule_title(name: &str) -> &'static str {
    match name {
        "fifo" => "first in, first out",
        "lifo" => "last in, first out",
        "haircut" => "proportional",
        "tiho" => "taint in, highest out",
        "poison" => "whatever was touched, an upper bound",
        _ => "unknown",
    }
}

/// One rule in a sentence a judge can apply by hand.
#[must_use]
pub fn rule(name: &str) -> &'static str {
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
pub fn end(terminal: Terminal) -> &'static str {
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
        Terminal::Pruned(_) => "Not followed further because a parameter of this trace says so.",
        Terminal::Unresolved(_) => "Cannot be followed with the blocks that were ingested.",
    }
}

/// What the whole report is and is not.
pub const STANDING: &str = "This report follows value by an accounting rule through public chain data. It says where value \
    came to rest by that rule. It does not say who controls an address, and it is no statement about any person: \
    a label is quoted from its source and is only as good as that source.";

/// What no report can know, whatever its input.
pub const UNKNOWNS: [&str; 4] = [
    "Who controls an address. Labels come from the sources listed; addresses without a label are without a known owner, not without an owner.",
    "What happens inside a service or off the chain: internal transfers, trades, payment channels, keys that change hands.",
    "Whether the order of inputs and outputs was chosen to steer a rule. Compare the rules side by side: what stands under all of them does not depend on that order.",
    "When a transaction was really made. Times are those of blocks, which miners set; a block's time may be off by up to about two hours.",
];
