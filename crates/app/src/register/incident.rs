//! One incident: what sources say was taken, from whom, how, and where on a chain it can be seen.

use clap::ValueEnum;
use serde::Deserialize;

use super::moment::Moment;
use super::source::Citation;
use super::statement::Attribution;

/// What sort of incident it is: by whom it hit, or by what it was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Theft from an exchange
    Exchange,
    /// Theft from a service that keeps coins for others: wallets, payments, a casino
    Custody,
    /// Theft from a bridge between chains
    Bridge,
    /// Theft from a contract, its treasury or its administrators
    Defi,
    /// Theft from a firm's own coins
    Firm,
    /// Theft from many users of one wallet or web page
    Users,
    /// Customers deceived one by one into giving up accounts
    Phishing,
    /// Wallets that collected ransoms
    Ransom,
    /// Coins mined on machines of others
    Cryptojacking,
    /// An inside job is one of the answers given
    Insider,
    /// Coins put where nobody can spend them
    Destruction,
    /// Whether it was a theft at all is not settled
    Unknown,
}

impl Kind {
    /// The word for it in files and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Custody => "custody",
            Self::Bridge => "bridge",
            Self::Defi => "defi",
            Self::Firm => "firm",
            Self::Users => "users",
            Self::Phishing => "phishing",
            Self::Ransom => "ransom",
            Self::Cryptojacking => "cryptojacking",
            Self::Insider => "insider",
            Self::Destruction => "destruction",
            Self::Unknown => "unknown",
        }
    }
}

/// One incident.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Its name in the register, for good.
    pub id: String,
    /// When, or when it began.
    pub date: Moment,
    /// When it ended, where it is told as a range.
    pub until: Option<Moment>,
    /// Whom it hit.
    pub victim: String,
    /// Why the victim's name is not certain.
    pub victim_doubt: Option<String>,
    /// What sort it is.
    pub kind: Kind,
    /// Chains concerned, as far as told.
    pub chains: Vec<String>,
    /// Assets concerned, as far as told.
    pub assets: Vec<String>,
    /// How it was done; not public where nothing stands.
    pub technique: Option<String>,
    /// What is said of customers.
    #[serde(default)]
    pub customers: Vec<Claim>,
    /// What is said to have been taken.
    #[serde(default)]
    pub lost: Vec<Lost>,
    /// What that is said to have been worth.
    #[serde(default)]
    pub money: Vec<Money>,
    /// What else is said, contradictions above all.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Who is said to have done it.
    #[serde(default, rename = "attribution")]
    pub attributions: Vec<Attribution>,
    /// Addresses and transactions.
    #[serde(default, rename = "anchor")]
    pub anchors: Vec<Anchor>,
    /// Lists of addresses that stand elsewhere.
    #[serde(default)]
    pub more: Vec<More>,
    /// What no other field holds.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What is not certain.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// What the values without sources of their own rest on.
    pub sources: Vec<Citation>,
}

/// Something said about one question. Two with the same `about` and different values contradict each other.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The question.
    pub about: String,
    /// The answer.
    pub value: String,
    /// Who gives it, where it is not the source itself.
    pub by: Option<String>,
    /// When.
    pub when: Option<Moment>,
    /// Where it was read.
    #[serde(default)]
    pub sources: Vec<Citation>,
}

/// How much of an asset is said to have been taken.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The asset's ticker.
    pub asset: String,
    /// Digits, with a point where there is a fraction: whole units of the asset, as people write them.
    pub units: String,
    /// `about`, `over`, `nearly`; exact as told where nothing stands.
    pub form: Option<String>,
    /// Of what, where it is not what was taken: `found again`.
    pub of: Option<String>,
    /// Who says so.
    pub by: Option<String>,
    /// When.
    pub when: Option<Moment>,
    /// Where it was read.
    #[serde(default)]
    pub sources: Vec<Citation>,
}

/// A sum of money, or a range.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Its currency.
    #[serde(default = "usd")]
    pub currency: String,
    /// Whole units of the currency.
    pub amount: Range,
    /// `about`, `possibly`, `rounded`.
    pub form: Option<String>,
    /// Of what or when, where it is not the loss at the time. Such sums do not count for the order of the register.
    pub of: Option<String>,
    /// Who says so.
    pub by: Option<String>,
    /// When.
    pub when: Option<Moment>,
    /// Where it was read.
    #[serde(default)]
    pub sources: Vec<Citation>,
}

fn usd() -> String {
    "USD".to_owned()
}

/// One whole number or two, the lower first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "OneOrTwo")]
pub struct Range {
    /// The lower end.
    pub low: u64,
    /// The upper end; the same for one number.
    pub high: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrTwo {
    One(u64),
    Two([u64; 2]),
}

impl From<OneOrTwo> for Range {
    fn from(written: OneOrTwo) -> Self {
        match written {
            OneOrTwo::One(one) => Self { low: one, high: one },
            OneOrTwo::Two([low, high]) => Self { low, high },
        }
    }
}

/// An address or a transaction of the incident.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The chain's plain name: `bitcoin`, `ethereum`.
    pub chain: String,
    /// An address; either this or a transaction.
    pub address: Option<String>,
    /// A transaction's hash.
    pub tx: Option<String>,
    /// What it is in the incident.
    pub role: String,
    /// Whether it is printed here although it cannot exist as written.
    #[serde(default)]
    pub malformed: bool,
    /// Where it was read.
    #[serde(default)]
    pub sources: Vec<Citation>,
}

impl Anchor {
    /// The address or the hash.
    #[must_use]
    pub fn text(&self) -> &str {
        self.address.as_deref().or(self.tx.as_deref()).unwrap_or_default()
    }
}

/// A list that stands elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// What it lists.
    pub what: String,
    /// Where.
    pub sources: Vec<Citation>,
}
