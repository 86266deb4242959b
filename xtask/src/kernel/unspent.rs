//! The unspent set of a store against Core's own, coin by coin.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail, ensure};
use coinhound_chains::bitcoin::lock_script;
use coinhound_model::{AddressId, Height, HoldingId, Ledger, TxHash};
use coinhound_store::view::View;

use crate::kernel::listing::{Coin, Listing};

/// What agreed.
pub struct Tally {
    coins: usize,
    satoshi: u128,
    scripts: usize,
    coinbases: usize,
}

type Coins = BTreeMap<(TxHash, u32), Coin>;

/// Compares both sets; neither has the genesis block's coin, nor one that nobody can ever spend.
///
/// # Errors
/// Names the first coin that differs.
pub fn check(view: &View, listing: &Listing) -> Result<Tally> {
    let theirs: Coins =
        listing.unspent.iter().map(|unspent| ((unspent.txid, unspent.index), unspent.coin.clone())).collect();
    ensure!(theirs.len() == listing.unspent.len(), "the kernel tells a coin twice");
    let ours = unspent(view)?;
    for (outpoint, coin) in &ours {
        match theirs.get(outpoint) {
            Some(told) if told == coin => {}
            Some(told) => bail!("coin {}:{} is {coin:?}, told {told:?}", outpoint.0, outpoint.1),
            None => bail!("coin {}:{} is unspent for us, not for the kernel", outpoint.0, outpoint.1),
        }
    }
    if let Some((txid, index)) = theirs.keys().find(|outpoint| !ours.contains_key(outpoint)) {
        bail!("coin {txid}:{index} is unspent for the kernel, not for us");
    }
    let scripts: std::collections::BTreeSet<_> = ours.values().map(|coin| &coin.script).collect();
    Ok(Tally {
        coins: ours.len(),
        satoshi: ours.values().map(|coin| u128::from(coin.satoshi)).sum(),
        scripts: scripts.len(),
        coinbases: ours.values().filter(|coin| coin.coinbase).count(),
    })
}

/// Every coin of the view that nothing spends and somebody could.
fn unspent(view: &View) -> Result<Coins> {
    let mut coins = Coins::new();
    for holding in (0..view.counts().outputs).map(HoldingId) {
        let entry = view.entry(holding);
        if entry.owner == AddressId::NONE || view.spender(holding).is_some() {
            continue;
        }
        let Some((maker, _)) = view.origin(holding) else { bail!("{holding:?} has no maker") };
        let Some(lock) = view.lock(entry.owner) else { bail!("{:?} has no lock", entry.owner) };
        let height = view.height(maker);
        if height > Height(0) {
            let coinbase = view.inputs(maker).is_empty();
            let coin = Coin { satoshi: entry.units, height: height.0, coinbase, script: lock_script(lock) };
            coins.insert(view.outpoint(holding), coin);
        }
    }
    Ok(coins)
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} coins unspent, {} satoshi on {} scripts, {} coins of coinbases: the kernel's own set",
            self.coins, self.satoshi, self.scripts, self.coinbases
        )
    }
}
