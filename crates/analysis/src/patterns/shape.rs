//! A transaction as the collaborative predicates see it: counts, values, kinds and who is who.
//!
//! Scripts are told apart by address id, never read; what only bytes can tell is a flag.

use coinhound_model::{AddressId, Height, Lock, LockKind};

/// One input, as far as it is known. A coin from before the ingested range may be unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShapeInput {
    /// In the smallest unit; `None` when nobody told.
    pub value: Option<u64>,
    /// The address that spends; [`AddressId::NONE`] when it is not known.
    pub owner: AddressId,
    /// The shape of its locking script; `None` when it is not known.
    pub kind: Option<LockKind>,
}

/// One output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShapeOutput {
    /// In the smallest unit.
    pub value: u64,
    /// The address that receives; [`AddressId::NONE`] for data carriers and provably unspendable scripts.
    pub owner: AddressId,
    /// The shape of its locking script.
    pub kind: LockKind,
}

/// A transaction's shape. A coinbase has no inputs and matches nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxShape<'a> {
    /// Height of its block.
    pub height: Height,
    /// In transaction order.
    pub inputs: &'a [ShapeInput],
    /// In transaction order, data carriers included.
    pub outputs: &'a [ShapeOutput],
    /// Whether some output pays a fixed coordinator of Wasabi 1: [`is_wasabi1_coordinator`] of any lock.
    pub pays_wasabi1_coordinator: bool,
}

impl TxShape<'_> {
    /// No predicate holds of a transaction with fewer outputs than this (data carriers counted), so
    /// a caller need not even collect the shape of one.
    pub const OUTPUTS_MIN: usize = 3;
}

/// The scripts that Wasabi 1 coordinators used until block 610,000: `bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew`
/// and `bc1qa24tsgchvuxsaccp8vrnkfd85hrcpafg20kmjw`, as listed by Dumplings (`Constants.cs`, `WasabiCoordScripts`).
const WASABI1_COORDINATORS: [[u8; 20]; 2] = [
    [
        0x86, 0x9f, 0x5c, 0x7a, 0x4c, 0xd7, 0x77, 0x6a, 0xe0, 0xc0, 0xfc, 0xd9, 0xc3, 0x31, 0x5a, 0xbb, 0x23, 0x9a,
        0x9f, 0x0d,
    ],
    [
        0xea, 0xaa, 0xb8, 0x23, 0x17, 0x67, 0x0d, 0x0e, 0xe3, 0x01, 0x3b, 0x07, 0x3b, 0x25, 0xa7, 0xa5, 0xc7, 0x80,
        0xf5, 0x28,
    ],
];

/// Whether a lock is one of the two fixed scripts that Wasabi 1 coordinators used until block 610,000.
#[must_use]
pub fn is_wasabi1_coordinator(lock: Lock<'_>) -> bool {
    lock.kind == LockKind::WitnessPubKeyHash && WASABI1_COORDINATORS.iter().any(|known| lock.payload == known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coordinators_are_the_published_addresses() {
        let published = ["bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew", "bc1qa24tsgchvuxsaccp8vrnkfd85hrcpafg20kmjw"];
        for (address, known) in published.iter().zip(WASABI1_COORDINATORS) {
            let (_, version, program) = bech32::segwit::decode(address).expect("a published address");
            assert_eq!((version.to_u8(), program.as_slice()), (0, known.as_slice()));
            assert!(is_wasabi1_coordinator(Lock { kind: LockKind::WitnessPubKeyHash, payload: &program }));
            assert!(!is_wasabi1_coordinator(Lock { kind: LockKind::PubKeyHash, payload: &program }));
        }
    }
}
