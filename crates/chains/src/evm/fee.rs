//! What blocks pay and burn.

use ruint::aliases::U256;

use crate::evm::hash::Address;
use crate::evm::header::Header;
use crate::evm::tx::{Transaction, TxType};

/// Wei in one ether.
const ETHER: u64 = 1_000_000_000_000_000_000;

/// How much blob gas a blob uses (EIP-4844).
const BLOB_GAS: u64 = 131_072;

/// From which time on the price of blob gas follows which fraction (EIP-4844, EIP-7691, EIP-7892), on mainnet.
const BLOB_FRACTIONS: [(u64, u64); 4] =
    [(0, 3_338_477), (1_746_612_311, 5_007_716), (1_765_290_071, 8_346_193), (1_767_747_671, 11_684_671)];

/// What one transaction paid, in wei.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paid {
    /// Destroyed: the base fee of its gas, and its blobs.
    pub burnt: U256,
    /// To the block's beneficiary.
    pub tip: U256,
}

impl Paid {
    /// What a transaction that used `gas` paid in a block; `None` where it offers less than the base fee, or more than any
    /// amount: then it cannot be in this block.
    #[must_use]
    pub fn of(tx: &Transaction, gas: u64, header: &Header) -> Option<Self> {
        let gas = U256::from(gas);
        let base_fee = header.base_fee.unwrap_or(U256::ZERO);
        let price = tx.effective_price(base_fee)?;
        let burnt = gas.checked_mul(base_fee)?.checked_add(blobs(tx, header)?)?;
        Some(Self { burnt, tip: gas.checked_mul(price - base_fee)? })
    }
}

fn blobs(tx: &Transaction, header: &Header) -> Option<U256> {
    if tx.kind != TxType::Blob {
        return Some(U256::ZERO);
    }
    let gas = U256::from(u64::from(tx.blobs) * BLOB_GAS);
    gas.checked_mul(blob_price(header.excess_blob_gas?, header.time)?)
}

/// The price of a unit of blob gas, in wei; `None` beyond any amount.
fn blob_price(excess: u64, time: u64) -> Option<U256> {
    let fraction = BLOB_FRACTIONS.iter().rev().find(|(from, _)| *from <= time).map(|(_, fraction)| *fraction);
    let fraction = U256::from(fraction.expect("the first fraction holds from the beginning of time"));
    let (mut sum, mut term, mut step) = (U256::ZERO, fraction, U256::ONE);
    while !term.is_zero() {
        sum = sum.checked_add(term)?;
        term = term.checked_mul(U256::from(excess))? / (fraction * step);
        step += U256::ONE;
    }
    Some(sum / fraction)
}

/// What a block pays beside fees, in wei: its maker and the makers of its uncles, who are named with it. The first block
/// pays nothing, and none does since the merge.
#[must_use]
pub fn rewards(header: &Header, uncles: &[Header]) -> Vec<(Address, U256)> {
    if header.difficulty.is_zero() || header.number == 0 {
        return Vec::new();
    }
    let ethers = match header.number {
        1..4_370_000 => 5,
        4_370_000..7_280_000 => 3,
        _ => 2,
    };
    let reward = U256::from(ethers * ETHER);
    let nephews = U256::from(uncles.len()) * reward / U256::from(32);
    let own = (header.beneficiary, reward + nephews);
    let uncle = |uncle: &Header| {
        let distance = U256::from(header.number.saturating_sub(uncle.number).min(8));
        (uncle.beneficiary, reward * (U256::from(8) - distance) / U256::from(8))
    };
    std::iter::once(own).chain(uncles.iter().map(uncle)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(number: u64) -> Header {
        let mut list = crate::evm::rlp::Writer::new();
        let (hash, bloom) = ([0; 32], [0; 256]);
        [hash, hash].iter().for_each(|hash| list.bytes(hash));
        list.bytes(&[number.to_be_bytes()[7]; 20]);
        [hash, hash, hash].iter().for_each(|hash| list.bytes(hash));
        list.bytes(&bloom);
        [1, number, 0, 0, 0].iter().for_each(|&value| list.uint(U256::from(value)));
        list.bytes(&[]);
        list.bytes(&hash);
        list.bytes(&[0; 8]);
        Header::decode(&list.into_list()).expect("a header's items")
    }

    #[test]
    fn rewards_are_those_of_block_508110() {
        let paid = rewards(&header(508_110), &[header(508_108)]);
        let paid: Vec<_> = paid.iter().map(|(_, wei)| wei.to_string()).collect();
        assert_eq!(paid, ["5156250000000000000", "3750000000000000000"]);
        assert_eq!(rewards(&header(0), &[]), [], "the first block has no maker to pay");
    }

    #[test]
    fn blob_prices_are_those_of_the_proposal() {
        let price = |excess| blob_price(excess, 0).map(|price| price.to_string());
        assert_eq!(price(0).as_deref(), Some("1"));
        assert_eq!(price(2_314_057).as_deref(), Some("1"));
        assert_eq!(price(2_314_058).as_deref(), Some("2"));
        assert_eq!(price(10 * 1024 * 1024).as_deref(), Some("23"));
        assert_eq!(blob_price(u64::MAX, 0), None, "beyond any amount, and told so");
    }
}
