//! What blocks of NEM move: from checked blocks to rows of an account ledger.
//!
//! A transaction as it is written is not what it moves. The traps, each booked here as NIS executes it:
//!
//! - A transfer that lists mosaics moves `amount * quantity / 1,000,000` of each, rounded down: `amount` is a factor
//!   then, and XEM moves only where `nem:xem` is listed.
//! - A mosaic may charge a levy for each transfer of it, absolute or by the ten thousand, in any mosaic; its **sender**
//!   pays it to the account that the definition names.
//! - A multisig transaction takes from the **inner** signer: what moves, the inner fee, the outer fee, and the fees of
//!   all cosignatures. Who brought it and who signed it too stands in a note.
//! - A block's fees go to its harvester, or to the account he harvests for.
//! - Definitions and supply changes make and destroy mosaics; names and mosaics pay rent to a sink.
//!
//! **Order.** A transaction's movements: what is sent (XEM first, then the mosaics as listed, each followed by its
//! levy) or rented or made, then one fee. The block's reward is a last transaction with the block's hash; a block
//! without fees has none.
//!
//! **An account** is named by the 25 bytes of its decoded address, checksum and network included; 40 characters of
//! base32 say the same. A recipient's checksum may be wrong on the chain: then nobody can spend what it got.
//!
//! **Hashes.** The rows' hash type prints its bytes backwards, as Bitcoin does; NEM prints forwards. So that every text
//! is the chain's own, a hash of NEM stands in rows with its bytes reversed: [`row_hash`], [`nem_hash`].
//!
//! **An asset** is named `namespace:name`, XEM `nem:xem`. A definition that makes a name anew so that earlier balances
//! are void begins a new asset, `namespace:name@height/index` by its place: nothing that was held before is counted
//! with what is held after. Where the same account held all of it, the old asset is burnt; otherwise its balances
//! stand, and a note says that they are void. Expiry of a namespace freezes mosaics and moves nothing.
//!
//! **The first block.** The chain gives its maker, before its first transaction, exactly what he pays in it: a
//! [`MoveKind::Mint`](coinhound_model::MoveKind::Mint) as the first movement of the first transaction. On the main
//! network that is 9,000,000,240 XEM; 9,000,000,000 are then held by those he paid, and 240, the fees of six
//! modifications, came back to him as the block's reward. He can never spend them.
//!
//! **A ledger that begins later** does not know what was decided before: levies and divisibility of mosaics, remote
//! harvesters, cosignatories. Where a movement depends on one of these, a [`NoteKind::Flag`] on its transaction says
//! so, and what cannot be counted is not booked. A definition of a name that moved there before begins a new asset, as one
//! that voids balances does.
//!
//! [`NoteKind::Flag`]: coinhound_model::NoteKind::Flag

mod asset;
mod authority;
mod booking;
mod error;
mod harvest;
mod mosaics;
mod names;
mod save;
mod state;
mod statement;
mod taking;
mod transfer;
mod valid;

use std::collections::VecDeque;

use coinhound_model::{AccountBlock, Height};
use serde::{Deserialize, Serialize};

pub use error::{LedgerError, SaveError, UnwindError};
pub use names::{account, address, mosaic_name, nem_hash, row_hash};
pub use statement::{MosaicSent, mosaics_sent, mosaics_sent_in};

use crate::nem::block::Block;
use crate::nem::bytes::Hash;
use crate::nem::check::{Parent, check_place};
use crate::nem::encode;
use crate::nem::ledger::state::{Change, State};
use crate::nem::ledger::taking::Taking;
use crate::nem::network::{Network, REWRITE_LIMIT_BLOCKS, unix_secs};

/// Turns the blocks of one chain, in order, into rows; knows of the chain what rows depend on.
///
/// What it knows is small (definitions of mosaics, remote harvesters, cosignatories), serialisable
/// ([`NemLedger::to_bytes`]), and can be unwound by as many blocks as nodes may exchange ([`NemLedger::unwind`]).
/// Equal blocks give equal rows and equal bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NemLedger {
    network: Network,
    start: Start,
    tip: Option<Tip>,
    state: State,
    /// By block, oldest first, at most as many as can be unwound.
    journal: VecDeque<Taken>,
}

/// Where a ledger begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Start {
    /// At the first block, which has this hash where one is known.
    Nemesis(Option<Hash>),
    /// At this height, with what came before unknown.
    At(u64),
}

/// The last block taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Tip {
    height: u64,
    hash: Hash,
    timestamp: u32,
}

/// What is needed to take back one block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Taken {
    /// The tip before it.
    below: Option<Tip>,
    /// In the order in which they were made.
    changes: Vec<Change>,
}

impl NemLedger {
    /// A ledger from the first block of a network: nothing is unknown. On the main and the test network the first
    /// block is held to its well-known hash.
    #[must_use]
    pub fn from_nemesis(network: Network) -> Self {
        Self::new(network, Start::Nemesis(network.nemesis_hash()))
    }

    /// A ledger from the first block of a private chain, held to this hash.
    #[must_use]
    pub fn from_own_nemesis(network: Network, hash: Hash) -> Self {
        Self::new(network, Start::Nemesis(Some(hash)))
    }

    /// A ledger whose first block has this height; from height 1 on, a whole one.
    #[must_use]
    pub fn partial(network: Network, first: u64) -> Self {
        if first <= 1 { Self::from_nemesis(network) } else { Self::new(network, Start::At(first)) }
    }

    fn new(network: Network, start: Start) -> Self {
        Self { network, start, tip: None, state: State::default(), journal: VecDeque::new() }
    }

    /// The network of the chain.
    #[must_use]
    pub fn network(&self) -> Network {
        self.network
    }

    /// Whether it begins at the first block of its chain.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.start, Start::Nemesis(_))
    }

    /// The height of the first block that it takes or took.
    #[must_use]
    pub fn first_height(&self) -> u64 {
        match self.start {
            Start::Nemesis(_) => 1,
            Start::At(height) => height,
        }
    }

    /// The height of the last block taken.
    #[must_use]
    pub fn height(&self) -> Option<u64> {
        self.tip.map(|tip| tip.height)
    }

    /// The hash of the last block taken.
    #[must_use]
    pub fn tip_hash(&self) -> Option<Hash> {
        self.tip.map(|tip| tip.hash)
    }

    /// What the next block must stand on, for [`crate::nem::check_block`].
    #[must_use]
    pub fn parent(&self) -> Parent {
        let network = self.network;
        match (self.tip, self.start) {
            (Some(Tip { height, hash, timestamp }), _) => Parent::Block { network, height, hash, timestamp },
            (None, Start::Nemesis(hash)) => Parent::Nemesis { network, hash },
            (None, Start::At(height_next)) => Parent::Unknown { network, height_next },
        }
    }

    /// The rows of the next block, which must have passed [`crate::nem::check_block`]; signatures are not looked at
    /// again.
    ///
    /// # Errors
    /// The block is not the next one, or it does what no node of the network would have let it do as far as this
    /// ledger knows. The ledger is then as it was.
    pub fn take(&mut self, block: &Block) -> Result<AccountBlock, LedgerError> {
        check_place(block, &self.parent())?;
        let (hash, size) = named(block);
        let (height, time) = place(block)?;
        let mut taking = Taking::new(&mut self.state, block, matches!(self.start, Start::Nemesis(_)));
        let txs = taking.transactions(block, hash);
        let changes = taking.changes();
        let txs = match txs {
            Ok(txs) => txs,
            Err(error) => {
                self.state.undo(changes);
                return Err(error);
            }
        };
        self.journal.push_back(Taken { below: self.tip, changes });
        while wide(self.journal.len()) > REWRITE_LIMIT_BLOCKS {
            self.journal.pop_front();
        }
        self.tip = Some(Tip { height: block.height, hash, timestamp: block.timestamp });
        let (hash, prev, maker) = (row_hash(&hash), row_hash(&block.previous), block.harvester.0);
        Ok(AccountBlock { height, hash, prev, time, size, maker, txs })
    }

    /// Takes back all blocks above a height, as if they had never been taken.
    ///
    /// # Errors
    /// They are more than nodes may exchange, or more than were taken: nothing is taken back then.
    pub fn unwind(&mut self, to: u64) -> Result<(), UnwindError> {
        let above = self.height().map_or(0, |height| height.saturating_sub(to));
        if above > wide(self.journal.len()) {
            return Err(UnwindError { to, lowest: self.lowest() });
        }
        for _ in 0..above {
            let taken = self.journal.pop_back().expect("as many as are there, checked above");
            self.state.undo(taken.changes);
            self.tip = taken.below;
        }
        Ok(())
    }

    /// The lowest height that it can be unwound to.
    #[must_use]
    pub fn lowest(&self) -> u64 {
        self.height().map_or(0, |height| height.saturating_sub(wide(self.journal.len())))
    }
}

/// What the block hashes to, and of how many bytes.
fn named(block: &Block) -> (Hash, u32) {
    let bytes = encode::unsigned_block(block);
    let size = u32::try_from(bytes.len()).expect("decoded objects are far below 4 GiB");
    (crate::nem::hash::keccak256(&bytes), size)
}

/// Height and time as rows have them.
fn place(block: &Block) -> Result<(Height, u32), LedgerError> {
    let height = u32::try_from(block.height).map_err(|_| LedgerError::Height { got: block.height })?;
    let time = unix_secs(block.timestamp);
    let time = u32::try_from(time).map_err(|_| LedgerError::Time { height: block.height, got: time })?;
    Ok((Height(height), time))
}

fn wide(len: usize) -> u64 {
    u64::try_from(len).expect("lengths fit")
}
