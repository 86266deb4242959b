//! Whether a block creates no more than it may: value is conserved in each transaction, and the
//! coinbase claims at most the subsidy and the fees.

use coinhound_model::TxHash;
use coinhound_model::print::TxPrint;

/// A transaction that pays out more than it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overspent {
    pub tx: TxHash,
    pub taken: u128,
    pub paid: u128,
}

/// One block's running sums, in the smallest unit.
#[derive(Debug)]
pub(crate) struct Purse {
    coinbase: TxHash,
    claimed: u128,
    /// `None` once an amount is not known: the block spends a coin from below the range that no undo file told.
    fees: Option<u128>,
}

impl Purse {
    /// Before the first transaction.
    pub fn new() -> Self {
        Self { coinbase: TxHash::ZERO, claimed: 0, fees: Some(0) }
    }

    /// Adds a transaction that takes `taken` (where known) and pays `paid`.
    pub fn add(&mut self, tx: TxHash, print: TxPrint, taken: Option<u128>, paid: u128) -> Result<(), Overspent> {
        if print.contains(TxPrint::COINBASE) {
            (self.coinbase, self.claimed) = (tx, paid);
            return Ok(());
        }
        let Some(taken) = taken else {
            self.fees = None;
            return Ok(());
        };
        let fee = taken.checked_sub(paid).ok_or(Overspent { tx, taken, paid })?;
        self.fees = self.fees.map(|sum| sum + fee);
        Ok(())
    }

    /// After the last transaction: the coinbase may claim the subsidy and the fees, or less.
    pub fn close(self, subsidy: u64) -> Result<(), Overspent> {
        let Some(fees) = self.fees else { return Ok(()) };
        let taken = u128::from(subsidy) + fees;
        let (tx, paid) = (self.coinbase, self.claimed);
        if paid > taken { Err(Overspent { tx, taken, paid }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TX: TxHash = TxHash::ZERO;

    #[test]
    fn a_coinbase_may_claim_subsidy_and_fees_and_not_one_unit_more() {
        for (claimed, fine) in [(5_000, true), (5_010, true), (5_011, false)] {
            let mut purse = Purse::new();
            purse.add(TX, TxPrint::COINBASE, Some(0), claimed).expect("a coinbase is judged at the end");
            purse.add(TX, TxPrint::empty(), Some(100), 90).expect("pays less than it takes");
            assert_eq!(purse.close(5_000).is_ok(), fine, "{claimed}");
        }
    }

    #[test]
    fn a_transaction_cannot_pay_more_than_it_takes() {
        let refused = Purse::new().add(TX, TxPrint::empty(), Some(1), 2);
        assert_eq!(refused, Err(Overspent { tx: TX, taken: 1, paid: 2 }));
    }

    #[test]
    fn an_unknown_amount_leaves_the_coinbase_unjudged() {
        let mut purse = Purse::new();
        purse.add(TX, TxPrint::COINBASE, Some(0), u128::MAX).expect("judged at the end");
        purse.add(TX, TxPrint::empty(), None, 90).expect("cannot be judged");
        assert!(purse.close(0).is_ok());
    }
}
