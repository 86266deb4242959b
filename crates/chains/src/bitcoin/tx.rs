//! Transactions as rows: one pass over the bytes, nothing copied but payloads.

use coinhound_model::block::{CoinBlock, CoinInput, CoinOutput, CoinTx, KeyReveal};
use coinhound_model::print::{InputPrint, TxPrint};
use coinhound_model::{Hash256, TxHash};

use crate::bitcoin::block::BLOCK_WEIGHT_MAX;
use crate::bitcoin::decode::{Cursor, DecodeError, Fault, Field};
use crate::bitcoin::hash::double_sha256;
use crate::bitcoin::lanes::double_sha256_each;
use crate::bitcoin::params::Params;
use crate::bitcoin::script::classify_into;
use crate::bitcoin::sign::input_print;
use crate::bitcoin::span::{MWEB_FLAG, Span, WITNESS_FLAG};

/// The shortest input: a coin's name, an empty script, a sequence.
const INPUT_LEN_MIN: usize = PREVOUT_LEN + 1 + 4;
/// The shortest output: a value and an empty script.
const OUTPUT_LEN_MIN: usize = 8 + 1;
/// The shortest transaction: version, one input, one output, lock time.
pub(crate) const TX_LEN_MIN: usize = 4 + 1 + INPUT_LEN_MIN + 1 + OUTPUT_LEN_MIN + 4;
/// Length of a coinbase's signature script that consensus allows.
const COINBASE_SCRIPT_LEN: std::ops::RangeInclusive<usize> = 2..=100;
/// Length of the name of a coin: a transaction's hash and an index.
const PREVOUT_LEN: usize = 36;
/// From this value on, a lock time is a time.
const LOCK_TIME_MIN: u32 = 500_000_000;
/// Sequences below this signal replaceability (BIP 125).
const FINAL_SEQUENCE: u32 = 0xffff_fffe;

/// A transaction on its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParsedTx {
    /// Its one transaction as rows; nothing of a block is set.
    pub rows: CoinBlock,
    /// Its hash with the witness.
    pub wtxid: TxHash,
}

/// Reads one transaction, which must end where the bytes end.
///
/// # Errors
/// Names the byte and the field that is not as it should be.
pub fn parse_tx(bytes: &[u8], params: &Params) -> Result<ParsedTx, DecodeError> {
    let mut reader = TxReader::new(Cursor::new(bytes), params, 1, Scratch::default());
    if bytes.len() > BLOCK_WEIGHT_MAX {
        return Err(reader.cursor.error_at(BLOCK_WEIGHT_MAX, Field::End, Fault::Trailing));
    }
    reader.read()?;
    reader.cursor.end()?;
    let (rows, scratch) = reader.finish(bytes);
    let span = scratch.spans[0];
    let wtxid = match (span.settles_pool(), span.has_witness()) {
        (false, _) => double_sha256(bytes),
        (true, true) => span.settling_wtxid(bytes),
        (true, false) => rows.txs[0].txid,
    };
    Ok(ParsedTx { rows, wtxid })
}

/// Memory that a parser keeps from one block to the next.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// A block whose rows are written over.
    pub(crate) spare: CoinBlock,
    /// Where the transactions of the block at hand lie.
    pub(crate) spans: Vec<Span>,
    /// Transactions put together without their witnesses, for hashing.
    stripped: Vec<u8>,
}

impl Scratch {
    /// Length of the block at hand, of `len` bytes, without what Litecoin adds: an extension block and the
    /// mark of the transaction that settles it. Nothing in a header commits to those.
    pub(crate) fn size(&self, len: usize) -> u32 {
        let settling = self.spans.last().filter(|span| span.settles_pool());
        narrow(settling.map_or(len, |span| span.start + span.whole_len()))
    }
}

/// Reads transactions off a cursor into rows.
pub(crate) struct TxReader<'a, 'p> {
    pub(crate) cursor: Cursor<'a>,
    params: &'p Params,
    rows: CoinBlock,
    scratch: Scratch,
    /// Scratch: the signature scripts of the transaction at hand.
    unsigned: Vec<&'a [u8]>,
    /// Scratch: the witness of the input at hand.
    witness: Vec<&'a [u8]>,
}

impl<'a, 'p> TxReader<'a, 'p> {
    /// A reader that expects `count` transactions; the bytes left must be able to hold them.
    pub(crate) fn new(cursor: Cursor<'a>, params: &'p Params, count: usize, mut scratch: Scratch) -> Self {
        let mut rows = emptied(std::mem::take(&mut scratch.spare));
        rows.txs.reserve(count);
        // Typical blocks have an input in 200 bytes and an output in 150: a first guess, bounded by the input.
        rows.inputs.reserve(cursor.left() / 200);
        rows.outputs.reserve(cursor.left() / 150);
        rows.payloads.reserve(cursor.left() / 7);
        scratch.spans.clear();
        scratch.spans.reserve(count);
        Self { cursor, params, rows, scratch, unsigned: Vec::new(), witness: Vec::new() }
    }

    /// Reads the next transaction; its row has no hash yet.
    pub(crate) fn read(&mut self) -> Result<CoinTx, DecodeError> {
        let start = self.cursor.offset();
        let version = self.cursor.u32(Field::Version)?;
        let flags = self.flags()?;
        let segwit = flags & WITNESS_FLAG != 0;
        let first_input = self.rows.inputs.len();
        let mut print = version_print(version) | self.inputs()?;
        print.set(TxPrint::OUTPUTS_BIP69, self.outputs()?);
        let body_end = self.cursor.offset();
        if print.contains(TxPrint::COINBASE) {
            self.coinbase_witness(segwit)?;
        } else {
            print |= self.sign_inputs(first_input, segwit)?;
        }
        print.set(TxPrint::WITNESS, segwit);
        if flags & MWEB_FLAG != 0 {
            print |= self.settling()?;
        }
        let lock_time = self.cursor.u32(Field::LockTime)?;
        let span = Span { start, body_end, end: self.cursor.offset(), flags };
        Ok(self.push_row(span, print | lock_print(lock_time), lock_time))
    }

    fn push_row(&mut self, span: Span, print: TxPrint, lock_time: u32) -> CoinTx {
        let row = CoinTx {
            txid: Hash256::ZERO,
            input_end: narrow(self.rows.inputs.len()),
            output_end: narrow(self.rows.outputs.len()),
            weight: narrow(span.weight()),
            print,
            lock_time,
        };
        self.scratch.spans.push(span);
        self.rows.txs.push(row);
        row
    }

    /// Marker and flags of BIP 144, if they stand here; else zero.
    fn flags(&mut self) -> Result<u8, DecodeError> {
        if self.cursor.peek() != Some(0) {
            return Ok(0);
        }
        let start = self.cursor.offset();
        self.cursor.byte(Field::InputCount)?;
        match self.cursor.byte(Field::SegwitFlag)? {
            WITNESS_FLAG => Ok(WITNESS_FLAG),
            0 => Err(self.cursor.error_at(start, Field::InputCount, Fault::Zero)),
            flags if self.params.mweb.is_some() && flags & !WITNESS_FLAG == MWEB_FLAG => Ok(flags),
            _ => Err(self.cursor.error_at(start + 1, Field::SegwitFlag, Fault::NotAllowed)),
        }
    }

    /// Passes what Litecoin adds: in a block only ever the byte that says there is nothing, the mark of the
    /// transaction that settles the extension block. On their way to a block others carry theirs here.
    fn settling(&mut self) -> Result<TxPrint, DecodeError> {
        let start = self.cursor.offset();
        match self.cursor.byte(Field::MwebTx)? {
            0 => Ok(TxPrint::POOL),
            _ => Err(self.cursor.error_at(start, Field::MwebTx, Fault::NotAllowed)),
        }
    }

    /// Reads the inputs up to their sequences; their prints follow when the witness is known.
    fn inputs(&mut self) -> Result<TxPrint, DecodeError> {
        let start = self.cursor.offset();
        let count = self.cursor.count(INPUT_LEN_MIN, Field::InputCount)?;
        if count == 0 {
            return Err(self.cursor.error_at(start, Field::InputCount, Fault::Zero));
        }
        self.unsigned.clear();
        if count == 1 && self.cursor.clone().array(Field::Prevout).is_ok_and(names_no_coin) {
            return self.coinbase_input();
        }
        let (mut ordered, mut replaceable) = (true, false);
        let first = self.rows.inputs.len();
        for _ in 0..count {
            let input = self.input()?;
            ordered = ordered && self.rows.inputs[first..].last().is_none_or(|before| in_bip69_order(before, &input));
            replaceable |= input.print.contains(InputPrint::REPLACEABLE);
            self.rows.inputs.push(input);
        }
        let mut print = TxPrint::empty();
        print.set(TxPrint::INPUTS_BIP69, ordered);
        print.set(TxPrint::REPLACEABLE, replaceable);
        Ok(print)
    }

    fn input(&mut self) -> Result<CoinInput, DecodeError> {
        let start = self.cursor.offset();
        let prevout: &[u8; PREVOUT_LEN] = self.cursor.array(Field::Prevout)?;
        if names_no_coin(prevout) {
            return Err(self.cursor.error_at(start, Field::Prevout, Fault::NotAllowed));
        }
        let (txid, index) = prevout.split_first_chunk::<32>().expect("36 bytes begin with 32");
        let prev_index = u32::from_le_bytes(*index.first_chunk().expect("four bytes are left"));
        let script = self.cursor.sized(Field::SignatureScriptLen, Field::SignatureScript)?;
        let sequence = self.cursor.u32(Field::Sequence)?;
        self.unsigned.push(script);
        let mut print = InputPrint::empty();
        print.set(InputPrint::REPLACEABLE, sequence < FINAL_SEQUENCE);
        Ok(CoinInput { prev_txid: Hash256(*txid), prev_index, print })
    }

    fn coinbase_input(&mut self) -> Result<TxPrint, DecodeError> {
        self.cursor.take(PREVOUT_LEN, Field::Prevout)?;
        let start = self.cursor.offset();
        let script = self.cursor.sized(Field::SignatureScriptLen, Field::SignatureScript)?;
        if !COINBASE_SCRIPT_LEN.contains(&script.len()) {
            return Err(self.cursor.error_at(start, Field::SignatureScriptLen, Fault::NotAllowed));
        }
        self.cursor.u32(Field::Sequence)?;
        if self.rows.coinbase_script.is_empty() {
            self.rows.coinbase_script.extend_from_slice(script);
        }
        Ok(TxPrint::COINBASE | TxPrint::INPUTS_BIP69)
    }

    /// Reads the outputs; true when they stand in BIP 69 order.
    fn outputs(&mut self) -> Result<bool, DecodeError> {
        let start = self.cursor.offset();
        let count = self.cursor.count(OUTPUT_LEN_MIN, Field::OutputCount)?;
        if count == 0 {
            return Err(self.cursor.error_at(start, Field::OutputCount, Fault::Zero));
        }
        let (mut ordered, mut total) = (true, 0_u64);
        // None and not an empty slice: comparing with one costs a slow path of the processor, a fifth of all time.
        let mut before: Option<(u64, &[u8])> = None;
        for _ in 0..count {
            let at = self.cursor.offset();
            let value = self.cursor.u64(Field::Value)?;
            total = total.saturating_add(value);
            if total > self.params.money_max {
                return Err(self.cursor.error_at(at, Field::Value, Fault::NotAllowed));
            }
            let script = self.cursor.sized(Field::LockScriptLen, Field::LockScript)?;
            ordered = ordered && before.is_none_or(|before| before <= (value, script));
            before = Some((value, script));
            let kind = classify_into(script, &mut self.rows.payloads);
            self.rows.outputs.push(CoinOutput { value, kind, payload_end: narrow(self.rows.payloads.len()) });
        }
        Ok(ordered)
    }

    /// Passes the coinbase's witness, which signs nothing.
    fn coinbase_witness(&mut self, segwit: bool) -> Result<(), DecodeError> {
        if !segwit {
            return Ok(());
        }
        let start = self.cursor.offset();
        self.witness()?;
        if self.witness.is_empty() {
            return Err(self.cursor.error_at(start, Field::WitnessCount, Fault::Zero));
        }
        Ok(())
    }

    /// Reads each input's witness, if there are any, and completes its print.
    fn sign_inputs(&mut self, first_input: usize, segwit: bool) -> Result<TxPrint, DecodeError> {
        let start = self.cursor.offset();
        let mut any_witness = false;
        let mut special = InputPrint::empty();
        self.witness.clear();
        for nth in 0..self.unsigned.len() {
            if segwit {
                self.witness()?;
                any_witness |= !self.witness.is_empty();
            }
            special |= self.sign(first_input + nth, nth);
        }
        if segwit && !any_witness {
            return Err(self.cursor.error_at(start, Field::WitnessCount, Fault::Zero));
        }
        let unusual = InputPrint::SIGHASH_SINGLE | InputPrint::SIGHASH_NONE | InputPrint::SIGHASH_ANYONE;
        let mut print = TxPrint::empty();
        // All is ALL unless a class other than ALL occurs: two different types always include one such.
        print.set(TxPrint::MIXED_SIGHASH, special.intersects(unusual));
        Ok(print)
    }

    fn sign(&mut self, input: usize, nth: usize) -> InputPrint {
        let (print, key) = input_print(self.unsigned[nth], &self.witness);
        self.rows.inputs[input].print |= print;
        if let Some(key) = key {
            self.rows.reveals.push(KeyReveal { input: narrow(input), key });
        }
        print
    }

    fn witness(&mut self) -> Result<(), DecodeError> {
        self.witness.clear();
        for _ in 0..self.cursor.count(1, Field::WitnessCount)? {
            self.witness.push(self.cursor.sized(Field::WitnessItemLen, Field::WitnessItem)?);
        }
        Ok(())
    }

    /// Whether the last transaction read settles the extension block.
    pub(crate) fn settles_pool(&self) -> bool {
        self.scratch.spans.last().is_some_and(|span| span.settles_pool())
    }

    /// The rows with their hashes, and where each transaction lies.
    pub(crate) fn finish(self, bytes: &[u8]) -> (CoinBlock, Scratch) {
        let Self { mut rows, mut scratch, .. } = self;
        let txs = &mut rows.txs;
        hash_txs(bytes, &mut scratch, &mut |index, txid| txs[index].txid = txid);
        (rows, scratch)
    }
}

/// A block with nothing in it, its memory kept.
fn emptied(mut block: CoinBlock) -> CoinBlock {
    block.header.clear();
    block.txs.clear();
    block.inputs.clear();
    block.outputs.clear();
    block.payloads.clear();
    block.reveals.clear();
    block.coinbase_script.clear();
    block
}

/// The hash of each transaction without its witness.
fn hash_txs(bytes: &[u8], scratch: &mut Scratch, put: &mut dyn FnMut(usize, TxHash)) {
    let Scratch { spans, stripped, .. } = scratch;
    stripped.clear();
    for span in spans.iter().filter(|span| !span.is_plain()) {
        stripped.extend_from_slice(&bytes[span.start..span.start + 4]);
        stripped.extend_from_slice(&bytes[span.body()..span.body_end]);
        stripped.extend_from_slice(&bytes[span.end - 4..span.end]);
    }
    let mut rest = stripped.as_slice();
    let messages = spans.iter().map(|span| {
        if span.is_plain() {
            return &bytes[span.start..span.end];
        }
        let (own, after) = rest.split_at(span.stripped_len());
        rest = after;
        own
    });
    double_sha256_each(messages, put);
}

fn version_print(version: u32) -> TxPrint {
    match version {
        1 => TxPrint::VERSION_1,
        2 => TxPrint::VERSION_2,
        _ => TxPrint::empty(),
    }
}

fn lock_print(lock_time: u32) -> TxPrint {
    match lock_time {
        0 => TxPrint::empty(),
        LOCK_TIME_MIN.. => TxPrint::LOCKED | TxPrint::LOCK_IS_TIME,
        _ => TxPrint::LOCKED,
    }
}

/// Whether this is what a coinbase names as the coin it spends.
fn names_no_coin(prevout: &[u8; PREVOUT_LEN]) -> bool {
    prevout.ends_with(&[0xff; 4]) && prevout[..32] == [0; 32]
}

/// By previous txid as printed, then by index.
fn in_bip69_order(before: &CoinInput, after: &CoinInput) -> bool {
    let printed = |input: &CoinInput| input.prev_txid.0.into_iter().rev();
    printed(before).cmp(printed(after)).then(before.prev_index.cmp(&after.prev_index)).is_le()
}

/// Counts and offsets inside a block fit 32 bits: longer blocks than the network can have are refused unread.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("bounded by the length of the bytes, checked below 4 GiB")
}
