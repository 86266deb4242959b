//! A simulated file: what programs see of it, and what power loss leaves.

use std::sync::Arc;

use super::dice::Dice;

/// Where pages of real disks tear: half the throws use the one, half the other.
const SECTORS: [usize; 2] = [512, 4096];

/// A file's bytes: as seen, as durable, and the difference as it was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    pub(super) live: Arc<Vec<u8>>,
    durable: Vec<u8>,
    /// Emptied since the last sync: the writes below started from nothing.
    emptied: bool,
    writes: Vec<(usize, Vec<u8>)>,
    /// What a planted fault pretends the length to be.
    pub(super) uncut: usize,
}

impl Inode {
    pub(super) fn settled(live: Vec<u8>) -> Self {
        Self { uncut: live.len(), durable: live.clone(), live: Arc::new(live), ..Self::default() }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.writes.push((self.live.len(), bytes.to_vec()));
        Arc::make_mut(&mut self.live).extend_from_slice(bytes);
        self.uncut = self.live.len();
    }

    pub(super) fn empty(&mut self) {
        self.emptied = true;
        self.writes.clear();
        self.live = Arc::default();
        self.uncut = 0;
    }

    pub(super) fn sync(&mut self) {
        self.durable = self.outcome(&mut Fate::All);
        self.forget();
    }

    /// Drops what is not durable yet without the program noticing: a failed sync.
    pub(super) fn forget(&mut self) {
        self.emptied = false;
        self.writes.clear();
    }

    pub(super) fn units(&self) -> usize {
        usize::from(self.emptied) + self.writes.len()
    }

    /// The bytes that are found after power loss.
    pub(super) fn outcome(&self, fate: &mut Fate) -> Vec<u8> {
        let mut found = if self.emptied && fate.keeps() { Vec::new() } else { self.durable.clone() };
        let floor = found.len();
        for (at, bytes) in &self.writes {
            fate.write(&mut found, *at, bytes);
        }
        let end = self.writes.last().map_or(floor, |(at, bytes)| at + bytes.len());
        fate.cut(&mut found, floor, end);
        found
    }
}

/// What power loss does to everything that was not synced.
pub(super) enum Fate {
    /// Nothing is lost.
    All,
    /// Each change to a folder and each write is kept, whole, where the next bit says so.
    Mask(u64),
    /// Kept by chance, out of order, torn at sectors, with growth lost.
    Chance { dice: Dice, sector: usize, keep_of_4: u64 },
}

impl Fate {
    pub(super) fn by_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let sector = SECTORS[dice.index(SECTORS.len())];
        let keep_of_4 = dice.below(5);
        Self::Chance { dice, sector, keep_of_4 }
    }

    pub(super) fn keeps(&mut self) -> bool {
        match self {
            Self::All => true,
            Self::Mask(mask) => {
                let keep = *mask & 1 == 1;
                *mask >>= 1;
                keep
            }
            Self::Chance { dice, keep_of_4, .. } => dice.chance(*keep_of_4, 4),
        }
    }

    fn write(&mut self, found: &mut Vec<u8>, at: usize, bytes: &[u8]) {
        let Self::Chance { sector, .. } = *self else {
            if self.keeps() {
                put(found, at, bytes);
            }
            return;
        };
        let mut from = 0;
        while from < bytes.len() {
            let to = bytes.len().min(from + sector - (at + from) % sector);
            if self.keeps() {
                put(found, at + from, &bytes[from..to]);
            }
            from = to;
        }
    }

    /// Loses some of a file's growth from `floor`, or leaves growth up to `end` of which no byte arrived.
    fn cut(&mut self, found: &mut Vec<u8>, floor: usize, end: usize) {
        let Self::Chance { dice, .. } = self else { return };
        match dice.below(4) {
            0 => found.truncate(floor + dice.index(found.len() - floor + 1)),
            1 if end > found.len() => found.resize(found.len() + dice.index(end - found.len() + 1), 0),
            _ => {}
        }
    }
}

fn put(found: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if found.len() < at + bytes.len() {
        found.resize(at + bytes.len(), 0);
    }
    found[at..at + bytes.len()].copy_from_slice(bytes);
}
