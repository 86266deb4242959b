//! `store check`: every byte verified, every derived table made anew from the facts and compared.
//!
//! Nothing is written. A damaged derived table can be made anew alone with [`rebuild`]; damaged facts have
//! to be read again from the chain.

use std::collections::HashSet;

use coinhound_model::Height;

use crate::audit::FactsError;
use crate::base::{Base, BaseTable, History, Step};
use crate::commit;
use crate::cut::FactsSlice;
use crate::derive::{Want, narrow};
use crate::error::{DamageError, Health};
use crate::facts::{Counts, Facts};
use crate::failure::StoreError;
use crate::layout::{Layout, Span};
use crate::manifest::{FileEntry, Manifest};
use crate::nowhere::Nowhere;
use crate::overlay::{self, overlay_role};
use crate::page::{OpenFileError, PageFile};
use crate::segment::{self, Segment, facts_role};
use crate::storage::{Storage, parent};
use crate::table::{OpenTableError, WriteTableError};

/// Something that is not as it was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// Bytes are not what the manifest names; says which file and where.
    #[error(transparent)]
    Damage(#[from] DamageError),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] OpenTableError),
    /// The manifest names a file that its heights do not ask for, or lacks one that they do.
    #[error("the manifest and its layout disagree about `{role}`")]
    Layout {
        /// The file's role.
        role: String,
    },
    /// Facts contradict themselves or their neighbours.
    #[error("`{role}` contradicts itself: {source}")]
    Facts {
        /// The file's role.
        role: String,
        /// The first contradiction.
        source: FactsError,
    },
    /// A derived table is not what its facts give.
    #[error("`{role}` is not what the facts give")]
    Differs {
        /// The table's role.
        role: String,
    },
    /// A derived table could not be compared, because facts it is made of are damaged.
    #[error("`{role}` was not compared: facts it is made of are damaged")]
    NotCompared {
        /// The table's role.
        role: String,
    },
}

/// What a check did and found.
#[derive(Debug, Default)]
pub struct Report {
    /// Files whose pages were verified.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Derived tables made anew and compared.
    pub compared: u64,
    /// What is wrong, in the order of files.
    pub findings: Vec<Finding>,
}

/// Verifies a store; `progress` is told each file's role before it is read.
///
/// # Errors
/// [`StoreError`] when there is no readable manifest: then there is nothing to compare with.
pub fn check(storage: &dyn Storage, progress: &mut dyn FnMut(&str)) -> Result<Report, StoreError> {
    let manifest = Manifest::read(storage)?;
    let layout = manifest.params.layout().layout(Height(manifest.first), manifest.tip.height());
    let mut check = Check { storage, manifest: &manifest, layout, report: Report::default(), progress };
    check.roles();
    check.pages();
    let whole = check.segments();
    check.base(whole)?;
    Ok(check.report)
}

struct Check<'a> {
    storage: &'a dyn Storage,
    manifest: &'a Manifest,
    layout: Layout,
    report: Report,
    progress: &'a mut dyn FnMut(&str),
}

impl Check<'_> {
    fn find(&mut self, finding: impl Into<Finding>) {
        self.report.findings.push(finding.into());
    }

    /// The files that the heights ask for are the files that the manifest names.
    fn roles(&mut self) {
        let mut asked = roles(&self.layout);
        asked.sort();
        let named: Vec<String> = self.manifest.files.iter().map(|file| file.role.clone()).collect();
        let odd: Vec<String> = asked
            .iter()
            .filter(|role| !named.contains(role))
            .chain(named.iter().filter(|role| !asked.contains(role)))
            .cloned()
            .collect();
        odd.into_iter().for_each(|role| self.find(Finding::Layout { role }));
    }

    fn pages(&mut self) {
        for file in &self.manifest.files {
            (self.progress)(&file.role);
            self.report.files += 1;
            self.report.bytes += file.length;
            match PageFile::open(self.storage, &file.path(), file.sealed(), &Health::new()) {
                Ok(pages) => {
                    let findings = &mut self.report.findings;
                    pages.verify_all(&mut |damage| findings.push(damage.into()));
                }
                Err(OpenFileError::Damage(damage)) => self.find(damage),
                Err(OpenFileError::Storage(error)) => self.find(OpenTableError::Storage(error)),
            }
        }
    }

    /// Compares every segment's facts and overlay; the open segments, if all of them are whole.
    fn segments(&mut self) -> Option<Vec<Segment>> {
        let mut whole = Some(Vec::new());
        let mut spent = Spent::default();
        let mut named = Named::default();
        let mut ends = Counts::default();
        for span in self.layout.segments.clone() {
            let opened = self.facts(span);
            let Some((segment, facts)) = opened else {
                whole = None;
                self.not_compared(span);
                continue;
            };
            if whole.is_some() && *segment.base() != ends {
                self.contradiction(span, "counts do not continue those of the segment before", ends.txs);
            }
            if let Some(coin) = spent.first_twice(&facts) {
                self.contradiction(span, "a coin is spent twice", coin);
            }
            if !segment.is_of(self.manifest.params.family) {
                self.contradiction(span, "rows are those of the other kind of ledger", ends.txs);
            }
            if let Some((what, row)) = named.first_twice(&facts) {
                self.contradiction(span, what, row);
            }
            ends = *segment.ends();
            self.compare(span, &facts);
            if let Some(whole) = &mut whole {
                whole.push(segment);
            }
        }
        whole
    }

    fn contradiction(&mut self, span: Span, what: &'static str, row: u64) {
        let source = FactsError { height: Height(span.start), what, row };
        self.find(Finding::Facts { role: facts_role(span), source });
    }

    fn not_compared(&mut self, span: Span) {
        if self.layout.base.is_none_or(|base| span.start >= base.0) {
            self.find(Finding::NotCompared { role: overlay_role(span) });
        }
    }

    /// Decodes a segment; `None` when it is damaged, which the page check has told, or contradicts itself.
    fn facts(&mut self, span: Span) -> Option<(Segment, Facts)> {
        let health = Health::new();
        let segment = Segment::open(self.storage, self.manifest.file(&facts_role(span))?, span, &health).ok()?;
        let facts = segment.facts(Want::all());
        health.check().ok()?;
        match facts.check() {
            Ok(()) => Some((segment, facts)),
            Err(source) => {
                self.find(Finding::Facts { role: facts_role(span), source });
                None
            }
        }
    }

    fn compare(&mut self, span: Span, facts: &Facts) {
        self.same(&facts_role(span), segment::write(&Nowhere, facts.as_slice()));
        if self.layout.base.is_none_or(|base| span.start >= base.0) {
            self.same(&overlay_role(span), overlay::write(&Nowhere, facts.as_slice()));
        }
    }

    fn same(&mut self, role: &str, anew: Result<FileEntry, WriteTableError>) {
        self.report.compared += 1;
        if anew.ok().as_ref() != self.manifest.file(role) {
            self.find(Finding::Differs { role: role.to_owned() });
        }
    }

    fn base(&mut self, segments: Option<Vec<Segment>>) -> Result<(), StoreError> {
        let Some(base) = self.layout.base else { return Ok(()) };
        for table in BaseTable::ALL {
            let role = table.role(base);
            (self.progress)(&role);
            match &segments {
                Some(segments) => {
                    let anew = derive(segments, base, table)?.write(&Nowhere, table, base);
                    self.same(&role, anew);
                }
                None => self.find(Finding::NotCompared { role }),
            }
        }
        Ok(())
    }
}

/// One bit for each coin.
#[derive(Default)]
struct Spent {
    bits: Vec<u64>,
}

impl Spent {
    /// The first coin that these facts spend although it was spent before.
    fn first_twice(&mut self, facts: &Facts) -> Option<u64> {
        let words = usize::try_from(facts.ends().outputs / 64 + 1).expect("64-bit targets");
        self.bits.resize(words.max(self.bits.len()), 0);
        let mut twice = None;
        for coin in facts.inputs.iter().map(|input| input.coin()).filter(|coin| coin.foreign_rank().is_none()) {
            let (word, bit) = (&mut self.bits[coin.index() / 64], 1 << (coin.0 % 64));
            if *word & bit != 0 {
                twice = twice.or(Some(coin.0));
            }
            *word |= bit;
        }
        twice
    }
}

/// What holdings and assets are known by.
#[derive(Default)]
struct Named {
    holdings: HashSet<(u32, u32)>,
    assets: HashSet<Vec<u8>>,
}

impl Named {
    /// The first asset or holding of these facts that there was before under another number.
    fn first_twice(&mut self, facts: &Facts) -> Option<(&'static str, u64)> {
        let mut start = 0;
        let mut twice = None;
        for (row, number) in facts.assets.iter().zip(facts.base.assets..) {
            let place = |end| usize::try_from(end - facts.base.asset_bytes).expect("64-bit targets");
            if !self.assets.insert(facts.asset_bytes[start..place(row.id_end)].to_vec()) {
                twice = twice.or(Some(("an asset has two numbers", number)));
            }
            start = place(row.ticker_end);
        }
        for (row, holding) in facts.holdings.iter().zip(facts.base.holdings..) {
            if !self.holdings.insert((narrow(row.address.0), row.asset)) {
                twice = twice.or(Some(("an address has two holdings of one asset", holding)));
            }
        }
        twice
    }
}

/// Every role that a layout asks for.
fn roles(layout: &Layout) -> Vec<String> {
    let facts = layout.segments.iter().map(|&span| facts_role(span));
    let above = layout.segments.iter().filter(|span| layout.base.is_none_or(|base| span.start >= base.0));
    let overlays = above.map(|&span| overlay_role(span));
    let base = layout.base.iter().flat_map(|&base| BaseTable::ALL.map(|table| table.role(base)));
    facts.chain(overlays).chain(base).collect()
}

/// A base table from nothing but facts.
fn derive(segments: &[Segment], base: Height, table: BaseTable) -> Result<crate::base::Derived, StoreError> {
    let below: Vec<&Segment> = segments.iter().filter(|segment| segment.span().end <= base.0).collect();
    let first = below.first().map_or(base, |segment| Height(segment.span().start));
    let ends = below.last().map_or(Counts::default(), |segment| *segment.ends());
    let no_base: Option<&Base> = None;
    let step = Step {
        old: no_base,
        kept: first,
        kept_counts: Counts::default(),
        first,
        ends,
        history: &Stored(below),
        skip_unwind: false,
    };
    step.derive(table)
}

struct Stored<'a>(Vec<&'a Segment>);

impl History for Stored<'_> {
    fn each(&self, from: Height, want: Want, visit: &mut dyn FnMut(FactsSlice<'_>)) -> Result<(), StoreError> {
        for segment in self.0.iter().filter(|segment| segment.span().start >= from.0) {
            let facts = segment.facts(want);
            segment.table().file().health().check()?;
            visit(facts.as_slice());
        }
        Ok(())
    }
}

/// Makes one derived table anew from the facts and puts it where the manifest says it is.
///
/// # Errors
/// [`StoreError`]: [`StoreError::NotDerived`] for facts, [`StoreError::FileNotNamed`] for a role that the store
/// does not have, [`StoreError::Differs`] when the facts give another table than the manifest names.
pub fn rebuild(storage: &dyn Storage, role: &str) -> Result<FileEntry, StoreError> {
    let _lock = commit::lock(storage)?;
    let manifest = Manifest::read(storage)?;
    let want = manifest.file(role).ok_or_else(|| StoreError::FileNotNamed { role: role.to_owned() })?;
    let anew = rewrite(storage, &manifest, role)?;
    if anew != *want {
        storage.remove(&anew.path())?;
        return Err(StoreError::Differs { role: role.to_owned() });
    }
    storage.sync_dir(parent(role))?;
    Ok(anew)
}

fn rewrite(storage: &dyn Storage, manifest: &Manifest, role: &str) -> Result<FileEntry, StoreError> {
    let layout = manifest.params.layout().layout(Height(manifest.first), manifest.tip.height());
    if let Some(&span) = layout.segments.iter().find(|&&span| overlay_role(span) == role) {
        let facts = whole_facts(&open_segment(storage, manifest, span)?)?;
        return Ok(overlay::write(storage, facts.as_slice())?);
    }
    let not_derived = || StoreError::NotDerived { role: role.to_owned() };
    let base = layout.base.ok_or_else(not_derived)?;
    let table = BaseTable::ALL.into_iter().find(|table| table.role(base) == role).ok_or_else(not_derived)?;
    let below = layout.segments.iter().filter(|span| span.end <= base.0);
    let segments: Vec<Segment> = below.map(|&span| open_segment(storage, manifest, span)).collect::<Result<_, _>>()?;
    for segment in &segments {
        whole_facts(segment)?;
    }
    Ok(derive(&segments, base, table)?.write(storage, table, base)?)
}

fn open_segment(storage: &dyn Storage, manifest: &Manifest, span: Span) -> Result<Segment, StoreError> {
    let role = facts_role(span);
    let entry = manifest.file(&role).ok_or(StoreError::FileNotNamed { role })?;
    Ok(Segment::open(storage, entry, span, &Health::new())?)
}

/// All facts of a segment, verified.
fn whole_facts(segment: &Segment) -> Result<Facts, StoreError> {
    let facts = segment.facts(Want::all());
    segment.table().file().health().check()?;
    facts.check()?;
    Ok(facts)
}
