//! One block out of the files, with what belongs to it, recomputed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::evm::block::{Block, Parts};
use crate::evm::files::error::{EvmFileFault, EvmFilesError, ReadFault};
use crate::evm::files::scan::{EvmFiles, FoundBlock, Place};
use crate::evm::hash::Hash;
use crate::evm::header::Header;
use crate::evm::json::{parse_block, parse_header, parse_names, parse_receipts};
use crate::evm::receipt::Receipt;
use crate::evm::rlp::{Reader, RlpError};
use crate::evm::rows::check_traces;
use crate::evm::rpc::ToldBlock;
use crate::evm::rules::ChainRules;
use crate::evm::trace::{TxTrace, parse_call_tracer, parse_trace_block};

/// Why a block that was found cannot be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Every copy of it, or of what belongs to it, is damaged: the first of them.
    #[error(transparent)]
    Damaged(#[from] EvmFileFault),
    /// Nothing says what its transactions paid, and whether they failed.
    #[error("block {number} in `{}`, byte {offset}, has no receipts", path.display())]
    NoReceipts {
        /// Its height.
        number: u64,
        /// Where it stands.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
    },
    /// A part of it that it only names.
    #[error("block {number} in `{}`, byte {offset}, names the uncle {uncle}, whose header is in no file", path.display())]
    NoUncle {
        /// Its height.
        number: u64,
        /// Where it stands.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// The header's name.
        uncle: Hash,
    },
    /// A file cannot be read any more.
    #[error(transparent)]
    Files(#[from] EvmFilesError),
}

impl EvmFiles {
    /// A block with receipts and, where there are some, traces: everything that a header commits to was recomputed. Where
    /// it stands in several places, the first that is sound.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(&mut self, found: &FoundBlock, rules: ChainRules) -> Result<ToldBlock, ReadError> {
        let told = self.read_copy(found, rules);
        let Err(first) = told else { return told };
        let copies = self.blocks.get(&found.hash).cloned().unwrap_or_default();
        let mut others = copies.iter().filter(|copy| copy.is_like(found) && *copy != found);
        others.find_map(|copy| self.read_copy(copy, rules).ok()).ok_or(first)
    }

    /// The header of a block by its name, if the block is in the files and sound.
    pub fn header(&mut self, hash: &Hash, rules: ChainRules) -> Option<Header> {
        let copies = self.blocks.get(hash).cloned().unwrap_or_default();
        copies.iter().find_map(|found| self.block(found, rules).ok()).map(|block| block.header)
    }

    fn read_copy(&mut self, found: &FoundBlock, rules: ChainRules) -> Result<ToldBlock, ReadError> {
        let block = self.block(found, rules)?;
        let damaged = |files: &Self, source| ReadError::from(files.fault_at(found.place, source));
        rules.check(&block).map_err(|source| damaged(self, source.into()))?;
        let receipts = self.receipts_of(found, &block)?;
        let traces = self.traces_of(&block)?;
        Ok(ToldBlock { block, receipts, traces })
    }

    fn block(&mut self, found: &FoundBlock, rules: ChainRules) -> Result<Block, ReadError> {
        let bytes = self.bytes(found.place)?;
        let block = match found.rank {
            Some(_) => {
                Parts::of_rlp(&bytes).and_then(|parts| Block::check(&parts, rules.chain_id)).map_err(ReadFault::from)
            }
            None => self.json_block(found, &bytes, rules)?,
        };
        let block =
            block.and_then(|block| if block.header.hash == found.hash { Ok(block) } else { Err(ReadFault::Changed) });
        block.map_err(|source| self.fault_at(found.place, source).into())
    }

    fn json_block(
        &mut self,
        found: &FoundBlock,
        bytes: &[u8],
        rules: ChainRules,
    ) -> Result<Result<Block, ReadFault>, ReadError> {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(Err(ReadFault::NotText)) };
        let named = match parse_names(text) {
            Ok((_, named)) => named,
            Err(error) => return Ok(Err(error.into())),
        };
        let uncles = named.iter().map(|uncle| self.uncle(found, *uncle)).collect::<Result<_, _>>()?;
        Ok(parse_block(text, uncles, rules.chain_id).map_err(ReadFault::from))
    }

    fn uncle(&mut self, of: &FoundBlock, uncle: Hash) -> Result<Vec<u8>, ReadError> {
        let places = self.uncles.get(&uncle).cloned().unwrap_or_default();
        let (number, path, offset) = (of.number, self.paths[of.place.file].clone(), of.place.offset);
        let none = || ReadError::NoUncle { number, path, offset, uncle };
        self.first_sound(&places, |text, _| Ok(parse_header(as_text(text)?)?)).unwrap_or_else(|| Err(none()))
    }

    fn receipts_of(&mut self, found: &FoundBlock, block: &Block) -> Result<Vec<Receipt>, ReadError> {
        let proven = |receipts: Vec<Receipt>| match block.check_receipts(&receipts) {
            Ok(()) => Ok(receipts),
            Err(fault) => Err(ReadFault::from(fault)),
        };
        if block.transactions.is_empty() {
            return proven(Vec::new()).map_err(|source| self.fault_at(found.place, source).into());
        }
        let ranked = found.rank.and_then(|rank| self.ranked_receipts.get(&(found.place.file, rank)).copied());
        let ranked: Vec<_> = ranked.into_iter().collect();
        let told = self.first_sound(&ranked, |bytes, _| proven(rlp_receipts(bytes)?));
        if let Some(Ok(receipts)) = told {
            return Ok(receipts);
        }
        let places = self.receipts.get(&found.hash).cloned().unwrap_or_default();
        let also = self.first_sound(&places, |bytes, _| proven(parse_receipts(as_text(bytes)?)?));
        let (number, path, offset) = (found.number, self.paths[found.place.file].clone(), found.place.offset);
        also.or(told).unwrap_or(Err(ReadError::NoReceipts { number, path, offset }))
    }

    fn traces_of(&mut self, block: &Block) -> Result<Option<Vec<TxTrace>>, ReadError> {
        let Some(first) = block.transactions.first() else { return Ok(Some(Vec::new())) };
        let told = self.traces.get(&first.hash).cloned().unwrap_or_default();
        let (places, trees): (Vec<_>, Vec<_>) = told.into_iter().unzip();
        let read = |bytes: &[u8], at: usize| {
            let text = as_text(bytes)?;
            let traces =
                if trees[at] { parse_call_tracer(text)? } else { parse_trace_block(text, block.transactions.len())? };
            traces_of_block(block, traces)
        };
        self.first_sound(&places, read).transpose()
    }

    /// What the first of several copies holds that can be read, else what is wrong with the first; none without copies.
    fn first_sound<T>(
        &mut self,
        places: &[Place],
        read: impl Fn(&[u8], usize) -> Result<T, ReadFault>,
    ) -> Option<Result<T, ReadError>> {
        let mut first = None;
        for (at, &place) in places.iter().enumerate() {
            let told = self
                .bytes(place)
                .and_then(|bytes| read(&bytes, at).map_err(|source| ReadError::from(self.fault_at(place, source))));
            match told {
                Ok(told) => return Some(Ok(told)),
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map(Err)
    }

    fn bytes(&mut self, place: Place) -> Result<Vec<u8>, ReadError> {
        let path = &self.paths[place.file];
        let wrong = |source| EvmFilesError::Read { path: path.clone(), source };
        let mut file = match self.open.take() {
            Some((number, file)) if number == place.file => file,
            _ => File::open(path).map_err(wrong)?,
        };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(place.offset)).map_err(wrong)?;
        (&mut file).take(place.length as u64).read_to_end(&mut bytes).map_err(wrong)?;
        self.open = Some((place.file, file));
        if bytes.len() == place.length { Ok(bytes) } else { Err(self.fault_at(place, ReadFault::Changed).into()) }
    }

    fn fault_at(&self, place: Place, source: ReadFault) -> EvmFileFault {
        EvmFileFault { path: self.paths[place.file].clone(), offset: place.offset, source }
    }
}

/// Traces that name the block's transactions, each of them: those that do not could be of another block.
fn traces_of_block(block: &Block, traces: Vec<TxTrace>) -> Result<Vec<TxTrace>, ReadFault> {
    check_traces(block, Some(&traces))?;
    let is_named = traces.iter().all(|trace| trace.tx.is_some());
    is_named.then_some(traces).ok_or(ReadFault::Nameless { what: "traces", of: "transaction" })
}

fn as_text(bytes: &[u8]) -> Result<&str, ReadFault> {
    std::str::from_utf8(bytes).map_err(|_| ReadFault::NotText)
}

/// A block's receipts, as they stand under the root or without blooms.
fn rlp_receipts(bytes: &[u8]) -> Result<Vec<Receipt>, ReadFault> {
    let mut list = Reader::of_list(bytes).map_err(|source| ReadFault::Receipt { index: 0, source })?;
    let mut receipts = Vec::new();
    while !list.is_empty() {
        let receipt = rlp_receipt(&mut list);
        receipts.push(receipt.map_err(|source| ReadFault::Receipt { index: receipts.len(), source })?);
    }
    Ok(receipts)
}

fn rlp_receipt(list: &mut Reader<'_>) -> Result<Receipt, RlpError> {
    let mut item = *list;
    let raw = list.raw()?;
    if raw[0] < 0xc0 {
        return Receipt::decode(item.bytes()?);
    }
    Receipt::decode(raw).or_else(|error| Receipt::decode_without_bloom(raw).map_err(|_| error))
}
