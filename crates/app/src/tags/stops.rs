//! Which tags end a trail: a service mixes its customers' coins, so nobody can say which came out.

use super::pack::Tag;

/// A set of tags at which a trace stops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, clap::ValueEnum)]
pub enum StopSet {
    /// Exchanges and other services that hold customers' coins together.
    Services,
    /// Mixing services and collaborative transactions.
    Mixers,
}

/// Categories and concepts of services that pool their customers' coins.
pub const SERVICES: [&str; 19] = [
    "exchange",
    "service",
    "hosted_wallet",
    "wallet_service",
    "hot_wallet",
    "cold_wallet",
    "warm_wallet",
    "deposit_wallet",
    "payment_processor",
    "gambling",
    "market",
    "marketplace",
    "miner",
    "mining_pool",
    "atm",
    "defi_bridge",
    "defi_dex",
    "defi_lending",
    "broker",
];

/// Categories and concepts of mixers.
pub const MIXERS: [&str; 5] = ["mixing_service", "mixing", "mixer", "coinjoin", "privacy_protocol"];

/// Categories and concepts of contracts that exchange one asset for another.
pub const EXCHANGERS: [&str; 4] = ["defi_dex", "dex", "liquidity_pool", "amm"];

/// Whether a tag says, trusted enough, that an account exchanges assets.
#[must_use]
pub fn exchanges(tag: &Tag, level: u8) -> bool {
    let mut words = tag.category.iter().chain(&tag.concepts).map(String::as_str);
    tag.abuse.is_none() && tag.confidence.level >= level && words.any(|word| EXCHANGERS.contains(&word))
}

/// Words that mark the subject as a perpetrator's own, whatever its category says.
const PERPETRATOR: [&str; 2] = ["perpetrator", "victim"];

impl StopSet {
    /// Whether a tag belongs to the set and is trusted enough, at least `level` of 100.
    ///
    /// A tag with a kind of abuse is about a perpetrator, not about the service that was abused.
    #[must_use]
    pub fn takes(self, tag: &Tag, level: u8) -> bool {
        let words = || tag.category.iter().chain(&tag.concepts).map(String::as_str);
        let wanted: &[&str] = match self {
            Self::Services => &SERVICES,
            Self::Mixers => &MIXERS,
        };
        let own = self == Self::Services && (tag.abuse.is_some() || words().any(|word| PERPETRATOR.contains(&word)));
        tag.confidence.level >= level && !own && words().any(|word| wanted.contains(&word))
    }

    /// The set's name as a parameter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Mixers => "mixers",
        }
    }
}
