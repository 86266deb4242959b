//! What the kernel told, line by line; `xtask/kernel-fixtures/src/listing.rs` says what the lines mean.

use std::str::{FromStr, SplitAsciiWhitespace};

use anyhow::{Context, Result, bail, ensure};
use coinhound_model::{BlockHash, Hash256, TxHash};

/// All that the kernel told of one chain.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The crate's version and Core's.
    pub versions: String,
    /// In the order they were stored.
    pub blocks: Vec<Block>,
    /// The unspent set at the tip.
    pub unspent: Vec<Unspent>,
}

/// Where a stored block stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// On the kernel's chain.
    Active,
    /// On a branch that lost.
    Stale,
    /// It breaks a rule, and was stored before that was known.
    Refused,
}

/// One stored block.
#[derive(Clone, Debug)]
pub struct Block {
    pub height: u32,
    pub hash: BlockHash,
    pub standing: Standing,
    pub len: usize,
    /// Double SHA-256 of all its bytes.
    pub digest: Hash256,
    /// Whether the kernel tells what it spends: it was connected once.
    pub told: bool,
    pub txs: Vec<Tx>,
}

/// One transaction.
#[derive(Clone, Debug)]
pub struct Tx {
    pub txid: TxHash,
    pub inputs: Vec<(TxHash, u32)>,
    /// As many as inputs, or none where the block's are not told.
    pub spent: Vec<Coin>,
    pub outputs: Vec<Output>,
}

/// A coin as undo data and the unspent set know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coin {
    pub satoshi: u64,
    pub height: u32,
    pub coinbase: bool,
    pub script: Vec<u8>,
}

/// One output.
#[derive(Clone, Debug)]
pub struct Output {
    pub satoshi: u64,
    pub script: Vec<u8>,
    /// The key that alone opens it, where the writer of the chain knows one.
    pub key: Option<Vec<u8>>,
}

/// One coin of the unspent set.
#[derive(Clone, Debug)]
pub struct Unspent {
    pub txid: TxHash,
    pub index: u32,
    pub coin: Coin,
}

/// The words of one line.
struct Words<'a>(SplitAsciiWhitespace<'a>);

impl Listing {
    /// Reads a whole listing.
    ///
    /// # Errors
    /// Names the line that does not read; also when the text was cut.
    pub fn parse(text: &str) -> Result<Self> {
        let mut listing = Self { versions: String::new(), blocks: Vec::new(), unspent: Vec::new() };
        let mut ended = false;
        for (line, number) in text.lines().zip(0_u64..) {
            ensure!(!ended, "line {}: more follows the end", number + 1);
            let mut words = Words(line.split_ascii_whitespace());
            let read = listing.take(&mut words, number, &mut ended).and_then(|()| words.end());
            read.with_context(|| format!("line {}", number + 1))?;
        }
        ensure!(ended, "the listing ends too early");
        Ok(listing)
    }

    /// The kernel's chain, ascending.
    pub fn active(&self) -> Vec<&Block> {
        let mut blocks: Vec<_> = self.blocks.iter().filter(|block| block.standing == Standing::Active).collect();
        blocks.sort_by_key(|block| block.height);
        blocks
    }

    fn take(&mut self, words: &mut Words<'_>, above: u64, ended: &mut bool) -> Result<()> {
        match words.text()? {
            "kernel" => self.versions = format!("bitcoinkernel {}, Core {}", words.text()?, words.text()?),
            "block" => self.blocks.push(words.block()?),
            "tx" => {
                let tx = Tx { txid: words.value()?, inputs: Vec::new(), spent: Vec::new(), outputs: Vec::new() };
                self.blocks.last_mut().context("no block is above")?.txs.push(tx);
            }
            "in" => {
                let input = (words.value()?, words.value()?);
                self.tx()?.inputs.push(input);
            }
            "spent" => {
                let coin = words.coin()?;
                self.tx()?.spent.push(coin);
            }
            "out" => {
                let output = Output { satoshi: words.value()?, script: words.bytes()?, key: words.key()? };
                self.tx()?.outputs.push(output);
            }
            "coin" => {
                let unspent = Unspent { txid: words.value()?, index: words.value()?, coin: words.coin()? };
                self.unspent.push(unspent);
            }
            "end" => {
                let told: u64 = words.value()?;
                ensure!(told == above, "{told} lines were written, {above} are here");
                *ended = true;
            }
            other => bail!("`{other}` begins no line"),
        }
        Ok(())
    }

    fn tx(&mut self) -> Result<&mut Tx> {
        self.blocks.last_mut().and_then(|block| block.txs.last_mut()).context("no transaction is above")
    }
}

impl<'a> Words<'a> {
    fn text(&mut self) -> Result<&'a str> {
        self.0.next().context("a word is missing")
    }

    fn value<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(&mut self) -> Result<T> {
        let text = self.text()?;
        text.parse().with_context(|| format!("`{text}`"))
    }

    fn flag(&mut self, no: &str, yes: &str) -> Result<bool> {
        match self.text()? {
            text if text == no => Ok(false),
            text if text == yes => Ok(true),
            other => bail!("`{other}` is neither {no} nor {yes}"),
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let text = self.text()?;
        if text == "-" {
            return Ok(Vec::new());
        }
        <Vec<u8> as bitcoin::hex::FromHex>::from_hex(text).with_context(|| format!("`{text}`"))
    }

    fn key(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(Some(self.bytes()?).filter(|key| !key.is_empty()))
    }

    fn coin(&mut self) -> Result<Coin> {
        let (satoshi, height) = (self.value()?, self.value()?);
        Ok(Coin { satoshi, height, coinbase: self.flag("0", "1")?, script: self.bytes()? })
    }

    fn block(&mut self) -> Result<Block> {
        let (height, hash) = (self.value()?, self.value()?);
        let standing = match self.text()? {
            "active" => Standing::Active,
            "stale" => Standing::Stale,
            "refused" => Standing::Refused,
            other => bail!("`{other}` is no standing"),
        };
        let (len, digest, told) = (self.value()?, self.value()?, self.flag("untold", "told")?);
        Ok(Block { height, hash, standing, len, digest, told, txs: Vec::new() })
    }

    fn end(&mut self) -> Result<()> {
        match self.0.next() {
            None => Ok(()),
            Some(word) => bail!("`{word}` is one word too many"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";

    fn sample() -> String {
        format!(
            "kernel 0.3.2 31.99.0\nblock 7 {HASH} stale 285 {HASH} told\ntx {HASH}\nin {HASH} 3\n\
             spent 5 2 1 51\nout 4 - -\nout 1 6a 02ff\ncoin {HASH} 9 8 7 0 ac\nend 8\n"
        )
    }

    #[test]
    fn a_listing_reads_as_it_was_written() {
        let listing = Listing::parse(&sample()).expect("it reads");
        let block = &listing.blocks[0];
        assert_eq!((block.height, block.len, block.standing, block.told), (7, 285, Standing::Stale, true));
        let tx = &block.txs[0];
        assert_eq!(tx.inputs, [(HASH.parse().expect("a hash"), 3)]);
        assert_eq!(tx.spent, [Coin { satoshi: 5, height: 2, coinbase: true, script: vec![0x51] }]);
        assert_eq!((tx.outputs[0].script.len(), &tx.outputs[0].key), (0, &None));
        assert_eq!(tx.outputs[1].key, Some(vec![2, 0xff]));
        assert_eq!((listing.unspent[0].index, listing.unspent[0].coin.height), (9, 7));
        assert!(listing.active().is_empty());
    }

    #[test]
    fn a_listing_that_lost_a_line_does_not_read() {
        let text = sample();
        let lines: Vec<&str> = text.lines().collect();
        for lost in 0..lines.len() {
            let rest: Vec<&str> =
                lines.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, line)| *line).collect();
            assert!(Listing::parse(&rest.join("\n")).is_err(), "without line {}", lost + 1);
        }
    }

    #[test]
    fn a_word_too_few_or_too_many_is_named_by_its_line() {
        for changed in
            [sample().replace("6a 02ff", "6a"), sample().replace("51", "51 51"), sample().replace(" told", " tole")]
        {
            let error = Listing::parse(&changed).expect_err("it does not read");
            assert!(format!("{error:#}").starts_with("line "), "{error:#}");
        }
    }
}
