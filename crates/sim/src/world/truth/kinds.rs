//! The words of the truth tables: what a party is, what a script is for, why a transaction was made.

use std::fmt;

/// Declares an enum whose variants have one printed word each.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// As the tables print it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// What a party is.
    Kind {
        /// Whoever made the genesis block; never spends.
        Genesis = "genesis",
        /// A person with a wallet.
        Person = "person",
        /// A shop or a payment processor.
        Merchant = "merchant",
        /// An exchange with customers' accounts.
        Exchange = "exchange",
        /// A mining pool.
        Pool = "pool",
        /// A gambling site.
        Game = "gambling",
        /// A custodial mixer.
        Mixer = "mixer",
        /// Coordinates common transactions and takes a fee.
        Coordinator = "coordinator",
        /// Swaps between this chain and others.
        Swap = "swap",
        /// Gives tiny amounts away.
        Faucet = "faucet",
        /// Sends dust to strangers.
        Duster = "duster",
        /// Trades large amounts outside the order books.
        Broker = "broker",
        /// A thief.
        Thief = "thief",
        /// Lends his accounts to a thief.
        Mule = "mule",
    }
}

words! {
    /// What an owner uses a script for.
    Part {
        /// Given to payers.
        Receive = "receive",
        /// For the wallet's own change.
        Change = "change",
        /// A service's address for one customer.
        Deposit = "deposit",
        /// A service's working wallet.
        Hot = "hot",
        /// A service's reserve.
        Cold = "cold",
        /// A coinbase's target.
        Mined = "mined",
        /// Coins cut for a mix.
        Premix = "premix",
        /// Coins that were mixed.
        Postmix = "postmix",
        /// Loot.
        Loot = "loot",
    }
}

words! {
    /// Why a transaction was made.
    Purpose {
        /// Somebody pays somebody.
        Payment = "payment",
        /// A whole coin goes to somebody.
        WholePayment = "whole-payment",
        /// An owner moves a coin between own addresses.
        SelfMove = "self-move",
        /// A wallet joins its own coins.
        Consolidation = "consolidation",
        /// A customer pays in at a service.
        Deposit = "deposit",
        /// A service collects its deposits.
        Sweep = "sweep",
        /// A service pays customers out.
        Withdrawal = "withdrawal",
        /// A service moves coins to its reserve.
        ToCold = "to-cold",
        /// A service fetches coins from its reserve.
        FromCold = "from-cold",
        /// A pool pays its members.
        Payout = "payout",
        /// A bet.
        Bet = "bet",
        /// The answer to a bet.
        BetPayout = "bet-payout",
        /// A custodial mixer pays out.
        MixerPayout = "mixer-payout",
        /// Equal amounts of makers and a taker.
        JoinMarket = "joinmarket",
        /// A round of Wasabi 1.
        Wasabi1 = "wasabi1",
        /// A round of Wasabi 2.
        Wasabi2 = "wasabi2",
        /// Coins are cut for a Whirlpool.
        WhirlpoolEntry = "whirlpool-tx0",
        /// A mix of a Whirlpool.
        WhirlpoolMix = "whirlpool-mix",
        /// Payer and payee both bring coins.
        PayJoin = "payjoin",
        /// One wallet's payment in the form of a small CoinJoin.
        Stonewall = "stonewall",
        /// A seller's half-signed order completed by a buyer.
        Trade = "trade",
        /// An output that carries data.
        Data = "data",
        /// The first half of an inscription.
        Commit = "inscription-commit",
        /// The second half: a witness full of data.
        Reveal = "inscription-reveal",
        /// Tiny gifts.
        Faucet = "faucet",
        /// Equal gifts to many, in the form of a CoinJoin.
        Airdrop = "airdrop",
        /// Dust sent to link strangers' addresses.
        Dust = "dust",
        /// The thief tries whether the stolen key signs.
        TheftTest = "theft-test",
        /// The thief empties a wallet.
        TheftDrain = "theft-drain",
        /// Loot goes to several new addresses.
        LootSplit = "loot-split",
        /// One hop of a peel chain.
        LootPeel = "loot-peel",
        /// Loot moves on as it is.
        LootMove = "loot-move",
        /// Loot is paid in at a service.
        LootDeposit = "loot-deposit",
        /// Loot is sold to strangers.
        LootSale = "loot-sale",
        /// Loot goes to somebody who carries it for the thief.
        LootToMule = "loot-to-mule",
        /// Loot split among own addresses in the form of a CoinJoin.
        LootDecoy = "loot-decoy",
    }
}

impl Purpose {
    /// Whether several parties sign such a transaction.
    #[must_use]
    pub fn is_common(self) -> bool {
        matches!(
            self,
            Self::JoinMarket | Self::Wasabi1 | Self::Wasabi2 | Self::WhirlpoolMix | Self::PayJoin | Self::Trade
        )
    }
}
