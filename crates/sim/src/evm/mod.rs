//! Ethereum chains whose truth is known: real signatures, roots, blooms and base fees; what contracts do is decreed.
//!
//! No code runs: a transaction comes with what it does ([`Effect`]), and the balances that follow are counted here, by
//! nothing but that. In reading order: keys from a number ([`keys`]), a transaction and its signature ([`draft`]), what
//! it does and says ([`effect`]), the truth of balances ([`ledger`]), headers by the rules of their time ([`header`]),
//! blocks ([`writer`]), what nodes answer about them ([`json`]); then everyday life from a seed ([`traffic`]).

pub mod draft;
pub mod effect;
pub mod header;
pub mod json;
pub mod keys;
pub mod ledger;
pub mod traffic;
pub mod writer;

pub use draft::Draft;
pub use effect::{Call, CallKind, Effect, Said};
pub use header::EvmHeader;
pub use keys::EvmKey;
pub use ledger::EvmLedger;
pub use traffic::Traffic;
pub use writer::{EvmBlock, EvmWriter};
