//! Which of the files' blocks are taken, and in which order: by their names, and by how high each leads.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_chains::evm::Hash;
use coinhound_chains::evm::files::{EvmFiles, FoundBlock};
use coinhound_model::Height;

use crate::accounts::AccountSession;
use crate::evm::files::error::EvmFilesLoadError;
use crate::evm::files::report::{Contradiction, Parting};

/// All blocks of the files, and the height to which a chain leads from each.
pub(super) struct Reach {
    /// By height and name.
    blocks: BTreeMap<(u64, Hash), (FoundBlock, u64)>,
    /// By parent: heights and names.
    children: BTreeMap<Hash, BTreeSet<(u64, Hash)>>,
}

/// Blocks to take, upwards, and where they end because two chains go on, or because what is above names another parent.
#[derive(Default)]
pub(super) struct Plan {
    pub chain: Vec<FoundBlock>,
    pub parting: Option<Parting>,
    pub contradiction: Option<Contradiction>,
}

impl Reach {
    pub fn of(files: &EvmFiles) -> Self {
        let mut reach = Self { blocks: BTreeMap::new(), children: BTreeMap::new() };
        for found in files.blocks() {
            let key = (found.number, found.hash);
            reach.blocks.insert(key, (*found, found.number));
            reach.children.entry(found.parent).or_default().insert(key);
        }
        let downwards: Vec<_> = reach.blocks.keys().rev().copied().collect();
        for key in downwards {
            let highest = reach.behind(key.0, &key.1).map(|child| reach.blocks[&child].1).max();
            if let (Some(highest), Some((_, own))) = (highest, reach.blocks.get_mut(&key)) {
                *own = highest;
            }
        }
        reach
    }

    /// The blocks right on top of one.
    fn behind(&self, number: u64, hash: &Hash) -> impl Iterator<Item = (u64, Hash)> {
        let next = number.checked_add(1);
        self.children.get(hash).into_iter().flatten().copied().filter(move |(number, _)| Some(*number) == next)
    }

    fn at(&self, number: u64) -> impl Iterator<Item = (u64, Hash)> {
        self.blocks.range((number, Hash([0; 32]))..=(number, Hash([0xff; 32]))).map(|(key, _)| *key)
    }

    /// The first block above a height that names another than this one there.
    fn contradiction(&self, number: u64, hash: Hash) -> Option<Contradiction> {
        let (height, _) = self.at(number.checked_add(1)?).next()?;
        let parent = self.at(height).map(|key| self.blocks[&key].0.parent).find(|parent| *parent != hash)?;
        Some(Contradiction { height, below: hash.row(), named: parent.row() })
    }

    /// The one of several blocks that leads highest.
    fn highest(&self, blocks: impl Iterator<Item = (u64, Hash)>) -> Result<Option<FoundBlock>, Parting> {
        let mut blocks: Vec<_> = blocks.map(|key| &self.blocks[&key]).collect();
        blocks.sort_by_key(|(_, reach)| std::cmp::Reverse(*reach));
        match blocks.as_slice() {
            [(one, reach), (other, as_high), ..] if reach == as_high => {
                Err(Parting { height: one.number, one: one.hash.row(), other: other.hash.row() })
            }
            [(best, _), ..] => Ok(Some(*best)),
            [] => Ok(None),
        }
    }
}

impl Plan {
    /// A new store's chain.
    pub fn from_start(reach: &Reach, start: u64, until: u64) -> Self {
        Self::default().extend(reach, reach.highest(reach.at(start)), until).uncontradicted(reach)
    }

    /// What follows a stored block.
    pub fn behind(reach: &Reach, tip: u64, hash: Hash, until: u64) -> Self {
        let mut plan = Self::default().extend(reach, reach.highest(reach.behind(tip, &hash)), until);
        if plan.chain.is_empty() && plan.parting.is_none() && tip < until {
            plan.contradiction = reach.contradiction(tip, hash);
        }
        plan.uncontradicted(reach)
    }

    /// Without the highest block where the files go on above it and name another there: that the parts of a block fit
    /// its header does not show that it is the block it seems to be; the next one, which names it, does.
    fn uncontradicted(mut self, reach: &Reach) -> Self {
        if let Some(last) = self.chain.last().filter(|_| self.parting.is_none()) {
            let (number, hash) = (last.number, last.hash);
            if reach.behind(number, &hash).next().is_none() {
                self.contradiction = reach.contradiction(number, hash);
                self.chain.truncate(self.chain.len() - usize::from(self.contradiction.is_some()));
            }
        }
        self
    }

    fn extend(mut self, reach: &Reach, mut next: Result<Option<FoundBlock>, Parting>, until: u64) -> Self {
        loop {
            match next {
                Ok(Some(found)) if found.number <= until => {
                    self.chain.push(found);
                    next = reach.highest(reach.behind(found.number, &found.hash));
                }
                Ok(_) => return self,
                Err(parting) => {
                    self.parting = Some(parting);
                    return self;
                }
            }
        }
    }
}

/// Refuses files whose chain leaves the store's below its tip and goes higher: nothing in them says which one holds.
pub(super) fn other_branch(
    reach: &Reach,
    session: &AccountSession,
    first: Height,
    tip: Height,
) -> Result<(), EvmFilesLoadError> {
    let stored = (u64::from(first.0), Hash([0; 32]))..=(u64::from(tip.0), Hash([0xff; 32]));
    for (&(number, hash), (_, high)) in reach.blocks.range(stored) {
        let height = Height(u32::try_from(number).expect("it lies between stored heights"));
        let ours = session.block(height)?.hash;
        if *high > u64::from(tip.0) && ours != hash.row() {
            return Err(EvmFilesLoadError::OtherBranch { height, ours, theirs: hash.row() });
        }
    }
    Ok(())
}
