//! Who controls which part of the loot: to the unit, by what its holders meant, not by any rule of tracing.
//!
//! An account mixes loot with other XEM and the chain cannot tell them apart. Its holder can: he spends this parcel, or
//! his own savings. Here is written which.

use std::collections::BTreeMap;

use crate::nem::coincheck::truth::{End, EndKind, Parcel};

/// The parcel that holds what the thief stole and has not sold.
pub(crate) const UNSOLD: u32 = 0;

/// What a payer means to spend first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Prefer {
    /// His own XEM, then loot.
    Clean,
    /// Loot, parcel after parcel, then his own XEM.
    Loot,
    /// One parcel, then his own XEM, then other loot.
    Parcel(u32),
}

/// Units of loot by parcel.
pub(crate) type Lots = BTreeMap<u32, u64>;

/// Loot by account, and where it went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control {
    purses: BTreeMap<usize, Lots>,
    pub(crate) parcels: Vec<Parcel>,
    ends: BTreeMap<(u32, EndKind, Option<usize>, Option<usize>), u64>,
}

impl Control {
    /// How much loot an account holds.
    pub(crate) fn loot(&self, account: usize) -> u64 {
        self.purses.get(&account).map_or(0, |purse| purse.values().sum())
    }

    /// How much of one parcel an account holds.
    pub(crate) fn held(&self, account: usize, parcel: u32) -> u64 {
        self.purses.get(&account).and_then(|purse| purse.get(&parcel)).copied().unwrap_or_default()
    }

    /// Takes `units` out of an account that has `balance` in all, and says which parcels they were of.
    pub(crate) fn draw(&mut self, account: usize, balance: u64, units: u64, prefer: Prefer) -> Lots {
        let clean = balance - self.loot(account);
        let Some(purse) = self.purses.get_mut(&account) else { return Lots::new() };
        let mut drawn = Lots::new();
        let mut left = units;
        match prefer {
            Prefer::Clean => left -= left.min(clean),
            Prefer::Loot => {}
            Prefer::Parcel(parcel) => {
                left -= take(purse, parcel, left, &mut drawn);
                left -= left.min(clean);
            }
        }
        for parcel in purse.keys().copied().collect::<Vec<_>>() {
            left -= take(purse, parcel, left, &mut drawn);
        }
        assert!(left <= clean, "an account pays what it has");
        drawn
    }

    /// Puts loot into an account whose holder keeps control.
    pub(crate) fn put(&mut self, account: usize, lots: Lots) {
        for (parcel, units) in lots {
            *self.purses.entry(account).or_default().entry(parcel).or_default() += units;
        }
    }

    /// Loot that leaves the story's hands.
    pub(crate) fn end(&mut self, lots: Lots, kind: EndKind, account: Option<usize>, customer: Option<usize>) {
        for (parcel, units) in lots {
            *self.ends.entry((parcel, kind, account, customer)).or_default() += units;
        }
    }

    /// The ends of everything, what is at rest among them.
    pub(crate) fn ends(mut self) -> Vec<End> {
        for (account, purse) in std::mem::take(&mut self.purses) {
            self.end(purse, EndKind::AtRest, Some(account), None);
        }
        let number = |at: usize| u32::try_from(at).expect("a story is small");
        let end = |((parcel, kind, account, customer), units): ((u32, EndKind, Option<usize>, Option<usize>), u64)| {
            End { parcel, kind, account: account.map(number), customer: customer.map(number), units }
        };
        self.ends.into_iter().filter(|(_, units)| *units > 0).map(end).collect()
    }
}

fn take(purse: &mut Lots, parcel: u32, wanted: u64, drawn: &mut Lots) -> u64 {
    let Some(held) = purse.get_mut(&parcel) else { return 0 };
    let taken = wanted.min(*held);
    *held -= taken;
    if *held == 0 {
        purse.remove(&parcel);
    }
    if taken > 0 {
        *drawn.entry(parcel).or_default() += taken;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purse() -> Control {
        let mut control = Control::default();
        control.put(1, Lots::from([(0, 5), (7, 10)]));
        control
    }

    #[test]
    fn a_payer_spends_what_he_means_to_first() {
        let drawn = |prefer| purse().draw(1, 20, 12, prefer);
        assert_eq!(drawn(Prefer::Clean), Lots::from([(0, 5), (7, 2)]));
        assert_eq!(drawn(Prefer::Loot), Lots::from([(0, 5), (7, 7)]));
        assert_eq!(drawn(Prefer::Parcel(7)), Lots::from([(7, 10)]));
        assert_eq!(drawn(Prefer::Parcel(9)), Lots::from([(0, 5), (7, 2)]));
    }

    #[test]
    fn what_is_drawn_is_gone_and_ends_are_whole() {
        let mut control = purse();
        let drawn = control.draw(1, 20, 12, Prefer::Loot);
        assert_eq!((control.loot(1), control.held(1, 7)), (3, 3));
        control.end(drawn, EndKind::Given, Some(2), None);
        assert_eq!(control.ends().iter().map(|end| end.units).sum::<u64>(), 15);
    }
}
