//! Wallet software by kind: what it writes, which coins it picks, where change goes, what it pays.
//!
//! The kinds are drawn after wallets that people used; they carry no product's name because none is
//! copied to the byte. What each heuristic of change and ownership feeds on is decided here.

use crate::keys::Style;
use crate::software::{Order, Software};

/// Which coins are spent first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Selection {
    /// The largest.
    Largest,
    /// The oldest.
    Oldest,
    /// Any.
    Random,
    /// Those that need no change, otherwise any.
    Exact,
    /// The largest, and one more than needed.
    Padded,
}

/// Where change goes, unless the software gives it back to the first input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ChangeTo {
    /// A new address of the wallet's kind.
    Fresh,
    /// A new address of the payee's kind, where the wallet has such keys.
    LikePayee,
    /// The wallet's main address, which others pay too.
    Main,
}

/// How a fee rate is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rate {
    /// The day's.
    Market,
    /// Half as much again as the day's.
    Hasty,
    /// Always this many satoshi per virtual byte.
    Fixed(u64),
}

/// One kind of wallet software.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    pub(crate) software: Software,
    pub(crate) style: Style,
    pub(crate) selection: Selection,
    pub(crate) change: ChangeTo,
    pub(crate) rate: Rate,
    /// Payments to it that go to its main address, in thousandths.
    pub(crate) reuse: u64,
    /// Shows every key as two addresses: nested and native.
    pub(crate) twin: bool,
    /// Leaves small remainders to the miner so that change is a multiple of this.
    pub(crate) change_unit: u64,
}

const PLAIN: Software = Software {
    version: 2,
    replaceable: false,
    lock_to_tip: false,
    low_r: false,
    order: Order::Shuffled,
    self_change: false,
};

const BASE: Habits = Habits {
    software: PLAIN,
    style: Style::Witness,
    selection: Selection::Largest,
    change: ChangeTo::Fresh,
    rate: Rate::Market,
    reuse: 350,
    twin: false,
    change_unit: 1,
};

/// A full node of before 2016.
pub(crate) const NODE_OLD: u8 = 0;
/// A full node with hashed keys.
pub(crate) const NODE_LEGACY: u8 = 1;
/// A full node of 2018.
pub(crate) const NODE_NESTED: u8 = 2;
/// A full node of 2022.
pub(crate) const NODE: u8 = 3;
/// A light client of before segregated witness.
pub(crate) const LIGHT_LEGACY: u8 = 4;
/// A light client.
pub(crate) const LIGHT: u8 = 5;
/// A wallet in a browser, one address for everything.
pub(crate) const WEB_REUSE: u8 = 6;
/// A wallet in a browser.
pub(crate) const WEB: u8 = 7;
/// A wallet in a phone.
pub(crate) const PHONE: u8 = 8;
/// A newer wallet in a phone.
pub(crate) const PHONE_WITNESS: u8 = 9;
/// A wallet with its keys in a device.
pub(crate) const DEVICE: u8 = 10;
/// Two of three keys, a company.
pub(crate) const COMPANY: u8 = 11;
/// Two of three keys, a company of 2022.
pub(crate) const COMPANY_WITNESS: u8 = 12;
/// Keys behind taproot.
pub(crate) const TAPROOT: u8 = 13;
/// Shows both forms of each key.
pub(crate) const TWIN: u8 = 14;
/// The wallet of a coordinator of many equal outputs (Wasabi).
pub(crate) const CHAUMIAN: u8 = 15;
/// The wallet of a market for equal outputs (JoinMarket).
pub(crate) const MAKER: u8 = 16;
/// The wallet of a pool of equal coins (Whirlpool).
pub(crate) const POOLED: u8 = 17;
/// A service's scripts that run by themselves: hashed keys.
pub(crate) const SERVICE_LEGACY: u8 = 18;
/// The same behind nested keys.
pub(crate) const SERVICE_NESTED: u8 = 19;
/// The same, native.
pub(crate) const SERVICE: u8 = 20;
/// One hot address.
pub(crate) const ONE_ADDRESS: u8 = 21;
/// Takes care to look like nobody: needless inputs, change as the payee's kind.
pub(crate) const EVADER: u8 = 22;
/// Rounds its change and sends it to its main address.
pub(crate) const ROUNDER: u8 = 23;
/// Reserve of a service, 2018.
pub(crate) const VAULT_LEGACY: u8 = 24;
/// Reserve of a service, 2022.
pub(crate) const VAULT: u8 = 25;

/// The wallet of a market for equal outputs, 2018.
pub(crate) const MAKER_NESTED: u8 = 26;

/// All kinds; a wallet keeps the place of its own.
pub(crate) static HABITS: [Habits; 27] = [
    Habits {
        software: Software { version: 1, ..PLAIN },
        style: Style::OldPubKeyHash,
        selection: Selection::Oldest,
        rate: Rate::Fixed(10),
        ..BASE
    },
    Habits {
        software: Software { lock_to_tip: true, ..PLAIN },
        style: Style::PubKeyHash,
        selection: Selection::Exact,
        ..BASE
    },
    Habits {
        software: Software { lock_to_tip: true, ..PLAIN },
        style: Style::Nested,
        selection: Selection::Exact,
        change: ChangeTo::LikePayee,
        ..BASE
    },
    Habits {
        software: Software { lock_to_tip: true, replaceable: true, low_r: true, ..PLAIN },
        selection: Selection::Exact,
        change: ChangeTo::LikePayee,
        reuse: 150,
        ..BASE
    },
    Habits {
        software: Software { version: 1, lock_to_tip: true, order: Order::Sorted, ..PLAIN },
        style: Style::PubKeyHash,
        selection: Selection::Random,
        ..BASE
    },
    Habits {
        software: Software { lock_to_tip: true, replaceable: true, low_r: true, order: Order::Sorted, ..PLAIN },
        selection: Selection::Random,
        reuse: 200,
        ..BASE
    },
    Habits {
        software: Software { version: 1, self_change: true, order: Order::Kept, ..PLAIN },
        style: Style::PubKeyHash,
        reuse: 950,
        ..BASE
    },
    Habits {
        software: Software { version: 1, order: Order::Kept, ..PLAIN },
        style: Style::PubKeyHash,
        rate: Rate::Hasty,
        reuse: 500,
        ..BASE
    },
    Habits {
        software: Software { version: 1, order: Order::Kept, ..PLAIN },
        style: Style::Nested,
        selection: Selection::Random,
        ..BASE
    },
    Habits { software: PLAIN, reuse: 400, ..BASE },
    Habits {
        software: Software { order: Order::Sorted, ..PLAIN },
        style: Style::Nested,
        selection: Selection::Oldest,
        ..BASE
    },
    Habits {
        software: Software { version: 1, order: Order::Shuffled, ..PLAIN },
        style: Style::NestedMultisig,
        rate: Rate::Hasty,
        ..BASE
    },
    Habits { software: PLAIN, style: Style::WitnessMultisig, ..BASE },
    Habits {
        software: Software { replaceable: true, low_r: true, ..PLAIN },
        style: Style::Taproot,
        selection: Selection::Oldest,
        reuse: 300,
        ..BASE
    },
    Habits { software: Software { version: 1, ..PLAIN }, style: Style::Nested, twin: true, ..BASE },
    Habits { software: Software { version: 1, low_r: true, ..PLAIN }, selection: Selection::Random, reuse: 0, ..BASE },
    Habits {
        software: Software { lock_to_tip: true, low_r: true, ..PLAIN },
        selection: Selection::Random,
        reuse: 0,
        ..BASE
    },
    Habits { software: Software { order: Order::Sorted, ..PLAIN }, selection: Selection::Oldest, reuse: 0, ..BASE },
    Habits {
        software: Software { version: 1, order: Order::Kept, ..PLAIN },
        style: Style::PubKeyHash,
        reuse: 1000,
        ..BASE
    },
    Habits { software: Software { order: Order::Kept, ..PLAIN }, style: Style::Nested, reuse: 1000, ..BASE },
    Habits { software: Software { replaceable: true, low_r: true, order: Order::Kept, ..PLAIN }, reuse: 1000, ..BASE },
    Habits {
        software: Software { self_change: true, order: Order::Kept, ..PLAIN },
        style: Style::PubKeyHash,
        reuse: 1000,
        ..BASE
    },
    Habits {
        software: Software { lock_to_tip: true, replaceable: true, low_r: true, ..PLAIN },
        selection: Selection::Padded,
        change: ChangeTo::LikePayee,
        reuse: 0,
        ..BASE
    },
    Habits {
        software: Software { lock_to_tip: true, replaceable: true, low_r: true, ..PLAIN },
        change: ChangeTo::Main,
        reuse: 500,
        change_unit: 1_000,
        ..BASE
    },
    Habits { software: Software { version: 1, order: Order::Kept, ..PLAIN }, style: Style::Multisig, ..BASE },
    Habits { software: Software { order: Order::Kept, ..PLAIN }, style: Style::WitnessMultisig, ..BASE },
    Habits {
        software: Software { version: 1, ..PLAIN },
        style: Style::Nested,
        selection: Selection::Random,
        reuse: 0,
        ..BASE
    },
];

impl Habits {
    /// The style of the key with this number, and the number by which it is derived.
    pub(crate) fn key(&self, number: u32) -> (Style, u32) {
        match (self.twin, number % 2) {
            (false, _) => (self.style, number),
            (true, 0) => (Style::Nested, number / 2),
            (true, _) => (Style::Witness, number / 2),
        }
    }

    /// The style of change when payees have this one.
    pub(crate) fn change_style(&self, payee: Option<Style>) -> Option<Style> {
        match (self.change, payee) {
            // A node's keys open all of these.
            (
                ChangeTo::LikePayee,
                Some(style @ (Style::PubKeyHash | Style::Nested | Style::Witness | Style::Taproot)),
            ) => Some(style),
            _ => None,
        }
    }
}
