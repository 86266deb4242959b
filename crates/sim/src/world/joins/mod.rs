//! Common transactions: who meets, when, and under which rules. The rounds follow the protocols as their
//! clients and coordinators run them, not the predicates that look for them.

mod joinmarket;
mod pairs;
mod wasabi1;
mod wasabi2;
mod whirlpool;

use crate::world::habits::CHAUMIAN;
use crate::world::joins::whirlpool::Whirlpool;
use crate::world::ledger::{Ledger, Output};
use crate::world::people::Club;
use crate::world::scene::Scene;
use crate::world::truth::{Kind, Part};
use crate::world::wallet::Coin;

/// Coordinators, and strangers who want to take part.
#[derive(Debug)]
pub(crate) struct Joins {
    /// The wallet that Wasabi 1's fees go to.
    wasabi1: u32,
    /// The wallet that Wasabi 2's fees go to.
    wasabi2: u32,
    pub(crate) pools: Vec<Whirlpool>,
    /// Wallets that want to take part in the next rounds of equal outputs, beside the members.
    pub(crate) wasabi_guests: Vec<u32>,
    /// Wallets that want to ask makers for a round.
    pub(crate) takers: Vec<u32>,
}

/// A round in the making.
#[derive(Debug, Default)]
struct Round {
    coins: Vec<Coin>,
    outputs: Vec<Output>,
}

impl Joins {
    pub(crate) fn new(ledger: &mut Ledger) -> Self {
        let mut coordinator = |name: &str| {
            let party = ledger.join(Kind::Coordinator, || name.to_owned());
            ledger.open(party, CHAUMIAN, Part::Receive)
        };
        let (wasabi1, wasabi2) =
            (coordinator("coordinator of equal outputs"), coordinator("coordinator of denominations"));
        let pools = Whirlpool::all(ledger);
        Self { wasabi1, wasabi2, pools, wasabi_guests: vec![], takers: vec![] }
    }
}

/// What a number of coins is worth, in satoshi.
fn worth(coins: &[Coin]) -> u64 {
    coins.iter().map(|coin| coin.value).sum()
}

impl Scene {
    /// Rounds that are due in this block.
    pub(crate) fn common_rounds(&mut self) {
        let height = self.ledger.height();
        let rates = self.profile.joins;
        let due = |every: u32| every > 0 && height.is_multiple_of(every);
        self.members_fetch_coins();
        if self.ledger.is_full() {
            return;
        }
        if due(rates.joinmarket_every) {
            self.joinmarket_round();
        }
        if due(rates.wasabi1_every) {
            self.wasabi1_round();
        }
        if due(rates.wasabi2_every) {
            self.wasabi2_round();
        }
        if rates.whirlpool_every > 0 {
            self.whirlpools(due(rates.whirlpool_every));
        }
    }

    /// Members of clubs do not all act often, but they come with coins.
    fn members_fetch_coins(&mut self) {
        for club in 0..self.people.clubs.len() {
            if !self.people.clubs[club].is_empty() && self.ledger.rng.chance(250) {
                let member = *self.ledger.rng.pick(&self.people.clubs[club]);
                self.withdraw(member as usize);
            }
        }
    }

    /// Wallets of a club in random order.
    fn members(&mut self, club: Club) -> Vec<u32> {
        let members = &self.people.clubs[club as usize - 1];
        let mut wallets: Vec<_> = members.iter().map(|nth| self.people.list[*nth as usize].wallet).collect();
        self.ledger.rng.shuffle(&mut wallets);
        wallets
    }
}
