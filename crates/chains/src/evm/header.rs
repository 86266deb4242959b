//! A block's header: what all of it hashes to, and what it commits to.

use ruint::aliases::U256;

use crate::evm::hash::{Address, Hash, keccak256};
use crate::evm::rlp::{Reader, RlpError};

/// A header. Items that a fork added stand only in blocks from that fork on, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The block's name: the hash of the whole header.
    pub hash: Hash,
    /// The parent's name.
    pub parent: Hash,
    /// Hash of the list of uncles' headers.
    pub uncles_hash: Hash,
    /// Who receives tips, and before the merge the reward.
    pub beneficiary: Address,
    /// Root of all accounts after the block.
    pub state_root: Hash,
    /// Root of its transactions.
    pub transactions_root: Hash,
    /// Root of its receipts.
    pub receipts_root: Hash,
    /// What its logs set, 2,048 bits.
    pub bloom: [u8; 256],
    /// Zero since the merge.
    pub difficulty: U256,
    /// Its height.
    pub number: u64,
    /// How much gas its transactions may use.
    pub gas_limit: u64,
    /// How much they used.
    pub gas_used: u64,
    /// Seconds since 1970 as its maker claims.
    pub time: u64,
    /// What a unit of gas costs and is burnt, in wei (from London on).
    pub base_fee: Option<U256>,
    /// Root of its withdrawals (from Shanghai on).
    pub withdrawals_root: Option<Hash>,
    /// How much blob gas its transactions used (from Cancun on).
    pub blob_gas_used: Option<u64>,
    /// What the price of blob gas follows from (from Cancun on).
    pub excess_blob_gas: Option<u64>,
    /// How many bytes were hashed.
    pub size: usize,
}

impl Header {
    /// Reads a header from its RLP.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RlpError> {
        let mut items = Reader::of_list(bytes)?;
        let mut header = Self {
            hash: keccak256(bytes),
            parent: hash(&mut items)?,
            uncles_hash: hash(&mut items)?,
            beneficiary: Address(items.array()?),
            state_root: hash(&mut items)?,
            transactions_root: hash(&mut items)?,
            receipts_root: hash(&mut items)?,
            bloom: items.array()?,
            difficulty: items.uint()?,
            number: items.u64()?,
            gas_limit: items.u64()?,
            gas_used: items.u64()?,
            time: items.u64()?,
            base_fee: None,
            withdrawals_root: None,
            blob_gas_used: None,
            excess_blob_gas: None,
            size: bytes.len(),
        };
        let (_extra, _mix, _nonce) = (items.bytes()?, items.array::<32>()?, items.array::<8>()?);
        header.read_later_forks(&mut items)?;
        items.finish()?;
        Ok(header)
    }

    /// London's, Shanghai's, Cancun's and Prague's items, as far as they are there.
    fn read_later_forks(&mut self, items: &mut Reader<'_>) -> Result<(), RlpError> {
        self.base_fee = next(items, Reader::uint)?;
        self.withdrawals_root = next(items, hash)?;
        self.blob_gas_used = next(items, Reader::u64)?;
        self.excess_blob_gas = next(items, Reader::u64)?;
        let _parent_beacon_root = next(items, hash)?;
        let _requests_hash = next(items, hash)?;
        Ok(())
    }
}

fn hash(items: &mut Reader<'_>) -> Result<Hash, RlpError> {
    items.array().map(Hash)
}

fn next<'a, T>(
    items: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, RlpError>,
) -> Result<Option<T>, RlpError> {
    if items.is_empty() { Ok(None) } else { read(items).map(Some) }
}
