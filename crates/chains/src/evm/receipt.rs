//! Receipts: what a transaction did, as far as the chain commits to it.

use ruint::aliases::U256;

use crate::evm::hash::{Address, Hash, keccak256};
use crate::evm::rlp::{Item, Reader, RlpError, Writer};

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It did what it was to do.
    Succeeded,
    /// It was undone; it only paid.
    Failed,
    /// Before Byzantium a receipt holds a state root: whether it failed is not told.
    NotTold(Hash),
}

/// Something a contract said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    /// Which contract.
    pub address: Address,
    /// At most four; the first is the event's name by convention.
    pub topics: Vec<Hash>,
    /// The rest.
    pub data: Vec<u8>,
}

/// One receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The type of its transaction.
    pub kind: u8,
    /// How it ended.
    pub ending: Ending,
    /// Gas used in the block up to and including this transaction.
    pub gas_used_so_far: u64,
    /// In the order they were said.
    pub logs: Vec<Log>,
}

impl Receipt {
    /// Reads a receipt as it stands under the receipts' root.
    ///
    /// # Errors
    /// [`RlpError`], also for a bloom that is not that of the logs.
    pub fn decode(envelope: &[u8]) -> Result<Self, RlpError> {
        let (kind, body) = match envelope.split_first() {
            Some((&kind @ 1..=0x7f, body)) => (kind, body),
            _ => (0, envelope),
        };
        let mut items = Reader::of_list(body)?;
        let (ending, gas_used_so_far) = (ending(&mut items)?, items.u64()?);
        let at = items.offset();
        let bloom: [u8; 256] = items.array()?;
        let logs = logs(items.list()?)?;
        items.finish()?;
        let receipt = Self { kind, ending, gas_used_so_far, logs };
        let fits = receipt.bloom() == bloom;
        if fits { Ok(receipt) } else { Err(RlpError::Unexpected { at, expected: "the bloom of the receipt's logs" }) }
    }

    /// Reads a receipt as nodes hand it to each other since protocol `eth/69`: with its type and without its bloom.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn decode_without_bloom(list: &[u8]) -> Result<Self, RlpError> {
        let mut items = Reader::of_list(list)?;
        let at = items.offset();
        let kind = u8::try_from(items.u64()?).map_err(|_| RlpError::Unexpected { at, expected: "a type" })?;
        let (ending, gas_used_so_far) = (ending(&mut items)?, items.u64()?);
        let logs = logs(items.list()?)?;
        items.finish()?;
        Ok(Self { kind, ending, gas_used_so_far, logs })
    }

    /// As it stands under the receipts' root.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_with(&self.bloom())
    }

    /// The same with its bloom, which costs more than all the rest.
    pub(super) fn encode_with(&self, bloom: &[u8; 256]) -> Vec<u8> {
        let mut list = Writer::new();
        match &self.ending {
            Ending::Succeeded => list.bytes(&[1]),
            Ending::Failed => list.bytes(&[]),
            Ending::NotTold(root) => list.bytes(&root.0),
        }
        list.uint(U256::from(self.gas_used_so_far));
        list.bytes(bloom);
        let mut logs = Writer::new();
        self.logs.iter().for_each(|log| logs.raw(&log.encode()));
        list.raw(&logs.into_list());
        let kind = (self.kind != 0).then_some(self.kind);
        kind.into_iter().chain(list.into_list()).collect()
    }

    /// What its logs set.
    #[must_use]
    pub fn bloom(&self) -> [u8; 256] {
        let mut bloom = [0; 256];
        for log in &self.logs {
            set(&mut bloom, &log.address.0);
            log.topics.iter().for_each(|topic| set(&mut bloom, &topic.0));
        }
        bloom
    }
}

impl Log {
    fn encode(&self) -> Vec<u8> {
        let mut topics = Writer::new();
        self.topics.iter().for_each(|topic| topics.bytes(&topic.0));
        let mut list = Writer::new();
        list.bytes(&self.address.0);
        list.raw(&topics.into_list());
        list.bytes(&self.data);
        list.into_list()
    }
}

/// Three bits of eleven, from the first six bytes of the hash.
fn set(bloom: &mut [u8; 256], said: &[u8]) {
    let hash = keccak256(said).0;
    for pair in hash[..6].chunks_exact(2) {
        let bit = usize::from(u16::from_be_bytes([pair[0], pair[1]]) & 2047);
        bloom[255 - bit / 8] |= 1 << (bit % 8);
    }
}

fn ending(items: &mut Reader<'_>) -> Result<Ending, RlpError> {
    let at = items.offset();
    match items.item()? {
        Item::Bytes(&[1]) => Ok(Ending::Succeeded),
        Item::Bytes(&[]) => Ok(Ending::Failed),
        Item::Bytes(root) if root.len() == 32 => {
            let mut hash = Hash::default();
            hash.0.copy_from_slice(root);
            Ok(Ending::NotTold(hash))
        }
        _ => Err(RlpError::Unexpected { at, expected: "a status or a state root" }),
    }
}

fn logs(mut list: Reader<'_>) -> Result<Vec<Log>, RlpError> {
    let mut logs = Vec::new();
    while !list.is_empty() {
        let mut items = list.list()?;
        let address = Address(items.array()?);
        let topics = topics(items.list()?)?;
        let data = items.bytes()?.to_vec();
        items.finish()?;
        logs.push(Log { address, topics, data });
    }
    Ok(logs)
}

fn topics(mut list: Reader<'_>) -> Result<Vec<Hash>, RlpError> {
    let mut topics = Vec::new();
    while !list.is_empty() {
        let at = list.offset();
        topics.push(Hash(list.array()?));
        if topics.len() > 4 {
            return Err(RlpError::Unexpected { at, expected: "at most four topics" });
        }
    }
    Ok(topics)
}
