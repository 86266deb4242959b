//! What transactions must pay since the second fee fork: 1,250,000 on the main network, 1 on private ones.
//!
//! Counted in units of 0.05 XEM, in integers: NIS takes a logarithm for mosaics with a small supply, here its steps
//! stand in a table.

use coinhound_chains::nem::tx::{Mosaic, MosaicId, Multisig, Transfer};
use coinhound_chains::nem::{Body, Transaction};

/// The unit of fees in millionths of a XEM.
pub const UNIT: u64 = 50_000;
/// Rent of a root namespace in millionths of a XEM.
pub const ROOT_RENT: u64 = 100_000_000;
/// Rent of a namespace below another in millionths of a XEM.
pub const SUB_RENT: u64 = 10_000_000;
/// What it costs to make a mosaic, in millionths of a XEM.
pub const MOSAIC_CREATION: u64 = 10_000_000;

const MODIFICATION_UNITS: u64 = 10;
const OTHER_UNITS: u64 = 3;
const XEM_SUPPLY: u64 = 8_999_999_999;
const QUANTITY_MAX: u64 = 9_000_000_000_000_000;

/// From which ratio of the largest possible to the given quantity a mosaic costs one, two, .. units less: the least
/// whole numbers above e^(k / 0.8).
const RATIO_TO_REDUCTION: [u64; 29] = [
    4,
    13,
    43,
    149,
    519,
    1_809,
    6_311,
    22_027,
    76_880,
    268_338,
    936_590,
    3_269_018,
    11_409_992,
    39_824_785,
    139_002_156,
    485_165_196,
    1_693_392_924,
    5_910_522_064,
    20_629_749_058,
    72_004_899_338,
    251_321_793_305,
    877_199_251_319,
    3_061_726_229_132,
    10_686_474_581_525,
    37_299_461_295_719,
    130_187_912_050_633,
    454_400_461_972_589,
    1_586_013_452_313_431,
    5_535_730_883_721_925,
];

/// What fees depend on of a mosaic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Issue {
    /// Whole units in existence.
    pub supply: u64,
    /// Decimal places.
    pub divisibility: u8,
}

/// XEM as a mosaic.
pub const XEM: Issue = Issue { supply: XEM_SUPPLY, divisibility: 6 };

/// The least fee of a transaction with this body, in millionths of a XEM.
///
/// A mosaic that `issue` does not know costs as much as any can.
#[must_use]
pub fn least(body: &Body, issue: &dyn Fn(&MosaicId) -> Option<Issue>) -> u64 {
    UNIT * match body {
        Body::Transfer(transfer) => transfer_units(transfer, issue),
        Body::Modification(_) => MODIFICATION_UNITS,
        _ => OTHER_UNITS,
    }
}

/// What a transaction pays in millionths of a XEM: its own fee, that of the inner one, and those of cosignatures.
#[must_use]
pub fn paid(transaction: &Transaction) -> u64 {
    let inside = match &transaction.body {
        Body::Multisig(Multisig { inner, cosignatures }) => {
            inner.head.fee + cosignatures.iter().map(|signed| signed.head.fee).sum::<u64>()
        }
        _ => 0,
    };
    transaction.head.fee + inside
}

fn transfer_units(transfer: &Transfer, issue: &dyn Fn(&MosaicId) -> Option<Issue>) -> u64 {
    let message = transfer.message.as_ref().map_or(0, |message| message.payload.len() as u64 / 32 + 1);
    let mosaics = transfer.mosaics.as_deref().unwrap_or_default();
    let value = if mosaics.is_empty() {
        xem_units(u128::from(transfer.amount / 1_000_000))
    } else {
        mosaics.iter().map(|mosaic| mosaic_units(transfer.amount, mosaic, issue)).sum()
    };
    message + value
}

fn xem_units(whole: u128) -> u64 {
    u64::try_from((whole / 10_000).clamp(1, 25)).expect("25 at most")
}

fn mosaic_units(amount: u64, mosaic: &Mosaic, issue: &dyn Fn(&MosaicId) -> Option<Issue>) -> u64 {
    let Some(Issue { supply, divisibility }) = issue(&mosaic.id) else { return 25 };
    if divisibility == 0 && supply <= 10_000 {
        return 1;
    }
    let scale = 10_u64.pow(u32::from(divisibility));
    let total = supply.saturating_mul(scale);
    if total == 0 {
        return 1;
    }
    // As NIS divides: by the supply first, then by the decimal places. What does not fit costs the most either way.
    let worth = (u128::from(XEM_SUPPLY) * u128::from(mosaic.quantity)).saturating_mul(u128::from(amount));
    let in_xem = worth / u128::from(supply) / (u128::from(scale) * 1_000_000);
    let ratio = QUANTITY_MAX / total;
    let reduction = RATIO_TO_REDUCTION.iter().take_while(|from| ratio >= **from).count() as u64;
    xem_units(in_xem).saturating_sub(reduction).max(1)
}

#[cfg(test)]
mod tests {
    use coinhound_chains::nem::tx::{Message, MessageKind};
    use coinhound_chains::nem::{Address, PublicKey};

    use super::*;

    fn body(amount: u64, message: usize, mosaics: Option<Vec<Mosaic>>) -> Body {
        let recipient = Address::of_key(&PublicKey([7; 32]), coinhound_chains::nem::Network::Main);
        let message = (message > 0).then(|| Message { kind: MessageKind::Plain, payload: vec![b'a'; message] });
        Body::Transfer(Transfer { recipient, amount, message, mosaics })
    }

    fn mosaic(name: &str, quantity: u64) -> Mosaic {
        Mosaic { id: MosaicId { namespace: "nem".to_owned(), name: name.to_owned() }, quantity }
    }

    fn issue(id: &MosaicId) -> Option<Issue> {
        match id.name.as_str() {
            "xem" => Some(XEM),
            "few" => Some(Issue { supply: 10_000, divisibility: 0 }),
            "million" => Some(Issue { supply: 1_000_000, divisibility: 3 }),
            _ => None,
        }
    }

    #[test]
    fn transfers_of_xem_cost_by_tens_of_thousands_and_messages_by_32_bytes() {
        let cases = [(10, 0, 1), (19_999, 0, 1), (20_000, 0, 2), (100_000_000, 0, 25), (10, 31, 2), (10, 32, 3)];
        for (xem, message, units) in cases {
            assert_eq!(least(&body(xem * 1_000_000, message, None), &issue), units * UNIT, "{xem} XEM, {message}");
        }
    }

    #[test]
    fn real_transactions_of_the_era_paid_this() {
        // Heights 1,378,347 and 1,561,629 of the main network: 2,000 XEM as a mosaic, 4,060 XEM with six bytes.
        assert_eq!(least(&body(1_000_000, 0, Some(vec![mosaic("xem", 2_000_000_000)])), &issue), 50_000);
        assert_eq!(least(&body(4_060_230_000, 6, Some(vec![])), &issue), 100_000);
    }

    #[test]
    fn mosaics_cost_less_the_smaller_their_supply() {
        let units =
            |name: &str, quantity| least(&body(1_000_000, 0, Some(vec![mosaic(name, quantity)])), &issue) / UNIT;
        assert_eq!(units("few", 10_000), 1);
        // All of it: 25 units, less 0.8 * ln(9e15 / 1e9) = 12.
        assert_eq!(units("million", 1_000_000_000), 13);
        assert_eq!(units("million", 1), 1);
        assert_eq!(units("xem", 8_999_999_999_000_000), 25);
    }
}
