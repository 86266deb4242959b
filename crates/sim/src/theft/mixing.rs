//! Collaborative transactions, in the forms that published predicates describe: CoinJoins of the
//! JoinMarket kind, and mixes of the Whirlpool kind with the transactions that feed them.

use coinhound_chains::bitcoin::encode::OutPoint;

use crate::software::Order;
use crate::theft::town::{Coin, Payee, Town};
use crate::theft::traffic::{BTC, Cast};
use crate::theft::truth::Purpose;

/// What one output of a mix is worth, in satoshi.
pub(crate) const POOL: u64 = 5_000_000;
/// What each coin that enters brings for the miners of its first mix, in satoshi.
const MIX_FEE: u64 = 20_000;
/// What the coordinator takes for each entry, in satoshi.
const ENTRY_FEE: u64 = 175_000;
/// Outputs of a mix.
const MIX_SIZE: usize = 5;
/// Makers in a CoinJoin, beside the one who asks for it.
const MAKERS: usize = 5;
/// What a maker earns for taking part, in satoshi.
const MAKER_FEE: u64 = 60_000;

/// Each maker gets coins to offer, from a pool.
pub(crate) fn fund_makers(town: &mut Town, cast: &Cast) {
    for maker in cast.makers.clone() {
        let value = town.rng.range(14 * BTC, 22 * BTC);
        let slot = town.fresh(maker);
        let paid = cast.miners.iter().find_map(|pool| town.send(*pool, &[(slot, value)], Purpose::Payment));
        paid.expect("pools hold most of what was mined");
    }
}

/// A CoinJoin that the owner of `taken` asks for. Returns the equal output and the change.
///
/// All outputs are to new addresses; makers get their change and a fee, the asker pays for everything.
pub(crate) fn coin_join(town: &mut Town, cast: &Cast, taken: Coin) -> (OutPoint, OutPoint) {
    let taker = taken.slot.owner;
    let equal = town.rng.range(4 * BTC, 7 * BTC) + town.rng.below(100_000);
    let makers = ready_makers(town, cast, equal);
    assert_eq!(makers.len(), MAKERS, "makers were funded for every round");
    let miner_fee = town.fee(MAKERS + 1, 2 * MAKERS + 2);
    let taker_pays = equal + miner_fee + MAKER_FEE * MAKERS as u64;
    let mut coins = vec![taken];
    let mut outputs = shares(town, taker, equal, taken.value - taker_pays);
    for maker in makers {
        let offered = town.take_worth(maker, equal + MAKER_FEE).expect("ready");
        let worth: u64 = offered.iter().map(|coin| coin.value).sum();
        outputs.extend(shares(town, maker, equal, worth + MAKER_FEE - equal));
        coins.extend(offered);
    }
    town.rng.shuffle(&mut coins);
    town.rng.shuffle(&mut outputs);
    let at = |value: u64| outputs.iter().position(|(payee, paid)| payee.owner() == Some(taker) && *paid == value);
    let (mine, change) = (at(equal), at(taken.value - taker_pays));
    let txid = town.spend(taker, coins, outputs, Purpose::CoinJoin);
    let outpoint = |at: Option<usize>| {
        let index = u32::try_from(at.expect("the taker has both outputs")).expect("twelve outputs");
        OutPoint { txid, index }
    };
    (outpoint(mine), outpoint(change))
}

fn ready_makers(town: &mut Town, cast: &Cast, equal: u64) -> Vec<u32> {
    let mut makers: Vec<_> = cast.makers.clone().filter(|maker| town.balance(*maker) >= equal + BTC).collect();
    town.rng.shuffle(&mut makers);
    makers.truncate(MAKERS);
    makers
}

fn shares(town: &mut Town, owner: u32, equal: u64, change: u64) -> Vec<(Payee, u64)> {
    vec![(town.fresh(owner).into(), equal), (town.fresh(owner).into(), change)]
}

/// Makers cut coins for later mixes, and the coordinator makes the first coins of the pool's size.
pub(crate) fn customers_enter(town: &mut Town, cast: &Cast) {
    let first: Vec<_> = (0..4).map(|_| (town.fresh(cast.coordinator), POOL)).collect();
    let paid = cast.miners.iter().find_map(|pool| town.send(*pool, &first, Purpose::Payment));
    paid.expect("pools hold most of what was mined");
    for customer in cast.makers.clone().take(6) {
        if let Some(coins) = town.take_worth(customer, BTC) {
            enter(town, cast, customer, coins, 8);
        }
    }
}

/// The transaction before a first mix: equal coins a little above the pool's size, the coordinator's
/// fee, a data output, and change.
pub(crate) fn enter(town: &mut Town, cast: &Cast, owner: u32, coins: Vec<Coin>, count: u64) {
    let mut data = vec![0; 64];
    town.rng.fill(&mut data);
    let total: u64 = coins.iter().map(|coin| coin.value).sum();
    let fee = town.fee(coins.len(), usize::try_from(count).expect("few") + 4);
    let mut outputs = vec![(Payee::Data(data), 0), (town.fresh(cast.coordinator).into(), ENTRY_FEE)];
    for _ in 0..count {
        outputs.push((town.fresh(owner).into(), POOL + MIX_FEE));
    }
    let change = total - ENTRY_FEE - count * (POOL + MIX_FEE) - fee;
    outputs.push((town.fresh(owner).into(), change));
    town.spend(owner, coins, outputs, Purpose::MixEntry);
}

/// One mix: coins of the pool's exact size that were mixed before, and new ones that pay the miner.
pub(crate) fn mix(town: &mut Town, cast: &Cast) {
    let mut coins = pool_coins(town, cast, 2, POOL);
    coins.extend(pool_coins(town, cast, MIX_SIZE - coins.len(), POOL + MIX_FEE));
    if coins.len() < MIX_SIZE {
        return coins.into_iter().for_each(|coin| town.wallet(coin.slot.owner).coins.push(coin));
    }
    let owners: Vec<_> = coins.iter().map(|coin| coin.slot.owner).collect();
    let outputs = owners.into_iter().map(|owner| (town.fresh(owner).into(), POOL)).collect();
    let signer = cast.coordinator;
    town.wallet(signer).software.order = Order::Shuffled;
    town.spend(signer, coins, outputs, Purpose::Mix);
}

/// Takes up to `count` coins worth exactly `value`, each from another party, beginning anywhere.
fn pool_coins(town: &mut Town, cast: &Cast, count: usize, value: u64) -> Vec<Coin> {
    let mut parties: Vec<_> = cast.makers.clone().chain([cast.thief, cast.coordinator]).collect();
    town.rng.shuffle(&mut parties);
    let mut coins = vec![];
    for party in parties {
        if coins.len() == count {
            break;
        }
        coins.extend(town.take_oldest(party, 1, |coin| coin.value == value));
    }
    coins
}
