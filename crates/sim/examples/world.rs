//! Makes a world and prints how long that took, what it holds and what it looks like.
//!
//! `cargo run --release -p coinhound-sim --example world -- town 7 1000000`

use std::time::Instant;

use coinhound_sim::world::shape::Shape;
use coinhound_sim::world::{Profile, World};

fn main() {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_else(|| "town".to_owned());
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
    let seed = number(args.next()).unwrap_or(7);
    let Some(profile) = Profile::named(&name) else {
        return eprintln!("error: no profile is called `{name}`\n\nhint: quiet, town, heist-2018, hostile");
    };
    let profile = number(args.next()).map_or(profile, |txs| profile.grown(txs));
    let mut world = World::new(profile, seed);
    let began = Instant::now();
    let (mut txs, mut bytes) = (0, 0);
    for block in world.by_ref() {
        txs += block.txids.len();
        bytes += block.bytes.len();
    }
    let took = began.elapsed();
    let size = world.size();
    println!("{name}, seed {seed}: {txs} transactions, {bytes} bytes, {} blocks, {took:?}", profile.blocks);
    println!("{} transactions a second", txs as u128 * 1_000_000 / took.as_micros().max(1));
    println!("{} parties, {} unspent coins, {} bytes of state", size.parties, size.coins, size.state_bytes);
    for sum in world.loot() {
        println!("{sum:?}");
    }
    if txs < 400_000 {
        let mut shape = Shape::new(profile.era, profile.blocks * 2 / 5);
        World::new(profile, seed).for_each(|block| shape.add(&block));
        println!("{}", shape.table());
    }
}
