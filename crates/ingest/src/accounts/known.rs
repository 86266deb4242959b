//! What is known of the ledger below the next movement: this session's rows first, then the store.
//!
//! What the store was asked once is remembered: the same few accounts move most value. Maps are read by look-up only,
//! so their order reaches no result.

use coinhound_analysis::cluster::UnionFind;
use coinhound_model::{Account, AddressId, Height, HoldingId, LedgerError, LockKind, Token};
use coinhound_store::Tier;
use coinhound_store::facts::{AddressRow, AssetRow, Counts, Facts, HoldingRow};
use hashbrown::HashMap;

use super::prior::Prior;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// An asset as it first appeared.
#[derive(Clone, Copy)]
struct Asset {
    number: u32,
    decimals: Option<u8>,
}

/// Look-ups over everything ingested so far, and the rows that this session added.
pub(super) struct Known {
    prior: Prior,
    /// What this session added, from its first block on.
    pub facts: Facts,
    /// Rows of each kind so far, from the ledger's first block on.
    pub counts: Counts,
    accounts: Map<Box<[u8]>, AddressId>,
    assets: Map<String, Asset>,
    holdings: Map<(AddressId, u32), HoldingId>,
    t0: UnionFind,
}

impl Known {
    /// What the stored ledger knows, with an empty session on top that begins at `start`.
    pub fn new(prior: Prior, start: Height) -> Self {
        let counts = prior.counts();
        let asset = |(number, Token { id, decimals, .. })| (id, Asset { number, decimals });
        let assets = (0_u32..).zip(prior.tokens()).map(asset).collect();
        let t0 = prior.clusters(Tier::T0);
        let facts = Facts { start, base: counts, ..Facts::default() };
        Self { prior, facts, counts, accounts: Map::default(), assets, holdings: Map::default(), t0 }
    }

    /// What went wrong while the store answered, if anything.
    pub fn health(&self) -> Result<(), LedgerError> {
        self.prior.health()
    }

    /// How an asset was described when it first appeared.
    pub fn token(&self, id: &str) -> Option<Token> {
        let Asset { number, .. } = *self.assets.get(id)?;
        let Some(row) = u64::from(number).checked_sub(self.facts.base.assets) else { return self.prior.token(number) };
        let row = usize::try_from(row).expect("rows in memory are indexed by usize");
        let AssetRow { id_end, ticker_end, decimals } = self.facts.assets[row];
        let text = &self.facts.asset_bytes[self.asset_byte(id_end)..self.asset_byte(ticker_end)];
        let ticker = String::from_utf8(text.to_vec()).expect("the bytes of a ticker that was a string");
        Some(Token { id: id.to_owned(), ticker, decimals })
    }

    fn asset_byte(&self, end: u64) -> usize {
        usize::try_from(end - self.facts.base.asset_bytes).expect("bytes in memory are indexed by usize")
    }

    /// The decimals of an asset, where it appeared before; none within where they are unknown.
    pub fn decimals(&self, id: &str) -> Option<Option<u8>> {
        self.assets.get(id).map(|asset| asset.decimals)
    }

    /// The number of an asset: at its first appearance the next one.
    pub fn asset(&mut self, token: &Token) -> u32 {
        if let Some(asset) = self.assets.get(&token.id) {
            return asset.number;
        }
        let number = u32::try_from(self.counts.assets).expect("the writer numbers fewer assets than 2^32");
        let Facts { base, assets, asset_bytes, .. } = &mut self.facts;
        let mut put = |text: &str| {
            asset_bytes.extend_from_slice(text.as_bytes());
            base.asset_bytes + asset_bytes.len() as u64
        };
        let (id_end, ticker_end) = (put(&token.id), put(&token.ticker));
        assets.push(AssetRow { id_end, ticker_end, decimals: token.decimals });
        self.counts.assets += 1;
        self.counts.asset_bytes = ticker_end;
        self.assets.insert(token.id.clone(), Asset { number, decimals: token.decimals });
        number
    }

    /// The address of an account: at its first appearance the next one.
    pub fn address(&mut self, account: &Account) -> AddressId {
        if let Some(address) = self.accounts.get(account.0.as_slice()) {
            return *address;
        }
        let address = self.prior.address(account).unwrap_or_else(|| self.push_address(account));
        self.accounts.insert(account.0.clone().into_boxed_slice(), address);
        address
    }

    fn push_address(&mut self, account: &Account) -> AddressId {
        let address = AddressId(self.counts.addresses);
        self.counts.addresses += 1;
        self.counts.address_bytes += account.0.len() as u64;
        self.facts.address_bytes.extend_from_slice(&account.0);
        self.facts.addresses.push(AddressRow::new(LockKind::Account, self.counts.address_bytes));
        self.t0.grow(self.counts.addresses);
        address
    }

    /// The balance of an address in an asset: at its first appearance the next one.
    pub fn holding(&mut self, address: AddressId, asset: u32) -> HoldingId {
        if let Some(holding) = self.holdings.get(&(address, asset)) {
            return *holding;
        }
        let holding = self.prior.holding(address, asset).unwrap_or_else(|| self.push_holding(address, asset));
        self.holdings.insert((address, asset), holding);
        holding
    }

    fn push_holding(&mut self, address: AddressId, asset: u32) -> HoldingId {
        let holding = HoldingId(self.counts.holdings);
        self.counts.holdings += 1;
        self.facts.holdings.push(HoldingRow { address, asset });
        holding
    }

    /// Joins two addresses of tier T0 and says whether they were apart.
    pub fn join(&mut self, a: AddressId, b: AddressId) -> bool {
        self.t0.union(a, b)
    }
}
