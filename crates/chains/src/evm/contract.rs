//! What transactions show about contracts: who made them, whose code they run, who may decide for them.
//!
//! **Proven**: that a transaction made a contract (its address follows from sender and nonce), and that a contract said what
//! its logs say: the events of proxies (EIP-1967), of contracts with one owner, and of Safes. That what it said is true is
//! not proven; anybody can say the same words.
//! **The node's word**: which contracts made which others, and which of them are minimal proxies (EIP-1167).
//!
//! **Not seen here**: a proxy whose storage is changed without a word. In the theft from Bybit (February 2025) a contract
//! called by delegation wrote another implementation into the Safe's first slot; no log was made, and no fact stands there.
//! Nor are modules and guards of Safes seen, facets (EIP-2535), code that an account was given by signature (EIP-7702), or
//! an implementation that a constructor writes without a log. So facts tell what was done in the open: that there is none
//! says nothing.

use std::collections::BTreeSet;

use coinhound_model::{ContractFact, FactSource, Saying};

use crate::evm::hash::{Address, Hash, word};
use crate::evm::receipt::{Ending, Log, Receipt};
use crate::evm::token::address_in;
use crate::evm::trace::{Made, TxTrace};
use crate::evm::tx::Transaction;

/// `Upgraded(address)`.
const UPGRADED: Hash = word("bc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b");
/// `AdminChanged(address,address)`.
const ADMIN_CHANGED: Hash = word("7e644d79422f17c01e4894b5f4f588d331ebfa28653d42ae832dc59e38c9798f");
/// `BeaconUpgraded(address)`.
const BEACON_UPGRADED: Hash = word("1cf3b03a6cf19fa2baba4df148e9dcabedea7f8a5c07840e207e5c089be95d3e");
/// `OwnershipTransferred(address,address)`.
const OWNERSHIP_TRANSFERRED: Hash = word("8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0");
/// `SafeSetup(address,address[],uint256,address,address)`.
const SAFE_SETUP: Hash = word("141df868a6331af528e38c83b7aa03edc19be66e37ae67f9285bf4f8e3c6a1a8");
/// `AddedOwner(address)`.
const ADDED_OWNER: Hash = word("9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26");
/// `RemovedOwner(address)`.
const REMOVED_OWNER: Hash = word("f8d49fc529812e9a7c5c50e69c20f0dccc0db8fa95c98bc58cc9a4f1c1299eaf");
/// `ChangedThreshold(uint256)`.
const CHANGED_THRESHOLD: Hash = word("610f7ff2b304ae8903c3de74c60c6ab1f7d6226b3f52c5161905bb5ad4039c93");
/// `ChangedMasterCopy(address)`.
const CHANGED_MASTER_COPY: Hash = word("75e41bc35ff1bf14d81d1d2f649c0084a0f974f9289c803ec9898eeec4c8d0b8");
/// `ProxyCreation(address,address)`.
const PROXY_CREATION: Hash = word("4f51faf6c4561ff95f067657e43439f0f856d97c04d9ec9070a6199ad418e235");

/// What a transaction that did not fail shows about contracts, each fact once: the contract that it made, those that were
/// made inside it, then what logs say, in their order. Either form of traces gives the same.
#[must_use]
pub fn facts(tx: &Transaction, receipt: &Receipt, trace: Option<&TxTrace>) -> Vec<ContractFact> {
    let mut told = Told::default();
    if let Some(contract) = tx.created() {
        let made = Saying::MadeByTransaction(tx.from.account());
        succeeded(receipt, trace).into_iter().for_each(|source| told.add(contract, made.clone(), source));
        let runs = trace.and_then(|trace| trace.runs);
        runs.into_iter().for_each(|runs| told.add(contract, Saying::RunsCodeOf(runs.account()), FactSource::Trace));
    }
    trace.iter().flat_map(|trace| &trace.made).for_each(|made| told.made(made));
    receipt.logs.iter().for_each(|log| told.log(log));
    told.facts
}

/// Who says that a transaction did not fail; nobody does before Byzantium where there is neither a log nor a trace.
fn succeeded(receipt: &Receipt, trace: Option<&TxTrace>) -> Option<FactSource> {
    match receipt.ending {
        Ending::Failed => None,
        Ending::Succeeded => Some(FactSource::Transaction),
        // What was undone leaves no log.
        Ending::NotTold(_) if !receipt.logs.is_empty() => Some(FactSource::Transaction),
        Ending::NotTold(_) => trace.is_some().then_some(FactSource::Trace),
    }
}

/// The facts of one transaction.
#[derive(Default)]
struct Told {
    facts: Vec<ContractFact>,
    known: BTreeSet<ContractFact>,
}

impl Told {
    fn add(&mut self, subject: Address, says: Saying, source: FactSource) {
        let fact = ContractFact { subject: subject.account(), says, source };
        if self.known.insert(fact.clone()) {
            self.facts.push(fact);
        }
    }

    fn made(&mut self, made: &Made) {
        self.add(made.contract, Saying::MadeByContract(made.creator.account()), FactSource::Trace);
        if let Some(runs) = made.runs {
            self.add(made.contract, Saying::RunsCodeOf(runs.account()), FactSource::Trace);
        }
    }

    fn log(&mut self, log: &Log) {
        match said(log) {
            Some(Said::OfItself(sayings)) => {
                sayings.into_iter().for_each(|says| self.add(log.address, says, FactSource::Log));
            }
            Some(Said::OfAnother { proxy, singleton }) => {
                self.add(proxy, Saying::MadeByContract(log.address.account()), FactSource::OtherLog);
                self.add(proxy, Saying::RunsCodeOf(singleton.account()), FactSource::OtherLog);
            }
            None => {}
        }
    }
}

/// What a log says about contracts.
enum Said {
    /// Of the contract that speaks.
    OfItself(Vec<Saying>),
    /// A factory, of the proxy that it made.
    OfAnother { proxy: Address, singleton: Address },
}

/// What a log of exactly one of the known shapes says; `None` for any other.
fn said(log: &Log) -> Option<Said> {
    let &name = log.topics.first()?;
    let one = |says: fn(_) -> Saying| Some(Said::OfItself(vec![says(Arguments::of(log)?.only()?.account())]));
    match name {
        UPGRADED | CHANGED_MASTER_COPY => one(Saying::RunsCodeOf),
        BEACON_UPGRADED => one(Saying::Beacon),
        ADDED_OWNER => one(Saying::OwnerAdded),
        REMOVED_OWNER => one(Saying::OwnerRemoved),
        ADMIN_CHANGED => match Arguments::of(log)?.plain()?.as_slice() {
            [_before, now] => Some(Said::OfItself(vec![Saying::Administrator(address_in(now)?.account())])),
            _ => None,
        },
        CHANGED_THRESHOLD => match Arguments::of(log)?.plain()?.as_slice() {
            [threshold] => Some(Said::OfItself(vec![Saying::Threshold(small(threshold)?)])),
            _ => None,
        },
        OWNERSHIP_TRANSFERRED => ownership(&Arguments::of(log)?),
        SAFE_SETUP => safe_setup(&Arguments::of(log)?),
        PROXY_CREATION => match Arguments::of(log)?.all().as_slice() {
            [proxy, singleton] => {
                Some(Said::OfAnother { proxy: address_in(proxy)?, singleton: address_in(singleton)? })
            }
            _ => None,
        },
        _ => None,
    }
}

/// Both sides are indexed; nobody is before the first owner, and after one who gave it up.
fn ownership(arguments: &Arguments) -> Option<Said> {
    let ([before, now], []) = (arguments.indexed.as_slice(), arguments.words.as_slice()) else { return None };
    let (before, now) = (address_in(before)?, address_in(now)?);
    let removed = (before != Address::ZERO).then(|| Saying::OwnerRemoved(before.account()));
    let added = (now != Address::ZERO).then(|| Saying::OwnerAdded(now.account()));
    let changed = before != now;
    Some(Said::OfItself(removed.into_iter().chain(added).filter(|_| changed).collect()))
}

/// The initiator is indexed; then stand where the owners begin, the threshold, two more addresses, and the owners.
fn safe_setup(arguments: &Arguments) -> Option<Said> {
    let ([initiator], [offset, threshold, initializer, fallback, count, owners @ ..]) =
        (arguments.indexed.as_slice(), arguments.words.as_slice())
    else {
        return None;
    };
    [initiator, initializer, fallback].into_iter().try_for_each(|word| address_in(word).map(drop))?;
    if small(offset)? != 4 * 32 || usize::try_from(small(count)?).ok()? != owners.len() {
        return None;
    }
    let added = owners.iter().map(|owner| Some(Saying::OwnerAdded(address_in(owner)?.account())));
    let threshold = Saying::Threshold(small(threshold)?);
    Some(Said::OfItself(added.chain([Some(threshold)]).collect::<Option<_>>()?))
}

/// A log's arguments as words of 32 bytes.
struct Arguments {
    /// Those in topics.
    indexed: Vec<Hash>,
    /// Those in its data.
    words: Vec<Hash>,
}

impl Arguments {
    /// `None` where the data are no whole words.
    fn of(log: &Log) -> Option<Self> {
        let (words, rest) = log.data.as_chunks::<32>();
        let indexed = log.topics.get(1..)?.to_vec();
        rest.is_empty().then(|| Self { indexed, words: words.iter().map(|&word| Hash(word)).collect() })
    }

    /// The one address, indexed or not: both occur.
    fn only(&self) -> Option<Address> {
        match self.all().as_slice() {
            [word] => address_in(word),
            _ => None,
        }
    }

    /// Those in its data, where none is indexed.
    fn plain(self) -> Option<Vec<Hash>> {
        self.indexed.is_empty().then_some(self.words)
    }

    /// All, the indexed first.
    fn all(&self) -> Vec<Hash> {
        self.indexed.iter().chain(&self.words).copied().collect()
    }
}

/// A number of at most 64 bits.
fn small(word: &Hash) -> Option<u64> {
    let (high, low) = word.0.split_last_chunk::<8>()?;
    high.iter().all(|&byte| byte == 0).then(|| u64::from_be_bytes(*low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::hash::keccak256;

    const CONTRACT: Address = Address([0xcc; 20]);

    fn account(byte: u8) -> Hash {
        let mut word = [0; 32];
        word[12..].fill(byte);
        Hash(word)
    }

    fn number(number: u8) -> Hash {
        let mut word = [0; 32];
        word[31] = number;
        Hash(word)
    }

    /// What a contract says, as a reader sees it: `+1` for an owner that it gained.
    fn told(topics: &[Hash], words: &[Hash]) -> Vec<String> {
        let data = words.iter().flat_map(|word| word.0).collect();
        told_of(&Log { address: CONTRACT, topics: topics.to_vec(), data })
    }

    fn told_of(log: &Log) -> Vec<String> {
        let mut told = Told::default();
        told.log(log);
        let show = |fact: &ContractFact| {
            let byte = |account: &coinhound_model::Account| format!("{:x}", account.0[0]);
            let what = fact.says.account().map(byte);
            let what = what.unwrap_or_else(|| match fact.says {
                Saying::Threshold(threshold) => threshold.to_string(),
                _ => unreachable!("all others name an account"),
            });
            format!("{} {} {what}", byte(&fact.subject), fact.says.name())
        };
        told.facts.iter().map(show).collect()
    }

    #[test]
    fn names_are_hashes_of_their_signatures() {
        for (name, signature) in [
            (UPGRADED, "Upgraded(address)"),
            (ADMIN_CHANGED, "AdminChanged(address,address)"),
            (BEACON_UPGRADED, "BeaconUpgraded(address)"),
            (OWNERSHIP_TRANSFERRED, "OwnershipTransferred(address,address)"),
            (SAFE_SETUP, "SafeSetup(address,address[],uint256,address,address)"),
            (ADDED_OWNER, "AddedOwner(address)"),
            (REMOVED_OWNER, "RemovedOwner(address)"),
            (CHANGED_THRESHOLD, "ChangedThreshold(uint256)"),
            (CHANGED_MASTER_COPY, "ChangedMasterCopy(address)"),
            (PROXY_CREATION, "ProxyCreation(address,address)"),
        ] {
            assert_eq!(name, keccak256(signature.as_bytes()), "{signature}");
        }
    }

    #[test]
    fn proxies_say_whose_code_they_run_and_who_may_change_it() {
        let [one, two] = [account(1), account(2)];
        assert_eq!(told(&[UPGRADED, one], &[]), ["cc runs the code of 1"]);
        assert_eq!(told(&[UPGRADED], &[one]), ["cc runs the code of 1"], "the oldest proxies do not index it");
        assert_eq!(told(&[BEACON_UPGRADED, one], &[]), ["cc takes its code from the beacon 1"]);
        assert_eq!(told(&[ADMIN_CHANGED], &[one, two]), ["cc has the administrator 2"]);
        assert_eq!(told(&[CHANGED_MASTER_COPY], &[two]), ["cc runs the code of 2"]);
    }

    #[test]
    fn owners_come_and_go() {
        let [nobody, one, two] = [account(0), account(1), account(2)];
        assert_eq!(told(&[OWNERSHIP_TRANSFERRED, one, two], &[]), ["cc lost the owner 1", "cc has the new owner 2"]);
        assert_eq!(told(&[OWNERSHIP_TRANSFERRED, nobody, two], &[]), ["cc has the new owner 2"]);
        assert_eq!(told(&[OWNERSHIP_TRANSFERRED, one, nobody], &[]), ["cc lost the owner 1"]);
        assert_eq!(told(&[OWNERSHIP_TRANSFERRED, one, one], &[]), Vec::<String>::new());
        assert_eq!(told(&[ADDED_OWNER], &[one]), ["cc has the new owner 1"]);
        assert_eq!(told(&[ADDED_OWNER, one], &[]), ["cc has the new owner 1"]);
        assert_eq!(told(&[REMOVED_OWNER], &[two]), ["cc lost the owner 2"]);
        assert_eq!(told(&[CHANGED_THRESHOLD], &[number(3)]), ["cc needs so many owners: 3"]);
    }

    #[test]
    fn a_safe_s_beginning_names_each_owner_and_the_threshold() {
        let head = [number(128), number(2), account(0), account(7)];
        let setup =
            |count, owners: &[Hash]| told(&[SAFE_SETUP, account(9)], &[&head[..], &[number(count)], owners].concat());
        let owners = [account(1), account(2), account(3)];
        assert_eq!(
            setup(3, &owners),
            [
                "cc has the new owner 1",
                "cc has the new owner 2",
                "cc has the new owner 3",
                "cc needs so many owners: 2"
            ]
        );
        assert_eq!(setup(2, &owners), Vec::<String>::new(), "more owners than counted");
        assert_eq!(setup(4, &owners), Vec::<String>::new(), "fewer");
        assert_eq!(setup(3, &[owners[0], owners[1], Hash([1; 32])]), Vec::<String>::new(), "no address");
        assert_eq!(told(&[SAFE_SETUP, account(9)], &head), Vec::<String>::new(), "no list");
    }

    #[test]
    fn what_a_factory_says_of_a_proxy_is_another_contract_s_word() {
        let want = ["aa made by the contract cc", "aa runs the code of bb"];
        assert_eq!(told(&[PROXY_CREATION], &[account(0xaa), account(0xbb)]), want);
        assert_eq!(told(&[PROXY_CREATION, account(0xaa)], &[account(0xbb)]), want);
        let mut told = Told::default();
        let data = [account(0xaa).0, account(0xbb).0].concat();
        told.log(&Log { address: CONTRACT, topics: vec![PROXY_CREATION], data });
        assert!(told.facts.iter().all(|fact| fact.source == FactSource::OtherLog));
    }

    #[test]
    fn a_log_of_another_shape_says_nothing() {
        let nothing = Vec::<String>::new();
        let [one, huge] = [account(1), Hash([0xff; 32])];
        for name in [UPGRADED, BEACON_UPGRADED, ADDED_OWNER, REMOVED_OWNER, CHANGED_MASTER_COPY, CHANGED_THRESHOLD] {
            assert_eq!(told(&[name], &[]), nothing);
            assert_eq!(told(&[name, one], &[one]), nothing);
            assert_eq!(told(&[name, huge], &[]), nothing);
            assert_eq!(told(&[name], &[huge]), nothing);
            let short = Log { address: CONTRACT, topics: vec![name], data: vec![0; 31] };
            assert_eq!(told_of(&short), nothing);
        }
        for name in [ADMIN_CHANGED, OWNERSHIP_TRANSFERRED, PROXY_CREATION, SAFE_SETUP] {
            for (topics, words) in [(0, 0), (1, 0), (0, 1), (2, 1), (1, 3), (0, 3)] {
                let topics = [&[name][..], &vec![one; topics]].concat();
                assert_eq!(told(&topics, &vec![one; words]), nothing);
            }
        }
        assert_eq!(told(&[OWNERSHIP_TRANSFERRED], &[one, one]), nothing, "both are indexed");
        assert_eq!(told_of(&Log { address: CONTRACT, topics: Vec::new(), data: Vec::new() }), nothing);
    }
}
