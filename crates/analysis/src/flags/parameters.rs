//! What warnings were looked for with; part of every result.

use coinhound_model::AccountLedger;

use crate::flags::fold::same_symbol;
use crate::rule::RuleId;

/// The rule that looks for warnings.
pub const RULE: RuleId = RuleId { name: "account-warnings", version: 1 };

/// A token that people know by its symbol.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WellKnown {
    /// Its identity on the ledger ([`coinhound_model::Token::id`]).
    pub id: String,
    /// Its symbol.
    pub symbol: String,
}

/// What warnings were looked for with; part of the result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagParameters<U> {
    /// The asset that fees are paid in, as the ledger numbers it.
    pub native: u32,
    /// Two addresses look alike when so many hexadecimal digits at their beginning and as many at their end are the same.
    pub digits: u32,
    /// Up to how much of an asset is dust: the asset as the ledger numbers it, ascending, and how much of its smallest unit.
    /// No amount of other assets is.
    pub dust: Vec<(u32, U)>,
    /// Tokens that people know, the ledger's own coin among them.
    pub well_known: Vec<WellKnown>,
    /// What assets call themselves where somebody told: the asset as the ledger numbers it, ascending. For others the ledger's
    /// own word is taken. Hostile input.
    pub symbols: Vec<(u32, String)>,
    /// More movements than this, and nothing is said about an account.
    pub movements_max: u64,
    /// More warnings of one kind than this are counted and left out.
    pub rows_max: u64,
}

impl<U: Copy> FlagParameters<U> {
    /// Four digits at each end, ten million movements, ten thousand warnings of a kind; no dust, no known tokens.
    #[must_use]
    pub fn new(native: u32) -> Self {
        Self {
            native,
            digits: 4,
            dust: Vec::new(),
            well_known: Vec::new(),
            symbols: Vec::new(),
            movements_max: 10_000_000,
            rows_max: 10_000,
        }
    }

    /// Up to how much of an asset is dust.
    #[must_use]
    pub fn dust_of(&self, asset: u32) -> Option<U> {
        let at = self.dust.binary_search_by_key(&asset, |dust| dust.0).ok()?;
        Some(self.dust[at].1)
    }

    /// Whether an asset is the ledger's own coin or a token that people know.
    pub(crate) fn is_known<L: AccountLedger>(&self, ledger: &L, asset: u32) -> bool {
        let id = ledger.token(asset).id;
        asset == self.native || self.well_known.iter().any(|known| known.id == id)
    }

    /// The known token whose symbol an asset bears without being it: an index into the list.
    pub(crate) fn imitates<L: AccountLedger>(&self, ledger: &L, asset: u32) -> Option<u32> {
        let token = ledger.token(asset);
        if asset == self.native || self.well_known.iter().any(|known| known.id == token.id) {
            return None;
        }
        let told = self.symbols.binary_search_by_key(&asset, |symbol| symbol.0);
        // A ledger that was told no symbol gives the identity.
        let symbol =
            told.ok().map(|at| self.symbols[at].1.clone()).or((token.ticker != token.id).then_some(token.ticker))?;
        let at = self.well_known.iter().position(|known| same_symbol(&known.symbol, &symbol))?;
        u32::try_from(at).ok()
    }
}
