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
    /// The oldest first.
    InOrder,
    /// The newest first.
    Backwards,
    InProportion,
    /// What was not stolen first.
    CleanFirst,
}

/// A part of a holding, and whether it was stolen.
type Lot = (bool, U256);

/// What somebody has of an asset.
struct Pile {
    way: Way,
    /// Oldest first; where no order counts, one of each kind at most.
    lots: VecDeque<Lot>,
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
        let way = self.way;
        self.piles.entry((asset, who)).or_insert_with(|| Pile { way, lots: VecDeque::new() })
    }

    fn end(&mut self, asset: Asset, terminal: Terminal, units: U256) {
        if !units.is_zero() {
            *self.audits.entry(asset).or_default().ends.entry(terminal).or_default() += units;
        }
    }
}

impl Pile {
    fn put(&mut self, lots: impl IntoIterator<Item = Lot>) {
        self.lots.extend(lots);
    }

    /// What leaves, in the order in which it leaves.
    fn draw(&mut self, units: U256) -> Vec<Lot> {
        if matches!(self.way, Way::InOrder | Way::Backwards) {
            return self.draw_row(units);
        }
        let all = self.lots.iter().fold(U256::ZERO, |sum, lot| sum + lot.1);
        let (stolen, clean) = (self.stolen(), all - self.stolen());
        let leaves = match self.way {
            Way::CleanFirst => units.saturating_sub(clean),
            _ if all.is_zero() => U256::ZERO,
            _ => nearest(stolen, units, all),
        };
        let stays = (clean + leaves).checked_sub(units).expect("nobody pays what he has not");
        self.lots = VecDeque::from([(true, stolen - leaves), (false, stays)]);
        vec![(true, leaves), (false, units - leaves)]
    }

    fn draw_row(&mut self, units: U256) -> Vec<Lot> {
        let (mut left, mut drawn) = (units, Vec::new());
        while !left.is_zero() {
            let next = if self.way == Way::InOrder { self.lots.pop_front() } else { self.lots.pop_back() };
            let (is_stolen, lot) = next.expect("nobody pays what he has not");
            let part = lot.min(left);
            drawn.push((is_stolen, part));
            left -= part;
            match (self.way, lot - part) {
                (_, U256::ZERO) => {}
                (Way::InOrder, rest) => self.lots.push_front((is_stolen, rest)),
                (_, rest) => self.lots.push_back((is_stolen, rest)),
            }
        }
        drawn
    }

    fn stolen(&self) -> U256 {
        stolen(&self.lots)
    }
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
