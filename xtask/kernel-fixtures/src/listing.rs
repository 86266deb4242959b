//! What the kernel reads back, as lines of text.
//!
//! One fact a line, words parted by one space; hashes as they are printed, scripts in hexadecimal, `-` for none:
//!
//! ```text
//! kernel <crate version> <Core's version>
//! block <height> <hash> <active|stale|refused> <bytes> <double SHA-256 of the bytes> <told|untold>
//! tx <txid>
//! in <txid> <index>
//! spent <satoshi> <height> <coinbase: 0 or 1> <script>
//! out <satoshi> <script> <the key that alone opens it>
//! coin <txid> <index> <satoshi> <height> <coinbase: 0 or 1> <script>
//! end <how many lines are above>
//! ```
//!
//! `tx` to `out` belong to the `block` above them; `spent` follows its `in` where the block's coins are told;
//! a coinbase has no `in`. `coin` lines are the unspent set at the tip.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use bitcoin::hashes::{Hash, sha256d};
use bitcoin::{BlockHash, ScriptBuf, Txid};
use bitcoinkernel::prelude::*;
use bitcoinkernel::{BlockSpentOutputs, BlockTreeEntry, CoinRef, TransactionRef};

use crate::chainstate::Unspent;
use crate::kernel::{Kernel, hash_of};
use crate::wallet::Wallet;

/// The version of Core that the pinned crate carries, as its build files name it.
const CORE_VERSION: &str = "31.99.0";
const CRATE_VERSION: &str = "0.3.2";

/// The text being written.
pub struct Listing<'a, W: Write> {
    into: W,
    lines: u64,
    kernel: &'a Kernel,
    wallet: &'a Wallet,
}

impl<'a, W: Write> Listing<'a, W> {
    pub fn new(into: W, kernel: &'a Kernel, wallet: &'a Wallet) -> Result<Self> {
        let mut listing = Self { into, lines: 0, kernel, wallet };
        listing.line(format_args!("kernel {CRATE_VERSION} {CORE_VERSION}"))?;
        Ok(listing)
    }

    fn line(&mut self, words: std::fmt::Arguments<'_>) -> Result<()> {
        self.lines += 1;
        writeln!(self.into, "{words}").context("cannot write the listing")
    }

    /// One stored block and what it spends.
    pub fn block(&mut self, hash: BlockHash, refused: bool) -> Result<()> {
        let entry = self.kernel.entry(hash)?;
        let block = self.kernel.manager.read_block_data(&entry).with_context(|| format!("block {hash}"))?;
        let standing = self.standing(&entry, refused)?;
        let spent = self.kernel.manager.read_spent_outputs(&entry).ok();
        ensure!(spent.is_some() || standing != "active", "the kernel lost what block {hash} of its own chain spends");
        let raw = block.consensus_encode()?;
        let told = if spent.is_some() { "told" } else { "untold" };
        let (height, len, digest) = (entry.height(), raw.len(), sha256d::Hash::hash(&raw));
        self.line(format_args!("block {height} {} {standing} {len} {digest} {told}", hash_of(&entry)))?;
        for (index, tx) in block.transactions().enumerate() {
            self.tx(tx, index, spent.as_ref())?;
        }
        Ok(())
    }

    fn standing(&self, entry: &BlockTreeEntry<'_>, refused: bool) -> Result<&'static str> {
        let active = self.kernel.manager.active_chain().contains(entry);
        ensure!(!(active && refused), "block {} is refused and active", hash_of(entry));
        Ok(if refused {
            "refused"
        } else if active {
            "active"
        } else {
            "stale"
        })
    }

    fn tx(&mut self, tx: TransactionRef<'_>, index: usize, spent: Option<&BlockSpentOutputs>) -> Result<()> {
        self.line(format_args!("tx {}", Txid::from_byte_array(tx.txid().to_bytes())))?;
        // The kernel tells nothing for the coinbase, so its coins begin with the second transaction.
        if let Some(before) = index.checked_sub(1) {
            let coins = spent.map(|spent| spent.transaction_spent_outputs(before)).transpose()?;
            ensure!(coins.as_ref().is_none_or(|coins| coins.count() == tx.input_count()), "a coin for each input");
            for (at, input) in tx.inputs().enumerate() {
                let outpoint = input.outpoint();
                let txid = Txid::from_byte_array(outpoint.txid().to_bytes());
                self.line(format_args!("in {txid} {}", outpoint.index()))?;
                if let Some(coins) = &coins {
                    self.spent(coins.coin(at)?)?;
                }
            }
        }
        for output in tx.outputs() {
            let script = ScriptBuf::from_bytes(output.script_pubkey().to_bytes());
            let key = self.wallet.known.get(&script).map_or(&[][..], Vec::as_slice);
            let (script, key) = (digits(script.as_bytes()), digits(key));
            self.line(format_args!("out {} {script} {key}", output.value()))?;
        }
        Ok(())
    }

    fn spent(&mut self, coin: CoinRef<'_>) -> Result<()> {
        let (output, coinbase) = (coin.output(), u8::from(coin.is_coinbase()));
        let script = digits(&output.script_pubkey().to_bytes());
        self.line(format_args!("spent {} {} {coinbase} {script}", output.value(), coin.confirmation_height()))
    }

    /// One coin of the unspent set.
    pub fn coin(&mut self, coin: &Unspent) -> Result<()> {
        let Unspent { outpoint, satoshi, height, coinbase, script } = coin;
        let (coinbase, script) = (u8::from(*coinbase), digits(script));
        self.line(format_args!("coin {} {} {satoshi} {height} {coinbase} {script}", outpoint.txid, outpoint.vout))
    }

    /// Says that the text is whole.
    pub fn end(mut self) -> Result<u64> {
        let lines = self.lines;
        self.line(format_args!("end {lines}"))?;
        self.into.flush().context("cannot write the listing")?;
        Ok(lines)
    }
}

fn digits(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".to_owned() } else { bitcoin::hex::DisplayHex::to_lower_hex_string(bytes) }
}
