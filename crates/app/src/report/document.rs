//! What a report says, before it is written down: hashes, addresses and exact amounts, no dense ids.

use coinhound_model::{MoveKind, NoteKind, Terminal};
use ruint::aliases::U256;

pub use super::beside::{AnnexPart, SkippedLine, SuppliedFile, SuppliedPart};
use super::finding::Finding;
use super::parameters::Parameters;
use crate::gaps::Gaps;
use crate::money::AssetLine;
use crate::tags::Confidence;
use crate::text::Said;
use crate::untraced::Untraced;

/// Version of the JSON and CSV forms: it changes when a reader would have to.
pub const SCHEMA_VERSION: u32 = 4;

/// A whole report.
#[derive(Clone, PartialEq, Debug)]
pub struct Document {
    /// The case's name.
    pub case: Said,
    /// Program and version.
    pub program: String,
    /// What the ledger is a record of.
    pub kind: Kind,
    /// What the first theft's amounts are counted in; each theft has its own.
    pub asset: AssetLine,
    /// Where the rows come from, if somebody supplied them and no chain proves them.
    pub supplied: Option<SuppliedPart>,
    /// The block the answers hold at.
    pub as_of: AsOfLine,
    /// The holes that the last load of the store met when the report was made; `None` when they are not known.
    pub gaps: Option<Gaps>,
    /// What shaped the result.
    pub parameters: Parameters,
    /// Tags on addresses and transactions that the report shows, each with its source.
    pub tags: Vec<TagLine>,
    /// What a reader must know of single assets and movements, whoever they concern: it accuses nobody.
    pub warnings: Vec<WarningLine>,
    /// Where nobody told what contracts passed on; none where no ledger needs it.
    pub untraced: Option<Untraced>,
    /// Each theft, traced alone: the part in the asset that was stolen, then one for each asset that conversions led into.
    pub thefts: Vec<TheftPart>,
    /// Coins that several thefts claim beyond their value.
    pub contested: Vec<ContestedLine>,
    /// What else is told of the case, beside the trace: each table says who says so.
    pub annex: Vec<AnnexPart>,
    /// What a reader must know before anything else, where there is such a thing.
    pub notice: Option<Said>,
}

/// A warning about a trail: what others can do to mislead who reads it, or why an amount may not be what it seems.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WarningLine {
    /// Which theft, and in which asset.
    pub part: Said,
    /// What kind.
    pub kind: String,
    /// In words.
    pub about: Said,
    /// The movement that shows it, where one does.
    pub movement: Option<String>,
    /// How many movements show the same.
    pub times: u64,
}

/// What a ledger is a record of: it decides the words, never the sums.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Coins, which come once and leave whole.
    Coins,
    /// Accounts, whose balances are touched by many movements.
    Accounts,
}

/// The point of the chain that answers refer to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsOfLine {
    /// CAIP-2.
    pub chain: String,
    /// As people call it.
    pub network: String,
    /// Lowest height that was ingested.
    pub first: u32,
    /// The height.
    pub height: u32,
    /// The block.
    pub block: String,
    /// Its time in seconds since 1970: a miner's claim.
    pub time: u32,
}

/// A transaction by what outlives any store; of an account ledger one movement of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TxRef {
    /// Its hash, or the name made from its row where the hash is not known.
    pub txid: String,
    /// Which of its movements, from zero; of a coin ledger none.
    pub movement: Option<u32>,
    /// Whether the name is no hash: nobody told one.
    pub no_hash: bool,
    /// What came with it, in order.
    pub notes: Vec<NoteLine>,
    /// Height of its block.
    pub height: u32,
    /// Its block.
    pub block: String,
    /// That block's time, seconds since 1970.
    pub time: u32,
}

/// What came with a transaction, ready to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteLine {
    /// What it says.
    pub kind: NoteKind,
    /// Its text; of a message the text as sent, of an encrypted one how long it is.
    pub text: Said,
}

/// A coin, or an account's balance in one asset: where it lies and whose tag is on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Of a coin `txid:vout`; of a balance the asset's id. Empty where value is destroyed.
    pub outpoint: String,
    /// The address as people write it, or the script's name where it has no address form.
    pub address: Said,
    /// Indices into [`Document::tags`].
    pub tags: Vec<usize>,
}

/// A sourced label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagLine {
    /// The address or transaction.
    pub subject: Said,
    /// What it says.
    pub label: Said,
    /// Who says so.
    pub source: Said,
    /// The author's trust.
    pub confidence: Confidence,
    /// Category, if any.
    pub category: Option<Said>,
    /// Kind of abuse, if any.
    pub abuse: Option<Said>,
    /// Pack and its creator.
    pub pack: Said,
    /// Last change, as the pack says.
    pub lastmod: Option<Said>,
}

/// One theft in one asset.
#[derive(Clone, PartialEq, Debug)]
pub struct TheftPart {
    /// Which theft of the case, from zero: its parts follow each other.
    pub number: usize,
    /// Its name in the case.
    pub name: Said,
    /// Whether this is the asset that was stolen; otherwise conversions led into it, and there are no seeds.
    pub is_own: bool,
    /// What its amounts are counted in.
    pub asset: AssetLine,
    /// The sum of its seeds; nothing in an asset that conversions led into.
    pub stolen: U256,
    /// A hash of the seeds: what a finding's claim names them by.
    pub digest: String,
    /// The stolen coins.
    pub seeds: Vec<SeedLine>,
    /// One for each rule, in the order asked.
    pub trails: Vec<TrailPart>,
    /// Where the rules agree and where not.
    pub sensitivity: SensitivityPart,
}

impl TheftPart {
    /// Its name, and the asset where that is not the stolen one: `heist, converted into USDT`.
    #[must_use]
    pub fn title(&self) -> String {
        if self.is_own { self.name.to_string() } else { format!("{}, converted into {}", self.name, self.asset.name()) }
    }

    /// What each rule compared says in all.
    #[must_use]
    pub fn compared_sums(&self) -> Vec<U256> {
        let column = |at: usize| self.sensitivity.rows.iter().map(|row| row.units[at]).sum();
        (0..self.sensitivity.rules.len()).map(column).collect()
    }

    /// The trail of the rule that the report answers by.
    #[must_use]
    pub fn declared(&self, parameters: &Parameters) -> Option<&TrailPart> {
        self.trails.iter().find(|trail| trail.rule == parameters.declared)
    }
}

/// A stolen coin, or a credit of stolen value to an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeedLine {
    /// Which coin, or the balance that was credited.
    pub place: Place,
    /// The balance it was taken from, in an account ledger.
    pub from: Option<Place>,
    /// Where it was made.
    pub tx: TxRef,
    /// All that was in it.
    pub value: U256,
    /// What was stolen of it.
    pub stolen: U256,
    /// `front` or `back` where only part was stolen.
    pub position: Option<&'static str>,
    /// How the seed was given.
    pub given: Said,
}

/// What one rule found for one theft.
#[derive(Clone, PartialEq, Debug)]
pub struct TrailPart {
    /// The rule's name.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Whether amounts add up; poison's are upper bounds.
    pub conserves: bool,
    /// The sum of the seeds; nothing in an asset that conversions led into.
    pub stolen: U256,
    /// What conversions brought into this asset.
    pub opened: U256,
    /// Both together: what the ends add up to.
    pub entered: U256,
    /// The conversions that did so.
    pub openings: Vec<ConversionLine>,
    /// The conversions by which stolen value left this asset.
    pub conversions: Vec<ConversionLine>,
    /// What has the shape of a conversion and was followed movement by movement, because somebody gained who is not known
    /// to exchange assets.
    pub declined: Vec<DeclinedLine>,
    /// Where stolen value ended, largest first; fees last.
    pub ends: Vec<EndLine>,
    /// The ends added up by kind.
    pub totals: Vec<TotalLine>,
    /// Every transaction it went through, in chain order; left out for poison beside another rule.
    pub hops: Vec<HopPart>,
    /// Value of unknown origin that entered these transactions beside the loot.
    pub unknown: U256,
    /// Whether everything else in these coins is known to come from elsewhere.
    pub rest_is_clean: bool,
    /// The balances that were taken to have held something before the ledger begins, because their movements need it.
    pub assumed: Vec<AssumedLine>,
}

/// A balance whose opening nobody supplied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssumedLine {
    /// Which.
    pub place: Place,
    /// The least that it must have held before.
    pub units: U256,
}

/// One conversion of stolen value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConversionLine {
    /// The first movement that gave the initiator what he received.
    pub tx: TxRef,
    /// The initiator's balance: in the given asset, and where an asset was opened in the received one.
    pub place: Place,
    /// What was given.
    pub given_asset: AssetLine,
    /// How much of it, refunds taken off.
    pub given: U256,
    /// How that and its stolen part came about; only where the line stands with the asset that was given.
    pub taken: Option<TakenLine>,
    /// The stolen part of what was given: it left that asset's trail.
    pub converted: U256,
    /// What was received.
    pub received_asset: AssetLine,
    /// How much of it.
    pub received: U256,
    /// How much of that is stolen from here on.
    pub opened: U256,
}

/// What might be a conversion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclinedLine {
    /// The first movement that gave the initiator what he received.
    pub tx: TxRef,
    /// The initiator's balance in the given asset.
    pub place: Place,
    /// How much of that asset was given, stolen or not.
    pub given: U256,
    /// What was received.
    pub received_asset: AssetLine,
    /// How much of it.
    pub received: U256,
    /// Who gained by it, the first of them.
    pub gainer: Place,
}

/// What a conversion took from its initiator and gave back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TakenLine {
    /// All that left him, the fee apart.
    pub debits: U256,
    /// What came back behind it.
    pub refunds: U256,
    /// The stolen part of what left.
    pub drawn: U256,
}

/// One end of stolen value.
#[derive(Clone, PartialEq, Debug)]
pub struct EndLine {
    /// Which kind.
    pub terminal: Terminal,
    /// In words: `at service: Example Exchange`.
    pub kind: Said,
    /// The coin; none for a fee.
    pub place: Option<Place>,
    /// For a coin the transaction that made it, for a fee the one that paid it.
    pub tx: TxRef,
    /// The whole coin, or the whole fee.
    pub value: U256,
    /// How much of it is stolen; under poison an upper bound.
    pub units: U256,
    /// Of an account ledger the movements that brought it there or ended it, as `transaction:movement`, in order; none
    /// of a coin.
    pub movements: Vec<String>,
    /// What it was converted into, where that is how it ended.
    pub into: Option<AssetLine>,
    /// Movements from the theft.
    pub depth: u32,
    /// The finding this end is.
    pub finding: Finding,
}

impl EndLine {
    /// Whether value ended where it lay, and not by a movement of its own: at rest, in a balance that was not followed
    /// further, or where it was taken again.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        use Terminal::{AtRest, Converted, Frozen, Pruned, Returned, Unresolved};
        matches!(self.terminal, AtRest | Converted | Frozen | Returned | Pruned(_) | Unresolved(_))
    }
}

/// Ends of one kind added up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotalLine {
    /// Which kind.
    pub kind: Said,
    /// The kind without its detail.
    pub terminal: Terminal,
    /// How much.
    pub units: U256,
    /// In how many ends.
    pub ends: u32,
}

/// One transaction that stolen value went through, with every input and output, so that it adds up by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HopPart {
    /// Its number in the table, from one.
    pub number: usize,
    /// Which transaction.
    pub tx: TxRef,
    /// Tags on the transaction: indices into [`Document::tags`].
    pub tags: Vec<usize>,
    /// Why value moves, in an account ledger.
    pub why: Option<MoveKind>,
    /// Movements from the theft.
    pub depth: u32,
    /// Every input in the transaction's order.
    pub ins: Vec<HopSide>,
    /// Every output in the transaction's order.
    pub outs: Vec<HopSide>,
    /// The whole fee.
    pub fee: U256,
    /// The stolen part of the fee.
    pub fee_stolen: U256,
    /// All value in.
    pub value_in: U256,
    /// Stolen value in.
    pub stolen_in: U256,
}

/// One input or output of a hop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HopSide {
    /// Position among the inputs or outputs, from zero.
    pub index: u32,
    /// Which coin.
    pub place: Place,
    /// All that is in it; zero where it is not known.
    pub value: U256,
    /// How much of that is stolen.
    pub stolen: U256,
    /// Under an ordered rule, what lies in a mixed coin, first to last.
    pub lots: Vec<LotLine>,
    /// Where it came from or where it went.
    pub link: Link,
}

/// A piece of a mixed coin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LotLine {
    /// Whether this piece is stolen.
    pub stolen: bool,
    /// How much.
    pub units: U256,
}

/// What ties a hop's input or output to the rest of the trail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Link {
    /// Carries no stolen value.
    None,
    /// A seed of the theft.
    Seed,
    /// The hop with this number.
    Hop(usize),
    /// Ends here: which kind of end, and the same in words.
    End(Terminal, Said),
}

/// One theft's ends under every rule.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SensitivityPart {
    /// The rules compared.
    pub rules: Vec<String>,
    /// Ends in coins, then fees.
    pub rows: Vec<SensitivityLine>,
}

/// One end under every rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SensitivityLine {
    /// Which kind of end.
    pub terminal: Terminal,
    /// The same in words.
    pub kind: Said,
    /// The coin; none for fees.
    pub place: Option<Place>,
    /// What each rule says.
    pub units: Vec<U256>,
    /// The least: what no choice of rule takes away.
    pub min: U256,
    /// The most.
    pub max: U256,
}

/// A coin claimed beyond its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContestedLine {
    /// By which rule.
    pub rule: String,
    /// Which coin or balance; of a movement the balance it gave to, or else took from.
    pub place: Place,
    /// Which movement, where value that moved is claimed, as `transaction:movement`.
    pub movement: Option<String>,
    /// What it is counted in.
    pub asset: AssetLine,
    /// What is in it.
    pub value: U256,
    /// Whether some trail ends in it.
    pub is_end: bool,
    /// What each theft claims.
    pub claims: Vec<(Said, U256)>,
}
