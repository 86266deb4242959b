//! Every lie, and by which error it is told from the truth.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use coinhound_chains::bitcoin::rpc::{Auth, Limits};
use coinhound_testkit::node::{Lie, Script, ScriptedNode, made};
use expect_test::expect;

use crate::made::regtest;
use crate::rpc::{BLOCKS, client, client_with, read_chain, start, tight};

/// A lie, told where it reaches furthest: of a batch, in the first of many calls; nested deep, where long
/// answers are allowed.
fn script(lie: Lie) -> Script {
    match lie {
        Lie::DeepResult | Lie::DeepAnswer => Script::from(lie).on("getblock"),
        lie if (Lie::MissingAnswer..=Lie::TwoResults).contains(&lie) => Script::from(lie).on("getblockhash").after(1),
        lie => Script::from(lie),
    }
}

/// What reading a chain ends in when one lie is told.
fn told_apart(lie: Lie) -> String {
    let node = ScriptedNode::start(regtest(), &made::chain(BLOCKS));
    node.tell(script(lie));
    let answer = if lie == Lie::Silence { Duration::from_millis(500) } else { tight().answer };
    match read_chain(&mut client_with(&node, Auth::None, Limits { answer, ..tight() })) {
        Ok(blocks) if blocks == made::chain(BLOCKS) => "READ AS TRUE".into(),
        Ok(_) => "READ AS TRUE, WITH OTHER BLOCKS".into(),
        // The rest of this one's text says how much time went by.
        Err(error) if lie == Lie::OneByteASecond => error.chars().take_while(|&character| character != ':').collect(),
        Err(error) => error,
    }
}

#[test]
fn every_lie_is_told_apart_by_its_error_and_soon() {
    let mut table = String::new();
    for &lie in Lie::ALL {
        let began = Instant::now();
        writeln!(table, "{lie:?}\n    {}", told_apart(lie)).expect("text takes everything");
        let took = began.elapsed();
        assert!(took.as_secs() < 8, "{lie:?} took {took:?}");
    }
    assert!(!table.contains("READ AS TRUE"), "{table}");
    expect![[r#"
        OtherHash
            UnknownBlock: the node does not know the block: `getblockheader` for block 5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e at http://node/
        OtherHeight
            link: the block at height 1 does not build on the one below
        OtherHeader
            OtherBlock: `getblockheader` for block 63ad0e64877c4843eebfe59df01f9095bc0af39fac9f1e55f25cc5c727472bc0 at http://node/ is answered with block 0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206
        ShortHeader
            Length: the answer to `getblockheader` for block 63ad0e64877c4843eebfe59df01f9095bc0af39fac9f1e55f25cc5c727472bc0 at http://node/ has 79 bytes, expected 80
        OtherBlock
            OtherBlock: `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/ is answered with block 0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206
        HeaderOnly
            Length: the answer to `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/ has 80 bytes, expected 81 to 4000000
        ShortBlock
            block: Decode: byte 252: expected input count, but it announces more than the bytes left can hold
        LongBlock
            block: Decode: byte 583: expected end, but bytes follow it
        HugeBlock
            TooLong: the answer to `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/ is longer than the 8004346 bytes that it may have
        OddDigits
            Hex: the answer to `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/ is not bytes in hexadecimal digits: 1165 digits do not make whole bytes
        NoDigits
            Hex: the answer to `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/ is not bytes in hexadecimal digits: something else than a digit stands at character 100
        ObjectBlock
            Shape: the answer to `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/ is not text of hexadecimal digits: it says `{"hash":"39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf","tx":[]}`
        PrunedBlock
            Pruned: the node has pruned the block: `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/
        LostBlock
            NoData: the node lacks the block: `getblock` for block 39f3f10b3b7b62827536293108b229fecea6c178afeed3607252f3e053290caf at http://node/: Block not found on disk
        DuplicateTx
            block: Repeated: two neighbouring hashes of the merkle tree are equal: transactions are repeated
        MissingTx
            block: MerkleRoot: the transactions hash to 04ddde2d5e9f94d2b6ae10e6cf4283494578f0ff5cc8c9d881df59dde468f89b, the header says 2270d7bcb665b5561c186333817b894e4fabc84b43e0ff4c056fce6750f6c26e
        OtherWitness
            block: WitnessCommitment: the witnesses hash to 7a5c858ad2344a11dd758138ff928059b9ed219ea5857164f90d936417523bd7, the coinbase commits to cade02d2f84cc77fdb64010a0b2bdb14c2d2de1a5348d7a778e63d6e1ecef34e
        OtherTx
            OtherTx: `getrawtransaction` for transaction d9e894d916588cfee4f522f9bbf9f0184a8bc62462d0d2c8cc711b090f555c1b at http://node/ is answered with transaction 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b
        ShortTx
            BadTx: the answer to `getrawtransaction` for transaction d9e894d916588cfee4f522f9bbf9f0184a8bc62462d0d2c8cc711b090f555c1b at http://node/ is no transaction: byte 130: expected witness item length, but it announces more than the bytes left can hold
        NoTxIndex
            transactions: 36 not found
        Indexing
            Indexing: the node's index of transactions is not ready yet, at `getrawtransaction` for transaction d9e894d916588cfee4f522f9bbf9f0184a8bc62462d0d2c8cc711b090f555c1b at http://node/: No such mempool transaction. Blockchain transactions are still in the process of being indexed.
        Amnesia
            UnknownBlock: the node does not know the block: `getblockheader` for block 63ad0e64877c4843eebfe59df01f9095bc0af39fac9f1e55f25cc5c727472bc0 at http://node/
        UnknownBest
            UnknownBlock: the node does not know the block: `getblockheader` for block 5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e at http://node/
        OtherNetwork
            OtherNetwork: the node at http://node/ begins with block 5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e, not with block 0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206
        OtherStanding
            Shape: the answer to `getblockheader` for block 63ad0e64877c4843eebfe59df01f9095bc0af39fac9f1e55f25cc5c727472bc0 at http://node/ is not the state of this header: it says `{"bits":"207fffff","confirmations":1,"hash":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","height":…`
        NoConfirmations
            Shape: the answer to `getblockheader` for block 63ad0e64877c4843eebfe59df01f9095bc0af39fac9f1e55f25cc5c727472bc0 at http://node/ is not the state of this header: it says `{"bits":"207fffff","confirmations":0,"hash":"63ad0e64877c4843eebfe59df01f9095bc0af39fac9f1e55f25cc5c727472bc0","height":…`
        LittleWork
            refused: block a31701c8c04824eba3f02abf204ac95ae32b6c69eda085c5fd61228c698279a4 does not reach its own target 207fffff
        OtherTarget
            course: block 08081137a15e8552dd941c3b8dd23e39237a4b61b579049f15a3387fcece41f7 is refused: it claims target 20700000, the rule says 207fffff
        EarlyTime
            course: block 5b13c7f632fea02829d383c5ddc12cce1fe442b798496b245cc310e0873946a5 is refused: its time 1296688602 is not above 1296688602, the middle one of the eleven before it
        Unlinked
            link: the block at height 1 does not build on the one below
        ReorgOnEveryCall
            standing: Aside
        ShrinkingChain
            NoSuchHeight: the node's chain has no block at height 8, at `getblockhash` for height 8 at http://node/
        MissingAnswer
            Count: a batch of 13 calls has 12 answers, at `getblockhash` for 13 heights from 0 at http://node/
        ExtraAnswer
            Count: a batch of 13 calls has more answers, at `getblockhash` for 13 heights from 0 at http://node/
        SameId
            SameId: two answers carry the same id 4, at `getblockhash` for 13 heights from 0 at http://node/
        ForeignId
            ForeignId: an answer carries the id 1000016, which is none of this batch, at `getblockhash` for 13 heights from 0 at http://node/
        NoId
            NoId: an answer carries no id of a call, at `getblockhash` for 13 heights from 0 at http://node/: it says `null`
        TextId
            NoId: an answer carries no id of a call, at `getblockhash` for 13 heights from 0 at http://node/: it says `"16"`
        NoList
            Shape: the answer to `getblockhash` for 13 heights from 0 at http://node/ is not a list of answers: it says `{"error":null,"id":4,"result":"0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"}`
        NeverEndingBatch
            TooLong: the answer to `getblockhash` for 13 heights from 0 at http://node/ is longer than the 7346 bytes that it may have
        ErrorWithoutCode
            Shape: the answer to `getblockhash` for height 12 at http://node/ is not an error with a code: it says `{"message":"no"}`
        NullResult
            Shape: the answer to `getblockhash` for height 12 at http://node/ is not an answer with a result or an error: it says `null`
        NumberResult
            Shape: the answer to `getblockhash` for height 12 at http://node/ is not a block's hash: it says `7`
        DeepResult
            Shape: the answer to `getblock` for block 0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206 at http://node/ is not text of hexadecimal digits: it says `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…`
        DeepAnswer
            NotJson: the answer to `getblock` for block 0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206 at http://node/ is not JSON: it begins with `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…`: invalid type: sequence, expected an answer with `id` and `result` or `error` at line 1 column 1
        TwoResults
            NotJson: the answer to `getblockhash` for 13 heights from 0 at http://node/ is not JSON: it begins with `[{"error":null,"id":4,"result":null,"result":"0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"},{"error…`: a key stands twice in one answer at line 1 column 112
        WarmingUp
            WarmingUp: the node is still starting, at `getblockchaininfo` at http://node/: Loading block index…
        InvalidJson
            NotJson: the answer to `getblockhash` for height 0 at http://node/ is not JSON: it begins with `[{"error":null,"id":0,"result":"0f9188f13cb7b2c71`: EOF while parsing a string at line 1 column 49
        WebPage
            NotJson: the answer to `getblockhash` for height 0 at http://node/ is not JSON: it begins with `<!DOCTYPE html><html><body>Welcome!</body></html>`: expected value at line 1 column 1
        EmptyAnswer
            NotJson: the answer to `getblockhash` for height 0 at http://node/ is not JSON: it begins with ``: EOF while parsing a value at line 1 column 0
        CutBody
            BrokenOff: the node's answer to `getblockhash` for height 0 at http://node/ broke off: Peer disconnected
        EndlessBody
            TooLong: the answer to `getblockhash` for height 0 at http://node/ is longer than the 4346 bytes that it may have
        TenGigabytes
            TooLong: the answer to `getblockhash` for height 0 at http://node/ is longer than the 4346 bytes that it may have
        TenGigabytesUntold
            TooLong: the answer to `getblockhash` for height 0 at http://node/ is longer than the 4346 bytes that it may have
        OneByteASecond
            TooSlow
        Silence
            Timeout: the node did not answer `getblockhash` for height 0 at http://node/ within 0.5 s
        HangUp
            BrokenOff: the node's answer to `getblockhash` for height 0 at http://node/ broke off: Peer disconnected
        Redirect
            Redirect: the answer to `getblockhash` for height 0 at http://node/ is a redirection (HTTP 302) to http://elsewhere.example/
        Unauthorised
            Unauthorised: the node refuses `getblockhash` for height 0 at http://node/: it asks for a name and password, and none were given
        Forbidden
            Forbidden: the node forbids `getblockhash` for height 0 at http://node/
        Busy
            Busy: the node is too busy for `getblockhash` for height 0 at http://node/: Work queue depth exceeded
        WholeError
            Refused: the node answers `getblockhash` for height 0 at http://node/ with error -32600: Batches are not served here
        ServerError
            Status: `getblockhash` for height 0 at http://node/ is answered with HTTP status 500: something went wrong
        NotHttp
            NotHttp: what answers `getblockhash` for height 0 at http://node/ does not speak HTTP: protocol: http parse fail: invalid HTTP version
        EndlessHead
            NotHttp: what answers `getblockhash` for height 0 at http://node/ does not speak HTTP: protocol: http parse resulted in too many headers
        ZippedBody
            NotJson: the answer to `getblockhash` for height 0 at http://node/ is not JSON: it begins with `��`: expected value at line 1 column 1
    "#]].assert_eq(&table);
}

#[test]
fn the_truth_is_read_again_after_any_lie() {
    let node = start();
    for &lie in Lie::ALL.iter().filter(|&&lie| lie != Lie::Silence) {
        let mut rpc = client(&node);
        node.tell(lie);
        let _ = read_chain(&mut rpc);
        node.tell_the_truth();
        assert_eq!(read_chain(&mut rpc), Ok(made::chain(BLOCKS)), "after {lie:?}");
    }
}
