//! From a node's word to blocks in the store: passes until the store's tip is the node's.

use std::ops::ControlFlow;

use coinhound_chains::bitcoin::headers::{Course, Tip};
use coinhound_chains::bitcoin::params::ChainWork;
use coinhound_chains::bitcoin::rpc::{NodeRpc, NodeStatus, RpcError, Standing};
use coinhound_chains::bitcoin::{HeaderTree, Params};
use coinhound_model::{AsOf, BlockHash, Height, Ledger};
use coinhound_store::view::View;

use crate::error::LoadError;
use crate::follow::Trouble;
use crate::node::coins::Coins;
use crate::node::ground::Ground;
use crate::node::larder::{Larder, Shared};
use crate::node::report::{NodeReport, Relation};
use crate::node::{NodeError, headers};
use crate::options::{Control, Progress};
use crate::outcome::Outcome;
use crate::session::{Ended, Session, Way};

/// How often a node may change its mind while it is read.
const CHANGES_MAX: u32 = 8;
/// How often a node that only grows is read again before that is left for later.
const PASSES_MAX: u32 = 64;

/// A node being read into a store.
pub(super) struct Reader<'r, 'a, 'p> {
    node: &'r mut NodeRpc<'p>,
    pub session: Session<'a>,
    ground: Ground,
    is_checked: bool,
}

/// How one pass ended.
enum Pass {
    /// The store's tip is the node's, or the watcher stopped it.
    Done,
    /// The node lacks the store's tip.
    NodeBehind,
    /// Blocks were added above the store's tip.
    Grown,
    /// Blocks of another branch took the place of stored ones.
    Turned,
    /// The node's chain changed under us.
    Moved,
}

/// What a course needs.
struct Lead {
    course: Course,
    /// The names of the headers that the course's plan refers to.
    hashes: Vec<BlockHash>,
}

impl<'r, 'a, 'p> Reader<'r, 'a, 'p> {
    pub fn new(node: &'r mut NodeRpc<'p>, session: Session<'a>) -> Self {
        Self { node, session, ground: Ground::default(), is_checked: false }
    }

    pub fn into_outcome(self) -> Outcome {
        let ours = self.ours();
        let mut outcome = self.session.into_outcome();
        outcome.node = outcome.node.map(|report| NodeReport { ours, ..report });
        outcome
    }

    /// Reads the node up to its newest block; what it said last is told and kept in the outcome.
    pub fn catch_up(&mut self) -> Result<(), LoadError> {
        if !self.is_checked {
            self.ask(NodeRpc::check_network)?;
            self.is_checked = true;
        }
        let (mut changes, mut passes) = (0, 0);
        loop {
            let status = self.ask(NodeRpc::status)?;
            self.report(&status);
            let pass = match self.pass(&status) {
                Err(LoadError::Node(error)) if error.may_be_movement() => self.explain(&status, error)?,
                pass => pass?,
            };
            passes += 1;
            match pass {
                _ if self.session.outcome.stopped => break,
                Pass::Done => {
                    self.settle(Relation::Following);
                    break;
                }
                Pass::NodeBehind => {
                    self.settle(Relation::NodeBehind);
                    break;
                }
                Pass::Grown if passes == PASSES_MAX => break,
                Pass::Grown => {}
                // To turn once is what a reorganisation is.
                Pass::Turned if passes == 1 => {}
                Pass::Turned | Pass::Moved => changes += 1,
            }
            if changes == CHANGES_MAX {
                return Err(NodeError::Restless { times: changes }.into());
            }
        }
        Ok(())
    }

    /// An honest node contradicts itself only when its chain changes: then its newest block is another now.
    fn explain(&mut self, before: &NodeStatus, error: NodeError) -> Result<Pass, LoadError> {
        let now = self.ask(NodeRpc::status)?;
        if now.best == before.best { Err(error.into()) } else { Ok(Pass::Moved) }
    }

    fn pass(&mut self, status: &NodeStatus) -> Result<Pass, LoadError> {
        let best = Tip { height: status.blocks, hash: status.best };
        if self.ours() == Some(best) || self.session.outcome.stopped {
            return Ok(Pass::Done);
        }
        let view = self.session.view()?;
        if let Some((first, ..)) = self.session.range().filter(|(first, ..)| best.height < *first) {
            return self.below_range(status, first);
        }
        let Some(lead) = self.lead(best, view.as_ref())? else { return Ok(Pass::Done) };
        if let Some(ours) = lead.course.displaced.filter(|_| lead.course.is_lighter) {
            match self.standing(ours, status)? {
                Standing::Aside => {}
                Standing::Unknown => return Ok(Pass::NodeBehind),
                Standing::Active { .. } => return Ok(Pass::Moved),
            }
            // More work is given up for less on the node's word alone: it must say the same twice.
            if self.ask(NodeRpc::status)?.best != status.best {
                return Ok(Pass::Moved);
            }
        }
        self.carry_out(&lead, view)
    }

    /// The node's chain ends below the store's first block: it lags, or is none that the store can follow.
    fn below_range(&mut self, status: &NodeStatus, first: Height) -> Result<Pass, LoadError> {
        let ours = self.ours().expect("there is a range");
        match self.standing(ours, status)? {
            Standing::Unknown => Ok(Pass::NodeBehind),
            Standing::Active { .. } => Ok(Pass::Moved),
            Standing::Aside => {
                let ours = self.session.view()?.map(|view| view.block(first)).transpose()?;
                let ours = ours.expect("there is a range").hash;
                Err(NodeError::OtherChain { first, ours }.into())
            }
        }
    }

    /// What the node makes of our tip. A node on its way to better headers has left nothing yet.
    fn standing(&mut self, ours: Tip, status: &NodeStatus) -> Result<Standing, LoadError> {
        let standing = self.ask(|node| node.standing(ours.hash))?;
        let is_under_way = status.headers > status.blocks;
        Ok(if standing == Standing::Aside && is_under_way { Standing::Unknown } else { standing })
    }

    /// Fetches and checks the headers up to `best`; none when the watcher stopped it.
    fn lead(&mut self, best: Tip, view: Option<&View>) -> Result<Option<Lead>, LoadError> {
        let start = self.session.options().start.unwrap_or(Height(0));
        if view.is_none() && best.height < start {
            return Err(NodeError::BelowStart { tip: best.height, start }.into());
        }
        let below = match view {
            Some(view) => Some(headers::common(self.node, view, best.height.min(view.as_of().height))?),
            None => None,
        };
        let mut tree = match view.zip(below) {
            Some((view, below)) => self.tree(view, below)?,
            None => HeaderTree::new(self.node.params()),
        };
        let session = &mut self.session;
        let hashes = headers::fetch(self.node, &mut tree, below, best, &mut |height| {
            let control = session.watch(Progress::Headers { height, tip: best.height });
            if control == Control::Stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let Some(hashes) = hashes else {
            self.session.outcome.stopped = true;
            return Ok(None);
        };
        let course = tree.course(best.hash, start).map_err(NodeError::from)?;
        if view.is_none() {
            check_known_work(&course, best, self.node.params())?;
        }
        Ok(Some(Lead { course, hashes }))
    }

    /// A tree of the headers that judging those above a stored block takes: the store's own, and the node's where the
    /// store begins too high.
    fn tree(&mut self, view: &View, below: Tip) -> Result<HeaderTree<'p>, LoadError> {
        let AsOf { first, height: tip, .. } = *view.as_of();
        let from = HeaderTree::context_of(below.height);
        let rows = (first.max(from).0..=tip.0).map(|height| view.block(Height(height)));
        let stored: Vec<_> = rows.map(|row| row.map(|row| row.header)).collect::<Result<_, _>>()?;
        let ground = self.ground.from(from, self.node, view)?;
        let mut tree = HeaderTree::new(self.node.params());
        tree.add_stored(from, ground.iter().chain(&stored));
        Ok(tree)
    }

    fn carry_out(&mut self, lead: &Lead, view: Option<View>) -> Result<Pass, LoadError> {
        let Course { plan, displaced, is_lighter, .. } = &lead.course;
        self.session.outcome.note_unchecked(&plan.unchecked);
        let way = Way { in_parts: *is_lighter, ..Way::of(plan) };
        if let Some(keep) = way.keep.filter(|_| displaced.is_some() && way.count == 0) {
            self.session.truncate(keep)?;
            return Ok(Pass::Turned);
        }
        let hashes: Vec<BlockHash> = plan.blocks.iter().map(|block| lead.hashes[block.record]).collect();
        let first = self.session.range().map_or(way.first, |(first, ..)| first);
        let params = self.node.params();
        let shared = Shared::new(self.node);
        let mut coins = Coins::new(&shared, params, first);
        let larder = Larder::new(&shared, &hashes);
        let ended = self.session.take(way, view, larder, &mut |deriver, block| coins.tell(deriver, block))?;
        match ended {
            Ended::Done if displaced.is_some() => Ok(Pass::Turned),
            Ended::Done => Ok(Pass::Grown),
            Ended::Bad { at, bad } => {
                let block = plan.blocks[at];
                Err(NodeError::of_block(hashes[at], block.height, bad).into())
            }
        }
    }

    /// The store's newest block.
    fn ours(&self) -> Option<Tip> {
        self.session.range().map(|(_, height, hash)| Tip { height, hash })
    }

    /// Tells what the node says of itself; whose chain is ahead is as it was until more is known.
    fn report(&mut self, status: &NodeStatus) {
        let before = self.session.outcome.node.take().unwrap_or_default();
        let same_tip = before.status.as_ref().is_some_and(|told| told.best == status.best);
        let tip_since = if same_tip { before.tip_since } else { self.session.now };
        let (status, ours) = (Some(status.clone()), self.ours());
        self.session.tell_node(NodeReport { status, ours, tip_since, ..before });
    }

    /// Tells whose chain is ahead, where that is news.
    fn settle(&mut self, relation: Relation) {
        let before = self.session.outcome.node.clone().unwrap_or_default();
        if before.relation != relation {
            self.session.tell_node(NodeReport { ours: self.ours(), relation, ..before });
        }
    }

    /// Tells what went wrong, or that it is over.
    pub fn tell_trouble(&mut self, trouble: Option<Trouble>) {
        let before = self.session.outcome.node.clone().unwrap_or_default();
        if before.trouble != trouble {
            self.session.tell_node(NodeReport { ours: self.ours(), trouble, ..before });
        }
    }

    fn ask<T>(&mut self, question: impl FnOnce(&mut NodeRpc<'p>) -> Result<T, RpcError>) -> Result<T, LoadError> {
        Ok(question(self.node).map_err(NodeError::from)?)
    }

    /// Has the network checked again before the next blocks: another node may answer there now.
    pub fn distrust(&mut self) {
        self.is_checked = false;
    }
}

/// Whether a whole chain has the work that the network's is known to have had.
fn check_known_work(course: &Course, best: Tip, params: &Params) -> Result<(), NodeError> {
    let found = ChainWork { work: course.work, height: best.height };
    let known = params.work_min;
    if found.work < known.work { Err(NodeError::LittleWork { found, known }) } else { Ok(()) }
}
