//! The load that is killed: the product's own, on a disk that tells its steps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use coinhound_store::manifest::Manifest;
use coinhound_store::storage::DiskStorage;

use super::announced::Announced;
use super::feed::Feed;
use super::stage::{Stage, Word};
use super::voice::{Armed, Voice, say};

/// What to load, and where to expect the kill.
#[derive(Args)]
pub struct ChildArgs {
    /// Folder of block files, or a node's address.
    pub blocks: String,
    /// Folder of the store.
    pub store: PathBuf,
    /// Blocks from one commit to the next.
    pub batch: u64,
    /// Threads of the load.
    pub threads: usize,
    /// The stage to be slow in.
    #[arg(long)]
    pub stage: Option<Stage>,
    /// Steps of the stage to pass at full speed.
    #[arg(long, default_value_t = 0)]
    pub after: u64,
    /// Microseconds to wait before each later step of it.
    #[arg(long, default_value_t = 0)]
    pub pause: u64,
    /// A planted fault: the manifest is written over the old one.
    #[arg(long)]
    pub in_place: bool,
}

/// Loads until it is killed or done.
///
/// # Errors
/// Those of the load.
pub fn run(args: &ChildArgs) -> Result<()> {
    let pause = Duration::from_micros(args.pause);
    let armed = args.stage.map(|stage| Armed { stage, after: args.after, pause });
    let disk = DiskStorage::new(&args.store);
    let tip = Manifest::read(&disk).ok().map(|manifest| manifest.tip.height());
    let voice = Arc::new(Voice::new(armed, tip));
    let announced = Announced::new(disk, voice.clone(), args.in_place);
    Feed::parse(&args.blocks).load(Arc::new(announced), args.threads, args.batch, &mut |heard| voice.hear(&heard))?;
    say(&Word::Done);
    Ok(())
}
