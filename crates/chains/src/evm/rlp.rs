//! RLP, the encoding that Ethereum hashes: byte strings and lists, each with its length.
//!
//! Every value has one encoding, and the reader refuses all others: what it accepts hashes as the chain hashed it.
//! It goes into lists only where a caller knows one to be, so no nesting can exhaust the stack.

use ruint::aliases::U256;

/// Why bytes are not the RLP that was expected. Offsets count from the start of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RlpError {
    /// The bytes end inside an item, or a list's items go beyond its end.
    #[error("at byte {at}: {needed} bytes are needed, {left} are left")]
    Short {
        /// Where.
        at: usize,
        /// How many bytes the item has.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// An item that has a shorter encoding.
    #[error("at byte {at}: not the one way to encode this item")]
    NotCanonical {
        /// Where.
        at: usize,
    },
    /// A list where a string was expected, or the reverse, or a string of another length.
    #[error("at byte {at}: expected {expected}")]
    Unexpected {
        /// Where.
        at: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// More items than expected.
    #[error("at byte {at}: more items than expected")]
    Trailing {
        /// Where the first of them begins.
        at: usize,
    },
}

/// One item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item<'a> {
    /// A string's bytes.
    Bytes(&'a [u8]),
    /// The encodings of a list's items, side by side.
    List(&'a [u8]),
}

/// Reads items one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    whole: &'a [u8],
    at: usize,
    end: usize,
}

/// Where an item's payload lies.
struct Extent {
    is_list: bool,
    start: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    /// Reads the items in `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { whole: bytes, at: 0, end: bytes.len() }
    }

    /// The items of the one list that `bytes` are.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn of_list(bytes: &'a [u8]) -> Result<Self, RlpError> {
        let mut whole = Self::new(bytes);
        let list = whole.list()?;
        whole.finish()?;
        Ok(list)
    }

    /// Whether every item was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// Where the next item begins.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The bytes between two offsets that this reader told.
    #[must_use]
    pub fn between(&self, start: usize, end: usize) -> &'a [u8] {
        &self.whole[start..end]
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`RlpError::Trailing`].
    pub fn finish(self) -> Result<(), RlpError> {
        if self.is_empty() { Ok(()) } else { Err(RlpError::Trailing { at: self.at }) }
    }

    /// The next item.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn item(&mut self) -> Result<Item<'a>, RlpError> {
        let extent = self.extent()?;
        self.at = extent.end;
        let payload = &self.whole[extent.start..extent.end];
        Ok(if extent.is_list { Item::List(payload) } else { Item::Bytes(payload) })
    }

    /// The next item's whole encoding.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn raw(&mut self) -> Result<&'a [u8], RlpError> {
        let start = self.at;
        self.at = self.extent()?.end;
        Ok(&self.whole[start..self.at])
    }

    /// The items of the next item, a list.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn list(&mut self) -> Result<Self, RlpError> {
        let extent = self.extent()?;
        if !extent.is_list {
            return Err(RlpError::Unexpected { at: self.at, expected: "a list" });
        }
        self.at = extent.end;
        Ok(Self { whole: self.whole, at: extent.start, end: extent.end })
    }

    /// The bytes of the next item, a string.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn bytes(&mut self) -> Result<&'a [u8], RlpError> {
        let at = self.at;
        match self.item()? {
            Item::Bytes(bytes) => Ok(bytes),
            Item::List(_) => Err(RlpError::Unexpected { at, expected: "a string" }),
        }
    }

    /// A string of `N` bytes.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], RlpError> {
        let at = self.at;
        let expected = "a string of the length that hashes, addresses or blooms have";
        self.bytes()?.try_into().map_err(|_| RlpError::Unexpected { at, expected })
    }

    /// A number of up to 256 bits, without leading zeros.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn uint(&mut self) -> Result<U256, RlpError> {
        let at = self.at;
        let bytes = self.bytes()?;
        if bytes.first() == Some(&0) {
            return Err(RlpError::NotCanonical { at });
        }
        U256::try_from_be_slice(bytes).ok_or(RlpError::Unexpected { at, expected: "a number of at most 256 bits" })
    }

    /// A number of up to 64 bits, without leading zeros.
    ///
    /// # Errors
    /// [`RlpError`].
    pub fn u64(&mut self) -> Result<u64, RlpError> {
        let at = self.at;
        u64::try_from(self.uint()?).map_err(|_| RlpError::Unexpected { at, expected: "a number of at most 64 bits" })
    }

    fn extent(&self) -> Result<Extent, RlpError> {
        let at = self.at;
        let left = self.end - at;
        let short = |needed| RlpError::Short { at, needed, left };
        let &first = self.whole[at..self.end].first().ok_or_else(|| short(1))?;
        let (is_list, short_end) = (first >= 0xc0, if first >= 0xc0 { 0xf7 } else { 0xb7 });
        let (header, length) = match first {
            0..0x80 => (0, 1),
            _ if first <= short_end => (1, usize::from(first & 0x3f)),
            _ => {
                let digits = usize::from(first - short_end);
                (1 + digits, self.long_length(at, digits)?)
            }
        };
        let needed = header.saturating_add(length);
        if needed > left {
            return Err(short(needed));
        }
        let extent = Extent { is_list, start: at + header, end: at + needed };
        if header == 1 && length == 1 && !is_list && self.whole[extent.start] < 0x80 {
            return Err(RlpError::NotCanonical { at });
        }
        Ok(extent)
    }

    /// A length of `digits` bytes, which must need them.
    fn long_length(&self, at: usize, digits: usize) -> Result<usize, RlpError> {
        let left = self.end - at;
        let bytes = self.whole.get(at + 1..at + 1 + digits).filter(|_| digits < left);
        let bytes = bytes.ok_or(RlpError::Short { at, needed: 1 + digits, left })?;
        let length = bytes.iter().try_fold(0_usize, |length, &byte| Some(length.checked_mul(256)? + usize::from(byte)));
        match length {
            Some(length) if bytes[0] != 0 && length > 55 => Ok(length),
            Some(_) => Err(RlpError::NotCanonical { at }),
            None => Err(RlpError::Short { at, needed: usize::MAX, left }),
        }
    }
}

/// Appends items.
#[derive(Clone, Default, Debug)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// What was written, as one list.
    #[must_use]
    pub fn into_list(self) -> Vec<u8> {
        let mut whole = Self::new();
        whole.header(0xc0, self.0.len());
        whole.0.extend_from_slice(&self.0);
        whole.0
    }

    /// A string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if !matches!(bytes, [0..0x80]) {
            self.header(0x80, bytes.len());
        }
        self.0.extend_from_slice(bytes);
    }

    /// A number.
    pub fn uint(&mut self, number: U256) {
        let bytes = number.to_be_bytes::<32>();
        self.bytes(&bytes[number.leading_zeros() / 8..]);
    }

    /// Items that are encoded already.
    pub fn raw(&mut self, encoded: &[u8]) {
        self.0.extend_from_slice(encoded);
    }

    fn header(&mut self, short: u8, length: usize) {
        let digits = length.to_be_bytes();
        let digits = &digits[digits.iter().take_while(|&&digit| digit == 0).count()..];
        match u8::try_from(length) {
            Ok(length) if length <= 55 => self.0.push(short + length),
            _ => {
                self.0.push(short + 55 + u8::try_from(digits.len()).expect("a length has at most eight bytes"));
                self.0.extend_from_slice(digits);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn string(bytes: &[u8]) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(bytes);
        writer.into_bytes()
    }

    #[test]
    fn the_examples_of_the_definition() {
        assert_eq!(string(b"dog"), b"\x83dog");
        assert_eq!(string(b""), [0x80]);
        assert_eq!(string(&[0x0f]), [0x0f]);
        assert_eq!(string(&[0x04, 0x00]), [0x82, 0x04, 0x00]);
        assert_eq!(Writer::new().into_list(), [0xc0]);
        let long = b"Lorem ipsum dolor sit amet, consectetur adipisicing elit";
        assert_eq!(string(long)[..2], [0xb8, 0x38]);
        let mut zero = Writer::new();
        zero.uint(U256::ZERO);
        assert_eq!(zero.into_bytes(), [0x80]);
    }

    #[test]
    fn other_encodings_are_refused() {
        for bytes in [&[0x81, 0x05][..], &[0xb8, 0x01, 0x80], &[0xb9, 0x00, 0x38], &[0xf8, 0x01, 0x80]] {
            assert!(matches!(Reader::new(bytes).item(), Err(RlpError::NotCanonical { at: 0 })), "{bytes:x?}");
        }
        for bytes in [
            &[][..],
            &[0x83, 1],
            &[0xb8],
            &[0xb9, 0x01],
            &[0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xc2, 0x01],
        ] {
            assert!(matches!(Reader::new(bytes).item(), Err(RlpError::Short { at: 0, .. })), "{bytes:x?}");
        }
        assert_eq!(Reader::new(&[0x82, 0x00, 0x01]).uint(), Err(RlpError::NotCanonical { at: 0 }));
        assert!(Reader::new(&[0xc0]).bytes().is_err() && Reader::new(&[0x80]).list().is_err());
    }

    #[test]
    fn a_list_s_item_does_not_reach_beyond_the_list() {
        let mut list = Reader::of_list(&[0xc1, 0x82]).expect("a list of one byte");
        assert!(matches!(list.item(), Err(RlpError::Short { at: 1, needed: 3, left: 1 })));
    }

    proptest! {
        #[test]
        fn strings_come_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let encoded = string(&bytes);
            let mut reader = Reader::new(&encoded);
            prop_assert_eq!(reader.bytes(), Ok(&bytes[..]));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn whatever_is_accepted_is_written_the_same_way(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut reader = Reader::new(&bytes);
            let mut writer = Writer::new();
            while let Ok(item) = reader.item() {
                match item {
                    Item::Bytes(payload) => writer.bytes(payload),
                    Item::List(payload) => {
                        let mut list = Writer::new();
                        list.raw(payload);
                        writer.raw(&list.into_list());
                    }
                }
            }
            prop_assert_eq!(&writer.into_bytes()[..], &bytes[..reader.offset()]);
        }
    }
}
