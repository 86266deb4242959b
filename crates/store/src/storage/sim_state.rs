//! What a simulated disk holds: what programs see, and what would still be there after power loss.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use super::sim_inode::{Fate, Inode};
use super::{Action, Item, parent};

/// What happens at an operation instead of the operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// No space left (`ENOSPC`): nothing of it happens.
    Full,
    /// The device fails (`EIO`). A failed sync loses what was to be synced, as kernels do.
    Io,
    /// Half of the bytes are written, then no space is left. Anything but a write fails whole.
    ShortWrite,
    /// The power goes: this and every later operation fails, until [`super::SimDisk::crash`].
    Power,
}

/// A planted fault: the disk, or the program above it, does not do what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Files are never synced, though the answer says so.
    SkipDataFsync,
    /// Folders are never synced, though the answer says so.
    SkipDirFsync,
    /// Syncs of files and folders other than the manifest's happen only after the manifest's.
    PublishEarly,
    /// A file that ends early is read as if zeros stood where its end is missing.
    IgnoreShortRead,
}

/// One changing operation that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedOp {
    /// What was asked.
    pub action: Action,
    /// On what.
    pub path: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Node {
    File(usize),
    Dir,
}

/// A change to a folder that is not durable yet.
#[derive(Clone, Debug)]
enum Entry {
    Link { path: String, node: Node },
    Unlink { path: String, file: usize },
    Rename { from: String, to: String, file: usize },
}

impl Entry {
    fn lies_in(&self, dir: &str) -> bool {
        let (Self::Link { path, .. } | Self::Unlink { path, .. } | Self::Rename { to: path, .. }) = self;
        parent(path) == dir
    }

    fn apply(&self, names: &mut BTreeMap<String, Node>) {
        match self {
            Self::Link { path, node } => {
                names.insert(path.clone(), *node);
            }
            Self::Unlink { path, file } => unlink(names, path, *file),
            Self::Rename { from, to, file } => {
                unlink(names, from, *file);
                names.insert(to.clone(), Node::File(*file));
            }
        }
    }
}

fn unlink(names: &mut BTreeMap<String, Node>, path: &str, file: usize) {
    if names.get(path) == Some(&Node::File(file)) {
        names.remove(path);
    }
}

/// A sync that a planted fault holds back.
#[derive(Clone, Debug)]
enum Held {
    File(usize),
    Dir(String),
}

#[derive(Debug, Default)]
pub(super) struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    entries: Vec<Entry>,
    pub(super) locks: BTreeSet<String>,
    pub(super) log: Vec<LoggedOp>,
    pub(super) trips: BTreeMap<u64, Failure>,
    pub(super) full_from: Option<u64>,
    pub(super) powerless: bool,
    pub(super) fault: Option<Fault>,
    held: Vec<Held>,
    release: bool,
}

/// The manifest's names: what [`Fault::PublishEarly`] does not hold back.
const MANIFEST_NAMES: [&str; 2] = [crate::manifest::MANIFEST, crate::manifest::MANIFEST_TMP];

impl State {
    /// Counts an operation and says how it fails, if it does.
    pub(super) fn begin(&mut self, action: Action, path: &str) -> io::Result<Option<Failure>> {
        self.powered()?;
        let op = u64::try_from(self.log.len()).expect("64-bit targets");
        self.log.push(LoggedOp { action, path: path.to_owned() });
        let full = self.full_from.is_some_and(|from| op >= from) && needs_space(action);
        let failure = self.trips.get(&op).copied().or(full.then_some(Failure::Full));
        self.powerless = failure == Some(Failure::Power);
        self.powered()?;
        if std::mem::take(&mut self.release) {
            self.release_held();
        }
        Ok(failure)
    }

    /// Like [`State::begin`] for an operation that happens whole or not at all.
    fn begin_whole(&mut self, action: Action, path: &str) -> io::Result<()> {
        match self.begin(action, path)? {
            None => Ok(()),
            Some(failure) => Err(error_of(failure)),
        }
    }

    pub(super) fn powered(&self) -> io::Result<()> {
        if self.powerless { Err(error_of(Failure::Power)) } else { Ok(()) }
    }

    fn release_held(&mut self) {
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::File(file) => self.inodes[file].sync(),
                Held::Dir(dir) => self.settle_dir(&dir),
            }
        }
    }

    pub(super) fn file(&self, path: &str) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Node::File(file)) => Ok(*file),
            Some(Node::Dir) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn has_dir(&self, dir: &str) -> io::Result<()> {
        match self.names.get(dir) {
            _ if dir.is_empty() => Ok(()),
            Some(Node::Dir) => Ok(()),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn read(&self, path: &str) -> io::Result<Arc<Vec<u8>>> {
        self.powered()?;
        let inode = &self.inodes[self.file(path)?];
        if self.fault == Some(Fault::IgnoreShortRead) && inode.uncut > inode.live.len() {
            let mut padded = inode.live.to_vec();
            padded.resize(inode.uncut, 0);
            return Ok(Arc::new(padded));
        }
        Ok(Arc::clone(&inode.live))
    }

    pub(super) fn list(&self, dir: &str) -> io::Result<Vec<Item>> {
        self.powered()?;
        self.has_dir(dir)?;
        let own = self.names.iter().filter(|(path, _)| parent(path) == dir);
        let item = |(path, node): (&String, &Node)| Item {
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            is_dir: *node == Node::Dir,
        };
        Ok(own.map(item).collect())
    }

    /// Opens a file for writing, made when it does not exist.
    pub(super) fn open(&mut self, path: &str, empty: bool) -> io::Result<usize> {
        self.begin_whole(Action::Create, path)?;
        self.has_dir(parent(path))?;
        if let Ok(file) = self.file(path) {
            if empty {
                self.inodes[file].empty();
            }
            return Ok(file);
        }
        let file = self.inodes.len();
        self.inodes.push(Inode::default());
        self.change(Entry::Link { path: path.to_owned(), node: Node::File(file) });
        Ok(file)
    }

    pub(super) fn write(&mut self, file: usize, path: &str, bytes: &[u8]) -> io::Result<()> {
        let failure = self.begin(Action::Write, path)?;
        match failure {
            None => self.inodes[file].write(bytes),
            Some(Failure::ShortWrite) => self.inodes[file].write(&bytes[..bytes.len() / 2]),
            Some(_) => {}
        }
        failure.map_or(Ok(()), |failure| Err(error_of(failure)))
    }

    pub(super) fn sync(&mut self, file: usize, path: &str) -> io::Result<()> {
        if let Some(failure) = self.begin(Action::Sync, path)? {
            self.inodes[file].forget();
            return Err(error_of(failure));
        }
        match self.fault {
            Some(Fault::SkipDataFsync) => {}
            Some(Fault::PublishEarly) if !MANIFEST_NAMES.contains(&path) => self.held.push(Held::File(file)),
            _ => self.inodes[file].sync(),
        }
        Ok(())
    }

    pub(super) fn sync_dir(&mut self, dir: &str) -> io::Result<()> {
        self.begin_whole(Action::Sync, dir)?;
        self.has_dir(dir)?;
        match self.fault {
            Some(Fault::SkipDirFsync) => {}
            Some(Fault::PublishEarly) if !dir.is_empty() => self.held.push(Held::Dir(dir.to_owned())),
            _ => {
                self.settle_dir(dir);
                self.release = dir.is_empty();
            }
        }
        Ok(())
    }

    fn settle_dir(&mut self, dir: &str) {
        let entries = std::mem::take(&mut self.entries);
        let (settled, open): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.lies_in(dir));
        settled.iter().for_each(|entry| entry.apply(&mut self.durable));
        self.entries = open;
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.begin_whole(Action::Rename, from)?;
        let file = self.file(from)?;
        if parent(from) != parent(to) {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        self.change(Entry::Rename { from: from.to_owned(), to: to.to_owned(), file });
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &str) -> io::Result<()> {
        self.begin_whole(Action::Remove, path)?;
        let file = self.file(path)?;
        self.change(Entry::Unlink { path: path.to_owned(), file });
        Ok(())
    }

    pub(super) fn create_dir(&mut self, dir: &str) -> io::Result<()> {
        self.begin_whole(Action::Create, dir)?;
        self.has_dir(parent(dir))?;
        if self.has_dir(dir).is_err() {
            self.change(Entry::Link { path: dir.to_owned(), node: Node::Dir });
        }
        Ok(())
    }

    fn change(&mut self, entry: Entry) {
        entry.apply(&mut self.names);
        self.entries.push(entry);
    }

    /// How many changes to folders and writes are not durable yet.
    pub(super) fn units(&self) -> usize {
        self.entries.len() + self.inodes.iter().map(Inode::units).sum::<usize>()
    }

    /// The disk as it is found when the power is back.
    pub(super) fn after_power_loss(&self, mut fate: Fate) -> Self {
        let mut names = self.durable.clone();
        for entry in &self.entries {
            if fate.keeps() {
                entry.apply(&mut names);
            }
        }
        let inodes = self.inodes.iter().map(|inode| Inode::settled(inode.outcome(&mut fate))).collect();
        drop_lost_dirs(&mut names);
        Self { inodes, durable: names.clone(), names, fault: self.fault, ..Self::default() }
    }

    /// Changes a file behind everybody's back, durably.
    pub(super) fn corrupt(&mut self, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let file = self.file(path)?;
        let mut bytes = self.inodes[file].live.to_vec();
        let uncut = bytes.len();
        change(&mut bytes);
        self.inodes[file] = Inode::settled(bytes);
        self.inodes[file].uncut = uncut;
        Ok(())
    }
}

/// Removes what lies in folders that were lost.
fn drop_lost_dirs(names: &mut BTreeMap<String, Node>) {
    let dirs: BTreeSet<String> =
        names.iter().filter(|(_, node)| **node == Node::Dir).map(|(path, _)| path.clone()).collect();
    let reachable = |path: &str| {
        let mut at = parent(path);
        while !at.is_empty() && dirs.contains(at) {
            at = parent(at);
        }
        at.is_empty()
    };
    names.retain(|path, _| reachable(path));
}

fn needs_space(action: Action) -> bool {
    matches!(action, Action::Create | Action::Write | Action::Rename)
}

fn error_of(failure: Failure) -> io::Error {
    match failure {
        Failure::Full | Failure::ShortWrite => io::ErrorKind::StorageFull.into(),
        Failure::Io => io::Error::other("the simulated device failed"),
        Failure::Power => io::Error::other("the simulated power is off"),
    }
}
