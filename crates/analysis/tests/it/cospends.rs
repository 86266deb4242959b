//! Random ledgers of which only one thing matters: who spends together with whom.

use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Hash256, Height, HoldingId, MovementId, TxHash};
use coinhound_testkit::{MemoryLedger, NewMovement};
use proptest::prelude::*;

/// How many addresses every story has.
pub const ADDRESSES: u64 = 14;

/// One transaction: the owners of its inputs, in order.
#[derive(Clone, Debug)]
pub struct Spend {
    pub owners: Vec<AddressId>,
    /// Whether it is a mix that the default veto set forbids.
    pub vetoed: bool,
    /// Whether its coins come from before the range.
    pub foreign: bool,
}

/// Spends in order, and the addresses that share keys.
#[derive(Clone, Debug)]
pub struct Story {
    pub spends: Vec<Spend>,
    /// Disjoint groups.
    pub keys: Vec<Vec<AddressId>>,
}

impl Story {
    /// Plain spends by these owners, no keys.
    pub fn of(spends: &[&[u64]]) -> Self {
        let spend = |owners: &&[u64]| Spend {
            owners: owners.iter().copied().map(AddressId).collect(),
            vetoed: false,
            foreign: false,
        };
        Self { spends: spends.iter().map(spend).collect(), keys: Vec::new() }
    }

    /// The movement of a spend: the first one introduces every address, and each spend has one before it that pays its coins.
    pub fn movement(&self, spend: usize) -> MovementId {
        MovementId(2 * spend as u64 + 2)
    }

    /// The story as a ledger.
    pub fn ledger(&self) -> MemoryLedger<u64> {
        let mut ledger = MemoryLedger::new(Height(1));
        let everybody = (0..ADDRESSES).map(|address| (1, AddressId(address))).collect();
        ledger.push(movement(0, Vec::new(), everybody));
        for (spend, at) in self.spends.iter().zip(0..) {
            self.push(&mut ledger, spend, at);
        }
        self.keys.iter().for_each(|group| ledger.share_key(group));
        ledger
    }

    fn push(&self, ledger: &mut MemoryLedger<u64>, spend: &Spend, at: usize) {
        let number = self.movement(at).0;
        let first = ledger.coins();
        ledger.push(movement(number - 1, Vec::new(), spend.owners.iter().map(|owner| (10, *owner)).collect()));
        let own = (first..ledger.coins()).map(HoldingId);
        let coins: Vec<_> = if spend.foreign {
            let outpoint = |input| (hash(1_000 + number), input);
            (0..)
                .zip(&spend.owners)
                .map(|(input, owner)| ledger.push_foreign(outpoint(input), Some(5), *owner))
                .collect()
        } else {
            own.collect()
        };
        let spender = ledger.push(movement(number, coins, vec![(3, AddressId::NONE)]));
        assert_eq!(spender, self.movement(at));
        if spend.vetoed {
            ledger.set_collab(spender, CollabPrint::DUMPLINGS_WASABI2);
        }
    }
}

fn movement(number: u64, debits: Vec<HoldingId>, credits: Vec<(u64, AddressId)>) -> NewMovement<u64> {
    NewMovement::plain(hash(number), Height(1 + u32::try_from(number / 3).expect("a short story")), debits, credits)
}

fn hash(number: u64) -> TxHash {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Hash256(bytes)
}

/// Stories of up to twelve spends, one to four inputs each; an owner may spend twice in one.
pub fn stories() -> impl Strategy<Value = Story> {
    let owners = prop::collection::vec((0..ADDRESSES).prop_map(AddressId), 1..5);
    let spend = (owners, prop::bool::weighted(0.15), any::<bool>()).prop_map(|(owners, vetoed, foreign)| Spend {
        owners,
        vetoed,
        foreign,
    });
    let everybody: Vec<_> = (0..ADDRESSES).map(AddressId).collect();
    let key = prop::sample::subsequence(everybody, 0..4);
    (prop::collection::vec(spend, 1..13), key).prop_map(|(spends, key)| Story { spends, keys: vec![key] })
}

/// Stories around a trap: from 0 to 1 the shortest chain takes both transactions that two separate chains need.
pub fn tangled() -> impl Strategy<Value = Story> {
    stories().prop_map(|mut story| {
        story.spends.truncate(5);
        story.spends.extend(Story::of(TRAP).spends);
        story
    })
}

/// 0-2-1 takes the first and the second transaction; two chains need one of them each: 0-3-4-1 and 0-5-6-1.
pub const TRAP: &[&[u64]] = &[&[0, 2, 3], &[2, 6, 1], &[3, 4], &[4, 1], &[0, 5], &[5, 6]];
