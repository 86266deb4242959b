//! Headers by the rules of their time: which items they have, and the base fee that follows from the block before.

use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::rlp::Writer;
use coinhound_chains::evm::{Address, Hash, MAINNET};
use ruint::aliases::U256;

/// The first mainnet block that validators made.
pub const MERGE: u64 = 15_537_394;
/// From when on mainnet blocks hold withdrawals, in seconds since 1970.
pub const SHANGHAI: u64 = 1_681_338_455;
/// From when on they carry blobs.
pub const CANCUN: u64 = 1_710_338_135;
/// From when on accounts take code.
pub const PRAGUE: u64 = 1_746_612_311;

/// Which rules hold in a block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Era {
    /// Miners make blocks; base fees are burnt.
    London,
    /// Validators make blocks.
    Paris,
    /// Blocks hold withdrawals.
    Shanghai,
    /// Blobs.
    Cancun,
    /// Accounts that take code.
    Prague,
}

impl Era {
    /// The era of a block: mainnet's own history; other chains begin with the newest rules.
    #[must_use]
    pub fn of(chain: u64, number: u64, time: u64) -> Self {
        match time {
            _ if chain != MAINNET => Self::Prague,
            _ if number < MERGE => Self::London,
            PRAGUE.. => Self::Prague,
            CANCUN.. => Self::Cancun,
            SHANGHAI.. => Self::Shanghai,
            _ => Self::Paris,
        }
    }
}

/// A header's items.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvmHeader {
    /// The rules it was made under: which items it has.
    pub era: Era,
    /// Name of the block below.
    pub parent: Hash,
    /// Hash of the list of uncles.
    pub uncles_hash: Hash,
    /// Who is paid.
    pub beneficiary: Address,
    /// A name for all balances.
    pub state_root: Hash,
    /// Root of the transactions.
    pub transactions_root: Hash,
    /// Root of the receipts.
    pub receipts_root: Hash,
    /// What the logs set.
    pub bloom: [u8; 256],
    /// Zero since the merge.
    pub difficulty: U256,
    /// The height.
    pub number: u64,
    /// How much gas there may be.
    pub gas_limit: u64,
    /// How much there was.
    pub gas_used: u64,
    /// Seconds since 1970.
    pub time: u64,
    /// Anything.
    pub extra: Vec<u8>,
    /// In wei.
    pub base_fee: U256,
    /// Root of the withdrawals, from Shanghai on.
    pub withdrawals_root: Hash,
    /// From Cancun on.
    pub blob_gas_used: u64,
}

impl EvmHeader {
    /// As it is hashed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut list = Writer::new();
        [self.parent, self.uncles_hash].iter().for_each(|hash| list.bytes(&hash.0));
        list.bytes(&self.beneficiary.0);
        [self.state_root, self.transactions_root, self.receipts_root].iter().for_each(|hash| list.bytes(&hash.0));
        list.bytes(&self.bloom);
        list.uint(self.difficulty);
        [self.number, self.gas_limit, self.gas_used, self.time]
            .iter()
            .for_each(|&number| list.uint(U256::from(number)));
        list.bytes(&self.extra);
        list.bytes(&self.mix_hash().0);
        list.bytes(&[0; 8]);
        list.uint(self.base_fee);
        if self.era >= Era::Shanghai {
            list.bytes(&self.withdrawals_root.0);
        }
        if self.era >= Era::Cancun {
            list.uint(U256::from(self.blob_gas_used));
            list.uint(U256::ZERO);
            list.bytes(&self.beacon_root().0);
        }
        if self.era >= Era::Prague {
            list.bytes(&self.requests_hash().0);
        }
        list.into_list()
    }

    /// Its name.
    #[must_use]
    pub fn hash(&self) -> Hash {
        keccak256(&self.encode())
    }

    /// What validators drew, or what miners found.
    #[must_use]
    pub fn mix_hash(&self) -> Hash {
        keccak256(&self.number.to_be_bytes())
    }

    /// Of the consensus layer's parent, from Cancun on.
    #[must_use]
    pub fn beacon_root(&self) -> Hash {
        keccak256(&self.time.to_be_bytes())
    }

    /// Of what the block asks of the consensus layer, from Prague on: nothing (EIP-7685).
    #[must_use]
    pub fn requests_hash(&self) -> Hash {
        let digits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let bytes = data_encoding::HEXLOWER.decode(digits.as_bytes()).expect("hexadecimal digits");
        Hash(bytes.try_into().expect("32 bytes"))
    }

    /// The base fee of the block on top (EIP-1559).
    #[must_use]
    pub fn next_base_fee(&self) -> U256 {
        let target = self.gas_limit / 2;
        let change = |gas: u64| self.base_fee * U256::from(gas) / U256::from(target) / U256::from(8);
        if self.gas_used > target {
            self.base_fee + change(self.gas_used - target).max(U256::from(1))
        } else {
            self.base_fee - change(target - self.gas_used)
        }
    }
}
