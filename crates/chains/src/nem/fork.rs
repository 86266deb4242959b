//! From which height a rule of the chain holds.
//!
//! Only the rules that are enforced or booked here. The heights are those of NIS's own table; on a private network
//! every rule holds from the first block.

use crate::nem::network::Network;

/// How many blocks below the newest may still be exchanged, and how long a remote account waits to be one.
pub(super) const DELAY_BLOCKS: u64 = crate::nem::network::REWRITE_LIMIT_BLOCKS;

/// From this height messages have up to 160 bytes, and accounts need fewer signatures than they have cosignatories.
pub(super) const fn longer_messages(network: Network) -> u64 {
    match network {
        Network::Main => 199_800,
        Network::Test => 90_000,
        Network::Mijin => 1,
    }
}

/// From this height messages have up to 1,024 bytes.
pub(super) const fn longest_messages(network: Network) -> u64 {
    match network {
        Network::Main => 1_025_000,
        Network::Test => 830_000,
        Network::Mijin => 1,
    }
}

/// From this height a mosaic made anew with nothing changed but its description keeps what its holders have.
pub(super) const fn kept_balances(network: Network) -> u64 {
    match network {
        Network::Main => 1_110_000,
        Network::Test => 871_500,
        Network::Mijin => 1,
    }
}

/// At this height one block held transactions agreed upon by all nodes, among them some that the rules for multisig
/// accounts forbid.
pub(super) const fn reissuance(network: Network) -> Option<u64> {
    match network {
        Network::Main => Some(3_481_580),
        Network::Test | Network::Mijin => None,
    }
}

/// The most bytes that a message at this height may have.
pub(super) fn message_len_max(network: Network, height: u64) -> usize {
    if height >= longest_messages(network) {
        return 1_024;
    }
    if height >= longer_messages(network) { 160 } else { 96 }
}
