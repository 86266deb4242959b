//! A comparison that cannot fail shows nothing: each fault planted in the listing must be noticed.

use anyhow::{Context, Result, ensure};
use coinhound_chains::bitcoin::BlockDir;
use coinhound_model::Hash256;
use coinhound_store::view::View;

use crate::kernel::listing::{Block, Coin, Listing, Output, Standing};
use crate::kernel::{blocks, store};

/// Changes a listing so that it is wrong; tells whether there was something to change.
type Fault = (&'static str, fn(&mut Listing) -> Option<()>);

/// What the reader of files must notice.
const IN_FILES: &[Fault] = &[
    ("a block is missing", |listing| listing.blocks.pop().map(drop)),
    ("a stale block is active", |listing| {
        let stale = listing.blocks.iter_mut().find(|block| block.standing == Standing::Stale);
        stale.map(|block| block.standing = Standing::Active)
    }),
    ("the tip is stale", |listing| {
        let tip = listing.blocks.iter_mut().rev().find(|block| block.standing == Standing::Active);
        tip.map(|block| block.standing = Standing::Stale)
    }),
    ("a block's bytes", |listing| block(listing).map(|block| block.digest = Hash256::ZERO)),
    ("a transaction's hash", |listing| block(listing).map(|block| block.txs[0].txid = Hash256::ZERO)),
    ("an input's coin", |listing| block(listing)?.txs.last_mut()?.inputs.last_mut().map(|input| input.1 += 1)),
    ("an output's amount", |listing| output(listing, |_| true).map(|output| output.satoshi += 1)),
    ("an output's script", |listing| output(listing, |_| true).map(|output| output.script.push(0))),
    ("a key of a lock", |listing| {
        let plain = |output: &Output| output.key.is_some() && output.script.len() != 23;
        output(listing, plain).and_then(|output| output.key.as_mut()).map(|key| key[1] ^= 1)
    }),
    ("a key that spending shows", |listing| {
        let spent: Vec<_> = listing.blocks.iter().flat_map(|b| &b.txs).flat_map(|tx| tx.inputs.clone()).collect();
        let txs = listing.blocks.iter_mut().flat_map(|block| &mut block.txs);
        let mut outputs = txs.flat_map(|tx| {
            let txid = tx.txid;
            tx.outputs.iter_mut().zip(0..).map(move |(output, at)| ((txid, at), output))
        });
        let nested =
            outputs.find(|(at, output)| output.key.is_some() && output.script.len() == 23 && spent.contains(at));
        nested.and_then(|(_, output)| output.key.as_mut()).map(|key| key[1] ^= 1)
    }),
    ("a spent coin's amount", |listing| spent(listing).map(|coin| coin.satoshi += 1)),
    ("a spent coin's height", |listing| spent(listing).map(|coin| coin.height += 1)),
    ("a spent coin's coinbase flag", |listing| spent(listing).map(|coin| coin.coinbase ^= true)),
    ("a spent coin's script", |listing| spent(listing).map(|coin| coin.script.push(0))),
    ("a block's coins are untold", |listing| block(listing).map(|block| block.told = false)),
];

/// What the store must notice.
const IN_STORE: &[Fault] = &[
    ("a coin of the unspent set is missing", |listing| listing.unspent.pop().map(drop)),
    ("an unspent coin's amount", |listing| listing.unspent.last_mut().map(|unspent| unspent.coin.satoshi += 1)),
    ("an unspent coin's height", |listing| listing.unspent.last_mut().map(|unspent| unspent.coin.height += 1)),
    ("an unspent coin's coinbase flag", |listing| {
        listing.unspent.last_mut().map(|unspent| unspent.coin.coinbase ^= true)
    }),
    ("an unspent coin's script", |listing| listing.unspent.last_mut().map(|unspent| unspent.coin.script.push(0))),
    ("an unspent coin too many", |listing| {
        let mut more = listing.unspent.last()?.clone();
        more.index += 1;
        listing.unspent.push(more);
        Some(())
    }),
    ("a spent coin's amount", |listing| spent(listing).map(|coin| coin.satoshi += 1)),
    ("an output's script", |listing| {
        output(listing, |output| output.script.len() == 22).map(|output| output.script[5] ^= 1)
    }),
    ("a key of a lock", |listing| {
        output(listing, |output| output.key.is_some() && output.script.len() == 22)
            .and_then(|output| output.key.as_mut())
            .map(|key| key[1] ^= 1)
    }),
];

/// Plants one fault after another; returns how many were noticed, which is all of them.
///
/// # Errors
/// Names the fault that was not noticed, or for which the chain has no place.
pub fn plant_all(dir: &BlockDir, view: &View, listing: &Listing) -> Result<usize> {
    for (name, fault) in IN_FILES {
        ensure!(blocks::check(dir, &with(listing, name, *fault)?).is_err(), "fault not noticed in the files: {name}");
    }
    for (name, fault) in IN_STORE {
        ensure!(store::check(view, &with(listing, name, *fault)?).is_err(), "fault not noticed in the store: {name}");
    }
    Ok(IN_FILES.len() + IN_STORE.len())
}

fn with(listing: &Listing, name: &str, fault: fn(&mut Listing) -> Option<()>) -> Result<Listing> {
    let mut changed = listing.clone();
    fault(&mut changed).with_context(|| format!("the chain has no place for the fault: {name}"))?;
    Ok(changed)
}

/// An active block that spends something.
fn block(listing: &mut Listing) -> Option<&mut Block> {
    listing.blocks.iter_mut().find(|block| block.standing == Standing::Active && block.txs.len() > 1)
}

fn output(listing: &mut Listing, wanted: fn(&Output) -> bool) -> Option<&mut Output> {
    let active = listing.blocks.iter_mut().filter(|block| block.standing == Standing::Active);
    active.flat_map(|block| &mut block.txs).flat_map(|tx| &mut tx.outputs).find(|output| wanted(output))
}

fn spent(listing: &mut Listing) -> Option<&mut Coin> {
    block(listing)?.txs.iter_mut().flat_map(|tx| &mut tx.spent).next()
}
