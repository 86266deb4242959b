//! What distinguishes one coin network of the Bitcoin family from another: one set of constants each.
//!
//! Nothing else in this module's family asks which network it is on; a further coin is a further set.
//! Values are those of Bitcoin Core's `kernel/chainparams.cpp` and Litecoin Core's `chainparams.cpp`.

use std::fmt;
use std::str::FromStr;

use coinhound_model::{Asset, BlockHash, ChainId, Hash256, Height};
use ruint::aliases::U256;

use crate::bitcoin::block::BLOCK_WEIGHT_MAX;
use crate::bitcoin::pow::PowHash;

/// A network with a parameter set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Network {
    /// Bitcoin itself.
    Main,
    /// The third test network (2011).
    Testnet3,
    /// The fourth test network (2024, BIP 94).
    Testnet4,
    /// The default signed test network (BIP 325).
    Signet,
    /// A private network for tests.
    Regtest,
    /// Litecoin itself.
    LitecoinMain,
    /// A private network of Litecoin for tests.
    LitecoinRegtest,
}

/// A text that names no network.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{text}` is not a network: expected main, testnet3, testnet4, signet, regtest, litecoin or litecoin-regtest")]
pub struct ParseNetworkError {
    /// What was given.
    pub text: String,
}

/// How the proof-of-work target moves from block to block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DifficultyRule {
    /// Every 2,016 blocks the target follows the time the last 2,016 took; otherwise it never moves.
    pub retargets: bool,
    /// How long 2,016 blocks should take, in seconds.
    pub period_secs: u32,
    /// A block more than this many seconds after its parent may take the easiest target: two block
    /// spacings, on networks for tests.
    pub easy_after_secs: Option<u32>,
    /// A period's time is taken from the block before its first, so that it spans 2,016 spacings: Litecoin.
    /// Otherwise, and in a chain's first period, it is taken from its first block and spans 2,015.
    pub whole_period: bool,
    /// The period's first block, not its last, is what the next target is computed from (BIP 94).
    pub from_period_start: bool,
}

/// What distinguishes a network with Litecoin's extension block (LIP 2 to 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mweb {
    /// From this height on, a block may end with its extension.
    pub height: Height,
    /// Whether each does: the height is part of every chain's past. Otherwise the chain's own blocks decide, by vote.
    pub is_buried: bool,
    /// Human-readable part of an address inside the extension block: no place on this ledger.
    pub hrp: &'static str,
}

/// How much work went into a chain up to a height.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainWork {
    /// The expected number of hashes from the genesis block on.
    pub work: U256,
    /// Of the last block.
    pub height: Height,
}

impl ChainWork {
    /// What every chain has.
    pub const NONE: Self = Self { work: U256::ZERO, height: Height(0) };
}

/// The constants of one network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Params {
    /// Which network.
    pub network: Network,
    /// The four bytes before each block in a node's files.
    pub magic: [u8; 4],
    /// Hash of the block at height 0.
    pub genesis: BlockHash,
    /// Which hash of a header must reach its target; the block's name is double SHA-256 in any case.
    pub pow: PowHash,
    /// The easiest target a block may have.
    pub pow_limit: U256,
    /// How targets move.
    pub difficulty: DifficultyRule,
    /// What a chain of this network has at least, when it is read from a node: its reference client's
    /// `nMinimumChainWork`, at the height of its `defaultAssumeValid`. None on networks for tests.
    pub work_min: ChainWork,
    /// Blocks between two halvings of the subsidy.
    pub halving_interval: u32,
    /// The largest amount that can exist, in the smallest unit.
    pub money_max: u64,
    /// From this height on, a block of version 2 or more begins its coinbase with its height (BIP 34).
    pub bip34_height: Height,
    /// From this height on, witnesses are committed to (BIP 141).
    pub segwit_height: Height,
    /// First byte of a P2PKH address.
    pub pubkey_prefix: u8,
    /// First byte of a P2SH address.
    pub script_prefix: u8,
    /// Another first byte under which P2SH addresses are still read, never written.
    pub old_script_prefix: Option<u8>,
    /// Human-readable part of a segwit address.
    pub hrp: &'static str,
    /// The network's extension block, where it has one.
    pub mweb: Option<Mweb>,
    /// What the chain's amounts are counted in.
    pub asset: Asset,
}

/// The longest extension block: `MAX_BLOCK_BYTES` of Litecoin Core's `mw/consensus/Params.h` (header, counts,
/// 50,000 inputs, 60 bytes for each of 200,000 weight units), the byte that says it is there, and the three
/// bytes that mark the transaction before it.
const EXTENSION_LEN_MAX: usize = 180 + 3 * 5 + 50_000 * 196 + 200_000 * 60 + 1 + 3;

/// The subsidy of the first blocks: 50 coins.
const FIRST_SUBSIDY: u64 = 50 * 100_000_000;

/// The easiest target of main and the older test networks: 2^224 - 1.
const LIMIT_224: U256 = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, 0x0000_0000_ffff_ffff]);
/// Signet's: `00000377ae` followed by zeros.
const LIMIT_SIGNET: U256 = U256::from_limbs([0, 0, 0, 0x0000_0377_ae00_0000]);
/// Regtest's: 2^255 - 1.
const LIMIT_255: U256 = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]);

/// Litecoin's: 2^236 - 1.
const LIMIT_236: U256 = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, 0x0000_0fff_ffff_ffff]);

/// In Bitcoin Core 31.99.
const WORK_OF_MAIN: ChainWork =
    ChainWork { work: U256::from_limbs([0x2f4c_3661_53a3_a030, 0x0001_1287_50f8, 0, 0]), height: Height(938_343) };
/// In Litecoin Core 0.21 of October 2024.
const WORK_OF_LITECOIN: ChainWork =
    ChainWork { work: U256::from_limbs([0x78ab_ee06_fa88_3e0a, 0x1468, 0, 0]), height: Height(2_772_730) };

const PLAIN: DifficultyRule = DifficultyRule {
    retargets: true,
    period_secs: 14 * 24 * 60 * 60,
    easy_after_secs: None,
    whole_period: false,
    from_period_start: false,
};
/// What the networks for tests of Bitcoin allow: twenty minutes.
const EASY: Option<u32> = Some(20 * 60);

const MAIN: Params = Params {
    network: Network::Main,
    magic: [0xf9, 0xbe, 0xb4, 0xd9],
    genesis: hash("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
    pow: PowHash::DoubleSha256,
    pow_limit: LIMIT_224,
    difficulty: PLAIN,
    work_min: WORK_OF_MAIN,
    halving_interval: 210_000,
    money_max: 21_000_000 * 100_000_000,
    bip34_height: Height(227_931),
    segwit_height: Height(481_824),
    pubkey_prefix: 0,
    script_prefix: 5,
    old_script_prefix: None,
    hrp: "bc",
    mweb: None,
    asset: Asset::BTC,
};

const TESTNET3: Params = Params {
    network: Network::Testnet3,
    magic: [0x0b, 0x11, 0x09, 0x07],
    genesis: hash("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
    difficulty: DifficultyRule { easy_after_secs: EASY, ..PLAIN },
    work_min: ChainWork::NONE,
    bip34_height: Height(21_111),
    segwit_height: Height(834_624),
    pubkey_prefix: 111,
    script_prefix: 196,
    hrp: "tb",
    ..MAIN
};

const TESTNET4: Params = Params {
    network: Network::Testnet4,
    magic: [0x1c, 0x16, 0x3f, 0x28],
    genesis: hash("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"),
    difficulty: DifficultyRule { easy_after_secs: EASY, from_period_start: true, ..PLAIN },
    bip34_height: Height(1),
    segwit_height: Height(1),
    ..TESTNET3
};

const SIGNET: Params = Params {
    network: Network::Signet,
    magic: [0x0a, 0x03, 0xcf, 0x40],
    genesis: hash("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
    pow_limit: LIMIT_SIGNET,
    difficulty: PLAIN,
    bip34_height: Height(1),
    segwit_height: Height(1),
    ..TESTNET3
};

const REGTEST: Params = Params {
    network: Network::Regtest,
    magic: [0xfa, 0xbf, 0xb5, 0xda],
    genesis: hash("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
    pow_limit: LIMIT_255,
    difficulty: DifficultyRule { retargets: false, easy_after_secs: EASY, ..PLAIN },
    halving_interval: 150,
    bip34_height: Height(1),
    segwit_height: Height(0),
    hrp: "bcrt",
    ..TESTNET3
};

const LITECOIN_MAIN: Params = Params {
    network: Network::LitecoinMain,
    magic: [0xfb, 0xc0, 0xb6, 0xdb],
    genesis: hash("12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2"),
    pow: PowHash::Scrypt,
    pow_limit: LIMIT_236,
    difficulty: DifficultyRule { period_secs: 7 * 12 * 60 * 60, whole_period: true, ..PLAIN },
    work_min: WORK_OF_LITECOIN,
    halving_interval: 840_000,
    money_max: 84_000_000 * 100_000_000,
    bip34_height: Height(710_000),
    segwit_height: Height(1_201_536),
    pubkey_prefix: 48,
    script_prefix: 50,
    old_script_prefix: Some(5),
    hrp: "ltc",
    mweb: Some(Mweb { height: Height(2_265_984), is_buried: true, hrp: "ltcmweb" }),
    asset: Asset::LTC,
};

/// Shares its magic with Bitcoin's network of that name: only the genesis block tells them apart.
const LITECOIN_REGTEST: Params = Params {
    network: Network::LitecoinRegtest,
    magic: REGTEST.magic,
    genesis: hash("530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9"),
    pow_limit: LIMIT_255,
    difficulty: DifficultyRule { retargets: false, easy_after_secs: Some(5 * 60), ..LITECOIN_MAIN.difficulty },
    work_min: ChainWork::NONE,
    halving_interval: 150,
    bip34_height: Height(500),
    segwit_height: Height(0),
    pubkey_prefix: 111,
    script_prefix: 58,
    old_script_prefix: Some(196),
    hrp: "rltc",
    // The third window of 144 blocks, where every miner signals as the node does by default.
    mweb: Some(Mweb { height: Height(432), is_buried: false, hrp: "tmweb" }),
    ..LITECOIN_MAIN
};

static SETS: [Params; 7] = [MAIN, TESTNET3, TESTNET4, SIGNET, REGTEST, LITECOIN_MAIN, LITECOIN_REGTEST];

impl Network {
    /// Every network that has a parameter set.
    pub const ALL: [Self; 7] = [
        Self::Main,
        Self::Testnet3,
        Self::Testnet4,
        Self::Signet,
        Self::Regtest,
        Self::LitecoinMain,
        Self::LitecoinRegtest,
    ];

    /// The network's constants.
    #[must_use]
    pub fn params(self) -> &'static Params {
        match self {
            Self::Main => &SETS[0],
            Self::Testnet3 => &SETS[1],
            Self::Testnet4 => &SETS[2],
            Self::Signet => &SETS[3],
            Self::Regtest => &SETS[4],
            Self::LitecoinMain => &SETS[5],
            Self::LitecoinRegtest => &SETS[6],
        }
    }

    /// A network whose files carry this magic. Two may share one (the regtests of Bitcoin and Litecoin):
    /// then the first in the order of [`Network::ALL`], and only the genesis block tells which.
    #[must_use]
    pub fn of_magic(magic: [u8; 4]) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.params().magic == magic)
    }

    /// The network whose chain begins with this block.
    #[must_use]
    pub fn of_genesis(genesis: BlockHash) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.params().genesis == genesis)
    }

    /// The name people type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Testnet3 => "testnet3",
            Self::Testnet4 => "testnet4",
            Self::Signet => "signet",
            Self::Regtest => "regtest",
            Self::LitecoinMain => "litecoin",
            Self::LitecoinRegtest => "litecoin-regtest",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let named = Self::ALL.into_iter().find(|network| network.name() == text);
        let alias = match text {
            "mainnet" | "bitcoin" => Some(Self::Main),
            "testnet" | "test" => Some(Self::Testnet3),
            "litecoin-main" | "ltc" => Some(Self::LitecoinMain),
            _ => None,
        };
        named.or(alias).ok_or_else(|| ParseNetworkError { text: text.to_owned() })
    }
}

impl Params {
    /// The longest block the network can have, in bytes, its extension included.
    #[must_use]
    pub fn block_len_max(&self) -> usize {
        BLOCK_WEIGHT_MAX + if self.mweb.is_some() { EXTENSION_LEN_MAX } else { 0 }
    }

    /// The chain's CAIP-2 name: `bip122:` and the first 32 digits of the genesis hash.
    #[must_use]
    pub fn chain_id(&self) -> ChainId {
        ChainId(format!("bip122:{}", &self.genesis.to_string()[..32]))
    }

    /// What a miner may create at this height, fees not counted, in the smallest unit.
    #[must_use]
    pub fn subsidy(&self, height: Height) -> u64 {
        let halvings = height.0 / self.halving_interval;
        if halvings >= 64 { 0 } else { FIRST_SUBSIDY >> halvings }
    }
}

/// A hash from its printed form, at compile time.
const fn hash(text: &str) -> Hash256 {
    let digits = text.as_bytes();
    assert!(digits.len() == 64, "a hash has 64 digits");
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[31 - at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    Hash256(bytes)
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => panic!("not a hexadecimal digit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways_and_magics_differ() {
        for network in Network::ALL {
            assert_eq!(network.to_string().parse(), Ok(network));
            assert_eq!(network.params().network, network);
            assert_eq!(Network::of_genesis(network.params().genesis), Some(network));
            let shares_magic = network == Network::LitecoinRegtest;
            let named = if shares_magic { Network::Regtest } else { network };
            assert_eq!(Network::of_magic(network.params().magic), Some(named));
        }
        assert!("dogecoin".parse::<Network>().is_err());
    }

    #[test]
    fn known_work_is_what_the_reference_clients_say_and_binds_no_network_for_tests() {
        let printed = |network: Network| format!("{:x}", network.params().work_min.work);
        assert_eq!(printed(Network::Main), "1128750f82f4c366153a3a030");
        assert_eq!(printed(Network::LitecoinMain), "146878abee06fa883e0a");
        let bound = Network::ALL.into_iter().filter(|network| network.params().work_min != ChainWork::NONE);
        assert_eq!(bound.collect::<Vec<_>>(), [Network::Main, Network::LitecoinMain]);
    }

    #[test]
    fn main_is_named_as_caip_2_says() {
        assert_eq!(Network::Main.params().chain_id().0, "bip122:000000000019d6689c085ae165831e93");
    }

    #[test]
    fn the_subsidy_halves_and_ends() {
        let main = Network::Main.params();
        let at = |height| main.subsidy(Height(height));
        assert_eq!(
            [at(0), at(209_999), at(210_000), at(420_000)],
            [5_000_000_000, 5_000_000_000, 2_500_000_000, 1_250_000_000]
        );
        assert_eq!([at(6_929_999), at(6_930_000), at(u32::MAX)], [1, 0, 0]);
    }
}
