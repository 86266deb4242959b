//! Which transactions are no evidence of common control: named sets of predicates.

use coinhound_model::MovementMarks;
use coinhound_model::print::{CollabPrint, TxPrint};

/// A named choice of what forbids co-spend evidence. The name is a parameter of every result that used it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VetoSet {
    /// How parameters, manifests and reports call it.
    pub name: &'static str,
    /// A transaction with any of these vetoes.
    pub collab: CollabPrint,
    /// Whether mixed sighash types veto: the inputs' signers need not have known of each other.
    pub mixed_sighash: bool,
}

impl VetoSet {
    /// Nothing vetoes: plain co-spend, as early studies did it.
    pub const NONE: Self = Self { name: "none", collab: CollabPrint::empty(), mixed_sighash: false };

    /// The default: every predicate that claims several parties, and mixed sighash types. A missed link costs less
    /// than a false one. Without `GRAPHSENSE_WHIRLPOOL_TX0` (one wallet's own) and `GRAPHSENSE_STONEWALL` (too weak).
    pub const COINHOUND_1: Self = Self {
        name: "coinhound-1",
        collab: CollabPrint::all()
            .difference(CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0)
            .difference(CollabPrint::GRAPHSENSE_STONEWALL),
        mixed_sighash: true,
    };

    /// What BlockSci's clustering leaves out when told to.
    pub const BLOCKSCI: Self = Self { name: "blocksci", collab: CollabPrint::BLOCKSCI_GENERIC, mixed_sighash: false };

    /// The mixes that GraphSense's detectors name, tags aside.
    pub const GRAPHSENSE: Self = Self {
        name: "graphsense",
        collab: CollabPrint::GRAPHSENSE_JOINMARKET
            .union(CollabPrint::GRAPHSENSE_WASABI1)
            .union(CollabPrint::GRAPHSENSE_WASABI2)
            .union(CollabPrint::GRAPHSENSE_WHIRLPOOL),
        mixed_sighash: false,
    };

    /// Every named set.
    pub const ALL: [Self; 4] = [Self::NONE, Self::COINHOUND_1, Self::BLOCKSCI, Self::GRAPHSENSE];

    /// The set of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name == name)
    }

    /// Whether a transaction with these prints is no co-spend evidence. One that settles a pool never is: nobody
    /// signs for what it takes.
    #[must_use]
    pub fn forbids(&self, collab: CollabPrint, print: TxPrint) -> bool {
        print.contains(TxPrint::POOL) || self.forbids_either(collab, print.contains(TxPrint::MIXED_SIGHASH))
    }

    /// The same question of a movement in a ledger.
    #[must_use]
    pub fn forbids_movement(&self, collab: CollabPrint, marks: MovementMarks) -> bool {
        marks.contains(MovementMarks::POOL) || self.forbids_either(collab, marks.contains(MovementMarks::MIXED_SIGHASH))
    }

    fn forbids_either(&self, collab: CollabPrint, mixed_sighash: bool) -> bool {
        collab.intersects(self.collab) || self.mixed_sighash && mixed_sighash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_find_their_set() {
        for set in VetoSet::ALL {
            assert_eq!(VetoSet::named(set.name), Some(set));
        }
        assert_eq!(VetoSet::named("coinhound-0"), None);
    }

    #[test]
    fn what_settles_a_pool_is_no_evidence_under_any_set() {
        for set in VetoSet::ALL {
            assert!(set.forbids(CollabPrint::empty(), TxPrint::POOL), "{}", set.name);
            assert!(set.forbids_movement(CollabPrint::empty(), MovementMarks::POOL), "{}", set.name);
        }
    }

    #[test]
    fn a_set_forbids_what_it_names_and_nothing_else() {
        let mixed = TxPrint::MIXED_SIGHASH;
        assert!(!VetoSet::NONE.forbids(CollabPrint::all(), mixed));
        assert!(VetoSet::COINHOUND_1.forbids(CollabPrint::empty(), mixed));
        assert!(VetoSet::COINHOUND_1.forbids_movement(CollabPrint::empty(), MovementMarks::MIXED_SIGHASH));
        assert!(VetoSet::COINHOUND_1.forbids(CollabPrint::DUMPLINGS_WASABI2, TxPrint::empty()));
        assert!(!VetoSet::COINHOUND_1.forbids(CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0, TxPrint::WITNESS));
        assert!(!VetoSet::COINHOUND_1.forbids_movement(CollabPrint::GRAPHSENSE_STONEWALL, MovementMarks::ISSUES));
        assert!(!VetoSet::BLOCKSCI.forbids(CollabPrint::DUMPLINGS_OTHER, mixed));
    }
}
