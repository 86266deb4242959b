//! Who gets a block's fees.

use coinhound_model::{AccountTx, MoveKind};
use ruint::aliases::U256;

use crate::nem::address::Address;
use crate::nem::block::{Block, BlockKind};
use crate::nem::bytes::Hash;
use crate::nem::fork::DELAY_BLOCKS;
use crate::nem::ledger::booking::Booking;
use crate::nem::ledger::names::{row_hash, xem};
use crate::nem::ledger::state::Remote;
use crate::nem::ledger::taking::{Taking, fee};
use crate::nem::tx::LinkMode;

impl Taking<'_> {
    /// An account says who harvests for it, or no longer does.
    pub(super) fn harvests_for(&mut self, remote: Address, lessor: Address, mode: LinkMode, booking: &mut Booking) {
        let begins = mode == LinkMode::Link;
        if begins {
            booking.link(&remote, &lessor);
        }
        let change = self.state.put_remote(remote, Remote { lessor, height: self.height, begins });
        self.changes.push(change);
    }

    /// What the block itself does: its fees go to the harvester, or to the account that he harvests for.
    pub(super) fn reward(&self, block: &Block, hash: Hash) -> Option<AccountTx> {
        let fees = block.transactions.iter().map(|signed| fee(&signed.transaction).1);
        let units = fees.fold(U256::ZERO, |sum, fee| sum + fee);
        if units.is_zero() {
            return None;
        }
        let harvester = block.harvested_by();
        let mut booking = Booking::default();
        booking.gains(MoveKind::Reward, xem(), &self.endowed(harvester), units);
        if !self.is_complete && block.kind == BlockKind::Regular && self.state.remote(&harvester).is_none() {
            booking.flag("unknown whether the harvester harvests for another account, who gets this then: it was said before this ledger begins");
        }
        Some(booking.into_tx(row_hash(&hash)))
    }

    /// A link and its end both wait as long as blocks can be exchanged.
    fn endowed(&self, harvester: Address) -> Address {
        let Some(remote) = self.state.remote(&harvester) else { return harvester };
        let is_over = self.height.saturating_sub(remote.height) >= DELAY_BLOCKS;
        if remote.begins == is_over { remote.lessor } else { harvester }
    }
}
