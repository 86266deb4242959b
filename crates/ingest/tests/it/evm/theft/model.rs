//! What must come out of the theft, worked out from what was sent and nothing else: no store, no movements, no engine.

use std::collections::{BTreeMap, VecDeque};

use coinhound_chains::evm::Address;
use coinhound_model::Terminal;
use ruint::aliases::{U256, U512};

/// What can be stolen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Asset {
    Ether,
    Token(Address),
}

/// What happened, in order.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The thief takes it.
    Taken {
        asset: Asset,
        thief: Address,
        units: U256,
    },
    /// Somebody has it, and it was not stolen.
    Clean {
        asset: Asset,
        who: Address,
        units: U256,
    },
    Paid {
        asset: Asset,
        from: Address,
        to: Address,
        units: U256,
    },
    /// A fee, or what was burnt of it.
    Gone {
        who: Address,
        units: U256,
        how: Terminal,
    },
    Swapped {
        who: Address,
        given: Asset,
        debits: U256,
        refunds: U256,
        received: Asset,
        credits: U256,
    },
}

/// How lots are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    InOrder,
    InProportion,
}

/// A part of a holding, and whether it was stolen.
type Lot = (bool, U256);

/// What somebody has of an asset.
enum Pile {
    Row(VecDeque<Lot>),
    Pool { stolen: U256, all: U256 },
}

/// What an asset's trail begins with and where it ends.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Audit {
    pub stolen: U256,
    pub opened: U256,
    pub ends: BTreeMap<Terminal, U256>,
}

/// Follows what was taken of one asset.
pub fn follow(way: Way, taken: Asset, events: &[Event], services: &[Address]) -> BTreeMap<Asset, Audit> {
    let mut model = Model { way, services, piles: BTreeMap::new(), audits: BTreeMap::new() };
    events.iter().for_each(|event| model.happen(taken, event));
    for ((asset, _), pile) in std::mem::take(&mut model.piles) {
        model.end(asset, Terminal::AtRest, pile.stolen());
    }
    model.audits.retain(|_, audit| !(audit.stolen + audit.opened).is_zero());
    model.audits
}

struct Model<'a> {
    way: Way,
    services: &'a [Address],
    piles: BTreeMap<(Asset, Address), Pile>,
    audits: BTreeMap<Asset, Audit>,
}

impl Model<'_> {
    fn happen(&mut self, taken: Asset, event: &Event) {
        match *event {
            Event::Taken { asset, thief, units } => {
                if asset == taken {
                    self.audits.entry(asset).or_default().stolen += units;
                }
                self.pile(asset, thief).put([(asset == taken, units)]);
            }
            Event::Clean { asset, who, units } => self.pile(asset, who).put([(false, units)]),
            Event::Paid { asset, from, to, units } => {
                let lots = self.pile(asset, from).draw(units);
                match self.services.iter().position(|service| *service == to) {
                    Some(at) => self.end(asset, Terminal::AtService(u32::try_from(at).expect("few")), stolen(&lots)),
                    None => self.pile(asset, to).put(lots),
                }
            }
            Event::Gone { who, units, how } => {
                let lots = self.pile(Asset::Ether, who).draw(units);
                self.end(Asset::Ether, how, stolen(&lots));
            }
            Event::Swapped { who, given, debits, refunds, received, credits } => {
                let drawn = stolen(&self.pile(given, who).draw(debits));
                let kept = share(drawn, refunds, debits);
                self.pile(given, who).put([(true, kept), (false, refunds - kept)]);
                let converted = drawn - kept;
                self.end(given, Terminal::Converted, converted);
                let opened = share(converted, credits, debits - refunds);
                self.audits.entry(received).or_default().opened += opened;
                self.pile(received, who).put([(true, opened), (false, credits - opened)]);
            }
        }
    }

    fn pile(&mut self, asset: Asset, who: Address) -> &mut Pile {
        let new = || match self.way {
            Way::InOrder => Pile::Row(VecDeque::new()),
            Way::InProportion => Pile::Pool { stolen: U256::ZERO, all: U256::ZERO },
        };
        self.piles.entry((asset, who)).or_insert_with(new)
    }

    fn end(&mut self, asset: Asset, terminal: Terminal, units: U256) {
        if !units.is_zero() {
            *self.audits.entry(asset).or_default().ends.entry(terminal).or_default() += units;
        }
    }
}

impl Pile {
    fn put(&mut self, lots: impl IntoIterator<Item = Lot>) {
        for (is_stolen, units) in lots {
            match self {
                Self::Row(row) => row.push_back((is_stolen, units)),
                Self::Pool { stolen, all } => {
                    *all += units;
                    *stolen += if is_stolen { units } else { U256::ZERO };
                }
            }
        }
    }

    fn draw(&mut self, units: U256) -> Vec<Lot> {
        match self {
            Self::Row(row) => from_the_front(row, units),
            Self::Pool { stolen, all } => {
                let leaves = if all.is_zero() { U256::ZERO } else { nearest(*stolen, units, *all) };
                *all = all.checked_sub(units).expect("nobody pays what he has not");
                *stolen -= leaves;
                vec![(true, leaves), (false, units - leaves)]
            }
        }
    }

    fn stolen(&self) -> U256 {
        match self {
            Self::Row(row) => stolen(row),
            Self::Pool { stolen, .. } => *stolen,
        }
    }
}

fn from_the_front(row: &mut VecDeque<Lot>, units: U256) -> Vec<Lot> {
    let (mut left, mut drawn) = (units, Vec::new());
    while !left.is_zero() {
        let (is_stolen, lot) = row.pop_front().expect("nobody pays what he has not");
        let part = lot.min(left);
        drawn.push((is_stolen, part));
        left -= part;
        if part < lot {
            row.push_front((is_stolen, lot - part));
        }
    }
    drawn
}

fn stolen<'l>(lots: impl IntoIterator<Item = &'l Lot>) -> U256 {
    lots.into_iter().filter(|lot| lot.0).fold(U256::ZERO, |sum, lot| sum + lot.1)
}

/// `amount × part / whole`, rounded down.
fn share(amount: U256, part: U256, whole: U256) -> U256 {
    ratio(amount, part, whole).0
}

/// The same, rounded to the nearest, a half up.
fn nearest(amount: U256, part: U256, whole: U256) -> U256 {
    let (share, rest) = ratio(amount, part, whole);
    if !rest.is_zero() && rest >= whole - rest { share + U256::ONE } else { share }
}

fn ratio(amount: U256, part: U256, whole: U256) -> (U256, U256) {
    let (product, whole) = (U512::from(amount) * U512::from(part), U512::from(whole));
    (U256::from(product / whole), U256::from(product % whole))
}
