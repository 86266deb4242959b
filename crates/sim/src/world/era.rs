//! A time in Bitcoin's life: which software people ran, what they paid, how they priced.

use crate::rng::Quantiles;
use crate::world::habits::{
    COMPANY, COMPANY_WITNESS, DEVICE, LIGHT, LIGHT_LEGACY, MAKER, MAKER_NESTED, NODE, NODE_LEGACY, NODE_NESTED,
    NODE_OLD, ONE_ADDRESS, PHONE, PHONE_WITNESS, SERVICE, SERVICE_LEGACY, SERVICE_NESTED, TAPROOT, TWIN, VAULT,
    VAULT_LEGACY, WEB, WEB_REUSE,
};

/// One of the times that worlds can play in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Era {
    /// 2018 and 2019: hashed keys, nested segregated witness coming.
    Y2018,
    /// 2021 and 2022: native segregated witness, pools of equal coins.
    Y2022,
}

/// What an era is made of; shares are in thousandths.
#[derive(Debug)]
pub(crate) struct Customs {
    /// Software of persons and shops.
    pub(crate) people: &'static [(u8, u64)],
    /// Software of services' working wallets, in turn.
    pub(crate) services: &'static [u8],
    /// Software of services' reserves.
    pub(crate) vault: u8,
    /// Software of those who join coins of equal value.
    pub(crate) maker: u8,
    /// Satoshi per virtual byte.
    pub(crate) fee_rate: Quantiles,
    /// Payments of round amounts of coin, in thousandths.
    pub(crate) round: u64,
}

static Y2018: Customs = Customs {
    people: &[
        (NODE_OLD, 30),
        (NODE_LEGACY, 70),
        (NODE_NESTED, 90),
        (LIGHT_LEGACY, 150),
        (LIGHT, 40),
        (WEB_REUSE, 190),
        (WEB, 130),
        (PHONE, 180),
        (DEVICE, 70),
        (COMPANY, 50),
    ],
    services: &[ONE_ADDRESS, COMPANY, SERVICE_LEGACY, SERVICE_NESTED],
    vault: VAULT_LEGACY,
    maker: MAKER_NESTED,
    fee_rate: Quantiles(&[(0, 1), (100, 2), (500, 6), (900, 18), (1000, 60)]),
    round: 120,
};

static Y2022: Customs = Customs {
    people: &[
        (NODE, 90),
        (NODE_LEGACY, 20),
        (LIGHT, 110),
        (LIGHT_LEGACY, 20),
        (WEB_REUSE, 230),
        (WEB, 40),
        (PHONE, 140),
        (PHONE_WITNESS, 95),
        (DEVICE, 160),
        (COMPANY, 55),
        (COMPANY_WITNESS, 15),
        (TAPROOT, 5),
        (TWIN, 20),
    ],
    services: &[COMPANY, SERVICE_NESTED, SERVICE, COMPANY],
    vault: VAULT,
    maker: MAKER,
    fee_rate: Quantiles(&[(0, 1), (100, 2), (500, 6), (900, 18), (1000, 60)]),
    round: 60,
};

impl Era {
    pub(crate) fn customs(self) -> &'static Customs {
        match self {
            Self::Y2018 => &Y2018,
            Self::Y2022 => &Y2022,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_a_thousand() {
        for era in [Era::Y2018, Era::Y2022] {
            assert_eq!(era.customs().people.iter().map(|(_, share)| share).sum::<u64>(), 1000, "{era:?}");
        }
    }
}
