//! Transactions of every type that mainnet has had: 0 (legacy), 1 (access list), 2 (fee market), 3 (blobs), 4 (set code).

use ruint::aliases::U256;

use crate::evm::hash::{Address, Hash, keccak256};
use crate::evm::rlp::{Item, Reader, RlpError, Writer};
use crate::evm::sign::{RecoverError, recover};

/// What kind of envelope a transaction has: its number on the chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum TxType {
    /// The first form, without a type byte.
    Legacy = 0,
    /// With an access list (EIP-2930).
    AccessList = 1,
    /// With a tip and a cap on the whole price (EIP-1559).
    FeeMarket = 2,
    /// Carries blobs (EIP-4844).
    Blob = 3,
    /// Sets code of externally owned accounts (EIP-7702).
    SetCode = 4,
}

/// What a unit of gas may cost, in wei.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GasPrice {
    /// At most, the base fee included.
    pub max: U256,
    /// At most for the block's maker; types 0 and 1 say it by `max` alone.
    pub tip_max: U256,
}

/// A transaction, read and its sender recovered from the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// Its name: the hash of its envelope.
    pub hash: Hash,
    /// Its envelope.
    pub kind: TxType,
    /// Who signed it.
    pub from: Address,
    /// Whom it calls; none where it creates a contract.
    pub to: Option<Address>,
    /// How many transactions its sender had made before.
    pub nonce: u64,
    /// In wei.
    pub value: U256,
    /// How much gas it may use.
    pub gas_limit: u64,
    /// What it pays for gas.
    pub price: GasPrice,
    /// What it pays at most for a unit of blob gas, in wei.
    pub blob_price_max: U256,
    /// How many blobs it carries.
    pub blobs: u32,
    /// The chain that it is signed for; none in the oldest form.
    pub chain: Option<u64>,
    /// What it hands to whom it calls.
    pub input: Vec<u8>,
}

/// Why bytes are not a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TxError {
    /// It is not the RLP that its type has.
    #[error("its encoding is wrong")]
    Rlp(#[from] RlpError),
    /// A type that no fork known here brought.
    #[error("transaction type {number} is not known: 0 to 4 are")]
    UnknownType {
        /// Its number.
        number: u8,
    },
    /// Signed for another chain.
    #[error("it is signed for chain {got}, expected {want}")]
    OtherChain {
        /// The chain it names.
        got: u64,
        /// The chain that was expected.
        want: u64,
    },
    /// Nobody can have made this signature.
    #[error("its signature names nobody")]
    Signature(#[from] RecoverError),
}

/// A signature as the last three items of every transaction.
struct Signature {
    v: u64,
    r: U256,
    s: U256,
}

impl Transaction {
    /// Reads an envelope as it stands under the transactions' root: a type byte and a list, or for legacy the list alone.
    ///
    /// # Errors
    /// [`TxError`].
    pub fn decode(envelope: &[u8], chain: u64) -> Result<Self, TxError> {
        let mut tx = match envelope.split_first() {
            Some((&number @ 1..=0x7f, body)) => Self::decode_typed(number, body)?,
            _ => Self::decode_legacy(envelope)?,
        };
        tx.hash = keccak256(envelope);
        match tx.chain {
            Some(got) if got != chain => Err(TxError::OtherChain { got, want: chain }),
            _ => Ok(tx),
        }
    }

    fn decode_legacy(envelope: &[u8]) -> Result<Self, TxError> {
        let mut items = Reader::of_list(envelope)?;
        let start = items.offset();
        let (nonce, max) = (items.u64()?, items.uint()?);
        let mut tx = Self::empty(TxType::Legacy, nonce, GasPrice { max, tip_max: max });
        tx.read_call(&mut items)?;
        let mut signed = Writer::new();
        signed.raw(items.between(start, items.offset()));
        let Signature { v, r, s } = Signature::read(&mut items)?;
        items.finish()?;
        let is_odd = match v {
            27 | 28 => v == 28,
            _ => {
                let code = v.checked_sub(35).ok_or(RecoverError { part: "v" })?;
                tx.chain = Some(code / 2);
                signed.uint(U256::from(code / 2));
                signed.raw(&[0x80, 0x80]);
                code % 2 == 1
            }
        };
        tx.from = recover(&keccak256(&signed.into_list()), r, s, is_odd)?;
        Ok(tx)
    }

    fn decode_typed(number: u8, body: &[u8]) -> Result<Self, TxError> {
        let kind = [TxType::AccessList, TxType::FeeMarket, TxType::Blob, TxType::SetCode];
        let kind = kind.into_iter().find(|&kind| kind as u8 == number).ok_or(TxError::UnknownType { number })?;
        let mut items = Reader::of_list(body)?;
        let start = items.offset();
        let (chain, nonce, first) = (items.u64()?, items.u64()?, items.uint()?);
        let max = if kind == TxType::AccessList { first } else { items.uint()? };
        let mut tx = Self::empty(kind, nonce, GasPrice { max, tip_max: first });
        tx.chain = Some(chain);
        tx.read_call(&mut items)?;
        items.list()?;
        match kind {
            TxType::Blob => {
                tx.blob_price_max = items.uint()?;
                tx.blobs = count_hashes(items.list()?)?;
            }
            TxType::SetCode => drop(items.list()?),
            _ => {}
        }
        let mut signed = Writer::new();
        signed.raw(items.between(start, items.offset()));
        let Signature { v, r, s } = Signature::read(&mut items)?;
        items.finish()?;
        if v > 1 {
            return Err(RecoverError { part: "v" }.into());
        }
        let preimage: Vec<u8> = std::iter::once(number).chain(signed.into_list()).collect();
        tx.from = recover(&keccak256(&preimage), r, s, v == 1)?;
        Ok(tx)
    }

    /// The items that all types have in one order: gas, receiver, value, input.
    fn read_call(&mut self, items: &mut Reader<'_>) -> Result<(), RlpError> {
        self.gas_limit = items.u64()?;
        self.to = receiver(items)?;
        self.value = items.uint()?;
        self.input = items.bytes()?.to_vec();
        Ok(())
    }

    fn empty(kind: TxType, nonce: u64, price: GasPrice) -> Self {
        Self {
            hash: Hash::default(),
            kind,
            from: Address::ZERO,
            to: None,
            nonce,
            value: U256::ZERO,
            gas_limit: 0,
            price,
            blob_price_max: U256::ZERO,
            blobs: 0,
            chain: None,
            input: Vec::new(),
        }
    }

    /// The contract that it creates, if it creates one.
    #[must_use]
    pub fn created(&self) -> Option<Address> {
        self.to.is_none().then(|| created_by(&self.from, self.nonce))
    }

    /// What a unit of gas costs in a block of this base fee, in wei; `None` where it pays less than the base fee.
    #[must_use]
    pub fn effective_price(&self, base_fee: U256) -> Option<U256> {
        let tip = self.price.max.checked_sub(base_fee)?.min(self.price.tip_max);
        base_fee.checked_add(tip)
    }
}

/// The contract that an account creates with a nonce.
#[must_use]
pub fn created_by(creator: &Address, nonce: u64) -> Address {
    let mut list = Writer::new();
    list.bytes(&creator.0);
    list.uint(U256::from(nonce));
    Address::of_word(&keccak256(&list.into_list()).0)
}

impl Signature {
    fn read(items: &mut Reader<'_>) -> Result<Self, RlpError> {
        Ok(Self { v: items.u64()?, r: items.uint()?, s: items.uint()? })
    }
}

fn receiver(items: &mut Reader<'_>) -> Result<Option<Address>, RlpError> {
    let at = items.offset();
    match items.item()? {
        Item::Bytes(&[]) => Ok(None),
        Item::Bytes(bytes) if bytes.len() == 20 => {
            let mut address = Address::ZERO;
            address.0.copy_from_slice(bytes);
            Ok(Some(address))
        }
        _ => Err(RlpError::Unexpected { at, expected: "an address or nothing" }),
    }
}

fn count_hashes(mut hashes: Reader<'_>) -> Result<u32, RlpError> {
    let mut count = 0;
    while !hashes.is_empty() {
        hashes.array::<32>()?;
        count += 1;
    }
    Ok(count)
}
