//! A service that takes XEM and pays out bitcoin: what it publishes, and which payout answers which deposit.
//!
//! No chain of this story holds the bitcoin side; payouts are records, their transaction ids are made, and their addresses
//! are those of a test network.

use coinhound_chains::bitcoin::{OwnedLock, address_text};
use coinhound_chains::nem::Hash;
use data_encoding::HEXLOWER;
use serde::Serialize;

use crate::nem::coincheck::plan::{BEGIN, DAY, END, HOUR, unix};
use crate::nem::coincheck::truth::SwapTruth;
use crate::regtest::params;
use crate::rng::Rng;

/// What the service keeps of each swap, in thousandths.
const FEE_PERMILLE: u64 = 5;

/// What the swap service is known to have paid and at which rates.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SwapRecords {
    /// What this is, for whoever finds it alone.
    pub notice: String,
    /// Its rates, hour by hour, ascending by time.
    pub rates: Vec<Rate>,
    /// Its payouts in bitcoin, ascending by time; a payout's number is its place here. Not all answer a deposit in XEM.
    pub payouts: Vec<Payout>,
}

/// The rate of one hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Rate {
    /// From when, in seconds since 1970.
    pub time: u64,
    /// Thousandths of a satoshi for one XEM.
    pub millisat_per_xem: u64,
}

/// One payout.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Payout {
    /// When, in seconds since 1970.
    pub time: u64,
    /// The transaction's id: made, on no chain.
    pub txid: String,
    /// Who was paid: an address of a test network.
    pub address: String,
    /// How much, in satoshi.
    pub sat: u64,
}

/// The service's books while the story goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desk {
    payouts: Vec<(Payout, Option<(Hash, u32)>)>,
}

impl Desk {
    /// Answers a deposit made at `now` with a payout some minutes later. With `decoys`, others of nearly the same value,
    /// for another coin, stand around it.
    pub(crate) fn answer(&mut self, rng: &mut Rng, now: u32, deposit: (Hash, u32), units: u64, decoys: u64) {
        let time = now + u32::try_from(rng.range(4 * 60, 40 * 60)).expect("below an hour");
        let sat = bitcoin_of(units, time) * (1000 - FEE_PERMILLE) / 1000;
        let sat = sat.saturating_sub(rng.range(2_000, 40_000));
        self.payouts.push((payout(rng, time, sat), Some(deposit)));
        for _ in 0..decoys {
            let time = now + u32::try_from(rng.range(60, 90 * 60)).expect("below two hours");
            let sat = sat - sat / 100 + rng.below(sat / 50 + 1);
            self.payouts.push((payout(rng, time, sat), None));
        }
    }

    /// The records in the order of time, and the truth about them.
    pub(crate) fn close(mut self, notice: &str) -> (SwapRecords, Vec<SwapTruth>) {
        self.payouts.sort_by(|(a, _), (b, _)| (a.time, &a.txid).cmp(&(b.time, &b.txid)));
        let truth = (0..).zip(&self.payouts).filter_map(|(payout, (_, deposit))| {
            let (deposit, owner) = (*deposit)?;
            Some(SwapTruth { deposit: deposit.to_string(), payout, owner })
        });
        let truth = truth.collect();
        let payouts = self.payouts.into_iter().map(|(payout, _)| payout).collect();
        let hours = (BEGIN..END + DAY).step_by(HOUR as usize);
        let rates = hours.map(|hour| Rate { time: unix(hour), millisat_per_xem: millisat_per_xem(hour) }).collect();
        (SwapRecords { notice: notice.to_owned(), rates, payouts }, truth)
    }
}

/// What so many millionths of a XEM are worth in satoshi at a time.
pub(crate) fn bitcoin_of(units: u64, time: u32) -> u64 {
    let sat = u128::from(units) * u128::from(millisat_per_xem(time)) / 1_000_000_000;
    u64::try_from(sat).expect("all XEM there is are worth less than all bitcoin")
}

/// The rate of the hour that `time` lies in: from 8.3 to 3.3 thousand satoshi in a straight line, half a per cent up and
/// down. Made, between prices of the time.
fn millisat_per_xem(time: u32) -> u64 {
    let hour = u64::from((time - BEGIN) / HOUR);
    let hours = u64::from((END - BEGIN) / HOUR);
    let line = 8_300_000 - 5_000_000 * hour.min(hours) / hours;
    line - line / 200 + crate::rng::mix(hour) % (line / 100)
}

fn payout(rng: &mut Rng, time: u32, sat: u64) -> Payout {
    let mut txid = [0; 32];
    rng.fill(&mut txid);
    let mut script = vec![0x00, 0x14];
    script.extend([0; 20]);
    rng.fill(&mut script[2..]);
    let address = address_text(OwnedLock::of_script(&script).as_lock(), params());
    Payout { time: unix(time), txid: HEXLOWER.encode(&txid), address, sat }
}
