//! Since which height a kind of collaborative transaction can exist at all.

use coinhound_model::{ChainId, Height};

/// The heights that Dumplings' rules start at, for one chain.
///
/// GraphSense's and BlockSci's rules have no such gates, and none is added to them here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Eras {
    /// No `DUMPLINGS_OTHER` below: `FirstJoinMarketBlock`.
    pub joinmarket: Height,
    /// No `DUMPLINGS_WASABI1` below: `FirstWasabiBlock`.
    pub wasabi1: Height,
    /// From here on Wasabi 1 is known by form, below by a coordinator's script: `FirstWasabiNoCoordAddressBlock`.
    pub wasabi1_by_form: Height,
    /// No `DUMPLINGS_WASABI2` below: `FirstWasabi2Block`.
    pub wasabi2: Height,
}

impl Eras {
    /// Bitcoin's main chain, as in Dumplings' `Constants.cs` (crocs-muni fork, commit 21631c2).
    pub const MAINNET: Self = Self {
        joinmarket: Height(336_861),
        wasabi1: Height(530_500),
        wasabi1_by_form: Height(610_000),
        wasabi2: Height(741_213),
    };

    /// Every rule at every height, by form: for test chains, whose heights say nothing about time.
    pub const ANY: Self =
        Self { joinmarket: Height(0), wasabi1: Height(0), wasabi1_by_form: Height(0), wasabi2: Height(0) };

    /// The eras of a chain: those of the main chain, or every rule at every height for any other.
    #[must_use]
    pub fn of(chain: &ChainId) -> Self {
        if chain.0 == MAINNET { Self::MAINNET } else { Self::ANY }
    }
}

/// CAIP-2 name of Bitcoin's main chain.
const MAINNET: &str = "bip122:000000000019d6689c085ae165831e93";
