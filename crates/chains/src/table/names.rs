//! The names that blocks and transactions of a table have, since no chain gave them any.
//!
//! All are SHA-256 over a domain, which no other use of the hash shares, and what they name; docs/tables.md gives the
//! bytes, so that anybody with the file can make them again. They print as SHA-256 is printed everywhere.

use coinhound_model::{Account, AccountBlock, AccountMove, AccountTx, BlockHash, Hash256, TxHash};
use sha2::{Digest, Sha256};

use super::map::Opening;

const FILE_ROW: &[u8] = b"coinhound table row 1\n";
const TEXT: &[u8] = b"coinhound table transaction 1\n";
const OPENING: &[u8] = b"coinhound table opening 1\n";
const BLOCK: &[u8] = b"coinhound table block 1\n";

/// What the first block of a table names as its parent when nobody says that every balance was zero before it: the
/// SHA-256 of `coinhound table: balances before the first row are not known`.
pub const BALANCES_UNKNOWN: &[u8] = b"coinhound table: balances before the first row are not known";

/// The digest of a file.
#[must_use]
pub fn of_file(bytes: &[u8]) -> Hash256 {
    printed(Sha256::digest(bytes).into())
}

/// What the first block of a table names as its parent.
#[must_use]
pub fn before(begins_empty: bool) -> BlockHash {
    if begins_empty { Hash256::ZERO } else { printed(Sha256::digest(BALANCES_UNKNOWN).into()) }
}

/// The transaction of a row that has no hash: its file's digest, then its line in eight bytes.
pub(super) fn of_row(file: &Hash256, line: u64) -> TxHash {
    let mut hasher = Hasher::new(FILE_ROW);
    hasher.hash(file);
    hasher.number(line);
    hasher.finish()
}

/// A transaction that is named by a text.
pub(super) fn of_text(text: &str) -> TxHash {
    let mut hasher = Hasher::new(TEXT);
    hasher.text(text.as_bytes());
    hasher.finish()
}

/// The transaction of a supplied opening balance.
pub(super) fn of_opening(opening: &Opening) -> TxHash {
    let mut hasher = Hasher::new(OPENING);
    hasher.text(&opening.account.0);
    hasher.text(opening.token.id.as_bytes());
    hasher.text(&opening.units.to_be_bytes::<32>());
    hasher.text(opening.source.as_bytes());
    hasher.finish()
}

/// The account on the other side of a statement that names none.
pub(super) fn unnamed(tx: &TxHash) -> Account {
    Account(format!("unnamed side of {tx}").into_bytes())
}

/// Names a block by everything that it brings, and says how many bytes were hashed.
pub(super) fn of_block(block: &AccountBlock) -> (BlockHash, u64) {
    let mut hasher = Hasher::new(BLOCK);
    hasher.hash(&block.prev);
    hasher.number(u64::from(block.time));
    hasher.number(block.txs.len() as u64);
    block.txs.iter().for_each(|tx| hasher.tx(tx));
    let length = hasher.length;
    (hasher.finish(), length)
}

/// SHA-256 over fields: numbers in eight bytes, lowest first; texts behind their length; hashes as they print.
struct Hasher {
    inner: Sha256,
    length: u64,
}

impl Hasher {
    fn new(domain: &[u8]) -> Self {
        let mut hasher = Self { inner: Sha256::new(), length: 0 };
        hasher.put(domain);
        hasher
    }

    fn put(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
        self.length += bytes.len() as u64;
    }

    fn number(&mut self, number: u64) {
        self.put(&number.to_le_bytes());
    }

    fn text(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.put(bytes);
    }

    fn hash(&mut self, hash: &Hash256) {
        self.put(&printed(hash.0).0);
    }

    fn tx(&mut self, tx: &AccountTx) {
        self.hash(&tx.hash);
        self.number(tx.moves.len() as u64);
        tx.moves.iter().for_each(|one| self.movement(one));
        self.number(tx.notes.len() as u64);
        for note in &tx.notes {
            self.put(&[note.kind as u8]);
            self.text(&note.bytes);
        }
    }

    fn movement(&mut self, one: &AccountMove) {
        self.put(&[one.kind as u8]);
        self.text(one.token.id.as_bytes());
        self.text(one.token.ticker.as_bytes());
        self.put(&[one.token.decimals.unwrap_or(u8::MAX)]);
        for side in [&one.from, &one.to] {
            self.text(side.as_ref().map_or(&[][..], |account| &account.0));
        }
        self.put(&one.units.to_be_bytes::<32>());
    }

    fn finish(self) -> Hash256 {
        printed(self.inner.finalize().into())
    }
}

/// A digest so that it prints in the order of its bytes, or its bytes in the order in which it prints.
fn printed(mut digest: [u8; 32]) -> Hash256 {
    digest.reverse();
    Hash256(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_print_as_everywhere() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(of_file(b"").to_string(), empty);
        assert_eq!(before(true), Hash256::ZERO);
        let unknown = "c4a34cc3f72746f265d7b0d9dbd2c0d25f1ec43dccb7f4ad6138491bfa6ba949";
        assert_eq!(before(false).to_string(), unknown, "as docs/tables.md says");
    }

    #[test]
    fn names_differ_where_what_they_name_differs() {
        let (one, other) = (of_file(b"1"), of_file(b"2"));
        let names = [of_row(&one, 2), of_row(&one, 3), of_row(&other, 2), of_text("2"), of_text("3")];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
