//! The collaborative predicates: each bit's example, its near misses, and a slow second opinion on random shapes.

use coinhound_analysis::patterns::{Eras, Examiner, ShapeInput, ShapeOutput, TxShape, collab};
use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Height, LockKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::patterns_reference as reference;

/// A transaction that can be changed: every input and output has its own owner, all P2WPKH.
#[derive(Clone, Debug)]
struct Draft {
    height: u32,
    inputs: Vec<ShapeInput>,
    outputs: Vec<ShapeOutput>,
    coordinator: bool,
}

const P2WPKH: LockKind = LockKind::WitnessPubKeyHash;

fn draft(inputs: &[u64], outputs: &[u64]) -> Draft {
    let inputs = inputs.iter().zip(0..).map(|(value, owner)| input(*value, owner));
    let outputs = outputs.iter().zip(1_000..).map(|(value, owner)| output(*value, owner));
    Draft { height: 900_000, inputs: inputs.collect(), outputs: outputs.collect(), coordinator: false }
}

fn input(value: u64, owner: u64) -> ShapeInput {
    ShapeInput { value: Some(value), owner: AddressId(owner), kind: Some(P2WPKH) }
}

fn output(value: u64, owner: u64) -> ShapeOutput {
    ShapeOutput { value, owner: AddressId(owner), kind: P2WPKH }
}

fn carrier() -> ShapeOutput {
    ShapeOutput { value: 0, owner: AddressId::NONE, kind: LockKind::DataCarrier }
}

impl Draft {
    fn shape(&self) -> TxShape<'_> {
        TxShape {
            height: Height(self.height),
            inputs: &self.inputs,
            outputs: &self.outputs,
            pays_wasabi1_coordinator: self.coordinator,
        }
    }

    fn bits(&self) -> CollabPrint {
        let bits = collab(&self.shape(), Eras::MAINNET);
        assert_eq!(bits, reference::collab(&self.shape(), &Eras::MAINNET), "the second opinion on {self:?}");
        bits
    }

    fn but(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }
}

/// Says that a bit holds of `positive` and of none of the near misses.
fn check(bit: CollabPrint, positive: &Draft, misses: &[(&str, Draft)]) {
    assert!(positive.bits().contains(bit), "{bit:?} of {positive:?}");
    for (what, miss) in misses {
        assert!(!miss.bits().contains(bit), "{bit:?} although {what}");
    }
}

#[test]
fn blocksci_generic_wants_as_many_equal_outputs_as_participants() {
    let mix = draft(&[60_000, 70_000, 80_000], &[50_000, 50_000, 50_000, 9_000, 19_000]);
    check(
        CollabPrint::BLOCKSCI_GENERIC,
        &mix,
        &[
            ("one input is missing", mix.but(|tx| tx.inputs.truncate(tx.inputs.len() - 1))),
            ("one owner spends twice", mix.but(|tx| tx.inputs[1].owner = tx.inputs[0].owner)),
            (
                "one output more makes three participants of six, still three equal",
                mix.but(|tx| tx.outputs[0].value += 1),
            ),
            ("the equal outputs are dust", mix.but(|tx| tx.outputs[..3].iter_mut().for_each(|out| out.value = 546))),
            ("an input's owner is not known", mix.but(|tx| tx.inputs[0].owner = AddressId::NONE)),
            ("two outputs are too few", draft(&[5, 5], &[4, 4])),
        ],
    );
    // A data carrier counts as an output: of seven there would be four participants.
    let carried = mix.but(|tx| tx.outputs.extend([carrier(), output(7, 9)]));
    assert!(!carried.bits().contains(CollabPrint::BLOCKSCI_GENERIC));
}

#[test]
fn joinmarket_wants_three_makers_half_of_the_outputs_and_change() {
    let mix = draft(&[60_000, 70_000, 80_000], &[50_000, 50_000, 50_000, 9_000, 19_000, 29_900]);
    let large = |inputs: usize, outputs: &[u64]| draft(&vec![60_000; inputs], outputs);
    check(
        CollabPrint::GRAPHSENSE_JOINMARKET,
        &mix,
        &[
            ("two participants are too few", mix.but(|tx| tx.outputs[0].value += 1)),
            ("it is less than half of the outputs", mix.but(|tx| tx.outputs.push(output(1, 9)))),
            ("an output script repeats", mix.but(|tx| tx.outputs[1].owner = tx.outputs[0].owner)),
            ("there is no change", mix.but(|tx| tx.outputs.truncate(3))),
            ("two owners spend", mix.but(|tx| tx.inputs[1].owner = tx.inputs[0].owner)),
            ("the denomination is dust", mix.but(|tx| tx.outputs[..3].iter_mut().for_each(|out| out.value = 2_730))),
            ("61 inputs for 3", large(61, &[50_000, 50_000, 50_000, 9_000, 19_000, 29_900])),
            ("fewer than 1.7 outputs each", large(50, &[&[50_000; 10][..], &[1, 2, 3, 4, 5, 6]].concat())),
        ],
    );
    assert!(
        large(60, &[50_000, 50_000, 50_000, 9_000, 19_000, 29_900]).bits().contains(CollabPrint::GRAPHSENSE_JOINMARKET)
    );
    assert!(
        large(50, &[&[50_000; 10][..], &[1, 2, 3, 4, 5, 6, 7]].concat())
            .bits()
            .contains(CollabPrint::GRAPHSENSE_JOINMARKET)
    );
}

#[test]
fn dumplings_other_wants_one_repeated_value_and_inputs_that_one_participant_could_bring() {
    let mix = draft(&[600_000, 640_000], &[500_000, 500_000, 90_000, 150_000]);
    check(
        CollabPrint::DUMPLINGS_OTHER,
        &mix,
        &[
            ("it lies below the first block", mix.but(|tx| tx.height = 336_860)),
            ("a second value repeats", mix.but(|tx| tx.outputs[3].value = 90_000)),
            ("too few outputs are equal", mix.but(|tx| tx.outputs.push(output(1, 9)))),
            ("the largest input is a satoshi too large", mix.but(|tx| tx.inputs[1].value = Some(640_001))),
            ("an input's value is not known", mix.but(|tx| tx.inputs[0].value = None)),
            ("one owner spends", mix.but(|tx| tx.inputs[1].owner = tx.inputs[0].owner)),
        ],
    );
    let sweep = draft(&[600_000, 500_100, 590_000], &[500_000, 500_000, 500_000, 90_000, 110_000]);
    assert!(sweep.bits().contains(CollabPrint::DUMPLINGS_OTHER), "a taker who sweeps has no change");
    assert!(mix.but(|tx| tx.height = 336_861).bits().contains(CollabPrint::DUMPLINGS_OTHER));
}

/// Twelve equal outputs near 0.1 bitcoin, change for each, a coordinator's fee.
fn wasabi1() -> Draft {
    let inputs: Vec<u64> = (0..20).map(|at| 10_300_000 + 7 * at).collect();
    let change = (0..12).map(|at| 180_000 + 1_111 * at);
    let outputs: Vec<u64> = std::iter::repeat_n(10_112_345, 12).chain(change).chain([400_000]).collect();
    draft(&inputs, &outputs).but(|tx| tx.height = 620_000)
}

#[test]
fn dumplings_wasabi1_goes_by_coordinator_first_and_by_form_later() {
    let mix = wasabi1();
    let p2pkh = LockKind::PubKeyHash;
    check(
        CollabPrint::DUMPLINGS_WASABI1,
        &mix,
        &[
            ("an input is P2PKH", mix.but(|tx| tx.inputs[3].kind = Some(p2pkh))),
            ("an input's kind is not known", mix.but(|tx| tx.inputs[3].kind = None)),
            ("an output is P2PKH", mix.but(|tx| tx.outputs[3].kind = p2pkh)),
            (
                "nine outputs are equal",
                mix.but(|tx| tx.outputs[..3].iter_mut().for_each(|out| out.value += out.owner.0)),
            ),
            ("there are fewer inputs than equal outputs", mix.but(|tx| tx.inputs.truncate(11))),
            (
                "the value is too far from 0.1",
                mix.but(|tx| tx.outputs[..12].iter_mut().for_each(|out| out.value = 12_000_001)),
            ),
            ("no value stands alone", mix.but(|tx| tx.outputs.truncate(12))),
            ("the coordinator's script was used then", mix.but(|tx| tx.height = 609_999)),
        ],
    );
    let early = draft(&[100, 100], &[30, 30, 30]).but(|tx| (tx.height, tx.coordinator) = (530_500, true));
    check(
        CollabPrint::DUMPLINGS_WASABI1,
        &early,
        &[
            ("it lies below the first block", early.but(|tx| tx.height = 530_499)),
            ("it pays no coordinator", early.but(|tx| tx.coordinator = false)),
            ("no value stands three times", early.but(|tx| tx.outputs[0].value = 31)),
            ("coordinators' scripts changed by then", early.but(|tx| tx.height = 610_000)),
        ],
    );
    assert!(
        mix.but(|tx| tx.outputs[..12].iter_mut().for_each(|out| out.value = 12_000_000))
            .bits()
            .contains(CollabPrint::DUMPLINGS_WASABI1)
    );
}

#[test]
fn graphsense_wasabi1_wants_participants_between_a_seventh_and_all_of_the_scripts() {
    let mix = wasabi1();
    check(
        CollabPrint::GRAPHSENSE_WASABI1,
        &mix,
        &[
            (
                "one script has three of twenty inputs",
                mix.but(|tx| (1..3).for_each(|at| tx.inputs[at].owner = AddressId(0))),
            ),
            ("an output script repeats", mix.but(|tx| tx.outputs[1].owner = tx.outputs[0].owner)),
            ("nine inputs are too few", mix.but(|tx| tx.inputs.truncate(9))),
            ("there are fewer scripts than participants", mix.but(|tx| tx.inputs.truncate(11))),
            ("an owner is not known", mix.but(|tx| tx.inputs[5].owner = AddressId::NONE)),
        ],
    );
    let split = draft(&[11_000_000; 10], &[10_000_000; 10]);
    assert!(!split.bits().contains(CollabPrint::GRAPHSENSE_WASABI1), "an even split of a sum is no small round");
    let levels: Vec<u64> = [&[10_000_001, 10_200_002, 9_900_003][..], &[20_100_004, 20_300_005, 1_234_567]].concat();
    let levels = draft(&[30_000_000; 12], &levels);
    assert!(levels.bits().contains(CollabPrint::GRAPHSENSE_WASABI1), "no two outputs are equal, but levels are full");
}

/// Sorted inputs, standard denominations, one change.
fn wasabi2() -> Draft {
    let inputs: Vec<u64> = (0..25).map(|at| 2_000_000 - 1_003 * at).collect();
    let outputs =
        [vec![2_000_000; 4], vec![1_594_323; 5], vec![1_048_576; 6], vec![777_777], vec![500_000; 5], vec![5_000]]
            .concat();
    draft(&inputs, &outputs)
}

#[test]
fn dumplings_wasabi2_wants_order_and_denominations() {
    let mix = wasabi2();
    let odd = |tx: &mut Draft, count: usize| tx.outputs[9 - count..9].iter_mut().for_each(|out| out.value = 1_594_322);
    check(
        CollabPrint::DUMPLINGS_WASABI2,
        &mix,
        &[
            ("it lies below the first block", mix.but(|tx| tx.height = 741_212)),
            ("fourteen inputs are too few", mix.but(|tx| tx.inputs.truncate(14))),
            ("inputs are out of order", mix.but(|tx| tx.inputs.swap(0, 1))),
            ("outputs are out of order", mix.but(|tx| tx.outputs.swap(0, 21))),
            ("an input is P2PKH", mix.but(|tx| tx.inputs[0].kind = Some(LockKind::PubKeyHash))),
            ("an input's value is not known", mix.but(|tx| tx.inputs[24].value = None)),
            ("17 of 22 are below 80 per cent", mix.but(|tx| odd(tx, 4))),
        ],
    );
    assert!(mix.but(|tx| odd(tx, 3)).bits().contains(CollabPrint::DUMPLINGS_WASABI2), "18 of 22");
    let taproot = mix.but(|tx| tx.inputs[0].kind = Some(LockKind::Taproot));
    assert!(taproot.bits().contains(CollabPrint::DUMPLINGS_WASABI2));
}

#[test]
fn graphsense_wasabi2_wants_three_repeated_values_and_one_that_is_not() {
    let mix = wasabi2();
    check(
        CollabPrint::GRAPHSENSE_WASABI2,
        &mix,
        &[
            ("nineteen inputs are too few", mix.but(|tx| tx.inputs.truncate(19))),
            ("an output is too small", mix.but(|tx| tx.outputs[21].value = 4_999)),
            ("an output script repeats", mix.but(|tx| tx.outputs[1].owner = tx.outputs[0].owner)),
            ("every value repeats", mix.but(|tx| tx.outputs.retain(|out| out.value != 777_777 && out.value != 5_000))),
            ("two values repeat", mix.but(|tx| tx.outputs.retain(|out| ![2_000_000, 500_000].contains(&out.value)))),
            (
                "one script has three of 25 inputs",
                mix.but(|tx| (1..3).for_each(|at| tx.inputs[at].owner = AddressId(0))),
            ),
        ],
    );
}

#[test]
fn whirlpool_wants_a_pool_with_old_coins_and_new() {
    let mix = draft(&[5_000_000, 5_000_000, 5_000_250, 5_000_000, 5_009_999], &[5_000_000; 5]);
    check(
        CollabPrint::GRAPHSENSE_WHIRLPOOL,
        &mix,
        &[
            ("the pool is not one", mix.but(|tx| tx.outputs.iter_mut().for_each(|out| out.value = 4_000_000))),
            ("an output differs", mix.but(|tx| tx.outputs[0].value = 4_999_999)),
            ("an input is below the pool", mix.but(|tx| tx.inputs[0].value = Some(4_999_999))),
            ("an input brings too little extra", mix.but(|tx| tx.inputs[2].value = Some(5_000_099))),
            ("an input brings too much extra", mix.but(|tx| tx.inputs[2].value = Some(5_110_001))),
            ("nobody is new", mix.but(|tx| tx.inputs.iter_mut().for_each(|one| one.value = Some(5_000_000)))),
            ("everybody is new", mix.but(|tx| tx.inputs.iter_mut().for_each(|one| one.value = Some(5_000_250)))),
            ("four inputs are too few", draft(&[5_000_000, 5_000_000, 5_000_250, 5_000_250], &[5_000_000; 4])),
            ("nine inputs are too many", draft(&[&[5_000_000; 8][..], &[5_000_250]].concat(), &[5_000_000; 9])),
            ("an input's value is not known", mix.but(|tx| tx.inputs[0].value = None)),
            ("one owner spends twice", mix.but(|tx| tx.inputs[1].owner = tx.inputs[0].owner)),
        ],
    );
}

#[test]
fn tx0_wants_one_data_carrier_premix_and_one_fee() {
    let tx0 = draft(&[17_000_000], &[175_000, 1_500_000, 5_000_302, 5_000_302, 5_000_302])
        .but(|tx| tx.outputs.push(carrier()));
    check(
        CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0,
        &tx0,
        &[
            ("no data is carried", tx0.but(|tx| tx.outputs.truncate(tx.outputs.len() - 1))),
            ("data is carried twice", tx0.but(|tx| tx.outputs.push(carrier()))),
            ("the fee is too small", tx0.but(|tx| tx.outputs[0].value = 87_499)),
            ("the fee is too large", tx0.but(|tx| tx.outputs[0].value = 525_001)),
            ("two outputs could be the fee", tx0.but(|tx| tx.outputs[1].value = 200_000)),
            ("three outputs are no premix", tx0.but(|tx| tx.outputs.push(output(9, 9)))),
            (
                "premix brings too little extra",
                tx0.but(|tx| tx.outputs[2..5].iter_mut().for_each(|out| out.value = 5_000_099)),
            ),
            ("71 outputs are premix", tx0.but(|tx| tx.outputs.extend((0..68).map(|at| output(5_000_302, 2_000 + at))))),
        ],
    );
    assert!(tx0.but(|tx| tx.outputs[0].value = 87_500).bits().contains(CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0));
    let single = draft(&[2_000_000], &[50_000, 1_000_500]).but(|tx| tx.outputs.push(carrier()));
    assert!(single.bits().contains(CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0), "one premix output is enough");
}

#[test]
fn stonewall_wants_exactly_one_pair_among_three_or_four() {
    let pair = draft(&[70_000, 80_000], &[50_000, 50_000, 19_000, 29_000]);
    check(
        CollabPrint::GRAPHSENSE_STONEWALL,
        &pair,
        &[
            ("one input is too few", pair.but(|tx| tx.inputs.truncate(tx.inputs.len() - 1))),
            ("both pairs are equal", pair.but(|tx| tx.outputs[3].value = 19_000)),
            ("three are equal", pair.but(|tx| tx.outputs[2].value = 50_000)),
            ("five outputs are too many", pair.but(|tx| tx.outputs.push(output(7, 9)))),
            ("an output script repeats", pair.but(|tx| tx.outputs[1].owner = tx.outputs[0].owner)),
            ("the pair is dust", pair.but(|tx| tx.outputs[..2].iter_mut().for_each(|out| out.value = 4_999))),
        ],
    );
    assert!(
        pair.but(|tx| tx.outputs.truncate(tx.outputs.len() - 1)).bits().contains(CollabPrint::GRAPHSENSE_STONEWALL),
        "three outputs"
    );
    assert!(pair.but(|tx| tx.outputs.push(carrier())).bits().contains(CollabPrint::GRAPHSENSE_STONEWALL), "data aside");
}

#[test]
fn ordinary_transactions_and_coinbases_match_nothing() {
    for (inputs, outputs) in
        [(&[50][..], &[20, 29][..]), (&[50, 60], &[100]), (&[90, 80, 70], &[40, 40]), (&[], &[5, 5, 5])]
    {
        assert_eq!(draft(inputs, outputs).bits(), CollabPrint::empty());
    }
}

#[test]
fn on_other_chains_height_says_nothing() {
    let mix = wasabi2().but(|tx| tx.height = 7);
    assert_eq!(collab(&mix.shape(), Eras::MAINNET) & CollabPrint::DUMPLINGS_WASABI2, CollabPrint::empty());
    assert!(collab(&mix.shape(), Eras::ANY).contains(CollabPrint::DUMPLINGS_WASABI2));
    let mix = wasabi1().but(|tx| tx.height = 7);
    assert!(collab(&mix.shape(), Eras::ANY).contains(CollabPrint::DUMPLINGS_WASABI1));
}

/// A change to an example: which part, where, and how.
type Change = (u8, usize, u8);

fn apply(tx: &mut Draft, (part, at, how): Change) {
    const VALUES: [u64; 10] =
        [546, 5_000, 100_250, 175_000, 1_000_000, 5_000_000, 10_000_000, 10_400_000, 20_000_000, 1_594_323];
    let (ins, outs) = (tx.inputs.len().max(1), tx.outputs.len().max(1));
    let value = VALUES[usize::from(how) % VALUES.len()];
    match part % 9 {
        0 => tx.inputs.iter_mut().skip(at % ins).take(1).for_each(|input| input.value = Some(value)),
        1 => tx.outputs.iter_mut().skip(at % outs).take(1).for_each(|output| output.value = value),
        2 => tx.inputs.iter_mut().skip(at % ins).take(1).for_each(|input| input.owner = AddressId(u64::from(how % 8))),
        3 => tx
            .outputs
            .iter_mut()
            .skip(at % outs)
            .take(1)
            .for_each(|output| output.owner = AddressId(u64::from(how % 8))),
        4 => tx.outputs.push(output(value, 5_000 + u64::from(how))),
        5 => tx.inputs.push(input(value, 5_000 + u64::from(how))),
        6 => tx.outputs.push(carrier()),
        7 => tx.inputs.truncate(at % (ins + 1)),
        _ => tx.outputs.iter_mut().skip(at % outs).take(3).for_each(|output| output.value += u64::from(how) % 3),
    }
}

fn examples() -> Vec<Draft> {
    let tx0 = draft(&[17_000_000], &[175_000, 1_500_000, 5_000_302, 5_000_302, 5_000_302])
        .but(|tx| tx.outputs.push(carrier()));
    vec![
        draft(&[60_000, 70_000, 80_000], &[50_000, 50_000, 50_000, 9_000, 19_000, 29_900]),
        draft(&[600_000, 640_000], &[500_000, 500_000, 90_000, 150_000]),
        wasabi1(),
        wasabi2(),
        draft(&[5_000_000, 5_000_000, 5_000_250, 5_000_000, 5_009_999], &[5_000_000; 5]),
        tx0,
        draft(&[30_000_000; 12], &[10_000_001, 10_200_002, 9_900_003, 20_100_004, 20_300_005, 1_234_567]),
    ]
}

#[test]
fn a_slow_second_opinion_agrees_on_changed_examples() {
    const CASES: u32 = 20_000;
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config { cases: CASES, ..Config::default() }, rng);
    let examples = examples();
    let changes = prop::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 0..4);
    let counts = std::cell::RefCell::new([0_u32; 16]);
    let examiner = std::cell::RefCell::new(Examiner::new(Eras::MAINNET));
    let result = runner.run(&(0..examples.len(), changes), |(which, changes)| {
        let mut tx = examples[which].clone();
        changes.into_iter().for_each(|change| apply(&mut tx, change));
        let bits = examiner.borrow_mut().collab(&tx.shape());
        prop_assert_eq!(bits, reference::collab(&tx.shape(), &Eras::MAINNET));
        (0..16).filter(|bit| bits.bits() & (1 << bit) != 0).for_each(|bit| counts.borrow_mut()[bit] += 1);
        Ok(())
    });
    result.expect("both agree");
    let counts = counts.into_inner();
    for bit in CollabPrint::all().iter() {
        let hits = counts[bit.bits().trailing_zeros() as usize];
        assert!(hits > CASES / 200 && hits < CASES / 2, "{bit:?} held {hits} times: too few or too many to compare");
    }
}
