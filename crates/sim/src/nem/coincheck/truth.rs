//! What really happened: kept beside the blocks, never inside them.
//!
//! Amounts are millionths of a XEM and times seconds since 1970, unless a name says otherwise.

use serde::Serialize;

/// What a party is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Who had everything before the first block; its key signs nothing after it.
    Origin,
    /// The exchange that is robbed.
    Victim,
    /// The thief.
    Thief,
    /// An exchange that takes deposits.
    Exchange,
    /// Takes XEM and pays out bitcoin.
    Swap,
    /// Marks accounts with mosaics.
    Tagger,
    /// Bought loot.
    Buyer,
    /// A shop.
    Merchant,
    /// A company whose account several must sign for.
    Company,
    /// Harvests blocks.
    Harvester,
    /// A person.
    Person,
    /// Gets rents and fees for making mosaics.
    Sink,
}

impl Role {
    /// Whether it holds what others pay in.
    #[must_use]
    pub fn is_service(self) -> bool {
        matches!(self, Self::Victim | Self::Exchange | Self::Swap)
    }
}

/// What an account is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The one its owner shows to everybody.
    Main,
    /// Customers pay in here; messages tell them apart.
    Deposit,
    /// A service keeps its own funds here and pays from them.
    Hot,
    /// Holds loot for later.
    Stash,
    /// A second account of the same owner.
    Second,
    /// Several must sign for it.
    Multisig,
    /// Signs for a multisig account.
    Cosignatory,
    /// Harvests for another account.
    Remote,
}

/// Why a transaction was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// In the first block: what an account begins with.
    Endowment,
    /// A person or a shop pays.
    Payment,
    /// A customer pays in at a service.
    Deposit,
    /// A service collects its deposits.
    Sweep,
    /// A service pays a customer out.
    Withdrawal,
    /// Mosaics that have nothing to do with the theft.
    Points,
    /// Namespaces, mosaics, links, multisig: what makes an account what it is.
    Setup,
    /// The thief tries whether the stolen key signs.
    TheftTest,
    /// The thief empties the wallet.
    TheftDrain,
    /// The thief moves loot between accounts of his own.
    LootSplit,
    /// The thief sends strangers a little, or nothing.
    LootDust,
    /// Loot is sold at a discount.
    LootSale,
    /// The thief pays loot in at a service.
    LootDeposit,
    /// A buyer moves XEM between accounts of his own.
    BuyerMove,
    /// A buyer pays in at a service.
    BuyerDeposit,
    /// Somebody writes to the thief's account, with a little XEM.
    Appeal,
    /// An account is marked.
    Tag,
    /// What a wrongly marked account needs to give the mark back, or the mark coming back.
    TagReturn,
}

/// Everything known about the made chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Truth {
    /// What this is, for whoever finds the file alone.
    pub notice: String,
    /// The network's byte in addresses: not the one of the main network.
    pub network: u8,
    /// What the chain was made from: same seed, same bytes.
    pub seed: u64,
    /// Height of the last block.
    pub tip_height: u64,
    /// Hash of the last block.
    pub tip_hash: String,
    /// All XEM there is, from the first block to the last.
    pub supply: u64,
    /// All parties; a party's number is its place here.
    pub owners: Vec<Owner>,
    /// All accounts; an account's number is its place here. The last two are the chain's own sinks.
    pub accounts: Vec<AccountTruth>,
    /// All transactions, in chain order.
    pub transactions: Vec<TxTruth>,
    /// The theft, and what became of the loot.
    pub theft: TheftTruth,
    /// Customers of services, as messages name them; a customer's number is its place here.
    pub customers: Vec<Customer>,
    /// Deposits at services, in chain order.
    pub deposits: Vec<DepositTruth>,
    /// Marks sent, in chain order.
    pub tags: Vec<TagTruth>,
    /// Which deposit at the swap service each payout in bitcoin answers.
    pub swaps: Vec<SwapTruth>,
    /// Blocks that a remote account harvested for another, from the first such height to the last.
    pub lessor: LessorTruth,
}

/// One party.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Owner {
    /// A made name.
    pub name: String,
    /// What it is.
    pub role: Role,
}

/// One account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AccountTruth {
    /// Its 40 characters.
    pub address: String,
    /// Its public key in hexadecimal; the chain shows it only once it signs.
    pub public_key: String,
    /// Number of its owner.
    pub owner: u32,
    /// What it is for.
    pub usage: Use,
    /// Accounts that sign for it, by number; empty for an account of one key.
    pub cosignatories: Vec<u32>,
    /// What it has in the end.
    pub balance: u64,
}

/// One transaction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TxTruth {
    /// Its hash; of a multisig transaction the outer one.
    pub hash: String,
    /// Height of its block.
    pub height: u64,
    /// Time of its block.
    pub time: u64,
    /// Why it was made.
    pub purpose: Purpose,
    /// Who pays, by account.
    pub from: u32,
    /// Who is paid, by account; none where nobody is.
    pub to: Option<u32>,
    /// XEM that reach `to`, a levy to it included.
    pub units: u64,
}

/// The theft and what became of the loot, by who controlled which key.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct TheftTruth {
    /// Number of the robbed party.
    pub victim: u32,
    /// Number of the thief.
    pub thief: u32,
    /// The credits that received stolen XEM, in chain order.
    pub seeds: Vec<Seed>,
    /// Their sum.
    pub stolen: u64,
    /// The loot by parcels. The first is what the thief stole; each other one is what one sale took out of it.
    pub parcels: Vec<Parcel>,
    /// Where the units of each parcel are in the end, to the unit. Sorted by parcel, then by end.
    pub ends: Vec<End>,
}

/// One stolen credit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Seed {
    /// The transaction's hash.
    pub hash: String,
    /// Height of its block.
    pub height: u64,
    /// Who received it: the address.
    pub recipient: String,
    /// How much.
    pub units: u64,
}

/// A part of the loot, by who bought it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Parcel {
    /// Number of who got it: the thief for the first, then buyers.
    pub holder: u32,
    /// Hash of the sale; of the first theft for the loot as a whole.
    pub hash: String,
    /// How much of it is loot.
    pub units: u64,
    /// What was paid elsewhere for it; nothing for the first.
    pub price: Option<Price>,
}

/// What a buyer paid, where no chain of this story shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Price {
    /// In which coin.
    pub coin: Coin,
    /// In hundred-millionths of that coin.
    pub units: u64,
}

/// A coin that the thief takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Coin {
    /// Bitcoin.
    Btc,
    /// Litecoin.
    Ltc,
}

/// How a part of a parcel ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// Still with the parcel's holder.
    AtRest,
    /// Paid in at a service.
    AtService,
    /// Sold: it goes on as parcels of buyers.
    Sold,
    /// In the hands of somebody who neither stole nor bought it.
    Given,
    /// Paid in fees.
    Fee,
}

/// Where a part of a parcel is in the end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct End {
    /// Number of the parcel: its place among the parcels.
    pub parcel: u32,
    /// How it ended.
    pub kind: EndKind,
    /// The account where it is, or was paid in: by number. None for fees.
    pub account: Option<u32>,
    /// The customer that it was credited to, if a message said.
    pub customer: Option<u32>,
    /// How much.
    pub units: u64,
}

/// A customer of a service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Customer {
    /// Number of the service.
    pub service: u32,
    /// What its messages say.
    pub id: String,
    /// Who opened it, by number. Others may pay in for him.
    pub holder: u32,
}

/// One deposit at a service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DepositTruth {
    /// The transaction's hash.
    pub hash: String,
    /// Number of the customer that is credited.
    pub customer: u32,
    /// Who paid it in, by number.
    pub payer: u32,
    /// Whether the message can be read by its parties alone.
    pub encrypted: bool,
    /// How much.
    pub units: u64,
    /// How much of it the payer knew for loot.
    pub loot: u64,
}

/// One mark.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TagTruth {
    /// The transaction's hash.
    pub hash: String,
    /// Who was marked, by account.
    pub account: u32,
    /// The mosaic, as `namespace:name`.
    pub mosaic: String,
    /// Whether the account's owner neither stole nor bought.
    pub innocent: bool,
}

/// One swap.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SwapTruth {
    /// Hash of the deposit in XEM.
    pub deposit: String,
    /// Number of the payout among the records.
    pub payout: u32,
    /// Who swapped, by number.
    pub owner: u32,
}

/// Who harvests for whom.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct LessorTruth {
    /// The account that gets the fees, by number.
    pub lessor: u32,
    /// The account that harvests for it, by number.
    pub remote: u32,
    /// Heights of the blocks it harvested.
    pub heights: Vec<u64>,
}
