//! Every lie: the store holds what was proven and nothing else, and the error says what was wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use coinhound_ingest::{LoadError, NodeError};
use coinhound_testkit::node::{Lie, made};
use expect_test::expect;

use crate::node::{Rig, fresh_raw};
use crate::support::{Content, assert_same};

const BLOCKS: u32 = 12;
/// Blocks in the store, beside the first, before the lie is told.
const HELD: usize = 6;

/// The stores of every number of blocks of a chain.
fn prefixes(chain: &[Vec<u8>]) -> Vec<Content> {
    let some = (1..=chain.len()).map(|end| fresh_raw(&chain[..end]));
    std::iter::once(Content::new()).chain(some).collect()
}

/// How a load ends in words that do not change from run to run.
fn name_of(result: &Result<coinhound_ingest::Outcome, LoadError>) -> String {
    let variant = |text: String| text.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
    match result {
        Ok(outcome) => {
            let report = outcome.node.as_ref().expect("a node was asked");
            format!("read, {:?}, {} to come", report.relation, report.lag().expect("it answered"))
        }
        Err(LoadError::Node(NodeError::Rpc(error))) => {
            format!("Rpc, {:?}: {}", error.kind(), variant(format!("{error:?}")))
        }
        Err(LoadError::Node(error)) => {
            let kind = if error.is_transient() { "may pass" } else { "will not pass" };
            format!("Node, {kind}: {}", variant(format!("{error:?}")))
        }
        Err(error) => panic!("not the node's fault: {error}"),
    }
}

/// Tells each lie to a store that holds `before`; returns how each load ended. The store must then hold what it held,
/// or a beginning of the node's true chain, and once the truth is told the whole of it.
fn tell_all(before: &[Vec<u8>], chain: &[Vec<u8>]) -> BTreeMap<Lie, String> {
    let (held, proven) = (prefixes(before), prefixes(chain));
    let held = held.last().expect("one at least");
    let whole = proven.last().expect("one at least");
    let mut ended = BTreeMap::new();
    let first = Rig::new(chain);
    if !before.is_empty() {
        let mut loader = Rig::new(before);
        loader.disk = first.disk.clone();
        loader.load();
    }
    for &lie in Lie::ALL {
        let mut rig = Rig::new(chain);
        rig.disk = first.disk.copy();
        // Blocks that the node has left are known to it still.
        rig.node.set_chain(if before.is_empty() { &chain[..1] } else { before });
        rig.node.set_chain(chain);
        rig.node.tell(lie);
        let result = rig.try_load();
        let content = rig.content();
        let is_proven = content == *held || proven.contains(&content);
        let outcome = name_of(&result);
        assert!(is_proven, "{lie:?}: the store holds what was never proven: {outcome}");
        // A chain that shrank to its first block and stays there is one that the node left.
        let is_read = content == *whole || lie == Lie::ShrinkingChain;
        assert!(result.is_err() || is_read, "{lie:?}: {outcome}");
        rig.node.tell_the_truth();
        rig.load();
        assert_same(&rig.content(), whole, &format!("the truth after {lie:?}"));
        ended.insert(lie, outcome);
    }
    ended
}

fn table(ended: &BTreeMap<Lie, String>) -> String {
    let mut table = String::new();
    ended.iter().for_each(|(lie, how)| writeln!(table, "{lie:?}: {how}").expect("text takes everything"));
    table
}

#[test]
fn to_an_empty_store_no_lie_is_stored_and_each_has_its_name() {
    let chain = made::chain(BLOCKS);
    expect![[r#"
        OtherHash: Rpc, Moved: UnknownBlock
        OtherHeight: Node, will not pass: NotLinked
        OtherHeader: Rpc, Untrue: OtherBlock
        ShortHeader: Rpc, Untrue: Length
        OtherBlock: Rpc, Untrue: OtherBlock
        HeaderOnly: Rpc, Untrue: Length
        ShortBlock: Node, will not pass: BadBlock
        LongBlock: Node, will not pass: BadBlock
        HugeBlock: Rpc, Untrue: TooLong
        OddDigits: Rpc, Untrue: Hex
        NoDigits: Rpc, Untrue: Hex
        ObjectBlock: Rpc, Untrue: Shape
        PrunedBlock: Rpc, Setup: Pruned
        LostBlock: Rpc, Transient: NoData
        DuplicateTx: Node, will not pass: BadBlock
        MissingTx: Node, will not pass: BadBlock
        OtherWitness: Node, will not pass: BadBlock
        OtherTx: read, Following, 0 to come
        ShortTx: read, Following, 0 to come
        NoTxIndex: read, Following, 0 to come
        Indexing: read, Following, 0 to come
        Amnesia: Rpc, Moved: UnknownBlock
        UnknownBest: Node, will not pass: OtherTip
        OtherNetwork: Rpc, Setup: OtherNetwork
        OtherStanding: read, Following, 0 to come
        NoConfirmations: read, Following, 0 to come
        LittleWork: Node, will not pass: Headers
        OtherTarget: Node, will not pass: Headers
        EarlyTime: Node, will not pass: Headers
        Unlinked: Node, will not pass: NotLinked
        ReorgOnEveryCall: Node, may pass: Restless
        ShrinkingChain: read, Following, 0 to come
        MissingAnswer: Rpc, Untrue: Count
        ExtraAnswer: Rpc, Untrue: Count
        SameId: Rpc, Untrue: Count
        ForeignId: Rpc, Untrue: ForeignId
        NoId: Rpc, Untrue: NoId
        TextId: Rpc, Untrue: NoId
        NoList: Rpc, Untrue: Shape
        NeverEndingBatch: Rpc, Untrue: TooLong
        ErrorWithoutCode: Rpc, Untrue: Shape
        NullResult: Rpc, Untrue: Shape
        NumberResult: Rpc, Untrue: Shape
        DeepResult: Rpc, Untrue: TooLong
        DeepAnswer: Rpc, Untrue: TooLong
        TwoResults: Rpc, Untrue: NotJson
        WarmingUp: Rpc, Transient: WarmingUp
        InvalidJson: Rpc, Untrue: NotJson
        WebPage: Rpc, Untrue: NotJson
        EmptyAnswer: Rpc, Untrue: NotJson
        CutBody: Rpc, Transient: BrokenOff
        EndlessBody: Rpc, Untrue: TooLong
        TenGigabytes: Rpc, Untrue: TooLong
        TenGigabytesUntold: Rpc, Untrue: TooLong
        OneByteASecond: Rpc, Transient: TooSlow
        Silence: Rpc, Transient: Timeout
        HangUp: Rpc, Transient: BrokenOff
        Redirect: Rpc, Setup: Redirect
        Unauthorised: Rpc, Setup: Unauthorised
        Forbidden: Rpc, Setup: Forbidden
        Busy: Rpc, Transient: Busy
        WholeError: Rpc, Setup: Refused
        ServerError: Rpc, Setup: Status
        NotHttp: Rpc, Setup: NotHttp
        EndlessHead: Rpc, Setup: NotHttp
        ZippedBody: Rpc, Untrue: NotJson
    "#]]
    .assert_eq(&table(&tell_all(&[], &chain)));
}

#[test]
fn above_a_store_no_lie_is_stored_and_each_has_its_name() {
    let chain = made::chain(BLOCKS);
    expect![[r#"
        OtherHash: Rpc, Moved: UnknownBlock
        OtherHeight: Node, will not pass: NotLinked
        OtherHeader: Rpc, Untrue: OtherBlock
        ShortHeader: Rpc, Untrue: Length
        OtherBlock: Rpc, Untrue: OtherBlock
        HeaderOnly: Rpc, Untrue: Length
        ShortBlock: Node, will not pass: BadBlock
        LongBlock: Node, will not pass: BadBlock
        HugeBlock: Rpc, Untrue: TooLong
        OddDigits: Rpc, Untrue: Hex
        NoDigits: Rpc, Untrue: Hex
        ObjectBlock: Rpc, Untrue: Shape
        PrunedBlock: Rpc, Setup: Pruned
        LostBlock: Rpc, Transient: NoData
        DuplicateTx: Node, will not pass: BadBlock
        MissingTx: Node, will not pass: BadBlock
        OtherWitness: Node, will not pass: BadBlock
        OtherTx: read, Following, 0 to come
        ShortTx: read, Following, 0 to come
        NoTxIndex: read, Following, 0 to come
        Indexing: read, Following, 0 to come
        Amnesia: Rpc, Moved: UnknownBlock
        UnknownBest: Node, will not pass: OtherTip
        OtherNetwork: Rpc, Setup: OtherNetwork
        OtherStanding: read, Following, 0 to come
        NoConfirmations: read, Following, 0 to come
        LittleWork: Node, will not pass: Headers
        OtherTarget: Node, will not pass: Headers
        EarlyTime: Node, will not pass: Headers
        Unlinked: Node, will not pass: NotLinked
        ReorgOnEveryCall: Node, may pass: Restless
        ShrinkingChain: read, Following, 0 to come
        MissingAnswer: Rpc, Untrue: Count
        ExtraAnswer: Rpc, Untrue: Count
        SameId: Rpc, Untrue: Count
        ForeignId: Rpc, Untrue: ForeignId
        NoId: Rpc, Untrue: NoId
        TextId: Rpc, Untrue: NoId
        NoList: Rpc, Untrue: Shape
        NeverEndingBatch: Rpc, Untrue: TooLong
        ErrorWithoutCode: Rpc, Untrue: Shape
        NullResult: Rpc, Untrue: Shape
        NumberResult: Rpc, Untrue: Shape
        DeepResult: Rpc, Untrue: TooLong
        DeepAnswer: Rpc, Untrue: TooLong
        TwoResults: Rpc, Untrue: NotJson
        WarmingUp: Rpc, Transient: WarmingUp
        InvalidJson: Rpc, Untrue: NotJson
        WebPage: Rpc, Untrue: NotJson
        EmptyAnswer: Rpc, Untrue: NotJson
        CutBody: Rpc, Transient: BrokenOff
        EndlessBody: Rpc, Untrue: TooLong
        TenGigabytes: Rpc, Untrue: TooLong
        TenGigabytesUntold: Rpc, Untrue: TooLong
        OneByteASecond: Rpc, Transient: TooSlow
        Silence: Rpc, Transient: Timeout
        HangUp: Rpc, Transient: BrokenOff
        Redirect: Rpc, Setup: Redirect
        Unauthorised: Rpc, Setup: Unauthorised
        Forbidden: Rpc, Setup: Forbidden
        Busy: Rpc, Transient: Busy
        WholeError: Rpc, Setup: Refused
        ServerError: Rpc, Setup: Status
        NotHttp: Rpc, Setup: NotHttp
        EndlessHead: Rpc, Setup: NotHttp
        ZippedBody: Rpc, Untrue: NotJson
    "#]]
    .assert_eq(&table(&tell_all(&chain[..=HELD], &chain)));
}

#[test]
fn in_a_reorganisation_to_less_work_no_lie_is_stored_and_each_has_its_name() {
    let chain = made::chain(BLOCKS);
    let before = made::fork(&chain, 8, 6, 1);
    expect![[r#"
        OtherHash: Rpc, Moved: UnknownBlock
        OtherHeight: Node, will not pass: NotLinked
        OtherHeader: Rpc, Untrue: OtherBlock
        ShortHeader: Rpc, Untrue: Length
        OtherBlock: Rpc, Untrue: OtherBlock
        HeaderOnly: Rpc, Untrue: Length
        ShortBlock: Node, will not pass: BadBlock
        LongBlock: Node, will not pass: BadBlock
        HugeBlock: Rpc, Untrue: TooLong
        OddDigits: Rpc, Untrue: Hex
        NoDigits: Rpc, Untrue: Hex
        ObjectBlock: Rpc, Untrue: Shape
        PrunedBlock: Rpc, Setup: Pruned
        LostBlock: Rpc, Transient: NoData
        DuplicateTx: Node, will not pass: BadBlock
        MissingTx: Node, will not pass: BadBlock
        OtherWitness: Node, will not pass: BadBlock
        OtherTx: read, Following, 0 to come
        ShortTx: read, Following, 0 to come
        NoTxIndex: read, Following, 0 to come
        Indexing: read, Following, 0 to come
        Amnesia: Rpc, Moved: UnknownBlock
        UnknownBest: Node, will not pass: OtherTip
        OtherNetwork: Rpc, Setup: OtherNetwork
        OtherStanding: Rpc, Untrue: Shape
        NoConfirmations: Rpc, Untrue: Shape
        LittleWork: Node, will not pass: Headers
        OtherTarget: Node, will not pass: Headers
        EarlyTime: Node, will not pass: Headers
        Unlinked: Node, will not pass: NotLinked
        ReorgOnEveryCall: Node, may pass: Restless
        ShrinkingChain: read, Following, 0 to come
        MissingAnswer: Rpc, Untrue: Count
        ExtraAnswer: Rpc, Untrue: Count
        SameId: Rpc, Untrue: Count
        ForeignId: Rpc, Untrue: ForeignId
        NoId: Rpc, Untrue: NoId
        TextId: Rpc, Untrue: NoId
        NoList: Rpc, Untrue: Shape
        NeverEndingBatch: Rpc, Untrue: TooLong
        ErrorWithoutCode: Rpc, Untrue: Shape
        NullResult: Rpc, Untrue: Shape
        NumberResult: Rpc, Untrue: Shape
        DeepResult: Rpc, Untrue: TooLong
        DeepAnswer: Rpc, Untrue: TooLong
        TwoResults: Rpc, Untrue: NotJson
        WarmingUp: Rpc, Transient: WarmingUp
        InvalidJson: Rpc, Untrue: NotJson
        WebPage: Rpc, Untrue: NotJson
        EmptyAnswer: Rpc, Untrue: NotJson
        CutBody: Rpc, Transient: BrokenOff
        EndlessBody: Rpc, Untrue: TooLong
        TenGigabytes: Rpc, Untrue: TooLong
        TenGigabytesUntold: Rpc, Untrue: TooLong
        OneByteASecond: Rpc, Transient: TooSlow
        Silence: Rpc, Transient: Timeout
        HangUp: Rpc, Transient: BrokenOff
        Redirect: Rpc, Setup: Redirect
        Unauthorised: Rpc, Setup: Unauthorised
        Forbidden: Rpc, Setup: Forbidden
        Busy: Rpc, Transient: Busy
        WholeError: Rpc, Setup: Refused
        ServerError: Rpc, Setup: Status
        NotHttp: Rpc, Setup: NotHttp
        EndlessHead: Rpc, Setup: NotHttp
        ZippedBody: Rpc, Untrue: NotJson
    "#]]
    .assert_eq(&table(&tell_all(&before, &chain)));
}
