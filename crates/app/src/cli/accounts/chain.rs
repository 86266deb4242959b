//! An open store of accounts with the chain it is of: finds and names accounts, transactions and movements.

use std::path::Path;

use coinhound_chains::evm;
use coinhound_chains::nem::{Address, Network};
use coinhound_model::{
    AccountLedger, AddressId, ChainId, Hash256, Height, HoldingId, Lock, LockKind, MovementId, NoteKind, Token, TxHash,
};
use coinhound_store::failure::StoreError;
use coinhound_store::storage::DiskStorage;
use coinhound_store::view::AccountView;
use serde_json::json;

use crate::cli::chain::{Chain, DAMAGED, store_failure};
use crate::ethereum::{self, is_evm, parse_evm};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::money::AssetLine;
use crate::notes;
use crate::out::{Cell, Facts};
use crate::report::Names;
use crate::report::document::NoteLine;
use crate::supply::Supply;
use crate::tokens::TokenBook;
use crate::untraced::Untraced;

/// How accounts of a ledger are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// NEM addresses of a network.
    Nem(Network),
    /// Addresses of Ethereum, or of a chain of its kind with this number.
    Evm(u64),
    /// The text that a table has.
    Text,
}

impl Naming {
    /// How a chain's accounts are written.
    #[must_use]
    pub fn of(chain: &ChainId) -> Option<Self> {
        if chain.0.starts_with("table:") {
            return Some(Self::Text);
        }
        if let Some(number) = chain.0.strip_prefix("eip155:") {
            return number.parse().ok().map(Self::Evm);
        }
        let byte: u8 = chain.0.strip_prefix("nem:")?.parse().ok()?;
        Network::of_byte(byte).map(Self::Nem)
    }

    /// An account's bytes as its text names them.
    ///
    /// # Errors
    /// What is wrong with the text, and what may have been meant.
    pub fn read(self, text: &str) -> Outcome<Vec<u8>> {
        match self {
            Self::Text => Ok(text.trim().as_bytes().to_vec()),
            Self::Evm(_) => parse_evm(text.trim())
                .map(|address| address.0.to_vec())
                .map_err(|error| Failure::because(Exit::Input, &error).hint(error.hint())),
            Self::Nem(network) => Address::parse(text, network).map(|address| address.0.to_vec()).map_err(|error| {
                let failure = Failure::because(Exit::Input, &error);
                match error.hint() {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }),
        }
    }

    /// An account's bytes as people write them.
    #[must_use]
    pub fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Nem(_) => <[u8; 25]>::try_from(bytes).ok().map(|address| Address(address).to_string()),
            Self::Evm(_) => <[u8; 20]>::try_from(bytes).ok().map(|address| evm::Address(address).checksummed()),
            Self::Text => None,
        }
        .unwrap_or_else(|| notes::readable(bytes))
    }
}

/// An open store of accounts.
#[derive(Debug)]
pub struct Accounts {
    /// The store as of one height.
    pub view: AccountView,
    /// How its accounts are written.
    pub naming: Naming,
    /// What is noted beside the store of the files that its rows stand in.
    pub supply: Option<Supply>,
    /// In which blocks, up to the height asked for, nobody told what contracts passed on; none where no ledger needs it.
    pub untraced: Option<Untraced>,
    /// What is known of its tokens beside what it says itself.
    pub tokens: TokenBook,
}

impl Accounts {
    /// Opens a store at its tip, or at a lower height.
    ///
    /// # Errors
    /// Names the folder and what is wrong with it.
    pub fn open(folder: &Path, as_of: Option<Height>) -> Outcome<Self> {
        let storage = DiskStorage::new(folder);
        Chain::require(folder)?;
        let tip = AccountView::open(&storage).map_err(|error| store_failure(&error))?;
        let supply = Supply::read(&storage, &tip.as_of().block);
        let untraced = is_evm(&tip.as_of().chain).then(|| Untraced::of(&tip, folder));
        let untraced = untraced.map(|found| as_of.map_or_else(|| found.clone(), |height| found.up_to(height)));
        let view = match as_of {
            Some(height) => tip.at(height).map_err(|error| store_failure(&error))?,
            None => tip,
        };
        let chain = &view.as_of().chain;
        let tokens = TokenBook::read(chain, folder);
        let unknown =
            || Failure::new(Exit::Store, format!("the store is of chain {chain}, which this build does not know"));
        Ok(Self { naming: Naming::of(chain).ok_or_else(unknown)?, view, supply, untraced, tokens })
    }

    /// The same store at its tip.
    ///
    /// # Errors
    /// When the store meets damage.
    pub fn tip(&self) -> Outcome<AccountView> {
        let last = Height(self.view.manifest().tip.height);
        self.view.at(last).map_err(|error| store_failure(&error))
    }

    /// The chain as people call it.
    #[must_use]
    pub fn network(&self) -> String {
        match self.naming {
            Naming::Nem(Network::Main) => "NEM main".to_owned(),
            Naming::Nem(Network::Test) => "NEM testnet".to_owned(),
            Naming::Nem(Network::Mijin) => "NEM mijin".to_owned(),
            Naming::Evm(evm::MAINNET) => "Ethereum".to_owned(),
            Naming::Evm(number) => format!("Ethereum test chain {number}"),
            Naming::Text => {
                let name = self.view.as_of().chain.0.split_once(':').map_or("", |(_, name)| name);
                format!("table {name}")
            }
        }
    }

    /// What people call a block here.
    #[must_use]
    pub fn block_word(&self) -> &'static str {
        if self.view.is_supplied() { "moment" } else { "block" }
    }

    /// The account that a text names.
    ///
    /// # Errors
    /// What is wrong with the text, or that the ledger has not seen the account.
    pub fn find_account(&self, text: &str) -> Outcome<AddressId> {
        let bytes = self.naming.read(text)?;
        let found = self.look_up(&bytes);
        self.healthy()?;
        found.ok_or_else(|| {
            let as_of = self.view.as_of();
            let message =
                format!("`{text}` does not appear in {}s {} to {}", self.block_word(), as_of.first, as_of.height);
            let failure = Failure::new(Exit::NotFound, message);
            match self.naming {
                Naming::Text => {
                    failure.hint("accounts of a table are found as they are written in it, letter by letter")
                }
                Naming::Nem(_) | Naming::Evm(_) => failure,
            }
        })
    }

    /// An account by its bytes, if the ledger knows it.
    #[must_use]
    pub fn look_up(&self, bytes: &[u8]) -> Option<AddressId> {
        self.view.address_of(Lock { kind: LockKind::Account, payload: bytes })
    }

    /// The transactions with a hash, by rank.
    ///
    /// # Errors
    /// When the ledger has no such transaction.
    pub fn find_txs(&self, hash: &TxHash) -> Outcome<Vec<MovementId>> {
        let found = self.view.find_txs(hash);
        self.healthy()?;
        if found.is_empty() {
            let as_of = self.view.as_of();
            let message = format!(
                "no transaction {} in {}s {} to {}",
                self.hash(hash),
                self.block_word(),
                as_of.first,
                as_of.height
            );
            return Err(Failure::new(Exit::NotFound, message));
        }
        Ok(found)
    }

    /// What an asset's amounts are counted in, as far as anybody told.
    #[must_use]
    pub fn asset(&self, number: u32) -> AssetLine {
        self.tokens.line(self.view.token(number))
    }

    /// What a holding's amounts are counted in.
    #[must_use]
    pub fn asset_of(&self, holding: HoldingId) -> AssetLine {
        self.asset(self.view.asset(holding))
    }

    /// Whose holding it is, or `-` for nobody's.
    #[must_use]
    pub fn owner(&self, holding: Option<HoldingId>) -> String {
        holding.map_or_else(|| "-".to_owned(), |holding| self.address(self.view.owner(holding)))
    }

    /// A hash as the people of this chain write it.
    #[must_use]
    pub fn hash(&self, hash: &Hash256) -> String {
        ethereum::hash(&self.view.as_of().chain, hash)
    }

    /// Facts with what is missing in this ledger, which every answer says.
    #[must_use]
    pub fn and_missing(&self, facts: Facts) -> Facts {
        match &self.untraced {
            None => facts,
            Some(found) => match found.told() {
                None => facts.with("/untraced", Cell::new("", found.json())),
                Some(told) => facts.with("INCOMPLETE/untraced", Cell::new(told, found.json())),
            },
        }
    }

    /// The point of the ledger that answers refer to.
    #[must_use]
    pub fn as_of_cell(&self) -> Cell {
        let as_of = self.view.as_of();
        let block = self.hash(&as_of.block);
        let value = json!({ "height": as_of.height.0, "block": block });
        Cell::new(format!("height {}, block {block}", as_of.height), value)
    }

    /// A movement as commands name it: its transaction and its number there.
    #[must_use]
    pub fn movement_name(&self, movement: MovementId) -> String {
        format!("{}:{}", self.hash(&self.view.fact(movement).tx), self.index(movement))
    }

    /// A movement's number within its transaction.
    #[must_use]
    pub fn index(&self, movement: MovementId) -> u32 {
        u32::try_from(movement.0.saturating_sub(self.view.siblings(movement).start)).unwrap_or(u32::MAX)
    }

    /// What came with a transaction, by its rank, ready to be shown.
    #[must_use]
    pub fn notes(&self, tx: MovementId) -> Vec<NoteLine> {
        self.view.tx_notes(tx).iter().filter_map(notes::line).collect()
    }

    /// Whether a transaction's name is no hash, by its rank.
    #[must_use]
    pub fn has_no_hash(&self, tx: MovementId) -> bool {
        self.view.tx_notes(tx).iter().any(|note| note.kind == NoteKind::NoHash)
    }

    /// Who made a block, where the chain says so.
    #[must_use]
    pub fn maker(&self, header: &[u8; 80]) -> Option<String> {
        let key: [u8; 32] = header[36..68].try_into().expect("32 bytes are 32 bytes");
        match self.naming {
            Naming::Nem(network) if key != Hash256::ZERO.0 => {
                Some(Address::of_key(&coinhound_chains::nem::PublicKey(key), network).to_string())
            }
            Naming::Evm(_) if key[..20] != [0; 20] => Some(self.naming.write(&key[..20])),
            _ => None,
        }
    }

    /// A store's error about this ledger.
    #[must_use]
    pub fn failure(&self, error: &StoreError) -> Failure {
        store_failure(error)
    }

    /// Refuses to go on when the store met damage.
    ///
    /// # Errors
    /// The damage.
    pub fn healthy(&self) -> Outcome<()> {
        self.view.health().or_hint(Exit::Store, DAMAGED)
    }
}

impl Names for Accounts {
    fn address(&self, id: AddressId) -> String {
        self.view.lock(id).map_or_else(|| "unreadable".to_owned(), |lock| self.naming.write(lock.payload))
    }

    fn asset(&self, token: Token) -> AssetLine {
        self.tokens.line(token)
    }
}
