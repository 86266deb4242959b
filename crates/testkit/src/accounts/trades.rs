//! Transactions that are conversions, and such as nearly are: paid in parts, through a router, paid by the pool first,
//! refunded, wrapped, and with everything in the way that makes them none.

use coinhound_model::{AddressId, MoveKind};

use crate::accounts::random::{Growth, small};

/// What one movement of a trade does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    /// The trader pays some.
    Pay,
    /// The trader pays some through a router, which passes it on.
    PayThrough,
    /// What he pays is destroyed.
    Unwrap,
    /// The pool pays some.
    Get,
    /// What he gets is made.
    Wrap,
    /// Some of what was paid comes back.
    Refund,
    /// He pays some of what he gets.
    PayBack,
    /// Something else comes to him.
    GetOther,
    /// He pays something else.
    PayOther,
    /// He pays himself.
    ToSelf,
    /// He pays the fee before the end.
    EarlyFee,
}

/// Who trades what for what.
struct Trade {
    who: AddressId,
    pool: AddressId,
    router: AddressId,
    given: u32,
    received: u32,
    other: u32,
}

impl Growth {
    /// A transaction in which somebody trades, or nearly does.
    pub(super) fn trade(&mut self) {
        let assets = self.shape.assets;
        // Half of the time who traded last trades on, often back.
        let last = self.trader.filter(|_| self.dice.once_in(2));
        let (who, given) = last.unwrap_or_else(|| {
            let given = small(&mut self.dice, assets);
            (self.rich(given), given)
        });
        let received = (given + 1 + small(&mut self.dice, assets - 1)) % assets;
        let (pool, router) = (self.account(), self.account());
        let trade = Trade {
            who,
            pool,
            router,
            given,
            received,
            other: (0..assets).find(|asset| ![given, received].contains(asset)).unwrap_or(given),
        };
        for act in self.acts() {
            self.act(&trade, act);
        }
        self.pay_fee(&trade);
        self.trader = Some((who, received));
    }

    /// One or two payments either way in any order, perhaps a refund, and now and then what is in the way.
    fn acts(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        for _ in 0..1 + self.dice.below(2) {
            let pays = [Act::Pay, Act::Pay, Act::PayThrough, Act::Unwrap][self.dice.index(4)];
            self.insert(&mut acts, pays);
        }
        for _ in 0..1 + self.dice.below(2) {
            let gets = [Act::Get, Act::Get, Act::Wrap][self.dice.index(3)];
            self.insert(&mut acts, gets);
        }
        match self.dice.below(3) {
            0 => acts.push(Act::Refund),
            1 if self.dice.once_in(2) => self.insert(&mut acts, Act::Refund),
            _ => {}
        }
        for act in [Act::PayBack, Act::GetOther, Act::PayOther, Act::ToSelf, Act::EarlyFee] {
            if self.dice.once_in(12) {
                self.insert(&mut acts, act);
            }
        }
        acts
    }

    fn insert(&mut self, acts: &mut Vec<Act>, act: Act) {
        acts.insert(self.dice.index(acts.len() + 1), act);
    }

    fn act(&mut self, trade: &Trade, act: Act) {
        let &Trade { who, pool, router, given, received, other } = trade;
        let made = Some(1 + self.dice.below(self.shape.made_max));
        let kind = if self.dice.once_in(2) { MoveKind::Transfer } else { MoveKind::Internal };
        match act {
            Act::Pay => drop(self.shift(kind, Some(who), Some(pool), given, None)),
            Act::PayThrough => {
                let paid = self.shift(kind, Some(who), Some(router), given, None);
                self.shift(kind, Some(router), Some(pool), given, Some(paid));
            }
            Act::Unwrap => drop(self.shift(MoveKind::Burn, Some(who), None, given, None)),
            Act::Get => drop(self.shift(kind, Some(pool), Some(who), received, None)),
            Act::Wrap => drop(self.shift(MoveKind::Mint, None, Some(who), received, made)),
            Act::Refund => drop(self.shift(kind, Some(pool), Some(who), given, None)),
            Act::PayBack => drop(self.shift(kind, Some(who), Some(pool), received, Some(1))),
            Act::GetOther => drop(self.shift(MoveKind::Mint, None, Some(who), other, made)),
            Act::PayOther => drop(self.shift(kind, Some(who), Some(pool), other, None)),
            Act::ToSelf => drop(self.shift(kind, Some(who), Some(who), given, None)),
            Act::EarlyFee => drop(self.shift(MoveKind::Fee, Some(who), None, given, Some(1))),
        }
    }

    /// The fee stands last: whole, or its burnt part before the rest, which its block's maker gets, or burnt alone.
    fn pay_fee(&mut self, trade: &Trade) {
        let asset = small(&mut self.dice, self.shape.assets);
        let payer = if self.dice.once_in(10) { trade.router } else { trade.who };
        let maker = if self.dice.once_in(6) { trade.who } else { AddressId(0) };
        match self.dice.below(8) {
            0 => {}
            1..4 => drop(self.shift(MoveKind::Fee, Some(payer), None, asset, Some(1))),
            4..7 => {
                self.shift(MoveKind::Burn, Some(payer), None, asset, Some(1));
                let tip = self.shift(MoveKind::Fee, Some(payer), None, asset, Some(2));
                self.shift(MoveKind::Reward, None, Some(maker), asset, Some(tip));
            }
            _ => drop(self.shift(MoveKind::Burn, Some(payer), None, asset, Some(1))),
        }
    }

    /// Moves up to `units` of what is there; without a number often all of it, else any part. Says how much it was.
    fn shift(
        &mut self,
        kind: MoveKind,
        from: Option<AddressId>,
        to: Option<AddressId>,
        asset: u32,
        units: Option<u64>,
    ) -> u64 {
        let there = from.map_or(u64::MAX, |from| self.balances.get(&(from, asset)).copied().unwrap_or(0));
        let some = |growth: &mut Self| if growth.dice.once_in(3) { there } else { growth.dice.below(there + 1) };
        let units = units.unwrap_or_else(|| some(self)).min(there);
        if let Some(from) = from {
            *self.balances.entry((from, asset)).or_default() -= units;
        }
        if let Some(to) = to {
            *self.balances.entry((to, asset)).or_default() += units;
        }
        self.ledger.push(kind, from, to, asset, units);
        units
    }
}
